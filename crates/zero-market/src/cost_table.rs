//! Measured costs of taking liquidity, in force where a run names them: what an order pays beyond the market's own price, by
//! coin, hour of the day and size.

use alloc::vec::Vec;
use zero_core::{CoinId, Digest32, Rate, Ts, TsDiff, Usd, canon_struct};

/// Hours of a day.
const HOURS: usize = 24;

canon_struct! {
    /// The table. Empty: nothing was measured, or nothing measured is in force.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct CostTable {
        /// Digest of the document that it was read from.
        pub document: Digest32,
        /// Lower ends of the size classes after the first, ascending.
        pub edges: Vec<Usd>,
        /// Fractions of price: coin by coin, in each hour by hour (UTC), in each class by class.
        pub rates: Vec<Rate>,
    }
}

impl CostTable {
    /// Nothing measured is in force.
    pub const NONE: Self = Self { document: Digest32::ZERO, edges: Vec::new(), rates: Vec::new() };

    /// Is nothing in force?
    #[must_use]
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.rates.is_empty()
    }

    /// Number of cells that a coin has.
    #[must_use]
    pub const fn cells_per_coin(&self) -> usize {
        HOURS * (self.edges.len() + 1)
    }

    /// What an order of this value is expected to pay beyond the market's price; `None` where nothing is in force.
    #[must_use]
    pub fn rate(&self, coin: CoinId, time: Ts, value: Usd) -> Option<Rate> {
        if self.is_empty() {
            return None;
        }
        let hour = time.since(time.floor(TsDiff::DAY)).as_ns() / TsDiff::HOUR.as_ns();
        let class = self.edges.iter().filter(|edge| value >= **edge).count();
        let classes = self.edges.len() + 1;
        self.rates.get(coin.index() * self.cells_per_coin() + hour as usize * classes + class).copied()
    }

    /// The table of one coin alone, as coin zero.
    #[must_use]
    pub fn only(&self, coin: CoinId) -> Self {
        let n = self.cells_per_coin();
        let rates = self.rates.iter().skip(coin.index() * n).take(n).copied().collect();
        Self { document: self.document, edges: self.edges.clone(), rates }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_found_by_coin_hour_and_size_and_an_empty_table_says_nothing() {
        let cells = 2 * HOURS * 3;
        let table = CostTable {
            document: Digest32::ZERO,
            edges: alloc::vec![Usd::whole(1_000), Usd::whole(10_000)],
            rates: (0..cells).map(|i| Rate::from_raw(i as i64)).collect(),
        };
        let at = |hour| Ts::ZERO.plus(TsDiff::DAY.times(400)).plus(TsDiff::HOUR.times(hour));
        let cell =
            |t: &CostTable, coin, hour, usd| t.rate(CoinId(coin), at(hour), Usd::whole(usd)).map(Rate::raw);
        assert_eq!(cell(&table, 0, 0, 999), Some(0));
        assert_eq!(cell(&table, 0, 0, 1_000), Some(1));
        assert_eq!(cell(&table, 1, 23, 10_000), Some(cells as i64 - 1));
        assert_eq!(cell(&table, 2, 0, 1), None, "a coin that was not measured");
        assert_eq!(cell(&table.only(CoinId(1)), 0, 23, 10_000), Some(cells as i64 - 1));
        assert_eq!(cell(&CostTable::NONE, 0, 0, 1), None);
        assert!(CostTable::NONE.only(CoinId(3)).is_empty());
    }
}
