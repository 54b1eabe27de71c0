//! The regime as the kernel's cross-section estimates it: one posterior per dimension, and what is not known.

use crate::replica::Replica;
use crate::view::whole_until;
use zero_core::{CoinId, MissingReason, Ts, TsDiff};
use zero_market::cross::{BOOKS_WARM_UP, CrossMarket, Posterior, SERIAL_EVERY};
use zero_packets::views::{FlipRate, RegimeDimension};

/// States by dimension, in the order of their posterior.
const VOLATILITY: [&str; 3] = ["calm", "normal", "turbulent"];
const CORRELATION: [&str; 3] = ["diverse", "common", "one_bet"];
const DEPENDENCE: [&str; 3] = ["reverting", "none", "trending"];

/// The regime in one word, its probability, and the sentence that says why.
pub(crate) struct RegimeNow {
    pub name: Option<String>,
    pub confidence: Option<f64>,
    pub status: String,
    pub dimensions: Vec<RegimeDimension>,
}

/// What is estimated now; with the serial dependence of a coin where one is named. The word is the state of volatility: the
/// dimension that entries are refused by.
pub(crate) fn regime_now(replica: &Replica, coin: Option<CoinId>) -> RegimeNow {
    let dimensions = dimensions(replica, coin);
    let volatility = dimensions.first();
    let name = volatility.and_then(|d| d.state.clone());
    let confidence = volatility.zip(name.as_ref()).and_then(|(d, n)| d.probabilities.get(n).copied());
    let status = if dimensions.is_empty() {
        "not available: no part of the run needs a regime".to_owned()
    } else {
        dimensions.iter().map(sentence).collect::<Vec<_>>().join("; ")
    };
    RegimeNow { name, confidence, status, dimensions }
}

/// The state of the market's volatility in one word; `None` while it is unknown, or too old at `now`.
pub(crate) fn volatility_name(cross: &CrossMarket, now: Ts) -> Option<&'static str> {
    let state = cross.volatility().state.filter(|_| cross.is_fresh(now))?;
    VOLATILITY.get(usize::from(state)).copied()
}

/// How often known states are left, since the cross-section began: of the market's dimensions, and of the serial dependence of
/// all coins together.
pub(crate) fn flip_rates(replica: &Replica) -> Vec<FlipRate> {
    let Some(cross) = replica.kernel.cross() else { return Vec::new() };
    let step_days = cross.step().as_ns() as f64 / TsDiff::DAY.as_ns() as f64;
    let rate = |dimension: &str, of: &[&Posterior], every: u32| {
        let sum = |pick: fn(&Posterior) -> u32| of.iter().map(|p| u64::from(pick(p))).sum::<u64>();
        let (flips, days) = (sum(|p| p.flips), sum(|p| p.known) as f64 * f64::from(every) * step_days);
        FlipRate {
            dimension: dimension.into(),
            series: of.len() as u32,
            known_days: days,
            flips,
            per_day: (days > 0.0).then(|| flips as f64 / days),
            dwell_days: (flips > 0).then(|| days / flips as f64),
        }
    };
    let coins = 0..replica.kernel.universe().len();
    let serial: Vec<&Posterior> =
        coins.filter_map(|c| cross.track(CoinId(c as u16))).map(zero_market::cross::Track::serial).collect();
    vec![
        rate("volatility", &[cross.volatility()], 1),
        rate("correlation", &[cross.correlation()], 1),
        rate("dependence", &serial, SERIAL_EVERY),
    ]
}

fn sentence(d: &RegimeDimension) -> String {
    let state = d.state.as_deref().unwrap_or("unknown");
    let p = d.state.as_ref().and_then(|s| d.probabilities.get(s));
    match (p, &d.missing) {
        (Some(p), _) => format!("{} {state} ({:.0} %)", d.dimension, p * 100.0),
        (None, Some(why)) => format!("{} {state} ({why})", d.dimension),
        (None, None) => format!("{} {state}", d.dimension),
    }
}

fn dimensions(replica: &Replica, coin: Option<CoinId>) -> Vec<RegimeDimension> {
    let Some(cross) = replica.kernel.cross() else { return Vec::new() };
    // A kernel that was copied between the closes of an instant and its slice has stepped up to the instant before.
    let now = whole_until(replica.kernel.state()).min(replica.now);
    let known = |dimension: &str, names: [&str; 3], p: &Posterior| {
        if !cross.is_fresh(now) {
            return nothing(dimension, "the last step is too old");
        }
        RegimeDimension {
            dimension: dimension.into(),
            state: p.state.and_then(|s| names.get(usize::from(s))).map(|s| (*s).to_owned()),
            probabilities: names.iter().zip(p.p).map(|(n, p)| ((*n).to_owned(), p)).collect(),
            entropy: Some(p.entropy()),
            steps: p.state.map(|_| p.steps),
            earliest_change: Some(cross.earliest_change(p).to_string()),
            missing: None,
        }
    };
    let mut out = vec![
        known("volatility", VOLATILITY, cross.volatility()),
        known("correlation", CORRELATION, cross.correlation()),
        match cross.liquidity() {
            Ok(p) => known("liquidity", ["deep", "usual", "thin"], &p),
            Err(MissingReason::NeverSeen) => nothing("liquidity", "the run is fed no order books"),
            Err(MissingReason::WarmUp) => {
                let seen = cross.steps_with_books();
                nothing("liquidity", &format!("it has seen order books in {seen} of {BOOKS_WARM_UP} steps"))
            }
            Err(_) => nothing("liquidity", "most coins had no order book in the last step"),
        },
    ];
    if let Some(track) = coin.and_then(|c| cross.track(c)) {
        out.push(known("dependence", DEPENDENCE, track.serial()));
    }
    out
}

fn nothing(dimension: &str, why: &str) -> RegimeDimension {
    RegimeDimension {
        dimension: dimension.into(),
        state: None,
        probabilities: Default::default(),
        entropy: None,
        steps: None,
        earliest_change: None,
        missing: Some(why.into()),
    }
}
