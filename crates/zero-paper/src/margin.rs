//! Margin: what stands behind positions, when the venue takes them over, and what then is left.
//!
//! Maintenance is tiered per coin on the account's net position. Below maintenance the venue closes everything in the
//! group at the market; below two thirds of it the backstop takes positions and cash. No group ends below zero, be it
//! by liquidation or by a stop that filled beyond its money.

use crate::config::MarginMode;
use crate::state::PaperBook;
use crate::venue::{Execution, PaperVenue, ended, liquidation_id};
use alloc::vec::Vec;
use zero_core::{AccountId, BookId, CoinId, Overflow, Px, Sz, Ts, Usd};
use zero_market::order::MarketTerms;
use zero_market::venue::{Backstop, OrderEnd};
use zero_market::{FillCause, Instrument, Liquidity, OrderIntent, OrderKind, Purpose, Side, VenueEvent};

/// What shares collateral: an account, or one book of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    Account(AccountId),
    Book(BookId),
}

/// A group's money at some prices.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    pub equity: Usd,
    pub maintenance: Usd,
}

impl Standing {
    pub(crate) fn is_safe(&self) -> bool {
        // Flat, with no maintenance, this still says that nothing is owed.
        self.equity >= self.maintenance
    }
}

/// Every group, in the order of books.
pub(crate) fn groups(mode: MarginMode, books: &[PaperBook]) -> Vec<Group> {
    let mut out = Vec::new();
    for (i, book) in books.iter().enumerate() {
        let g = match mode {
            MarginMode::Cross => Group::Account(book.account),
            MarginMode::Isolated => Group::Book(BookId(i as u16)),
        };
        if !out.contains(&g) {
            out.push(g);
        }
    }
    out
}

/// The maintenance rate of a coin's dearest tier in 1/4096, half of its initial rate and rounded up: at most 2,049.
pub(crate) fn highest_maintenance(ins: &Instrument) -> u16 {
    let leverage = ins.tiers.iter().map(|t| t.max_leverage.max(1)).min().unwrap_or(1);
    2_048 / u16::from(leverage) + 1
}

impl PaperVenue {
    pub(crate) fn group_of(&self, account: AccountId, book: BookId) -> Group {
        match self.cfg.margin {
            MarginMode::Cross => Group::Account(account),
            MarginMode::Isolated => Group::Book(book),
        }
    }

    pub(crate) fn members(&self, group: Group) -> impl Iterator<Item = (BookId, &PaperBook)> {
        self.state.books.iter().enumerate().map(|(i, b)| (BookId(i as u16), b)).filter(move |(id, b)| {
            match group {
                Group::Account(a) => b.account == a,
                Group::Book(x) => *id == x,
            }
        })
    }

    /// Net signed position of a group.
    pub(crate) fn group_net(&self, group: Group, coin: CoinId) -> Sz {
        let raw =
            self.members(group).filter_map(|(_, b)| b.positions.get(coin.index())).map(|s| s.raw()).sum();
        Sz::from_raw(raw)
    }

    /// A cheap answer for the common case: enough money even if the whole notional were in the tier with the highest
    /// maintenance. No division of wide integers is spent on accounts that are far from the edge. False means "not
    /// certain", and then [`Self::standing`] decides.
    pub(crate) fn is_surely_safe(&self, group: Group, px: impl Fn(CoinId) -> Option<Px>) -> bool {
        self.surely_safe(group, px) == Some(true)
    }

    /// `None` where the products would not fit.
    fn surely_safe(&self, group: Group, px: impl Fn(CoinId) -> Option<Px>) -> Option<bool> {
        let unit = i128::from(Sz::ONE_RAW);
        let mut spare = 0i128;
        for (_, book) in self.members(group) {
            spare += i128::from(book.cash.raw()) * unit;
        }
        for (i, weight) in self.weights.iter().enumerate() {
            let coin = CoinId(i as u16);
            let net = self.group_net(group, coin);
            if net.raw() == 0 {
                continue;
            }
            let value = i128::from(px(coin)?.raw()) * i128::from(net.raw());
            // A value this far below the width of the type times 2,049 fits it: the product needs no check of its own.
            if value.unsigned_abs() >> 112 != 0 {
                return None;
            }
            // And a cent, far above every rounding.
            let maintenance = (value.abs().wrapping_mul(i128::from(*weight)) >> 12) + unit * 1_000_000;
            spare = spare.checked_add(value)?.checked_sub(maintenance)?;
        }
        Some(spare >= 0)
    }

    /// Equity and maintenance with every coin at a given price; coins without a price count for nothing (none can be
    /// held).
    pub(crate) fn standing(
        &self,
        group: Group,
        px: impl Fn(CoinId) -> Option<Px>,
    ) -> Result<Standing, Overflow> {
        let mut equity = Usd::ZERO;
        for (_, book) in self.members(group) {
            equity = equity.plus(book.cash)?;
        }
        let mut maintenance = Usd::ZERO;
        for (coin, ins) in self.universe.iter() {
            let net = self.group_net(group, coin);
            if net.raw() != 0
                && let Some(px) = px(coin)
            {
                let value = px.notional(net)?;
                equity = equity.plus(value)?;
                maintenance = maintenance.plus(ins.maintenance_margin(value)?)?;
            }
        }
        Ok(Standing { equity, maintenance })
    }

    /// Would the group's initial margin still be covered after a fill?
    pub(crate) fn covers(
        &self,
        group: Group,
        coin: CoinId,
        side: Side,
        sz: Sz,
        px: Px,
    ) -> Result<bool, Overflow> {
        let before = self.group_net(group, coin);
        let after = before.plus(side.signed(sz))?;
        if after.abs() <= before.abs() {
            return Ok(true);
        }
        let standing = self.standing(group, |c| self.state.px(c))?;
        let mut required = Usd::ZERO;
        for (c, ins) in self.universe.iter() {
            let net = if c == coin { after } else { self.group_net(group, c) };
            if net.raw() == 0 {
                continue;
            }
            let Some(mark) = (if c == coin { Some(px) } else { self.state.px(c) }) else { continue };
            let notional = mark.notional(net)?.abs();
            let leverage = self.cfg.leverage.min(ins.max_leverage(notional)).max(1);
            required = required.plus(Usd::from_raw(notional.raw() / i64::from(leverage)))?;
        }
        Ok(standing.equity >= required)
    }

    /// Closes everything in the group at the given prices.
    pub(crate) fn liquidate(
        &mut self,
        group: Group,
        at: &Standing,
        px: impl Fn(CoinId) -> Option<Px>,
        time: Ts,
        out: &mut Vec<VenueEvent>,
    ) -> Result<(), Overflow> {
        let members: Vec<(BookId, AccountId)> = self.members(group).map(|(id, b)| (id, b.account)).collect();
        self.state.working.retain(|w| {
            let gone = members.iter().any(|(b, _)| *b == w.intent.book);
            if gone {
                out.push(ended(&w.intent, OrderEnd::LiquidatedCancelled, w.remaining));
            }
            !gone
        });
        // Under two thirds of maintenance the backstop takes over at the mark, and what is left of the cash with it.
        let backstop = i128::from(at.equity.raw()) * 3 < i128::from(at.maintenance.raw()) * 2;
        for &(book, account) in &members {
            for c in 0..self.state.coins.len() {
                let coin = CoinId(c as u16);
                let held = self.state.position(book, coin);
                let (Some(side), Some(mark)) = (Side::reducing(held), px(coin)) else { continue };
                let sz = held.abs();
                let fill_px = match (backstop, self.universe.get(coin), self.state.coins.get(c)) {
                    (false, Some(ins), Some(state)) => ins.round_px_adverse(
                        self.taker_px(ins, (coin, state), mark, (side, sz), (0.0, time))?,
                        side,
                    ),
                    _ => mark,
                };
                let intent = OrderIntent {
                    id: liquidation_id(book, coin, time),
                    account,
                    book,
                    coin,
                    side,
                    sz,
                    kind: OrderKind::Market(MarketTerms { worst_px: None }),
                    reduce_only: true,
                    purpose: Purpose::Emergency,
                    decided_at: time,
                    reference_px: mark,
                };
                let x = Execution {
                    px: fill_px,
                    sz,
                    liquidity: Liquidity::Taker,
                    cause: FillCause::Liquidation,
                    time,
                };
                self.execute(&intent, Sz::ZERO, x, out)?;
            }
        }
        let mut left = Usd::ZERO;
        for (_, book) in self.members(group) {
            left = left.plus(book.cash)?;
        }
        if backstop || left.raw() < 0 {
            for &(book, account) in &members {
                let Some(b) = self.state.books.get_mut(book.index()) else { continue };
                let amount = b.cash.negated();
                b.cash = Usd::ZERO;
                if amount.raw() != 0 {
                    out.push(VenueEvent::Backstop(Backstop { account, book, amount }));
                }
            }
        }
        Ok(())
    }
}
