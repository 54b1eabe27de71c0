//! Every one-bit flip of a journal, each held against its own batch and the link of the next.

use crate::disk::{Disk, read_file};
use crate::error::JournalError;
use crate::format::{
    BATCH_HEADER_LEN, BatchHeader, ChainInput, SEGMENT_HEADER_LEN, SegmentHeader, batch_crc,
};
use crate::layout::Layout;
use crate::scan::hash_batch;
use std::path::Path;
use zero_core::Digest32;

/// What a flip campaign found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlipReport {
    /// Bits flipped.
    pub flips: u64,
    /// Flips that passed the checksum and the links as they are: must be 0.
    pub undetected: u64,
    /// Flips that a forger who also mends the checksum would get past the links: must be 0.
    pub undetected_forged: u64,
}

/// Whether a batch is whole, continues `chain`, and leads to `next`, the link stored after it.
#[must_use]
pub fn batch_holds(frame: &[u8], first_seq: u64, chain: &Digest32, next: &Digest32) -> bool {
    let Some(h) = BatchHeader::decode(frame) else { return false };
    h.frame_len() == frame.len() && h.crc == batch_crc(frame) && links_hold(&h, frame, first_seq, chain, next)
}

/// Flips every `stride`-th bit of all segments in `dir`, beginning with bit `offset`.
///
/// # Errors
/// When the journal cannot be read.
pub fn flip_campaign<D: Disk>(
    disk: &D,
    dir: &Path,
    stride: u64,
    offset: u64,
) -> Result<FlipReport, JournalError> {
    let layout = Layout::read(disk, dir, None)?;
    let mut report = FlipReport::default();
    let mut bit = offset % stride.max(1);
    for &first in layout.segments.keys() {
        let mut bytes = read_file(disk, &layout.path(first), u64::MAX)?;
        let header_len = SEGMENT_HEADER_LEN.min(bytes.len());
        let (head, body) = bytes.split_at_mut(header_len);
        each_flip(head, &mut bit, stride, &mut report, &mut |h, _| {
            let holds = SegmentHeader::decode(h).is_ok();
            (holds, holds)
        });
        flip_batches(body, &mut bit, stride, &mut report);
    }
    Ok(report)
}

fn flip_batches(mut rest: &mut [u8], bit: &mut u64, stride: u64, report: &mut FlipReport) {
    let (mut leaves, mut input) = (Vec::new(), ChainInput::default());
    while let Some(h) = BatchHeader::decode(rest) {
        let (frame, after) = rest.split_at_mut(h.frame_len().min(rest.len()));
        let body = frame.get(BATCH_HEADER_LEN..).unwrap_or(&[]);
        let next = hash_batch(&h, body, &mut leaves, &mut input).unwrap_or(Digest32::ZERO);
        each_flip(frame, bit, stride, report, &mut |f, at| {
            let Some(seen) = BatchHeader::decode(f).filter(|s| s.frame_len() == f.len()) else {
                return (false, false);
            };
            // Bytes 8..12 are the checksum itself, which a forger sets as it should be.
            let forged = !(8..12).contains(&at) && links_hold(&seen, f, h.first_seq, &h.chain, &next);
            let plain = seen.crc == batch_crc(f) && links_hold(&seen, f, h.first_seq, &h.chain, &next);
            (plain, forged)
        });
        rest = after;
    }
}

/// Whether flipped bytes (and at which byte) pass, as they are and with a mended checksum.
type Judge<'a> = dyn FnMut(&[u8], usize) -> (bool, bool) + 'a;

/// Flips bits one at a time and counts those that `holds` lets pass (as they are, and with a mended checksum).
fn each_flip(bytes: &mut [u8], bit: &mut u64, stride: u64, report: &mut FlipReport, holds: &mut Judge<'_>) {
    let bits = bytes.len() as u64 * 8;
    while *bit < bits {
        let (at, mask) = ((*bit / 8) as usize, 1u8 << (*bit % 8));
        bytes[at] ^= mask;
        let (plain, forged) = holds(bytes, at);
        bytes[at] ^= mask;
        report.flips += 1;
        report.undetected += u64::from(plain);
        report.undetected_forged += u64::from(forged);
        *bit += stride.max(1);
    }
    *bit -= bits;
}

fn links_hold(h: &BatchHeader, frame: &[u8], first_seq: u64, chain: &Digest32, next: &Digest32) -> bool {
    let body = frame.get(BATCH_HEADER_LEN..).unwrap_or(&[]);
    h.first_seq == first_seq
        && h.chain == *chain
        && hash_batch(h, body, &mut Vec::new(), &mut ChainInput::default()).as_ref() == Some(next)
}
