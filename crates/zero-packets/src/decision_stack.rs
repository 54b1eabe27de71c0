//! `/decision/stack`: one candidate of a coin through lenses, layers and modifiers.

use crate::Dec;
use crate::decisions::ForecastOutcome;
use crate::id::{Source, packet_id};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

packet_id!(DecisionStack, DecisionStackId = "zero.decision.stack.v1");

/// A coin's candidate as the stack judges it now: the entry that a book proposes, else the one that it would propose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DecisionStack {
    /// Schema id.
    pub schema_version: DecisionStackId,
    /// Coin.
    pub coin: String,
    /// `paper`.
    pub mode: String,
    /// Nothing in this runtime places a live order.
    pub paper_only: bool,
    /// Event time, RFC 3339; null before the first event.
    pub generated_at: Option<String>,
    /// The price that is judged at.
    pub price: StackPrice,
    /// Every lens.
    pub lenses: Vec<StackLens>,
    /// Every layer, then every gate of the kernel itself.
    pub layers: Vec<StackLayer>,
    /// Every modifier.
    pub modifiers: Vec<StackModifier>,
    /// What the measured opinion model says; null where none is in force.
    pub forecast: Option<ForecastOutcome>,
    /// What came of it.
    pub decision: StackDecision,
    /// What the packet does not hold.
    pub privacy: StackPrivacy,
    /// Book whose candidate this is.
    pub book: Option<String>,
    /// `proposed`, `hypothetical`, or `none` where nothing could be judged.
    pub origin: String,
    /// The decision that this stands on, and the next one.
    pub decided: LastDecision,
    /// Read from a running loop or from the journal.
    pub source: Source,
    /// Journal sequence that this shows.
    pub journal_seq: u64,
}

/// Which decision an answer stands on. Between the first close of an instant and its slice a part of the next decision's inputs is
/// there: the answer is then of the whole state right before that instant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LastDecision {
    /// Event time of the latest slice that was decided, RFC 3339; null before the first.
    pub slice: Option<String>,
    /// Seconds of event time from it to the latest event.
    pub age_s: Option<f64>,
    /// Event time of the next slice, RFC 3339: where the next bar closes; null before the first event.
    pub next: Option<String>,
    /// Closes of the next slice are coming in.
    pub closing: bool,
}

/// A price and where it comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StackPrice {
    /// Last complete close, which gates judge at; the mark while no bar has closed yet; null where there is neither.
    pub last: Option<Dec>,
    /// Which of them it is: `close`, `mark` or `none`. `/market/quote` has the mark at all times.
    pub basis: String,
    /// The run's source of market events.
    pub source: String,
    /// Did reading it need credentials? Public data never do.
    pub uses_live_exchange_credentials: bool,
}

/// A lens's opinion of the candidate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StackLens {
    /// Its name.
    pub lens: String,
    /// `market`: a lens sees one coin's market data and nothing else.
    pub family: String,
    /// `active`, or `abstains`.
    pub status: String,
    /// `for`, `against` or `neutral` to the candidate's side; `none` where it abstains.
    pub signal: String,
    /// Measured: the model's probability with every other lens silent. Assumed: that the side gains over the lens's horizon,
    /// `Phi(mean / sqrt(1 + stderr^2))` of its own figures, in units of the horizon's volatility. Null where it abstains.
    pub confidence: Option<f64>,
    /// Share in the conviction, by the size of its log-odds (measured) or by precision (assumed); null where it has none.
    pub weight: Option<f64>,
    /// The figures behind it.
    pub evidence: Map<String, Value>,
    /// Market data only: no account, no credential.
    pub public_safe: bool,
}

/// A permission.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StackLayer {
    /// Its name.
    pub layer: String,
    /// `layer`, or `kernel` for a gate of the kernel itself.
    pub kind: String,
    /// All its gates pass.
    pub passed: bool,
    /// Does a gate that does not pass stop an entry? Each does.
    pub blocks_entry: bool,
    /// In words.
    pub detail: String,
    /// Gates by name, each with outcome, value, limit and distance.
    pub value: Map<String, Value>,
}

/// A modifier's factor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StackModifier {
    /// Its name.
    pub modifier: String,
    /// `size`.
    pub effect: String,
    /// `down` where it shrinks this size, else `none`; a modifier cannot enlarge.
    pub direction: String,
    /// The factor lies between zero and one.
    pub bounded: bool,
    /// The factor.
    pub value: f64,
    /// In words.
    pub reason: String,
}

/// What came of the candidate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StackDecision {
    /// `PASS`, `REJECT`, `NO_PROPOSAL` or `UNKNOWN`.
    pub verdict: String,
    /// `LONG`, `SHORT` or `NONE`.
    pub direction: String,
    /// Share of the lenses with a say that are for the side, in percent; null where none has one. Measured, a lens has a say
    /// where its log-odds are not zero; assumed, where it has an opinion.
    pub consensus: Option<i64>,
    /// Measured: the model's probability that the candidate ends above zero net. Assumed: that the side gains,
    /// `Phi(mean / sqrt(1 + stderr^2))` of the lenses' opinions weighted by precision and taken as independent: what the
    /// lenses assume, not what outcomes have shown. Null where nothing can be said.
    pub conviction: Option<f64>,
    /// What consensus and conviction rest on: `measured` where an opinion model is in force, else `assumed`; `none` where nothing
    /// could be judged.
    pub basis: String,
    /// Nothing here may place a live order.
    pub allowed_to_execute_live: bool,
    /// In words.
    pub reason: String,
}

/// What the packet does not hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StackPrivacy {
    /// Credentials of an exchange.
    pub contains_exchange_credentials: bool,
    /// Notes of the operator.
    pub contains_private_notes: bool,
    /// Order ids or signatures of a venue.
    pub contains_venue_order_material: bool,
    /// Keys or addresses of a wallet.
    pub contains_wallet_material: bool,
}
