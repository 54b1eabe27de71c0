//! Codes of the surface for agents.

use super::Exit::{Damaged, Data, Internal, Refused, Usage};
use super::{ErrorSpec, e};

/// Sorted.
#[rustfmt::skip]
pub(super) const CODES: &[ErrorSpec] = &[
    e("ZERO-MCP-001", Usage, "no such tool or resource", "The name is of no tool, resource or prompt here.", "List them; names never change within a version."),
    e("ZERO-MCP-002", Usage, "bad arguments", "The arguments do not fit the schema.", "Send what the schema names and nothing else; most tools take `{}`."),
    e("ZERO-MCP-003", Refused, "too many calls", "Calls come faster than the limit of one client.", "Wait as long as `retry_after_ms` says."),
    e("ZERO-MCP-004", Data, "nothing to read", "No loop runs and there is no journal at the place.", "Start one with `zero run`, or name the journal with `--journal`."),
    e("ZERO-MCP-005", Internal, "answer does not fit", "An answer does not fit its own schema and was held back.", "Report it."),
    e("ZERO-MCP-006", Data, "runtime not reached", "A loop runs and does not answer at its address.", "See `zero status`; the journal can be read with `--at-rest`."),
    e("ZERO-MCP-007", Data, "no such thing in the run", "The run has no such coin, decision or record.", "Complete the argument, or read the list it comes from."),
    e("ZERO-MCP-008", Data, "not readable", "The journal could not be read.", "The cause names the error; `zero journal verify` says more."),
    e("ZERO-MCP-009", Damaged, "self-check failed", "A tool, resource or prompt did not answer as it must.", "The problems name which; report them."),
    e("ZERO-MCP-010", Internal, "server ended", "The server for agents ended on a failure of the system or of the protocol.", "The cause names it; start it again."),
];
