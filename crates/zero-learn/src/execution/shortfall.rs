//! Implementation shortfall (Perold, "The implementation shortfall: paper versus reality", Journal of Portfolio
//! Management 14, 1988): the paper portfolio that filled whole at the decision price, less the real one.
//!
//! Every part is an exact integer, so that the parts sum to the whole without a remainder.

use super::Execution;
use zero_core::{Px, Rate, Sz, Usd};

/// Names of the parts, in the order of [`Shortfall::parts`].
pub const PARTS: [&str; 7] = ["delay", "half_spread", "impact", "timing", "opportunity", "fees", "funding"];

/// Units of a product of price and size per unit of money.
const PER_USD_RAW: i128 = Sz::ONE_RAW as i128;

/// What an order cost, in units of 1e-16 USD; positive is a cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortfall {
    /// From the decision to the first price after it, on what was filled.
    pub delay: i128,
    /// Half of the spread, on what was taken.
    pub half_spread: i128,
    /// Beyond half of the spread, against the market's price at the fill: impact, the allowance for late arrival, the grid.
    pub impact: i128,
    /// From the first price after the decision to the market's price at the fill.
    pub timing: i128,
    /// From the decision to the end, on what was not filled.
    pub opportunity: i128,
    /// Fees.
    pub fees: i128,
    /// Funding paid on the position that it opened.
    pub funding: i128,
    /// The whole, from what was traded: not the sum of the parts.
    pub total: i128,
    /// Intended value at the decision price: what basis points are of.
    pub intended: i128,
}

impl Shortfall {
    /// Of an order; `None` while it is not over, when it never met a price, or for a protective order that was not touched.
    #[must_use]
    pub fn of(e: &Execution) -> Option<Self> {
        if !e.is_over() || e.is_idle() {
            return None;
        }
        let sign = i128::from(e.side.sign());
        let filled = e.filled();
        let unfilled = Sz::from_raw(e.sz.raw() - filled.raw());
        let decision = value(e.decision_px, filled);
        let intended = value(e.decision_px, e.sz);
        if intended <= 0 {
            return None;
        }
        let arrival = value(e.arrival_px?, filled);
        let (mut market, mut traded, mut spread, mut fees) = (0, 0, 0, 0);
        for f in &e.fills {
            let at_market = value(f.mid, f.sz);
            market += at_market;
            traded += money(f.notional);
            fees += money(f.fee);
            if f.liquidity == zero_market::Liquidity::Taker {
                spread += at_market * i128::from(e.half_spread.raw()) / i128::from(Rate::ONE_RAW);
            }
        }
        let opportunity = if unfilled.raw() > 0 {
            sign * (value(e.end_px?, unfilled) - value(e.decision_px, unfilled))
        } else {
            0
        };
        let funding = money(e.funding);
        Some(Self {
            delay: sign * (arrival - decision),
            half_spread: spread,
            impact: sign * (traded - market) - spread,
            timing: sign * (market - arrival),
            opportunity,
            fees,
            funding,
            total: sign * (traded - decision) + opportunity + fees + funding,
            intended,
        })
    }

    /// The parts, in the order of [`PARTS`].
    #[must_use]
    pub const fn parts(&self) -> [i128; 7] {
        [self.delay, self.half_spread, self.impact, self.timing, self.opportunity, self.fees, self.funding]
    }

    /// An amount in basis points of the intended value.
    #[must_use]
    pub fn bps(&self, amount: i128) -> f64 {
        amount as f64 / self.intended as f64 * 1e4
    }
}

fn value(px: Px, sz: Sz) -> i128 {
    i128::from(px.raw()) * i128::from(sz.raw())
}

fn money(usd: Usd) -> i128 {
    i128::from(usd.raw()) * PER_USD_RAW
}
