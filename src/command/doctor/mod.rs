//! The command `doctor`: finds out why there is no data, or sets up a new cable.
//!
//! ```text
//! Link ──bytes──▶ listen ──▶ Observation ──diagnose──▶ Diagnosis ──▶ report
//! ```
//!
//! Only `listen` waits and talks to the user; everything after it is a function of what was observed.

mod args;
pub mod attempt;
pub mod diagnosis;
pub mod list;
mod listen;
mod messages;
pub mod observation;
mod polling;
mod recipe;
mod report;

use std::io::{self, Write};
use std::time::Duration;

use tokio::time::Instant;

use crate::platform::runtime::{self, Stop};
use crate::source::{Link, Timing};
use crate::wire::dlms::cipher::Keys;

pub use args::{Doctor, DoctorArgs};
pub use listen::{Time, listen};
use observation::{Observation, Polled};
pub use report::report;

/// Examines a source and reports what is found; returns whether readings arrived.
pub fn run(doctor: &Doctor) -> io::Result<bool> {
    runtime::run(examine(doctor))?
}

/// Durations that leave time for each of the usual settings.
pub fn timing(time: Duration) -> Timing {
    let usual = Timing::default();
    Timing { dwell: usual.dwell.min(time / 8), patience: usual.patience.min(time / 3), ..usual }
}

async fn examine(doctor: &Doctor) -> io::Result<bool> {
    let mut stop = Stop::new()?;
    say(&format!(
        "Listening to {} for up to {} s; press Ctrl-C to stop",
        doctor.source,
        doctor.time.as_secs()
    ));
    if let Some(doubt) = doctor.source.doubt() {
        say(&format!("Is it a mistake? {doubt}"));
    }
    let end = Instant::now() + doctor.time;
    let time = Time { all: doctor.time, silence: polling::patience(doctor.time) };
    let seen = listen_to(doctor, time, &mut stop).await;
    let mut seen = poll_if_silent(doctor, seen, end, &mut stop).await;
    seen.key_files.clone_from(&doctor.key_files);
    say(report(&seen).trim_end());
    Ok(seen.readings() > 0)
}

async fn listen_to(doctor: &Doctor, time: Time, stop: &mut Stop) -> Observation {
    let link = Link::new(doctor.source.clone(), timing(time.all));
    listen(link, &doctor.keys, time, stop.wait(), &mut say).await
}

/// Polls a meter that sent nothing, and if none answers, listens again until `end`: some meters push seldom.
async fn poll_if_silent(
    doctor: &Doctor,
    mut seen: Observation,
    end: Instant,
    stop: &mut Stop,
) -> Observation {
    let left = || end.saturating_duration_since(Instant::now());
    for source in polling::sources(&seen) {
        if stop.is_requested {
            return seen;
        }
        seen.polled = Polled::Partly;
        let time = polling::TIME.min(left());
        if time < polling::SHORTEST {
            return seen;
        }
        say(&format!("Nothing is pushed; polling: {source}"));
        let link = Link::new(source, Timing::default());
        let answer = listen(link, &Keys::default(), time, stop.wait(), &mut say).await;
        if answer.readings() > 0 {
            return answer;
        }
        seen.polled = if answer.unanswered.is_some() { Polled::Fully } else { Polled::Partly };
    }
    if seen.polled == Polled::Fully && left() >= polling::SHORTEST && !stop.is_requested {
        say("Nothing answers; listening again");
        let again = listen_to(doctor, left().into(), stop).await;
        return Observation { polled: seen.polled, time: seen.time + again.time, ..again };
    }
    seen
}

fn say(line: &str) {
    // Nobody may be reading: 'han-exporter doctor | head -1'.
    let _ = writeln!(io::stdout(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_serial::{SerialPort, SerialStream};

    #[tokio::test(start_paused = true)]
    async fn keeps_to_its_time_on_a_silent_line() {
        let (_meter, reader) = SerialStream::pair().unwrap();
        for seconds in [1, 5, 13, 60, 180, 1000] {
            let time = Duration::from_secs(seconds);
            let source = reader.name().unwrap().parse().unwrap();
            let doctor = Doctor { source, time, keys: Keys::default(), key_files: Vec::new() };
            let start = Instant::now();
            assert!(!examine(&doctor).await.unwrap());
            let (taken, second) = (start.elapsed(), Duration::from_secs(1));
            // Less than 2 s are left over where polling would have to begin.
            assert!(taken + 2 * second >= time && taken <= time + second, "{taken:?} of {time:?}");
        }
    }
}
