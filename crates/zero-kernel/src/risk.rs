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

    use RiskDirection::{Increases, Reduces, Unknown};

    #[test]
    fn the_table_of_directions_holds() {
        let (buy, sell) = (Side::Buy, Side::Sell);
        for (net, side, sz, reduce_only, want) in [
            (2, sell, 1, true, Reduces),
            (2, sell, 2, true, Reduces),
            (2, sell, 3, true, Increases),
            (2, sell, 1, false, Increases),
            (2, buy, 1, true, Increases),
            (2, buy, 1, false, Increases),
            (-2, buy, 1, true, Reduces),
            (-2, buy, 2, true, Reduces),
            (-2, buy, 3, true, Increases),
            (-2, buy, 1, false, Increases),
            (-2, sell, 1, true, Increases),
            // Book A is long 1, book B short 1: the account is flat, and closing either leg opens the other.
            (0, sell, 1, true, Increases),
            (0, buy, 1, true, Increases),
            (0, buy, 1, false, Increases),
            (2, sell, 0, true, Unknown),
            (2, sell, -1, true, Unknown),
        ] {
            let got = RiskDirection::of_order(Sz::whole(net), side, Sz::whole(sz), reduce_only);
            assert_eq!(got, want, "net {net} {side:?} {sz} {reduce_only}");
        }
    }
}
