//! From a journal's view to the packets that surfaces show. Every field is computed from the folded state or is null:
//! nothing here invents a value. Reads only, takes no lock.

mod audit;
mod belief;
mod brief;
mod decided;
mod decisions;
mod deployment;
mod evaluate;
mod evidence;
mod exchange;
mod execute;
mod explained;
mod gateway;
mod health;
mod heat;
mod holder;
mod immune;
mod intelligence;
mod journal;
mod live;
mod metrics;
mod network;
mod operator;
mod parity;
mod positions;
mod pulse;
mod regime;
mod risk;
mod session;
mod snapshot;
mod stamp;
mod status;
mod unbuilt;
mod why;

pub use audit::{AuditParts, audit, recent_acts};
pub use brief::{brief, unprotected};
pub use decisions::{decision, decisions, rejections, seen_decision};
pub use deployment::{claim, deployment_heartbeat};
pub use evaluate::{decision_stack, evaluation};
pub use evidence::{canary_policy, live_evidence};
pub use exchange::{hl_status, quote, reconciliation};
pub use execute::{act_trace, execute_held, execute_live, executed};
pub use gateway::{gateway_audit, gateway_health, gateway_status};
pub use health::health;
pub use heat::{approaching, heat, regime};
pub use holder::{Holder, holder};
pub use immune::immune;
pub use intelligence::{
    Counted, RATE_HEADERS, catalog, commercial, hosted_snapshots, intelligence_export, intelligence_snapshot,
};
pub use journal::{Names, event_time, kind_of, record, wall_time};
pub use live::{certification, certification_of, cockpit, preflight, receipts};
pub use metrics::engine_metrics;
pub use network::{PROFILES_MAX, ingestion, leaderboard, network_profile, publication};
pub use operator::{auto_state, friction_contract, operator_state, operator_state_at, ruling, ruling_text};
pub use parity::{last_parity, parity_checks, parity_not_run};
pub use positions::positions;
pub use pulse::{is_act, is_told, pulse, pulse_event};
pub(crate) use regime::volatility_name;
pub use risk::{is_unprotected, risk};
pub use session::{session, session_share};
pub use snapshot::{counters, snapshot};
pub use stamp::stamp;
pub use status::{recovery, status, undelivered};
pub use unbuilt::{
    evolve, genesis, genesis_stats, memory, memory_stats, promotion, research, research_summary,
};
pub use why::why;

use crate::view::RunView;
use std::path::Path;
use std::sync::Arc;
use zero_core::{CoinId, Px, Rate, Sz, Ts, TsDiff, Usd};
use zero_kernel::breakers;
use zero_kernel::state::AccountState;
use zero_packets::{Dec, Source};

/// A view with what is known around it.
#[derive(Debug)]
pub struct Reading {
    /// The folded run.
    pub view: Arc<RunView>,
    /// The process that writes the journal now.
    pub holder: Option<Holder>,
    /// Wall clock of the reader.
    pub wall: Ts,
    /// Directory of the journal.
    pub path: String,
    /// Drills of this run, run once when they are first asked for.
    pub drills: Drills,
}

/// Drills that run when they are first asked for; copies share them.
pub type Drills = Arc<std::sync::OnceLock<Vec<crate::drills::Drill>>>;

impl Reading {
    /// Of the files of the journal in `dir`, folded to `view`. `holder`: who wrote them, asked before they were read.
    #[must_use]
    pub fn of_files(dir: &Path, view: Arc<RunView>, holder: Option<Holder>, wall: Ts) -> Self {
        Self { view, holder, wall, path: dir.display().to_string(), drills: Drills::default() }
    }

    /// What every drill found, against the limits and the venue of the run's manifest.
    #[must_use]
    pub fn drills(&self) -> &[crate::drills::Drill] {
        self.drills.get_or_init(|| crate::drills::run(&crate::reopen::run_spec(&self.view.manifest)))
    }

    /// Read from a running loop, or from a journal at rest.
    #[must_use]
    pub const fn source(&self) -> Source {
        match self.holder {
            Some(_) => Source::Running,
            None => Source::AtRest,
        }
    }

    /// The coin that is meant where none is named: BTC, or the first where that is not traded.
    #[must_use]
    pub fn usual_coin(&self) -> CoinId {
        let at = self.view.manifest.universe.iter().position(|i| i.symbol == "BTC");
        CoinId(at.unwrap_or(0) as u16)
    }

    /// Event time of the state; `None` before the first event.
    #[must_use]
    pub fn now(&self) -> Option<Ts> {
        Some(self.view.state.now).filter(|t| *t != Ts::ZERO)
    }

    pub(crate) fn ts(&self) -> Option<String> {
        self.now().map(|t| t.to_string())
    }

    /// Equity of all accounts at the present marks; `None` where a held coin has none. The state's own measure is of the
    /// last timer, and bars may have closed since.
    #[must_use]
    pub fn equity(&self) -> Option<Usd> {
        let state = &self.view.state;
        state.accounts.iter().try_fold(Usd::ZERO, |sum, a| sum.plus(self.account_equity(a)?).ok())
    }

    /// Equity of one account at the present marks.
    pub(crate) fn account_equity(&self, a: &AccountState) -> Option<Usd> {
        let state = &self.view.state;
        state.ledger.account_equity(a.account, |c| state.mark(c)).ok().flatten()
    }

    /// Highest equity, deposits and withdrawals taken out.
    pub(crate) fn peak(&self) -> Option<Usd> {
        let state = &self.view.state;
        state.accounts.iter().try_fold(Usd::ZERO, |sum, a| {
            sum.plus(self.account_equity(a).map_or(a.peak, |e| e.max(a.peak))).ok()
        })
    }

    /// Names of open breakers, in the order of the table.
    #[must_use]
    pub fn open_breakers(&self) -> Vec<String> {
        breakers::standing(&self.view.state).map(|(b, _)| b.name().to_owned()).collect()
    }

    /// May the run take new risk? While `auto_off` alone is open, the operator's own orders are judged all the same.
    #[must_use]
    pub fn risk_increasing_allowed(&self) -> bool {
        let s = &self.view.state;
        s.open_breakers() == 0 && !s.paused && !s.auto_off && !s.killed && !s.flattening && !s.data_fault
    }

    /// Is `auto_off` the only breaker that is open? Then strategies are stopped, and the operator's own orders are not.
    #[must_use]
    pub fn is_auto_off_alone(&self) -> bool {
        breakers::standing(&self.view.state).map(|(b, _)| b.name()).eq(["auto_off"])
    }

    /// Is the coin's last close recent enough for a new risk?
    pub(crate) fn is_fresh(&self, coin: &zero_kernel::state::CoinState) -> bool {
        let (now, limit) = (self.view.state.now, self.view.manifest.kernel.limits.stale_after);
        coin.close.is_some() && coin.close_time <= now && now.since(coin.close_time) <= limit
    }

    /// Seconds of wall time since the state's event time, where that lies in the past.
    #[must_use]
    pub fn age_s(&self) -> Option<f64> {
        let age = self.wall.since(self.now()?);
        (age >= TsDiff::ZERO).then(|| seconds(age))
    }
}

pub(crate) fn seconds(d: TsDiff) -> f64 {
    d.as_ns() as f64 / 1e9
}

pub(crate) fn usd(v: Usd) -> Dec {
    Dec::scaled(v.raw(), Usd::DECIMALS)
}

pub(crate) fn px(v: Px) -> Dec {
    Dec::scaled(v.raw(), Px::DECIMALS)
}

pub(crate) fn sz(v: Sz) -> Dec {
    Dec::scaled(v.raw(), Sz::DECIMALS)
}

pub(crate) fn rate(v: Rate) -> Dec {
    Dec::scaled(v.raw(), Rate::DECIMALS)
}

/// `part / whole` with six decimals, half to even; `None` where the whole is not positive.
pub(crate) fn ratio(part: Usd, whole: Usd) -> Option<Dec> {
    scaled_ratio(part, whole, 1_000_000).map(|v| Dec::scaled(v, 6))
}

/// `part / whole` in percent with four decimals, half to even; `None` where the whole is not positive.
pub(crate) fn percent(part: Usd, whole: Usd) -> Option<Dec> {
    scaled_ratio(part, whole, 1_000_000).map(|v| Dec::scaled(v, 4))
}

fn scaled_ratio(part: Usd, whole: Usd, scale: i128) -> Option<i64> {
    if whole.raw() <= 0 {
        return None;
    }
    let v = zero_core::fixed::div_half_even(i128::from(part.raw()) * scale, i128::from(whole.raw()));
    i64::try_from(v).ok()
}

/// A finite number; JSON has no other.
pub(crate) fn finite(v: f64) -> Option<f64> {
    v.is_finite().then_some(v)
}
