//! Codes of strategy documents.

use super::Exit::{Data, Refused};
use super::{ErrorSpec, e};

/// Sorted.
#[rustfmt::skip]
pub(super) const CODES: &[ErrorSpec] = &[
    e("ZERO-STR-001", Data, "not an expression", "A text is not an expression of the strategy language.", "Correct the marked place."),
    e("ZERO-STR-002", Data, "unknown name", "An expression names something that the language does not have, or not there.", "Use the suggested name; `zero strategy explain` lists what a document uses."),
    e("ZERO-STR-003", Data, "units disagree", "Values of different units are added, compared or multiplied.", "Bring both to one unit."),
    e("ZERO-STR-004", Data, "out of range", "A length, a lag or a constant is outside its range. A lag counts bars back.", "Choose a value inside the range."),
    e("ZERO-STR-005", Data, "too large", "A document or an expression is beyond a bound on size, depth or work per decision.", "Split it, or use shorter windows."),
    e("ZERO-STR-006", Data, "field of a document", "A document has a field that does not exist, lacks one, or one holds the wrong thing.", "See the JSON Schema of strategy documents."),
    e("ZERO-STR-007", Data, "not TOML", "A strategy file is not valid TOML.", "Correct the marked place."),
    e("ZERO-STR-008", Data, "no such strategy", "No bundled document and no file has this name.", "See `zero strategy list`."),
    e("ZERO-STR-009", Refused, "strategy exists", "A file of this name is there already; nothing was overwritten.", "Choose another name, or edit the file."),
];
