//! `zero.decisions.v1` and `zero.rejections.v1`: judged candidates with every gate.

use super::{Reading, finite, px, sz, usd};
use crate::view::{RunView, SeenCandidate};
use std::collections::BTreeMap;
use zero_core::{MissingReason, Usd};
use zero_kernel::record::{CandidateTrace, GateTrace, LensTrace};
use zero_kernel::stack::KERNEL_GATES;
use zero_packets::decisions::{
    Decision, Decisions, ForecastOutcome, GateOutcome, LensContribution, LensOutcome, ModifierOutcome,
};
use zero_packets::rejections::{Rejection, Rejections};
use zero_strategy::{Abstention, Forecast};

/// Reasons for an abstention, in the order of their index in a trace.
const REASONS: [MissingReason; 4] =
    [MissingReason::NeverSeen, MissingReason::WarmUp, MissingReason::Gap, MissingReason::Undefined];

/// The packet of these candidates, which come oldest first and leave newest first.
#[must_use]
pub fn decisions(r: &Reading, seen: &[SeenCandidate]) -> Decisions {
    let c = &r.view.state.counters;
    Decisions {
        schema_version: Default::default(),
        decisions: seen.iter().rev().map(|s| seen_decision(&r.view, s)).collect(),
        count: seen.len() as u32,
        judged: c.candidates,
        admitted: c.admitted,
        decision_digest: r.view.state.digest.to_string(),
        source: r.source(),
        journal_seq: r.view.next_seq,
    }
}

/// The packet of those among these candidates that were not admitted, newest first.
#[must_use]
pub fn rejections(r: &Reading, seen: &[SeenCandidate]) -> Rejections {
    let rejected: Vec<&CandidateTrace> =
        seen.iter().rev().map(|s| &s.trace).filter(|t| !t.admitted).collect();
    let mut by_gate = BTreeMap::new();
    for gate in rejected.iter().flat_map(|t| t.failing()) {
        *by_gate.entry(gate_name(&r.view, gate)).or_insert(0) += 1;
    }
    let c = &r.view.state.counters;
    Rejections {
        schema_version: Default::default(),
        count: rejected.len() as u32,
        rejections: rejected.into_iter().map(|t| rejection(&r.view, t)).collect(),
        total: c.candidates - c.admitted,
        by_gate,
        source: r.source(),
        journal_seq: r.view.next_seq,
    }
}

/// One candidate of those that a reader found, with the key of the order that it judges.
#[must_use]
pub fn seen_decision(view: &RunView, s: &SeenCandidate) -> Decision {
    Decision { idempotency_key: s.key.clone(), ..decision(view, &s.trace) }
}

/// One candidate.
#[must_use]
pub fn decision(view: &RunView, t: &CandidateTrace) -> Decision {
    let name = |list: &[String], i: usize| list.get(i).cloned().unwrap_or_else(|| "?".into());
    let m = &view.manifest;
    Decision {
        trace_id: t.decision.to_string(),
        idempotency_key: None,
        ts: t.time.to_string(),
        book: book_name(view, t),
        symbol: view.symbol(t.coin).to_owned(),
        kind: t.kind.name().into(),
        exit: t.exit.map(|c| c.name().into()),
        side: t.side.name().into(),
        price: px(t.px),
        score: finite(t.score),
        sigma: t.sigma.and_then(finite),
        stop_distance: t.stop.and_then(finite),
        base_size: sz(t.base_sz),
        quantity: sz(t.final_sz),
        notional_usd: usd(t.px.notional(t.final_sz).unwrap_or(Usd::ZERO)),
        allowed: t.admitted,
        reason: reason(view, t),
        lenses: t.lenses.iter().map(|l| lens(&m.lenses, l)).collect(),
        forecast: t.forecast.as_ref().map(|f| forecast(&m.lenses, f)),
        modifiers: t
            .factors
            .iter()
            .enumerate()
            .map(|(i, f)| ModifierOutcome {
                modifier: name(&m.modifiers, i),
                factor: finite(*f).unwrap_or(0.0),
            })
            .collect(),
        gates: t.gates.iter().map(|g| outcome(view, g)).collect(),
        open_breakers: m
            .breakers
            .iter()
            .enumerate()
            .filter(|(i, _)| t.open_breakers >> i & 1 == 1)
            .map(|(_, b)| b.clone())
            .collect(),
    }
}

fn rejection(view: &RunView, t: &CandidateTrace) -> Rejection {
    let mut kernel = t.failing().map(|g| KERNEL_GATES.contains(&gate_name(view, g).as_str()));
    // The first gate that failed decides the stage; the kernel's own gates are `risk`, those of layers `layer`.
    let stage = kernel.next().map(|k| if k { "risk" } else { "layer" }.to_owned());
    Rejection {
        coin: Some(view.symbol(t.coin).to_owned()),
        direction: Some(t.side.name().into()),
        stage,
        reason: Some(reason(view, t)),
        ts: Some(t.time.to_string()),
        trace_id: t.decision.to_string(),
        book: book_name(view, t),
        failing: t.failing().map(|g| outcome(view, g)).collect(),
    }
}

fn reason(view: &RunView, t: &CandidateTrace) -> String {
    if t.admitted {
        return "allowed".into();
    }
    let parts: Vec<String> = t.failing().map(|g| words(view, t, g)).collect();
    if parts.is_empty() { "no gate failed, and no size was left".into() } else { parts.join("; ") }
}

fn words(view: &RunView, t: &CandidateTrace, g: &GateTrace) -> String {
    let name = gate_name(view, g);
    if name == "breakers" && t.open_breakers != 0 {
        let open = view.manifest.breakers.iter().enumerate().filter(|(i, _)| t.open_breakers >> i & 1 == 1);
        return format!("breakers open: {}", open.map(|(_, b)| b.as_str()).collect::<Vec<_>>().join(", "));
    }
    match (finite(g.value), finite(g.limit)) {
        (Some(v), Some(l)) => {
            format!("{name} {} (measured {}, limit {})", g.truth.name(), short(v), short(l))
        }
        (_, Some(l)) => format!("{name} {} (not measurable, limit {})", g.truth.name(), short(l)),
        _ => format!("{name} {}", g.truth.name()),
    }
}

/// Four significant digits, for reading; the packet has the number itself.
fn short(v: f64) -> String {
    let magnitude = if v == 0.0 { 0 } else { exponent(v.abs()) };
    let decimals = (3 - magnitude).clamp(0, 8) as usize;
    let text = format!("{v:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// Exponent of the leading digit.
fn exponent(v: f64) -> i32 {
    format!("{v:e}").rsplit('e').next().and_then(|e| e.parse().ok()).unwrap_or(0)
}

fn outcome(view: &RunView, g: &GateTrace) -> GateOutcome {
    GateOutcome {
        gate: gate_name(view, g),
        outcome: g.truth.name().into(),
        value: finite(g.value),
        limit: finite(g.limit),
    }
}

fn lens(names: &[String], l: &LensTrace) -> LensOutcome {
    LensOutcome {
        lens: names.get(usize::from(l.lens)).cloned().unwrap_or_else(|| "?".into()),
        score: l.opinion.and_then(|o| finite(o.mean)),
        stderr: l.opinion.and_then(|o| finite(o.stderr)),
        abstained: REASONS
            .get(usize::from(l.abstained))
            .map(|r| r.name().to_owned())
            .or_else(|| Abstention::of_lens_byte(l.abstained).map(silence)),
    }
}

/// A hosted lens's reason, with its own code where it has one.
fn silence(a: Abstention) -> String {
    if a.why.is_stated() { format!("{} {}", a.why.name(), a.code) } else { a.why.name().to_owned() }
}

fn forecast(names: &[String], f: &Forecast) -> ForecastOutcome {
    let part = |(i, log_odds): (usize, &Option<f64>)| LensContribution {
        lens: names.get(i).cloned().unwrap_or_else(|| "?".into()),
        log_odds: *log_odds,
    };
    ForecastOutcome {
        p: f.p,
        p_lower: f.p_lower,
        expected_r: f.expected.and_then(finite),
        expected_r_low: f.expected_lower.and_then(finite),
        contributions: f.contributions.iter().enumerate().map(part).collect(),
        lenses: f.contributions.iter().flatten().count() as u32,
        effective_lenses: f.effective_lenses,
    }
}

fn gate_name(view: &RunView, g: &GateTrace) -> String {
    view.manifest.gates.get(usize::from(g.gate)).cloned().unwrap_or_else(|| "?".into())
}

fn book_name(view: &RunView, t: &CandidateTrace) -> String {
    view.manifest.kernel.books.get(t.book.index()).map_or("?", |b| b.name.as_str()).to_owned()
}
