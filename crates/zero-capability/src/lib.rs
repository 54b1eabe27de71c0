//! The one table of capabilities, from which every surface derives: commands, HTTP and OpenAPI, MCP.
//!
//! A row says everything a surface needs to know: its packet and the packet's schema, its names on every surface, what
//! it may change, and how old its answer may be. Adding a capability is adding a row. Holds no runtime types, does no I/O.
#![forbid(unsafe_code)]

mod boundary;
mod contract;
mod docs;
mod exits;
mod meaning;
mod openapi;
mod readiness;
mod resources;
mod row;
mod seams;
mod table;

pub use boundary::boundary_markdown;
pub use contract::{NOT_OFFERED, NotOffered, PACKETS, Producer, Promise};
pub use docs::commands_markdown;
pub use exits::{INTERRUPTED, VERDICTS, Verdict};
pub use meaning::{How, MEANINGS, Meaning, is_group, meaning_markdown, not_offered, one_shot};
pub use openapi::{body_members, openapi};
pub use readiness::{MAX_AGE_DAYS, evidence, readiness};
pub use resources::RESOURCES;
pub use row::{
    Capability, Command, DEAR, Http, MOMENT, Mcp, Query, QueryKind, Resource, RiskDirection, Safety, Stream,
};
pub use table::TABLE;

/// A row by its id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Capability> {
    TABLE.iter().find(|c| c.id == id)
}

/// The row that a command line names, by its path or by one of its aliases: `journal verify`, `pos`.
#[must_use]
pub fn by_command(words: &str) -> Option<&'static Capability> {
    TABLE.iter().find(|c| {
        c.command.as_ref().is_some_and(|cmd| cmd.path.join(" ") == words || cmd.aliases.contains(&words))
    })
}

/// The row that a tool belongs to.
#[must_use]
pub fn by_tool(tool: &str) -> Option<&'static Capability> {
    TABLE.iter().find(|c| c.mcp.is_some_and(|m| m.tool == tool))
}

/// The row that a resource belongs to.
#[must_use]
pub fn by_resource(uri: &str) -> Option<&'static Capability> {
    TABLE.iter().find(|c| c.mcp.is_some_and(|m| m.resource == Some(uri)))
}
