//! Which exit wins when several claim a position at one instant: one total order, the same for every strategy.

use zero_core::canon_tag;

canon_tag! {
    /// A kind of exit. The order of declaration is the precedence: the first that claims wins.
    pub enum ExitClass {
        /// An operator, a breaker, or protection that could not be placed.
        0 "emergency" Emergency,
        /// The protective stop.
        1 "stop" Stop,
        /// A kill condition: the thesis is void.
        2 "kill" Kill,
        /// The take-profit.
        3 "target" Target,
        /// A trailing condition.
        4 "trail" Trail,
        /// The horizon of the thesis.
        5 "time" Time,
        /// The signal is gone or reversed: a discretionary exit.
        6 "signal" Signal,
    }
}

/// Every class, in the order of precedence.
pub const PRECEDENCE: &[ExitClass] = ExitClass::ALL;

/// The claim that wins; `None` without a claim. Does not depend on the order of claims.
#[must_use]
pub fn winner(claims: impl Iterator<Item = ExitClass>) -> Option<ExitClass> {
    claims.min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_of_claims_has_one_winner_whatever_their_order() {
        assert!(PRECEDENCE.windows(2).all(|w| w[0] < w[1]), "total and strict");
        for set in 0u32..1 << PRECEDENCE.len() {
            let claims = || PRECEDENCE.iter().enumerate().filter(|(i, _)| set & 1 << i != 0).map(|(_, c)| *c);
            // The independent reading of the table: walk it from the top.
            let want = PRECEDENCE.iter().copied().find(|c| claims().any(|x| x == *c));
            assert_eq!(winner(claims()), want);
            assert_eq!(winner(claims().collect::<alloc::vec::Vec<_>>().into_iter().rev()), want);
        }
    }

    #[test]
    fn no_discretionary_exit_defers_a_protective_one() {
        for protective in [ExitClass::Emergency, ExitClass::Stop, ExitClass::Kill] {
            for other in [ExitClass::Target, ExitClass::Trail, ExitClass::Time, ExitClass::Signal] {
                assert_eq!(winner([other, protective].into_iter()), Some(protective));
            }
        }
    }
}
