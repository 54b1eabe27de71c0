//! Batches out of one segment file, through one reused buffer.

use crate::disk::{DiskFile, read_full};
use crate::format::{BATCH_HEADER_LEN, BATCH_MAGIC, BatchHeader, batch_crc};
use std::io;
use std::ops::Range;

/// Bytes per read at most: enough to amortise the call, few enough to stay in the second-level cache.
const READ_BYTES: usize = 256 * 1024;

/// What stands at the stream's position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// A batch with a right checksum; where it lies in the buffer.
    Whole(BatchHeader, Range<usize>),
    /// The file ends here, or holds nothing but zeros from here on.
    End,
    /// Bytes that are no batch.
    Bad(&'static str),
}

#[derive(Debug)]
pub(crate) struct FrameStream<F> {
    file: F,
    buf: Vec<u8>,
    start: usize,
    end: usize,
    offset: u64,
}

impl<F: DiskFile> FrameStream<F> {
    pub(crate) fn new(file: F, offset: u64, buf: Vec<u8>) -> Self {
        Self { file, buf, start: 0, end: 0, offset }
    }

    /// Gives back the buffer for the next file.
    pub(crate) fn into_buf(self) -> Vec<u8> {
        self.buf
    }

    /// Byte offset in the file of what comes next.
    pub(crate) const fn offset(&self) -> u64 {
        self.offset
    }

    pub(crate) fn bytes(&self, range: Range<usize>) -> &[u8] {
        self.buf.get(range).unwrap_or(&[])
    }

    /// Moves past a batch of which the header alone is read; `None` where none with such a header lies whole in the file.
    /// For a batch that was checked before. Nothing may be buffered yet.
    pub(crate) fn skip(&mut self) -> io::Result<Option<BatchHeader>> {
        let mut head = [0u8; BATCH_HEADER_LEN];
        let got = read_full(&self.file, self.offset, &mut head)?;
        let Some(header) = head.get(..got).and_then(BatchHeader::decode) else { return Ok(None) };
        let end = self.offset + header.frame_len() as u64;
        if end > self.file.len()? {
            return Ok(None);
        }
        self.offset = end;
        Ok(Some(header))
    }

    /// Looks at the next batch without moving past it.
    pub(crate) fn peek(&mut self) -> io::Result<Frame> {
        self.fill(BATCH_HEADER_LEN)?;
        let have = &self.buf[self.start..self.end];
        if have.is_empty() {
            return Ok(Frame::End);
        }
        let Some(header) = BatchHeader::decode(have) else {
            let blank = have.iter().all(|b| *b == 0) && self.written_after()? == 0;
            return Ok(if blank { Frame::End } else { Frame::Bad("no batch header") });
        };
        let len = header.frame_len();
        // A damaged length must not make us allocate what the file cannot hold.
        if have.len() < len && self.offset + len as u64 > self.file.len()? {
            return Ok(Frame::Bad("the batch is cut short"));
        }
        self.fill(len)?;
        let range = self.start..self.start + len;
        match self.buf.get(range.clone()).filter(|_| range.end <= self.end) {
            None => Ok(Frame::Bad("the batch is cut short")),
            Some(frame) if batch_crc(frame) != header.crc => {
                Ok(Frame::Bad("the checksum of the batch fails"))
            }
            Some(_) => Ok(Frame::Whole(header, range)),
        }
    }

    /// Moves past a batch of `len` bytes.
    pub(crate) fn advance(&mut self, len: usize) {
        self.start = (self.start + len).min(self.end);
        self.offset += len as u64;
    }

    /// Forgets what was buffered, so that the next look reads the file again.
    pub(crate) fn refresh(&mut self) {
        (self.start, self.end) = (0, 0);
    }

    /// Bytes from here to the last one that is not zero.
    pub(crate) fn written_after(&self) -> io::Result<u64> {
        let mut chunk = vec![0u8; READ_BYTES];
        let (mut at, mut written) = (0u64, 0u64);
        loop {
            let got = read_full(&self.file, self.offset + at, &mut chunk)?;
            if let Some(last) = chunk[..got].iter().rposition(|b| *b != 0) {
                written = at + last as u64 + 1;
            }
            at += got as u64;
            if got < chunk.len() {
                return Ok(written);
            }
        }
    }

    /// Whether, anywhere after the next byte, a batch says that record `seq` had been durable.
    pub(crate) fn later_proof_of(&self, seq: u64) -> io::Result<bool> {
        let len = self.file.len()?;
        let mut rest = vec![0u8; len.saturating_sub(self.offset + 1) as usize];
        let got = read_full(&self.file, self.offset + 1, &mut rest)?;
        rest.truncate(got);
        let mut from = 0;
        while let Some(at) = find(&rest[from..], BATCH_MAGIC).map(|i| from + i) {
            from = at + 1;
            let Some(h) = BatchHeader::decode(&rest[at..]) else { continue };
            if h.prev_durable <= seq {
                continue;
            }
            if rest.get(at..at + h.frame_len()).is_some_and(|f| batch_crc(f) == h.crc) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Makes at least `want` bytes available if the file has them.
    fn fill(&mut self, want: usize) -> io::Result<()> {
        if self.end - self.start >= want {
            return Ok(());
        }
        self.buf.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        // Of a short rest no more memory is touched than it fills; one byte more finds what a writer adds meanwhile.
        let rest = self.file.len()?.saturating_sub(self.offset).saturating_add(1);
        let size = want.max(READ_BYTES.min(usize::try_from(rest).unwrap_or(READ_BYTES)));
        if self.buf.len() < size {
            self.buf.resize(size, 0);
        }
        while self.end < want {
            let n = self.file.read_at(self.offset + self.end as u64, &mut self.buf[self.end..])?;
            if n == 0 {
                break;
            }
            self.end += n;
        }
        Ok(())
    }
}

fn find(hay: &[u8], needle: [u8; 4]) -> Option<usize> {
    hay.windows(4).position(|w| w == needle)
}
