//! `zero.hl_status.v1`, `zero.reconciliation.v1`, `zero.quote.v1`.

use super::{Reading, px, seconds};
use zero_core::CoinId;
use zero_kernel::state::ReconState;
use zero_packets::exchange::{Drift, ExchangeState, HlStatus, LocalState, Quote, Reconciliation};

/// Whether the venue's public data is the market, with the marks of these coins; of all where none is named.
#[must_use]
pub fn hl_status(r: &Reading, only: &[CoinId]) -> HlStatus {
    let state = &r.view.state;
    let enabled = is_live(r);
    let coins = (0..state.coins.len()).map(|c| CoinId(c as u16));
    let wanted = coins.filter(|c| only.is_empty() || only.contains(c));
    let marks = wanted.filter_map(|c| Some((r.view.symbol(c).to_owned(), px(state.mark(c)?))));
    HlStatus {
        schema_version: Default::default(),
        enabled,
        exchange: "hyperliquid".into(),
        reason: (!enabled).then(|| format!("the market of this run is: {}", r.view.manifest.source)),
        coins: Some(state.coins.len() as u32),
        mids: if enabled { marks.collect() } else { Default::default() },
        secrets_required: false,
    }
}

/// Is the market a live feed? The manifest says what the run was started with.
pub(super) fn is_live(r: &Reading) -> bool {
    r.view.manifest.source.starts_with("the venue's public data")
}

/// The ledger against the venue, the worst of all accounts.
#[must_use]
pub fn reconciliation(r: &Reading) -> Reconciliation {
    let accounts = &r.view.state.accounts;
    let differs = accounts.iter().filter(|a| a.recon == ReconState::Differs).count();
    let never = accounts.is_empty() || accounts.iter().any(|a| a.recon == ReconState::Never);
    let (status, reason) = match (differs, never) {
        (1.., _) => ("differs", "the venue says something else than the ledger"),
        (0, true) => ("never", "the venue was not compared with the ledger yet"),
        (0, false) => ("agrees", "the venue agreed with the ledger at the last comparison"),
    };
    let drift = |a: &zero_kernel::state::AccountState| Drift {
        code: "account_differs".into(),
        severity: "critical".into(),
        reason: format!("account {} differs from the venue", a.account.0),
    };
    Reconciliation {
        schema_version: Default::default(),
        exchange: "paper".into(),
        status: status.into(),
        risk_increasing_allowed: r.risk_increasing_allowed(),
        reason: reason.into(),
        stale_after_s: seconds(r.view.manifest.policy.reconcile_every),
        exchange_state: ExchangeState {
            status: "not_connected".into(),
            connected: false,
            open_positions: None,
            reason: "no account at the venue is read; the ledger is compared with the paper venue".into(),
        },
        drifts: accounts.iter().filter(|a| a.recon == ReconState::Differs).map(drift).collect(),
        as_of: r.ts(),
        local: LocalState { open_positions: crate::view::held_coins(&r.view.state) as u32 },
        journal_seq: r.view.next_seq,
    }
}

/// The last mark of a coin; `None` before the first.
#[must_use]
pub fn quote(r: &Reading, coin: CoinId) -> Option<Quote> {
    Some(Quote {
        schema_version: Default::default(),
        symbol: r.view.symbol(coin).to_owned(),
        price: px(r.view.state.mark(coin)?),
        basis: "mark".into(),
        source: r.view.manifest.source.clone(),
        as_of: r.ts(),
        mode: "paper".into(),
        live: is_live(r),
    })
}
