//! Hand-derivable values, edge cases and properties.

use proptest::prelude::*;
use zero_core::Ts;
use zero_stats::*;

fn sample(values: &[f64]) -> Sample<'_> {
    Sample { values, window: Window { from: Ts::ZERO, to: Ts::ZERO } }
}

#[test]
fn small_values_derived_by_hand() {
    assert_eq!(simple_returns(&[100.0, 110.0, 99.0]).unwrap(), vec![0.1, -0.1]);
    assert_eq!(mean(&[1.0, 2.0, 6.0]).unwrap(), 3.0);
    assert_eq!(variance(&[1.0, 2.0, 6.0]).unwrap(), 7.0);
    // mean .01, sd .01 * sqrt(2), four periods a year: .01 / (.01 * sqrt 2) * 2 = sqrt 2.
    assert!((sharpe(&[0.0, 0.02], 4.0).unwrap() - 2f64.sqrt()).abs() < 1e-12);
    // downside sqrt((0 + .01^2) / 2), mean .005.
    assert!((sortino(&[0.02, -0.01], 1.0).unwrap() - 0.005 / (0.0001f64 / 2.0).sqrt()).abs() < 1e-12);
    let d = max_drawdown(&[100.0, 120.0, 90.0, 119.0, 120.0, 130.0, 125.0]).unwrap();
    assert_eq!(d, Drawdown { depth_fraction: 0.25, depth: 30.0, start: 1, trough: 2, recovery: Some(4) });
    let u = under_water(&[100.0, 120.0, 90.0, 119.0, 120.0, 130.0, 125.0, 131.0]).unwrap();
    assert_eq!(u, UnderWater { share: 3.0 / 8.0, longest: 2 });
    assert_eq!(quantile(&[4.0, 1.0, 3.0, 2.0], 0.5).unwrap(), 2.5);
    assert_eq!(empirical_p(5.0, &[1.0, 5.0, 9.0]).unwrap(), 0.75);
    assert_eq!(share_below(5.0, &[1.0, 5.0, 9.0, 2.0]).unwrap(), 0.625);
    assert!((growth_per_year(&[0.1, 0.1], 2.0).unwrap() - 0.21).abs() < 1e-12);
}

#[test]
fn undefined_is_an_error_that_says_why_and_never_a_neutral_number() {
    assert_eq!(mean(&[]), Err(StatsError::TooFew { needed: 1, got: 0 }));
    assert_eq!(sd(&[1.0]), Err(StatsError::TooFew { needed: 2, got: 1 }));
    assert_eq!(sharpe(&[0.0; 50], 8760.0), Err(StatsError::NoVariation));
    assert_eq!(sharpe(&[0.1; 50], 8760.0), Err(StatsError::NoVariation), "rounding noise is not variation");
    assert_eq!(sortino(&[0.1, 0.2], 8760.0), Err(StatsError::NoVariation));
    assert_eq!(calmar(&[0.1, 0.2], 8760.0), Err(StatsError::NoVariation));
    assert_eq!(skewness(&[0.3; 9]), Err(StatsError::NoVariation));
    assert_eq!(mean(&[1.0, f64::NAN]), Err(StatsError::NotFinite { index: 1 }));
    assert_eq!(simple_returns(&[1.0, 0.0, 1.0]), Err(StatsError::NonPositive { index: 1 }));
    assert_eq!(simple_returns(&[1.0, -0.5]).unwrap(), vec![-1.5], "a final wipe-out is still a return");
    assert_eq!(growth_per_year(&[0.1, -1.0], 12.0), Err(StatsError::NonPositive { index: 1 }));
    assert_eq!(max_drawdown(&[-1.0, 2.0]), Err(StatsError::NonPositive { index: 0 }));
    assert_eq!(max_drawdown(&[100.0, -50.0]).unwrap().depth_fraction, 1.5, "below zero is more than all");
    assert!(wilson(0, 0, 0.9).is_err() && wilson(3, 2, 0.9).is_err() && wilson(1, 2, 1.0).is_err());
    assert!(normal_quantile(1.5).is_nan() && normal_quantile(0.0) == f64::NEG_INFINITY);
}

#[test]
fn a_series_that_never_falls_has_no_drawdown_and_is_never_under_water() {
    let d = max_drawdown(&[1.0, 1.0, 2.0]).unwrap();
    assert_eq!((d.depth_fraction, d.recovery), (0.0, Some(0)));
    assert_eq!(under_water(&[1.0, 1.0, 2.0]).unwrap(), UnderWater { share: 0.0, longest: 0 });
}

#[test]
fn an_interval_over_mostly_undefined_resamples_is_refused() {
    let mut xs = [0.0; 40];
    xs[7] = 1.0;
    let found = Bootstrap::standard(1).measure(sample(&xs), |x| sharpe(x, 1.0).unwrap_or(f64::NAN));
    assert!(matches!(found, Err(StatsError::UndefinedReplicates { .. })), "{found:?}");
}

#[test]
fn bad_bootstrap_parameters_are_refused() {
    let xs: Vec<f64> = (0..50).map(f64::from).collect();
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let good = Bootstrap::standard(1);
    for bad in [
        Bootstrap { replicates: 0, ..good },
        Bootstrap { replicates: 2_000_000, ..good },
        Bootstrap { level: 1.0, ..good },
        Bootstrap { level: f64::NAN, ..good },
        Bootstrap { block: BlockRule::Fixed(0.5), ..good },
        Bootstrap { block: BlockRule::Fixed(f64::INFINITY), ..good },
        Bootstrap { block: BlockRule::PolitisWhite { at_least: f64::NAN }, ..good },
    ] {
        assert!(matches!(bad.measure(sample(&xs), mean), Err(StatsError::BadParameter { .. })), "{bad:?}");
    }
}

#[test]
fn the_same_specification_gives_the_same_interval_to_the_bit() {
    let xs: Vec<f64> = (0..300).map(|i| f64::from(i * 7919 % 101) - 50.0).collect();
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let a = Bootstrap::standard(3).measure(sample(&xs), mean).unwrap();
    let b = Bootstrap::standard(3).measure(sample(&xs), mean).unwrap();
    let c = Bootstrap::standard(4).measure(sample(&xs), mean).unwrap();
    assert_eq!(a, b);
    assert_ne!(a.interval, c.interval);
    // Pinned: a change of the drawing scheme would change every interval ever published.
    let i = a.interval.unwrap();
    assert_eq!((i.lo, i.hi), (-0.730_166_666_666_666_7, 0.703_333_333_333_333_4), "{i:?}");
}

#[test]
fn several_statistics_on_shared_resamples_give_what_each_gives_alone() {
    let xs: Vec<f64> = (0..200).map(|i| f64::from(i * 7919 % 101) / 5_000.0 - 0.01).collect();
    let boot = Bootstrap { replicates: 300, ..Bootstrap::standard(3) };
    let a = |x: &[f64]| sharpe(x, 8760.0).unwrap_or(f64::NAN);
    let b = |x: &[f64]| max_drawdown_of_returns(x).unwrap_or(f64::NAN);
    let nothing = |_: &[f64]| f64::NAN;
    let together = boot.measure_all(sample(&xs), &[&a, &b, &nothing]).unwrap();
    assert_eq!(together[0], boot.measure(sample(&xs), a));
    assert_eq!(together[1], boot.measure(sample(&xs), b));
    assert!(together[2].is_err());
}

/// The mean block length that the stationary scheme really uses.
#[test]
fn stationary_blocks_have_the_stated_mean_length() {
    let xs: Vec<f64> = (0..10_000).map(f64::from).collect();
    for length in [1.0, 4.0, 25.0] {
        let boot = Bootstrap { block: BlockRule::Fixed(length), replicates: 100, ..Bootstrap::standard(8) };
        let breaks = |x: &[f64]| x.windows(2).filter(|w| (w[1] - w[0] - 1.0).abs() > 0.5).count() as f64;
        let total: f64 = boot.replicates(&xs, breaks).unwrap().iter().sum();
        let measured = 100.0 * 10_000.0 / (total + 100.0);
        assert!((measured / length - 1.0).abs() < 0.02, "stated {length}, used {measured}");
    }
}

proptest! {
    #[test]
    fn resamples_hold_only_observed_values_and_the_interval_stays_inside_their_range(
        xs in prop::collection::vec(-1e6f64..1e6, 2..60),
        seed in any::<u64>(),
        length in 1.0f64..80.0,
        circular in any::<bool>(),
    ) {
        let boot = Bootstrap {
            scheme: if circular { Scheme::Circular } else { Scheme::Stationary },
            block: BlockRule::Fixed(length),
            replicates: 100,
            ..Bootstrap::standard(seed)
        };
        let known = xs.clone();
        let strangers = |x: &[f64]| x.iter().filter(|v| !known.contains(v)).count() as f64;
        prop_assert!(boot.replicates(&xs, strangers).unwrap().iter().all(|&s| s == 0.0));
        let m = boot.measure(sample(&xs), |x| x.iter().copied().fold(f64::MIN, f64::max)).unwrap();
        let i = m.interval.unwrap();
        prop_assert!(i.lo <= i.hi && i.hi <= m.value);
    }

    #[test]
    fn no_input_makes_a_statistic_panic_or_return_a_non_number(
        xs in prop::collection::vec(prop_oneof![any::<f64>(), Just(0.0), Just(-1.0), -1.0f64..1.0], 0..40),
        lag in 0usize..50,
        p in any::<f64>(),
    ) {
        let _ = (variance(&xs), skewness(&xs), kurtosis(&xs), calmar(&xs, p), growth_per_year(&xs, p));
        let _ = (autocorrelation(&xs, lag), politis_white(&xs), quantile(&xs, p), log_returns(&xs), under_water(&xs));
        let _ = (sortino(&xs, p), max_drawdown(&xs), simple_returns(&xs), wilson(3, 4, p), normal_quantile(p));
        let bounded = &xs;
        for r in [sharpe(bounded, 8760.0), sortino(bounded, 8760.0), skewness(bounded), kurtosis(bounded)] {
            prop_assert!(r.map_or(true, f64::is_finite));
        }
    }

    #[test]
    fn quantiles_are_monotone_and_inside_the_sample(
        xs in prop::collection::vec(-1e9f64..1e9, 1..50), a in 0.0f64..=1.0, b in 0.0f64..=1.0,
    ) {
        let (lo, hi) = (quantile(&xs, a.min(b)).unwrap(), quantile(&xs, a.max(b)).unwrap());
        prop_assert!(lo <= hi);
        prop_assert!(xs.iter().any(|&x| x <= lo) && xs.iter().any(|&x| x >= hi));
    }

    #[test]
    fn a_drawdown_names_points_that_really_lie_so_far_apart(
        xs in prop::collection::vec(0.1f64..1e6, 1..80),
    ) {
        let d = max_drawdown(&xs).unwrap();
        prop_assert!(d.start <= d.trough);
        prop_assert!((xs[d.start] - xs[d.trough] - d.depth).abs() < 1e-9 * xs[d.start]);
        for i in 0..xs.len() {
            for j in i..xs.len() {
                prop_assert!((xs[i] - xs[j]) / xs[i] <= d.depth_fraction + 1e-12);
            }
        }
    }
}
