//! The bytes on disk, format version 1. A released version is never changed; a new one gets a new number and
//! the fixtures of all older ones must open for ever.
//!
//! ```text
//! <dir>/LOCK                      one writer; text naming its holder
//! <dir>/<first_seq, 20 digits>.seg
//! <dir>/checkpoint                newest checkpoint, a C2SP signed note
//! <dir>/tile/<L>/<N>[.p/<W>]      hash tiles, C2SP tlog-tiles
//! <dir>/snapshot/<seq, 20 digits>.snap
//! <dir>/pruned                    signed list of the segments that retention removed
//! <second place>/checkpoint       durable copy; checkpoint.latest: newest, not synced
//! ```
//!
//! All integers are little-endian. A segment is a header of 512 bytes and batches, nothing between them; after the
//! last one there may be zeros, written ahead so that a batch does not have to grow the file:
//!
//! ```text
//! segment header            batch
//!   0  8 "ZEROJRNL"           0  4 "ZBAT"
//!   8  4 format version       4  4 length of the records that follow the 64 bytes
//!  12  4 CRC-32C of the       8  4 CRC-32C of bytes 0..8 and 12..end
//!        other 508 bytes     12  4 number of records, at least 1
//!  16  8 first_seq           16  8 first_seq
//!  24 32 chain hash before   24  8 prev_durable: records known durable when it was written
//!  56  2 length of origin    32 32 chain hash before this batch
//!  58  . origin, zeros       64  . records: flags 1 (bit 0 trace, bit 1 keep), length 4, bytes
//! ```
//!
//! Leaf of a record: `SHA-256(0x00 ‖ bytes)` (RFC 6962 section 2.1). Chain hash after a batch:
//! `SHA-256(chain before ‖ first_seq ‖ prev_durable ‖ count ‖ for each record: flags ‖ length ‖ leaf)`; before
//! the first batch it is `SHA-256("zero.journal/genesis/v1\n" ‖ origin)`. Hashing leaves rather than bytes means each
//! byte is hashed once for chain and tree together, and that the chain can be checked by someone who may see
//! only some of the records.
//!
//! A batch is written only when all before it are durable, so a valid batch whose `prev_durable` is above a hole
//! proves that the hole was once acknowledged; a hole that nothing proves is the torn end of the last write.

use crate::record::flags_known;
use zero_core::Digest32;

/// The format this program writes.
pub const FORMAT_VERSION: u32 = 1;
/// Bytes before the first batch of a segment.
pub const SEGMENT_HEADER_LEN: usize = 512;
/// Bytes before the first record of a batch.
pub const BATCH_HEADER_LEN: usize = 64;
/// Bytes before the content of a record.
pub const RECORD_HEADER_LEN: usize = 5;
/// The longest origin line, in bytes.
pub const MAX_ORIGIN_LEN: usize = 256;
/// The most bytes of records in one batch; a length above it is damage, whatever the options say.
pub const MAX_BATCH_BYTES: u32 = 1 << 28;

const SEGMENT_MAGIC: [u8; 8] = *b"ZEROJRNL";
pub(crate) const BATCH_MAGIC: [u8; 4] = *b"ZBAT";

/// What a segment says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentHeader {
    /// Of its first record.
    pub first_seq: u64,
    /// Chain hash before its first record.
    pub chain: Digest32,
    /// The log's identity, the first line of its checkpoints.
    pub origin: String,
}

/// Why a segment header is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderFault {
    /// It is not one, or its checksum fails.
    Invalid,
    /// Written by another format version.
    Version(u32),
}

impl SegmentHeader {
    /// The 512 bytes.
    #[must_use]
    pub fn encode(&self) -> [u8; SEGMENT_HEADER_LEN] {
        let mut out = [0u8; SEGMENT_HEADER_LEN];
        out[0..8].copy_from_slice(&SEGMENT_MAGIC);
        out[8..12].copy_from_slice(&FORMAT_VERSION.to_le_bytes());
        out[16..24].copy_from_slice(&self.first_seq.to_le_bytes());
        out[24..56].copy_from_slice(&self.chain.0);
        let origin = self.origin.as_bytes();
        let n = origin.len().min(MAX_ORIGIN_LEN);
        out[56..58].copy_from_slice(&(n as u16).to_le_bytes());
        out[58..58 + n].copy_from_slice(&origin[..n]);
        let crc = segment_crc(&out);
        out[12..16].copy_from_slice(&crc.to_le_bytes());
        out
    }

    /// From the first bytes of a segment.
    ///
    /// # Errors
    /// When they are not a valid header of a known version.
    pub fn decode(bytes: &[u8]) -> Result<Self, HeaderFault> {
        let Some(h) = bytes.first_chunk::<SEGMENT_HEADER_LEN>() else { return Err(HeaderFault::Invalid) };
        if h[0..8] != SEGMENT_MAGIC {
            return Err(HeaderFault::Invalid);
        }
        if u32_at(h, 12) != segment_crc(h) {
            return Err(HeaderFault::Invalid);
        }
        let version = u32_at(h, 8);
        if version != FORMAT_VERSION {
            return Err(HeaderFault::Version(version));
        }
        let n = usize::from(u16::from_le_bytes([h[56], h[57]]));
        let origin = h.get(58..58 + n).filter(|_| n <= MAX_ORIGIN_LEN).ok_or(HeaderFault::Invalid)?;
        let origin = core::str::from_utf8(origin).map_err(|_| HeaderFault::Invalid)?;
        Ok(Self { first_seq: u64_at(h, 16), chain: digest_at(h, 24), origin: origin.to_owned() })
    }
}

/// The fixed part of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchHeader {
    /// Bytes of records.
    pub body_len: u32,
    /// Checksum as stored.
    pub crc: u32,
    /// Records.
    pub count: u32,
    /// Of its first record.
    pub first_seq: u64,
    /// Records known durable when it was written.
    pub prev_durable: u64,
    /// Chain hash before it.
    pub chain: Digest32,
}

impl BatchHeader {
    /// From the first 64 bytes of a batch; `None` when they cannot be one.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let h = bytes.first_chunk::<BATCH_HEADER_LEN>()?;
        if h[0..4] != BATCH_MAGIC {
            return None;
        }
        let out = Self {
            body_len: u32_at(h, 4),
            crc: u32_at(h, 8),
            count: u32_at(h, 12),
            first_seq: u64_at(h, 16),
            prev_durable: u64_at(h, 24),
            chain: digest_at(h, 32),
        };
        let possible = out.body_len <= MAX_BATCH_BYTES
            && out.count >= 1
            && u64::from(out.count) * RECORD_HEADER_LEN as u64 <= u64::from(out.body_len)
            && out.prev_durable <= out.first_seq
            && out.first_seq.checked_add(u64::from(out.count)).is_some();
        possible.then_some(out)
    }

    /// Header and records, in bytes.
    #[must_use]
    pub const fn frame_len(&self) -> usize {
        BATCH_HEADER_LEN + self.body_len as usize
    }

    /// The seq after its last record.
    #[must_use]
    pub const fn end_seq(&self) -> u64 {
        self.first_seq + self.count as u64
    }
}

/// Fills in the 64 bytes at the front of `frame`, whose records are already in place.
pub(crate) fn seal_batch(frame: &mut [u8], count: u32, first_seq: u64, prev_durable: u64, chain: &Digest32) {
    let body_len = (frame.len() - BATCH_HEADER_LEN) as u32;
    frame[0..4].copy_from_slice(&BATCH_MAGIC);
    frame[4..8].copy_from_slice(&body_len.to_le_bytes());
    frame[12..16].copy_from_slice(&count.to_le_bytes());
    frame[16..24].copy_from_slice(&first_seq.to_le_bytes());
    frame[24..32].copy_from_slice(&prev_durable.to_le_bytes());
    frame[32..64].copy_from_slice(&chain.0);
    let crc = batch_crc(frame);
    frame[8..12].copy_from_slice(&crc.to_le_bytes());
}

/// The checksum of a whole frame; 0 for one too short to be a frame.
pub(crate) fn batch_crc(frame: &[u8]) -> u32 {
    match (frame.get(0..8), frame.get(12..)) {
        (Some(head), Some(rest)) => crc32c::crc32c_append(crc32c::crc32c(head), rest),
        _ => 0,
    }
}

/// The next record of a batch body: flags, content, and the rest.
pub(crate) fn split_record(body: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (head, rest) = body.split_first_chunk::<RECORD_HEADER_LEN>()?;
    let [flags, len @ ..] = *head;
    let (bytes, rest) = rest.split_at_checked(u32::from_le_bytes(len) as usize)?;
    flags_known(flags).then_some((flags, bytes, rest))
}

/// The chain hash before the first record of a log.
#[must_use]
pub fn genesis_chain(origin: &str) -> Digest32 {
    let mut h = zero_core::Hasher::new();
    h.update(b"zero.journal/genesis/v1\n");
    h.update(origin.as_bytes());
    h.finish()
}

/// What a chain hash is taken over, built record by record in a reused buffer.
#[derive(Clone, Debug, Default)]
pub(crate) struct ChainInput(Vec<u8>);

impl ChainInput {
    const HEAD: usize = 52;

    pub(crate) fn clear(&mut self) {
        self.0.clear();
        self.0.resize(Self::HEAD, 0);
    }

    pub(crate) fn push(&mut self, flags: u8, len: u32, leaf: &Digest32) {
        let mut item = [0u8; 37];
        item[0] = flags;
        item[1..5].copy_from_slice(&len.to_le_bytes());
        item[5..].copy_from_slice(&leaf.0);
        self.0.extend_from_slice(&item);
    }

    pub(crate) fn finish(
        &mut self,
        chain: &Digest32,
        first_seq: u64,
        prev_durable: u64,
        count: u32,
    ) -> Digest32 {
        if self.0.len() < Self::HEAD {
            self.clear();
        }
        self.0[0..32].copy_from_slice(&chain.0);
        self.0[32..40].copy_from_slice(&first_seq.to_le_bytes());
        self.0[40..48].copy_from_slice(&prev_durable.to_le_bytes());
        self.0[48..52].copy_from_slice(&count.to_le_bytes());
        Digest32::of(&self.0)
    }
}

fn segment_crc(h: &[u8; SEGMENT_HEADER_LEN]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&h[0..12]), &h[16..])
}

fn u32_at(b: &[u8], at: usize) -> u32 {
    b.get(at..).and_then(|s| s.first_chunk()).map_or(0, |c| u32::from_le_bytes(*c))
}

fn u64_at(b: &[u8], at: usize) -> u64 {
    b.get(at..).and_then(|s| s.first_chunk()).map_or(0, |c| u64::from_le_bytes(*c))
}

fn digest_at(b: &[u8], at: usize) -> Digest32 {
    b.get(at..).and_then(|s| s.first_chunk()).map_or(Digest32::ZERO, |c| Digest32(*c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_segment_header_survives_encoding() {
        let h = SegmentHeader { first_seq: 7, chain: Digest32::of(b"x"), origin: "zero.local/a/b".into() };
        assert_eq!(SegmentHeader::decode(&h.encode()), Ok(h));
    }

    #[test]
    fn every_bit_of_a_segment_header_is_covered() {
        let good = SegmentHeader { first_seq: 7, chain: Digest32::of(b"x"), origin: "o".into() }.encode();
        for bit in 0..SEGMENT_HEADER_LEN * 8 {
            let mut bad = good;
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(SegmentHeader::decode(&bad).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn a_newer_format_is_named_not_called_damage() {
        let mut h = SegmentHeader { first_seq: 0, chain: Digest32::ZERO, origin: "o".into() }.encode();
        h[8] = 9;
        let crc = segment_crc(&h);
        h[12..16].copy_from_slice(&crc.to_le_bytes());
        assert_eq!(SegmentHeader::decode(&h), Err(HeaderFault::Version(9)));
    }

    proptest! {
        #[test]
        fn decoders_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..700)) {
            let _ = SegmentHeader::decode(&bytes);
            let _ = BatchHeader::decode(&bytes);
            let _ = batch_crc(&bytes);
            let _ = split_record(&bytes);
            let mut magic = bytes;
            for (to, from) in magic.iter_mut().zip(BATCH_MAGIC) { *to = from; }
            let _ = BatchHeader::decode(&magic);
        }
    }
}
