//! The binary file of one series: a header, then blocks of fixed-width rows, each block with its CRC-32C.
//!
//! All blocks but the last are full, so a row's place follows from its number and a seek is a binary search.

use crate::error::DataError;
use crate::row::Row;
use std::fs::File;
use std::io::{BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use zero_core::{Digest32, Hasher, Ts, TsDiff};

const MAGIC: &[u8; 8] = b"ZERODATA";
const VERSION: u32 = 1;
const HEADER: usize = 32;
const BLOCK_HEAD: usize = 8;
/// Rows of a full block: 48 KiB of bars.
pub(crate) const BLOCK_ROWS: usize = 1_024;

fn header<R: Row>(interval: TsDiff) -> Vec<u8> {
    let mut h = Vec::with_capacity(HEADER);
    h.extend_from_slice(MAGIC);
    for v in [VERSION, R::KIND as u32, R::WIDTH as u32, BLOCK_ROWS as u32] {
        h.extend_from_slice(&v.to_le_bytes());
    }
    h.extend_from_slice(&interval.as_ns().to_le_bytes());
    h
}

/// Size of a file of `count` rows.
pub(crate) const fn file_len<R: Row>(count: u64) -> u64 {
    HEADER as u64 + count.div_ceil(BLOCK_ROWS as u64) * BLOCK_HEAD as u64 + count * R::WIDTH as u64
}

const fn block_offset<R: Row>(block: u64) -> u64 {
    HEADER as u64 + block * (BLOCK_HEAD + BLOCK_ROWS * R::WIDTH) as u64
}

/// Encodes a series piece by piece.
fn encode<R: Row>(
    rows: &[R],
    interval: TsDiff,
    mut sink: impl FnMut(&[u8]) -> std::io::Result<()>,
) -> std::io::Result<()> {
    sink(&header::<R>(interval))?;
    let mut body = Vec::with_capacity(BLOCK_ROWS * R::WIDTH);
    for block in rows.chunks(BLOCK_ROWS) {
        body.clear();
        block.iter().for_each(|r| r.put(&mut body));
        sink(&(block.len() as u32).to_le_bytes())?;
        sink(&crc32c::crc32c(&body).to_le_bytes())?;
        sink(&body)?;
    }
    Ok(())
}

/// The digest of the file that these rows make, without writing it.
pub(crate) fn digest_rows<R: Row>(rows: &[R], interval: TsDiff) -> Digest32 {
    let mut h = Hasher::new();
    // A hasher cannot fail, so the sink never returns an error.
    let _ = encode(rows, interval, |b| {
        h.update(b);
        Ok(())
    });
    h.finish()
}

/// Writes a series and syncs it; the digest is that of the file.
pub(crate) fn write<R: Row>(path: &Path, rows: &[R], interval: TsDiff) -> Result<Digest32, DataError> {
    let io = |action| move |e: std::io::Error| DataError::io(path, action, &e);
    let mut out = BufWriter::new(File::create_new(path).map_err(io("create"))?);
    let mut h = Hasher::new();
    encode(rows, interval, |b| {
        h.update(b);
        out.write_all(b)
    })
    .map_err(io("write"))?;
    let file = out.into_inner().map_err(|e| DataError::io(path, "write", e.error()))?;
    file.sync_all().map_err(io("sync"))?;
    Ok(h.finish())
}

/// Reads a series block by block. After an error it ends.
#[derive(Debug)]
pub(crate) struct SeriesReader<R> {
    path: PathBuf,
    file: Option<File>,
    body: Vec<u8>,
    at: usize,
    rows_left: u64,
    row: PhantomData<R>,
}

impl<R: Row> SeriesReader<R> {
    /// A reader of nothing, for a coin without this series.
    pub(crate) fn empty() -> Self {
        Self { path: PathBuf::new(), file: None, body: Vec::new(), at: 0, rows_left: 0, row: PhantomData }
    }

    /// Opens a file of `count` rows at the first row whose time is at least `from`.
    pub(crate) fn open(
        path: &Path,
        count: u64,
        interval: TsDiff,
        from: Option<Ts>,
    ) -> Result<Self, DataError> {
        let io = |e: std::io::Error| DataError::io(path, "read", &e);
        let mut file = File::open(path).map_err(io)?;
        let damaged = |reason: String| DataError::Damaged { path: path.to_owned(), reason };
        let len = file.metadata().map_err(io)?.len();
        if len != file_len::<R>(count) {
            return Err(damaged(format!("{len} bytes where {count} rows take {}", file_len::<R>(count))));
        }
        let mut head = [0u8; HEADER];
        file.read_exact(&mut head).map_err(io)?;
        if head != *header::<R>(interval) {
            return Err(damaged("its header is not that of the manifest's series".into()));
        }
        let mut reader = Self {
            path: path.to_owned(),
            file: Some(file),
            body: Vec::with_capacity(BLOCK_ROWS * R::WIDTH),
            at: 0,
            rows_left: count,
            row: PhantomData,
        };
        if let Some(from) = from {
            reader.seek(count, from)?;
        }
        Ok(reader)
    }

    /// Binary search over the blocks' first rows, then within the block.
    fn seek(&mut self, count: u64, from: Ts) -> Result<(), DataError> {
        // Invariant: the first row at or after `from` is not before block `low` and not after block `high`.
        let (mut low, mut high) = (0u64, count.div_ceil(BLOCK_ROWS as u64));
        while high - low > 1 {
            let mid = low + (high - low) / 2;
            self.load(count, mid)?;
            let first = self.body.get(..R::WIDTH).map(R::get);
            if first.is_some_and(|r| r.time() < from) { low = mid } else { high = mid }
        }
        self.load(count, low)?;
        while self.rows_left > 0 {
            if self.at == self.body.len() {
                self.fill()?;
            }
            match self.body.get(self.at..self.at + R::WIDTH).map(R::get) {
                Some(r) if r.time() < from => {
                    self.at += R::WIDTH;
                    self.rows_left -= 1;
                }
                _ => break,
            }
        }
        Ok(())
    }

    fn load(&mut self, count: u64, block: u64) -> Result<(), DataError> {
        self.rows_left = count.saturating_sub(block * BLOCK_ROWS as u64);
        (self.at, self.body) = (0, std::mem::take(&mut self.body));
        self.body.clear();
        if self.rows_left == 0 {
            return Ok(());
        }
        if let Some(file) = &mut self.file {
            file.seek(SeekFrom::Start(block_offset::<R>(block)))
                .map_err(|e| DataError::io(&self.path, "read", &e))?;
        }
        self.fill()
    }

    fn fill(&mut self) -> Result<(), DataError> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let io = |e: std::io::Error| DataError::io(&self.path, "read", &e);
        let mut head = [0u8; BLOCK_HEAD];
        file.read_exact(&mut head).map_err(io)?;
        let [a, b, c, d, e, f, g, h] = head;
        let (rows, crc) = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]));
        let want = self.rows_left.min(BLOCK_ROWS as u64);
        if u64::from(rows) != want {
            let reason = format!("a block of {rows} rows where {want} were due");
            return Err(DataError::Damaged { path: self.path.clone(), reason });
        }
        self.body.resize(rows as usize * R::WIDTH, 0);
        file.read_exact(&mut self.body).map_err(io)?;
        if crc32c::crc32c(&self.body) != crc {
            let reason = format!("checksum of the block with {} rows left does not match", self.rows_left);
            return Err(DataError::Damaged { path: self.path.clone(), reason });
        }
        self.at = 0;
        Ok(())
    }
}

impl<R: Row> Iterator for SeriesReader<R> {
    type Item = Result<R, DataError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.rows_left == 0 {
            return None;
        }
        if self.at == self.body.len()
            && let Err(e) = self.fill()
        {
            self.rows_left = 0;
            return Some(Err(e));
        }
        let row = self.body.get(self.at..self.at + R::WIDTH).map(R::get)?;
        self.at += R::WIDTH;
        self.rows_left -= 1;
        Some(Ok(row))
    }
}
