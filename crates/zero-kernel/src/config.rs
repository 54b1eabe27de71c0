//! What a kernel is built from.

use alloc::string::String;
use alloc::vec::Vec;
use zero_core::{AccountId, BookId, Rate, TsDiff, Usd, canon_struct};
use zero_strategy::{Costs, Limits};

canon_struct! {
    /// A book: one strategy on one account.
    #[derive(Clone, Debug, PartialEq)]
    pub struct BookSpec {
        /// Its id; books are numbered from zero without holes.
        pub book: BookId,
        /// The account it trades on.
        pub account: AccountId,
        /// Name for people.
        pub name: String,
        /// Cash attributed to it at the start.
        pub initial: Usd,
    }
}

canon_struct! {
    /// Everything that is configured about the kernel; part of the epoch's configuration digest.
    #[derive(Clone, Debug, PartialEq)]
    pub struct KernelConfig {
        /// Limits in force.
        pub limits: Limits,
        /// Costs assumed when deciding.
        pub costs: Costs,
        /// Leverage set at the venue for every coin; an instrument's own maximum binds below it.
        pub leverage: u8,
        /// Longest silence of the operator before new risk stops; `None` where no dead-man is armed.
        pub dead_man_after: Option<TsDiff>,
        /// Operator inactivity that is worth a warning and blocks new risk; `None` when not watched.
        pub operator_inactive_after: Option<TsDiff>,
        /// Venue rejections per rolling hour at which something is wrong with us or with the venue.
        pub rejects_per_hour: u32,
        /// Free bytes of the journal's disk budget below which new risk stops.
        pub disk_min_bytes: i64,
        /// Largest difference between the ledger's and the venue's equity.
        pub reconcile_tolerance: Usd,
        /// The books.
        pub books: Vec<BookSpec>,
        /// The book of the operator's own orders; `None` where none are taken.
        pub own_book: Option<BookId>,
    }
}

impl KernelConfig {
    /// Shipped settings for these books.
    #[must_use]
    pub const fn standard(books: Vec<BookSpec>) -> Self {
        Self {
            limits: Limits::standard(),
            costs: Costs { taker: Rate::from_raw(450_000_000), half_spread: Rate::bps(1) },
            leverage: 3,
            dead_man_after: None,
            operator_inactive_after: None,
            rejects_per_hour: 20,
            disk_min_bytes: 64 << 20,
            reconcile_tolerance: Usd::ZERO,
            books,
            own_book: None,
        }
    }
}

/// Most open orders that the kernel keeps; beyond it new risk is refused.
pub const OPEN_ORDERS_MAX: usize = 1_000;
/// Most coins of a universe.
pub const COINS_MAX: usize = 512;
/// Most books of a run.
pub const BOOKS_MAX: usize = 256;
