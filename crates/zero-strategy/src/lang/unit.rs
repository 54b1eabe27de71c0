//! Units, and which of them go together.

/// What a value is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// The literal zero, which is zero in every unit.
    Zero,
    /// A bare number.
    Number,
    /// A count, or an index such as the RSI's 0 to 100.
    Count,
    /// A t-statistic or another number of standard deviations.
    Score,
    /// A fraction of a price: returns, volatilities, distances.
    Ratio,
    /// USD per coin.
    Price,
    /// Traded volume in coins.
    Volume,
    /// Funding per hour.
    HourRate,
    /// Funding per year.
    AnnualRate,
    /// Hours.
    Duration,
    /// A condition.
    Truth,
}

use Unit::{AnnualRate, Count, Duration, HourRate, Number, Price, Ratio, Score, Truth, Volume, Zero};

impl Unit {
    /// For people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Zero => "zero",
            Number => "a bare number",
            Count => "a count",
            Score => "a statistic",
            Ratio => "a fraction of price",
            Price => "a price",
            Volume => "a volume",
            HourRate => "a rate per hour",
            AnnualRate => "a rate per year",
            Duration => "a duration",
            Truth => "a condition",
        }
    }

    const fn has_dimension(self) -> bool {
        matches!(self, Price | Volume | HourRate | AnnualRate | Duration)
    }

    /// The unit of a sum, of alternatives, or of what two sides of a comparison share. Associative and commutative, so
    /// that sorting operands keeps a tree typed.
    #[must_use]
    pub fn join(self, o: Self) -> Option<Self> {
        match (self, o) {
            (Truth, _) | (_, Truth) => None,
            (Zero, u) | (u, Zero) => Some(u),
            (a, b) if a == b => Some(a),
            (Number, u) | (u, Number) if !u.has_dimension() => Some(u),
            _ => None,
        }
    }

    /// The unit of a product: at most one factor may have a dimension.
    #[must_use]
    pub fn times(self, o: Self) -> Option<Self> {
        if self == Truth || o == Truth || (self.has_dimension() && o.has_dimension()) {
            None
        } else {
            Some(self.max(o))
        }
    }

    /// The unit of a quotient.
    #[must_use]
    pub fn over(self, o: Self) -> Option<Self> {
        match (self, o) {
            (Truth, _) | (_, Truth | Zero) => None,
            (u, Number) => Some(u),
            (a, b) if a == b && a.has_dimension() => Some(Ratio),
            (Zero, _) => Some(Zero),
            (_, b) if b.has_dimension() => None,
            (a, _) if a.has_dimension() => Some(a),
            (Ratio, Ratio) => Some(Score),
            (Ratio, _) => Some(Ratio),
            (_, Ratio) | (Score, _) | (_, Score) => Some(Score),
            _ => Some(Number),
        }
    }

    /// Suffix of a literal of this unit; `None` where it has no literal.
    #[must_use]
    pub const fn suffix(self) -> Option<&'static str> {
        match self {
            Zero | Number => Some(""),
            Ratio => Some("%"),
            HourRate => Some("ph"),
            AnnualRate => Some("pa"),
            Duration => Some("h"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Unit; 11] =
        [Zero, Number, Count, Score, Ratio, Price, Volume, HourRate, AnnualRate, Duration, Truth];

    #[test]
    fn sums_and_products_of_units_do_not_depend_on_the_order() {
        for a in ALL {
            for b in ALL {
                assert_eq!(a.join(b), b.join(a));
                assert_eq!(a.times(b), b.times(a));
                for c in ALL {
                    let two = |f: fn(Unit, Unit) -> Option<Unit>, x, y, z| f(x, y).and_then(|u| f(u, z));
                    assert_eq!(two(Unit::join, a, b, c), two(Unit::join, b, c, a));
                    assert_eq!(two(Unit::times, a, b, c), two(Unit::times, b, c, a));
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_compared_is_told_apart() {
        assert_eq!(Price.join(Ratio), None);
        assert_eq!(HourRate.join(AnnualRate), None);
        assert_eq!(Number.join(Price), None);
        assert_eq!(Zero.join(Price), Some(Price));
        assert_eq!(Price.over(Price), Some(Ratio));
        assert_eq!(Price.times(Price), None);
    }
}
