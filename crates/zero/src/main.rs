//! `zero`: parse, wire, choose an exit code.
#![forbid(unsafe_code)]

mod approvers;
mod args;
mod cli;
mod commands;
mod component;
mod context;
mod convert;
mod cost_model;
mod failure;
mod opinion_model;
mod oplog;
mod passphrase;
mod progress;
mod stop;
mod table;
mod ui;

use std::process::ExitCode;

fn main() -> ExitCode {
    let args = match cli::parse() {
        Ok(args) => args,
        Err(e) => return ui::usage(&e),
    };
    let ui = ui::Ui::new(args.json);
    match commands::dispatch(&args, &ui) {
        Ok(code) => code,
        Err(failure) => ui.failure(&failure),
    }
}
