//! What can go wrong between the venue and an event. A failure is never turned into an empty result.

use zero_core::{Ts, TsDiff};

/// A failure of the public data source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The configuration cannot work.
    #[error("the live source cannot start: {0}")]
    Config(String),
    /// A configured coin is not listed, or is delisted.
    #[error("the venue does not list the perpetual {0}")]
    UnknownCoin(String),
    /// The venue refused for rate; nothing is known about the data asked for.
    #[error("the venue answered 429 (rate limit) to {request}")]
    RateLimited {
        /// The kind of request.
        request: &'static str,
        /// How long it asks to wait, when it says so.
        retry_after: Option<TsDiff>,
    },
    /// Our own share of the venue's budget would not suffice before the caller gave up.
    #[error("the request budget has no room for {request} of weight {weight}")]
    BudgetExhausted {
        /// The kind of request.
        request: &'static str,
        /// Its weight.
        weight: u32,
    },
    /// An HTTP status that is neither success nor 429.
    #[error("the venue answered HTTP {status} to {request}: {body}")]
    Status {
        /// The kind of request.
        request: &'static str,
        /// The status code.
        status: u16,
        /// The first bytes of the body.
        body: String,
    },
    /// The request did not reach the venue or its answer did not arrive.
    #[error("the transport failed during {request}: {detail}")]
    Transport {
        /// The kind of request, or `websocket`.
        request: &'static str,
        /// The cause.
        detail: String,
    },
    /// An answer longer than the limit; it was not read to its end.
    #[error("the answer to {request} is longer than {limit_bytes} bytes")]
    BodyTooLarge {
        /// The kind of request.
        request: &'static str,
        /// The limit.
        limit_bytes: u64,
    },
    /// A known message whose content breaks the documented shape.
    #[error("a {what} message is malformed: {detail}")]
    Malformed {
        /// The channel or request.
        what: &'static str,
        /// The rule that was broken.
        detail: String,
    },
    /// A well-formed number that cannot be what its field promises (wrong unit, impossible range).
    #[error("a {what} message has an implausible {field}: {detail}")]
    Implausible {
        /// The channel or request.
        what: &'static str,
        /// The field.
        field: &'static str,
        /// The value and the bound.
        detail: String,
    },
    /// The local clock and the venue's differ by more than the limit.
    #[error("the local clock is {skew_ms} ms ahead of the venue's (limit {limit_ms} ms either way)")]
    ClockSkew {
        /// Local minus venue.
        skew_ms: i64,
        /// The configured limit.
        limit_ms: i64,
    },
    /// A candle older than what has already come out.
    #[error("a candle of {coin} that opened at {open_time} came after that time had been closed")]
    OutOfOrder {
        /// The venue's symbol.
        coin: String,
        /// Its open time.
        open_time: Ts,
    },
    /// The venue refused a subscription.
    #[error("the venue refused a subscription: {0}")]
    Subscription(String),
    /// The caller asked to stop.
    #[error("the source was stopped")]
    Stopped,
    /// A worker thread ended on its own.
    #[error("the source ended: its {0} thread is gone")]
    Ended(&'static str),
}

impl WireError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Config(_) => "ZERO-WIR-001",
            Self::UnknownCoin(_) => "ZERO-WIR-002",
            Self::RateLimited { .. } => "ZERO-WIR-003",
            Self::BudgetExhausted { .. } => "ZERO-WIR-004",
            Self::Status { .. } => "ZERO-WIR-005",
            Self::Transport { .. } => "ZERO-WIR-006",
            Self::BodyTooLarge { .. } => "ZERO-WIR-007",
            Self::Malformed { .. } => "ZERO-WIR-008",
            Self::Implausible { .. } => "ZERO-WIR-009",
            Self::ClockSkew { .. } => "ZERO-WIR-010",
            Self::OutOfOrder { .. } => "ZERO-WIR-011",
            Self::Subscription(_) => "ZERO-WIR-012",
            Self::Stopped => "ZERO-WIR-013",
            Self::Ended(_) => "ZERO-WIR-014",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Config(_) => "correct the named setting of the live source",
            Self::UnknownCoin(_) => {
                "check the symbol's spelling and case against the venue's list of perpetuals"
            }
            Self::RateLimited { .. } => "wait; other programs on this address may share the venue's limit",
            Self::BudgetExhausted { .. } => "ask for fewer coins or a shorter history",
            Self::Status { .. } | Self::Transport { .. } => {
                "check the network and the venue's status page; the source retries on its own"
            }
            Self::BodyTooLarge { .. } => "check that the address is the venue's; ask for a shorter range",
            Self::Malformed { .. } | Self::Implausible { .. } => {
                "the venue may have changed its format: update before trading on this feed"
            }
            Self::ClockSkew { .. } => "synchronise the machine's clock (NTP) and start again",
            Self::OutOfOrder { .. } => "nothing; the candle was refused and counted",
            Self::Subscription(_) => "check the coin and interval",
            Self::Stopped => "nothing",
            Self::Ended(_) => "start the source again and report the preceding error",
        }
    }

    /// May the same request succeed later without a change on our side?
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::RateLimited { .. } | Self::Transport { .. } => true,
            Self::Status { status, .. } => *status >= 500,
            _ => false,
        }
    }
}
