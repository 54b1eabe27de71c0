//! Hashing beside the sync: while the disk works on a large batch, a second thread computes its leaves. The bytes of a
//! batch do not depend on them (its header links to the batches *before* it), so the order of the two does not show.

use crate::format::{BATCH_HEADER_LEN, ChainInput, RECORD_HEADER_LEN, split_record};
use crate::merkle::leaf_hash;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use zero_core::Digest32;

/// From this size on, the hand-over to a thread costs less than the hashing.
const OVERLAP_BYTES: usize = 8 << 10;

/// A batch under construction: the bytes to write, and what its hashing gives.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) frame: Vec<u8>,
    pub(crate) count: u32,
    pub(crate) leaves: Vec<Digest32>,
    pub(crate) input: ChainInput,
}

impl Batch {
    pub(crate) fn clear(&mut self) {
        self.frame.clear();
        self.frame.resize(BATCH_HEADER_LEN, 0);
        self.count = 0;
        self.leaves.clear();
        self.input.clear();
    }

    pub(crate) fn push(&mut self, flags: u8, bytes: &[u8]) {
        let mut head = [flags; RECORD_HEADER_LEN];
        head[1..].copy_from_slice(&(bytes.len() as u32).to_le_bytes());
        self.frame.extend_from_slice(&head);
        self.frame.extend_from_slice(bytes);
        self.count += 1;
    }

    /// Leaves and chain input of every record in the frame.
    fn hash(&mut self) {
        let mut rest = self.frame.get(BATCH_HEADER_LEN..).unwrap_or(&[]);
        while let Some((flags, bytes, after)) = split_record(rest) {
            let leaf = leaf_hash(bytes);
            self.input.push(flags, bytes.len() as u32, &leaf);
            self.leaves.push(leaf);
            rest = after;
        }
    }
}

/// The thread. It lives as long as the journal and touches nothing but the batch it is handed.
#[derive(Debug)]
pub(crate) struct Hasher {
    to: Option<SyncSender<Batch>>,
    from: Receiver<Batch>,
    thread: Option<JoinHandle<()>>,
}

impl Hasher {
    /// `None` when the machine gives no thread: hashing then comes first and the sync after it.
    fn spawn() -> Option<Self> {
        let (to, work) = sync_channel::<Batch>(1);
        let (done, from) = sync_channel::<Batch>(1);
        let run = move || {
            for mut batch in work {
                batch.hash();
                if done.send(batch).is_err() {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name("journal-hash".to_owned()).spawn(run).ok()?;
        Some(Self { to: Some(to), from, thread: Some(thread) })
    }
}

impl Drop for Hasher {
    fn drop(&mut self) {
        self.to = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Hashes the batch, and runs `sync` meanwhile when that is worth a hand-over. The result is that of `sync`.
pub(crate) fn beside<T>(hasher: &mut Option<Hasher>, batch: &mut Batch, sync: impl FnOnce() -> T) -> T {
    if batch.frame.len() < OVERLAP_BYTES {
        batch.hash();
        return sync();
    }
    if hasher.is_none() {
        *hasher = Hasher::spawn();
    }
    let sent = match hasher.as_ref().and_then(|h| h.to.as_ref()) {
        Some(to) => to.send(std::mem::take(batch)).map_err(|lost| *batch = lost.0).is_ok(),
        None => false,
    };
    if !sent {
        batch.hash();
        return sync();
    }
    let out = sync();
    if let Some(back) = hasher.as_ref().and_then(|h| h.from.recv().ok()) {
        *batch = back;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_hashed_beside_the_sync_is_the_batch_hashed_before_it() {
        for size in [1usize, 100, 40_000] {
            let make = || {
                let mut b = Batch::default();
                b.clear();
                for i in 0..20u8 {
                    b.push(i % 4, &vec![i; size]);
                }
                b
            };
            let (mut inline, mut handed) = (make(), make());
            inline.hash();
            let mut hasher = None;
            assert_eq!(beside(&mut hasher, &mut handed, || 7), 7);
            assert_eq!(hasher.is_some(), size >= 1_000, "only a large batch is handed over");
            assert_eq!((inline.frame, inline.leaves), (handed.frame, handed.leaves));
            let zero = Digest32::ZERO;
            assert_eq!(inline.input.finish(&zero, 1, 1, 20), handed.input.finish(&zero, 1, 1, 20));
            assert_eq!(handed.count, 20);
        }
    }
}
