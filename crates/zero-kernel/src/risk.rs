//! Risk direction, from effect on the account.

use zero_core::{Sz, canon_tag};
use zero_market::Side;

canon_tag! {
    /// What an act does to the account's worst case. Unknown counts as Increases.
    pub enum RiskDirection {
        /// Only shrinks the instrument's account position.
        0 "reduces" Reduces,
        /// No effect on exposure.
        1 "neutral" Neutral,
        /// May enlarge it.
        2 "increases" Increases,
        /// Cannot be judged.
        3 "unknown" Unknown,
    }
}

impl RiskDirection {
    /// Of an order of `sz` on `side`, given the account's net position in the instrument. An order Reduces only when
    /// it is reduce-only and cannot take the net position past zero.
    #[must_use]
    pub const fn of_order(account_net: Sz, side: Side, sz: Sz, reduce_only: bool) -> Self {
        if sz.raw() <= 0 {
            return Self::Unknown;
        }
        let against = account_net.signum() != 0 && account_net.signum() != side.sign();
        if reduce_only && against && sz.raw() <= account_net.abs().raw() {
            Self::Reduces
        } else {
            Self::Increases
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_a_books_leg_that_enlarges_the_account_is_an_increase() {
        // Book A is long 1, book B short 1: the account is flat, and selling A's leg makes it short.
        assert_eq!(
            RiskDirection::of_order(Sz::ZERO, Side::Sell, Sz::whole(1), true),
            RiskDirection::Increases
        );
        assert_eq!(
            RiskDirection::of_order(Sz::whole(2), Side::Sell, Sz::whole(1), true),
            RiskDirection::Reduces
        );
        assert_eq!(
            RiskDirection::of_order(Sz::whole(2), Side::Sell, Sz::whole(3), true),
            RiskDirection::Increases
        );
        assert_eq!(
            RiskDirection::of_order(Sz::whole(2), Side::Sell, Sz::whole(1), false),
            RiskDirection::Increases
        );
    }
}
