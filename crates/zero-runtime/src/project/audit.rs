//! `zero.audit.v1`: the journal's range, roots and checkpoint beside what was shown of it.

use super::{
    Reading, claim, deployment_heartbeat, engine_metrics, evolve, genesis, immune, is_act, memory,
    pulse_event, recovery, research,
};
use crate::at_rest::AtRest;
use crate::latest::Latest;
use crate::publish::Published;
use crate::record::Body;
use crate::runner::RunError;
use crate::view::SeenCandidate;
use std::path::Path;
use zero_core::Digest32;
use zero_journal::{Checkpoint, Disk};
use zero_kernel::Fact;
use zero_kernel::operator::PROGRAM_NAME;
use zero_market::{Event, EventBody};
use zero_packets::audit::{Audit, AuditCheckpoint, AuditJournal, AuditRetention, AuditSummary};
use zero_packets::brief::PulseEvent;
use zero_packets::canonical::{REBUILD, Sealed as _};

/// Longest checkpoint note that is read, bytes.
const NOTE_MAX: usize = 64 << 10;

/// What an audit shows beside the folded state.
#[derive(Clone, Debug, Default)]
pub struct AuditParts {
    /// Head of the hash chain at the state's sequence; `None` where it was not read.
    pub head: Option<Digest32>,
    /// The newest checkpoint, shown and not believed.
    pub checkpoint: Option<Checkpoint>,
    /// Oldest first.
    pub decisions: Vec<SeenCandidate>,
    /// Acts of the operator, oldest first.
    pub acts: Vec<PulseEvent>,
    /// Seq from which on every act of the operator was looked at.
    pub acts_since: u64,
    /// How many of each were asked for.
    pub limit: usize,
}

impl AuditParts {
    /// Of what a loop published.
    #[must_use]
    pub fn published(p: &Published, r: &Reading, limit: usize) -> Self {
        Self {
            head: Some(p.head),
            checkpoint: p.checkpoint.clone(),
            decisions: p.latest.last(limit, |_| true),
            acts: acts(&p.latest, r, limit),
            acts_since: p.latest.acts_since(),
            limit,
        }
    }

    /// Of a journal's files as they were looked at.
    ///
    /// # Errors
    /// [`RunError`].
    pub fn at_rest<D: Disk>(
        (disk, dir): (&D, &Path),
        seen: &AtRest,
        r: &Reading,
        limit: usize,
    ) -> Result<Self, RunError> {
        let note = std::fs::read_to_string(dir.join("checkpoint")).ok().filter(|n| n.len() <= NOTE_MAX);
        Ok(Self {
            head: Some(seen.head),
            checkpoint: note.and_then(|n| Checkpoint::parse_unverified(&n).ok()),
            decisions: seen.last_candidates((disk, dir), limit, |_| true)?,
            acts: acts(&seen.latest, r, limit),
            acts_since: seen.latest.acts_since(),
            limit,
        })
    }
}

/// The latest acts, newest first, as many as a cockpit shows.
#[must_use]
pub fn recent_acts(latest: &Latest, r: &Reading) -> Vec<PulseEvent> {
    let mut acts = acts(latest, r, super::live::ACTS);
    acts.reverse();
    acts
}

/// The last acts, oldest first.
fn acts(latest: &Latest, r: &Reading, limit: usize) -> Vec<PulseEvent> {
    ruled(latest.last_acts(2 * limit, |seq, b| step(r, seq, b)), limit)
}

/// An act, or what its ruling was.
enum Step {
    Act(PulseEvent),
    Ruling(String),
}

fn step(r: &Reading, seq: u64, body: &Body) -> Option<Step> {
    match body {
        Body::Fact(Fact::Friction(ruling)) => {
            Some(Step::Ruling(format!("{} at {}", ruling.verdict.name(), ruling.level.name())))
        }
        // What the program notes for itself, nobody did.
        Body::Fact(Fact::Event(Event { body: EventBody::Operator(o), .. })) if o.operator == PROGRAM_NAME => {
            None
        }
        Body::Fact(fact) if is_act(fact) => pulse_event(&r.view, seq, body).map(Step::Act),
        _ => None,
    }
}

/// The last `limit` acts, each with its ruling, which follows it at once: an increase that was held is not told as done.
fn ruled(steps: Vec<Step>, limit: usize) -> Vec<PulseEvent> {
    let mut out: Vec<PulseEvent> = Vec::new();
    for step in steps {
        match (step, out.last_mut()) {
            (Step::Act(act), _) => out.push(act),
            (Step::Ruling(words), Some(act)) => act.message += &format!(" ({words})"),
            // Of an act that lies before what is shown.
            (Step::Ruling(_), None) => {}
        }
    }
    out.drain(..out.len().saturating_sub(limit));
    out
}

/// The packet.
#[must_use]
pub fn audit(r: &Reading, owner: &str, parts: AuditParts) -> Audit {
    let shown = super::decisions(r, &parts.decisions).decisions;
    let immune = immune(r);
    let admitted = parts.decisions.iter().filter(|s| s.trace.admitted).count() as u64;
    let (count, c) = (shown.len() as u64, &r.view.state.counters);
    let mut acts = parts.acts;
    acts.reverse();
    Audit {
        schema_version: Default::default(),
        mode: "paper".into(),
        limit: parts.limit as u64,
        journal: journal(r, parts.head, parts.checkpoint),
        metrics: engine_metrics(r),
        recovery: recovery(r),
        memory: memory(r, false),
        genesis: genesis(r),
        evolve: evolve(r),
        research: research(r),
        deployment_claim: claim(r, owner),
        deployment_heartbeat: deployment_heartbeat(r, owner),
        retention: AuditRetention {
            source: "journal".into(),
            decisions_shown: count,
            admitted_shown: admitted,
            operator_actions_shown: acts.len() as u64,
            decisions_total: c.candidates,
            complete: count == c.candidates,
            operator_actions_from_seq: parts.acts_since,
            command: "zero journal export".into(),
        },
        summary: AuditSummary {
            decisions: c.candidates,
            rejections: c.candidates - c.admitted,
            fills: c.fills,
            open_positions: crate::view::held_coins(&r.view.state) as u64,
            open_breakers: u64::from(immune.summary.open),
        },
        decisions: shown,
        operator_actions: acts,
        immune,
        rebuild: REBUILD.into(),
        audit_hash: String::new(),
        exported_at: r.ts(),
    }
    .sealed()
}

fn journal(r: &Reading, head: Option<Digest32>, checkpoint: Option<Checkpoint>) -> AuditJournal {
    let covered = checkpoint.as_ref().map_or(0, |c| c.size);
    AuditJournal {
        from_seq: 0,
        to_seq: r.view.next_seq,
        head: head.map(|h| h.to_string()),
        checkpoint: checkpoint.map(|c| AuditCheckpoint {
            origin: c.origin,
            size: c.size,
            root: c.root.to_string(),
            chain: c.chain.map(|h| h.to_string()),
            signatures_checked: false,
        }),
        uncovered: r.view.next_seq.saturating_sub(covered),
        decision_digest: r.view.state.digest.to_string(),
        verify_with: ["zero journal verify", "zero journal export", "zero journal prove SEQ"]
            .map(str::to_owned)
            .to_vec(),
    }
}
