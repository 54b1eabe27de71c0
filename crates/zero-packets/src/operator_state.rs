//! `zero operator-state` and `zero friction`: how the operator is, by what they did, and what that puts before an increase
//! of risk.

use crate::id::packet_id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(OperatorState, OperatorStateId = "zero.operator.state.v1");
packet_id!(FrictionContract, FrictionContractId = "zero.friction.contract.v1");

/// The operator at a moment. Lengths of time are integers of milliseconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OperatorState {
    /// Schema id.
    pub schema_version: OperatorStateId,
    /// `fresh`, `steady`, `elevated`, `tilt`, `fatigued` or `recovery`.
    pub label: String,
    /// Level of friction that an increase asked for now meets, `l0` to `l4`: asking counts as a decision, and may be a reaction
    /// to a loss, so it may be above `standing_friction`.
    pub friction: String,
    /// Level of friction by what was done so far, which a request that already waits meets when it is repeated.
    pub standing_friction: String,
    /// What an increase asked for now, which does not wait yet, would meet: the gate's own ruling.
    pub next_request: NextRequest,
    /// What was measured.
    pub vector: Vector,
    /// Wall time that this is true at, RFC 3339.
    pub as_of: String,
    /// Acts of a person recorded so far.
    pub version: u64,
    /// Signs of haste that the label rests on.
    pub points: u32,
    /// What the label and the level rest on.
    pub causes: Vec<String>,
    /// Increases that wait for their pause or their phrase.
    pub waiting: Vec<Waiting>,
    /// The latest increase that met friction, or was asked for at all; null before one.
    pub last_ruling: Option<Ruling>,
    /// Until when a declared break keeps increases away; null where none does.
    pub break_until: Option<String>,
    /// Name of the open session; null where none is open.
    pub session: Option<String>,
    /// Directory of the journal.
    pub journal_path: String,
    /// Sequence after the last record that was read.
    pub journal_seq: u64,
}

/// What an increase would meet that is asked for now, and does not wait yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NextRequest {
    /// Level of friction, `l0` to `l4`.
    pub level: String,
    /// Label that it makes.
    pub label: String,
    /// `admitted`, `held`, `refused` or `on_break`.
    pub verdict: String,
    /// What they would rest on.
    pub causes: Vec<String>,
    /// Seconds until it may be repeated where it is held; zero where it is not.
    pub pause_s: u32,
    /// A phrase would have to be typed before.
    pub phrase: bool,
    /// From when on it may be made again; the time itself where it is admitted, or refused for as long as what it rests on lasts.
    pub not_before: String,
    /// During a declared break: what one would meet right after it, if nothing else happens before; null at other times.
    pub after_break: Option<AfterBreak>,
}

/// What an increase would meet right after a declared break.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AfterBreak {
    /// When the break is over, RFC 3339.
    pub at: String,
    /// Level of friction then, `l0` to `l4`.
    pub level: String,
    /// `admitted`, `held` or `refused`.
    pub verdict: String,
    /// Seconds until it could be repeated where it would be held; zero where it would not.
    pub pause_s: u32,
    /// A phrase would have to be typed before.
    pub phrase: bool,
}

/// What was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Vector {
    /// How often decisions are made.
    pub velocity: Velocity,
    /// How often verdicts are overridden.
    pub deviation: Deviation,
    /// The present activity.
    pub session: Session,
    /// How soon an increase follows a loss.
    pub loss_reaction: LossReaction,
    /// How many increases follow a loss.
    pub re_entry: ReEntry,
    /// Rest, as far as silence shows it.
    pub sleep_proxy: SleepProxy,
    /// A declared break or rest goes on.
    pub on_break: bool,
}

/// How often decisions are made: acts and commands that increase or reduce risk.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Velocity {
    /// In the last hour.
    pub last_1h: u32,
    /// In the last four hours.
    pub last_4h: u32,
    /// In the last 24 hours.
    pub last_24h: u32,
    /// Median per hour with any decision, over the last week; null before eight such hours.
    pub baseline_1h: Option<f64>,
}

/// How often verdicts are overridden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Deviation {
    /// Overridden among the last ten answered. A verdict is answered once; that one was followed counts only where the word
    /// names the decision by its id, that one was overridden in any case.
    pub overrides_last_10: u32,
    /// Answered, at most ten.
    pub verdicts_last_10: u32,
    /// Overridden among the last fifty answered.
    pub overrides_last_50: u32,
    /// Answered, at most fifty.
    pub verdicts_last_50: u32,
}

/// The present activity: it begins with the first act after four hours of silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Session {
    /// Its length without its breaks.
    pub active_duration_ms: u64,
    /// Longest time in it without a break.
    pub longest_focus_ms: u64,
    /// Since the last break, or since it began.
    pub since_last_break_ms: u64,
}

/// How soon an increase follows a realised loss. Where `samples` is zero nothing was measured, and the zeros beside it are
/// there for their type alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LossReaction {
    /// Median of the last ten.
    pub median_last_10_ms: u64,
    /// Fastest of this activity; zero where there is none.
    pub fastest_session_ms: u64,
    /// Median of those before the last ten; null before ten of them.
    pub baseline_ms: Option<u64>,
    /// How many the median is of.
    pub samples: u32,
}

/// Increases after a realised loss, in the last 24 hours; each count includes the shorter ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReEntry {
    /// At most 15 minutes after it.
    pub within_15m: u32,
    /// At most 30 minutes.
    pub within_30m: u32,
    /// At most two hours.
    pub within_2h: u32,
    /// At most 15 minutes after it, in the last two hours: those that weigh.
    pub recent_15m: u32,
    /// At most two minutes after it, in the last hour.
    pub reflexes: u32,
}

/// Rest, as far as silence shows it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SleepProxy {
    /// Since the last silence of five hours or more ended; zero while one lasts; null where none was seen.
    pub hours_since_rest_ended: Option<f64>,
}

/// An increase that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Waiting {
    /// Its phrase, which `zero operator confirm` takes where the level asks for one.
    pub phrase: String,
    /// It was typed.
    pub typed: bool,
    /// When the request was first made.
    pub since: String,
    /// When its pause is over at the present level.
    pub not_before: String,
    /// When it lapses.
    pub until: String,
}

/// What became of a request for more risk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ruling {
    /// When.
    pub time: String,
    /// `clear_latch`, `resume_entries`, `auto_on` or `execute`.
    pub control: String,
    /// On what.
    pub subject: String,
    /// `admitted`, `held`, `too_early`, `phrase_missing`, `refused` or `on_break`.
    pub verdict: String,
    /// Level of friction then.
    pub level: String,
    /// Label then.
    pub label: String,
    /// What they rested on.
    pub causes: Vec<String>,
    /// From when on it may be repeated.
    pub not_before: String,
    /// Until when; a later one is a new request. The same as `not_before` where nothing waits: what is asked then begins anew.
    pub until: String,
    /// What has to be typed before; null where nothing has.
    pub phrase: Option<String>,
    /// Code of the refusal; null where it was admitted.
    pub code: Option<String>,
    /// What to do about it; null where it was admitted.
    pub hint: Option<String>,
}

/// What stands before an increase of risk, level by level. The runtime itself enforces it, whoever asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FrictionContract {
    /// Schema id.
    pub schema_version: FrictionContractId,
    /// Every level.
    pub levels: Vec<LevelTerms>,
    /// Controls that meet friction: nothing else can.
    pub gated: Vec<String>,
    /// Acts that never do: they reduce risk or leave it.
    pub never_gated: Vec<String>,
    /// Every label.
    pub labels: Vec<String>,
    /// What a label may rest on.
    pub causes: Vec<String>,
    /// Thresholds of the classifier.
    pub thresholds: Vec<Threshold>,
    /// How a held request is completed.
    pub procedure: Vec<String>,
    /// Most requests that wait at a time; the oldest gives way.
    pub waiting_max: u32,
}

/// What a level asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LevelTerms {
    /// `l0` to `l4`.
    pub level: String,
    /// Seconds between the first request and one that is admitted.
    pub pause_s: u32,
    /// A phrase must be typed.
    pub phrase: bool,
    /// Nothing is admitted.
    pub refuses: bool,
    /// Seconds after the pause in which the request may be repeated.
    pub window_s: u32,
}

/// A threshold of the classifier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Threshold {
    /// Name.
    pub name: String,
    /// Its number.
    pub value: u64,
    /// `s` or `count`.
    pub unit: String,
    /// What it decides.
    pub meaning: String,
}
