//! `zero.positions.v1`: what the account holds, by coin, with each book's part.

use super::{Reading, px, seconds, sz, usd};
use zero_core::fixed::div_half_even;
use zero_core::{BookId, CoinId, Px, Sz, Usd};
use zero_kernel::ledger::Position as Held;
use zero_market::{OrderKind, Purpose, Side};
use zero_packets::positions::{BookShare, Position, Positions};

/// The packet; only this coin where one is named.
#[must_use]
pub fn positions(r: &Reading, only: Option<CoinId>) -> Positions {
    let coins = (0..r.view.state.coins.len()).map(|c| CoinId(c as u16));
    let positions: Vec<Position> =
        coins.filter(|c| only.is_none_or(|o| o == *c)).filter_map(|c| position(r, c)).collect();
    Positions {
        schema_version: Default::default(),
        count: positions.len() as u32,
        account_value: r.equity().map(usd),
        total_unrealized_pnl: unrealized_of(r, only).map(usd),
        ts: r.ts(),
        source: r.source(),
        journal_seq: r.view.next_seq,
        positions,
    }
}

/// Profit and loss of everything held, at the marks; `None` where a held coin has none.
pub(crate) fn total_unrealized(r: &Reading) -> Option<Usd> {
    unrealized_of(r, None)
}

fn unrealized_of(r: &Reading, only: Option<CoinId>) -> Option<Usd> {
    let mut sum = Usd::ZERO;
    let coins = (0..r.view.state.coins.len()).map(|c| CoinId(c as u16));
    for coin in coins.filter(|c| only.is_none_or(|o| o == *c)) {
        for (_, p) in legs(r, coin) {
            sum = sum.plus(unrealized(&p, r.view.state.mark(coin)?)?).ok()?;
        }
    }
    Some(sum)
}

fn legs(r: &Reading, coin: CoinId) -> Vec<(BookId, Held)> {
    let books = r.view.state.ledger.books.iter().enumerate();
    books.map(|(b, l)| (BookId(b as u16), l.position(coin))).filter(|(_, p)| p.szi.raw() != 0).collect()
}

fn unrealized(p: &Held, mark: Px) -> Option<Usd> {
    mark.notional(p.szi).ok()?.minus(p.cost).ok()
}

fn position(r: &Reading, coin: CoinId) -> Option<Position> {
    let state = &r.view.state;
    let legs = legs(r, coin);
    let since = legs.iter().map(|(_, p)| p.since).min()?;
    let net = Sz::from_raw(legs.iter().fold(0i64, |sum, (_, p)| sum.saturating_add(p.szi.raw())));
    let (mark, entry) = (state.mark(coin), entry(&legs, net));
    let pnl =
        mark.and_then(|m| legs.iter().try_fold(Usd::ZERO, |sum, (_, p)| sum.plus(unrealized(p, m)?).ok()));
    let name =
        |b: BookId| r.view.manifest.kernel.books.get(b.index()).map_or("?", |s| s.name.as_str()).to_owned();
    Some(Position {
        symbol: r.view.symbol(coin).to_owned(),
        side: match net.signum() {
            1 => "long",
            -1 => "short",
            _ => "flat",
        }
        .into(),
        size: sz(net.abs()),
        entry: entry.ok().map(px),
        entry_unknown: entry.err().map(str::to_owned),
        mark: mark.map(px),
        unrealized_pnl: pnl.map(usd),
        unrealized_r: pnl.zip(risk_at_entry(r, coin, &legs)).map(|(p, risk)| p.to_f64() / risk.to_f64()),
        stop: resting(r, coin, net, true).map(px),
        target: resting(r, coin, net, false).map(px),
        age_s: Some(seconds(state.now.since(since))),
        books: legs
            .iter()
            .map(|(b, p)| BookShare { book: name(*b), size: sz(p.szi), entry: px(p.entry_px()) })
            .collect(),
    })
}

/// Net cost over net size, or why that is no price: profit and loss of all legs is measured from it.
fn entry(legs: &[(BookId, Held)], net: Sz) -> Result<Px, &'static str> {
    let cost: i128 = legs.iter().map(|(_, p)| i128::from(p.cost.raw())).sum();
    if net.raw() == 0 {
        return Err("the legs of the books cancel out");
    }
    let paid = cost * i128::from(net.signum());
    let raw = div_half_even(paid * i128::from(Sz::ONE_RAW), i128::from(net.abs().raw()));
    match i64::try_from(raw) {
        Ok(raw) if raw > 0 => Ok(Px::from_raw(raw)),
        _ => Err("the legs of the books lie on both sides, and no one price explains their profit and loss"),
    }
}

/// What was at risk between entry and stop when the legs were opened; `None` where a leg has no stop.
fn risk_at_entry(r: &Reading, coin: CoinId, legs: &[(BookId, Held)]) -> Option<Usd> {
    let risk = legs.iter().try_fold(Usd::ZERO, |sum, (book, p)| {
        let distance = r.view.state.thesis(*book, coin).plan?.stop?;
        sum.plus(p.cost.abs().mul_rate(distance).ok()?).ok()
    })?;
    (risk.raw() > 0).then_some(risk)
}

/// The nearest resting trigger that would shrink the position: a stop, or a take-profit.
fn resting(r: &Reading, coin: CoinId, net: Sz, is_stop: bool) -> Option<Px> {
    let side = Side::reducing(net)?;
    let wanted = if is_stop { Purpose::Stop } else { Purpose::Target };
    let prices = r.view.state.orders.open().iter().filter_map(|o| match o.intent.kind {
        OrderKind::Trigger(t)
            if o.intent.coin == coin
                && o.intent.side == side
                && o.intent.purpose == wanted
                && t.is_stop == is_stop =>
        {
            Some(t.px)
        }
        _ => None,
    });
    // A long's stop lies below and its target above: the nearest is the highest stop, the lowest target.
    if (side == Side::Sell) == is_stop { prices.max() } else { prices.min() }
}
