//! Money, sizes and rates as fixed-point types. f64 never holds a price, a size or an amount.

use crate::fixed::{self, DecimalError, Excess, div_half_even, div_half_even_by};
use core::fmt;

/// A checked arithmetic result left the 64-bit range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overflow;

impl fmt::Display for Overflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("fixed-point overflow")
    }
}

impl core::error::Error for Overflow {}

fn narrow(v: i128) -> Result<i64, Overflow> {
    i64::try_from(v).map_err(|_| Overflow)
}

macro_rules! fixed_unit {
    ($(#[$meta:meta])* $name:ident, $decimals:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            /// Decimal places of the scale.
            pub const DECIMALS: u32 = $decimals;
            /// One whole unit as a raw integer.
            pub const ONE_RAW: i64 = fixed::pow10($decimals) as i64;
            /// Zero.
            pub const ZERO: Self = Self(0);
            /// One whole unit.
            pub const ONE: Self = Self(Self::ONE_RAW);
            /// The largest value.
            pub const MAX: Self = Self(i64::MAX);

            /// From the scaled integer.
            #[must_use]
            pub const fn from_raw(raw: i64) -> Self {
                Self(raw)
            }

            /// From whole units; the caller states a constant that fits.
            #[must_use]
            pub const fn whole(units: i32) -> Self {
                Self(units as i64 * Self::ONE_RAW)
            }

            /// The scaled integer.
            #[must_use]
            pub const fn raw(self) -> i64 {
                self.0
            }

            /// Parses decimal text; digits below the scale are an error.
            ///
            /// # Errors
            /// [`DecimalError`].
            pub fn parse(text: &str) -> Result<Self, DecimalError> {
                fixed::parse_scaled(text, $decimals, Excess::Refuse).map(Self)
            }

            /// Parses decimal text, rounding digits below the scale half to even.
            ///
            /// # Errors
            /// [`DecimalError`].
            pub fn parse_round(text: &str) -> Result<Self, DecimalError> {
                fixed::parse_scaled(text, $decimals, Excess::Round).map(Self)
            }

            /// The nearest f64: for features and statistics, never back into money.
            #[must_use]
            #[inline]
            pub fn to_f64(self) -> f64 {
                self.0 as f64 / Self::ONE_RAW as f64
            }

            /// The nearest representable value of a *generated* number (synthetic data, a sizing target that is
            /// then quantised). `None` for NaN, infinities and values out of range.
            #[must_use]
            pub fn from_f64_nearest(v: f64) -> Option<Self> {
                let scaled = libm::rint(v * Self::ONE_RAW as f64);
                (scaled.abs() < 9.2e18).then_some(Self(scaled as i64))
            }

            /// Sum.
            ///
            /// # Errors
            /// [`Overflow`].
            #[inline]
            pub fn plus(self, other: Self) -> Result<Self, Overflow> {
                self.0.checked_add(other.0).map(Self).ok_or(Overflow)
            }

            /// Difference.
            ///
            /// # Errors
            /// [`Overflow`].
            #[inline]
            pub fn minus(self, other: Self) -> Result<Self, Overflow> {
                self.0.checked_sub(other.0).map(Self).ok_or(Overflow)
            }

            /// Opposite sign.
            #[must_use]
            #[inline]
            pub const fn negated(self) -> Self {
                Self(self.0.saturating_neg())
            }

            /// Magnitude.
            #[must_use]
            #[inline]
            pub const fn abs(self) -> Self {
                Self(self.0.saturating_abs())
            }

            /// -1, 0 or 1.
            #[must_use]
            #[inline]
            pub const fn signum(self) -> i64 {
                self.0.signum()
            }

            /// Times an integer.
            ///
            /// # Errors
            /// [`Overflow`].
            pub fn times(self, n: i64) -> Result<Self, Overflow> {
                self.0.checked_mul(n).map(Self).ok_or(Overflow)
            }

            /// Times a rate, rounded half to even.
            ///
            /// # Errors
            /// [`Overflow`].
            #[inline]
            pub fn mul_rate(self, rate: Rate) -> Result<Self, Overflow> {
                narrow(div_half_even_by::<{ Rate::ONE_RAW as u64 }>(i128::from(self.0) * i128::from(rate.0))).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fixed::fmt_scaled(self.0, $decimals, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    };
}

fixed_unit!(
    /// A price in quote currency per coin, at 1e-8.
    Px, 8
);
fixed_unit!(
    /// A size in coins, at 1e-8. Signed where it is a position (long positive), positive where it is an order.
    Sz, 8
);
fixed_unit!(
    /// An amount of quote currency, at 1e-8.
    Usd, 8
);
fixed_unit!(
    /// A fraction at 1e-12: a fee, a funding rate per hour, a premium, a margin rate. `0.01` is one percent.
    Rate, 12
);

impl Px {
    /// `price * size`, rounded half to even to 1e-8. On the venue's own price and size grid the product has at
    /// most six decimals, so there it is exact.
    ///
    /// # Errors
    /// [`Overflow`].
    #[inline]
    pub fn notional(self, sz: Sz) -> Result<Usd, Overflow> {
        narrow(div_half_even_by::<{ Sz::ONE_RAW as u64 }>(i128::from(self.raw()) * i128::from(sz.raw())))
            .map(Usd::from_raw)
    }
}

impl Usd {
    /// Share of `whole` as a rate, rounded half to even; `None` when `whole` is not positive or the ratio does
    /// not fit.
    #[must_use]
    pub fn ratio(self, whole: Self) -> Option<Rate> {
        if whole.raw() <= 0 {
            return None;
        }
        narrow(div_half_even(i128::from(self.raw()) * i128::from(Rate::ONE_RAW), i128::from(whole.raw())))
            .ok()
            .map(Rate::from_raw)
    }

    /// The price at which `size` coins cost this amount, signs aside, half to even; `None` for no size or no room.
    #[must_use]
    pub fn per_coin(self, size: Sz) -> Option<Px> {
        let den = i128::from(size.abs().raw());
        if den == 0 {
            return None;
        }
        narrow(div_half_even(i128::from(self.abs().raw()) * i128::from(Sz::ONE_RAW), den))
            .ok()
            .map(Px::from_raw)
    }

    /// The size that this amount buys at a price, rounded down in magnitude; `None` when the price is not positive.
    #[must_use]
    pub fn size_at(self, px: Px) -> Option<Sz> {
        if px.raw() <= 0 {
            return None;
        }
        narrow(i128::from(self.raw()) * i128::from(Sz::ONE_RAW) / i128::from(px.raw())).ok().map(Sz::from_raw)
    }
}

impl Rate {
    /// From basis points.
    #[must_use]
    pub const fn bps(bps: i32) -> Self {
        Self::from_raw(bps as i64 * (Self::ONE_RAW / 10_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn notional_on_the_venue_grid_is_exact() {
        let px = Px::parse("112186").unwrap();
        let sz = Sz::parse("0.00123").unwrap();
        assert_eq!(px.notional(sz).unwrap(), Usd::parse("137.98878").unwrap());
    }

    #[test]
    fn an_overflow_is_an_error_not_a_wrap() {
        assert_eq!(Px::MAX.notional(Sz::MAX), Err(Overflow));
        assert_eq!(Usd::MAX.plus(Usd::from_raw(1)), Err(Overflow));
    }

    proptest! {
        #[test]
        fn notional_is_odd_in_size(p in 1i64..1_000_000_000_000, s in -1_000_000_000_000i64..1_000_000_000_000) {
            let (px, sz) = (Px::from_raw(p), Sz::from_raw(s));
            prop_assert_eq!(px.notional(sz).unwrap(), px.notional(sz.negated()).unwrap().negated());
        }

        #[test]
        fn size_at_never_costs_more_than_the_amount(u in 0i64..1_000_000_000_000_000, p in 1i64..10_000_000_000_000) {
            let (usd, px) = (Usd::from_raw(u), Px::from_raw(p));
            if let Some(sz) = usd.size_at(px) {
                prop_assert!(i128::from(sz.raw()) * i128::from(p) <= i128::from(u) * i128::from(Sz::ONE_RAW));
            }
        }
    }
}
