//! Features that a document may name: parameters, unit, and what is declared for them.

use super::unit::Unit;
use crate::feature::{FeatureSpec, Series};
use zero_market::window::Over;

/// A feature's parameter.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Name in messages.
    pub name: &'static str,
    /// Smallest value.
    pub min: u16,
    /// Largest value.
    pub max: u16,
    /// Used when it is left out; `None` where it must be written.
    pub default: Option<u16>,
}

/// A feature of the language.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Name in expressions.
    pub name: &'static str,
    /// What it is, for the reference.
    pub about: &'static str,
    /// At most two.
    pub params: &'static [Param],
    /// May it be followed by `[bars back]`?
    pub lagged: bool,
    /// Unit of its values.
    pub unit: Unit,
    /// Values for which an entry is looked for when no history is at hand.
    pub samples: &'static [f64],
    make: fn(Args) -> FeatureSpec,
}

/// Parameters of a feature as written, and bars back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Args {
    /// First parameter, 0 where there is none.
    pub a: u16,
    /// Second parameter, 0 where there is none.
    pub b: u16,
    /// Bars back. Unsigned: there are no bars ahead.
    pub lag: u16,
}

/// A feature with its parameters: an index into [`FEATURES`] and its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Feature {
    /// Index into [`FEATURES`].
    pub index: u8,
    /// Its arguments.
    pub args: Args,
}

impl Feature {
    /// Its entry.
    #[must_use]
    pub fn entry(self) -> &'static Entry {
        FEATURES.get(usize::from(self.index)).unwrap_or(&FEATURES[0])
    }

    /// What is declared on a plan.
    #[must_use]
    pub fn spec(self) -> FeatureSpec {
        (self.entry().make)(self.args)
    }

    /// Values that it can take: least and greatest.
    #[must_use]
    pub fn domain(self) -> (f64, f64) {
        match (self.spec(), self.entry().unit) {
            (FeatureSpec::Rsi { .. }, _) => (0.0, 100.0),
            (FeatureSpec::Windowed { over: Over::Rank, .. }, _) => (0.0, 1.0),
            (FeatureSpec::Windowed { over: Over::Return, .. }, _) => (-1.0, f64::MAX),
            (FeatureSpec::EwmaVol { .. } | FeatureSpec::Windowed { over: Over::RatioToMean, .. }, _)
            | (_, Unit::Price | Unit::Volume) => (0.0, f64::MAX),
            _ => (f64::MIN, f64::MAX),
        }
    }

    /// Standard deviation of its change over one bar, where it moves as a driftless random walk for horizons well below its own
    /// window. A new return moves t by its own size over `sigma * sqrt(k)`: one standard deviation is `1/sqrt(k)`.
    #[must_use]
    pub fn step(self) -> Option<f64> {
        match self.spec() {
            FeatureSpec::TrendT { k, .. } => Some(1.0 / libm::sqrt(f64::from(k.max(1)))),
            _ => None,
        }
    }

    /// Values that are scanned for it at every bar.
    #[must_use]
    pub fn scan(self) -> usize {
        match self.spec() {
            FeatureSpec::Windowed { over: Over::Oldest | Over::Return, .. } => 1,
            FeatureSpec::Windowed { n, .. } | FeatureSpec::Extreme { n, .. } => usize::from(n),
            _ => 1,
        }
    }
}

/// Longest window that is scanned at every bar.
const SCAN: u16 = 2_000;
/// Longest lag or window that is only kept.
const KEEP: u16 = 10_000;

const fn length(name: &'static str, min: u16, max: u16) -> Param {
    Param { name, min, max, default: None }
}

const N: &[Param] = &[length("bars", 1, SCAN)];
const N2: &[Param] = &[length("bars", 2, SCAN)];
const HALF_LIFE: Param = Param { name: "half-life", min: 1, max: SCAN, default: Some(48) };
const PRICES: &[f64] = &[80.0, 95.0, 100.0, 105.0, 120.0];
const SCORES: &[f64] = &[-4.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 4.0];

/// Bars back as a window that keeps them all.
const fn window(lag: u16) -> u16 {
    lag.saturating_add(1)
}

const fn raw(series: Series, lag: u16) -> FeatureSpec {
    FeatureSpec::Windowed { series, over: Over::Oldest, n: window(lag) }
}

macro_rules! features {
    ($($name:literal $params:expr, $lagged:literal, $unit:ident, $samples:expr, $make:expr, $about:literal;)*) => {
        /// Every feature. The order is part of the normal form: new ones go to the end.
        pub const FEATURES: &[Entry] = &[$(Entry {
            name: $name, about: $about, params: $params, lagged: $lagged, unit: Unit::$unit, samples: $samples,
            make: $make,
        }),*];
    };
}

features! {
    "close" &[], true, Price, PRICES, |x| raw(Series::Close, x.lag), "Last trade price of the bar.";
    "open" &[], true, Price, PRICES, |x| raw(Series::Open, x.lag), "First trade price of the bar.";
    "high" &[], true, Price, PRICES, |x| raw(Series::High, x.lag), "Highest trade price of the bar.";
    "low" &[], true, Price, PRICES, |x| raw(Series::Low, x.lag), "Lowest trade price of the bar.";
    "volume" &[], true, Volume, &[1.0, 100.0], |x| raw(Series::Volume, x.lag), "Traded volume of the bar.";
    "ema" N, false, Price, PRICES, |x| FeatureSpec::Ema { n: x.a }, "Exponential moving average, 2/(n+1).";
    "sma" N, false, Price, PRICES,
        |x| FeatureSpec::Windowed { series: Series::Close, over: Over::Mean, n: x.a }, "Arithmetic mean of closes.";
    "rsi" N, false, Count, &[5.0, 20.0, 35.0, 50.0, 65.0, 80.0, 95.0],
        |x| FeatureSpec::Rsi { n: x.a }, "Wilder's relative strength index, 0 to 100.";
    "atr" N, false, Price, &[1.0], |x| FeatureSpec::Atr { n: x.a }, "Wilder's average true range.";
    "vol" &[HALF_LIFE], false, Ratio, &[0.01, 0.003, 0.03],
        |x| FeatureSpec::EwmaVol { half_life: x.a }, "EWMA volatility of log returns per bar.";
    "trend_t" &[length("bars", 1, KEEP), HALF_LIFE], false, Score, SCORES,
        |x| FeatureSpec::TrendT { k: x.a, half_life: x.b }, "Log return over n bars in its own volatilities.";
    "funding_mean" &[length("hours", 1, KEEP)], false, HourRate, &[-1e-3, -1e-4, -1e-5, 0.0, 1e-5, 1e-4, 1e-3],
        |x| FeatureSpec::FundingMean { hours: x.a }, "Mean funding rate per hour over the last prints.";
    "zscore" N2, false, Score, SCORES,
        |x| FeatureSpec::Windowed { series: Series::Close, over: Over::Zscore, n: x.a },
        "Close less its mean, over its population standard deviation.";
    "percentile" N2, false, Ratio, &[0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99],
        |x| FeatureSpec::Windowed { series: Series::Close, over: Over::Rank, n: x.a },
        "Share of the last closes below this one, ties counted half.";
    "highest" N, true, Price, PRICES,
        |x| FeatureSpec::Extreme { highest: true, n: x.a, lag: x.lag }, "Highest high of n bars.";
    "lowest" N, true, Price, PRICES,
        |x| FeatureSpec::Extreme { highest: false, n: x.a, lag: x.lag }, "Lowest low of n bars.";
    "return" &[length("bars", 1, KEEP - 1)], false, Ratio, &[-0.2, -0.05, -0.01, 0.0, 0.01, 0.05, 0.2],
        |x| FeatureSpec::Windowed { series: Series::Close, over: Over::Return, n: window(x.a) },
        "Simple return over n bars.";
    "bollinger_b" N2, false, Ratio, &[-0.3, 0.0, 0.1, 0.5, 0.9, 1.0, 1.3],
        |x| FeatureSpec::Windowed { series: Series::Close, over: Over::PercentB, n: x.a },
        "Bollinger's %b: 0 at the lower band, 1 at the upper.";
    "volume_ratio" N2, false, Ratio, &[0.3, 1.0, 1.5, 3.0],
        |x| FeatureSpec::Windowed { series: Series::Volume, over: Over::RatioToMean, n: x.a },
        "Volume over its mean of n bars.";
}

/// Names that are short for an expression over features, and what they stand for.
pub const SHORTHANDS: &[(&str, &str)] = &[
    ("daily_vol", "vol(half-life) * sqrt_bars_per_day: volatility per day"),
    ("funding_annual", "annual(funding_mean(hours)): mean funding rate per year"),
    ("unrealised_sigmas", "unrealised / daily_vol(half-life): result of the position in daily volatilities"),
];

/// Names without arguments that are not features of the market.
pub const CONTEXT: &[(&str, &str)] = &[
    ("sqrt_bars_per_day", "Root of the bars per day."),
    ("hours_held", "Time since the position was opened; only in exits, zero when a kill is asked at entry."),
    ("unrealised", "Return of the position since its entry, positive when it gains; only in exits."),
    (
        "giveback",
        "Fall from the position's best price, of its first fill and every close since, as a fraction of it; only in exits.",
    ),
];

/// Functions.
pub const FUNCTIONS: &[(&str, &str)] = &[
    ("abs", "abs(x): distance from zero."),
    ("annual", "annual(rate per hour): 8,760 times it."),
    ("clamp", "clamp(x, low, high): x within bounds."),
    ("if", "if(condition, a, b): one of two."),
    ("max", "max(a, b, ...): largest."),
    ("min", "min(a, b, ...): smallest."),
    (
        "vote",
        "vote(condition, weight): the weight where it holds, else 0; sums of votes are compared to a threshold.",
    ),
];

/// Every name that can stand in an expression.
pub fn names() -> impl Iterator<Item = &'static str> {
    FEATURES
        .iter()
        .map(|f| f.name)
        .chain([SHORTHANDS, CONTEXT, FUNCTIONS].into_iter().flatten().map(|(n, _)| *n))
        .chain(["and", "or", "not", "true", "false"])
}
