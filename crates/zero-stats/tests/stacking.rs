//! What a stack of lenses must and must not do.

#![allow(
    clippy::unwrap_used,
    reason = "a helper of a test may panic; clippy.toml exempts only the test functions"
)]

use zero_core::prng::Prng;
use zero_stats::*;

/// How much a duplicated lens may move a probability at 1,500 rows: the penalty on two halves is half of that on one whole, which is
/// .001 at the penalty .1 and .012 at 10.
const DUPLICATE_EPSILON: f64 = 0.02;
const ROWS: usize = 1_500;

struct Market {
    cells: Vec<Option<f64>>,
    outcomes: Vec<f64>,
    ends: Vec<usize>,
    lenses: usize,
}

/// Three lenses: two that know something, with noise in common, and one that knows nothing. Each abstains a tenth of the time.
fn market(seed: u64) -> Market {
    let mut draws = Prng::new(seed, 77);
    let mut m = Market { cells: Vec::new(), outcomes: Vec::new(), ends: Vec::new(), lenses: 3 };
    for row in 0..ROWS {
        let (truth, common) = (draws.normal(), draws.normal());
        let says = [
            truth + 0.5 * common + 0.5 * draws.normal(),
            0.02 * (truth + 0.5 * common + 0.8 * draws.normal()),
            draws.normal(),
        ];
        for x in says {
            m.cells.push((draws.uniform() > 0.1).then_some(x));
        }
        m.outcomes.push(f64::from(u8::from(draws.uniform() < logistic(1.2 * truth))));
        m.ends.push(row + 4);
    }
    m
}

impl Market {
    fn opinions(&self) -> Opinions<'_> {
        Opinions { cells: &self.cells, lenses: self.lenses, outcomes: &self.outcomes, label_ends: &self.ends }
    }

    fn fit(&self) -> (Stack, StackReport) {
        Stack::fit(&self.opinions(), &StackingRule::standard()).unwrap()
    }

    fn row(&self, row: usize) -> &[Option<f64>] {
        &self.cells[row * self.lenses..][..self.lenses]
    }
}

#[test]
fn permuting_a_lenss_history_destroys_its_weight() {
    for seed in 0..5 {
        let honest = market(seed);
        let before = honest.fit().1.weights;
        assert!(before[0] > 0.2 && before[2].abs() < 0.2 * before[0], "{before:?}");
        let mut shuffled = market(seed);
        let mut draws = Prng::new(seed, 5);
        for i in (1..ROWS).rev() {
            let j = draws.below(i as u64 + 1) as usize;
            shuffled.cells.swap(3 * i, 3 * j);
        }
        let after = shuffled.fit().1.weights;
        assert!(after[0].abs() < 0.25 * before[0], "{before:?} {after:?}");
        assert!(after[1] > before[1], "the lens that still knows takes over: {before:?} {after:?}");
    }
}

#[test]
fn a_duplicated_lens_moves_no_probability_by_more_than_its_epsilon() {
    for seed in 0..3 {
        let single = market(seed);
        let mut double = market(seed);
        double.lenses = 4;
        double.cells =
            (0..ROWS).flat_map(|r| single.row(r).iter().copied().chain([single.row(r)[0]])).collect();
        let ((one, report), (two, doubled)) = (single.fit(), double.fit());
        let mut most = 0.0f64;
        for row in 0..ROWS {
            let (a, b) = (one.combine(single.row(row)).unwrap(), two.combine(double.row(row)).unwrap());
            most = most.max((a.p - b.p).abs());
        }
        assert!(most < DUPLICATE_EPSILON, "{most}");
        assert!(doubled.effective_lenses < report.effective_lenses + 0.35, "{report:?} {doubled:?}");
        assert!(
            report.effective_lenses < 3.0 && report.effective_lenses > 1.5,
            "{}",
            report.effective_lenses
        );
    }
    // The planted bug: votes are added up, so an echo counts twice.
    let m = market(0);
    let (stack, report) = m.fit();
    let votes = |row: usize, echo: f64| {
        let c = stack.combine(m.row(row)).unwrap().contributions;
        logistic(c.iter().flatten().sum::<f64>() + echo * c[0].unwrap_or(0.0))
    };
    assert!(
        (0..ROWS).any(|row| (votes(row, 1.0) - votes(row, 0.0)).abs() > 5.0 * DUPLICATE_EPSILON),
        "{report:?}"
    );
}

#[test]
fn dropping_a_feed_never_raises_the_lower_bound() {
    for seed in 0..3 {
        let m = market(seed);
        let (stack, _) = m.fit();
        let mut central_rose = false;
        for row in 0..ROWS {
            let full = stack.combine(m.row(row)).unwrap();
            assert!(full.p_lower <= full.p);
            for lost in 1..8usize {
                let fewer: Vec<Option<f64>> =
                    m.row(row).iter().enumerate().map(|(i, x)| x.filter(|_| lost >> i & 1 == 0)).collect();
                let left = stack.combine(&fewer).unwrap();
                assert!(left.p_lower <= full.p_lower + 1e-12, "{fewer:?}: {left:?} {full:?}");
                central_rose |= left.p > full.p + 0.01;
            }
        }
        // The planted bug: the central probability, taken for the decision, would rise when an adverse lens falls silent.
        assert!(central_rose);
    }
}

#[test]
fn the_whole_beats_its_lenses_and_the_base_rate_out_of_time_and_bins_keep_their_word() {
    for seed in 0..3 {
        let (_, report) = market(seed).fit();
        let whole = &report.whole;
        assert!(whole.brier < whole.uncertainty - 0.01, "{whole:?}");
        for lens in report.lenses.iter().flatten() {
            assert!(lens.whole.brier < lens.alone.brier, "{lens:?}");
            assert!(lens.whole.log_score < lens.alone.log_score && lens.alone.n < whole.n);
        }
        let calibrated = report.calibrated.unwrap();
        assert!(calibrated.reliability < 0.006, "{calibrated:?}");
        let kept = calibrated.bins.iter().filter(|b| b.interval.contains(b.forecast)).count();
        assert!(kept * 10 >= calibrated.bins.len() * 7, "{calibrated:?}");
        assert!(calibrated.log_score.unwrap() < 0.68);
    }
}

/// Outcomes become known four rows later, so those of the last four rows before a fold are future to it too.
#[test]
fn what_was_said_does_not_change_with_outcomes_that_were_not_known_yet() {
    let rule = StackingRule { ridges: vec![10.0], ..StackingRule::standard() };
    let last = 5 * ROWS / 6;
    let said_when_flipped_from = |from: usize| {
        let mut m = market(1);
        m.outcomes[from..].iter_mut().for_each(|o| *o = 1.0 - *o);
        let report = Stack::fit(&m.opinions(), &rule).unwrap().1;
        report.whole.bins.iter().map(|b| (b.n, b.low, b.high, b.forecast)).collect::<Vec<_>>()
    };
    let said = said_when_flipped_from(ROWS);
    assert_eq!(said_when_flipped_from(last), said);
    assert_eq!(said_when_flipped_from(last - 4), said);
    assert_ne!(said_when_flipped_from(last - 5), said, "the check can fail");
}

#[test]
fn a_lens_that_never_speaks_has_no_weight_and_bad_opinions_are_refused() {
    let mut m = market(2);
    m.cells.iter_mut().skip(1).step_by(3).for_each(|x| *x = None);
    let (stack, report) = m.fit();
    assert_eq!(report.weights[1], 0.0);
    let row = [Some(0.5), None, Some(0.1)];
    let (silent, speaking) =
        (stack.combine(&row).unwrap(), stack.combine(&[Some(0.5), Some(9.0), Some(0.1)]).unwrap());
    assert_eq!(silent.contributions[1], None);
    assert!((silent.p - speaking.p).abs() < 1e-3, "{silent:?} {speaking:?}");
    assert_eq!(stack.combine(&[Some(f64::NAN), None, None]), Err(StatsError::NotFinite { index: 0 }));
    assert!(stack.combine(&[None]).is_err());
    m.outcomes.iter_mut().for_each(|o| *o = 0.0);
    let hopeless = Stack::fit(&m.opinions(), &StackingRule::standard());
    assert!(hopeless.is_err(), "an event that never happened teaches nothing");
}
