//! The regimes of the cross-section on recorded returns and on surrogates of them in which no trend can be. Needs the folder
//! that the environment variable `ZERO_SHARED_DATA` names; without it the tests say what was left out.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests")]

use std::path::PathBuf;
use zero_core::prng::Prng;
use zero_core::{CoinId, Px, Sz, Ts, TsDiff};
use zero_data::import::collect_inputs;
use zero_data::{Dataset, ImportOptions, import};
use zero_market::cross::{CrossMarket, Dependent, SCALES, ScaleFilter, TRANSITIONS};
use zero_market::{Bar, Universe};
use zero_stats::log_returns;

/// Hours as rows, coins as columns.
struct Returns {
    universe: Universe,
    rows: Vec<Vec<f64>>,
}

fn panel() -> Option<Returns> {
    let Some(dir) = std::env::var_os("ZERO_SHARED_DATA") else {
        println!("left out: regimes on the recorded panel (ZERO_SHARED_DATA is not set)");
        return None;
    };
    let tmp = tempfile::tempdir().unwrap();
    let inputs = collect_inputs(&[PathBuf::from(dir).join("hyperliquid")]).unwrap();
    let report = import(&inputs, &tmp.path().join("panel"), &ImportOptions::default(), &mut |_| {}).unwrap();
    let data = Dataset::from_store(&report.store).unwrap();
    let columns: Vec<Vec<f64>> = data
        .iter()
        .map(|(_, s)| log_returns(&s.bars.iter().map(|b| b.close.to_f64()).collect::<Vec<_>>()).unwrap())
        .collect();
    let rows = (0..columns[0].len()).map(|t| columns.iter().map(|c| c[t]).collect()).collect();
    Some(Returns { universe: data.universe().clone(), rows })
}

/// Runs the whole cross-section and shows it after each hour.
fn through(r: &Returns, rows: &[Vec<f64>], mut see: impl FnMut(usize, &CrossMarket)) {
    let start = Ts::from_ns(1_756_900_800_000_000_000);
    let mut cross = CrossMarket::new(&r.universe);
    let mut px = vec![1_000.0f64; r.universe.len()];
    for (t, row) in rows.iter().enumerate() {
        let close = start.plus(TsDiff::HOUR.times(t as i64));
        for (i, (x, ret)) in px.iter_mut().zip(row).enumerate() {
            *x *= ret.exp();
            let p = Px::from_f64_nearest(*x).unwrap();
            let (coin, open_time) = (CoinId(i as u16), close.minus(TsDiff::HOUR));
            let (interval, volume) = (TsDiff::HOUR, Sz::ONE);
            cross.on_bar(&Bar { coin, open_time, interval, open: p, high: p, low: p, close: p, volume });
        }
        cross.on_slice(close);
        see(t, &cross);
    }
}

/// Coin-days called dependent, and all that were judged; the rate of discoveries holds over coins and horizons together.
fn called(r: &Returns, rows: &[Vec<f64>]) -> (u64, u64) {
    let (mut called, mut all) = (0, 0);
    through(r, rows, |t, cross| {
        if t % 24 == 23 {
            let coins = (0..r.universe.len()).filter_map(|c| cross.track(CoinId(c as u16)));
            for s in coins.filter_map(|t| t.serial().state) {
                all += 1;
                called += u64::from(s != Dependent::Nothing as u8);
            }
        }
    });
    (called, all)
}

/// The whole hour changes its sign, for all coins at once: volatility and its clusters, tails and correlations stay, direction
/// goes. Or hours are drawn in another order, all coins together: clusters go too.
#[test]
fn surrogates_of_recorded_returns_have_no_trend() {
    let Some(r) = panel() else { return };
    for shuffled in [false, true] {
        let (mut found, mut all) = (0, 0);
        for seed in 0..12 {
            let mut p = Prng::new(seed, 21);
            let mut rows = r.rows.clone();
            if shuffled {
                for i in (1..rows.len()).rev() {
                    rows.swap(i, p.below(i as u64 + 1) as usize);
                }
            } else {
                for row in rows.iter_mut().filter(|_| p.below(2) == 0) {
                    row.iter_mut().for_each(|x| *x = -*x);
                }
            }
            let (c, n) = called(&r, &rows);
            (found, all) = (found + c, all + n);
        }
        let rate = found as f64 / all as f64;
        println!(
            "{}: {rate:.4} of {all} coin-days",
            if shuffled { "shuffled hours" } else { "random signs" }
        );
        assert!(all > 10_000 && rate <= 0.05, "{rate} of {all}");
    }
    let (found, all) = called(&r, &r.rows);
    println!("as recorded: {found} of {all} coin-days");
    assert!(found as f64 <= 0.05 * all as f64);
}

/// The same hours with a drift that persists for three days at a time: the gate is not blind.
#[test]
fn a_trend_put_into_recorded_returns_is_found() {
    let Some(r) = panel() else { return };
    let (mut p, mut rows, mut drift) = (Prng::new(1, 22), r.rows.clone(), 1.0);
    for (t, row) in rows.iter_mut().enumerate() {
        if t % 72 == 0 {
            drift = if p.below(2) == 0 { 1.0 } else { -1.0 };
        }
        row.iter_mut().for_each(|x| *x += 0.004 * drift);
    }
    let (found, all) = called(&r, &rows);
    println!("{found} of {all} coin-days");
    assert!(found as f64 > 0.5 * all as f64);
}

/// How often a state is left, and what hysteresis and dwell are for: the likeliest state of the same posterior changes more
/// often. The figures are printed; no rate was promised.
#[test]
fn states_flicker_less_than_their_likeliest_names() {
    let Some(r) = panel() else { return };
    let (mut flips, mut likeliest, mut last, mut daily) = ((0, 0, 0), 0, None, Vec::new());
    through(&r, &r.rows, |t, cross| {
        let v = cross.volatility();
        let serial: u32 =
            (0..r.universe.len()).map(|c| cross.track(CoinId(c as u16)).unwrap().serial().flips).sum();
        flips = (v.flips, cross.correlation().flips, serial);
        if v.steps > 0 || v.state.is_some() {
            let top = (0..3).max_by(|a, b| v.p[*a].total_cmp(&v.p[*b]));
            likeliest += u32::from(last.is_some() && last != top);
            last = top;
        }
        if t % 24 == 23 {
            daily.extend(v.state);
        }
    });
    let changed = daily.windows(2).filter(|w| w[0] != w[1]).count() as f64 / (daily.len() - 1) as f64;
    println!(
        "in {:.0} days volatility was left {} times (its likeliest name changed {likeliest} times), correlation {}, \
         dependence of all coins {}; from day to day volatility had another name on {changed:.2} of days",
        r.rows.len() as f64 / 24.0,
        flips.0,
        flips.1,
        flips.2
    );
    assert!(flips.0 < likeliest);
    // Labels of chart names change on two days of three on this panel.
    assert!(changed < 0.5);
}

/// Log density of a Student t with four degrees of freedom and standard deviation `s`.
fn log_t4(r: f64, s: f64) -> f64 {
    let a = 1.0 + r * r / (2.0 * s * s);
    (0.375 * std::f64::consts::SQRT_2).ln() - s.ln() - 2.5 * a.ln()
}

fn ahead(p: [f64; 3]) -> [f64; 3] {
    [0, 1, 2].map(|to| (0..3).map(|from| p[from] * TRANSITIONS[from][to]).sum())
}

/// The common return of the next hour, forecast by the posterior, by the states' long-run shares, and by the likeliest state as
/// if it were certain and stayed. Nothing here was fitted to the panel but the long-run volatility, by its past.
#[test]
fn the_posterior_forecasts_better_than_a_constant_prior_and_than_persistence() {
    let Some(r) = panel() else { return };
    let common: Vec<f64> = r.rows.iter().map(|x| x.iter().sum::<f64>() / x.len() as f64).collect();
    let constant = (0..10_000).fold([1.0 / 3.0; 3], |p, _| ahead(p));
    let mut filter = ScaleFilter::default();
    let (mut scores, mut n, mut known) = ([0.0; 3], 0.0, None);
    for x in &common {
        if let Some((p, sigma)) = known {
            let mixture = |w: [f64; 3]| {
                w.iter().zip(SCALES).map(|(w, s)| w * log_t4(*x, s * sigma).exp()).sum::<f64>().ln()
            };
            let p: [f64; 3] = p;
            let top = (0..3).max_by(|a, b| p[*a].total_cmp(&p[*b])).unwrap();
            let persists = log_t4(*x, SCALES[top] * sigma);
            [mixture(ahead(p)), mixture(constant), persists]
                .iter()
                .zip(&mut scores)
                .for_each(|(x, s)| *s += x);
            n += 1.0;
        }
        known = filter.step(*x).map(|p| (p, filter.sigma()));
    }
    let [posterior, constant, persists] = scores.map(|s| s / n);
    println!(
        "mean log score over {n} hours: posterior {posterior:.4}, constant {constant:.4}, persistence {persists:.4}"
    );
    assert!(n > 4_500.0 && posterior > constant + 0.01 && posterior > persists + 0.001);
}
