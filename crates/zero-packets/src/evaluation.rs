//! `/evaluate/{coin}`: what each book proposes now, and what an entry on each side would meet.

use crate::Dec;
use crate::decision_stack::{DecisionStack, LastDecision, StackLayer, StackLens, StackModifier};
use crate::decisions::{ForecastOutcome, LensOutcome, ModifierOutcome};
use crate::id::{Source, packet_id};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(Evaluation, EvaluationId = "zero.decision.evaluation.v1");

/// A coin as the stack judges it now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Evaluation {
    /// Schema id.
    pub schema_version: EvaluationId,
    /// Coin.
    pub coin: String,
    /// Last complete close; null where there is none.
    pub price: Option<Dec>,
    /// The run's source of market events.
    pub price_source: String,
    /// As in the decision stack.
    pub consensus: Option<i64>,
    /// As in the decision stack.
    pub conviction: Option<f64>,
    /// As in the decision stack: `measured`, `assumed` or `none`.
    pub basis: String,
    /// `LONG`, `SHORT` or `NONE`.
    pub direction: Option<String>,
    /// Regime of the coin; null where none is estimated.
    pub regime: Option<String>,
    /// Why there is a regime or none.
    pub regime_status: String,
    /// Every layer of the stack's candidate.
    pub layers: Vec<StackLayer>,
    /// Every lens of the stack's candidate.
    pub lenses: Vec<StackLens>,
    /// Every modifier of the stack's candidate.
    pub modifiers: Vec<StackModifier>,
    /// The candidate that these are of.
    pub decision_stack: DecisionStack,
    /// Is the last close recent enough for a new risk?
    pub data_fresh: Option<bool>,
    /// Event time, RFC 3339.
    pub timestamp: Option<String>,
    /// Id that the decision would have, hexadecimal; null where nothing could be judged.
    pub trace_id: Option<String>,
    /// Every book.
    pub books: Vec<BookEvaluation>,
    /// As in the decision stack.
    pub decided: LastDecision,
    /// Read from a running loop or from the journal.
    pub source: Source,
    /// Journal sequence that this shows.
    pub journal_seq: u64,
}

/// What one book's strategy says, and what its entries would meet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BookEvaluation {
    /// Book.
    pub book: String,
    /// Strategy.
    pub strategy: String,
    /// `nothing`, `abstain`, `enter`, `exit`, or `unavailable` where this program cannot build the strategy.
    pub proposal: String,
    /// In words.
    pub says: String,
    /// Would a slice at this instant ask it?
    pub asked: bool,
    /// What the book holds, coins, signed.
    pub holding: Dec,
    /// The strategy's inputs as it sees them; empty where it cannot tell.
    pub inputs: Vec<InputNow>,
    /// Its entry thresholds; empty where it cannot tell.
    pub thresholds: Vec<Threshold>,
    /// The conditions of its entries one by one; empty where it cannot tell.
    pub conditions: Vec<EntryCondition>,
    /// Are thresholds and conditions told?
    pub explanation: Explanation,
    /// Why a component that abstains does; null for every other proposal and strategy.
    pub abstention: Option<AbstentionOutcome>,
    /// An entry per side, judged.
    pub sides: Vec<SideEvaluation>,
}

/// Whether a strategy tells what its entries wait for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    /// `given`, or `unavailable`.
    pub status: String,
    /// Stable code where it is unavailable.
    pub code: Option<String>,
    /// Why it is unavailable.
    pub reason: Option<String>,
}

/// Why a component gave no answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AbstentionOutcome {
    /// `input`, the name of a fault, or what the component says: `undefined`, `out_of_domain`, `not_ready`, `undecided`, `other`.
    pub reason: String,
    /// The component's own number for it; null where the host gives the reason.
    pub code: Option<u16>,
    /// `asked`: the component was asked for this answer. `journal`: it was recorded when the slice was decided.
    pub source: String,
}

/// An input of a strategy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InputNow {
    /// Its name.
    pub input: String,
    /// Its value; null where it is missing.
    pub value: Option<f64>,
    /// `live`, `stale`, or why it is missing.
    pub status: String,
}

/// Where an entry begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Threshold {
    /// The input.
    pub input: String,
    /// Its value now.
    pub value: f64,
    /// The threshold.
    pub threshold: f64,
    /// What is missing to it, in the input's unit; zero where it is reached.
    pub distance: f64,
    /// `buy` or `sell`.
    pub side: String,
}

/// One condition of an entry, as it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EntryCondition {
    /// `buy` or `sell`.
    pub side: String,
    /// The condition, in the language of strategy documents; for a component, the quantity that it names and its threshold.
    pub condition: String,
    /// Unit of what is compared, where a component names it.
    pub unit: Option<String>,
    /// `true`, `false` or `unknown`.
    pub outcome: String,
    /// Its inputs that are missing or stale.
    pub missing: Vec<String>,
    /// The input by whose smallest change, in proportion to its size, it turns; null where no change of one input does that.
    pub input: Option<String>,
    /// That input now.
    pub value: Option<f64>,
    /// The nearest value at which the condition holds; where it holds, the last one before it would not.
    pub holds_from: Option<f64>,
    /// Does it hold from there upwards, else downwards?
    pub upwards: Option<bool>,
    /// What has to be added to the input for the condition to hold; null where it holds.
    pub change: Option<f64>,
}

/// An entry on one side, judged by every gate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SideEvaluation {
    /// `buy` or `sell`.
    pub side: String,
    /// `proposed`, or `hypothetical`: with the stop, horizon and sizing that the strategy would give it.
    pub origin: String,
    /// Id that the decision would have, hexadecimal.
    pub trace_id: String,
    /// Stop distance as a fraction of the price.
    pub stop_distance: Option<f64>,
    /// Size before modifiers, coins.
    pub base_size: Dec,
    /// Size that was judged, coins.
    pub quantity: Dec,
    /// Notional of it, USD.
    pub notional_usd: Dec,
    /// Would it be admitted?
    pub allowed: bool,
    /// In words.
    pub reason: String,
    /// Every lens.
    pub lenses: Vec<LensOutcome>,
    /// What the measured opinion model says; null where none is in force.
    pub forecast: Option<ForecastOutcome>,
    /// Every modifier.
    pub modifiers: Vec<ModifierOutcome>,
    /// Every gate.
    pub gates: Vec<GateRoom>,
    /// Breakers open now.
    pub open_breakers: Vec<String>,
}

/// A gate's outcome with the room that is left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GateRoom {
    /// Gate.
    pub gate: String,
    /// `true`, `false` or `unknown`: only `true` passes.
    pub outcome: String,
    /// What was measured; null where it is not a number.
    pub value: Option<f64>,
    /// What it was held against; null where it is not a number.
    pub limit: Option<f64>,
    /// Limit less value: positive where there is room; null where either is not a number.
    pub distance: Option<f64>,
}
