//! One simulated file: what is durable, what is only in the page cache, and what a power cut leaves of it.

use zero_core::prng::Prng;

/// The unit that reaches the platter whole or not at all, in bytes.
const SECTOR: u64 = 512;

#[derive(Clone, Debug)]
enum Pending {
    Write { offset: u64, bytes: Vec<u8> },
    SetLen(u64),
}

/// How a power cut treats what was not synced.
#[derive(Clone, Copy, Debug)]
enum Fate {
    AllLost,
    AllKept,
    /// Everything up to a point, as if written in order.
    Prefix(u64),
    /// Each sector for itself: lost, torn and reordered writes.
    EachSector,
}

/// A file's content.
#[derive(Clone, Debug, Default)]
pub(super) struct SimContent {
    durable: Vec<u8>,
    live: Vec<u8>,
    pending: Vec<Pending>,
}

impl SimContent {
    pub(super) fn len(&self) -> u64 {
        self.live.len() as u64
    }

    pub(super) fn read_at(&self, offset: u64, buf: &mut [u8]) -> usize {
        let from = (offset as usize).min(self.live.len());
        let n = buf.len().min(self.live.len() - from);
        buf[..n].copy_from_slice(&self.live[from..from + n]);
        n
    }

    pub(super) fn write_at(&mut self, offset: u64, bytes: &[u8]) {
        put(&mut self.live, offset, bytes);
        self.pending.push(Pending::Write { offset, bytes: bytes.to_vec() });
    }

    pub(super) fn set_len(&mut self, len: u64) {
        self.live.resize(len as usize, 0);
        self.pending.push(Pending::SetLen(len));
    }

    pub(super) fn sync(&mut self) {
        for p in self.pending.drain(..) {
            match p {
                Pending::Write { offset, bytes } => put(&mut self.durable, offset, &bytes),
                Pending::SetLen(n) => self.durable.resize(n as usize, 0),
            }
        }
    }

    /// A failed sync: some of it reached the disk, the rest never will, and the pages are marked clean.
    pub(super) fn sync_failed(&mut self, prng: &mut Prng) {
        let live = self.live.clone();
        self.power_cut(prng);
        self.live = live;
    }

    /// Only what reached the disk remains.
    pub(super) fn power_cut(&mut self, prng: &mut Prng) {
        let total: u64 = self.pending.iter().map(Pending::sectors).sum();
        let fate = match prng.below(8) {
            0 => Fate::AllLost,
            1 => Fate::AllKept,
            2..=4 => Fate::Prefix(prng.below(total + 1)),
            _ => Fate::EachSector,
        };
        let mut nth = 0;
        for p in std::mem::take(&mut self.pending) {
            match p {
                Pending::SetLen(n) => {
                    if fate.keeps(nth, prng) {
                        self.durable.resize(n as usize, 0);
                    }
                    nth += 1;
                }
                Pending::Write { offset, bytes } => {
                    // The new length may be durable although the data is not: zeros.
                    let end = (offset + bytes.len() as u64) as usize;
                    if self.durable.len() < end && !matches!(fate, Fate::AllLost) && prng.below(4) == 0 {
                        self.durable.resize(end, 0);
                    }
                    let mut at = offset;
                    while at < end as u64 {
                        let stop = ((at / SECTOR + 1) * SECTOR).min(end as u64);
                        let piece = &bytes[(at - offset) as usize..(stop - offset) as usize];
                        // Rewriting the same bytes cannot lose them: the assumption stated at the crate's head.
                        let same = self.durable.get(at as usize..stop as usize) == Some(piece);
                        if !same && fate.keeps(nth, prng) {
                            put(&mut self.durable, at, piece);
                            if !matches!(fate, Fate::AllKept) && prng.below(32) == 0 {
                                self.spoil(at, piece.len(), prng);
                            }
                        }
                        nth += 1;
                        at = stop;
                    }
                }
            }
        }
        self.live.clone_from(&self.durable);
    }

    /// A sector that was being written when the power went holds neither the old nor the new.
    fn spoil(&mut self, at: u64, len: usize, prng: &mut Prng) {
        let noise = prng.next_u64().to_le_bytes();
        let from = at as usize + prng.below(len as u64) as usize;
        for (slot, n) in self.durable[from..at as usize + len].iter_mut().zip(noise) {
            *slot = n;
        }
    }

    /// Changes bits in place, as a fault of the medium or a forger would.
    pub(super) fn tamper(&mut self, f: impl FnOnce(&mut Vec<u8>)) {
        f(&mut self.live);
        self.durable.clone_from(&self.live);
        self.pending.clear();
    }
}

impl Fate {
    fn keeps(self, nth: u64, prng: &mut Prng) -> bool {
        match self {
            Self::AllLost => false,
            Self::AllKept => true,
            Self::Prefix(n) => nth < n,
            Self::EachSector => prng.below(2) == 0,
        }
    }
}

impl Pending {
    fn sectors(&self) -> u64 {
        match self {
            Self::Write { offset, bytes } => {
                (offset + bytes.len() as u64).div_ceil(SECTOR).saturating_sub(offset / SECTOR)
            }
            Self::SetLen(_) => 1,
        }
    }
}

fn put(content: &mut Vec<u8>, offset: u64, bytes: &[u8]) {
    let (from, end) = (offset as usize, offset as usize + bytes.len());
    if content.len() < end {
        content.resize(end, 0);
    }
    content[from..end].copy_from_slice(bytes);
}
