//! The venue's state: what a snapshot keeps and a restore brings back.

use alloc::vec::Vec;
use zero_core::{AccountId, BookId, CoinId, Px, Sz, Ts, TsDiff, Usd, canon_struct};
use zero_market::{Bar, OrderIntent};

canon_struct! {
    /// What the venue knows of a coin.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct PaperCoin {
        /// Last price: positions are marked at it.
        pub px: Option<Px>,
        /// Last complete close: the base of the oracle proxy.
        pub close: Option<Px>,
        /// Volume of the last complete bar.
        pub volume: Sz,
        /// Bar length.
        pub interval: TsDiff,
        /// EWMA of squared log returns per bar, for impact.
        pub variance: f64,
        /// EWMA of traded value per bar, for impact.
        pub mean_turnover: f64,
        /// Stamp that funding was last charged at: each hour is charged once.
        pub funded: Option<Ts>,
    }
}

canon_struct! {
    /// The venue's own account of a book: independent of the kernel's ledger, and held against it.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct PaperBook {
        /// Account.
        pub account: AccountId,
        /// Cash.
        pub cash: Usd,
        /// Signed position by coin.
        pub positions: Vec<Sz>,
    }
}

canon_struct! {
    /// An order that the venue works.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Working {
        /// The order.
        pub intent: OrderIntent,
        /// When it reaches the venue.
        pub arrives: Ts,
        /// Unfilled size.
        pub remaining: Sz,
    }
}

canon_struct! {
    /// The whole state.
    #[derive(Clone, Debug, PartialEq)]
    pub struct PaperState {
        /// Latest event time.
        pub now: Ts,
        /// Last trade id given.
        pub last_tid: u64,
        /// By coin.
        pub coins: Vec<PaperCoin>,
        /// By book.
        pub books: Vec<PaperBook>,
        /// Oldest first.
        pub working: Vec<Working>,
        /// Bars of the present instant, whose inside is not resolved yet.
        pub pending: Vec<Bar>,
        /// Positions that are not flat, over all books.
        pub held: u32,
    }
}

impl PaperState {
    pub(crate) fn new(books: &[(AccountId, Usd)], coins: usize) -> Self {
        let fresh = PaperCoin {
            px: None,
            close: None,
            volume: Sz::ZERO,
            interval: TsDiff::HOUR,
            variance: 0.0,
            mean_turnover: 0.0,
            funded: None,
        };
        Self {
            now: Ts::ZERO,
            last_tid: 0,
            coins: alloc::vec![fresh; coins],
            books: books
                .iter()
                .map(|&(account, cash)| PaperBook { account, cash, positions: alloc::vec![Sz::ZERO; coins] })
                .collect(),
            working: Vec::new(),
            pending: Vec::new(),
            held: 0,
        }
    }

    pub(crate) fn position(&self, book: BookId, coin: CoinId) -> Sz {
        self.books.get(book.index()).and_then(|b| b.positions.get(coin.index())).copied().unwrap_or(Sz::ZERO)
    }

    pub(crate) fn px(&self, coin: CoinId) -> Option<Px> {
        self.coins.get(coin.index()).and_then(|c| c.px)
    }

    /// Net signed position of an account.
    #[must_use]
    pub fn net(&self, account: AccountId, coin: CoinId) -> Sz {
        let of_account = self.books.iter().filter(|b| b.account == account);
        let held = of_account.filter_map(|b| b.positions.get(coin.index()));
        Sz::from_raw(held.fold(0i64, |sum, s| sum.saturating_add(s.raw())))
    }
}
