//! Gzip for expositions.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};

/// Compresses `text` into a gzip member (RFC 1952), as fast as the library can: higher levels save little.
pub fn compress(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(text.len() / 3), Compression::fast());
    encoder.write_all(text).and_then(|()| encoder.finish()).expect("writing to memory cannot fail")
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
        check(b"");
    }
}
