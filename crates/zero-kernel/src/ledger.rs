//! Double entry per (account, book): every posting sums to zero, so the trial balance is zero at every instant.
//!
//! ```text
//! cash + inventory at cost + fees + funding paid - realised profit - capital - backstop = 0
//! ```
//! Equity is cash plus positions at their marks; the account is the sum of its books, to the unit.

use alloc::vec::Vec;
use zero_core::fixed::div_half_even;
use zero_core::{AccountId, BookId, CoinId, Overflow, Px, Sz, Ts, Usd, canon_struct};
use zero_market::{Fill, FundingPayment, Side};

canon_struct! {
    /// A book's position in one coin.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Position {
        /// Signed size.
        pub szi: Sz,
        /// Signed cost of what is held: what was paid for a long, what was received for a short (negative).
        pub cost: Usd,
        /// When it was last opened from flat.
        pub since: Ts,
    }
}

impl Position {
    const FLAT: Self = Self { szi: Sz::ZERO, cost: Usd::ZERO, since: Ts::ZERO };

    /// Average entry price, half to even; zero when flat.
    #[must_use]
    pub fn entry_px(&self) -> Px {
        // A dust size with rounded cost may average beyond any price.
        let beyond = if self.szi.raw() == 0 { Px::ZERO } else { Px::MAX };
        self.cost.per_coin(self.szi).unwrap_or(beyond)
    }
}

canon_struct! {
    /// One book's accounts.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct BookLedger {
        /// The account that the book belongs to.
        pub account: AccountId,
        /// Collateral.
        pub cash: Usd,
        /// Money put in, net of money taken out.
        pub capital: Usd,
        /// Fees paid.
        pub fees: Usd,
        /// Funding paid, net of funding received.
        pub funding: Usd,
        /// Profit realised by closing, before fees and funding.
        pub realised: Usd,
        /// What the venue's backstop gave (positive) or took (negative).
        pub backstop: Usd,
        /// Notional traded.
        pub turnover: Usd,
        /// Fills booked.
        pub fills: u64,
        /// Positions by coin.
        pub positions: Vec<Position>,
    }
}

impl BookLedger {
    fn position_mut(&mut self, coin: CoinId) -> Result<&mut Position, Overflow> {
        self.positions.get_mut(coin.index()).ok_or(Overflow)
    }

    /// Signed position of a coin.
    #[must_use]
    #[inline]
    pub fn position(&self, coin: CoinId) -> Position {
        self.positions.get(coin.index()).copied().unwrap_or(Position::FLAT)
    }

    /// Sum of all accounts with their signs; zero by construction.
    #[must_use]
    pub fn trial_balance(&self) -> i128 {
        let inventory: i128 = self.positions.iter().map(|p| i128::from(p.cost.raw())).sum();
        i128::from(self.cash.raw()) + inventory + i128::from(self.fees.raw()) + i128::from(self.funding.raw())
            - i128::from(self.realised.raw())
            - i128::from(self.capital.raw())
            - i128::from(self.backstop.raw())
    }
}

canon_struct! {
    /// All books.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Ledger {
        /// By book id.
        pub books: Vec<BookLedger>,
    }
}

impl Ledger {
    /// Books with their initial capital.
    #[must_use]
    pub fn new(books: &[(AccountId, Usd)], coins: usize) -> Self {
        let books = books
            .iter()
            .map(|&(account, initial)| BookLedger {
                account,
                cash: initial,
                capital: initial,
                fees: Usd::ZERO,
                funding: Usd::ZERO,
                realised: Usd::ZERO,
                backstop: Usd::ZERO,
                turnover: Usd::ZERO,
                fills: 0,
                positions: alloc::vec![Position::FLAT; coins],
            })
            .collect();
        Self { books }
    }

    fn book_mut(&mut self, book: BookId) -> Result<&mut BookLedger, Overflow> {
        self.books.get_mut(book.index()).ok_or(Overflow)
    }

    /// Books a fill.
    ///
    /// # Errors
    /// [`Overflow`], also for a book or coin outside the run.
    pub fn post_fill(&mut self, f: &Fill) -> Result<(), Overflow> {
        let book = self.book_mut(f.book)?;
        let signed = match f.side {
            Side::Buy => f.notional,
            Side::Sell => f.notional.negated(),
        };
        book.cash = book.cash.minus(signed)?.minus(f.fee)?;
        book.fees = book.fees.plus(f.fee)?;
        // A statistic: it may stop growing, it may not stop the run.
        book.turnover = Usd::from_raw(book.turnover.raw().saturating_add(f.notional.raw()));
        book.fills += 1;
        let pos = book.position_mut(f.coin)?;
        let delta = f.side.signed(f.sz);
        let before = *pos;
        let mut profit = Usd::ZERO;
        if before.szi.signum() != 0 && before.szi.signum() != delta.signum() {
            let closed = before.szi.abs().raw().min(f.sz.raw());
            let released = share(before.cost, closed, before.szi.abs().raw());
            let proceeds = share(signed, closed, f.sz.raw());
            profit = proceeds.negated().minus(released)?;
        }
        pos.szi = before.szi.plus(delta)?;
        pos.cost = before.cost.plus(signed)?.plus(profit)?;
        if before.szi.signum() != pos.szi.signum() {
            pos.since = f.time;
        }
        book.realised = book.realised.plus(profit)?;
        Ok(())
    }

    /// Books a funding payment.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn post_funding(&mut self, p: &FundingPayment) -> Result<(), Overflow> {
        let book = self.book_mut(p.book)?;
        book.cash = book.cash.plus(p.amount)?;
        book.funding = book.funding.minus(p.amount)?;
        Ok(())
    }

    /// Books a transfer; positive is a deposit.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn post_transfer(&mut self, book: BookId, amount: Usd) -> Result<(), Overflow> {
        let book = self.book_mut(book)?;
        book.cash = book.cash.plus(amount)?;
        book.capital = book.capital.plus(amount)?;
        Ok(())
    }

    /// Books what the venue's backstop gave or took.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn post_backstop(&mut self, book: BookId, amount: Usd) -> Result<(), Overflow> {
        let book = self.book_mut(book)?;
        book.cash = book.cash.plus(amount)?;
        book.backstop = book.backstop.plus(amount)?;
        Ok(())
    }

    /// Net signed position of an account in a coin.
    #[must_use]
    pub fn account_net(&self, account: AccountId, coin: CoinId) -> Sz {
        Sz::from_raw(self.of(account).fold(0i64, |sum, b| sum.saturating_add(b.position(coin).szi.raw())))
    }

    /// Books of an account.
    pub fn of(&self, account: AccountId) -> impl Iterator<Item = &BookLedger> {
        self.books.iter().filter(move |b| b.account == account)
    }

    /// Equity of one book at the given marks; `None` when a held coin has no mark.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn book_equity(
        &self,
        book: &BookLedger,
        mark: impl Fn(CoinId) -> Option<Px>,
    ) -> Result<Option<Usd>, Overflow> {
        let mut equity = book.cash;
        for (i, p) in book.positions.iter().enumerate() {
            if p.szi.raw() != 0 {
                let Some(px) = mark(CoinId(i as u16)) else {
                    return Ok(None);
                };
                equity = equity.plus(px.notional(p.szi)?)?;
            }
        }
        Ok(Some(equity))
    }

    /// Equity of an account: the sum over its books.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn account_equity(
        &self,
        account: AccountId,
        mark: impl Fn(CoinId) -> Option<Px>,
    ) -> Result<Option<Usd>, Overflow> {
        let mut total = Usd::ZERO;
        for book in self.of(account) {
            match self.book_equity(book, &mark)? {
                Some(e) => total = total.plus(e)?,
                None => return Ok(None),
            }
        }
        Ok(Some(total))
    }
}

/// `amount * part / whole`, half to even; exactly `amount` when the part is the whole.
fn share(amount: Usd, part: i64, whole: i64) -> Usd {
    Usd::from_raw(div_half_even(i128::from(amount.raw()) * i128::from(part), i128::from(whole.max(1))) as i64)
}
