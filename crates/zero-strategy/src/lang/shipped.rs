//! The documents of the shipped books with constants that configuration sets. With the standard constants they mean what the
//! bundled files say; the crate that bundles those checks it.

use super::document::{Document, Field};
use super::error::LangError;
use crate::strategies::{CarryParams, TrendParams};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use zero_core::Rate;

const VERSION: u16 = 1;

/// The trend follower.
///
/// # Errors
/// [`LangError`] for constants outside the language's bounds.
pub fn trend(p: &TrendParams) -> Result<Document, LangError> {
    let t = format!("trend_t({})", p.lookback);
    document(
        "trend",
        &[
            ("entry.long", format!("{t} >= {}", p.entry_z)),
            ("entry.short", format!("{t} <= {}", p.entry_z.negated())),
            ("entry.score", format!("abs({t})")),
            ("exit.stop", stop(p.stop_sigmas)),
            ("exit.horizon", format!("{}h", p.horizon_hours)),
            ("exit.signal_long", format!("{t} <= {}", p.exit_z)),
            ("exit.signal_short", format!("{t} >= {}", p.exit_z.negated())),
        ],
    )
}

/// The funding carry.
///
/// # Errors
/// [`LangError`] for constants outside the language's bounds.
pub fn carry(p: &CarryParams) -> Result<Document, LangError> {
    let f = format!("funding_annual({})", p.window_hours);
    let (enter, leave) = (format!("{}pa", p.entry_annual), format!("{}pa", p.exit_annual));
    document(
        "carry",
        &[
            ("entry.long", format!("{f} <= {}pa", p.entry_annual.negated())),
            ("entry.short", format!("{f} >= {enter}")),
            ("entry.score", format!("abs({f}) / {enter}")),
            ("exit.stop", stop(p.stop_sigmas)),
            ("exit.horizon", format!("{}h", p.horizon_hours)),
            ("exit.signal_long", format!("-{f} < {leave}")),
            ("exit.signal_short", format!("{f} < {leave}")),
        ],
    )
}

/// The constants of a document that is the trend follower; `None` for any other.
#[must_use]
pub fn trend_params(d: &Document) -> Option<TrendParams> {
    let text = |key: &str| d.normal().find(|(k, _)| *k == key).map(|(_, text)| text);
    let (long, leave) = (text("entry.long")?, text("exit.signal_long")?);
    let (lookback, entry_z) = long.strip_prefix("trend_t(")?.split_once(", 48) >= ")?;
    let (_, exit_z) = leave.split_once(" <= ")?;
    let sigmas = text("exit.stop")?;
    let params = TrendParams {
        lookback: lookback.parse().ok()?,
        entry_z: Rate::parse(entry_z).ok()?,
        exit_z: Rate::parse(exit_z.trim_matches(['(', ')'])).ok()?,
        // A factor of one is left out of the normal form.
        stop_sigmas: sigmas.split_once(" * vol").map_or(Ok(Rate::ONE), |(k, _)| Rate::parse(k)).ok()?,
        horizon_hours: d.horizon_hours(),
    };
    (trend(&params).ok()? == *d).then_some(params)
}

fn document(name: &str, fields: &[(&'static str, String); 7]) -> Result<Document, LangError> {
    let fields: Vec<Field<'_>> = fields.iter().map(|(key, text)| Field { key, text }).collect();
    Document::new(name, VERSION, &fields)
}

fn stop(sigmas: Rate) -> String {
    format!("{sigmas} * daily_vol()")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_constant_that_configuration_allows_is_in_the_language_and_comes_back(
            lookback in 2u16..=10_000, entry in 0i64..=100_000_000_000_000, exit in -100_000_000_000_000i64..=100_000_000_000_000,
            stop in 10_000_000_000i64..=100_000_000_000_000, hours in 1u32..=8_784, window in 1u16..=10_000, whole: bool,
        ) {
            let step = if whole { Rate::ONE_RAW } else { 1 };
            let rate = |raw: i64| Rate::from_raw(raw / step * step);
            let stop_sigmas = if whole { Rate::whole(1).max(rate(stop)) } else { rate(stop) };
            let t = TrendParams {
                lookback, entry_z: rate(entry), exit_z: rate(exit), stop_sigmas, horizon_hours: hours,
            };
            let d = trend(&t).map_err(|e| TestCaseError::fail(format!("{t:?}: {e}")))?;
            prop_assert_eq!(trend_params(&d), Some(t));
            let c = CarryParams {
                window_hours: window, entry_annual: rate(entry).max(Rate::bps(1)), exit_annual: rate(exit), stop_sigmas,
                horizon_hours: hours,
            };
            let d = carry(&c).map_err(|e| TestCaseError::fail(format!("{c:?}: {e}")))?;
            prop_assert_eq!(trend_params(&d), None);
        }
    }
}
