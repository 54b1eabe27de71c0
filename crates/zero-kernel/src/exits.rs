//! Leaving: what needs no permission. Reductions are never gated; protection follows every entry fill.

use crate::digest::{self, Leg};
use crate::kernel::Kernel;
use crate::record::OrderFact;
use crate::state::Fault;
use zero_core::{BookId, CoinId, Digest32, OrderId, Px, Rate, Sz, Ts};
use zero_market::order::{CancelIntent, MarketTerms, TriggerTerms};
use zero_market::{Fill, FillCause, Instrument, OrderIntent, OrderKind, Purpose, Side};
use zero_strategy::precedence::ExitClass;

/// A market order that closes a book's position in a coin.
pub(crate) fn close_order(
    kernel: &Kernel,
    (book, coin): (BookId, CoinId),
    szi: Sz,
    class: ExitClass,
    now: Ts,
) -> Option<OrderFact> {
    let (purpose, leg) = match class {
        ExitClass::Emergency => (Purpose::Emergency, Leg::Emergency),
        _ => (Purpose::Exit, Leg::Exit),
    };
    let side = Side::reducing(szi)?;
    let strategy = kernel.stack.digests.get(book.index()).copied().unwrap_or(Digest32::ZERO);
    let id = digest::order_id(book, strategy, coin, now, leg);
    let account = kernel.cfg.books.get(book.index())?.account;
    let intent = OrderIntent {
        id,
        account,
        book,
        coin,
        side,
        sz: szi.abs(),
        kind: OrderKind::Market(MarketTerms { worst_px: None }),
        reduce_only: true,
        purpose,
        decided_at: now,
        reference_px: kernel.state.mark(coin).unwrap_or(Px::ZERO),
    };
    Some(OrderFact { intent, plan: None, strategy, decision: id, exit: Some(class) })
}

/// Queues an order and its digest fields. One that is under way already is not sent again.
pub(crate) fn queue(kernel: &mut Kernel, order: OrderFact) {
    if kernel.state.orders.get(order.intent.id).is_some() {
        return;
    }
    digest::absorb_order(&mut kernel.scratch.decided, &order.intent);
    kernel.scratch.orders.push(order);
}

fn queue_cancel(kernel: &mut Kernel, cancel: CancelIntent) {
    kernel.scratch.decided.extend_from_slice(&cancel.id.0);
    kernel.scratch.cancels.push(cancel);
}

/// Closes every position of every book and cancels every entry that may still fill.
pub(crate) fn flatten(kernel: &mut Kernel, now: Ts) -> Result<(), Fault> {
    leave(kernel, |_| true, now)
}

/// The same in the coins that the operator closes.
pub(crate) fn close(kernel: &mut Kernel, now: Ts) -> Result<(), Fault> {
    if kernel.state.closing.is_empty() {
        return Ok(());
    }
    let coins = kernel.state.closing.clone();
    leave(kernel, |c| coins.contains(&c), now)
}

/// Cancels every entry that may still fill, of those that are meant: who stops entries does not mean the next one alone.
pub(crate) fn cancel_entries(kernel: &mut Kernel, of: impl Fn(&OrderIntent) -> bool, now: Ts) {
    for i in 0..kernel.state.orders.open().len() {
        let Some(o) = kernel.state.orders.open().get(i) else { break };
        if matches!(o.intent.purpose, Purpose::Entry) && of(&o.intent) {
            let cancel = CancelIntent {
                account: o.intent.account,
                id: o.intent.id,
                coin: o.intent.coin,
                decided_at: now,
            };
            queue_cancel(kernel, cancel);
        }
    }
}

/// Positions with an emergency order under way are left to it.
fn leave(kernel: &mut Kernel, of: impl Fn(CoinId) -> bool, now: Ts) -> Result<(), Fault> {
    cancel_entries(kernel, |i| of(i.coin), now);
    for b in 0..kernel.state.ledger.books.len() {
        for c in 0..kernel.state.coins.len() {
            let (book, coin) = (BookId(b as u16), CoinId(c as u16));
            let szi = kernel.state.ledger.books.get(b).ok_or(Fault::Unknown("book"))?.position(coin).szi;
            // One that ended at this very instant is tried again at the next.
            let is_tried = kernel.state.thesis(book, coin).emergency == now;
            if szi.raw() != 0 && of(coin) && !is_tried && !kernel.state.orders.is_closing(book, coin, szi) {
                let order = close_order(kernel, (book, coin), szi, ExitClass::Emergency, now);
                if let Some(order) = order {
                    queue(kernel, order);
                }
            }
        }
    }
    Ok(())
}

/// After an entry fill: a resting stop (and target) over the filled size. Protection that the position no longer has a
/// use for, because it is gone or has changed its side, is cancelled.
pub(crate) fn after_fill(kernel: &mut Kernel, fill: &Fill, now: Ts) -> Result<(), Fault> {
    let (book, coin) = (fill.book, fill.coin);
    let position = kernel.state.ledger.books.get(book.index()).ok_or(Fault::Unknown("book"))?.position(coin);
    // A fill on the position's own side moved it away from zero, whatever order it came from.
    let opened = fill.cause == FillCause::Order && position.szi.signum() == fill.side.sign();
    if opened && let Some(plan) = kernel.state.thesis(book, coin).plan {
        // The protected size of this fill: what it left open on its side.
        let open = position.szi.abs().min(fill.sz);
        if let Some(distance) = plan.stop
            && !protect(kernel, fill, open, (distance, true), now)?
            && !kernel.state.orders.is_closing(book, coin, position.szi)
            && let Some(close) = close_order(kernel, (book, coin), position.szi, ExitClass::Emergency, now)
        {
            // A position that cannot be protected is not kept.
            queue(kernel, close);
            return Ok(());
        }
        if let Some(distance) = plan.target {
            protect(kernel, fill, open, (distance, false), now)?;
        }
    }
    let useful = Side::reducing(position.szi);
    for i in 0..kernel.state.orders.open().len() {
        let Some(o) = kernel.state.orders.open().get(i) else { break };
        let i = &o.intent;
        let protects =
            matches!(i.purpose, Purpose::Stop | Purpose::Target) && i.book == book && i.coin == coin;
        if protects && Some(i.side) != useful {
            let cancel = CancelIntent { account: i.account, id: i.id, coin, decided_at: now };
            queue_cancel(kernel, cancel);
        }
    }
    Ok(())
}

/// Queues a protective order; false when the grid has no price for it.
fn protect(
    kernel: &mut Kernel,
    fill: &Fill,
    sz: Sz,
    (distance, is_stop): (Rate, bool),
    now: Ts,
) -> Result<bool, Fault> {
    let ins = kernel.universe.get(fill.coin).ok_or(Fault::Unknown("coin"))?;
    let Some(px) = trigger_px(ins, fill.px, fill.side, distance, is_stop) else {
        return Ok(false);
    };
    let leg = if is_stop { Leg::Stop } else { Leg::Target };
    let id: OrderId = digest::protective_id(fill.order, fill.remaining, leg);
    let strategy = kernel.stack.digests.get(fill.book.index()).copied().unwrap_or(Digest32::ZERO);
    let intent = OrderIntent {
        id,
        account: fill.account,
        book: fill.book,
        coin: fill.coin,
        side: fill.side.opposite(),
        sz,
        kind: OrderKind::Trigger(TriggerTerms { px, is_stop }),
        reduce_only: true,
        purpose: if is_stop { Purpose::Stop } else { Purpose::Target },
        decided_at: now,
        reference_px: fill.px,
    };
    let exit = Some(if is_stop { ExitClass::Stop } else { ExitClass::Target });
    queue(kernel, OrderFact { intent, plan: None, strategy, decision: fill.order, exit });
    Ok(true)
}

/// The trigger price at a distance from the fill, on the venue's grid, rounded towards the position's entry: a stop is
/// never looser than planned. `None` when the distance leaves no price on the right side.
fn trigger_px(ins: &Instrument, entry: Px, side: Side, distance: Rate, is_stop: bool) -> Option<Px> {
    let delta = entry.notional(Sz::ONE).ok()?.mul_rate(distance).ok()?;
    let away = if is_stop { -side.sign() } else { side.sign() };
    let raw = Px::from_raw(entry.raw().checked_add(away * delta.raw())?);
    // Below the entry: round up; above it: round down.
    let px = ins.round_px_adverse(raw.max(Px::from_raw(1)), if away < 0 { Side::Buy } else { Side::Sell });
    let right_side = if away < 0 { px < entry } else { px > entry };
    (right_side && ins.is_valid_px(px)).then_some(px)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_stop_is_on_the_grid_on_the_right_side_and_never_looser_than_planned(
            raw in 100_000_000i64..10_000_000_000_000, bps in 10i32..5_000, d in 0u8..=5, long: bool
        ) {
            let ins = Instrument::new("X", d, 10);
            let side = if long { Side::Buy } else { Side::Sell };
            let entry = ins.round_px_adverse(Px::from_raw(raw), side);
            if let Some(px) = trigger_px(&ins, entry, side, Rate::bps(bps), true) {
                prop_assert!(ins.is_valid_px(px));
                let planned = i128::from(entry.raw()) * i128::from(bps) / 10_000;
                let actual = i128::from((entry.raw() - px.raw()).abs());
                prop_assert!(actual <= planned + 1, "{actual} {planned}");
                let right_side = if long { px < entry } else { px > entry };
                prop_assert!(right_side);
            }
        }
    }
}
