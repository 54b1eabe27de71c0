//! Exact decimal constants.

use core::fmt;

/// `mantissa / 10^scale`, at most 18 significant digits and 18 decimals, without trailing zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal {
    mantissa: i64,
    scale: u8,
}

/// One past the largest mantissa.
const LIMIT: i128 = 1_000_000_000_000_000_000;
const SCALE_MAX: u32 = 18;

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self { mantissa: 0, scale: 0 };
    /// One.
    pub const ONE: Self = Self { mantissa: 1, scale: 0 };

    /// From a mantissa and a scale; `None` when it does not fit.
    #[must_use]
    pub fn new(mut mantissa: i128, mut scale: u32) -> Option<Self> {
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        (mantissa.abs() < LIMIT && scale <= SCALE_MAX)
            .then_some(Self { mantissa: mantissa as i64, scale: scale as u8 })
    }

    /// A whole number.
    #[must_use]
    pub fn whole(n: u32) -> Self {
        Self { mantissa: i64::from(n), scale: 0 }
    }

    /// Digits with at most one point and no sign.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (mut m, mut scale, mut point, mut digits) = (0i128, 0u32, false, 0u32);
        for b in text.bytes() {
            match b {
                b'0'..=b'9' => {
                    m = m.checked_mul(10)?.checked_add(i128::from(b - b'0'))?;
                    digits += 1;
                    scale += u32::from(point);
                }
                b'.' if !point => point = true,
                _ => return None,
            }
        }
        if digits == 0 || scale > 2 * SCALE_MAX { None } else { Self::new(m, scale) }
    }

    /// Is it zero?
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    /// Is it below zero?
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.mantissa < 0
    }

    /// With the other sign.
    #[must_use]
    pub const fn negated(self) -> Self {
        Self { mantissa: -self.mantissa, scale: self.scale }
    }

    /// Exact sum; `None` when it does not fit.
    #[must_use]
    pub fn plus(self, o: Self) -> Option<Self> {
        let scale = u32::from(self.scale.max(o.scale));
        let up =
            |d: Self| i128::from(d.mantissa).checked_mul(zero_core::fixed::pow10(scale - u32::from(d.scale)));
        Self::new(up(self)?.checked_add(up(o)?)?, scale)
    }

    /// Exact product; `None` when it does not fit.
    #[must_use]
    pub fn times(self, o: Self) -> Option<Self> {
        Self::new(
            i128::from(self.mantissa).checked_mul(i128::from(o.mantissa))?,
            u32::from(self.scale) + u32::from(o.scale),
        )
    }

    /// Quotient where it is an exact decimal that fits, else `None`.
    #[must_use]
    pub fn over(self, o: Self) -> Option<Self> {
        let den = i128::from(o.mantissa);
        if den == 0 {
            return None;
        }
        let num = i128::from(self.mantissa) * zero_core::fixed::pow10(18);
        if num % den != 0 {
            return None;
        }
        let scale = 18 + i64::from(self.scale) - i64::from(o.scale);
        Self::new(num / den, u32::try_from(scale).ok()?)
    }

    /// Times ten to a power; `None` when it does not fit.
    #[must_use]
    pub fn shifted(self, up: u32) -> Option<Self> {
        self.times(Self::new(zero_core::fixed::pow10(up), 0)?)
    }

    /// Divided by a hundred; `None` when it does not fit.
    #[must_use]
    pub fn percent(self) -> Option<Self> {
        Self::new(i128::from(self.mantissa), u32::from(self.scale) + 2)
    }

    /// A whole number that fits, else `None`.
    #[must_use]
    pub fn as_u32(self) -> Option<u32> {
        if self.scale == 0 { u32::try_from(self.mantissa).ok() } else { None }
    }

    /// Nearest double.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        // Parsing the text is the correctly rounded conversion; a quotient of two doubles is not always.
        alloc::format!("{self}").parse().unwrap_or(f64::NAN)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let (m, scale) = (self.mantissa.unsigned_abs(), u32::from(self.scale));
        if scale == 0 {
            return write!(f, "{sign}{m}");
        }
        let one = zero_core::fixed::pow10(scale) as u64;
        write!(f, "{sign}{}.{:0width$}", m / one, m % one, width = scale as usize)
    }
}
