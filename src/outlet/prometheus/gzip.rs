//! Gzip for expositions: one pass, a fixed code, no memory kept between scrapes.
//!
//! A general compressor holds some 300 KB, or spends 100 µs clearing them anew for every answer of seven. A
//! text as repetitive as an exposition needs no more than a table of where four bytes were last seen.

use crc::{CRC_32_ISO_HDLC, Crc, Table};

/// Compresses `input` into a gzip member (RFC 1952) of one deflate block with fixed codes (RFC 1951, 3.2.6).
pub fn compress(input: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(input.len() / 3 + 64);
    out.extend_from_slice(&HEADER);
    let mut bits = Bits { out, held: 0, count: 0 };
    bits.push(LAST_BLOCK_FIXED_CODES);
    deflate(&mut bits, input);
    bits.push(END_OF_BLOCK);
    let mut out = bits.finish();
    out.extend_from_slice(&CHECK.checksum(input).to_le_bytes());
    out.extend_from_slice(&(input.len() as u32).to_le_bytes());
    out
}

/// Deflate, no flags, no time, fastest, unknown system.
const HEADER: [u8; 10] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 4, 255];
const CHECK: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISO_HDLC);
const LAST_BLOCK_FIXED_CODES: Code = Code { bits: 0b011, length: 3 };
const END_OF_BLOCK: Code = symbol(256);

const WINDOW: usize = 32 * 1024;
const SHORTEST: usize = 4;
const LONGEST: usize = 258;
const SEEN_BITS: u32 = 11;

fn deflate(bits: &mut Bits, input: &[u8]) {
    let mut seen = [0u32; 1 << SEEN_BITS];
    let mut at = 0;
    while let Some(four) = input.get(at..).and_then(<[u8]>::first_chunk::<SHORTEST>) {
        let slot = &mut seen[hash(*four)];
        let before = *slot as usize;
        *slot = at as u32;
        let length = if before < at && at - before <= WINDOW { common(input, before, at) } else { 0 };
        if length < SHORTEST {
            bits.push(LITERALS[usize::from(four[0])]);
            at += 1;
        } else {
            bits.push(LENGTHS[length]);
            bits.push(distance(at - before));
            at += length;
        }
    }
    for &byte in &input[at..] {
        bits.push(LITERALS[usize::from(byte)]);
    }
}

fn hash(four: [u8; SHORTEST]) -> usize {
    (u32::from_le_bytes(four).wrapping_mul(0x9E37_79B1) >> (32 - SEEN_BITS)) as usize
}

/// How many bytes from `before` on repeat at `at`.
fn common(input: &[u8], before: usize, at: usize) -> usize {
    let end = input.len().min(at + LONGEST);
    let (old, new) = (&input[before..], &input[at..end]);
    let mut length = 0;
    for (old, new) in old.chunks_exact(8).zip(new.chunks_exact(8)) {
        if old != new {
            break;
        }
        length += 8;
    }
    length + old[length..].iter().zip(&new[length..]).take_while(|(old, new)| old == new).count()
}

/// Some bits, the first to be sent lowest.
#[derive(Clone, Copy)]
struct Code {
    bits: u32,
    length: u32,
}

impl Code {
    const fn then(self, extra: u32, length: u32) -> Code {
        Code { bits: self.bits | extra << self.length, length: self.length + length }
    }
}

const LITERALS: [Code; 256] = {
    let mut codes = [END_OF_BLOCK; 256];
    let mut byte = 0;
    while byte < codes.len() {
        codes[byte] = symbol(byte as u32);
        byte += 1;
    }
    codes
};

const LENGTHS: [Code; LONGEST + 1] = {
    let mut codes = [END_OF_BLOCK; LONGEST + 1];
    let mut length = 3;
    while length < LONGEST {
        let (class, extra, extra_length) = class(length as u32 - 3, 2);
        codes[length] = symbol(257 + class).then(extra, extra_length);
        length += 1;
    }
    codes[LONGEST] = symbol(285);
    codes
};

fn distance(distance: usize) -> Code {
    let (class, extra, length) = class(distance as u32 - 1, 1);
    Code { bits: class.reverse_bits() >> 27, length: 5 }.then(extra, length)
}

/// Deflate's classes of lengths and distances: `steps` bits below the leading one choose the class, the rest is extra.
const fn class(value: u32, steps: u32) -> (u32, u32, u32) {
    if value >> steps < 2 {
        return (value, 0, 0);
    }
    let extra_length = value.ilog2() - steps;
    let class = (extra_length << steps) + (value >> extra_length);
    (class, value & ((1 << extra_length) - 1), extra_length)
}

/// The fixed code of a literal or length symbol; Huffman codes travel highest bit first.
const fn symbol(symbol: u32) -> Code {
    let (bits, length) = match symbol {
        0..144 => (0x30 + symbol, 8),
        144..256 => (0x190 + symbol - 144, 9),
        256..280 => (symbol - 256, 7),
        _ => (0xC0 + symbol - 280, 8),
    };
    Code { bits: bits.reverse_bits() >> (32 - length), length }
}

struct Bits {
    out: Vec<u8>,
    held: u64,
    count: u32,
}

impl Bits {
    fn push(&mut self, code: Code) {
        self.held |= u64::from(code.bits) << self.count;
        self.count += code.length;
        if self.count >= 32 {
            self.out.extend_from_slice(&(self.held as u32).to_le_bytes());
            self.held >>= 32;
            self.count -= 32;
        }
    }

    fn finish(mut self) -> Vec<u8> {
        let bytes = self.count.div_ceil(8) as usize;
        self.out.extend_from_slice(&self.held.to_le_bytes()[..bytes]);
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use proptest::prelude::*;
    use std::io::Read;

    fn check(input: &[u8]) {
        let mut output = Vec::new();
        GzDecoder::new(&compress(input)[..]).read_to_end(&mut output).unwrap();
        assert!(output == input, "{} bytes came back as {} others", input.len(), output.len());
    }

    #[test]
    fn texts_of_any_length_come_back() {
        for length in [0, 1, 2, 3, 4, 5, 8, 12, 257, 258, 259, 260, 261, 262, 263, 1000, 32_768, 70_000] {
            check(&vec![b'a'; length]);
            check(&(0..length).map(|index| (index * 7 / 5) as u8).collect::<Vec<_>>());
        }
    }

    #[test]
    fn repetitions_at_every_distance_and_length_come_back() {
        let mut noise = 1u32;
        let mut random = || {
            noise ^= noise << 13;
            noise ^= noise >> 17;
            noise ^= noise << 5;
            noise
        };
        let alphabet: Vec<u8> = (0..40_000).map(|_| random() as u8).collect();
        for distance in (1..40_000).step_by(97) {
            let mut text = alphabet[..distance].to_vec();
            text.extend_from_slice(&alphabet[..distance.min(4 + random() as usize % 300)]);
            check(&text);
        }
    }

    #[test]
    fn an_exposition_shrinks_to_a_third() {
        let mut text = String::new();
        for index in 0..60 {
            let name = format!("han_thing_{}_watts", index / 3);
            text += &format!("# HELP {name} What the meter says of thing {index}, in its own words.\n");
            text +=
                &format!("# TYPE {name} gauge\n{name}{{phase=\"L{}\"}} {}\n", index % 3, index * 7919 % 4801);
        }
        let length = compress(text.as_bytes()).len();
        assert!(length * 3 < text.len(), "{} became {length}", text.len());
        check(text.as_bytes());
    }

    proptest! {
        #[test]
        fn anything_comes_back(words in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..20), 1..8),
                               order in proptest::collection::vec(any::<usize>(), 0..400)) {
            let text: Vec<u8> = order.iter().flat_map(|&index| words[index % words.len()].clone()).collect();
            check(&text);
        }
    }
}
