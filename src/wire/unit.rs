//! Units as COSEM numbers them (Blue Book 4.3.2, table 4).

use core::fmt;

/// A unit code; one we do not know is still a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit(pub u8);

impl Unit {
    /// Second.
    pub const S: Unit = Unit(7);
    /// Degree of an angle.
    pub const DEGREE: Unit = Unit(8);
    /// Degree Celsius.
    pub const CELSIUS: Unit = Unit(9);
    /// Cubic metre.
    pub const M3: Unit = Unit(13);
    /// Cubic metre an hour.
    pub const M3_PER_HOUR: Unit = Unit(15);
    /// Joule.
    pub const J: Unit = Unit(25);
    /// Watt: active power.
    pub const W: Unit = Unit(27);
    /// Volt-ampere: apparent power.
    pub const VA: Unit = Unit(28);
    /// Var: reactive power.
    pub const VAR: Unit = Unit(29);
    /// Watt-hour: active energy.
    pub const WH: Unit = Unit(30);
    /// Volt-ampere-hour: apparent energy.
    pub const VAH: Unit = Unit(31);
    /// Var-hour: reactive energy.
    pub const VARH: Unit = Unit(32);
    /// Ampere.
    pub const A: Unit = Unit(33);
    /// Volt.
    pub const V: Unit = Unit(35);
    /// Hertz.
    pub const HZ: Unit = Unit(44);
    /// Kelvin: a difference of temperatures.
    pub const KELVIN: Unit = Unit(48);
    /// A bare number.
    pub const NONE: Unit = Unit(255);

    /// The sign people write, if the code is one we know.
    pub const fn symbol(self) -> Option<&'static str> {
        Some(match self {
            Unit::S => "s",
            Unit::DEGREE => "°",
            Unit::CELSIUS => "°C",
            Unit::M3 => "m³",
            Unit::M3_PER_HOUR => "m³/h",
            Unit::J => "J",
            Unit::W => "W",
            Unit::VA => "VA",
            Unit::VAR => "var",
            Unit::WH => "Wh",
            Unit::VAH => "VAh",
            Unit::VARH => "varh",
            Unit::A => "A",
            Unit::V => "V",
            Unit::HZ => "Hz",
            Unit::KELVIN => "K",
            Unit::NONE => "",
            _ => return None,
        })
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.symbol() {
            Some(symbol) => f.write_str(symbol),
            None => write!(f, "unit {}", self.0),
        }
    }
}
