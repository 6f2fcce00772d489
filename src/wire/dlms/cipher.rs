//! general-glo-ciphering: AES-128 in Galois counter mode (Green Book 9.2.7.2, NIST SP 800-38D).
//!
//! ```text
//! DB  length title(8)  length  control counter(4) ciphertext [tag(12)]
//!     control: 1 authenticated, 2 encrypted in the high half, suite 0 or 1 in the low half
//! ```
//!
//! The nonce is title and counter, the authenticated data are control and authentication key. Without a tag nothing
//! proves the key right but a plaintext that is a whole message. It does not prove the bytes: where no frame carries
//! them, only a telegram is accepted, which has a check sequence of its own.

use core::fmt;
use core::ops::Range;

use aes_gcm::aead::consts::U12;
use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::aead::{AeadInOut, KeyInit, Nonce, Tag};
use aes_gcm::{AesGcm, aes::Aes128Enc};
use zeroize::Zeroizing;

use super::apdu::{self, Ciphered};
use super::wipe::wipe_stack;
use crate::wire::cursor::{Reader, Truncated, Writer};
use crate::wire::message::Message;
use crate::wire::verdict::{Error as FrameError, Stream, Verdict};

/// The first byte of an encrypted message.
pub const START: u8 = apdu::GENERAL_GLO_CIPHERING;

/// Whether a message that begins with this byte is encrypted, in any of the ways of DLMS.
pub const fn is_encrypted(first: u8) -> bool {
    matches!(first, apdu::GENERAL_GLO_CIPHERING | apdu::GENERAL_DED_CIPHERING | apdu::GENERAL_CIPHERING)
}

const AUTHENTICATED: u8 = 0x10;
const TITLE: usize = 8;
const TAG: usize = 12;
/// Control and counter.
const HEAD: usize = 5;

/// Counter mode needs no schedule to decrypt with, which would be one more copy of the key.
type Gcm = AesGcm<Aes128Enc, U12, U12>;

/// The authentication key of Luxembourg's P1 ports, the same for all and public (specification 1.1.3, 3.2.5).
const LUXEMBOURG: [u8; 16] = 0x0011_2233_4455_6677_8899_AABB_CCDD_EEFF_u128.to_be_bytes();

/// A key of 16 bytes; its `Debug` shows nothing of it, and it is overwritten when it goes.
#[derive(Clone)]
pub struct Key(Zeroizing<[u8; 16]>);

impl Key {
    /// The key of these bytes.
    pub fn new(bytes: [u8; 16]) -> Self {
        Key(Zeroizing::new(bytes))
    }
}

impl PartialEq for Key {
    /// Compares without telling by its duration where two keys differ.
    fn eq(&self, other: &Self) -> bool {
        self.0.iter().zip(*other.0).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
    }
}

impl Eq for Key {}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(hidden)")
    }
}

/// The keys of one meter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys {
    /// Decrypts messages.
    pub encryption: Option<Key>,
    /// Verifies their authentication tag, if they have one; of no use without the other key.
    pub authentication: Option<Key>,
}

/// Why a message is not decrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// There is no key.
    NoKey,
    /// Its title, length or security control is unknown.
    Form,
    /// It has a tag, and there is no authentication key to check it with.
    NoAuthenticationKey,
    /// The encryption key is right, the authentication key does not fit its authentication tag.
    AuthenticationKey,
    /// The tag does not hold: the encryption key is wrong, or the data are damaged.
    Tag,
    /// It has no tag and what comes out is no message: the encryption key is wrong, or the data are damaged.
    Plaintext,
    /// Its counter does not rise: it was sent before.
    Replay,
    /// Its counter fell and has risen since, message by message: the next one is accepted.
    CountsAnew,
}

impl Error {
    /// Whether the bytes are known to be a message. What no key decrypts may have been damaged on the way.
    pub const fn is_of_a_message(self) -> bool {
        !matches!(self, Error::Tag | Error::Plaintext)
    }

    /// The value of the label `reason` of `han_frame_errors_total`, and the text in the log.
    pub const fn reason(self) -> &'static str {
        match self {
            Error::NoKey => "encrypted",
            Error::Form => "ciphering",
            Error::NoAuthenticationKey => "no_authentication_key",
            Error::AuthenticationKey => "authentication_key",
            Error::Tag => "tag",
            Error::Plaintext => "key",
            Error::Replay => "replay",
            Error::CountsAnew => "counts_anew",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Error::NoKey => "the message is encrypted and there is no key: pass it with --key-file",
            Error::Form => "the message is encrypted in an unknown way",
            Error::NoAuthenticationKey => {
                "the message has an authentication tag and there is no authentication key to check it with: pass it with --auth-key-file"
            }
            Error::AuthenticationKey => "the encryption key is right, the authentication key is wrong",
            Error::Tag => {
                "the authentication tag is wrong: the encryption key is wrong, or the data are damaged"
            }
            Error::Plaintext => {
                "the decrypted bytes are not a message: the encryption key is wrong, or the data are damaged"
            }
            Error::Replay => "the message's counter does not rise: it was sent before",
            Error::CountsAnew => {
                "the meter counts its messages anew, three of them with rising counters: the next one is accepted"
            }
        })
    }
}

/// What carries an encrypted message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// A frame with check sequences of its own.
    Frame,
    /// Nothing: it is sent as it is, as by encrypted P1 ports.
    Line,
}

/// Opens the messages of one meter.
#[derive(Default)]
pub struct Cipher {
    gcm: Option<Gcm>,
    authentication: Option<Key>,
    /// Of whoever sent the last decrypted message.
    counters: Option<Counters>,
    /// Whether the keys were used since the stack was last wiped.
    used: bool,
}

/// The counters of one meter's messages, all of which its key proved.
///
/// A meter that got a new key or new firmware may begin to count anew, and would be silent until a restart. So messages
/// below the last counter are believed once a few in a row have risen, without a higher one between. What remains:
/// somebody who recorded as many messages can send them again and have the next ones shown, until the meter's own message
/// comes; its counter is higher, and so accepted at once. Each such attempt is counted.
struct Counters {
    title: [u8; TITLE],
    last: u32,
    /// The last of those that rise below, and how many they are.
    anew: Option<(u32, u8)>,
}

/// Messages with rising counters that prove a meter to count anew.
const PROOF: u8 = 3;

impl Counters {
    /// Judges the next counter.
    fn take(&mut self, counter: u32) -> Result<(), Error> {
        if counter > self.last {
            (self.last, self.anew) = (counter, None);
            return Ok(());
        }
        let count = match self.anew {
            Some((before, count)) if counter > before => count + 1,
            _ => 1,
        };
        if count < PROOF {
            self.anew = Some((counter, count));
            return Err(Error::Replay);
        }
        (self.last, self.anew) = (counter, None);
        Err(Error::CountsAnew)
    }
}

impl Cipher {
    /// A cipher with these keys.
    pub fn new(keys: &Keys) -> Self {
        let gcm = keys.encryption.as_ref().map(|key| Gcm::new(&(*key.0).into()));
        Cipher { gcm, authentication: keys.authentication.clone(), counters: None, used: false }
    }

    /// Whether there is a key to open anything with.
    pub const fn has_key(&self) -> bool {
        self.gcm.is_some()
    }

    /// Decrypts a message in place and returns where in it the plaintext is. A message that is not decrypted
    /// stays as it is.
    pub fn open(&mut self, message: &mut [u8], carrier: Carrier) -> Result<Range<usize>, Error> {
        let Some(gcm) = &self.gcm else { return Err(Error::NoKey) };
        self.used = true;
        let sealed = Sealed::read(message)?;
        let plain = sealed.plaintext();
        let body = message.get_mut(plain.clone()).ok_or(Error::Form)?;
        match sealed.tag {
            None => sealed.decrypt(gcm, body, carrier)?,
            Some(tag) => {
                let public = Key::new(LUXEMBOURG);
                let key = match (&self.authentication, carrier) {
                    (Some(key), _) => key,
                    (None, Carrier::Line) => &public,
                    (None, Carrier::Frame) => return Err(self.of_keys(sealed.blame(gcm, body))),
                };
                sealed.verify(gcm, key, &tag, body).map_err(|error| self.of_keys(error))?;
            }
        }
        let Envelope { title, counter, .. } = sealed.envelope;
        match &mut self.counters {
            Some(counters) if counters.title == title => counters.take(counter)?,
            other => *other = Some(Counters { title, last: counter, anew: None }),
        }
        Ok(plain)
    }

    /// Overwrites what opening messages left of the keys on the stack. That takes as long as opening a short one: call it
    /// when there is nothing else to do.
    pub fn wipe(&mut self) {
        if core::mem::take(&mut self.used) {
            wipe_stack();
        }
    }

    /// What an error means with the keys there are: an authentication key that is not there is not wrong.
    fn of_keys(&self, error: Error) -> Error {
        match error {
            Error::AuthenticationKey if self.authentication.is_none() => Error::NoAuthenticationKey,
            other => other,
        }
    }
}

/// What precedes a ciphertext, and with the keys determines it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope {
    /// Who encrypted it: three letters of the manufacturer, then a number.
    pub title: [u8; TITLE],
    /// Security control.
    pub control: u8,
    /// The invocation counter.
    pub counter: u32,
}

impl Envelope {
    /// Encrypts a message as a meter does; `None` without the keys that it takes, or if it does not fit.
    pub fn seal<'b>(&self, keys: &Keys, plain: &[u8], buffer: &'b mut [u8]) -> Option<&'b [u8]> {
        let gcm = Gcm::new(&(*keys.encryption.as_ref()?.0).into());
        let tag = if self.has_tag() { TAG } else { 0 };
        let mut writer = Writer::new(buffer);
        writer.u8(START);
        writer.length(TITLE);
        writer.bytes(&self.title);
        writer.length(HEAD + plain.len() + tag);
        writer.u8(self.control);
        writer.u32(self.counter);
        let start = writer.written().len();
        writer.bytes(plain);
        (0..tag).for_each(|_| writer.u8(0));
        let end = writer.finish().ok()?;
        let (body, place) = buffer.get_mut(start..end)?.split_at_mut_checked(plain.len())?;
        if self.has_tag() {
            let associated = self.associated(keys.authentication.as_ref()?);
            let tag = gcm.encrypt_inout_detached(&self.nonce(), &*associated, InOutBuf::from(body)).ok()?;
            place.copy_from_slice(&tag);
        } else {
            self.apply(&gcm, body);
        }
        buffer.get(..end)
    }

    /// Whether an authentication tag follows the ciphertext.
    pub const fn has_tag(&self) -> bool {
        self.control & AUTHENTICATED != 0
    }

    fn nonce(&self) -> Nonce<Gcm> {
        let mut nonce = Nonce::<Gcm>::default();
        let bytes = self.title.into_iter().chain(self.counter.to_be_bytes());
        nonce.iter_mut().zip(bytes).for_each(|(slot, byte)| *slot = byte);
        nonce
    }

    fn associated(&self, key: &Key) -> Zeroizing<[u8; 17]> {
        let mut associated = Zeroizing::new([self.control; 17]);
        associated.iter_mut().skip(1).zip(*key.0).for_each(|(slot, byte)| *slot = byte);
        associated
    }

    /// Applies the key stream, which turns ciphertext into plaintext and back.
    fn apply(&self, gcm: &Gcm, body: &mut [u8]) {
        // Encrypting differs from decrypting by the tag alone, and that is not wanted. It fails past 2^36 bytes.
        let _tag = gcm.encrypt_inout_detached(&self.nonce(), &[], InOutBuf::from(body));
    }
}

/// An encrypted message's parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sealed {
    /// What precedes the ciphertext.
    pub envelope: Envelope,
    tag: Option<[u8; TAG]>,
    /// Where the ciphertext begins, and how many bytes it has.
    start: usize,
    length: usize,
}

impl Sealed {
    /// Takes a message apart that ends with the bytes.
    pub fn read(message: &[u8]) -> Result<Self, Error> {
        let Ok(apdu::Apdu::Ciphered(Ciphered { tag: START, system_title, content })) =
            apdu::Apdu::parse(message)
        else {
            return Err(Error::Form);
        };
        let title = system_title.try_into().map_err(|_| Error::Form)?;
        let mut reader = Reader::new(content);
        let (length, control, counter) = head(&mut reader).map_err(|_| Error::Form)?;
        let envelope = Envelope { title, control, counter };
        let body = reader.rest();
        if length != HEAD + body.len() || !is_known(control) {
            return Err(Error::Form);
        }
        let (ciphertext, tag) = match envelope.has_tag() {
            false => (body, None),
            true => {
                let (ciphertext, tag) = body.split_last_chunk().ok_or(Error::Form)?;
                (ciphertext, Some(*tag))
            }
        };
        let start = message.len() - body.len();
        Ok(Sealed { envelope, tag, start, length: ciphertext.len() })
    }

    /// Where its plaintext is once it is decrypted.
    pub(crate) fn plaintext(&self) -> Range<usize> {
        self.start..self.start + self.length
    }

    /// Decrypts where nothing but the plaintext proves the key.
    fn decrypt(&self, gcm: &Gcm, body: &mut [u8], carrier: Carrier) -> Result<(), Error> {
        self.envelope.apply(gcm, body);
        // A telegram is proven by its check alone, any other message only where a frame's checks prove the bytes.
        let proven = match Message::read(body) {
            Ok(Message::Telegram(telegram)) => telegram.is_checked(),
            other => other.is_ok() && carrier == Carrier::Frame,
        };
        if proven {
            return Ok(());
        }
        // The key stream once more: the bytes are again what they were.
        self.envelope.apply(gcm, body);
        Err(Error::Plaintext)
    }

    /// Decrypts if the authentication tag is valid. If not, finds out which of the keys is to blame.
    fn verify(&self, gcm: &Gcm, key: &Key, tag: &[u8; TAG], body: &mut [u8]) -> Result<(), Error> {
        let (nonce, associated) = (self.envelope.nonce(), self.envelope.associated(key));
        let tag = Tag::<Gcm>::from(*tag);
        if gcm.decrypt_inout_detached(&nonce, &*associated, InOutBuf::from(&mut *body), &tag).is_ok() {
            return Ok(());
        }
        Err(self.blame(gcm, body))
    }

    /// Which of the keys is wrong: without the tag, only the encryption key is needed to read the message.
    fn blame(&self, gcm: &Gcm, body: &mut [u8]) -> Error {
        match self.decrypt(gcm, body, Carrier::Frame) {
            Ok(()) => {
                self.envelope.apply(gcm, body);
                Error::AuthenticationKey
            }
            Err(_) => Error::Tag,
        }
    }
}

fn head(reader: &mut Reader<'_>) -> Result<(usize, u8, u32), Truncated> {
    Ok((reader.length()?, reader.u8()?, reader.u32()?))
}

/// Encrypted, perhaps authenticated, with suite 0 or 1: both are AES-128 here (Kaifa and Sagemcom in Austria say 1).
const fn is_known(control: u8) -> bool {
    matches!(control, 0x20 | 0x21 | 0x30 | 0x31)
}

/// Bytes of the message that begins here, as far as it says.
pub fn length(message: &[u8]) -> Option<usize> {
    match judge(message, Stream::Open) {
        Verdict::Frame(length) | Verdict::More { enough: length } => Some(length),
        _ => None,
    }
}

/// Judges the bytes from a start on, without a frame around them: a title of eight bytes that begins with the three
/// letters of a manufacturer, and a known security control. There is no check sequence; the authentication tag, or the
/// message inside, takes its place.
pub(in crate::wire) fn judge(held: &[u8], stream: Stream) -> Verdict<usize> {
    let mut reader = Reader::new(held);
    let (Ok([_, length, letters @ ..]), Ok(_)) = (reader.array::<5>(), reader.take(TITLE - 3)) else {
        return Verdict::unproven(held.len() + 1, stream);
    };
    if usize::from(length) != TITLE || !letters.iter().all(u8::is_ascii_uppercase) {
        return Verdict::Noise;
    }
    let (Ok(length), Ok(control)) = (reader.length(), reader.u8()) else {
        return Verdict::unproven(held.len() + 1, stream);
    };
    let total = held.len() - reader.rest().len() - 1 + length;
    match held.len() {
        _ if length < HEAD || !is_known(control) || total > crate::wire::verdict::LONGEST => Verdict::Noise,
        enough if enough >= total => Verdict::Frame(total),
        claimed if stream == Stream::Ended => Verdict::Failure { error: FrameError::Cut, claimed },
        _ => Verdict::More { enough: total },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &[u8] = &[0x0F, 0x40, 0, 0, 0, 0, 2, 1, 6, 0, 0, 0, 9];

    fn keys() -> Keys {
        let key = |first: u8| Some(Key::new(core::array::from_fn(|index| first + index as u8)));
        Keys { encryption: key(0), authentication: key(0xD0) }
    }

    fn sealed(control: u8, counter: u32) -> Vec<u8> {
        let envelope = Envelope { title: *b"KFM12345", control, counter };
        envelope.seal(&keys(), PLAIN, &mut [0; 64]).expect("both keys and room enough").to_vec()
    }

    fn opened(keys: &Keys, message: &[u8]) -> Result<Vec<u8>, Error> {
        let mut message = message.to_vec();
        let before = message.clone();
        let opened = Cipher::new(keys).open(&mut message, Carrier::Frame);
        assert!(opened.is_ok() || message == before, "a message that stays closed stays as it is");
        opened.map(|plain| message[plain].to_vec())
    }

    /// Case 4 of the GCM specification's AES-128 (McGrew and Viega, appendix B), whose nonce makes a title and counter.
    #[test]
    fn the_key_stream_is_that_of_the_specification() {
        let key = 0xfeff_e992_8665_731c_6d6a_8f94_6730_8308_u128;
        let keys = Keys { encryption: Some(Key::new(key.to_be_bytes())), authentication: None };
        let title = 0xcafe_babe_face_dbad_u64.to_be_bytes();
        let envelope = Envelope { title, control: 0x20, counter: 0xdeca_f888 };
        let plain = 0xd931_3225_f884_06e5_a559_09c5_aff5_269a_u128.to_be_bytes();
        let mut buffer = [0; 64];
        let sealed = envelope.seal(&keys, &plain, &mut buffer).unwrap();
        assert!(sealed.ends_with(&0x4283_1ec2_2177_7424_4b72_21b7_84d0_d49c_u128.to_be_bytes()));
    }

    #[test]
    fn what_is_sealed_is_opened() {
        for control in [0x20, 0x21, 0x30, 0x31] {
            assert_eq!(opened(&keys(), &sealed(control, 1)).as_deref(), Ok(PLAIN), "{control:02x}");
        }
    }

    #[test]
    fn what_is_wrong_with_the_keys_is_told() {
        let other = || Some(Key::new([7; 16]));
        let none = Keys::default();
        let wrong = Keys { encryption: other(), ..keys() };
        let wrong_authentication = Keys { authentication: other(), ..keys() };
        let no_authentication = Keys { authentication: None, ..keys() };
        let wrong_alone = Keys { encryption: other(), authentication: None };
        for (keys, with_tag, without) in [
            (none, Err(Error::NoKey), Err(Error::NoKey)),
            (wrong, Err(Error::Tag), Err(Error::Plaintext)),
            (wrong_authentication, Err(Error::AuthenticationKey), Ok(PLAIN.to_vec())),
            (no_authentication, Err(Error::NoAuthenticationKey), Ok(PLAIN.to_vec())),
            (wrong_alone, Err(Error::Tag), Err(Error::Plaintext)),
        ] {
            assert_eq!(opened(&keys, &sealed(0x30, 1)), with_tag, "{keys:?}");
            assert_eq!(opened(&keys, &sealed(0x20, 1)), without, "{keys:?}");
        }
    }

    #[test]
    fn luxembourgs_key_is_known_where_no_frame_surrounds_the_message() {
        let luxembourg = Keys { authentication: Some(Key::new(LUXEMBOURG)), ..keys() };
        let envelope = Envelope { title: *b"SAG12345", control: 0x30, counter: 1 };
        let mut message = envelope.seal(&luxembourg, PLAIN, &mut [0; 64]).unwrap().to_vec();
        let alone = Keys { authentication: None, ..keys() };
        assert!(Cipher::new(&alone).open(&mut message.clone(), Carrier::Line).is_ok());
        assert_eq!(Cipher::new(&alone).open(&mut message, Carrier::Frame), Err(Error::NoAuthenticationKey));
        let mut other = envelope.seal(&keys(), PLAIN, &mut [0; 64]).unwrap().to_vec();
        assert_eq!(Cipher::new(&alone).open(&mut other, Carrier::Line), Err(Error::NoAuthenticationKey));
    }

    /// A frame that fails its check may begin with such a message: it must not come in by the back door.
    #[test]
    fn without_tag_and_frame_nothing_is_believed() {
        for (control, opened) in [(0x20, Err(Error::Plaintext)), (0x30, Ok(()))] {
            let mut message = sealed(control, 1);
            assert_eq!(Cipher::new(&keys()).open(&mut message, Carrier::Line).map(drop), opened);
        }
    }

    #[test]
    fn a_counter_must_rise_for_each_meter() {
        let mut cipher = Cipher::new(&keys());
        let mut open = |message: &[u8]| cipher.open(&mut message.to_vec(), Carrier::Frame).map(drop);
        assert_eq!(open(&sealed(0x30, 7)), Ok(()));
        assert_eq!(open(&sealed(0x30, 7)), Err(Error::Replay));
        assert_eq!(open(&sealed(0x30, 6)), Err(Error::Replay));
        let envelope = Envelope { title: *b"KFM54321", control: 0x30, counter: 1 };
        assert_eq!(open(envelope.seal(&keys(), PLAIN, &mut [0; 64]).unwrap()), Ok(()), "another meter");
        let mut damaged = sealed(0x30, 9);
        *damaged.last_mut().unwrap() ^= 1;
        assert_eq!(open(&damaged), Err(Error::AuthenticationKey), "a damaged tag looks like a wrong key");
        assert_eq!(open(&sealed(0x30, 8)), Ok(()), "a message that stays closed does not count");
    }

    #[test]
    fn a_meter_that_counts_anew_is_believed_after_three_messages() {
        let mut cipher = Cipher::new(&keys());
        let mut open = |counter| cipher.open(&mut sealed(0x30, counter), Carrier::Frame).map(drop);
        let replay = Err(Error::Replay);
        assert_eq!(open(1000), Ok(()));
        assert_eq!([1, 2, 3, 4, 5].map(&mut open), [replay, replay, Err(Error::CountsAnew), Ok(()), Ok(())]);
        assert_eq!(open(5), replay, "from there on it counts");
        // Those of the meter itself between them, or the same once more: somebody repeats what was sent.
        assert_eq!([1, 2, 6, 3, 4].map(&mut open), [replay, replay, Ok(()), replay, replay]);
        assert_eq!([7, 1, 1, 2, 2, 1].map(&mut open), [Ok(()), replay, replay, replay, replay, replay]);
    }

    #[test]
    fn no_bit_of_a_message_with_a_tag_can_be_changed() {
        let message = sealed(0x30, 1);
        for bit in 0..message.len() * 8 {
            let mut damaged = message.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let opened = opened(&keys(), &damaged);
            // Without the bit that says that there is a tag, the tag counts as text: no message ends so.
            assert!(opened.is_err(), "bit {bit}: {opened:?}");
        }
    }

    #[test]
    fn other_forms_are_refused() {
        let message = sealed(0x30, 1);
        let changed = |index: usize, byte: u8| {
            let mut message = message.clone();
            message[index] = byte;
            opened(&keys(), &message)
        };
        for (index, byte) in [(0, 0xDC), (1, 7), (10, 5), (11, 0x10), (11, 0xB0), (11, 0x32), (11, 0x70)] {
            assert_eq!(changed(index, byte), Err(Error::Form), "{byte:02x} at {index}");
        }
        for end in 0..message.len() {
            assert_eq!(opened(&keys(), &message[..end]), Err(Error::Form), "cut after {end}");
        }
        assert_eq!(opened(&keys(), &[&message[..], &[0]].concat()), Err(Error::Form));
    }

    #[test]
    fn a_message_on_the_line_is_known_by_its_head() {
        let message = sealed(0x30, 1);
        let judged = |bytes: &[u8], stream| judge(bytes, stream);
        assert!(matches!(judged(&message, Stream::Open), Verdict::Frame(total) if total == message.len()));
        for end in 1..message.len() {
            assert!(
                matches!(judged(&message[..end], Stream::Open), Verdict::More { enough } if enough > end)
            );
            let cut = matches!(judged(&message[..end], Stream::Ended), Verdict::Failure { .. });
            assert_eq!(cut, end > 11, "{end}: its head is proof that it was cut");
        }
        for (index, byte) in [(1, 9), (2, b'k'), (11, 0x40)] {
            let mut other = message.clone();
            other[index] = byte;
            assert!(matches!(judged(&other, Stream::Open), Verdict::Noise), "{byte:02x} at {index}");
        }
    }

    #[test]
    fn tells_keys_apart_and_shows_none() {
        let key = Key::new(core::array::from_fn(|index| index as u8));
        for bit in 0..128 {
            let mut other = key.clone();
            other.0[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(key, other);
        }
        assert_eq!(key, key.clone());
        assert_eq!(format!("{key:?} {key:#?}"), "Key(hidden) Key(hidden)");
    }
}
