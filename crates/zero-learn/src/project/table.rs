//! A cost model document as the table that decisions and the paper venue use.

use std::collections::BTreeMap;
use zero_core::{Digest32, Rate, Usd};
use zero_market::CostTable;
use zero_packets::execution::CostModel;

/// Most size classes of a document.
const CLASSES_MAX: usize = 16;
/// A dearer cost than this is another unit, not a cost.
const COST_MAX: Rate = Rate::bps(1_000);

/// Coin, hour and size class of a cell; none is all.
type Key<'a> = (Option<&'a str>, Option<u8>, Option<u8>);

/// The table for instruments of these symbols: each cell is the finest that the document knows.
///
/// # Errors
/// Why the document cannot be used.
pub fn cost_table(
    document: &CostModel,
    digest: Digest32,
    symbols: &[&str],
) -> Result<CostTable, &'static str> {
    let edges = document
        .size_edges_usd
        .iter()
        .map(|e| Usd::parse(e.as_str()).map_err(|_| "a size edge is no amount"))
        .collect::<Result<Vec<_>, _>>()?;
    if edges.len() >= CLASSES_MAX || edges.windows(2).any(|w| w.first() >= w.last()) {
        return Err("the size edges do not ascend, or are too many");
    }
    let mut known: BTreeMap<Key<'_>, Rate> = BTreeMap::new();
    for c in &document.cells {
        let rate = Rate::parse(c.cost.as_str()).map_err(|_| "a cost is no rate")?;
        if !(Rate::ZERO..=COST_MAX).contains(&rate) {
            return Err("a cost is negative or beyond a tenth of the price");
        }
        known.insert((c.coin.as_deref(), c.hour, c.size), rate);
    }
    let Some(whole) = known.get(&(None, None, None)).copied() else {
        return Err("it has no cell for the whole");
    };
    let mut rates = Vec::with_capacity(symbols.len() * 24 * (edges.len() + 1));
    for coin in symbols {
        for hour in 0..24u8 {
            for size in 0..=edges.len() as u8 {
                let coin = Some(*coin);
                let keys = [(coin, Some(hour), Some(size)), (coin, Some(hour), None), (coin, None, None)];
                rates.push(keys.iter().find_map(|k| known.get(k)).copied().unwrap_or(whole));
            }
        }
    }
    Ok(CostTable { document: digest, edges, rates })
}
