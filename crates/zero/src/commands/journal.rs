//! `zero journal verify|tail|checkpoint`; export, proofs and retention have their own files.

use crate::args::{CheckpointArgs, JournalCommand, TailArgs, VerifyArgs};
use crate::commands::place::{Place, directory};
use crate::commands::{export, proof, prune, show};
use crate::context::Context;
use crate::failure::Failure;
use crate::table::{line, table};
use crate::ui::Ui;
use std::process::ExitCode;
use zero_journal::{
    Checkpoint, Journal, JournalError, Reader, RealDisk, VerifyOptions, VerifyReport, verify,
};
use zero_packets::journal::{Damage, JournalCheckpoint, JournalTail, JournalVerify};
use zero_runtime::view::{self, Wanted};

pub(crate) fn run(ctx: &Context, command: &JournalCommand, ui: Ui) -> Result<ExitCode, Failure> {
    match command {
        JournalCommand::Verify(a) => check(ctx, a, ui),
        JournalCommand::Tail(a) => tail(ctx, a, ui),
        JournalCommand::Export(a) => export::run(ctx, a, ui),
        JournalCommand::Checkpoint(a) => checkpoint(ctx, a, ui),
        JournalCommand::Prove(a) => proof::run(ctx, a, ui),
        JournalCommand::Prune(a) => prune::run(ctx, a, ui),
    }
}

fn check(ctx: &Context, args: &VerifyArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let dir = args.place.dir.as_deref();
    let place = match &args.vkey {
        Some(vkey) => Place::foreign(ctx, dir, vkey)?,
        None => Place::own(ctx, dir)?,
    };
    let options = VerifyOptions { keys: &place.keys, second_place: place.second.as_deref() };
    let report = verify(&RealDisk, &place.dir, options)?;
    let packet = verified(&place, &report);
    ui.packet(&packet, || verified_text(&packet, &place))?;
    Ok(if packet.ok { ExitCode::SUCCESS } else { ExitCode::from(4) })
}

fn verified(place: &Place, r: &VerifyReport) -> JournalVerify {
    let name =
        |p: &std::path::Path| p.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let mut problems = r.problems.clone();
    for c in r.checkpoints.iter().filter(|c| !c.agrees) {
        problems.push(format!(
            "the checkpoint of {} records in {} does not agree",
            c.size,
            c.place.display()
        ));
    }
    JournalVerify {
        schema_version: Default::default(),
        path: place.dir.display().to_string(),
        origin: place.origin.clone(),
        ok: r.ok(),
        signatures_checked: r.signatures_checked,
        second_place: place.second.as_ref().map(|s| s.display().to_string()),
        records: r.records,
        facts: r.facts,
        traces: r.traces,
        kept: r.kept,
        batches: r.batches,
        segments: r.segments,
        checkpoints: r.checkpoints.iter().filter(|c| c.agrees).count() as u64,
        root: r.root.map(|d| d.to_string()),
        head: r.chain.map(|d| d.to_string()),
        snapshot: r.snapshot,
        pruned: prune::runs(&r.pruned),
        torn_bytes: r.torn.as_ref().map_or(0, |t| t.bytes),
        damage: r
            .damage
            .iter()
            .map(|d| Damage {
                segment: name(&d.segment),
                offset: d.offset,
                seq: d.seq,
                what: d.reason.clone(),
            })
            .collect(),
        problems,
    }
}

fn verified_text(p: &JournalVerify, place: &Place) -> String {
    let mut out = line("Journal", &p.path) + &line("Origin", &p.origin);
    out += &line(
        "Read",
        &format!(
            "{} records ({} facts, {} traces) in {} batches, {} segments",
            p.records, p.facts, p.traces, p.batches, p.segments
        ),
    );
    let keys = if p.signatures_checked {
        format!("held against {} keys", place.keys.len())
    } else {
        "NOT CHECKED: no key".into()
    };
    out += &line("Checkpoints", &format!("{} agree; signatures {keys}", p.checkpoints));
    out += &line("Second place", p.second_place.as_deref().unwrap_or("not known: somebody else's journal"));
    out += &line(
        "Snapshot",
        &p.snapshot.map_or_else(|| "none that matches".into(), |s| format!("matches at record {s}")),
    );
    for r in &p.pruned {
        out += &line("Pruned", &format!("records {} to {}", r.from_seq, r.to_seq.saturating_sub(1)));
    }
    if p.torn_bytes > 0 {
        let why = if place.holder().is_some() { "a writer is at work" } else { "the next start cuts it off" };
        out += &line("Torn tail", &format!("{} bytes that nothing acknowledged; {why}", p.torn_bytes));
    }
    out += &line("Root", p.root.as_deref().unwrap_or("unknown"));
    for d in &p.damage {
        out +=
            &line("DAMAGE", &format!("record {} in {} at byte {}: {}", d.seq, d.segment, d.offset, d.what));
    }
    for problem in &p.problems {
        out += &line("PROBLEM", problem);
    }
    if p.ok {
        return out + &line("Verdict", "everything verifies");
    }
    out + &line(
        "Verdict",
        "DOES NOT VERIFY: do not run on it; keep the files and restore a copy that holds the record",
    )
}

fn tail(ctx: &Context, args: &TailArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let dir = directory(ctx, args.place.dir.as_deref())?;
    let wanted = Wanted { facts_only: args.facts, kind: args.kind.clone() };
    let (records, next_seq) = view::last_records(&RealDisk, &dir, args.limit as usize, &wanted)?;
    let packet =
        JournalTail { schema_version: Default::default(), count: records.len() as u32, records, next_seq };
    ui.packet(&packet, || {
        let rows = packet.records.iter().map(|r| {
            let ts = show::when(r.ts.as_deref(), r.wall_ts.as_deref());
            [r.seq.to_string(), r.class.clone(), r.kind.clone(), ts, clipped(r.body.as_str())]
        });
        table(["seq", "class", "kind", "time", "body"], &[0], rows.collect())
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Long bodies are for `--json` and the export.
fn clipped(text: &str) -> String {
    const WIDTH: usize = 60;
    match text.char_indices().nth(WIDTH) {
        Some((at, _)) => format!("{}...", text.get(..at).unwrap_or(text)),
        None => text.to_owned(),
    }
}

fn checkpoint(ctx: &Context, args: &CheckpointArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let place = Place::own(ctx, args.place.dir.as_deref())?;
    let fresh = match place.holder() {
        Some(_) => false,
        None => match Journal::open(RealDisk, &place.dir, place.options(ctx, "journal checkpoint")?) {
            Ok((mut journal, _)) => {
                journal.checkpoint()?;
                journal.close()?;
                true
            }
            // It began a moment ago.
            Err(JournalError::Locked { .. }) => false,
            Err(e) => return Err(e.into()),
        },
    };
    let reader = Reader::open(RealDisk, &place.dir)?;
    let (checkpoint, note) = reader.checkpoint(&place.keys)?;
    let next = view::next_seq(&RealDisk, &place.dir)?;
    let packet = packet(&place, checkpoint, note, next, fresh);
    ui.packet(&packet, || {
        let how = if packet.fresh {
            "signed now"
        } else {
            "the newest; a writer is at work and signs in its own time"
        };
        let mut out = line("Checkpoint", how)
            + &line("Covers", &format!("{} records, {} not yet", packet.size, packet.uncovered));
        out += &line("Second place", packet.second_place.as_deref().unwrap_or("none"));
        out += &line("Key", &packet.vkey);
        out + "\n" + &packet.note
    })?;
    Ok(ExitCode::SUCCESS)
}

fn packet(place: &Place, c: Checkpoint, note: String, next: u64, fresh: bool) -> JournalCheckpoint {
    JournalCheckpoint {
        schema_version: Default::default(),
        uncovered: next.saturating_sub(c.size),
        origin: c.origin,
        size: c.size,
        root: c.root.to_string(),
        note,
        vkey: place.vkey(),
        fresh,
        second_place: place.second.as_ref().map(|s| s.display().to_string()),
    }
}
