//! Deterministic CBOR (RFC 8949, section 4.2.1): shortest integers, definite lengths, one encoding per value.
//!
//! One departure, declared: an f64 is always its eight bytes, never shortened, so that bits survive unchanged.

use alloc::vec::Vec;
use core::fmt;

/// Why bytes are not the canonical encoding of what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CborError {
    /// The bytes end too early.
    Truncated,
    /// Another type stands here.
    Type,
    /// An integer or length that is not in its shortest form, or an indefinite length.
    NotCanonical,
    /// A number outside the range of the field.
    Range,
    /// Text that is not UTF-8.
    Utf8,
    /// An unknown enum tag or record version.
    Tag,
    /// Bytes left over.
    Trailing,
}

impl fmt::Display for CborError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Truncated => "record ends too early",
            Self::Type => "another type stands where a field was expected",
            Self::NotCanonical => "not the canonical encoding",
            Self::Range => "number outside the field's range",
            Self::Utf8 => "text is not UTF-8",
            Self::Tag => "unknown tag or version",
            Self::Trailing => "bytes left over after the record",
        })
    }
}

impl core::error::Error for CborError {}

const UINT: u8 = 0;
const NINT: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;

/// Appends canonical CBOR to a byte vector.
#[derive(Debug, Default)]
pub struct Encoder {
    out: Vec<u8>,
}

impl Encoder {
    /// Empty.
    #[must_use]
    pub const fn new() -> Self {
        Self { out: Vec::new() }
    }

    /// Reuses an allocation; what it held is cleared.
    #[must_use]
    pub fn reuse(mut out: Vec<u8>) -> Self {
        out.clear();
        Self { out }
    }

    /// Continues after bytes that are already there.
    #[must_use]
    pub const fn append_to(out: Vec<u8>) -> Self {
        Self { out }
    }

    /// The bytes so far.
    #[must_use]
    pub fn bytes_so_far(&self) -> &[u8] {
        &self.out
    }

    /// The bytes.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    fn head(&mut self, major: u8, n: u64) {
        let m = major << 5;
        if n < 24 {
            self.out.push(m | n as u8);
        } else if let Ok(b) = u8::try_from(n) {
            self.out.extend_from_slice(&[m | 24, b]);
        } else if let Ok(w) = u16::try_from(n) {
            self.out.push(m | 25);
            self.out.extend_from_slice(&w.to_be_bytes());
        } else if let Ok(w) = u32::try_from(n) {
            self.out.push(m | 26);
            self.out.extend_from_slice(&w.to_be_bytes());
        } else {
            self.out.push(m | 27);
            self.out.extend_from_slice(&n.to_be_bytes());
        }
    }

    /// An unsigned integer.
    pub fn u64(&mut self, v: u64) {
        self.head(UINT, v);
    }

    /// A signed integer.
    pub fn i64(&mut self, v: i64) {
        if v >= 0 { self.head(UINT, v as u64) } else { self.head(NINT, !(v as u64)) }
    }

    /// A byte string.
    pub fn bytes(&mut self, v: &[u8]) {
        self.head(BYTES, v.len() as u64);
        self.out.extend_from_slice(v);
    }

    /// A text string.
    pub fn text(&mut self, v: &str) {
        self.head(TEXT, v.len() as u64);
        self.out.extend_from_slice(v.as_bytes());
    }

    /// The head of an array of `n` items that follow.
    pub fn array(&mut self, n: usize) {
        self.head(ARRAY, n as u64);
    }

    /// The head of an array whose `n` items were written already, from `begin` on.
    pub fn array_before(&mut self, begin: usize, n: usize) {
        let end = self.out.len();
        self.array(n);
        let head = self.out.len() - end;
        if let Some(items_and_head) = self.out.get_mut(begin..) {
            items_and_head.rotate_right(head);
        }
    }

    /// Takes back what was written beyond `len` bytes.
    pub fn truncate(&mut self, len: usize) {
        self.out.truncate(len);
    }

    /// The head of a map of `n` pairs that follow; the caller writes keys in bytewise order.
    pub fn map(&mut self, n: usize) {
        self.head(MAP, n as u64);
    }

    /// The head of a tag; the caller writes its one item.
    pub fn tag(&mut self, n: u64) {
        self.head(TAG, n);
    }

    /// A negative integer by its distance below -1, which reaches further down than an i64: `-1 - n`.
    pub fn negative(&mut self, n: u64) {
        self.head(NINT, n);
    }

    /// Items that are encoded already.
    pub fn encoded(&mut self, items: &[u8]) {
        self.out.extend_from_slice(items);
    }

    /// True or false.
    pub fn bool(&mut self, v: bool) {
        self.out.push(if v { 0xf5 } else { 0xf4 });
    }

    /// Null: the absent option.
    pub fn null(&mut self) {
        self.out.push(0xf6);
    }

    /// An f64 as its eight bytes.
    pub fn f64(&mut self, v: f64) {
        self.out.push(0xfb);
        self.out.extend_from_slice(&v.to_bits().to_be_bytes());
    }
}

/// Reads canonical CBOR and refuses anything else.
#[derive(Clone, Debug)]
pub struct Decoder<'a> {
    rest: &'a [u8],
}

impl<'a> Decoder<'a> {
    /// Over some bytes.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Bytes not yet read.
    #[must_use]
    pub const fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`CborError::Trailing`] when bytes are left.
    pub const fn finish(self) -> Result<(), CborError> {
        if self.rest.is_empty() { Ok(()) } else { Err(CborError::Trailing) }
    }

    fn take(&mut self, n: usize) -> Result<&'a [u8], CborError> {
        let (head, tail) = self.rest.split_at_checked(n).ok_or(CborError::Truncated)?;
        self.rest = tail;
        Ok(head)
    }

    fn byte(&mut self) -> Result<u8, CborError> {
        let (&b, tail) = self.rest.split_first().ok_or(CborError::Truncated)?;
        self.rest = tail;
        Ok(b)
    }

    fn head(&mut self) -> Result<(u8, u64), CborError> {
        let first = self.byte()?;
        let (major, info) = (first >> 5, first & 31);
        let n = match info {
            0..=23 => return Ok((major, u64::from(info))),
            24 => u64::from(self.byte()?),
            25 => self.take(2)?.iter().fold(0, |n, b| n << 8 | u64::from(*b)),
            26 => self.take(4)?.iter().fold(0, |n, b| n << 8 | u64::from(*b)),
            27 => self.take(8)?.iter().fold(0, |n, b| n << 8 | u64::from(*b)),
            _ => return Err(CborError::NotCanonical),
        };
        let smallest = match info {
            24 => 24,
            25 => 1 << 8,
            26 => 1 << 16,
            _ => 1 << 32,
        };
        if n < smallest { Err(CborError::NotCanonical) } else { Ok((major, n)) }
    }

    fn expect(&mut self, major: u8) -> Result<u64, CborError> {
        match self.head()? {
            (m, n) if m == major => Ok(n),
            _ => Err(CborError::Type),
        }
    }

    /// Is the next item null? It is consumed when it is.
    pub fn null(&mut self) -> bool {
        match self.rest.split_first() {
            Some((0xf6, tail)) => {
                self.rest = tail;
                true
            }
            _ => false,
        }
    }

    /// An unsigned integer.
    ///
    /// # Errors
    /// [`CborError`].
    pub fn u64(&mut self) -> Result<u64, CborError> {
        self.expect(UINT)
    }

    /// A signed integer.
    ///
    /// # Errors
    /// [`CborError`].
    pub fn i64(&mut self) -> Result<i64, CborError> {
        match self.head()? {
            (UINT, n) => i64::try_from(n).map_err(|_| CborError::Range),
            (NINT, n) => i64::try_from(n).map(|n| !n).map_err(|_| CborError::Range),
            _ => Err(CborError::Type),
        }
    }

    /// A byte string.
    ///
    /// # Errors
    /// [`CborError`].
    pub fn bytes(&mut self) -> Result<&'a [u8], CborError> {
        let n = self.expect(BYTES)?;
        self.take(usize::try_from(n).map_err(|_| CborError::Range)?)
    }

    /// A byte string of a fixed length.
    ///
    /// # Errors
    /// [`CborError`].
    pub fn bytes_exact<const N: usize>(&mut self) -> Result<[u8; N], CborError> {
        self.bytes()?.try_into().map_err(|_| CborError::Range)
    }

    /// A text string.
    ///
    /// # Errors
    /// [`CborError`].
    pub fn text(&mut self) -> Result<&'a str, CborError> {
        let n = self.expect(TEXT)?;
        let raw = self.take(usize::try_from(n).map_err(|_| CborError::Range)?)?;
        core::str::from_utf8(raw).map_err(|_| CborError::Utf8)
    }

    /// The head of an array. The count can never exceed the bytes that are left, so it may be trusted for a
    /// reservation.
    ///
    /// # Errors
    /// [`CborError`].
    pub fn array(&mut self) -> Result<usize, CborError> {
        let n = self.expect(ARRAY)?;
        self.count(n)
    }

    /// The head of a map, in pairs.
    ///
    /// # Errors
    /// [`CborError`].
    pub fn map(&mut self) -> Result<usize, CborError> {
        let n = self.expect(MAP)?;
        self.count(n)
    }

    fn count(&self, n: u64) -> Result<usize, CborError> {
        let n = usize::try_from(n).map_err(|_| CborError::Range)?;
        if n > self.rest.len() { Err(CborError::Truncated) } else { Ok(n) }
    }

    /// An array of exactly `n` items.
    ///
    /// # Errors
    /// [`CborError`].
    pub fn array_exact(&mut self, n: usize) -> Result<(), CborError> {
        if self.array()? == n { Ok(()) } else { Err(CborError::Type) }
    }

    /// True or false.
    ///
    /// # Errors
    /// [`CborError`].
    pub fn bool(&mut self) -> Result<bool, CborError> {
        match self.byte()? {
            0xf4 => Ok(false),
            0xf5 => Ok(true),
            _ => Err(CborError::Type),
        }
    }

    /// An f64 from its eight bytes.
    ///
    /// # Errors
    /// [`CborError`].
    pub fn f64(&mut self) -> Result<f64, CborError> {
        if self.byte()? != 0xfb {
            return Err(CborError::Type);
        }
        let raw: [u8; 8] = self.take(8)?.try_into().map_err(|_| CborError::Truncated)?;
        Ok(f64::from_bits(u64::from_be_bytes(raw)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use alloc::vec;
    use proptest::prelude::*;

    /// Examples of RFC 8949, appendix A.
    #[test]
    fn the_rfc_examples_encode_to_the_published_bytes() {
        let enc = |f: &dyn Fn(&mut Encoder)| {
            let mut e = Encoder::new();
            f(&mut e);
            e.into_bytes()
        };
        assert_eq!(enc(&|e| e.u64(1_000_000_000_000)), vec![0x1b, 0, 0, 0, 0xe8, 0xd4, 0xa5, 0x10, 0]);
        assert_eq!(enc(&|e| e.i64(-1_000)), vec![0x39, 0x03, 0xe7]);
        assert_eq!(enc(&|e| e.i64(-1)), vec![0x20]);
        assert_eq!(enc(&|e| e.u64(24)), vec![0x18, 0x18]);
        assert_eq!(enc(&|e| e.text("\u{fc}")), vec![0x62, 0xc3, 0xbc]);
        assert_eq!(enc(&|e| e.f64(-4.1)), vec![0xfb, 0xc0, 0x10, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66]);
    }

    #[test]
    fn a_longer_form_of_the_same_number_is_refused() {
        for bad in [&[0x18, 0x17][..], &[0x19, 0, 0xff], &[0x1a, 0, 0, 0xff, 0xff], &[0x9f, 0xff]] {
            assert_eq!(Decoder::new(bad).u64(), Err(CborError::NotCanonical), "{bad:x?}");
        }
    }

    #[test]
    fn a_length_beyond_the_bytes_cannot_ask_for_memory() {
        let bomb = [0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        assert_eq!(Decoder::new(&bomb).array(), Err(CborError::Truncated));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(i in any::<i64>(), u in any::<u64>(), b in any::<Vec<u8>>(), t in ".*", f in any::<u64>()) {
            let mut e = Encoder::new();
            e.array(5);
            e.i64(i);
            e.u64(u);
            e.bytes(&b);
            e.text(&t);
            e.f64(f64::from_bits(f));
            let bytes = e.into_bytes();
            let mut d = Decoder::new(&bytes);
            d.array_exact(5).unwrap();
            prop_assert_eq!(d.i64().unwrap(), i);
            prop_assert_eq!(d.u64().unwrap(), u);
            prop_assert_eq!(d.bytes().unwrap(), &b[..]);
            prop_assert_eq!(String::from(d.text().unwrap()), t);
            prop_assert_eq!(d.f64().unwrap().to_bits(), f);
            d.finish().unwrap();
        }

        #[test]
        fn arbitrary_bytes_never_panic(b in any::<Vec<u8>>()) {
            let mut d = Decoder::new(&b);
            let _ = d.clone().u64();
            let _ = d.clone().i64();
            let _ = d.clone().text();
            let _ = d.clone().f64();
            let _ = d.array();
        }
    }
}
