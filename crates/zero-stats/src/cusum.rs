//! Alarms for a change of mean: the cumulative sum of Page (Biometrika 41, 1954), one-sided in each direction, and the Page-Hinkley
//! test, which estimates the mean it guards. Set thresholds by simulation for the false-alarm rate that is wanted; defaults
//! of other programs alarm on noise.

use crate::error::{StatsError, check_positive};

/// Which direction alarmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shift {
    /// The mean rose.
    Up,
    /// The mean fell.
    Down,
}

/// A two-sided cumulative sum against a known mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cusum {
    mean: f64,
    slack: f64,
    threshold: f64,
    up: f64,
    down: f64,
    n: usize,
}

impl Cusum {
    /// Guards `mean`: sums what exceeds it by more than `slack` (half the shift that matters) and alarms above `threshold`, all in
    /// the unit of the observations.
    pub fn new(mean: f64, slack: f64, threshold: f64) -> Result<Self, StatsError> {
        check_positive("threshold", threshold)?;
        if !(mean.is_finite() && slack.is_finite() && slack >= 0.0) {
            return Err(StatsError::BadParameter { name: "slack", rule: "a finite number of at least 0" });
        }
        Ok(Self { mean, slack, threshold, up: 0.0, down: 0.0, n: 0 })
    }

    /// Takes an observation; after an alarm both sums start anew. A value that is not finite is refused and changes nothing.
    pub fn observe(&mut self, x: f64) -> Result<Option<Shift>, StatsError> {
        if !x.is_finite() {
            return Err(StatsError::NotFinite { index: self.n });
        }
        self.n += 1;
        self.up = (self.up + (x - self.mean - self.slack)).max(0.0);
        self.down = (self.down + (self.mean - x - self.slack)).max(0.0);
        let shift = if self.up > self.threshold {
            Some(Shift::Up)
        } else if self.down > self.threshold {
            Some(Shift::Down)
        } else {
            None
        };
        if shift.is_some() {
            (self.up, self.down) = (0.0, 0.0);
        }
        Ok(shift)
    }

    /// The sums upwards and downwards.
    #[must_use]
    pub const fn sums(&self) -> (f64, f64) {
        (self.up, self.down)
    }
}

/// Parameters of a [`PageHinkley`] test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PageHinkleyRule {
    /// Observations before the first alarm may be given.
    pub warm_up: usize,
    /// Deviation that is tolerated, in the unit of the observations.
    pub delta: f64,
    /// Height of the alarm.
    pub threshold: f64,
    /// What remains of the sums at each step, above 0 and at most 1.
    pub memory: f64,
}

impl PageHinkleyRule {
    /// What is customary. On unit noise it gives false alarms within a few hundred observations: a bad default, kept for comparison.
    pub const CUSTOMARY: Self = Self { warm_up: 30, delta: 0.005, threshold: 50.0, memory: 0.9999 };
}

/// A two-sided Page-Hinkley test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PageHinkley {
    rule: PageHinkleyRule,
    seen: usize,
    n: usize,
    mean: f64,
    rise: f64,
    least_rise: f64,
    fall: f64,
    most_fall: f64,
}

impl PageHinkley {
    /// Nothing seen yet.
    pub fn new(rule: PageHinkleyRule) -> Result<Self, StatsError> {
        check_positive("threshold", rule.threshold)?;
        if !(rule.delta.is_finite() && rule.delta >= 0.0) {
            return Err(StatsError::BadParameter { name: "delta", rule: "a finite number of at least 0" });
        }
        if !(rule.memory > 0.0 && rule.memory <= 1.0) {
            return Err(StatsError::BadParameter { name: "memory", rule: "above 0 and at most 1" });
        }
        Ok(Self::at_start(rule, 0))
    }

    const fn at_start(rule: PageHinkleyRule, seen: usize) -> Self {
        Self {
            rule,
            seen,
            n: 0,
            mean: 0.0,
            rise: 0.0,
            least_rise: f64::INFINITY,
            fall: 0.0,
            most_fall: f64::NEG_INFINITY,
        }
    }

    /// Takes an observation; after an alarm it starts anew. A value that is not finite is refused and changes nothing.
    pub fn observe(&mut self, x: f64) -> Result<Option<Shift>, StatsError> {
        if !x.is_finite() {
            return Err(StatsError::NotFinite { index: self.seen });
        }
        self.seen += 1;
        self.n += 1;
        self.mean += (x - self.mean) / self.n as f64;
        let deviation = x - self.mean;
        self.rise = self.rule.memory * self.rise + deviation - self.rule.delta;
        self.fall = self.rule.memory * self.fall + deviation + self.rule.delta;
        self.least_rise = self.least_rise.min(self.rise);
        self.most_fall = self.most_fall.max(self.fall);
        if self.n < self.rule.warm_up {
            return Ok(None);
        }
        let shift = if self.rise - self.least_rise > self.rule.threshold {
            Some(Shift::Up)
        } else if self.most_fall - self.fall > self.rule.threshold {
            Some(Shift::Down)
        } else {
            None
        };
        if shift.is_some() {
            *self = Self::at_start(self.rule, self.seen);
        }
        Ok(shift)
    }
}
