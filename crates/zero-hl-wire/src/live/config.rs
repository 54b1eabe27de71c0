//! What the live source subscribes to, and its patience.

use crate::backoff::ConnectLimits;
use crate::decode::{CANDLES_MAX, Interval};
use crate::error::WireError;
use crate::rest::RestConfig;
use zero_core::{Ts, TsDiff};

/// The venue's limit of subscriptions per IP address.
const SUBSCRIPTIONS_MAX: usize = 1_000;

/// Channels beside candles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Streams {
    /// `activeAssetCtx`: mark and oracle events.
    pub asset_ctx: bool,
    /// `trades`: trade events.
    pub trades: bool,
    /// `l2Book`: book events of a coin at least this far apart; the venue sends several a second.
    pub book: Option<TsDiff>,
}

impl Streams {
    /// The channels of one coin, candles included.
    pub(super) fn channels(self) -> impl Iterator<Item = &'static str> {
        let beside =
            [(self.asset_ctx, "activeAssetCtx"), (self.trades, "trades"), (self.book.is_some(), "l2Book")];
        core::iter::once("candle").chain(beside.into_iter().filter_map(|(on, name)| on.then_some(name)))
    }
}

/// How long the assembly of an instant waits, all on the venue's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// After an instant, a bar that no successor closed is asked for by REST.
    pub confirm_after: TsDiff,
    /// A candle without a successor counts as complete this long after its end.
    pub settle: TsDiff,
    /// An answer by REST this long after an instant that lacks the bar proves the gap.
    pub slice_grace: TsDiff,
    /// Opens that come later than this after an instant are emitted when they come.
    pub open_grace: TsDiff,
    /// While connected, without any answer by REST, a bar is given up this long after its instant.
    pub gap_after: TsDiff,
    /// Wait before a failed request by REST is made again.
    pub retry_after: TsDiff,
    /// A candle that opens this far ahead of the venue's time is refused.
    pub future_tolerance: TsDiff,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            confirm_after: TsDiff::secs(3),
            settle: TsDiff::secs(2),
            slice_grace: TsDiff::secs(10),
            open_grace: TsDiff::secs(5),
            gap_after: TsDiff::secs(180),
            retry_after: TsDiff::secs(5),
            future_tolerance: TsDiff::secs(10),
        }
    }
}

/// Timing of the WebSocket, on the monotonic clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeepAlive {
    /// Limit of connecting and shaking hands.
    pub connect_timeout: TsDiff,
    /// The venue drops a connection to which it has sent nothing for 60 s; a ping makes it answer.
    pub ping_every: TsDiff,
    /// Nothing received for this long: the connection is given up.
    pub dead_after: TsDiff,
    /// No market data for this long: the status says stale.
    pub stale_after: TsDiff,
    /// Longest message that is accepted, in bytes.
    pub message_max_bytes: usize,
}

impl Default for KeepAlive {
    fn default() -> Self {
        Self {
            connect_timeout: TsDiff::secs(10),
            ping_every: TsDiff::secs(20),
            dead_after: TsDiff::secs(35),
            stale_after: TsDiff::secs(30),
            message_max_bytes: 4 << 20,
        }
    }
}

/// The live source's configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveConfig {
    /// Such as `wss://api.hyperliquid.xyz/ws`.
    pub ws_url: String,
    /// The client for `POST /info`, with its base address.
    pub rest: RestConfig,
    /// The venue's symbols; a coin's id is its place here, so the order must not change between runs of one journal.
    pub coins: Vec<String>,
    /// Bar length.
    pub interval: Interval,
    /// Whether hourly funding prints are wanted.
    pub funding: bool,
    /// Channels beside candles.
    pub streams: Streams,
    /// The open of the first bar to come out, for warm-up or to resume; it is fetched by REST. `None` starts with the
    /// bar that is forming now. At most 5,000 bars back.
    pub from: Option<Ts>,
    /// How long an instant waits.
    pub patience: Patience,
    /// Timing of the WebSocket.
    pub keep_alive: KeepAlive,
    /// Limits of connecting.
    pub connect: ConnectLimits,
    /// Largest accepted difference of the clocks.
    pub skew_max: TsDiff,
    /// Events that wait for the consumer; then the source waits.
    pub queue_max: usize,
    /// Side-stream events that wait for their instant; more are dropped and counted.
    pub held_max: usize,
    /// Seed of all jitter.
    pub seed: u64,
}

impl LiveConfig {
    /// The defaults for two addresses and some coins.
    #[must_use]
    pub fn new(ws_url: &str, rest_url: &str, coins: &[&str], interval: Interval) -> Self {
        Self {
            ws_url: ws_url.to_owned(),
            rest: RestConfig::new(rest_url),
            coins: coins.iter().map(|c| (*c).to_owned()).collect(),
            interval,
            funding: true,
            streams: Streams::default(),
            from: None,
            patience: Patience::default(),
            keep_alive: KeepAlive::default(),
            connect: ConnectLimits::default(),
            skew_max: TsDiff::secs(30),
            queue_max: 4_096,
            held_max: 16_384,
            seed: 0,
        }
    }

    /// The earliest bar that can be fetched at `now`.
    #[must_use]
    pub fn earliest_open(&self, now: Ts) -> Ts {
        let length = self.interval.length();
        // A margin for bars that close while the history is read.
        now.floor(length).minus(length.times(CANDLES_MAX as i64 - 10))
    }

    pub(super) fn check(&self) -> Result<(), WireError> {
        let refuse = |why: String| Err(WireError::Config(why));
        if !self.ws_url.starts_with("ws://") && !self.ws_url.starts_with("wss://") {
            return refuse("ws_url is neither ws nor wss".to_owned());
        }
        if self.coins.is_empty() {
            return refuse("no coins are named".to_owned());
        }
        for (i, coin) in self.coins.iter().enumerate() {
            if self.coins.iter().take(i).any(|c| c == coin) {
                return refuse(format!("{coin} is named twice"));
            }
        }
        let subscriptions = self.coins.len() * self.streams.channels().count();
        if subscriptions > SUBSCRIPTIONS_MAX {
            return refuse(format!(
                "{subscriptions} subscriptions are more than the venue's {SUBSCRIPTIONS_MAX}"
            ));
        }
        if self.queue_max == 0 || self.held_max == 0 {
            return refuse("a queue of length zero passes nothing".to_owned());
        }
        let k = &self.keep_alive;
        if k.ping_every <= TsDiff::ZERO || k.ping_every >= TsDiff::secs(60) || k.dead_after <= k.ping_every {
            return refuse("pings must come every 60 s at most, and dead_after be longer".to_owned());
        }
        Ok(())
    }
}
