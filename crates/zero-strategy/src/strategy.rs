//! The strategy trait: the only origin of candidates.

use crate::abstention::Abstention;
use crate::precedence::ExitClass;
use crate::view::CoinView;
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use zero_core::obs::Fresh;
use zero_core::{Digest32, Px, Rate, Sz, Truth, Ts, TsDiff, Usd, canon_struct, canon_tag};
use zero_market::Side;

canon_struct! {
    /// A strategy's identity. Two runs are comparable only when the digests are equal.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct StrategySpec {
        /// Family name, as in configuration.
        pub name: String,
        /// Version of its meaning; a change of meaning changes it.
        pub version: u16,
        /// Parameters as canonical text (`lookback=168 entry_z=1`), decimals as decimal text.
        pub params: String,
    }
}

impl StrategySpec {
    /// Digest of the canonical bytes.
    #[must_use]
    pub fn digest(&self) -> Digest32 {
        Digest32::of(&zero_core::Canon::to_bytes(self))
    }
}

canon_tag! {
    /// Why a strategy wants out.
    pub enum ExitWhy {
        /// Its signal is gone or reversed.
        0 "signal" Signal,
        /// Its horizon passed.
        1 "time" Time,
        /// An input went missing and the strategy says to leave then.
        2 "unknown_input" UnknownInput,
        /// A kill condition holds.
        3 "kill" Kill,
        /// A trailing condition holds.
        4 "trail" Trail,
        /// A kill condition is Unknown, and the strategy says to leave then.
        5 "unknown_kill" UnknownKill,
        /// A trailing condition is Unknown, and the strategy says to leave then.
        6 "unknown_trail" UnknownTrail,
    }
}

impl ExitWhy {
    /// Its place in the precedence of exits.
    #[must_use]
    pub const fn class(self) -> ExitClass {
        match self {
            Self::Kill | Self::UnknownKill => ExitClass::Kill,
            Self::Trail | Self::UnknownTrail => ExitClass::Trail,
            Self::Time => ExitClass::Time,
            Self::Signal | Self::UnknownInput => ExitClass::Signal,
        }
    }
}

/// How an entry is sized.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sizing {
    /// A fixed fraction of equity is at risk between entry and stop.
    Risk,
    /// A fixed size in coins (validation against other engines).
    Fixed(Sz),
    /// A share of equity as notional (baselines).
    Share(Rate),
}

/// A wish to enter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// Buy for a long, sell for a short.
    pub side: Side,
    /// Distance of the protective stop as a fraction of the entry price; `None` only with fixed sizing.
    pub stop: Option<f64>,
    /// Distance of the take-profit as a fraction of the entry price.
    pub target: Option<f64>,
    /// When the thesis is over.
    pub horizon: TsDiff,
    /// Strength in the strategy's own statistic (t or z), for ranking within a batch.
    pub score: f64,
    /// How it is sized.
    pub sizing: Sizing,
}

/// What a strategy says about one coin at one instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Proposal {
    /// Nothing to do.
    Nothing,
    /// Some declared input is missing or stale.
    Abstain,
    /// A hosted strategy has no answer, and why.
    Withheld(Abstention),
    /// Open a position (when holding the other way: leave it first).
    Enter(Entry),
    /// Close the position.
    Exit(ExitWhy),
}

/// What the book holds of the coin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Holding {
    /// Signed position.
    pub szi: Sz,
    /// What it cost, signed as the position.
    pub cost: Usd,
    /// When it was opened.
    pub since: Ts,
    /// Best price since then: of its first fill and of every close after it, the highest for a long, the lowest for a short.
    pub best: Option<Px>,
}

impl Holding {
    /// Average entry price; `None` when flat. Computed when asked for: few strategies do, at every bar.
    #[must_use]
    pub fn entry_px(&self) -> Option<Px> {
        self.cost.per_coin(self.szi)
    }

    /// What a price gives back of the best one, as a fraction of that; `None` where there is no best price.
    #[must_use]
    pub fn giveback(&self, px: Px) -> Option<f64> {
        let best = self.best.filter(|b| b.raw() > 0)?;
        Some((1.0 - px.to_f64() / best.to_f64()) * self.szi.signum() as f64)
    }
}

/// A declared input as a strategy sees it at an instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// Its name.
    pub name: Cow<'static, str>,
    /// The value, or why it cannot be used.
    pub seen: Fresh<f64>,
}

/// How far an input is from where an entry on one side would be proposed.
#[derive(Clone, Debug, PartialEq)]
pub struct Reach {
    /// The input.
    pub name: Cow<'static, str>,
    /// Its value now.
    pub value: f64,
    /// Where the entry begins.
    pub threshold: f64,
    /// Does it begin at the threshold and above, else at it and below?
    pub above: bool,
    /// Side of that entry.
    pub side: Side,
    /// Standard deviation of the input's change over one bar, where it moves as a driftless random walk for horizons well
    /// below its own window; `None` where it does not.
    pub step: Option<f64>,
    /// Conditions of the entry that do not hold, this one included.
    pub unmet: u32,
}

impl Reach {
    /// Of a threshold away from zero: at it and beyond it.
    #[must_use]
    pub fn beyond(name: &'static str, value: f64, threshold: f64, side: Side, step: Option<f64>) -> Self {
        let above = threshold >= 0.0;
        let met = if above { value >= threshold } else { value <= threshold };
        Self { name: name.into(), value, threshold, above, side, step, unmet: u32::from(!met) }
    }

    fn gap(&self) -> f64 {
        if self.above { self.threshold - self.value } else { self.value - self.threshold }
    }

    /// What is missing to the threshold; zero where it is reached.
    #[must_use]
    pub fn distance(&self) -> f64 {
        self.gap().max(0.0)
    }

    /// How much of the way is gone, in the threshold's own size: 1 where it is reached, 0 where as much is missing as the
    /// threshold is large.
    #[must_use]
    pub fn share(&self) -> f64 {
        let gap = self.gap();
        if gap == 0.0 { 1.0 } else { 1.0 - gap / self.threshold.abs() }
    }
}

/// One condition of an entry, as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// Side of the entry.
    pub side: Side,
    /// Its text.
    pub text: String,
    /// Whether it holds.
    pub truth: Truth,
    /// Its inputs that are missing or stale.
    pub missing: Vec<String>,
    /// Where it turns; `None` where no change of one input does that.
    pub turn: Option<Turning>,
    /// Unit of what it compares, where a hosted strategy names it.
    pub unit: Option<&'static str>,
}

/// Where a condition turns by the smallest change of one input, in proportion to its size.
#[derive(Clone, Debug, PartialEq)]
pub struct Turning {
    /// The input.
    pub input: String,
    /// Its value now.
    pub from: f64,
    /// The nearest value at which the condition holds; where it holds, the last one before it would not.
    pub begins: f64,
    /// Does it hold from there upwards, else downwards?
    pub above: bool,
    /// As [`Reach::step`].
    pub step: Option<f64>,
}

/// Why a strategy's thresholds and conditions are not told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unexplained {
    /// Stable code.
    pub code: &'static str,
    /// In words.
    pub why: Cow<'static, str>,
}

/// A strategy: a pure function of the view and of what its book holds.
pub trait Strategy: core::fmt::Debug + Send {
    /// Identity.
    fn spec(&self) -> StrategySpec;

    /// What to do with one coin. Must not depend on anything but its arguments.
    fn propose(&self, view: &CoinView<'_>, holding: Option<&Holding>) -> Proposal;

    /// Told once, before the first proposal, which coin each id stands for: names by [`zero_core::CoinId`]. A strategy
    /// that trades every coin alike has no use for it.
    fn bind(&mut self, _symbols: &[&str]) {}

    /// Wait after an exit before the same side of a coin is entered again, where it is longer than the engine's own.
    fn cooldown(&self) -> TsDiff {
        TsDiff::ZERO
    }

    /// Features for which an entry would be proposed at price `px` and per-bar volatility `sigma`: used by the
    /// start-up witness, which must find an admissible order for every strategy. Returns false when the strategy has
    /// no such state.
    fn favourable(&self, sigma: f64, now: Ts, bank: &mut crate::FeatureBank) -> bool;

    /// Its inputs as it sees them now, so that an abstention can name what is missing. Empty where it cannot tell.
    fn inputs(&self, _view: &CoinView<'_>) -> Vec<Input> {
        Vec::new()
    }

    /// Its entry thresholds, one per side that it may enter, and how far each is. Empty where it cannot tell or an input is
    /// missing.
    fn reach(&self, _view: &CoinView<'_>) -> Vec<Reach> {
        Vec::new()
    }

    /// The conditions of its entries one by one, on both sides. Empty where it cannot tell.
    fn conditions(&self, _view: &CoinView<'_>) -> Vec<Condition> {
        Vec::new()
    }

    /// Can [`Strategy::reach`] and [`Strategy::conditions`] be told of this view?
    ///
    /// # Errors
    /// [`Unexplained`]: both are empty for this reason.
    fn explains(&self, _view: &CoinView<'_>) -> Result<(), Unexplained> {
        Ok(())
    }
}
