//! What a strategy document costs against the same strategy in Rust, and a campaign of hostile texts.

use crate::BenchArgs;
use crate::measure::{peak_mib, time};
use crate::table::Row;
use std::error::Error;
use std::sync::Arc;
use zero_core::Usd;
use zero_data::synth::{SynthSpec, generate};
use zero_data::{Dataset, EventRange};
use zero_kernel::DigestSink;
use zero_lang::fuzz::{Tally, fuzz};
use zero_lang::{bundled, read};
use zero_paper::{FeeModel, PaperConfig};
use zero_runtime::study::StudyError;
use zero_runtime::{OperatorPolicy, RunSpec, backtest};
use zero_strategy::registry::StrategyChoice;
use zero_strategy::strategies::TrendParams;

/// A whole backtest with the document over one with the Rust strategy, in the same run, alternating.
pub(crate) fn rows(args: &BenchArgs) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut market = SynthSpec::seeded(1);
    market.bars = Some(if args.quick { 2_400 } else { 24_000 });
    let data = generate(&market)?;
    let text = bundled("trend").ok_or("no bundled trend")?;
    let document = read(text.as_bytes()).map_err(|e| e.to_string())?.document;
    let (mut ratios, mut note) = (Vec::new(), String::new());
    for _ in 0..args.runs {
        let (rust, orders) = backtest_of(&data, StrategyChoice::Trend(TrendParams::standard()))?;
        let (doc, same) = backtest_of(&data, StrategyChoice::Document(Arc::new(document.clone())))?;
        if orders != same {
            return Err(format!("{orders} orders in Rust, {same} by the document").into());
        }
        ratios.push((doc / rust, Some(doc)));
        note = format!(
            "{orders} orders over {} coin-bars, full stack; CPU time of document over Rust",
            data.bar_count()
        );
    }
    Ok(vec![
        Row::of("backtest, trend document over Rust", "digest", "ratio", ratios).reach("<= 2").note(note),
    ])
}

fn backtest_of(data: &Dataset, choice: StrategyChoice) -> Result<(f64, u64), Box<dyn Error>> {
    let paper = PaperConfig::standard(FeeModel::HYPERLIQUID_BASE);
    let mut spec =
        RunSpec::standard(data.universe().clone(), Usd::whole(10_000), paper, &[("trend", choice)]);
    spec.policy = OperatorPolicy::UNATTENDED;
    let mut driver = spec.driver()?;
    let ((), took) = time(|| {
        driver.drop_market_facts();
        backtest::drive::<StudyError, _>(&mut driver, data.events(&EventRange::all()), &mut DigestSink)
            .map(|_| ())
    })?;
    Ok((took.cpu, driver.engine().kernel().state().counters.orders))
}

/// What the fuzz campaign found.
pub(crate) struct Fuzzed {
    pub tally: Tally,
    /// The invariant that broke, in words.
    pub failure: Option<String>,
    pub per_second: f64,
    /// Growth of the peak memory between the first tenth and the end, in MiB; `None` where the system does not say.
    pub growth_mib: Option<f64>,
}

/// Reads `count` hostile texts.
pub(crate) fn campaign(seed: u64, count: u64) -> Result<Fuzzed, Box<dyn Error>> {
    let mut tally = Tally::default();
    let mut failure = None;
    let mut early = None;
    let ((), took) = time(|| {
        let step = (count / 10).max(1);
        let mut at = 0;
        while at < count && failure.is_none() {
            match fuzz(seed, at, step.min(count - at)) {
                Ok(t) => {
                    tally.executions += t.executions;
                    tally.accepted += t.accepted;
                    tally.largest = tally.largest.max(t.largest);
                }
                Err(why) => failure = Some(why),
            }
            at += step;
            early = early.or_else(peak_mib);
        }
        Ok::<_, Box<dyn Error>>(())
    })?;
    let growth_mib = early.zip(peak_mib()).map(|(a, b)| b - a);
    Ok(Fuzzed { tally, failure, per_second: tally.executions as f64 / took.cpu.max(1e-9), growth_mib })
}
