//! A million messages per encrypted fixture with wrong contents, encrypted again with the right keys: faulty firmware, or
//! somebody who knows the keys, makes the decoder neither panic nor contradict itself.
//!
//! The mutants come in as many parts as the message of the fixture. The number that a failure prints reproduces its mutant.

use crate::support;
use crate::support::arc::repair;
use crate::support::fixture::{self, Fixture};
use crate::support::mutant::{check_reading, mutate};
use crate::support::random::Random;
use crate::support::share::share;
use han_exporter::decoder::{Decoder, Error, Outcome};
use han_exporter::wire::cursor::Writer;
use han_exporter::wire::dlms::apdu::{Apdu, Block, LLC};
use han_exporter::wire::dlms::cipher::{self, Envelope};
use han_exporter::wire::frame::Frame;
use han_exporter::wire::{hdlc, mbus};

const MUTANTS: u32 = 1_000_000;

#[test]
fn decrypts_a_million_mutants_of_each_consistently() {
    let fixtures: Vec<_> = fixture::all().into_iter().filter(is_proven).collect();
    assert!(fixtures.len() >= 10, "{} ciphered fixtures", fixtures.len());
    fixture::check_each(fixtures, |fixture| {
        let Some(meter) = Meter::of(fixture) else { return };
        let (mut decoder, mut plain, mut wire) = (support::decoder(), Vec::new(), Vec::new());
        let (mut readings, mut tried) = (0, 0);
        for number in share(0..MUTANTS) {
            tried += 1;
            plain.clear();
            plain.extend_from_slice(&meter.plain);
            mutate(&mut plain, 1, &mut Random::new(number.into()));
            if meter.plain.starts_with(b"/") {
                repair(&mut plain);
            }
            meter.send(number + 1, &plain, &mut wire);
            let name = || format!("{}, mutant {number}", fixture.name);
            readings += u32::from(take(&mut decoder, &wire, &plain, &meter.envelope, &name));
        }
        // Or the mutants would prove little.
        assert!(readings > tried / 8, "{}: {readings} readings", fixture.name);
    });
}

/// Whether it is ciphered, and either a frame or a tag proves what it says.
fn is_proven(fixture: &Fixture) -> bool {
    let bare = || cipher::Sealed::read(&fixture.bytes).is_ok_and(|sealed| sealed.envelope.has_tag());
    fixture.ciphered && (fixture.protocol != "p1" || bare())
}

/// The last frame gives the one event that is no fragment. Returns whether it is a reading.
fn take(
    decoder: &mut Decoder,
    mut wire: &[u8],
    plain: &[u8],
    envelope: &Envelope,
    name: &dyn Fn() -> String,
) -> bool {
    let mut read = None;
    while let Some(event) = decoder.feed(&mut wire) {
        assert!(event.frame.is_some() && read.is_none(), "{}: another event", name());
        match event.outcome {
            Outcome::Fragment => {}
            Outcome::Reading { list, reading, .. } => {
                assert_eq!(event.message, plain, "{}", name());
                check_reading(list, reading, name);
                read = Some(true);
            }
            // Without a tag nothing but the message proves the key.
            Outcome::Undecodable(Error::Cipher(error)) => {
                let without_tag = envelope.control & 0x10 == 0;
                assert!(without_tag && error == cipher::Error::Plaintext, "{}: {error:?}", name());
                read = Some(false);
            }
            Outcome::Undecodable(error) => {
                assert!(Error::REASONS.contains(&error.reason()), "{}: {error:?}", name());
                read = Some(false);
            }
            Outcome::Rejected(error, _) => panic!("{}: {error:?}", name()),
        }
    }
    read.unwrap_or_else(|| panic!("{}: nothing came of it", name()))
}

/// What a fixture's meter says, and how it sends it.
struct Meter<'a> {
    fixture: &'a Fixture,
    plain: Vec<u8>,
    envelope: Envelope,
    /// Bytes of the message in a part.
    size: usize,
}

impl<'a> Meter<'a> {
    /// `None` for one whose key nobody has.
    fn of(fixture: &'a Fixture) -> Option<Self> {
        let (mut plain, mut sealed, mut size) = (Vec::new(), Vec::new(), 0);
        support::each_event(&fixture.bytes, fixture.bytes.len(), |event| {
            let part = part(&event.frame.expect("a frame of a fixture")).to_vec();
            size = size.max(part.len());
            sealed.extend(part);
            if let Outcome::Reading { .. } = event.outcome {
                plain = event.message.to_vec();
            }
        });
        let message = sealed.strip_prefix(&LLC).unwrap_or(&sealed);
        let envelope = cipher::Sealed::read(message).expect("a ciphered message").envelope;
        (!plain.is_empty()).then_some(Meter { fixture, plain, envelope, size })
    }

    /// Seals a message and puts it on the line.
    fn send(&self, counter: u32, plain: &[u8], wire: &mut Vec<u8>) {
        let mut sealed = [0; 4096];
        let envelope = Envelope { counter, ..self.envelope };
        let message = envelope.seal(&support::keys(), plain, &mut sealed).expect("room enough");
        let mut buffer = [0; 8192];
        let mut writer = Writer::new(&mut buffer);
        match frame(self.fixture) {
            Frame::Mbus(frame) => self.telegrams(frame, message, &mut writer),
            Frame::Ciphered(_) => writer.bytes(message),
            Frame::Hdlc(frame) => match Apdu::parse_llc(frame.information) {
                Ok(Apdu::Block(block)) => self.blocks(frame, block, message, &mut writer),
                _ => self.segments(frame, message, &mut writer),
            },
            other => panic!("{other:?}"),
        }
        wire.clear();
        wire.extend_from_slice(writer.written());
        assert_eq!(writer.finish(), Ok(wire.len()));
    }

    fn telegrams(&self, frame: mbus::Frame<'_>, message: &[u8], writer: &mut Writer<'_>) {
        let parts = message.chunks(self.size);
        let count = parts.len();
        for (number, data) in (0..).zip(parts) {
            let last = usize::from(number) + 1 == count;
            mbus::Frame { number, last, data, ..frame }.emit(writer);
        }
    }

    fn blocks(&self, frame: hdlc::Frame<'_>, block: Block<'_>, message: &[u8], writer: &mut Writer<'_>) {
        let parts = message.chunks(self.size);
        let count = parts.len();
        for (number, content) in (1..).zip(parts) {
            let control = if usize::from(number) == count { 0xC0 } else { 0x40 };
            let mut buffer = [0; 512];
            let mut information = Writer::new(&mut buffer);
            information.bytes(if number == 1 { &LLC } else { &[] });
            Apdu::Block(Block { control, number, content, ..block }).emit(&mut information);
            hdlc::Frame { information: information.written(), ..frame }.emit(writer);
        }
    }

    /// One frame, where the fixture's message came in one.
    fn segments(&self, frame: hdlc::Frame<'_>, message: &[u8], writer: &mut Writer<'_>) {
        let message = [&LLC, message].concat();
        let size = if self.fixture.frames.len() == 1 { message.len() } else { self.size };
        let parts = message.chunks(size);
        let count = parts.len();
        for (number, information) in (1..).zip(parts) {
            hdlc::Frame { segmented: number < count, information, ..frame }.emit(writer);
        }
    }
}

fn frame(fixture: &Fixture) -> Frame<'_> {
    let bytes = fixture.frame(0);
    match fixture.protocol {
        "mbus" => Frame::Mbus(mbus::Frame::parse(bytes).expect("a frame of a fixture")),
        "p1" => Frame::Ciphered(bytes),
        _ => Frame::Hdlc(hdlc::Frame::parse(bytes).expect("a frame of a fixture")),
    }
}

/// What a frame carries of its message, with the LLC header.
fn part<'a>(frame: &Frame<'a>) -> &'a [u8] {
    match *frame {
        Frame::Mbus(frame) => frame.data,
        Frame::Ciphered(bytes) => bytes,
        Frame::Hdlc(frame) => match Apdu::parse_llc(frame.information) {
            Ok(Apdu::Block(block)) => block.content,
            _ => frame.information,
        },
        other => panic!("{other:?}"),
    }
}
