//! What a writer does before it may append: walk the history, hold it against the signed checkpoints, and cut off
//! the torn end of the last write.

use crate::checkpoint::Checkpoint;
use crate::disk::{Disk, DiskFile, Durability, create_dir_synced, replace_file, write_full};
use crate::error::{Damage, JournalError};
use crate::format::{SEGMENT_HEADER_LEN, SegmentHeader, genesis_chain};
use crate::layout::{CHECKPOINT, Layout, segment_path};
use crate::merkle::empty_root;
use crate::options::{OpenCheck, Options};
use crate::scan::{Anchor, Position, Scanner, Step, Torn};
use crate::second::{Held, has_durable_copy, read_held, write_checkpoint};
use crate::tile::{read_tile, tile_width};
use crate::tree::{TILE_WIDTH, Tree};
use std::path::Path;
use zero_core::Digest32;

/// Tiles remembered for rewriting, 8 KiB each; those beyond can be made from the records when needed.
const MAX_STALE_TILES: usize = 1024;

/// What opening found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Seq of the next record.
    pub next_seq: u64,
    /// Chain hash before it.
    pub chain: Digest32,
    /// The torn end of the last write, now cut off; nothing in it was acknowledged.
    pub torn: Option<Torn>,
    /// True when there was no journal and one was begun.
    pub created: bool,
    /// The newest checkpoint that the journal was found to agree with.
    pub checkpoint: Option<Checkpoint>,
    /// Records whose bytes were re-read and checked.
    pub records_checked: u64,
}

/// A journal ready to append to.
#[derive(Debug)]
pub(crate) struct Ready<F> {
    pub(crate) file: F,
    pub(crate) segment: u64,
    pub(crate) len: u64,
    pub(crate) at: Anchor,
    pub(crate) tree: Tree,
    pub(crate) opened: Opened,
    /// Records covered by the checkpoint that is durable in the second place.
    pub(crate) covered: u64,
}

/// State of the walk so far.
struct Walk {
    at: Anchor,
    tree: Tree,
    torn: Option<Torn>,
    last_frame: Vec<u8>,
    records: u64,
}

pub(crate) fn recover<D: Disk>(
    disk: &D,
    dir: &Path,
    options: &Options,
) -> Result<Ready<D::File>, JournalError> {
    create_dir_synced(disk, &options.second_place)?;
    let keys = options.keys();
    let held = read_held(disk, dir, Some(&options.second_place), &options.origin, &keys)?;
    let layout = Layout::read(disk, dir, Some(&keys))?;
    if layout.is_empty() {
        return begin(disk, dir, options, &held, None);
    }
    let walk = walk(disk, dir, &layout, options, &held)?;
    if walk.at.seq == 0 && walk.torn.as_ref().is_some_and(|t| t.offset == 0) {
        return begin(disk, dir, options, &held, walk.torn);
    }
    if !has_durable_copy(&held, &options.second_place) {
        return Err(JournalError::SecondPlace {
            path: options.second_place.clone(),
            reason: "there is no checkpoint file, but the journal has records".to_owned(),
        });
    }
    resume(disk, dir, options, &held, walk)
}

/// The first segment of a new journal; its second place first, so that no journal ever exists without one.
fn begin<D: Disk>(
    disk: &D,
    dir: &Path,
    options: &Options,
    held: &[Held],
    torn: Option<Torn>,
) -> Result<Ready<D::File>, JournalError> {
    if let Some(h) = held.last().filter(|h| h.checkpoint.size > 0) {
        return Err(rollback(h, "the journal is empty".to_owned()));
    }
    let chain = genesis_chain(&options.origin);
    let checkpoint =
        Checkpoint { origin: options.origin.clone(), size: 0, root: empty_root(), chain: Some(chain) };
    let note = checkpoint.sign(options.signer.as_ref()).map_err(JournalError::Option)?;
    write_checkpoint(disk, dir, &options.second_place, &note)?;
    let file = create_segment(disk, dir, 0, &chain, &options.origin)?;
    let at = Anchor { seq: 0, chain, last_batch: None };
    let opened =
        Opened { next_seq: 0, chain, torn, created: true, checkpoint: Some(checkpoint), records_checked: 0 };
    let len = SEGMENT_HEADER_LEN as u64;
    Ok(Ready { file, segment: 0, len, at, tree: Tree::default(), opened, covered: 0 })
}

/// A new segment with its header, both durable before anything is written behind it.
pub(crate) fn create_segment<D: Disk>(
    disk: &D,
    dir: &Path,
    first_seq: u64,
    chain: &Digest32,
    origin: &str,
) -> Result<D::File, JournalError> {
    let path = segment_path(dir, first_seq);
    let fail = |e| JournalError::io("create", &path, e);
    let mut file = disk.create(&path).map_err(fail)?;
    let header = SegmentHeader { first_seq, chain: *chain, origin: origin.to_owned() };
    write_full(&mut file, 0, &header.encode()).map_err(fail)?;
    file.sync_data().map_err(fail)?;
    disk.sync_dir(dir).map_err(|e| JournalError::io("sync", dir, e))?;
    Ok(file)
}

fn walk<D: Disk>(
    disk: &D,
    dir: &Path,
    layout: &Layout,
    options: &Options,
    held: &[Held],
) -> Result<Walk, JournalError> {
    // The segment of the last record covered, not of the next: that one may be empty or torn, and could then vouch
    // for no chain hash.
    if options.check == OpenCheck::Tail
        && let Some(published) = held.iter().rev().find(|h| h.place.ends_with(CHECKPOINT))
        && let Some(first) = layout.segment_of(published.checkpoint.size.saturating_sub(1)).filter(|f| *f > 0)
        && let Some(tree) = load_edge(disk, dir, first, published.checkpoint.size)?
    {
        let later: Vec<Held> = held.iter().filter(|h| h.checkpoint.size >= first).cloned().collect();
        let scanner = Scanner::from_segment(disk.clone(), layout.clone(), first);
        match walk_from(disk, dir, options, &later, scanner, tree) {
            // Perhaps only the tiles are wrong, which the records can tell.
            Err(JournalError::Rollback { .. }) => {}
            other => return other,
        }
    }
    let scanner = Scanner::from_start(disk.clone(), layout.clone());
    walk_from(disk, dir, options, held, scanner, Tree::default())
}

fn walk_from<D: Disk>(
    disk: &D,
    dir: &Path,
    options: &Options,
    held: &[Held],
    mut scanner: Scanner<D>,
    mut tree: Tree,
) -> Result<Walk, JournalError> {
    let start = tree.size();
    let mut expect = held.iter().skip_while(|h| h.checkpoint.size < start).peekable();
    let mut last_frame = Vec::new();
    let mut stale_tiles = Vec::new();
    let mut records = 0;
    check_head(&mut expect, &mut tree, None)?;
    loop {
        match scanner.step()? {
            Step::Batch => {
                check_origin(&scanner, options)?;
                let end_chain = scanner.at().chain;
                let (last, leaves) = (scanner.at().seq, scanner.leaves());
                records += leaves.len() as u64;
                for leaf in leaves {
                    tree.push(*leaf);
                    if expect.peek().is_some_and(|h| h.checkpoint.size == tree.size()) {
                        let chain = (tree.size() == last).then_some(&end_chain);
                        check_head(&mut expect, &mut tree, Some(chain))?;
                    }
                }
                last_frame.clear();
                last_frame.extend_from_slice(scanner.frame());
            }
            Step::Pruned(p) => {
                push_pruned(disk, dir, &mut tree, p.first..p.end, &mut |tree| {
                    check_head(&mut expect, tree, None)
                })?;
                last_frame.clear();
            }
            Step::End => break,
        }
        for tile in tree.take_full() {
            // Tiles are not synced: a power cut may have torn some, which are written again with the next checkpoint.
            let on_disk = read_tile(disk, dir, tile.level, tile.index, TILE_WIDTH)?;
            if on_disk.as_ref() != Some(&tile.hashes) && stale_tiles.len() < MAX_STALE_TILES {
                stale_tiles.push(tile);
            }
        }
    }
    tree.put_back_full(stale_tiles);
    check_origin(&scanner, options)?;
    let at = scanner.at();
    let torn = scanner.torn().cloned();
    if let Some(h) = expect.peek() {
        return Err(match &torn {
            Some(t) => JournalError::Damaged(Damage {
                seq: at.seq,
                segment: t.segment.clone(),
                offset: t.offset,
                reason: format!("unreadable, though a checkpoint of {} records covers it", h.checkpoint.size),
            }),
            None => rollback(h, format!("the journal ends at record {}", at.seq)),
        });
    }
    Ok(Walk { at, tree, torn, last_frame, records })
}

fn check_origin<D: Disk>(scanner: &Scanner<D>, options: &Options) -> Result<(), JournalError> {
    match scanner.origin() {
        Some(o) if o != options.origin => {
            Err(JournalError::Origin { found: o.to_owned(), wanted: options.origin.clone() })
        }
        _ => Ok(()),
    }
}

/// Holds the tree against every checkpoint of its size. `chain`: not known here, or known (or between batches).
fn check_head<'a>(
    expect: &mut std::iter::Peekable<impl Iterator<Item = &'a Held>>,
    tree: &mut Tree,
    chain: Option<Option<&Digest32>>,
) -> Result<(), JournalError> {
    while let Some(h) = expect.next_if(|h| h.checkpoint.size == tree.size()) {
        if tree.root() != h.checkpoint.root {
            return Err(rollback(h, "the records before it are not those that were signed".to_owned()));
        }
        if let (Some(signed), Some(found)) = (&h.checkpoint.chain, chain)
            && found != Some(signed)
        {
            return Err(rollback(
                h,
                "classes or batches before it are not those that were signed".to_owned(),
            ));
        }
    }
    Ok(())
}

fn rollback(h: &Held, reason: String) -> JournalError {
    JournalError::Rollback { size: h.checkpoint.size, place: h.place.clone(), reason }
}

/// Leaves of pruned records come from the hash tiles.
fn push_pruned<D: Disk>(
    disk: &D,
    dir: &Path,
    tree: &mut Tree,
    range: std::ops::Range<u64>,
    check: &mut dyn FnMut(&mut Tree) -> Result<(), JournalError>,
) -> Result<(), JournalError> {
    let mut seq = range.start;
    while seq < range.end {
        let (index, from) = (seq / TILE_WIDTH as u64, (seq % TILE_WIDTH as u64) as usize);
        let Some(tile) = read_tile(disk, dir, 0, index, TILE_WIDTH)? else {
            return Err(JournalError::Damaged(Damage {
                seq,
                segment: dir.join(crate::tile::tile_path(0, index, TILE_WIDTH)),
                offset: 0,
                reason: "the hash tile of pruned records is missing or cut".to_owned(),
            }));
        };
        let upto = ((range.end - seq) as usize).min(TILE_WIDTH - from);
        for leaf in tile.iter().skip(from).take(upto) {
            tree.push(*leaf);
            check(tree)?;
        }
        seq += upto as u64;
    }
    Ok(())
}

/// The right edge of the tree at `size` from the tiles published for `published`; `None` when some are not there.
fn load_edge<D: Disk>(disk: &D, dir: &Path, size: u64, published: u64) -> Result<Option<Tree>, JournalError> {
    let mut edge = Vec::new();
    let mut level = 0u8;
    while size >> (8 * u32::from(level)) > 0 {
        let index = (size >> (8 * u32::from(level))) / TILE_WIDTH as u64;
        let width = tile_width(level, index, size);
        let wide = tile_width(level, index, published).max(width);
        match if width == 0 { Some(Vec::new()) } else { read_tile(disk, dir, level, index, wide)? } {
            Some(mut hashes) => {
                hashes.truncate(width);
                edge.push(hashes);
            }
            None => return Ok(None),
        }
        level += 1;
        if level == 8 {
            break;
        }
    }
    Ok(Some(Tree::from_edge(size, edge)))
}

/// Cuts the torn end and makes the last batch durable again.
fn resume<D: Disk>(
    disk: &D,
    dir: &Path,
    options: &Options,
    held: &[Held],
    walk: Walk,
) -> Result<Ready<D::File>, JournalError> {
    let Walk { at, tree, torn, last_frame, records } = walk;
    let published = dir.join(CHECKPOINT);
    if !held.iter().any(|h| h.place == published)
        && let Some(copy) = held.iter().rev().find(|h| h.place.ends_with(CHECKPOINT))
    {
        replace_file(disk, &published, &[copy.note.as_bytes()], Durability::Cached)?;
    }
    let origin = &options.origin;
    let segment = Layout::read(disk, dir, None)?.segments.keys().next_back().copied().unwrap_or(at.seq);
    let torn_header = torn.as_ref().is_some_and(|t| t.offset == 0);
    let (file, segment, len) = match at.last_batch.filter(|p| p.segment == segment && !torn_header) {
        Some(Position { offset, .. }) => {
            let path = segment_path(dir, segment);
            let fail = |e| JournalError::io("recover", &path, e);
            let mut file = disk.open_write(&path).map_err(fail)?;
            let len = offset + last_frame.len() as u64;
            if file.len().map_err(fail)? > len {
                file.set_len(len).map_err(fail)?;
            }
            // After a failed sync the page cache may show a batch that never reached the disk and that no later
            // sync would write: write it again, so that what follows stands on something durable.
            write_full(&mut file, offset, &last_frame).map_err(fail)?;
            file.sync_data().map_err(fail)?;
            disk.sync_dir(dir).map_err(|e| JournalError::io("sync", dir, e))?;
            (file, segment, len)
        }
        // A segment without batches, whole or torn, or none after a pruned range: begin it again.
        None => (create_segment(disk, dir, at.seq, &at.chain, origin)?, at.seq, SEGMENT_HEADER_LEN as u64),
    };
    let opened = Opened {
        next_seq: at.seq,
        chain: at.chain,
        torn,
        created: false,
        checkpoint: held.last().map(|h| h.checkpoint.clone()),
        records_checked: records,
    };
    let covered = held.last().map_or(0, |h| h.checkpoint.size);
    Ok(Ready { file, segment, len, at, tree, opened, covered })
}
