//! Answers to questions.

use super::{head, short};
use crate::commands::money;
use crate::table::{known, line, table};
use zero_packets::decision_stack::{DecisionStack, LastDecision};
use zero_packets::decisions::ForecastOutcome;
use zero_packets::evaluation::{BookEvaluation, EntryCondition, Evaluation, Explanation, GateRoom};
use zero_packets::views::{ApproachingFeed, Heat, Regime};
use zero_packets::why::{BookAnswer, Remedy, Why};
use zero_runtime::project::Reading;

pub(crate) fn decision_stack(p: &DecisionStack, r: &Reading) -> String {
    let d = &p.decision;
    let mut out = head(r);
    out += &line("Coin", &format!("{} at {}", p.coin, known(&p.price.last)));
    out += &line("Verdict", &format!("{} ({}, {} entry)", d.verdict, d.direction, p.origin));
    out += &line("Why", &d.reason);
    out += &line("Decided", &decided(&p.decided));
    let percent = d.consensus.map_or_else(|| "unknown".into(), |c| format!("{c} % of lenses agree"));
    out += &line("Lenses", &format!("{percent}; conviction {} ({})", number(d.conviction), d.basis));
    if let Some(f) = &p.forecast {
        out += &line("Forecast", &forecast(f));
        let parts = f.contributions.iter().map(|c| format!("{} {}", c.lens, number(c.log_odds)));
        out += &line("Log-odds", &parts.collect::<Vec<_>>().join(", "));
    }
    let rows = p.lenses.iter().map(|l| {
        let score = l.evidence.get("score").and_then(serde_json::Value::as_f64);
        [
            l.lens.clone(),
            l.status.clone(),
            l.signal.clone(),
            number(score),
            number(l.confidence),
            number(l.weight),
        ]
    });
    out.push('\n');
    out += &table(["lens", "status", "signal", "score", "confidence", "weight"], &[3, 4, 5], rows.collect());
    out.push('\n');
    let rows = p.layers.iter().map(|l| {
        [l.layer.clone(), l.kind.clone(), if l.passed { "passes" } else { "STOPS" }.into(), l.detail.clone()]
    });
    out += &table(["layer", "kind", "entry", "detail"], &[], rows.collect());
    out.push('\n');
    let rows = p.modifiers.iter().map(|m| [m.modifier.clone(), number(Some(m.value)), m.reason.clone()]);
    out + &table(["modifier", "factor", "effect"], &[1], rows.collect())
}

/// The decision that an answer stands on.
fn decided(d: &LastDecision) -> String {
    let last = match (&d.slice, d.age_s) {
        (Some(at), Some(age)) => format!("{at}, {age:.0} s before the latest event"),
        _ => "nothing yet".into(),
    };
    let closing = if d.closing { ", whose closes are coming in" } else { "" };
    format!("{last}; next {}{closing}", d.next.as_deref().unwrap_or("unknown"))
}

pub(crate) fn evaluation(p: &Evaluation, r: &Reading) -> String {
    let d = &p.decision_stack.decision;
    let mut out = head(r);
    let fresh = match p.data_fresh {
        Some(true) => "fresh",
        Some(false) => "too old for a new risk",
        None => "unknown",
    };
    out += &line("Coin", &format!("{} at {}, {fresh}", p.coin, known(&p.price)));
    out += &line("Verdict", &format!("{} {}", d.verdict, d.direction));
    out += &line("Why", &d.reason);
    out += &line("Decided", &decided(&p.decided));
    let basis = format!("{} ({}); consensus {}", number(p.conviction), p.basis, consensus(p.consensus));
    out += &line("Conviction", &basis);
    out += &line("Regime", p.regime.as_deref().unwrap_or(&p.regime_status));
    for b in &p.books {
        out += &book(b);
    }
    out
}

fn book(b: &BookEvaluation) -> String {
    let mut out = String::from("\n");
    out += &line("Book", &format!("{} ({}), holds {}", b.book, b.strategy, b.holding));
    out += &line("Says", &b.says);
    let inputs = b.inputs.iter().map(|i| format!("{} {} ({})", i.input, number(i.value), i.status));
    out += &line("Inputs", &inputs.collect::<Vec<_>>().join(", "));
    out += &unexplained(&b.explanation);
    out += &unmet(&b.conditions, false);
    for s in &b.sides {
        let verdict = if s.allowed { "would be admitted" } else { "would be rejected" };
        let stop = s.stop_distance.map_or_else(|| "none".into(), |d| format!("{:.2} %", d * 100.0));
        let usd = money(&s.notional_usd);
        out += &line(
            &s.side,
            &format!("{} entry of {} ({usd} USD, stop {stop}): {verdict}", s.origin, s.quantity),
        );
        let factors = s.modifiers.iter().map(|m| format!("{} {:.4}", m.modifier, m.factor));
        let lenses = s.lenses.iter().map(|l| match (l.score, &l.abstained) {
            (Some(v), _) => format!("{} {v:+.4}", l.lens),
            (None, why) => format!("{} abstains ({})", l.lens, why.as_deref().unwrap_or("?")),
        });
        if let Some(f) = &s.forecast {
            out += &line("", &forecast(f));
        }
        out += &line("", &lenses.chain(factors).collect::<Vec<_>>().join(", "));
        out += &gates(&s.gates);
    }
    if b.sides.is_empty() {
        out += &line("", "no entry can be judged: the volatility or the strategy is not known");
    }
    out
}

fn forecast(f: &ForecastOutcome) -> String {
    format!(
        "p {:.4} (at least {:.4}), expected {} R (at least {}); {} lenses spoke, effectively {:.2}",
        f.p,
        f.p_lower,
        number(f.expected_r),
        number(f.expected_r_low),
        f.lenses,
        f.effective_lenses
    )
}

fn gates(list: &[GateRoom]) -> String {
    let rows = list.iter().map(|g| {
        let mark = if g.outcome == "true" { "passes" } else { g.outcome.as_str() };
        [g.gate.clone(), mark.to_owned(), number(g.value), number(g.limit), number(g.distance)]
    });
    let text = table(["gate", "now", "value", "limit", "room"], &[2, 3, 4], rows.collect());
    text.lines().map(|l| format!("{:<14}{l}\n", "")).collect()
}

pub(crate) fn why(p: &Why, r: &Reading) -> String {
    let mut out = head(r);
    out += &line("Coin", &p.coin);
    let aged = |age: f64| format!("{}, {age:.0} s before the time asked for", short(&p.slice));
    out += &line("Slice", &p.slice_age_s.filter(|s| *s > 0.0).map_or_else(|| short(&p.slice), aged));
    if let Some(gap) = &p.gap {
        out += &line("Gap", gap);
    }
    if let Some(age) = p.close_age_s.filter(|s| *s > 0.0) {
        out += &line("Data", &format!("last close of {}, {age:.0} s old", p.coin));
    }
    for b in &p.books {
        out += &answer(b);
    }
    out
}

/// Four decimals, or four digits where decimals would show nothing.
fn shown(x: f64) -> String {
    if x == 0.0 || x.abs() >= 0.001 { format!("{x:.4}") } else { format!("{x:.3e}") }
}

/// Why thresholds and conditions are not told.
fn unexplained(e: &Explanation) -> String {
    match (&e.code, &e.reason) {
        (Some(code), Some(reason)) => line("Explains", &format!("unavailable: {reason} ({code})")),
        _ => String::new(),
    }
}

/// Conditions that do not hold: of every strategy, or of components only, whose inputs alone say nothing of them.
fn unmet(conditions: &[EntryCondition], all: bool) -> String {
    let mut out = String::new();
    for c in conditions.iter().filter(|c| c.outcome != "true" && (all || c.unit.is_some())) {
        out += &line("Condition", &format!("{}: {} is {}", c.side, c.condition, c.outcome));
        if !c.missing.is_empty() {
            out += &line("", &format!("no live {}", c.missing.join(", ")));
        }
        if let (Some(input), Some(value), Some(from)) = (&c.input, c.value, c.holds_from) {
            out += &line("", &format!("holds when {input} goes from {} to {}", shown(value), shown(from)));
        }
    }
    out
}

fn answer(b: &BookAnswer) -> String {
    let mut out = String::from("\n");
    out += &line("Book", &format!("{} ({})", b.book, b.strategy));
    out += &line("Outcome", &format!("{}: {}", b.outcome, b.why));
    for t in &b.thresholds {
        let [value, threshold, away] = [t.value, t.threshold, t.distance].map(shown);
        let place = format!("{} {value}, a {} entry begins at {threshold}", t.input, t.side);
        out += &line("Threshold", &format!("{place}: {away} away"));
    }
    out += &unexplained(&b.explanation);
    out += &unmet(&b.conditions, true);
    for f in &b.failing {
        out += &line(
            "Gate",
            &format!("{}: {} against {}", f.gate.gate, number(f.gate.value), number(f.gate.limit)),
        );
        if !f.detail.is_empty() {
            out += &line("", &f.detail);
        }
        if let Some(t) = &f.earliest {
            out += &line("", &format!("passes at {t} at the earliest, if the market stays as it is"));
        }
        for w in f.ways.iter().filter(|w| w.quantity != "wait") {
            let alone = if w.admits { "admits the entry" } else { "passes this gate" };
            out += &line("", &format!("{}: {alone}", change(w)));
        }
    }
    if b.together.len() > 1 {
        let all: Vec<String> = b.together.iter().map(change).collect();
        out += &line("Together", &format!("{}\nadmit the entry, and nothing less does", all.join("\n")));
    }
    if b.reproduced == Some(false) {
        out +=
            &line("", "THE RECORDED JUDGEMENT IS ANOTHER: it was made by another program or configuration");
    }
    out
}

fn change(w: &Remedy) -> String {
    let risk = if w.raises_risk { ", raises risk" } else { "" };
    format!("{} {} -> {} (by {} {}{risk})", w.quantity, w.from, w.to, w.by, w.unit)
}

pub(crate) fn heat(p: &Heat, r: &Reading) -> String {
    let mut out = head(r);
    out += &line("Ranked by", &format!("{}: {}", p.ranked_by, p.ranking_note));
    out.push('\n');
    let rows = p.coins.iter().map(|c| {
        [
            c.coin.clone(),
            number(c.score),
            c.direction.clone().unwrap_or_else(|| "-".into()),
            c.book.clone().unwrap_or_else(|| "-".into()),
            c.holding.to_string(),
            c.unknown.clone().unwrap_or_else(|| c.blockers.join(", ")),
        ]
    });
    out + &table(["coin", "score", "side", "book", "held", "in the way"], &[1, 4], rows.collect())
}

pub(crate) fn approaching(p: &ApproachingFeed, r: &Reading) -> String {
    let mut out = head(r);
    out += &line("Probability", &format!("of being hit within {} h", p.within_hours));
    out += &line("Method", &p.method);
    out.push('\n');
    if p.approaching.is_empty() {
        return out + "Every book holds or proposes an entry in every coin.\n";
    }
    let rows = p.approaching.iter().map(|a| {
        [
            a.coin.clone(),
            a.book.clone(),
            a.direction.clone().unwrap_or_else(|| "-".into()),
            a.gate.clone().unwrap_or_else(|| "-".into()),
            number(a.distance_to_gate),
            number(a.distance_sigmas),
            a.probability.map_or_else(|| "unknown".into(), |v| format!("{:.1} %", v * 100.0)),
            a.unknown.clone().unwrap_or_default(),
        ]
    });
    let head = ["coin", "book", "side", "input", "away", "in sigmas", "probability", ""];
    out + &table(head, &[4, 5, 6], rows.collect())
}

pub(crate) fn regime(p: &Regime, r: &Reading) -> String {
    let mut out = head(r);
    out += &line("Regime", p.regime.as_deref().unwrap_or(&p.status));
    let up = p.breadth.map_or_else(|| "unknown".into(), |b| format!("{:.0} % of coins trend up", b * 100.0));
    out += &line("Breadth", &up);
    for d in &p.dimensions {
        let state = d.state.as_deref().unwrap_or("unknown");
        let chances: Vec<String> =
            d.probabilities.iter().map(|(name, p)| format!("{name} {:.0} %", p * 100.0)).collect();
        let rest = d.missing.clone().unwrap_or_else(|| chances.join(", "));
        out += &line(&d.dimension, &format!("{state}: {rest}"));
    }
    for f in &p.flip_rates {
        let per = if f.series == 1 { "day" } else { "coin-day" };
        let rate = match (f.per_day, f.dwell_days) {
            (Some(v), Some(d)) => format!("{v:.4} per {per}, each state {d:.1} days"),
            (Some(_), None) => "none".into(),
            (None, _) => "unknown: no state was known yet".into(),
        };
        out += &line(
            &format!("flips of {}", f.dimension),
            &format!("{rate} ({} in {:.0} {per}s)", f.flips, f.known_days),
        );
    }
    out.push('\n');
    let rows = p.coins.iter().map(|c| {
        [
            c.coin.clone(),
            known(&c.close),
            if c.fresh { "fresh" } else { "old" }.into(),
            number(c.volatility),
            c.volatility_annual.map_or_else(|| "unknown".into(), |v| format!("{:.0} %", v * 100.0)),
            number(c.trend_t),
            known(&c.funding),
        ]
    });
    let head = ["coin", "close", "data", "volatility", "per year", "trend t", "funding"];
    out + &table(head, &[1, 3, 4, 5, 6], rows.collect())
}

fn consensus(c: Option<i64>) -> String {
    c.map_or_else(|| "unknown".into(), |v| format!("{v} %"))
}

/// Four decimals, or four digits where decimals would show nothing; `unknown` where there is none.
pub(super) fn number(v: Option<f64>) -> String {
    v.map_or_else(|| "unknown".into(), |v| if v == v.trunc() { format!("{v:.0}") } else { shown(v) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_rate_is_not_shown_as_zero() {
        assert_eq!(number(Some(3.9e-6)), "3.900e-6");
        assert_eq!(number(Some(-0.000_04)), "-4.000e-5");
        assert_eq!([number(Some(0.0)), number(Some(0.0123)), number(None)], ["0", "0.0123", "unknown"]);
    }
}
