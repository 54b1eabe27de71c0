//! Against independent Python libraries (`oracle/generate.py`) and published values.

#![allow(
    clippy::unwrap_used,
    reason = "a helper of a test may panic; clippy.toml exempts only the test functions"
)]

use serde_json::Value;
use zero_core::Ts;
use zero_stats::*;

fn vectors() -> Value {
    serde_json::from_str(include_str!("oracle/vectors.json")).unwrap()
}

fn floats(v: &Value) -> Vec<f64> {
    v.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

#[track_caller]
fn close(what: &str, got: f64, want: f64, tolerance: f64) {
    assert!((got - want).abs() <= tolerance * want.abs().max(1e-12), "{what}: {got} is not {want}");
}

#[test]
fn moments_ratios_and_drawdowns_equal_numpy_and_scipy() {
    let all = vectors();
    let per_year = all["periods_per_year"].as_f64().unwrap();
    for s in all["series"].as_array().unwrap() {
        let name = s["name"].as_str().unwrap();
        let r = floats(&s["returns"]);
        let want = |key: &str| s[key].as_f64().unwrap();
        let checks = [
            ("mean", mean(&r)),
            ("sd", sd(&r)),
            ("skewness", skewness(&r)),
            ("kurtosis", kurtosis(&r)),
            ("sharpe", sharpe(&r, per_year)),
            ("sortino", sortino(&r, per_year)),
            ("growth", growth_per_year(&r, per_year)),
            ("calmar", calmar(&r, per_year)),
            ("max_drawdown", max_drawdown_of_returns(&r)),
        ];
        for (key, got) in checks {
            close(&format!("{name} {key}"), got.unwrap(), want(key), 1e-9);
        }
        let equity = equity_of_returns(&r);
        let d = max_drawdown(&equity).unwrap();
        assert_eq!(d.start as u64, s["drawdown_start"].as_u64().unwrap(), "{name}");
        assert_eq!(d.trough as u64, s["drawdown_trough"].as_u64().unwrap(), "{name}");
        assert_eq!(d.recovery.map(|i| i as u64), s["drawdown_recovery"].as_u64(), "{name}");
        let u = under_water(&equity).unwrap();
        close(name, u.share, want("under_water_share"), 1e-12);
        assert_eq!(u.longest as u64, s["under_water_longest"].as_u64().unwrap(), "{name}");
        close(name, sum(&log_returns(&equity).unwrap()), want("log_returns_sum"), 1e-9);
        for (lag, want) in floats(&s["acf"]).iter().enumerate() {
            close(&format!("{name} acf {lag}"), autocorrelation(&r, lag).unwrap(), *want, 1e-9);
        }
        for q in s["quantiles"].as_array().unwrap() {
            let q = floats(q);
            close(&format!("{name} quantile {}", q[0]), quantile(&r, q[0]).unwrap(), q[1], 1e-12);
        }
    }
}

#[test]
fn normal_and_wilson_equal_scipy_and_statsmodels() {
    let all = vectors();
    for pair in all["normal_quantile"].as_array().unwrap() {
        let p = floats(pair);
        assert!((normal_quantile(p[0]) - p[1]).abs() <= 1e-9 * p[1].abs().max(1.0), "{p:?}");
    }
    for pair in all["normal_cdf"].as_array().unwrap() {
        let p = floats(pair);
        close("normal cdf", normal_cdf(p[0]), p[1], 1e-12);
    }
    for row in all["wilson"].as_array().unwrap() {
        let w = floats(row);
        let i = wilson(w[0] as u64, w[1] as u64, w[2]).unwrap();
        assert!((i.lo - w[3]).abs() < 1e-12 && (i.hi - w[4]).abs() < 1e-12, "{w:?} {i:?}");
    }
}

#[test]
fn block_lengths_equal_the_arch_package() {
    for s in vectors()["series"].as_array().unwrap() {
        let b = politis_white(&floats(&s["returns"])).unwrap();
        let want = |key: &str| s[key].as_f64().unwrap().max(1.0);
        close(&format!("{} stationary", s["name"]), b.stationary, want("block_stationary"), 1e-9);
        close(&format!("{} circular", s["name"]), b.circular, want("block_circular"), 1e-9);
    }
}

/// Two generators with 20,000 resamples each: the ends differ by Monte Carlo error, about 1 % of the width (1 sd).
#[test]
fn bootstrap_intervals_of_the_sharpe_ratio_equal_the_arch_package() {
    for s in vectors()["series"].as_array().unwrap() {
        let r = floats(&s["returns"]);
        for (key, scheme) in [("stationary", Scheme::Stationary), ("circular", Scheme::Circular)] {
            let boot = Bootstrap {
                scheme,
                block: BlockRule::Fixed(12.0),
                replicates: 20_000,
                ..Bootstrap::standard(11)
            };
            let window = Window { from: Ts::ZERO, to: Ts::ZERO };
            let got = boot
                .measure(Sample { values: &r, window }, |x| sharpe(x, 8760.0).unwrap_or(f64::NAN))
                .unwrap()
                .interval
                .unwrap();
            let want = floats(&s["sharpe_interval_block_12"][key]);
            let room = 0.04 * (want[1] - want[0]);
            assert!(
                (got.lo - want[0]).abs() < room && (got.hi - want[1]).abs() < room,
                "{} {key}: {got:?} against {want:?}",
                s["name"]
            );
        }
    }
}

/// Values printed in the two papers named in `sharpe_evidence`, and an independent recomputation of them.
#[test]
fn sharpe_evidence_gives_the_published_values() {
    let psr = |sr, b, n, g3, g4| probabilistic_sharpe(sr, b, n, g3, g4).unwrap();
    close("normal", psr(0.458, 0.0, 24, 0.0, 3.0), 0.98168, 1e-5);
    close("fat", psr(0.458, 0.0, 24, -2.448, 10.164), 0.91336, 1e-5);
    close("benchmark .1", psr(0.458, 0.1, 24, -2.448, 10.164), 0.85643, 1e-5);
    close("minTRL", min_track_record(0.458, 0.0, -2.448, 10.164, 0.95).unwrap(), 34.5575, 1e-5);
    close("minTRL normal", min_track_record(0.458, 0.0, 0.0, 3.0, 0.95).unwrap(), 15.2508, 1e-5);
    close("E max 10", expected_max_sharpe(1.0, 10).unwrap(), 1.574598, 1e-6);
    close("E max 100", expected_max_sharpe(1.0, 100).unwrap(), 2.530603, 1e-6);
    let sr0 = expected_max_sharpe(0.5 / 250.0, 100).unwrap();
    close("SR0", sr0, 0.113172, 1e-5);
    close("DSR", psr(2.5 / f64::sqrt(250.0), sr0, 1250, -3.0, 10.0), 0.900397, 1e-5);
}
