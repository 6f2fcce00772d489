//! Units as COSEM numbers them (Blue Book 4.3.2, table 4).

use core::fmt;

/// A unit code; one we do not know is still a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit(pub u8);

impl Unit {
    /// Hour.
    pub const HOUR: Unit = Unit(5);
    /// Minute.
    pub const MINUTE: Unit = Unit(6);
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
    /// Any that is not in the table.
    pub const OTHER: Unit = Unit(254);
    /// A bare number.
    pub const NONE: Unit = Unit(255);

    /// The sign people write, if the code is one we know.
    pub const fn symbol(self) -> Option<&'static str> {
        Some(match self {
            Unit::HOUR => "h",
            Unit::MINUTE => "min",
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

    /// The unit of this spelling in an ASCII telegram, and the power of ten of its prefix.
    pub fn spelled(text: &[u8]) -> Option<(Unit, i8)> {
        let (prefix, text) = match text {
            // No unit begins with this letter.
            [prefix @ (b'k' | b'K'), text @ ..] => (prefix, text),
            _ => match Unit::without_prefix(text) {
                Some(unit) => return Some((unit, 0)),
                None => text.split_first()?,
            },
        };
        let exponent = match prefix {
            b'k' | b'K' => 3,
            b'M' => 6,
            b'G' => 9,
            b'm' => -3,
            b'd' if text == b"m3" => return Some((Unit::M3, -3)),
            _ => return None,
        };
        // A prefix of a cubic metre would be cubed with it.
        let unit =
            Unit::without_prefix(text).filter(|&unit| unit != Unit::M3 && unit != Unit::M3_PER_HOUR)?;
        Some((unit, exponent))
    }

    /// Manufacturers differ in upper and lower case.
    fn without_prefix(text: &[u8]) -> Option<Unit> {
        Some(match text {
            b"W" | b"w" => Unit::W,
            b"V" | b"v" => Unit::V,
            b"A" | b"a" => Unit::A,
            b"Wh" | b"wh" | b"WH" => Unit::WH,
            b"var" | b"VAr" | b"Var" | b"VAR" => Unit::VAR,
            b"varh" | b"VArh" | b"Varh" | b"VARh" | b"VARH" => Unit::VARH,
            b"VA" | b"va" => Unit::VA,
            b"VAh" | b"VAH" => Unit::VAH,
            b"Hz" | b"HZ" | b"hz" => Unit::HZ,
            b"m3" | b"M3" => Unit::M3,
            b"m3ph" | b"m3/h" => Unit::M3_PER_HOUR,
            b"J" => Unit::J,
            b"h" => Unit::HOUR,
            b"min" => Unit::MINUTE,
            b"s" | b"sec" | b"secs" => Unit::S,
            b"C" => Unit::CELSIUS,
            b"deg" | b"Deg" | b"DEG" => Unit::DEGREE,
            _ => return None,
        })
    }

    /// How many of another unit are one of this one, where both count the same.
    pub const fn in_units_of(self, other: Unit) -> Option<i64> {
        match (self, other) {
            (Unit(one), Unit(same)) if one == same => Some(1),
            (Unit::HOUR, Unit::S) | (Unit::WH, Unit::J) => Some(3600),
            (Unit::MINUTE, Unit::S) => Some(60),
            _ => None,
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_known_by_their_spelling() {
        for (text, unit, exponent) in [
            ("kWh", Unit::WH, 3),
            ("MWh", Unit::WH, 6),
            ("Wh", Unit::WH, 0),
            ("kW", Unit::W, 3),
            ("kvar", Unit::VAR, 3),
            ("kVAr", Unit::VAR, 3),
            ("varh", Unit::VARH, 0),
            ("kVArh", Unit::VARH, 3),
            ("kVarh", Unit::VARH, 3),
            ("kVA", Unit::VA, 3),
            ("kVAh", Unit::VAH, 3),
            ("V", Unit::V, 0),
            ("kV", Unit::V, 3),
            ("mV", Unit::V, -3),
            ("kA", Unit::A, 3),
            ("mA", Unit::A, -3),
            ("kHz", Unit::HZ, 3),
            ("m3", Unit::M3, 0),
            ("dm3", Unit::M3, -3),
            ("m3ph", Unit::M3_PER_HOUR, 0),
            ("GJ", Unit::J, 9),
            ("MJ", Unit::J, 6),
            ("h", Unit::HOUR, 0),
            ("min", Unit::MINUTE, 0),
            ("secs", Unit::S, 0),
            ("C", Unit::CELSIUS, 0),
        ] {
            assert_eq!(Unit::spelled(text.as_bytes()), Some((unit, exponent)), "{text}");
        }
        for text in ["", "k", "x", "kXh", "km3", "kWhh", "uV"] {
            assert_eq!(Unit::spelled(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn what_counts_the_same_is_converted() {
        assert_eq!(Unit::MINUTE.in_units_of(Unit::S), Some(60));
        assert_eq!(Unit::WH.in_units_of(Unit::J), Some(3600));
        assert_eq!(Unit::HOUR.in_units_of(Unit::S), Some(3600));
        assert_eq!(Unit::VARH.in_units_of(Unit::VARH), Some(1));
        assert_eq!(Unit::WH.in_units_of(Unit::VARH), None);
    }
}
