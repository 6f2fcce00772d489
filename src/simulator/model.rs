//! What a model of meter does in its own way: how it sends, and when.

use super::polled::PolledProtocol;
use super::state::MeterState;
use super::{dlms, sml, telegram};
use crate::reading::Content;
use crate::wire::serial::SerialSettings;

/// A model of meter.
pub struct MeterModel {
    /// Its name after `sim:`.
    pub name: &'static str,
    /// The types of the meters with one phase and with three.
    pub type_names: [&'static str; 2],
    /// A number in the meter's id, so that two models differ.
    pub id: u64,
    /// Its serial settings.
    pub line: SerialSettings,
    /// When it sends what.
    pub schedule: Schedule,
    /// What it sends.
    pub messages: Messages,
}

impl MeterModel {
    /// The same with a type, whatever the phases.
    pub const fn of_type(self, name: &'static str) -> Self {
        self.of_types(name, name)
    }

    /// The same with a type for one phase and one for three.
    pub const fn of_types(self, single: &'static str, three: &'static str) -> Self {
        MeterModel { type_names: [single, three], ..self }
    }
}

/// The messages of a meter.
pub enum Messages {
    /// Lists of DLMS.
    Dlms(&'static dlms::Dialect),
    /// ASCII telegrams.
    Telegram(&'static telegram::Dialect),
    /// Lists of SML.
    Sml(&'static sml::Dialect),
    /// Responses only.
    Polled(PolledProtocol),
}

/// When a meter sends what, in milliseconds.
pub enum Schedule {
    /// All values, at this interval.
    Everything(i64),
    /// A list every `step`: of status every `status`, otherwise of power alone. The list at `hourly` after each full hour
    /// is one of energy.
    Lists { step: i64, status: i64, hourly: i64 },
}

impl Messages {
    /// The bytes of a message on the line; none for a polled meter. `counter` rises with every message.
    pub fn encode(&self, content: Content, state: &MeterState<'_>, counter: u32) -> Vec<u8> {
        match self {
            Messages::Dlms(dialect) => dialect.framing.frame(&dialect.message(content, state), counter),
            Messages::Telegram(dialect) => dialect.framing.frame(&dialect.telegram(state), counter),
            Messages::Sml(dialect) => dialect.file(state, counter),
            Messages::Polled(_) => Vec::new(),
        }
    }

    /// Whether the meter encrypts.
    pub const fn is_encrypted(&self) -> bool {
        match self {
            Messages::Dlms(dlms::Dialect { framing, .. })
            | Messages::Telegram(telegram::Dialect { framing, .. }) => framing.is_encrypted(),
            Messages::Sml(_) | Messages::Polled(_) => false,
        }
    }
}

impl Schedule {
    /// The shortest interval of frames.
    pub const fn step(&self) -> i64 {
        match *self {
            Schedule::Everything(step) | Schedule::Lists { step, .. } => step,
        }
    }

    /// One of each list.
    pub fn opening(&self) -> &'static [Content] {
        match self {
            Schedule::Everything(_) => &[Content::Energy],
            Schedule::Lists { step, status, .. } if step == status => &[Content::Energy, Content::Status],
            Schedule::Lists { .. } => &[Content::Energy, Content::Status, Content::Power],
        }
    }

    /// When the next frame after a moment is due, in milliseconds since 1970, and its content.
    pub fn after(&self, moment: i64) -> (i64, Content) {
        const HOUR: i64 = 3_600_000;
        let on_the_step = |step: i64| (moment.div_euclid(step) + 1) * step;
        let Schedule::Lists { step, status, hourly } = *self else {
            return (on_the_step(self.step()), Content::Energy);
        };
        let on_the_hour = (moment - hourly).div_euclid(HOUR) * HOUR + HOUR + hourly;
        match on_the_step(step).min(on_the_hour) {
            due if due == on_the_hour => (due, Content::Energy),
            due if due % status == 0 => (due, Content::Status),
            due => (due, Content::Power),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::models::MODELS;
    use super::*;

    fn model(name: &str) -> &'static MeterModel {
        MODELS.iter().find(|model| model.name == name).unwrap()
    }

    /// 2024-06-21 10:00:00 UTC.
    const HOUR: i64 = 1_718_964_000_000;

    fn dues(name: &str, from: i64, count: usize) -> Vec<(i64, Content)> {
        let model = model(name);
        let mut moment = HOUR + from;
        let next = || {
            let (due, content) = model.schedule.after(moment);
            moment = due;
            (due - HOUR, content)
        };
        std::iter::repeat_with(next).take(count).collect()
    }

    #[test]
    fn each_model_keeps_its_schedule() {
        use Content::{Energy, Power, Status};
        let kaifa = [(0, Status), (2000, Power), (4000, Power), (6000, Power), (8000, Power)];
        assert_eq!(dues("kaifa", -1, 5), kaifa);
        assert_eq!(dues("kaifa", 8000, 3), [(10_000, Energy), (12_000, Power), (14_000, Power)]);
        assert_eq!(dues("kaifa", 19_999, 1), [(20_000, Status)]);
        let kamstrup = [(0, Status), (5000, Energy), (10_000, Status), (20_000, Status)];
        assert_eq!(dues("kamstrup", -1, 4), kamstrup);
        let aidon = [(2500, Power), (5000, Power), (7500, Power), (10_000, Energy), (12_500, Power)];
        assert_eq!(dues("aidon", 0, 5), aidon);
        assert_eq!(dues("aidon", 19_000, 2), [(20_000, Status), (22_500, Power)]);
        assert_eq!(dues("e450", 1, 2), [(5000, Energy), (10_000, Energy)]);
    }

    #[test]
    fn an_hour_has_one_energy_list() {
        for (name, frames) in [("kaifa", 1800), ("kamstrup", 361), ("aidon", 1440)] {
            let dues = dues(name, -1, frames + 1);
            assert_eq!(dues[frames].0, 3_600_000, "{name}");
            let energy = dues[..frames].iter().filter(|(_, content)| *content == Content::Energy);
            assert_eq!(energy.count(), 1);
        }
    }
}
