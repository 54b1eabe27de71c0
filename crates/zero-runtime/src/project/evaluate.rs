//! `zero.decision.evaluation.v1` and `zero.decision.stack.v1`: a coin judged now, by the kernel itself.

use super::belief::Belief;
use super::decided::last_decision;
use super::explained::{abstained, explanation, missing, unavailable, withheld};
use super::regime::regime_now;
use super::{Reading, decision, finite, px, sz};
use crate::replica::Replica;
use crate::runner::RunError;
use serde_json::{Map, Value, json};
use zero_core::obs::Fresh;
use zero_core::{BookId, CoinId};
use zero_kernel::record::CandidateTrace;
use zero_kernel::stack::KERNEL_GATES;
use zero_kernel::{Ask, Fault, Silence};
use zero_market::Side;
use zero_packets::decision_stack::{
    DecisionStack, StackDecision, StackLayer, StackLens, StackModifier, StackPrice,
};
use zero_packets::decisions::{Decision, GateOutcome, LensOutcome, ModifierOutcome};
use zero_packets::evaluation::{
    BookEvaluation, EntryCondition, Evaluation, GateRoom, InputNow, SideEvaluation, Threshold,
};
use zero_strategy::{Entry, Input, Proposal, Reach};

/// A candidate that was judged now.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    pub book: BookId,
    pub proposed: bool,
    pub trace: CandidateTrace,
    /// The coin is being closed: nothing is entered in it, whatever the gates say.
    pub closing: bool,
}

impl Judged {
    /// As packets show it.
    fn shown(&self, r: &Reading) -> Decision {
        let mut d = decision(&r.view, &self.trace);
        if self.closing {
            d.allowed = false;
            Silence::Closing.words().clone_into(&mut d.reason);
        }
        d
    }
}

/// The packet of a coin; of one side only where it is named.
///
/// # Errors
/// [`RunError`] where judging leaves the range of money.
pub fn evaluation(
    r: &Reading,
    replica: &Replica,
    coin: CoinId,
    only: Option<Side>,
) -> Result<Evaluation, RunError> {
    let judged = judge_all(replica, coin, only).map_err(crate::engine::EngineError::from)?;
    let stack = stack_of(r, replica, coin, headline(replica, coin, &judged));
    let head = headline(replica, coin, &judged);
    let regime = regime_now(replica, Some(coin));
    let fresh = r.view.state.coins.get(coin.index()).map(|c| r.is_fresh(c));
    let books = (0..replica.manifest.kernel.books.len())
        .map(|b| book(r, replica, (BookId(b as u16), coin), &judged))
        .collect::<Result<Vec<_>, _>>()
        .map_err(crate::engine::EngineError::from)?;
    Ok(Evaluation {
        schema_version: Default::default(),
        coin: stack.coin.clone(),
        price: stack.price.last.clone(),
        price_source: stack.price.source.clone(),
        consensus: stack.decision.consensus,
        conviction: stack.decision.conviction,
        basis: stack.decision.basis.clone(),
        direction: Some(stack.decision.direction.clone()),
        regime: regime.name,
        regime_status: regime.status,
        layers: stack.layers.clone(),
        lenses: stack.lenses.clone(),
        modifiers: stack.modifiers.clone(),
        data_fresh: fresh,
        timestamp: r.ts(),
        trace_id: head.map(|h| h.trace.decision.to_string()),
        books,
        decided: stack.decided.clone(),
        source: r.source(),
        journal_seq: replica.next_seq,
        decision_stack: stack,
    })
}

/// The stack's packet of a coin.
///
/// # Errors
/// [`RunError`] where judging leaves the range of money.
pub fn decision_stack(
    r: &Reading,
    replica: &Replica,
    coin: CoinId,
    only: Option<Side>,
) -> Result<DecisionStack, RunError> {
    let judged = judge_all(replica, coin, only).map_err(crate::engine::EngineError::from)?;
    Ok(stack_of(r, replica, coin, headline(replica, coin, &judged)))
}

/// Each book's entry on each side, judged: the proposed one where it proposes, else the one that it would propose.
pub(crate) fn judge_all(replica: &Replica, coin: CoinId, only: Option<Side>) -> Result<Vec<Judged>, Fault> {
    let (k, now) = (&replica.kernel, replica.now);
    let closing = k.state().closing.contains(&coin);
    let mut out = Vec::new();
    for b in 0..k.config().books.len() {
        let book = BookId(b as u16);
        if !replica.is_known(book) {
            continue;
        }
        let wish: Option<Entry> = match k.opinion(book, coin, now) {
            Some(Proposal::Enter(entry)) => Some(entry),
            _ => None,
        };
        for side in [Side::Buy, Side::Sell].into_iter().filter(|s| only.is_none_or(|o| o == *s)) {
            let proposed = wish.filter(|e| e.side == side);
            let Some(entry) = proposed.or_else(|| k.hypothetical(book, coin, side, now)) else { continue };
            let trace = k.judge(&k.question(book, coin, entry, now))?;
            out.push(Judged { book, proposed: proposed.is_some(), trace, closing });
        }
    }
    Ok(out)
}

/// The candidate that a packet of one candidate shows: the proposed one of the best score, else the one whose threshold is
/// nearest, else the first.
pub(crate) fn headline<'a>(replica: &Replica, coin: CoinId, judged: &'a [Judged]) -> Option<&'a Judged> {
    let proposed = judged.iter().filter(|j| j.proposed);
    if let Some(best) = proposed.max_by(|a, b| a.trace.score.total_cmp(&b.trace.score)) {
        return Some(best);
    }
    let nearness = |j: &Judged| {
        let (_, reach) = replica.kernel.distances(j.book, coin, replica.now);
        let mine = reach.iter().find(|x| x.side == j.trace.side);
        mine.map_or(f64::INFINITY, |x| 1.0 - x.share().min(1.0))
    };
    judged.iter().min_by(|a, b| nearness(a).total_cmp(&nearness(b)))
}

fn stack_of(r: &Reading, replica: &Replica, coin: CoinId, head: Option<&Judged>) -> DecisionStack {
    let opinions = replica.kernel.stack().opinions.as_ref();
    let belief = head.map_or_else(Belief::none, |h| Belief::of(&h.trace, opinions));
    let shown = head.map(|h| h.shown(r));
    let side = head.map(|h| h.trace.side);
    let direction = if head.is_some_and(|h| h.proposed) { side.map_or("NONE", long_short) } else { "NONE" };
    let verdict = match head {
        None => "UNKNOWN",
        Some(h) if !h.proposed => "NO_PROPOSAL",
        Some(h) if h.trace.admitted && !h.closing => "PASS",
        Some(_) => "REJECT",
    };
    let reason = match (head, &shown) {
        (Some(h), Some(d)) if h.proposed => d.reason.clone(),
        (Some(_), Some(d)) => {
            format!("no book proposes an entry; a {} entry now: {}", d.side, d.reason)
        }
        _ => "nothing can be judged: a strategy or the coin's volatility is not known".into(),
    };
    let closing = head.filter(|h| h.closing).map(|_| closing_layer());
    let figures = belief.weights.iter().copied().zip(belief.confidences.iter().copied());
    let lenses = shown.iter().flat_map(|d| d.lenses.iter()).zip(figures).map(|(l, f)| lens(l, f));
    let modifiers = shown.iter().flat_map(|d| d.modifiers.iter().map(modifier));
    DecisionStack {
        schema_version: Default::default(),
        coin: r.view.symbol(coin).to_owned(),
        mode: "paper".into(),
        paper_only: true,
        generated_at: r.ts(),
        price: price(replica, coin),
        lenses: lenses.collect(),
        forecast: shown.as_ref().and_then(|d| d.forecast.clone()),
        layers: shown.iter().flat_map(|d| layers(replica, &d.gates)).chain(closing).collect(),
        modifiers: modifiers.collect(),
        decision: StackDecision {
            verdict: verdict.into(),
            direction: direction.into(),
            consensus: belief.consensus,
            conviction: belief.conviction,
            basis: belief.basis.into(),
            allowed_to_execute_live: false,
            reason,
        },
        privacy: Default::default(),
        book: head.map(|h| book_name(replica, h.book)),
        origin: match head {
            Some(h) if h.proposed => "proposed",
            Some(_) => "hypothetical",
            None => "none",
        }
        .into(),
        decided: last_decision(replica),
        source: r.source(),
        journal_seq: replica.next_seq,
    }
}

/// What gates judge at; before the first close only the mark is known, and no gate judges at that.
fn price(replica: &Replica, coin: CoinId) -> StackPrice {
    let state = replica.kernel.state();
    let close = state.coins.get(coin.index()).and_then(|c| c.close);
    let (last, basis) = match (close, state.mark(coin)) {
        (Some(close), _) => (Some(close), "close"),
        (None, Some(mark)) => (Some(mark), "mark"),
        (None, None) => (None, "none"),
    };
    StackPrice {
        last: last.map(px),
        basis: basis.into(),
        source: replica.manifest.source.clone(),
        uses_live_exchange_credentials: false,
    }
}

fn lens(l: &LensOutcome, (weight, confidence): (Option<f64>, Option<f64>)) -> StackLens {
    let mut evidence = Map::new();
    evidence.insert("score".into(), json!(l.score));
    evidence.insert("stderr".into(), json!(l.stderr));
    evidence.insert("abstained".into(), json!(l.abstained));
    StackLens {
        lens: l.lens.clone(),
        family: "market".into(),
        status: if l.score.is_some() { "active" } else { "abstains" }.into(),
        signal: match l.score {
            None => "none",
            Some(s) if s > 0.0 => "for",
            Some(s) if s < 0.0 => "against",
            Some(_) => "neutral",
        }
        .into(),
        confidence,
        weight,
        evidence,
        public_safe: true,
    }
}

fn modifier(m: &ModifierOutcome) -> StackModifier {
    let shrinks = m.factor < 1.0;
    StackModifier {
        modifier: m.modifier.clone(),
        effect: "size".into(),
        direction: if shrinks { "down" } else { "none" }.into(),
        bounded: (0.0..=1.0).contains(&m.factor),
        value: m.factor,
        reason: if shrinks {
            format!("leaves {:.4} of the size", m.factor)
        } else {
            "leaves the size".into()
        },
    }
}

/// Gates grouped by the layer that judges them; the kernel's own stand alone.
fn layers(replica: &Replica, gates: &[GateOutcome]) -> Vec<StackLayer> {
    let of = |kind: &str, name: &str, mine: &[&GateOutcome]| {
        let failing: Vec<String> = mine
            .iter()
            .filter(|g| g.outcome != "true")
            .map(|g| format!("{} {}", g.gate, g.outcome))
            .collect();
        let value = mine.iter().map(|g| (g.gate.clone(), json!(room(g)))).collect::<Map<String, Value>>();
        StackLayer {
            layer: name.to_owned(),
            kind: kind.to_owned(),
            passed: failing.is_empty(),
            blocks_entry: true,
            detail: if failing.is_empty() { "passes".into() } else { failing.join(", ") },
            value,
        }
    };
    let mut out = Vec::new();
    for layer in &replica.kernel.stack().layers {
        let mine: Vec<&GateOutcome> =
            gates.iter().filter(|g| layer.gates().contains(&g.gate.as_str())).collect();
        out.push(of("layer", layer.name(), &mine));
    }
    for g in gates.iter().filter(|g| KERNEL_GATES.contains(&g.gate.as_str())) {
        out.push(of("kernel", &g.gate, &[g]));
    }
    out
}

/// What stops an entry in a coin that is being closed: no gate of its own, for no strategy is asked about the coin.
fn closing_layer() -> StackLayer {
    StackLayer {
        layer: "closing".into(),
        kind: "kernel".into(),
        passed: false,
        blocks_entry: true,
        detail: Silence::Closing.words().into(),
        value: Map::new(),
    }
}

pub(crate) fn room(g: &GateOutcome) -> GateRoom {
    GateRoom {
        gate: g.gate.clone(),
        outcome: g.outcome.clone(),
        value: g.value,
        limit: g.limit,
        distance: g.limit.zip(g.value).map(|(l, v)| l - v),
    }
}

fn book(
    r: &Reading,
    replica: &Replica,
    (book, coin): (BookId, CoinId),
    judged: &[Judged],
) -> Result<BookEvaluation, Fault> {
    let (k, now) = (&replica.kernel, replica.now);
    let known = replica.is_known(book);
    let opinion = k.opinion(book, coin, now).filter(|_| known);
    let (inputs, reach) = if known { k.distances(book, coin, now) } else { (Vec::new(), Vec::new()) };
    let position = k.state().ledger.books.get(book.index()).map(|l| l.position(coin).szi);
    let asked = known && matches!(k.ask(book, coin, now)?, Ask::Says { .. });
    let (proposal, mut says) = match replica.absence(book) {
        Some(absent) => ("unavailable", unavailable(absent)),
        None => words(opinion, &inputs, &reach),
    };
    if k.config().own_book == Some(book) {
        OWN.clone_into(&mut says);
    }
    if proposal == "nothing" && position.is_some_and(|p| p.raw() != 0) {
        says = format!("keeps its position; {says}");
    }
    Ok(BookEvaluation {
        book: book_name(replica, book),
        strategy: strategy_name(replica, book),
        proposal: proposal.into(),
        says,
        asked,
        holding: sz(position.unwrap_or(zero_core::Sz::ZERO)),
        inputs: inputs.iter().map(input).collect(),
        thresholds: reach.iter().map(threshold).collect(),
        conditions: if known {
            k.conditions(book, coin, now).iter().map(condition).collect()
        } else {
            Vec::new()
        },
        explanation: explanation(replica, book, coin),
        abstention: opinion.and_then(abstained),
        sides: judged.iter().filter(|j| j.book == book).map(|j| side(r, j)).collect(),
    })
}

/// What the book of the operator's own orders says of every coin.
pub(crate) const OWN: &str = "takes the operator's own orders; no strategy decides for it";

/// A proposal by its name and in words.
pub(crate) fn words(p: Option<Proposal>, inputs: &[Input], reach: &[Reach]) -> (&'static str, String) {
    match p {
        None => ("unavailable", "this program cannot build the strategy that the run uses".into()),
        Some(Proposal::Enter(e)) => ("enter", format!("enters {}, score {:.4}", e.side.name(), e.score)),
        Some(Proposal::Exit(why)) => ("exit", format!("leaves: {}", why.name())),
        Some(Proposal::Abstain) => ("abstain", format!("abstains: {}", missing(inputs))),
        Some(Proposal::Withheld(a)) => ("abstain", withheld(a, inputs)),
        Some(Proposal::Nothing) => {
            let near = reach.iter().min_by(|a, b| a.distance().total_cmp(&b.distance()));
            let text = near.map_or("the strategy proposed nothing".to_owned(), |x| {
                let side = x.side.name();
                let others = match x.unmet {
                    0 | 1 => String::new(),
                    n => format!(", and {} more of its conditions do not hold", n - 1),
                };
                format!(
                    "{} is {}; a {side} entry begins at {}, {} away{others}",
                    x.name,
                    short(x.value),
                    short(x.threshold),
                    short(x.distance())
                )
            });
            ("nothing", text)
        }
    }
}

/// Four decimals, or four digits where decimals would show nothing.
pub(crate) fn short(x: f64) -> String {
    if x == 0.0 || x.abs() >= 0.001 { format!("{x:.4}") } else { format!("{x:.3e}") }
}

/// A condition with where it turns.
pub(crate) fn condition(c: &zero_strategy::Condition) -> EntryCondition {
    let turn = c.turn.as_ref();
    let unmet = turn.filter(|_| !c.truth.is_true());
    EntryCondition {
        side: c.side.name().into(),
        condition: c.text.clone(),
        unit: c.unit.map(str::to_owned),
        outcome: c.truth.name().into(),
        missing: c.missing.clone(),
        input: turn.map(|t| t.input.clone()),
        value: turn.and_then(|t| finite(t.from)),
        holds_from: turn.and_then(|t| finite(t.begins)),
        upwards: turn.map(|t| t.above),
        change: unmet.and_then(|t| finite(t.begins - t.from)),
    }
}

pub(crate) fn status(seen: &Fresh<f64>) -> &'static str {
    match seen {
        Fresh::Live(_) => "live",
        Fresh::Stale(..) => "stale",
        Fresh::Missing(why) => why.name(),
    }
}

pub(crate) fn input(i: &Input) -> InputNow {
    let value = match i.seen {
        Fresh::Live(v) | Fresh::Stale(v, _) => finite(v),
        Fresh::Missing(_) => None,
    };
    InputNow { input: i.name.to_string(), value, status: status(&i.seen).into() }
}

pub(crate) fn threshold(x: &Reach) -> Threshold {
    Threshold {
        input: x.name.to_string(),
        value: x.value,
        threshold: x.threshold,
        distance: x.distance(),
        side: x.side.name().into(),
    }
}

fn side(r: &Reading, j: &Judged) -> SideEvaluation {
    let d = j.shown(r);
    SideEvaluation {
        side: d.side,
        origin: if j.proposed { "proposed" } else { "hypothetical" }.into(),
        trace_id: d.trace_id,
        stop_distance: d.stop_distance,
        base_size: d.base_size,
        quantity: d.quantity,
        notional_usd: d.notional_usd,
        allowed: d.allowed,
        reason: d.reason,
        lenses: d.lenses,
        forecast: d.forecast,
        modifiers: d.modifiers,
        gates: d.gates.iter().map(room).collect(),
        open_breakers: d.open_breakers,
    }
}

pub(crate) fn book_name(replica: &Replica, book: BookId) -> String {
    replica.manifest.kernel.books.get(book.index()).map_or("?", |b| b.name.as_str()).to_owned()
}

pub(crate) fn strategy_name(replica: &Replica, book: BookId) -> String {
    replica.manifest.strategies.get(book.index()).map_or("?", |s| s.name.as_str()).to_owned()
}

pub(crate) const fn long_short(side: Side) -> &'static str {
    match side {
        Side::Buy => "LONG",
        Side::Sell => "SHORT",
    }
}
