//! Orders of the operator's own: a book for them, every gate before whatever may enlarge risk, and one order per key.

use crate::breakers;
use crate::candidates::{self, Leaving, Own, Wish};
use crate::config::KernelConfig;
use crate::executions::{Executed, Judged};
use crate::exits::queue;
use crate::kernel::Kernel;
use crate::ooda::Decided;
use crate::record::{CandidateTrace, OrderFact, TraceSink};
use crate::risk::RiskDirection;
use crate::state::{Fault, State};
use zero_core::{BookId, Digest32, OrderId, Px, Sz, Ts, TsDiff};
use zero_market::event::{OperatorAction, OperatorEvent};
use zero_market::order::MarketTerms;
use zero_market::{OrderIntent, OrderKind, OwnOrder, Purpose, Side};
use zero_strategy::precedence::ExitClass;
use zero_strategy::{Entry, Sizing};

/// What an order does to what is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// It closes of the own book's position, and the account's shrinks with it.
    Reduces,
    /// It closes of the own book's position, and the account's does not shrink.
    Leaves,
    /// It opens or enlarges a position, or takes one past zero.
    Enlarges,
}

/// Must the order pass the gate of friction? One that closes never does, nor one that will not be judged at all.
pub(crate) fn must_ask(state: &State, cfg: &KernelConfig, order: &OwnOrder) -> Result<bool, Fault> {
    let Some(book) = judged_in(state, cfg, order) else { return Ok(false) };
    Ok(effect(state, cfg, (book, order))? == Effect::Enlarges && state.executions.has_room(state.conduct.now))
}

/// The book of an order that is to be judged; `None` for one whose key is in use, and in a run that takes none.
fn judged_in(state: &State, cfg: &KernelConfig, order: &OwnOrder) -> Option<BookId> {
    let is_new = state.executions.find(order.key_digest()).is_none();
    cfg.own_book.filter(|_| is_new && order.coin.index() < state.coins.len())
}

/// Orders under way that close on the same side are counted as done: two of them may not together pass zero.
fn effect(state: &State, cfg: &KernelConfig, (book, order): (BookId, &OwnOrder)) -> Result<Effect, Fault> {
    let account = cfg.books.get(book.index()).ok_or(Fault::Unknown("book"))?.account;
    let ledger = state.ledger.books.get(book.index()).ok_or(Fault::Unknown("book"))?;
    let (mut held, mut net) =
        (ledger.position(order.coin).szi, state.ledger.account_net(account, order.coin));
    for open in state.orders.open() {
        let i = &open.intent;
        let closes = matches!(i.purpose, Purpose::Exit | Purpose::Emergency);
        if closes && i.account == account && i.coin == order.coin && i.side == order.side {
            let sz = i.side.signed(open.open_sz());
            net = net.plus(sz)?;
            if i.book == book {
                held = held.plus(sz)?;
            }
        }
    }
    Ok(if Side::reducing(held) != Some(order.side) || order.sz > held.abs() {
        Effect::Enlarges
    } else if RiskDirection::of_order(net, order.side, order.sz, true) == RiskDirection::Reduces {
        Effect::Reduces
    } else {
        Effect::Leaves
    })
}

/// Judges the order of an act. `ruled`: friction has ruled on it. What friction holds is not judged, and its key stays free.
pub(crate) fn decide(
    kernel: &mut Kernel,
    (now, act): (Ts, &OperatorEvent),
    ruled: bool,
    sink: &mut impl TraceSink,
    decided: &mut Decided,
) -> Result<(), Fault> {
    let Some(order) = OwnOrder::parse(&act.subject) else { return Ok(()) };
    let Some(book) = judged_in(&kernel.state, &kernel.cfg, &order) else { return Ok(()) };
    let Some(ins) = kernel.universe.get(order.coin).filter(|i| i.symbol == order.symbol) else {
        return Ok(());
    };
    let only_reduces = act.action == OperatorAction::Reduce;
    let effect = effect(&kernel.state, &kernel.cfg, (book, &order))?;
    if effect == Effect::Enlarges && !only_reduces {
        let conduct = &kernel.state.conduct;
        if !(ruled && conduct.ruling.as_ref().is_some_and(|r| r.admits())) {
            return Ok(());
        }
    }
    let mut executed = Executed {
        key: order.key_digest(),
        body: order.body_digest(only_reduces),
        at: kernel.state.conduct.now,
        order: order.id(only_reduces, now),
        judged: Judged::Taken,
        gates: 0,
        breakers: 0,
        refused: None,
    };
    let id = executed.order;
    if !ins.is_valid_sz(order.sz) || order.worst_px.is_some_and(|px| !ins.is_valid_px(px)) {
        executed.judged = Judged::OffGrid;
    } else if !has_value(&kernel.state, &order) {
        executed.judged = Judged::TooLarge;
    } else if only_reduces && effect != Effect::Reduces {
        executed.judged =
            if effect == Effect::Leaves { Judged::EnlargesAccount } else { Judged::NotAReduction };
    } else if effect == Effect::Reduces {
        decided.exits += 1;
        let fact = closing(kernel, (book, &order), id, now)?;
        queue(kernel, fact);
    } else if kernel.state.closing.contains(&order.coin) {
        executed.judged = Judged::Closing;
    } else {
        kernel.scratch.wishes.clear();
        kernel.scratch.wishes.push(wish((book, &order), id, effect));
        // What strategies may not do while automatic entries are off, a person may: that is what the switch is for.
        let open = kernel.open_breakers & !breakers::bit("auto_off");
        candidates::judge(kernel, now, open, sink, decided, &mut |_, _, _| {})?;
        let trace = kernel.scratch.trace.as_ref();
        note(&mut executed, trace.ok_or(Fault::Contradiction("an order that was not judged"))?);
    }
    kernel.scratch.executed = Some(executed);
    Ok(())
}

/// Can money here say what the order is worth, at the close that gates judge at and at the mark that exposure is measured at?
/// Without a price it is worth nothing yet, and gates say that.
fn has_value(state: &State, order: &OwnOrder) -> bool {
    let prices = state.coins.get(order.coin.index()).map_or([None; 2], |c| [c.close, c.mark]);
    prices.into_iter().flatten().all(|px| px.notional(order.sz).is_ok())
}

fn note(executed: &mut Executed, trace: &CandidateTrace) {
    if trace.admitted {
        return;
    }
    executed.judged = Judged::Gates;
    executed.breakers = trace.open_breakers;
    for g in trace.failing() {
        executed.gates |= 1u64.checked_shl(u32::from(g.gate)).unwrap_or(0);
    }
}

fn wish((book, order): (BookId, &OwnOrder), id: OrderId, effect: Effect) -> Wish {
    let entry = Entry {
        side: order.side,
        stop: None,
        target: None,
        horizon: TsDiff::ZERO,
        score: 0.0,
        sizing: Sizing::Fixed(order.sz),
    };
    let closes = Leaving { szi: order.side.opposite().signed(order.sz), class: ExitClass::Signal };
    Wish {
        book,
        coin: order.coin,
        entry,
        exit_of: (effect == Effect::Leaves).then_some(closes),
        own: Some(Own { id, worst_px: order.worst_px }),
    }
}

/// An order that only shrinks: it needs no permission.
fn closing(
    kernel: &Kernel,
    (book, order): (BookId, &OwnOrder),
    id: OrderId,
    now: Ts,
) -> Result<OrderFact, Fault> {
    let account = kernel.cfg.books.get(book.index()).ok_or(Fault::Unknown("book"))?.account;
    let strategy: Digest32 = kernel.stack.digests.get(book.index()).copied().unwrap_or(Digest32::ZERO);
    let sz: Sz = order.sz;
    let intent = OrderIntent {
        id,
        account,
        book,
        coin: order.coin,
        side: order.side,
        sz,
        kind: OrderKind::Market(MarketTerms { worst_px: order.worst_px }),
        reduce_only: true,
        purpose: Purpose::Exit,
        decided_at: now,
        reference_px: kernel.state.mark(order.coin).unwrap_or(Px::ZERO),
    };
    // Of the classes an exit can have, what a person wants is nearest to a signal.
    Ok(OrderFact { intent, plan: None, strategy, decision: id, exit: Some(ExitClass::Signal) })
}
