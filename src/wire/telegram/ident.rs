//! The line of identification: who made the meter, how fast it would like to speak, of which type it is.

/// `FFF Z [\W] id` (IEC 62056-21, 6.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ident<'a> {
    /// Three letters of the manufacturer (FLAG association); a small third one announces a fast response.
    pub flag: &'a [u8],
    /// The character of the speed; a meter that pushes means nothing by it.
    pub speed: u8,
    /// Characters after a backslash each; `2` announces mode E, which is HDLC.
    pub enhanced: &'a [u8],
    /// The type, in characters of the manufacturer's choice.
    pub id: &'a [u8],
}

impl<'a> Ident<'a> {
    /// Takes apart what is between `/` and the end of the line.
    pub fn of(line: &'a [u8]) -> Self {
        let (flag, rest) = line.split_at_checked(3).unwrap_or((line, &[]));
        let (&speed, rest) = rest.split_first().unwrap_or((&0, &[]));
        let pairs = rest.chunks_exact(2).take_while(|pair| pair.starts_with(b"\\")).count();
        let (enhanced, id) = rest.split_at_checked(2 * pairs).unwrap_or((&[], rest));
        Ident { flag, speed, enhanced, id }
    }

    /// The type without what does not belong to it.
    pub fn model(&self) -> &'a [u8] {
        // Some firmware sends the digit of "\2" as the control character of that number.
        match self.id {
            [0x01..=0x09, model @ ..] => model,
            model => model,
        }
    }

    /// Whether the line begins so after its slash.
    pub fn starts_with(&self, start: &str) -> bool {
        let characters = self.flag.iter().chain([&self.speed]).chain(self.enhanced).chain(self.id);
        let mut characters = characters.copied();
        start.bytes().all(|expected| characters.next() == Some(expected))
    }
}
