//! The venue's front: market events in, commands in, venue events out.

use crate::config::PaperConfig;
use crate::margin::{self, Group};
use crate::state::{PaperState, Working};
use alloc::vec::Vec;
use zero_core::{
    AccountId, BookId, CoinId, Digest32, Hasher, OrderId, Overflow, Px, Rate, Sz, Ts, TsDiff, Usd,
};
use zero_market::event::{FundingPrint, Reconciled, ReportedPosition};
use zero_market::instrument::MIN_NOTIONAL;
use zero_market::order::CancelIntent;
use zero_market::venue::{OrderAccepted, OrderEnd, OrderEnded};
use zero_market::{
    CostTable, Event, EventBody, Fill, FillCause, FundingPayment, Liquidity, OrderIntent, OrderKind, Side,
    Tif, Universe, VenueEvent, funding,
};

/// The venue's cap of an hourly rate: more is another unit, not a rate.
const FUNDING_CAP: Rate = Rate::bps(400);

/// The venue.
#[derive(Clone, Debug)]
pub struct PaperVenue {
    pub(crate) cfg: PaperConfig,
    pub(crate) universe: Universe,
    pub(crate) state: PaperState,
    /// Measured costs; in force in place of spread, impact and the allowance for late arrival.
    pub(crate) costs: CostTable,
    /// What shares collateral; follows from the configuration and the books.
    pub(crate) groups: Vec<Group>,
    /// The highest maintenance of each coin's tiers, in 1/4096 of the notional; follows from the universe.
    pub(crate) weights: Vec<u16>,
}

/// A fill about to happen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Execution {
    pub px: Px,
    pub sz: Sz,
    pub liquidity: Liquidity,
    pub cause: FillCause,
    pub time: Ts,
}

impl PaperVenue {
    /// Before the first event, with the books' cash.
    #[must_use]
    pub fn new(cfg: PaperConfig, universe: Universe, books: &[(AccountId, Usd)]) -> Self {
        let state = PaperState::new(books, universe.len());
        let groups = margin::groups(cfg.margin, &state.books);
        let weights = universe.iter().map(|(_, ins)| margin::highest_maintenance(ins)).collect();
        Self { cfg, universe, state, costs: CostTable::NONE, groups, weights }
    }

    /// Charges measured costs instead of those of the configuration.
    #[must_use]
    pub fn with_costs(mut self, costs: CostTable) -> Self {
        self.costs = costs;
        self
    }

    /// Takes a market event. Call it before the kernel sees the event: what the venue says about the time up to the
    /// event comes first.
    ///
    /// # Errors
    /// [`Overflow`] of money arithmetic: the run must stop.
    pub fn on_market(&mut self, event: &Event, out: &mut Vec<VenueEvent>) -> Result<(), Overflow> {
        let more_of_this_instant =
            matches!(event.body, EventBody::BarClosed(_)) && event.time == self.state.now;
        if !self.state.pending.is_empty() && !more_of_this_instant {
            self.resolve_bars(out)?;
        }
        self.state.now = event.time;
        match &event.body {
            EventBody::BarOpened(b) if b.open.raw() > 0 => {
                let Some(coin) = self.state.coins.get_mut(b.coin.index()) else { return Ok(()) };
                coin.px = Some(b.open);
                coin.interval = b.interval;
                if self.state.held > 0 || !self.state.working.is_empty() {
                    self.at_open(b.coin, b.open, event.time, out)?;
                }
            }
            // What cannot have happened did not happen here either.
            EventBody::BarClosed(b) if b.is_consistent() => self.state.pending.push(*b),
            EventBody::Funding(f) => self.charge_funding(f, event.time.round(TsDiff::HOUR), out)?,
            EventBody::Transfer(t) => {
                if let Some(book) = self.state.books.get_mut(t.book.index()) {
                    book.cash = book.cash.plus(t.amount)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Takes an order.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn submit(&mut self, intent: &OrderIntent, out: &mut Vec<VenueEvent>) -> Result<(), Overflow> {
        if let Some(why) = self.refusal(intent)? {
            out.push(ended(intent, why, intent.sz));
            return Ok(());
        }
        out.push(VenueEvent::Accepted(OrderAccepted {
            order: intent.id,
            account: intent.account,
            coin: intent.coin,
        }));
        self.state.working.push(Working {
            intent: intent.clone(),
            arrives: intent.decided_at.plus(self.cfg.latency),
            remaining: intent.sz,
        });
        Ok(())
    }

    /// Takes a cancellation; one that comes too late says nothing, the fill has said it.
    pub fn cancel(&mut self, cancel: &CancelIntent, out: &mut Vec<VenueEvent>) {
        if let Some(i) = self.state.working.iter().position(|w| w.intent.id == cancel.id) {
            let w = self.state.working.remove(i);
            out.push(ended(&w.intent, OrderEnd::Cancelled, w.remaining));
        }
    }

    /// The venue's own account of an account, to be held against the ledger; `None` when a held coin has no price.
    #[must_use]
    pub fn report(&self, account: AccountId) -> Option<Reconciled> {
        let mut equity = Usd::ZERO;
        for book in self.state.books.iter().filter(|b| b.account == account) {
            equity = equity.plus(book.cash).ok()?;
            for (sz, coin) in book.positions.iter().zip(&self.state.coins) {
                if sz.raw() != 0 {
                    equity = equity.plus(coin.px?.notional(*sz).ok()?).ok()?;
                }
            }
        }
        let positions = (0..self.state.coins.len())
            .map(|i| CoinId(i as u16))
            .map(|coin| ReportedPosition { coin, szi: self.state.net(account, coin) })
            .filter(|p| p.szi.raw() != 0)
            .collect();
        Some(Reconciled { account, equity, positions })
    }

    /// For a snapshot.
    #[must_use]
    pub const fn state(&self) -> &PaperState {
        &self.state
    }

    /// Back from a snapshot.
    pub fn restore(&mut self, state: PaperState) {
        self.state = state;
    }

    /// The venue's rules, in the order in which it checks them.
    fn refusal(&self, o: &OrderIntent) -> Result<Option<OrderEnd>, Overflow> {
        let Some(ins) = self.universe.get(o.coin) else {
            return Ok(Some(OrderEnd::UnknownInstrument));
        };
        let on_grid = match o.kind {
            OrderKind::Market(m) => m.worst_px.is_none_or(|px| ins.is_valid_px(px)),
            OrderKind::Limit(l) => ins.is_valid_px(l.px),
            OrderKind::Trigger(t) => ins.is_valid_px(t.px),
        };
        if !on_grid {
            return Ok(Some(OrderEnd::TickRejected));
        }
        if !ins.is_valid_sz(o.sz) {
            return Ok(Some(OrderEnd::SizeRejected));
        }
        if self.state.working.iter().any(|w| w.intent.id == o.id) {
            return Ok(Some(OrderEnd::DuplicateRejected));
        }
        let resting = self.state.working.iter().filter(|w| w.intent.account == o.account).count();
        if resting >= self.cfg.open_orders_max as usize && !o.reduce_only {
            return Ok(Some(OrderEnd::TooManyOpenOrders));
        }
        if o.reduce_only {
            let held = self.state.position(o.book, o.coin);
            if Side::reducing(held) != Some(o.side) {
                return Ok(Some(OrderEnd::ReduceOnlyRejected));
            }
        } else {
            let px = self.state.px(o.coin).unwrap_or(o.reference_px);
            if px.notional(o.sz)? < MIN_NOTIONAL {
                return Ok(Some(OrderEnd::MinNotionalRejected));
            }
            if let OrderKind::Limit(l) = o.kind
                && l.tif == Tif::Alo
                && crosses(o.side, l.px, px)
            {
                return Ok(Some(OrderEnd::PostOnlyRejected));
            }
        }
        Ok(None)
    }

    fn charge_funding(
        &mut self,
        print: &FundingPrint,
        time: Ts,
        out: &mut Vec<VenueEvent>,
    ) -> Result<(), Overflow> {
        let coin = print.coin;
        if self.state.held == 0 || print.rate.abs() > FUNDING_CAP {
            return Ok(());
        }
        let Some(slot) = self.state.coins.get_mut(coin.index()) else { return Ok(()) };
        if slot.funded.is_some_and(|last| time <= last) {
            return Ok(());
        }
        let oracle_px = slot.close.or(slot.px).and_then(|close| funding::oracle_proxy(close, print.premium));
        let Some(oracle_px) = oracle_px else { return Ok(()) };
        slot.funded = Some(time);
        for (i, book) in self.state.books.iter_mut().enumerate() {
            let szi = book.positions.get(coin.index()).copied().unwrap_or(Sz::ZERO);
            if szi.raw() == 0 {
                continue;
            }
            let amount = funding::payment(szi, oracle_px, print.rate)?;
            book.cash = book.cash.plus(amount)?;
            out.push(VenueEvent::Funding(FundingPayment {
                account: book.account,
                book: BookId(i as u16),
                coin,
                szi,
                oracle_px,
                rate: print.rate,
                amount,
                time,
            }));
        }
        Ok(())
    }

    /// Books an execution of a working order and says so. The caller removes or keeps the order.
    pub(crate) fn execute(
        &mut self,
        intent: &OrderIntent,
        remaining: Sz,
        x: Execution,
        out: &mut Vec<VenueEvent>,
    ) -> Result<(), Overflow> {
        let notional = x.px.notional(x.sz)?;
        let fee = self.fee(notional, x.liquidity)?;
        self.state.last_tid += 1;
        let Some(book) = self.state.books.get_mut(intent.book.index()) else { return Err(Overflow) };
        let Some(slot) = book.positions.get_mut(intent.coin.index()) else { return Err(Overflow) };
        let before = *slot;
        *slot = before.plus(intent.side.signed(x.sz))?;
        let after = *slot;
        let signed = if intent.side == Side::Buy { notional } else { notional.negated() };
        book.cash = book.cash.minus(signed)?.minus(fee)?;
        self.state.held += u32::from(before.raw() == 0 && after.raw() != 0);
        self.state.held -= u32::from(before.raw() != 0 && after.raw() == 0);
        out.push(VenueEvent::Fill(Fill {
            tid: self.state.last_tid,
            order: intent.id,
            account: intent.account,
            book: intent.book,
            coin: intent.coin,
            side: intent.side,
            px: x.px,
            sz: x.sz,
            notional,
            fee,
            liquidity: x.liquidity,
            cause: x.cause,
            time: x.time,
            remaining,
        }));
        if after.raw() == 0 {
            self.drop_reduce_only(intent.book, intent.coin, intent.id, out);
        }
        Ok(())
    }

    /// A flat position has nothing to reduce: the venue cancels what rested to reduce it.
    fn drop_reduce_only(&mut self, book: BookId, coin: CoinId, except: OrderId, out: &mut Vec<VenueEvent>) {
        self.state.working.retain(|w| {
            let i = &w.intent;
            let idle = i.book == book && i.coin == coin && i.reduce_only && i.id != except;
            if idle {
                out.push(ended(i, OrderEnd::ReduceOnlyCancelled, w.remaining));
            }
            !idle
        });
    }
}

/// Would a limit at `limit` take against a market at `px`?
pub(crate) fn crosses(side: Side, limit: Px, px: Px) -> bool {
    match side {
        Side::Buy => limit >= px,
        Side::Sell => limit <= px,
    }
}

pub(crate) fn ended(o: &OrderIntent, why: OrderEnd, unfilled: Sz) -> VenueEvent {
    VenueEvent::Ended(OrderEnded { order: o.id, account: o.account, coin: o.coin, why, unfilled })
}

/// The id of a liquidation's order: from the book, the coin and the instant.
pub(crate) fn liquidation_id(book: BookId, coin: CoinId, time: Ts) -> OrderId {
    let mut h = Hasher::new();
    h.update(b"liquidation");
    h.update(&book.0.to_le_bytes());
    h.update(&coin.0.to_le_bytes());
    h.update(&time.as_ns().to_le_bytes());
    let d: Digest32 = h.finish();
    OrderId::from_digest(d)
}
