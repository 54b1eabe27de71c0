//! Faults that a stack of lenses could have, each planted in a second implementation and caught by the check that the product
//! passes. Without a fault the second implementation gives the product's numbers.

#![allow(
    clippy::unwrap_used,
    reason = "a helper of a test may panic; clippy.toml exempts only the test functions"
)]

use zero_core::prng::Prng;
use zero_stats::*;

const RIDGE: f64 = 1.0;
const FOLDS: usize = 6;
const CLIP: f64 = 3.0;
const Z: f64 = 0.84;
const PRIOR: f64 = 200.0;
/// Rows until an outcome is known.
const HORIZON: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    /// A lens weighs by how often it speaks, not by what came of what it said.
    WeighsSpeech,
    /// Every lens is fitted alone and their log-odds are added up.
    AddsVotes,
    /// A lens that is silent counts as one that says one half.
    SilenceIsHalf,
    /// Rows are forecast by a model that has seen them.
    InSample,
    /// The calibration map is fitted on rows that come after those it is used for.
    MapFromLater,
}

#[derive(Clone)]
struct Market {
    lenses: usize,
    cells: Vec<Option<f64>>,
    outcomes: Vec<f64>,
}

impl Market {
    /// The first lens knows as much as `edge` says, the others nothing; each abstains a tenth of the time.
    fn new(seed: u64, rows: usize, lenses: usize, edge: f64) -> Self {
        let mut draws = Prng::new(seed, 78);
        let mut m = Self { lenses, cells: Vec::new(), outcomes: Vec::new() };
        for _ in 0..rows {
            let truth = draws.normal();
            for lens in 0..lenses {
                let said = if lens == 0 { truth + 0.5 * draws.normal() } else { draws.normal() };
                m.cells.push((draws.uniform() > 0.1).then_some(said));
            }
            m.outcomes.push(f64::from(u8::from(draws.uniform() < logistic(edge * truth))));
        }
        m
    }

    fn rows(&self) -> usize {
        self.outcomes.len()
    }

    fn row(&self, row: usize) -> &[Option<f64>] {
        &self.cells[row * self.lenses..][..self.lenses]
    }

    fn shuffled(mut self, seed: u64) -> Self {
        let mut draws = Prng::new(seed, 5);
        for i in (1..self.rows()).rev() {
            let j = draws.below(i as u64 + 1) as usize;
            self.cells.swap(self.lenses * i, self.lenses * j);
        }
        self
    }

    fn with_echo(&self) -> Self {
        let cells =
            (0..self.rows()).flat_map(|r| self.row(r).iter().copied().chain([self.row(r)[0]])).collect();
        Self { lenses: self.lenses + 1, cells, outcomes: self.outcomes.clone() }
    }

    fn flipped_from(mut self, row: usize) -> Self {
        self.outcomes[row..].iter_mut().for_each(|o| *o = 1.0 - *o);
        self
    }
}

type Says = dyn Fn(&[Option<f64>]) -> (f64, f64);

/// What a stack shows of itself.
struct Shown {
    weights: Vec<f64>,
    /// Central probability and its lower bound.
    says: Box<Says>,
    /// Row, calibrated out-of-time probability, base rate known then.
    later: Vec<(usize, f64, f64)>,
}

fn product(m: &Market) -> Shown {
    let rule = StackingRule { ridges: vec![RIDGE], folds: FOLDS, clip: CLIP, z: Z, prior_rows: PRIOR };
    let ends: Vec<usize> = (0..m.rows()).map(|r| r + HORIZON).collect();
    let past = Opinions { cells: &m.cells, lenses: m.lenses, outcomes: &m.outcomes, label_ends: &ends };
    let (stack, report) = Stack::fit(&past, &rule).unwrap();
    let says = move |said: &[Option<f64>]| {
        let c = stack.combine(said).unwrap();
        (c.p, c.p_lower)
    };
    let later = report.rows.iter().map(|r| (r.row, r.p, r.base)).collect();
    Shown { weights: report.weights, says: Box::new(says), later }
}

struct Fit {
    scales: Vec<f64>,
    model: Logistic,
    covariance: Vec<f64>,
}

impl Fit {
    fn of(m: &Market, rows: &[usize], fault: Fault) -> Self {
        let scale = |lens: usize| {
            let said: Vec<f64> = rows.iter().filter_map(|r| m.row(*r)[lens]).collect();
            (said.iter().map(|x| x * x).sum::<f64>() / said.len() as f64).sqrt()
        };
        let scales: Vec<f64> = (0..m.lenses).map(scale).collect();
        let x: Vec<f64> = rows.iter().flat_map(|r| units(m.row(*r), &scales)).collect();
        let o: Vec<f64> = rows.iter().map(|r| m.outcomes[*r]).collect();
        let panel = Panel::new(&x, m.lenses).unwrap();
        let mut model = Logistic::fit(&panel, &o, None, RIDGE).unwrap();
        let covariance = model.covariance(&panel, &o, RIDGE).unwrap();
        for (lens, w) in model.weights.iter_mut().enumerate() {
            let column: Vec<f64> = x.iter().skip(lens).step_by(m.lenses).copied().collect();
            match fault {
                Fault::WeighsSpeech => {
                    *w =
                        rows.iter().filter(|r| m.row(**r)[lens].is_some()).count() as f64 / rows.len() as f64;
                }
                Fault::AddsVotes => {
                    let alone = Logistic::fit(&Panel::new(&column, 1).unwrap(), &o, None, RIDGE).unwrap();
                    *w = alone.weights[0];
                }
                _ => {}
            }
        }
        Self { scales, model, covariance }
    }

    fn p(&self, said: &[Option<f64>]) -> f64 {
        logistic(self.model.logit(&units(said, &self.scales)))
    }

    fn lower(&self, x: &[f64]) -> f64 {
        let at: Vec<f64> = std::iter::once(1.0).chain(x.iter().copied()).collect();
        let d = at.len();
        let pairs = (0..d).flat_map(|i| (0..d).map(move |j| (i, j)));
        let variance: f64 = pairs.map(|(i, j)| at[i] * self.covariance[i * d + j] * at[j]).sum();
        self.model.logit(x) - Z * variance.max(0.0).sqrt()
    }

    /// The least over all that silent lenses could say; the corners are counted like digits of a number.
    fn lowest(&self, said: &[Option<f64>], fault: Fault) -> f64 {
        let x = units(said, &self.scales);
        if fault == Fault::SilenceIsHalf {
            return self.lower(&x);
        }
        let absent: Vec<usize> = (0..said.len()).filter(|i| said[*i].is_none()).collect();
        (0..2usize.pow(absent.len() as u32))
            .map(|mut corner| {
                let mut x = x.clone();
                for i in &absent {
                    x[*i] = if corner % 2 == 0 { CLIP } else { -CLIP };
                    corner /= 2;
                }
                self.lower(&x)
            })
            .fold(f64::INFINITY, f64::min)
    }
}

fn units(said: &[Option<f64>], scales: &[f64]) -> Vec<f64> {
    said.iter().zip(scales).map(|(o, s)| o.map_or(0.0, |x| (x / s).clamp(-CLIP, CLIP))).collect()
}

fn second(m: &Market, fault: Fault) -> Shown {
    let n = m.rows();
    let all: Vec<usize> = (0..n).collect();
    let bound = |fold: usize| fold * n / FOLDS;
    let whole = Fit::of(m, &all, fault);
    let mut raw = vec![f64::NAN; n];
    for fold in 1..FOLDS {
        let known: Vec<usize> = all.iter().copied().filter(|r| r + HORIZON < bound(fold)).collect();
        let model = Fit::of(m, if fault == Fault::InSample { &all } else { &known }, fault);
        (bound(fold)..bound(fold + 1)).for_each(|r| raw[r] = model.p(m.row(r)));
    }
    let map_of = |rows: &[usize]| {
        let (p, o): (Vec<f64>, Vec<f64>) = rows.iter().map(|r| (raw[*r], m.outcomes[*r])).unzip();
        (BetaMap::fit(&p, &o).unwrap(), rows.len() as f64)
    };
    let through = |(map, n): (BetaMap, f64), p: f64| (n * map.at(p) + PRIOR * p) / (n + PRIOR);
    let scored: Vec<usize> = (bound(1)..n).collect();
    let mut later = Vec::new();
    for fold in 2..FOLDS {
        let known: Vec<usize> = scored.iter().copied().filter(|r| r + HORIZON < bound(fold)).collect();
        let map = map_of(if fault == Fault::MapFromLater { &scored } else { &known });
        let seen: Vec<f64> = (0..n).filter(|r| r + HORIZON < bound(fold)).map(|r| m.outcomes[r]).collect();
        let base = (seen.iter().sum::<f64>() + 1.0) / (seen.len() as f64 + 2.0);
        later.extend((bound(fold)..bound(fold + 1)).map(|r| (r, through(map, raw[r]), base)));
    }
    let weights = whole.model.weights.clone();
    let map = map_of(&scored);
    let says = move |said: &[Option<f64>]| {
        (through(map, whole.p(said)), through(map, logistic(whole.lowest(said, fault))))
    };
    Shown { weights, says: Box::new(says), later }
}

type Fitter<'a> = &'a dyn Fn(&Market) -> Shown;

/// A lens whose history is permuted keeps less than a quarter of its weight.
fn permutation_destroys(fit: Fitter<'_>) -> bool {
    (0..3).all(|seed| {
        let m = Market::new(seed, 1_500, 3, 1.2);
        let (before, after) = (fit(&m).weights[0], fit(&m.clone().shuffled(seed)).weights[0]);
        before > 0.2 && after.abs() < 0.25 * before
    })
}

/// A lens that is there twice moves no probability by 0.02 or more.
fn echo_is_one_voice(fit: Fitter<'_>) -> bool {
    let m = Market::new(4, 1_500, 3, 1.2);
    let double = m.with_echo();
    let (one, two) = (fit(&m), fit(&double));
    (0..m.rows()).all(|r| ((one.says)(m.row(r)).0 - (two.says)(double.row(r)).0).abs() < 0.02)
}

/// No lens that falls silent raises the lower bound, which is what entries and sizes rest on.
fn silence_never_helps(fit: Fitter<'_>) -> bool {
    let m = Market::new(5, 1_500, 3, 1.2);
    let says = fit(&m).says;
    (0..m.rows()).all(|r| {
        (1..8usize).all(|lost| {
            let fewer: Vec<Option<f64>> =
                m.row(r).iter().enumerate().map(|(i, x)| x.filter(|_| lost >> i & 1 == 0)).collect();
            says(&fewer).1 <= says(m.row(r)).1 + 1e-12
        })
    })
}

/// What is called out of time is not changed by what happened later.
fn later_outcomes_change_nothing(fit: Fitter<'_>) -> bool {
    let m = Market::new(6, 900, 3, 1.2);
    let last = (FOLDS - 1) * m.rows() / FOLDS;
    let before = |m: &Market| -> Vec<(usize, f64, f64)> {
        fit(m).later.into_iter().filter(|(r, ..)| *r < last).collect()
    };
    let said = before(&m);
    // The check can fail: an outcome that was known does change it.
    let known = before(&m.clone().flipped_from(last / 2)) != said;
    known && said == before(&m.flipped_from(last))
}

/// Of many lenses that know nothing no gain over the base rate is claimed.
fn noise_claims_nothing(fit: Fitter<'_>) -> bool {
    let gain = |seed: u64| {
        let m = Market::new(seed, 300, 12, 0.0);
        let later = fit(&m).later;
        let given = |r: usize, p: f64| if m.outcomes[r] == 1.0 { p.ln() } else { (1.0 - p).ln() };
        later.iter().map(|(r, p, base)| given(*r, *p) - given(*r, *base)).sum::<f64>() / later.len() as f64
    };
    (0..8).map(gain).sum::<f64>() / 8.0 <= 0.0
}

#[test]
fn without_a_fault_the_second_implementation_gives_the_products_numbers() {
    for seed in 0..3 {
        let m = Market::new(seed, 600 + 100 * seed as usize, 4, 0.8);
        let (a, b) = (product(&m), second(&m, Fault::None));
        let near = |x: f64, y: f64| (x - y).abs() < 1e-9;
        assert!(a.weights.iter().zip(&b.weights).all(|(x, y)| near(*x, *y)));
        assert_eq!(a.later.len(), b.later.len());
        for (x, y) in a.later.iter().zip(&b.later) {
            assert!(x.0 == y.0 && near(x.1, y.1) && near(x.2, y.2), "{x:?} {y:?}");
        }
        for r in 0..m.rows() {
            let (x, y) = ((a.says)(m.row(r)), (b.says)(m.row(r)));
            assert!(near(x.1, y.1), "row {r}: {x:?} {y:?}");
        }
    }
}

#[test]
fn every_planted_fault_is_caught_by_its_check_and_the_product_passes_all() {
    type Check = fn(Fitter<'_>) -> bool;
    let checks: [(&str, Check, &[Fault]); 5] = [
        ("a permuted history loses its weight", permutation_destroys, &[Fault::WeighsSpeech]),
        ("an echo is one voice", echo_is_one_voice, &[Fault::AddsVotes, Fault::WeighsSpeech]),
        ("silence never helps", silence_never_helps, &[Fault::SilenceIsHalf]),
        (
            "later outcomes change nothing",
            later_outcomes_change_nothing,
            &[Fault::InSample, Fault::MapFromLater],
        ),
        ("noise claims nothing", noise_claims_nothing, &[Fault::InSample]),
    ];
    let faults = [
        Fault::None,
        Fault::WeighsSpeech,
        Fault::AddsVotes,
        Fault::SilenceIsHalf,
        Fault::InSample,
        Fault::MapFromLater,
    ];
    for (name, check, caught) in checks {
        assert!(check(&product), "the product: {name}");
        for fault in faults {
            let passes = check(&|m| second(m, fault));
            assert_eq!(passes, !caught.contains(&fault), "{name}: {fault:?}");
        }
    }
}
