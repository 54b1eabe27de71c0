//! The kernel: `decide(state, event) -> records` and `apply(state, record)`.
//!
//! It reads no clock, disk, network or randomness. Backtest, paper, shadow and live run this same code; they differ in
//! the source of events and in the venue. The five OODA phases are five functions in [`ooda`].
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod admission;
mod apply;
pub mod breaker;
pub mod breakers;
mod candidates;
pub mod config;
pub mod digest;
pub mod evaluate;
pub mod executions;
mod exits;
mod exposure;
pub mod fills;
pub mod kernel;
pub mod ledger;
mod measure;
pub mod ooda;
pub mod orders;
mod own;
mod portfolio;
pub mod record;
pub mod remedy;
mod risk;
mod sizing;
pub mod stack;
pub mod state;
pub mod witness;

pub use apply::apply;
pub use breaker::{Breaker, Reading, Severity};
pub use config::{BookSpec, KernelConfig};
pub use evaluate::{Ask, Question, Silence};
pub use executions::{Executed, Executions, Judged};
pub use kernel::{Kernel, KernelSnapshot, feed_cross};
pub use ledger::{BookLedger, Ledger};
pub use ooda::{Cycle, Scratch};
pub use orders::{OpenOrder, OrderPhase, Orders};
pub use record::{
    BreakerChange, CandidateTrace, CycleClose, DigestSink, Fact, GateTrace, OrderFact, TraceSink,
};
pub use risk::RiskDirection;
pub use stack::Stack;
pub use state::{Fault, State};
pub use zero_operator as operator;
