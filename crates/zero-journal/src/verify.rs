//! Verification of a whole journal by someone who only reads.

use crate::disk::Disk;
use crate::error::{Damage, JournalError};
use crate::format::split_record;
use crate::layout::Layout;
use crate::note::NoteKey;
use crate::reader::Reader;
use crate::record::{Class, class_of, keep_of};
use crate::scan::{Scanner, Step, Torn};
use crate::second::read_held;
use crate::snapshot::Trust;
use crate::tile::read_tile;
use crate::tree::{TILE_WIDTH, Tree};
use std::ops::Range;
use std::path::{Path, PathBuf};
use zero_core::Digest32;

/// What to hold a journal against.
#[derive(Clone, Copy, Debug, Default)]
pub struct VerifyOptions<'a> {
    /// Keys whose signatures count, all named by the origin; empty: signatures are not checked, and the report says so.
    pub keys: &'a [NoteKey],
    /// The second place of the newest checkpoint.
    pub second_place: Option<&'a Path>,
}

/// A checkpoint and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointVerdict {
    /// Where it was found.
    pub place: PathBuf,
    /// Records it covers.
    pub size: u64,
    /// Root and chain agree.
    pub agrees: bool,
}

/// What verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// The log's identity.
    pub origin: String,
    /// Records read and checked.
    pub records: u64,
    /// Of these, facts.
    pub facts: u64,
    /// Of these, traces.
    pub traces: u64,
    /// Of these, to be kept for ever.
    pub kept: u64,
    /// Batches.
    pub batches: u64,
    /// Segments.
    pub segments: u64,
    /// Bytes of records.
    pub bytes: u64,
    /// Seq after the last record.
    pub next_seq: u64,
    /// Chain hash there.
    pub chain: Option<Digest32>,
    /// RFC 6962 root there; absent when tiles of pruned records are missing.
    pub root: Option<Digest32>,
    /// An unreadable tail that nothing acknowledged.
    pub torn: Option<Torn>,
    /// Runs that retention removed.
    pub pruned: Vec<Range<u64>>,
    /// Checkpoints found.
    pub checkpoints: Vec<CheckpointVerdict>,
    /// False when no key was given.
    pub signatures_checked: bool,
    /// Snapshot that matches, by its seq.
    pub snapshot: Option<u64>,
    /// The first damage to the records; nothing behind it was read.
    pub damage: Option<Damage>,
    /// Everything else that is wrong, one sentence each.
    pub problems: Vec<String>,
}

impl VerifyReport {
    /// Whether nothing is wrong. A torn tail is not: it is what a crash leaves.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.damage.is_none() && self.problems.is_empty() && self.checkpoints.iter().all(|c| c.agrees)
    }
}

/// Reads the whole journal in `dir` and holds it against its checkpoints.
///
/// # Errors
/// When there is no journal or the disk fails; what is wrong with the journal itself is in the report.
pub fn verify<D: Disk>(
    disk: &D,
    dir: &Path,
    options: VerifyOptions<'_>,
) -> Result<VerifyReport, JournalError> {
    let reader = Reader::open(disk.clone(), dir)?;
    let mut report = VerifyReport { signatures_checked: !options.keys.is_empty(), ..VerifyReport::default() };
    let keys = Some(options.keys).filter(|k| !k.is_empty());
    let layout = match Layout::read(disk, dir, keys) {
        Ok(l) => l,
        Err(e @ JournalError::Note { .. }) => {
            report.problems.push(e.to_string());
            return Ok(report);
        }
        Err(e) => return Err(e),
    };
    report.segments = layout.segments.len() as u64;
    let mut heads = read_heads(disk, dir, options, &mut report)?;
    heads.sort_by_key(|h| h.size);
    match walk(disk, dir, layout, &heads, &mut report) {
        Ok(()) => {}
        Err(JournalError::Damaged(d)) => report.damage = Some(d),
        Err(e @ (JournalError::Version { .. } | JournalError::Origin { .. })) => {
            report.problems.push(e.to_string());
        }
        Err(e) => return Err(e),
    }
    if let (Some(torn), Some(h)) = (&report.torn, heads.iter().find(|h| h.size > report.next_seq)) {
        report.damage = Some(Damage {
            seq: report.next_seq,
            segment: torn.segment.clone(),
            offset: torn.offset,
            reason: format!("unreadable, though a checkpoint of {} records covers it", h.size),
        });
    }
    let trust = keys.map_or(Trust::Unsigned, Trust::Keys);
    report.snapshot = reader.find_snapshot(trust, |s, beside| beside.read().map(|_| s.anchor.seq))?;
    Ok(report)
}

struct Head {
    size: u64,
    root: Digest32,
    chain: Option<Digest32>,
    place: PathBuf,
}

fn read_heads<D: Disk>(
    disk: &D,
    dir: &Path,
    options: VerifyOptions<'_>,
    report: &mut VerifyReport,
) -> Result<Vec<Head>, JournalError> {
    let Some(origin) = options.keys.first().map(|k| k.name.clone()) else { return Ok(Vec::new()) };
    let held = match read_held(disk, dir, options.second_place, &origin, options.keys) {
        Ok(h) => h,
        Err(e @ JournalError::SecondPlace { .. }) => {
            report.problems.push(e.to_string());
            read_held(disk, dir, None, &origin, options.keys)?
        }
        Err(e) => return Err(e),
    };
    if let Some(second) = options.second_place
        && !crate::second::has_durable_copy(&held, second)
    {
        report.problems.push(format!("the second place {} holds no checkpoint", second.display()));
    }
    let head = |h: crate::second::Held| Head {
        size: h.checkpoint.size,
        root: h.checkpoint.root,
        chain: h.checkpoint.chain,
        place: h.place,
    };
    Ok(held.into_iter().map(head).collect())
}

fn walk<D: Disk>(
    disk: &D,
    dir: &Path,
    layout: Layout,
    heads: &[Head],
    report: &mut VerifyReport,
) -> Result<(), JournalError> {
    let mut scanner = Scanner::from_start(disk.clone(), layout);
    let mut tree = Some(Tree::default());
    let mut expect = heads.iter().peekable();
    let mut judge = |tree: &mut Tree, chain: Option<&Digest32>, report: &mut VerifyReport| {
        while let Some(h) = expect.next_if(|h| h.size == tree.size()) {
            let chain_fits = h.chain.is_none() || chain.is_none() || h.chain.as_ref() == chain;
            let agrees = tree.root() == h.root && chain_fits;
            report.checkpoints.push(CheckpointVerdict { place: h.place.clone(), size: h.size, agrees });
        }
    };
    if let Some(t) = &mut tree {
        judge(t, None, report);
    }
    loop {
        match scanner.step()? {
            Step::Batch => {
                count(scanner.body(), report);
                report.batches += 1;
                report.records += scanner.leaves().len() as u64;
                report.next_seq = scanner.at().seq;
                if let Some(t) = &mut tree {
                    for leaf in scanner.leaves() {
                        t.push(*leaf);
                        let end = t.size() == scanner.at().seq;
                        judge(t, end.then_some(&scanner.at().chain).or(Some(&Digest32::ZERO)), report);
                    }
                    check_tiles(disk, dir, t, report)?;
                }
            }
            Step::Pruned(p) => {
                report.pruned.push(p.first..p.end);
                report.next_seq = p.end;
                if let Some(mut t) = tree.take() {
                    if push_tiles(disk, dir, &mut t, p.first..p.end)? {
                        judge(&mut t, None, report);
                        tree = Some(t);
                    } else {
                        report
                            .problems
                            .push(format!("hash tiles of pruned records {}..{} are missing", p.first, p.end));
                    }
                }
            }
            Step::End => break,
        }
    }
    report.origin = scanner.origin().unwrap_or_default().to_owned();
    report.next_seq = scanner.at().seq;
    report.chain = Some(scanner.at().chain);
    report.root = tree.as_mut().map(Tree::root);
    report.torn = scanner.torn().cloned();
    for h in expect {
        report.checkpoints.push(CheckpointVerdict { place: h.place.clone(), size: h.size, agrees: false });
    }
    Ok(())
}

fn count(body: &[u8], report: &mut VerifyReport) {
    let mut rest = body;
    while let Some((flags, bytes, after)) = split_record(rest) {
        match class_of(flags) {
            Class::Fact => report.facts += 1,
            Class::Trace => report.traces += 1,
        }
        report.kept += u64::from(keep_of(flags));
        report.bytes += bytes.len() as u64;
        rest = after;
    }
}

/// Full tiles on disk must say what the records say; a missing one is no problem, it can be made again.
fn check_tiles<D: Disk>(
    disk: &D,
    dir: &Path,
    tree: &mut Tree,
    report: &mut VerifyReport,
) -> Result<(), JournalError> {
    for t in tree.full() {
        if let Some(found) = read_tile(disk, dir, t.level, t.index, TILE_WIDTH)?
            && found != t.hashes
        {
            report
                .problems
                .push(format!("hash tile {} of level {} differs from the records", t.index, t.level));
        }
    }
    tree.forget_full();
    Ok(())
}

fn push_tiles<D: Disk>(
    disk: &D,
    dir: &Path,
    tree: &mut Tree,
    range: Range<u64>,
) -> Result<bool, JournalError> {
    let width = TILE_WIDTH as u64;
    for index in range.start / width..range.end.div_ceil(width) {
        let Some(tile) = read_tile(disk, dir, 0, index, TILE_WIDTH)? else { return Ok(false) };
        for (leaf, seq) in tile.iter().zip(index * width..) {
            if range.contains(&seq) {
                tree.push(*leaf);
            }
        }
    }
    tree.forget_full();
    Ok(true)
}
