//! What is published: one table of metric families, each with its name, unit and codes.
//!
//! The exposition, the page, `decode` and the table of metrics in the documentation all read it: a register is added by
//! one line in [`FAMILIES`].

use crate::obis;
use crate::wire::obis::Obis;
use crate::wire::unit::Unit;

/// A metric family and the registers that are its series.
pub struct Family {
    /// The metric's name.
    pub name: &'static str,
    /// Its help text, with the OBIS codes that it comes from.
    pub help: &'static str,
    /// What is measured, and in which unit it is published.
    pub quantity: Quantity,
    /// How its values change.
    pub kind: Kind,
    /// The label that distinguishes the members or the states.
    pub label: Option<&'static str>,
    /// Each code and its label value.
    pub members: &'static [(Code, &'static str)],
}

/// What a series shows: the value under an OBIS code, or something about that value.
///
/// Group B is 0 and F is 255. A connected meter sends codes of its channel that do not contain its medium (0-2:24.2.1).
/// Here it is known by medium and channel: gas on channel 2 is 7-2:0.0.0, and 0 is the channel of a meter that is read
/// itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// The OBIS code.
    pub obis: Obis,
    /// What of it is shown.
    pub part: Part,
}

/// What a series shows of an OBIS code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The value.
    Value,
    /// When the value was taken.
    Time,
    /// The value of the previous billing period.
    Previous,
    /// The value in finer steps than the meter sends under the code itself.
    Finer,
}

impl Code {
    /// The value under a code.
    pub const fn value(obis: Obis) -> Self {
        Code { obis, part: Part::Value }
    }

    /// The value of the meter on a channel.
    pub const fn channel(medium: Medium, channel: u8) -> Self {
        Code::value(Obis([medium as u8, channel, 0, 0, 0, 255]))
    }

    /// Another part of the same code.
    pub const fn part(self, part: Part) -> Self {
        Code { part, ..self }
    }

    /// A number that is equal for equal codes, because the compiler cannot compare arrays.
    pub(super) const fn key(self) -> u64 {
        let Obis([a, b, c, d, e, f]) = self.obis;
        u64::from_le_bytes([a, b, c, d, e, f, self.part as u8, 0])
    }
}

/// The media of connected meters, as group A of a code numbers them (IEC 62056-61).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    /// Energy drawn by cooling, in joules.
    Cooling = 5,
    /// Heat energy, in joules.
    Heat = 6,
    /// Gas, in cubic metres.
    Gas = 7,
    /// Cold water or water of unknown temperature, in cubic metres.
    Water = 8,
    /// Warm water, in cubic metres.
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

/// How the values of a metric change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An instantaneous value.
    Gauge,
    /// A value that stays for a billing period: it ages like a counter.
    Held,
    /// A counter.
    Counter,
    /// One of these states, by its number; the present one is published as 1 under its name.
    State(&'static [&'static str]),
}

/// What a number measures: each quantity has one unit in which values are kept and one in which they are published.
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
    /// A bare number of at most 1.
    Ratio,
    /// Degrees.
    Angle,
    /// Hz.
    Frequency,
    /// Wh, published in J.
    ActiveEnergy,
    /// varh, published in var s.
    ReactiveEnergy,
    /// A count, or the number of a state.
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
    /// Number of quantities.
    pub(super) const COUNT: usize = 15;

    /// The unit in which meters send it.
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

    /// Published units in one unit of the meter: 3600 J are 1 Wh.
    pub const fn factor(self) -> i64 {
        match self {
            Quantity::ActiveEnergy | Quantity::ReactiveEnergy => 3600,
            _ => 1,
        }
    }
}

use Quantity::{
    ActiveEnergy as WH, ActivePower as W, Angle as DEGREE, ApparentPower as VA, Count as COUNTED,
    Current as A, Duration as SECONDS, Frequency as HZ, Heat as JOULE, Ratio as RATIO,
    ReactiveEnergy as VARH, ReactivePower as VAR, Timestamp as UNIX, Voltage as V, Volume as M3,
};

const PHASE: Option<&str> = Some("phase");
const TARIFF: Option<&str> = Some("tariff");

/// The label of connected meters.
const CHANNEL: &str = "channel";

/// Numbered as in DSMR (P1 companion standard, 0-0:96.3.10).
const BREAKER: Kind = Kind::State(&["disconnected", "connected", "ready_for_reconnection"]);
const TARIFFS: Kind = Kind::State(&["0", "1", "2", "3", "4", "5", "6", "7", "8"]);

const fn family(
    name: &'static str,
    help: &'static str,
    quantity: Quantity,
    kind: Kind,
    label: Option<&'static str>,
    members: &'static [(Code, &'static str)],
) -> Family {
    Family { name, help, quantity, kind, label, members }
}

const fn electricity(c: u8, d: u8, e: u8) -> Code {
    Code::value(Obis([1, 0, c, d, e, 255]))
}

macro_rules! phases {
    ($l1:literal $l2:literal $l3:literal, $d:literal) => {
        &[(electricity($l1, $d, 0), "L1"), (electricity($l2, $d, 0), "L2"), (electricity($l3, $d, 0), "L3")]
    };
}

macro_rules! tariffs {
    ($c:literal) => {
        &[
            (electricity($c, 8, 1), "1"),
            (electricity($c, 8, 2), "2"),
            (electricity($c, 8, 3), "3"),
            (electricity($c, 8, 4), "4"),
            (electricity($c, 8, 5), "5"),
            (electricity($c, 8, 6), "6"),
            (electricity($c, 8, 7), "7"),
            (electricity($c, 8, 8), "8"),
        ]
    };
}

macro_rules! channels {
    ($medium:ident, $part:ident) => {
        &[
            (Code::channel(Medium::$medium, 0).part(Part::$part), "0"),
            (Code::channel(Medium::$medium, 1).part(Part::$part), "1"),
            (Code::channel(Medium::$medium, 2).part(Part::$part), "2"),
            (Code::channel(Medium::$medium, 3).part(Part::$part), "3"),
            (Code::channel(Medium::$medium, 4).part(Part::$part), "4"),
        ]
    };
}

macro_rules! value {
    ($obis:expr) => {
        &[(Code::value($obis), "")]
    };
}

/// Every family of readings, in the order in which they are shown.
#[rustfmt::skip]
pub static FAMILIES: &[Family] = &[
    family("han_active_power_import_watts", "Active power imported from the grid, all phases; the sum of the phases if the meter sends only these (OBIS 1.7.0).", W, Kind::Gauge, None, value!(obis!(1-0:1.7.0))),
    family("han_active_power_export_watts", "Active power exported to the grid, all phases; the sum of the phases if the meter sends only these (OBIS 2.7.0).", W, Kind::Gauge, None, value!(obis!(1-0:2.7.0))),
    family("han_reactive_power_import_vars", "Reactive power imported from the grid, all phases; the sum of the phases if the meter sends only these (OBIS 3.7.0).", VAR, Kind::Gauge, None, value!(obis!(1-0:3.7.0))),
    family("han_reactive_power_export_vars", "Reactive power exported to the grid, all phases; the sum of the phases if the meter sends only these (OBIS 4.7.0).", VAR, Kind::Gauge, None, value!(obis!(1-0:4.7.0))),
    family("han_apparent_power_import_voltamperes", "Apparent power imported from the grid, all phases (OBIS 9.7.0).", VA, Kind::Gauge, None, value!(obis!(1-0:9.7.0))),
    family("han_apparent_power_export_voltamperes", "Apparent power exported to the grid, all phases (OBIS 10.7.0).", VA, Kind::Gauge, None, value!(obis!(1-0:10.7.0))),
    family("han_phase_active_power_import_watts", "Active power imported from the grid, per phase (OBIS 21.7.0, 41.7.0, 61.7.0).", W, Kind::Gauge, PHASE, phases!(21 41 61, 7)),
    family("han_phase_active_power_export_watts", "Active power exported to the grid, per phase (OBIS 22.7.0, 42.7.0, 62.7.0).", W, Kind::Gauge, PHASE, phases!(22 42 62, 7)),
    family("han_phase_reactive_power_import_vars", "Reactive power imported from the grid, per phase (OBIS 23.7.0, 43.7.0, 63.7.0).", VAR, Kind::Gauge, PHASE, phases!(23 43 63, 7)),
    family("han_phase_reactive_power_export_vars", "Reactive power exported to the grid, per phase (OBIS 24.7.0, 44.7.0, 64.7.0).", VAR, Kind::Gauge, PHASE, phases!(24 44 64, 7)),
    family("han_voltage_volts", "RMS voltage; between two phases on a three-wire meter (OBIS 32.7.0, 52.7.0, 72.7.0).", V, Kind::Gauge, PHASE, phases!(32 52 72, 7)),
    family("han_current_amperes", "RMS current (OBIS 31.7.0, 51.7.0, 71.7.0; neutral 91.7.0).", A, Kind::Gauge, PHASE, &[(electricity(31, 7, 0), "L1"), (electricity(51, 7, 0), "L2"), (electricity(71, 7, 0), "L3"), (electricity(91, 7, 0), "N")]),
    family("han_power_factor_ratio", "Power factor, all phases (OBIS 13.7.0).", RATIO, Kind::Gauge, None, value!(obis!(1-0:13.7.0))),
    family("han_phase_power_factor_ratio", "Power factor, per phase (OBIS 33.7.0, 53.7.0, 73.7.0).", RATIO, Kind::Gauge, PHASE, phases!(33 53 73, 7)),
    family("han_phase_angle_degrees", "Angle between voltage and current, per phase (OBIS 81.7.40, 81.7.51, 81.7.62).", DEGREE, Kind::Gauge, PHASE, &[(electricity(81, 7, 40), "L1"), (electricity(81, 7, 51), "L2"), (electricity(81, 7, 62), "L3")]),
    family("han_frequency_hertz", "Frequency of the grid (OBIS 14.7.0).", HZ, Kind::Gauge, None, value!(obis!(1-0:14.7.0))),
    family("han_power_demand_max_watts", "Highest demand of the billing period, as reported by the meter (OBIS 1.6.0).", W, Kind::Held, None, value!(obis!(1-0:1.6.0))),
    family("han_power_demand_max_previous_watts", "Highest demand of the previous billing period, as reported by the meter (OBIS 1.6.0 with storage number 1; Kamstrup 685-382).", W, Kind::Held, None, &[(electricity(1, 6, 0).part(Part::Previous), "")]),
    family("han_power_demand_max_timestamp_seconds", "Time of the highest demand of the billing period (OBIS 1.6.0, attribute 5).", UNIX, Kind::Held, None, &[(electricity(1, 6, 0).part(Part::Time), "")]),
    family("han_tariff_active", "Active tariff: 1 under its number (OBIS 96.14.0).", COUNTED, TARIFFS, TARIFF, value!(obis!(0-0:96.14.0))),
    family("han_breaker_state", "State of the breaker: 1 under its name (OBIS 96.3.10).", COUNTED, BREAKER, Some("state"), value!(obis!(0-0:96.3.10))),
    family("han_active_energy_import_joules_total", "Active energy imported from the grid; the sum of the tariffs if the meter sends only these; 3600000 J are 1 kWh (OBIS 1.8.0).", WH, Kind::Counter, None, value!(obis!(1-0:1.8.0))),
    family("han_active_energy_import_fine_joules_total", "Active energy imported from the grid in finer steps, if the meter has a second register of it; 3600000 J are 1 kWh (OBIS 1.8.0; Kamstrup 685-382).", WH, Kind::Counter, None, &[(electricity(1, 8, 0).part(Part::Finer), "")]),
    family("han_active_energy_export_joules_total", "Active energy exported to the grid; the sum of the tariffs if the meter sends only these; 3600000 J are 1 kWh (OBIS 2.8.0).", WH, Kind::Counter, None, value!(obis!(1-0:2.8.0))),
    family("han_reactive_energy_import_var_seconds_total", "Reactive energy imported from the grid; the sum of the tariffs if the meter sends only these; 3600000 var s are 1 kvarh (OBIS 3.8.0).", VARH, Kind::Counter, None, value!(obis!(1-0:3.8.0))),
    family("han_reactive_energy_export_var_seconds_total", "Reactive energy exported to the grid; the sum of the tariffs if the meter sends only these; 3600000 var s are 1 kvarh (OBIS 4.8.0).", VARH, Kind::Counter, None, value!(obis!(1-0:4.8.0))),
    family("han_quadrant_reactive_energy_var_seconds_total", "Reactive energy per quadrant; 3600000 var s are 1 kvarh (OBIS 5.8.0, 6.8.0, 7.8.0, 8.8.0).", VARH, Kind::Counter, Some("quadrant"), &[(electricity(5, 8, 0), "1"), (electricity(6, 8, 0), "2"), (electricity(7, 8, 0), "3"), (electricity(8, 8, 0), "4")]),
    family("han_phase_active_energy_import_joules_total", "Active energy imported from the grid, per phase (OBIS 21.8.0, 41.8.0, 61.8.0).", WH, Kind::Counter, PHASE, phases!(21 41 61, 8)),
    family("han_phase_active_energy_export_joules_total", "Active energy exported to the grid, per phase (OBIS 22.8.0, 42.8.0, 62.8.0).", WH, Kind::Counter, PHASE, phases!(22 42 62, 8)),
    family("han_tariff_active_energy_import_joules_total", "Active energy imported from the grid, per tariff (OBIS 1.8.1 ff).", WH, Kind::Counter, TARIFF, tariffs!(1)),
    family("han_tariff_active_energy_export_joules_total", "Active energy exported to the grid, per tariff (OBIS 2.8.1 ff).", WH, Kind::Counter, TARIFF, tariffs!(2)),
    family("han_tariff_reactive_energy_import_var_seconds_total", "Reactive energy imported from the grid, per tariff (OBIS 3.8.1 ff).", VARH, Kind::Counter, TARIFF, tariffs!(3)),
    family("han_tariff_reactive_energy_export_var_seconds_total", "Reactive energy exported to the grid, per tariff (OBIS 4.8.1 ff).", VARH, Kind::Counter, TARIFF, tariffs!(4)),
    family("han_operating_seconds_total", "Operating time of the meter (OBIS 96.8.0).", SECONDS, Kind::Counter, None, value!(obis!(0-0:96.8.0))),
    family("han_input_pulses_total", "Pulses counted at the input of the meter (OBIS 1.26.0; Kamstrup 685-382).", COUNTED, Kind::Counter, None, value!(obis!(1-0:1.26.0))),
    family("han_power_failures_total", "Power failures (OBIS 96.7.21).", COUNTED, Kind::Counter, None, value!(obis!(0-0:96.7.21))),
    family("han_long_power_failures_total", "Long power failures (OBIS 96.7.9).", COUNTED, Kind::Counter, None, value!(obis!(0-0:96.7.9))),
    family("han_voltage_sags_total", "Voltage sags, per phase (OBIS 32.32.0, 52.32.0, 72.32.0).", COUNTED, Kind::Counter, PHASE, phases!(32 52 72, 32)),
    family("han_voltage_swells_total", "Voltage swells, per phase (OBIS 32.36.0, 52.36.0, 72.36.0).", COUNTED, Kind::Counter, PHASE, phases!(32 52 72, 36)),
    family("han_gas_cubic_meters_total", "Gas volume, as reported by the connected gas meter (OBIS 0-n:24.2.1, 24.2.3, 24.3.0).", M3, Kind::Counter, Some(CHANNEL), channels!(Gas, Value)),
    family("han_gas_reading_timestamp_seconds", "Time of the gas reading (OBIS 0-n:24.2.1, 24.2.3).", UNIX, Kind::Held, Some(CHANNEL), channels!(Gas, Time)),
    family("han_water_cubic_meters_total", "Water volume, as reported by the connected water meter (OBIS 0-n:24.2.1).", M3, Kind::Counter, Some(CHANNEL), channels!(Water, Value)),
    family("han_water_reading_timestamp_seconds", "Time of the water reading (OBIS 0-n:24.2.1).", UNIX, Kind::Held, Some(CHANNEL), channels!(Water, Time)),
    family("han_warm_water_cubic_meters_total", "Warm water volume, as reported by the connected warm water meter (OBIS 0-n:24.2.1).", M3, Kind::Counter, Some(CHANNEL), channels!(WarmWater, Value)),
    family("han_warm_water_reading_timestamp_seconds", "Time of the warm water reading (OBIS 0-n:24.2.1).", UNIX, Kind::Held, Some(CHANNEL), channels!(WarmWater, Time)),
    family("han_heat_joules_total", "Heat energy, as reported by the heat meter (OBIS 0-n:24.2.1; 6.8 of a heat meter that is read itself).", JOULE, Kind::Counter, Some(CHANNEL), channels!(Heat, Value)),
    family("han_heat_reading_timestamp_seconds", "Time of the heat reading (OBIS 0-n:24.2.1).", UNIX, Kind::Held, Some(CHANNEL), channels!(Heat, Time)),
    family("han_cooling_joules_total", "Cooling energy, as reported by the connected cooling meter (OBIS 0-n:24.2.1).", JOULE, Kind::Counter, Some(CHANNEL), channels!(Cooling, Value)),
    family("han_cooling_reading_timestamp_seconds", "Time of the cooling reading (OBIS 0-n:24.2.1).", UNIX, Kind::Held, Some(CHANNEL), channels!(Cooling, Time)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_help_texts_follow_the_rules() {
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
