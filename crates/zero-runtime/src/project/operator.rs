//! What an operator's acts left in force.

use super::Reading;
use zero_packets::operator::AutoState;

/// The packet of the switch for automatic entries.
#[must_use]
pub fn auto_state(r: &Reading) -> AutoState {
    let off = r.view.state.auto_off;
    let others: Vec<String> = r.open_breakers().into_iter().filter(|b| b != "auto_off").collect();
    AutoState {
        schema_version: Default::default(),
        state: if off { "off" } else { "on" }.into(),
        simulated: true,
        reason: (!others.is_empty()).then(|| format!("open breakers: {}", others.join(", "))),
        journal_path: r.path.clone(),
        journal_seq: r.view.next_seq,
    }
}
