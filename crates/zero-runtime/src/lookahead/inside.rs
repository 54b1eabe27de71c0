//! Ends inside an instant, and what every part of the stack would say there.

use super::{Chain, Stand, stand};
use crate::driver::Driver;
use core::fmt::Write as _;
use zero_core::{BookId, Canon as _, Hasher, Ts};
use zero_market::{MarketKey, Side};
use zero_strategy::Proposal;

/// An end inside an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inside {
    /// The last event before the end.
    pub key: MarketKey,
    /// Its kind.
    pub kind: &'static str,
    /// Are judgements and decisions up to it the same, and what every part of the stack says when it is asked there?
    pub same_decisions: bool,
    /// Are the features the same?
    pub same_features: bool,
}

impl Inside {
    /// Nothing differs.
    #[must_use]
    pub const fn is_same(&self) -> bool {
        self.same_decisions && self.same_features
    }
}

/// The stand, and in its decisions the answers of every part: each lens on both sides of each coin, each strategy, and the
/// judgement of the entry that it asks for or would ask for if its condition held.
pub(super) fn asked(driver: &Driver, chain: &Chain, now: Ts) -> Stand {
    let kernel = driver.engine().kernel();
    let mut h = Hasher::new();
    let mut said = String::new();
    for (coin, _) in kernel.universe().iter() {
        for side in [Side::Buy, Side::Sell] {
            let Some(view) = kernel.view(coin, now) else { continue };
            for lens in &kernel.stack().lenses {
                // A digit of a double more or less is another answer: `{:?}` of a double has all of them.
                let _ = write!(said, "{:?};", lens.evaluate(&view, side));
            }
        }
        for book in (0..kernel.state().ledger.books.len()).map(|b| BookId(b as u16)) {
            let says = kernel.opinion(book, coin, now);
            let _ = write!(said, "{says:?};");
            let would = match says {
                Some(Proposal::Enter(entry)) => [Some(entry), None],
                _ => [Side::Buy, Side::Sell].map(|side| kernel.hypothetical(book, coin, side, now)),
            };
            for entry in would.into_iter().flatten() {
                match kernel.judge(&kernel.question(book, coin, entry, now)) {
                    Ok(trace) => h.update(&trace.to_bytes()),
                    Err(fault) => h.update(fault.to_string().as_bytes()),
                }
            }
        }
    }
    h.update(said.as_bytes());
    let mut out = stand(driver, chain);
    h.update(&out.decisions.0);
    out.decisions = h.finish();
    out
}
