//! The way into the hub: what a decoder and a link report of one meter becomes state and updates.

use std::sync::Arc;
use std::time::Duration;

use super::Hub;
use super::boot::Moment;
use super::event::Change;
use super::meter::MeterName;
use super::report::Report;
use super::snapshot::{Port, Snapshot};
use super::trouble::Trouble;
use super::unproven::Unproven;
use crate::decoder::{Event, Outcome};
use crate::wire::frame::Proof;

/// The only writer of what is known of one meter.
pub struct Intake {
    hub: Hub,
    meter: MeterName,
    /// Whether there was a problem and no reading since.
    awaits_reading: bool,
    is_well: bool,
    /// What waits for a second telegram; `None` for a capture, of which all is shown.
    unproven: Option<Unproven>,
    confirmation: Confirmation,
}

/// Whether the last telegram waits for another that confirms it.
#[derive(Default)]
enum Confirmation {
    #[default]
    NotNeeded,
    /// It waits, and the one before did not.
    Wanted,
    /// A further telegram is on its way.
    Requested,
}

impl Intake {
    /// An intake for a meter that the hub knows by this name.
    pub fn new(hub: Hub, meter: MeterName) -> Self {
        Intake {
            hub,
            meter,
            awaits_reading: false,
            is_well: false,
            unproven: Some(Unproven::default()),
            confirmation: Confirmation::default(),
        }
    }

    /// An intake for a capture: what it says is shown at once, also where nothing proves it.
    pub fn of_capture(hub: Hub, meter: MeterName) -> Self {
        Intake { unproven: None, ..Intake::new(hub, meter) }
    }

    /// Takes in one event of the decoder: a frame, and perhaps the reading it completes.
    pub fn decoded(&mut self, event: &Event<'_>, now: Moment) {
        self.is_well = self.hub.update(&self.meter, now, |snapshot| {
            snapshot.record_frame(event.sent().is_some(), now.boot);
            match event.outcome {
                Outcome::Reading { list, reading, .. } => {
                    snapshot.problem = None;
                    let report = Report::new(list, reading);
                    let report = match (event.proof(), &mut self.unproven) {
                        (Proof::Everything, _) | (_, None) => Some(report),
                        (proof, Some(unproven)) => unproven.confirm(report, proof, snapshot, now.boot),
                    };
                    let Some(report) = report else {
                        snapshot.wait();
                        self.confirmation.wait();
                        return Vec::new();
                    };
                    self.confirmation = Confirmation::NotNeeded;
                    let mut changes = publish(report, snapshot, now);
                    if std::mem::take(&mut self.awaits_reading) {
                        changes.push(Change::Problem(None));
                    }
                    changes
                }
                Outcome::Undecodable(error) | Outcome::Rejected(error, _) => {
                    if event.is_undecodable(snapshot.has_read()) {
                        snapshot.undecodable = Some(error);
                    }
                    if matches!(event.outcome, Outcome::Rejected(..)) && event.sent().is_none() {
                        snapshot.reject(error, now.boot);
                    }
                    snapshot.record_error(error);
                    Vec::new()
                }
                Outcome::Fragment => Vec::new(),
            }
        });
    }

    /// Takes in how the source is and what it has counted, which is announced only when it was opened or closed;
    /// `discarded` bytes belonged to no frame, `poll_interval` is that of a polled meter.
    pub fn port(&self, port: Port, discarded: u64, poll_interval: Option<Duration>, now: Moment) {
        self.hub.update(&self.meter, now, |snapshot| {
            let news = port.connected != snapshot.port.connected || port.name != snapshot.port.name;
            snapshot.port = port;
            snapshot.counts.discarded = discarded;
            snapshot.poll_interval = poll_interval;
            news.then(|| Change::Port(Arc::new(snapshot.port.clone())))
        });
    }

    /// Takes in what keeps bytes from arriving; `None` if they may arrive again.
    pub fn problem(&mut self, problem: Option<Trouble>, now: Moment) {
        self.awaits_reading |= problem.is_some();
        self.hub.update(&self.meter, now, |snapshot| {
            let is_news = problem.is_some() && problem != snapshot.problem;
            snapshot.problem.clone_from(&problem);
            is_news.then_some(Change::Problem(problem))
        });
    }

    /// Whether to request another telegram at once, from a meter that is polled, to confirm the last one. True once: if
    /// that one confirms nothing either, the next comes when it is due, because each costs a meter some of its battery.
    pub fn requests_another(&mut self) -> bool {
        let is_wanted = matches!(self.confirmation, Confirmation::Wanted);
        if is_wanted {
            self.confirmation = Confirmation::Requested;
        }
        is_wanted
    }

    /// Whether readings arrived in time at the last event of the decoder.
    pub fn is_well(&self) -> bool {
        self.is_well
    }
}

impl Confirmation {
    fn wait(&mut self) {
        if matches!(self, Confirmation::NotNeeded) {
            *self = Confirmation::Wanted;
        }
    }
}

/// Takes a report into what is known.
fn publish(mut report: Report, snapshot: &mut Snapshot, now: Moment) -> Vec<Change> {
    let before = snapshot.replacements.count();
    let replaced = snapshot.take(&mut report, now);
    let mut changes: Vec<_> = replaced.into_iter().map(Change::Vanished).collect();
    if snapshot.replacements.count() > before {
        changes.push(Change::Replaced);
    }
    changes.push(Change::Reading(Arc::new(report)));
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decoder::{Decoder, Error};
    use crate::hub::{BootTime, Heard, Limits, Meter};
    use crate::wire::dlms::cipher;

    const NOW: Moment = Moment { wall: std::time::SystemTime::UNIX_EPOCH, boot: BootTime::ZERO };

    fn event(outcome: Outcome<'_>) -> Event<'_> {
        Event { offset: 0, length: 1, frame: None, message: &[], outcome }
    }

    fn intake() -> Intake {
        let hub = Hub::default();
        hub.set_meters(vec![Meter::default()]);
        Intake::new(hub, MeterName::default())
    }

    impl Intake {
        fn snapshot(&self) -> Snapshot {
            self.hub.state().meters[0].snapshot.clone()
        }

        fn read(&mut self) {
            self.hub.update(&self.meter, NOW, |snapshot| {
                snapshot.counts.readings[0] += 1;
                snapshot.undecodable = None;
                None
            });
        }
    }

    #[test]
    fn every_reason_has_a_counter() {
        let mut intake = intake();
        let encrypted = Error::Cipher(cipher::Error::NoKey);
        intake.decoded(&event(Outcome::Undecodable(encrypted)), NOW);
        intake.decoded(&event(Outcome::Rejected(Error::TooLong, &[])), NOW);
        let snapshot = intake.snapshot();
        assert_eq!((snapshot.counts.errors.iter().sum::<u64>(), snapshot.counts.frames), (2, 2));
        assert_eq!(snapshot.undecodable, Some(encrypted));
    }

    #[test]
    fn an_encrypted_message_without_a_frame_is_a_sign_of_life_once_its_key_is_right() {
        let mut unauthenticated = intake();
        let error = Error::Cipher(cipher::Error::AuthenticationKey);
        unauthenticated.decoded(&event(Outcome::Rejected(error, &[cipher::START])), NOW);
        let snapshot = unauthenticated.snapshot();
        assert!(snapshot.is_up(NOW.boot, &Limits::default()));
        assert_eq!(snapshot.undecodable, Some(error));

        // A wrong authentication tag proves nothing; it hints at a wrong key as long as no message was ever decrypted.
        let (mut undecrypted, tag) = (intake(), Error::Cipher(cipher::Error::Tag));
        undecrypted.decoded(&event(Outcome::Rejected(tag, &[cipher::START])), NOW);
        let snapshot = undecrypted.snapshot();
        assert_eq!((snapshot.is_up(NOW.boot, &Limits::default()), snapshot.undecodable), (false, Some(tag)));
        undecrypted.read();
        undecrypted.decoded(&event(Outcome::Rejected(tag, &[cipher::START])), NOW);
        assert_eq!(undecrypted.snapshot().undecodable, None);
    }

    #[test]
    fn another_telegram_is_requested_once_each_time_that_one_waits() {
        let mut intake = intake();
        let mut requests = |telegram: &str| {
            let mut decoder = Decoder::default();
            let mut bytes = telegram.as_bytes();
            while let Some(event) = decoder.feed(&mut bytes) {
                intake.decoded(&event, NOW);
            }
            while let Some(event) = decoder.finish() {
                intake.decoded(&event, NOW);
            }
            intake.requests_another()
        };
        let of =
            |id: &str| format!("/ISk5MT174\r\n\r\n0-0:96.1.1({id})\r\n1-0:1.8.0(000012.300*kWh)\r\n!\r\n");
        let telegrams = ["1", "1", "2", "1", "1", "3", "4", "5", "5", "6"].map(of);
        let requested = telegrams.each_ref().map(|telegram| requests(telegram));
        // A first telegram, one of another id, and no more while none agrees with the one before.
        assert_eq!(requested, [true, false, true, false, false, true, false, false, false, true]);
    }

    #[tokio::test]
    async fn announces_a_port_only_when_it_opens_or_closes() {
        let intake = intake();
        let mut updates = intake.hub.subscribe();
        for (connected, bytes) in [(true, 0), (true, 5), (false, 5), (false, 5)] {
            intake.port(Port { connected, bytes, ..Port::default() }, 0, None, NOW);
        }
        for expected in [(true, 0), (false, 5)] {
            let Some(Heard::Update(update)) = updates.next().await else { panic!("an update is missing") };
            let Change::Port(port) = update.change else { panic!("another change") };
            assert_eq!((port.connected, port.bytes), expected);
        }
    }
}
