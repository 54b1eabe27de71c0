//! `zero doctor`: real checks, each of which can fail.

use crate::commands::place::{FEES, Place};
use crate::context::Context;
use crate::convert;
use crate::failure::Failure;
use crate::table::{bytes, table};
use crate::ui::Ui;
use std::fs::{self, File, OpenOptions};
use std::io::{self, IsTerminal as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use zero_config::{Config, KeyRing, Purpose};
use zero_core::Ts;
use zero_data::Store;
use zero_journal::{Disk as _, JournalError, Reader, RealDisk};
use zero_packets::doctor::{Check, Doctor};
use zero_runtime::runner::RunError;
use zero_runtime::view::RunView;

/// A clock before this was never set: 2026-01-01T00:00:00Z.
const EPOCH_OF_BUILD: Ts = Ts::from_ns(1_767_225_600_000_000_000);
/// Longest note.
const NOTE_MAX: usize = 300;

pub(crate) fn run(ctx: &Context, ui: Ui) -> Result<ExitCode, Failure> {
    let config = ctx.config(&[]).map(|r| r.config);
    let mut checks = vec![home(ctx), configuration(&config)];
    let lenient = ctx.config(FEES).map(|r| r.config).ok();
    checks.push(strategies(ctx, lenient.as_ref()));
    checks.extend(keys(ctx));
    checks.push(clock(ctx));
    checks.push(disk(ctx, lenient.as_ref()));
    checks.push(durability(ctx));
    checks.push(journal(ctx));
    checks.push(second_place(ctx, lenient.as_ref()));
    checks.push(data(lenient.as_ref()));
    checks.push(terminal());
    let packet = Doctor {
        schema_version: Default::default(),
        ok: checks.iter().all(|c| c.status != "fail"),
        version: env!("CARGO_PKG_VERSION").into(),
        checks,
    };
    ui.packet(&packet, || text(&packet))?;
    Ok(if packet.ok { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn check(name: &str, status: &str, note: impl Into<String>, hint: Option<&str>) -> Check {
    let note: String = note.into().chars().take(NOTE_MAX).collect();
    Check { name: name.into(), status: status.into(), note, hint: hint.map(str::to_owned) }
}

fn pass(name: &str, note: impl Into<String>) -> Check {
    check(name, "pass", note, None)
}

fn fail(name: &str, f: &Failure) -> Check {
    check(name, "fail", format!("{} [{}]", f.0.cause, f.0.code), Some(&f.0.hint))
}

fn home(ctx: &Context) -> Check {
    let dir = ctx.partition.dir();
    if !ctx.partition.exists() {
        return check("home", "fail", format!("{} is not there", dir.display()), Some("run `zero init`"));
    }
    match ctx.partition.verify() {
        Ok(()) => pass("home", format!("{}: yours alone", dir.display())),
        Err(e) => fail("home", &e.into()),
    }
}

fn configuration(config: &Result<Config, Failure>) -> Check {
    match config {
        Ok(c) => {
            let books: Vec<&str> = c.enabled_books().map(|b| b.name.as_str()).collect();
            if books.is_empty() {
                return check(
                    "configuration",
                    "warn",
                    "loads, but no book is enabled",
                    Some("enable one under [books]"),
                );
            }
            pass("configuration", format!("loads; books {}", books.join(", ")))
        }
        Err(f) => fail("configuration", f),
    }
}

/// Can the strategy of every enabled book be built, and every lens?
fn strategies(ctx: &Context, config: Option<&Config>) -> Check {
    let Some(config) = config else {
        return check("strategies", "skipped", "the configuration does not load", None);
    };
    match convert::unbuildable(ctx, config).first() {
        None => pass("strategies", "every enabled book's strategy and every lens can be built"),
        Some((key, f)) => {
            let note = format!("{key}: {} [{}]", f.0.cause, f.0.code);
            check("strategies", "fail", note, Some(&f.0.hint))
        }
    }
}

fn keys(ctx: &Context) -> Vec<Check> {
    let ring = match KeyRing::open(&ctx.partition) {
        Ok(r) => r,
        Err(e) => return vec![fail("keys", &e.into())],
    };
    let one = |purpose: &Purpose| {
        let name = format!("key.{}", purpose.name());
        match (ring.active(*purpose), ring.signing_key(*purpose)) {
            (Some(k), Ok(_)) => pass(&name, format!("number {}, {}", k.number, k.fingerprint.short())),
            (_, Err(e)) => fail(&name, &e.into()),
            (None, Ok(_)) => check(&name, "fail", "no key is active", Some("run `zero keys create`")),
        }
    };
    // The operator's own key cannot be opened here, and is needed by a live-capable runtime alone.
    Purpose::ALL.iter().filter(|p| !p.is_sealed()).map(one).collect()
}

/// Set, not behind what was already recorded, and moving.
fn clock(ctx: &Context) -> Check {
    let hint = Some("set the machine's clock and keep it synchronised");
    let now = ctx.clock.now();
    if now < EPOCH_OF_BUILD {
        return check("clock", "fail", format!("it says {now}"), hint);
    }
    if let Ok(view) = RunView::load(&RealDisk, &ctx.run_journal())
        && view.manifest.started > now
    {
        let note = format!("it says {now}, but a run began at {}", view.manifest.started);
        return check("clock", "fail", note, hint);
    }
    let begin = ctx.clock.monotonic();
    ctx.clock.sleep(Duration::from_millis(2));
    if ctx.clock.monotonic() <= begin || ctx.clock.now() < now {
        return check("clock", "fail", "it does not move forward", hint);
    }
    pass("clock", format!("{now}"))
}

fn disk(ctx: &Context, config: Option<&Config>) -> Check {
    let dir = existing(&ctx.run_journal());
    let space = match RealDisk.space(&dir) {
        Ok(s) => s,
        Err(e) => return fail("disk", &Failure::io("measure", &dir, &e)),
    };
    let Some(config) = config else {
        return check("disk", "skipped", "the configuration does not load", None);
    };
    let used = Reader::open(RealDisk, &ctx.run_journal())
        .ok()
        .and_then(|r| r.disk_usage().ok())
        .map_or(0, |u| u.total);
    let left = config.journal.disk_budget.saturating_sub(used);
    let floor = u64::try_from(config.breakers.disk_min).unwrap_or(0);
    let note = format!(
        "{} free; journal has {} of {}",
        bytes(space.free),
        bytes(used),
        bytes(config.journal.disk_budget)
    );
    let hint = Some("free space, prune the journal, or raise journal.disk_budget");
    if space.free.min(left) < floor {
        check("disk", "fail", format!("{note}; the disk breaker opens below {}", bytes(floor)), hint)
    } else if space.free < left {
        check("disk", "warn", format!("{note}; the file system has less than the budget"), hint)
    } else {
        pass("disk", note)
    }
}

/// Can a file be written, synced, renamed and removed, and its directory synced?
fn durability(ctx: &Context) -> Check {
    let dir = existing(&ctx.partition.journal());
    match probe(&dir) {
        Ok(()) => pass("durability", format!("write, sync and rename work in {}", dir.display())),
        Err(e) => fail("durability", &Failure::io("write and sync in", &dir, &e)),
    }
}

fn probe(dir: &Path) -> io::Result<()> {
    let (a, b) = (dir.join(".doctor.tmp"), dir.join(".doctor"));
    let run = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&a)?;
        file.write_all(b"zero doctor\n")?;
        file.sync_data()?;
        fs::rename(&a, &b)?;
        File::open(dir)?.sync_all()?;
        if fs::read(&b)? != b"zero doctor\n" { Err(io::ErrorKind::InvalidData.into()) } else { Ok(()) }
    };
    let result = run();
    let removed = [&a, &b].map(fs::remove_file);
    result.and_then(|()| {
        removed
            .into_iter()
            .find_map(|r| r.err().filter(|e| e.kind() != io::ErrorKind::NotFound))
            .map_or(Ok(()), Err)
    })
}

fn journal(ctx: &Context) -> Check {
    let place = match Place::own(ctx, None) {
        Ok(p) => p,
        Err(f) if f.0.code == "ZERO-JRN-009" => return check("journal", "skipped", "no run yet", None),
        Err(f) => return fail("journal", &f),
    };
    // From the newest snapshot on everything is checked; `zero journal verify` reads all of it.
    match RunView::load(&RealDisk, &place.dir) {
        Ok(v) if v.torn && place.holder().is_none() => check(
            "journal",
            "warn",
            format!("{} records and a torn tail", v.next_seq),
            Some("the next `zero run` cuts it off"),
        ),
        Ok(v) => match Reader::open(RealDisk, &place.dir).and_then(|r| r.checkpoint(&place.keys)) {
            Ok((c, _)) if c.size > v.next_seq => {
                let note = format!("a checkpoint covers {} records, {} are there", c.size, v.next_seq);
                check("journal", "fail", note, Some("run `zero journal verify`"))
            }
            Ok((c, _)) => {
                pass("journal", format!("{} records, {} under a signed checkpoint", v.next_seq, c.size))
            }
            Err(e) => fail("journal", &e.into()),
        },
        Err(RunError::Journal(e @ JournalError::Damaged(_))) => fail("journal", &e.into()),
        Err(e) => fail("journal", &e.into()),
    }
}

fn second_place(ctx: &Context, config: Option<&Config>) -> Check {
    let configured = config.and_then(|c| c.journal.second_place.as_ref()).map(PathBuf::from);
    let is_default = configured.is_none();
    let wanted = configured.unwrap_or_else(|| ctx.partition.dir().join("checkpoints").join("run"));
    let dir = existing(&wanted);
    if let Err(e) = probe(&dir) {
        return fail("second place", &Failure::io("write in", &dir, &e));
    }
    let device = |p: &Path| fs::metadata(p).map(|m| m.dev()).ok();
    let same = device(&dir) == device(&existing(&ctx.run_journal()));
    match (is_default, same) {
        (false, true) => check(
            "second place",
            "warn",
            format!("{} is on the journal's own disk", wanted.display()),
            Some("a second disk also survives the loss of the first"),
        ),
        _ => pass("second place", format!("{} can be written", wanted.display())),
    }
}

fn data(config: Option<&Config>) -> Check {
    let Some(path) = config.and_then(|c| c.data.path.as_ref()) else {
        return check("data", "skipped", "data.path is not set; the synthetic market is used", None);
    };
    match Store::open(path).and_then(|s| s.verify().map(|()| s)) {
        Ok(s) => pass("data", format!("{path}: {} rows of {} coins", s.rows(), s.manifest().coins.len())),
        Err(e) => fail("data", &e.into()),
    }
}

fn terminal() -> Check {
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|v| std::env::var(v).ok().filter(|s| !s.is_empty()));
    let utf8 = locale.as_ref().is_some_and(|l| l.to_ascii_lowercase().replace('-', "").ends_with("utf8"));
    let tty = if io::stdout().is_terminal() { "a terminal" } else { "no terminal" };
    let note = format!("{tty}, locale {}", locale.as_deref().unwrap_or("not set"));
    if utf8 {
        pass("terminal", note)
    } else {
        check("terminal", "warn", note, Some("set LANG to a UTF-8 locale for paths with other letters"))
    }
}

/// The nearest directory that exists.
fn existing(dir: &Path) -> PathBuf {
    dir.ancestors().find(|d| d.is_dir()).unwrap_or(Path::new("/")).to_owned()
}

fn text(p: &Doctor) -> String {
    let rows = p.checks.iter().map(|c| {
        let status = match c.status.as_str() {
            "pass" => "ok",
            "fail" => "FAIL",
            other => other,
        };
        let note = c.hint.as_ref().map_or_else(|| c.note.clone(), |h| format!("{}\n-> {h}", c.note));
        [status.to_owned(), c.name.clone(), note]
    });
    let verdict = if p.ok { "fit to run" } else { "NOT FIT TO RUN" };
    table(["", "check", "found"], &[], rows.collect()) + &format!("\nzero {}: {verdict}\n", p.version)
}
