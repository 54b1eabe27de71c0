//! The features that a run needs: each part of the stack declares its inputs once, equal declarations share one state.

use alloc::vec::Vec;
use zero_core::{MissingReason, Observation, Ts, TsDiff, canon_struct};
use zero_market::event::{Bar, FundingPrint};
use zero_market::feature::{Atr, Ema, EwmaVol, FeatureMemory, FundingMean, Restorable, TrendT};
use zero_market::funding_z::FundingZ;
use zero_market::window::{Extreme, Over, Rsi, Windowed};

/// A feature and its parameters. Lengths are in bars of the run's interval, funding windows in hourly prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeatureSpec {
    /// Exponential moving average of the close, `alpha = 2/(n+1)`.
    Ema {
        /// Length.
        n: u16,
    },
    /// Wilder's average true range, in price units.
    Atr {
        /// Length.
        n: u16,
    },
    /// EWMA volatility of log returns per bar.
    EwmaVol {
        /// Half-life.
        half_life: u16,
    },
    /// Sum of the last `k` log returns over `sigma * sqrt(k)`.
    TrendT {
        /// Number of returns.
        k: u16,
        /// Half-life of the volatility in the denominator.
        half_life: u16,
    },
    /// Mean hourly funding rate.
    FundingMean {
        /// Number of prints.
        hours: u16,
    },
    /// The last hourly funding rate over its own past, in standard deviations.
    FundingZ {
        /// Number of prints.
        hours: u16,
    },
    /// A statistic of the last `n` values of a series of the bar.
    Windowed {
        /// Which series.
        series: Series,
        /// Which statistic.
        over: Over,
        /// Number of values.
        n: u16,
    },
    /// Highest high, or lowest low, of `n` bars that ended `lag` bars ago.
    Extreme {
        /// Highest high, else lowest low.
        highest: bool,
        /// Length.
        n: u16,
        /// Bars back.
        lag: u16,
    },
    /// Wilder's relative strength index of the close.
    Rsi {
        /// Length.
        n: u16,
    },
    /// The close, from the `n`th bar after a start or a gap on: a requirement of history.
    History {
        /// Bars.
        n: u16,
    },
}

/// A series of the bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Series {
    /// First trade price.
    Open,
    /// Highest trade price.
    High,
    /// Lowest trade price.
    Low,
    /// Last trade price.
    Close,
    /// Traded volume in coins.
    Volume,
}

impl Series {
    fn of(self, bar: &Bar) -> f64 {
        match self {
            Self::Open => bar.open.to_f64(),
            Self::High => bar.high.to_f64(),
            Self::Low => bar.low.to_f64(),
            Self::Close => bar.close.to_f64(),
            Self::Volume => bar.volume.to_f64(),
        }
    }
}

/// The place of a declared feature in every coin's bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot(u16);

/// The features of a run, in order of first declaration.
#[derive(Clone, Debug, Default)]
pub struct FeaturePlan {
    specs: Vec<FeatureSpec>,
    cross: bool,
}

impl FeaturePlan {
    /// Nothing declared.
    #[must_use]
    pub const fn new() -> Self {
        Self { specs: Vec::new(), cross: false }
    }

    /// Declares an input and says where it will be.
    pub fn need(&mut self, spec: FeatureSpec) -> Slot {
        let at = self.specs.iter().position(|s| *s == spec).unwrap_or_else(|| {
            self.specs.push(spec);
            self.specs.len() - 1
        });
        Slot(at as u16)
    }

    /// Declares that the cross-section of all coins is needed.
    pub const fn need_cross(&mut self) {
        self.cross = true;
    }

    /// Is the cross-section needed?
    #[must_use]
    pub const fn needs_cross(&self) -> bool {
        self.cross
    }

    /// All declared features.
    #[must_use]
    pub fn specs(&self) -> &[FeatureSpec] {
        &self.specs
    }

    /// Bars that must have been seen before every feature has a value: the lookback of the run.
    #[must_use]
    pub fn warm_up(&self) -> usize {
        FeatureBank::new(self).warm_up()
    }
}

#[derive(Clone, Debug)]
enum State {
    Ema(Ema),
    Atr(Atr),
    EwmaVol(EwmaVol),
    TrendT(TrendT),
    FundingMean(FundingMean),
    FundingZ(FundingZ),
    Windowed(Series, Windowed),
    Extreme(bool, Extreme),
    Rsi(Rsi),
    History(u32, u32),
}

impl State {
    fn memory(&self) -> FeatureMemory {
        match self {
            Self::Ema(f) => f.memory(),
            Self::Atr(f) => f.memory(),
            Self::EwmaVol(f) => f.memory(),
            Self::TrendT(f) => f.memory(),
            Self::FundingMean(f) => f.memory(),
            Self::FundingZ(f) => f.memory(),
            Self::Windowed(_, f) => f.memory(),
            Self::Extreme(_, f) => f.memory(),
            Self::Rsi(f) => f.memory(),
            Self::History(_, seen) => {
                FeatureMemory { seen: *seen, value: 0.0, last_close: None, window: Vec::new() }
            }
        }
    }

    fn restore(&mut self, m: &FeatureMemory) {
        match self {
            Self::Ema(f) => f.restore(m),
            Self::Atr(f) => f.restore(m),
            Self::EwmaVol(f) => f.restore(m),
            Self::TrendT(f) => f.restore(m),
            Self::FundingMean(f) => f.restore(m),
            Self::FundingZ(f) => f.restore(m),
            Self::Windowed(_, f) => f.restore(m),
            Self::Extreme(_, f) => f.restore(m),
            Self::Rsi(f) => f.restore(m),
            Self::History(_, seen) => *seen = m.seen,
        }
    }
}

canon_struct! {
    /// One feature's memory and its last value.
    #[derive(Clone, Debug, PartialEq)]
    pub struct SlotMemory {
        /// What the recursion carries.
        pub memory: FeatureMemory,
        /// Last value and its time, when there was one.
        pub value: Option<f64>,
        /// The value's time; the epoch when there was none.
        pub time: Ts,
        /// Why there is none: 0 never seen, 1 warm-up, 2 gap, 3 undefined.
        pub missing: u8,
    }
}

canon_struct! {
    /// One coin's features in a snapshot.
    #[derive(Clone, Debug, PartialEq)]
    pub struct BankMemory {
        /// In the order of the plan.
        pub slots: Vec<SlotMemory>,
    }
}

/// One coin's features: a derived cache, rebuilt from market records, never a source of truth.
#[derive(Clone, Debug)]
pub struct FeatureBank {
    states: Vec<State>,
    values: Vec<Observation<f64>>,
}

impl FeatureBank {
    /// An empty bank for a plan.
    #[must_use]
    pub fn new(plan: &FeaturePlan) -> Self {
        let states: Vec<State> = plan
            .specs
            .iter()
            .map(|s| match *s {
                FeatureSpec::Ema { n } => State::Ema(Ema::new(usize::from(n))),
                FeatureSpec::Atr { n } => State::Atr(Atr::new(usize::from(n))),
                FeatureSpec::EwmaVol { half_life } => State::EwmaVol(EwmaVol::new(f64::from(half_life))),
                FeatureSpec::TrendT { k, half_life } => {
                    State::TrendT(TrendT::new(usize::from(k), f64::from(half_life)))
                }
                FeatureSpec::FundingMean { hours } => {
                    State::FundingMean(FundingMean::new(usize::from(hours)))
                }
                FeatureSpec::FundingZ { hours } => State::FundingZ(FundingZ::new(usize::from(hours))),
                FeatureSpec::Windowed { series, over, n } => {
                    State::Windowed(series, Windowed::new(over, usize::from(n)))
                }
                FeatureSpec::Extreme { highest, n, lag } => {
                    State::Extreme(highest, Extreme::new(highest, usize::from(n), usize::from(lag)))
                }
                FeatureSpec::Rsi { n } => State::Rsi(Rsi::new(usize::from(n))),
                FeatureSpec::History { n } => State::History(u32::from(n), 0),
            })
            .collect();
        let values = alloc::vec![Observation::Missing(MissingReason::NeverSeen); states.len()];
        Self { states, values }
    }

    fn warm_up(&self) -> usize {
        self.states
            .iter()
            .map(|s| match s {
                State::Ema(f) => f.warm_up(),
                State::Atr(f) => f.warm_up(),
                State::EwmaVol(f) => f.warm_up(),
                State::TrendT(f) => f.warm_up(),
                State::FundingMean(f) => f.warm_up(),
                State::FundingZ(f) => f.warm_up(),
                State::Windowed(_, f) => f.warm_up(),
                State::Extreme(_, f) => f.warm_up(),
                State::Rsi(f) => f.warm_up(),
                State::History(n, _) => *n as usize,
            })
            .max()
            .unwrap_or(0)
    }

    /// Takes a complete bar.
    pub fn on_bar(&mut self, bar: &Bar) {
        let time = bar.close_time();
        let close = bar.close.to_f64();
        for (state, slot) in self.states.iter_mut().zip(&mut self.values) {
            let out = match state {
                State::Ema(f) => f.step(close),
                State::Atr(f) => f.step(bar.high.to_f64(), bar.low.to_f64(), close),
                State::EwmaVol(f) => f.step(close),
                State::TrendT(f) => f.step(close),
                State::FundingMean(_) | State::FundingZ(_) => continue,
                State::Windowed(series, f) => f.step(series.of(bar)),
                State::Extreme(highest, f) => {
                    f.step(if *highest { bar.high.to_f64() } else { bar.low.to_f64() })
                }
                State::Rsi(f) => f.step(close),
                State::History(n, seen) => {
                    *seen = seen.saturating_add(1);
                    (*seen >= *n).then_some(close)
                }
            };
            *slot = observe(out, time);
        }
    }

    /// Takes a funding print.
    pub fn on_funding(&mut self, print: &FundingPrint, time: Ts) {
        for (state, slot) in self.states.iter_mut().zip(&mut self.values) {
            match state {
                State::FundingMean(f) => *slot = observe(f.step(print.rate.to_f64()), time),
                State::FundingZ(f) => *slot = observe(f.step(print.rate), time),
                _ => {}
            }
        }
    }

    /// A hole in the coin's data: every feature starts over, none may reach across.
    pub fn on_gap(&mut self) {
        for (state, slot) in self.states.iter_mut().zip(&mut self.values) {
            match state {
                State::Ema(f) => f.reset(),
                State::Atr(f) => f.reset(),
                State::EwmaVol(f) => f.reset(),
                State::TrendT(f) => f.reset(),
                State::FundingMean(f) => f.reset(),
                State::FundingZ(f) => f.reset(),
                State::Windowed(_, f) => f.reset(),
                State::Extreme(_, f) => f.reset(),
                State::Rsi(f) => f.reset(),
                State::History(_, seen) => *seen = 0,
            }
            *slot = Observation::Missing(MissingReason::Gap);
        }
    }

    /// The value in a slot, with the time it was true.
    #[must_use]
    #[inline]
    pub fn get(&self, slot: Slot) -> Observation<f64> {
        self.values
            .get(usize::from(slot.0))
            .copied()
            .unwrap_or(Observation::Missing(MissingReason::NeverSeen))
    }

    /// For a snapshot.
    #[must_use]
    pub fn memory(&self) -> BankMemory {
        let slots = self
            .states
            .iter()
            .zip(&self.values)
            .map(|(state, value)| {
                let memory = state.memory();
                match *value {
                    Observation::At { value, time } => {
                        SlotMemory { memory, value: Some(value), time, missing: 0 }
                    }
                    Observation::Missing(why) => {
                        SlotMemory { memory, value: None, time: Ts::ZERO, missing: missing_code(why) }
                    }
                }
            })
            .collect();
        BankMemory { slots }
    }

    /// Back from a snapshot; false when it has another number of features.
    #[must_use]
    pub fn restore(&mut self, m: &BankMemory) -> bool {
        if m.slots.len() != self.states.len() {
            return false;
        }
        for ((state, value), slot) in self.states.iter_mut().zip(&mut self.values).zip(&m.slots) {
            state.restore(&slot.memory);
            *value = match slot.value {
                Some(value) => Observation::At { value, time: slot.time },
                None => Observation::Missing(missing_from(slot.missing)),
            };
        }
        true
    }

    /// Dates every value later by this much: for a question about a later instant at which nothing has changed.
    pub fn age_less(&mut self, by: TsDiff) {
        for v in &mut self.values {
            if let Observation::At { time, .. } = v {
                *time = time.plus(by);
            }
        }
    }

    /// Sets a slot: for the start-up witness and for fixtures, which have no history.
    pub fn set(&mut self, slot: Slot, value: f64, time: Ts) {
        if let Some(v) = self.values.get_mut(usize::from(slot.0)) {
            *v = Observation::At { value, time };
        }
    }
}

const fn missing_code(why: MissingReason) -> u8 {
    match why {
        MissingReason::NeverSeen => 0,
        MissingReason::WarmUp => 1,
        MissingReason::Gap => 2,
        MissingReason::Undefined => 3,
    }
}

const fn missing_from(code: u8) -> MissingReason {
    match code {
        1 => MissingReason::WarmUp,
        2 => MissingReason::Gap,
        3 => MissingReason::Undefined,
        _ => MissingReason::NeverSeen,
    }
}

fn observe(value: Option<f64>, time: Ts) -> Observation<f64> {
    match value {
        Some(value) if value.is_finite() => Observation::At { value, time },
        Some(_) => Observation::Missing(MissingReason::Undefined),
        None => Observation::Missing(MissingReason::WarmUp),
    }
}
