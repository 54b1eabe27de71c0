//! Near misses: rejected candidates that were close to admission, and what they would have earned.
//!
//! The distance of a gate is how far its measured value is beyond its limit, in standard deviations of that gate's own
//! measured values over the candidates judged up to then, this one included: what comes later changes no distance. A
//! candidate's distance is the largest over the gates that failed: all
//! of them stand in its way. It is unknown as soon as one of them cannot be measured.

use crate::learner::{Case, Learnt};
use zero_core::Truth;

/// Fewest measurements that a standard deviation is taken from.
pub const MEASURED_MIN: usize = 30;
/// A miss within this many standard deviations is near.
pub const DELTA: f64 = 0.5;

/// The spread of one gate's measured value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Its place in [`Learnt::gates`].
    pub gate: u8,
    /// Measurements that are numbers.
    pub n: u64,
    /// Their standard deviation (n - 1); `None` below [`MEASURED_MIN`] measurements or when all are equal.
    pub sigma: Option<f64>,
}

/// A rejected candidate near admission.
#[derive(Clone, Debug, PartialEq)]
pub struct NearMiss<'a> {
    /// The candidate.
    pub case: &'a Case,
    /// Standard deviations to admission, the largest over the failing gates.
    pub distance: f64,
    /// Gate that is farthest.
    pub gate: u8,
}

/// Near and far, counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Misses<'a> {
    /// By gate, over all candidates of the run: what the next one is measured with.
    pub spreads: Vec<Spread>,
    /// Near misses, oldest first.
    pub near: Vec<NearMiss<'a>>,
    /// Rejected candidates.
    pub rejected: Vec<&'a Case>,
    /// Of those, with an unknown distance.
    pub unmeasurable: Vec<&'a Case>,
    /// The threshold.
    pub delta: f64,
}

/// Finds near misses within `delta` standard deviations.
#[must_use]
pub fn find(learnt: &Learnt, delta: f64) -> Misses<'_> {
    let mut running = vec![Running::default(); learnt.gates.len().min(256)];
    let (mut near, mut rejected, mut unmeasurable) = (Vec::new(), Vec::new(), Vec::new());
    for case in &learnt.cases {
        for g in case.gates.iter().filter(|g| g.value.is_finite()) {
            if let Some(r) = running.get_mut(usize::from(g.gate)) {
                r.step(g.value);
            }
        }
        if case.admitted {
            continue;
        }
        let spreads = spreads(&running);
        rejected.push(case);
        match distance(case, &spreads) {
            None => unmeasurable.push(case),
            Some((distance, gate)) if distance < delta => near.push(NearMiss { case, distance, gate }),
            Some(_) => {}
        }
    }
    Misses { spreads: spreads(&running), near, rejected, unmeasurable, delta }
}

/// Standard deviations to admission and the gate that is farthest; `None` when a failing gate cannot be measured.
#[must_use]
pub fn distance(case: &Case, spreads: &[Spread]) -> Option<(f64, u8)> {
    let mut farthest: Option<(f64, u8)> = None;
    for f in case.failing() {
        let beyond = f.value - f.limit;
        let measured = f.truth == Truth::False && beyond.is_finite();
        let sigma = spreads.iter().find(|s| s.gate == f.gate)?.sigma.filter(|_| measured)?;
        let d = beyond / sigma;
        if farthest.is_none_or(|(most, _)| d > most) {
            farthest = Some((d, f.gate));
        }
    }
    farthest
}

/// Mean and squared deviations of what was seen (Welford 1962).
#[derive(Clone, Copy, Debug, Default)]
struct Running {
    n: u64,
    mean: f64,
    squares: f64,
}

impl Running {
    fn step(&mut self, x: f64) {
        self.n += 1;
        let d = x - self.mean;
        self.mean += d / self.n as f64;
        self.squares += d * (x - self.mean);
    }

    /// Deviations that are only the rounding of equal values are none.
    fn sigma(&self) -> Option<f64> {
        let sd = (self.squares / self.n.saturating_sub(1).max(1) as f64).sqrt();
        (self.n >= MEASURED_MIN as u64 && sd > 1e-12 * self.mean.abs()).then_some(sd)
    }
}

fn spreads(running: &[Running]) -> Vec<Spread> {
    let of = |(g, r): (usize, &Running)| Spread { gate: g as u8, n: r.n, sigma: r.sigma() };
    running.iter().enumerate().map(of).collect()
}
