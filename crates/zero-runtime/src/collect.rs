//! What a report needs of a run, folded from its facts: equity samples, fills, funding, trades, gates.

use crate::engine::EngineError;
use std::collections::BTreeMap;
use zero_core::{BookId, CoinId, Digest32, OrderId, Px, Sz, Ts, Usd, canon_struct};
use zero_kernel::record::CandidateTrace;
use zero_kernel::{Fact, Fault, Kernel};
use zero_market::event::TimerKind;
use zero_market::venue::Backstop;
use zero_market::{
    Event, EventBody, Fill, FillCause, FundingPayment, OrderIntent, OrderKind, Side, VenueEvent,
};

canon_struct! {
    /// The account at a slice.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Sample {
        /// When.
        pub time: Ts,
        /// Equity of all accounts.
        pub equity: Usd,
        /// Sum of absolute position notionals.
        pub gross: Usd,
        /// Sum of signed position notionals.
        pub net: Usd,
    }
}

canon_struct! {
    /// A round trip: a book's position in a coin from flat to flat.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Trade {
        /// Book.
        pub book: BookId,
        /// Coin.
        pub coin: CoinId,
        /// Side of the position.
        pub side: Side,
        /// Opened.
        pub opened: Ts,
        /// Closed.
        pub closed: Ts,
        /// Largest size.
        pub sz: Sz,
        /// Price moves.
        pub price: Usd,
        /// Fees paid, negative.
        pub fees: Usd,
        /// Funding received, negative when paid.
        pub funding: Usd,
        /// What closed it.
        pub cause: FillCause,
    }
}

impl Trade {
    /// Net result.
    #[must_use]
    pub const fn net(&self) -> Usd {
        Usd::from_raw(self.price.raw() + self.fees.raw() + self.funding.raw())
    }
}

canon_struct! {
    /// Sums of one book in one coin. `price + fees + funding` is its whole result.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Leg {
        /// Cash from trading, before fees: sold less bought. With the held position at its mark, the price result.
        pub cash: Usd,
        /// Fees paid.
        pub fees: Usd,
        /// Funding received.
        pub funding: Usd,
        /// Notional traded.
        pub turnover: Usd,
        /// Fills.
        pub fills: u64,
        /// Signed position.
        pub szi: Sz,
        /// Mark at the end.
        pub mark: Px,
        /// Open round trip: start, largest size, cash, fees, funding so far.
        pub open: Option<OpenTrade>,
    }
}

canon_struct! {
    /// A round trip that is not over.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct OpenTrade {
        /// Opened.
        pub opened: Ts,
        /// Side.
        pub side: Side,
        /// Largest size.
        pub sz: Sz,
        /// Cash before fees.
        pub cash: Usd,
        /// Fees paid.
        pub fees: Usd,
        /// Funding received.
        pub funding: Usd,
    }
}

impl Leg {
    const NEW: Self = Self {
        cash: Usd::ZERO,
        fees: Usd::ZERO,
        funding: Usd::ZERO,
        turnover: Usd::ZERO,
        fills: 0,
        szi: Sz::ZERO,
        mark: Px::ZERO,
        open: None,
    };

    /// Result of price moves: cash from trading plus what is held at its mark.
    ///
    /// # Errors
    /// [`zero_core::Overflow`].
    pub fn price(&self) -> Result<Usd, zero_core::Overflow> {
        self.cash.plus(self.mark.notional(self.szi)?)
    }
}

canon_struct! {
    /// Candidates that one gate did not pass.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct GateCount {
        /// Known to fail.
        pub failed: u64,
        /// Not known to pass.
        pub unknown: u64,
        /// Of both: those that no other gate stopped.
        pub alone: u64,
    }
}

canon_struct! {
    /// Everything collected. Canonical, so that an interrupted backtest resumes with it.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Collected {
        /// One per slice.
        pub samples: Vec<Sample>,
        /// Every fill.
        pub fills: Vec<Fill>,
        /// Every funding payment.
        pub funding: Vec<FundingPayment>,
        /// Every takeover by the backstop.
        pub backstops: Vec<Backstop>,
        /// Every completed round trip.
        pub trades: Vec<Trade>,
        /// By book and coin: `book * coins + coin`.
        pub legs: Vec<Leg>,
        /// What each gate did not let pass, in the order of the gate table.
        pub gates: Vec<GateCount>,
        /// Fills against the price at the decision, signed so that paying more is positive: delay, spread and impact.
        pub shortfall: Usd,
        /// Candidates judged.
        pub candidates: u64,
        /// Candidates admitted.
        pub admitted: u64,
        /// Candidates not admitted, by coin.
        pub rejected_by_coin: Vec<u64>,
        /// Stops that filled worse than their trigger by more than the configured spread and impact: gaps.
        pub gap_stops: u64,
        /// Times that each breaker opened, in the order of the breaker table.
        pub breakers: Vec<u64>,
        /// Lowest equity seen at a slice.
        pub lowest: Usd,
        /// The decision digest at the end.
        pub digest: Digest32,
        /// First and last event time.
        pub first: Option<Ts>,
        /// Latest event time.
        pub last: Ts,
    }
}

/// Folds facts into [`Collected`].
#[derive(Clone, Debug)]
pub struct Collector {
    data: Collected,
    coins: usize,
    /// Of open orders: trigger price of a stop, price at the decision of the others.
    stops: BTreeMap<OrderId, Px>,
    references: BTreeMap<OrderId, Px>,
}

impl Collector {
    /// For a kernel before its first event.
    #[must_use]
    pub fn new(kernel: &Kernel) -> Self {
        let coins = kernel.universe().len();
        let books = kernel.config().books.len();
        let initial = kernel.config().books.iter().map(|b| b.initial.raw()).sum();
        Self {
            data: Collected {
                samples: Vec::new(),
                fills: Vec::new(),
                funding: Vec::new(),
                backstops: Vec::new(),
                trades: Vec::new(),
                legs: vec![Leg::NEW; coins * books],
                gates: vec![GateCount { failed: 0, unknown: 0, alone: 0 }; kernel.stack().gates().len()],
                shortfall: Usd::ZERO,
                candidates: 0,
                admitted: 0,
                rejected_by_coin: vec![0; coins],
                gap_stops: 0,
                breakers: vec![0; zero_kernel::breakers::BREAKERS.len()],
                lowest: Usd::from_raw(initial),
                digest: Digest32::ZERO,
                first: None,
                last: Ts::ZERO,
            },
            coins,
            stops: BTreeMap::new(),
            references: BTreeMap::new(),
        }
    }

    /// Continues with what an interrupted run had collected.
    #[must_use]
    pub fn resume(kernel: &Kernel, data: Collected) -> Self {
        let mut c = Self { data, ..Self::new(kernel) };
        for o in kernel.state().orders.open() {
            c.note(&o.intent);
        }
        c
    }

    /// What was collected so far.
    #[must_use]
    pub const fn data(&self) -> &Collected {
        &self.data
    }

    /// Takes it.
    #[must_use]
    pub fn into_data(self) -> Collected {
        self.data
    }

    pub(crate) const fn is_slice(&self, event: &Event) -> bool {
        matches!(event.body, EventBody::Timer(TimerKind::BarSlice))
    }

    pub(crate) fn count_gates(&mut self, trace: &CandidateTrace) {
        self.data.candidates += 1;
        self.data.admitted += u64::from(trace.admitted);
        if !trace.admitted
            && let Some(n) = self.data.rejected_by_coin.get_mut(trace.coin.index())
        {
            *n += 1;
        }
        let alone = trace.failing().count() == 1;
        for g in trace.failing() {
            if let Some(n) = self.data.gates.get_mut(usize::from(g.gate)) {
                n.failed += u64::from(g.truth == zero_core::Truth::False);
                n.unknown += u64::from(g.truth == zero_core::Truth::Unknown);
                n.alone += u64::from(alone);
            }
        }
    }

    /// Folds one tick's facts.
    ///
    /// # Errors
    /// [`EngineError`] when sums overflow.
    pub fn after_tick(&mut self, kernel: &Kernel, event: &Event, facts: &[Fact]) -> Result<(), EngineError> {
        if self.data.first.is_none() {
            self.data.first = Some(event.time);
        }
        self.data.last = event.time;
        for fact in facts {
            match fact {
                Fact::Event(Event { body: EventBody::Venue(v), .. }) => match v {
                    VenueEvent::Fill(f) => self.fill(f).map_err(Fault::from)?,
                    VenueEvent::Funding(p) => self.funding(p).map_err(Fault::from)?,
                    VenueEvent::Backstop(b) => self.data.backstops.push(*b),
                    VenueEvent::Ended(e) => {
                        self.stops.remove(&e.order);
                        self.references.remove(&e.order);
                    }
                    VenueEvent::Accepted(_) => {}
                },
                Fact::Order(o) => self.note(&o.intent),
                Fact::Breaker(b) if b.open => {
                    let slot =
                        zero_kernel::breakers::find(&b.name).and_then(|i| self.data.breakers.get_mut(i));
                    if let Some(n) = slot {
                        *n += 1;
                    }
                }
                _ => {}
            }
        }
        if self.is_slice(event) {
            let sample = sample(kernel, event.time).map_err(Fault::from)?;
            self.data.lowest = self.data.lowest.min(sample.equity);
            self.data.samples.push(sample);
        }
        Ok(())
    }

    /// Marks what is held at the last prices.
    ///
    /// # Errors
    /// [`EngineError`] when sums overflow.
    pub fn finish(&mut self, kernel: &Kernel) -> Result<(), EngineError> {
        for (i, leg) in self.data.legs.iter_mut().enumerate() {
            leg.mark = kernel.state().mark(CoinId((i % self.coins) as u16)).unwrap_or(Px::ZERO);
        }
        self.data.digest = kernel.state().digest;
        Ok(())
    }

    fn note(&mut self, o: &OrderIntent) {
        match o.kind {
            OrderKind::Trigger(t) if t.is_stop => {
                self.stops.insert(o.id, t.px);
            }
            OrderKind::Trigger(_) => {}
            _ => {
                self.references.insert(o.id, o.reference_px);
            }
        }
    }

    fn fill(&mut self, f: &Fill) -> Result<(), zero_core::Overflow> {
        if let Some(trigger) = self.stops.remove(&f.order) {
            // More than one percent beyond the trigger is a gap, not spread and impact.
            let beyond = (f.px.raw() - trigger.raw()) * -f.side.sign();
            self.data.gap_stops += u64::from(beyond > trigger.raw() / 100);
        }
        if let Some(reference) = self.references.get(&f.order) {
            let worse = reference.notional(f.sz)?.minus(f.notional)?.times(-f.side.sign())?;
            self.data.shortfall = self.data.shortfall.plus(worse)?;
            if f.remaining.raw() == 0 {
                self.references.remove(&f.order);
            }
        }
        self.data.fills.push(*f);
        let at = f.book.index() * self.coins + f.coin.index();
        let Some(leg) = self.data.legs.get_mut(at) else { return Err(zero_core::Overflow) };
        let cash = if f.side == Side::Buy { f.notional.negated() } else { f.notional };
        leg.cash = leg.cash.plus(cash)?;
        leg.fees = leg.fees.plus(f.fee)?;
        leg.turnover = leg.turnover.plus(f.notional)?;
        leg.fills += 1;
        let before = leg.szi;
        leg.szi = before.plus(f.side.signed(f.sz))?;
        let open = leg.open.get_or_insert(OpenTrade {
            opened: f.time,
            side: f.side,
            sz: Sz::ZERO,
            cash: Usd::ZERO,
            fees: Usd::ZERO,
            funding: Usd::ZERO,
        });
        open.cash = open.cash.plus(cash)?;
        open.fees = open.fees.plus(f.fee)?;
        open.sz = open.sz.max(leg.szi.abs());
        if leg.szi.raw() == 0 {
            let done = Trade {
                book: f.book,
                coin: f.coin,
                side: open.side,
                opened: open.opened,
                closed: f.time,
                sz: open.sz,
                price: open.cash,
                fees: open.fees.negated(),
                funding: open.funding,
                cause: f.cause,
            };
            leg.open = None;
            self.data.trades.push(done);
        }
        Ok(())
    }

    fn funding(&mut self, p: &FundingPayment) -> Result<(), zero_core::Overflow> {
        self.data.funding.push(*p);
        let at = p.book.index() * self.coins + p.coin.index();
        let Some(leg) = self.data.legs.get_mut(at) else { return Err(zero_core::Overflow) };
        leg.funding = leg.funding.plus(p.amount)?;
        if let Some(open) = &mut leg.open {
            open.funding = open.funding.plus(p.amount)?;
        }
        Ok(())
    }
}

fn sample(kernel: &Kernel, time: Ts) -> Result<Sample, zero_core::Overflow> {
    let state = kernel.state();
    let (mut equity, mut gross, mut net) = (Usd::ZERO, Usd::ZERO, Usd::ZERO);
    for book in &state.ledger.books {
        equity = equity.plus(book.cash)?;
        for (i, pos) in book.positions.iter().enumerate() {
            if pos.szi.raw() != 0
                && let Some(px) = state.mark(CoinId(i as u16))
            {
                let value = px.notional(pos.szi)?;
                equity = equity.plus(value)?;
                net = net.plus(value)?;
                gross = gross.plus(value.abs())?;
            }
        }
    }
    Ok(Sample { time, equity, gross, net })
}
