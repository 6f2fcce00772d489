//! What makes a telegram with a check whole, computed without the code that is tested.

/// CRC-16/ARC bit by bit.
pub fn arc(octets: &[u8]) -> u16 {
    octets.iter().fold(0, |register, &octet| {
        (0..8).fold(register ^ u16::from(octet), |register, _| {
            if register & 1 == 1 { (register >> 1) ^ 0xA001 } else { register >> 1 }
        })
    })
}

/// Where the `!` and the digits of the check behind it stand.
pub fn end(octets: &[u8]) -> (usize, usize) {
    let end = octets.iter().position(|&octet| octet == b'!').unwrap_or(octets.len());
    let digits = octets.iter().skip(end + 1).take_while(|octet| octet.is_ascii_hexdigit()).count();
    (end, end + 1 + digits)
}

/// Whether the check that a telegram ends with is right.
pub fn holds(octets: &[u8]) -> bool {
    let (end, behind) = end(octets);
    let digits = octets.get(end + 1..behind).unwrap_or_default();
    let received = u16::from_str_radix(str::from_utf8(digits).unwrap(), 16);
    let text = octets.get(..=end).unwrap_or(octets);
    let start = text.iter().rposition(|&octet| octet == b'/').unwrap_or(0);
    received.is_ok_and(|received| received == arc(&text[start..]))
}

/// Writes the right check behind the `!` of a telegram.
pub fn repair(octets: &mut [u8]) {
    let (end, behind) = end(octets);
    let digits = format!("{:04X}", arc(octets.get(..=end).unwrap_or(octets)));
    if behind == end + 5 {
        octets[end + 1..behind].copy_from_slice(digits.as_bytes());
    }
}
