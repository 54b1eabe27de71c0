//! Does a 90 % interval contain the truth about 90 % of the time?

#![allow(
    clippy::unwrap_used,
    reason = "a helper of a test may panic; clippy.toml exempts only the test functions"
)]

use zero_core::Ts;
use zero_core::prng::Prng;
use zero_stats::*;

const EXPERIMENTS: u32 = 500;

/// The share of experiments whose interval for the mean contains the true mean, 0, over AR(1) data.
fn coverage(phi: f64, n: usize, block: BlockRule, scheme: Scheme) -> f64 {
    let mut hits = 0;
    for experiment in 0..EXPERIMENTS {
        let mut draws = Prng::new(77, u64::from(experiment));
        let mut x = 0.0;
        let mut xs = Vec::with_capacity(n);
        for t in 0..n + 100 {
            x = phi * x + draws.normal();
            if t >= 100 {
                xs.push(x);
            }
        }
        let boot = Bootstrap {
            scheme,
            block,
            replicates: 400,
            stream: 1_000_000 + u64::from(experiment),
            ..Bootstrap::standard(5)
        };
        let window = Window { from: Ts::ZERO, to: Ts::ZERO };
        let m =
            boot.measure(Sample { values: &xs, window }, |v| v.iter().sum::<f64>() / v.len() as f64).unwrap();
        hits += u32::from(m.interval.unwrap().contains(0.0));
    }
    f64::from(hits) / f64::from(EXPERIMENTS)
}

const AUTO: BlockRule = BlockRule::PolitisWhite { at_least: 1.0 };

/// Monte Carlo sd of a share near .9 over 500 experiments is .013; the band is three of them wide on each side.
#[test]
fn ninety_percent_intervals_cover_iid_means_at_the_nominal_rate() {
    for scheme in [Scheme::Stationary, Scheme::Circular] {
        let c = coverage(0.0, 200, AUTO, scheme);
        assert!((0.86..=0.94).contains(&c), "{c}");
    }
}

/// Block bootstraps under-cover dependent data a little at finite n, so the band reaches lower: .81 to .94.
#[test]
fn ninety_percent_intervals_cover_dependent_means_near_the_nominal_rate() {
    for scheme in [Scheme::Stationary, Scheme::Circular] {
        let c = coverage(0.5, 400, AUTO, scheme);
        assert!((0.81..=0.94).contains(&c), "{c}");
    }
}

/// The planted bug: resampling single returns of dependent data gives intervals that lie.
#[test]
fn ignoring_dependence_is_caught_by_the_coverage_check() {
    let c = coverage(0.5, 400, BlockRule::Fixed(1.0), Scheme::Stationary);
    assert!(c < 0.75, "{c}");
}
