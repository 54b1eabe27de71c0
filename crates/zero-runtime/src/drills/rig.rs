//! A scratch engine for one drill: the run's own limits, costs and venue rules, two coins, a market that does as it is told, and
//! a strategy that always wants in.

use crate::engine::{Engine, EngineError, Venue};
use crate::spec::RunSpec;
use zero_core::{AccountId, BookId, CoinId, Overflow, Px, Sz, Ts, TsDiff, Usd};
use zero_kernel::record::{CandidateTrace, OrderFact};
use zero_kernel::{BookSpec, Fact, Kernel, Stack, TraceSink};
use zero_market::event::{Bar, BarOpen, OperatorAction, OperatorEvent, Reconciled, TimerKind};
use zero_market::instrument::MIN_NOTIONAL;
use zero_market::order::CancelIntent;
use zero_market::{Event, EventBody, Instrument, OrderIntent, Side, Universe, VenueEvent};
use zero_paper::PaperVenue;
use zero_strategy::{CoinView, Entry, FeatureBank, Holding, Proposal, Sizing, Strategy, StrategySpec};

/// Price of both coins at the start. With it one lot of any instrument is worth little, and a few coins are enough for the
/// venue's minimum.
pub(super) const START_PX: Px = Px::whole(20);
/// Any moment will do: nothing in a drill depends on the date.
const START: Ts = Ts::from_ns(1_767_225_600_000_000_000);

/// The venue under drill: the configured one, as it is made for two books.
pub(super) type MakeVenue<'a> = &'a dyn Fn(PaperVenue) -> Box<dyn Venue>;

/// What the strategy of a drill wants.
#[derive(Clone, Copy, Debug)]
pub(super) struct Want {
    /// Share of the book's equity in each coin, in hundredths; zero for twice the venue's minimum.
    pub percent: u8,
    /// With a protective stop.
    pub stop: bool,
    /// Coins that it wants, from the first.
    pub coins: u16,
}

impl Want {
    /// One coin, as little as the venue takes, with a stop.
    pub(super) const LITTLE: Self = Self { percent: 0, stop: true, coins: 1 };
}

/// Always wants in, never out.
#[derive(Debug)]
struct Eager {
    want: Want,
    sz: Sz,
}

impl Strategy for Eager {
    fn spec(&self) -> StrategySpec {
        StrategySpec { name: "drill".into(), version: 1, params: String::new() }
    }

    fn propose(&self, view: &CoinView<'_>, holding: Option<&Holding>) -> Proposal {
        if holding.is_some() || view.coin.0 >= self.want.coins {
            return Proposal::Nothing;
        }
        Proposal::Enter(Entry {
            side: Side::Buy,
            stop: self.want.stop.then_some(0.1),
            target: None,
            horizon: TsDiff::DAY.times(3_650),
            score: 1.0,
            sizing: Sizing::Fixed(self.sz),
        })
    }

    fn favourable(&self, _sigma: f64, _now: Ts, _bank: &mut FeatureBank) -> bool {
        true
    }
}

impl Venue for Box<dyn Venue> {
    fn on_market(&mut self, event: &Event, out: &mut Vec<VenueEvent>) -> Result<(), Overflow> {
        (**self).on_market(event, out)
    }
    fn submit(&mut self, intent: &OrderIntent, out: &mut Vec<VenueEvent>) -> Result<(), Overflow> {
        (**self).submit(intent, out)
    }
    fn cancel(&mut self, cancel: &CancelIntent, out: &mut Vec<VenueEvent>) {
        (**self).cancel(cancel, out);
    }
    fn report(&self, account: AccountId) -> Option<Reconciled> {
        (**self).report(account)
    }
}

#[derive(Debug, Default)]
struct Traces(Vec<CandidateTrace>);

impl TraceSink for Traces {
    fn candidate(&mut self, trace: &CandidateTrace) {
        self.0.push(trace.clone());
    }
}

/// What happened in one hour.
#[derive(Debug, Default)]
pub(super) struct Hour {
    /// Candidates that were judged.
    pub judged: Vec<CandidateTrace>,
    /// Orders that the kernel sent.
    pub orders: Vec<OrderIntent>,
}

impl Hour {
    pub(super) fn admitted(&self) -> usize {
        self.judged.iter().filter(|t| t.admitted).count()
    }
}

pub(super) struct Rig {
    engine: Engine<Box<dyn Venue>>,
    now: Ts,
    traces: Traces,
}

impl Rig {
    pub(super) fn new(spec: &RunSpec, want: Want, make: MakeVenue<'_>) -> Result<Self, EngineError> {
        let universe = universe(spec);
        let book = spec.kernel.books.first().cloned();
        let initial = book.as_ref().map_or(Usd::whole(10_000), |b| b.initial);
        let mut kernel = spec.kernel.clone();
        kernel.books =
            vec![BookSpec { book: BookId(0), account: AccountId(0), name: "drill".into(), initial }];
        let stack = Stack::bare(|_| vec![Box::new(Eager { want, sz: size(&universe, initial, want) })]);
        let venue = PaperVenue::new(spec.paper, universe.clone(), &[(AccountId(0), initial)]);
        let kernel = Kernel::new(kernel, universe, stack)?;
        Ok(Self { engine: Engine::new(kernel, make(venue)), now: START, traces: Traces::default() })
    }

    pub(super) const fn kernel(&self) -> &Kernel {
        self.engine.kernel()
    }

    fn send(&mut self, body: EventBody) -> Result<Vec<Fact>, EngineError> {
        let mut facts = Vec::new();
        self.engine.tick(&Event::at(self.now, body), &mut self.traces, &mut facts)?;
        Ok(facts)
    }

    /// Time passes, both coins close at a price, the strategy is asked, and the next bars open at that price.
    pub(super) fn after(&mut self, time: TsDiff, px: Px) -> Result<Hour, EngineError> {
        let opened = self.now;
        self.now = self.now.plus(time);
        self.traces.0.clear();
        let mut facts = Vec::new();
        for coin in [CoinId(0), CoinId(1)] {
            let bar = Bar {
                coin,
                open_time: opened,
                interval: time,
                open: px,
                high: px,
                low: px,
                close: px,
                volume: Sz::whole(1_000_000),
            };
            facts.extend(self.send(EventBody::BarClosed(bar))?);
        }
        facts.extend(self.send(EventBody::Timer(TimerKind::BarSlice))?);
        for coin in [CoinId(0), CoinId(1)] {
            let open = BarOpen { coin, open_time: self.now, interval: time, open: px };
            facts.extend(self.send(EventBody::BarOpened(open))?);
        }
        Ok(Hour { judged: self.traces.0.clone(), orders: orders(&facts) })
    }

    pub(super) fn hour(&mut self, px: Px) -> Result<Hour, EngineError> {
        self.after(TsDiff::HOUR, px)
    }

    pub(super) fn operator(&mut self, action: OperatorAction) -> Result<Vec<OrderIntent>, EngineError> {
        let act = OperatorEvent {
            action,
            subject: String::new(),
            operator: "drill".into(),
            reason: "a drill".into(),
            at: self.now,
        };
        Ok(orders(&self.send(EventBody::Operator(Box::new(act)))?))
    }

    /// Coins held of the first coin.
    pub(super) fn held(&self) -> Sz {
        let ledger = &self.kernel().state().ledger;
        ledger.books.first().map_or(Sz::ZERO, |b| b.position(CoinId(0)).szi)
    }

    pub(super) fn resting(&self) -> usize {
        self.kernel().state().orders.open().len()
    }

    /// The breaker's state and the gates that refused the first candidate of an hour, in words.
    pub(super) fn why(&self, hour: &Hour) -> String {
        let Some(first) = hour.judged.iter().find(|t| !t.admitted) else {
            return "no candidate was refused".into();
        };
        let gates = self.kernel().stack().gates();
        let name = |g: u8| gates.get(usize::from(g)).copied().unwrap_or("?");
        let names: Vec<&str> = first.failing().map(|g| name(g.gate)).collect();
        format!("refused by {}", names.join(", "))
    }

    /// Did this gate refuse a candidate?
    pub(super) fn refused_by(&self, hour: &Hour, gate: &str) -> bool {
        let gates = self.kernel().stack().gates();
        hour.judged
            .iter()
            .filter(|t| !t.admitted)
            .any(|t| t.failing().any(|g| gates.get(usize::from(g.gate)).copied() == Some(gate)))
    }
}

fn orders(facts: &[Fact]) -> Vec<OrderIntent> {
    let order = |f: &Fact| match f {
        Fact::Order(OrderFact { intent, .. }) => Some(intent.clone()),
        _ => None,
    };
    facts.iter().filter_map(order).collect()
}

/// Two coins by the rules of the run's first.
fn universe(spec: &RunSpec) -> Universe {
    let one = spec.universe.iter().next().map_or_else(|| Instrument::new("A", 2, 10), |(_, i)| i.clone());
    let named = |symbol: &str| Instrument { symbol: symbol.into(), ..one.clone() };
    Universe::new(vec![named("A"), named("B")])
}

/// What the strategy asks for, in coins.
fn size(universe: &Universe, initial: Usd, want: Want) -> Sz {
    let value = match want.percent {
        0 => i128::from(MIN_NOTIONAL.raw()) * 2,
        percent => i128::from(initial.raw()) * i128::from(percent) / 100,
    };
    let wanted = value * i128::from(Sz::whole(1).raw()) / i128::from(START_PX.raw());
    let sz = Sz::from_raw(i64::try_from(wanted).unwrap_or(i64::MAX));
    universe.get(CoinId(0)).map_or(sz, |i| i.quantise_down(sz))
}
