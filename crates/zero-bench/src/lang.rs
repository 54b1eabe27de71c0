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
use zero_strategy::strategies::{CarryParams, TrendParams};

/// Backtests with documents over the same ones with the strategies in Rust, alternating: one book, and the two shipped ones.
pub(crate) fn rows(args: &BenchArgs) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut market = SynthSpec::seeded(1);
    market.bars = Some(if args.quick { 2_400 } else { 24_000 });
    let data = generate(&market)?;
    let rust = [
        ("trend", StrategyChoice::Trend(TrendParams::standard())),
        ("carry", StrategyChoice::Carry(CarryParams::standard())),
    ];
    let documents = shipped()?;
    let one = compare(args, &data, (&rust[..1], &documents[..1]))?;
    let two = compare(args, &data, (&rust, &documents))?;
    Ok(vec![
        one.row("backtest, trend document over Rust").reach("<= 2"),
        two.row("main loop per decision, shipped documents over Rust").reach("<= 1.1"),
    ])
}

/// The shipped books.
pub(crate) fn shipped() -> Result<[(&'static str, StrategyChoice); 2], Box<dyn Error>> {
    Ok([("trend", document("trend")?), ("carry", document("carry")?)])
}

fn document(name: &str) -> Result<StrategyChoice, Box<dyn Error>> {
    let text = bundled(name).ok_or_else(|| format!("no bundled {name}"))?;
    Ok(StrategyChoice::Document(Arc::new(read(text.as_bytes()).map_err(|e| e.to_string())?.document)))
}

type Books<'a> = &'a [(&'static str, StrategyChoice)];

/// CPU time of one over the other, by run. Both decide alike, so that it is also the ratio per decision.
struct Compared {
    ratios: Vec<(f64, Option<f64>)>,
    note: String,
}

impl Compared {
    fn row(self, name: &str) -> Row {
        Row::of(name, "digest", "ratio", self.ratios).note(self.note)
    }
}

fn compare(
    args: &BenchArgs,
    data: &Dataset,
    (rust, documents): (Books<'_>, Books<'_>),
) -> Result<Compared, Box<dyn Error>> {
    let (mut ratios, mut note) = (Vec::new(), String::new());
    for i in 0..args.runs {
        // Whichever goes first has the colder machine: they take turns.
        let (a, b) = if i % 2 == 0 { (rust, documents) } else { (documents, rust) };
        let (first, orders) = backtest_of(data, a)?;
        let (second, same) = backtest_of(data, b)?;
        if orders != same {
            return Err(format!("{orders} orders by one, {same} by the other").into());
        }
        let (rust, doc) = if i % 2 == 0 { (first, second) } else { (second, first) };
        ratios.push((doc / rust, Some(doc)));
        let decisions = data.bar_count() * documents.len();
        note = format!(
            "{orders} orders, {decisions} times a strategy and a coin, full stack; {:.0} ns each by documents",
            doc * 1e9 / decisions.max(1) as f64
        );
    }
    Ok(Compared { ratios, note })
}

fn backtest_of(data: &Dataset, books: Books<'_>) -> Result<(f64, u64), Box<dyn Error>> {
    let paper = PaperConfig::standard(FeeModel::HYPERLIQUID_BASE);
    let mut spec = RunSpec::standard(data.universe().clone(), Usd::whole(10_000), paper, books);
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
