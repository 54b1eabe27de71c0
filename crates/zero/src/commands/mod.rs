//! Commands, one file each.

mod backtest;
mod demo;
mod parity;
mod run;
mod summary;

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
    }
}
