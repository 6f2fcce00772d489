//! One face for meters that speak by themselves and for meters that are asked: a link and who listens on it.
//!
//! Whoever reads hears events of the link, and hands the bytes on; what they mean comes back. That a meter of the second
//! kind is spoken to in between is seen nowhere else.

mod poller;

use std::time::Duration;

use crate::decoder::{self, Decoder};
use crate::source::{Event, Link, Status};
use poller::Poller;

/// A link, and who listens on it.
pub struct Pipeline {
    link: Link,
    voice: Voice,
}

enum Voice {
    /// The meter pushes.
    Pushed(Box<Decoder>),
    /// The meter is asked.
    Asked(Box<Poller>),
}

impl Pipeline {
    /// Listens on a link, and asks if its source says that the meter waits for that.
    pub fn new(link: Link, decoder: Decoder) -> Self {
        let voice = match Poller::new(link.source()) {
            Some(asker) => Voice::Asked(Box::new(asker.reading_with(decoder))),
            None => Voice::Pushed(Box::new(decoder)),
        };
        Pipeline { link, voice }
    }

    /// Waits for what comes next. Bytes go to the buffer; [`Event::Idle`] wants [`idle`](Self::idle) to be called.
    /// Cancel-safe.
    pub async fn next(&mut self, buffer: &mut [u8]) -> Event {
        match &mut self.voice {
            Voice::Pushed(_) => self.link.next(buffer).await,
            Voice::Asked(asker) => asker.next(&mut self.link, buffer).await,
        }
    }

    /// Takes from the front of bytes that came and returns what they come to; `None` when they are used up.
    #[inline]
    pub fn feed(&mut self, bytes: &mut &[u8]) -> Option<decoder::Event<'_>> {
        match &mut self.voice {
            Voice::Pushed(decoder) => decoder.feed(bytes),
            Voice::Asked(asker) => asker.feed(bytes),
        }
    }

    /// The meter has fallen silent. Call until `None`.
    pub fn idle(&mut self) -> Option<decoder::Event<'_>> {
        match &mut self.voice {
            Voice::Pushed(decoder) => decoder.idle(),
            Voice::Asked(asker) => asker.idle(),
        }
    }

    /// The source is at its end. Call until `None`.
    pub fn finish(&mut self) -> Option<decoder::Event<'_>> {
        match &mut self.voice {
            Voice::Pushed(decoder) => decoder.finish(),
            Voice::Asked(_) => None,
        }
    }

    /// The line was lost and found again, or set anew: nothing before belongs to anything after. Who asks knows.
    pub fn restart(&mut self) {
        if let Voice::Pushed(decoder) = &mut self.voice {
            decoder.restart();
        }
    }

    /// A frame with right check sequences came.
    pub fn confirm(&mut self) {
        self.link.confirm();
    }

    /// The numbers of the link.
    pub fn status(&self) -> &Status {
        self.link.status()
    }

    /// Bytes so far that belonged to no frame.
    pub fn discarded(&self) -> u64 {
        match &self.voice {
            Voice::Pushed(decoder) => decoder.discarded(),
            Voice::Asked(asker) => asker.discarded(),
        }
    }

    /// How often the meter is asked, or its answers take if that is longer; nothing of one that pushes.
    pub fn interval(&self) -> Option<Duration> {
        match &self.voice {
            Voice::Pushed(_) => None,
            Voice::Asked(asker) => Some(asker.interval()),
        }
    }
}
