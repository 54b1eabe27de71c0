//! A kernel with scripted strategies and a venue that answers as a test says.
#![allow(
    dead_code,
    unreachable_pub,
    missing_debug_implementations,
    reason = "every test binary uses a part of it"
)]

use std::fmt;
use std::sync::Arc;
use zero_core::prng::Prng;
use zero_core::{AccountId, BookId, CoinId, Px, Rate, Sz, Ts, TsDiff, Usd};
use zero_kernel::record::CandidateTrace;
use zero_kernel::{BookSpec, Fact, Fault, Kernel, KernelConfig, OpenOrder, Stack, TraceSink};
use zero_market::event::{Bar, FundingPrint, OperatorAction, OperatorEvent, TimerKind, Transfer};
use zero_market::order::OrderIntent;
use zero_market::venue::{OrderAccepted, OrderEnd, OrderEnded};
use zero_market::{
    Event, EventBody, Fill, FillCause, FundingPayment, Instrument, Liquidity, Side, Universe, VenueEvent,
};
use zero_strategy::{CoinView, Entry, FeatureBank, Holding, Proposal, Sizing, Strategy, StrategySpec};

pub type Script = Arc<dyn Fn(&CoinView<'_>, Option<&Holding>) -> Proposal + Send + Sync>;

#[derive(Clone)]
pub struct Scripted(pub String, pub Script);

impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Strategy for Scripted {
    fn spec(&self) -> StrategySpec {
        StrategySpec { name: self.0.clone(), version: 1, params: String::new() }
    }
    fn propose(&self, view: &CoinView<'_>, holding: Option<&Holding>) -> Proposal {
        (self.1)(view, holding)
    }
    fn favourable(&self, _sigma: f64, _now: Ts, _bank: &mut FeatureBank) -> bool {
        false
    }
}

pub fn script(f: impl Fn(&CoinView<'_>, Option<&Holding>) -> Proposal + Send + Sync + 'static) -> Script {
    Arc::new(f)
}

/// Enters `side` once, a day long, with a stop of 5 %, and never leaves by itself.
pub fn enter(side: Side, sizing: Sizing) -> Entry {
    Entry { side, stop: Some(0.05), target: None, horizon: TsDiff::DAY, score: 1.0, sizing }
}

/// A script that enters when flat and otherwise keeps.
pub fn always(entry: Entry) -> Script {
    script(move |_, h| if h.is_some() { Proposal::Nothing } else { Proposal::Enter(entry) })
}

pub fn fixed(sz: i32) -> Sizing {
    Sizing::Fixed(Sz::whole(sz))
}

pub fn universe(coins: usize) -> Universe {
    Universe::new((0..coins).map(|i| Instrument::new(&format!("C{i}"), 2, 50)).collect())
}

/// One account per entry of `accounts`, a book for each, 10,000 USD in every book.
pub fn config(accounts: &[u16]) -> KernelConfig {
    let book = |(i, a): (usize, &u16)| BookSpec {
        book: BookId(i as u16),
        account: AccountId(*a),
        name: format!("book{i}"),
        initial: Usd::whole(10_000),
    };
    let mut cfg = KernelConfig::standard(accounts.iter().enumerate().map(book).collect());
    cfg.limits.max_position_share = Rate::whole(1);
    cfg
}

pub fn stack(scripts: &[Script]) -> Stack {
    let scripts = scripts.to_vec();
    Stack::bare(move |_| {
        let make = |(i, s): (usize, Script)| Box::new(Scripted(format!("s{i}"), s)) as Box<dyn Strategy>;
        scripts.into_iter().enumerate().map(make).collect()
    })
}

#[derive(Debug, Default)]
pub struct Traces(pub Vec<CandidateTrace>);

impl TraceSink for Traces {
    fn candidate(&mut self, trace: &CandidateTrace) {
        self.0.push(trace.clone());
    }
}

pub struct Rig {
    pub kernel: Kernel,
    pub facts: Vec<Fact>,
    pub traces: Traces,
    pub now: Ts,
    pub tid: u64,
    /// Market hours in an hour of the operator's clock; 0 where nobody reads one.
    pub speed: i64,
}

pub const START: Ts = Ts::from_ns(1_756_900_800_000_000_000);

impl Rig {
    pub fn new(cfg: KernelConfig, coins: usize, scripts: &[Script]) -> Self {
        Self::with(cfg, universe(coins), stack(scripts))
    }

    pub fn with(cfg: KernelConfig, universe: Universe, stack: Stack) -> Self {
        let kernel = Kernel::new(cfg, universe, stack).unwrap();
        Self { kernel, facts: Vec::new(), traces: Traces::default(), now: START, tid: 0, speed: 0 }
    }

    pub fn try_send(&mut self, body: EventBody) -> Result<Vec<Fact>, Fault> {
        let mut out = Vec::new();
        self.kernel.step(&Event::at(self.now, body), &mut self.traces, &mut out)?;
        self.facts.extend(out.iter().cloned());
        Ok(out)
    }

    pub fn send(&mut self, body: EventBody) -> Vec<Fact> {
        self.try_send(body).unwrap()
    }

    pub fn close(&mut self, coin: u16, px: i32) {
        self.send(EventBody::BarClosed(bar(coin, self.now, Px::whole(px))));
    }

    pub fn slice(&mut self) -> Vec<Fact> {
        self.send(EventBody::Timer(TimerKind::BarSlice))
    }

    /// An hour later, these closes, then the slice.
    pub fn hour(&mut self, closes: &[i32]) -> Vec<Fact> {
        self.hour_with(closes, |_| {})
    }

    /// An hour later, these closes, something else, then the slice.
    pub fn hour_with(&mut self, closes: &[i32], then: impl FnOnce(&mut Self)) -> Vec<Fact> {
        self.now = self.now.plus(TsDiff::HOUR);
        for (i, px) in closes.iter().enumerate() {
            self.close(i as u16, *px);
        }
        then(self);
        self.slice()
    }

    pub fn operator(&mut self, action: OperatorAction, subject: &str) -> Vec<Fact> {
        self.operator_as("ana", action, subject)
    }

    pub fn operator_as(&mut self, who: &str, action: OperatorAction, subject: &str) -> Vec<Fact> {
        let passed = self.now.since(START).as_ns();
        let at = passed.checked_div(self.speed).map_or(Ts::ZERO, |ns| START.plus(TsDiff::ns(ns)));
        let event = OperatorEvent {
            action,
            subject: subject.into(),
            operator: who.into(),
            reason: "a test".into(),
            at,
        };
        self.send(EventBody::Operator(Box::new(event)))
    }

    pub fn transfer(&mut self, book: u16, usd: i32) {
        let account = self.kernel.config().books[usize::from(book)].account;
        self.send(EventBody::Transfer(Box::new(Transfer {
            account,
            book: BookId(book),
            amount: Usd::whole(usd),
        })));
    }

    pub fn venue(&mut self, v: VenueEvent) -> Vec<Fact> {
        self.send(EventBody::Venue(v))
    }

    pub fn accept(&mut self, o: &OrderIntent) -> Vec<Fact> {
        self.venue(VenueEvent::Accepted(OrderAccepted { order: o.id, account: o.account, coin: o.coin }))
    }

    pub fn end(&mut self, o: &OrderIntent, why: OrderEnd) -> Vec<Fact> {
        let ended = OrderEnded { order: o.id, account: o.account, coin: o.coin, why, unfilled: o.sz };
        self.venue(VenueEvent::Ended(ended))
    }

    pub fn make_fill(&mut self, o: &OrderIntent, sz: Sz, px: Px, remaining: Sz) -> Fill {
        self.tid += 1;
        let notional = px.notional(sz).unwrap();
        Fill {
            tid: self.tid,
            order: o.id,
            account: o.account,
            book: o.book,
            coin: o.coin,
            side: o.side,
            px,
            sz,
            notional,
            fee: notional.mul_rate(Rate::parse("0.00045").unwrap()).unwrap(),
            liquidity: Liquidity::Taker,
            cause: match o.purpose {
                zero_market::Purpose::Stop => FillCause::Stop,
                zero_market::Purpose::Target => FillCause::Target,
                _ => FillCause::Order,
            },
            time: self.now,
            remaining,
        }
    }

    /// Fills an order whole.
    pub fn fill(&mut self, o: &OrderIntent, px: i32) -> Vec<Fact> {
        let f = self.make_fill(o, o.sz, Px::whole(px), Sz::ZERO);
        self.venue(VenueEvent::Fill(f))
    }

    /// Fills every market order whole at a price.
    pub fn fill_market(&mut self, px: i32) {
        for o in market_orders(self.open()) {
            self.fill(&o, px);
        }
    }

    pub fn open(&self) -> Vec<OpenOrder> {
        self.kernel.state().orders.open().to_vec()
    }

    pub fn position(&self, book: u16, coin: u16) -> Sz {
        self.kernel.state().ledger.books[usize::from(book)].position(CoinId(coin)).szi
    }

    pub fn gate(&self, name: &str) -> usize {
        self.kernel.stack().gates().iter().position(|g| *g == name).unwrap()
    }

    /// Names of the gates that did not pass in a trace.
    pub fn failing(&self, t: &CandidateTrace) -> Vec<&'static str> {
        t.failing().map(|g| self.kernel.stack().gates()[usize::from(g.gate)]).collect()
    }

    pub fn breaker(&self, name: &str) -> bool {
        self.kernel.state().breakers[zero_kernel::breakers::find(name).unwrap()].open
    }
}

pub fn market_orders(open: Vec<OpenOrder>) -> Vec<OrderIntent> {
    let is_market = |o: &OpenOrder| matches!(o.intent.kind, zero_market::OrderKind::Market(_));
    open.into_iter().filter(is_market).map(|o| o.intent).collect()
}

pub fn bar(coin: u16, close_time: Ts, px: Px) -> Bar {
    Bar {
        coin: CoinId(coin),
        open_time: close_time.minus(TsDiff::HOUR),
        interval: TsDiff::HOUR,
        open: px,
        high: px,
        low: px,
        close: px,
        volume: Sz::whole(1_000),
    }
}

/// Orders among facts.
pub fn orders(facts: &[Fact]) -> Vec<OrderIntent> {
    facts.iter().filter_map(|f| if let Fact::Order(o) = f { Some(o.intent.clone()) } else { None }).collect()
}

pub fn cancels(facts: &[Fact]) -> usize {
    facts.iter().filter(|f| matches!(f, Fact::Cancel(_))).count()
}

/// A strategy that does anything at all: a pure function of (seed, coin, time, what it holds).
pub fn erratic(seed: u64) -> Script {
    script(move |view, h| {
        let mut p = Prng::at(seed, u64::from(view.coin.0), view.now.as_ns() as u64);
        let side = if p.below(2) == 0 { Side::Buy } else { Side::Sell };
        match p.below(8) {
            0 if h.is_some() => Proposal::Exit(zero_strategy::ExitWhy::Signal),
            1 => Proposal::Abstain,
            2 => Proposal::Nothing,
            _ => Proposal::Enter(Entry {
                side,
                stop: Some(0.01 + p.uniform() * 0.2),
                target: (p.below(2) == 0).then(|| 0.01 + p.uniform() * 0.2),
                horizon: TsDiff::HOUR.times(1 + p.below(30) as i64),
                score: p.uniform(),
                sizing: match p.below(3) {
                    0 => Sizing::Risk,
                    1 => Sizing::Share(Rate::bps(1 + p.below(4_000) as i32)),
                    _ => Sizing::Fixed(Sz::from_raw(p.below(100) as i64 * 10_000_000)),
                },
            }),
        }
    })
}

/// The fact that a breaker opened, whatever it measures.
pub fn opened(name: &str, time: Ts) -> Fact {
    let (name, reason) = (name.into(), String::new());
    Fact::Breaker(zero_kernel::BreakerChange { name, open: true, value: 1.0, limit: 0.0, time, reason })
}

/// A run in which everything happens: erratic strategies, a venue that fills in part, rejects, repeats itself, goes
/// silent or is late, funding, transfers, operators, reconciliation. Everything derives from the seed.
pub fn chaos(rig: &mut Rig, seed: u64, hours: u64) {
    let coins = rig.kernel.universe().len();
    let books = rig.kernel.config().books.len() as u64;
    let mut p = Prng::new(seed, 99);
    let mut px = vec![100i32; coins];
    let mut late: Vec<Fill> = Vec::new();
    // A person who sits before a replay at sixty times its speed: awake, hasty, and held up by it now and then.
    rig.speed = 60;
    for _ in 0..hours {
        for x in &mut px {
            *x = (*x + p.below(9) as i32 - 4).max(20);
        }
        let mut held = px.clone();
        if p.below(12) == 0 {
            held.pop();
        }
        // Blocked runs show little: what blocks does not last.
        if p.below(2) == 0 {
            rig.operator(OperatorAction::ResumeEntries, "");
            rig.operator_as("zero", OperatorAction::LossSeen, "");
            let phrase = rig.kernel.state().conduct.holds.last().map(|h| h.phrase.clone());
            if let Some(phrase) = phrase.filter(|_| p.below(4) > 0) {
                rig.operator(OperatorAction::Confirm, &phrase);
            }
            rig.operator(OperatorAction::DiskReport, "99999999999");
        }
        rig.hour_with(&held, |rig| {
            for coin in 0..coins as u16 {
                if p.below(30) > 0 {
                    let rate = Rate::from_raw(p.below(100_000_000) as i64 - 50_000_000);
                    rig.send(EventBody::Funding(FundingPrint {
                        coin: CoinId(coin),
                        rate,
                        premium: Rate::ZERO,
                    }));
                }
            }
        });
        for o in rig.open() {
            answer(rig, &o, px[o.intent.coin.index()], &mut p, &mut late);
        }
        if p.below(3) == 0
            && let Some(f) = late.pop()
        {
            rig.venue(VenueEvent::Fill(f));
        }
        match p.below(14) {
            0 => rig.transfer(p.below(books) as u16, p.below(400) as i32 - 150),
            1 => fund(rig, p.below(coins as u64) as u16, &mut p),
            2 => reconcile(rig, &mut p),
            3 => drop(rig.operator(OperatorAction::PauseEntries, "")),
            4 => drop(rig.operator(OperatorAction::ResumeEntries, "")),
            5 if p.below(4) == 0 => drop(rig.operator(OperatorAction::Flatten, "")),
            5 => drop(rig.operator(OperatorAction::Close, &format!("coin {}", p.below(coins as u64)))),
            6 if p.below(8) == 0 => drop(rig.operator(OperatorAction::Kill, "")),
            7 | 11 | 12 => {
                for b in zero_kernel::breakers::BREAKERS {
                    rig.operator(OperatorAction::ClearLatch, b.name());
                }
            }
            8 => drop(
                rig.operator(OperatorAction::DiskReport, ["99999999999", "17", "?"][p.below(3) as usize]),
            ),
            9 => drop(rig.send(EventBody::Timer(TimerKind::Heartbeat))),
            10 => drop(rig.slice()),
            _ => {}
        }
    }
}

fn answer(rig: &mut Rig, o: &OpenOrder, px: i32, p: &mut Prng, late: &mut Vec<Fill>) {
    let i = &o.intent;
    let is_market = matches!(i.kind, zero_market::OrderKind::Market(_));
    match p.below(if is_market { 7 } else { 40 }) {
        0 => drop(rig.end(i, OrderEnd::MarginRejected)),
        1 => {
            let sz = Sz::from_raw((o.open_sz().raw() / 2_000_000 * 1_000_000).max(1_000_000));
            let f = rig.make_fill(i, sz, Px::whole(px), Sz::from_raw(o.open_sz().raw() - sz.raw()));
            rig.venue(VenueEvent::Fill(f));
            rig.venue(VenueEvent::Fill(f));
        }
        2 => drop(rig.accept(i)),
        3 => drop(rig.end(i, OrderEnd::Unknown)),
        4 if is_market => {
            // Cancelled, and yet filled.
            let f = rig.make_fill(i, i.sz, Px::whole(px), Sz::ZERO);
            rig.end(i, OrderEnd::Cancelled);
            late.push(f);
        }
        _ if is_market => drop(rig.fill(i, px)),
        5 => drop(rig.fill(i, px)),
        _ => {}
    }
}

fn fund(rig: &mut Rig, coin: u16, p: &mut Prng) {
    let rate = Rate::from_raw(p.below(200_000_000) as i64 - 50_000_000);
    rig.send(EventBody::Funding(FundingPrint { coin: CoinId(coin), rate, premium: Rate::ZERO }));
    for b in 0..rig.kernel.config().books.len() {
        let book = &rig.kernel.state().ledger.books[b];
        let (account, szi) = (book.account, book.position(CoinId(coin)).szi);
        let Some(mark) = rig.kernel.state().mark(CoinId(coin)) else { continue };
        let amount = mark.notional(szi).unwrap().mul_rate(rate).unwrap().negated();
        rig.venue(VenueEvent::Funding(FundingPayment {
            account,
            book: BookId(b as u16),
            coin: CoinId(coin),
            szi,
            oracle_px: mark,
            rate,
            amount,
            time: rig.now,
        }));
    }
}

/// The ledger's own word, sometimes off by a cent.
fn reconcile(rig: &mut Rig, p: &mut Prng) {
    let s = rig.kernel.state();
    let account = s.accounts[p.below(s.accounts.len() as u64) as usize].account;
    let Ok(Some(equity)) = s.ledger.account_equity(account, |c| s.mark(c)) else { return };
    let off = if p.below(5) == 0 { Usd::from_raw(1_000_000) } else { Usd::ZERO };
    let positions = (0..s.coins.len())
        .map(|i| CoinId(i as u16))
        .map(|coin| zero_market::event::ReportedPosition { coin, szi: s.ledger.account_net(account, coin) })
        .collect();
    let r = zero_market::event::Reconciled { account, equity: equity.plus(off).unwrap(), positions };
    rig.send(EventBody::Reconciled(Box::new(r)));
}
