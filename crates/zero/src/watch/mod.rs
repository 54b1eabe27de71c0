//! `--watch`: a command's answer again whenever the journal that it reads has grown.
//!
//! A running loop says by its stream that it published something; where none runs, or its stream is not to be had, the
//! journal's files are looked at. The answer is read from the journal either way, as the command alone reads it.

mod screen;
mod wake;

use crate::cli::{Cli, Watch};
use crate::commands;
use crate::context::Context;
use crate::failure::Failure;
use crate::stop;
use crate::ui::Ui;
use screen::Screen;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::Duration;
use wake::Wake;
use zero_capability::INTERRUPTED;
use zero_runtime::project::{holder, stamp};

/// How often is looked whether it should end, and without a stream whether the files changed.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Watches until it is interrupted, or nobody reads it any more.
pub(crate) fn run(cli: &Cli, watch: &Watch, ui: Ui) -> Result<ExitCode, Failure> {
    let ctx = Context::of(cli)?;
    let dir = match &watch.journal {
        Some(d) => std::path::absolute(d).map_err(|e| Failure::io("resolve", d, &e))?,
        None => ctx.run_journal(),
    };
    let files = [dir.clone(), commands::notices(&ctx)];
    let stop = stop::on_signal()?;
    let wake = Wake::new(&ctx, dir.clone());
    let mut screen: Option<Screen> = None;
    let mut shown = String::new();
    loop {
        let before = files_now(&files);
        let text = match commands::dispatch(cli, &ui.held()) {
            Ok(_) => ui.taken(),
            // What cannot be shown at first is a failure like that of the command alone.
            Err(f) if screen.is_none() => return Err(f),
            Err(f) => in_words(&f, ui),
        };
        let screen = screen.get_or_insert_with(|| Screen::open(ui));
        if text != shown || screen.was_resized() {
            let footer = footer(&ctx, &dir, watch);
            if screen.show(&text, &footer).is_err() {
                return Ok(ExitCode::SUCCESS);
            }
            shown = text;
        }
        let begin = ctx.clock.monotonic();
        loop {
            if stop.load(Ordering::Relaxed) {
                return Ok(ExitCode::from(INTERRUPTED));
            }
            ctx.clock.sleep(LOOK_EVERY);
            let rested = ctx.clock.monotonic().saturating_sub(begin) >= watch.every;
            if rested && (wake.rang() || files_now(&files) != before || screen.was_resized()) {
                break;
            }
        }
    }
}

fn files_now(files: &[PathBuf]) -> u64 {
    files.iter().map(|f| stamp(f)).fold(0, u64::wrapping_add)
}

fn in_words(f: &Failure, ui: Ui) -> String {
    if ui.is_json() {
        return serde_json::to_string(&f.0).unwrap_or_default() + "\n";
    }
    format!("error[{}]: {}\nhint: {}\n", f.0.code, f.0.cause, f.0.hint)
}

fn footer(ctx: &Context, dir: &std::path::Path, watch: &Watch) -> String {
    let what = match holder(dir) {
        Some(_) => "a loop runs",
        None => "at rest: following the files",
    };
    let every = watch.every.as_secs_f64();
    format!("{what} · every {every} s at most · Ctrl-C ends · seen {} · {}", ctx.clock.now(), dir.display())
}
