//! A measured opinion model from and to its file.

use crate::failure::Failure;
use std::path::Path;
use zero_learn::project;
use zero_packets::Packet as _;
use zero_packets::lenses::OpinionModel as Document;
use zero_strategy::{FeaturePlan, OpinionModel, Opinions, registry};

/// Largest file that is read.
const BYTES_MAX: u64 = 8 << 20;

/// The model of a document, for the lenses of this program.
pub(crate) fn load(path: &Path) -> Result<Box<OpinionModel>, Failure> {
    let unusable = |why: String| {
        Failure::new(
            "ZERO-LRN-005",
            format!("the opinion model {} is not usable: {why}", path.display()),
            "write it anew with `zero learn lenses --out FILE`, or unset `paper.opinion_model`",
        )
    };
    let size = std::fs::metadata(path).map_err(|e| unusable(e.to_string()))?.len();
    if size > BYTES_MAX {
        return Err(unusable(format!("{size} bytes, at most {BYTES_MAX}")));
    }
    let bytes = std::fs::read(path).map_err(|e| unusable(e.to_string()))?;
    let document: Document = serde_json::from_slice(&bytes).map_err(|e| unusable(e.to_string()))?;
    let model = project::opinion_model(document).map_err(unusable)?;
    let opinions = Opinions::new(model.clone()).map_err(unusable)?;
    opinions.fits(&registry::lenses(&mut FeaturePlan::new())).map_err(unusable)?;
    Ok(Box::new(model))
}

/// Writes a document.
pub(crate) fn save(path: &Path, document: &Document) -> Result<(), Failure> {
    let text = document.to_json().map_err(|e| {
        Failure::new("ZERO-CLI-003", format!("a packet cannot be rendered: {e}"), "report it")
    })?;
    std::fs::write(path, text + "\n").map_err(|e| Failure::io("write", path, &e))
}
