//! What strategies tell of themselves: whether they explain what they wait for, why they cannot be asked, why they abstain.

use super::evaluate::status;
use crate::replica::Replica;
use zero_core::{BookId, CoinId};
use zero_packets::evaluation::{AbstentionOutcome, Explanation};
use zero_strategy::{Abstention, Input, Proposal, Unanswered, Unexplained};

/// Whether a book's strategy tells what its entries wait for.
pub(crate) fn explanation(replica: &Replica, book: BookId, coin: CoinId) -> Explanation {
    let told = match replica.absence(book) {
        Some(absent) => Err(absent.clone()),
        None => replica.kernel.explains(book, coin, replica.now),
    };
    match told {
        Ok(()) => Explanation { status: "given".into(), code: None, reason: None },
        Err(u) => Explanation {
            status: "unavailable".into(),
            code: Some(u.code.into()),
            reason: Some(u.why.into_owned()),
        },
    }
}

/// Why a component that was asked abstains.
pub(crate) fn abstained(p: Proposal) -> Option<AbstentionOutcome> {
    match p {
        Proposal::Withheld(a) => Some(abstention(a, "asked")),
        _ => None,
    }
}

/// An abstention with where it is known from.
pub(crate) fn abstention(a: Abstention, source: &str) -> AbstentionOutcome {
    let code = a.why.is_stated().then_some(a.code);
    AbstentionOutcome { reason: a.why.name().into(), code, source: source.into() }
}

/// Why a strategy cannot be asked.
pub(crate) fn unavailable(u: &Unexplained) -> String {
    format!("{} ({})", u.why, u.code)
}

/// An abstention in words.
pub(crate) fn withheld(a: Abstention, inputs: &[Input]) -> String {
    if a.why == Unanswered::Input {
        return format!("abstains: {}", missing(inputs));
    }
    if a.why.is_stated() {
        return format!("abstains: the component says {}, code {}", a.why.name(), a.code);
    }
    format!("abstains: the component gave no answer: {}", a.why.name())
}

/// The inputs that are missing or stale, in words.
pub(crate) fn missing(inputs: &[Input]) -> String {
    let missing: Vec<String> = inputs
        .iter()
        .filter(|i| i.seen.live().is_none())
        .map(|i| format!("{} is {}", i.name, status(&i.seen)))
        .collect();
    if missing.is_empty() { "an input is missing".into() } else { missing.join(", ") }
}
