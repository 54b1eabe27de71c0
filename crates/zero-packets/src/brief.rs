//! `/brief` and `/pulse`: what an operator should know now, and what happened last.

use crate::Dec;
use crate::decisions::Decision;
use crate::id::{Source, packet_id};
use crate::positions::Position;
use crate::views::Approaching;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(Brief, BriefId = "zero.brief.v1");
packet_id!(Pulse, PulseId = "zero.pulse.v1");

/// The run in brief.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Brief {
    /// Schema id.
    pub schema_version: BriefId,
    /// Event time, RFC 3339.
    pub timestamp: Option<String>,
    /// Not observed: null.
    pub fear_greed: Option<i64>,
    /// Coins with a position.
    pub open_positions: Option<u32>,
    /// What is held.
    pub positions: Vec<Position>,
    /// The latest candidates, newest first.
    pub recent_signals: Vec<Decision>,
    /// Entries that are near.
    pub approaching: Vec<Approaching>,
    /// Counts of the run.
    pub last_cycle: LastCycle,
    /// In one sentence: is new risk allowed, and what stops it.
    pub state: String,
    /// The run may take new risk: no breaker is open. While `auto_off` alone is, the operator's own orders are judged all the same.
    pub risk_increasing_allowed: bool,
    /// Exposure, now and at its worst.
    pub exposure: Exposure,
    /// For every held leg, the order that protects it.
    pub protection: Vec<Protection>,
    /// Is every held leg covered by a resting stop of at least its size?
    pub protected: bool,
    /// What changed since the moment that was named; null where none was.
    pub changed: Option<Changed>,
    /// What the runtime does not know and a person should.
    pub open_questions: Vec<String>,
    /// Breakers that are open.
    pub breakers: Vec<OpenBreaker>,
    /// Read from a running loop or from the journal.
    pub source: Source,
    /// Journal sequence that this shows.
    pub journal_seq: u64,
}

/// Counts of the run so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LastCycle {
    /// `paper`.
    pub mode: String,
    /// Candidates judged.
    pub decisions: u64,
    /// Fills booked.
    pub fills: u64,
    /// Candidates not admitted.
    pub rejections: u64,
    /// Event time of the latest slice, RFC 3339.
    pub slice: Option<String>,
}

/// Exposure of all accounts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Exposure {
    /// Equity, USD; null where a mark is missing.
    pub equity: Option<Dec>,
    /// Sum over accounts and coins of the absolute net value at the present marks, USD: legs of books on both sides of a coin
    /// cancel, as admission counts. Null where a mark is missing.
    pub gross_usd: Option<Dec>,
    /// Sum of signed position values, USD; null where a mark is missing.
    pub net_usd: Option<Dec>,
    /// Gross in the worst case, USD: every entry that is under way fills, and any of the exits do, as admission counts it, at the present
    /// marks. Never less than `gross_usd`.
    pub worst_gross_usd: Dec,
    /// Loss from the marks to the resting stops when every one is hit at its trigger, USD; null where a leg has no stop or
    /// no mark. Gaps, fees and funding come on top.
    pub loss_at_stops_usd: Option<Dec>,
}

/// A held leg and the stop that rests for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Protection {
    /// Book.
    pub book: String,
    /// Coin.
    pub coin: String,
    /// Signed position, coins.
    pub position: Dec,
    /// Size of the resting stop, coins; zero where there is none.
    pub covered: Dec,
    /// Its trigger.
    pub stop: Option<Dec>,
    /// Its order id, hexadecimal.
    pub order: Option<String>,
    /// Did the venue accept it?
    pub accepted: bool,
    /// Accepted, and not smaller than the position.
    pub holds: bool,
}

/// The run now less the run then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Changed {
    /// What was named.
    pub since: String,
    /// Journal sequence then.
    pub since_seq: u64,
    /// Event time then, RFC 3339.
    pub since_time: Option<String>,
    /// Candidates judged since.
    pub decisions: u64,
    /// Candidates admitted since.
    pub admitted: u64,
    /// Fills since.
    pub fills: u64,
    /// Orders since.
    pub orders: u64,
    /// Venue rejections since.
    pub rejects: u64,
    /// Fees paid since, USD.
    pub fees: Dec,
    /// Funding received since, USD.
    pub funding: Dec,
    /// Equity then, USD; null where a mark was missing.
    pub equity_then: Option<Dec>,
    /// Equity now less equity then, transfers included, USD.
    pub equity_change: Option<Dec>,
    /// Coins whose net position is another, as `BTC 0 -> 0.02`.
    pub positions: Vec<String>,
    /// Breakers that opened or closed, as `daily_loss opened`.
    pub breakers: Vec<String>,
}

/// A breaker that is open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OpenBreaker {
    /// Its name.
    pub name: String,
    /// How bad.
    pub severity: String,
    /// Since when, RFC 3339.
    pub since: String,
    /// Must a person clear it?
    pub latches: bool,
    /// What it watches.
    pub reason: String,
}

/// The latest events, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pulse {
    /// Schema id.
    pub schema_version: PulseId,
    /// Newest first.
    pub events: Vec<PulseEvent>,
    /// How many are here.
    pub count: u32,
    /// Why there are none, or fewer than asked for.
    pub note: Option<String>,
    /// Read from a running loop or from the journal.
    pub source: Source,
    /// Journal sequence that this shows.
    pub journal_seq: u64,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PulseEvent {
    /// `decision`, `order`, `fill`, `ended`, `funding`, `breaker`, `operator`, `friction`, `transfer`, `gap`, `settings`, `start` or `end`.
    pub kind: String,
    /// Coin, where it is about one.
    pub coin: Option<String>,
    /// In words.
    pub message: String,
    /// `info`, `warning` or `critical`.
    pub severity: String,
    /// Event time, RFC 3339: the market's. Null for what has none: a start, an end, a ruling, an approval, a change of settings.
    pub ts: Option<String>,
    /// When it was by the machine's clock, or by the operator's for acts and rulings. Null for what no clock was read for.
    pub wall_ts: Option<String>,
    /// Id of the decision or order, hexadecimal.
    pub trace_id: Option<String>,
    /// Its journal sequence.
    pub seq: u64,
}
