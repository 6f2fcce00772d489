//! Makers by their three letters (DLMS UA, FLAG manufacturer codes).

/// Who a logical device name or system title begins with; empty if it is none of those we have met.
pub fn of_device(name: &[u8]) -> &'static str {
    let known = MAKERS.iter().find(|(letters, _)| name.starts_with(letters.as_bytes()));
    known.map_or("", |(_, maker)| maker)
}

const MAKERS: [(&str, &str); 8] = [
    ("ADN", "Aidon"),
    ("ELS", "Elster"),
    ("ISK", "Iskraemeco"),
    ("KAM", "Kamstrup"),
    ("KFM", "Kaifa"),
    ("LGZ", "Landis+Gyr"),
    ("SAG", "Sagemcom"),
    ("SGC", "Sagemcom"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_three_letters_tell() {
        assert_eq!(of_device(b"LGZ1030655933512"), "Landis+Gyr");
        assert_eq!(of_device(b"KAM\x45\x01\x02\x03\x04"), "Kamstrup");
        assert_eq!((of_device(b"XYZ1"), of_device(b"LG"), of_device(b"")), ("", "", ""));
    }
}
