//! `/v1/stream`: server-sent events (WHATWG HTML, 9.2).

use super::{Cut, EVERY, Place, Sort};
use crate::refusal::Refusal;
use crate::shared::Shared;
use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, Response};
use http_body::{Frame, SizeHint};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, Sender, channel, error::TrySendError};

/// Events that wait for a client; one that is further behind is cut off and may come back with its last id.
pub(super) const WAITING_MAX: usize = 16;
/// Longest silence.
const BEAT: Duration = Duration::from_secs(15);
/// Longest id that is looked at.
const ID_MAX: usize = 128;

/// Opens a stream that continues after the id that the client saw last.
pub(crate) fn events(shared: &Arc<Shared>, headers: &HeaderMap, cut: Cut) -> Result<Response<Body>, Refusal> {
    let last = headers.get("last-event-id").and_then(|v| v.to_str().ok()).filter(|id| id.len() <= ID_MAX);
    let at = last.and_then(|id| shared.streams.number(id));
    // Taken here, so that a full house is an answer and not a broken stream.
    let place = shared.streams.enter(Sort::Events)?;
    let (tell, waiting) = channel(WAITING_MAX);
    tokio::spawn(feed((Arc::clone(shared), place), at, tell, cut));
    let mut r = Response::new(Body::new(Events(waiting)));
    r.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    Ok(r)
}

pub(super) async fn feed(
    (shared, _place): (Arc<Shared>, Place),
    mut at: Option<u64>,
    tell: Sender<Bytes>,
    cut: Cut,
) {
    let mut bell = shared.streams.bell.subscribe();
    let mut first = true;
    loop {
        let Ok((events, now)) = shared.streams.since(&shared, at) else { return };
        at = Some(now);
        let retry = std::mem::take(&mut first).then(|| "retry: 1000\n\n".to_owned());
        for event in retry.into_iter().chain(events) {
            match tell.try_send(event.into()) {
                Ok(()) => {}
                Err(TrySendError::Closed(_)) => return,
                Err(TrySendError::Full(_)) => {
                    shared.streams.drop_one();
                    // The connection hangs in a write that nobody reads: only cutting it frees its place.
                    cut.0.notify_one();
                    return;
                }
            }
        }
        if shared.is_stopping() {
            return;
        }
        tokio::select! {
            () = tell.closed() => return,
            rung = bell.changed() => if rung.is_err() { return },
            () = tokio::time::sleep(BEAT) => {
                // Full: a client that is behind needs no sign of life.
                let _ = tell.try_send(Bytes::from_static(b": beat\n\n"));
            }
        }
        if !shared.is_stopping() {
            tokio::time::sleep(EVERY).await;
        }
    }
}

/// The body of a stream: ends when its feeder does.
struct Events(Receiver<Bytes>);

impl http_body::Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|b| b.map(|b| Ok(Frame::data(b))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
