//! What a run teaches.

use super::short;
use crate::table::{line, table};
use zero_packets::Stat;
use zero_packets::learn::{GateValues, NearMisses};
use zero_packets::parity::Feedback;

pub(crate) fn gates(p: &GateValues) -> String {
    let c = &p.candidates;
    let mut out = line(
        "Candidates",
        &format!(
            "{} judged, {} admitted; shadows: {} closed, {} unresolved, {} unfilled, {} not simulated",
            c.judged,
            c.admitted,
            c.closed,
            c.unresolved,
            c.unfilled,
            c.unjudged.values().sum::<u64>()
        ),
    );
    out += &line("Admitted", &interval(&p.admitted, "R"));
    out += &line("Clusters", &format!("{} days; verdicts at FDR {}", p.cluster_days, p.alpha));
    out.push('\n');
    let rows = p.gates.iter().map(|g| {
        let q = g.q.map_or_else(|| "unknown".into(), |q| format!("{q:.4}"));
        [
            g.gate.clone(),
            g.rejected.to_string(),
            g.alone.to_string(),
            g.outcome.n.to_string(),
            interval(&g.outcome, "R"),
            q,
            g.verdict.replace('_', " "),
        ]
    });
    let head = ["gate", "rejected", "alone", "resolved", "outcome of those", "q", "verdict"];
    out += &table(head, &[1, 2, 3, 5], rows.collect());
    for proposal in &p.proposals {
        out += &format!(
            "\nProposed, not applied: {} {} ({})\n",
            proposal.change, proposal.gate, proposal.reason
        );
    }
    out
}

pub(crate) fn near_misses(p: &NearMisses) -> String {
    let mut out = line(
        "Near misses",
        &format!(
            "{} within {} standard deviations, of {} rejected; {} not measurable; the newest {} here",
            p.total, p.delta, p.rejected, p.unmeasurable, p.count
        ),
    );
    out += &line("Outcome", &interval(&p.outcome, "R"));
    out.push('\n');
    if p.near_misses.is_empty() {
        return out + "No rejected candidate was near admission.\n";
    }
    let rows = p.near_misses.iter().map(|n| {
        let r = n.outcome.r.map_or_else(|| n.outcome.status.clone(), |r| format!("{r:+.2} R"));
        [
            short(&n.ts),
            n.book.clone(),
            n.coin.clone(),
            n.side.clone(),
            format!("{:.3}", n.distance),
            n.gate.clone(),
            r,
            n.outcome.exit.clone().unwrap_or_else(|| "-".into()),
        ]
    });
    out + &table(
        ["time", "book", "coin", "side", "sigmas", "gate", "outcome", "exit"],
        &[4, 6],
        rows.collect(),
    )
}

pub(crate) fn execution(p: &Feedback) -> String {
    let mut out = line(
        "Candidates",
        &format!(
            "{} entries of strategies judged, {} rejected, {} fills",
            p.sample_size, p.rejections, p.fills
        ),
    );
    let Some(x) = &p.execution_quality else { return out };
    let share = |v: Option<f64>| v.map_or_else(|| "unknown".into(), |v| format!("{:.2} %", 100.0 * v));
    out += &line(
        "Orders",
        &format!(
            "{} sent, {} over, {} idle; rejected {}, partial {}",
            x.sent,
            x.orders,
            x.idle,
            share(x.reject_rate),
            share(x.partial_rate)
        ),
    );
    out += &line("Venue", "paper: no live fill quality is claimed");
    out.push('\n');
    let rows = x.shortfall.iter().map(|(name, s)| {
        let part = |key: &str| s.parts_bps.get(key).map_or_else(|| "-".into(), |v| format!("{v:.2}"));
        [
            name.clone(),
            s.total_bps.n.to_string(),
            interval(&s.total_bps, "bp"),
            part("delay"),
            part("half_spread"),
            part("impact"),
            part("timing"),
            part("opportunity"),
            part("fees"),
            part("funding"),
        ]
    });
    let head =
        ["orders", "n", "shortfall", "delay", "spread", "impact", "timing", "unfilled", "fees", "funding"];
    out += &table(head, &[1, 3, 4, 5, 6, 7, 8, 9], rows.collect());
    out.push('\n');
    let rows = x.markouts.iter().map(|(name, by)| {
        let at = |h: &str| by.get(h).map_or_else(|| "-".into(), |s| interval(s, "bp"));
        [name.clone(), at("1bar"), at("4bar"), at("24bar")]
    });
    out += &table(["mark-outs", "1 bar", "4 bars", "24 bars"], &[], rows.collect());
    if let Some(costs) = &x.costs {
        let coins = costs.cells.iter().filter(|c| c.hour.is_none());
        let rows = coins.map(|c| {
            let coin = c.coin.clone().unwrap_or_else(|| "all".into());
            [coin, c.n.to_string(), format!("{:.3}", c.mean_bps), c.cost.to_string()]
        });
        out.push('\n');
        out += &table(["taking", "n", "mean bp", "model"], &[1, 2, 3], rows.collect());
    }
    out
}

fn interval(s: &Stat, unit: &str) -> String {
    match (s.value, s.low, s.high) {
        (Some(v), Some(l), Some(h)) => format!("{v:+.3} {unit} [{l:+.3}, {h:+.3}]"),
        (Some(v), ..) => format!("{v:+.3} {unit}, no interval"),
        _ => "unknown".into(),
    }
}
