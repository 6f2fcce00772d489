//! The captures in `fixtures/`: commented hex dumps, one list each.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, thread};

use han_exporter::decoder::{Decoder, Error, Outcome};
use han_exporter::wire::dlms::apdu::LLC;
use han_exporter::wire::dlms::cipher::{self, Sealed};
use han_exporter::wire::frame::{Frame, polled_protocol};
use han_exporter::wire::telegram::Check;
use han_exporter::wire::{hdlc, mbus};

use super::each_event;

/// One capture.
pub struct Fixture {
    /// `maker/list`.
    pub name: String,
    /// Where its dump lies.
    pub path: PathBuf,
    /// Its transport's name.
    pub protocol: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Where each of its frames begins and how long it is, flags included.
    pub frames: Vec<(usize, usize)>,
    /// Whether it takes a key to read it.
    pub ciphered: bool,
    /// Whether sixteen bits of check or more prove its frames.
    pub is_proven: bool,
    /// Bytes that all it says stands in: behind them only the line of a telegram ends.
    pub needed: usize,
}

/// All of them, in the order of their names.
pub fn all() -> Vec<Fixture> {
    let mut dumps = Vec::new();
    for maker in entries(&folder()) {
        dumps.extend(
            entries(&maker).into_iter().filter(|path| path.extension().is_some_and(|end| end == "hex")),
        );
    }
    assert!(!dumps.is_empty(), "no fixtures in {}", folder().display());
    dumps.iter().map(|path| read(path)).collect()
}

/// Those that can stand on one line with others; not the answers in a protocol of their own.
pub fn pushed() -> Vec<Fixture> {
    all().into_iter().filter(|fixture| !fixture.is_polled()).collect()
}

/// Those of one transport.
pub fn of(protocol: &str) -> Vec<Fixture> {
    all().into_iter().filter(|fixture| fixture.protocol == protocol).collect()
}

/// Those that one check sequence of sixteen bits proves. Holley's other one is judged by itself.
pub fn checked() -> Vec<Fixture> {
    let one = |fixture: &Fixture| ["hdlc", "sml"].contains(&fixture.protocol) && fixture.name != OTHER_CHECK;
    all().into_iter().filter(one).collect()
}

/// The one with check sequences by CRC-16/KERMIT.
pub const OTHER_CHECK: &str = "holley/dtz541-kermit";

/// Checks some of them on all processors, the longest first so that no long one is left for the end.
pub fn check_each(mut fixtures: Vec<Fixture>, check: impl Fn(&Fixture) + Sync) {
    fixtures.sort_by_key(|fixture| std::cmp::Reverse(fixture.bytes.len()));
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(fixture) = fixtures.get(next.fetch_add(1, Ordering::Relaxed)) {
            check(fixture);
        }
    };
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| (0..processors).for_each(|_| drop(scope.spawn(work))));
}

/// The one with this name.
pub fn named(name: &str) -> Fixture {
    read(&folder().join(name).with_extension("hex"))
}

/// The folder they lie in.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Bytes of a hex dump; `#` begins a comment.
pub fn unhex(text: &str) -> Vec<u8> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    let digits: Vec<u8> = lines.flat_map(str::bytes).filter(|byte| !byte.is_ascii_whitespace()).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

impl Fixture {
    /// Whether its one frame holds a whole message with a tag. That proves itself, whatever becomes of the frame.
    pub fn proves_itself(&self) -> bool {
        let [(start, length)] = self.frames[..] else { return false };
        let bytes = &self.bytes[start..start + length];
        let message = match self.protocol {
            "hdlc" => hdlc::Frame::parse(bytes).map(|frame| frame.information),
            "mbus" => mbus::Frame::parse(bytes).map(|frame| frame.data),
            _ => return false,
        };
        let message = message.expect("a frame of a fixture");
        let sealed = Sealed::read(message.strip_prefix(&LLC).unwrap_or(message));
        sealed.is_ok_and(|sealed| sealed.envelope.control & 0x10 != 0)
    }

    /// Whether only a reader that has asked looks for it.
    pub fn is_polled(&self) -> bool {
        polled_protocol(&self.bytes).is_some()
    }

    /// The bytes of one of its frames.
    pub fn frame(&self, index: usize) -> &[u8] {
        let (start, length) = self.frames[index];
        &self.bytes[start..start + length]
    }
}

fn read(path: &Path) -> Fixture {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(text.starts_with("# "), "{}: the first line says what it is", path.display());
    let bytes = unhex(&text);
    let mut frames = Vec::new();
    let (mut protocol, mut is_proven, mut needed) = ("", true, bytes.len());
    each_event(&bytes, bytes.len(), |event| {
        let frame = event.frame.unwrap_or_else(|| panic!("{}: a frame is damaged", path.display()));
        protocol = frame.protocol().name();
        if let Frame::Telegram(telegram) = frame {
            is_proven = telegram.check() == Check::Crc;
            let behind = telegram.bytes()[telegram.end() + 1..].iter();
            needed = telegram.end() + 1 + behind.take_while(|byte| byte.is_ascii_hexdigit()).count();
        }
        frames.push((event.offset as usize, event.length));
    });
    let spanned: usize = frames.iter().map(|(_, length)| length).sum();
    assert_eq!(spanned, bytes.len(), "{}: bytes outside of frames", path.display());
    let name = path.strip_prefix(folder()).unwrap().with_extension("").display().to_string();
    let ciphered = is_closed(&bytes);
    Fixture { name, path: path.to_path_buf(), protocol, bytes, frames, ciphered, is_proven, needed }
}

/// Whether it is refused without a key.
fn is_closed(mut bytes: &[u8]) -> bool {
    let mut decoder = Decoder::default();
    while let Some(event) = decoder.feed(&mut bytes) {
        if matches!(event.outcome, Outcome::Undecodable(Error::Cipher(cipher::Error::NoKey))) {
            return true;
        }
    }
    false
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let read = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut entries: Vec<PathBuf> = read.map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}
