//! When the log says what is wrong, on a clock that the tests advance.

use std::cell::RefCell;
use std::rc::Rc;

use tokio::task::LocalSet;
use tokio::time::sleep;

use super::*;
use crate::decoder::{Decoder, Error, Event, Outcome};
use crate::hub::{Intake, Meter, Moment};
use crate::meter::{Entry, LISTS};
use crate::obis;
use crate::reading::{Read, Reading, Settings};
use crate::wire::cursor::{Reader, Writer};
use crate::wire::dlms::apdu::{Notification, Stamp};
use crate::wire::dlms::cipher::{self, Cipher};
use crate::wire::dlms::value::Value;
use crate::wire::message::Message;
use crate::wire::text::Text;
use crate::wire::unit::Unit;

/// Power alone.
const FRAME: [u8; 41] = [
    0x7e, 0xa0, 0x27, 0x01, 0x02, 0x01, 0x10, 0x5a, 0x87, 0xe6, 0xe7, 0x00, 0x0f, 0x40, 0, 0, 0, 0x09, 0x0c,
    0x07, 0xe5, 0x01, 0x0a, 0x07, 0x0e, 0x25, 0x12, 0xff, 0x80, 0, 0, 0x02, 0x01, 0x06, 0, 0, 0x0b, 0x85,
    0xb9, 0x4b, 0x7e,
];

const UNKNOWN: Outcome<'_> = Outcome::Undecodable(Error::UnknownList);
const KEY: Outcome<'_> = Outcome::Undecodable(Error::Cipher(cipher::Error::Plaintext));
const CUT: Outcome<'_> = Outcome::Undecodable(Error::SegmentLost);

/// One meter, and the lines that the log has of it.
struct Bench {
    hub: Hub,
    intake: Intake,
    lines: Rc<RefCell<Vec<String>>>,
}

impl Bench {
    /// Runs a test beside the outlet.
    async fn run(test: impl AsyncFnOnce(Bench)) {
        let hub = Hub::default();
        let lines = Rc::<RefCell<Vec<String>>>::default();
        let written = Rc::clone(&lines);
        let outlet = report(hub.clone(), move |_, line| {
            written.borrow_mut().push(match line {
                Line::Trouble(trouble) => format!("{}: {}", trouble.reason, trouble.sentence),
                other => format!("{other:?}"),
            });
        });
        hub.set_meters(vec![Meter::default()]);
        let intake = Intake::new(hub.clone(), MeterName::default());
        let local = LocalSet::new();
        local.spawn_local(outlet);
        local.run_until(test(Bench { hub, intake, lines })).await;
    }

    /// A frame with this in it; `None`: a reading.
    fn receive(&mut self, outcome: Option<Outcome<'_>>) {
        let mut decoder = Decoder::new(Settings::default(), Cipher::default());
        let event = decoder.feed(&mut &FRAME[..]).unwrap();
        let outcome = outcome.unwrap_or(event.outcome);
        self.intake.decoded(&Event { outcome, ..event }, Moment::now());
    }

    /// A reading of the meter of this id.
    fn receive_from(&mut self, id: &str) {
        let mut decoder = Decoder::new(Settings::default(), Cipher::default());
        let event = decoder.feed(&mut &FRAME[..]).unwrap();
        let Outcome::Reading { list, message, reading } = event.outcome else { panic!("no reading") };
        let mut reading = reading.clone();
        reading.identity.id = Text::of(id.as_bytes());
        let outcome = Outcome::Reading { list, message, reading: &reading };
        self.intake.decoded(&Event { outcome, ..event }, Moment::now());
    }

    /// A reading of an unknown manufacturer who sends no scaler of the exported power.
    fn receive_without_scaler(&mut self) {
        let list = LISTS.iter().find(|list| list.name == "self-describing records").unwrap();
        let entries = [
            Entry { obis: obis!(1-0:2.7.0), value: Value::U32(2000), scaler: None },
            Entry { obis: obis!(1-0:32.7.0), value: Value::U32(230), scaler: Some((0, Unit::V)) },
        ];
        let mut buffer = [0; 64];
        let mut writer = Writer::new(&mut buffer);
        list.emit(&entries, &mut writer);
        let body = Value::read(&mut Reader::new(writer.written())).unwrap();
        let notification = Notification { invoke_id: 0, stamp: Stamp::Absent, body, trailing: &[] };
        let message = Message::Notification(notification);
        let mut reading = Reading::default();
        assert_eq!(reading.read(list, &message, Settings::default()), Read::Known);
        self.receive(Some(Outcome::Reading { list, message, reading: &reading }));
    }

    fn problem(&mut self, reason: &'static str) {
        let problem = Trouble::of_source(reason, &format!("{reason}: do this"));
        self.intake.problem(Some(problem), Moment::now());
    }

    fn opened(&mut self) {
        self.intake.problem(None, Moment::now());
    }

    /// Lets seconds pass; returns the lines since the last call, without what follows the reason.
    async fn after(&self, seconds: u64) -> Vec<String> {
        // The outlet sees every second, as it would.
        for _ in 0..seconds {
            sleep(Duration::from_secs(1)).await;
        }
        sleep(Duration::from_millis(1)).await;
        let lines = std::mem::take(&mut *self.lines.borrow_mut());
        lines.iter().map(|line| line.split([':', '(']).next().unwrap_or_default().to_owned()).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn a_sentence_is_said_once_and_again_after_an_hour() {
    Bench::run(async |mut bench| {
        bench.receive(Some(KEY));
        sleep(Duration::from_millis(1)).await;
        assert_eq!(
            *bench.lines.borrow(),
            ["key: The meter's messages cannot be decrypted: the encryption key is wrong, or the two keys are \
              swapped. Copy it again, or ask the grid operator for the key of this meter."]
        );
        bench.lines.borrow_mut().clear();
        for _ in 0..350 {
            bench.receive(Some(KEY));
            assert_eq!(bench.after(10).await, [""; 0]);
        }
        assert_eq!(bench.after(150).await, ["key"]);
        bench.receive(None);
        assert_eq!(bench.after(0).await, ["Well"]);
        assert_eq!(bench.after(4000).await, [""; 0]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn numbers_of_unknown_unit_are_named_once() {
    Bench::run(async |mut bench| {
        bench.receive_without_scaler();
        sleep(Duration::from_millis(1)).await;
        assert!(bench.lines.borrow().contains(&r#"Withheld(["han_active_power_export_watts"])"#.to_owned()));
        bench.lines.borrow_mut().clear();
        bench.receive_without_scaler();
        assert!(!bench.after(60).await.contains(&"Withheld".to_owned()));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn another_sentence_is_said_at_once() {
    Bench::run(async |mut bench| {
        bench.receive(Some(UNKNOWN));
        assert_eq!(bench.after(1).await, ["unknown_list"]);
        bench.receive(Some(KEY));
        assert_eq!(bench.after(0).await, ["key"]);
        let tag = Outcome::Undecodable(Error::Cipher(cipher::Error::Tag));
        bench.receive(Some(tag));
        assert_eq!(bench.after(5).await, [""; 0], "another reason with the same sentence");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_source_that_is_gone_is_told_at_once_though_its_values_are_still_shown() {
    Bench::run(async |mut bench| {
        bench.receive(None);
        assert_eq!(bench.after(0).await, ["Well"]);
        bench.problem("lost");
        assert_eq!(bench.after(0).await, ["lost"]);
        assert!(bench.hub.state().problems(BootTime::now()).is_empty());
        bench.opened();
        assert_eq!(bench.after(9).await, [""; 0], "an open port is no reading");
        bench.receive(None);
        assert_eq!(bench.after(0).await, ["Well"]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_is_part_of_every_start_is_told_only_if_it_lasts() {
    Bench::run(async |mut bench| {
        assert_eq!(bench.after(20).await, [""; 0]);
        bench.receive(Some(CUT));
        assert_eq!(bench.after(20).await, [""; 0]);
        bench.receive(None);
        assert_eq!(bench.after(3600).await, ["Well"]);
    })
    .await;
    Bench::run(async |mut bench| {
        assert_eq!(bench.after(29).await, [""; 0]);
        assert_eq!(bench.after(1).await, ["no_frame_yet"]);
        bench.receive(Some(CUT));
        assert_eq!(bench.after(29).await, [""; 0]);
        bench.receive(Some(CUT));
        assert_eq!(bench.after(1).await, ["segment_lost"]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn troubles_that_alternate_do_not_fill_the_log() {
    Bench::run(async |mut bench| {
        let mut lines = Vec::new();
        for second in 0..600 {
            bench.problem(if second % 2 == 0 { "closed" } else { "unreachable" });
            lines.extend(bench.after(1).await);
        }
        assert!((4..=20).contains(&lines.len()), "{lines:?}");
        lines.clear();
        for _ in 0..300 {
            bench.receive(None);
            lines.extend(bench.after(0).await);
            bench.problem("closed");
            lines.extend(bench.after(1).await);
        }
        assert!((8..=12).contains(&lines.len()), "{lines:?}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn updates_that_were_lost_lose_no_line() {
    Bench::run(async |mut bench| {
        bench.receive(None);
        assert_eq!(bench.after(0).await, ["Well"]);
        bench.problem("lost");
        (0..1000).for_each(|_| bench.receive(Some(KEY)));
        let names: Vec<_> = (0..1000).map(|index| format!("meter{index}")).collect();
        bench.hub.set_meters(
            names.iter().map(|name| Meter { name: (&**name).into(), ..Meter::default() }).collect(),
        );
        bench.hub.set_meters(vec![Meter::default()]);
        bench.intake.problem(Some(Trouble::of_source("absent", "absent: do this")), Moment::now());
        assert_eq!(bench.after(0).await, ["absent"]);
        assert_eq!(bench.after(31).await, [""; 0], "nothing is said of meters that are gone");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn another_meter_is_told_of_once_and_meters_that_take_turns_as_a_trouble() {
    Bench::run(async |mut bench| {
        bench.receive_from("1");
        assert_eq!(bench.after(0).await, ["Well"]);
        bench.receive_from("2");
        bench.receive_from("2");
        assert_eq!(bench.after(60).await, ["Replaced"]);
        bench.receive_from("1");
        assert_eq!(bench.after(2).await, [""; 0]);
        let mut lines = Vec::new();
        for _ in 0..180 {
            for id in ["2", "1"] {
                bench.receive_from(id);
                lines.extend(bench.after(5).await);
            }
        }
        assert_eq!(lines, ["meters_alternate"]);
        let ready = bench.hub.state().problems(BootTime::now());
        assert!(ready[0].starts_with("More than one meter sends on "), "{ready:?}");
        assert_eq!(bench.after(3600).await, ["meters_alternate"]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn meters_that_change_at_every_turn_do_not_fill_the_log() {
    Bench::run(async |mut bench| {
        let mut lines = Vec::new();
        for id in ["1", "2", "3", "4", "5", "6", "7", "8"] {
            bench.receive_from(id);
            lines.extend(bench.after(601).await);
        }
        assert_eq!(lines, ["Well", "Replaced", "Replaced"], "at the second and after an hour");
    })
    .await;
}
