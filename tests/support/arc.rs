//! What makes a telegram with a check whole, computed without the code that is tested.

/// CRC-16/ARC bit by bit.
pub fn arc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |register, &byte| {
        (0..8).fold(register ^ u16::from(byte), |register, _| {
            if register & 1 == 1 { (register >> 1) ^ 0xA001 } else { register >> 1 }
        })
    })
}

/// Where the `!` and the digits of the check behind it stand.
pub fn end(bytes: &[u8]) -> (usize, usize) {
    let end = bytes.iter().position(|&byte| byte == b'!').unwrap_or(bytes.len());
    let digits = bytes.iter().skip(end + 1).take_while(|byte| byte.is_ascii_hexdigit()).count();
    (end, end + 1 + digits)
}

/// Whether the check that a telegram ends with is right.
pub fn holds(bytes: &[u8]) -> bool {
    let (end, behind) = end(bytes);
    let digits = bytes.get(end + 1..behind).unwrap_or_default();
    let received = u16::from_str_radix(str::from_utf8(digits).unwrap(), 16);
    let text = bytes.get(..=end).unwrap_or(bytes);
    let start = text.iter().rposition(|&byte| byte == b'/').unwrap_or(0);
    received.is_ok_and(|received| received == arc(&text[start..]))
}

/// Writes the right check behind the `!` of a telegram.
pub fn repair(bytes: &mut [u8]) {
    let (end, behind) = end(bytes);
    let digits = format!("{:04X}", arc(bytes.get(..=end).unwrap_or(bytes)));
    if behind == end + 5 {
        bytes[end + 1..behind].copy_from_slice(digits.as_bytes());
    }
}
