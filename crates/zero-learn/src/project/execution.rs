//! `zero.runtime.feedback.v1` with execution quality, and `zero.cost.model.v1`.

use super::{coin_name, gate_name, stat};
use crate::cluster::{Draws, mean};
use crate::cost::{self, Cell};
use crate::execution::{Execution, Executions, HORIZONS, PARTS, Shortfall, markouts};
use crate::read::Lesson;
use std::collections::BTreeMap;
use zero_core::fixed::div_half_even;
use zero_core::{CoinId, Rate, TsDiff, Usd};
use zero_market::Purpose;
use zero_packets::execution as packet;
use zero_packets::parity::{Feedback, FeedbackItem};
use zero_packets::{Dec, Stat};
use zero_runtime::record::Manifest;

const CLUSTERS: &str = "a coin's day";
/// Horizons that bars cannot show.
const FINER: [&str; 4] = ["1s", "10s", "1m", "5m"];
/// How many of 1e-16 are one of 1e-8 USD.
const PER_USD_RAW: i128 = 100_000_000;

/// What rejections and orders say.
#[must_use]
pub fn feedback(lesson: &Lesson) -> Feedback {
    let (m, cases) = (&lesson.manifest, &lesson.learnt.cases);
    let mut by_rejection_reason: BTreeMap<String, u64> = BTreeMap::new();
    let mut by_rejection_symbol: BTreeMap<String, u64> = BTreeMap::new();
    for case in cases.iter().filter(|c| !c.admitted) {
        *by_rejection_symbol.entry(coin_name(m, case.coin)).or_insert(0) += 1;
        for g in case.failing() {
            *by_rejection_reason.entry(gate_name(&lesson.learnt.gates, g.gate)).or_insert(0) += 1;
        }
    }
    let rejections = cases.iter().filter(|c| !c.admitted).count() as u64;
    let n = cases.len() as u64;
    let all = &lesson.executions;
    let mut items: Vec<FeedbackItem> =
        by_rejection_reason.iter().map(|(r, n)| FeedbackItem { reason: r.clone(), count: *n }).collect();
    items.sort_by(|a, b| b.count.cmp(&a.count).then(a.reason.cmp(&b.reason)));
    Feedback {
        schema_version: Default::default(),
        cycles: lesson.cycles,
        sample_size: n,
        fills: all.list.iter().map(|e| e.fills.len() as u64).sum::<u64>() + all.foreign_fills,
        rejections,
        rejection_rate: if n == 0 { 0.0 } else { rejections as f64 / n as f64 },
        by_rejection_reason,
        by_rejection_symbol,
        items,
        execution_quality: Some(quality(m, all)),
    }
}

fn quality(m: &Manifest, all: &Executions) -> packet::ExecutionQuality {
    let judged: Vec<&Execution> = all.judged().collect();
    let (sent, orders) = (all.list.len() as u64, judged.len() as u64);
    let mut rejects: BTreeMap<String, u64> = BTreeMap::new();
    for e in all.list.iter().filter(|e| e.is_rejected()) {
        if let Some(why) = e.end {
            *rejects.entry(why.name().into()).or_insert(0) += 1;
        }
    }
    let share = |n: usize, of: u64| (of > 0).then(|| n as f64 / of as f64);
    packet::ExecutionQuality {
        exchange_fill_quality_claimed: false,
        live_slippage_claimed: false,
        paper_fill_quality_available: orders > 0,
        requires_operator_owned_live_evidence: true,
        orders,
        sent,
        idle: all.list.iter().filter(|e| e.is_over() && e.is_idle()).count() as u64,
        reject_rate: share(all.list.iter().filter(|e| e.is_rejected()).count(), sent),
        partial_rate: share(judged.iter().filter(|e| e.is_partial()).count(), orders),
        rejects,
        shortfall: shortfalls(&judged),
        markouts: moves(all),
        costs: cost_model(m, all),
        left_out: all.left_out,
    }
}

fn shortfalls(judged: &[&Execution]) -> BTreeMap<String, packet::ShortfallMeans> {
    let mut groups: BTreeMap<String, Vec<(&Execution, Shortfall)>> = BTreeMap::new();
    for e in judged {
        if let Some(s) = Shortfall::of(e) {
            groups.entry("all".into()).or_default().push((e, s));
            groups.entry(e.purpose.name().into()).or_default().push((e, s));
        }
    }
    groups.into_iter().map(|(name, list)| (name, means(&list))).collect()
}

fn means(list: &[(&Execution, Shortfall)]) -> packet::ShortfallMeans {
    let n = list.len().max(1) as f64;
    let total = mean(list.iter().map(|(e, s)| (day(e), s.bps(s.total))), &Draws::standard(0));
    let part =
        |i: usize| list.iter().map(|(_, s)| s.parts().get(i).map_or(0.0, |p| s.bps(*p))).sum::<f64>() / n;
    let usd = |sum: i128| {
        Dec::scaled(i64::try_from(div_half_even(sum, PER_USD_RAW)).unwrap_or(i64::MAX), Usd::DECIMALS)
    };
    packet::ShortfallMeans {
        total_bps: stat(&total, "orders, basis points of the intended value", CLUSTERS),
        parts_bps: PARTS.iter().enumerate().map(|(i, name)| ((*name).to_owned(), part(i))).collect(),
        intended_usd: usd(list.iter().map(|(_, s)| s.intended).sum()),
        total_usd: usd(list.iter().map(|(_, s)| s.total).sum()),
    }
}

fn day(e: &Execution) -> (CoinId, i64) {
    (e.coin, e.decided_at.floor(TsDiff::DAY).as_ns())
}

fn moves(all: &Executions) -> BTreeMap<String, BTreeMap<String, Stat>> {
    type Move = ((CoinId, i64), f64);
    let purposes = [Purpose::Entry, Purpose::Exit, Purpose::Stop, Purpose::Target, Purpose::Emergency];
    let mut out = BTreeMap::new();
    let names = purposes.iter().map(|p| (p.name(), Some(*p)));
    for (name, only) in core::iter::once(("all", None)).chain(names) {
        if !markouts(all).any(|k| only.is_none_or(|p| p == k.purpose)) {
            continue;
        }
        let mut by_horizon = BTreeMap::new();
        for (h, bars) in HORIZONS.iter().enumerate() {
            let found: Vec<Move> = markouts(all)
                .filter(|k| only.is_none_or(|p| p == k.purpose))
                .filter_map(|k| {
                    let at = (k.coin, k.fill.time.floor(TsDiff::DAY).as_ns());
                    Some((at, k.bps.get(h).copied().flatten()?))
                })
                .collect();
            let label = format!("{bars}bar");
            by_horizon.insert(
                label,
                stat(
                    &mean(found, &Draws::standard(h as u64 + 1)),
                    "fills, basis points of the price",
                    CLUSTERS,
                ),
            );
        }
        for finer in FINER {
            by_horizon.insert(finer.to_owned(), unknown());
        }
        out.insert(name.to_owned(), by_horizon);
    }
    out
}

/// A horizon that the data cannot show.
fn unknown() -> Stat {
    Stat {
        value: None,
        low: None,
        high: None,
        level: None,
        n: 0,
        window: "fills".into(),
        method: "unknown: the journal's finest prices are bars".into(),
    }
}

/// The measured cost model; `None` without an order that took.
#[must_use]
pub fn cost_model(m: &Manifest, all: &Executions) -> Option<packet::CostModel> {
    let samples: Vec<cost::Sample> = cost::samples(all).collect();
    let model = cost::fit(&samples)?;
    let depth =
        |c: &Cell| u8::from(c.coin.is_some()) + u8::from(c.hour.is_some()) + u8::from(c.size.is_some());
    let mut cells: Vec<(&Cell, &cost::Estimate)> = model.cells.iter().collect();
    cells.sort_by_key(|(c, _)| (depth(c), **c));
    Some(packet::CostModel {
        schema_version: Default::default(),
        size_edges_usd: cost::SIZE_EDGES
            .iter()
            .map(|e| Dec::scaled(Usd::whole(*e).raw(), Usd::DECIMALS))
            .collect(),
        cells: cells
            .into_iter()
            .map(|(c, e)| packet::CostCell {
                coin: c.coin.map(|coin| coin_name(m, coin)),
                hour: c.hour,
                size: c.size,
                n: e.n,
                mean_bps: e.mean_bps,
                cost: Dec::scaled(
                    Rate::from_f64_nearest(e.bps / 1e4).unwrap_or(Rate::ZERO).raw(),
                    Rate::DECIMALS,
                ),
            })
            .collect(),
        sd_bps: model.sd_bps,
        from: model.span.0.to_string(),
        to: model.span.1.to_string(),
    })
}
