//! A seeded synthetic market with the statistical facts of the venue's hourly data: fat tails, clustered volatility, a
//! common factor, funding by the venue's formula, seams between close and next open, one crash bar, and on request a
//! planted edge. It says nothing about any future market.

mod market;
mod premium;
mod shape;
mod spec;
mod stream;

pub use spec::{CoinSpec, Edge, EdgeKind, SynthSpec};
pub use stream::{SynthStream, stream, stream_range};

use crate::dataset::{CoinSeries, Dataset};
use crate::error::DataError;
use market::{Market, Slice};

/// More bars than this are streamed, not held.
const BARS_IN_MEMORY_MAX: u64 = 100_000_000;

/// The whole market in memory.
///
/// # Errors
/// [`DataError::Spec`], also for an endless market.
pub fn generate(spec: &SynthSpec) -> Result<Dataset, DataError> {
    spec.check()?;
    let Some(bars) = spec.bars else {
        return Err(DataError::Spec { reason: "an endless market can only be streamed".into() });
    };
    if bars.saturating_mul(spec.coins.len() as u64) > BARS_IN_MEMORY_MAX {
        return Err(DataError::Spec { reason: format!("{bars} bars of each coin can only be streamed") });
    }
    let mut series = vec![CoinSeries::default(); spec.coins.len()];
    series.iter_mut().for_each(|s| s.bars.reserve(bars as usize));
    let mut market = Market::new(spec);
    let mut slice = Slice::empty();
    for _ in 0..bars {
        market.next_slice(&mut slice);
        for (s, b) in series.iter_mut().zip(&slice.bars) {
            s.bars.push(*b);
        }
        for hour in slice.prints.chunks(spec.coins.len()) {
            for (s, p) in series.iter_mut().zip(hour) {
                s.funding.push(*p);
            }
        }
    }
    Dataset::new(spec.universe(), spec.interval, series)
}
