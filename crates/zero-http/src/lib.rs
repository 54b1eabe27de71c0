//! The HTTP surface of a running loop. The router comes from the table of capabilities; every answer is a projection of
//! what the loop published last. It owns no state of the runtime, takes no lock of it, reads no journal and writes
//! nothing: a client that hangs, floods or lies costs this server's one thread and nothing else.
#![forbid(unsafe_code)]

mod acts;
mod answer;
mod apart;
mod doubled;
mod execute;
mod guard;
mod held;
mod kept;
mod last_made;
mod limit;
mod metrics;
mod metrics_parts;
mod mounted;
mod places;
mod public;
mod query;
mod refusal;
mod seams;
mod sent;
mod server;
mod shared;
mod streams;
#[cfg(test)]
mod test_run;

pub use guard::{Guard, Principal};
pub use held::KEPT_FOR as HELD_FOR;
pub use metrics::{METRICS, Metric, MetricKind};
pub use server::{Running, ServerError, Settings, start, start_empty};
pub use shared::{Notices, Recorded, Shared};
