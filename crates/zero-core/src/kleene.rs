//! Three-valued logic over intervals: a gate passes only on [`Truth::True`].

/// Kleene's strong three-valued truth. The order False < Unknown < True makes `and` a minimum and `or` a maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Truth {
    /// Known to be false.
    False,
    /// Not known.
    Unknown,
    /// Known to be true.
    True,
}

impl Truth {
    /// Conjunction.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// Disjunction.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }

    /// Negation; Unknown stays Unknown.
    #[must_use]
    pub const fn not(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }

    /// The only test a gate may use.
    #[must_use]
    pub const fn is_true(self) -> bool {
        matches!(self, Self::True)
    }

    /// Lower-case name, as packets print it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::False => "false",
            Self::Unknown => "unknown",
            Self::True => "true",
        }
    }
}

impl From<bool> for Truth {
    fn from(b: bool) -> Self {
        if b { Self::True } else { Self::False }
    }
}

/// A closed interval that is known to hold a value; NaN bounds mean nothing is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower bound.
    pub lo: f64,
    /// Upper bound.
    pub hi: f64,
}

impl Interval {
    /// A value known exactly.
    #[must_use]
    pub const fn exact(v: f64) -> Self {
        Self { lo: v, hi: v }
    }

    /// Nothing known.
    pub const UNKNOWN: Self = Self { lo: f64::NEG_INFINITY, hi: f64::INFINITY };

    /// Is every possible value at most `limit`?
    #[must_use]
    pub fn at_most(self, limit: f64) -> Truth {
        if self.hi <= limit {
            Truth::True
        } else if self.lo > limit {
            Truth::False
        } else {
            Truth::Unknown
        }
    }

    /// Is every possible value at least `limit`?
    #[must_use]
    pub fn at_least(self, limit: f64) -> Truth {
        if self.lo >= limit {
            Truth::True
        } else if self.hi < limit {
            Truth::False
        } else {
            Truth::Unknown
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    const ALL: [Truth; 3] = [Truth::False, Truth::Unknown, Truth::True];

    #[test]
    fn de_morgan_holds_for_all_nine_pairs() {
        for a in ALL {
            for b in ALL {
                assert_eq!(a.and(b).not(), a.not().or(b.not()));
                assert_eq!(a.and(b), b.and(a));
            }
        }
    }

    #[test]
    fn nothing_known_is_never_a_pass() {
        for limit in [-1.0, 0.0, 1.0, f64::NAN] {
            assert!(!Interval::UNKNOWN.at_most(limit).is_true());
            assert!(!Interval::exact(f64::NAN).at_least(limit).is_true());
        }
    }
}
