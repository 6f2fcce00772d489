//! Gzip for expositions.

use std::sync::{LazyLock, Mutex, PoisonError};

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

/// One compressor for all answers: it takes 300 KB, and to make one costs more than to compress an answer.
static DEFLATE: LazyLock<Mutex<Compress>> =
    LazyLock::new(|| Mutex::new(Compress::new(Compression::fast(), false)));

/// RFC 1952: deflate, no flags, no time, fastest, unknown system.
const HEADER: [u8; 10] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 4, 255];

/// Compresses `text` into a gzip member (RFC 1952).
pub fn compress(text: &[u8]) -> Vec<u8> {
    let mut check = Crc::new();
    check.update(text);
    let mut out = Vec::with_capacity(text.len() / 3 + 64);
    out.extend_from_slice(&HEADER);
    let mut deflate = DEFLATE.lock().unwrap_or_else(PoisonError::into_inner);
    deflate.reset();
    loop {
        let rest = &text[deflate.total_in() as usize..];
        match deflate.compress_vec(rest, &mut out, FlushCompress::Finish) {
            Ok(Status::StreamEnd) => break,
            Ok(Status::Ok | Status::BufError) => out.reserve(text.len() / 3 + 64),
            Err(error) => unreachable!("deflate takes every text: {error}"),
        }
    }
    out.extend_from_slice(&check.sum().to_le_bytes());
    out.extend_from_slice(&check.amount().to_le_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use std::io::Read;

    fn check(text: &[u8]) {
        let mut output = Vec::new();
        GzDecoder::new(&compress(text)[..]).read_to_end(&mut output).unwrap();
        assert!(output == text, "{} bytes came back as {} others", text.len(), output.len());
    }

    #[test]
    fn an_exposition_shrinks_to_a_third_and_comes_back() {
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

    #[test]
    fn texts_of_any_length_and_without_any_repetition_come_back() {
        let mut random = 1u32;
        let noise: Vec<u8> = (0..100_000)
            .map(|_| {
                random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (random >> 24) as u8
            })
            .collect();
        for length in [0, 1, 2, 3, 4, 100, 257, 258, 259, 1000, 32_768, 70_000, 100_000] {
            check(&vec![b'a'; length]);
            check(&noise[..length]);
        }
    }
}
