//! A simulated meter at work: its next frame and when it is due. It has no clock of its own.

use std::collections::VecDeque;
use std::time::Duration;

use super::demand::Demand;
use super::household::{Household, Registers, Sample};
use super::model::{MeterModel, Schedule};
use super::state::MeterState;
use crate::reading::Content;

/// A frame and when it is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueFrame {
    /// Time since the start.
    pub due: Duration,
    /// The content of its list.
    pub content: Content,
    /// The frame, flags included.
    pub bytes: Vec<u8>,
}

/// A simulated meter at work. With the same seed and the same start it sends the same bytes.
pub struct Meter {
    model: &'static MeterModel,
    phases: usize,
    id: String,
    household: Household,
    /// Milliseconds since 1970, like all moments here.
    start: i64,
    /// Up to when the household is simulated.
    lived: i64,
    /// When the last frame was due.
    sent: i64,
    /// Lists still to be sent at the start.
    opening: VecDeque<Content>,
    /// The counters of the last energy list, and their moment.
    counted: (i64, Registers),
    demand: Demand,
    /// Messages sent before. A meter that encrypts counts them, and continues above its last count after a restart.
    messages: u32,
}

impl Meter {
    pub(super) fn new(model: &'static MeterModel, phases: usize, seed: u64, start: Duration) -> Self {
        let start = i64::try_from(start.as_millis()).unwrap_or(i64::MAX / 2);
        let step = model.schedule.step();
        let before = (start.div_euclid(step) - 1) * step;
        let mut meter = Meter {
            model,
            phases,
            id: format!("{:016}", model.id * 1000 + seed % 1000),
            household: Household::new(seed, phases, standard_time(before)),
            start,
            lived: before,
            sent: start,
            opening: model.schedule.opening().iter().copied().collect(),
            counted: Default::default(),
            demand: Demand::default(),
            messages: u32::try_from(start / 1000 % i64::from(u32::MAX)).unwrap_or_default(),
        };
        meter.demand = Demand::new(before, meter.household.registers.0[0]);
        meter.live_until(start);
        meter.counted = (meter.lived, meter.household.registers);
        meter
    }

    /// The next frame.
    #[expect(clippy::should_implement_trait, reason = "it never ends, so there is no Option to unwrap")]
    pub fn next(&mut self) -> DueFrame {
        match self.opening.pop_front() {
            Some(content) => {
                let frame = self.frame(self.sent, content);
                let airtime = self.model.line.byte().as_nanos() * frame.bytes.len() as u128 / 1_000_000 + 1;
                self.sent += airtime as i64;
                frame
            }
            None => {
                let (due, content) = self.model.schedule.after(self.sent);
                self.sent = due;
                self.live_until(due);
                self.frame(due, content)
            }
        }
    }

    /// Its state at a time since the start, which must not decrease.
    pub(super) fn at(&mut self, moment: Duration) -> MeterState<'_> {
        let moment = self.start.saturating_add(i64::try_from(moment.as_millis()).unwrap_or(i64::MAX));
        self.live_until(moment);
        self.state(moment)
    }

    /// The measurements of the interval before the last frame.
    pub fn sample(&self) -> Sample {
        self.household.sample
    }

    /// The counters of hourly lists: those of the start, then of each full hour.
    pub fn registers(&self) -> Registers {
        self.counted.1
    }

    fn frame(&mut self, due: i64, content: Content) -> DueFrame {
        self.messages += 1;
        let bytes = self.model.messages.encode(content, &self.state(due), self.messages);
        let since_start = Duration::from_millis(u64::try_from(due - self.start).unwrap_or_default());
        DueFrame { due: since_start, content, bytes }
    }

    /// The state that a message at this moment contains.
    fn state(&self, moment: i64) -> MeterState<'_> {
        let (counted, registers) = match self.model.schedule {
            Schedule::Everything(_) => (self.lived, self.household.registers),
            Schedule::Lists { .. } => self.counted,
        };
        MeterState {
            phases: self.phases,
            id: &self.id,
            type_name: self.model.type_names[usize::from(self.phases == 3)],
            sent: moment.div_euclid(1000),
            counted: counted.div_euclid(1000),
            sample: self.household.sample,
            registers,
            demand: self.demand,
        }
    }

    fn live_until(&mut self, moment: i64) {
        const HOUR: i64 = 3_600_000;
        let step = self.model.schedule.step();
        while self.lived + step <= moment {
            self.household.step(standard_time(self.lived), step);
            self.lived += step;
            self.demand.count(self.lived, self.household.registers.0[0]);
            if self.lived % HOUR == 0 {
                self.counted = (self.lived, self.household.registers);
            }
        }
    }
}

/// The household is one hour east of Greenwich.
const fn standard_time(moment: i64) -> i64 {
    moment + 3_600_000
}

#[cfg(test)]
mod tests;
