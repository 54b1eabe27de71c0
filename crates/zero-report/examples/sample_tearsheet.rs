//! Writes a tearsheet of invented numbers, to look at the page without running anything:
//! `cargo run -p zero-report --example sample_tearsheet -- sample.html`.

use zero_core::Ts;
use zero_core::prng::Prng;
use zero_report::*;
use zero_stats::{Bootstrap, Window, max_drawdown, quantile};

const HOUR_MS: i64 = 3_600_000;
const HOURS: usize = 4_695;
const START_MS: i64 = 1_756_929_600_000;
const START_USD: f64 = 10_000.0;
const COINS: [&str; 10] = ["BTC", "ETH", "SOL", "AVAX", "LINK", "DOGE", "ARB", "OP", "INJ", "SUI"];

fn main() -> std::io::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "sample_tearsheet.html".to_owned());
    std::fs::write(path, render_html(&sample(1_000)))
}

/// The invented run; `replicates` is how many resamples each interval takes.
pub fn sample(replicates: u32) -> Tearsheet {
    let equity = walk(1, 0.0025, 0.000_015);
    let boot = Bootstrap { replicates, ..Bootstrap::standard(1) };
    let mut figures = standard_figures(&equity, 8_760.0, "hours", &boot);
    let net_sharpe = figures.remove(0).estimate;
    let last = *equity.values.last().unwrap_or(&START_USD);
    let net = last - START_USD;
    let (fees, funding) = (-612.47, 148.93);
    let rows = |names: &[&str], trades: u64| split(names, trades, net - fees - funding, fees, funding);
    Tearsheet {
        title: "Trend follower and funding carry, ten perpetuals".to_owned(),
        run: run_info(),
        money: Money {
            initial_equity_usd: START_USD,
            final_equity_usd: last,
            price_pnl_usd: net - fees - funding,
            fees_usd: fees,
            funding_usd: funding,
            net_pnl_usd: net,
        },
        net_sharpe,
        figures,
        equity_scale: AxisScale::Auto,
        baselines: baselines(&boot),
        gross_exposure: exposure(true),
        net_exposure: exposure(false),
        attribution: Attribution {
            by_coin: rows(&COINS, 412),
            by_book: rows(&["trend follower", "funding carry"], 412),
        },
        costs: costs(fees, funding),
        cost_sensitivity: cost_sensitivity(net, &boot),
        random_entries: Some(random_entries(net)),
        trades: Trades {
            count: 412,
            wins: 171,
            mean_hold_hours: 31.4,
            median_hold_hours: 19.0,
            mean_pnl_usd: Estimate {
                lo: Some(-2.9),
                hi: Some(4.4),
                level: Some(0.9),
                ..Estimate::counted(net / 412.0, 412, "trades", window())
            },
            best_usd: 318.22,
            worst_usd: -141.05,
            stops: 188,
            gap_stops: 7,
            liquidations: 1,
            open_at_end: 3,
        },
        rejections: rejections(),
        months: months_from_equity(&equity),
        notes: notes(),
        equity,
    }
}

fn window() -> Window {
    let ts = |ms| Ts::from_ms(ms).unwrap_or(Ts::ZERO);
    Window { from: ts(START_MS), to: ts(START_MS + HOURS as i64 * HOUR_MS) }
}

/// A random walk with fat tails and one crash bar.
fn walk(stream: u64, volatility: f64, drift: f64) -> Series {
    let mut draws = Prng::new(8, stream);
    let mut e = START_USD;
    let values = (0..=HOURS)
        .map(|i| {
            if i > 0 {
                e *= 1.0 + drift + volatility * 0.7 * draws.student_t(4);
            }
            if i == 890 {
                e *= 1.0 - volatility * 24.0;
            }
            e
        })
        .collect();
    Series {
        name: "Equity".to_owned(),
        ts_ms: (0..=HOURS as i64).map(|i| START_MS + i * HOUR_MS).collect(),
        values,
    }
}

fn run_info() -> RunInfo {
    let digest = |c: char| c.to_string().repeat(64);
    RunInfo {
        program: "zero backtest".to_owned(),
        program_version: "0.1.0".to_owned(),
        epoch: digest('7'),
        trial_number: 7,
        from_ms: START_MS,
        to_ms: START_MS + HOURS as i64 * HOUR_MS,
        bar: "1 h".to_owned(),
        events: 141_210,
        coins: COINS.iter().map(|c| (*c).to_owned()).collect(),
        strategies: vec![
            StrategyRef { name: "trend_follower".to_owned(), digest: digest('a') },
            StrategyRef { name: "funding_carry".to_owned(), digest: digest('b') },
        ],
        data_digest: digest('c'),
        config_hash: digest('d'),
        decision_digest: digest('e'),
        fee_model: "taker 4.5 bps, maker 1.5 bps, no rebates".to_owned(),
        seed: 1,
        extra: vec![("Starting equity".to_owned(), "$10,000 in one paper account".to_owned())],
    }
}

fn baselines(boot: &Bootstrap) -> Vec<Baseline> {
    let flat = Series { values: vec![START_USD; HOURS + 1], ..walk(2, 0.0, 0.0) };
    [
        ("flat", "Flat", "never trades", flat),
        ("hold", "Hold", "equal parts of all coins, bought once", walk(3, 0.0055, -0.00004)),
        ("trend", "Trend, 168 h", "sign of the 168-hour return, volatility scaled", walk(4, 0.003, 0.00001)),
    ]
    .into_iter()
    .map(|(key, label, description, equity)| {
        let figures = standard_figures(&equity, 8_760.0, "hours", boot);
        Baseline {
            key: key.to_owned(),
            label: label.to_owned(),
            description: description.to_owned(),
            net_pnl_usd: equity.values.last().map_or(f64::NAN, |e| e - START_USD),
            sharpe: figures[0].estimate.clone(),
            max_drawdown_fraction: max_drawdown(&equity.values).map_or(f64::NAN, |d| d.depth_fraction),
            equity,
        }
    })
    .collect()
}

fn exposure(gross: bool) -> Series {
    let mut draws = Prng::new(5, 9);
    let (mut long, mut short) = (4_000.0f64, 2_000.0f64);
    let shape = walk(2, 0.0, 0.0);
    let values = (0..=HOURS)
        .map(|i| {
            let (a, b) = (draws.uniform(), draws.uniform());
            if i % 7 == 0 {
                long = (long + (a - 0.5) * 2_400.0).clamp(0.0, 9_000.0);
                short = (short + (b - 0.5) * 2_400.0).clamp(0.0, 7_000.0);
            }
            if gross { long + short } else { long - short }
        })
        .collect();
    Series { values, ..shape }
}

fn split(names: &[&str], trades: u64, price: f64, fees: f64, funding: f64) -> Vec<AttributionRow> {
    let mut draws = Prng::new(3, names.len() as u64);
    let mut left = (trades, price, fees, funding);
    let mut out = Vec::new();
    for (i, name) in names.iter().enumerate() {
        let last = i + 1 == names.len();
        let share = 1.0 / names.len() as f64;
        let n = if last { left.0 } else { (trades as f64 * share * (0.6 + 0.8 * draws.uniform())) as u64 };
        let p =
            if last { left.1 } else { ((price * share + draws.normal() * 240.0) * 100.0).round() / 100.0 };
        let f = if last {
            left.2
        } else {
            (fees * share * (0.6 + 0.8 * draws.uniform()) * 100.0).round() / 100.0
        };
        let g =
            if last { left.3 } else { ((funding * share + draws.normal() * 18.0) * 100.0).round() / 100.0 };
        left = (left.0 - n, left.1 - p, left.2 - f, left.3 - g);
        out.push(AttributionRow {
            name: (*name).to_owned(),
            trades: n,
            price_pnl_usd: p,
            fees_usd: f,
            funding_usd: g,
            total_usd: p + f + g,
        });
    }
    out
}

fn costs(fees: f64, funding: f64) -> Costs {
    let ramp = |name: &str, total: f64, stream: u64| {
        let mut draws = Prng::new(6, stream);
        let steps: Vec<f64> = (0..=HOURS).map(|_| draws.uniform() * draws.uniform()).collect();
        let sum: f64 = steps.iter().sum();
        let mut so_far = 0.0;
        let values = steps.iter().map(|s| {
            so_far += s / sum * total;
            so_far
        });
        Series { name: name.to_owned(), values: values.collect(), ..walk(2, 0.0, 0.0) }
    };
    let line = |label: &str, amount_usd: f64, inside_price_pnl: bool| CostLine {
        label: label.to_owned(),
        amount_usd,
        inside_price_pnl,
    };
    Costs {
        turnover_usd: 1_361_044.0,
        lines: vec![
            line("Fees", fees, false),
            line("Funding", funding, false),
            line("Spread", -138.2, true),
            line("Impact", -61.7, true),
        ],
        cumulative: vec![
            ramp("Fees", fees, 1),
            ramp("Spread and impact", -199.9, 2),
            ramp("Funding", funding, 3),
        ],
    }
}

fn cost_sensitivity(net: f64, boot: &Bootstrap) -> Vec<CostScenario> {
    [(0.0, 0.000_035), (1.0, 0.000_015), (2.0, -0.000_005)]
        .into_iter()
        .map(|(multiplier, drift)| CostScenario {
            multiplier,
            net_pnl_usd: net + (1.0 - multiplier) * 812.37,
            sharpe: standard_figures(&walk(1, 0.0025, drift), 8_760.0, "hours", boot)[0].estimate.clone(),
        })
        .collect()
}

fn random_entries(net: f64) -> RandomEntries {
    let mut draws = Prng::new(4, 0);
    let values: Vec<f64> = (0..1_000).map(|_| -420.0 + 900.0 * draws.normal()).collect();
    let shape = walk(2, 0.0, 0.0);
    let at = |q: f64| {
        let end = quantile(&values, q).unwrap_or(0.0);
        (0..=HOURS).map(|i| START_USD + end * (i as f64 / HOURS as f64).sqrt()).collect()
    };
    let band = Band {
        name: "random entries, 5th to 95th percentile".to_owned(),
        ts_ms: shape.ts_ms,
        lo: at(0.05),
        hi: at(0.95),
    };
    RandomEntries {
        metric: "Net profit".to_owned(),
        unit: Unit::Usd,
        run_value: net,
        values,
        equity_band: Some(band),
    }
}

fn rejections() -> Rejections {
    let row = |gate: &str, failed: u64, unknown: u64, alone: u64| GateRow {
        gate: gate.to_owned(),
        failed,
        unknown,
        alone,
    };
    Rejections {
        candidates: 46_950,
        accepted: 415,
        by_gate: vec![
            row("cost", 31_207, 0, 9_412),
            row("lens_trend", 38_116, 480, 14_020),
            row("risk_bounds", 2_214, 0, 611),
            row("data_freshness", 0, 1_680, 1_190),
            row("venue_minimum", 318, 0, 44),
            row("breaker_drawdown", 72, 0, 72),
        ],
    }
}

fn notes() -> Vec<Note> {
    [
        ("Fills", "A decision at a bar's close fills at the next bar's open, taker, in full up to the stated capacity. No queue position is modelled."),
        ("Spread", "Half a spread of 1 bp on every fill. The recorded data has no book, so the true spread in fast markets is wider."),
        ("Impact", "Square-root impact with the coefficient in the configuration; it was not fitted to this account's own fills."),
        ("Stops", "A stop fills at the worse of its trigger and the bar's open. When a stop and a target are both touched in one bar, the stop counts."),
        ("Funding", "Paid hourly at the recorded rate on the position held at the stamp, valued at an oracle proxy: last close / (1 + premium)."),
        ("Margin", "Tiered maintenance margin on the account; liquidation at the mark, which is proxied by the bar's close."),
        ("Sample", "196 days of one market regime. An interval describes sampling error inside this window only, not a change of regime."),
    ]
    .into_iter()
    .map(|(topic, text)| Note { topic: topic.to_owned(), text: text.to_owned() })
    .collect()
}
