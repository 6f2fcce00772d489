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

use crate::platform::runtime::{self, Stop};
use crate::source::{Link, Timing};
use crate::wire::dlms::cipher::Keys;

pub use args::{Doctor, DoctorArgs};
pub use listen::listen;
use observation::Observation;
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
    let link = Link::new(doctor.source.clone(), timing(doctor.time));
    let seen = listen(link, &doctor.keys, doctor.time, stop.wait(), &mut say).await;
    let mut seen = poll_if_silent(seen, &mut stop).await;
    seen.key_files.clone_from(&doctor.key_files);
    say(report(&seen).trim_end());
    Ok(seen.readings() > 0)
}

/// Polls a meter that sent nothing.
async fn poll_if_silent(mut seen: Observation, stop: &mut Stop) -> Observation {
    for source in polling::sources(&seen) {
        if stop.is_requested {
            break;
        }
        say(&format!("Nothing is pushed; polling: {source}"));
        seen.polled = true;
        let link = Link::new(source, Timing::default());
        let answer = listen(link, &Keys::default(), polling::TIME, stop.wait(), &mut say).await;
        if answer.readings() > 0 {
            return answer;
        }
    }
    seen
}

fn say(line: &str) {
    // Nobody may be reading: 'han-exporter doctor | head -1'.
    let _ = writeln!(io::stdout(), "{line}");
}
