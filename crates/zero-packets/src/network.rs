//! `/network/...`: what a network of runtimes would see of this one. There is no network: a profile is unverified, nobody
//! is ranked, and nothing is published.

use crate::deployment::{Claim, DeploymentHeartbeat};
use crate::id::packet_id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(NetworkProfile, NetworkProfileId = "zero.network.profile.v1");
packet_id!(Leaderboard, LeaderboardId = "zero.network.leaderboard.v1");
packet_id!(Ingestion, IngestionId = "zero.network.ingestion.v1");
packet_id!(Publication, PublicationId = "zero.network.publication.v1");

/// This runtime as others would see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NetworkProfile {
    /// Schema id.
    pub schema_version: NetworkProfileId,
    /// `paper`.
    pub mode: String,
    /// Its names.
    pub profile: Profile,
    /// What of it is verified.
    pub verification: Verification,
    /// Counts.
    pub metrics: NetworkMetrics,
    /// What runs.
    pub deployment_claim: Claim,
    /// That it lives.
    pub deployment_heartbeat: DeploymentHeartbeat,
    /// Its row; null while it is unverified.
    pub leaderboard_row: Option<LeaderboardRow>,
    /// What is left out.
    pub privacy: NetworkPrivacy,
    /// Event time, RFC 3339.
    pub generated_at: Option<String>,
}

/// Names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Profile {
    /// Operator.
    pub handle: String,
    /// The same, for people.
    pub display_name: String,
    /// It may be published: never from here.
    pub publish_enabled: bool,
}

/// What of a profile is verified.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verification {
    /// `unverified`: no proof is made.
    pub status: String,
    /// Why.
    pub reason: String,
    /// Hash of a proof; null without one.
    pub proof_hash: Option<String>,
    /// Hash of the claim in it.
    pub deployment_claim_hash: String,
    /// Hash of the heartbeat in it.
    pub deployment_heartbeat_hash: String,
    /// Each claim of a profile by itself.
    pub badges: Vec<Badge>,
}

/// A claim of a profile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Badge {
    /// Name.
    pub name: String,
    /// `claimed`: it holds here and nobody outside checked it; `absent`: it does not hold.
    pub status: String,
    /// Hash of what it rests on.
    pub evidence: Option<String>,
}

/// Counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NetworkMetrics {
    /// Candidates judged.
    pub decisions: u64,
    /// Fills booked.
    pub fills: u64,
    /// Candidates not admitted.
    pub rejections: u64,
    /// Coins held.
    pub open_positions: u64,
    /// Admitted over judged; null before the first candidate.
    pub acceptance_rate: Option<f64>,
    /// Not admitted over judged; null before the first candidate.
    pub rejection_rate: Option<f64>,
    /// Live orders.
    pub live_execution_count: u64,
    /// What it counts is durable.
    pub journal_durable: bool,
}

/// What is left out and what is not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NetworkPrivacy {
    /// `private`.
    pub default: String,
    /// `opt-in`.
    pub publication: String,
    /// What a profile tells.
    pub included: Vec<String>,
    /// What it never tells.
    pub excluded: Vec<String>,
}

/// Verified profiles by rank.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Leaderboard {
    /// Schema id.
    pub schema_version: LeaderboardId,
    /// `paper`.
    pub mode: String,
    /// `empty`: no verified profile exists.
    pub status: String,
    /// Why.
    pub reason: Option<String>,
    /// By rank.
    pub rows: Vec<LeaderboardRow>,
    /// How many.
    pub row_count: u64,
    /// How they are ranked.
    pub rules: LeaderboardRules,
    /// What is left out.
    pub privacy: NetworkPrivacy,
    /// Event time, RFC 3339.
    pub generated_at: Option<String>,
}

/// A verified profile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LeaderboardRow {
    /// From one.
    pub rank: u64,
    /// Operator.
    pub handle: String,
    /// The same, for people.
    pub display_name: String,
    /// `paper`.
    pub mode: String,
    /// Candidates judged.
    pub decisions: u64,
    /// Not admitted over judged.
    pub rejection_rate: f64,
    /// Coins held.
    pub open_positions: u64,
    /// How much of it is verified.
    pub verification_score: f64,
    /// Hash of its proof.
    pub proof_hash: String,
    /// Hash of its claim.
    pub deployment_claim_hash: String,
    /// Hash of its heartbeat.
    pub deployment_heartbeat_hash: String,
}

/// How profiles are ranked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LeaderboardRules {
    /// What a rank says.
    pub purpose: String,
    /// Keys of the order, first to last.
    pub ranking: Vec<String>,
}

/// What became of profiles that were handed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ingestion {
    /// Schema id.
    pub schema_version: IngestionId,
    /// Counts.
    pub summary: IngestionSummary,
    /// Each, in its order.
    pub records: Vec<IngestionRecord>,
    /// What follows for the ranks.
    pub leaderboard: Leaderboard,
    /// What is taken.
    pub rules: IngestionRules,
    /// What is left out.
    pub privacy: NetworkPrivacy,
    /// Event time, RFC 3339.
    pub generated_at: Option<String>,
}

/// Counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IngestionSummary {
    /// All.
    pub submitted: u64,
    /// Taken. Constant 0: signatures cannot be verified here yet.
    pub accepted: u64,
    /// Refused.
    pub refused: u64,
    /// Of these, for being there twice.
    pub duplicates: u64,
    /// Rows that follow.
    pub leaderboard_rows: u64,
}

/// A profile that was handed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IngestionRecord {
    /// Its place.
    pub index: u64,
    /// Operator that it names; null where it names none.
    pub handle: Option<String>,
    /// `refused`.
    pub status: String,
    /// Every rule that it breaks.
    pub reasons: Vec<String>,
}

/// What is taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IngestionRules {
    /// What this is.
    pub purpose: String,
    /// Schema ids.
    pub accepted_inputs: Vec<String>,
    /// It advises.
    pub financial_advice: bool,
    /// What ranks rest on.
    pub ranking_source: String,
    /// What is refused.
    pub refusal_policy: Vec<String>,
}

/// What became of a request to publish.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Publication {
    /// Schema id.
    pub schema_version: PublicationId,
    /// It was published.
    pub ok: bool,
    /// The same.
    pub published: bool,
    /// Why not.
    pub reason: String,
    /// Where; null while nothing is published.
    pub path: Option<String>,
    /// Hash of the proof; null without one.
    pub proof_hash: Option<String>,
    /// What would be published.
    pub profile: NetworkProfile,
}
