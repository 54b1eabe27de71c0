//! The surface for agents: tools, resources, prompts and completions over the same projections as every other surface.
//!
//! It reads. No tool, resource or prompt changes a file, a state or an order; nothing here can approve or arm. An answer
//! says where it was read, how old it is and which of its strings come from outside, and is held against its schema before
//! it leaves. A subscriber is told that something changed, no more. The protocol's SDK is seen by `server`, `serve` and
//! `check` alone.
#![forbid(unsafe_code)]

mod answer;
mod backend;
mod bodies;
mod catalog;
mod check;
mod clean;
mod complete;
mod limit;
mod place;
mod prompts;
mod remote;
mod schema;
mod serve;
mod server;
mod subscriptions;
mod trouble;

pub use answer::RANGE_MAX;
pub use axum::Router as Routes;
pub use backend::{Backend, Front};
pub use catalog::{TEMPLATES, Template, Tool, resources, tools, tools_digest, tools_json};
pub use check::check;
pub use clean::{CUT, KEY_MAX, STRING_MAX};
pub use limit::{BURST, Limits, RATE};
pub use place::{Live, Place};
pub use prompts::{PROMPTS, Prompt};
pub use remote::{ADDRESS_FILE, Remote, address_text};
pub use schema::fits;
pub use serve::{Sessions, mount, routes, stdio};
pub use subscriptions::{LISTENERS_MAX, LOOK_EVERY, URIS_MAX, changes};
pub use trouble::Trouble;
