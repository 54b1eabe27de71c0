//! Who is let in: Host always, Origin when present, rate, token. In this order, before any route is looked at, so that a
//! stranger learns nothing from paths. Bodies are looked at once the method fits.

use crate::limit::Bucket;
use crate::refusal::Refusal;
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, ORIGIN, TRANSFER_ENCODING};
use axum::http::{HeaderMap, Method};
use std::fmt;
use std::time::Duration;
use subtle::ConstantTimeEq as _;

/// Largest body, bytes.
pub(crate) const BODY_MAX: u64 = 65_536;

/// A principal with its token.
pub struct Principal {
    /// `observer`, `agent` or `operator`.
    pub name: &'static str,
    /// Its token's text.
    pub token: Vec<u8>,
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Principal").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The rules of one server.
#[derive(Debug)]
pub struct Guard {
    hosts: Vec<String>,
    open: bool,
    principals: Vec<Principal>,
    bucket: Bucket,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Who {
    pub(crate) role: &'static str,
    pub(crate) source: &'static str,
}

impl Guard {
    /// Answers to the loopback names at this port and to `more`; without tokens only where `open`.
    #[must_use]
    pub fn new(
        port: u16,
        more: &[String],
        open: bool,
        principals: Vec<Principal>,
        rate: u32,
        now: Duration,
    ) -> Self {
        let mut hosts: Vec<String> =
            ["127.0.0.1", "localhost", "[::1]"].iter().map(|h| format!("{h}:{port}")).collect();
        hosts.extend(more.iter().map(|h| h.to_ascii_lowercase()));
        Self { hosts, open, principals, bucket: Bucket::new(rate, now) }
    }

    pub(crate) fn admit(&self, headers: &HeaderMap, now: Duration) -> Result<Who, Refusal> {
        self.host(headers)?;
        self.origin(headers)?;
        if !self.bucket.take(now) {
            return Err(Refusal::TooMany);
        }
        self.who(headers)
    }

    /// A page that rebinds its own name to this address still sends that name. Two Host headers are one too many.
    fn host(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let mut all = headers.get_all(HOST).iter();
        let (one, more) = (all.next(), all.next());
        let text = one.and_then(|v| v.to_str().ok()).unwrap_or("").to_ascii_lowercase();
        if more.is_none() && self.hosts.contains(&text) {
            return Ok(());
        }
        Err(Refusal::Host(text.chars().take(100).collect()))
    }

    fn origin(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let own =
            |v: &str| v.strip_prefix("http://").is_some_and(|h| self.hosts.contains(&h.to_ascii_lowercase()));
        let all = headers.get_all(ORIGIN).iter();
        for origin in all {
            if !origin.to_str().is_ok_and(own) {
                return Err(Refusal::Origin);
            }
        }
        Ok(())
    }

    /// A token that is sent must be valid even where none is needed: a client with an old one has to learn it.
    fn who(&self, headers: &HeaderMap) -> Result<Who, Refusal> {
        let mut all = headers.get_all(AUTHORIZATION).iter();
        let Some(value) = all.next() else {
            return if self.open {
                Ok(Who { role: "anonymous", source: "none" })
            } else {
                Err(Refusal::Token)
            };
        };
        if all.next().is_some() {
            return Err(Refusal::Token);
        }
        let sent = value.as_bytes().strip_prefix(b"Bearer ").ok_or(Refusal::Token)?;
        // Every token is compared, whichever fits: the time tells nothing about which.
        let mut role = None;
        for p in &self.principals {
            if bool::from(p.token.as_slice().ct_eq(sent)) {
                role = Some(p.name);
            }
        }
        role.map(|role| Who { role, source: "token" }).ok_or(Refusal::Token)
    }
}

/// May record an act that reduces risk. Only a token gives one.
#[derive(Debug)]
pub(crate) struct MayReduce(());

/// May record an act that only the operator in person makes. No other token gives one.
#[derive(Debug)]
pub(crate) struct MayOperate(());

impl Who {
    /// # Errors
    /// [`Refusal::Token`] without a token, [`Refusal::Scope`] for readers.
    pub(crate) fn may_reduce(self) -> Result<MayReduce, Refusal> {
        match self.role {
            "operator" | "agent" => Ok(MayReduce(())),
            "anonymous" => Err(Refusal::Token),
            role => Err(Refusal::Scope { role, needs: "operator or an agent" }),
        }
    }

    /// # Errors
    /// [`Refusal::Token`] without a token, [`Refusal::Scope`] for readers and agents.
    pub(crate) fn may_operate(self) -> Result<MayOperate, Refusal> {
        match self.role {
            "operator" => Ok(MayOperate(())),
            "anonymous" => Err(Refusal::Token),
            role => Err(Refusal::Scope { role, needs: "operator" }),
        }
    }

    /// What the role may do here.
    pub(crate) const fn scope(self) -> &'static str {
        match self.role.as_bytes() {
            b"operator" => "read, reduce, operate",
            b"agent" => "read, reduce",
            _ => "read",
        }
    }
}

/// A body is bounded and JSON all the same, so that a form of a foreign page fails.
pub(crate) fn body(method: &Method, headers: &HeaderMap) -> Result<(), Refusal> {
    let length = headers.get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok()).unwrap_or(0);
    if length > BODY_MAX {
        return Err(Refusal::TooLarge);
    }
    let has_body = length > 0 || headers.contains_key(TRANSFER_ENCODING) || method == Method::POST;
    let kind = headers.get(CONTENT_TYPE).map(|v| v.to_str().unwrap_or("?"));
    let is_json = kind.is_some_and(|k| {
        let essence = k.split(';').next().unwrap_or("").trim();
        essence.eq_ignore_ascii_case("application/json")
    });
    if !is_json && (has_body || kind.is_some()) {
        return Err(Refusal::MediaType);
    }
    Ok(())
}
