//! Manufacturers by their three letters (FLAG association; DLMS UA for system titles).

/// The manufacturer of these letters; `None` if they are unknown or those of a grid operator.
pub fn manufacturer(letters: &[u8]) -> Option<&'static str> {
    let letters = <[u8; 3]>::try_from(letters).ok()?.map(|letter| letter.to_ascii_uppercase());
    let known = |(flag, _): &&(&str, &str)| flag.as_bytes() == letters;
    MANUFACTURERS.iter().find(known).map(|&(_, name)| name)
}

/// Letters and names, in the order of the letters.
#[rustfmt::skip]
pub static MANUFACTURERS: &[(&str, &str)] = &[
    ("ACE", "Itron"),
    ("ADN", "Aidon"),
    ("APA", "Apator"),
    ("DNT", "Dr. Neuhaus"),
    ("DZG", "DZG"),
    ("EBZ", "eBZ"),
    ("EFR", "EFR"),
    ("EGM", "Elgama"),
    ("ELS", "Elster"),
    ("EMH", "EMH"),
    ("ESY", "EasyMeter"),
    ("HAG", "Hager"),
    ("HLY", "Holley"),
    ("ISK", "Iskraemeco"),
    ("ITR", "Itron"),
    ("KAM", "Kamstrup"),
    ("KFM", "Kaifa"),
    ("LGF", "Landis+Gyr"),
    ("LGZ", "Landis+Gyr"),
    ("LOG", "Logarex"),
    ("LUG", "Landis+Gyr"),
    ("NES", "NES"),
    ("SAG", "Sagemcom"),
    ("SGC", "Sagemcom"),
    ("SIE", "Siemens"),
    ("XMX", "Xemex"),
    ("ZPA", "ZPA"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_manufacturers_by_three_letters() {
        assert_eq!(manufacturer(b"KAM"), Some("Kamstrup"));
        assert_eq!(
            manufacturer(b"ISk"),
            Some("Iskraemeco"),
            "the small letter only announces a fast response"
        );
        assert_eq!((manufacturer(b"FLU"), manufacturer(b""), manufacturer(b"KA")), (None, None, None));
        assert!(MANUFACTURERS.is_sorted(), "{MANUFACTURERS:?}");
    }
}
