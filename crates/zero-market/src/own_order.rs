//! An order of the operator's own, as the subject of their recorded act says it.

use crate::order::Side;
use alloc::format;
use alloc::string::String;
use zero_core::{CoinId, Digest32, Hasher, OrderId, Px, Sz, Ts};

/// Longest key, bytes.
pub const KEY_MAX: usize = 128;

/// What a person asks for. It is recorded as one line, so that a record can be read without this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnOrder {
    /// Which perpetual.
    pub coin: CoinId,
    /// Its name.
    pub symbol: String,
    /// Buy or sell.
    pub side: Side,
    /// Size in coins, positive.
    pub sz: Sz,
    /// Price it must not be worse than; `None` for none.
    pub worst_px: Option<Px>,
    /// What makes it this order and no other: a second one with the same key is the first.
    pub key: String,
}

impl OwnOrder {
    /// Without the key: what it is, in words. `BTC buy 0.001`, `ETH sell 2 at 2850`.
    #[must_use]
    pub fn words(&self) -> String {
        let at = self.worst_px.map_or_else(String::new, |px| format!(" at {px}"));
        format!("{} {} {}{at}", self.symbol, self.side.name(), self.sz)
    }

    /// The subject of the act: place and name of the coin, side, size, worst price or `market`, key.
    #[must_use]
    pub fn subject(&self) -> String {
        let px = self.worst_px.map_or_else(|| "market".into(), |px| format!("{px}"));
        format!("{} {} {} {} {px} {}", self.coin.0, self.symbol, self.side.name(), self.sz, self.key)
    }

    /// Reads a subject back; `None` for every other line.
    #[must_use]
    pub fn parse(subject: &str) -> Option<Self> {
        let mut words = subject.split(' ');
        let mut next = || words.next();
        let coin = CoinId(next()?.parse().ok()?);
        let symbol = String::from(next()?);
        let side = next()?;
        let side = Side::ALL.iter().copied().find(|s| s.name() == side)?;
        let sz = Sz::parse(next()?).ok().filter(|sz| sz.raw() > 0)?;
        let worst_px = match next()? {
            "market" => None,
            px => Some(Px::parse(px).ok().filter(|px| px.raw() > 0)?),
        };
        let key = next().filter(|k| is_key(k))?.into();
        let order = Self { coin, symbol, side, sz, worst_px, key };
        (words.next().is_none() && order.subject() == subject).then_some(order)
    }

    /// What the key alone identifies.
    #[must_use]
    pub fn key_digest(&self) -> Digest32 {
        key_digest(&self.key)
    }

    /// What was asked for under the key; `reduces`: only if it reduces.
    #[must_use]
    pub fn body_digest(&self, reduces: bool) -> Digest32 {
        let mut h = Hasher::new();
        h.update(b"own order\0");
        h.update(self.words().as_bytes());
        h.update(&[u8::from(reduces)]);
        h.finish()
    }

    /// Identity of the order that is made of it at `time`.
    #[must_use]
    pub fn id(&self, reduces: bool, time: Ts) -> OrderId {
        let mut h = Hasher::new();
        h.update(&self.key_digest().0);
        h.update(&self.body_digest(reduces).0);
        h.update(&time.as_ns().to_le_bytes());
        OrderId::from_digest(h.finish())
    }
}

/// What a key identifies.
#[must_use]
pub fn key_digest(key: &str) -> Digest32 {
    let mut h = Hasher::new();
    h.update(b"own order key\0");
    h.update(key.as_bytes());
    h.finish()
}

/// Is the text a key: 1 to [`KEY_MAX`] visible ASCII characters?
#[must_use]
pub fn is_key(text: &str) -> bool {
    (1..=KEY_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_subject_says_the_whole_order_and_nothing_else_is_read_as_one(
            coin in 0u16..512, buy: bool, sz in 1i64..i64::MAX, px in prop::option::of(1i64..i64::MAX),
            key in "[!-~]{1,128}"
        ) {
            let order = OwnOrder {
                coin: CoinId(coin),
                symbol: "kPEPE".into(),
                side: if buy { Side::Buy } else { Side::Sell },
                sz: Sz::from_raw(sz),
                worst_px: px.map(Px::from_raw),
                key,
            };
            let subject = order.subject();
            prop_assert_eq!(OwnOrder::parse(&subject), Some(order));
            for wrong in [format!("{subject} "), format!(" {subject}"), format!("{subject} x"), format!("0{subject}")] {
                prop_assert_eq!(OwnOrder::parse(&wrong), None);
            }
        }
    }

    #[test]
    fn no_size_of_zero_no_side_of_neither_and_no_key_with_a_gap() {
        for wrong in [
            "",
            "0 BTC buy 0 market k",
            "0 BTC hold 1 market k",
            "0 BTC buy 1 market",
            "0 BTC buy -1 market k",
        ] {
            assert_eq!(OwnOrder::parse(wrong), None, "{wrong:?}");
        }
        assert!(!is_key("a b") && !is_key("") && !is_key("ä") && !is_key(&"x".repeat(129)));
    }

    #[test]
    fn an_order_that_only_may_reduce_is_another_request_than_one_that_may_enlarge() {
        let order = OwnOrder::parse("0 BTC buy 1 market k").unwrap();
        assert_ne!(order.body_digest(true), order.body_digest(false));
        assert_eq!(order.words(), "BTC buy 1");
    }
}
