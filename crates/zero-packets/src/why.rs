//! Why there was no trade, and what would have had to be different.

use crate::Dec;
use crate::evaluation::{AbstentionOutcome, EntryCondition, Explanation, GateRoom, InputNow, Threshold};
use crate::id::{Source, packet_id};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(Why, WhyId = "zero.decision.why.v1");

/// One slice of one coin, book by book.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Why {
    /// Schema id.
    pub schema_version: WhyId,
    /// Coin.
    pub coin: String,
    /// Event time of the slice, RFC 3339.
    pub slice: String,
    /// Event time that was asked for, RFC 3339; null where the latest slice was.
    pub asked_at: Option<String>,
    /// Seconds from the slice to the time asked for; null where none was named.
    pub slice_age_s: Option<f64>,
    /// Seconds from the coin's last close that the slice saw to the time asked for, else to the slice; null where it saw none.
    pub close_age_s: Option<f64>,
    /// That the journal has no slice for the time asked for, and which one is answered instead; null where it has one.
    pub gap: Option<String>,
    /// In one sentence.
    pub answer: String,
    /// Every book.
    pub books: Vec<BookAnswer>,
    /// Read from a running loop or from the journal.
    pub source: Source,
    /// Journal sequence right before the slice was decided.
    pub journal_seq: u64,
}

/// Why one book did not trade.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BookAnswer {
    /// Book.
    pub book: String,
    /// Strategy.
    pub strategy: String,
    /// `admitted`, `rejected`, `nothing`, `abstained`, `exit`, `keeps`, `not_asked` or `unavailable`.
    pub outcome: String,
    /// In words.
    pub why: String,
    /// The strategy's inputs as it saw them; empty where it cannot tell.
    pub inputs: Vec<InputNow>,
    /// Its entry thresholds; empty where it cannot tell.
    pub thresholds: Vec<Threshold>,
    /// The conditions of its entries one by one; empty where it cannot tell.
    pub conditions: Vec<EntryCondition>,
    /// Are thresholds and conditions told?
    pub explanation: Explanation,
    /// Why a component abstained; null where it did not, and for other strategies.
    pub abstention: Option<AbstentionOutcome>,
    /// Decision id, hexadecimal, where a candidate was judged.
    pub trace_id: Option<String>,
    /// Did deciding the slice again give the recorded judgement? Null where nothing was judged.
    pub reproduced: Option<bool>,
    /// Every gate that did not pass, with every way past it.
    pub failing: Vec<FailingGate>,
    /// Changes that together would have led to admission; none of them can be one step smaller. Empty where none was found.
    pub together: Vec<Remedy>,
}

/// A gate that did not pass.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FailingGate {
    /// The gate.
    pub gate: GateRoom,
    /// What it waits for, in words.
    pub detail: String,
    /// Earliest event time at which it passes while the market stays as it is, or at which a regime may be another; null
    /// where time does not help.
    pub earliest: Option<String>,
    /// Ways past it, each the smallest change of one quantity.
    pub ways: Vec<Remedy>,
}

/// A change of one quantity, found by judging the candidate again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Remedy {
    /// The quantity: a configuration key, or `size`, `deposit`, `stop_distance`, `last_close_time`, `wait`.
    pub quantity: String,
    /// Its value.
    pub from: String,
    /// The value that is just enough.
    pub to: String,
    /// By how much that differs, in its unit; seconds for times.
    pub by: Dec,
    /// The unit of `by`.
    pub unit: String,
    /// Does the change enlarge what may be lost, or lift a limit?
    pub raises_risk: bool,
    /// Does this change alone lead to admission?
    pub admits: bool,
}
