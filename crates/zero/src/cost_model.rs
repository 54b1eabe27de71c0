//! A measured cost model from its file.

use crate::failure::Failure;
use std::path::Path;
use zero_core::Digest32;
use zero_learn::project::cost_table;
use zero_market::{CostTable, Universe};
use zero_packets::execution::CostModel;

/// Largest file that is read.
const BYTES_MAX: u64 = 64 << 20;

/// The table of a document for these instruments. Its digest is that of the file's bytes.
pub(crate) fn load(path: &Path, universe: &Universe) -> Result<CostTable, Failure> {
    let unusable = |why: String| {
        Failure::new(
            "ZERO-LRN-002",
            format!("the cost model {} is not usable: {why}", path.display()),
            "write it anew with `zero execution --model FILE`, or unset `paper.cost_model`",
        )
    };
    let size = std::fs::metadata(path).map_err(|e| unusable(e.to_string()))?.len();
    if size > BYTES_MAX {
        return Err(unusable(format!("{size} bytes, at most {BYTES_MAX}")));
    }
    let bytes = std::fs::read(path).map_err(|e| unusable(e.to_string()))?;
    let document: CostModel = serde_json::from_slice(&bytes).map_err(|e| unusable(e.to_string()))?;
    let symbols: Vec<&str> = universe.iter().map(|(_, i)| i.symbol.as_str()).collect();
    cost_table(&document, Digest32::of(&bytes), &symbols).map_err(|why| unusable(why.to_owned()))
}
