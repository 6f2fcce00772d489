//! The body of an answer: whole as a rule, or a stream for a page that stays open.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};

use super::link::Link;

/// What an answer carries.
pub struct Body(Content);

enum Content {
    Whole(Option<Bytes>),
    Stream(Pin<Box<dyn HttpBody<Data = Bytes, Error = Infallible> + Send>>),
}

impl Body {
    /// A body that comes in pieces, of a length nobody knows yet.
    pub fn stream(pieces: impl HttpBody<Data = Bytes, Error = Infallible> + Send + 'static) -> Self {
        Self(Content::Stream(Box::pin(pieces)))
    }
}

impl<T: Into<Bytes>> From<T> for Body {
    fn from(whole: T) -> Self {
        Self(Content::Whole(Some(whole.into()).filter(|whole| !whole.is_empty())))
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Content::Whole(whole) => formatter.debug_tuple("Whole").field(whole).finish(),
            Content::Stream(_) => formatter.write_str("Stream"),
        }
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &mut self.get_mut().0 {
            Content::Whole(whole) => Poll::Ready(whole.take().map(|whole| Ok(Frame::data(whole)))),
            Content::Stream(pieces) => pieces.as_mut().poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Content::Whole(whole) => whole.is_none(),
            Content::Stream(pieces) => pieces.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Content::Whole(whole) => SizeHint::with_exact(whole.as_ref().map_or(0, Bytes::len) as u64),
            Content::Stream(pieces) => pieces.size_hint(),
        }
    }
}

/// A body that tells its connection when it has been given away whole.
pub(super) struct Tracked {
    pub(super) body: Body,
    pub(super) link: Arc<Link>,
}

impl HttpBody for Tracked {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.link.answer_complete();
    }
}
