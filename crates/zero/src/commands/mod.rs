//! Commands, one file each.

mod approve;
mod ask;
mod backtest;
mod config;
mod data;
mod demo;
mod docs;
mod doctor;
mod execute;
mod export;
mod hash;
mod init;
mod journal;
mod keys;
mod learn;
mod lenses;
mod lookahead;
mod mcp;
mod notify;
mod operator;
mod operator_state;
mod parity;
mod place;
mod proof;
mod prune;
mod read;
mod readiness;
mod run;
mod seams;
mod serve;
mod session;
mod settings;
mod show;
mod stats;
pub(crate) mod strategy;
mod summary;
mod sweep;
mod venue;

pub(crate) use notify::memory as notices;
pub(crate) use summary::money;

use crate::cli::{Cli, Command};
use crate::context::Context;
use crate::failure::Failure;
use crate::ui::Ui;
use std::process::ExitCode;

/// Runs the command that was typed.
pub(crate) fn dispatch(cli: &Cli, ui: &Ui) -> Result<ExitCode, Failure> {
    let ctx = Context::of(cli)?;
    match &cli.command {
        Command::Demo(a) => demo::run(&ctx, a, *ui),
        Command::Backtest(a) => backtest::run(&ctx, a, *ui),
        Command::Run(a) => run::run(&ctx, a, *ui),
        Command::Parity(a) => parity::run(&ctx, a, *ui),
        Command::Lookahead(a) => lookahead::run(&ctx, a, *ui),
        Command::Status(a) => read::status(&ctx, a, *ui),
        Command::Positions(a) => read::positions(&ctx, a, *ui),
        Command::Risk(a) => read::risk(&ctx, a, *ui),
        Command::Decisions(a) => read::decisions(&ctx, a, *ui),
        Command::Rejections(a) => read::rejections(&ctx, a, *ui),
        Command::NearMisses(a) => learn::near_misses(&ctx, a, *ui),
        Command::Learn(c) => learn::run(&ctx, c, *ui),
        Command::Execution(a) => learn::execution(&ctx, a, *ui),
        Command::Lenses(a) => lenses::lenses(&ctx, a, *ui),
        Command::Health(a) => read::health(&ctx, a, *ui),
        Command::Immune(a) => read::immune(&ctx, a, *ui),
        Command::Evaluate(a) => ask::evaluate(&ctx, a, *ui),
        Command::DecisionStack(a) => ask::decision_stack(&ctx, a, *ui),
        Command::Why(a) => ask::why(&ctx, a, *ui),
        Command::Heat(a) => ask::heat(&ctx, a, *ui),
        Command::Approaching(a) => ask::approaching(&ctx, a, *ui),
        Command::Regime(a) => ask::regime(&ctx, a, *ui),
        Command::Brief(a) => ask::brief(&ctx, a, *ui),
        Command::Pulse(a) => ask::pulse(&ctx, a, *ui),
        Command::Quote(a) => venue::quote(&ctx, a, *ui),
        Command::Hl(c) => venue::hl(&ctx, c, *ui),
        Command::Live(c) => venue::live(&ctx, c, *ui),
        Command::Doctor => doctor::run(&ctx, *ui),
        Command::Readiness(a) => readiness::run(&ctx, a, *ui),
        Command::Data(c) => data::run(&ctx, c, *ui),
        Command::Journal(c) => journal::run(&ctx, c, *ui),
        Command::Init(a) => init::run(&ctx, a, *ui),
        Command::Config(c) => config::run(&ctx, c, *ui),
        Command::Strategy(c) => strategy::run(&ctx, c, *ui),
        Command::Keys(c) => keys::run(&ctx, c, *ui),
        Command::Operator(c) => operator::run(&ctx, c, *ui),
        Command::Session(c) => session::run(&ctx, c, *ui),
        Command::Notify(c) => notify::run(&ctx, c, *ui),
        Command::OperatorState(a) => operator_state::run(&ctx, a, *ui),
        Command::Friction => operator_state::friction(*ui),
        Command::Approve(a) => approve::run(&ctx, a, *ui),
        Command::Auto(c) => operator::auto(&ctx, c, *ui),
        Command::Execute(a) => execute::run(&ctx, a, *ui),
        Command::Stats(c) => stats::run(c, *ui),
        Command::Mcp(a) => mcp::run(&ctx, a, *ui),
        Command::Completions(a) => docs::completions(a, *ui),
        Command::Docs(a) => docs::run(a, *ui),
        Command::Openapi => docs::print_openapi(*ui),
        Command::Genesis(a) => seams::genesis(&ctx, a, *ui),
        Command::Evolve(a) => seams::evolve(&ctx, a, *ui),
        Command::Research(a) => seams::research(&ctx, a, *ui),
        Command::Memory(a) => seams::memory(&ctx, a, *ui),
        Command::Audit(c) => seams::audit(&ctx, c, *ui),
        Command::Deployment(c) => seams::deployment(&ctx, c, *ui),
        Command::Network(c) => seams::network(&ctx, c, *ui),
        Command::Hash(a) => hash::run(a, *ui),
    }
}
