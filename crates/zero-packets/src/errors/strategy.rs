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
    e("ZERO-STR-020", Data, "not a component", "A file is not a WebAssembly component that the host can compile.", "Build a component without threads, vectors and other proposals, not a core module."),
    e("ZERO-STR-021", Data, "component imports", "A component imports something. A strategy has no clock, randomness or I/O.", "Build it for wasm32-unknown-unknown, without WASI."),
    e("ZERO-STR-022", Data, "component of another world", "A component lacks an export of the world zero:strategy, or has one of another type.", "Build it for the world in wit/strategy.wit of zero-wasm."),
    e("ZERO-STR-023", Data, "description of a component", "A component could not say what it is, or what it says is not possible.", "Correct what `describe` returns."),
    e("ZERO-STR-024", Data, "component too large", "A component is larger than the host compiles.", "Build it with optimisation for size and without debug information."),
    e("ZERO-STR-025", Refused, "no components here", "This program was built without the feature that runs components.", "Build it with `--features wasm`."),
    e("ZERO-STR-026", Data, "component without an explanation", "A component does not export `explain`, so what its entries wait for cannot be told.", "Export `explain` of the world explained-strategy in wit/strategy.wit of zero-wasm."),
    e("ZERO-STR-027", Data, "explanation that does not hold", "A component's `explain` gave no answer, one out of range, or conditions that contradict what it proposes in the same state.", "Correct what `explain` returns: all conditions of a side hold exactly where the component enters on it."),
    e("ZERO-STR-028", Data, "component not at hand", "A run's component is named by its digest in the journal, and no file with that digest was found.", "Put the file into the operator's strategies, or name it in a book."),
    e("ZERO-STR-029", Data, "lens that fails its trial", "A lens component gave no answer, or one that no lens may give, in a state that a market can be in.", "Answer with finite numbers and a standard error above zero, or abstain, within the limits."),
    e("ZERO-STR-030", Data, "strategy of another meaning", "This program cannot build the strategy that a run used: it is of another version, or unknown here.", "Ask with the program that ran it."),
];
