//! Walks a journal from some place to its end, checking checksum, links, chain and leaves of every batch: the one
//! engine under recovery, reading and verification.

use crate::disk::{Disk, read_full};
use crate::error::{Damage, JournalError};
use crate::format::{
    BATCH_HEADER_LEN, BatchHeader, ChainInput, FORMAT_VERSION, HeaderFault, SEGMENT_HEADER_LEN,
    SegmentHeader, genesis_chain, split_record,
};
use crate::layout::{Layout, Part, PrunedRange};
use crate::merkle::leaf_hash;
use crate::stream::{Frame, FrameStream};
use std::ops::Range;
use std::path::PathBuf;
use zero_core::Digest32;

/// Where a batch lies on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// First seq of the segment.
    pub segment: u64,
    /// Byte offset in it.
    pub offset: u64,
}

/// A place between two batches: the next seq, the chain hash there, and the batch that ends there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// The next record.
    pub seq: u64,
    /// Chain hash before it.
    pub chain: Digest32,
    /// The batch before it; `None` at the start of what was read.
    pub last_batch: Option<Position>,
}

/// The torn end of the last write, which nothing acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Torn {
    /// The segment file.
    pub segment: PathBuf,
    /// Where it begins, in bytes.
    pub offset: u64,
    /// How many bytes.
    pub bytes: u64,
    /// The first record it would have held.
    pub first_seq: u64,
}

/// What a step of the walk found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Batch,
    Pruned(PrunedRange),
    End,
}

#[derive(Debug)]
struct Open<F> {
    first: u64,
    path: PathBuf,
    stream: FrameStream<F>,
}

#[derive(Debug)]
pub(crate) struct Scanner<D: Disk> {
    disk: D,
    layout: Layout,
    origin: Option<String>,
    at: Anchor,
    /// False at a start in the middle, where the first segment header is where the chain hash comes from.
    chain_known: bool,
    open: Option<Open<D::File>>,
    spare: Vec<u8>,
    batch: Option<(BatchHeader, Range<usize>)>,
    leaves: Vec<Digest32>,
    input: ChainInput,
    torn: Option<Torn>,
    ended: bool,
}

impl<D: Disk> Scanner<D> {
    /// From the first record.
    pub(crate) fn from_start(disk: D, layout: Layout) -> Self {
        Self::new(disk, layout, Anchor { seq: 0, chain: Digest32::ZERO, last_batch: None }, false)
    }

    /// From the start of an existing segment, whose header is believed.
    pub(crate) fn from_segment(disk: D, layout: Layout, first: u64) -> Self {
        Self::new(disk, layout, Anchor { seq: first, chain: Digest32::ZERO, last_batch: None }, false)
    }

    /// From an anchor, which is believed.
    pub(crate) fn from_anchor(disk: D, layout: Layout, at: Anchor) -> Result<Self, JournalError> {
        let mut out = Self::new(disk, layout, at, false);
        if let Some(pos) = at.last_batch.filter(|p| out.layout.segments.contains_key(&p.segment)) {
            out.open_segment(pos.segment, pos.offset)?;
            // A segment's header holds the chain before its first batch; the anchor may stand right after that batch.
            (out.at, out.chain_known) = (at, true);
            if let Some(open) = &mut out.open {
                match open.stream.skip().map_err(|e| JournalError::io("read", &open.path, e))? {
                    Some(h) if h.end_seq() == at.seq => {}
                    _ => {
                        return Err(out.damage(
                            pos.segment,
                            pos.offset,
                            "the batch before the anchor is gone",
                        ));
                    }
                }
            }
        } else if let Some(p) = out.layout.pruned.iter_mut().find(|p| p.first < at.seq && at.seq < p.end) {
            // Its batch was pruned: what was pruned with it begins, for this reader, at the anchor.
            (p.first, p.chain_in) = (at.seq, at.chain);
        }
        out.chain_known = true;
        Ok(out)
    }

    fn new(disk: D, layout: Layout, at: Anchor, chain_known: bool) -> Self {
        Self {
            disk,
            layout,
            origin: None,
            at,
            chain_known,
            open: None,
            spare: Vec::new(),
            batch: None,
            leaves: Vec::new(),
            input: ChainInput::default(),
            torn: None,
            ended: false,
        }
    }

    pub(crate) const fn at(&self) -> Anchor {
        self.at
    }

    pub(crate) fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    pub(crate) fn torn(&self) -> Option<&Torn> {
        self.torn.as_ref()
    }

    /// Header of the batch that the last step found.
    pub(crate) fn batch(&self) -> Option<&BatchHeader> {
        self.batch.as_ref().map(|(h, _)| h)
    }

    /// Whole bytes of that batch.
    pub(crate) fn frame(&self) -> &[u8] {
        match (&self.batch, &self.open) {
            (Some((_, range)), Some(open)) => open.stream.bytes(range.clone()),
            _ => &[],
        }
    }

    /// Records of that batch.
    pub(crate) fn body(&self) -> &[u8] {
        self.frame().get(BATCH_HEADER_LEN..).unwrap_or(&[])
    }

    /// Leaf hashes of that batch.
    pub(crate) fn leaves(&self) -> &[Digest32] {
        &self.leaves
    }

    pub(crate) fn step(&mut self) -> Result<Step, JournalError> {
        if self.ended {
            return Ok(Step::End);
        }
        if let (Some((h, _)), Some(open)) = (self.batch.take(), &mut self.open) {
            open.stream.advance(h.frame_len());
        }
        loop {
            let Some(open) = &mut self.open else {
                match self.next_part()? {
                    Some(step) => return Ok(step),
                    None => continue,
                }
            };
            match open.stream.peek().map_err(|e| JournalError::io("read", &open.path, e))? {
                Frame::Whole(header, range) => {
                    self.accept(header, range)?;
                    return Ok(Step::Batch);
                }
                Frame::End => {
                    // A segment without a batch is one that was just begun; the next would have the same name.
                    let empty = open.first == self.at.seq;
                    if empty && !self.layout.is_last(self.at.seq) {
                        return Err(self.damage(
                            self.at.seq,
                            SEGMENT_HEADER_LEN as u64,
                            "the segment is empty",
                        ));
                    }
                    self.ended = empty;
                    if let Some(open) = self.open.take() {
                        self.spare = open.stream.into_buf();
                    }
                    if empty {
                        return Ok(Step::End);
                    }
                }
                Frame::Bad(reason) => {
                    if let Some(step) = self.bad(reason)? {
                        return Ok(step);
                    }
                }
            }
        }
    }

    /// Enters what begins at the next seq; a step when that is not a segment.
    fn next_part(&mut self) -> Result<Option<Step>, JournalError> {
        match self.layout.part_at(self.at.seq) {
            Part::Segment => {
                let first = self.at.seq;
                if self.open_segment(first, SEGMENT_HEADER_LEN as u64)? {
                    return Ok(None);
                }
                self.ended = true;
                Ok(Some(Step::End))
            }
            Part::Pruned(p) => {
                if self.chain_known && p.chain_in != self.at.chain {
                    return Err(self.damage(p.first, 0, "the pruned range does not continue the chain"));
                }
                self.at = Anchor { seq: p.end, chain: p.chain_out, last_batch: None };
                self.chain_known = true;
                Ok(Some(Step::Pruned(p)))
            }
            Part::Missing => {
                Err(self.damage(self.at.seq, 0, "the segment is missing, but a later one exists"))
            }
            Part::End => {
                self.ended = true;
                Ok(Some(Step::End))
            }
        }
    }

    /// False when the header is the torn end of the last write.
    fn open_segment(&mut self, first: u64, offset: u64) -> Result<bool, JournalError> {
        let path = self.layout.path(first);
        let fail = |e| JournalError::io("read", &path, e);
        let file = self.disk.open_read(&path).map_err(fail)?;
        let mut head = [0u8; SEGMENT_HEADER_LEN];
        let got = read_full(&file, 0, &mut head).map_err(fail)?;
        let header = match SegmentHeader::decode(&head[..got]) {
            Ok(h) => h,
            Err(HeaderFault::Version(found)) => {
                return Err(JournalError::Version { path, found, known: FORMAT_VERSION });
            }
            Err(HeaderFault::Invalid) => {
                let bytes = crate::disk::DiskFile::len(&file).map_err(fail)?;
                // The header is synced before the first batch is written, so behind a torn one there is nothing.
                if self.layout.is_last(first) && bytes <= SEGMENT_HEADER_LEN as u64 {
                    self.torn = Some(Torn { segment: path, offset: 0, bytes, first_seq: first });
                    return Ok(false);
                }
                return Err(self.damage(first, 0, "the segment header is damaged"));
            }
        };
        if header.first_seq != first {
            return Err(self.damage(first, 16, "the segment is another one under this name"));
        }
        match &self.origin {
            Some(o) if *o != header.origin => {
                return Err(self.damage(first, 56, "the segment is of another log"));
            }
            Some(_) => {}
            None => self.origin = Some(header.origin.clone()),
        }
        if offset == SEGMENT_HEADER_LEN as u64 {
            if first == 0 && header.chain != genesis_chain(&header.origin) {
                return Err(self.damage(first, 24, "the chain does not begin at its origin"));
            }
            if self.chain_known && header.chain != self.at.chain {
                return Err(self.damage(first, 24, "the segment does not continue the chain"));
            }
            self.at.chain = header.chain;
            self.chain_known = true;
        }
        let stream = FrameStream::new(file, offset, std::mem::take(&mut self.spare));
        self.open = Some(Open { first, path, stream });
        Ok(true)
    }

    /// Checks the links of a batch whose checksum is right, and moves the chain over it.
    fn accept(&mut self, header: BatchHeader, range: Range<usize>) -> Result<(), JournalError> {
        let Some(open) = &self.open else { return Ok(()) };
        let (segment, offset) = (open.first, open.stream.offset());
        // Its checksum is right, so no torn write explains a wrong link.
        if header.first_seq != self.at.seq {
            return Err(self.damage(segment, offset, "a batch of other records stands here"));
        }
        if header.chain != self.at.chain {
            return Err(self.damage(segment, offset, "the batch does not continue the chain"));
        }
        let body = open.stream.bytes(range.start + BATCH_HEADER_LEN..range.end);
        let Some(chain) = hash_batch(&header, body, &mut self.leaves, &mut self.input) else {
            return Err(self.damage(segment, offset, "the records do not fill their batch"));
        };
        let last_batch = Some(Position { segment, offset });
        self.at = Anchor { seq: header.end_seq(), chain, last_batch };
        self.batch = Some((header, range));
        Ok(())
    }

    /// Bytes that are no batch: the torn end of the last write, or damage. `None`: the history goes on elsewhere.
    fn bad(&mut self, reason: &'static str) -> Result<Option<Step>, JournalError> {
        let seq = self.at.seq;
        let Some(open) = &mut self.open else { return Ok(Some(Step::End)) };
        let (first, offset) = (open.first, open.stream.offset());
        let fail = |e| JournalError::io("read", open.path.clone(), e);
        if !self.layout.is_last(first) {
            // A cut whose sync failed leaves the torn end in place. Nothing is missing if the next segment begins
            // with this very record; that it continues this very chain is checked on entering it.
            if seq > first && matches!(self.layout.part_at(seq), Part::Segment | Part::Pruned(_)) {
                if let Some(open) = self.open.take() {
                    self.spare = open.stream.into_buf();
                }
                return Ok(None);
            }
            return Err(self.damage(first, offset, reason));
        }
        if open.stream.later_proof_of(seq).map_err(fail)? {
            // Beside a live writer the batch may have been completed between two reads.
            open.stream.refresh();
            let again = open.stream.peek().map_err(|e| JournalError::io("read", open.path.clone(), e))?;
            if let Frame::Whole(header, range) = again {
                self.accept(header, range)?;
                return Ok(Some(Step::Batch));
            }
            return Err(self.damage(first, offset, reason));
        }
        let bytes = open.stream.written_after().map_err(fail)?;
        self.torn = Some(Torn { segment: open.path.clone(), offset, bytes, first_seq: seq });
        self.ended = true;
        Ok(Some(Step::End))
    }

    fn damage(&self, segment: u64, offset: u64, reason: &str) -> JournalError {
        let segment = self.layout.path(segment);
        JournalError::Damaged(Damage { seq: self.at.seq, segment, offset, reason: reason.to_owned() })
    }
}

/// Leaves and chain hash of a batch; `None` when its records do not exactly fill it.
pub(crate) fn hash_batch(
    header: &BatchHeader,
    body: &[u8],
    leaves: &mut Vec<Digest32>,
    input: &mut ChainInput,
) -> Option<Digest32> {
    leaves.clear();
    input.clear();
    let mut rest = body;
    for _ in 0..header.count {
        let (flags, bytes, after) = split_record(rest)?;
        let leaf = leaf_hash(bytes);
        input.push(flags, bytes.len() as u32, &leaf);
        leaves.push(leaf);
        rest = after;
    }
    rest.is_empty().then(|| input.finish(&header.chain, header.first_seq, header.prev_durable, header.count))
}
