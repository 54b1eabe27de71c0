//! The full decision stack: lenses, layers, modifiers, sizing and every gate of the kernel, per judged candidate.

use crate::BenchArgs;
use crate::measure::time;
use crate::table::Row;
use std::error::Error;
use zero_core::{Ts, TsDiff, Usd};
use zero_data::synth::{SynthSpec, generate};
use zero_data::{Dataset, EventRange};
use zero_kernel::{DigestSink, Stack, TraceSink};
use zero_market::Side;
use zero_paper::{FeeModel, PaperConfig};
use zero_runtime::backtest::EncodingSink;
use zero_runtime::study::StudyError;
use zero_runtime::{Driver, OperatorPolicy, RunSpec, backtest};
use zero_strategy::registry::StrategyChoice;
use zero_strategy::{
    CoinView, Entry, FeatureBank, Holding, Limits, Proposal, Sizing, Strategy, StrategySpec,
};

/// Books, each of which wants every coin at every bar.
const BOOKS: usize = 4;

/// Wants in at every bar; when in, wants the other side.
#[derive(Debug)]
struct Eager(usize);

impl Strategy for Eager {
    fn spec(&self) -> StrategySpec {
        StrategySpec { name: "eager".into(), version: 1, params: format!("book={}", self.0) }
    }

    fn propose(&self, view: &CoinView<'_>, holding: Option<&Holding>) -> Proposal {
        let long = holding.map_or((view.coin.index() + self.0).is_multiple_of(2), |h| h.szi.signum() < 0);
        Proposal::Enter(Entry {
            side: if long { Side::Buy } else { Side::Sell },
            stop: Some(0.02),
            target: None,
            horizon: TsDiff::HOUR.times(48),
            score: 1.0,
            sizing: Sizing::Risk,
        })
    }

    fn favourable(&self, _: f64, _: Ts, _: &mut FeatureBank) -> bool {
        true
    }
}

fn driver(data: &Dataset) -> Result<Driver, Box<dyn Error>> {
    let names: Vec<String> = (0..BOOKS).map(|i| format!("eager{i}")).collect();
    let books: Vec<_> = names.iter().map(|n| (n.as_str(), StrategyChoice::Flat)).collect();
    // Costs would ruin whoever turns over every hour, and halts would then refuse everything: a run of refusals is no
    // measure of a run that trades. Without costs and with halts out of reach, admitted and refused stay mixed throughout.
    let paper = PaperConfig::frictionless(FeeModel::NONE);
    let mut spec = RunSpec::standard(data.universe().clone(), Usd::whole(1_000_000), paper, &books);
    let wide = Limits::unbounded();
    let limits = &mut spec.kernel.limits;
    (limits.daily_loss, limits.max_drawdown) = (wide.daily_loss, wide.max_drawdown);
    (limits.orders_per_hour, limits.fee_burn_per_day) = (wide.orders_per_hour, wide.fee_burn_per_day);
    let stack = Stack::standard(|_| (0..BOOKS).map(|i| Box::new(Eager(i)) as Box<dyn Strategy>).collect());
    Ok(Driver::new(spec.engine_with(stack)?, OperatorPolicy::UNATTENDED))
}

struct Run {
    per_candidate_us: f64,
    cpu: f64,
    candidates: u64,
    admitted: u64,
    orders: u64,
}

fn run(data: &Dataset, sink: &mut impl TraceSink) -> Result<Run, Box<dyn Error>> {
    let mut driver = driver(data)?;
    let (_, took) =
        time(|| backtest::drive::<StudyError, _>(&mut driver, data.events(&EventRange::all()), sink))?;
    let c = driver.engine().kernel().state().counters;
    Ok(Run {
        per_candidate_us: took.cpu * 1e6 / c.candidates.max(1) as f64,
        cpu: took.cpu,
        candidates: c.candidates,
        admitted: c.admitted,
        orders: c.orders,
    })
}

pub(crate) fn rows(args: &BenchArgs) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut spec = SynthSpec::seeded(1);
    spec.bars = Some(if args.quick { 500 } else { 4_800 });
    let data = generate(&spec)?;
    let (mut digest, mut full) = (Vec::new(), Vec::new());
    let (mut note, mut encoded) = (String::new(), String::new());
    for _ in 0..args.runs {
        let r = run(&data, &mut DigestSink)?;
        digest.push((r.per_candidate_us, Some(r.cpu)));
        let mut sink = EncodingSink::default();
        let f = run(&data, &mut sink)?;
        full.push((f.per_candidate_us, Some(f.cpu)));
        note = format!(
            "the whole run (events, features, orders, fills) over its {} candidates, {} of them admitted, {} orders",
            r.candidates, r.admitted, r.orders
        );
        encoded = format!(
            "the same, with {} traces encoded, {} bytes each",
            sink.traces,
            sink.bytes / sink.traces.max(1)
        );
    }
    Ok(vec![
        Row::of("full decision stack, per decision", "digest", "us", digest).reach("< 2").note(note),
        Row::of("full decision stack, per decision", "full", "us", full).reach("< 4").note(encoded),
    ])
}
