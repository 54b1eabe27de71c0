//! A run that goes on as a test tells it to, and a clock that stands still until it is moved.

use crate::shared::Shared;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};
use std::time::Duration;
use zero_core::{Digest32, Ts, TsDiff, Usd};
use zero_data::EventRange;
use zero_data::synth::{self, SynthSpec};
use zero_journal::{Options, RealDisk};
use zero_market::Event;
use zero_runtime::clock::Clock;
use zero_runtime::publish::Publisher;
use zero_runtime::record::Manifest;
use zero_runtime::runner::Runner;
use zero_runtime::{OperatorPolicy, RunSpec};
use zero_strategy::registry::StrategyChoice;
use zero_strategy::strategies::TrendParams;

/// Wall time at which it stands first, later than every event of the market.
pub(crate) const FIRST: Ts = Ts::from_ns(1_900_000_000_000_000_000);

/// Nanoseconds since [`FIRST`], and which threads asked for them.
#[derive(Debug, Default)]
pub(crate) struct Hand(AtomicU64, Mutex<Vec<ThreadId>>);

impl Hand {
    pub(crate) fn turn(&self, by: Duration) {
        self.0.fetch_add(by.as_nanos() as u64, Ordering::Relaxed);
    }

    /// Once each.
    pub(crate) fn who_asked(&self) -> Vec<ThreadId> {
        self.1.lock().unwrap().clone()
    }

    pub(crate) fn forget_who_asked(&self) {
        self.1.lock().unwrap().clear();
    }
}

impl Clock for Hand {
    fn now(&self) -> Ts {
        let (mut asked, me) = (self.1.lock().unwrap(), thread::current().id());
        if !asked.contains(&me) {
            asked.push(me);
        }
        FIRST.plus(TsDiff::ns(self.0.load(Ordering::Relaxed) as i64))
    }
    fn monotonic(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Relaxed))
    }
    fn sleep(&self, _: Duration) {}
}

/// The run.
pub(crate) struct TestRun {
    _dir: tempfile::TempDir,
    runner: Runner<RealDisk>,
    publisher: Publisher,
    events: Box<dyn Iterator<Item = Event>>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) hand: Arc<Hand>,
}

impl TestRun {
    pub(crate) fn begin() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut market = SynthSpec::seeded(6);
        market.bars = Some(24 * 60);
        let paper = zero_paper::PaperConfig::standard(zero_paper::FeeModel::HYPERLIQUID_BASE);
        let trend = [("trend", StrategyChoice::Trend(TrendParams::standard()))];
        let mut spec = RunSpec::standard(market.universe(), Usd::whole(10_000), paper, &trend);
        spec.policy = OperatorPolicy::UNATTENDED;
        let key = zero_runtime::parity::scratch_key();
        let options = Options::new("zero.test/surface", dir.path().join("second"), "test", key);
        let manifest = Manifest::of(&spec, Digest32::ZERO, Digest32::ZERO, "synthetic", Ts::ZERO).unwrap();
        let journal = dir.path().join("journal");
        let (runner, _) =
            Runner::open(RealDisk, &journal, options, spec.driver().unwrap(), manifest, 0).unwrap();
        let mut publisher = Publisher::new(&runner, "test".into());
        let hand = Arc::new(Hand::default());
        let first = publisher.publish(&runner, hand.now());
        let events = synth::stream_range(&market, &EventRange::all()).unwrap().map(|e| e.unwrap());
        let shared = Arc::new(Shared::new(first, Arc::clone(&hand) as Arc<dyn Clock>, "ana".into()));
        Self { _dir: dir, runner, publisher, events: Box::new(events), shared, hand }
    }

    /// Feeds events, makes them durable and shows them.
    pub(crate) fn go_on(&mut self, events: usize) {
        for event in self.events.by_ref().take(events) {
            self.runner.feed(&event).unwrap();
        }
        self.runner.commit().unwrap();
        self.shared.publish(self.publisher.publish(&self.runner, self.hand.now()));
    }
}
