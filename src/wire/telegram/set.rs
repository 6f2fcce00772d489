//! Data sets: a code and its values in brackets (IEC 62056-21, 6.5).
//!
//! ```text
//! [A-B:]C.D[.E][*F]  ( value [* unit] )  { ( value [* unit] ) }
//! ```
//!
//! Several may share a line. A line that begins with a bracket goes on with the set before it (DSMR 2.2 and 3.0, gas).

use super::code::code;
use super::is_line_end;
use crate::wire::decimal::Decimal;
use crate::wire::obis::Obis;

/// The sets of a telegram's data.
#[derive(Debug, Clone, Copy)]
pub struct Sets<'a> {
    rest: &'a [u8],
}

/// A code and its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Set<'a> {
    /// The code with all its groups; an omitted group has its usual value.
    pub obis: Obis,
    /// Whether groups A and B were omitted.
    pub is_reduced: bool,
    /// All its bytes.
    pub bytes: &'a [u8],
    values: &'a [u8],
    /// The content of its first brackets.
    pub first: Raw<'a>,
}

/// A number and its unit, which may be empty.
pub type Number<'a> = (Decimal, &'a [u8]);

/// Bytes up to the end of a line that are no data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed<'a>(pub &'a [u8]);

impl<'a> Sets<'a> {
    /// The sets of these bytes.
    pub fn of(data: &'a [u8]) -> Self {
        Sets { rest: skip_line_ends(data) }
    }

    /// Continues after the line that begins here.
    fn pass(&mut self, bytes: &'a [u8]) -> Malformed<'a> {
        let length = bytes.iter().position(|byte| is_line_end(*byte)).unwrap_or(bytes.len());
        let (line, rest) = bytes.split_at_checked(length).unwrap_or((bytes, &[]));
        self.rest = skip_line_ends(rest);
        Malformed(line)
    }
}

impl<'a> Iterator for Sets<'a> {
    type Item = Result<Set<'a>, Malformed<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.rest;
        if bytes.is_empty() {
            return None;
        }
        Some(match Set::read(bytes, &mut self.rest) {
            Some(set) => Ok(set),
            None => Err(self.pass(bytes)),
        })
    }
}

impl<'a> Set<'a> {
    /// Reads a set and finds out what follows it.
    fn read(bytes: &'a [u8], rest: &mut &'a [u8]) -> Option<Self> {
        let (obis, is_reduced, values) = code(bytes)?;
        let (first, mut end) = group(values)?;
        // A group of the same set may follow, on this line or on one that begins with it.
        *rest = skip_line_ends(end);
        while let [b'(', ..] = rest {
            end = group(rest)?.1;
            *rest = skip_line_ends(end);
        }
        let bytes = bytes.get(..bytes.len() - end.len())?;
        let values = values.get(..values.len() - end.len())?;
        Some(Set { obis, is_reduced, bytes, values, first })
    }

    /// The number it has; `None` if it has no value or several.
    pub fn number(&self) -> Option<Number<'a>> {
        self.single()?.number()
    }

    /// The content of each of its brackets.
    pub fn values(&self) -> impl Iterator<Item = Raw<'a>> + use<'a> {
        let mut rest = self.values;
        core::iter::from_fn(move || {
            let value;
            (value, rest) = group(skip_line_ends(rest))?;
            Some(value)
        })
    }

    /// The one value it has, if it has no other.
    pub fn single(&self) -> Option<Raw<'a>> {
        (self.values.len() == self.first.0.len() + 2).then_some(self.first)
    }
}

/// The content of one pair of brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Raw<'a>(pub &'a [u8]);

impl<'a> Raw<'a> {
    /// The text without blanks around it.
    pub const fn text(self) -> &'a [u8] {
        self.0.trim_ascii()
    }

    /// The number that it is. Iskraemeco's MT171 leaves a blank where `*` belongs.
    pub fn number(self) -> Option<Number<'a>> {
        let (number, rest) = Decimal::read(self.0.trim_ascii_start())?;
        let unit = match rest {
            [] => return Some((number, &[])),
            [b'*' | b' ', unit @ ..] => unit.trim_ascii(),
            _ => return None,
        };
        let may_be_unit = unit.first().is_none_or(u8::is_ascii_alphabetic) && !unit.contains(&b'&');
        may_be_unit.then_some((number, unit))
    }
}

/// Takes the content of the bracket that begins here.
#[inline]
fn group(bytes: &[u8]) -> Option<(Raw<'_>, &[u8])> {
    let inside = bytes.strip_prefix(b"(")?;
    let (value, rest) =
        inside.split_at_checked(inside.iter().position(|byte| matches!(byte, b'(' | b')'))?)?;
    match rest {
        [b')', rest @ ..] => Some((Raw(value), rest)),
        _ => nested(inside),
    }
}

/// Takes a value that contains brackets itself: `((ER11))`. All of them are on its line, or one was damaged.
#[cold]
fn nested(inside: &[u8]) -> Option<(Raw<'_>, &[u8])> {
    let line = inside.split(|byte| is_line_end(*byte)).next()?;
    let mut open = 0_usize;
    let end = line.iter().position(|byte| {
        match byte {
            b'(' => open += 1,
            b')' if open == 0 => return true,
            b')' => open -= 1,
            _ => {}
        }
        false
    })?;
    let (value, rest) = inside.split_at_checked(end)?;
    Some((Raw(value), rest.get(1..)?))
}

#[inline]
fn skip_line_ends(mut bytes: &[u8]) -> &[u8] {
    if let [b'\r', b'\n', rest @ ..] = bytes {
        bytes = rest;
    }
    while let [b'\r' | b'\n', rest @ ..] = bytes {
        bytes = rest;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::obis;

    /// Every set of a text: its code and the values, written out.
    fn sets(data: &str) -> Vec<(String, Vec<String>)> {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let set = |set: Result<Set<'_>, Malformed<'_>>| match set {
            Ok(set) => (set.obis.to_string(), set.values().map(|raw| text(raw.0)).collect()),
            Err(Malformed(line)) => ("malformed".into(), vec![text(line)]),
        };
        Sets::of(data.as_bytes()).map(set).collect()
    }

    fn one(data: &str) -> Set<'_> {
        Sets::of(data.as_bytes()).next().unwrap().unwrap()
    }

    #[test]
    fn codes_are_completed() {
        for (text, code) in [
            ("1-0:1.8.0", "1-0:1.8.0*255"),
            ("1-0:1.8.0*255", "1-0:1.8.0*255"),
            ("1-0:1.8.0*01", "1-0:1.8.0*1"),
            ("1-0:1.8.0&3", "1-0:1.8.0*3"),
            ("1.8.0", "1-0:1.8.0*255"),
            ("1.6*1", "1-0:1.6.0*1"),
            ("32.7", "1-0:32.7.0*255"),
            ("0.128.1", "1-0:0.128.1*255"),
            ("C.1", "0-0:96.1.0*255"),
            ("0-0:C.51.2*03", "0-0:96.51.2*3"),
            ("F.F", "0-0:97.97.0*255"),
            ("F", "0-0:97.0.0*255"),
            ("L.1", "0-0:98.1.0*255"),
            ("P.01", "0-0:99.1.0*255"),
            ("96.8.0", "0-0:96.8.0*255"),
        ] {
            let data = format!("{text}(1)");
            let set = one(&data);
            assert_eq!(
                (set.obis.to_string().as_str(), set.is_reduced),
                (code, !text.contains(':')),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_set_is_handed_over_as_it_is() {
        for text in [
            "F.F((ER11)",
            "F.F((ER11",
            "F.F((ER\r\n11))",
            "1 -3:0.2.8(40)",
            "1-0:99:97.0(2)",
            "1-0:1.8.0",
            "1-0:1.8.0(5",
            "1-0:1.8.0(5(6)",
            "256.1(1)",
            "5(1)",
            "1-0:1.8.0)5(",
            "X.1(2)",
            "1-0:1..0(1)",
            "(1)",
            "1-0:1.8.0*(1)",
            "1.2.3.4(5)",
        ] {
            let line = text.lines().next().unwrap();
            assert_eq!(sets(text)[0], ("malformed".into(), vec![line.into()]), "{text}");
            assert!(sets(text).iter().all(|(code, _)| code == "malformed"), "{text}");
        }
        let around = sets("1.8.0(1)\r\nnonsense\r\n2.8.0(2)\r\n");
        assert_eq!(
            around.iter().map(|(code, _)| code.as_str()).collect::<Vec<_>>(),
            ["1-0:1.8.0*255", "malformed", "1-0:2.8.0*255"]
        );
    }

    #[test]
    fn sets_may_share_a_line_and_go_on_in_the_next() {
        let expected =
            [("1-0:6.8.0*255", vec!["1*MWh"]), ("1-0:6.26.0*1", vec![""]), ("0-0:97.0.0*255", vec!["0"])];
        let expected =
            expected.map(|(code, values)| (code.to_string(), values.into_iter().map(String::from).collect()));
        assert_eq!(sets("6.8(1*MWh)6.26*01()F(0)\r\n"), expected);
        let gas = "0-1:24.3.0(161107190000)(00)(m3)\r\n(00001.001)\r\n0-1:24.4.0(1)\r\n";
        assert_eq!(sets(gas)[0].1, ["161107190000", "00", "m3", "00001.001"]);
        assert_eq!(one(gas).bytes.len(), gas.find("\r\n0-1:24.4").unwrap());
        assert_eq!((sets(gas).len(), one(gas).single()), (2, None));
        assert_eq!(
            sets("0-0:96.13.0(3031\r\n3233)\r\n")[0].1,
            ["3031\r\n3233"],
            "a message may be broken over lines"
        );
        assert_eq!(sets("1.8.0(1)\n\n2.8.0(2)\n\n").len(), 2);
        assert_eq!(one("1-0:1.8.0(1)").single(), Some(Raw(b"1")));
    }

    #[test]
    fn values_may_contain_brackets() {
        for (text, values) in [
            ("F.F((ER11))", &["(ER11)"][..]),
            ("1-0:0.2.0((ER11))(2)", &["(ER11)", "2"]),
            ("F.F(a(b(c))d())", &["a(b(c))d()"]),
            ("F.F(())", &["()"]),
        ] {
            assert_eq!(sets(text).len(), 1, "{text}");
            assert_eq!(sets(text)[0].1, values, "{text}");
        }
        assert_eq!(one("F.F((ER11))").single(), Some(Raw(b"(ER11)")));
        assert_eq!(sets("F.F((ER11))6.8(1*MWh)\r\n1.8.0(2)").len(), 3);
    }

    #[test]
    fn numbers_stand_before_their_units() {
        for (text, number, unit) in [
            ("001581.123*kWh", "1581.123", "kWh"),
            ("000001,5*kW", "1.5", "kW"),
            ("( 20000", "none", ""),
            (" 20000", "20000", ""),
            ("+000.8*A", "0.8", "A"),
            ("-063*A", "-63", "A"),
            ("0000000 kWh", "0", "kWh"),
            ("013925.5*", "13925.5", ""),
            ("013925.5* ", "13925.5", ""),
            ("0001", "1", ""),
            ("", "none", ""),
            ("        ", "none", ""),
            ("210222161900W", "none", ""),
            ("20240111 09:35:00", "none", ""),
            ("331200-1234567", "none", ""),
            ("088*C&082*C", "none", ""),
            ("1ESY1300000012", "none", ""),
        ] {
            let told = Raw(text.as_bytes()).number();
            let said = told.map_or(("none".into(), ""), |(number, unit)| {
                (number.to_string(), str::from_utf8(unit).unwrap())
            });
            assert_eq!(said, (number.to_string(), unit), "{text}");
        }
        assert_eq!(Raw(b"00.5* kW ").number(), Some((Decimal::new(5, -1), &b"kW"[..])));
        assert_eq!(one("1-0:1.8.0(1)").obis, obis!(1-0:1.8.0));
    }
}
