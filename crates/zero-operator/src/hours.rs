//! How many decisions a person makes in an hour, hour by hour: their own baseline.

use alloc::vec::Vec;
use zero_core::{Ts, TsDiff, canon_struct};

/// Hours that are kept: a week.
const KEPT: TsDiff = TsDiff::HOUR.times(168);
/// Fewer hours with a decision than this give no baseline.
const HOURS_MIN: usize = 8;

canon_struct! {
    /// Decisions within one hour of the clock.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct HourCount {
        /// The hour's beginning.
        pub from: Ts,
        /// Decisions in it.
        pub count: u32,
    }
}

/// Counts a decision at `t`; at most one entry per hour of the last week remains.
pub(crate) fn count(hours: &mut Vec<HourCount>, t: Ts) {
    let from = t.floor(TsDiff::HOUR);
    match hours.last_mut().filter(|h| h.from == from) {
        Some(h) => h.count = h.count.saturating_add(1),
        None => hours.push(HourCount { from, count: 1 }),
    }
    hours.retain(|h| h.from > from.minus(KEPT));
}

/// Twice the median count of the hours of the last week in which there was a decision, the hour of `t` left out; `None`
/// before there are eight of them.
pub(crate) fn twice_median(hours: &[HourCount], t: Ts) -> Option<u32> {
    let current = t.floor(TsDiff::HOUR);
    let mut counts: Vec<u32> =
        hours.iter().filter(|h| h.from < current && h.from > current.minus(KEPT)).map(|h| h.count).collect();
    if counts.len() < HOURS_MIN {
        return None;
    }
    counts.sort_unstable();
    let n = counts.len();
    let (low, high) = (counts.get((n - 1) / 2)?, counts.get(n / 2)?);
    Some(low.saturating_add(*high))
}
