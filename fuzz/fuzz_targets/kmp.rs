//! Any octets, as answers of a meter that was asked: in one piece and one by one they come to the same, and what is
//! called an answer is written again as it was.

#![no_main]

use han_exporter::decoder::{Decoder, Error, Event, Outcome};
use han_exporter::wire::cursor::Writer;
use han_exporter::wire::frame::Frame;
use han_exporter::wire::kmp::{self, MOST};
use han_exporter::wire::kmp382;
use han_exporter::wire::protocol::Protocol;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|stream: &[u8]| {
    for protocol in [Protocol::Kmp382, Protocol::Kmp] {
        let whole = seen(protocol, stream, stream.len().max(1));
        assert_eq!(seen(protocol, stream, 1), whole);
        assert_eq!(seen(protocol, stream, 7), whole);
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

type Seen = (u64, usize, bool, &'static str);

fn seen(protocol: Protocol, stream: &[u8], chunk: usize) -> Vec<Seen> {
    let mut decoder = Decoder::default().asking(protocol);
    let mut seen = Vec::new();
    for mut piece in stream.chunks(chunk) {
        while let Some(event) = decoder.feed(&mut piece) {
            seen.push(check(stream, &event));
        }
        assert!(piece.is_empty(), "None, and something left");
    }
    while let Some(event) = decoder.finish() {
        seen.push(check(stream, &event));
    }
    assert!(decoder.discarded() <= stream.len() as u64);
    seen
}

fn check(stream: &[u8], event: &Event<'_>) -> Seen {
    let start = event.offset as usize;
    let octets = &stream[start..start + event.length];
    match event.frame {
        // Their check was not looked at, and is written right.
        Some(Frame::Kmp382(frame)) => {
            let written = emitted(|writer| frame.emit(writer));
            assert_eq!(written.len(), octets.len());
            assert_eq!(written[..written.len() - 3], octets[..octets.len() - 3]);
        }
        Some(Frame::Kmp(frame)) => assert_eq!(emitted(|writer| frame.emit(writer)), octets),
        Some(_) => panic!("a frame that nobody has asked for"),
        None => {}
    }
    let outcome = match event.outcome {
        Outcome::Reading { list, reading, .. } => {
            assert!(reading.registers().all(|(_, value)| value.to_f64().is_finite()));
            list.name
        }
        Outcome::Fragment => panic!("an answer has no parts"),
        Outcome::Refused(error) | Outcome::Rejected(error, _) => {
            assert!(Error::REASONS.contains(&error.reason()));
            error.reason()
        }
    };
    (event.offset, event.length, event.frame.is_some(), outcome)
}

fn emitted(emit: impl Fn(&mut Writer<'_>)) -> Vec<u8> {
    let mut buffer = [0; 2 * kmp382::LONGEST];
    let mut writer = Writer::new(&mut buffer);
    emit(&mut writer);
    writer.written().to_vec()
}
