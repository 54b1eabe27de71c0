//! Mark-outs: where the market went after a fill, in the fill's own direction.

use super::{Executions, FillSeen};
use zero_core::CoinId;
use zero_market::{Purpose, Side};

/// Bars after the open of the fill's own bar. Nothing finer is known from bars.
pub const HORIZONS: [u32; 3] = [1, 4, 24];

/// One fill's mark-out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Markout {
    /// Coin.
    pub coin: CoinId,
    /// The fill.
    pub fill: FillSeen,
    /// Of what order.
    pub purpose: Purpose,
    /// By horizon: move of the price in the fill's direction since it, in basis points of the fill's price; positive is good.
    pub bps: [Option<f64>; HORIZONS.len()],
}

/// Of every fill.
pub fn markouts(all: &Executions) -> impl Iterator<Item = Markout> {
    all.list.iter().flat_map(|e| {
        e.fills.iter().map(|f| Markout {
            coin: e.coin,
            fill: *f,
            purpose: e.purpose,
            bps: f.closes.map(|close| close.map(|c| move_bps(f, c.raw(), e.side))),
        })
    })
}

fn move_bps(f: &FillSeen, close: i64, side: Side) -> f64 {
    side.sign() as f64 * (close - f.px.raw()) as f64 / f.px.raw() as f64 * 1e4
}
