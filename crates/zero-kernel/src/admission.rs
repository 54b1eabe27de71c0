//! Admission: every gate is judged, none is skipped, and what is admitted reserves its capacity at once.

use crate::config::{KernelConfig, OPEN_ORDERS_MAX};
use crate::record::{CandidateTrace, GateTrace};
use crate::stack::Stack;
use crate::state::State;
use zero_core::{BookId, Truth, Ts, TsDiff, Usd};
use zero_market::Side;
use zero_market::instrument::MIN_NOTIONAL;
use zero_strategy::{CandidateCtx, Judgement};

/// What admission knows beside the candidate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Situation<'a> {
    pub state: &'a State,
    pub cfg: &'a KernelConfig,
    /// Initial margin of the account after the order.
    pub margin: Usd,
    pub book: BookId,
    /// Breakers open now, those that tripped in this cycle included.
    pub open_breakers: u32,
    /// Risk-increasing orders already admitted in this batch.
    pub batch: u32,
    /// A reduce-only close that needs permission: the venue has no minimum for it, and it may not wait for a cooldown.
    pub is_exit: bool,
}

/// Judges every gate into the trace and says whether all are True.
pub(crate) fn judge(
    stack: &Stack,
    ctx: &CandidateCtx<'_>,
    sit: &Situation<'_>,
    trace: &mut CandidateTrace,
) -> bool {
    let mut admitted = true;
    let mut index = 0u8;
    let gates = &mut trace.gates;
    let mut push = |j: Judgement| {
        admitted &= j.truth.is_true();
        gates.push(GateTrace { gate: index, truth: j.truth, value: j.value, limit: j.limit });
        index += 1;
    };
    for layer in &stack.layers {
        layer.judge(ctx, &mut push);
    }
    push(Judgement::at_most(f64::from(sit.open_breakers.count_ones()), 0.0));
    let orders = sit.state.entry_times.len() as f64 + f64::from(sit.batch) + 1.0;
    push(Judgement::at_most(orders, f64::from(sit.cfg.limits.orders_per_hour)));
    push(if sit.is_exit {
        Judgement::at_most(0.0, 0.0)
    } else {
        cooldown(stack, sit, ctx.view.now, ctx.entry.side, ctx.view.coin)
    });
    push(Judgement::at_most(f64::from(u8::from(sit.state.orders.any_unknown(ctx.view.coin))), 0.0));
    push(if sit.is_exit { Judgement::at_most(0.0, 0.0) } else { min_notional(ctx) });
    push(margin(ctx, sit.margin));
    push(Judgement::at_most(
        (sit.state.orders.open().len() as u32 + sit.batch + 1) as f64,
        OPEN_ORDERS_MAX as f64,
    ));
    admitted
}

/// Seconds until the same side may be entered again, at most zero.
fn cooldown(stack: &Stack, sit: &Situation<'_>, now: Ts, side: Side, coin: zero_core::CoinId) -> Judgement {
    let own = stack.strategies.get(sit.book.index()).map_or(TsDiff::ZERO, |s| s.cooldown());
    let wait = sit.cfg.limits.cooldown.max(own);
    let left = match sit.state.thesis(sit.book, coin).last_exit {
        Some(x) if x.side == side => x.time.plus(wait).since(now).as_ns() as f64 / 1e9,
        _ => 0.0,
    };
    Judgement::at_most(left.max(0.0), 0.0)
}

/// The venue's minimum less the order's value, at most zero. Exact.
fn min_notional(ctx: &CandidateCtx<'_>) -> Judgement {
    let truth = Truth::from(ctx.sz.raw() > 0 && ctx.notional >= MIN_NOTIONAL);
    Judgement { truth, value: MIN_NOTIONAL.to_f64() - ctx.notional.to_f64(), limit: 0.0 }
}

/// Initial margin of the account after the order, each coin at its own leverage, over its equity.
fn margin(ctx: &CandidateCtx<'_>, required: Usd) -> Judgement {
    let equity = ctx.after.equity;
    let truth = Truth::from(equity.raw() > 0 && required <= equity);
    let value = if equity.raw() > 0 { required.to_f64() / equity.to_f64() } else { f64::INFINITY };
    Judgement { truth, value, limit: 1.0 }
}
