//! `zero journal prune`: retention. What must stay, stays; without `--apply` nothing is removed.

use crate::args::PruneArgs;
use crate::commands::place::{FEES, Place};
use crate::context::Context;
use crate::failure::Failure;
use crate::table::{bytes, line};
use crate::ui::Ui;
use std::ops::Range;
use std::process::ExitCode;
use zero_core::Ts;
use zero_journal::{Journal, PruneReport, RealDisk};
use zero_packets::journal::{JournalPrune, SeqRange};
use zero_runtime::retention::{self, Bound};

pub(crate) fn run(ctx: &Context, args: &PruneArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let place = Place::own(ctx, args.place.dir.as_deref())?;
    let (before, why) = bound(ctx, args, &place)?;
    let cited = args.cite.iter().map(|c| range(c)).collect::<Result<Vec<_>, _>>()?;
    let report = if args.apply {
        let (mut journal, _) = Journal::open(RealDisk, &place.dir, place.options(ctx, "journal prune")?)?;
        let report = journal.prune(before, &cited)?;
        journal.close()?;
        report
    } else {
        retention::preview(&RealDisk, &place.dir, before, &cited)?
    };
    let packet = packet(&place, args, before, why, &report);
    ui.packet(&packet, || text(&packet))?;
    Ok(ExitCode::SUCCESS)
}

/// Never past the newest snapshot: recovery begins there.
fn bound(ctx: &Context, args: &PruneArgs, place: &Place) -> Result<(u64, String), Failure> {
    let (wanted, why) = match &args.before {
        Some(text) => match (text.parse().ok(), Ts::parse_iso(text)) {
            (Some(seq), _) => (Bound::Seq(seq), format!("before record {seq}")),
            (None, Some(time)) => (Bound::Time(time), format!("before {time}")),
            (None, None) => {
                let cause = format!("{text:?} is neither a record nor a time");
                return Err(Failure::new("ZERO-CLI-011", cause, "write 12000, or 2026-01-31T00:00:00Z"));
            }
        },
        None => match ctx.config(FEES)?.config.journal.retain {
            Some(age) => (
                Bound::Age(age),
                format!("older than journal.retain, {}", zero_config::value::duration_text(age)),
            ),
            None => {
                let hint = "name a bound with --before, or set journal.retain";
                return Err(Failure::new(
                    "ZERO-CLI-016",
                    "retention is not configured and no bound was given",
                    hint,
                ));
            }
        },
    };
    let found = retention::bound(&RealDisk, &place.dir, wanted)?;
    let why = if found.at_snapshot { format!("{why}, cut at the newest snapshot") } else { why };
    Ok((found.before, why))
}

fn range(text: &str) -> Result<Range<u64>, Failure> {
    let parsed = text.split_once("..").and_then(|(a, b)| Some(a.parse().ok()?..b.parse().ok()?));
    parsed.ok_or_else(|| {
        Failure::new("ZERO-CLI-011", format!("{text:?} is not a range"), "write FROM..TO, such as 100..250")
    })
}

fn packet(place: &Place, args: &PruneArgs, before: u64, bound: String, r: &PruneReport) -> JournalPrune {
    JournalPrune {
        schema_version: Default::default(),
        path: place.dir.display().to_string(),
        dry_run: !args.apply,
        before_seq: before,
        bound,
        removed: runs(&r.removed),
        bytes: r.bytes,
        kept_segments: r.kept,
    }
}

/// Runs of records, neighbours joined.
pub(crate) fn runs(ranges: &[Range<u64>]) -> Vec<SeqRange> {
    let mut out: Vec<SeqRange> = Vec::new();
    for r in ranges {
        match out.last_mut() {
            Some(last) if last.to_seq == r.start => last.to_seq = r.end,
            _ => out.push(SeqRange { from_seq: r.start, to_seq: r.end }),
        }
    }
    out
}

fn text(p: &JournalPrune) -> String {
    let mut out = line("Journal", &p.path) + &line("Bound", &format!("record {}: {}", p.before_seq, p.bound));
    let verb = if p.dry_run { "would remove" } else { "removed" };
    let runs: Vec<String> =
        p.removed.iter().map(|r| format!("{} to {}", r.from_seq, r.to_seq.saturating_sub(1))).collect();
    let runs = if runs.is_empty() { "nothing".to_owned() } else { format!("records {}", runs.join(", ")) };
    out += &line("Retention", &format!("{verb} {runs}, {}", bytes(p.bytes)));
    out += &line(
        "Kept",
        &format!("{} older segments, for records that must stay or are cited", p.kept_segments),
    );
    if p.dry_run { out + "\nNothing was removed; --apply does it.\n" } else { out }
}
