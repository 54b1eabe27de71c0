//! Identities. Dense indices for what a run knows from its universe, content-derived ids for what it decides.

use crate::hash::{Digest32, decode_hex};
use core::fmt;

macro_rules! index_id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u16);

        impl $name {
            /// As an index into the run's table.
            #[must_use]
            #[inline]
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

index_id!(
    /// A perpetual of the run's universe, by its place in the universe table of the run manifest.
    CoinId
);
index_id!(
    /// A book: the unit of attribution. Each strategy, champion, challenger or shadow owns one.
    BookId
);
index_id!(
    /// A venue account.
    AccountId
);

/// An order's identity: derived from (book, strategy digest, coin, market-event key, leg), so that a backtest, a
/// paper run and a replay give the same order the same id. Never from a sequence number, run id or receive time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId(pub [u8; 16]);

impl OrderId {
    /// The first half of a digest over the identifying fields.
    #[must_use]
    pub fn from_digest(d: Digest32) -> Self {
        let mut out = [0; 16];
        for (o, b) in out.iter_mut().zip(d.0) {
            *o = b;
        }
        Self(out)
    }

    /// From 32 hexadecimal digits.
    #[must_use]
    pub fn parse_hex(text: &str) -> Option<Self> {
        let mut out = [0u8; 16];
        decode_hex(text, &mut out).then_some(Self(out))
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
