//! The body of an answer: complete, or a stream that stays open.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::http::{Response, StatusCode};
use tokio::sync::mpsc;

use super::activity::Activity;

/// What an answer carries.
#[derive(Debug)]
pub struct Body {
    content: Content,
    /// The connection that learns when nothing of the answer is left here.
    pub(super) activity: Option<Arc<Activity>>,
}

#[derive(Debug)]
enum Content {
    Complete(Option<Bytes>),
    Stream(mpsc::Receiver<Bytes>),
}

impl Body {
    /// A body whose parts are sent as they come, until the sender is dropped.
    ///
    /// The channel is the bound: a client that does not read fills it, and is cut off after [`Limits::answer`], which
    /// the sender learns as a closed channel.
    ///
    /// [`Limits::answer`]: super::Limits::answer
    pub fn stream(parts: mpsc::Receiver<Bytes>) -> Self {
        Self { content: Content::Stream(parts), activity: None }
    }

    pub(super) fn is_stream(&self) -> bool {
        matches!(self.content, Content::Stream(_))
    }
}

/// A response with a body of this media type.
pub fn response(status: StatusCode, kind: &'static str, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

impl<T: Into<Bytes>> From<T> for Body {
    fn from(complete: T) -> Self {
        let content = Content::Complete(Some(complete.into()).filter(|bytes| !bytes.is_empty()));
        Self { content, activity: None }
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let part = match &mut self.content {
            Content::Complete(bytes) => Poll::Ready(bytes.take()),
            Content::Stream(parts) => parts.poll_recv(context),
        };
        part.map(|part| part.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.content, Content::Complete(None))
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Complete(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64),
            Content::Stream(_) => SizeHint::default(),
        }
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        if let Some(activity) = &self.activity {
            activity.answer_handed_over();
        }
    }
}
