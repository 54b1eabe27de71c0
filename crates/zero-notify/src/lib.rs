//! Notifications from journal events.
//!
//! [`follow`](follow::Follower) reads durable records behind the loop, on a thread of its own; [`Notice`] says which of them
//! are worth a person's attention; the [`Desk`] decides what is said now, what waits for a digest and what is said again
//! until it is acknowledged; each [`Sink`] has a thread, and an [`Outbox`] from which failed messages are tried again. The
//! loop waits for none of them.
#![forbid(unsafe_code)]

mod desk;
mod emergencies;
pub mod follow;
mod hmac;
mod notice;
mod outbox;
mod sink;
mod sinks;

pub use desk::{Desk, Message, Open, Policy, Quiet, What};
pub use emergencies::Emergencies;
pub use hmac::hmac_sha256;
pub use notice::{Notice, Urgency, of_body, standing};
pub use outbox::{ATTEMPTS_MAX, Dead, Outbox, Tally, WAITING_MAX, Waiting};
pub use sink::{Post, Sink};
pub use sinks::{Authority, CommandSink, FileSink, Shape, TextSink, Webhook, authorities};
