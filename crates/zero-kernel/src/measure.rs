//! An account's measures: equity, peak, samples, gross notional. They follow the marks, and transfers leave every
//! ratio between them as it was.

use crate::exposure::worst_gross;
use crate::state::{AccountState, EquitySample, Fault, State};
use zero_core::fixed::div_half_even;
use zero_core::{TsDiff, Usd};
use zero_market::event::Transfer;

/// Shortest distance of two equity samples; with the 24-hour window it bounds their number.
const SAMPLE_EVERY: TsDiff = TsDiff::secs(900);

/// Measures every account at the present marks.
pub(crate) fn measure(state: &mut State) -> Result<(), Fault> {
    let State { accounts, ledger, orders, coins, now, .. } = state;
    for a in accounts.iter_mut() {
        a.equity = ledger.account_equity(a.account, |c| coins.get(c.index()).and_then(|s| s.mark))?;
        a.gross = worst_gross(ledger, orders, coins, a.account);
        let Some(equity) = a.equity else { continue };
        a.peak = a.peak.max(equity);
        let day_ago = now.minus(TsDiff::DAY);
        // One sample from before the window stays: the loss is measured against the equity 24 hours ago.
        let old = a.samples.iter().take_while(|s| s.time <= day_ago).count();
        if old > 1 {
            a.samples.drain(..old - 1);
        }
        if a.samples.last().is_none_or(|s| now.since(s.time) >= SAMPLE_EVERY) {
            let fees = ledger.of(a.account).fold(0i64, |sum, b| sum.saturating_add(b.fees.raw()));
            a.samples.push(EquitySample { time: *now, equity, fees: Usd::from_raw(fees) });
        }
    }
    Ok(())
}

/// Books a transfer. Equity moves by its amount; peak and samples are scaled by the same factor, as a fund's unit value
/// would be: a deposit is no profit, a withdrawal no loss, and neither changes a drawdown.
pub(crate) fn transfer(state: &mut State, t: &Transfer) -> Result<(), Fault> {
    let book = state.ledger.books.get(t.book.index()).ok_or(Fault::Unknown("book"))?;
    if book.account != t.account {
        return Err(Fault::Contradiction("a transfer to a book of another account"));
    }
    let before = state.ledger.account_equity(t.account, |c| state.mark(c))?;
    state.ledger.post_transfer(t.book, t.amount)?;
    let a = state.accounts.iter_mut().find(|a| a.account == t.account).ok_or(Fault::Unknown("account"))?;
    let last = before.or(a.equity);
    rescale(a, last, t.amount)
}

fn rescale(a: &mut AccountState, before: Option<Usd>, amount: Usd) -> Result<(), Fault> {
    a.equity = match a.equity {
        Some(e) => Some(e.plus(amount)?),
        None => None,
    };
    let move_ = |x: Usd| match before {
        Some(old) if old.raw() > 0 && old.plus(amount).is_ok_and(|new| new.raw() > 0) => {
            let new = i128::from(old.raw()) + i128::from(amount.raw());
            let scaled = div_half_even(i128::from(x.raw()) * new, i128::from(old.raw()));
            Usd::from_raw(scaled.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64)
        }
        // Without a positive equity on both sides there is no unit value: the money moves as it is.
        _ => Usd::from_raw(x.raw().saturating_add(amount.raw())),
    };
    a.peak = move_(a.peak);
    for s in &mut a.samples {
        s.equity = move_(s.equity);
    }
    Ok(())
}
