//! The one encoding of a decimal number, whatever way it is written.

use super::{NotCanonical, not};
use zero_core::cbor::Encoder;

/// Largest magnitude of an exponent.
const EXPONENT_MAX: i64 = 400;
/// A decimal fraction follows: exponent and mantissa (RFC 8949, section 3.4.4).
const DECIMAL_FRACTION: u64 = 4;
/// Digits that an integer of 64 bits has at most.
const DIGITS_MAX: i64 = 20;
/// A number below ten to this is below the largest f64, about 1.8e308.
const F64_DIGITS: i64 = 308;

/// Encodes a number of JSON.
///
/// # Errors
/// [`NotCanonical`] for more than 64 bits of mantissa, or what no f64 can come near.
pub(super) fn number(text: &str, e: &mut Encoder) -> Result<(), NotCanonical> {
    let out_of_range = || not(format!("the number {text:.40} is out of range"));
    let (negative, rest) = text.strip_prefix('-').map_or((false, text), |r| (true, r));
    if let (false, Ok(n)) = (rest == "0", rest.parse()) {
        integer(negative, n, e);
        return Ok(());
    }
    let (digits, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
    let (int, frac) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{int}{frac}");
    let mantissa = all.trim_start_matches('0');
    let kept = mantissa.trim_end_matches('0');
    let shift: i64 = exponent.parse().map_err(|_| out_of_range())?;
    let exponent = shift
        .checked_sub(frac.len() as i64)
        .and_then(|x| x.checked_add((mantissa.len() - kept.len()) as i64))
        .filter(|x| x.abs() <= EXPONENT_MAX)
        .ok_or_else(out_of_range)?;
    if kept.is_empty() {
        e.u64(0);
        return Ok(());
    }
    let length = kept.len() as i64 + exponent;
    if length > F64_DIGITS && !text.parse::<f64>().is_ok_and(f64::is_finite) {
        return Err(out_of_range());
    }
    if exponent >= 0 && length <= DIGITS_MAX {
        let whole = format!("{kept}{}", "0".repeat(exponent as usize));
        if let Ok(n) = whole.parse() {
            integer(negative, n, e);
            return Ok(());
        }
    }
    let n = kept.parse().map_err(|_| out_of_range())?;
    e.tag(DECIMAL_FRACTION);
    e.array(2);
    e.i64(exponent);
    integer(negative, n, e);
    Ok(())
}

fn integer(negative: bool, n: u64, e: &mut Encoder) {
    match n.checked_sub(1).filter(|_| negative) {
        Some(below) => e.negative(below),
        None => e.u64(n),
    }
}
