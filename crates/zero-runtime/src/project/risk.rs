//! `zero.risk.v1`: limits, their use, and what has stopped.

use super::{Reading, percent, rate, ratio, seconds, usd};
use zero_core::{BookId, CoinId, Rate, Ts, TsDiff, Usd};
use zero_kernel::breakers;
use zero_market::{OrderKind, Purpose};
use zero_packets::Dec;
use zero_packets::risk::{BookRisk, LimitUse, Risk};

/// The packet.
#[must_use]
pub fn risk(r: &Reading) -> Risk {
    let state = &r.view.state;
    let equity = r.equity();
    let peak = r.peak();
    let fall = equity.zip(peak).and_then(|(e, p)| p.minus(e).ok());
    let day = day_change(r);
    let open = r.open_breakers();
    Risk {
        schema_version: Default::default(),
        account_value: equity.map(usd),
        drawdown_pct: fall.zip(peak).and_then(|(f, p)| percent(f, p)),
        daily_pnl_usd: day.map(|(_, pnl)| usd(pnl)),
        daily_loss_usd: day.map(|(_, pnl)| usd(if pnl.signum() < 0 { pnl.negated() } else { Usd::ZERO })),
        peak_equity: peak.map(usd),
        // The state keeps 24 hours of samples and one peak; thirty days would be a guess.
        peak_equity_30d: None,
        open_count: Some(crate::view::held_coins(state) as u32),
        halted: !r.risk_increasing_allowed(),
        global_halt: state.killed,
        stop_failure_halt: is_unprotected(r),
        capital_floor_hit: is_open(r, "drawdown"),
        halt_reason: (!open.is_empty()).then(|| open.join(", ")),
        halt_until: halt_until(r).map(|t| t.to_string()),
        updated_at: r.ts(),
        daily_loss_since: day.map(|(since, _)| since.to_string()),
        last_drawdown_alert_pct: recorded_drawdown(r),
        per_runner: r
            .view
            .manifest
            .kernel
            .books
            .iter()
            .map(|b| (b.name.clone(), book(r, b.book, b.initial)))
            .collect(),
        limits: limits(r, equity, fall.zip(peak), day),
        gross_leverage: equity.and_then(|e| ratio(r.view.state.worst_gross(), e)),
        source: r.source(),
        journal_seq: r.view.next_seq,
    }
}

/// Start of the rolling day and the change of equity since, transfers taken out.
fn day_change(r: &Reading) -> Option<(Ts, Usd)> {
    let mut out: Option<(Ts, Usd)> = None;
    for a in &r.view.state.accounts {
        let first = a.samples.first()?;
        let change = r.account_equity(a)?.minus(first.equity).ok()?;
        out = Some(match out {
            Some((t, sum)) => (t.min(first.time), sum.plus(change).ok()?),
            None => (first.time, change),
        });
    }
    out
}

fn is_open(r: &Reading, breaker: &str) -> bool {
    breakers::find(breaker).and_then(|i| r.view.state.breakers.get(i)).is_some_and(|b| b.open)
}

/// A held leg whose thesis has a stop, without that stop resting at the venue.
#[must_use]
pub fn is_unprotected(r: &Reading) -> bool {
    let state = &r.view.state;
    state.ledger.books.iter().enumerate().any(|(b, ledger)| {
        let book = BookId(b as u16);
        ledger.positions.iter().enumerate().any(|(c, p)| {
            let coin = CoinId(c as u16);
            let wants =
                p.szi.raw() != 0 && state.thesis(book, coin).plan.is_some_and(|plan| plan.stop.is_some());
            let is_stop = |k: OrderKind| matches!(k, OrderKind::Trigger(t) if t.is_stop);
            let mut orders = state.orders.of(book, coin);
            wants && !orders.any(|o| o.intent.purpose == Purpose::Stop && is_stop(o.intent.kind))
        })
    })
}

/// When every open halt will have been cleared by the run's stated policy; `None` where a person has to, or the cause
/// has to go.
fn halt_until(r: &Reading) -> Option<Ts> {
    let after = r.view.manifest.policy.clear_latches_after?;
    let open = breakers::standing(&r.view.state);
    let mut last: Option<Ts> = None;
    for (b, s) in open {
        if !b.latches() || b.name() == "kill_switch" {
            return None;
        }
        last = last.max(Some(s.since.plus(after)));
    }
    last
}

fn recorded_drawdown(r: &Reading) -> Option<Dec> {
    let b = r.view.state.breakers.get(breakers::find("drawdown")?)?;
    (b.open && b.value.is_finite()).then(|| Dec::scaled((b.value * 1e6) as i64, 4))
}

fn book(r: &Reading, id: BookId, initial: Usd) -> BookRisk {
    let state = &r.view.state;
    let strategy = r.view.manifest.strategies.get(id.index()).map_or("?", |s| s.name.as_str()).to_owned();
    let ledger = state.ledger.books.get(id.index());
    let money = |pick: fn(&zero_kernel::BookLedger) -> Usd| usd(ledger.map_or(Usd::ZERO, pick));
    BookRisk {
        strategy,
        initial: usd(initial),
        realized: money(|b| b.realised),
        fees: money(|b| b.fees),
        funding: money(|b| b.funding.negated()),
        equity: ledger.and_then(|b| state.ledger.book_equity(b, |c| state.mark(c)).ok().flatten()).map(usd),
        open: ledger.map_or(0, |b| b.positions.iter().filter(|p| p.szi.raw() != 0).count() as u32),
    }
}

fn limits(
    r: &Reading,
    equity: Option<Usd>,
    fall: Option<(Usd, Usd)>,
    day: Option<(Ts, Usd)>,
) -> Vec<LimitUse> {
    let (state, k) = (&r.view.state, &r.view.manifest.kernel);
    let l = &k.limits;
    let loss = day.map(|(_, pnl)| if pnl.signum() < 0 { pnl.negated() } else { Usd::ZERO });
    let day_start = loss.zip(equity).zip(day).and_then(|((_, e), (_, pnl))| e.minus(pnl).ok());
    let entries = recent(&state.entry_times, state.now);
    let rejects = recent(&state.reject_times, state.now);
    let oldest =
        state.coins.iter().filter(|c| c.close.is_some()).map(|c| state.now.since(c.close_time)).max();
    let row = |key: &str, limit: Dec, used: Option<Dec>, unit: &str| LimitUse {
        key: key.into(),
        limit,
        used,
        unit: unit.into(),
    };
    let fraction = |key: &str, limit: Rate, used| row(key, rate(limit), used, "fraction of equity");
    let count = |key: &str, limit: u32, used: usize, unit: &str| {
        row(key, Dec::from(u64::from(limit)), Some(Dec::from(used as u64)), unit)
    };
    let span = |d: TsDiff| Dec::scaled(d.as_ns() / 1_000_000, 3);
    vec![
        fraction(
            "limits.max_gross_leverage",
            l.max_gross_leverage,
            equity.and_then(|e| ratio(r.view.state.worst_gross(), e)),
        ),
        fraction(
            "limits.max_position_share",
            l.max_position_share,
            equity.and_then(|e| ratio(largest(r)?, e)),
        ),
        count("limits.max_open_positions", l.max_open_positions, held_or_entering(r), "coins"),
        fraction("limits.daily_loss", l.daily_loss, loss.zip(day_start).and_then(|(x, e)| ratio(x, e))),
        fraction("limits.max_drawdown", l.max_drawdown, fall.and_then(|(f, p)| ratio(f, p))),
        count("limits.orders_per_hour", l.orders_per_hour, entries, "orders in the last hour"),
        fraction(
            "limits.fee_burn_per_day",
            l.fee_burn_per_day,
            equity.and_then(|e| ratio(fees_of_day(r)?, e)),
        ),
        row("limits.stale_after", span(l.stale_after), oldest.map(span), "seconds, oldest close"),
        count("breakers.rejects_per_hour", k.rejects_per_hour, rejects, "rejections in the last hour"),
        row(
            "breakers.disk_min",
            Dec::from(k.disk_min_bytes),
            state.disk_free.map(Dec::from),
            "bytes free, at least",
        ),
        // Judged per order, at the decision: nothing is in use between decisions.
        fraction("limits.risk_per_trade", l.risk_per_trade, None),
        row("limits.vol_target_annual", rate(l.vol_target_annual), None, "per position and year"),
        row("limits.max_cost_share", rate(l.max_cost_share), None, "fraction of the stop distance"),
        row("limits.cooldown", span(l.cooldown), None, "seconds after an exit"),
        row(
            "limits.max_portfolio_vol",
            rate(l.max_portfolio_vol),
            None,
            "of equity and year, after the order",
        ),
        row(
            "limits.max_beta_exposure",
            rate(l.max_beta_exposure),
            None,
            "of equity times beta, after the order",
        ),
        row(
            "limits.max_factor_exposure",
            rate(l.max_factor_exposure),
            None,
            "of equity times loading, after the order",
        ),
        row("limits.max_risk_share", rate(l.max_risk_share), None, "of the variance, after the order"),
        row("limits.max_shortfall", rate(l.max_shortfall), None, "of equity and step, after the order"),
        row(
            "limits.max_correlated_vol",
            rate(l.max_correlated_vol),
            None,
            "of equity and year, after the order",
        ),
        row(
            "limits.max_crash_loss",
            rate(l.max_crash_loss),
            None,
            "of equity in the declared crash, after the order",
        ),
    ]
}

fn recent(times: &[Ts], now: Ts) -> usize {
    times.iter().filter(|t| seconds(now.since(**t)) < 3_600.0).count()
}

/// Largest net notional of one coin; `None` where a held coin has no mark.
fn largest(r: &Reading) -> Option<Usd> {
    let state = &r.view.state;
    let mut largest = Usd::ZERO;
    for a in &state.accounts {
        for c in 0..state.coins.len() {
            let coin = CoinId(c as u16);
            let net = state.ledger.account_net(a.account, coin);
            if net.raw() != 0 {
                largest = largest.max(state.mark(coin)?.notional(net).ok()?.abs());
            }
        }
    }
    Some(largest)
}

fn held_or_entering(r: &Reading) -> usize {
    let state = &r.view.state;
    let entering = |coin| {
        state.orders.open().iter().any(|o| o.intent.coin == coin && o.intent.purpose == Purpose::Entry)
    };
    let held = |coin| state.ledger.books.iter().any(|b| b.position(coin).szi.raw() != 0);
    (0..state.coins.len()).map(|c| CoinId(c as u16)).filter(|c| held(*c) || entering(*c)).count()
}

fn fees_of_day(r: &Reading) -> Option<Usd> {
    let mut sum = 0i64;
    for a in &r.view.state.accounts {
        let now = r.view.state.ledger.of(a.account).fold(0i64, |s, b| s.saturating_add(b.fees.raw()));
        sum = sum.saturating_add(now - a.samples.first()?.fees.raw());
    }
    Some(Usd::from_raw(sum))
}
