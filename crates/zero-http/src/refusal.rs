//! The one error shape, and the status of each code.

use crate::answer::rate_headers;
use axum::body::Body;
use axum::http::header::{ALLOW, CONNECTION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Response, StatusCode};
use zero_core::Ts;
use zero_packets::ErrorPacket;
use zero_packets::intelligence::RateLimit;
use zero_runtime::approval::ApprovalError;

/// Why a request is not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    NoPath(String),
    Method {
        allow: &'static str,
    },
    Host(String),
    Origin,
    Token,
    TooLarge,
    MediaType,
    TooMany,
    Query(String),
    NotOffered(&'static str),
    Coin(String),
    Render(String),
    Streams,
    NoUpgrade,
    Scope {
        role: &'static str,
        needs: &'static str,
    },
    Body(String),
    /// It ended or went wrong before it was whole.
    BodyBroken,
    BodyLate,
    Busy(&'static str),
    Late,
    Approval(ApprovalError),
    KeyInUse,
    NoAccount,
    Quota(RateLimit, Ts),
    /// A mounted surface's transport refuses, in its own words.
    Transport(StatusCode, String),
}

impl Refusal {
    /// Every refusal has its status: 4xx is the client's fault, 5xx ours.
    fn parts(&self) -> (StatusCode, &'static str, String) {
        use StatusCode as S;
        match self {
            Self::NoPath(path) => (S::NOT_FOUND, "ZERO-API-001", format!("nothing is served at {path}")),
            Self::Method { allow } => {
                (S::METHOD_NOT_ALLOWED, "ZERO-API-002", format!("the path is served with {allow}"))
            }
            Self::Host(host) => (S::FORBIDDEN, "ZERO-API-003", format!("this server is not {host:?}")),
            Self::Origin => (S::FORBIDDEN, "ZERO-API-004", "the page that asks is of another origin".into()),
            Self::Token => (S::UNAUTHORIZED, "ZERO-API-005", "there is no valid token".into()),
            Self::TooLarge => {
                (S::PAYLOAD_TOO_LARGE, "ZERO-API-006", "the body is larger than 65536 bytes".into())
            }
            Self::MediaType => (S::UNSUPPORTED_MEDIA_TYPE, "ZERO-API-007", "the body is not JSON".into()),
            Self::TooMany => (S::TOO_MANY_REQUESTS, "ZERO-API-008", "requests come too fast".into()),
            Self::Query(why) => (S::BAD_REQUEST, "ZERO-API-009", why.clone()),
            Self::NotOffered(reason) => (S::NOT_FOUND, "ZERO-API-010", (*reason).into()),
            Self::Coin(coin) => {
                (S::NOT_FOUND, "ZERO-API-011", format!("the run has no coin {coin:?} with a price"))
            }
            Self::Streams => {
                (S::SERVICE_UNAVAILABLE, "ZERO-API-030", "as many streams are open as this server has".into())
            }
            Self::Scope { role, needs } => (
                S::FORBIDDEN,
                "ZERO-API-032",
                format!("it needs the token of the {needs}, and this is {role}"),
            ),
            Self::Body(why) => (S::BAD_REQUEST, "ZERO-API-033", why.clone()),
            Self::BodyBroken => {
                (S::BAD_REQUEST, "ZERO-API-037", "the body broke off, or its chunks are none".into())
            }
            Self::BodyLate => {
                (S::REQUEST_TIMEOUT, "ZERO-API-038", "the body was not whole within 10 s".into())
            }
            Self::Busy(why) => (S::SERVICE_UNAVAILABLE, "ZERO-API-034", (*why).into()),
            Self::KeyInUse => {
                (S::CONFLICT, "ZERO-API-036", "the idempotency key belongs to another order".into())
            }
            Self::Late => (S::GATEWAY_TIMEOUT, "ZERO-API-035", "the loop did not answer within 10 s".into()),
            Self::Approval(why) => (S::FORBIDDEN, why.code(), why.to_string()),
            Self::NoAccount => {
                (S::BAD_REQUEST, "ZERO-API-060", "this paper runtime has no account at the venue".into())
            }
            Self::Quota(l, _) => (
                S::TOO_MANY_REQUESTS,
                "ZERO-API-061",
                format!("{} readings of this window are taken", l.limit),
            ),
            Self::Transport(status, said) => (*status, transport_code(*status), said.clone()),
            Self::NoUpgrade => {
                (S::BAD_REQUEST, "ZERO-API-031", "the request opens no WebSocket of version 13".into())
            }
            Self::Render(why) => (S::INTERNAL_SERVER_ERROR, "ZERO-API-012", why.clone()),
        }
    }

    pub(crate) fn response(&self) -> Response<Body> {
        let (status, code, cause) = self.parts();
        let hint = zero_packets::errors::find(code).map_or("", |e| e.hint);
        let packet = ErrorPacket::new(code, cause, hint.into());
        let text = serde_json::to_string(&packet).unwrap_or_default();
        let mut r = Response::new(Body::from(text));
        *r.status_mut() = status;
        let headers = r.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        match self {
            Self::Method { allow } => {
                headers.insert(ALLOW, HeaderValue::from_static(allow));
            }
            Self::Token => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Self::TooMany | Self::Streams | Self::Busy(_) => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            Self::BodyLate => {
                headers.insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Self::Quota(l, now) => {
                let wait = l.reset.saturating_sub((now.as_ns() / 1_000_000_000).max(0).unsigned_abs()).max(1);
                headers.insert(RETRY_AFTER, HeaderValue::from(wait));
                for (name, value) in rate_headers(l) {
                    if let Ok(value) = HeaderValue::from_str(&value) {
                        headers.insert(name, value);
                    }
                }
            }
            _ => {}
        }
        r
    }
}

/// Where a refusal of a transport means what one of this server means, it has the same code.
fn transport_code(status: StatusCode) -> &'static str {
    use StatusCode as S;
    match status {
        S::METHOD_NOT_ALLOWED => "ZERO-API-002",
        S::FORBIDDEN => "ZERO-API-063",
        S::NOT_FOUND => "ZERO-API-064",
        S::NOT_ACCEPTABLE => "ZERO-API-065",
        S::PAYLOAD_TOO_LARGE => "ZERO-API-006",
        S::UNSUPPORTED_MEDIA_TYPE => "ZERO-API-007",
        other if other.is_server_error() => "ZERO-API-066",
        _ => "ZERO-API-062",
    }
}
