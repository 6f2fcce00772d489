//! A reader that cannot read past the end and a writer that cannot write past it.

/// The bytes ended before the value did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Truncated;

/// What is left to read of a slice.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Starts at the first byte.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Reader { rest: bytes }
    }

    /// Takes one byte.
    #[inline]
    pub fn u8(&mut self) -> Result<u8, Truncated> {
        let (&first, rest) = self.rest.split_first().ok_or(Truncated)?;
        self.rest = rest;
        Ok(first)
    }

    /// Takes `N` bytes by value.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Truncated> {
        let (&array, rest) = self.rest.split_first_chunk().ok_or(Truncated)?;
        self.rest = rest;
        Ok(array)
    }

    /// Takes `count` bytes by reference.
    #[inline]
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Truncated> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    /// Takes a big-endian number of two bytes.
    #[inline]
    pub fn u16(&mut self) -> Result<u16, Truncated> {
        self.array().map(u16::from_be_bytes)
    }

    /// Takes a big-endian number of four bytes.
    #[inline]
    pub fn u32(&mut self) -> Result<u32, Truncated> {
        self.array().map(u32::from_be_bytes)
    }

    /// Takes a length as BER writes it: one byte below 128, else 81 xx or 82 xx xx (Green Book 9.2, A-XDR length).
    #[inline]
    pub fn length(&mut self) -> Result<usize, Truncated> {
        let first = self.u8()?;
        if first < 0x80 {
            return Ok(usize::from(first));
        }
        match first {
            0x81 => self.u8().map(usize::from),
            0x82 => self.u16().map(usize::from),
            // Three bytes and more would be longer than any frame: the content cannot be there.
            _ => Err(Truncated),
        }
    }

    /// Takes a length and as many bytes.
    #[inline]
    pub fn counted(&mut self) -> Result<&'a [u8], Truncated> {
        let length = self.length()?;
        self.take(length)
    }

    /// What was taken since this was the rest.
    pub fn taken(&self, since: &'a [u8]) -> &'a [u8] {
        since.get(..since.len() - self.rest.len()).unwrap_or_default()
    }

    /// What has not been taken yet.
    #[inline]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

/// The buffer was too small for what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overflow;

/// Writes into a slice; an overflow is remembered and reported once, by [`Writer::finish`].
#[derive(Debug)]
pub struct Writer<'a> {
    buffer: &'a mut [u8],
    position: usize,
    overflow: bool,
}

impl<'a> Writer<'a> {
    /// Starts at the front of `buffer`.
    pub fn new(buffer: &'a mut [u8]) -> Self {
        Writer { buffer, position: 0, overflow: false }
    }

    /// Appends bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        match self.buffer.get_mut(self.position..self.position + bytes.len()) {
            Some(room) => {
                room.copy_from_slice(bytes);
                self.position += bytes.len();
            }
            None => self.overflow = true,
        }
    }

    /// Appends one byte.
    pub fn u8(&mut self, byte: u8) {
        self.bytes(&[byte]);
    }

    /// Appends a big-endian number of two bytes.
    pub fn u16(&mut self, number: u16) {
        self.bytes(&number.to_be_bytes());
    }

    /// Appends a big-endian number of four bytes.
    pub fn u32(&mut self, number: u32) {
        self.bytes(&number.to_be_bytes());
    }

    /// Appends a length in its shortest BER form.
    pub fn length(&mut self, length: usize) {
        match (u8::try_from(length), u16::try_from(length)) {
            (Ok(short), _) if short < 0x80 => self.u8(short),
            (Ok(one), _) => self.bytes(&[0x81, one]),
            (_, Ok(two)) => {
                self.u8(0x82);
                self.u16(two);
            }
            _ => self.overflow = true,
        }
    }

    /// Appends a length and as many bytes.
    pub fn counted(&mut self, bytes: &[u8]) {
        self.length(bytes.len());
        self.bytes(bytes);
    }

    /// What has been written so far.
    pub fn written(&self) -> &[u8] {
        self.buffer.get(..self.position).unwrap_or_default()
    }

    /// The number of bytes written, if all of them fitted.
    pub fn finish(self) -> Result<usize, Overflow> {
        if self.overflow { Err(Overflow) } else { Ok(self.position) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_round_trip_in_every_form() {
        for length in [0, 1, 127, 128, 255, 256, 2047, 65_535] {
            let mut buffer = [0; 3];
            let mut writer = Writer::new(&mut buffer);
            writer.length(length);
            let written = writer.finish().unwrap();
            let mut reader = Reader::new(&buffer[..written]);
            assert_eq!(reader.length(), Ok(length));
            assert!(reader.rest().is_empty());
            assert_eq!(Reader::new(&buffer[..written - 1]).length(), Err(Truncated), "{length} cut short");
        }
        assert_eq!(Reader::new(&[0x83, 0, 0, 1]).length(), Err(Truncated));
        assert_eq!(Reader::new(&[0x80]).length(), Err(Truncated));
    }

    #[test]
    fn a_reader_stops_at_the_end() {
        let mut reader = Reader::new(&[1, 2, 3]);
        assert_eq!(reader.u16(), Ok(0x0102));
        assert_eq!(reader.u16(), Err(Truncated));
        assert_eq!(reader.take(1), Ok(&[3][..]));
        assert_eq!(reader.u8(), Err(Truncated));
        assert_eq!(reader.take(0), Ok(&[][..]));
    }

    #[test]
    fn an_overflow_is_not_forgotten() {
        let mut buffer = [0; 4];
        let mut writer = Writer::new(&mut buffer);
        writer.u32(7);
        writer.u8(1);
        assert_eq!(writer.written(), [0, 0, 0, 7]);
        assert_eq!(writer.finish(), Err(Overflow));

        let mut writer = Writer::new(&mut buffer);
        writer.length(65_536);
        assert_eq!(writer.finish(), Err(Overflow));
    }
}
