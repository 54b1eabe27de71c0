//! Rows of what later work fills, and of what is offered elsewhere: each answers today with its honest state.

use crate::row::{Capability, Query, QueryKind};
use zero_packets::account::HlAccount;
use zero_packets::audit::Audit;
use zero_packets::canary::CanaryPolicy;
use zero_packets::deployment::{Claim, DeploymentHeartbeat};
use zero_packets::evidence::LiveEvidence;
use zero_packets::evolve::Evolve;
use zero_packets::gateway::{GatewayAudit, GatewayHealth, GatewayStatus};
use zero_packets::genesis::Genesis;
use zero_packets::hash::Hash;
use zero_packets::intelligence::{
    Catalog, Commercial, HostedSnapshots, IntelligenceExport, IntelligenceSnapshot,
};
use zero_packets::mcp;
use zero_packets::memory::Memory;
use zero_packets::network::{Ingestion, Leaderboard, NetworkProfile, Publication};
use zero_packets::parity::Parity;
use zero_packets::research::Research;

/// For packets with a hash of their own body.
pub(crate) const CANONICAL: Query = Query {
    name: "canonical",
    kind: QueryKind::Choice(&["1"]),
    doc: "The bytes that the packet's hash covers, as CBOR.",
};
const LIMIT: Query =
    Query { name: "limit", kind: QueryKind::Count { default: 20, max: 200 }, doc: "How many, newest first." };
const AUDIT_LIMIT: Query = Query {
    name: "limit",
    kind: QueryKind::Count { default: 100, max: 500 },
    doc: "Decisions and acts, newest first.",
};
const FORMAT: Query = Query {
    name: "format",
    kind: QueryKind::Choice(&["json", "md"]),
    doc: "With `md` the entries as Markdown too.",
};
const FRESHNESS: Query = Query {
    name: "freshness",
    kind: QueryKind::Choice(&["delayed", "realtime"]),
    doc: "`delayed` is offered; `realtime` is a commercial service and refused.",
};
const NETWORK: Query =
    Query { name: "network", kind: QueryKind::Choice(&["true", "false"]), doc: "Ask a provider." };

/// In the order of the docs.
pub(crate) const ROWS: &[Capability] = &[
    Capability::read::<Genesis>("genesis", "Show proposals for a change of this program; nothing makes one yet.")
        .command(&["genesis"], "[--journal DIR]", &[])
        .http("/genesis")
        .max_age(60),
    Capability::read::<Evolve>("evolve", "Show each stage between a proposal and a change; none is built.")
        .command(&["evolve"], "[--journal DIR]", &[])
        .http("/evolve")
        .max_age(60),
    Capability::read::<Research>("research", "Show research reports over the run; none is written yet.")
        .command(&["research"], "[--journal DIR]", &[])
        .query("/research", &[CANONICAL])
        .max_age(60),
    Capability::read::<Memory>("memory", "Show what is remembered beside the journal; nothing is yet.")
        .command(&["memory"], "[--limit N] [--format json|md] [--journal DIR]", &[])
        .query("/memory", &[LIMIT, FORMAT])
        .max_age(60),
    Capability::read::<Parity>(
        "runtime.parity",
        "Show the last recorded result of `zero parity`, where it is of this run's program and configuration.",
    )
    .query("/runtime/parity", &[CANONICAL])
    .mcp::<mcp::RuntimeParity>("zero_get_runtime_parity", "zero://runtime/parity")
    .max_age(60)
    .anew(),
    Capability::read::<Audit>(
        "audit.export",
        "Show the journal's range, roots and checkpoint with the latest decisions and acts.",
    )
    .command(&["audit", "export"], "[--limit N] [--journal DIR]", &[])
    .query("/audit/export", &[AUDIT_LIMIT, CANONICAL])
    .max_age(60)
    .dear(),
    Capability::read::<HlAccount>("hl.account", "Show the account at the venue; refused where none is configured.")
        .command(&["hl", "account"], "[--journal DIR]", &[])
        .http("/hl/account")
        .max_age(5),
    Capability::read::<CanaryPolicy>(
        "live.canary-policy",
        "Show the phases before a first live order, and which of them stands in the way.",
    )
    .command(&["live", "canary-policy"], "[--journal DIR]", &[])
    .http("/live/canary-policy")
    .max_age(60)
    .dear(),
    Capability::read::<LiveEvidence>(
        "live.evidence",
        "Show everything that a live claim would rest on, each by its hash.",
    )
    .command(&["live", "evidence"], "[--journal DIR]", &[])
    .query("/live/evidence", &[CANONICAL])
    .max_age(60)
    .dear(),
    Capability::read::<Claim>("deployment.claim", "Show what this runtime says of itself, in counts.")
        .command(&["deployment", "claim"], "[--journal DIR]", &[])
        .query("/deployment/claim", &[CANONICAL])
        .max_age(60),
    Capability::read::<DeploymentHeartbeat>("deployment.heartbeat", "Show that this runtime lives, and how.")
        .command(&["deployment", "heartbeat"], "[--journal DIR]", &[])
        .query("/deployment/heartbeat", &[CANONICAL])
        .max_age(5),
    Capability::read::<NetworkProfile>("network.profile", "Show what a network of runtimes would see of this one.")
        .command(&["network", "profile"], "[--journal DIR]", &[])
        .http("/network/profile")
        .max_age(60),
    Capability::read::<Leaderboard>("network.leaderboard", "Show verified profiles by rank; there are none.")
        .command(&["network", "leaderboard"], "[--journal DIR]", &[])
        .http("/network/leaderboard")
        .max_age(60),
    Capability::read::<Publication>("network.publish", "Say why this runtime's profile is not published.")
        .asks("/network/publish"),
    Capability::read::<Ingestion>("network.ingest", "Say what is wrong with profiles of others; keeps none.")
        .asks("/network/ingest"),
    Capability::read::<Catalog>("intelligence.catalog", "Show what the public may read here, and what is sold elsewhere.")
        .http("/intelligence/catalog")
        .max_age(60),
    Capability::read::<Commercial>("intelligence.commercial", "Show the routes of the commercial service; none of it is here.")
        .http("/intelligence/commercial")
        .max_age(60),
    Capability::read::<IntelligenceSnapshot>("intelligence.snapshot", "Show the run as the public sees it: late and in counts.")
        .http("/intelligence/snapshot")
        .max_age(60),
    Capability::read::<IntelligenceExport>("intelligence.export", "Say why the snapshot is not exported.")
        .asks("/intelligence/export"),
    Capability::read::<HostedSnapshots>(
        "intelligence.snapshots",
        "Show the delayed snapshot as the hosted route does, with its rate limit.",
    )
    .query("/v1/intelligence/snapshots", &[FRESHNESS])
    .max_age(60)
    .anew(),
    Capability::read::<GatewayStatus>("intelligence.model-gateway", "Show which models are called; none is.")
        .http("/intelligence/model-gateway")
        .max_age(60),
    Capability::read::<GatewayHealth>("intelligence.model-gateway.health", "Show whether models answer; none is asked.")
        .query("/intelligence/model-gateway/health", &[NETWORK])
        .max_age(60),
    Capability::read::<GatewayAudit>("intelligence.model-gateway.audit", "Show what an auditor of model calls needs; there are none.")
        .http("/intelligence/model-gateway/audit")
        .max_age(60),
    Capability::read::<Hash>("hash", "Compute the hash of a packet's canonical body and hold it against the one it carries.")
        .command(&["hash"], "FILE", &[]),
];

/// Two lists as one.
#[allow(
    clippy::panic,
    clippy::indexing_slicing,
    reason = "evaluated when it is compiled: a mistake is an error there"
)]
pub(crate) const fn join<const N: usize>(a: &[Capability], b: &[Capability]) -> [Capability; N] {
    let Some((first, _)) = a.split_first() else { panic!("the first list has a row") };
    let mut out = [*first; N];
    let mut i = 0;
    while i < N {
        out[i] = if i < a.len() { a[i] } else { b[i - a.len()] };
        i += 1;
    }
    out
}
