//! One interface to meters that push and to meters that are polled: a link with a decoder or a poller.
//!
//! The caller receives events of the link and passes the bytes on; decoded events come back. Requests to a polled meter
//! are sent in between, unseen.

mod poller;

use std::time::Duration;

use crate::decoder::{self, Decoder};
use crate::source::{Event, Link, Status};
use crate::wire::dlms::cipher::Keys;
use poller::Poller;

/// A link and what makes sense of its bytes.
pub struct Pipeline {
    link: Link,
    reader: Reader,
    /// How often the link had been opened at the last event.
    opens: u64,
}

/// How the bytes of a burst are decoded: as they arrive, or at a pause or the end of the source.
pub type Next = for<'a> fn(&'a mut Pipeline, &mut &[u8]) -> Option<decoder::Event<'a>>;

enum Reader {
    Pushed(Box<Decoder>),
    Polled(Box<Poller>),
}

impl Pipeline {
    /// Polls the meter if the link's source says that it must be polled; otherwise only receives.
    pub fn new(link: Link, decoder: Decoder) -> Self {
        let reader = match Poller::new(link.source()) {
            Some(poller) => Reader::Polled(Box::new(poller.reading_with(decoder))),
            None => Reader::Pushed(Box::new(decoder)),
        };
        Pipeline { link, reader, opens: 0 }
    }

    /// Requests the identity of a polled meter so often that it does not outlive this time.
    pub fn with_identity_kept_for(mut self, time: Duration) -> Self {
        if let Reader::Polled(poller) = &mut self.reader {
            poller.keep_identity_for(time);
        }
        self
    }

    /// Decrypts messages with these keys. No meter that is polled encrypts.
    pub fn decrypt_with(&mut self, keys: &Keys) {
        if let Reader::Pushed(decoder) = &mut self.reader {
            decoder.decrypt_with(keys);
        }
    }

    /// Call when bytes were discarded because they may be old: nothing of a message before them is kept, and the time of
    /// silence begins again.
    pub fn resume(&mut self) {
        self.link.resume();
        if let Reader::Pushed(decoder) = &mut self.reader {
            decoder.restart();
        }
    }

    /// Waits for the next event. Bytes go to the buffer; after [`Event::Idle`] call [`idle`](Self::idle). Cancel-safe.
    pub async fn next(&mut self, buffer: &mut [u8]) -> Event {
        match &mut self.reader {
            Reader::Pushed(decoder) => {
                let event = self.link.next(buffer).await;
                let opens = self.link.status().opens;
                let is_reopened = std::mem::replace(&mut self.opens, opens) != opens;
                // Bytes from before and after do not belong together. A poller notices by itself.
                if is_reopened || matches!(event, Event::Trying(_)) {
                    decoder.restart();
                }
                event
            }
            Reader::Polled(poller) => poller.next(&mut self.link, buffer).await,
        }
    }

    /// Takes received bytes from the front of `bytes` and returns what they contain; `None` when they are used up.
    pub fn feed(&mut self, bytes: &mut &[u8]) -> Option<decoder::Event<'_>> {
        match &mut self.reader {
            Reader::Pushed(decoder) => decoder.feed(bytes),
            Reader::Polled(poller) => poller.feed(bytes),
        }
    }

    /// Returns what is complete now that the meter has fallen silent. Call until `None`.
    pub fn idle(&mut self) -> Option<decoder::Event<'_>> {
        match &mut self.reader {
            Reader::Pushed(decoder) => decoder.idle(),
            Reader::Polled(poller) => poller.idle(),
        }
    }

    /// Returns what is complete now that the source has ended. Call until `None`.
    pub fn finish(&mut self) -> Option<decoder::Event<'_>> {
        match &mut self.reader {
            Reader::Pushed(decoder) => decoder.finish(),
            Reader::Polled(_) => None,
        }
    }

    /// Polls the meter once more as soon as the present poll cycle is over. A meter that pushes sends again by itself.
    pub fn poll_again(&mut self) {
        if let Reader::Polled(poller) = &mut self.reader {
            poller.poll_again();
        }
    }

    /// Call when a frame passed its checks.
    pub fn confirm(&mut self) {
        self.link.confirm();
    }

    /// Counters and state of the link.
    pub fn status(&self) -> &Status {
        self.link.status()
    }

    /// Bytes so far that belong to no frame.
    pub fn discarded(&self) -> u64 {
        match &self.reader {
            Reader::Pushed(decoder) => decoder.discarded(),
            Reader::Polled(poller) => poller.discarded(),
        }
    }

    /// The polling interval, or the duration of a poll cycle if that is longer; `None` for a meter that pushes.
    pub fn interval(&self) -> Option<Duration> {
        match &self.reader {
            Reader::Pushed(_) => None,
            Reader::Polled(poller) => Some(poller.interval()),
        }
    }
}
