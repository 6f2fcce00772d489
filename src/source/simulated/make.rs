//! What one maker's meters do in their own way, as a table: addresses, codes, types, rhythm.

use super::clock::Clock;
use super::frame::Form::{self, I16, U16, U32};
use crate::meter::{List, described, kaifa, kamstrup};
use crate::obis;
use crate::reading::Content;
use crate::wire::clock::Zone;
use crate::wire::obis::Obis;

/// A maker's meter.
pub struct Make {
    /// What it is called behind `sim:`.
    pub name: &'static str,
    /// The types of one and of three phases.
    pub models: [&'static str; 2],
    /// A number in the meter's id, so that two makes differ.
    pub id: u64,
    /// Who the frames are for.
    pub destination: &'static [u8],
    /// Who sends them.
    pub source: &'static [u8],
    /// The control octet.
    pub control: u8,
    /// long-invoke-id-and-priority.
    pub invoke_id: u32,
    /// The form of the date-time in front of the list.
    pub stamp: Stamped,
    /// Its clock.
    pub clock: Clock,
    /// Whether the clock in the list shows the full hour of the registers, or when the list is sent.
    pub clock_of_registers: bool,
    /// Its codes.
    pub codes: Codes,
    /// Whether texts are visible-strings or octet-strings.
    pub visible: bool,
    /// How it writes power, current, voltage and energy.
    pub forms: [Form; 4],
    /// Whether each value is followed by its scaler and unit.
    pub scalers: bool,
    /// Whether a phase that is not there leaves an empty place.
    pub null_slots: bool,
    /// When it sends what.
    pub rhythm: Rhythm,
    /// Its lists by content, for one phase and for three.
    lists: [[&'static List; 3]; 2],
}

/// The form of the date-time in front of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamped {
    /// None.
    Absent,
    /// As the standard says.
    Plain,
    /// With an octet-string's tag.
    Tagged,
}

/// Codes that makers chose differently.
pub struct Codes {
    /// The list's title, and what it is.
    pub title: (Obis, &'static str),
    /// The meter's own number.
    pub id: Obis,
    /// Its type.
    pub model: Obis,
    /// Its clock.
    pub clock: Obis,
    /// Group B of everything electric.
    pub channel: u8,
}

/// When a meter sends what, in milliseconds.
pub struct Rhythm {
    /// Between two frames.
    pub step: i64,
    /// Between two status lists; whatever else is due on the way is a list of power alone.
    pub status: i64,
    /// Behind the full hour comes the energy list, instead of what else would be due.
    pub hourly: i64,
}

impl Make {
    /// The list of this content.
    pub fn list(&self, content: Content, phases: usize) -> &'static List {
        self.lists[usize::from(phases == 3)][content as usize]
    }
}

impl Rhythm {
    /// When the next frame is due after a moment, in milliseconds since 1970, and what it holds.
    pub fn after(&self, moment: i64) -> (i64, Content) {
        const HOUR: i64 = 3_600_000;
        let on_the_step = (moment.div_euclid(self.step) + 1) * self.step;
        let on_the_hour = (moment - self.hourly).div_euclid(HOUR) * HOUR + HOUR + self.hourly;
        match on_the_step.min(on_the_hour) {
            due if due == on_the_hour => (due, Content::Energy),
            due if due % self.status == 0 => (due, Content::Status),
            due => (due, Content::Power),
        }
    }
}

/// KFM_001 of 2017-03-21.
pub static KAIFA: Make = Make {
    name: "kaifa",
    models: ["MA105H2E", "MA304H4"],
    id: 1,
    destination: &[0x01],
    source: &[0x02, 0x01],
    control: 0x10,
    invoke_id: 0x4000_0000,
    stamp: Stamped::Tagged,
    clock: Clock { zone: Zone::Civil(60), deviation: Clock::UNSPECIFIED, sunday_is_0: false },
    clock_of_registers: false,
    codes: Codes { title: (obis!(1-0:0.2.129), "KFM_001"), ..IDENTITY },
    visible: false,
    forms: [U32(0), U32(-3), U32(-1), U32(0)],
    scalers: false,
    null_slots: false,
    rhythm: Rhythm { step: 2000, status: 10_000, hourly: 10_000 },
    lists: [
        [&kaifa::LIST_1, &kaifa::LIST_2_SINGLE, &kaifa::LIST_3_SINGLE],
        [&kaifa::LIST_1, &kaifa::LIST_2, &kaifa::LIST_3],
    ],
};

/// HAN-NVE rev. 3.1; types that end in 040 count energy in steps of 10 Wh.
pub static KAMSTRUP: Make = Make {
    name: "kamstrup",
    models: ["6861111BN242101040", "6841121BN243101040"],
    id: 2,
    destination: &[0x2B],
    source: &[0x21],
    control: 0x13,
    invoke_id: 0,
    stamp: Stamped::Plain,
    clock: Clock { zone: Zone::Standard(60), deviation: Clock::UNSPECIFIED, sunday_is_0: false },
    clock_of_registers: false,
    codes: Codes {
        title: (obis!(1-1:0.2.129), "Kamstrup_V0001"),
        id: obis!(1-1:0.0.5),
        model: obis!(1-1:96.1.1),
        clock: obis!(0-1:1.0.0),
        channel: 1,
    },
    visible: true,
    forms: [U32(0), U32(-2), U16(0), U32(1)],
    scalers: false,
    null_slots: true,
    // It has no list of power alone.
    rhythm: Rhythm { step: 10_000, status: 10_000, hourly: 5_000 },
    lists: [[&kamstrup::PAIRS; 3]; 2],
};

/// HAN v1.1A.
pub static AIDON: Make = Make {
    name: "aidon",
    models: ["6515", "6534"],
    id: 3,
    destination: &[0x41],
    source: &[0x08, 0x83],
    control: 0x13,
    invoke_id: 0x4000_0000,
    stamp: Stamped::Absent,
    clock: Clock { zone: Zone::Standard(60), deviation: 0, sunday_is_0: true },
    clock_of_registers: true,
    codes: Codes { title: (obis!(1-1:0.2.129), "AIDON_V0001"), ..IDENTITY },
    visible: true,
    forms: [U32(0), I16(-1), U16(-1), U32(1)],
    scalers: true,
    null_slots: false,
    rhythm: Rhythm { step: 2500, status: 10_000, hourly: 10_000 },
    lists: [[&described::AIDON; 3]; 2],
};

const IDENTITY: Codes = Codes {
    title: (obis!(1-0:0.2.129), ""),
    id: obis!(0-0:96.1.0),
    model: obis!(0-0:96.1.7),
    clock: obis!(0-0:1.0.0),
    channel: 0,
};

#[cfg(test)]
mod tests {
    use super::*;

    /// 2024-06-21 10:00:00 UTC.
    const HOUR: i64 = 1_718_964_000_000;

    fn dues(make: &Make, from: i64, count: usize) -> Vec<(i64, Content)> {
        let mut moment = HOUR + from;
        let next = || {
            let (due, content) = make.rhythm.after(moment);
            moment = due;
            (due - HOUR, content)
        };
        std::iter::repeat_with(next).take(count).collect()
    }

    #[test]
    fn each_maker_keeps_its_rhythm() {
        use Content::{Energy, Power, Status};
        let kaifa = [(0, Status), (2000, Power), (4000, Power), (6000, Power), (8000, Power)];
        assert_eq!(dues(&KAIFA, -1, 5), kaifa);
        assert_eq!(dues(&KAIFA, 8000, 3), [(10_000, Energy), (12_000, Power), (14_000, Power)]);
        assert_eq!(dues(&KAIFA, 19_999, 1), [(20_000, Status)]);
        let kamstrup = [(0, Status), (5000, Energy), (10_000, Status), (20_000, Status)];
        assert_eq!(dues(&KAMSTRUP, -1, 4), kamstrup);
        let aidon = [(2500, Power), (5000, Power), (7500, Power), (10_000, Energy), (12_500, Power)];
        assert_eq!(dues(&AIDON, 0, 5), aidon);
        assert_eq!(dues(&AIDON, 19_000, 2), [(20_000, Status), (22_500, Power)]);
    }

    #[test]
    fn an_hour_has_one_energy_list() {
        for (make, frames) in [(&KAIFA, 1800), (&KAMSTRUP, 361), (&AIDON, 1440)] {
            let dues = dues(make, -1, frames + 1);
            assert_eq!(dues[frames].0, 3_600_000, "{}", make.name);
            let energy = dues[..frames].iter().filter(|(_, content)| *content == Content::Energy);
            assert_eq!(energy.count(), 1);
        }
    }
}
