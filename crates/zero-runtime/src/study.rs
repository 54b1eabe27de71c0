//! A backtest in context: the run itself, the same run at other costs, and baselines that any claim has to beat.

use crate::backtest::{self, Ended};
use crate::collect::{Collected, Collector};
use crate::driver::Driver;
use crate::engine::EngineError;
use crate::spec::RunSpec;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use thiserror::Error;
use zero_core::{Digest32, Rate, Ts, Usd};
use zero_data::{DataError, Dataset, EventRange};
use zero_kernel::{DigestSink, Fact, Fault};
use zero_market::event::TimerKind;
use zero_market::{Event, EventBody};
use zero_stats::{sharpe, simple_returns};
use zero_strategy::lang::{Document, LangError, shipped};
use zero_strategy::registry::StrategyChoice;
use zero_strategy::strategies::{TrendParams, exits_of};

/// Why a study stopped.
#[derive(Debug, Error)]
pub enum StudyError {
    /// The engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The data.
    #[error(transparent)]
    Data(#[from] DataError),
    /// It was told to stop.
    #[error("interrupted")]
    Interrupted,
}

impl StudyError {
    /// Stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Engine(e) => e.code(),
            Self::Data(e) => e.code(),
            Self::Interrupted => "ZERO-RUN-010",
        }
    }

    /// What to do.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Engine(e) => e.hint().to_owned(),
            Self::Data(e) => e.hint().to_owned(),
            Self::Interrupted => {
                "nothing of it was kept: run the same command again from its beginning".to_owned()
            }
        }
    }
}

/// A run reduced to its equity curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What it was.
    pub name: String,
    /// Equity at the end.
    pub last: Usd,
    /// Annualised Sharpe ratio of the net returns per slice; NaN where undefined.
    pub sharpe: f64,
    /// Returns that it was computed from.
    pub returns: u64,
    /// Fills.
    pub fills: u64,
    /// Fees paid.
    pub fees: Usd,
    /// The decision digest.
    pub digest: Digest32,
    /// Equity per slice; empty where it was not kept.
    pub equity: Vec<(Ts, f64)>,
}

/// How much of a study to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StudyPlan {
    /// Seeds of the random-entry baseline; zero for none.
    pub random_seeds: u32,
    /// First seed.
    pub seed: u64,
    /// Threads.
    pub threads: usize,
}

/// Everything measured.
#[derive(Clone, Debug)]
pub struct Study {
    /// Costs times 0, 1 and 2.
    pub sensitivity: Vec<(u32, Outcome)>,
    /// Flat, hold, plain trend follower.
    pub baselines: Vec<Outcome>,
    /// Random entries with the exits that [`Study::random_exits`] names, by seed.
    pub random: Vec<Outcome>,
    /// The entry probability per flat coin-bar that the random runs used.
    pub random_rate: Rate,
    /// The exits of the random runs, in words.
    pub random_exits: String,
}

/// Periods per year of a bar length.
#[must_use]
pub fn periods_per_year(interval: zero_core::TsDiff) -> f64 {
    365.0 * 86_400e9 / interval.as_ns().max(1) as f64
}

/// Runs over a data set in memory and collects everything. `go_on` is asked at every slice.
///
/// # Errors
/// [`StudyError`].
pub fn run(
    data: &Dataset,
    driver: &mut Driver,
    collector: &mut Collector,
    go_on: impl FnMut(&Event) -> bool,
) -> Result<Ended, StudyError> {
    driver.drop_market_facts();
    let mut range = EventRange::all();
    if let Some(key) = driver.last_market() {
        range = range.skip_after(key);
    }
    backtest::collect(driver, data.events(&range), collector, go_on)
}

/// Runs over a data set and keeps the equity curve only.
///
/// # Errors
/// [`StudyError`].
pub fn outcome(
    data: &Dataset,
    spec: &RunSpec,
    name: &str,
    keep: bool,
    stop: &AtomicBool,
) -> Result<Outcome, StudyError> {
    let mut driver = spec.driver()?;
    driver.drop_market_facts();
    let mut facts: Vec<Fact> = Vec::new();
    let mut equity = Vec::with_capacity(8_192);
    for event in data.events(&EventRange::all()) {
        let event = event?;
        driver.feed(&event, &mut DigestSink, &mut facts)?;
        facts.clear();
        if matches!(event.body, EventBody::Timer(TimerKind::BarSlice)) {
            let accounts = &driver.engine().kernel().state().accounts;
            let now: f64 = accounts.iter().filter_map(|a| a.equity).map(Usd::to_f64).sum();
            equity.push((event.time, now));
            if stop.load(Ordering::Relaxed) {
                return Err(StudyError::Interrupted);
            }
        }
    }
    let state = driver.engine().kernel().state();
    let last = state.accounts.iter().filter_map(|a| a.equity).map(Usd::raw).sum();
    let curve: Vec<f64> = equity.iter().map(|(_, e)| *e).collect();
    let fills = state.counters.fills;
    let fees = Usd::from_raw(state.ledger.books.iter().map(|b| b.fees.raw()).sum());
    let sharpe = sharpe_of(&curve, data.interval());
    let returns = curve.len().saturating_sub(1) as u64;
    if !keep {
        equity = Vec::new();
    }
    let digest = state.digest;
    Ok(Outcome {
        name: name.to_owned(),
        last: Usd::from_raw(last),
        sharpe,
        returns,
        fills,
        fees,
        digest,
        equity,
    })
}

/// Annualised Sharpe ratio of an equity curve sampled once a bar; NaN where undefined.
#[must_use]
pub fn sharpe_of(curve: &[f64], interval: zero_core::TsDiff) -> f64 {
    simple_returns(curve).and_then(|r| sharpe(&r, periods_per_year(interval))).unwrap_or(f64::NAN)
}

/// A run's costs multiplied by a whole number: what the venue charges and what the kernel expects. Its cost gates judge by the
/// latter, so that the decisions are not held: at higher costs fewer candidates are admitted.
#[must_use]
pub fn with_costs(spec: &RunSpec, times: i64) -> RunSpec {
    let mut out = spec.clone();
    let scale = |r: Rate| r.times(times).unwrap_or(r);
    out.paper.fees.taker = scale(spec.paper.fees.taker);
    out.paper.fees.maker = scale(spec.paper.fees.maker);
    out.paper.half_spread = scale(spec.paper.half_spread);
    out.paper.impact = scale(spec.paper.impact);
    out.kernel.costs.taker = scale(spec.kernel.costs.taker);
    out.kernel.costs.half_spread = scale(spec.kernel.costs.half_spread);
    out
}

/// The baselines and the sensitivity of a run that was collected. `progress` is told how many of how many are done.
///
/// # Errors
/// [`StudyError`].
pub fn context(
    data: &Dataset,
    spec: &RunSpec,
    main: &Collected,
    plan: StudyPlan,
    stop: &AtomicBool,
    progress: &(impl Fn(u64, u64) + Sync),
) -> Result<Study, StudyError> {
    let cash: i64 = spec.kernel.books.iter().map(|b| b.initial.raw()).sum();
    let single = |name: &str, choice: StrategyChoice| {
        let mut s =
            RunSpec::standard(spec.universe.clone(), Usd::from_raw(cash), spec.paper, &[(name, choice)]);
        s.kernel.limits = spec.kernel.limits;
        s.kernel.costs = spec.kernel.costs;
        s.policy = spec.policy;
        s
    };
    let share = Rate::from_raw(Rate::ONE_RAW / spec.universe.len().max(1) as i64);
    let mut hold = single("hold", StrategyChoice::Hold(share));
    // Holding is not a strategy under limits: it is the market's own result, fees included.
    hold.full_stack = false;
    hold.kernel.limits = zero_strategy::Limits::unbounded();
    let exits = RandomExits::of(spec, main)?;
    let random_rate = entry_rate(data, main, spec, exits.document.coins());

    let mut jobs: Vec<(String, RunSpec, bool)> =
        [0, 1, 2].iter().map(|k| (format!("costs x{k}"), with_costs(spec, *k), true)).collect();
    jobs.push(("flat".into(), single("flat", StrategyChoice::Flat), true));
    jobs.push(("hold".into(), hold, true));
    let trend = shipped::trend(&TrendParams::standard())
        .map_err(|e| EngineError::from(Fault::Config(e.to_string())))?;
    let trend = StrategyChoice::Document(Arc::new(trend));
    jobs.push(("trend follower".into(), single("trend", trend), true));
    let fixed = jobs.len();
    for i in 0..u64::from(plan.random_seeds) {
        let seed = plan.seed.wrapping_add(i);
        let choice = StrategyChoice::RandomDocument(seed, random_rate, Arc::clone(&exits.document));
        jobs.push((format!("random {seed}"), single("random", choice), false));
    }
    let mut outcomes = run_all(data, &jobs, plan.threads, stop, progress)?;
    let random = outcomes.split_off(fixed);
    let baselines = outcomes.split_off(3);
    let sensitivity = [0u32, 1, 2].into_iter().zip(outcomes).collect();
    Ok(Study { sensitivity, baselines, random, random_rate, random_exits: exits.words })
}

/// What random entries leave by.
struct RandomExits {
    document: Arc<Document>,
    words: String,
}

impl RandomExits {
    /// Of the book that traded most among those whose exits are a document's; where there is none, of the shipped trend
    /// follower.
    fn of(spec: &RunSpec, main: &Collected) -> Result<Self, StudyError> {
        let written = |s: &StrategyChoice| match s {
            StrategyChoice::Document(d) => Some(Ok(Document::clone(d))),
            StrategyChoice::Trend(p) => Some(shipped::trend(p)),
            StrategyChoice::Carry(p) => Some(shipped::carry(p)),
            _ => None,
        };
        let trades = |book| main.trades.iter().filter(|t| t.book == book).count();
        // `max_by_key` takes the last of equals: reversed, the first book wins a tie.
        let books = spec.kernel.books.iter().zip(&spec.strategies).rev();
        let found = books
            .filter_map(|(b, s)| Some((b, written(s)?)))
            .max_by_key(|(b, _)| trades(b.book))
            .map(|(b, d)| (b.name.as_str(), d));
        let bad = |e: LangError| EngineError::from(Fault::Config(e.to_string()));
        let (whose, document) = match found {
            Some((name, d)) => (format!("the document of {name}"), d.map_err(bad)?),
            None => {
                let trend = shipped::trend(&TrendParams::standard()).map_err(bad)?;
                ("the shipped trend follower, as no book says its own".to_owned(), trend)
            }
        };
        let document = exits_of(&document).map_err(bad)?;
        let words = format!("{} of {whose}", kinds(&document));
        Ok(Self { document: Arc::new(document), words })
    }
}

/// The exits that a document has, each with its text.
fn kinds(exits: &Document) -> String {
    let all: Vec<String> = exits
        .normal()
        .filter_map(|(key, text)| {
            let kind = key.strip_prefix("exit.").filter(|k| !k.starts_with("on_unknown"))?;
            (text != "none" && text != "false").then(|| format!("{} {text}", kind.replace('_', " ")))
        })
        .collect();
    all.join(", ")
}

/// Entries of the run per coin-bar of one book, over the coins that are traded; none are named where all are.
fn entry_rate(data: &Dataset, main: &Collected, spec: &RunSpec, coins: &[String]) -> Rate {
    let entries = main.admitted.max(1);
    let traded = |c| coins.is_empty() || coins.iter().any(|name| spec.universe.symbol(c) == name.as_str());
    let bars: u64 = data.iter().filter(|(c, _)| traded(*c)).map(|(_, s)| s.bars.len() as u64).sum();
    let coin_bars = bars.max(1) * spec.kernel.books.len().max(1) as u64;
    Rate::from_f64_nearest((entries as f64 / coin_bars as f64).min(1.0)).unwrap_or(Rate::ZERO)
}

/// Runs jobs on threads; the result is in the order of the jobs whatever the schedule.
fn run_all(
    data: &Dataset,
    jobs: &[(String, RunSpec, bool)],
    threads: usize,
    stop: &AtomicBool,
    progress: &(impl Fn(u64, u64) + Sync),
) -> Result<Vec<Outcome>, StudyError> {
    let job = |(name, spec, keep): &(String, RunSpec, bool)| outcome(data, spec, name, *keep, stop);
    in_parallel(jobs, threads, progress, &job)
}

/// Does each job on one of the threads; the results are in the order of the jobs whatever the schedule.
pub(crate) fn in_parallel<J: Sync, T: Send>(
    jobs: &[J],
    threads: usize,
    progress: &(impl Fn(u64, u64) + Sync),
    job: &(impl Fn(&J) -> Result<T, StudyError> + Sync),
) -> Result<Vec<T>, StudyError> {
    let next = AtomicU64::new(0);
    let done = AtomicU64::new(0);
    let worker = || {
        let mut mine = Vec::new();
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed) as usize;
            let Some(j) = jobs.get(i) else { return Ok(mine) };
            mine.push((i, job(j)?));
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, jobs.len() as u64);
        }
    };
    let parts: Vec<Result<Vec<(usize, T)>, StudyError>> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(worker)).collect();
        handles
            .into_iter()
            // A worker cannot panic; should one, the study is not complete and says so.
            .map(|h| h.join().unwrap_or(Err(StudyError::Interrupted)))
            .collect()
    });
    let mut all = Vec::with_capacity(jobs.len());
    for part in parts {
        all.extend(part?);
    }
    all.sort_by_key(|(i, _)| *i);
    Ok(all.into_iter().map(|(_, o)| o).collect())
}
