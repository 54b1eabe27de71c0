//! The body of a request: whole, bounded, and in time.

use crate::guard::BODY_MAX;
use crate::refusal::Refusal;
use axum::body::{Body, HttpBody as _};
use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

/// Time for a request's body to arrive, from the end of its head.
pub(crate) const BODY_WITHIN: Duration = Duration::from_secs(10);

/// The body's bytes.
pub(crate) async fn whole(body: Body, within: Duration) -> Result<Vec<u8>, Refusal> {
    tokio::time::timeout(within, read(body)).await.unwrap_or(Err(Refusal::BodyLate))
}

async fn read(mut body: Body) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        // What follows the data, a trailer, says nothing here.
        let Ok(data) = frame.map_err(|_| Refusal::BodyBroken)?.into_data() else { continue };
        if (bytes.len() + data.len()) as u64 > BODY_MAX {
            return Err(Refusal::TooLarge);
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Error;
    use axum::body::Bytes;
    use http_body::Frame;
    use std::collections::VecDeque;
    use std::task::{Context, Poll};

    /// Gives its frames and then, where it is not to end, nothing for ever.
    struct Script {
        frames: VecDeque<Result<usize, &'static str>>,
        ends: bool,
    }

    impl axum::body::HttpBody for Script {
        type Data = Bytes;
        type Error = Error;
        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
            match self.frames.pop_front() {
                Some(Ok(n)) => Poll::Ready(Some(Ok(Frame::data(vec![b' '; n].into())))),
                Some(Err(why)) => Poll::Ready(Some(Err(Error::new(why)))),
                None if self.ends => Poll::Ready(None),
                None => Poll::Pending,
            }
        }
    }

    fn outcome(frames: &[Result<usize, &'static str>], ends: bool) -> Result<usize, Refusal> {
        let body = Body::new(Script { frames: frames.to_vec().into(), ends });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(whole(body, Duration::from_millis(20))).map(|b| b.len())
    }

    #[test]
    fn only_a_body_beyond_the_limit_is_too_large_and_only_one_that_does_not_come_is_late() {
        let max = BODY_MAX as usize;
        assert_eq!(outcome(&[], true), Ok(0));
        assert_eq!(outcome(&[Ok(max - 1), Ok(1)], true), Ok(max));
        assert_eq!(outcome(&[Ok(max), Ok(1)], true), Err(Refusal::TooLarge));
        assert_eq!(outcome(&[Ok(max + 1)], false), Err(Refusal::TooLarge), "nothing more is waited for");
        assert_eq!(outcome(&[Ok(1), Err("chunk")], true), Err(Refusal::BodyBroken));
        assert_eq!(outcome(&[], false), Err(Refusal::BodyLate));
        assert_eq!(outcome(&[Ok(1)], false), Err(Refusal::BodyLate));
    }
}
