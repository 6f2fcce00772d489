//! What an OBIS code means: one table of metric families, each with its name, unit and codes.
//!
//! The exposition, the page, `decode` and the README's table all read it: a register is added by one line here.

use crate::wire::obis::Obis;
use crate::wire::unit::Unit;

/// A metric family and the registers that are its series.
pub struct Family {
    /// The metric's name.
    pub name: &'static str,
    /// Its help text, with the OBIS codes it comes from.
    pub help: &'static str,
    /// What is measured, and in which unit it is published.
    pub quantity: Quantity,
    /// Whether it only ever grows.
    pub kind: Kind,
    /// The label that tells the members apart, if there are several.
    pub label: Option<&'static str>,
    /// Groups C, D, E of each code and its label value.
    pub members: &'static [([u8; 3], &'static str)],
}

/// How a metric moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The value of a moment.
    Gauge,
    /// A gauge that stays as it is for a billing period: it ages like a register.
    Held,
    /// A register that counts up.
    Counter,
}

/// What a number counts. Each has one unit that meters send it in and one that it is published in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// W.
    ActivePower,
    /// var.
    ReactivePower,
    /// VA.
    ApparentPower,
    /// V.
    Voltage,
    /// A.
    Current,
    /// A bare number, 1 at most.
    Ratio,
    /// Degrees.
    Angle,
    /// Hz.
    Frequency,
    /// Wh, published in J.
    ActiveEnergy,
    /// varh, published in var s.
    ReactiveEnergy,
}

impl Quantity {
    /// How many there are.
    pub(super) const COUNT: usize = 10;

    /// The unit meters send it in.
    #[inline]
    pub const fn unit(self) -> Unit {
        match self {
            Quantity::ActivePower => Unit::W,
            Quantity::ReactivePower => Unit::VAR,
            Quantity::ApparentPower => Unit::VA,
            Quantity::Voltage => Unit::V,
            Quantity::Current => Unit::A,
            Quantity::Ratio => Unit::NONE,
            Quantity::Angle => Unit::DEGREE,
            Quantity::Frequency => Unit::HZ,
            Quantity::ActiveEnergy => Unit::WH,
            Quantity::ReactiveEnergy => Unit::VARH,
        }
    }

    /// Published units in one of those: 3600 J are 1 Wh.
    pub const fn factor(self) -> i64 {
        match self {
            Quantity::ActiveEnergy | Quantity::ReactiveEnergy => 3600,
            _ => 1,
        }
    }
}

const W: Quantity = Quantity::ActivePower;
const VAR: Quantity = Quantity::ReactivePower;
const VA: Quantity = Quantity::ApparentPower;
const V: Quantity = Quantity::Voltage;
const A: Quantity = Quantity::Current;
const HZ: Quantity = Quantity::Frequency;
const RATIO: Quantity = Quantity::Ratio;
const DEGREE: Quantity = Quantity::Angle;
const WH: Quantity = Quantity::ActiveEnergy;
const VARH: Quantity = Quantity::ReactiveEnergy;

const PHASE: Option<&str> = Some("phase");
const TARIFF: Option<&str> = Some("tariff");

type Members = &'static [([u8; 3], &'static str)];

const fn family(
    name: &'static str,
    help: &'static str,
    quantity: Quantity,
    kind: Kind,
    label: Option<&'static str>,
    members: Members,
) -> Family {
    Family { name, help, quantity, kind, label, members }
}

macro_rules! phases {
    ($l1:literal $l2:literal $l3:literal, $d:literal) => {
        &[([$l1, $d, 0], "L1"), ([$l2, $d, 0], "L2"), ([$l3, $d, 0], "L3")]
    };
}

macro_rules! tariffs {
    ($c:literal) => {
        &[
            ([$c, 8, 1], "1"),
            ([$c, 8, 2], "2"),
            ([$c, 8, 3], "3"),
            ([$c, 8, 4], "4"),
            ([$c, 8, 5], "5"),
            ([$c, 8, 6], "6"),
            ([$c, 8, 7], "7"),
            ([$c, 8, 8], "8"),
        ]
    };
}

/// Every family of readings, in the order they are shown.
#[rustfmt::skip]
pub static FAMILIES: [Family; 28] = [
    family("han_active_power_import_watts", "Active power drawn from the grid, all phases (OBIS 1.7.0).", W, Kind::Gauge, None, &[([1, 7, 0], "")]),
    family("han_active_power_export_watts", "Active power delivered to the grid, all phases (OBIS 2.7.0).", W, Kind::Gauge, None, &[([2, 7, 0], "")]),
    family("han_reactive_power_import_vars", "Reactive power drawn from the grid, all phases (OBIS 3.7.0).", VAR, Kind::Gauge, None, &[([3, 7, 0], "")]),
    family("han_reactive_power_export_vars", "Reactive power delivered to the grid, all phases (OBIS 4.7.0).", VAR, Kind::Gauge, None, &[([4, 7, 0], "")]),
    family("han_apparent_power_import_voltamperes", "Apparent power drawn from the grid, all phases (OBIS 9.7.0).", VA, Kind::Gauge, None, &[([9, 7, 0], "")]),
    family("han_apparent_power_export_voltamperes", "Apparent power delivered to the grid, all phases (OBIS 10.7.0).", VA, Kind::Gauge, None, &[([10, 7, 0], "")]),
    family("han_phase_active_power_import_watts", "Active power drawn from the grid, per phase (OBIS 21.7.0, 41.7.0, 61.7.0).", W, Kind::Gauge, PHASE, phases!(21 41 61, 7)),
    family("han_phase_active_power_export_watts", "Active power delivered to the grid, per phase (OBIS 22.7.0, 42.7.0, 62.7.0).", W, Kind::Gauge, PHASE, phases!(22 42 62, 7)),
    family("han_phase_reactive_power_import_vars", "Reactive power drawn from the grid, per phase (OBIS 23.7.0, 43.7.0, 63.7.0).", VAR, Kind::Gauge, PHASE, phases!(23 43 63, 7)),
    family("han_phase_reactive_power_export_vars", "Reactive power delivered to the grid, per phase (OBIS 24.7.0, 44.7.0, 64.7.0).", VAR, Kind::Gauge, PHASE, phases!(24 44 64, 7)),
    family("han_voltage_volts", "RMS voltage as the meter reports it; between two phases on a three-wire meter (OBIS 32.7.0, 52.7.0, 72.7.0).", V, Kind::Gauge, PHASE, phases!(32 52 72, 7)),
    family("han_current_amperes", "RMS current (OBIS 31.7.0, 51.7.0, 71.7.0; neutral 91.7.0).", A, Kind::Gauge, PHASE, &[([31, 7, 0], "L1"), ([51, 7, 0], "L2"), ([71, 7, 0], "L3"), ([91, 7, 0], "N")]),
    family("han_power_factor_ratio", "Power factor, all phases (OBIS 13.7.0).", RATIO, Kind::Gauge, None, &[([13, 7, 0], "")]),
    family("han_phase_power_factor_ratio", "Power factor, per phase (OBIS 33.7.0, 53.7.0, 73.7.0).", RATIO, Kind::Gauge, PHASE, phases!(33 53 73, 7)),
    family("han_phase_angle_degrees", "Angle between voltage and current, per phase (OBIS 81.7.40, 81.7.51, 81.7.62).", DEGREE, Kind::Gauge, PHASE, &[([81, 7, 40], "L1"), ([81, 7, 51], "L2"), ([81, 7, 62], "L3")]),
    family("han_frequency_hertz", "Frequency of the grid (OBIS 14.7.0).", HZ, Kind::Gauge, None, &[([14, 7, 0], "")]),
    family("han_power_demand_max_watts", "Highest demand of the billing period, as the meter gives it (OBIS 1.6.0).", W, Kind::Held, None, &[([1, 6, 0], "")]),
    family("han_active_energy_import_joules_total", "Active energy drawn from the grid; 3600000 J are 1 kWh (OBIS 1.8.0).", WH, Kind::Counter, None, &[([1, 8, 0], "")]),
    family("han_active_energy_export_joules_total", "Active energy delivered to the grid; 3600000 J are 1 kWh (OBIS 2.8.0).", WH, Kind::Counter, None, &[([2, 8, 0], "")]),
    family("han_reactive_energy_import_var_seconds_total", "Reactive energy drawn from the grid; 3600000 var s are 1 kvarh (OBIS 3.8.0).", VARH, Kind::Counter, None, &[([3, 8, 0], "")]),
    family("han_reactive_energy_export_var_seconds_total", "Reactive energy delivered to the grid; 3600000 var s are 1 kvarh (OBIS 4.8.0).", VARH, Kind::Counter, None, &[([4, 8, 0], "")]),
    family("han_quadrant_reactive_energy_var_seconds_total", "Reactive energy per quadrant; 3600000 var s are 1 kvarh (OBIS 5.8.0, 6.8.0, 7.8.0, 8.8.0).", VARH, Kind::Counter, Some("quadrant"), &[([5, 8, 0], "1"), ([6, 8, 0], "2"), ([7, 8, 0], "3"), ([8, 8, 0], "4")]),
    family("han_phase_active_energy_import_joules_total", "Active energy drawn from the grid, per phase (OBIS 21.8.0, 41.8.0, 61.8.0).", WH, Kind::Counter, PHASE, phases!(21 41 61, 8)),
    family("han_phase_active_energy_export_joules_total", "Active energy delivered to the grid, per phase (OBIS 22.8.0, 42.8.0, 62.8.0).", WH, Kind::Counter, PHASE, phases!(22 42 62, 8)),
    family("han_tariff_active_energy_import_joules_total", "Active energy drawn from the grid, per tariff (OBIS 1.8.1 ff).", WH, Kind::Counter, TARIFF, tariffs!(1)),
    family("han_tariff_active_energy_export_joules_total", "Active energy delivered to the grid, per tariff (OBIS 2.8.1 ff).", WH, Kind::Counter, TARIFF, tariffs!(2)),
    family("han_tariff_reactive_energy_import_var_seconds_total", "Reactive energy drawn from the grid, per tariff (OBIS 3.8.1 ff).", VARH, Kind::Counter, TARIFF, tariffs!(3)),
    family("han_tariff_reactive_energy_export_var_seconds_total", "Reactive energy delivered to the grid, per tariff (OBIS 4.8.1 ff).", VARH, Kind::Counter, TARIFF, tariffs!(4)),
];

/// How many registers there are.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler alone")]
pub const COUNT: usize = {
    let mut count = 0;
    let mut family = 0;
    while family < FAMILIES.len() {
        count += FAMILIES[family].members.len();
        family += 1;
    }
    count
};

/// One series: a code we know. Only [`Register::find`] makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Register(u8);

/// A register's place in [`FAMILIES`], and what is asked most often of it.
#[derive(Clone, Copy)]
struct Place {
    family: u8,
    member: u8,
    quantity: Quantity,
    kind: Kind,
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler alone")]
static PLACES: [Place; COUNT] = {
    let mut places = [Place { family: 0, member: 0, quantity: W, kind: Kind::Gauge }; COUNT];
    let mut register = 0;
    let mut family = 0;
    while family < FAMILIES.len() {
        let Family { quantity, kind, members, .. } = FAMILIES[family];
        let mut member = 0;
        while member < members.len() {
            places[register] = Place { family: family as u8, member: member as u8, quantity, kind };
            register += 1;
            member += 1;
        }
        family += 1;
    }
    places
};

/// Groups C, D, E to register: an open hash table that the compiler fills. The first slot tried is nearly always right.
/// A slot holds the key and, in its lowest octet, the register's number plus one; 0 is an empty slot.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler alone")]
static SLOTS: [u32; 512] = {
    let mut slots = [0; 512];
    let mut register = 0;
    while register < COUNT {
        let key = key_of(groups_of(register));
        let mut slot = slot_of(key);
        while slots[slot] != 0 {
            slot = (slot + 1) % slots.len();
        }
        slots[slot] = key & !F | (register as u32 + 1) << 24;
        register += 1;
    }
    slots
};

/// The last four groups of a code. The highest octet, F, is 255 in all of them: a slot has room for a number there.
const fn key_of([c, d, e]: [u8; 3]) -> u32 {
    u32::from_le_bytes([c, d, e, 255])
}

const F: u32 = 0xFF00_0000;

/// Multiplies by 2^32 divided by the golden ratio: the nine highest bits then depend on all the others.
const fn slot_of(key: u32) -> usize {
    (key.wrapping_mul(0x9E37_79B9) >> 23) as usize
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler alone")]
const fn groups_of(register: usize) -> [u8; 3] {
    let Place { family, member, .. } = PLACES[register];
    FAMILIES[family as usize].members[member as usize].0
}

impl Register {
    /// The register of a code. A is 1 (electricity), B 0 or 1 (Kamstrup writes 1-1), F 255: an earlier billing
    /// period's value is another thing.
    #[inline]
    pub fn find(Obis([a, b, groups @ ..]): Obis) -> Option<Register> {
        if a != 1 || b > 1 {
            return None;
        }
        let key = u32::from_le_bytes(groups);
        let mut slot = slot_of(key);
        loop {
            match SLOTS.get(slot) {
                None | Some(0) => return None,
                Some(held) if held | F == key => return Some(Register((*held >> 24) as u8 - 1)),
                Some(_) => slot = (slot + 1) % SLOTS.len(),
            }
        }
    }

    /// Its number, below [`COUNT`].
    #[inline]
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// The register with this number.
    #[inline]
    pub const fn at(index: usize) -> Option<Register> {
        if index < COUNT { Some(Register(index as u8)) } else { None }
    }

    /// The register of a code, found by the compiler: for tables.
    pub(super) const fn known(obis: Obis) -> Option<Register> {
        let Obis([a, _, c, d, e, _]) = obis;
        let mut register = 0;
        while register < COUNT && a == 1 {
            if key_of(groups_of(register)) == key_of([c, d, e]) {
                return Some(Register(register as u8));
            }
            register += 1;
        }
        None
    }

    /// The register of groups C, D, E; one that is not in the table does not compile.
    #[expect(clippy::panic, reason = "only ever evaluated by the compiler, for constants")]
    pub(crate) const fn literal([c, d, e]: [u8; 3]) -> Register {
        match Register::known(Obis([1, 0, c, d, e, 255])) {
            Some(register) => register,
            None => panic!("no such register"),
        }
    }

    #[inline]
    #[expect(clippy::indexing_slicing, reason = "a register is made by the table and points into it")]
    const fn place(self) -> Place {
        PLACES[self.0 as usize]
    }

    /// Where in [`FAMILIES`] its family stands.
    pub const fn family_index(self) -> usize {
        self.place().family as usize
    }

    /// The family it belongs to.
    #[expect(clippy::indexing_slicing, reason = "a register is made by the table and points into it")]
    pub fn family(self) -> &'static Family {
        &FAMILIES[self.family_index()]
    }

    /// Its label value; empty where the family has no label.
    #[expect(clippy::indexing_slicing, reason = "a register is made by the table and points into it")]
    pub fn label(self) -> &'static str {
        self.family().members[usize::from(self.place().member)].1
    }

    /// What it counts.
    #[inline]
    pub const fn quantity(self) -> Quantity {
        self.place().quantity
    }

    /// How it moves.
    #[inline]
    pub const fn kind(self) -> Kind {
        self.place().kind
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::obis;

    #[test]
    fn every_code_finds_its_own_register_and_no_other() {
        let mut register = 0;
        for family in &FAMILIES {
            for &([c, d, e], label) in family.members {
                for b in [0, 1] {
                    let found = Register::find(Obis([1, b, c, d, e, 255])).expect("a code of the table");
                    assert_eq!(found.index(), register, "{c}.{d}.{e} stands twice in the table");
                    assert_eq!((found.family().name, found.label()), (family.name, label));
                    assert_eq!(Register::at(register), Some(found));
                }
                register += 1;
            }
        }
        assert_eq!((register, Register::at(register)), (COUNT, None));
    }

    #[test]
    fn all_other_codes_are_unknown() {
        let known = (0..=255)
            .flat_map(|c| (0..=255).flat_map(move |d| (0..=255).map(move |e| Obis([1, 0, c, d, e, 255]))));
        assert_eq!(known.filter(|&obis| Register::find(obis).is_some()).count(), COUNT);
        for other in [obis!(0-0:1.7.0), obis!(1-2:1.7.0), obis!(1-0:1.8.0*1), obis!(7-0:1.8.0)] {
            assert_eq!(Register::find(other), None, "{other}");
        }
    }

    #[test]
    fn the_table_keeps_the_rules_of_its_names() {
        for (index, family) in FAMILIES.iter().enumerate() {
            assert!(
                family.name.starts_with("han_") && family.help.contains("OBIS") && family.help.ends_with('.')
            );
            assert_eq!(family.name.ends_with("_total"), family.kind == Kind::Counter, "{}", family.name);
            assert_eq!(family.label.is_none(), family.members.len() == 1, "{}", family.name);
            assert!(
                FAMILIES.iter().skip(index + 1).all(|other| other.name != family.name),
                "{}",
                family.name
            );
            let factor = if matches!(family.quantity.unit(), Unit::WH | Unit::VARH) { 3600 } else { 1 };
            assert_eq!(family.quantity.factor(), factor);
        }
    }
}
