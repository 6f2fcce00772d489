//! Two columns: bytes on the left, their meaning on the right.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write;

use super::cursor::Reader;
use crate::hex;

/// Bytes of a row; an OBIS code with its tag and length fills one.
const ROW: usize = 8;
const WIDTH: usize = ROW * 3 - 1;
/// Columns of a line of text; one of a telegram with a value fits.
const LINE: usize = 40;
/// Deeper sequences than any list has are not moved further to the right.
const MAX_INDENT: usize = 8;

/// A page in the making.
#[derive(Default)]
pub(crate) struct Page {
    text: String,
    /// Bytes explained so far.
    pub shown: usize,
    /// How far the meanings are indented.
    pub indent: usize,
}

impl Page {
    /// A line over the whole width.
    pub fn sentence(&mut self, sentence: &str) {
        self.text.push_str(sentence);
        self.text.push('\n');
    }

    /// An empty line.
    pub fn gap(&mut self) {
        self.text.push('\n');
    }

    /// A field: its bytes in rows, its meaning beside the first.
    pub fn field(&mut self, bytes: &[u8], meaning: &str) {
        let mut rows = bytes.chunks(ROW).map(hex::digits);
        self.shown += bytes.len();
        self.row(&rows.next().unwrap_or_default(), meaning);
        rows.for_each(|row| self.sentence(&row));
    }

    /// Lines of text: themselves, and their meaning beside the first. One that is too long has it below.
    pub fn line(&mut self, bytes: &[u8], meaning: &str) {
        self.shown += bytes.len();
        let lines = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).filter(|line| !line.is_empty());
        let mut lines = lines.map(shown);
        let first = lines.next().unwrap_or_default();
        let (beside, below) = if first.len() <= LINE { (meaning, "") } else { ("", meaning) };
        self.sentence(format!("{first:LINE$}  {beside}").trim_end());
        lines.for_each(|line| self.sentence(&line));
        if !below.is_empty() {
            self.sentence(&format!("{:LINE$}  {below}", ""));
        }
    }

    /// Several fields on a line; the bytes come as they are to be written.
    pub fn fields(&mut self, bytes: &[&[u8]], meaning: &str) {
        self.shown += bytes.iter().map(|field| field.len()).sum::<usize>();
        let parts: Vec<String> = bytes.iter().map(|field| hex::digits(field)).collect();
        self.row(&parts.join(" · "), meaning);
    }

    /// A remark on the row above, without bytes.
    pub fn remark(&mut self, remark: &str) {
        self.row("", remark);
    }

    /// Takes a field from the reader and explains it; `None` if the bytes end before it does.
    pub fn take<'a>(
        &mut self,
        reader: &mut Reader<'a>,
        count: usize,
        meaning: impl FnOnce(&'a [u8]) -> String,
    ) -> Option<&'a [u8]> {
        let Ok(bytes) = reader.take(count) else {
            self.field(reader.rest(), &format!("ends here: {} of {count} bytes", reader.rest().len()));
            *reader = Reader::new(&[]);
            return None;
        };
        self.field(bytes, &meaning(bytes));
        Some(bytes)
    }

    /// Takes a field of `N` bytes and explains it; `None` if the bytes end before it does.
    pub fn array<const N: usize>(
        &mut self,
        reader: &mut Reader<'_>,
        meaning: impl FnOnce([u8; N]) -> String,
    ) -> Option<[u8; N]> {
        let array = reader.rest().first_chunk().copied().unwrap_or([0; N]);
        self.take(reader, N, |_| meaning(array)).map(|_| array)
    }

    /// The text.
    pub fn finish(self) -> String {
        self.text
    }

    fn row(&mut self, left: &str, meaning: &str) {
        let indent = self.indent.min(MAX_INDENT) * 2;
        let start = self.text.len();
        // Writing to a String cannot fail.
        let _ = write!(self.text, "{left:WIDTH$}  {:indent$}{meaning}", "");
        let end = self.text.trim_end().len().max(start);
        self.text.truncate(end);
        self.text.push('\n');
    }
}

/// Whether a check sequence is right.
pub(super) fn checked(name: &str, received: &[u8], computed: &[u8]) -> String {
    if received == computed {
        return format!("{name}: ok");
    }
    format!("{name}: wrong, received {}, computed {}", hex::digits(received), hex::digits(computed))
}

/// Characters as they are; what cannot be shown by its number.
fn shown(line: &[u8]) -> String {
    let character = |byte: &u8| match byte {
        b' '..=b'~' => char::from(*byte).to_string(),
        _ => format!("\\x{byte:02x}"),
    };
    line.iter().map(character).collect()
}
