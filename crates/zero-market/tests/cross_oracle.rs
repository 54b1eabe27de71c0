//! Shrinkage and betas of the cross-section against constants computed from the definitions by another program
//! (`tests/oracles/cross_section.py`), on the same seeded panel.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use zero_core::{CoinId, Px, Sz, Ts, TsDiff};
use zero_market::cross::{CrossMarket, Moments, Shrunk};
use zero_market::{Bar, Instrument, Universe};

const ROWS: usize = 400;
const COLUMNS: usize = 5;

struct Draws(u64);

impl Draws {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / 9_007_199_254_740_992.0
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

fn panel() -> Vec<[f64; COLUMNS]> {
    let mut d = Draws(7);
    let row = |d: &mut Draws| {
        let common = d.normal();
        [0, 1, 2, 3, 4].map(|j| 0.01 * (0.6 * common + (0.5 + 0.2 * f64::from(j)) * d.normal()))
    };
    (0..ROWS).map(|_| row(&mut d)).collect()
}

fn near(got: f64, want: f64, tolerance: f64) {
    assert!((got - want).abs() <= tolerance, "{got} is not {want}");
}

/// An intensity strictly between nothing and everything: at either end a wrong formula can look right.
#[test]
fn an_interior_intensity_is_the_published_one() {
    let cases = [
        (f64::INFINITY, 0.296_179_886_063_024_8, 0.309_339_943_054_748),
        (168.0, 0.296_198_836_952_853_93, 0.307_122_406_000_756_7),
    ];
    for (half_life, intensity, mean) in cases {
        let (mut m, mut out) = (Moments::new(COLUMNS, half_life), Shrunk::default());
        for row in panel() {
            m.step(row.iter().map(|x| Some(*x)));
        }
        m.shrink(&[true; COLUMNS], &mut out);
        near(out.intensity, intensity, 1e-10);
        near(out.mean, mean, 1e-12);
    }
}

/// Through bars, prices on a grid and the whole step. BTC is the first coin; prices are large, so that their grid is fine.
#[test]
fn betas_and_intensity_hold_through_bars() {
    let names = ["BTC", "C1", "C2", "C3", "C4"];
    let mut cross =
        CrossMarket::new(&Universe::new(names.iter().map(|n| Instrument::new(n, 2, 50)).collect()));
    let start = Ts::from_ns(1_756_900_800_000_000_000);
    let mut px = [20_000.0f64; COLUMNS];
    let mut hour = |t: usize, row: &[f64; COLUMNS]| {
        let close = start.plus(TsDiff::HOUR.times(t as i64));
        for (i, (x, r)) in px.iter_mut().zip(row).enumerate() {
            *x *= r.exp();
            let p = Px::from_f64_nearest(*x).unwrap();
            let open_time = close.minus(TsDiff::HOUR);
            let coin = CoinId(i as u16);
            let (interval, volume) = (TsDiff::HOUR, Sz::ONE);
            cross.on_bar(&Bar { coin, open_time, interval, open: p, high: p, low: p, close: p, volume });
        }
        cross.on_slice(close);
    };
    // The first close gives no return.
    hour(0, &[0.0; COLUMNS]);
    panel().iter().enumerate().for_each(|(t, row)| hour(t + 1, row));
    near(cross.covariance().intensity, 0.296_198_836_952_853_93, 1e-6);
    let want = [
        1.0,
        0.499_983_698_406_205_16,
        0.556_747_048_033_555_1,
        0.425_396_205_867_596_1,
        0.552_017_883_591_554,
    ];
    for (coin, want) in want.into_iter().enumerate() {
        near(cross.beta(CoinId(coin as u16)), want, 1e-6);
    }
}

/// A market whose volatility changes by the week. The states are watched from outside, step by step; the counters say the same,
/// and a restored memory goes on counting.
#[test]
fn flips_and_known_steps_are_those_that_a_watcher_counts() {
    let universe = Universe::new(["BTC", "C1", "C2"].iter().map(|s| Instrument::new(s, 1, 6)).collect());
    let (mut cross, mut d) = (CrossMarket::new(&universe), Draws(11));
    let start = Ts::from_ns(1_756_900_800_000_000_000);
    let mut px = [50_000.0f64; 3];
    let (mut known, mut left, mut last) = ([0u32; 2], [0u32; 2], [None; 2]);
    for t in 0..6_000i64 {
        let close = start.plus(TsDiff::HOUR.times(t));
        let scale = [0.002, 0.02, 0.006][(t / 168 % 3) as usize];
        let common = d.normal();
        for (i, x) in px.iter_mut().enumerate() {
            *x *= (scale * (0.8 * common + 0.6 * d.normal())).exp();
            let (p, coin) = (Px::from_f64_nearest(*x).unwrap(), CoinId(i as u16));
            let (open_time, interval, volume) = (close.minus(TsDiff::HOUR), TsDiff::HOUR, Sz::ONE);
            cross.on_bar(&Bar { coin, open_time, interval, open: p, high: p, low: p, close: p, volume });
            *x = x.clamp(500.0, 5_000_000.0);
        }
        cross.on_slice(close);
        if t == 2_500 {
            let mut other = CrossMarket::new(&universe);
            assert!(other.restore(&cross.memory()));
            cross = other;
        }
        for (k, p) in [cross.volatility(), cross.correlation()].into_iter().enumerate() {
            known[k] += u32::from(p.state.is_some());
            // Nothing is missing here, so a state ends only by being left.
            left[k] += u32::from(last[k].is_some() && last[k] != p.state);
            last[k] = p.state;
            assert_eq!((p.flips, p.known), (left[k], known[k]), "step {t}");
        }
    }
    assert!(left[0] > 10 && known[0] > 4_000 && known[0] < 6_000, "{left:?} {known:?}");
}
