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
mod private;
mod program;
mod progress;
mod stop;
mod table;
mod ui;
mod watch;

use std::process::ExitCode;

fn main() -> ExitCode {
    let (args, watched) = match cli::parse() {
        Ok(args) => args,
        Err(e) => return ui::lost(ui::usage(&e)),
    };
    let ui = ui::Ui::new(args.json);
    let done = match watched {
        Some(w) => watch::run(&args, &w, ui),
        None => commands::dispatch(&args, &ui),
    };
    ui::lost(match done {
        Ok(code) => code,
        Err(failure) => ui.failure(&failure),
    })
}
