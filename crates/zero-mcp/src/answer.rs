//! From a tool or a resource to its answer: the same projections as every other surface, in the envelope for agents.

use crate::bodies;
use crate::clean;
use crate::place::{Place, Seen, Sight};
use crate::trouble::Trouble;
use serde_json::{Map, Value};
use zero_capability::{Capability, by_resource, by_tool};
use zero_core::{CoinId, Ts};
use zero_journal::RealDisk;
use zero_packets::mcp::{self, Provenance};
use zero_packets::{Packet, Source};
use zero_runtime::project;
use zero_runtime::replica::Replica;
use zero_runtime::view::{Wanted, each_record, last_candidates, last_records};

/// Records of a tail.
const TAIL: usize = 20;
/// Rejections of an audit.
const REJECTIONS: usize = 50;
/// Most records of a range.
pub const RANGE_MAX: u64 = 100;

/// Answers a tool. Every tool takes nothing.
///
/// # Errors
/// [`Trouble`].
pub(crate) fn tool(
    place: &Place,
    name: &str,
    arguments: Option<&Map<String, Value>>,
) -> Result<Value, Trouble> {
    let row = by_tool(name).ok_or_else(|| Trouble::unknown("tool", name))?;
    if arguments.is_some_and(|a| !a.is_empty()) {
        return Err(Trouble::arguments(format!("{name} takes no arguments")));
    }
    of_row(place, row)
}

/// Answers a resource that holds JSON, templates included.
///
/// # Errors
/// [`Trouble`].
pub(crate) fn resource(place: &Place, uri: &str) -> Result<Value, Trouble> {
    if let Some(row) = by_resource(uri) {
        return of_row(place, row);
    }
    if uri == "zero://paper/scenario" {
        let s = place.look()?;
        return shown::<mcp::PaperScenario>(
            &provenance(place, Some(&s), None),
            &bodies::scenario(&s.reading),
        );
    }
    // A client that fills a template in encodes what it puts there.
    let part = |p| {
        percent_encoding::percent_decode_str(p).decode_utf8().map_err(|_| Trouble::unknown("resource", uri))
    };
    let parts =
        uri.strip_prefix("zero://").unwrap_or("").split('/').map(part).collect::<Result<Vec<_>, _>>()?;
    let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
    match parts.as_slice() {
        ["decision", "stack", coin] => stack(place, Some(coin)),
        ["position", coin] => {
            let s = place.look()?;
            let coin = find(&s, coin)?;
            let p = provenance(place, Some(&s), Some(5));
            shown::<mcp::PositionState>(&p, &project::positions(&s.reading, Some(coin)))
        }
        ["rejections", "coin", coin] => rejections(place, Some(coin)),
        ["decision", "id", id] => decision(place, id),
        ["journal", "range", from, to] => range(place, from, to),
        _ => Err(Trouble::unknown("resource", uri)),
    }
}

fn of_row(place: &Place, row: &Capability) -> Result<Value, Trouble> {
    let max_age = row.max_age_s;
    let looked = |f: &dyn Fn(Provenance, &Sight) -> Result<Value, Trouble>| {
        let s = place.look()?;
        f(provenance(place, Some(&s), max_age), &s)
    };
    match row.id {
        "strategy.list" => {
            let s = place.look().ok();
            let body = bodies::strategies(s.as_ref().map(|s| &s.reading));
            shown::<mcp::Strategies>(&provenance(place, s.as_ref(), None), &body)
        }
        "status" => looked(&|p, s| shown::<mcp::RuntimeStatus>(&p, &project::status(&s.reading))),
        "runtime.parity" => {
            looked(&|p, s| shown::<mcp::RuntimeParity>(&p, &bodies::parity(place, &s.reading)))
        }
        "health" => looked(&|p, s| shown::<mcp::HealthStatus>(&p, &project::health(&s.reading))),
        "immune" => looked(&|p, s| shown::<mcp::ImmuneStatus>(&p, &project::immune(&s.reading))),
        "positions" => looked(&|p, s| shown::<mcp::PositionState>(&p, &project::positions(&s.reading, None))),
        "agents.paper-results" => {
            looked(&|p, s| shown::<mcp::PaperResults>(&p, &bodies::results(&s.reading)))
        }
        "agents.evidence-bundle" => {
            let s = place.look()?;
            let body = bodies::evidence(place, &s.reading);
            shown::<mcp::EvidenceBundle>(&provenance(place, Some(&s), max_age), &body)
        }
        "rejections" => rejections(place, None),
        "journal.tail" => tail(place),
        "decision-stack" => stack(place, None),
        "backtest.report" => {
            shown::<mcp::BacktestReport>(&provenance(place, None, None), &bodies::backtest(&place.reports))
        }
        "agents.proof-pack" => {
            let s = place.files()?;
            let body = bodies::proof(place, s.reading.view.next_seq);
            shown::<mcp::ProofPack>(&provenance(place, Some(&s), None), &body)
        }
        "agents.safety-catalog" => {
            shown::<mcp::SafetyCatalog>(&provenance(place, None, None), &bodies::safety())
        }
        "agents.network-proof-pack" => looked(&|p, s| {
            shown::<mcp::NetworkProofPack>(&p, &project::network_profile(&s.reading, &place.operator))
        }),
        "agents.memory-snapshot" => {
            looked(&|p, s| shown::<mcp::MemorySnapshot>(&p, &project::memory(&s.reading, false)))
        }
        "agents.memory-stats" => {
            looked(&|p, s| shown::<mcp::MemoryStats>(&p, &project::memory(&s.reading, false).stats))
        }
        "agents.genesis-proposals" => {
            looked(&|p, s| shown::<mcp::GenesisProposals>(&p, &project::genesis(&s.reading)))
        }
        "agents.evolve-status" => {
            looked(&|p, s| shown::<mcp::EvolveStatus>(&p, &project::evolve(&s.reading)))
        }
        "agents.research-report" => {
            looked(&|p, s| shown::<mcp::ResearchReport>(&p, &project::research(&s.reading)))
        }
        other => Err(Trouble::new("ZERO-MCP-005", format!("the row {other} has a tool and no answer"))),
    }
}

fn rejections(place: &Place, coin: Option<&str>) -> Result<Value, Trouble> {
    let s = place.look()?;
    let only = coin.map(|c| find(&s, c)).transpose()?;
    let wanted = |t: &zero_kernel::record::CandidateTrace| only.is_none_or(|c| c == t.coin);
    let seen = match &s.seen {
        Seen::Loop(p) => p.latest.last_refused(REJECTIONS, wanted),
        Seen::Files(f) => f.last_refused((&RealDisk, &place.journal), REJECTIONS, wanted)?,
    };
    let p = provenance(place, Some(&s), Some(60));
    shown::<mcp::RejectionAudit>(&p, &project::rejections(&s.reading, &seen))
}

fn tail(place: &Place) -> Result<Value, Trouble> {
    let (records, next_seq) = last_records(&RealDisk, &place.journal, TAIL, &Wanted::default())?;
    listed(place, records, next_seq)
}

fn range(place: &Place, from: &str, to: &str) -> Result<Value, Trouble> {
    let number = |t: &str| {
        let plain = (1..=19).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_digit());
        t.parse::<u64>()
            .ok()
            .filter(|_| plain)
            .ok_or_else(|| Trouble::arguments("a sequence is a whole number"))
    };
    let (from, to) = (number(from)?, number(to)?);
    if from >= to || to - from > RANGE_MAX {
        return Err(Trouble::arguments(format!(
            "a range ends after it begins and has at most {RANGE_MAX} records"
        )));
    }
    let next_seq = place.files()?.reading.view.next_seq;
    let mut records = Vec::new();
    if from < next_seq {
        each_record(&RealDisk, &place.journal, from..to, &Wanted::default(), |r| {
            records.push(r);
            true
        })?;
    }
    listed(place, records, next_seq)
}

fn listed(
    place: &Place,
    records: Vec<zero_packets::journal::JournalRecord>,
    next_seq: u64,
) -> Result<Value, Trouble> {
    let count = u32::try_from(records.len()).unwrap_or(u32::MAX);
    let body =
        zero_packets::journal::JournalTail { schema_version: Default::default(), records, count, next_seq };
    let s = place.files()?;
    let mut p = provenance(place, Some(&s), Some(5));
    p.journal_seq = Some(next_seq);
    shown::<mcp::JournalTail>(&p, &body)
}

/// A kernel is rebuilt from the journal: the loop's own is never asked.
fn stack(place: &Place, coin: Option<&str>) -> Result<Value, Trouble> {
    let mut s = place.files()?;
    let coin = match coin {
        Some(c) => find(&s, c)?,
        None => s.reading.usual_coin(),
    };
    let features = match &mut s.seen {
        Seen::Files(at_rest) => at_rest.features.take(),
        Seen::Loop(_) => None,
    };
    let at = (&*s.reading.view, features);
    let replica = Replica::at_end_hosting(&RealDisk, &place.journal, at, place.code, &place.hosts)?;
    let body = project::decision_stack(&replica.reading(&s.reading), &replica, coin, None)?;
    shown::<mcp::DecisionStack>(&provenance(place, Some(&s), Some(60)), &body)
}

fn decision(place: &Place, id: &str) -> Result<Value, Trouble> {
    let plain = (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_hexdigit());
    if !plain {
        return Err(Trouble::arguments("a decision is named by 8 to 64 hexadecimal digits"));
    }
    let s = place.look()?;
    let wanted = |t: &zero_kernel::record::CandidateTrace| t.decision.to_string() == id.to_ascii_lowercase();
    let latest = match &s.seen {
        Seen::Loop(p) => &p.latest,
        Seen::Files(f) => &f.latest,
    };
    let recent = latest.last(1, wanted);
    let found =
        if recent.is_empty() { last_candidates(&RealDisk, &place.journal, 1, wanted)? } else { recent };
    let Some(seen) = found.first() else {
        return Err(Trouble::missing(format!("the journal has no decision {id}")));
    };
    let body = project::seen_decision(&s.reading.view, seen);
    shown::<mcp::Decision>(&provenance(place, Some(&s), None), &body)
}

/// A symbol of the run, whatever its case.
fn find(s: &Sight, symbol: &str) -> Result<CoinId, Trouble> {
    let at = s.reading.view.manifest.universe.iter().position(|i| i.symbol.eq_ignore_ascii_case(symbol));
    at.map(|i| CoinId(i as u16)).ok_or_else(|| Trouble::missing(format!("the run has no coin {symbol:?}")))
}

fn provenance(place: &Place, s: Option<&Sight>, max_age_s: Option<u32>) -> Provenance {
    let wall = s.map_or_else(|| place.clock.now(), |s| s.reading.wall);
    let at = s.and_then(Sight::published_at);
    let age_s = s.and_then(|s| s.reading.age_s());
    let source = match s {
        Some(s) => s.reading.source(),
        None if place.live.is_some() || project::holder(&place.journal).is_some() => Source::Running,
        None => Source::AtRest,
    };
    Provenance {
        source,
        read_from: if at.is_some() { "runtime" } else { "journal" }.into(),
        journal: clean::text(&place.journal.display().to_string()),
        journal_seq: s.map(|s| s.reading.view.next_seq),
        as_of: s.and_then(|s| s.reading.now()).map(|t| t.to_string()),
        age_s,
        published_age_s: at.map(|t| seconds(wall, t)),
        max_age_s,
        stale: max_age_s.and_then(|m| age_s.map(|a| a > f64::from(m))),
        read_at: wall.to_string(),
    }
}

fn seconds(now: Ts, then: Ts) -> f64 {
    (now.since(then).as_ns() as f64 / 1e9).max(0.0)
}

/// The envelope: body as JSON, foreign strings cleaned and named, all of it held against the schema.
fn shown<A: Packet>(p: &Provenance, body: &impl serde::Serialize) -> Result<Value, Trouble> {
    let unfit = |e: &dyn std::fmt::Display| Trouble::new("ZERO-MCP-005", e.to_string());
    // By way of text: numbers with their own digits are text inside.
    let read = |text: Result<String, serde_json::Error>| {
        text.and_then(|t| serde_json::from_str::<Value>(&t)).map_err(|e| unfit(&e))
    };
    let mut data = read(serde_json::to_string(body))?;
    let mut untrusted = clean::value(&mut data, "/data");
    untrusted.push("/provenance/journal".into());
    let mut out = Map::new();
    out.insert("schema_version".into(), Value::from(A::ID));
    out.insert("provenance".into(), read(serde_json::to_string(p))?);
    out.insert("untrusted".into(), Value::from(untrusted));
    out.insert("data".into(), data);
    let out = Value::Object(out);
    let schema = crate::schema::published(&A::schema());
    crate::schema::fits(&schema, &out).map_err(|e| unfit(&format!("{}: {e}", A::ID)))?;
    Ok(out)
}
