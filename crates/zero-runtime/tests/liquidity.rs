//! Order books in a run: a gate that asks for liquidity refuses while it is not known and while it is thin, and permits otherwise.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use zero_core::{Px, Sz, Truth, Usd};
use zero_data::EventRange;
use zero_data::synth::{SynthSpec, generate};
use zero_kernel::{CandidateTrace, TraceSink};
use zero_market::event::{Bar, Book, Level, TimerKind};
use zero_market::{Event, EventBody};
use zero_paper::{FeeModel, PaperConfig};
use zero_runtime::{OperatorPolicy, RunSpec};
use zero_strategy::registry::StrategyChoice;
use zero_strategy::strategies::TrendParams;

struct Keep(Vec<CandidateTrace>);

impl TraceSink for Keep {
    fn candidate(&mut self, t: &CandidateTrace) {
        self.0.push(t.clone());
    }
}

/// Books around a close, each level of so many USD.
fn book(bar: &Bar, depth: f64) -> Book {
    let mid = bar.close.to_f64();
    let level = |px: f64| Level {
        px: Px::from_f64_nearest(px).unwrap(),
        sz: Sz::from_f64_nearest(depth / px).unwrap(),
    };
    let side = |sign: f64| (1..20).map(|i| level(mid * (1.0 + sign * 1e-4 * f64::from(i)))).collect();
    Book { coin: bar.coin, bids: side(-1.0), asks: side(1.0) }
}

#[test]
fn a_gate_that_asks_for_liquidity_refuses_while_it_is_unknown_or_thin() {
    let mut market = SynthSpec::seeded(7).only(&["BTC", "ETH", "SUI"]);
    market.bars = Some(1_200);
    let data = generate(&market).unwrap();
    let exits = TrendParams { horizon_hours: 12, ..TrendParams::standard() };
    let trend = StrategyChoice::RandomEntry(1, zero_core::Rate::bps(2_000), exits);
    let paper = PaperConfig::standard(FeeModel::HYPERLIQUID_BASE);
    let mut spec =
        RunSpec::standard(data.universe().clone(), Usd::whole(100_000), paper, &[("trend", trend)]);
    spec.policy = OperatorPolicy::UNATTENDED;
    spec.kernel.limits.refuse_illiquid = true;
    spec.kernel.limits.refuse_turbulent = false;
    let mut driver = spec.driver().unwrap();
    let gate = driver.engine().kernel().stack().gates().iter().position(|g| *g == "not_illiquid").unwrap();

    let (mut traces, mut facts, mut closes) = (Keep(Vec::new()), Vec::new(), Vec::new());
    let mut slices = Vec::new();
    for event in data.events(&EventRange::all()).map(Result::unwrap) {
        if let EventBody::BarClosed(b) = &event.body {
            closes.push(*b);
        }
        if matches!(event.body, EventBody::Timer(TimerKind::BarSlice)) {
            slices.push(event.time);
            let hour = slices.len();
            // Books begin late, vary a little, and lose nine tenths of their depth near the end.
            let usual = 3_000.0 * (1.0 + 0.3 * (hour % 7) as f64 / 7.0);
            let depth = if hour > 900 { 0.1 * usual } else { usual };
            for b in closes.drain(..).filter(|_| hour > 200) {
                let body = EventBody::Book(Box::new(book(&b, depth)));
                driver.feed(&Event { body, ..event.clone() }, &mut traces, &mut facts).unwrap();
            }
        }
        driver.feed(&event, &mut traces, &mut facts).unwrap();
    }
    let told = |from: usize, to: usize| -> Vec<Truth> {
        let within = traces.0.iter().filter(|t| (slices[from]..slices[to]).contains(&t.time));
        within.map(|t| t.gates[gate].truth).collect()
    };
    let (before, usual, thin) = (told(0, 367), told(370, 900), told(906, 1_199));
    assert!(before.len() > 10 && before.iter().all(|t| *t == Truth::Unknown), "{before:?}");
    assert!(usual.len() > 10 && usual.iter().all(|t| *t == Truth::True), "{usual:?}");
    assert!(thin.len() > 10 && thin.iter().all(|t| *t == Truth::False), "{thin:?}");
}
