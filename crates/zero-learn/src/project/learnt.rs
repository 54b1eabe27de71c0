//! `zero.learn.gates.v1` and `zero.learn.near_misses.v1`.

use super::{book_name, coin_name, gate_name, stat};
use crate::gates::{GateReport, GateValue, Verdict, cluster_length, judge, outcome};
use crate::learner::{Case, Learnt};
use crate::misses::{NearMiss, find};
use crate::outcome::Fate;
use crate::read::Lesson;
use std::collections::BTreeMap;
use zero_core::{CoinId, TsDiff, Usd};
use zero_packets::decisions::GateOutcome;
use zero_packets::{Dec, Source, learn};
use zero_runtime::record::Manifest;

const UNIT: &str = "candidates, net profit over initial risk";

/// The value of gates at a false discovery rate.
#[must_use]
pub fn gates(lesson: &Lesson, alpha: f64, source: Source) -> learn::GateValues {
    let names = &lesson.learnt.gates;
    let report = judge(&lesson.learnt, alpha);
    let clusters = clusters(report.cluster);
    let worth = |g: &GateValue| learn::GateWorth {
        gate: gate_name(names, g.gate),
        rejected: g.rejected,
        alone: g.alone,
        without_outcome: g.without_outcome,
        outcome: stat(&g.value, UNIT, &clusters),
        clusters: g.value.clusters,
        p: g.value.p,
        q: g.q,
        verdict: g.verdict.name().into(),
    };
    learn::GateValues {
        schema_version: Default::default(),
        gates: report.gates.iter().map(worth).collect(),
        admitted: stat(&report.admitted, UNIT, &clusters),
        candidates: counts(&lesson.learnt),
        alpha,
        cluster_days: days(report.cluster),
        proposals: proposals(&report, names, &clusters),
        source,
        journal_seq: lesson.next_seq,
    }
}

/// Near misses within `delta` standard deviations, at most `limit`, newest first.
#[must_use]
pub fn near_misses(
    lesson: &Lesson,
    (delta, limit): (f64, usize),
    coin: Option<CoinId>,
    source: Source,
) -> learn::NearMisses {
    let (m, names) = (&lesson.manifest, &lesson.learnt.gates);
    let misses = find(&lesson.learnt, delta);
    let cluster = cluster_length(&lesson.learnt.cases);
    let wanted = |c: &Case| coin.is_none_or(|only| c.coin == only);
    let all: Vec<&NearMiss<'_>> = misses.near.iter().filter(|n| wanted(n.case)).collect();
    let of = |cases: &[&Case]| cases.iter().filter(|c| wanted(c)).count() as u64;
    let value = outcome(all.iter().map(|n| n.case), cluster, 0);
    let shown: Vec<learn::NearMiss> =
        all.iter().rev().take(limit).map(|n| near_miss((m, names), n)).collect();
    learn::NearMisses {
        schema_version: Default::default(),
        count: shown.len() as u32,
        near_misses: shown,
        total: all.len() as u64,
        rejected: of(&misses.rejected),
        unmeasurable: of(&misses.unmeasurable),
        delta,
        outcome: stat(&value, UNIT, &clusters(cluster)),
        spreads: misses
            .spreads
            .iter()
            .map(|s| learn::GateSpread { gate: gate_name(names, s.gate), n: s.n, sigma: s.sigma })
            .collect(),
        source,
        journal_seq: lesson.next_seq,
    }
}

fn proposals(report: &GateReport, names: &[String], clusters: &str) -> Vec<learn::Proposal> {
    let harmful = report.gates.iter().filter(|g| g.verdict == Verdict::Harmful);
    harmful
        .filter_map(|g| {
            let (gate, q, value) = (gate_name(names, g.gate), g.q?, g.value.mean?);
            let reason = format!(
                "{} candidates that {gate} alone rejected made {value:.3} of their initial risk on average in shadow books",
                g.value.n
            );
            let evidence = stat(&g.value, UNIT, clusters);
            Some(learn::Proposal { gate, change: "loosen".into(), applied: false, evidence, q, reason })
        })
        .collect()
}

fn counts(learnt: &Learnt) -> learn::CandidateCounts {
    let mut unjudged: BTreeMap<String, u64> = BTreeMap::new();
    for case in &learnt.cases {
        if let Fate::Unjudged(why) = case.fate {
            *unjudged.entry(why.name().into()).or_insert(0) += 1;
        }
    }
    let count = |keep: fn(&Case) -> bool| learnt.cases.iter().filter(|c| keep(c)).count() as u64;
    learn::CandidateCounts {
        judged: learnt.cases.len() as u64,
        admitted: count(|c| c.admitted),
        closed: count(|c| matches!(c.fate, Fate::Closed(_))),
        unresolved: count(|c| matches!(c.fate, Fate::Unresolved)),
        unfilled: count(|c| matches!(c.fate, Fate::Unfilled(_))),
        unjudged,
        duplicates: learnt.duplicates,
        exits: learnt.exits,
        left_out: learnt.left_out,
    }
}

fn near_miss((m, names): (&Manifest, &[String]), n: &NearMiss<'_>) -> learn::NearMiss {
    let c = n.case;
    let finite = |v: f64| v.is_finite().then_some(v);
    learn::NearMiss {
        trace_id: c.decision.to_string(),
        ts: c.time.to_string(),
        book: book_name(m, c.book),
        coin: coin_name(m, c.coin),
        side: c.side.name().into(),
        distance: n.distance,
        gate: gate_name(names, n.gate),
        failing: c
            .failing()
            .map(|g| GateOutcome {
                gate: gate_name(names, g.gate),
                outcome: g.truth.name().into(),
                value: finite(g.value),
                limit: finite(g.limit),
            })
            .collect(),
        outcome: shadow(&c.fate),
    }
}

fn shadow(fate: &Fate) -> learn::ShadowOutcome {
    let usd = |v: Usd| Dec::scaled(v.raw(), Usd::DECIMALS);
    let closed = fate.closed();
    learn::ShadowOutcome {
        status: fate.name().into(),
        why: match fate {
            Fate::Unfilled(why) => Some(why.name().into()),
            Fate::Unjudged(why) => Some(why.name().into()),
            Fate::Closed(_) | Fate::Unresolved => None,
        },
        r: fate.r(),
        net_usd: closed.map(|c| usd(c.net)),
        risk_usd: closed.and_then(|c| c.risk).map(usd),
        fees_usd: closed.map(|c| usd(c.fees)),
        funding_usd: closed.map(|c| usd(c.funding)),
        entered: closed.map(|c| c.entered.to_string()),
        left: closed.map(|c| c.left.to_string()),
        exit: closed.map(|c| c.cause.name().into()),
    }
}

fn days(cluster: TsDiff) -> u32 {
    (cluster.as_ns() / TsDiff::DAY.as_ns()) as u32
}

fn clusters(cluster: TsDiff) -> String {
    match days(cluster) {
        1 => "a day, of a coin or of all: the more doubtful".into(),
        n => format!("{n} days, the longest hold, of a coin or of all: the more doubtful"),
    }
}
