//! Look-ahead detector: a run that is not shown the future must decide, up to where it ends, what the full run decided.

use crate::driver::Driver;
use crate::engine::EngineError;
use crate::study::StudyError;
use zero_core::Ts;
use zero_data::{Dataset, EventRange};
use zero_kernel::{DigestSink, Fact};
use zero_market::OrderIntent;

/// The first decision that differs once the future is cut off.
#[derive(Clone, Debug, PartialEq)]
pub struct LookAhead {
    /// Last instant that the cut run could see.
    pub cut: Ts,
    /// What the full run ordered; `None` where it ordered nothing more.
    pub full: Option<OrderIntent>,
    /// What the cut run ordered.
    pub truncated: Option<OrderIntent>,
}

/// Runs over all data and over the data up to each cut. `make` builds a run for the data it will be shown, so that one
/// that peeks into its data can only peek into what is there. The answer is the first difference, `None` when all agree.
///
/// # Errors
/// [`StudyError`].
pub fn look_ahead(
    data: &Dataset,
    cuts: &[Ts],
    make: &dyn Fn(&Dataset) -> Result<Driver, EngineError>,
) -> Result<Option<LookAhead>, StudyError> {
    let full = orders(data, make)?;
    for &cut in cuts {
        let truncated = orders(&data.truncated(cut)?, make)?;
        let seen = full.iter().take_while(|o| o.decided_at <= cut);
        // The cut run may not have been asked at its last instant, where the slice timer would have come after the end.
        let known: Vec<&OrderIntent> = seen.filter(|o| o.decided_at < cut).collect();
        let told: Vec<&OrderIntent> = truncated.iter().filter(|o| o.decided_at < cut).collect();
        let differs = (0..known.len().max(told.len())).find(|i| known.get(*i) != told.get(*i));
        if let Some(i) = differs {
            let at = |v: &[&OrderIntent]| v.get(i).map(|o| (*o).clone());
            return Ok(Some(LookAhead { cut, full: at(&known), truncated: at(&told) }));
        }
    }
    Ok(None)
}

/// Every order of a run, in the order of decision.
fn orders(
    data: &Dataset,
    make: &dyn Fn(&Dataset) -> Result<Driver, EngineError>,
) -> Result<Vec<OrderIntent>, StudyError> {
    let mut driver = make(data)?;
    let (mut facts, mut out) = (Vec::new(), Vec::new());
    for event in data.events(&EventRange::all()) {
        driver.feed(&event?, &mut DigestSink, &mut facts)?;
        for fact in facts.drain(..) {
            if let Fact::Order(o) = fact {
                out.push(o.intent);
            }
        }
    }
    Ok(out)
}
