//! Exact decimal numbers: what a meter sends is an integer and a power of ten, and stays so.

use core::fmt::{self, Write};

use super::text::Text;

/// `mantissa × 10^exponent`, equal by value.
#[derive(Clone, Copy, Default)]
pub struct Decimal {
    mantissa: i64,
    exponent: i8,
}

// 2^53 and 10^22 are the largest integer and power of ten that f64 holds exactly with all below them.
const EXACT_INTEGER: u64 = 1 << 53;
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

impl Decimal {
    /// `mantissa × 10^exponent`.
    pub const fn new(mantissa: i64, exponent: i8) -> Self {
        Decimal { mantissa, exponent }
    }

    /// Reads a number as people write it, with a decimal point or comma, and returns what follows it; `None` if none
    /// begins here, or if it has more digits than fit.
    pub fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (negative, unsigned) = match bytes {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            _ => (false, bytes),
        };
        let (whole, rest) = digits(0, unsigned)?;
        let (mantissa, rest, places) = match rest {
            [b'.' | b',', rest @ ..] => {
                let (mantissa, behind) = digits(whole, rest)?;
                (mantissa, behind, rest.len() - behind.len())
            }
            _ => (whole, rest, 0),
        };
        let exponent = i8::try_from(places).ok()?;
        Some((Decimal { mantissa: if negative { -mantissa } else { mantissa }, exponent: -exponent }, rest))
    }

    /// The whole number before the power of ten.
    pub const fn mantissa(self) -> i64 {
        self.mantissa
    }

    /// The power of ten.
    pub const fn exponent(self) -> i8 {
        self.exponent
    }

    /// Moves the decimal point; `None` past ±127 digits.
    pub fn shifted(self, places: i8) -> Option<Self> {
        Some(Decimal { mantissa: self.mantissa, exponent: self.exponent.checked_add(places)? })
    }

    /// The product with a whole number; `None` if it does not fit.
    pub fn times(self, factor: i64) -> Option<Self> {
        Some(Decimal { mantissa: self.mantissa.checked_mul(factor)?, exponent: self.exponent })
    }

    /// The sum; `None` if it does not fit.
    pub fn plus(self, other: Self) -> Option<Self> {
        if self.is_zero() || other.is_zero() {
            return Some(if self.is_zero() { other } else { self });
        }
        let (one, other) = (self.normal(), other.normal());
        let exponent = one.1.min(other.1);
        let aligned = |(mantissa, from): (i64, i8)| {
            mantissa.checked_mul(10_i64.checked_pow(u32::from(from.abs_diff(exponent)))?)
        };
        Some(Decimal { mantissa: aligned(one)?.checked_add(aligned(other)?)?, exponent })
    }

    /// The whole number it is; `None` if it has decimals or does not fit.
    pub fn whole(self) -> Option<i64> {
        let (mantissa, exponent) = self.normal();
        let power = 10_i64.checked_pow(u32::try_from(exponent).ok()?)?;
        mantissa.checked_mul(power)
    }

    /// Whether the number is zero.
    pub const fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    /// The nearest f64. It divides by a power of ten: multiplying by 0.1 misses the nearest for a third of all u16.
    pub fn to_f64(self) -> f64 {
        let places = usize::from(self.exponent.unsigned_abs());
        match POWERS.get(places) {
            Some(power) if self.mantissa.unsigned_abs() <= EXACT_INTEGER && self.exponent <= 0 => {
                self.mantissa as f64 / power
            }
            _ => {
                let mut digits = Text::<32>::EMPTY;
                let fits = write!(digits, "{}e{}", self.mantissa, self.exponent);
                fits.ok().and_then(|()| digits.as_str().parse().ok()).unwrap_or(f64::NAN)
            }
        }
    }

    /// Without the zeros at its end, so that equal numbers look equal.
    fn normal(self) -> (i64, i8) {
        let (mut mantissa, mut exponent) = (self.mantissa, self.exponent);
        if mantissa == 0 {
            return (0, 0);
        }
        while mantissa % 10 == 0 && exponent < i8::MAX {
            mantissa /= 10;
            exponent += 1;
        }
        (mantissa, exponent)
    }
}

/// Appends at least one digit to a number that is not negative.
fn digits(mut number: i64, bytes: &[u8]) -> Option<(i64, &[u8])> {
    /// Up to here another digit fits.
    const ROOM: i64 = (i64::MAX - 9) / 10;
    let mut rest = bytes;
    while let Some((byte, further)) = rest.split_first() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        if number > ROOM {
            return None;
        }
        number = number * 10 + i64::from(digit);
        rest = further;
    }
    (rest.len() < bytes.len()).then_some((number, rest))
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.normal() == other.normal()
    }
}

impl Eq for Decimal {}

/// All its digits, without an exponent and without zeros at the end of the decimals.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mantissa, exponent) = self.normal();
        let (sign, digits) = (if mantissa < 0 { "-" } else { "" }, mantissa.unsigned_abs());
        let places = usize::from(exponent.unsigned_abs());
        if exponent >= 0 {
            return write!(f, "{sign}{digits}{:0<places$}", "");
        }
        // A power of ten beyond u64 exceeds every mantissa: all digits are after the point.
        let (whole, part) = match 10_u64.checked_pow(places as u32) {
            Some(one) => (digits / one, digits % one),
            None => (0, digits),
        };
        write!(f, "{sign}{whole}.{part:0places$}")
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}e{}", self.mantissa, self.exponent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_every_digit() {
        for (mantissa, exponent, text) in [
            (2305, -1, "230.5"),
            (2300, -1, "230"),
            (-7, -1, "-0.7"),
            (7, -3, "0.007"),
            (-19_679, -3, "-19.679"),
            (42, 1, "420"),
            (0, 5, "0"),
            (0, -5, "0"),
            (i64::MIN, 0, "-9223372036854775808"),
            (i64::MAX, -19, "0.9223372036854775807"),
            (1, -19, "0.0000000000000000001"),
        ] {
            assert_eq!(Decimal::new(mantissa, exponent).to_string(), text);
        }
    }

    #[test]
    fn reads_every_digit() {
        let whole = |(number, rest): (Decimal, &[u8])| rest.is_empty().then_some(number);
        let parse = |bytes: &[u8]| Decimal::read(bytes).and_then(whole);
        for (text, number) in [
            ("001581.123", Some((1_581_123, -3))),
            ("000001,5", Some((15, -1))),
            ("20000", Some((20_000, 0))),
            (" 20000", None),
            ("+000.8", Some((8, -1))),
            ("-063", Some((-63, 0))),
            ("00052185.7825309", Some((521_857_825_309, -7))),
            ("922337203685477579", Some((922_337_203_685_477_579, 0))),
            ("9223372036854775799", Some((i64::MAX - 8, 0))),
            ("9223372036854775808", None),
            ("0000000000000000000000000000001", Some((1, 0))),
            ("", None),
            ("-", None),
            (".5", None),
            ("5.", None),
            ("1.2.3", None),
            ("12a", None),
        ] {
            let expected = number.map(|(mantissa, exponent)| Decimal::new(mantissa, exponent));
            assert_eq!(parse(text.as_bytes()), expected, "{text}");
        }
        let long = [b"0.", &[b'0'; 127][..]].concat();
        assert_eq!(parse(&long).map(Decimal::exponent), Some(-127));
        assert_eq!(parse(&[&long[..], b"0"].concat()), None);
        assert_eq!(Decimal::read(b"230.1*V"), Some((Decimal::new(2301, -1), &b"*V"[..])));
    }

    #[test]
    fn is_equal_by_value() {
        assert_eq!(Decimal::new(2300, -1), Decimal::new(23, 1));
        assert_eq!(Decimal::new(0, 5), Decimal::new(0, -5));
        assert_ne!(Decimal::new(230, 0), Decimal::new(23, 0));
        assert_ne!(Decimal::new(1, 127), Decimal::new(10, 127));
    }

    #[test]
    fn becomes_the_nearest_f64() {
        for mantissa in 0..=u16::MAX {
            for exponent in [-1, -2, -3] {
                let decimal = Decimal::new(mantissa.into(), exponent);
                assert_eq!(decimal.to_f64(), decimal.to_string().parse::<f64>().unwrap());
            }
        }
        for mantissa in [i64::MAX, i64::MIN, (1 << 53) + 1, -(1 << 60) - 1] {
            for exponent in [-128, -25, -22, -3, -2, 0, 3, 30] {
                let decimal = Decimal::new(mantissa, exponent);
                assert_eq!(decimal.to_f64(), format!("{mantissa}e{exponent}").parse::<f64>().unwrap());
            }
        }
    }

    #[test]
    fn adds_exactly() {
        let sum = |(m, e): (i64, i8), (n, f): (i64, i8)| {
            Decimal::new(m, e).plus(Decimal::new(n, f)).unwrap().to_string()
        };
        assert_eq!(sum((4_544_213, -3), (33_955_412, -3)), "38499.625");
        assert_eq!(sum((1, -1), (2, -1)), "0.3", "which floating point misses");
        assert_eq!(sum((12, 3), (5, -4)), "12000.0005");
        assert_eq!(sum((7, 0), (-7, 0)), "0");
        assert_eq!(sum((0, 127), (5, -128)), Decimal::new(5, -128).to_string());
        assert_eq!(sum((5, -128), (0, 127)), Decimal::new(5, -128).to_string());
        assert_eq!(sum((i64::MAX, 0), (0, 0)), i64::MAX.to_string());
    }

    #[test]
    fn does_not_wrap() {
        assert_eq!(Decimal::new(i64::MAX, 0).times(2), None);
        assert_eq!(Decimal::new(1, 127).shifted(1), None);
        assert_eq!(Decimal::new(3, 0).times(3600), Some(Decimal::new(10_800, 0)));
        assert_eq!(Decimal::new(i64::MAX, 0).plus(Decimal::new(1, 0)), None);
        assert_eq!(Decimal::new(i64::MAX, 0).plus(Decimal::new(1, -1)), None);
        assert_eq!(Decimal::new(1, 127).plus(Decimal::new(1, -128)), None);
        assert_eq!(Decimal::new(3, 0).shifted(-2), Some(Decimal::new(3, -2)));
        assert_eq!(
            [(20, -1), (15, -1), (2, 1)].map(|(m, e)| Decimal::new(m, e).whole()),
            [Some(2), None, Some(20)]
        );
        assert_eq!(Decimal::new(1, 19).whole(), None);
        assert!(Decimal::new(0, 3).is_zero() && !Decimal::new(1, -9).is_zero());
    }
}
