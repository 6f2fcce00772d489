//! What is published: one table of metric families, each with its name, unit and codes.
//!
//! The exposition, the page, `decode` and the README's table all read it: a register is added by one line here.

use crate::wire::unit::Unit;

/// A metric family and the registers that are its series.
pub struct Family {
    /// The metric's name.
    pub name: &'static str,
    /// Its help text, with the OBIS codes it comes from.
    pub help: &'static str,
    /// What is measured, and in which unit it is published.
    pub quantity: Quantity,
    /// How it moves.
    pub kind: Kind,
    /// The label that tells the members apart, if there are several, or the states.
    pub label: Option<&'static str>,
    /// Each code and its label value.
    pub members: &'static [(Code, &'static str)],
}

/// What a member is known by: groups A, C, D and E of its code; A is the medium (1 electricity, 0 none in particular).
///
/// A meter behind another one sends codes of its channel, which say nothing of its medium (0-2:24.2.1). Here it is
/// known by its medium and channel, `[7, 2, 0, 0]`. With the highest bit of A set, it is when the value was taken; two
/// more bits stand for the value of the billing period before, and for the same value in finer steps.
pub type Code = [u8; 4];

/// The media of meters behind another one, as group A of a code counts them (IEC 62056-61).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    /// 5.
    Cooling = 5,
    /// 6.
    Heat = 6,
    /// 7.
    Gas = 7,
    /// 8: cold or of no said temperature.
    Water = 8,
    /// 9.
    WarmWater = 9,
}

impl Medium {
    /// The medium of a device type of M-Bus (EN 13757-3, table 3), which P1 sends under 0-n:24.1.0.
    pub const fn of_device(number: i64) -> Option<Self> {
        Some(match number {
            3 => Medium::Gas,
            4 | 12 => Medium::Heat,
            6 | 21 => Medium::WarmWater,
            7 | 22 => Medium::Water,
            10 | 11 => Medium::Cooling,
            _ => return None,
        })
    }
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
    /// One of these states, by its number; the one in force is published as 1, under its name.
    State(&'static [&'static str]),
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
    /// Something counted, or the number of a state.
    Count,
    /// Seconds.
    Duration,
    /// Seconds since 1970.
    Timestamp,
    /// m³.
    Volume,
    /// J, of heat or cold.
    Heat,
}

impl Quantity {
    /// How many there are.
    pub(super) const COUNT: usize = 15;

    /// The unit meters send it in.
    #[inline]
    pub const fn unit(self) -> Unit {
        match self {
            Quantity::ActivePower => Unit::W,
            Quantity::ReactivePower => Unit::VAR,
            Quantity::ApparentPower => Unit::VA,
            Quantity::Voltage => Unit::V,
            Quantity::Current => Unit::A,
            Quantity::Ratio | Quantity::Count => Unit::NONE,
            Quantity::Angle => Unit::DEGREE,
            Quantity::Frequency => Unit::HZ,
            Quantity::ActiveEnergy => Unit::WH,
            Quantity::ReactiveEnergy => Unit::VARH,
            Quantity::Duration | Quantity::Timestamp => Unit::S,
            Quantity::Volume => Unit::M3,
            Quantity::Heat => Unit::J,
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
const COUNTED: Quantity = Quantity::Count;
const SECONDS: Quantity = Quantity::Duration;
const UNIX: Quantity = Quantity::Timestamp;
const M3: Quantity = Quantity::Volume;
const JOULE: Quantity = Quantity::Heat;

const PHASE: Option<&str> = Some("phase");
const TARIFF: Option<&str> = Some("tariff");

/// The label of meters behind another one; left out where there is only one of a medium.
pub const CHANNEL: &str = "channel";

/// As the DSMR numbers them (P1 companion standard, 0-0:96.3.10).
const BREAKER: Kind = Kind::State(&["disconnected", "connected", "ready_for_reconnection"]);
const TARIFFS: Kind = Kind::State(&["0", "1", "2", "3", "4", "5", "6", "7", "8"]);

type Members = &'static [(Code, &'static str)];

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
        &[([1, $l1, $d, 0], "L1"), ([1, $l2, $d, 0], "L2"), ([1, $l3, $d, 0], "L3")]
    };
}

macro_rules! tariffs {
    ($c:literal) => {
        &[
            ([1, $c, 8, 1], "1"),
            ([1, $c, 8, 2], "2"),
            ([1, $c, 8, 3], "3"),
            ([1, $c, 8, 4], "4"),
            ([1, $c, 8, 5], "5"),
            ([1, $c, 8, 6], "6"),
            ([1, $c, 8, 7], "7"),
            ([1, $c, 8, 8], "8"),
        ]
    };
}

macro_rules! channels {
    ($a:expr) => {
        &[
            ([$a, 0, 0, 0], "0"),
            ([$a, 1, 0, 0], "1"),
            ([$a, 2, 0, 0], "2"),
            ([$a, 3, 0, 0], "3"),
            ([$a, 4, 0, 0], "4"),
        ]
    };
}

/// Marks the code of a time at which a value was taken.
pub(super) const WHEN: u8 = 0x80;
/// Marks the code of a value of the billing period before.
pub(super) const PREVIOUS: u8 = 0x40;
/// Marks the code of a value in finer steps than the code's own.
pub(super) const FINER: u8 = 0x20;

/// Every family of readings, in the order they are shown.
#[rustfmt::skip]
pub static FAMILIES: [Family; 49] = [
    family("han_active_power_import_watts", "Active power drawn from the grid, all phases (OBIS 1.7.0).", W, Kind::Gauge, None, &[([1, 1, 7, 0], "")]),
    family("han_active_power_export_watts", "Active power delivered to the grid, all phases (OBIS 2.7.0).", W, Kind::Gauge, None, &[([1, 2, 7, 0], "")]),
    family("han_reactive_power_import_vars", "Reactive power drawn from the grid, all phases (OBIS 3.7.0).", VAR, Kind::Gauge, None, &[([1, 3, 7, 0], "")]),
    family("han_reactive_power_export_vars", "Reactive power delivered to the grid, all phases (OBIS 4.7.0).", VAR, Kind::Gauge, None, &[([1, 4, 7, 0], "")]),
    family("han_apparent_power_import_voltamperes", "Apparent power drawn from the grid, all phases (OBIS 9.7.0).", VA, Kind::Gauge, None, &[([1, 9, 7, 0], "")]),
    family("han_apparent_power_export_voltamperes", "Apparent power delivered to the grid, all phases (OBIS 10.7.0).", VA, Kind::Gauge, None, &[([1, 10, 7, 0], "")]),
    family("han_phase_active_power_import_watts", "Active power drawn from the grid, per phase (OBIS 21.7.0, 41.7.0, 61.7.0).", W, Kind::Gauge, PHASE, phases!(21 41 61, 7)),
    family("han_phase_active_power_export_watts", "Active power delivered to the grid, per phase (OBIS 22.7.0, 42.7.0, 62.7.0).", W, Kind::Gauge, PHASE, phases!(22 42 62, 7)),
    family("han_phase_reactive_power_import_vars", "Reactive power drawn from the grid, per phase (OBIS 23.7.0, 43.7.0, 63.7.0).", VAR, Kind::Gauge, PHASE, phases!(23 43 63, 7)),
    family("han_phase_reactive_power_export_vars", "Reactive power delivered to the grid, per phase (OBIS 24.7.0, 44.7.0, 64.7.0).", VAR, Kind::Gauge, PHASE, phases!(24 44 64, 7)),
    family("han_voltage_volts", "RMS voltage as the meter reports it; between two phases on a three-wire meter (OBIS 32.7.0, 52.7.0, 72.7.0).", V, Kind::Gauge, PHASE, phases!(32 52 72, 7)),
    family("han_current_amperes", "RMS current (OBIS 31.7.0, 51.7.0, 71.7.0; neutral 91.7.0).", A, Kind::Gauge, PHASE, &[([1, 31, 7, 0], "L1"), ([1, 51, 7, 0], "L2"), ([1, 71, 7, 0], "L3"), ([1, 91, 7, 0], "N")]),
    family("han_power_factor_ratio", "Power factor, all phases (OBIS 13.7.0).", RATIO, Kind::Gauge, None, &[([1, 13, 7, 0], "")]),
    family("han_phase_power_factor_ratio", "Power factor, per phase (OBIS 33.7.0, 53.7.0, 73.7.0).", RATIO, Kind::Gauge, PHASE, phases!(33 53 73, 7)),
    family("han_phase_angle_degrees", "Angle between voltage and current, per phase (OBIS 81.7.40, 81.7.51, 81.7.62).", DEGREE, Kind::Gauge, PHASE, &[([1, 81, 7, 40], "L1"), ([1, 81, 7, 51], "L2"), ([1, 81, 7, 62], "L3")]),
    family("han_frequency_hertz", "Frequency of the grid (OBIS 14.7.0).", HZ, Kind::Gauge, None, &[([1, 14, 7, 0], "")]),
    family("han_power_demand_max_watts", "Highest demand of the billing period, as the meter gives it (OBIS 1.6.0).", W, Kind::Held, None, &[([1, 1, 6, 0], "")]),
    family("han_power_demand_max_previous_watts", "Highest demand of the billing period before, as the meter gives it (OBIS 1.6.0 with storage number 1; Kamstrup 685-382).", W, Kind::Held, None, &[([PREVIOUS | 1, 1, 6, 0], "")]),
    family("han_power_demand_max_timestamp_seconds", "When the highest demand of the billing period was (OBIS 1.6.0, attribute 5).", UNIX, Kind::Held, None, &[([WHEN | 1, 1, 6, 0], "")]),
    family("han_tariff_active", "Tariff in force: 1 under its number (OBIS 96.14.0).", COUNTED, TARIFFS, TARIFF, &[([0, 96, 14, 0], "")]),
    family("han_breaker_state", "State of the breaker: 1 under its name (OBIS 96.3.10).", COUNTED, BREAKER, Some("state"), &[([0, 96, 3, 10], "")]),
    family("han_active_energy_import_joules_total", "Active energy drawn from the grid; 3600000 J are 1 kWh (OBIS 1.8.0).", WH, Kind::Counter, None, &[([1, 1, 8, 0], "")]),
    family("han_active_energy_import_fine_joules_total", "Active energy drawn from the grid in finer steps, where a meter keeps a second register of it; 3600000 J are 1 kWh (OBIS 1.8.0; Kamstrup 685-382).", WH, Kind::Counter, None, &[([FINER | 1, 1, 8, 0], "")]),
    family("han_active_energy_export_joules_total", "Active energy delivered to the grid; 3600000 J are 1 kWh (OBIS 2.8.0).", WH, Kind::Counter, None, &[([1, 2, 8, 0], "")]),
    family("han_reactive_energy_import_var_seconds_total", "Reactive energy drawn from the grid; 3600000 var s are 1 kvarh (OBIS 3.8.0).", VARH, Kind::Counter, None, &[([1, 3, 8, 0], "")]),
    family("han_reactive_energy_export_var_seconds_total", "Reactive energy delivered to the grid; 3600000 var s are 1 kvarh (OBIS 4.8.0).", VARH, Kind::Counter, None, &[([1, 4, 8, 0], "")]),
    family("han_quadrant_reactive_energy_var_seconds_total", "Reactive energy per quadrant; 3600000 var s are 1 kvarh (OBIS 5.8.0, 6.8.0, 7.8.0, 8.8.0).", VARH, Kind::Counter, Some("quadrant"), &[([1, 5, 8, 0], "1"), ([1, 6, 8, 0], "2"), ([1, 7, 8, 0], "3"), ([1, 8, 8, 0], "4")]),
    family("han_phase_active_energy_import_joules_total", "Active energy drawn from the grid, per phase (OBIS 21.8.0, 41.8.0, 61.8.0).", WH, Kind::Counter, PHASE, phases!(21 41 61, 8)),
    family("han_phase_active_energy_export_joules_total", "Active energy delivered to the grid, per phase (OBIS 22.8.0, 42.8.0, 62.8.0).", WH, Kind::Counter, PHASE, phases!(22 42 62, 8)),
    family("han_tariff_active_energy_import_joules_total", "Active energy drawn from the grid, per tariff (OBIS 1.8.1 ff).", WH, Kind::Counter, TARIFF, tariffs!(1)),
    family("han_tariff_active_energy_export_joules_total", "Active energy delivered to the grid, per tariff (OBIS 2.8.1 ff).", WH, Kind::Counter, TARIFF, tariffs!(2)),
    family("han_tariff_reactive_energy_import_var_seconds_total", "Reactive energy drawn from the grid, per tariff (OBIS 3.8.1 ff).", VARH, Kind::Counter, TARIFF, tariffs!(3)),
    family("han_tariff_reactive_energy_export_var_seconds_total", "Reactive energy delivered to the grid, per tariff (OBIS 4.8.1 ff).", VARH, Kind::Counter, TARIFF, tariffs!(4)),
    family("han_operating_seconds_total", "How long the meter has been in operation (OBIS 96.8.0).", SECONDS, Kind::Counter, None, &[([0, 96, 8, 0], "")]),
    family("han_input_pulses_total", "Pulses counted at the meter's own input (OBIS 1.26.0; Kamstrup 685-382).", COUNTED, Kind::Counter, None, &[([1, 1, 26, 0], "")]),
    family("han_power_failures_total", "Power failures (OBIS 96.7.21).", COUNTED, Kind::Counter, None, &[([0, 96, 7, 21], "")]),
    family("han_long_power_failures_total", "Long power failures (OBIS 96.7.9).", COUNTED, Kind::Counter, None, &[([0, 96, 7, 9], "")]),
    family("han_voltage_sags_total", "Voltage sags, per phase (OBIS 32.32.0, 52.32.0, 72.32.0).", COUNTED, Kind::Counter, PHASE, phases!(32 52 72, 32)),
    family("han_voltage_swells_total", "Voltage swells, per phase (OBIS 32.36.0, 52.36.0, 72.36.0).", COUNTED, Kind::Counter, PHASE, phases!(32 52 72, 36)),
    family("han_gas_cubic_meters_total", "Gas drawn, as the gas meter behind this one says (OBIS 0-n:24.2.1, 24.2.3, 24.3.0).", M3, Kind::Counter, Some(CHANNEL), channels!(Medium::Gas as u8)),
    family("han_gas_reading_timestamp_seconds", "When the gas meter was read (OBIS 0-n:24.2.1, 24.2.3).", UNIX, Kind::Held, Some(CHANNEL), channels!(WHEN | Medium::Gas as u8)),
    family("han_water_cubic_meters_total", "Water drawn, as the water meter behind this one says (OBIS 0-n:24.2.1).", M3, Kind::Counter, Some(CHANNEL), channels!(Medium::Water as u8)),
    family("han_water_reading_timestamp_seconds", "When the water meter was read (OBIS 0-n:24.2.1).", UNIX, Kind::Held, Some(CHANNEL), channels!(WHEN | Medium::Water as u8)),
    family("han_warm_water_cubic_meters_total", "Warm water drawn, as its meter behind this one says (OBIS 0-n:24.2.1).", M3, Kind::Counter, Some(CHANNEL), channels!(Medium::WarmWater as u8)),
    family("han_warm_water_reading_timestamp_seconds", "When the meter of warm water was read (OBIS 0-n:24.2.1).", UNIX, Kind::Held, Some(CHANNEL), channels!(WHEN | Medium::WarmWater as u8)),
    family("han_heat_joules_total", "Heat drawn, as the heat meter says (OBIS 0-n:24.2.1; 6.8 of a heat meter itself).", JOULE, Kind::Counter, Some(CHANNEL), channels!(Medium::Heat as u8)),
    family("han_heat_reading_timestamp_seconds", "When the heat meter was read (OBIS 0-n:24.2.1).", UNIX, Kind::Held, Some(CHANNEL), channels!(WHEN | Medium::Heat as u8)),
    family("han_cooling_joules_total", "Cold drawn, as its meter behind this one says (OBIS 0-n:24.2.1).", JOULE, Kind::Counter, Some(CHANNEL), channels!(Medium::Cooling as u8)),
    family("han_cooling_reading_timestamp_seconds", "When the meter of cold was read (OBIS 0-n:24.2.1).", UNIX, Kind::Held, Some(CHANNEL), channels!(WHEN | Medium::Cooling as u8)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_keeps_the_rules_of_its_names() {
        for (index, family) in FAMILIES.iter().enumerate() {
            assert!(
                family.name.starts_with("han_") && family.help.contains("OBIS") && family.help.ends_with('.')
            );
            assert_eq!(family.name.ends_with("_total"), family.kind == Kind::Counter, "{}", family.name);
            let alone = family.members.len() == 1 && !matches!(family.kind, Kind::State(_));
            assert_eq!(family.label.is_none(), alone, "{}", family.name);
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
