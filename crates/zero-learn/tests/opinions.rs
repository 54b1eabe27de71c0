//! Opinions that are measured: what a model may and may not be learnt from, case by case.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use zero_core::prng::Prng;
use zero_core::{BookId, CoinId, Digest32, OrderId, Px, Sz, Ts, TsDiff, Usd};
use zero_learn::opinions::{Fitted, NoModel, fit, live, rows};
use zero_learn::outcome::ExitCause;
use zero_learn::project::{opinion_document, opinion_model};
use zero_learn::{Case, Closed, Fate, Learnt, Said};
use zero_market::Side;
use zero_strategy::{OpinionModel, Opinions};

const ALPHA: f64 = 0.05;
/// How much a duplicated lens may move a probability: the penalty on two halves is half of that on one whole.
const DUPLICATE_EPSILON: f64 = 0.02;
const COINS: u16 = 4;
const HOLD: i64 = 3;

/// Candidates of four coins, one every three hours. Lens 0 knows of the outcome what `edge` says, lens 1 knows nothing and is as
/// persistent as prices are, lens 2 knows nothing. Outcomes of one day have a shock in common.
fn learnt(seed: u64, n: u64, edge: f64) -> Learnt {
    let mut draws = Prng::new(seed, 11);
    let mut out = Learnt {
        lens_tables: vec![vec![("knows".into(), 1), ("slow".into(), 1), ("noise".into(), 2)]],
        ..Learnt::default()
    };
    let (mut slow, mut shock) = (0.0, 0.0);
    for i in 0..n {
        let hours = 3 * (i / u64::from(COINS)) as i64;
        if i.is_multiple_of(8 * u64::from(COINS)) {
            shock = 0.5 * draws.normal();
        }
        slow = 0.98 * slow + 0.2 * draws.normal();
        let truth = draws.normal();
        let r = edge * truth + shock + draws.normal();
        let says = [truth + 0.5 * draws.normal(), slow, draws.normal()];
        let opinions = says.iter().map(|x| (draws.uniform() > 0.1).then_some(*x)).collect();
        out.cases.push(case(i, hours, Some(1.1 * r - 0.1), opinions));
    }
    out
}

fn case(n: u64, hours: i64, r: Option<f64>, opinions: Vec<Option<f64>>) -> Case {
    let mut id = [0u8; 16];
    id[..8].copy_from_slice(&n.to_le_bytes());
    let time = Ts::from_ns(1_700_006_400_000_000_000).plus(TsDiff::HOUR.times(hours));
    let closed = |r: f64| Closed {
        entered: time,
        left: time.plus(TsDiff::HOUR.times(HOLD)),
        entry_px: Px::ONE,
        sz: Sz::ONE,
        net: Usd::from_f64_nearest(100.0 * r).unwrap(),
        fees: Usd::ZERO,
        funding: Usd::ZERO,
        risk: Some(Usd::whole(100)),
        cause: ExitCause::Horizon,
    };
    Case {
        decision: OrderId(id),
        time,
        book: BookId(0),
        coin: CoinId((n % u64::from(COINS)) as u16),
        side: Side::Buy,
        admitted: n.is_multiple_of(2),
        gates: Vec::new(),
        fate: r.map_or(Fate::Unresolved, |r| Fate::Closed(closed(r))),
        said: Said { table: 0, opinions, stop: Some(0.01), forecast: None },
    }
}

fn fitted(learnt: &Learnt) -> Fitted {
    fit(learnt, ALPHA).unwrap()
}

fn weights(m: &OpinionModel) -> Vec<f64> {
    m.lenses.iter().map(|l| l.weight).collect()
}

#[test]
fn a_planted_edge_is_found_and_pure_noise_is_not() {
    const SEEDS: u64 = 100;
    let shown = |edge: f64| (0..SEEDS).filter(|s| fitted(&learnt(*s, 800, edge)).shown).count();
    let found = shown(1.0);
    assert!(found >= 95, "a planted edge was found in {found} of {SEEDS}");
    let false_alarms = shown(0.0);
    assert!(false_alarms as f64 <= ALPHA * SEEDS as f64, "noise was believed in {false_alarms} of {SEEDS}");
}

#[test]
fn permuting_a_lenss_history_destroys_its_weight() {
    for seed in 0..3 {
        let honest = learnt(seed, 1_500, 0.8);
        let before = weights(&fitted(&honest).model);
        assert!(before[0] > 0.3 && before[1].abs().max(before[2].abs()) < 0.3 * before[0], "{before:?}");
        let mut shuffled = honest.clone();
        let mut draws = Prng::new(seed, 5);
        for i in (1..shuffled.cases.len()).rev() {
            let j = draws.below(i as u64 + 1) as usize;
            let a = shuffled.cases[i].said.opinions[0];
            shuffled.cases[i].said.opinions[0] = shuffled.cases[j].said.opinions[0];
            shuffled.cases[j].said.opinions[0] = a;
        }
        let after = fitted(&shuffled);
        assert!(after.model.lenses[0].weight.abs() < 0.25 * before[0], "{:?}", weights(&after.model));
        assert!(!after.shown, "with the one that knew gone, nothing is shown");
    }
}

#[test]
fn a_duplicated_lens_changes_no_probability_by_more_than_the_stated_epsilon() {
    let single = learnt(2, 1_500, 0.8);
    let mut double = single.clone();
    double.lens_tables[0].push(("echo".into(), 1));
    for c in &mut double.cases {
        let echo = c.said.opinions[0];
        c.said.opinions.push(echo);
    }
    let (one, two) = (fitted(&single).model, fitted(&double).model);
    assert!(
        two.evidence.effective_lenses < one.evidence.effective_lenses + 0.5,
        "an echo is not counted as a lens"
    );
    let (one, two) = (Opinions::new(one).unwrap(), Opinions::new(two).unwrap());
    let mut largest = 0.0f64;
    for (a, b) in single.cases.iter().zip(&double.cases) {
        let p = |o: &Opinions, c: &Case| o.forecast(&c.said.opinions, Some(0.1)).unwrap().p;
        largest = largest.max((p(&one, a) - p(&two, b)).abs());
    }
    assert!(largest < DUPLICATE_EPSILON, "{largest}");
}

#[test]
fn dropping_any_feeds_never_raises_the_lower_bound_of_the_probability_or_of_the_value() {
    let history = learnt(4, 1_500, 0.8);
    let opinions = Opinions::new(fitted(&history).model).unwrap();
    let mut fell = 0;
    for c in &history.cases {
        let full = opinions.forecast(&c.said.opinions, Some(0.1)).unwrap();
        for mask in 1..8u8 {
            let mut said = c.said.opinions.clone();
            (0..3).filter(|i| mask >> i & 1 == 1).for_each(|i| said[i] = None);
            let less = opinions.forecast(&said, Some(0.1)).unwrap();
            assert!(less.p_lower <= full.p_lower, "{mask:b} {said:?}");
            assert!(less.expected_lower.unwrap() <= full.expected_lower.unwrap());
            fell += usize::from(less.p_lower < full.p_lower);
        }
    }
    assert!(fell > 1_000, "{fell}");
}

/// An independent recomputation: `EV = p E[win] - (1 - p) E[loss] - extra cost` with every part at its worse end.
#[test]
fn the_expected_value_is_that_of_its_parts_and_unknown_cost_is_unknown_value() {
    let history = learnt(4, 1_500, 0.8);
    let mut model = fitted(&history).model;
    model.cost_share = 0.1;
    let (win, loss) = (model.win, model.loss);
    let all: Vec<f64> = history.cases.iter().filter_map(|c| c.fate.r()).collect();
    let mean = |won: bool| {
        let of: Vec<f64> = all.iter().copied().filter(|r| (*r > 0.0) == won).collect();
        of.iter().sum::<f64>() / of.len() as f64
    };
    assert!((win.mean - mean(true)).abs() < 1e-12 && (loss.mean + mean(false)).abs() < 1e-12);
    let opinions = Opinions::new(model).unwrap();
    let said = &history.cases[7].said.opinions;
    for cost in [0.0, 0.1, 0.4] {
        let f = opinions.forecast(said, Some(cost)).unwrap();
        let extra = (cost - 0.1f64).max(0.0);
        let ev = f.p * win.mean - (1.0 - f.p) * loss.mean - extra;
        let z = zero_strategy::modifiers::Z80;
        let low = f.p_lower * (win.mean - z * win.stderr)
            - (1.0 - f.p_lower) * (loss.mean + z * loss.stderr)
            - extra;
        assert!((f.expected.unwrap() - ev).abs() < 1e-12 && (f.expected_lower.unwrap() - low).abs() < 1e-12);
        let o = f.opinion(Some(0.03), Some(0.02));
        assert!((o.mean - z * o.stderr - low * 1.5).abs() < 1e-9, "the opinion's bound is the value's bound");
    }
    let unknown = opinions.forecast(said, None).unwrap();
    assert_eq!((unknown.expected, unknown.expected_lower), (None, None));
    assert!(unknown.opinion(Some(0.03), Some(0.02)).stderr.is_infinite());
}

#[test]
fn too_few_outcomes_or_outcomes_of_one_kind_give_no_model() {
    assert!(matches!(fit(&learnt(1, 200, 0.8), ALPHA), Err(NoModel::TooFew(_))));
    let mut winners = learnt(1, 800, 0.8);
    winners.cases.retain(|c| c.fate.r().unwrap() > 0.0);
    let more: Vec<Case> = winners.cases.clone();
    winners.cases.extend(more);
    assert!(matches!(fit(&winners, ALPHA), Err(NoModel::TooFew(_))));
    assert!(matches!(fit(&Learnt::default(), ALPHA), Err(NoModel::TooFew(_))));
}

/// What ended early among the young is no fair sample of them: a stop comes sooner than a horizon.
#[test]
fn from_the_earliest_open_position_on_nothing_counts_and_other_lenses_never_do() {
    let mut history = learnt(3, 1_000, 0.5);
    let whole = rows(&history);
    assert_eq!((whole.outcomes.len(), whole.too_young, whole.left_out), (1_000, 0, 0));
    history.cases[600].fate = Fate::Unresolved;
    let cut = rows(&history);
    assert_eq!((cut.outcomes.len(), cut.too_young), (600, 400));
    history.lens_tables.push(vec![("knows".into(), 2)]);
    for c in &mut history.cases[500..] {
        c.said = Said { table: 1, opinions: vec![Some(1.0)], ..c.said.clone() };
    }
    let newest = rows(&history);
    assert_eq!((newest.lenses.len(), newest.outcomes.len(), newest.left_out), (1, 100, 500));
}

#[test]
fn candidates_that_overlap_one_of_their_book_coin_and_side_are_no_further_witnesses() {
    let once = learnt(3, 400, 0.5);
    let mut often = once.clone();
    // Proposed again every hour while the first is open.
    for (n, c) in once.cases.iter().enumerate() {
        for hour in 1..HOLD {
            let mut again = c.clone();
            again.decision = OrderId([n as u8; 16]);
            again.time = c.time.plus(TsDiff::HOUR.times(hour));
            often.cases.push(again);
        }
    }
    let (a, b) = (rows(&once), rows(&often));
    assert_eq!((a.overlapping, b.overlapping), (0, 800));
    assert_eq!((a.digest, a.ends), (b.digest, b.ends));
}

#[test]
fn a_label_that_ends_at_a_slice_is_not_known_to_that_slice() {
    let r = rows(&learnt(3, 400, 0.5));
    for (i, end) in r.ends.iter().enumerate() {
        let left = r.times[i].plus(TsDiff::HOUR.times(HOLD));
        assert!(*end >= i && r.times[*end] <= left);
        assert!(r.times.get(end + 1).is_none_or(|t| *t > left));
    }
}

#[test]
fn a_document_comes_back_as_it_was_and_any_alteration_is_an_error() {
    let model = fitted(&learnt(4, 1_500, 0.8)).model;
    let document = opinion_document(&model);
    let text = zero_packets::Packet::to_json(&document).unwrap();
    let read: zero_packets::lenses::OpinionModel = serde_json::from_str(&text).unwrap();
    assert_eq!(opinion_model(read).unwrap(), model);
    let altered = |change: fn(&mut zero_packets::lenses::OpinionModel)| {
        let mut d = document.clone();
        change(&mut d);
        opinion_model(d)
    };
    for change in [
        (|d| d.lenses[0].weight *= 2.0) as fn(&mut zero_packets::lenses::OpinionModel),
        |d| d.lenses[0].version += 1,
        |d| d.win.mean += 1.0,
        |d| d.evidence.calibrated.brier -= 0.01,
        |d| d.evidence.gain_p = 0.5,
        |d| d.digest = Digest32::ZERO.to_string(),
    ] {
        assert!(altered(change).is_err());
    }
    // Re-signed with its own digest, what cannot be true is still refused.
    let resigned = |change: fn(&mut OpinionModel)| {
        let mut m = model.clone();
        change(&mut m);
        opinion_model(opinion_document(&m))
    };
    assert!(resigned(|_| {}).is_ok());
    for change in [
        (|m| m.evidence.gain_p = 0.5) as fn(&mut OpinionModel),
        |m| m.evidence.gain = -0.1,
        |m| (m.evidence.alpha, m.evidence.gain_p) = (0.9, 0.5),
        |m| m.covariance[0] = -1.0,
        |m| m.lenses[0].weight = f64::NAN,
        |m| m.z = 0.0,
        |m| m.win.mean = -1.0,
        |m| m.version += 1,
        |m| {
            m.lenses.pop();
        },
    ] {
        assert!(resigned(change).is_err());
    }
}

#[test]
fn without_an_edge_the_model_says_the_base_rate_of_everything_and_decides_nothing() {
    let history = learnt(1, 800, 0.0);
    let noise = fitted(&history);
    assert!(!noise.shown && !noise.model.shows_edge());
    let outcomes = rows(&history).outcomes;
    let base = outcomes.iter().sum::<f64>() / outcomes.len() as f64;
    let opinions = Opinions::new(noise.model.clone()).unwrap();
    assert!(!opinions.decides());
    let silent = opinions.forecast(&[None, None, None], Some(0.1)).unwrap();
    for c in &history.cases {
        let f = opinions.forecast(&c.said.opinions, Some(0.1)).unwrap();
        assert_eq!((f.p, f.p_lower, f.expected, f.expected_lower), (silent.p, silent.p_lower, None, None));
        assert!(f.contributions.iter().flatten().all(|x| *x == 0.0));
    }
    assert!((silent.p - base).abs() < 0.002 && silent.p_lower < silent.p - 0.005, "{silent:?} {base}");
    // What was tried and found wanting is still told.
    let e = &noise.model.evidence;
    assert!(e.calibrated.n > 300 && e.calibrated.bins.len() > 3 && e.lenses.iter().all(Option::is_some));
    assert_eq!(opinion_model(opinion_document(&noise.model)).unwrap(), noise.model);
    // A weight smuggled into it is refused.
    let mut weighted = noise.model;
    weighted.lenses[1].weight = 0.2;
    assert!(Opinions::new(weighted).unwrap_err().contains("no edge shown"));
}

#[test]
fn scores_so_far_are_those_of_the_forecasts_that_this_model_made() {
    let opinions = Opinions::new(fitted(&learnt(4, 1_500, 0.8)).model).unwrap();
    let mut later = learnt(9, 500, 0.8);
    for (i, c) in later.cases.iter_mut().enumerate() {
        let digest = if i < 100 { Digest32::ZERO } else { opinions.digest() };
        c.said.forecast = Some((digest, opinions.forecast(&c.said.opinions, Some(0.1)).unwrap()));
    }
    let so_far = live(&later, &opinions);
    assert_eq!((so_far.judged, so_far.resolved), (400, 400));
    let mut brier = 0.0;
    for c in &later.cases[100..] {
        let p = c.said.forecast.as_ref().unwrap().1.p;
        let o = f64::from(u8::from(c.fate.r().unwrap() > 0.0));
        brier += (p - o) * (p - o) / 400.0;
    }
    let whole = so_far.whole.unwrap();
    assert!((whole.brier - brier).abs() < 1e-12);
    assert!(whole.brier < whole.uncertainty, "an edge that lasts is seen to last");
    assert_eq!(whole.bins.iter().map(|b| b.n).sum::<u64>(), 400);
    let knows = so_far.lenses[0].alone.clone().unwrap();
    assert!(knows.brier < so_far.lenses[2].alone.clone().unwrap().brier);
    later.cases[300].fate = Fate::Unresolved;
    assert_eq!(live(&later, &opinions).resolved, 200);
}
