//! A live-capable runtime: what an increase of risk needs, what no credential can do, and what no surface says.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests may panic as tests do"
)]
#![allow(dead_code, reason = "the client has more than these tests ask")]

mod approvals;
mod canary;
mod credentials;
#[path = "../http_client/mod.rs"]
mod http_client;
mod orders;
mod support;
