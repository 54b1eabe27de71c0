//! Block bootstraps: the stationary bootstrap of Politis and Romano, "The stationary bootstrap" (JASA 89, 1994), and the
//! circular block bootstrap (Politis and Romano 1992). Both keep the short-range dependence that
//! resampling single returns destroys, and both wrap around so that no observation is favoured.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use zero_core::prng::Prng;

use crate::block_length::{BlockLength, politis_white};
use crate::error::{StatsError, check, check_open_unit};
use crate::measured::{Interval, Measured, Method, Sample};
use crate::quantile::quantile_sorted;

/// A statistic of observations in time order; NaN where it is undefined.
pub type Statistic<'a> = dyn Fn(&[f64]) -> f64 + 'a;

/// Which resampling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Blocks of geometric length: the resampled series is stationary.
    Stationary,
    /// Blocks of one fixed length.
    Circular,
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stationary => "stationary block bootstrap",
            Self::Circular => "circular block bootstrap",
        })
    }
}

/// How long the blocks are, in periods.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BlockRule {
    /// Stated by the caller.
    Fixed(f64),
    /// The automatic choice of [`politis_white`] on the observations, but at least `at_least`: the rule sees
    /// dependence in the mean only, so state a floor of about the holding time where volatility clusters.
    PolitisWhite {
        /// The floor.
        at_least: f64,
    },
}

/// A bootstrap: the same specification on the same observations gives the same interval to the bit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    /// Which resampling.
    pub scheme: Scheme,
    /// How long the blocks are.
    pub block: BlockRule,
    /// The number of resamples, 100 to 1,000,000. The cost is `replicates` times one pass of the statistic.
    pub replicates: u32,
    /// The nominal coverage, strictly between 0 and 1.
    pub level: f64,
    /// The seed of the draws.
    pub seed: u64,
    /// The stream of the draws; give each statistic of a report the same one to compare them on the same resamples.
    pub stream: u64,
}

/// An interval over more than this share of undefined resamples would describe another population.
const MOST_UNDEFINED: f64 = 0.05;

impl Bootstrap {
    /// The stationary bootstrap at 90 % with 2,000 resamples and the Politis-White block length.
    #[must_use]
    pub const fn standard(seed: u64) -> Self {
        Self {
            scheme: Scheme::Stationary,
            block: BlockRule::PolitisWhite { at_least: 1.0 },
            replicates: 2_000,
            level: 0.9,
            seed,
            stream: 0,
        }
    }

    /// `statistic` on the sample with its percentile interval. A statistic says "undefined" by a NaN. Fails when it is not finite
    /// on the sample itself, or on more than 5 % of the resamples; fewer are left out and counted in the method.
    pub fn measure(
        &self,
        sample: Sample<'_>,
        statistic: impl Fn(&[f64]) -> f64,
    ) -> Result<Measured, StatsError> {
        match self.measure_all(sample, &[&statistic])?.pop() {
            Some(one) => one,
            None => Err(StatsError::NoVariation),
        }
    }

    /// [`Bootstrap::measure`] of several statistics on the same resamples, which are drawn once: the same results, sooner.
    /// Fails as a whole when the sample or the specification is unusable.
    pub fn measure_all(
        &self,
        sample: Sample<'_>,
        statistics: &[&Statistic<'_>],
    ) -> Result<Vec<Result<Measured, StatsError>>, StatsError> {
        check(sample.values, 2)?;
        check_open_unit("level", self.level)?;
        let dependence = politis_white(sample.values).ok();
        let block_length = self.block_length(sample.values.len(), dependence)?;
        let found = self.replicate(sample.values, block_length, statistics)?;
        Ok(statistics
            .iter()
            .zip(found)
            .map(|(statistic, found)| {
                self.conclude(sample, statistic(sample.values), found, dependence, block_length)
            })
            .collect())
    }

    /// The statistic on every resample, in draw order, undefined values as the statistic returned them.
    pub fn replicates(
        &self,
        values: &[f64],
        statistic: impl Fn(&[f64]) -> f64,
    ) -> Result<Vec<f64>, StatsError> {
        check(values, 2)?;
        let block_length = self.block_length(values.len(), politis_white(values).ok())?;
        Ok(self.replicate(values, block_length, &[&statistic])?.pop().unwrap_or_default())
    }

    /// The percentile interval of one statistic's replicates.
    fn conclude(
        &self,
        sample: Sample<'_>,
        value: f64,
        mut found: Vec<f64>,
        dependence: Option<BlockLength>,
        block_length: f64,
    ) -> Result<Measured, StatsError> {
        if !value.is_finite() {
            return Err(StatsError::NoVariation);
        }
        found.retain(|v| v.is_finite());
        let undefined = self.replicates - found.len() as u32;
        if f64::from(undefined) > MOST_UNDEFINED * f64::from(self.replicates) {
            return Err(StatsError::UndefinedReplicates { undefined, of: self.replicates });
        }
        found.sort_unstable_by(f64::total_cmp);
        let tail = (1.0 - self.level) / 2.0;
        let interval = Interval {
            lo: quantile_sorted(&found, tail)?,
            hi: quantile_sorted(&found, 1.0 - tail)?,
            level: self.level,
        };
        Ok(Measured {
            value,
            interval: Some(interval),
            n: sample.values.len(),
            n_effective: dependence.and_then(|d| d.n_effective),
            window: sample.window,
            method: Method::BlockBootstrap {
                scheme: self.scheme,
                block_length,
                replicates: self.replicates,
                undefined,
                seed: self.seed,
                stream: self.stream,
            },
        })
    }

    /// One list of replicates per statistic.
    fn replicate(
        &self,
        values: &[f64],
        block_length: f64,
        statistics: &[&Statistic<'_>],
    ) -> Result<Vec<Vec<f64>>, StatsError> {
        if !(100..=1_000_000).contains(&self.replicates) {
            return Err(StatsError::BadParameter { name: "replicates", rule: "from 100 to 1,000,000" });
        }
        let mut buffer = vec![0.0; values.len()];
        let mut out = vec![Vec::with_capacity(self.replicates as usize); statistics.len()];
        for r in 0..self.replicates {
            // 2^32 counter steps per replicate: far more than it can use, so replicates share no draw.
            let mut draws = Prng::at(self.seed, self.stream, u64::from(r) << 32);
            resample(self.scheme, values, block_length, &mut draws, &mut buffer);
            for (statistic, found) in statistics.iter().zip(&mut out) {
                found.push(statistic(&buffer));
            }
        }
        Ok(out)
    }

    /// A series without enough observations or variation for the automatic rule gets blocks of the floor.
    fn block_length(&self, n: usize, dependence: Option<BlockLength>) -> Result<f64, StatsError> {
        let wanted = match self.block {
            BlockRule::Fixed(length) => length,
            BlockRule::PolitisWhite { at_least } => {
                let automatic = dependence.map_or(1.0, |d| match self.scheme {
                    Scheme::Stationary => d.stationary,
                    Scheme::Circular => libm::ceil(d.circular),
                });
                if at_least.is_finite() { automatic.max(at_least) } else { at_least }
            }
        };
        if wanted.is_finite() && wanted >= 1.0 {
            Ok(wanted.min(n as f64))
        } else {
            Err(StatsError::BadParameter { name: "block length", rule: "a finite number of at least 1" })
        }
    }
}

/// Fills `out` with blocks of `values`, wrapping around.
pub(crate) fn resample<T: Copy>(
    scheme: Scheme,
    values: &[T],
    block_length: f64,
    draws: &mut Prng,
    out: &mut [T],
) {
    let n = values.len();
    // ln(1 - p) of the geometric law with mean 1/p; minus infinity for blocks of one, which then all have length 1.
    let log_keep = libm::log1p(-1.0 / block_length);
    let mut filled = 0;
    while filled < n {
        let start = draws.below(n as u64) as usize;
        let length = match scheme {
            Scheme::Circular => libm::ceil(block_length) as usize,
            Scheme::Stationary => 1 + (libm::log(1.0 - draws.uniform()) / log_keep) as usize,
        };
        let length = length.min(n - filled);
        let ahead = length.min(n - start);
        out[filled..filled + ahead].copy_from_slice(&values[start..start + ahead]);
        // A block is at most n long, so it wraps around once.
        out[filled + ahead..filled + length].copy_from_slice(&values[..length - ahead]);
        filled += length;
    }
}
