//! An account's exposure in its worst case: any subset of exits and stops may fill first, every entry may fill.

use crate::ledger::Ledger;
use crate::orders::Orders;
use crate::portfolio::{RiskBook, RiskTerms, over_equity};
use crate::state::{CoinState, Fault, State};
use alloc::vec::Vec;
use zero_core::fixed::div_half_even_by;
use zero_core::{AccountId, CoinId, Px, Sz, Usd};
use zero_market::{Instrument, Purpose, Side, Universe};
use zero_strategy::Portfolio;

/// What the books of an account could hold of one coin. Long and short legs of different books do not offset each
/// other here: either may be closed first.
#[derive(Clone, Copy, Debug, Default)]
struct Legs {
    /// Long books plus open buy entries, in raw size.
    long: i64,
    /// Short books plus open sell entries, in raw size.
    short: i64,
}

impl Legs {
    fn hold(&mut self, szi: Sz) {
        let slot = if szi.raw() > 0 { &mut self.long } else { &mut self.short };
        *slot = slot.saturating_add(szi.abs().raw());
    }

    fn add(&mut self, side: Side, sz: Sz) {
        self.hold(side.signed(sz));
    }

    /// Both legs at a mark, over equity; NaN for a leg without a mark.
    fn over(self, mark: Option<Px>, equity: Usd) -> (f64, f64) {
        let leg = |sz: i64| match mark {
            _ if sz == 0 => 0.0,
            Some(px) => over_equity(notional_of(px, sz), equity),
            None => f64::NAN,
        };
        (leg(self.long), leg(self.short))
    }

    /// Absolute net notional in the worst case, in raw money. A coin without a mark is as large as can be, so that
    /// nothing is added to it.
    fn worst(self, mark: Option<Px>) -> i128 {
        let sz = self.long.max(self.short);
        match mark {
            _ if sz == 0 => 0,
            Some(px) => notional_of(px, sz),
            None => i128::from(i64::MAX),
        }
    }
}

fn notional_of(px: Px, sz: i64) -> i128 {
    div_half_even_by::<{ Sz::ONE_RAW as u64 }>(i128::from(px.raw()) * i128::from(sz))
}

fn usd(raw: i128) -> Usd {
    Usd::from_raw(raw.clamp(0, i128::from(i64::MAX)) as i64)
}

/// Sum over coins of an account's worst-case notional.
pub(crate) fn worst_gross(ledger: &Ledger, orders: &Orders, coins: &[CoinState], account: AccountId) -> Usd {
    let entries =
        || orders.open().iter().filter(|o| o.intent.account == account && is_entry(o.intent.purpose));
    let has_entries = entries().next().is_some();
    let mut gross = 0i128;
    for (i, coin) in coins.iter().enumerate() {
        let mut legs = Legs::default();
        for book in ledger.of(account) {
            if let Some(p) = book.positions.get(i) {
                legs.hold(p.szi);
            }
        }
        if has_entries {
            for o in entries().filter(|o| o.intent.coin.index() == i) {
                legs.add(o.intent.side, o.open_sz());
            }
        }
        gross += legs.worst(coin.mark);
    }
    usd(gross)
}

fn is_entry(purpose: Purpose) -> bool {
    purpose == Purpose::Entry
}

/// What the venue's margin rules need: instruments and the leverage set for them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MarginTerms<'a> {
    pub universe: &'a Universe,
    pub leverage: u8,
}

impl MarginTerms<'_> {
    /// Initial margin of a notional, rounded up.
    fn required(&self, coin: CoinId, notional: i128) -> i128 {
        let max = self.universe.get(coin).map_or(1, |ins: &Instrument| ins.max_leverage(usd(notional)));
        let leverage = i128::from(self.leverage.min(max).max(1));
        (notional + leverage - 1) / leverage
    }
}

/// An account with an order that is not placed yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct After {
    pub portfolio: Portfolio,
    /// Initial margin of all coins, each at its own leverage.
    pub margin: Usd,
}

#[derive(Clone, Copy, Debug, Default)]
struct CoinExposure {
    legs: Legs,
    worst: i128,
    margin: i128,
}

/// An account's worst case by coin, and the sums over coins. Admission reserves in it, so that each candidate of a
/// batch sees those admitted before it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Exposure {
    coins: Vec<CoinExposure>,
    gross: i128,
    margin: i128,
    open: u32,
    /// Only where the stack needs it.
    pub(crate) risk: RiskBook,
}

impl Exposure {
    /// The account's risk from its legs; call it after [`Exposure::rebuild`].
    pub(crate) fn rebuild_risk(&mut self, state: &State, equity: Usd, terms: &RiskTerms<'_>) {
        let legs = self.coins.iter().zip(&state.coins).map(|(c, s)| c.legs.over(s.mark, equity));
        self.risk.rebuild(legs, terms);
    }

    /// Sums an account's books and open entry orders.
    pub(crate) fn rebuild(&mut self, state: &State, account: AccountId, terms: MarginTerms<'_>) {
        self.coins.clear();
        self.coins.resize(state.coins.len(), CoinExposure::default());
        for book in state.ledger.of(account) {
            for (c, pos) in self.coins.iter_mut().zip(&book.positions) {
                c.legs.hold(pos.szi);
            }
        }
        for o in state.orders.open() {
            if o.intent.account == account
                && is_entry(o.intent.purpose)
                && let Some(c) = self.coins.get_mut(o.intent.coin.index())
            {
                c.legs.add(o.intent.side, o.open_sz());
            }
        }
        (self.gross, self.margin, self.open) = (0, 0, 0);
        for (i, (c, coin)) in self.coins.iter_mut().zip(&state.coins).enumerate() {
            c.worst = c.legs.worst(coin.mark);
            c.margin = terms.required(CoinId(i as u16), c.worst);
            self.gross += c.worst;
            self.margin += c.margin;
            self.open += u32::from(c.worst != 0);
        }
    }

    /// Reserves an admitted entry.
    pub(crate) fn reserve(
        &mut self,
        (coin, side, sz): (CoinId, Side, Sz),
        mark: Option<Px>,
        terms: MarginTerms<'_>,
    ) -> Result<(), Fault> {
        let c = self.coins.get_mut(coin.index()).ok_or(Fault::Unknown("coin"))?;
        let was = *c;
        c.legs.add(side, sz);
        c.worst = c.legs.worst(mark);
        c.margin = terms.required(coin, c.worst);
        self.gross += c.worst - was.worst;
        self.margin += c.margin - was.margin;
        self.open += u32::from(was.worst == 0 && c.worst != 0);
        Ok(())
    }

    /// The account as it is.
    pub(crate) fn now(&self, (equity, peak): (Usd, Usd), coin: CoinId) -> Result<Portfolio, Fault> {
        let c = self.coins.get(coin.index()).ok_or(Fault::Unknown("coin"))?;
        Ok(Portfolio { equity, peak, gross: usd(self.gross), coin: usd(c.worst), open: self.open })
    }

    /// The account as an entry would leave it.
    pub(crate) fn after_entry(
        &self,
        at: (Usd, Usd),
        (coin, side, sz): (CoinId, Side, Sz),
        mark: Option<Px>,
        terms: MarginTerms<'_>,
    ) -> Result<After, Fault> {
        let mut legs = self.coins.get(coin.index()).ok_or(Fault::Unknown("coin"))?.legs;
        legs.add(side, sz);
        self.with(at, coin, legs, mark, terms)
    }

    /// The account as closing `sz` of a leg by an order on `side` would leave it: the other legs stay uncovered.
    pub(crate) fn after_exit(
        &self,
        at: (Usd, Usd),
        (coin, side, sz): (CoinId, Side, Sz),
        mark: Option<Px>,
        terms: MarginTerms<'_>,
    ) -> Result<After, Fault> {
        let mut legs = self.coins.get(coin.index()).ok_or(Fault::Unknown("coin"))?.legs;
        let slot = if side == Side::Sell { &mut legs.long } else { &mut legs.short };
        *slot = slot.saturating_sub(sz.raw()).max(0);
        self.with(at, coin, legs, mark, terms)
    }

    fn with(
        &self,
        (equity, peak): (Usd, Usd),
        coin: CoinId,
        legs: Legs,
        mark: Option<Px>,
        terms: MarginTerms<'_>,
    ) -> Result<After, Fault> {
        let was = self.coins.get(coin.index()).ok_or(Fault::Unknown("coin"))?;
        let worst = legs.worst(mark);
        Ok(After {
            portfolio: Portfolio {
                equity,
                peak,
                gross: usd(self.gross + worst - was.worst),
                coin: usd(worst),
                open: self.open + u32::from(was.worst == 0 && worst != 0),
            },
            margin: usd(self.margin + terms.required(coin, worst) - was.margin),
        })
    }
}
