//! Scaled decimals: exact parsing, printing, and the project's one rounding function.

use core::fmt;

/// Why a decimal text was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalError {
    /// Not a decimal number (`NaN`, `inf` and empty text are this too).
    Syntax,
    /// More fractional digits than the unit can hold.
    TooPrecise,
    /// Outside the range of a 64-bit scaled integer.
    OutOfRange,
}

impl fmt::Display for DecimalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "not a decimal number",
            Self::TooPrecise => "more decimals than the unit holds",
            Self::OutOfRange => "outside the representable range",
        })
    }
}

impl core::error::Error for DecimalError {}

/// Divides and rounds half to even: the only rounding used for money. `den` must be positive.
#[must_use]
pub const fn div_half_even(num: i128, den: i128) -> i128 {
    assert!(den > 0);
    let q = num.div_euclid(den);
    let r = num.rem_euclid(den);
    let twice = r * 2;
    if twice > den || (twice == den && q & 1 == 1) { q + 1 } else { q }
}

/// [`div_half_even`] by a constant below 2^40, for the quotients of every posting: two or three divisions by a constant
/// instead of a general 128-bit one. Quotients that would not fit 64 bits take the general way.
#[must_use]
#[inline]
pub const fn div_half_even_by<const D: u64>(num: i128) -> i128 {
    const { assert!(D > 1 && D < 1 << 40) };
    let n = num.unsigned_abs();
    let (hi, lo) = ((n >> 64) as u64, n as u64);
    if hi >= D {
        return div_half_even(num, D as i128);
    }
    let (q, r) = if hi == 0 {
        ((lo / D) as u128, lo % D)
    } else {
        // Long division in digits of 24, 24 and 16 bits; a remainder below 2^40 leaves room for 24 more.
        let t2 = hi << 24 | lo >> 40;
        let (q2, r2) = (t2 / D, t2 % D);
        let t1 = r2 << 24 | (lo >> 16 & 0xff_ffff);
        let (q1, r1) = (t1 / D, t1 % D);
        let t0 = r1 << 16 | (lo & 0xffff);
        ((q2 as u128) << 40 | (q1 as u128) << 16 | (t0 / D) as u128, t0 % D)
    };
    let up = 2 * r > D || (2 * r == D && q & 1 == 1);
    let q = (q + up as u128) as i128;
    if num < 0 { -q } else { q }
}

/// Ten to the power `n`, `n <= 38`.
#[must_use]
pub const fn pow10(n: u32) -> i128 {
    let mut out: i128 = 1;
    let mut i = 0;
    while i < n {
        out *= 10;
        i += 1;
    }
    out
}

/// What to do with digits below the scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excess {
    /// Refuse them, unless they are zeros.
    Refuse,
    /// Round half to even.
    Round,
}

/// Parses decimal text (`-12.5`, `1.25e-05`) into an integer scaled by `10^decimals`, never through f64.
///
/// # Errors
/// [`DecimalError`], by the rule that was broken.
pub fn parse_scaled(text: &str, decimals: u32, excess: Excess) -> Result<i64, DecimalError> {
    let bytes = text.as_bytes();
    let (negative, mut i) = match bytes.first() {
        Some(b'-') => (true, 1),
        Some(b'+') => (false, 1),
        Some(_) => (false, 0),
        None => return Err(DecimalError::Syntax),
    };
    // At most 38 significant digits fit the i128 mantissa; venue and file decimals have far fewer.
    let mut mantissa: i128 = 0;
    let mut digits = 0u32;
    let mut scale: i64 = 0;
    let mut seen_point = false;
    while let Some(&b) = bytes.get(i) {
        match b {
            b'0'..=b'9' => {
                if mantissa > i128::MAX / 100 {
                    return Err(DecimalError::OutOfRange);
                }
                mantissa = mantissa * 10 + i128::from(b - b'0');
                digits += 1;
                if seen_point {
                    scale += 1;
                }
            }
            b'.' if !seen_point => seen_point = true,
            b'e' | b'E' => break,
            _ => return Err(DecimalError::Syntax),
        }
        i += 1;
    }
    if digits == 0 {
        return Err(DecimalError::Syntax);
    }
    if i < bytes.len() {
        let exp: i64 = text
            .get(i + 1..)
            .and_then(|t| t.strip_prefix('+').unwrap_or(t).parse().ok())
            .ok_or(DecimalError::Syntax)?;
        if !(-60..=60).contains(&exp) {
            return Err(if mantissa == 0 { DecimalError::Syntax } else { DecimalError::OutOfRange });
        }
        scale -= exp;
    }
    let shift = i64::from(decimals) - scale;
    let value = if shift >= 0 {
        if shift > 37 && mantissa != 0 {
            return Err(DecimalError::OutOfRange);
        }
        mantissa.checked_mul(pow10(shift.min(37) as u32)).ok_or(DecimalError::OutOfRange)?
    } else {
        let down = (-shift).min(38) as u32;
        let den = pow10(down);
        if excess == Excess::Refuse && (mantissa % den != 0 || -shift > 38) {
            return Err(DecimalError::TooPrecise);
        }
        div_half_even(mantissa, den)
    };
    let signed = if negative { -value } else { value };
    i64::try_from(signed).map_err(|_| DecimalError::OutOfRange)
}

/// Writes a scaled integer as plain decimal text: no exponent, no trailing zeros, no `-0`.
///
/// # Errors
/// Only what the formatter reports.
pub fn fmt_scaled(value: i64, decimals: u32, f: &mut impl fmt::Write) -> fmt::Result {
    let den = pow10(decimals) as u128;
    let abs = u128::from(value.unsigned_abs());
    let (int, mut frac) = (abs / den, abs % den);
    if value < 0 {
        f.write_char('-')?;
    }
    write!(f, "{int}")?;
    if frac != 0 {
        let mut width = decimals as usize;
        while frac % 10 == 0 {
            frac /= 10;
            width -= 1;
        }
        write!(f, ".{frac:0width$}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use proptest::prelude::*;

    #[test]
    fn half_even_rounds_ties_to_the_even_neighbour_on_both_sides_of_zero() {
        for (num, want) in [(5, 0), (15, 2), (25, 2), (-5, 0), (-15, -2), (-25, -2), (26, 3), (-26, -3)] {
            assert_eq!(div_half_even(num, 10), want, "{num}/10");
        }
    }

    #[test]
    fn nan_infinities_and_junk_are_syntax_errors() {
        for text in ["", "-", "NaN", "inf", ".", "1.2.3", "1e", "0x10", "1_000", "--1", "e5"] {
            assert_eq!(parse_scaled(text, 8, Excess::Refuse), Err(DecimalError::Syntax), "{text:?}");
        }
    }

    #[test]
    fn digits_below_the_scale_are_refused_or_rounded_never_dropped_silently() {
        assert_eq!(parse_scaled("0.000000015", 8, Excess::Refuse), Err(DecimalError::TooPrecise));
        assert_eq!(parse_scaled("0.000000015", 8, Excess::Round), Ok(2));
        assert_eq!(parse_scaled("1.500000000000", 8, Excess::Refuse), Ok(150_000_000));
        assert_eq!(parse_scaled("1.25e-05", 12, Excess::Refuse), Ok(12_500_000));
        assert_eq!(parse_scaled("92233720369", 8, Excess::Refuse), Err(DecimalError::OutOfRange));
    }

    proptest! {
        #[test]
        fn print_then_parse_is_identity(v in any::<i64>(), d in 0u32..=12) {
            let mut s = String::new();
            fmt_scaled(v, d, &mut s).unwrap();
            prop_assert_eq!(parse_scaled(&s, d, Excess::Refuse), Ok(v));
        }

        #[test]
        fn dividing_by_a_constant_is_dividing(num in any::<i128>(), small in any::<i64>(), shift in 0u32..127) {
            for n in [num >> shift, i128::from(small), i128::from(small) * 100_000_000 + 50_000_000] {
                prop_assert_eq!(div_half_even_by::<100_000_000>(n), div_half_even(n, 100_000_000));
                prop_assert_eq!(div_half_even_by::<1_000_000_000_000>(n), div_half_even(n, 1_000_000_000_000));
                prop_assert_eq!(div_half_even_by::<2>(n), div_half_even(n, 2));
            }
        }

        #[test]
        fn half_even_is_within_half_a_unit(num in -1_000_000_000i128..1_000_000_000, den in 1i128..1_000_000) {
            let q = div_half_even(num, den);
            prop_assert!((q * den - num).abs() * 2 <= den);
        }
    }
}
