//! A line that damages what it carries.

use han_exporter::decoder::{Decoder, Outcome};

use super::fixture::Fixture;
use super::{readings, report};

/// One decoder that meets a fixture damaged in one way after another.
pub struct Line<'a> {
    fixture: &'a Fixture,
    said: Vec<String>,
    /// What the damage left.
    pub bytes: Vec<u8>,
    decoder: Decoder,
    sent: u64,
    proven: bool,
}

/// What came out of it.
#[derive(Default)]
struct Accepted {
    frames: usize,
    /// Whether one of the frames is not the fixture's own, byte for byte.
    foreign: bool,
    readings: Vec<String>,
}

impl<'a> Line<'a> {
    pub fn of(fixture: &'a Fixture) -> Self {
        let said = readings(&fixture.bytes);
        let (bytes, decoder, proven) = (Vec::new(), Decoder::default(), fixture.proves_itself());
        Line { fixture, said, bytes, decoder, sent: 0, proven }
    }

    pub fn damage(&mut self, damage: impl Fn(&mut Vec<u8>)) {
        self.bytes.clear();
        self.bytes.extend_from_slice(&self.fixture.bytes);
        damage(&mut self.bytes);
    }

    pub fn burst(&mut self, start: usize, burst: u32) {
        self.damage(|bytes| {
            let flips = (burst << (start % 8)).to_le_bytes();
            bytes.iter_mut().skip(start / 8).zip(flips).for_each(|(byte, flips)| *byte ^= flips);
        });
    }

    /// Decodes what the damage left.
    fn accepted(&mut self) -> Accepted {
        let mut accepted = Accepted::default();
        if self.fixture.ciphered {
            // One that opened the message before would take it for a replay.
            (self.decoder, self.sent) = (super::decoder(), 0);
        }
        // One byte of noise: the last flag held must not open this stream.
        let before = self.sent + 1;
        self.sent = before + self.bytes.len() as u64;
        assert!(self.decoder.feed(&mut &[0][..]).is_none());
        let mut rest = &self.bytes[..];
        let mut fed = false;
        loop {
            let event = if fed { self.decoder.finish() } else { self.decoder.feed(&mut rest) };
            let Some(event) = event else {
                if fed {
                    return accepted;
                }
                fed = true;
                continue;
            };
            if event.frame.is_some() {
                let start = (event.offset - before) as usize;
                let bytes = &self.bytes[start..start + event.length];
                let own = (0..self.fixture.frames.len()).any(|index| self.fixture.frame(index) == bytes);
                accepted.frames += 1;
                accepted.foreign |= !own;
            }
            if let Outcome::Reading { .. } = event.outcome {
                accepted.readings.push(report::outcome(&event.outcome));
            }
        }
    }

    /// At least one frame, and with it the message, is lost; but a message with a tag, whole inside a damaged frame, is
    /// good all the same.
    pub fn expect_loss(&mut self, what: &str) {
        let accepted = self.accepted();
        if self.proven && accepted.readings == self.said {
            return;
        }
        let lost = accepted.frames < self.fixture.frames.len() && accepted.readings.is_empty();
        assert!(lost && !accepted.foreign, "{}, {what}: {:02x?} was accepted", self.fixture.name, self.bytes);
    }

    /// Nothing is read, whatever is accepted.
    pub fn expect_no_reading(&mut self) {
        let readings = self.accepted().readings;
        assert!(readings.is_empty(), "{}: {readings:?} of {:02x?}", self.fixture.name, self.bytes);
    }

    /// Nothing is read but what the fixture says.
    pub fn expect_no_other(&mut self) {
        let accepted = self.accepted();
        let same = accepted.readings.is_empty() || accepted.readings == self.said;
        assert!(same, "{}: {:?}", self.fixture.name, accepted.readings);
    }

    pub fn expect_burst_lost(&mut self, start: usize, burst: u32) {
        self.burst(start, burst);
        if self.bytes != self.fixture.bytes {
            self.expect_loss("burst");
        }
    }
}

/// Bits are counted as a line sends them: the lowest of a byte first.
pub fn flip(bytes: &mut [u8], bit: usize) {
    bytes[bit / 8] ^= 1 << (bit % 8);
}
