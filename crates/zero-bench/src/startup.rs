//! Starting the program.

use crate::BenchArgs;
use crate::measure::time;
use crate::oneshots;
use crate::table::{Row, Runs};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Starts per row: one is short, and other work disturbs it.
const STARTS: u32 = 40;
pub(crate) const FEES: [&str; 2] = ["--set=fees.taker=0.00045", "--set=fees.maker=0.00015"];

/// The given program, or the one beside this one.
pub(crate) fn program(given: Option<&Path>) -> Result<PathBuf, Box<dyn Error>> {
    let path = match given {
        Some(p) => p.to_owned(),
        None => std::env::current_exe()?.with_file_name("zero"),
    };
    match path.is_file() {
        true => Ok(std::path::absolute(path)?),
        false => Err(format!("{} is not there; build it, or name it with --program", path.display()).into()),
    }
}

/// How a start is to end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends {
    /// With success.
    Well,
    /// With an error of its own.
    Refused,
}

/// So many starts, one after the other, all of which end as they are to.
pub(crate) fn timed(many: u32, ends: Ends, command: &dyn Fn() -> Command) -> Result<Runs, Box<dyn Error>> {
    let mut runs = Vec::new();
    for _ in 0..many {
        let mut c = command();
        c.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let (status, took) = time(|| c.status())?;
        if status.success() != (ends == Ends::Well) {
            return Err(format!("{c:?} ended with {status}").into());
        }
        runs.push((took.wall * 1e3, None));
    }
    Ok(runs)
}

pub(crate) fn rows(args: &BenchArgs) -> Result<Vec<Row>, Box<dyn Error>> {
    let zero = program(args.program.as_deref())?;
    let empty = timed(STARTS, Ends::Well, &|| Command::new("/bin/true"))?;
    let note = "wall time of spawning and waiting; the floor of the next rows";
    let mut rows = vec![Row::of("/bin/true", "none", "ms", empty).note(note)];
    let version = timed(STARTS, Ends::Well, &|| {
        let mut c = Command::new(&zero);
        c.arg("--version");
        c
    })?;
    rows.push(Row::of("zero --version", "none", "ms", version).reach("< 10"));
    let dir = tempfile::tempdir_in(&args.dir)?;
    let home = dir.path().join("home");
    run(args, &zero, &home)?;
    let note = "a journal at rest; a process of its own each time, files cached";
    let status = timed(STARTS, Ends::Well, &|| of_home(&zero, &home, &["status"]))?;
    rows.push(Row::of("zero status", "none", "ms", status).reach("< 10").note(note));
    rows.push(oneshots::beginnings(&zero, dir.path())?);
    rows.extend(oneshots::rows(&zero, &home)?);
    Ok(rows)
}

/// A command that works in this home.
pub(crate) fn of_home(zero: &Path, home: &Path, words: &[&str]) -> Command {
    let mut c = Command::new(zero);
    c.arg("--home").arg(home).args(words);
    c
}

/// Leaves the journal of a whole run in a new home; its newest snapshot is its end.
fn run(args: &BenchArgs, zero: &Path, home: &Path) -> Result<(), Box<dyn Error>> {
    let quiet = |c: &mut Command| c.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !quiet(&mut of_home(zero, home, &["init", "--no-input"]))?.success() {
        return Err("the home of the run that is to be looked at was not made".into());
    }
    let days = if args.quick { "--days=20" } else { "--days=200" };
    let mut run = of_home(zero, home, &FEES);
    run.args(["run", "--source=synthetic", days, "--clear-halts-after=3d", "--no-http"]);
    match quiet(&mut run)?.success() {
        true => Ok(()),
        false => Err("the run that is to be looked at failed".into()),
    }
}
