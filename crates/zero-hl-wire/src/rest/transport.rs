//! One request at a time over HTTP: budget, limits, retries.

use super::http_date;
use crate::backoff::Backoff;
use crate::budget::{Priority, RateBudget};
use crate::clock::{Clock, Stop, duration};
use crate::decode::object::cut;
use crate::error::WireError;
use std::sync::{Arc, Mutex, PoisonError};
use ureq::http::Response;
use ureq::{Agent, Body};
use zero_core::{Ts, TsDiff};

/// How the client behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestConfig {
    /// Scheme, host and port, such as `https://api.hyperliquid.xyz`; no trailing slash.
    pub base_url: String,
    /// Limit of connecting.
    pub connect_timeout: TsDiff,
    /// Limit of one attempt from start to the last byte.
    pub request_timeout: TsDiff,
    /// Longest answer that is read, in bytes.
    pub body_max_bytes: u64,
    /// Attempts of one request, the first included.
    pub attempts_max: u32,
    /// First wait between attempts.
    pub first_wait: TsDiff,
    /// Longest wait between attempts.
    pub longest_wait: TsDiff,
    /// A request that would have to wait longer than this for its budget fails instead.
    pub patience: TsDiff,
    /// Seed of the jitter.
    pub seed: u64,
}

impl RestConfig {
    /// The defaults for an address.
    #[must_use]
    pub fn new(base_url: &str) -> Self {
        Self {
            base_url: base_url.to_owned(),
            connect_timeout: TsDiff::secs(5),
            request_timeout: TsDiff::secs(15),
            body_max_bytes: 8 << 20,
            attempts_max: 4,
            first_wait: TsDiff::ms(500),
            longest_wait: TsDiff::secs(20),
            patience: TsDiff::secs(60),
            seed: 0,
        }
    }
}

/// The text of a successful answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The body.
    pub text: String,
    /// The venue's clock, rounded down to its second.
    pub venue_time: Option<Ts>,
}

/// The blocking transport.
#[derive(Debug)]
pub(super) struct Transport {
    agent: Agent,
    url: String,
    config: RestConfig,
    budget: RateBudget,
    clock: Arc<dyn Clock>,
    skew: Mutex<Option<TsDiff>>,
}

impl Transport {
    pub(super) fn new(
        config: RestConfig,
        budget: RateBudget,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, WireError> {
        if !config.base_url.starts_with("http://") && !config.base_url.starts_with("https://") {
            return Err(WireError::Config(format!("{} is neither http nor https", cut(&config.base_url))));
        }
        // No proxy from the environment and no redirects: the address given is the address asked.
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .max_redirects(0)
            .timeout_connect(Some(duration(config.connect_timeout)))
            .timeout_global(Some(duration(config.request_timeout)))
            .user_agent("zero")
            .build()
            .new_agent();
        let url = format!("{}/info", config.base_url.trim_end_matches('/'));
        Ok(Self { agent, url, config, budget, clock, skew: Mutex::new(None) })
    }

    pub(super) fn skew(&self) -> Option<TsDiff> {
        *self.skew.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) const fn budget(&self) -> &RateBudget {
        &self.budget
    }

    pub(super) fn info(
        &self,
        request: &'static str,
        body: &str,
        weight: u32,
        priority: Priority,
        stop: &Stop,
    ) -> Result<Answer, WireError> {
        let seed = self.config.seed ^ self.clock.mono().as_ns().unsigned_abs();
        let mut backoff = Backoff::new(self.config.first_wait, self.config.longest_wait, seed);
        for attempt in 1.. {
            self.take(request, weight, priority, stop)?;
            let error = match self.once(request, body) {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let wait = backoff.next_wait();
            if let WireError::RateLimited { retry_after, .. } = &error {
                // Every caller on this address pauses, not only this one.
                self.budget.penalise(retry_after.map_or(wait, |asked| asked.max(wait)));
            }
            if attempt >= self.config.attempts_max || !error.is_transient() {
                return Err(error);
            }
            if stop.wait(wait) {
                return Err(WireError::Stopped);
            }
        }
        Err(WireError::Stopped)
    }

    fn take(
        &self,
        request: &'static str,
        weight: u32,
        priority: Priority,
        stop: &Stop,
    ) -> Result<(), WireError> {
        let deadline = self.clock.mono().plus(self.config.patience);
        loop {
            if stop.is_set() {
                return Err(WireError::Stopped);
            }
            let Err(wait) = self.budget.try_take(weight, priority) else { return Ok(()) };
            if self.clock.mono().plus(wait) > deadline {
                return Err(WireError::BudgetExhausted { request, weight });
            }
            if stop.wait(wait) {
                return Err(WireError::Stopped);
            }
        }
    }

    fn once(&self, request: &'static str, body: &str) -> Result<Answer, WireError> {
        let sent = self.agent.post(&self.url).header("content-type", "application/json").send(body);
        let mut response = sent.map_err(|e| self.transport_error(request, &e))?;
        let venue_time = header(&response, "date").and_then(http_date::parse);
        let status = response.status().as_u16();
        if status == 429 {
            let seconds = header(&response, "retry-after").and_then(|t| t.trim().parse::<u32>().ok());
            let retry_after = seconds.map(|s| TsDiff::secs(i64::from(s)));
            return Err(WireError::RateLimited { request, retry_after });
        }
        let text = response.body_mut().with_config().limit(self.config.body_max_bytes).read_to_string();
        if status != 200 {
            let body = cut(&text.unwrap_or_default());
            return Err(WireError::Status { request, status, body });
        }
        let text = text.map_err(|e| self.transport_error(request, &e))?;
        if let Some(venue) = venue_time {
            // The header is rounded down, so its middle is half a second on.
            let skew = self.clock.wall().since(venue.plus(TsDiff::ms(500)));
            *self.skew.lock().unwrap_or_else(PoisonError::into_inner) = Some(skew);
        }
        Ok(Answer { text, venue_time })
    }

    fn transport_error(&self, request: &'static str, error: &ureq::Error) -> WireError {
        match error {
            ureq::Error::BodyExceedsLimit(_) => {
                WireError::BodyTooLarge { request, limit_bytes: self.config.body_max_bytes }
            }
            other => WireError::Transport { request, detail: cut(&other.to_string()) },
        }
    }
}

fn header<'a>(response: &'a Response<Body>, name: &str) -> Option<&'a str> {
    response.headers().get(name).and_then(|v| v.to_str().ok())
}
