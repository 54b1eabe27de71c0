//! Funding prints of `fundingHistory`, with lints for the unit errors of failure mode F12.

use super::object::{Notes, Object, elements, implausible};
use crate::error::WireError;
use zero_core::fixed::div_half_even;
use zero_core::{Rate, Ts};
use zero_market::funding::hourly_rate;

/// The venue's page length.
pub const FUNDING_PAGE: usize = 500;
/// The venue caps funding at four percent an hour.
pub const HOURLY_CAP: Rate = Rate::bps(400);
const WHAT: &str = "fundingHistory";
/// Prints carry ten decimals, so a rate may differ from the formula on the printed premium by half of the last one.
const PRINT_ROUNDING_RAW: i64 = 60;

/// One hourly print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FundingRecord {
    /// The venue's symbol.
    pub coin: String,
    /// Rate per hour as a fraction; longs pay when positive.
    pub rate: Rate,
    /// The hour's average premium, as a fraction.
    pub premium: Rate,
    /// The venue's stamp: shortly after the hour.
    pub time: Ts,
    /// Whether the rate equals the venue's formula on the premium, to the printed digits.
    pub follows_formula: bool,
}

/// The answer to `fundingHistory`, oldest first.
///
/// # Errors
/// [`WireError::Malformed`], [`WireError::Implausible`].
pub fn funding_history(text: &str, notes: &mut Notes) -> Result<Vec<FundingRecord>, WireError> {
    elements(text, WHAT, FUNDING_PAGE)?.iter().map(|item| record(item.get(), notes)).collect()
}

fn record(text: &str, notes: &mut Notes) -> Result<FundingRecord, WireError> {
    let o = Object::read(text, WHAT, &["coin", "fundingRate", "premium", "time"], notes)?;
    let (rate, premium) = (o.rate("fundingRate")?, o.rate("premium")?);
    let follows_formula = lint_print(rate, premium)?;
    Ok(FundingRecord { coin: o.text("coin")?, rate, premium, time: o.time("time")?, follows_formula })
}

/// Refuses a rate outside of the venue's cap, and one that the formula explains only under a wrong unit: percent,
/// per eight hours, per year. Whether the formula holds as it stands is returned; the venue may change it.
///
/// # Errors
/// [`WireError::Implausible`].
pub fn lint_print(rate: Rate, premium: Rate) -> Result<bool, WireError> {
    lint_hourly(WHAT, "fundingRate", rate)?;
    if premium.abs() > Rate::whole(1) {
        return Err(implausible(WHAT, "premium", format!("{premium} is not a fraction within +-1")));
    }
    if agrees(rate, premium, 1) {
        return Ok(true);
    }
    let percent_premium = Rate::from_raw(div_half_even(i128::from(premium.raw()), 100) as i64);
    for (unit, factor) in
        [("percent", 100), ("per eight hours", 8), ("percent per eight hours", 800), ("per year", 8_760)]
    {
        if agrees(rate, premium, factor) || (factor % 100 == 0 && agrees(rate, percent_premium, factor)) {
            let detail = format!("{rate} fits its premium {premium} only when read as {unit}");
            return Err(implausible(WHAT, "fundingRate", detail));
        }
    }
    Ok(false)
}

/// Refuses an hourly rate outside of the venue's cap.
///
/// # Errors
/// [`WireError::Implausible`].
pub(crate) fn lint_hourly(what: &'static str, field: &'static str, rate: Rate) -> Result<(), WireError> {
    if rate.abs() > HOURLY_CAP {
        return Err(implausible(
            what,
            field,
            format!("{rate} an hour is beyond the venue's cap of {HOURLY_CAP}"),
        ));
    }
    Ok(())
}

/// `|rate - factor * formula(premium)|` within the rounding of a print.
fn agrees(rate: Rate, premium: Rate, factor: i64) -> bool {
    let model = i128::from(hourly_rate(premium).raw()) * i128::from(factor);
    (i128::from(rate.raw()) - model).abs() <= i128::from(PRINT_ROUNDING_RAW * factor)
}
