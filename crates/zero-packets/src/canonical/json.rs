//! One pass over a JSON text that is known to be whole: `serde_json` has looked at every byte of it before.

use super::number::number;
use super::{NotCanonical, not};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::ops::Range;
use zero_core::cbor::Encoder;

/// Deepest nesting.
const DEPTH_MAX: usize = 64;

/// Which members of the outermost value are encoded.
#[derive(Clone, Copy, Debug)]
pub(super) enum Members<'a> {
    /// All, and it may be any value.
    All,
    /// It is an object, and these are left out.
    But([&'a str; 2]),
}

/// The encoding of a JSON text.
pub(super) fn encode(text: &str, members: Members) -> Result<Vec<u8>, NotCanonical> {
    let whole: &RawValue = serde_json::from_str(text).map_err(|e| not(e.to_string()))?;
    let mut out = Encoder::append_to(Vec::with_capacity(text.len()));
    let mut walk = Walk { text: whole.get(), at: 0, members: Vec::new(), unsorted: Vec::new() };
    match members {
        Members::All => walk.value(DEPTH_MAX, &mut out)?,
        Members::But(left_out) if walk.next() == Some(b'{') => {
            walk.object(DEPTH_MAX, &mut out, |key| !left_out.contains(&key))?;
        }
        Members::But(_) => return Err(not("it is no object")),
    }
    Ok(out.into_bytes())
}

struct Walk<'a> {
    text: &'a str,
    at: usize,
    /// Of every object that is open, outermost first: its members so far, each with where its value is encoded.
    members: Vec<(Cow<'a, str>, Range<usize>)>,
    /// The values of the object that closes, as they were written.
    unsorted: Vec<u8>,
}

impl<'a> Walk<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is no space; it is not taken.
    fn next(&mut self) -> Option<u8> {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        self.peek()
    }

    /// Takes what stands between two items, or the end of them. True: another item follows.
    fn goes_on(&mut self, end: u8, first: bool) -> bool {
        let next = self.next();
        let ended = next.is_none_or(|b| b == end);
        if ended || !first {
            self.at += 1;
        }
        !ended
    }

    fn slice(&self, of: Range<usize>) -> Result<&'a str, NotCanonical> {
        self.text.get(of).ok_or_else(|| not("it ends too early"))
    }

    fn value(&mut self, depth: usize, e: &mut Encoder) -> Result<(), NotCanonical> {
        match self.next() {
            Some(b'{') => self.object(depth, e, |_| true),
            Some(b'[') => self.array(depth, e),
            Some(b'"') => {
                e.text(&self.string()?);
                Ok(())
            }
            Some(_) => self.plain(e),
            None => Err(not("it is empty")),
        }
    }

    fn array(&mut self, depth: usize, e: &mut Encoder) -> Result<(), NotCanonical> {
        let below = below(depth)?;
        self.at += 1;
        let (begin, mut n) = (e.bytes_so_far().len(), 0);
        while self.goes_on(b']', n == 0) {
            self.value(below, e)?;
            n += 1;
        }
        e.array_before(begin, n);
        Ok(())
    }

    fn object(
        &mut self,
        depth: usize,
        e: &mut Encoder,
        keep: impl Fn(&str) -> bool,
    ) -> Result<(), NotCanonical> {
        let below = below(depth)?;
        self.at += 1;
        let (begin, first) = (e.bytes_so_far().len(), self.members.len());
        while self.goes_on(b'}', self.members.len() == first) {
            self.next();
            let key = self.string()?;
            // The colon.
            self.next();
            self.at += 1;
            let value = e.bytes_so_far().len();
            self.value(below, e)?;
            self.members.push((key, value - begin..e.bytes_so_far().len() - begin));
        }
        self.unsorted.clear();
        self.unsorted.extend_from_slice(e.bytes_so_far().get(begin..).unwrap_or_default());
        e.truncate(begin);
        let members = self.members.get_mut(first..).unwrap_or_default();
        // Of two texts the shorter encoding is the smaller one, for its length comes first.
        members.sort_unstable_by(|(a, _), (b, _)| {
            a.len().cmp(&b.len()).then_with(|| a.as_bytes().cmp(b.as_bytes()))
        });
        if members.windows(2).any(|w| matches!(w, [a, b] if a.0 == b.0)) {
            return Err(not("a member is named twice"));
        }
        // Only now: what is left out may not be named twice either.
        e.map(members.iter().filter(|(key, _)| keep(key)).count());
        for (key, of) in self.members.drain(first..).filter(|(key, _)| keep(key)) {
            e.text(&key);
            e.encoded(self.unsorted.get(of).unwrap_or_default());
        }
        Ok(())
    }

    /// A text, from its opening quote to behind its closing one. `serde_json` resolves escapes.
    fn string(&mut self) -> Result<Cow<'a, str>, NotCanonical> {
        let begin = self.at;
        self.at += 1;
        let mut escaped = false;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.at += 2;
                }
                Some(_) => self.at += 1,
                None => return Err(not("a text has no end")),
            }
        }
        self.at += 1;
        if escaped {
            let whole = self.slice(begin..self.at)?;
            return serde_json::from_str::<String>(whole).map(Cow::Owned).map_err(|e| not(e.to_string()));
        }
        self.slice(begin + 1..self.at - 1).map(Cow::Borrowed)
    }

    /// A number, true, false or null.
    fn plain(&mut self, e: &mut Encoder) -> Result<(), NotCanonical> {
        let begin = self.at;
        while !matches!(self.peek(), None | Some(b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        match self.slice(begin..self.at)? {
            "true" => e.bool(true),
            "false" => e.bool(false),
            "null" => e.null(),
            text => return number(text, e),
        }
        Ok(())
    }
}

fn below(depth: usize) -> Result<usize, NotCanonical> {
    depth.checked_sub(1).ok_or_else(|| not("it is nested too deeply"))
}
