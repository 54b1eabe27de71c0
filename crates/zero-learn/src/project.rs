//! From what was learnt to packets.

mod execution;
mod learnt;
mod opinions;
mod table;

pub use execution::{cost_model, feedback};
pub use learnt::{gates, near_misses};
pub use opinions::{learnt_lenses, lenses, opinion_document, opinion_model};
pub use table::cost_table;

use crate::cluster::{ClusterMean, Draws};
use zero_packets::Stat;
use zero_runtime::record::Manifest;

/// A mean as packets show it.
fn stat(m: &ClusterMean, unit: &str, clusters: &str) -> Stat {
    let draws = Draws::standard(0);
    Stat {
        value: m.mean,
        low: m.interval.map(|i| i.0),
        high: m.interval.map(|i| i.1),
        level: m.interval.map(|_| draws.level),
        n: m.n,
        window: unit.to_owned(),
        method: format!(
            "mean; studentised bootstrap over {} clusters ({clusters}), {} resamples",
            m.clusters, draws.replicates
        ),
    }
}

fn gate_name(names: &[String], gate: u8) -> String {
    names.get(usize::from(gate)).cloned().unwrap_or_else(|| "?".into())
}

fn coin_name(m: &Manifest, coin: zero_core::CoinId) -> String {
    m.universe.get(coin.index()).map_or("?", |i| i.symbol.as_str()).to_owned()
}

fn book_name(m: &Manifest, book: zero_core::BookId) -> String {
    m.kernel.books.get(book.index()).map_or("?", |b| b.name.as_str()).to_owned()
}
