//! Any bytes in one piece and one by one come to the same, and what is called a frame is one.
//!
//! With `cfg(fuzzing)` every check sequence holds, so that any header is a frame if a flag stands where it ends. Pieces
//! must not matter all the same: what is held decides, never when it came.

#![no_main]

mod pieces;

use han_exporter::decoder::{Decoder, Event};
use han_exporter::wire::cursor::Writer;
use han_exporter::wire::deframer::LONGEST;
use han_exporter::wire::frame::Frame;
use han_exporter::wire::hdlc::FLAG;
use libfuzzer_sys::fuzz_target;
use pieces::Seen;

fuzz_target!(|stream: &[u8]| {
    check_order(stream, &pieces::seen(stream, Decoder::default, check));
});

fn check(bytes: &[u8], event: &Event<'_>) {
    if let Some(frame) = event.frame {
        let mut buffer = [0; LONGEST];
        let mut writer = Writer::new(&mut buffer);
        frame.emit(&mut writer);
        // All but the check sequences, which were not looked at, comes out as it went in.
        let emitted = writer.written();
        assert_eq!(emitted.len(), bytes.len());
        match frame {
            Frame::Hdlc(frame) => {
                let header = 1 + 2 + frame.destination.len() + frame.source.len() + 1;
                assert_eq!(emitted[..header], bytes[..header]);
                assert!(bytes[..bytes.len() - 3].ends_with(frame.information));
                assert_eq!([bytes.first(), bytes.last()], [Some(&FLAG); 2]);
            }
            Frame::Mbus(_) => assert_eq!(emitted[..bytes.len() - 2], bytes[..bytes.len() - 2]),
            Frame::Ciphered(_) | Frame::Telegram(_) | Frame::Sml(_) => assert_eq!(emitted, bytes),
            Frame::Kmp382(_) | Frame::Kmp(_) => panic!("nobody has asked"),
        }
    }
}

/// Events come in the order of the stream, and good frames share no more than a flag.
fn check_order(stream: &[u8], seen: &[Seen]) {
    let mut last = None;
    let mut free = 0;
    for &(offset, length, good, _) in seen {
        assert!(last.is_none_or(|last| last < offset), "two events at one place");
        last = Some(offset);
        if good {
            assert!(offset >= free, "two frames of the same bytes");
            free = offset + length as u64 - 1;
        }
    }
    assert!(free <= stream.len() as u64);
}
