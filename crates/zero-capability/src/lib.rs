//! The one table of capabilities, from which every surface derives: commands, HTTP and OpenAPI now, MCP next.
//!
//! A row says everything a surface needs to know: its packet and the packet's schema, its names on every surface, what
//! it may change, and how old its answer may be. Adding a capability is adding a row. Holds no runtime types, does no I/O.
#![forbid(unsafe_code)]

mod contract;
mod docs;
mod meaning;
mod openapi;
mod row;
mod table;

pub use contract::{NOT_OFFERED, NotOffered, PACKETS, Producer, Promise};
pub use docs::commands_markdown;
pub use meaning::{How, MEANINGS, Meaning, is_group, meaning_markdown, not_offered, one_shot};
pub use openapi::openapi;
pub use row::{Capability, Command, Http, Mcp, Query, QueryKind, RiskDirection, Safety, Stream};
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
