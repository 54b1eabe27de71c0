//! A scout follows the market of one coin with one strategy and holds nothing. A shadow starts as its copy, so that
//! features, the venue's averages and the last prices are those of the decision's instant.

use zero_core::{AccountId, BookId, CoinId, Usd};
use zero_kernel::{BookSpec, Fact, Kernel, Stack};
use zero_market::event::{Bar, BarOpen, Book, FundingPrint, Gap, PxPrint, Trade};
use zero_market::{Event, EventBody, Universe};
use zero_paper::PaperVenue;
use zero_runtime::record::Manifest;
use zero_runtime::{Engine, EngineError, OperatorPolicy, RunSpec};
use zero_strategy::registry::StrategyChoice;
use zero_strategy::{CoinView, ExitWhy, FeatureBank, FeaturePlan, Holding, Proposal, Strategy, StrategySpec};

/// The coin of a shadow world.
pub(crate) const COIN: CoinId = CoinId(0);
/// Its book.
pub(crate) const BOOK: BookId = BookId(0);
/// Its account.
pub(crate) const ACCOUNT: AccountId = AccountId(0);
/// Cash of a shadow book: margin is an account's matter, not a candidate's, so it never runs out.
pub(crate) const CASH: Usd = Usd::whole(1_000_000_000);
/// Largest entry of a shadow book.
pub(crate) const NOTIONAL_MAX: Usd = Usd::whole(100_000_000);

/// One strategy on one coin.
#[derive(Debug)]
pub(crate) struct Scout {
    spec: RunSpec,
    engine: Engine<PaperVenue>,
    /// Its arithmetic failed: what it says no longer counts.
    failed: bool,
}

impl Scout {
    /// Before the first event. `None` for a coin outside the universe.
    pub(crate) fn new(m: &Manifest, coin: CoinId, choice: StrategyChoice) -> Option<Self> {
        let spec = world(m, coin, choice)?;
        let engine = engine(&spec).ok()?;
        Some(Self { spec, engine, failed: false })
    }

    /// Takes an event of its world.
    pub(crate) fn event(&mut self, event: &Event) {
        let fact = Fact::Event(event.clone());
        self.failed |= self.engine.replay(core::slice::from_ref(&fact)).is_err();
    }

    /// A copy that may trade.
    pub(crate) fn copy(&self) -> Result<Engine<PaperVenue>, EngineError> {
        let mut copy = engine(&self.spec)?;
        let (kernel, venue) = copy.parts_mut();
        kernel.restore(self.engine.kernel().snapshot())?;
        kernel.drop_market_facts();
        venue.restore(self.engine.venue().state().clone());
        Ok(copy)
    }

    pub(crate) const fn failed(&self) -> bool {
        self.failed
    }
}

/// The run's configuration cut down to one book and one coin: the same venue, the same exits, no gate in the way.
fn world(m: &Manifest, coin: CoinId, choice: StrategyChoice) -> Option<RunSpec> {
    let mut kernel = m.kernel.clone();
    kernel.books = vec![BookSpec { book: BOOK, account: ACCOUNT, name: "shadow".into(), initial: CASH }];
    kernel.own_book = None;
    kernel.dead_man_after = None;
    kernel.operator_inactive_after = None;
    let instrument = m.universe.get(coin.index())?.clone();
    Some(RunSpec {
        kernel,
        paper: m.paper,
        universe: Universe::new(vec![instrument]),
        strategies: vec![choice],
        lenses: Vec::new(),
        full_stack: false,
        costs: m.costs.only(coin),
        opinion_model: None,
        policy: OperatorPolicy::PERSON,
    })
}

fn engine(spec: &RunSpec) -> Result<Engine<PaperVenue>, EngineError> {
    let choices = spec.strategies.clone();
    spec.engine_with(Stack::bare(|plan: &mut FeaturePlan| {
        choices.into_iter().map(|c| Box::new(ExitOnly(c.build(plan))) as Box<dyn Strategy>).collect()
    }))
}

/// A strategy that only leaves: its entries are candidates of their own.
#[derive(Debug)]
struct ExitOnly(Box<dyn Strategy>);

impl Strategy for ExitOnly {
    fn spec(&self) -> StrategySpec {
        self.0.spec()
    }

    fn propose(&self, view: &CoinView<'_>, holding: Option<&Holding>) -> Proposal {
        let Some(held) = holding else { return Proposal::Nothing };
        match self.0.propose(view, Some(held)) {
            // A wish for the other side leaves first.
            Proposal::Enter(e) if e.side.sign() != held.szi.signum() => Proposal::Exit(ExitWhy::Signal),
            Proposal::Enter(_) => Proposal::Nothing,
            other => other,
        }
    }

    fn favourable(&self, _: f64, _: zero_core::Ts, _: &mut FeatureBank) -> bool {
        false
    }
}

/// The event as it is in the shadow world of `coin`; `None` when it is about something else.
pub(crate) fn local(event: &Event, coin: CoinId) -> Option<Event> {
    if let EventBody::Timer(t) = event.body {
        return Some(Event { time: event.time, received: event.received, body: EventBody::Timer(t) });
    }
    if event.body.coin() != Some(coin) {
        return None;
    }
    let body = match &event.body {
        EventBody::BarOpened(b) => EventBody::BarOpened(BarOpen { coin: COIN, ..*b }),
        EventBody::BarClosed(b) => EventBody::BarClosed(Bar { coin: COIN, ..*b }),
        EventBody::Funding(f) => EventBody::Funding(FundingPrint { coin: COIN, ..*f }),
        EventBody::Trade(t) => EventBody::Trade(Trade { coin: COIN, ..*t }),
        EventBody::Book(b) => EventBody::Book(Box::new(Book { coin: COIN, ..(**b).clone() })),
        EventBody::Mark(p) => EventBody::Mark(PxPrint { coin: COIN, ..*p }),
        EventBody::Oracle(p) => EventBody::Oracle(PxPrint { coin: COIN, ..*p }),
        EventBody::Gap(g) => EventBody::Gap(Gap { coin: COIN, ..*g }),
        _ => return None,
    };
    Some(Event { time: event.time, received: event.received, body })
}

/// The kernel of an engine.
pub(crate) const fn kernel(engine: &Engine<PaperVenue>) -> &Kernel {
    engine.kernel()
}
