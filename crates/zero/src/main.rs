//! `zero`: parse, wire, choose an exit code.
#![forbid(unsafe_code)]

mod cli;
mod commands;
mod context;
mod convert;
mod failure;
mod oplog;
mod progress;
mod stop;
mod ui;

use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = match cli::Cli::try_parse() {
        Ok(args) => args,
        Err(e) => return ui::usage(&e),
    };
    let ui = ui::Ui::new(args.json);
    match commands::dispatch(&args, &ui) {
        Ok(code) => code,
        Err(failure) => ui.failure(&failure),
    }
}
