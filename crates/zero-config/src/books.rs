//! Books: one strategy with its parameters and its weight in the account's cash.

use crate::effective::Effective;
use crate::key::SectionSpec;
use crate::sections::{MUST, YEAR, choice, int, or, rate, section, span};
use crate::value::Kind;
use zero_core::{Rate, TsDiff, Usd};

/// Most books.
pub const BOOKS_MAX: usize = 64;

choice! {
    /// Strategies that a book can run.
    pub enum StrategyKind {
        /// The bundled document `trend` with this book's constants.
        0 "trend" Trend,
        /// The bundled document `carry` with this book's constants.
        1 "carry" Carry,
        /// Another strategy document.
        2 "document" Document,
    }
}

section! {
    /// A book, by a name of your choice. The shipped books are `trend` and `carry`; `enabled = false` takes one out.
    pub struct BookKeys = "books.*" {
        /// Whether the book trades.
        pub enabled: bool = Kind::Bool, or("true"), MoreIsRiskier;
        /// Strategy that the book runs.
        pub strategy: StrategyKind = Kind::Choice(StrategyKind::NAMES), MUST, Unknown;
        /// Weight of the book in the account's initial cash, against the other enabled books.
        pub cash_weight: u32 = int(1, 1_000_000), or("1"), Unknown;
    }
}

section! {
    /// Constants of a book whose strategy is `trend`: the bundled document of that name.
    pub struct TrendConfig = "books.*.trend" {
        /// Bars of the trend statistic.
        pub lookback: u16 = int(2, 10_000), or("168"), Unknown;
        /// Enters at this absolute t-statistic or more.
        pub entry_z: Rate = rate(Rate::ZERO, Rate::whole(100)), or("1"), Unknown;
        /// Leaves when the t-statistic in the position's direction falls to this or below.
        pub exit_z: Rate = rate(Rate::whole(-100), Rate::whole(100)), or("0"), Unknown;
        /// Stop distance in daily volatilities.
        pub stop_sigmas: Rate = rate(Rate::bps(100), Rate::whole(100)), or("3"), Unknown;
        /// Time after which the thesis is over, in whole hours.
        pub horizon: TsDiff = span(TsDiff::HOUR, YEAR), or("7d"), Unknown;
    }
}

section! {
    /// Constants of a book whose strategy is `carry`: the bundled document of that name.
    pub struct CarryConfig = "books.*.carry" {
        /// Window of the mean funding rate, in whole hours: one print each.
        pub window: TsDiff = span(TsDiff::HOUR, TsDiff::secs(3_600 * 10_000)), or("3d"), Unknown;
        /// Enters when the annualised mean is at least this far from zero, as a fraction.
        pub entry_annual: Rate = rate(Rate::bps(1), Rate::whole(100)), or("0.1"), Unknown;
        /// Leaves when what the position is paid, annualised, falls below this fraction.
        pub exit_annual: Rate = rate(Rate::whole(-100), Rate::whole(100)), or("0.02"), Unknown;
        /// Stop distance in daily volatilities.
        pub stop_sigmas: Rate = rate(Rate::bps(100), Rate::whole(100)), or("4"), Unknown;
        /// Time after which the thesis is over, in whole hours.
        pub horizon: TsDiff = span(TsDiff::HOUR, YEAR), or("7d"), Unknown;
    }
}

section! {
    /// A book whose strategy is `document`.
    pub struct DocumentConfig = "books.*.document" {
        /// Name of a file in the operator's strategies (without .toml) or of a bundled document, or of a component with
        /// .wasm; see `zero strategy list`.
        pub name: String = Kind::Text, or("trend"), Unknown;
    }
}

/// Sections of a book.
pub(crate) const ALL: &[SectionSpec] =
    &[BookKeys::SPEC, TrendConfig::SPEC, CarryConfig::SPEC, DocumentConfig::SPEC];

/// The shipped books: what the default layer says about `books`.
pub(crate) const SHIPPED: &[(&str, &str)] =
    &[("books.carry.strategy", "carry"), ("books.trend.strategy", "trend")];

/// Whether a text can name a book: `[a-z][a-z0-9_]*`, at most 32 bytes, no two underscores in a row (they separate
/// the parts of an environment name).
#[must_use]
pub fn is_name(text: &str) -> bool {
    text.len() <= 32
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && !text.contains("__")
        && !text.ends_with('_')
}

/// The book that a concrete key belongs to.
pub(crate) fn book_of(key: &str) -> Option<&str> {
    key.strip_prefix("books.").and_then(|rest| rest.split('.').next())
}

/// A strategy with its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StrategyConfig {
    /// Trend follower.
    Trend(TrendConfig),
    /// Funding carry.
    Carry(CarryConfig),
    /// A strategy document.
    Document(DocumentConfig),
}

impl StrategyConfig {
    /// Which strategy.
    #[must_use]
    pub const fn kind(&self) -> StrategyKind {
        match self {
            Self::Trend(_) => StrategyKind::Trend,
            Self::Carry(_) => StrategyKind::Carry,
            Self::Document(_) => StrategyKind::Document,
        }
    }
}

/// A book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookConfig {
    /// Its name.
    pub name: String,
    /// Whether it trades.
    pub enabled: bool,
    /// Weight in the initial cash.
    pub cash_weight: u32,
    /// Initial cash in USD; zero where it is not enabled. Over the enabled books it sums to the account's to the unit.
    pub initial_cash: Usd,
    /// What it runs.
    pub strategy: StrategyConfig,
}

/// The books of the values in force, by name.
pub(crate) fn build(names: &[String], initial_cash: Usd, values: &Effective) -> Option<Vec<BookConfig>> {
    let mut out = Vec::new();
    for name in names {
        let table = format!("books.{name}");
        let keys = BookKeys::build(&table, values)?;
        let strategy = match keys.strategy {
            StrategyKind::Trend => {
                StrategyConfig::Trend(TrendConfig::build(&format!("{table}.trend"), values)?)
            }
            StrategyKind::Carry => {
                StrategyConfig::Carry(CarryConfig::build(&format!("{table}.carry"), values)?)
            }
            StrategyKind::Document => {
                StrategyConfig::Document(DocumentConfig::build(&format!("{table}.document"), values)?)
            }
        };
        out.push(BookConfig {
            name: name.clone(),
            enabled: keys.enabled,
            cash_weight: keys.cash_weight,
            initial_cash: Usd::ZERO,
            strategy,
        });
    }
    share_out(initial_cash, &mut out);
    Some(out)
}

/// Each enabled book gets the floor of its share; the last one gets what the floors left, so that nothing is lost.
fn share_out(cash: Usd, books: &mut [BookConfig]) {
    let total: i128 = books.iter().filter(|b| b.enabled).map(|b| i128::from(b.cash_weight)).sum();
    let mut left = cash.raw();
    for b in books.iter_mut().filter(|b| b.enabled) {
        let share = i128::from(cash.raw()) * i128::from(b.cash_weight) / total.max(1);
        b.initial_cash = Usd::from_raw(i64::try_from(share).unwrap_or(0));
        left -= b.initial_cash.raw();
    }
    if let Some(last) = books.iter_mut().rfind(|b| b.enabled) {
        last.initial_cash = Usd::from_raw(last.initial_cash.raw() + left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn book(weight: u32, enabled: bool) -> BookConfig {
        BookConfig {
            name: "a".into(),
            enabled,
            cash_weight: weight,
            initial_cash: Usd::ZERO,
            strategy: StrategyConfig::Trend(TrendConfig {
                lookback: 2,
                entry_z: Rate::ZERO,
                exit_z: Rate::ZERO,
                stop_sigmas: Rate::ZERO,
                horizon: TsDiff::HOUR,
            }),
        }
    }

    proptest! {
        #[test]
        fn the_books_cash_sums_to_the_accounts_to_the_unit(
            raw in 1i64..1_000_000_000_000_000,
            weights in proptest::collection::vec((1u32..1_000_000, any::<bool>()), 1..20),
        ) {
            let mut books: Vec<_> = weights.iter().map(|(w, e)| book(*w, *e)).collect();
            share_out(Usd::from_raw(raw), &mut books);
            let sum: i64 = books.iter().map(|b| b.initial_cash.raw()).sum();
            let any_enabled = weights.iter().any(|(_, e)| *e);
            prop_assert_eq!(sum, if any_enabled { raw } else { 0 });
            prop_assert!(books.iter().all(|b| b.enabled || b.initial_cash == Usd::ZERO));
        }
    }

    #[test]
    fn equal_weights_split_a_cent_that_does_not_divide() {
        let mut books = vec![book(1, true), book(1, true), book(1, true)];
        share_out(Usd::parse("100").unwrap(), &mut books);
        assert_eq!(books[0].initial_cash.to_string(), "33.33333333");
        assert_eq!(books[2].initial_cash.to_string(), "33.33333334");
    }
}
