//! The strategy language: text to a typed tree, the tree to a normal form, the normal form to a flat program that is
//! evaluated in a bounded number of steps without allocation.
//!
//! Look-ahead cannot be written: a lag is an unsigned number of bars back. Unknown stays Unknown: a missing input is
//! the whole real line, and a comparison is decided only when every value it may have decides it alike.

pub mod ast;
mod boundary;
pub mod catalog;
mod conditions;
pub mod decimal;
pub mod document;
pub mod error;
pub mod lexer;
mod normal;
pub mod parser;
pub mod program;
pub mod shipped;
mod spelling;
pub mod strategy;
pub mod unit;

pub use ast::Expr;
pub use document::{Document, Field};
pub use error::{LangError, Span};
pub use parser::parse;
pub use strategy::DocumentStrategy;
pub use unit::Unit;

/// Longest text of one expression, in bytes.
pub const TEXT_MAX: usize = 4_096;
/// Most nodes of one expression.
pub const NODES_MAX: usize = 512;
/// Deepest nesting of one expression.
pub const DEPTH_MAX: usize = 32;
/// Most work that one decision of a document may take: operations, and values of the windows that are scanned.
pub const BUDGET_MAX: usize = 50_000;
