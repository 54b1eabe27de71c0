//! `zero.status.v1`: the runtime at a glance.

use super::positions::total_unrealized;
use super::{Reading, usd};
use serde_json::json;
use zero_core::{CoinId, TsDiff, Usd};
use zero_kernel::Severity;
use zero_kernel::breakers;
use zero_kernel::state::ReconState;
use zero_packets::notify::SinkTally;
use zero_packets::status::{Confidence, Market, PositionTotals, Recovery, Status, Today};

/// The packet.
#[must_use]
pub fn status(r: &Reading) -> Status {
    let state = &r.view.state;
    let fresh = state.coins.iter().filter(|c| r.is_fresh(c)).count();
    let tradeable = |(c, s): (usize, &zero_kernel::state::CoinState)| {
        r.is_fresh(s) && !state.orders.any_unknown(CoinId(c as u16))
    };
    let allowed = r.risk_increasing_allowed();
    Status {
        schema_version: Default::default(),
        confidence: confidence(r),
        market: Market {
            regime: r.view.regime.map(str::to_owned),
            health: (!state.coins.is_empty()).then(|| fresh as f64 / state.coins.len() as f64),
            signal: None,
            prediction: None,
            fear_greed: None,
            coins_tradeable: Some(if allowed {
                state.coins.iter().enumerate().filter(|c| tradeable(*c)).count() as u32
            } else {
                0
            }),
        },
        positions: PositionTotals {
            open: Some(crate::view::held_coins(state) as u32),
            unrealized_pnl: total_unrealized(r).map(usd),
            equity: r.equity().map(usd),
        },
        today: Today {
            trades: None,
            wins: None,
            pnl: today_pnl(r).map(usd),
            streak: None,
            sizing_mult: None,
            win_rate: None,
        },
        approaching: Vec::new(),
        blind_spots: blind_spots(r)
            .into_iter()
            .chain([NOT_COMPUTED, ELSEWHERE].map(str::to_owned))
            .map(|s| json!(s))
            .collect(),
        alert: alert(r),
        recovery: recovery(r),
        ts: r.ts(),
        mode: "paper".into(),
        source: r.source(),
        journal_seq: r.view.next_seq,
        age_s: r.age_s(),
        decision_digest: state.digest.to_string(),
        config_hash: r.view.manifest.epoch.config.to_string(),
        open_breakers: r.open_breakers(),
        risk_increasing_allowed: allowed,
    }
}

/// Checks of the runtime's own view; each can fail.
pub(crate) fn checks(r: &Reading) -> [(&'static str, bool); 6] {
    let state = &r.view.state;
    [
        (
            "every coin has a fresh close",
            !state.coins.is_empty() && state.coins.iter().all(|c| r.is_fresh(c)),
        ),
        ("every account's equity is known", r.equity().is_some()),
        ("the books balance to zero", state.ledger.books.iter().all(|b| b.trial_balance() == 0)),
        ("the venue agrees with the ledger", state.accounts.iter().all(|a| a.recon == ReconState::Agrees)),
        ("no unexplained change was seen", !state.data_fault),
        (
            "no order is of unknown fate",
            (0..state.coins.len()).all(|c| !state.orders.any_unknown(CoinId(c as u16))),
        ),
    ]
}

fn confidence(r: &Reading) -> Confidence {
    if r.now().is_none() {
        return Confidence { score: None, level: Some("unknown".into()) };
    }
    let checks = checks(r);
    let passed = checks.iter().filter(|(_, ok)| *ok).count();
    let level = if passed == checks.len() { "ok" } else { "degraded" };
    Confidence { score: Some(100.0 * passed as f64 / checks.len() as f64), level: Some(level.into()) }
}

/// Change of equity since midnight of the event day, from the samples of the last 24 hours, transfers taken out.
fn today_pnl(r: &Reading) -> Option<Usd> {
    let state = &r.view.state;
    let midnight = state.now.floor(TsDiff::DAY);
    state.accounts.iter().try_fold(Usd::ZERO, |sum, a| {
        let start = a.samples.iter().rev().find(|s| s.time <= midnight)?;
        sum.plus(r.account_equity(a)?.minus(start.equity).ok()?).ok()
    })
}

const NOT_COMPUTED: &str = "not computed: signal, prediction, trades and wins of the day";

/// These need the kernel and the outcomes of shadow books, which a status does not load.
const ELSEWHERE: &str = "not asked here: entries that approach (`zero approaching`, `zero brief`), near misses (`zero near-misses`)";

/// What the runtime does not see and should.
pub(crate) fn blind_spots(r: &Reading) -> Vec<String> {
    let state = &r.view.state;
    let mut out: Vec<String> = Vec::new();
    let stale: Vec<&str> = (0..state.coins.len())
        .filter(|c| state.coins.get(*c).is_some_and(|s| !r.is_fresh(s)))
        .map(|c| r.view.symbol(CoinId(c as u16)))
        .collect();
    if !stale.is_empty() {
        out.push(format!("no fresh close: {}", stale.join(", ")));
    }
    let silent: Vec<&str> = (0..state.coins.len())
        .filter(|c| state.coins.get(*c).is_some_and(|s| s.funding.is_none()))
        .map(|c| r.view.symbol(CoinId(c as u16)))
        .collect();
    if !silent.is_empty() {
        out.push(format!("no funding print: {}", silent.join(", ")));
    }
    if state.accounts.iter().any(|a| a.recon == ReconState::Never) {
        out.push("the ledger was not compared with the venue yet".into());
    }
    if r.view.regime.is_none() {
        out.push("the market's regime is unknown".into());
    }
    if state.disk_free.is_none() {
        out.push("the free disk budget was not reported yet".into());
    }
    out
}

/// What a status says of messages that did not reach anybody; nothing where all did.
#[must_use]
pub fn undelivered(sinks: &[SinkTally]) -> Option<String> {
    let late = sinks.iter().filter(|s| s.waiting + s.dead > 0);
    let words: Vec<String> =
        late.map(|s| format!("{}: {} wait, {} given up", s.name, s.waiting, s.dead)).collect();
    (!words.is_empty()).then(|| format!("notifications not delivered: {}", words.join("; ")))
}

/// The gravest open breaker, else an end without order, else what fails among the checks.
fn alert(r: &Reading) -> Option<String> {
    let open = breakers::standing(&r.view.state);
    let rank = |s: Severity| match s {
        Severity::Info => 0,
        Severity::Warning => 1,
        Severity::Critical => 2,
    };
    if let Some((b, s)) = open.rev().max_by_key(|(b, _)| rank(b.severity())) {
        let clear = if b.latches() {
            format!("; `zero operator clear {}` clears it", b.name())
        } else {
            String::new()
        };
        return Some(format!("{} is open since {}: {}{clear}", b.name(), s.since, b.reason()));
    }
    if r.holder.is_none() && r.view.ended.is_none() {
        return Some("the last run did not end in order; `zero run` recovers it".into());
    }
    let failed = checks(r).into_iter().find(|(_, ok)| !ok)?;
    r.now().map(|_| format!("does not hold: {}", failed.0))
}

/// What start-up recovered.
#[must_use]
pub fn recovery(r: &Reading) -> Recovery {
    let (c, start) = (&r.view.state.counters, r.view.start.as_ref());
    let short = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    let found = |pick: fn(&zero_kernel::state::Counters) -> u64| start.map(|s| short(pick(&s.counters)));
    Recovery {
        durable: true,
        status: start.map(|s| if s.counters.events == 0 { "fresh" } else { "recovered" }.into()),
        source: Some("journal".into()),
        journal_path: Some(r.path.clone()),
        decisions_recovered: found(|c| c.candidates),
        fills_recovered: found(|c| c.fills),
        rejections_recovered: found(|c| c.candidates - c.admitted),
        positions_recovered: start.map(|s| s.positions),
        last_decision_at: start.filter(|s| s.counters.candidates > 0).map(|s| s.last_slice.to_string()),
        current_decisions: Some(short(c.candidates)),
        current_fills: Some(short(c.fills)),
        current_rejections: Some(short(c.candidates - c.admitted)),
        current_positions: Some(crate::view::held_coins(&r.view.state) as u32),
        torn_bytes: None,
    }
}
