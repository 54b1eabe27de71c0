//! One walk over a state's numbers serves saving and restoring, so that the two cannot differ.

use alloc::vec::Vec;
use zero_core::Ts;

/// A number that is not there, as it is kept in a snapshot: NaN is not equal to itself, infinity is.
const ABSENT: f64 = f64::INFINITY;

/// Visits every number of a state, always in the same order.
pub(crate) trait Pack {
    /// Hands each number out; what comes back is the new one.
    fn pack(&mut self, visit: &mut dyn FnMut(&mut f64));
}

/// A counter.
pub(crate) fn count(n: &mut u32, visit: &mut dyn FnMut(&mut f64)) {
    let mut x = f64::from(*n);
    visit(&mut x);
    *n = x as u32;
}

/// An instant: whole seconds and the rest, both exact.
pub(crate) fn instant(t: &mut Ts, visit: &mut dyn FnMut(&mut f64)) {
    const NS: i64 = 1_000_000_000;
    let mut secs = t.as_ns().div_euclid(NS) as f64;
    let mut rest = t.as_ns().rem_euclid(NS) as f64;
    visit(&mut secs);
    visit(&mut rest);
    *t = Ts::from_ns((secs as i64).saturating_mul(NS).saturating_add(rest as i64));
}

/// A series in which NaN means absent.
pub(crate) fn series(xs: &mut [f64], visit: &mut dyn FnMut(&mut f64)) {
    for x in xs {
        let mut kept = if x.is_nan() { ABSENT } else { *x };
        visit(&mut kept);
        *x = if kept == ABSENT { f64::NAN } else { kept };
    }
}

/// A number that may be absent.
pub(crate) fn maybe(x: &mut Option<f64>, visit: &mut dyn FnMut(&mut f64)) {
    let mut kept = x.unwrap_or(ABSENT);
    visit(&mut kept);
    *x = (kept != ABSENT).then_some(kept);
}

/// All numbers of a state.
pub(crate) fn save(state: &mut impl Pack) -> Vec<f64> {
    let mut out = Vec::new();
    state.pack(&mut |x| out.push(*x));
    out
}

/// Puts them back; false when there are more or fewer than the state has.
pub(crate) fn load(state: &mut impl Pack, numbers: &[f64]) -> bool {
    let mut wanted = 0usize;
    state.pack(&mut |_| wanted += 1);
    if wanted != numbers.len() {
        return false;
    }
    let mut from = numbers.iter();
    state.pack(&mut |x| {
        if let Some(v) = from.next() {
            *x = *v;
        }
    });
    true
}
