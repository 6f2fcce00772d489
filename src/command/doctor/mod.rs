//! Finds out why there is no data, or sets up a new cable: listens, says what it sees, and judges it.
//!
//! ```text
//! Link ──bytes──▶ listen ──▶ Observation ──judge──▶ Verdict ──▶ Report
//! ```
//!
//! Only `listen` waits and speaks; everything behind it is a function of what was seen.

mod args;
mod ask;
pub mod attempt;
pub mod list;
mod listen;
pub mod observation;
mod recipe;
mod report;
pub mod verdict;
mod words;

use std::io::{self, Write};
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::source::{Link, Timing};
use crate::wire::dlms::cipher::Keys;

pub use args::{Doctor, DoctorArgs};
pub use listen::listen;
use observation::Observation;
pub use report::Report;

/// Examines a source and says what is found; returns whether readings arrived.
pub fn run(wish: &Doctor) -> io::Result<bool> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let readings = runtime.block_on(examine(wish));
    // A read of standard input may wait for ever.
    runtime.shutdown_background();
    readings
}

/// Durations that give each of the usual settings its turn in the time there is.
pub fn timing(time: Duration) -> Timing {
    let usual = Timing::default();
    Timing { dwell: usual.dwell.min(time / 8), patience: usual.patience.min(time / 3), ..usual }
}

async fn examine(wish: &Doctor) -> io::Result<bool> {
    let mut stop = Stop::new()?;
    say(&format!("Listening to {} for at most {} s; Ctrl-C ends it", wish.source, wish.time.as_secs()));
    let link = Link::new(wish.source.clone(), timing(wish.time));
    let seen = listen(link, &wish.keys, wish.time, stop.wait(), &mut say).await;
    let mut seen = ask_the_silent(seen, &mut stop).await;
    seen.key_files.clone_from(&wish.key_files);
    say(Report(&seen).to_string().trim_end());
    Ok(seen.readings() > 0)
}

/// Asks a meter from which nothing came whether it waits for that.
async fn ask_the_silent(mut seen: Observation, stop: &mut Stop) -> Observation {
    for source in ask::sources(&seen) {
        if stop.came {
            break;
        }
        say(&format!("Nobody speaks by himself; asking: {source}"));
        seen.asked = true;
        let link = Link::new(source, Timing::default());
        let answer = listen(link, &Keys::default(), ask::TIME, stop.wait(), &mut say).await;
        if answer.readings() > 0 {
            return answer;
        }
    }
    seen
}

/// The user has seen enough.
struct Stop {
    interrupt: Signal,
    terminate: Signal,
    came: bool,
}

impl Stop {
    fn new() -> io::Result<Self> {
        let [interrupt, terminate] = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
        Ok(Stop { interrupt: interrupt?, terminate: terminate?, came: false })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
        self.came = true;
    }
}

fn say(line: &str) {
    // Nobody may be reading: 'han-exporter doctor | head -1'.
    let _ = writeln!(io::stdout(), "{line}");
}
