//! Are these bytes a body as [`canonical`](crate::canonical) writes it? Anything else has no hash that means something.

/// Deepest nesting.
const DEPTH_MAX: usize = 64;
/// What follows is a decimal fraction.
const DECIMAL: u64 = 4;

/// One whole map in the deterministic encoding: shortest lengths, keys of text in their order, values of the kinds that JSON
/// has, nothing behind it.
#[must_use]
pub fn is_body(bytes: &[u8]) -> bool {
    let mut all = Bytes(bytes);
    bytes.first().is_some_and(|b| b >> 5 == 5) && all.value(DEPTH_MAX).is_some() && all.0.is_empty()
}

/// The schema id that a body has, where it has one: a body of a packet has.
#[must_use]
pub fn schema_of(body: &[u8]) -> Option<&str> {
    let mut all = Bytes(body);
    let (5, members) = all.head()? else { return None };
    for _ in 0..members {
        let (3, n) = all.head()? else { return None };
        if all.text(n)? == "schema_version" {
            let (3, n) = all.head()? else { return None };
            return all.text(n);
        }
        all.value(DEPTH_MAX)?;
    }
    None
}

struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(head)
    }

    /// Major type and argument, in the shortest form.
    fn head(&mut self) -> Option<(u8, u64)> {
        let first = *self.take(1)?.first()?;
        let more = match first & 31 {
            n @ 0..=23 => return Some((first >> 5, u64::from(n))),
            24 => 1,
            25 => 2,
            26 => 4,
            27 => 8,
            _ => return None,
        };
        let n = self.take(more)?.iter().fold(0u64, |n, b| (n << 8) | u64::from(*b));
        let least = if more == 1 { 24 } else { 1u64 << (more * 4) };
        (n >= least).then_some((first >> 5, n))
    }

    fn text(&mut self, n: u64) -> Option<&'a str> {
        std::str::from_utf8(self.take(usize::try_from(n).ok()?)?).ok()
    }

    fn value(&mut self, depth: usize) -> Option<()> {
        let below = depth.checked_sub(1)?;
        match self.head()? {
            (0 | 1, _) => Some(()),
            (3, n) => self.text(n).map(|_| ()),
            (4, n) => (0..n).try_for_each(|_| self.value(below)),
            (5, n) => {
                let mut last: Option<&str> = None;
                (0..n).try_for_each(|_| {
                    let (3, n) = self.head()? else { return None };
                    let key = self.text(n)?;
                    let rises = last.is_none_or(|l| (l.len(), l) < (key.len(), key));
                    last = Some(key);
                    if rises { self.value(below) } else { None }
                })
            }
            (6, DECIMAL) => {
                let ((4, 2), (0 | 1, _), (0 | 1, _)) = (self.head()?, self.head()?, self.head()?) else {
                    return None;
                };
                Some(())
            }
            (7, 20..=22) => Some(()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{is_body, schema_of};
    use crate::canonical::canonical;
    use proptest::prelude::*;

    #[test]
    fn the_schema_of_a_body_is_that_of_its_own_member_and_text() {
        let of = |text: &str| schema_of(&canonical(text).unwrap()).map(str::to_owned);
        assert_eq!(
            of(r#"{"a":{"schema_version":"x"},"schema_version":"zero.y.v1"}"#).as_deref(),
            Some("zero.y.v1")
        );
        for none in [r#"{}"#, r#"{"a":1}"#, r#"{"schema_version":1}"#, r#"{"a":{"schema_version":"x"}}"#] {
            assert_eq!(of(none), None, "{none}");
        }
    }

    #[test]
    fn what_is_no_canonical_body_is_told_apart() {
        let whole = canonical(r#"{"a":[1,-2,0.5,1e30,"x",true,null,{}],"bb":{"c":1000,"d":70000}}"#).unwrap();
        assert!(is_body(&whole) && is_body(&[0xa0]));
        for cut in 0..whole.len() {
            assert!(!is_body(&whole[..cut]), "cut at {cut}");
        }
        for bad in [
            &[0x80][..],
            &[0xf6],
            &[0xa0, 0],
            &[0xbf, 0xff],
            &[0xa1, 0x61, b'a', 0x18, 0x01],
            &[0xa1, 0x01, 0x01],
            &[0xa2, 0x61, b'b', 0, 0x61, b'a', 0],
            &[0xa2, 0x61, b'a', 0, 0x61, b'a', 0],
            &[0xa1, 0x61, 0xff, 0],
            &[0xa1, 0x61, b'a', 0xfb, 0, 0, 0, 0, 0, 0, 0, 0],
            &[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        ] {
            assert!(!is_body(bad), "{bad:02x?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_whatever_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = is_body(&bytes);
        }
    }
}
