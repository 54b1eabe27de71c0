//! `zero journal prove`: proofs that others can check with the verifier key alone.

use crate::args::ProveArgs;
use crate::commands::place::Place;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::line;
use crate::ui::Ui;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use zero_journal::merkle::leaf_hash;
use zero_journal::{JournalError, Reader, RealDisk};
use zero_packets::journal::JournalProof;

pub(crate) fn run(ctx: &Context, args: &ProveArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let place = Place::own(ctx, args.place.dir.as_deref())?;
    let reader = Reader::open(RealDisk, &place.dir)?;
    let mut packet = match (args.seq, args.from_size) {
        (Some(seq), _) => inclusion(&place, &reader, seq, args.out.as_deref())?,
        (None, Some(from)) => consistency(&place, &reader, from, args.to_size)?,
        (None, None) => {
            return Err(Failure::new("ZERO-CLI-011", "nothing to prove", "name a record or --from-size"));
        }
    };
    if let Some(dir) = &args.out {
        let name = match packet.index {
            Some(seq) => format!("record-{seq}.tlog-proof"),
            None => format!("consistency-{}-{}.txt", packet.old_size.unwrap_or(0), packet.size),
        };
        packet.files.push(write(dir, &name, packet.text.as_bytes())?);
    }
    ui.packet(&packet, || {
        if packet.files.is_empty() {
            return packet.text.clone();
        }
        let what = match packet.index {
            Some(seq) => format!("record {seq} is in the journal of {} records", packet.size),
            None => format!(
                "the first {} records begin the journal of {}",
                packet.old_size.unwrap_or(0),
                packet.size
            ),
        };
        line("Proves", &what) + &line("Files", &packet.files.join("\n")) + &line("Key", &packet.vkey)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn inclusion(
    place: &Place,
    reader: &Reader<RealDisk>,
    seq: u64,
    out: Option<&Path>,
) -> Result<JournalProof, Failure> {
    let proof = reader.prove(seq, &place.keys)?;
    let (checkpoint, _) = reader.checkpoint(&place.keys)?;
    let files = match out {
        Some(dir) => vec![write(dir, &format!("record-{seq}.leaf"), &proof.leaf)?],
        None => Vec::new(),
    };
    Ok(JournalProof {
        schema_version: Default::default(),
        kind: "inclusion".into(),
        index: Some(seq),
        leaf: Some(leaf_hash(&proof.leaf).to_string()),
        old_size: None,
        old_root: None,
        size: checkpoint.size,
        root: checkpoint.root.to_string(),
        hashes: hashes(&proof.text, 2),
        text: proof.text,
        vkey: place.vkey(),
        files,
    })
}

fn consistency(
    place: &Place,
    reader: &Reader<RealDisk>,
    from: u64,
    to: Option<u64>,
) -> Result<JournalProof, Failure> {
    let (checkpoint, _) = reader.checkpoint(&place.keys)?;
    if let Some(to) = to.filter(|to| *to != checkpoint.size) {
        let e = JournalError::OutOfRange { seq: to, size: checkpoint.size };
        let cause = format!(
            "only the newest checkpoint, of {} records, is signed; {to} is not its size",
            checkpoint.size
        );
        return Err(Failure::new(
            e.code(),
            cause,
            "leave --to-size out, or sign one with `zero journal checkpoint`",
        ));
    }
    let text = reader.prove_consistency(from, &place.keys)?;
    Ok(JournalProof {
        schema_version: Default::default(),
        kind: "consistency".into(),
        index: None,
        leaf: None,
        old_size: Some(from),
        old_root: Some(reader.root_at(from)?.to_string()),
        size: checkpoint.size,
        root: checkpoint.root.to_string(),
        hashes: hashes(&text, 1),
        text,
        vkey: place.vkey(),
        files: Vec::new(),
    })
}

/// The hash lines of a proof: those between its head and the blank line.
fn hashes(text: &str, head: usize) -> Vec<String> {
    text.lines().skip(head).take_while(|l| !l.is_empty()).map(str::to_owned).collect()
}

fn write(dir: &Path, name: &str, bytes: &[u8]) -> Result<String, Failure> {
    fs::create_dir_all(dir).map_err(|e| Failure::io("make", dir, &e))?;
    let path = dir.join(name);
    fs::write(&path, bytes).map_err(|e| Failure::io("write", &path, &e))?;
    Ok(path.display().to_string())
}
