//! The venue's `POST /info`, read-only: weighed before it is sent, bounded, retried, and never empty by failure.

mod http_date;
mod transport;

use crate::budget::{Priority, RateBudget};
use crate::clock::{Clock, Stop};
use crate::decode::{
    self, AssetCtx, BookSnapshot, Candle, FundingRecord, Interval, Meta, Notes, PublicTrade,
};
use crate::error::WireError;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use transport::Transport;
pub use transport::{Answer, RestConfig};
use zero_core::{Px, Ts, TsDiff};

/// Items of a history per extra unit of weight; candles are cheaper.
const ITEMS_PER_WEIGHT: u32 = 20;
const CANDLES_PER_WEIGHT: u32 = 60;
const WEIGHT_LIGHT: u32 = 2;
const WEIGHT_NORMAL: u32 = 20;

/// A decoded answer and the venue's own time of it, when it said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timed<T> {
    /// The answer.
    pub value: T,
    /// The venue's clock when it answered, rounded down to its second.
    pub venue_time: Option<Ts>,
}

/// A read-only client; clones share the budget, the connection pool and the counters.
#[derive(Clone, Debug)]
pub struct RestClient {
    transport: Arc<Transport>,
    notes: Arc<Mutex<Notes>>,
    priority: Priority,
}

impl RestClient {
    /// A client whose requests come out of `budget`.
    ///
    /// # Errors
    /// [`WireError::Config`] for a base address that is neither `http` nor `https`.
    pub fn new(config: RestConfig, budget: RateBudget, clock: Arc<dyn Clock>) -> Result<Self, WireError> {
        let transport = Arc::new(Transport::new(config, budget, clock)?);
        Ok(Self { transport, notes: Arc::default(), priority: Priority::Reads })
    }

    /// The same client asking with another priority.
    #[must_use]
    pub fn with_priority(&self, priority: Priority) -> Self {
        Self { priority, ..self.clone() }
    }

    /// The list of perpetuals with their margin tables.
    ///
    /// # Errors
    /// [`WireError`].
    pub fn meta(&self, stop: &Stop) -> Result<Meta, WireError> {
        let a = self.ask("meta", &json!({"type": "meta"}), WEIGHT_NORMAL, stop)?;
        self.decode(&a, decode::meta::meta)
    }

    /// The list of perpetuals and each one's context, in the same order.
    ///
    /// # Errors
    /// [`WireError`].
    #[allow(clippy::type_complexity, reason = "a list of per-asset results is what it is")]
    pub fn meta_and_ctxs(&self, stop: &Stop) -> Result<(Meta, Vec<Result<AssetCtx, WireError>>), WireError> {
        let a = self.ask("metaAndAssetCtxs", &json!({"type": "metaAndAssetCtxs"}), WEIGHT_NORMAL, stop)?;
        self.decode(&a, decode::meta::meta_and_ctxs)
    }

    /// Candles whose open lies in `[start, end]`; the last may still be forming. The venue keeps the newest 5,000.
    ///
    /// # Errors
    /// [`WireError`]; also [`WireError::Malformed`] when a candle is not of this coin, interval and range.
    pub fn candles(
        &self,
        coin: &str,
        interval: Interval,
        start: Ts,
        end: Ts,
        stop: &Stop,
    ) -> Result<Timed<Vec<Candle>>, WireError> {
        const REQUEST: &str = "candleSnapshot";
        let span = end.since(start).as_ns().max(0) / interval.length().as_ns() + 1;
        let count = span.min(decode::CANDLES_MAX as i64) as u32;
        let body = json!({"type": REQUEST, "req": {"coin": coin, "interval": interval.name(),
            "startTime": start.as_ms(), "endTime": end.as_ms()}});
        let a = self.ask(REQUEST, &body, WEIGHT_NORMAL + count.div_ceil(CANDLES_PER_WEIGHT), stop)?;
        let value = self.decode(&a, decode::candle::candles)?;
        let foreign = value
            .iter()
            .find(|c| c.coin != coin || c.interval != interval || c.open_time < start || c.open_time > end);
        if let Some(c) = foreign {
            let detail = format!("{} {} at {} was not asked for", c.coin, c.interval.name(), c.open_time);
            return Err(WireError::Malformed { what: REQUEST, detail });
        }
        Ok(Timed { value, venue_time: a.venue_time })
    }

    /// Funding prints stamped in `[start, end]`, oldest first, over as many pages as it takes (at most 100).
    ///
    /// # Errors
    /// [`WireError`]; also [`WireError::Malformed`] when a print is not of this coin and range or goes back in time.
    pub fn funding(
        &self,
        coin: &str,
        start: Ts,
        end: Ts,
        stop: &Stop,
    ) -> Result<Timed<Vec<FundingRecord>>, WireError> {
        const REQUEST: &str = "fundingHistory";
        const PAGES_MAX: usize = 100;
        let mut out: Vec<FundingRecord> = Vec::new();
        let mut from = start;
        for _ in 0..PAGES_MAX {
            let hours = end.since(from).as_ns().max(0) / TsDiff::HOUR.as_ns() + 1;
            let count = hours.min(decode::FUNDING_PAGE as i64) as u32;
            let body =
                json!({"type": REQUEST, "coin": coin, "startTime": from.as_ms(), "endTime": end.as_ms()});
            let a = self.ask(REQUEST, &body, WEIGHT_NORMAL + count.div_ceil(ITEMS_PER_WEIGHT), stop)?;
            let page = self.decode(&a, decode::funding::funding_history)?;
            let full = page.len() == decode::FUNDING_PAGE;
            for record in page {
                let ordered = out.last().is_none_or(|last| last.time < record.time);
                if record.coin != coin || record.time < from || record.time > end || !ordered {
                    let detail = format!("{} at {} is out of place", record.coin, record.time);
                    return Err(WireError::Malformed { what: REQUEST, detail });
                }
                out.push(record);
            }
            match out.last() {
                Some(last) if full => from = last.time.plus(TsDiff::ms(1)),
                _ => return Ok(Timed { value: out, venue_time: a.venue_time }),
            }
        }
        Err(WireError::Malformed { what: REQUEST, detail: format!("more than {PAGES_MAX} pages") })
    }

    /// Mids of all perpetuals.
    ///
    /// # Errors
    /// [`WireError`].
    pub fn all_mids(&self, stop: &Stop) -> Result<BTreeMap<String, Px>, WireError> {
        let a = self.ask("allMids", &json!({"type": "allMids"}), WEIGHT_LIGHT, stop)?;
        decode::market::mids(&a.text)
    }

    /// The visible book of a coin. The venue's `null` for an unknown coin is [`WireError::UnknownCoin`], never an
    /// empty book.
    ///
    /// # Errors
    /// [`WireError`].
    pub fn book(&self, coin: &str, stop: &Stop) -> Result<BookSnapshot, WireError> {
        let a = self.ask("l2Book", &json!({"type": "l2Book", "coin": coin}), WEIGHT_LIGHT, stop)?;
        if a.text.trim() == "null" {
            return Err(WireError::UnknownCoin(coin.to_owned()));
        }
        self.decode(&a, decode::market::book)
    }

    /// The newest public trades of a coin.
    ///
    /// # Errors
    /// [`WireError`].
    pub fn recent_trades(&self, coin: &str, stop: &Stop) -> Result<Vec<PublicTrade>, WireError> {
        const ASSUMED_ITEMS: u32 = 100;
        let weight = WEIGHT_NORMAL + ASSUMED_ITEMS / ITEMS_PER_WEIGHT;
        let a = self.ask("recentTrades", &json!({"type": "recentTrades", "coin": coin}), weight, stop)?;
        self.decode(&a, decode::market::trades)
    }

    /// Local clock minus the venue's, from the newest answer that carried a date; good to about a second.
    #[must_use]
    pub fn clock_skew(&self) -> Option<TsDiff> {
        self.transport.skew()
    }

    /// What the decoders saw and did not know.
    #[must_use]
    pub fn notes(&self) -> Notes {
        *self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The budget its requests come out of.
    #[must_use]
    pub fn budget(&self) -> &RateBudget {
        self.transport.budget()
    }

    fn ask(
        &self,
        request: &'static str,
        body: &serde_json::Value,
        weight: u32,
        stop: &Stop,
    ) -> Result<Answer, WireError> {
        self.transport.info(request, &body.to_string(), weight, self.priority, stop)
    }

    fn decode<T>(
        &self,
        answer: &Answer,
        decode: fn(&str, &mut Notes) -> Result<T, WireError>,
    ) -> Result<T, WireError> {
        decode(&answer.text, &mut self.notes.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
