//! `zero journal export`: one JSON object per line, numbers with their own digits, coins and books by name.

use crate::args::ExportArgs;
use crate::commands::place::directory;
use crate::context::Context;
use crate::failure::Failure;
use crate::private::target;
use crate::progress;
use crate::table::line;
use crate::ui::Ui;
use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use zero_core::{Digest32, Hasher};
use zero_journal::RealDisk;
use zero_packets::journal::JournalExport;
use zero_runtime::view::{self, Wanted};

pub(crate) fn run(ctx: &Context, args: &ExportArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let dir = directory(ctx, args.place.dir.as_deref())?;
    let Some(path) = &args.out else {
        if ui.is_json() {
            let hint = "name a file with --out, or leave --json out: the export is JSON lines as it is";
            return Err(Failure::new(
                "ZERO-CLI-011",
                "both the export and the packet want standard output",
                hint,
            ));
        }
        let done = write(&dir, args, BufWriter::new(io::stdout().lock()), Path::new("-"))?;
        ui.note(&format!("{} records, sha256 {}", done.records, done.digest));
        return Ok(ExitCode::SUCCESS);
    };
    let path = &target(path)?;
    let part = partial(path);
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part);
    let file = file.map_err(|e| Failure::io("write", &part, &e))?;
    let sync = file.try_clone().map_err(|e| Failure::io("write", &part, &e))?;
    let done = write(&dir, args, BufWriter::new(file), &part);
    let finish = |done: Written| {
        sync.sync_all().and_then(|()| fs::rename(&part, path)).map_err(|e| Failure::io("write", path, &e))?;
        Ok(done)
    };
    let done = done.and_then(finish).inspect_err(|_| {
        let _ = fs::remove_file(&part);
    })?;
    let packet = JournalExport {
        schema_version: Default::default(),
        path: path.display().to_string(),
        records: done.records,
        from_seq: args.from,
        to_seq: done.end,
        sha256: done.digest.to_string(),
    };
    ui.packet(&packet, || {
        line("Exported", &format!("{} records, {} to {}", packet.records, packet.from_seq, packet.to_seq))
            + &line("File", &packet.path)
            + &line("SHA-256", &packet.sha256)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn partial(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

struct Written {
    records: u64,
    end: u64,
    digest: Digest32,
}

fn write(dir: &Path, args: &ExportArgs, mut out: impl Write, place: &Path) -> Result<Written, Failure> {
    let to = args.to.unwrap_or(u64::MAX);
    let mut hasher = Hasher::new();
    let (mut records, mut end) = (0u64, args.from);
    let bar = progress::bar("export", view::next_seq(&RealDisk, dir)?.min(to).saturating_sub(args.from));
    let mut failed = None;
    let wanted = Wanted { facts_only: args.facts, kind: None };
    view::each_record(&RealDisk, dir, args.from..to, &wanted, |record| {
        let text = serde_json::to_string(&record).map_err(io::Error::from);
        let wrote = text.and_then(|mut text| {
            text.push('\n');
            hasher.update(text.as_bytes());
            out.write_all(text.as_bytes())
        });
        (records, end) = (records + 1, record.seq + 1);
        if records.is_multiple_of(1_024) {
            bar.set_position(record.seq.saturating_sub(args.from));
        }
        failed = wrote.err();
        failed.is_none()
    })?;
    bar.finish_and_clear();
    if let Some(e) = failed.or_else(|| out.flush().err()).filter(|e| e.kind() != io::ErrorKind::BrokenPipe) {
        return Err(Failure::io("write", place, &e));
    }
    Ok(Written { records, end, digest: hasher.finish() })
}
