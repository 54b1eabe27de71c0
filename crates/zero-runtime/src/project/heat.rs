//! `zero.heat.v1`, `zero.approaching.v1` and `zero.regime.v1`: the market as the books see it.

use super::evaluate::{book_name, judge_all, long_short, short, threshold};
use super::regime::{flip_rates, regime_now};
use super::{Reading, finite, px, rate, sz};
use crate::replica::Replica;
use crate::runner::RunError;
use zero_core::{BookId, CoinId, Sz, Ts, TsDiff};
use zero_kernel::Silence;
use zero_packets::views::{Approaching, ApproachingFeed, CoinState, Heat, HeatCoin, Regime};
use zero_stats::normal_cdf;
use zero_strategy::{FeatureSpec, Opinions, Proposal, Reach};

/// Days of a year: annualises a volatility per bar.
const DAYS_PER_YEAR: f64 = 365.0;
const BY_SCORE: &str = "no calibrated expected value exists: every lens states an assumption, so coins are ranked by the \
                        share of the way to their nearest entry threshold";
const WITHOUT_EDGE: &str = "the opinion model in force shows no edge, so it tells no candidate's value from another's: coins are \
                            ranked by the share of the way to their nearest entry threshold";
const BY_VALUE: &str = "a measured opinion model is in force: coins are ranked by the lower bound of the expected value, in \
                        units of initial risk, of their hottest book's entry as it would be judged now";
const NO_TELLING: &str = "no strategy of the run can tell how far its entry is";

/// Coins by the share of the way to an entry, the hottest first; ties and unknown ones in the order of the universe.
///
/// # Errors
/// [`RunError`] where judging leaves the range of money.
pub fn heat(r: &Reading, replica: &Replica) -> Result<Heat, RunError> {
    let mut coins = (0..replica.kernel.universe().len())
        .map(|c| heat_of(r, replica, CoinId(c as u16)))
        .collect::<Result<Vec<_>, _>>()?;
    let opinions = replica.kernel.stack().opinions.as_ref();
    let measured = opinions.is_some_and(Opinions::decides);
    let note = match opinions {
        Some(_) if measured => BY_VALUE,
        Some(_) => WITHOUT_EDGE,
        None => BY_SCORE,
    };
    let of = |x: Option<f64>| x.unwrap_or(f64::NEG_INFINITY);
    let score = |a: &HeatCoin, b: &HeatCoin| of(b.score).total_cmp(&of(a.score));
    let value = |c: &HeatCoin| of(c.expected_value_low);
    coins.sort_by(|a, b| match measured {
        true => value(b).total_cmp(&value(a)).then_with(|| score(a, b)),
        false => score(a, b),
    });
    Ok(Heat {
        schema_version: Default::default(),
        coins,
        ranked_by: if measured { "expected_value" } else { "score" }.into(),
        ranking_note: note.into(),
        ts: r.ts(),
        source: r.source(),
        journal_seq: replica.next_seq,
    })
}

fn heat_of(r: &Reading, replica: &Replica, coin: CoinId) -> Result<HeatCoin, RunError> {
    let best = reaches(replica, coin).max_by(|a, b| a.1.share().total_cmp(&b.1.share()));
    let (mut blockers, mut value) = (Vec::new(), None);
    if let Some((book, near)) = &best {
        let ledger = replica.kernel.state().ledger.books.get(book.index());
        if ledger.is_some_and(|l| l.position(coin).szi.signum() == near.side.sign()) {
            blockers.push("held already".into());
        }
        if near.distance() > 0.0 {
            blockers.push(format!("{} is {} away from its threshold", near.name, short(near.distance())));
        }
        if near.unmet > 1 {
            blockers.push(format!("{} conditions of the entry do not hold", near.unmet));
        }
        let judged = judge_all(replica, coin, Some(near.side)).map_err(crate::engine::EngineError::from)?;
        let mine = judged.iter().find(|j| j.book == *book);
        if mine.is_some_and(|j| j.closing) {
            blockers.push(Silence::Closing.words().into());
        }
        value = mine.and_then(|j| j.trace.forecast.as_ref()?.expected_lower).and_then(finite);
        match mine {
            Some(j) => blockers.extend(j.trace.failing().map(|g| {
                let gates = replica.kernel.stack().gates();
                gates.get(usize::from(g.gate)).map_or_else(|| "?".to_owned(), |n| (*n).to_owned())
            })),
            None => blockers.push("an entry cannot be sized: the coin's volatility is not known".into()),
        }
    }
    Ok(HeatCoin {
        coin: r.view.symbol(coin).to_owned(),
        score: best.as_ref().and_then(|(_, x)| finite(x.share())),
        expected_value_low: value,
        book: best.as_ref().map(|(b, _)| book_name(replica, *b)),
        direction: best.as_ref().map(|(_, x)| long_short(x.side).to_owned()),
        threshold: best.as_ref().map(|(_, x)| threshold(x)),
        holding: sz(held(replica, coin)),
        blockers,
        unknown: best.is_none().then(|| why_unknown(replica, coin)),
    })
}

/// Thresholds of every book that can tell, in the order of books; `max_by` takes the last of equals, so they come reversed
/// and the first book wins a tie.
fn reaches(replica: &Replica, coin: CoinId) -> impl Iterator<Item = (BookId, Reach)> {
    let books = (0..replica.manifest.kernel.books.len()).map(|b| BookId(b as u16));
    let mut all: Vec<(BookId, Reach)> = books
        .filter(|b| replica.is_known(*b))
        .flat_map(|b| {
            let (_, reach) = replica.kernel.distances(b, coin, replica.now);
            reach.into_iter().map(move |x| (b, x))
        })
        .collect();
    all.reverse();
    all.into_iter()
}

fn held(replica: &Replica, coin: CoinId) -> Sz {
    let books = &replica.kernel.state().ledger.books;
    Sz::from_raw(books.iter().fold(0i64, |sum, b| sum.saturating_add(b.position(coin).szi.raw())))
}

fn why_unknown(replica: &Replica, coin: CoinId) -> String {
    let books = (0..replica.manifest.kernel.books.len()).map(|b| BookId(b as u16));
    let mut why: Vec<String> = Vec::new();
    for book in books {
        if !replica.is_known(book) {
            why.push(format!("{}: this program cannot build its strategy", book_name(replica, book)));
            continue;
        }
        let (inputs, _) = replica.kernel.distances(book, coin, replica.now);
        let missing: Vec<&str> =
            inputs.iter().filter(|i| i.seen.live().is_none()).map(|i| i.name.as_ref()).collect();
        if !missing.is_empty() {
            why.push(format!("{}: no live {}", book_name(replica, book), missing.join(", ")));
            continue;
        }
        let open = replica.kernel.conditions(book, coin, replica.now);
        let stuck: Vec<&str> =
            open.iter().filter(|c| !c.truth.is_true() && c.turn.is_none()).map(|c| c.text.as_str()).collect();
        if !stuck.is_empty() {
            let what = stuck.join(", ");
            why.push(format!("{}: no change of one input makes it hold: {what}", book_name(replica, book)));
        }
    }
    if why.is_empty() { NO_TELLING.into() } else { why.join("; ") }
}

/// Entries that are not reached, nearest first. A probability, never a time of arrival: `P(hit within H) =
/// 2 * Phi(-d / (sigma * sqrt(H)))`, the reflection principle for a driftless random walk.
#[must_use]
pub fn approaching(r: &Reading, replica: &Replica, within: TsDiff) -> ApproachingFeed {
    let mut list: Vec<Approaching> = Vec::new();
    for c in 0..replica.kernel.universe().len() {
        let coin = CoinId(c as u16);
        for b in 0..replica.manifest.kernel.books.len() {
            list.extend(near(r, replica, (BookId(b as u16), coin), within));
        }
    }
    let key = |a: &Approaching| a.probability.unwrap_or(f64::NEG_INFINITY);
    list.sort_by(|a, b| key(b).total_cmp(&key(a)));
    ApproachingFeed {
        schema_version: Default::default(),
        approaching: list,
        within_hours: within.as_ns() as f64 / TsDiff::HOUR.as_ns() as f64,
        method: "first passage of a driftless random walk: 2*Phi(-d/(sigma*sqrt(H))), sigma the standard deviation of the \
                 input's change over a bar by new returns; the drift by returns that leave the window, changes of \
                 volatility and jumps are left out"
            .into(),
        ts: asked_at(replica),
        source: r.source(),
        journal_seq: replica.next_seq,
    }
}

/// Event time that the kernel is asked at, where it has seen an event.
fn asked_at(replica: &Replica) -> Option<String> {
    let now = replica.kernel.state().now;
    (now != Ts::ZERO).then(|| now.to_string())
}

/// The nearest entry of a book that holds nothing of the coin and does not propose one.
fn near(
    r: &Reading,
    replica: &Replica,
    (book, coin): (BookId, CoinId),
    within: TsDiff,
) -> Option<Approaching> {
    let position = replica.kernel.state().ledger.books.get(book.index())?.position(coin);
    let proposal = replica.kernel.opinion(book, coin, replica.now).filter(|_| replica.is_known(book));
    if position.szi.raw() != 0 || matches!(proposal, Some(Proposal::Enter(_))) {
        return None;
    }
    let row = |reach: Option<&Reach>, sigmas: Option<f64>, unknown: Option<String>| Approaching {
        coin: r.view.symbol(coin).to_owned(),
        direction: reach.map(|x| long_short(x.side).to_owned()),
        distance_to_gate: reach.map(Reach::distance),
        gate: reach.map(|x| x.name.to_string()),
        ts: asked_at(replica),
        book: book_name(replica, book),
        distance_sigmas: sigmas,
        probability: sigmas.map(|d| 2.0 * normal_cdf(-d)),
        unknown,
    };
    let (_, reach) = if proposal.is_some() {
        replica.kernel.distances(book, coin, replica.now)
    } else {
        Default::default()
    };
    let Some(nearest) = reach.iter().min_by(|a, b| a.distance().total_cmp(&b.distance())) else {
        return Some(row(None, None, Some(why_unknown(replica, coin))));
    };
    if nearest.unmet > 1 {
        let why = format!("{} conditions of the entry do not hold: one passage is not enough", nearest.unmet);
        return Some(row(Some(nearest), None, Some(why)));
    }
    let Some(step) = nearest.step.filter(|s| *s > 0.0) else {
        return Some(row(Some(nearest), None, Some(format!("{} is no random walk", nearest.name))));
    };
    let interval = replica.kernel.state().coins.get(coin.index())?.interval;
    let bars = within.as_ns() as f64 / interval.as_ns().max(1) as f64;
    Some(row(Some(nearest), finite(nearest.distance() / (step * bars.sqrt())), None))
}

/// What the runtime measures of the market; of one coin where it is named.
#[must_use]
pub fn regime(r: &Reading, replica: &Replica, only: Option<CoinId>) -> Regime {
    let now = regime_now(replica, only);
    let all: Vec<CoinId> = (0..replica.kernel.universe().len()).map(|c| CoinId(c as u16)).collect();
    let states: Vec<CoinState> = all.iter().map(|c| state_of(r, replica, *c)).collect();
    let trends: Vec<f64> = states.iter().filter_map(|s| s.trend_t).collect();
    let up = trends.iter().filter(|t| **t > 0.0).count();
    Regime {
        schema_version: Default::default(),
        coin: only.map(|c| r.view.symbol(c).to_owned()),
        regime: now.name,
        confidence: now.confidence,
        status: now.status,
        dimensions: now.dimensions,
        flip_rates: flip_rates(replica),
        coins: all
            .iter()
            .zip(states)
            .filter(|(c, _)| only.is_none_or(|o| o == **c))
            .map(|(_, s)| s)
            .collect(),
        breadth: (!trends.is_empty()).then(|| up as f64 / trends.len() as f64),
        ts: r.ts(),
        source: r.source(),
        journal_seq: replica.next_seq,
    }
}

fn state_of(r: &Reading, replica: &Replica, coin: CoinId) -> CoinState {
    let stack = replica.kernel.stack();
    let view = replica.kernel.view(coin, replica.now);
    let state = replica.kernel.state().coins.get(coin.index());
    let sigma = view.as_ref().zip(stack.sigma).and_then(|(v, slot)| v.feature(slot).live());
    let spec = stack.plan.specs().iter().find(|s| matches!(s, FeatureSpec::TrendT { .. }));
    let trend = view.as_ref().zip(spec).and_then(|(v, spec)| {
        // Declaring what is declared already only says where it is.
        v.feature(stack.plan.clone().need(*spec)).live()
    });
    let bars_per_year = view.as_ref().map(|v| v.bars_per_day() * DAYS_PER_YEAR);
    CoinState {
        coin: r.view.symbol(coin).to_owned(),
        close: state.and_then(|s| s.close).map(px),
        close_time: state.filter(|s| s.close.is_some()).map(|s| s.close_time.to_string()),
        fresh: state.is_some_and(|s| r.is_fresh(s)),
        volatility: sigma.and_then(finite),
        volatility_annual: sigma.zip(bars_per_year).and_then(|(s, n)| finite(s * n.sqrt())),
        trend_t: trend.and_then(finite),
        funding: state.and_then(|s| s.funding).map(rate),
    }
}
