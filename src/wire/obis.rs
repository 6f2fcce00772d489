//! OBIS codes: what a value is (IEC 62056-61).

use core::fmt;

/// The six groups A-B:C.D.E*F.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Obis(pub [u8; 6]);

/// Writes an OBIS code as it is printed, checked at compile time: `obis!(1-0:1.7.0)`; F is 255 unless given with `*`.
#[macro_export]
macro_rules! obis {
    ($($token:tt)+) => {
        const { $crate::wire::obis::Obis::literal(concat!($(stringify!($token)),+)) }
    };
}

/// The text is not an OBIS code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotObis;

impl Obis {
    /// Reads `A-B:C.D.E` or `A-B:C.D.E*F`, byte by byte so that the compiler can do it.
    #[expect(
        clippy::indexing_slicing,
        reason = "const code has no get(); a group is at most 5, one per mark and one more"
    )]
    pub const fn parse(text: &[u8]) -> Result<Obis, NotObis> {
        const MARKS: &[u8; 5] = b"-:..*";
        let mut groups = [0, 0, 0, 0, 0, 255];
        let mut group = 0;
        let mut digits = 0;
        let mut number: u16 = 0;
        let mut rest = text;
        while let [byte, tail @ ..] = rest {
            if byte.is_ascii_digit() && digits < 3 {
                number = number * 10 + (*byte - b'0') as u16;
                digits += 1;
            } else if group < MARKS.len() && MARKS[group] == *byte && digits > 0 && number <= 255 {
                groups[group] = number as u8;
                group += 1;
                digits = 0;
                number = 0;
            } else {
                return Err(NotObis);
            }
            rest = tail;
        }
        if group < 4 || digits == 0 || number > 255 {
            return Err(NotObis);
        }
        groups[group] = number as u8;
        Ok(Obis(groups))
    }

    /// The code of a literal; one that is wrong does not compile.
    #[expect(clippy::panic, reason = "only ever evaluated by the compiler, through obis!")]
    pub const fn literal(text: &str) -> Obis {
        match Obis::parse(text.as_bytes()) {
            Ok(obis) => obis,
            Err(NotObis) => panic!("not an OBIS code"),
        }
    }
}

impl fmt::Display for Obis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, last] = self.0;
        write!(f, "{a}-{b}:{c}.{d}.{e}*{last}")
    }
}

impl fmt::Debug for Obis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for text in ["1-0:1.7.0*255", "0-1:96.1.0*255", "1-1:0.2.129*255", "255-255:255.255.255*0"] {
            assert_eq!(Obis::parse(text.as_bytes()).unwrap().to_string(), text);
        }
        assert_eq!(obis!(1-0:1.7.0), Obis([1, 0, 1, 7, 0, 255]));
        assert_eq!(obis!(1-0:1.8.0*3), Obis([1, 0, 1, 8, 0, 3]));
    }

    #[test]
    fn refuses_what_is_none() {
        for text in [
            "",
            "1-0:1.7",
            "1-0:1.7.256",
            "1-0:1.7.0*256",
            "1-0:1.7.0*",
            "1.7.0",
            "1-0-1.7.0",
            "1-0:1.7.0.0",
            "0001-0:1.7.0",
        ] {
            assert_eq!(Obis::parse(text.as_bytes()), Err(NotObis), "{text}");
        }
    }
}
