//! From a run and its context to the page that people read.

use crate::collect::{Collected, Sample};
use crate::record::Manifest;
use crate::spec::RunSpec;
use crate::study::{Outcome, Study, periods_per_year, sharpe_of};
use zero_core::{Digest32, Ts, TsDiff, Usd};
use zero_data::Dataset;
use zero_market::FillCause;
use zero_report::{
    Attribution, AttributionRow, AxisScale, Baseline, CostLine, CostScenario, Costs, Estimate, GateRow,
    Money, Note, RandomEntries, Rejections, RunInfo, Series, StrategyRef, Tearsheet, Trades, Unit, WARM_UP,
    months_from_equity, standard_figures,
};
use zero_stats::{BlockRule, Bootstrap, Window, max_drawdown, median, sharpe};
use zero_strategy::FeaturePlan;

/// What the page says that the run itself does not know.
#[derive(Clone, Debug)]
pub struct PageInfo<'a> {
    /// Manifest of the run.
    pub manifest: &'a Manifest,
    /// Digest of the data.
    pub data: Digest32,
    /// Source events read.
    pub events: u64,
    /// Place in the trial registry, from 1.
    pub trial: u64,
    /// Bar length.
    pub interval: TsDiff,
    /// Seed of everything drawn.
    pub seed: u64,
    /// Resamples of each interval.
    pub resamples: u32,
    /// Coin-hours with a bar and without a funding print: positions held then paid and received none.
    pub unfunded_hours: u64,
}

/// Coin-hours that have a bar that closes on the hour and no funding print at it; zero where a market has no funding.
#[must_use]
pub fn unfunded_hours(data: &Dataset) -> u64 {
    let mut missing = 0;
    for (_, series) in data.iter().filter(|(_, s)| !s.funding.is_empty()) {
        let mut prints = series.funding.iter().map(|f| f.time).peekable();
        for bar in &series.bars {
            let close = bar.open_time.plus(data.interval());
            if close.floor(TsDiff::HOUR) != close {
                continue;
            }
            while prints.next_if(|t| *t < close).is_some() {}
            missing += u64::from(prints.peek() != Some(&close));
        }
    }
    missing
}

/// Fills the page.
#[must_use]
pub fn tearsheet(spec: &RunSpec, run: &Collected, study: Option<&Study>, info: &PageInfo<'_>) -> Tearsheet {
    let equity = series("equity", &run.samples, |s| s.equity);
    // The automatic block length sees dependence in the mean only; a day covers the clustering of volatility.
    let day = TsDiff::DAY.as_ns() as f64 / info.interval.as_ns().max(1) as f64;
    let block = BlockRule::PolitisWhite { at_least: day.max(1.0) };
    let boot = Bootstrap { replicates: info.resamples.max(100), block, ..Bootstrap::standard(info.seed) };
    let periods = periods_per_year(info.interval);
    let unit = bar_unit(info.interval);
    let mut figures = standard_figures(&equity, periods, unit, &boot);
    let window = window(run);
    let net_sharpe = match figures.is_empty() {
        true => Estimate::unknown("no returns", 0, unit, window),
        false => figures.remove(0).estimate,
    };
    Tearsheet {
        title: spec.kernel.books.iter().map(|b| b.name.clone()).collect::<Vec<_>>().join(", "),
        run: run_info(spec, run, info),
        money: money(spec, run),
        net_sharpe,
        figures,
        equity_scale: AxisScale::Auto,
        baselines: study
            .map(|s| baselines(&s.baselines, spec, &boot, (periods, unit, window)))
            .unwrap_or_default(),
        gross_exposure: series("gross", &run.samples, |s| s.gross),
        net_exposure: series("net", &run.samples, |s| s.net),
        attribution: attribution(spec, run),
        costs: costs(run),
        cost_sensitivity: study
            .map(|s| sensitivity(s, spec, &boot, (periods, unit, window)))
            .unwrap_or_default(),
        random_entries: study.filter(|s| !s.random.is_empty()).map(|s| random(s, run, info.interval)),
        trades: trades(run, window),
        rejections: rejections(run, info.manifest),
        months: months_from_equity(&equity),
        notes: notes((spec, run), study, info.unfunded_hours),
        equity,
    }
}

fn window(run: &Collected) -> Window {
    Window { from: run.first.unwrap_or(Ts::ZERO), to: run.last }
}

fn bar_unit(interval: TsDiff) -> &'static str {
    match interval {
        TsDiff::HOUR => "hours",
        TsDiff::DAY => "days",
        _ => "bars",
    }
}

fn interval_name(interval: TsDiff) -> String {
    let seconds = interval.as_ns() / 1_000_000_000;
    match seconds {
        s if s % 86_400 == 0 => format!("{} d", s / 86_400),
        s if s % 3_600 == 0 => format!("{} h", s / 3_600),
        s if s % 60 == 0 => format!("{} min", s / 60),
        s => format!("{s} s"),
    }
}

fn series(name: &str, samples: &[Sample], pick: impl Fn(&Sample) -> Usd) -> Series {
    Series {
        name: name.into(),
        ts_ms: samples.iter().map(|s| s.time.as_ms()).collect(),
        values: samples.iter().map(|s| pick(s).to_f64()).collect(),
    }
}

/// A rate in percent or basis points, with its own digits: through an f64, 1.5 would print as 1.4999….
fn times(rate: zero_core::Rate, factor: i64) -> zero_core::Rate {
    zero_core::Rate::from_raw(rate.raw().saturating_mul(factor))
}

fn run_info(spec: &RunSpec, run: &Collected, info: &PageInfo<'_>) -> RunInfo {
    let m = info.manifest;
    RunInfo {
        program: "zero backtest".into(),
        program_version: m.program.clone(),
        epoch: format!(
            "code {:.16}, config {:.16}, strategies {:.16}",
            hex(m.epoch.code),
            hex(m.epoch.config),
            hex(m.epoch.strategies)
        ),
        trial_number: info.trial,
        from_ms: run.first.unwrap_or(Ts::ZERO).as_ms(),
        to_ms: run.last.as_ms(),
        bar: interval_name(info.interval),
        events: info.events,
        coins: m.universe.iter().map(|i| i.symbol.clone()).collect(),
        strategies: m
            .strategies
            .iter()
            .map(|s| StrategyRef { name: format!("{} ({})", s.name, s.params), digest: hex(s.digest()) })
            .collect(),
        data_digest: hex(info.data),
        config_hash: hex(m.epoch.config),
        decision_digest: hex(run.digest),
        fee_model: format!(
            "taker {} bps, maker {} bps",
            times(spec.paper.fees.taker, 10_000),
            times(spec.paper.fees.maker, 10_000)
        ),
        seed: info.seed,
        extra: vec![("source".into(), m.source.clone())],
    }
}

fn hex(d: Digest32) -> String {
    d.to_string()
}

/// Sums of the legs: price, fees and funding, each with the sign of its effect on equity.
#[must_use]
pub fn money(spec: &RunSpec, run: &Collected) -> Money {
    let initial: i64 = spec.kernel.books.iter().map(|b| b.initial.raw()).sum();
    let backstop: i64 = run.backstops.iter().map(|b| b.amount.raw()).sum();
    let price: i64 = run.legs.iter().filter_map(|l| l.price().ok()).map(Usd::raw).sum::<i64>() + backstop;
    let fees: i64 = -run.legs.iter().map(|l| l.fees.raw()).sum::<i64>();
    let funding: i64 = run.legs.iter().map(|l| l.funding.raw()).sum();
    let usd = |raw: i64| Usd::from_raw(raw).to_f64();
    Money {
        initial_equity_usd: usd(initial),
        final_equity_usd: usd(initial + price + fees + funding),
        price_pnl_usd: usd(price),
        fees_usd: usd(fees),
        funding_usd: usd(funding),
        net_pnl_usd: usd(price + fees + funding),
    }
}

fn attribution(spec: &RunSpec, run: &Collected) -> Attribution {
    let coins = spec.universe.len();
    let row = |name: &str, keep: &dyn Fn(usize) -> bool| {
        let legs = run.legs.iter().enumerate().filter(|(i, _)| keep(*i)).map(|(_, l)| l);
        let (mut price, mut fees, mut funding) = (0i64, 0i64, 0i64);
        for leg in legs {
            price += leg.price().map(Usd::raw).unwrap_or(0);
            fees -= leg.fees.raw();
            funding += leg.funding.raw();
        }
        let usd = |raw: i64| Usd::from_raw(raw).to_f64();
        let in_row = |t: &&crate::collect::Trade| keep(t.book.index() * coins + t.coin.index());
        AttributionRow {
            name: name.to_owned(),
            trades: run.trades.iter().filter(in_row).count() as u64,
            price_pnl_usd: usd(price),
            fees_usd: usd(fees),
            funding_usd: usd(funding),
            total_usd: usd(price + fees + funding),
        }
    };
    let by_coin = spec.universe.iter().map(|(c, i)| row(&i.symbol, &|at| at % coins == c.index())).collect();
    let by_book =
        spec.kernel.books.iter().map(|b| row(&b.name, &|at| at / coins == b.book.index())).collect();
    Attribution { by_coin, by_book }
}

fn costs(run: &Collected) -> Costs {
    let turnover: f64 = run.legs.iter().map(|l| l.turnover.to_f64()).sum();
    let fees: f64 = run.legs.iter().map(|l| l.fees.to_f64()).sum();
    let funding: f64 = run.legs.iter().map(|l| l.funding.to_f64()).sum();
    let mut paid = Series::empty("fees");
    let mut carried = Series::empty("funding");
    let mut sum = 0.0;
    for f in &run.fills {
        sum -= f.fee.to_f64();
        paid.ts_ms.push(f.time.as_ms());
        paid.values.push(sum);
    }
    sum = 0.0;
    for p in &run.funding {
        sum += p.amount.to_f64();
        carried.ts_ms.push(p.time.as_ms());
        carried.values.push(sum);
    }
    let line = |label: &str, amount_usd: f64, inside_price_pnl: bool| CostLine {
        label: label.into(),
        amount_usd,
        inside_price_pnl,
    };
    Costs {
        turnover_usd: turnover,
        lines: vec![
            line("fees", -fees, false),
            line("funding", funding, false),
            line("delay, spread and impact against the price at the decision", -run.shortfall.to_f64(), true),
        ],
        cumulative: vec![paid, carried],
    }
}

fn trades(run: &Collected, window: Window) -> Trades {
    let hold = |t: &crate::collect::Trade| t.closed.since(t.opened).as_ns() as f64 / 3.6e12;
    let holds: Vec<f64> = run.trades.iter().map(hold).collect();
    let nets: Vec<f64> = run.trades.iter().map(|t| t.net().to_f64()).collect();
    let n = nets.len() as u64;
    let mean = |xs: &[f64]| zero_stats::mean(xs).unwrap_or(f64::NAN);
    let caused = |cause: FillCause| run.trades.iter().filter(|t| t.cause == cause).count() as u64;
    let estimate = match (zero_stats::mean(&nets), zero_stats::sd(&nets)) {
        (Ok(m), Ok(s)) if n >= 2 => {
            let half = zero_stats::normal_quantile(0.95) * s / (n as f64).sqrt();
            Estimate {
                lo: Some(m - half),
                hi: Some(m + half),
                level: Some(0.9),
                method: "normal approximation, trades taken as independent".into(),
                ..Estimate::counted(m, n, "trades", window)
            }
        }
        _ => Estimate::unknown("fewer than two trades", n, "trades", window),
    };
    Trades {
        count: n,
        wins: run.trades.iter().filter(|t| t.net().raw() > 0).count() as u64,
        mean_hold_hours: mean(&holds),
        median_hold_hours: median(&holds).unwrap_or(f64::NAN),
        mean_pnl_usd: estimate,
        best_usd: nets.iter().copied().fold(f64::NAN, f64::max),
        worst_usd: nets.iter().copied().fold(f64::NAN, f64::min),
        stops: caused(FillCause::Stop),
        gap_stops: run.gap_stops,
        liquidations: caused(FillCause::Liquidation),
        open_at_end: run.legs.iter().filter(|l| l.szi.raw() != 0).count() as u64,
    }
}

fn rejections(run: &Collected, manifest: &Manifest) -> Rejections {
    let by_gate = manifest
        .gates
        .iter()
        .zip(&run.gates)
        .map(|(gate, c)| GateRow { gate: gate.clone(), failed: c.failed, unknown: c.unknown, alone: c.alone })
        .collect();
    Rejections { candidates: run.candidates, accepted: run.admitted, by_gate }
}

fn baselines(
    all: &[Outcome],
    spec: &RunSpec,
    boot: &Bootstrap,
    (periods, unit, window): (f64, &str, Window),
) -> Vec<Baseline> {
    let initial: f64 = spec.kernel.books.iter().map(|b| b.initial.to_f64()).sum();
    all.iter()
        .map(|o| {
            let values: Vec<f64> = o.equity.iter().map(|(_, e)| *e).collect();
            Baseline {
                key: o.name.replace(' ', "_"),
                label: o.name.clone(),
                description: describe(&o.name).into(),
                equity: Series {
                    name: o.name.clone(),
                    ts_ms: o.equity.iter().map(|(t, _)| t.as_ms()).collect(),
                    values: values.clone(),
                },
                net_pnl_usd: o.last.to_f64() - initial,
                sharpe: sharpe_estimate(o, boot, (periods, unit, window)),
                max_drawdown_fraction: max_drawdown(&values).map(|d| d.depth_fraction).unwrap_or(f64::NAN),
            }
        })
        .collect()
}

fn sharpe_estimate(o: &Outcome, boot: &Bootstrap, (periods, unit, window): (f64, &str, Window)) -> Estimate {
    let values: Vec<f64> = o.equity.iter().map(|(_, e)| *e).collect();
    let returns = zero_stats::simple_returns(&values).unwrap_or_default();
    let sample = zero_stats::Sample { values: &returns, window };
    let measured = boot.measure(sample, |r| sharpe(r, periods).unwrap_or(f64::NAN));
    Estimate::from_result(measured, returns.len() as u64, unit, window)
}

fn describe(name: &str) -> &'static str {
    match name {
        "flat" => "No position at any time.",
        "hold" => "Equal shares of every coin bought at the first bar and kept, fees and funding included.",
        _ => "One book with the shipped trend follower and the run's limits.",
    }
}

fn sensitivity(
    study: &Study,
    spec: &RunSpec,
    boot: &Bootstrap,
    (periods, unit, window): (f64, &str, Window),
) -> Vec<CostScenario> {
    let initial: f64 = spec.kernel.books.iter().map(|b| b.initial.to_f64()).sum();
    study
        .sensitivity
        .iter()
        .map(|(times, o)| CostScenario {
            multiplier: f64::from(*times),
            net_pnl_usd: o.last.to_f64() - initial,
            sharpe: sharpe_estimate(o, boot, (periods, unit, window)),
        })
        .collect()
}

fn random(study: &Study, run: &Collected, interval: TsDiff) -> RandomEntries {
    let curve: Vec<f64> = run.samples.iter().map(|s| s.equity.to_f64()).collect();
    RandomEntries {
        metric: "net Sharpe ratio".into(),
        unit: Unit::Ratio,
        run_value: sharpe_of(&curve, interval),
        values: study.random.iter().map(|o| o.sharpe).filter(|s| s.is_finite()).collect(),
        equity_band: None,
    }
}

fn notes((spec, run): (&RunSpec, &Collected), study: Option<&Study>, unfunded: u64) -> Vec<Note> {
    let note = |topic: &str, text: String| Note { topic: topic.into(), text };
    let p = &spec.paper;
    let mut out = vec![
        note("Fills", "A decision at a close fills from the next open on. A stop that the open jumped over fills at the open; otherwise at its trigger; a stop comes before a target when one bar touches both.".into()),
        note("Spread and impact", format!("Half spread {} bps, square-root impact with coefficient {}; at most {} of the previous bar's volume per order.", times(p.half_spread, 10_000), p.impact, p.participation.map_or("all".into(), |r| format!("{} %", times(r, 100))))),
        note("Funding", "Charged at the recorded hourly prints on the position held at the stamp. The panel carries no oracle price: the proxy is the last close divided by one plus the premium.".into()),
        note("Margin", format!("{} margin, leverage {}, the venue's tiered maintenance. Inside a bar all coins move to their adverse extremes together, which is harsher than they did.", p.margin.name(), p.leverage)),
    ];
    if unfunded > 0 {
        let text = format!(
            "{unfunded} coin-hours have a bar but no funding print. Positions held then paid and received none."
        );
        out.push(note("Missing funding", text));
    }
    if let Some(after) = spec.policy.clear_latches_after {
        note_policy(&mut out, after);
    }
    if let Some(text) = never_warm(spec, run.samples.len()) {
        out.push(note(WARM_UP, text));
    }
    if let Some(s) = study.filter(|s| !s.random.is_empty()) {
        out.push(note("Random entries", format!("{} runs enter either side with probability {} per flat coin-bar and leave by these exits and no signal: {}.", s.random.len(), s.random_rate, s.random_exits)));
    }
    out
}

/// What every strategy would have needed, where none had it.
fn never_warm(spec: &RunSpec, bars: usize) -> Option<String> {
    let mut needs = Vec::new();
    for (book, choice) in spec.kernel.books.iter().zip(&spec.strategies) {
        if spec.kernel.own_book == Some(book.book) {
            continue;
        }
        let mut plan = FeaturePlan::new();
        // Building declares the inputs; only those are asked about.
        drop(choice.clone().build(&mut plan));
        let needed = plan.warm_up();
        if needed <= bars {
            return None;
        }
        needs.push(format!("{} needs {needed} bars", book.name));
    }
    (!needs.is_empty()).then(|| format!("{}, and the data have {bars}.", needs.join(", ")))
}

fn note_policy(out: &mut Vec<Note>, after: TsDiff) {
    let hours = after.as_ns() / 3_600_000_000_000;
    out.push(Note {
        topic: "Halts".into(),
        text: format!("A latched breaker is cleared by the run's stated policy after {hours} hours, as a recorded operator event. A person might wait longer."),
    });
}
