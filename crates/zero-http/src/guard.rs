//! Who is let in: Host always, Origin when present, token and rate, before any route is looked at, so that a stranger learns
//! nothing from paths. Whoever has a token has a rate of its own, and another for what reduces risk: no flood slows a kill.
//! Bodies are looked at once the method fits.

use crate::limit::Bucket;
use crate::refusal::Refusal;
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, ORIGIN, TRANSFER_ENCODING};
use axum::http::{HeaderMap, Uri};
use std::time::Duration;
use subtle::ConstantTimeEq as _;
use zero_config::Secret;

/// Largest body, bytes.
pub(crate) const BODY_MAX: u64 = 65_536;

/// Risk-reducing acts per second of each principal, whatever the rate of requests is.
const REDUCTIONS: u32 = 50;

/// A principal with its token.
#[derive(Debug)]
pub struct Principal {
    /// `observer`, `agent` or `operator`.
    pub name: &'static str,
    /// Its token's text.
    pub token: Secret,
}

/// The rules of one server.
#[derive(Debug)]
pub struct Guard {
    hosts: Vec<String>,
    open: bool,
    principals: Vec<Known>,
    /// Of everybody without a valid token.
    strangers: Bucket,
}

/// A principal with its rates.
#[derive(Debug)]
struct Known {
    principal: Principal,
    requests: Bucket,
    reductions: Bucket,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Who {
    pub(crate) role: &'static str,
    pub(crate) source: &'static str,
}

/// Whom the guard let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Admitted {
    pub(crate) who: Who,
    /// The request's place in a rate is still to be taken: only what reduces risk may go on, by [`Guard::pays_reduction`].
    pub(crate) owes: bool,
}

/// Which rate a request draws on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// That of requests.
    Request,
    /// The path leads to what can only shrink the account's worst case.
    Reduction,
    /// Its body decides which of the two it is.
    ByBody,
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
        let known = |principal| Known {
            principal,
            requests: Bucket::new(rate, now),
            reductions: Bucket::new(REDUCTIONS, now),
        };
        let principals = principals.into_iter().map(known).collect();
        Self { hosts, open, principals, strangers: Bucket::new(rate, now) }
    }

    pub(crate) fn admit(
        &self,
        uri: &Uri,
        headers: &HeaderMap,
        pace: Pace,
        now: Duration,
    ) -> Result<Admitted, Refusal> {
        self.host(uri, headers)?;
        self.origin(headers)?;
        let who = self.who(headers);
        let (may, owes) = match who.as_ref().ok().and_then(|w| self.known(*w)) {
            Some(k) if pace == Pace::Reduction => (k.reductions.take(now) || k.requests.take(now), false),
            Some(k) => {
                let paid = k.requests.take(now);
                (paid || pace == Pace::ByBody, !paid)
            }
            None => (self.strangers.take(now), false),
        };
        if !may {
            return Err(Refusal::TooMany);
        }
        who.map(|who| Admitted { who, owes })
    }

    /// What turned out to reduce risk draws on the reductions' rate.
    pub(crate) fn pays_reduction(&self, who: Who, now: Duration) -> bool {
        who.may_reduce().is_ok() && self.known(who).is_some_and(|k| k.reductions.take(now))
    }

    fn known(&self, who: Who) -> Option<&Known> {
        self.principals.iter().find(|k| k.principal.name == who.role)
    }

    /// A page that rebinds its own name to this address still sends that name. Two Host headers are one too many. A target in
    /// absolute form names a host too, and it goes before the header's (RFC 9112, 3.2.2).
    fn host(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
        if let Some(named) = uri.authority().map(|a| a.as_str().to_ascii_lowercase())
            && !self.hosts.contains(&named)
        {
            return Err(Refusal::Host(named.chars().take(100).collect()));
        }
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
        let sent = bearer(value.as_bytes()).ok_or(Refusal::Token)?;
        // Every token is compared, whichever fits: the time tells nothing about which.
        let mut role = None;
        for p in &self.principals {
            if bool::from(p.principal.token.expose().ct_eq(sent)) {
                role = Some(p.principal.name);
            }
        }
        role.map(|role| Who { role, source: "token" }).ok_or(Refusal::Token)
    }
}

/// The token of a `Bearer` credential; the scheme's case does not matter (RFC 9110, 11.1).
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then_some(token)
}

/// May record an act that reduces risk. Only a token gives one.
#[derive(Debug)]
pub(crate) struct MayReduce(());

/// May record an act that only the operator in person makes. No other token gives one.
#[derive(Debug)]
pub(crate) struct MayOperate(());

impl Who {
    pub(crate) fn has_token(self) -> bool {
        self.source == "token"
    }

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

/// A body is bounded and JSON all the same, so that a form of a foreign page fails. An act without a word needs none.
pub(crate) fn body(headers: &HeaderMap) -> Result<(), Refusal> {
    let length = headers.get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok()).unwrap_or(0);
    if length > BODY_MAX {
        return Err(Refusal::TooLarge);
    }
    let has_body = length > 0 || headers.contains_key(TRANSFER_ENCODING);
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

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 3;

    fn guard() -> Guard {
        let known = |name: &'static str| Principal { name, token: Secret::new(name.as_bytes().to_vec()) };
        let all = ["observer", "agent", "operator"].map(known).into();
        Guard::new(80, &[], true, all, RATE, Duration::ZERO)
    }

    fn head(credential: Option<&str>) -> HeaderMap {
        let mut all = HeaderMap::new();
        all.insert(HOST, "localhost:80".parse().unwrap());
        all.extend(credential.map(|c| (AUTHORIZATION, c.parse().unwrap())));
        all
    }

    fn admit(g: &Guard, credential: Option<&str>, pace: Pace) -> Result<Admitted, Refusal> {
        g.admit(&Uri::from_static("/x"), &head(credential), pace, Duration::ZERO)
    }

    fn ask(g: &Guard, credential: Option<&str>, reduces: bool) -> Result<Who, Refusal> {
        let pace = if reduces { Pace::Reduction } else { Pace::Request };
        admit(g, credential, pace).map(|a| a.who)
    }

    #[test]
    fn what_a_body_makes_a_reduction_draws_on_the_reductions_rate_and_nothing_else_does() {
        let g = guard();
        let operator = Some("Bearer operator");
        for _ in 0..RATE {
            assert!(!admit(&g, operator, Pace::ByBody).unwrap().owes, "the rate of requests comes first");
        }
        for _ in 0..1_000 {
            assert!(
                admit(&g, operator, Pace::ByBody).unwrap().owes,
                "nothing is drawn before the body is read"
            );
        }
        let who = admit(&g, operator, Pace::ByBody).unwrap().who;
        assert_eq!((0..100).filter(|_| g.pays_reduction(who, Duration::ZERO)).count(), REDUCTIONS as usize);
        let observer = ask(&g, Some("Bearer observer"), false).unwrap();
        assert!(!g.pays_reduction(observer, Duration::ZERO), "a reader reduces nothing");
        (0..100).for_each(|_| drop(ask(&g, None, false)));
        assert_eq!(admit(&g, None, Pace::ByBody), Err(Refusal::TooMany), "a stranger's body is not read");
    }

    #[test]
    fn no_flood_of_strangers_or_of_the_operators_own_readers_slows_a_reduction() {
        let g = guard();
        for who in [None, Some("Bearer wrong"), Some("Bearer observer"), Some("Bearer operator")] {
            (0..100).for_each(|_| drop(ask(&g, who, false)));
            assert_eq!(ask(&g, who, false), Err(Refusal::TooMany), "{who:?}");
        }
        assert_eq!(ask(&g, None, true), Err(Refusal::TooMany), "a stranger's kill is no reduction");
        for _ in 0..REDUCTIONS {
            assert_eq!(ask(&g, Some("Bearer operator"), true).unwrap().role, "operator");
        }
        assert_eq!(ask(&g, Some("Bearer operator"), true), Err(Refusal::TooMany), "it has an end too");
        assert!(ask(&g, Some("Bearer agent"), true).is_ok(), "each has its own");
    }

    #[test]
    fn a_scheme_has_no_case_and_a_token_has() {
        let g = guard();
        for good in ["Bearer agent", "bearer agent", "BEARER agent"] {
            assert_eq!(ask(&g, Some(good), true).unwrap().role, "agent", "{good}");
        }
        for bad in ["Bearer AGENT", "Bearer  agent", "Bearer", "Basic agent", "agent"] {
            assert_ne!(ask(&g, Some(bad), false).map(|w| w.role), Ok("agent"), "{bad}");
        }
    }

    #[test]
    fn a_target_in_absolute_form_cannot_bring_a_foreign_host_past_the_header() {
        let g = guard();
        let ask = |uri: &str| g.admit(&uri.parse().unwrap(), &head(None), Pace::Request, Duration::ZERO);
        assert!(matches!(ask("http://evil.example/"), Err(Refusal::Host(h)) if h == "evil.example"));
        assert!(matches!(ask("http://localhost:80@evil.example/"), Err(Refusal::Host(_))));
        assert!(ask("http://LOCALHOST:80/").is_ok());
    }
}
