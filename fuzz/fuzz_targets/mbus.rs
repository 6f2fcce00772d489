//! Any message cut into good M-Bus telegrams gives one event for each, and a reading that does not contradict itself.
//!
//! The first byte says how many bytes of the message a telegram takes.

#![no_main]

mod check;

use han_exporter::decoder::{Decoder, Error, Outcome};
use han_exporter::wire::cursor::Writer;
use han_exporter::wire::frame::Frame;
use han_exporter::wire::mbus;
use libfuzzer_sys::fuzz_target;

/// C, A, CI and two addresses count in a telegram's length, and 260 bytes is the longest.
const MOST: usize = 255;

fuzz_target!(|input: &[u8]| {
    let Some((&size, message)) = input.split_first() else { return };
    let parts = message.chunks(usize::from(size).clamp(1, MOST));
    let count = parts.len();
    if !(1..=16).contains(&count) {
        return;
    }
    let mut decoder = Decoder::default();
    for (number, data) in (0..).zip(parts) {
        let last = usize::from(number) + 1 == count;
        let frame =
            mbus::Frame { control: 0x53, address: 0xFF, number, last, source: 1, destination: 0x67, data };
        let mut buffer = [0; 300];
        let mut writer = Writer::new(&mut buffer);
        frame.emit(&mut writer);
        // The longer of two lengths that the same byte may say needs bytes behind it to be ruled out.
        let mut rest = writer.written();
        let fed = decoder.feed(&mut rest).map(|event| check(&event.outcome, event.frame, &frame, last));
        if fed.is_none() {
            assert!(rest.is_empty());
            let event = decoder.finish().expect("one event");
            check(&event.outcome, event.frame, &frame, last);
        }
    }
    assert!(decoder.finish().is_none());
});

fn check(outcome: &Outcome<'_>, found: Option<Frame<'_>>, sent: &mbus::Frame<'_>, last: bool) {
    assert_eq!(found, Some(Frame::Mbus(*sent)));
    match outcome {
        Outcome::Reading { list, reading, .. } => check::reading(list, reading),
        Outcome::Fragment => assert!(!last),
        Outcome::Undecodable(error) => assert!(last && Error::REASONS.contains(&error.reason())),
        Outcome::Rejected(..) => panic!("a whole good frame"),
    }
}
