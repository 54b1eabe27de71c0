//! What another surface's transport answers, in the shape of this one: a refusal of its own is the one error packet. Errors of
//! its protocol are JSON already and stay as they are.

use crate::refusal::Refusal;
use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, Response, StatusCode};
use serde_json::Value;

/// Bytes that are read of a refusal's text.
const TEXT_BYTES: usize = 4_096;
/// Characters that are told of it.
const CAUSE_MAX: usize = 200;

/// A message of the protocol is one object. A transport calls what is none another media type, whatever type it has.
pub(crate) fn message(bytes: &[u8]) -> Result<(), Refusal> {
    let why = match serde_json::from_slice::<Value>(bytes) {
        Ok(Value::Object(_)) => return Ok(()),
        Ok(Value::Array(_)) => "one message is taken at a time, and the body is a list".to_owned(),
        Ok(_) => "the body is no object".to_owned(),
        Err(e) => format!("the body is not JSON: {e}"),
    };
    Err(Refusal::Transport(StatusCode::BAD_REQUEST, why))
}

/// The answer with its status and its headers. `was_json`: the request had the type that the transport takes.
pub(crate) async fn in_one_shape(answer: Response<Body>, was_json: bool) -> Response<Body> {
    let status = match answer.status() {
        StatusCode::UNSUPPORTED_MEDIA_TYPE if was_json => StatusCode::BAD_REQUEST,
        status => status,
    };
    if status.is_success() || status.is_informational() || is_json(&answer) {
        return answer;
    }
    let (mut head, body) = answer.into_parts();
    head.status = status;
    let text = to_bytes(body, TEXT_BYTES).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let plain =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(CAUSE_MAX).collect::<String>();
    let cause = match plain.trim() {
        "" => format!("the transport answers {status}"),
        said => said.to_owned(),
    };
    let packet = Refusal::Transport(status, cause).response();
    for (name, value) in packet.headers() {
        head.headers.insert(name, value.clone());
    }
    head.headers.remove(CONTENT_LENGTH);
    Response::from_parts(head, packet.into_body())
}

fn is_json(answer: &Response<Body>) -> bool {
    names_json(answer.headers())
}

/// Is what these headers lead JSON?
pub(crate) fn names_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
    kind.split(';').next().unwrap_or("").trim().eq_ignore_ascii_case("application/json")
}
