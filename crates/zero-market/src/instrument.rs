//! Instruments and the venue's own rules on price, size and minimum, as exact decimal arithmetic.
//!
//! A price has at most five significant figures and at most `6 - sz_decimals` decimals, except that an integer price
//! is always valid; a size has at most `sz_decimals` decimals; an order is worth at least 10 USD.

use crate::order::Side;
use alloc::string::String;
use alloc::vec::Vec;
use zero_core::fixed::{div_half_even, pow10};
use zero_core::{CoinId, Overflow, Px, Rate, Sz, Usd, canon_struct};

/// The venue's minimum order value.
pub const MIN_NOTIONAL: Usd = Usd::whole(10);
/// Decimals that price and size share.
const PX_DECIMALS_MAX: u8 = 6;
/// Significant figures of a non-integer price.
const SIGNIFICANT: u32 = 5;

canon_struct! {
    /// From this position notional on, at most this leverage.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct MarginTier {
        /// Lower bound of the tier's notional.
        pub lower_bound: Usd,
        /// Maximum leverage in the tier. Maintenance rate is half of the initial rate at this leverage.
        pub max_leverage: u8,
    }
}

impl MarginTier {
    /// `1 / (2 * max_leverage)`.
    #[must_use]
    pub fn maintenance_rate(&self) -> Rate {
        let lev = i128::from(self.max_leverage.max(1));
        Rate::from_raw(div_half_even(i128::from(Rate::ONE_RAW), 2 * lev) as i64)
    }
}

canon_struct! {
    /// A perpetual future and its grid.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Instrument {
        /// The venue's symbol.
        pub symbol: String,
        /// Decimals of a size.
        pub sz_decimals: u8,
        /// Margin tiers by ascending lower bound; the first starts at zero.
        pub tiers: Vec<MarginTier>,
    }
}

impl Instrument {
    /// An instrument with one margin tier.
    #[must_use]
    pub fn new(symbol: &str, sz_decimals: u8, max_leverage: u8) -> Self {
        let tiers = alloc::vec![MarginTier { lower_bound: Usd::ZERO, max_leverage }];
        Self { symbol: String::from(symbol), sz_decimals: sz_decimals.min(PX_DECIMALS_MAX), tiers }
    }

    /// Largest leverage for a position of this notional.
    #[must_use]
    pub fn max_leverage(&self, notional: Usd) -> u8 {
        self.tiers
            .iter()
            .rev()
            .find(|t| notional >= t.lower_bound)
            .or(self.tiers.first())
            .map_or(1, |t| t.max_leverage)
    }

    /// Maintenance margin of a position: `notional * rate(tier) - deduction(tier)`, where the deduction makes the
    /// requirement continuous at each tier's bound.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn maintenance_margin(&self, notional: Usd) -> Result<Usd, Overflow> {
        let notional = notional.abs();
        let mut deduction = Usd::ZERO;
        let mut rate = Rate::ZERO;
        for tier in &self.tiers {
            if notional < tier.lower_bound {
                break;
            }
            let next = tier.maintenance_rate();
            deduction = deduction.plus(tier.lower_bound.mul_rate(next.minus(rate)?)?)?;
            rate = next;
        }
        notional.mul_rate(rate)?.minus(deduction)
    }

    /// The smallest size step.
    #[must_use]
    pub fn lot(&self) -> Sz {
        Sz::from_raw(pow10(Sz::DECIMALS - u32::from(self.sz_decimals)) as i64)
    }

    /// Rounds a positive size down to the lot grid.
    #[must_use]
    pub fn quantise_down(&self, sz: Sz) -> Sz {
        let lot = self.lot().raw();
        Sz::from_raw(sz.raw().max(0) / lot * lot)
    }

    /// The price step at a price: `10^-d` with `d = clamp(4 - floor(log10 p), 0, 6 - sz_decimals)`; one for prices
    /// where only integers have five figures or fewer.
    #[must_use]
    pub fn tick(&self, px: Px) -> Px {
        // Digits before the point, from the decimal digits and not from a logarithm: exact at powers of ten.
        let raw = px.raw().max(1);
        let digits = raw.ilog10() as i32 + 1;
        let magnitude = digits - Px::DECIMALS as i32 - 1;
        let max_decimals = i32::from(PX_DECIMALS_MAX.saturating_sub(self.sz_decimals));
        let decimals = (SIGNIFICANT as i32 - 1 - magnitude).clamp(0, max_decimals);
        Px::from_raw(pow10(Px::DECIMALS - decimals as u32) as i64)
    }

    /// Is the price on the venue's grid?
    #[must_use]
    pub fn is_valid_px(&self, px: Px) -> bool {
        px.raw() > 0 && px.raw() % self.tick(px).raw() == 0
    }

    /// Is the size on the lot grid and positive?
    #[must_use]
    pub fn is_valid_sz(&self, sz: Sz) -> bool {
        sz.raw() > 0 && sz.raw() % self.lot().raw() == 0
    }

    /// The grid price not better than `px` for an aggressor on `side`: up for buys, down for sells.
    #[must_use]
    pub fn round_px_adverse(&self, px: Px, side: Side) -> Px {
        let tick = self.tick(px).raw();
        let down = px.raw().div_euclid(tick) * tick;
        let rounded = if side == Side::Buy && down != px.raw() { down + tick } else { down };
        Px::from_raw(rounded.max(tick))
    }
}

/// The instruments of a run; [`CoinId`] is the place in this table.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Universe {
    instruments: Vec<Instrument>,
}

impl Universe {
    /// From instruments in the order of their ids.
    #[must_use]
    pub const fn new(instruments: Vec<Instrument>) -> Self {
        Self { instruments }
    }

    /// Number of instruments.
    #[must_use]
    pub fn len(&self) -> usize {
        self.instruments.len()
    }

    /// No instruments.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.instruments.is_empty()
    }

    /// The instrument of an id.
    #[must_use]
    pub fn get(&self, coin: CoinId) -> Option<&Instrument> {
        self.instruments.get(coin.index())
    }

    /// The id of a symbol.
    #[must_use]
    pub fn find(&self, symbol: &str) -> Option<CoinId> {
        self.instruments
            .iter()
            .position(|i| i.symbol == symbol)
            .and_then(|i| u16::try_from(i).ok())
            .map(CoinId)
    }

    /// The symbol of an id, `?` for an id of another universe.
    #[must_use]
    pub fn symbol(&self, coin: CoinId) -> &str {
        self.get(coin).map_or("?", |i| i.symbol.as_str())
    }

    /// All, with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (CoinId, &Instrument)> {
        self.instruments.iter().enumerate().map(|(i, ins)| (CoinId(i as u16), ins))
    }

    /// The ten perpetuals of the bundled demonstration and of the reference panel, with the venue's size decimals
    /// and margin tiers of 2026-08. A live run reads them from the venue's `meta`.
    #[must_use]
    pub fn reference() -> Self {
        let tiered = |symbol: &str, sz: u8, tiers: &[(i32, u8)]| Instrument {
            symbol: String::from(symbol),
            sz_decimals: sz,
            tiers: tiers
                .iter()
                .map(|(millions, lev)| MarginTier {
                    lower_bound: Usd::whole(millions * 1_000_000),
                    max_leverage: *lev,
                })
                .collect(),
        };
        Self::new(alloc::vec![
            tiered("ARB", 1, &[(0, 10), (20, 5)]),
            tiered("AVAX", 2, &[(0, 10), (20, 5)]),
            tiered("BTC", 5, &[(0, 40), (150, 20)]),
            tiered("DOGE", 0, &[(0, 10), (20, 5)]),
            tiered("ETH", 4, &[(0, 25), (100, 15)]),
            tiered("INJ", 1, &[(0, 10), (3, 5)]),
            tiered("LINK", 1, &[(0, 10), (20, 5)]),
            tiered("NEAR", 1, &[(0, 10), (3, 5)]),
            tiered("SOL", 2, &[(0, 20), (70, 10)]),
            tiered("SUI", 1, &[(0, 10), (20, 5)]),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn px(t: &str) -> Px {
        Px::parse(t).unwrap()
    }

    #[test]
    fn the_venue_price_table_holds_at_and_around_powers_of_ten() {
        let btc = Instrument::new("BTC", 5, 40);
        let eth = Instrument::new("ETH", 4, 25);
        let doge = Instrument::new("DOGE", 0, 10);
        for (ins, p, ok) in [
            (&btc, "112186", true),
            (&btc, "112186.5", false),
            (&btc, "9999.5", true),
            (&btc, "9999.55", false),
            (&btc, "10000.5", false),
            (&btc, "123456", true),
            (&eth, "2587.3", true),
            (&eth, "2587.35", false),
            (&eth, "100.01", true),
            (&eth, "100.001", false),
            (&doge, "0.12345", true),
            (&doge, "0.123456", false),
            (&doge, "0.012345", true),
            (&doge, "0.0123456", false),
            (&doge, "0.000001", true),
            (&doge, "0.0000001", false),
            (&doge, "0", false),
        ] {
            assert_eq!(ins.is_valid_px(px(p)), ok, "{} {p}", ins.symbol);
        }
    }

    #[test]
    fn maintenance_margin_is_continuous_at_tier_bounds() {
        let u = Universe::reference();
        let btc = u.get(u.find("BTC").unwrap()).unwrap();
        let below = btc.maintenance_margin(Usd::parse("149999999.99999999").unwrap()).unwrap();
        let at = btc.maintenance_margin(Usd::whole(150_000_000)).unwrap();
        assert_eq!(at, Usd::parse("1875000").unwrap());
        assert!(at.minus(below).unwrap() <= Usd::from_raw(1));
        assert_eq!(btc.maintenance_margin(Usd::whole(250_000_000)).unwrap(), Usd::whole(4_375_000));
    }

    proptest! {
        #[test]
        fn an_adverse_rounding_is_on_the_grid_and_never_better(raw in 1i64..50_000_000_000_000, d in 0u8..=5, buy: bool) {
            let ins = Instrument::new("X", d, 10);
            let p = Px::from_raw(raw);
            let side = if buy { Side::Buy } else { Side::Sell };
            let r = ins.round_px_adverse(p, side);
            prop_assert!(ins.is_valid_px(r), "{p} -> {r}");
            if buy { prop_assert!(r >= p); } else { prop_assert!(r <= p || p < ins.tick(p)); }
        }

        #[test]
        fn quantising_never_rounds_up(raw in 0i64..1_000_000_000_000, d in 0u8..=5) {
            let ins = Instrument::new("X", d, 10);
            let q = ins.quantise_down(Sz::from_raw(raw));
            prop_assert!(q.raw() <= raw && raw - q.raw() < ins.lot().raw());
        }
    }
}
