//! Which venue trades are booked: each is booked once, however often and in whatever order a venue reports it.

use alloc::vec::Vec;
use zero_core::{CoinId, Ts, canon_struct};
use zero_market::Fill;

/// Keys that are certainly kept; up to twice as many are held, so that forgetting costs nothing per fill.
const WINDOW: usize = 2_048;

canon_struct! {
    /// What identifies a trade: a venue's trade ids are unique only together with coin and time.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct FillKey {
        /// The venue's trade id.
        pub tid: u64,
        /// Its perpetual.
        pub coin: CoinId,
        /// Its time at the venue.
        pub time: Ts,
    }
}

impl FillKey {
    const fn of(f: &Fill) -> Self {
        Self { tid: f.tid, coin: f.coin, time: f.time }
    }
}

canon_struct! {
    /// The trades that were booked, as far back as a bounded window goes.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Booked {
        /// Highest trade id booked: a higher one is certainly new.
        pub highest: u64,
        /// Latest time of a forgotten trade: what is not younger and not in the window cannot be told from it.
        pub floor: Ts,
        /// The window, in order of booking.
        pub recent: Vec<FillKey>,
    }
}

/// What a reported trade is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// Not booked yet.
    New,
    /// Booked already.
    Duplicate,
    /// Older than the window: it may have been booked. It is not booked again; if it was never booked, reconciliation
    /// finds the difference.
    TooOld,
}

impl Booked {
    /// Nothing booked.
    pub const NONE: Self = Self { highest: 0, floor: Ts::ZERO, recent: Vec::new() };

    /// Has the trade been booked?
    #[must_use]
    pub fn judge(&self, f: &Fill) -> Report {
        let key = FillKey::of(f);
        if f.tid > self.highest {
            Report::New
        } else if self.recent.iter().rev().any(|k| *k == key) {
            Report::Duplicate
        } else if f.time <= self.floor {
            Report::TooOld
        } else {
            Report::New
        }
    }

    /// Remembers a trade.
    pub fn note(&mut self, f: &Fill) {
        self.highest = self.highest.max(f.tid);
        if self.recent.len() >= 2 * WINDOW {
            for k in self.recent.drain(..WINDOW) {
                self.floor = self.floor.max(k.time);
            }
        }
        self.recent.push(FillKey::of(f));
    }
}
