//! Completions of arguments: coins, decision ids, strategies, sequences.

use crate::clean;
use crate::place::{Place, Seen};
use crate::trouble::Trouble;
use zero_journal::RealDisk;

/// Most values of one completion.
pub(crate) const VALUES_MAX: usize = 100;
/// Decisions that are offered.
const DECISIONS: usize = 50;

/// Values of the argument that begin with what is typed, whatever its case.
///
/// # Errors
/// [`Trouble`] where nothing can be read.
pub(crate) fn values(place: &Place, argument: &str, typed: &str) -> Result<Vec<String>, Trouble> {
    let all: Vec<String> = match argument {
        "coin" => {
            let s = place.look()?;
            s.reading.view.manifest.universe.iter().map(|i| i.symbol.clone()).collect()
        }
        "decision" => {
            let s = place.look()?;
            let seen = match &s.seen {
                Seen::Loop(p) => p.latest.last(DECISIONS, |_| true),
                Seen::Files(f) => f.last_candidates((&RealDisk, &place.journal), DECISIONS, |_| true)?,
            };
            seen.iter().rev().map(|s| s.trace.decision.to_string()).collect()
        }
        "strategy" => {
            let used = place.look().map(|s| {
                let names = s.reading.view.manifest.strategies.iter().map(|s| s.name.clone());
                names.collect::<Vec<_>>()
            });
            let bundled = zero_lang::BUNDLED.iter().map(|(n, _)| (*n).to_owned());
            let mut all: Vec<String> = used.unwrap_or_default().into_iter().chain(bundled).collect();
            all.sort();
            all.dedup();
            all
        }
        "from" | "to" => vec![place.look()?.reading.view.next_seq.to_string()],
        // Words of a person, and arguments that nothing here has: there is nothing to offer.
        _ => Vec::new(),
    };
    let typed = typed.to_lowercase();
    let mut out: Vec<String> =
        all.iter().map(|v| clean::text(v)).filter(|v| v.to_lowercase().starts_with(&typed)).collect();
    out.truncate(VALUES_MAX);
    Ok(out)
}
