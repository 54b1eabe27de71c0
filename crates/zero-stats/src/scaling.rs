//! How fluctuations grow with the length they are seen over: detrended fluctuation analysis and the rescaled range.
//!
//! Both are known to be weak in short samples (on 100 independent draws the exponent of either has a standard deviation above 0.1),
//! so an exponent is given together with what shuffles of the same values give.

use alloc::vec::Vec;
use zero_core::prng::Prng;

use crate::error::{StatsError, check, check_work, in_range};
use crate::moments::{is_rounding_noise, mean, sd};

/// Fewest values: two boxes of the largest size, and sizes that differ.
const LEAST: usize = 60;
/// Most values, times the shuffles drawn.
const MOST_WORK: u64 = 100_000_000;
/// Smallest box: below it the fit of a line takes too much of the fluctuation away.
const SMALLEST: usize = 10;
/// Box sizes of the fluctuation analysis, before rounding and the loss of doubles.
const SIZES: u32 = 12;

/// Slope of `y` on `x` by least squares.
fn slope(x: &[f64], y: &[f64]) -> Result<f64, StatsError> {
    let (mx, my) = (mean(x)?, mean(y)?);
    let over: f64 = x.iter().map(|x| (x - mx) * (x - mx)).sum();
    let with: f64 = x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum();
    in_range(with / over)
}

fn varying(xs: &[f64]) -> Result<(), StatsError> {
    check(xs, LEAST)?;
    if is_rounding_noise(xs, sd(xs)?) { Err(StatsError::NoVariation) } else { Ok(()) }
}

/// Sums of deviations from the mean.
fn profile(xs: &[f64]) -> Result<Vec<f64>, StatsError> {
    let mu = mean(xs)?;
    Ok(xs
        .iter()
        .scan(0.0, |sum, x| {
            *sum += x - mu;
            Some(*sum)
        })
        .collect())
}

/// Sum of squares about the line through a box.
fn about_its_line(ys: &[f64]) -> f64 {
    let n = ys.len() as f64;
    let middle = (n - 1.0) / 2.0;
    let level = ys.iter().sum::<f64>() / n;
    let (mut squares, mut with, mut over) = (0.0, 0.0, 0.0);
    for (i, y) in ys.iter().enumerate() {
        let (t, d) = (i as f64 - middle, y - level);
        squares += d * d;
        with += d * t;
        over += t * t;
    }
    (squares - with * with / over).max(0.0)
}

/// Exponent of detrended fluctuation analysis of order one (Peng and others, Physical Review E 49, 1994): 0.5 without memory, above for
/// changes that persist, below for changes that revert. Box sizes are twelve in equal steps of the logarithm from 10 to a quarter of the
/// values; boxes do not overlap and begin at the oldest value. At least 60 values.
pub fn fluctuation_exponent(xs: &[f64]) -> Result<f64, StatsError> {
    varying(xs)?;
    let ys = profile(xs)?;
    let top = xs.len() / 4;
    let (low, high) = (libm::log(SMALLEST as f64), libm::log(top as f64));
    let (mut sizes, mut spreads, mut last) = (Vec::new(), Vec::new(), 0);
    for i in 0..SIZES {
        let size = libm::round(libm::exp(low + (high - low) * f64::from(i) / f64::from(SIZES - 1))) as usize;
        if size == last {
            continue;
        }
        last = size;
        let boxes = ys.chunks_exact(size);
        let n = boxes.len() * size;
        let squares: f64 = boxes.map(about_its_line).sum();
        sizes.push(libm::log(size as f64));
        spreads.push(in_range(libm::log(squares / n as f64) / 2.0)?);
    }
    slope(&sizes, &spreads)
}

/// Exponent of the rescaled range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RescaledRange {
    /// Slope of the logarithm of the mean rescaled range on that of the box size; above 0.5 for independent values, the more so the fewer.
    pub raw: f64,
    /// The same less the slope that independent normal values are expected to have (Anis and Lloyd, Biometrika 63, 1976), plus 0.5.
    pub corrected: f64,
}

/// Rescaled range (Hurst; Mandelbrot and Wallis, Water Resources Research 5, 1969) over every box size from 10 to half of the values, at most
/// 200 sizes; boxes do not overlap and begin at the oldest value. A box without variation is left out. At least 60 values.
pub fn rescaled_range(xs: &[f64]) -> Result<RescaledRange, StatsError> {
    RangeScale::new(xs.len()).of(xs)
}

/// What the rescaled range of so many values is held against: it depends on their number alone, so that shuffles share it.
#[derive(Clone, Debug)]
pub struct RangeScale {
    sizes: Vec<usize>,
    /// Logarithm of the range expected at each size.
    expected: Vec<f64>,
}

impl RangeScale {
    /// Of `n` values.
    #[must_use]
    pub fn new(n: usize) -> Self {
        let top = n / 2;
        let step = top.saturating_sub(SMALLEST).div_ceil(200).max(1);
        let sizes: Vec<usize> = (SMALLEST..top).step_by(step).collect();
        let expected = sizes.iter().map(|n| libm::log(expected_range(*n))).collect();
        Self { sizes, expected }
    }

    /// As [`rescaled_range`], of values of that number.
    pub fn of(&self, xs: &[f64]) -> Result<RescaledRange, StatsError> {
        varying(xs)?;
        let (mut sizes, mut found, mut expected) = (Vec::new(), Vec::new(), Vec::new());
        for (size, range) in self.sizes.iter().zip(&self.expected) {
            if let Some(mean) = mean_range(xs, *size) {
                sizes.push(libm::log(*size as f64));
                found.push(libm::log(mean));
                expected.push(*range);
            }
        }
        if sizes.len() < 2 {
            return Err(StatsError::NoVariation);
        }
        let raw = slope(&sizes, &found)?;
        Ok(RescaledRange { raw, corrected: raw - slope(&sizes, &expected)? + 0.5 })
    }
}

/// Mean rescaled range over boxes of a size; `None` where none varies.
fn mean_range(xs: &[f64], size: usize) -> Option<f64> {
    let (mut sum, mut n) = (0.0, 0.0);
    for part in xs.chunks_exact(size) {
        let mu = part.iter().sum::<f64>() / size as f64;
        let (mut at, mut low, mut high, mut squares) = (0.0f64, f64::INFINITY, f64::NEG_INFINITY, 0.0);
        for x in part {
            at += x - mu;
            (low, high) = (low.min(at), high.max(at));
            squares += (x - mu) * (x - mu);
        }
        let spread = libm::sqrt(squares / size as f64);
        if !is_rounding_noise(part, spread) {
            sum += (high - low) / spread;
            n += 1.0;
        }
    }
    (n > 0.0).then(|| sum / n)
}

/// Expected rescaled range of `n` independent normal values (Anis and Lloyd 1976).
fn expected_range(n: usize) -> f64 {
    let whole = n as f64;
    let gammas = libm::lgamma((whole - 1.0) / 2.0) - libm::lgamma(whole / 2.0);
    let sum: f64 = (1..n).map(|r| libm::sqrt((whole - r as f64) / r as f64)).sum();
    libm::exp(gammas) / libm::sqrt(core::f64::consts::PI) * sum
}

/// A statistic beside its values on shuffles of the same numbers, which have no memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AgainstShuffles {
    /// On the values in their order.
    pub value: f64,
    /// Mean over the shuffles.
    pub mean: f64,
    /// Standard deviation over the shuffles.
    pub sd: f64,
    /// Share of shuffles, the order as given among them, that lie at least as far from the mean: a two-sided permutation p-value.
    pub p: f64,
}

/// Compares `statistic` with `shuffles` (at least 2) permutations drawn by `seed`. The values in their order are asked about first.
pub fn against_shuffles(
    xs: &[f64],
    shuffles: usize,
    seed: u64,
    statistic: impl Fn(&[f64]) -> Result<f64, StatsError>,
) -> Result<AgainstShuffles, StatsError> {
    if shuffles < 2 {
        return Err(StatsError::BadParameter { name: "shuffles", rule: "at least 2" });
    }
    check_work((xs.len() as u64).saturating_mul(shuffles as u64), MOST_WORK)?;
    let value = statistic(xs)?;
    let mut drawn = Vec::with_capacity(shuffles);
    let mut ys = xs.to_vec();
    for i in 0..shuffles {
        let mut draw = Prng::new(seed, i as u64);
        for k in (1..ys.len()).rev() {
            ys.swap(k, draw.below(k as u64 + 1) as usize);
        }
        drawn.push(statistic(&ys)?);
    }
    let (centre, spread) = (mean(&drawn)?, sd(&drawn)?);
    let far = drawn.iter().filter(|d| (*d - centre).abs() >= (value - centre).abs()).count();
    Ok(AgainstShuffles { value, mean: centre, sd: spread, p: (far + 1) as f64 / (shuffles + 1) as f64 })
}
