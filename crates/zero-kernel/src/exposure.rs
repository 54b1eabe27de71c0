//! An account's exposure in its worst case: any subset of exits and stops may fill first, every entry may fill.

use crate::state::{Fault, State};
use alloc::vec::Vec;
use zero_core::{AccountId, CoinId, Px, Sz, Usd};
use zero_market::{Purpose, Side};
use zero_strategy::Portfolio;

#[derive(Clone, Copy, Debug, Default)]
struct Legs {
    long: i64,
    short: i64,
    worst: i64,
}

/// Per account: legs of every coin and the sums over them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Exposure {
    legs: Vec<Legs>,
    gross: i64,
    open: u32,
}

fn worst_notional(long: i64, short: i64, mark: Option<Px>) -> Result<i64, Fault> {
    let sz = long.max(short);
    match mark {
        _ if sz == 0 => Ok(0),
        Some(px) => Ok(px.notional(Sz::from_raw(sz))?.raw()),
        // A held coin without a mark has unknown exposure: as large as can be, so that nothing is added to it.
        None => Ok(i64::MAX / 4),
    }
}

impl Exposure {
    /// Sums an account's books and open entry orders.
    pub(crate) fn rebuild(&mut self, state: &State, account: AccountId) -> Result<(), Fault> {
        self.legs.clear();
        self.legs.resize(state.coins.len(), Legs::default());
        for book in state.ledger.of(account) {
            for (leg, pos) in self.legs.iter_mut().zip(&book.positions) {
                let szi = pos.szi.raw();
                if szi > 0 {
                    leg.long = leg.long.checked_add(szi).ok_or(Fault::Overflow)?;
                } else {
                    leg.short = leg.short.checked_sub(szi).ok_or(Fault::Overflow)?;
                }
            }
        }
        for order in state.orders.open() {
            if order.intent.account == account && order.intent.purpose == Purpose::Entry {
                self.add(order.intent.coin, order.intent.side, order.open_sz())?;
            }
        }
        self.gross = 0;
        self.open = 0;
        for (leg, coin) in self.legs.iter_mut().zip(&state.coins) {
            leg.worst = worst_notional(leg.long, leg.short, coin.mark)?;
            self.gross = self.gross.checked_add(leg.worst).ok_or(Fault::Overflow)?;
            self.open += u32::from(leg.worst != 0);
        }
        Ok(())
    }

    fn add(&mut self, coin: CoinId, side: Side, sz: Sz) -> Result<(), Fault> {
        let leg = self.legs.get_mut(coin.index()).ok_or(Fault::Unknown("coin"))?;
        let slot = if side == Side::Buy { &mut leg.long } else { &mut leg.short };
        *slot = slot.checked_add(sz.raw()).ok_or(Fault::Overflow)?;
        Ok(())
    }

    /// Reserves an admitted order, so that the next candidate of the batch sees it.
    pub(crate) fn reserve(
        &mut self,
        coin: CoinId,
        side: Side,
        sz: Sz,
        mark: Option<Px>,
    ) -> Result<(), Fault> {
        self.add(coin, side, sz)?;
        let leg = self.legs.get_mut(coin.index()).ok_or(Fault::Unknown("coin"))?;
        let worst = worst_notional(leg.long, leg.short, mark)?;
        self.open += u32::from(leg.worst == 0 && worst != 0);
        self.gross = self.gross.checked_add(worst - leg.worst).ok_or(Fault::Overflow)?;
        leg.worst = worst;
        Ok(())
    }

    /// Worst-case gross notional.
    pub(crate) const fn gross(&self) -> Usd {
        Usd::from_raw(self.gross)
    }

    /// The portfolio after one book's leg is closed by an order on `side`: the leg that it took from goes, the other
    /// legs stay uncovered.
    pub(crate) fn after_exit(
        &self,
        (equity, peak): (Usd, Usd),
        coin: CoinId,
        mark: Option<Px>,
        side: Side,
        sz: Sz,
    ) -> Result<Portfolio, Fault> {
        let leg = self.legs.get(coin.index()).copied().ok_or(Fault::Unknown("coin"))?;
        let (mut long, mut short) = (leg.long, leg.short);
        let slot = if side == Side::Sell { &mut long } else { &mut short };
        *slot = slot.checked_sub(sz.raw()).ok_or(Fault::Overflow)?;
        let worst = worst_notional(long.max(0), short.max(0), mark)?;
        Ok(Portfolio {
            equity,
            peak,
            gross: Usd::from_raw(self.gross.checked_add(worst - leg.worst).ok_or(Fault::Overflow)?),
            coin: Usd::from_raw(worst),
            open: self.open,
        })
    }

    /// The portfolio as it is, or as it would be after an order.
    pub(crate) fn portfolio(
        &self,
        (equity, peak): (Usd, Usd),
        coin: CoinId,
        mark: Option<Px>,
        order: Option<(Side, Sz)>,
    ) -> Result<Portfolio, Fault> {
        let leg = self.legs.get(coin.index()).copied().ok_or(Fault::Unknown("coin"))?;
        let Some((side, sz)) = order else {
            return Ok(Portfolio {
                equity,
                peak,
                gross: self.gross(),
                coin: Usd::from_raw(leg.worst),
                open: self.open,
            });
        };
        let (mut long, mut short) = (leg.long, leg.short);
        let slot = if side == Side::Buy { &mut long } else { &mut short };
        *slot = slot.checked_add(sz.raw()).ok_or(Fault::Overflow)?;
        let worst = worst_notional(long, short, mark)?;
        Ok(Portfolio {
            equity,
            peak,
            gross: Usd::from_raw(self.gross.checked_add(worst - leg.worst).ok_or(Fault::Overflow)?),
            coin: Usd::from_raw(worst),
            open: self.open + u32::from(leg.worst == 0 && worst != 0),
        })
    }
}
