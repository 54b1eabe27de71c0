//! Settings that permit more than those of the last run: an increase like any other. It is asked for before the run takes
//! them, in the journal as it was left, so that what is refused leaves the former settings in force.

use crate::commands::approve::{self, refused};
use crate::commands::operator::{record, ruled};
use crate::commands::place::Place;
use crate::context::Context;
use crate::failure::Failure;
use std::path::Path;
use zero_config::{Change, Config, Effective};
use zero_core::Canon as _;
use zero_journal::{JournalError, RealDisk};
use zero_market::event::OperatorAction;
use zero_runtime::approval::ApprovalError;
use zero_runtime::inbox::Act;
use zero_runtime::record::{Manifest, SettingsChange};
use zero_runtime::runner::{Recovered, RunError, Runner};
use zero_runtime::view::RunView;

/// Why the act is made: part of what is approved.
const REASON: &str = "zero run with settings that permit more than those before";

/// Lets the run take its settings, or says what stands before them.
pub(crate) fn allow(
    ctx: &Context,
    config: &Config,
    dir: &Path,
    approval: Option<&Path>,
) -> Result<(), Failure> {
    let live_capable = config.runtime.live_capable;
    let former = match dir.exists().then(|| RunView::load(&RealDisk, dir)) {
        Some(Ok(view)) => view.manifest,
        // A run that was killed before its first record is durable leaves a folder and nothing in it.
        Some(Err(e)) if !matches!(e, RunError::NoRun | RunError::Journal(JournalError::NoJournal { .. })) => {
            return Err(e.into());
        }
        _ if live_capable => {
            let hint = zero_packets::errors::find("ZERO-APR-014").map_or("", |e| e.hint);
            return Err(Failure::new("ZERO-APR-014", format!("there is no run in {}", dir.display()), hint));
        }
        _ => return Ok(()),
    };
    if !change(&former, config).is_some_and(|c| c.increases) {
        return Ok(());
    }
    let act = Act {
        action: OperatorAction::ConfigChanged.name().into(),
        subject: format!("increases {}", config.hash()),
        operator: ctx.operator.to_string(),
        reason: REASON.into(),
        approval: approval.map(approve::load).transpose()?.unwrap_or_default(),
    };
    let place = Place::own(ctx, Some(dir))?;
    let ruling = record(ctx, &place, &act, live_capable)?;
    // The gate rules on every increase: one that it did not see was not let in.
    ruling.as_ref().map_or_else(|| Err(refused(&ApprovalError::Missing)), ruled)
}

/// Records a change of settings with its risk direction.
pub(crate) fn note(runner: &mut Runner<RealDisk>, config: &Config, r: &Recovered) -> Result<(), Failure> {
    let Some(change) = r.former.as_ref().and_then(|f| change(f, config)) else { return Ok(()) };
    runner.note_settings(change)?;
    runner.commit()?;
    Ok(())
}

/// What changed since a former start. What cannot be compared counts as an increase.
fn change(former: &Manifest, config: &Config) -> Option<SettingsChange> {
    if former.settings == config.hash() {
        return None;
    }
    let mut bytes = vec![0u8; former.settings_hex.len() / 2];
    let old = zero_core::hash::decode_hex(&former.settings_hex, &mut bytes)
        .then(|| Effective::from_bytes(&bytes).ok())
        .flatten();
    let (changes, increases) = match old {
        Some(old) => {
            let list = zero_config::diff(&old, &config.effective);
            let text =
                |v: &Option<zero_config::Value>| v.as_ref().map_or("absent".to_owned(), ToString::to_string);
            let line = |c: &Change| {
                format!("{}: {} -> {} ({})", c.key, text(&c.old), text(&c.new), c.risk_direction.name())
            };
            let increases = zero_config::diff::worst(&list).counts_as_increase();
            (list.iter().map(line).collect(), increases)
        }
        None => (Vec::new(), true),
    };
    Some(SettingsChange { before: former.settings, after: config.hash(), changes, increases })
}
