//! Any plaintext, sealed with the right keys and put into a good frame, is opened as it was, and means what it would mean
//! unsealed.
//!
//! The first byte says which of the four security controls it is sealed with.

#![no_main]

mod check;

use han_exporter::decoder::{Decoder, Error, Outcome};
use han_exporter::reading::Settings;
use han_exporter::wire::dlms::apdu::LLC;
use han_exporter::wire::dlms::cipher::{self, Cipher, Envelope};
use han_exporter::wire::cursor::Writer;
use han_exporter::wire::hdlc::{self, MAX_LENGTH};
use han_exporter::wire::message::Message;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((&choice, plain)) = input.split_first() else { return };
    let control = [0x20, 0x21, 0x30, 0x31][usize::from(choice % 4)];
    let envelope = Envelope { title: *b"KAM\x45\x00\x01\x02\x03", control, counter: 7 };
    let mut sealed = [0; MAX_LENGTH];
    let Some(message) = envelope.seal(&check::keys(), plain, &mut sealed) else { return };
    let information = [&LLC, message].concat();
    let frame = hdlc::Frame {
        segmented: false,
        destination: &[0x41],
        source: &[0x03],
        control: 0x13,
        information: &information,
    };
    if frame.length() > MAX_LENGTH {
        return;
    }
    let mut buffer = [0; MAX_LENGTH + 2];
    let mut writer = Writer::new(&mut buffer);
    frame.emit(&mut writer);
    let mut decoder = Decoder::new(Settings::default(), Cipher::new(&check::keys()));
    let mut rest = writer.written();
    let event = decoder.feed(&mut rest).expect("one event");
    match event.outcome {
        Outcome::Reading { list, reading, .. } => {
            assert_eq!(event.message, plain);
            check::reading(list, reading);
        }
        // Without a tag nothing but the message proves the key, and a telegram without a check does not.
        Outcome::Undecodable(Error::Cipher(error)) => {
            assert_eq!((error, control & 0x10), (cipher::Error::Plaintext, 0));
            let proves_the_key = match Message::read(plain) {
                Ok(Message::Telegram(telegram)) => telegram.is_checked(),
                other => other.is_ok(),
            };
            assert!(!proves_the_key);
        }
        Outcome::Undecodable(error) => assert!(Error::REASONS.contains(&error.reason())),
        Outcome::Fragment | Outcome::Rejected(..) => panic!("a whole good frame"),
    }
    // The same message once more is an old one, if it was opened.
    let mut again = writer.written();
    if let Some(event) = decoder.feed(&mut again) {
        assert!(!matches!(event.outcome, Outcome::Reading { .. }));
    }
});
