//! `zero.decision.why.v1`: why a slice brought no trade, and what would have had to be different.

use super::evaluate::{OWN, book_name, condition, input, room, strategy_name, threshold, words};
use super::explained::{abstained, abstention, explanation, unavailable, withheld};
use super::{Reading, decision, rate, sz, usd};
use crate::replica::Replica;
use crate::runner::RunError;
use zero_core::{BookId, Canon as _, CoinId, Rate, Sz, Ts, TsDiff, Usd};
use zero_kernel::breakers::BREAKERS;
use zero_kernel::record::{Abstained, CandidateTrace, GateTrace};
use zero_kernel::remedy::{Change, Lever, Remedies};
use zero_kernel::{Ask, Fault, Question, Silence};
use zero_market::cross::{ENTER, LEAVE, Posterior};
use zero_packets::Dec;
use zero_packets::why::{BookAnswer, FailingGate, Remedy, Why};
use zero_strategy::{Abstention, ExitWhy, Proposal};

/// The packet. `replica` stands right before the slice was decided; `recorded` are the slice's judgements
/// in the journal, `silent` its components that gave no answer.
///
/// # Errors
/// [`RunError`] where judging leaves the range of money.
pub fn why(
    r: &Reading,
    replica: &mut Replica,
    coin: CoinId,
    recorded: &[CandidateTrace],
    silent: &[Abstained],
) -> Result<Why, RunError> {
    let now = replica.now;
    let halted = replica.kernel.state().killed || replica.kernel.state().flattening;
    // The strategies are asked before the slice is decided again: that leaves traces in the kernel's scratch.
    let asks = (0..replica.manifest.kernel.books.len())
        .map(|b| replica.kernel.ask(BookId(b as u16), coin, now))
        .collect::<Result<Vec<_>, _>>()
        .map_err(crate::engine::EngineError::from)?;
    let judged = if halted {
        Vec::new()
    } else {
        replica.kernel.decide_again(now).map_err(crate::engine::EngineError::from)?
    };
    let mut books = Vec::new();
    for (b, ask) in asks.into_iter().enumerate() {
        let book = BookId(b as u16);
        let mine = judged.iter().find(|(q, _)| q.book == book && q.coin == coin);
        books.push(
            answer(r, replica, (book, coin), (ask, halted), mine, (recorded, silent))
                .map_err(crate::engine::EngineError::from)?,
        );
    }
    let one = |b: &BookAnswer| format!("{}: {}", b.book, b.why);
    let gap = gap(replica);
    let closed = replica.kernel.state().coins.get(coin.index()).filter(|c| c.close.is_some());
    Ok(Why {
        schema_version: Default::default(),
        coin: r.view.symbol(coin).to_owned(),
        slice: now.to_string(),
        asked_at: replica.asked.map(|t| t.to_string()),
        slice_age_s: replica.asked.map(|t| seconds(t.since(now))),
        close_age_s: closed.map(|c| seconds(replica.asked.unwrap_or(now).since(c.close_time))),
        answer: gap.iter().cloned().chain(books.iter().map(one)).collect::<Vec<_>>().join(". "),
        gap,
        books,
        source: r.source(),
        journal_seq: replica.next_seq,
    })
}

fn seconds(d: TsDiff) -> f64 {
    d.as_ns() as f64 / 1e9
}

/// What is said where slices are missing at the time asked for.
fn gap(replica: &Replica) -> Option<String> {
    let (age, asked) = (replica.gap()?, replica.asked?);
    let (slice, age) = (replica.now, seconds(age));
    Some(format!(
        "no slice was decided at {asked}: this is the last one before, of {slice}, {age:.0} s older"
    ))
}

fn answer(
    r: &Reading,
    replica: &Replica,
    (book, coin): (BookId, CoinId),
    (ask, halted): (Ask, bool),
    judged: Option<&(Question, CandidateTrace)>,
    (recorded, silent): (&[CandidateTrace], &[Abstained]),
) -> Result<BookAnswer, Fault> {
    let (k, now) = (&replica.kernel, replica.now);
    let known = replica.is_known(book);
    let (inputs, reach) = if known { k.distances(book, coin, now) } else { (Vec::new(), Vec::new()) };
    let noted = silent.iter().find(|a| a.book == book && a.coin == coin);
    let noted = noted.map(|a| Abstention { why: a.why, code: a.code });
    let (outcome, why) = match (ask, judged) {
        // What was recorded stays true where nobody can be asked again.
        _ if !known && noted.is_some() => ("abstained", noted.map_or_else(String::new, |a| withheld(a, &[]))),
        _ if !known => ("unavailable", replica.absence(book).map_or_else(String::new, unavailable)),
        _ if k.config().own_book == Some(book) => ("not_asked", OWN.into()),
        _ if halted => ("not_asked", "trading is killed or being flattened: no strategy is asked".into()),
        (Ask::Silent(s), _) => ("not_asked", silence(s)),
        (_, Some((_, t))) if t.admitted => ("admitted", "an order was placed".into()),
        (_, Some((_, t))) => ("rejected", decision(&r.view, t).reason),
        (Ask::Says { proposal, szi, overdue, .. }, None) => says(proposal, szi, overdue, (&inputs, &reach)),
    };
    let mut out = BookAnswer {
        book: book_name(replica, book),
        strategy: strategy_name(replica, book),
        outcome: outcome.into(),
        why,
        inputs: inputs.iter().map(input).collect(),
        thresholds: reach.iter().map(threshold).collect(),
        conditions: if known {
            k.conditions(book, coin, now).iter().map(condition).collect()
        } else {
            Vec::new()
        },
        explanation: explanation(replica, book, coin),
        abstention: match ask {
            _ if noted.is_some() => noted.map(|a| abstention(a, "journal")),
            Ask::Says { proposal, .. } if known && !halted => abstained(proposal),
            _ => None,
        },
        trace_id: None,
        reproduced: None,
        failing: Vec::new(),
        together: Vec::new(),
    };
    if let Some((q, trace)) = judged.filter(|_| known) {
        out.trace_id = Some(trace.decision.to_string());
        out.reproduced = Some(recorded.iter().any(|t| is_same(t, trace)));
        if !trace.admitted {
            let found = k.remedies(q, trace)?;
            out.failing = trace.failing().map(|g| failing(r, replica, (trace, g), &found)).collect();
            out.together = found.together.iter().map(|c| remedy(c, true)).collect();
        }
    }
    Ok(out)
}

/// Are two traces the same to the bit? What could not be measured is NaN, which equals nothing.
fn is_same(a: &CandidateTrace, b: &CandidateTrace) -> bool {
    a.to_bytes() == b.to_bytes()
}

fn silence(s: Silence) -> String {
    format!("not asked: {}", s.words())
}

fn says(
    p: Proposal,
    szi: Sz,
    overdue: bool,
    (inputs, reach): (&[zero_strategy::Input], &[zero_strategy::Reach]),
) -> (&'static str, String) {
    match p {
        Proposal::Exit(ExitWhy::Time) if overdue => {
            ("exit", "left (time): the horizon of the holding was over".into())
        }
        Proposal::Exit(why) => ("exit", format!("left ({}): {}", why.class().name(), why.name())),
        Proposal::Abstain | Proposal::Withheld(_) => ("abstained", words(Some(p), inputs, reach).1),
        Proposal::Nothing if szi.raw() != 0 => ("keeps", format!("kept its position of {szi}")),
        Proposal::Nothing => ("nothing", words(Some(p), inputs, reach).1),
        Proposal::Enter(e) if e.side.sign() == szi.signum() => {
            ("keeps", format!("kept its position of {szi}: an entry on the same side adds nothing"))
        }
        Proposal::Enter(_) => (
            "exit",
            "wants the other side, and is entered only behind an exit that is certain to be sent".into(),
        ),
    }
}

fn failing(
    r: &Reading,
    replica: &Replica,
    (t, g): (&CandidateTrace, &GateTrace),
    found: &Remedies,
) -> FailingGate {
    let shown = decision(&r.view, t);
    let outcome = shown.gates.get(usize::from(g.gate)).map(room);
    let mine = || found.ways.iter().filter(|w| w.gate == g.gate);
    let wait = mine().find(|w| w.change.lever == Lever::Wait);
    FailingGate {
        detail: outcome
            .as_ref()
            .map_or_else(String::new, |o| detail(replica, &o.gate, t, o.outcome == "unknown")),
        gate: outcome.unwrap_or_else(|| zero_packets::evaluation::GateRoom {
            gate: "?".into(),
            outcome: g.truth.name().into(),
            value: None,
            limit: None,
            distance: None,
        }),
        earliest: wait
            .map(|w| Ts::from_ns(w.change.to))
            .or_else(|| {
                regime_of(replica, shown.gates.get(usize::from(g.gate))?.gate.as_str()).map(|(_, at)| at)
            })
            .map(|at| at.to_string()),
        ways: mine().map(|w| remedy(&w.change, w.admits)).collect(),
    }
}

/// The posterior that a regime gate judges, and the earliest instant at which its state may be another.
fn regime_of<'a>(replica: &'a Replica, gate: &str) -> Option<(&'a Posterior, Ts)> {
    let cross = replica.kernel.cross()?;
    let posterior = match gate {
        "not_turbulent" => cross.volatility(),
        "not_one_bet" => cross.correlation(),
        _ => return None,
    };
    Some((posterior, cross.earliest_change(posterior)))
}

/// What a gate waits for, where no quantity says it.
fn detail(replica: &Replica, gate: &str, t: &CandidateTrace, unknown: bool) -> String {
    if let Some((p, at)) = regime_of(replica, gate) {
        let now = p.state.and_then(|s| p.p.get(usize::from(s)));
        return match now {
            Some(now) => format!(
                "the state is left at {at} at the earliest, once its probability of {now:.2} is below {LEAVE} and another's is \
                 {ENTER} or more"
            ),
            None => format!(
                "no state is known; one is entered at {at} at the earliest, at a probability of {ENTER} (the largest is {:.2})",
                p.p.iter().copied().fold(0.0, f64::max)
            ),
        };
    }
    if gate == "breakers" {
        let open = BREAKERS.iter().enumerate().filter(|(i, _)| t.open_breakers >> i & 1 == 1);
        return open.map(|(i, b)| breaker(replica, i, *b)).collect::<Vec<_>>().join("; ");
    }
    if gate == "unknown_order" {
        return "an order of the coin is of unknown fate: the venue has to say what became of it".into();
    }
    if unknown {
        return "what it judges is not known: the input has to arrive".into();
    }
    if t.final_sz.raw() == 0 && gate == "min_notional" {
        return "no size is left to judge".into();
    }
    String::new()
}

fn breaker(replica: &Replica, i: usize, b: &dyn zero_kernel::Breaker) -> String {
    let since = replica.kernel.state().breakers.get(i).map(|s| s.since);
    let cleared = replica.manifest.policy.clear_latches_after.zip(since).map(|(after, s)| s.plus(after));
    let how = match cleared {
        _ if !b.latches() => "it closes when its cause is gone".to_owned(),
        // What points at a wrong state of ours is never cleared without a person.
        Some(at) if b.name() != "data_fault" => {
            format!("an operator has to clear it, else the run's stated policy does from {at} on")
        }
        _ => "an operator has to clear it".to_owned(),
    };
    format!("{} is open ({}): {how}", b.name(), b.reason())
}

/// A change with its values as text and its difference.
fn remedy(c: &Change, admits: bool) -> Remedy {
    let by = c.to - c.from;
    let (from, to, by, unit) = match c.lever {
        Lever::Size => (
            sz(Sz::from_raw(c.from)).to_string(),
            sz(Sz::from_raw(c.to)).to_string(),
            sz(Sz::from_raw(by)),
            c.lever.unit(),
        ),
        Lever::Deposit => (
            usd(Usd::from_raw(c.from)).to_string(),
            usd(Usd::from_raw(c.to)).to_string(),
            usd(Usd::from_raw(by)),
            "USD",
        ),
        Lever::CloseTime | Lever::Wait => {
            (Ts::from_ns(c.from).to_string(), Ts::from_ns(c.to).to_string(), Dec::scaled(by, 9), "seconds")
        }
        Lever::StaleAfter => (
            Dec::scaled(c.from, 9).to_string(),
            Dec::scaled(c.to, 9).to_string(),
            Dec::scaled(by, 9),
            "seconds",
        ),
        Lever::OpenPositions | Lever::OrdersPerHour => {
            (c.from.to_string(), c.to.to_string(), Dec::from(by), c.lever.unit())
        }
        _ => (
            rate(Rate::from_raw(c.from)).to_string(),
            rate(Rate::from_raw(c.to)).to_string(),
            rate(Rate::from_raw(by)),
            "fraction",
        ),
    };
    Remedy {
        quantity: c.lever.name().into(),
        from,
        to,
        by,
        unit: unit.into(),
        // A smaller size never raises risk; a larger one may.
        raises_risk: if c.lever == Lever::Size { c.to > c.from } else { c.lever.raises_risk() },
        admits,
    }
}
