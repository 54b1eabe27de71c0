//! Where a condition turns: the value of one input, nearest to its present one, at which the condition begins to hold or
//! ceases to.
//!
//! A condition over a range of an input is evaluated as over any interval: where it is False, no value of the range makes it
//! True. So ranges are halved until the nearest double is left. Nothing is inverted, and the answer is exact: the neighbour on
//! the near side does not turn it. Rounding is monotone, so the bounds of a range bound every value in it.

use super::program::{At, Inputs, Program};
use crate::feature::Slot;
use zero_core::kleene::{Interval, Truth};

/// Evaluations of one search, at most: a comparison takes about two for each bit of a double.
const BUDGET: u32 = 4_096;

/// The input with one feature anywhere in a range.
struct Varied<'a> {
    at: &'a At<'a>,
    slot: Slot,
    within: Interval,
}

impl Inputs for Varied<'_> {
    fn feature(&self, slot: Slot) -> Option<f64> {
        self.at.feature(slot)
    }
    fn funding(&self, slot: Slot) -> Option<f64> {
        self.at.funding(slot)
    }
    fn root_bars_per_day(&self) -> f64 {
        self.at.root_bars_per_day()
    }
    fn hours_held(&self) -> Option<f64> {
        self.at.hours_held()
    }
    fn unrealised(&self) -> Option<f64> {
        self.at.unrealised()
    }
    fn giveback(&self) -> Option<f64> {
        self.at.giveback()
    }
    fn range(&self, slot: Slot) -> Option<Interval> {
        (slot == self.slot).then_some(self.within)
    }
}

/// A search for the nearest value of an input at which a condition is, or is not, True.
pub(crate) struct Search<'a> {
    pub(crate) condition: &'a Program,
    pub(crate) at: &'a At<'a>,
    pub(crate) slot: Slot,
    /// True is looked for, else anything that is not.
    pub(crate) holds: bool,
}

impl Search<'_> {
    /// The nearest value within `domain`, with its neighbour on the side of `from`. `None` where there is none, or none was
    /// found within the budget.
    pub(crate) fn nearest(&self, from: f64, domain: (f64, f64)) -> Option<Turn> {
        let at = key(from);
        let up = self.first(at, key(domain.1), true);
        let down = self.first(key(domain.0), at, false);
        let gap = |x: Option<Turn>| x.map_or(f64::INFINITY, |t| (t.at - from).abs());
        if gap(up) <= gap(down) { up } else { down }
    }

    fn first(&self, lo: i64, hi: i64, up: bool) -> Option<Turn> {
        let mut left = BUDGET;
        let found = self.within((lo, hi), up, &mut left)?;
        let before = if up { found.checked_sub(1)? } else { found.checked_add(1)? };
        Some(Turn { at: value(found), before: value(before) })
    }

    fn within(&self, (lo, hi): (i64, i64), up: bool, left: &mut u32) -> Option<i64> {
        if lo > hi || *left == 0 {
            return None;
        }
        *left -= 1;
        let within = Interval { lo: value(lo), hi: value(hi) };
        let v = self.condition.over(&Varied { at: self.at, slot: self.slot, within });
        let (every, none) = match (v.truth(), self.holds) {
            (Truth::True, holds) => (holds, !holds),
            (Truth::False, holds) => (!holds, holds),
            // At a single value, Unknown is not True.
            (Truth::Unknown, holds) => (lo == hi && !holds, lo == hi && holds),
        };
        if every {
            return Some(if up { lo } else { hi });
        }
        if none {
            return None;
        }
        // Rounded down, so that both halves are smaller than the whole.
        let middle = (lo & hi) + ((lo ^ hi) >> 1);
        let (lower, upper) = ((lo, middle), (middle + 1, hi));
        let (near, far) = if up { (lower, upper) } else { (upper, lower) };
        self.within(near, up, left).or_else(|| self.within(far, up, left))
    }
}

/// Where a condition turns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Turn {
    /// The first value on the far side.
    pub(crate) at: f64,
    /// The last one on the near side.
    pub(crate) before: f64,
}

/// Doubles in their order as whole numbers in theirs; neighbours are neighbours.
const fn key(x: f64) -> i64 {
    let bits = x.to_bits() as i64;
    if bits < 0 { i64::MIN - bits - 1 } else { bits }
}

const fn value(key: i64) -> f64 {
    let bits = if key < 0 { i64::MIN - (key + 1) } else { key };
    f64::from_bits(bits as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_in_the_order_of_the_numbers_and_come_back() {
        let all = [f64::MIN, -2.0, -1.0, -5e-324, -0.0, 0.0, 5e-324, 1.0, f64::MAX];
        assert!(all.windows(2).all(|w| key(w[0]) < key(w[1])), "{:?}", all.map(key));
        for x in all {
            assert_eq!(value(key(x)).to_bits(), x.to_bits());
        }
        assert_eq!(value(key(1.0) + 1), 1.0 + f64::EPSILON);
        assert_eq!(key(-0.0) + 1, key(0.0));
    }
}
