//! Any information in a good frame gives one event, and a reading that does not contradict itself.

#![no_main]

mod check;

use han_exporter::decoder::{Decoder, Error, Outcome};
use han_exporter::wire::dlms::apdu::Apdu;
use han_exporter::wire::cursor::Writer;
use han_exporter::wire::frame::Frame;
use han_exporter::wire::hdlc::{self, MAX_LENGTH};
use han_exporter::wire::message::Message;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|information: &[u8]| {
    let frame =
        hdlc::Frame { segmented: false, destination: &[0x41], source: &[0x08, 0x83], control: 0x13, information };
    if frame.length() > MAX_LENGTH {
        return;
    }
    let mut buffer = [0; MAX_LENGTH + 2];
    let mut writer = Writer::new(&mut buffer);
    frame.emit(&mut writer);
    let mut decoder = Decoder::default();
    let mut rest = writer.written();
    let event = decoder.feed(&mut rest).expect("one event");
    assert_eq!(event.frame, Some(Frame::Hdlc(frame)));
    match event.outcome {
        Outcome::Reading { list, message, reading } => {
            check::reading(list, reading);
            if let Message::Notification(notification) = message {
                check_emitted(&Apdu::Notification(notification), information);
            }
        }
        Outcome::Undecodable(error) => assert!(Error::REASONS.contains(&error.reason())),
        Outcome::Fragment => {}
        Outcome::Rejected(..) => panic!("a whole good frame"),
    }
    assert!(decoder.feed(&mut rest).is_none());
});

/// The message comes out as it went in, but for lengths that were longer written than they need be.
fn check_emitted(apdu: &Apdu<'_>, information: &[u8]) {
    let mut buffer = [0; 2 * MAX_LENGTH];
    let mut writer = Writer::new(&mut buffer);
    apdu.emit(&mut writer);
    let message = &information[3..];
    assert!(writer.written().len() <= message.len());
    if writer.written().len() == message.len() {
        assert_eq!(writer.written(), message);
    }
}
