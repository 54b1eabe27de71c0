//! `/ws`: frames of JSON text, each with its `event`. Nothing that a client sends is acted on.

use super::{EVERY, Sort, json};
use crate::refusal::Refusal;
use crate::shared::Shared;
use axum::body::Body;
use axum::extract::FromRequestParts as _;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::Response;
use axum::http::request::Parts;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use zero_packets::RawJson;
use zero_packets::stream::{Heartbeat, WsFrame};

/// How often a heartbeat comes.
const BEAT: Duration = Duration::from_secs(5);
/// Time that a client has to take a frame; it is dropped then.
const TAKE_WITHIN: Duration = Duration::from_secs(5);
/// Largest message that a client may send.
const INCOMING_MAX: usize = 4_096;
/// Most that waits in a socket's buffer.
const BUFFER_MAX: usize = 256 << 10;
/// Messages of a client between two frames; one that sends more is dropped.
const MESSAGES_MAX: u32 = 64;
/// Close code of a server that goes away (RFC 6455, 7.4.1).
const GOING_AWAY: u16 = 1001;

/// Takes a request over.
pub(crate) async fn socket(shared: &Arc<Shared>, parts: &mut Parts) -> Result<Response<Body>, Refusal> {
    let upgrade = WebSocketUpgrade::from_request_parts(parts, &()).await.map_err(|_| Refusal::NoUpgrade)?;
    let place = shared.streams.enter(Sort::Socket)?;
    let shared = Arc::clone(shared);
    let upgrade = upgrade
        .max_message_size(INCOMING_MAX)
        .max_frame_size(INCOMING_MAX)
        .write_buffer_size(0)
        .max_write_buffer_size(BUFFER_MAX);
    Ok(upgrade.on_upgrade(move |socket| async move {
        let _place = place;
        talk(&shared, socket).await;
    }))
}

async fn talk(shared: &Shared, mut socket: WebSocket) {
    let mut bell = shared.streams.bell.subscribe();
    let mut at: Option<u64> = None;
    // The first comes at once.
    let mut beat = tokio::time::interval(BEAT);
    let mut messages = 0u32;
    loop {
        let beats = tokio::select! {
            biased;
            _ = beat.tick() => true,
            // Before the bell: on a busy run that one always rings. Who says too much is dropped.
            said = socket.recv() => {
                messages += 1;
                match said {
                    Some(Ok(Message::Close(_))) => return closed(&mut socket).await,
                    Some(Err(_)) | None => return,
                    Some(Ok(_)) if messages > MESSAGES_MAX => return,
                    Some(Ok(_)) => continue,
                }
            }
            rung = bell.changed() => {
                if rung.is_err() {
                    return;
                }
                false
            }
        };
        if shared.is_stopping() {
            let close = CloseFrame { code: GOING_AWAY, reason: "the runtime stops".into() };
            let _ = timeout(TAKE_WITHIN, socket.send(Message::Close(Some(close)))).await;
            return;
        }
        let Ok(frames) = frames(shared, &mut at, beats) else { return };
        for frame in frames {
            match timeout(TAKE_WITHIN, socket.send(Message::Text(frame.into()))).await {
                Ok(Ok(())) => messages = 0,
                Ok(Err(_)) => return,
                Err(_) => {
                    shared.streams.drop_one();
                    return;
                }
            }
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// The answer to a close frame is made when it is read and sent by the next read (RFC 6455, 5.5.1: it must come).
async fn closed(socket: &mut WebSocket) {
    let _ = timeout(TAKE_WITHIN, socket.recv()).await;
}

/// What is to be said now: a heartbeat first where one is due, then every part that changed.
fn frames(shared: &Shared, at: &mut Option<u64>, beats: bool) -> Result<Vec<String>, Refusal> {
    let ts = shared.clock.0.now().to_string();
    let mut out = Vec::new();
    if beats {
        let p = shared.load();
        let data = Heartbeat {
            mode: "paper".into(),
            source: p.view.manifest.source.clone(),
            trace_id: p.view.state.digest.to_string(),
        };
        let data = serde_json::to_string(&data).unwrap_or_default();
        out.push(frame("heartbeat", &ts, p.view.next_seq, &data)?);
    }
    let (parts, now) = shared.streams.changed(shared, *at)?;
    *at = Some(now);
    for (name, text) in parts {
        out.push(frame(name, &ts, now, &text)?);
    }
    Ok(out)
}

fn frame(event: &str, ts: &str, journal_seq: u64, data: &str) -> Result<String, Refusal> {
    json(&WsFrame {
        schema_version: Default::default(),
        event: event.into(),
        ts: ts.into(),
        journal_seq,
        data: RawJson::of(data).unwrap_or_default(),
    })
}
