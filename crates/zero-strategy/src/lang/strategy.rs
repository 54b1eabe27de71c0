//! A document as a strategy.

use super::BUDGET_MAX;
use super::ast::Expr;
use super::document::{Document, Setting};
use super::error::{LangError, Span};
use super::program::{At, Inputs as _, Program};
use crate::feature::{FeatureBank, FeaturePlan, FeatureSpec, Slot};
use crate::precedence::{self, ExitClass};
use crate::strategy::{
    Condition, Entry, ExitWhy, Holding, Input, Proposal, Reach, Sizing, Strategy, StrategySpec,
};
use crate::view::CoinView;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use zero_core::prng::Prng;
use zero_core::{CoinId, MissingReason, Observation, Truth, Ts, TsDiff};
use zero_market::Side;

/// A compiled document.
#[derive(Clone, Debug)]
pub struct DocumentStrategy {
    document: Document,
    regime: Program,
    long: Program,
    short: Program,
    score: Program,
    stop: Option<Program>,
    target: Option<Program>,
    kill: Program,
    trail: [Program; 2],
    signal: [Program; 2],
    pub(super) history: Option<Slot>,
    /// The features that were declared when it was built, its own among them.
    pub(super) plan: FeaturePlan,
    /// Features that an entry reads, each with whether it is one of funding prints.
    reads: Vec<(Slot, bool)>,
    horizon: TsDiff,
    sizing: Sizing,
    cooldown: TsDiff,
    /// Values for which an entry is looked for, by slot.
    samples: Vec<(Slot, bool, &'static [f64])>,
    /// By coin, once the universe is known; `None` trades every coin.
    trades: Option<Vec<bool>>,
}

/// What a document costs and needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Operations and scanned values of one decision, at most.
    pub budget: usize,
    /// Bars that must have been seen before every feature has a value.
    pub lookback: usize,
}

impl DocumentStrategy {
    /// Compiles; its features are declared on the plan.
    #[must_use]
    pub fn new(document: Document, plan: &mut FeaturePlan) -> Self {
        let mut of = |key: &str| {
            program(&document, key, plan).unwrap_or_else(|| Program::of(&Expr::Bool(false), plan))
        };
        let (regime, long, short, score) =
            (of("regime.when"), of("entry.long"), of("entry.short"), of("entry.score"));
        let kill = of("exit.kill");
        let trail = [of("exit.trail_long"), of("exit.trail_short")];
        let signal = [of("exit.signal_long"), of("exit.signal_short")];
        let stop = program(&document, "exit.stop", plan);
        let target = program(&document, "exit.target", plan);
        let history = match document.get("universe.history") {
            Setting::Bars(n) if *n > 0 => Some(plan.need(FeatureSpec::History { n: *n })),
            _ => None,
        };
        let samples = samples(&document, plan);
        let mut reads = Vec::new();
        for p in [&regime, &kill, &long, &short, &score].into_iter().chain(&stop).chain(&target) {
            for input in p.inputs() {
                if !reads.contains(&input) {
                    reads.push(input);
                }
            }
        }
        let hours = |h: u32| TsDiff::HOUR.times(i64::from(h));
        Self {
            horizon: hours(document.horizon_hours()),
            cooldown: hours(document.hours("cooldown.wait")),
            sizing: document.sizing(),
            document,
            regime,
            long,
            short,
            score,
            stop,
            target,
            kill,
            trail,
            signal,
            history,
            plan: plan.clone(),
            reads,
            samples,
            trades: None,
        }
    }

    /// The document.
    #[must_use]
    pub const fn document(&self) -> &Document {
        &self.document
    }

    /// What it costs and needs: bounds that hold for every input.
    ///
    /// # Errors
    /// [`LangError`] when one decision may take more than [`BUDGET_MAX`].
    pub fn cost(document: &Document) -> Result<Cost, LangError> {
        let mut plan = FeaturePlan::new();
        let s = Self::new(document.clone(), &mut plan);
        let fixed = [&s.regime, &s.long, &s.short, &s.score, &s.kill];
        let ops = fixed.into_iter().chain(&s.stop).chain(&s.target).chain(&s.trail).chain(&s.signal);
        let budget = ops.map(Program::cost).sum::<usize>() + scans(document);
        if budget > BUDGET_MAX {
            return Err(LangError::new(
                LangError::BOUND,
                Span::default(),
                alloc::format!("one decision would take {budget} steps; {BUDGET_MAX} are possible"),
                "use fewer or shorter windows",
            ));
        }
        Ok(Cost { budget, lookback: plan.warm_up() })
    }

    fn enter(&self, at: &At<'_>) -> Asked {
        let live = |v: Option<f64>| v.is_some_and(f64::is_finite);
        let all_live = self
            .reads
            .iter()
            .all(|(slot, of_funding)| live(if *of_funding { at.funding(*slot) } else { at.feature(*slot) }));
        let old_enough = self.history.is_none_or(|slot| at.view.feature(slot).live().is_some());
        Asked { entry: if old_enough { self.entry(at) } else { None }, missing: !(all_live && old_enough) }
    }

    fn entry(&self, at: &At<'_>) -> Option<Entry> {
        // Both sides at once is a contradiction, not a choice.
        let side = match (self.long.run(at).truth().is_true(), self.short.run(at).truth().is_true()) {
            (true, false) => Side::Buy,
            (false, true) => Side::Sell,
            _ => return None,
        };
        if !self.regime.run(at).truth().is_true() || self.kill.run(at).truth() != Truth::False {
            return None;
        }
        // A distance that a document gives must be known.
        let distance = |p: &Option<Program>| match p {
            None => Some(None),
            Some(p) => p.run(at).exact().filter(|d| *d > 0.0).map(Some),
        };
        Some(Entry {
            side,
            stop: distance(&self.stop)?,
            target: distance(&self.target)?,
            horizon: self.horizon,
            score: self.score.run(at).exact()?,
            sizing: self.sizing,
        })
    }

    /// The exit that wins, and whether an input was missing.
    fn leave(&self, at: &At<'_>, holding: &Holding) -> (Option<(ExitClass, bool)>, bool) {
        let side = usize::from(holding.szi.signum() < 0);
        let mut missing = false;
        let mut claim = |class, p: Option<&Program>, key: &str| {
            let v = p?.run(at);
            missing |= v.missing;
            match v.truth() {
                Truth::True => Some((class, true)),
                Truth::Unknown if self.document.leaves(key) => Some((class, false)),
                _ => None,
            }
        };
        let claims = [
            claim(ExitClass::Kill, Some(&self.kill), "exit.on_unknown.kill"),
            claim(ExitClass::Trail, self.trail.get(side), "exit.on_unknown.trail"),
            claim(ExitClass::Signal, self.signal.get(side), "exit.on_unknown.signal"),
        ];
        let won = precedence::winner(claims.iter().flatten().map(|(c, _)| *c));
        (won.and_then(|c| claims.iter().flatten().find(|(x, _)| *x == c).copied()), missing)
    }
}

struct Asked {
    entry: Option<Entry>,
    missing: bool,
}

impl Strategy for DocumentStrategy {
    fn spec(&self) -> StrategySpec {
        self.document.spec()
    }

    fn propose(&self, view: &CoinView<'_>, holding: Option<&Holding>) -> Proposal {
        let traded = self.trades.as_ref().is_none_or(|t| t.get(view.coin.index()).copied().unwrap_or(false));
        let quiet = |missing| if missing { Proposal::Abstain } else { Proposal::Nothing };
        let Some(h) = holding else {
            if !traded {
                return Proposal::Nothing;
            }
            let asked = self.enter(&At { view, holding: None });
            return asked.entry.map_or_else(|| quiet(asked.missing), Proposal::Enter);
        };
        let (claim, missing) = self.leave(&At { view, holding }, h);
        match claim {
            None => quiet(missing),
            Some((ExitClass::Kill, false)) => Proposal::Exit(ExitWhy::UnknownKill),
            Some((ExitClass::Trail, false)) => Proposal::Exit(ExitWhy::UnknownTrail),
            Some((_, false)) => Proposal::Exit(ExitWhy::UnknownInput),
            Some((ExitClass::Signal, true)) => {
                // The signal may have turned: then the other side is entered behind the exit.
                let other = if traded { self.enter(&At { view, holding: None }).entry } else { None };
                match other {
                    Some(e) if e.side.sign() != h.szi.signum() => Proposal::Enter(e),
                    _ => Proposal::Exit(ExitWhy::Signal),
                }
            }
            Some((ExitClass::Kill, true)) => Proposal::Exit(ExitWhy::Kill),
            // Kill, trail and signal are all that a document claims.
            Some((_, true)) => Proposal::Exit(ExitWhy::Trail),
        }
    }

    fn bind(&mut self, symbols: &[&str]) {
        let coins = self.document.coins();
        // Case counts only where the market tells two coins apart by it.
        let names = |c: &str, s: &str| c == s || (c.eq_ignore_ascii_case(s) && !symbols.contains(&c));
        self.trades =
            (!coins.is_empty()).then(|| symbols.iter().map(|s| coins.iter().any(|c| names(c, s))).collect());
    }

    fn cooldown(&self) -> TsDiff {
        self.cooldown
    }

    fn favourable(&self, sigma: f64, now: Ts, bank: &mut FeatureBank) -> bool {
        (0..TRIES).any(|i| {
            let mut draw = Prng::new(SEARCH, i);
            for (slot, is_vol, values) in &self.samples {
                let at = draw.below(values.len().max(1) as u64) as usize;
                let value = if *is_vol { sigma } else { values.get(at).copied().unwrap_or(0.0) };
                bank.set(*slot, value, now);
            }
            if let Some(slot) = self.history {
                bank.set(slot, 100.0, now);
            }
            self.enters(now, bank) || (i % GUIDED_EVERY == GUIDED_EVERY - 1 && self.guided(now, bank))
        })
    }

    fn inputs(&self, view: &CoinView<'_>) -> Vec<Input> {
        self.inputs_now(view)
    }

    fn reach(&self, view: &CoinView<'_>) -> Vec<Reach> {
        [Side::Buy, Side::Sell].into_iter().filter_map(|side| self.reach_of(side, view)).collect()
    }

    fn conditions(&self, view: &CoinView<'_>) -> Vec<Condition> {
        [Side::Buy, Side::Sell].into_iter().flat_map(|side| self.conditions_of(side, view)).collect()
    }
}

impl DocumentStrategy {
    fn enters(&self, now: Ts, bank: &FeatureBank) -> bool {
        self.enter(&At { view: &imagined(now, bank), holding: None }).entry.is_some()
    }

    /// Changes one input after the other, each by as little as makes a condition hold: thresholds may lie where no sample does.
    fn guided(&self, now: Ts, bank: &mut FeatureBank) -> bool {
        [Side::Buy, Side::Sell].into_iter().any(|side| {
            let mut bank_now = bank.clone();
            for _ in 0..CHANGES {
                let open = self.conditions_of(side, &imagined(now, &bank_now));
                let Some(turn) = open.into_iter().filter(|c| !c.truth.is_true()).find_map(|c| c.turn) else {
                    break;
                };
                let Some(slot) = self.place_of(&turn.input) else { break };
                bank_now.set(slot, turn.begins, now);
            }
            let enters = self.enters(now, &bank_now);
            if enters {
                *bank = bank_now;
            }
            enters
        })
    }
}

/// A view of nothing but features.
const fn imagined(now: Ts, bank: &FeatureBank) -> CoinView<'_> {
    CoinView {
        coin: CoinId(0),
        now,
        close: Observation::Missing(MissingReason::NeverSeen),
        funding: Observation::Missing(MissingReason::NeverSeen),
        interval: TsDiff::HOUR,
        bank,
        cross: None,
    }
}

/// Of so many states, the last is improved upon.
const GUIDED_EVERY: u64 = 100;
/// Changes that improve on one state, at most.
const CHANGES: u32 = 8;
/// States that are tried before a document counts as one whose entry cannot be named.
const TRIES: u64 = 20_000;
/// Key of the search: the states that are tried are the same in every run.
const SEARCH: u64 = 0x5a45_524f;

fn program(document: &Document, key: &str, plan: &mut FeaturePlan) -> Option<Program> {
    match document.get(key) {
        Setting::Expr(e) => Some(Program::of(e, plan)),
        _ => None,
    }
}

fn expressions(document: &Document) -> impl Iterator<Item = &Expr> {
    super::document::FIELDS.iter().filter_map(|f| match document.get(f.key) {
        Setting::Expr(e) => Some(e),
        _ => None,
    })
}

/// Every feature that a document names, once.
#[must_use]
pub fn features(document: &Document) -> Vec<super::catalog::Feature> {
    let mut all = BTreeMap::new();
    for e in expressions(document) {
        e.each(&mut |e| {
            if let Expr::Feature(f) = e {
                all.insert(*f, ());
            }
        });
    }
    all.into_keys().collect()
}

fn scans(document: &Document) -> usize {
    features(document).iter().map(|f| f.scan()).sum()
}

fn samples(document: &Document, plan: &mut FeaturePlan) -> Vec<(Slot, bool, &'static [f64])> {
    features(document)
        .into_iter()
        .map(|f| {
            let spec = f.spec();
            (plan.need(spec), matches!(spec, FeatureSpec::EwmaVol { .. }), f.entry().samples)
        })
        .collect()
}
