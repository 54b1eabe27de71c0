//! Starting the program.

use crate::BenchArgs;
use crate::measure::time;
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

fn starts(command: &dyn Fn() -> Command) -> Result<Runs, Box<dyn Error>> {
    let mut runs = Vec::new();
    for _ in 0..STARTS {
        let mut c = command();
        c.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let (status, took) = time(|| c.status())?;
        if !status.success() {
            return Err(format!("{c:?} ended with {status}").into());
        }
        runs.push((took.wall * 1e3, None));
    }
    Ok(runs)
}

pub(crate) fn rows(args: &BenchArgs) -> Result<Vec<Row>, Box<dyn Error>> {
    let zero = program(args.program.as_deref())?;
    let empty = starts(&|| Command::new("/bin/true"))?;
    let note = "wall time of spawning and waiting; the floor of the next rows";
    let mut rows = vec![Row::of("/bin/true", "none", "ms", empty).note(note)];
    let version = starts(&|| {
        let mut c = Command::new(&zero);
        c.arg("--version");
        c
    })?;
    rows.push(Row::of("zero --version", "none", "ms", version).reach("< 10"));
    rows.extend(status(args, &zero)?);
    Ok(rows)
}

/// `zero status` on a journal at rest, its newest snapshot at most 10,000 records old; nothing where there is no such command.
fn status(args: &BenchArgs, zero: &Path) -> Result<Option<Row>, Box<dyn Error>> {
    let dir = tempfile::tempdir_in(&args.dir)?;
    let home = dir.path().join("home");
    let quiet = |c: &mut Command| c.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let days = if args.quick { "--days=20" } else { "--days=200" };
    let mut run = Command::new(zero);
    run.arg("--home").arg(&home).args(FEES).args([
        "run",
        "--source=synthetic",
        days,
        "--clear-halts-after=3d",
    ]);
    if !quiet(&mut run)?.success() {
        return Err("the run that `zero status` is to look at failed".into());
    }
    let command = || {
        let mut c = Command::new(zero);
        c.arg("--home").arg(&home).arg("status");
        c
    };
    if !quiet(&mut command())?.success() {
        println!("left out: `zero status` (this program has no such command)");
        return Ok(None);
    }
    let note = "a journal at rest; a process of its own each time, files cached";
    Ok(Some(Row::of("zero status", "none", "ms", starts(&command)?).reach("< 10").note(note)))
}
