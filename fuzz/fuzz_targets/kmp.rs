//! Any bytes, as answers of a meter that was asked: in one piece and one by one they come to the same, and what is
//! called an answer is written again as it was.

#![no_main]

mod pieces;

use han_exporter::decoder::{Decoder, Event, Outcome};
use han_exporter::wire::cursor::Writer;
use han_exporter::wire::frame::Frame;
use han_exporter::wire::kmp::{self, MOST};
use han_exporter::wire::kmp382;
use han_exporter::wire::protocol::Protocol;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|stream: &[u8]| {
    for protocol in [Protocol::Kmp382, Protocol::Kmp] {
        pieces::seen(stream, || Decoder::default().polling(protocol), check);
    }
    if let Ok(request) = kmp382::Request::parse(stream) {
        let written = emitted(|writer| request.emit(writer));
        assert!(stream.starts_with(&written[..written.len() - 3]) && written.len() <= stream.len());
    }
    let mut ids = [0; MOST];
    if let Ok(request) = kmp::Request::parse(stream, &mut ids) {
        let written = emitted(|writer| request.emit(writer));
        assert_eq!(kmp::Request::parse(&written, &mut [0; MOST]), Ok(request));
    }
});

fn check(bytes: &[u8], event: &Event<'_>) {
    assert!(!matches!(event.outcome, Outcome::Fragment), "an answer has no parts");
    match event.frame {
        // Their check was not looked at, and is written right.
        Some(Frame::Kmp382(frame)) => {
            let written = emitted(|writer| frame.emit(writer));
            assert_eq!(written.len(), bytes.len());
            assert_eq!(written[..written.len() - 3], bytes[..bytes.len() - 3]);
        }
        Some(Frame::Kmp(frame)) => assert_eq!(emitted(|writer| frame.emit(writer)), bytes),
        Some(_) => panic!("a frame that nobody has asked for"),
        None => {}
    }
}

fn emitted(emit: impl Fn(&mut Writer<'_>)) -> Vec<u8> {
    let mut buffer = [0; 2 * kmp382::LONGEST];
    let mut writer = Writer::new(&mut buffer);
    emit(&mut writer);
    writer.written().to_vec()
}
