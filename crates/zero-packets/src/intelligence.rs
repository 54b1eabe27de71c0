//! `/intelligence/...`: what this runtime shows to the public, late and in counts; and what is sold elsewhere and not here.

use crate::id::packet_id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(Catalog, CatalogId = "zero.intelligence.catalog.v1");
packet_id!(Commercial, CommercialId = "zero.intelligence.commercial.v1");
packet_id!(IntelligenceSnapshot, IntelligenceSnapshotId = "zero.intelligence.snapshot.v1");
packet_id!(HostedSnapshots, HostedSnapshotsId = "zero.intelligence.hosted.snapshots.v1");
packet_id!(IntelligenceExport, IntelligenceExportId = "zero.intelligence.export.v1");

/// What there is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Catalog {
    /// Schema id.
    pub schema_version: CatalogId,
    /// What this program is to it.
    pub positioning: String,
    /// Here, for everybody.
    pub public: CatalogPublic,
    /// Sold elsewhere.
    pub commercial: CatalogCommercial,
    /// Routes of the hosted service.
    pub hosted_api_contract: HostedContract,
    /// What is never taken.
    pub data_rules: DataRules,
}

/// Here, for everybody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogPublic {
    /// `open-source`.
    pub runtime: String,
    /// Late and in counts.
    pub delayed_snapshots: DelayedSnapshots,
    /// `unverified`.
    pub network_profiles: String,
    /// `empty`.
    pub leaderboards: String,
}

/// The delayed snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DelayedSnapshots {
    /// Seconds that it is behind at least.
    pub delay_s: f64,
    /// Route.
    pub endpoint: String,
    /// Schema id of its answer.
    pub schema_version: String,
}

/// Sold elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogCommercial {
    /// Anything of it is offered here.
    pub offered: bool,
    /// Why not.
    pub reason: String,
    /// Nothing: nothing is sold here.
    pub metered_by: Vec<String>,
    /// What no payment unlocks.
    pub not_metered_by: Vec<String>,
    /// Plans: none.
    pub plans: Vec<String>,
}

/// Routes of the hosted service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HostedContract {
    /// Schema id of `GET /intelligence/commercial`.
    pub schema_version: String,
    /// Each.
    pub endpoints: Vec<HostedEndpoint>,
    /// Headers of those that answer.
    pub rate_limit_headers: Vec<String>,
}

/// A route of the hosted service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HostedEndpoint {
    /// Method and path.
    pub path: String,
    /// It answers here.
    pub offered: bool,
    /// The code with which it refuses; null where it answers.
    pub error_code: Option<String>,
}

/// What is never taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DataRules {
    /// Keys and funds.
    pub custody: String,
    /// Venue credentials.
    pub exchange_credentials: String,
    /// Decisions, orders, notes.
    pub raw_operator_data: String,
    /// What the data comes from.
    pub source: String,
}

/// The commercial service, which is not part of this.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Commercial {
    /// Schema id.
    pub schema_version: CommercialId,
    /// Anything of it is offered here.
    pub offered: bool,
    /// Why not.
    pub reason: String,
    /// None.
    pub plans: Vec<String>,
    /// Scopes that a reader has here.
    pub scopes: Vec<String>,
    /// None.
    pub datasets: Vec<String>,
    /// Routes of the hosted service.
    pub endpoints: Vec<HostedEndpoint>,
    /// Of the route that answers.
    pub rate_limits: RateLimits,
    /// None: nothing is metered.
    pub usage_events: Vec<String>,
    /// None.
    pub webhooks: Webhooks,
    /// None.
    pub exports: Exports,
}

/// Limits of the route that answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RateLimits {
    /// Headers that carry them.
    pub headers: Vec<String>,
    /// Each, as it stands.
    pub policy: Vec<RateLimit>,
}

/// Messages to others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Webhooks {
    /// `not_offered`.
    pub delivery: String,
    /// None.
    pub event_types: Vec<String>,
}

/// Files for others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exports {
    /// `not_offered`.
    pub contents: String,
    /// None.
    pub formats: Vec<String>,
}

/// A limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RateLimit {
    /// Requests of a window.
    pub limit: u64,
    /// Who, and the window in seconds.
    pub policy: String,
    /// Left of this window.
    pub remaining: u64,
    /// When the next begins, seconds since the epoch.
    pub reset: u64,
}

/// The run as the public sees it: late, in counts, without amounts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IntelligenceSnapshot {
    /// Schema id.
    pub schema_version: IntelligenceSnapshotId,
    /// A state old enough was published by this process.
    pub available: bool,
    /// Why there is none.
    pub reason: Option<String>,
    /// Who may see it.
    pub access: SnapshotAccess,
    /// Counts of that state; null without one.
    pub aggregates: Option<Aggregates>,
    /// The same in words; null without one.
    pub signals: Option<Signals>,
    /// Where it comes from.
    pub source: SnapshotSource,
    /// What is left out.
    pub privacy: SnapshotPrivacy,
    /// None: no payment shows more.
    pub commercial_unlocks: Vec<String>,
    /// Wall time of that state, RFC 3339; null without one.
    pub generated_at: Option<String>,
}

/// Who may see a snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SnapshotAccess {
    /// `public_delayed`.
    pub class: String,
    /// Seconds that it is behind at least.
    pub delay_s: f64,
    /// History is offered here.
    pub commercial_history: bool,
    /// Present state is offered here.
    pub commercial_realtime: bool,
    /// Redistribution is sold here.
    pub commercial_redistribution: bool,
}

/// Counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Aggregates {
    /// Candidates judged.
    pub decisions: u64,
    /// Fills booked.
    pub fills: u64,
    /// Candidates not admitted.
    pub rejections: u64,
    /// Coins held.
    pub open_positions: u64,
    /// Breakers open.
    pub open_breakers: u64,
    /// Admitted over judged; null before the first candidate.
    pub acceptance_rate: Option<f64>,
    /// Not admitted over judged; null before the first candidate.
    pub rejection_rate: Option<f64>,
}

/// Counts in words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Signals {
    /// By candidates judged: `none` for 0, `low` below 10, `moderate` below 100, else `high`.
    pub activity_level: String,
    /// By the share admitted: `unknown` before the first candidate, `low` below a third, `high` from two thirds, else `moderate`.
    pub execution_pressure: String,
    /// By the share not admitted: `unknown` before the first candidate, `loose` below a third, `strict` from two thirds, else `balanced`.
    pub rejection_discipline: String,
    /// `durable`: what is published is durable.
    pub journal_quality: String,
    /// Live orders were seen.
    pub live_observed: bool,
}

/// Where a snapshot comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SnapshotSource {
    /// `zero.status.v1`: the published state.
    pub schema_version: String,
    /// `paper`.
    pub mode: String,
    /// Journal sequence of that state.
    pub journal_seq: Option<u64>,
    /// `unverified`.
    pub verification_status: String,
}

/// What a snapshot leaves out, by type: it has no field for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SnapshotPrivacy {
    /// `aggregate-only`.
    pub default: String,
    /// Venue credentials.
    pub contains_exchange_credentials: bool,
    /// Notes of the operator.
    pub contains_private_notes: bool,
    /// Sizes, prices, equity, profit.
    pub contains_amounts: bool,
    /// Decisions.
    pub decision_records_included: bool,
}

/// Snapshots as the hosted route shows them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HostedSnapshots {
    /// Schema id.
    pub schema_version: HostedSnapshotsId,
    /// Who reads.
    pub account: HostedAccount,
    /// What they may read.
    pub access: HostedAccess,
    /// One, or none while no state is old enough.
    pub data: Vec<IntelligenceSnapshot>,
    /// Of this route.
    pub rate_limit: RateLimit,
    /// What the reading costs: nothing.
    pub usage: HostedUsage,
    /// Wall time of the answer, RFC 3339.
    pub generated_at: String,
}

/// Who reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HostedAccount {
    /// An account is known: never, there are none.
    pub authenticated: bool,
    /// `public`.
    pub id: String,
    /// `free`.
    pub plan: String,
    /// What it may read.
    pub scopes: Vec<String>,
}

/// What may be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HostedAccess {
    /// `delayed`.
    pub freshness: String,
    /// Seconds that it is behind at least.
    pub public_delay_s: f64,
    /// It is read from a runtime.
    pub runtime_required: bool,
    /// The scope that this is.
    pub scope: String,
}

/// What a reading costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HostedUsage {
    /// `public`.
    pub account_id: String,
    /// It costs something.
    pub billable: bool,
    /// It is counted against an account.
    pub metered: bool,
    /// What was read.
    pub dataset: String,
    /// Kind of reading.
    pub name: String,
    /// The scope that this is.
    pub scope: String,
    /// Age of what was read; null where nothing was.
    pub freshness_ms: Option<u64>,
    /// Wall time, RFC 3339.
    pub timestamp: String,
}

/// What became of a request to export.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IntelligenceExport {
    /// Schema id.
    pub schema_version: IntelligenceExportId,
    /// It was exported.
    pub ok: bool,
    /// The same.
    pub exported: bool,
    /// Why not.
    pub reason: String,
    /// Where; null while nothing is exported.
    pub path: Option<String>,
    /// What would be exported.
    pub snapshot: IntelligenceSnapshot,
}
