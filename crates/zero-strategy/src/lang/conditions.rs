//! An entry's conditions one by one: which holds, which does not and by how little, which cannot be known and why.

use super::ast::Expr;
use super::boundary::{Search, Turn};
use super::catalog::Feature;
use super::document::Setting;
use super::program::{At, Program};
use super::strategy::{DocumentStrategy, features};
use crate::feature::{FeatureSpec, Slot};
use crate::strategy::{Condition, Input, Reach, Turning};
use crate::view::CoinView;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use zero_core::Truth;
use zero_core::obs::Fresh;
use zero_market::Side;

/// A feature with its place in a bank.
type Placed = (Feature, Slot);

fn not(e: &Expr) -> Expr {
    Expr::Not(Box::new(e.clone()))
}

fn name(f: Feature) -> String {
    Expr::Feature(f).to_string()
}

fn seen((feature, slot): Placed, view: &CoinView<'_>) -> Fresh<f64> {
    match feature.spec() {
        FeatureSpec::FundingMean { .. } => view.funding_feature(slot),
        _ => view.feature(slot),
    }
}

impl DocumentStrategy {
    /// Every input as it is seen.
    pub(super) fn inputs_now(&self, view: &CoinView<'_>) -> Vec<Input> {
        let mut all: Vec<Input> = self
            .placed()
            .into_iter()
            .map(|p| Input { name: name(p.0).into(), seen: seen(p, view) })
            .collect();
        if let (Some(slot), Setting::Bars(n)) = (self.history, self.document().get("universe.history")) {
            all.push(Input { name: format!("history({n})").into(), seen: view.feature(slot) });
        }
        all
    }

    /// What stands between the present and an entry on a side: its farthest condition. `None` where a condition that does not
    /// hold is turned by no single input, or the side is never entered.
    pub(super) fn reach_of(&self, side: Side, view: &CoinView<'_>) -> Option<Reach> {
        let all = self.conditions_of(side, view);
        let unmet = all.iter().filter(|c| !c.truth.is_true()).count();
        if all.iter().any(|c| !c.truth.is_true() && c.turn.is_none()) {
            return None;
        }
        let of = |t: Turning| Reach {
            name: t.input.into(),
            value: t.from,
            threshold: t.begins,
            above: t.above,
            side,
            step: t.step,
            unmet: unmet as u32,
        };
        let turns = all.into_iter().filter_map(|c| c.turn).map(of);
        turns.min_by(|a, b| a.share().total_cmp(&b.share()))
    }

    /// Every condition of an entry on a side, in the order of the document; empty where the side is never entered.
    pub(super) fn conditions_of(&self, side: Side, view: &CoinView<'_>) -> Vec<Condition> {
        let (own, other) = match side {
            Side::Buy => ("entry.long", "entry.short"),
            Side::Sell => ("entry.short", "entry.long"),
        };
        if matches!(self.document().get(own), Setting::Expr(Expr::Bool(false))) {
            return Vec::new();
        }
        let at = At { view, holding: None };
        let mut all = Vec::new();
        for key in ["regime.when", own] {
            match self.document().get(key) {
                Setting::Expr(Expr::And(parts)) => all.extend(parts.iter().cloned()),
                Setting::Expr(Expr::Bool(true)) => {}
                Setting::Expr(e) => all.push(e.clone()),
                _ => {}
            }
        }
        match self.document().get("exit.kill") {
            Setting::Expr(Expr::Bool(false)) => {}
            Setting::Expr(e) => all.push(not(e)),
            _ => {}
        }
        // Both sides at once is a contradiction: it stands in the way only where it is one.
        if let Setting::Expr(e) = self.document().get(other)
            && self.compiled(e).run(&at).truth().is_true()
        {
            all.push(not(e));
        }
        let mut out: Vec<Condition> = all.iter().map(|e| self.condition(side, e, &at)).collect();
        out.extend(self.terms(side, &at));
        out
    }

    /// What an entry also needs, where it is not there: a known score, distances above zero, enough history.
    fn terms(&self, side: Side, at: &At<'_>) -> Vec<Condition> {
        let mut out = Vec::new();
        for (key, positive) in [("entry.score", false), ("exit.stop", true), ("exit.target", true)] {
            let Setting::Expr(e) = self.document().get(key) else { continue };
            let program = self.compiled(e);
            let (text, truth) = match program.run(at).exact() {
                Some(v) if positive && v <= 0.0 => (format!("{key} is above zero"), Truth::False),
                Some(_) => continue,
                None => (format!("{key} is known"), Truth::Unknown),
            };
            out.push(Condition {
                side,
                text,
                truth,
                missing: self.missing(&program, at),
                turn: None,
                unit: None,
            });
        }
        if let (Some(slot), Setting::Bars(n)) = (self.history, self.document().get("universe.history"))
            && at.view.feature(slot).live().is_none()
        {
            let (text, missing) = (format!("{n} bars of history"), alloc::vec![format!("history({n})")]);
            out.push(Condition { side, text, truth: Truth::Unknown, missing, turn: None, unit: None });
        }
        out
    }

    fn condition(&self, side: Side, e: &Expr, at: &At<'_>) -> Condition {
        let program = self.compiled(e);
        let truth = program.run(at).truth();
        let missing = self.missing(&program, at);
        let turn = self.turn(&program, at, truth);
        Condition { side, text: e.to_string(), truth, missing, turn, unit: None }
    }

    /// Where a condition turns by the smallest change of one input, in proportion to its size.
    fn turn(&self, program: &Program, at: &At<'_>, truth: Truth) -> Option<Turning> {
        let mut best: Option<(f64, Turning)> = None;
        for placed in self.inputs_of(program) {
            let Some(from) = seen(placed, at.view).live().filter(|v| v.is_finite()) else { continue };
            let search = Search { condition: program, at, slot: placed.1, holds: !truth.is_true() };
            let Some(turn) = search.nearest(from, placed.0.domain()) else { continue };
            let size = (turn.at - from).abs() / from.abs().max(turn.at.abs());
            if best.as_ref().is_none_or(|(least, _)| size < *least) {
                best = Some((size, turning(placed.0, from, turn, truth)));
            }
        }
        best.map(|(_, t)| t)
    }

    fn missing(&self, program: &Program, at: &At<'_>) -> Vec<String> {
        let gone = |p: &Placed| !seen(*p, at.view).live().is_some_and(f64::is_finite);
        self.inputs_of(program).into_iter().filter(gone).map(|(f, _)| name(f)).collect()
    }

    fn inputs_of(&self, program: &Program) -> Vec<Placed> {
        let slots: Vec<Slot> = program.inputs().map(|(slot, _)| slot).collect();
        self.placed().into_iter().filter(|(_, slot)| slots.contains(slot)).collect()
    }

    /// The document's features with their places: declaring what is declared already only says where it is.
    fn placed(&self) -> Vec<Placed> {
        let mut plan = self.plan.clone();
        features(self.document()).into_iter().map(|f| (f, plan.need(f.spec()))).collect()
    }

    /// The place of an input, by its name.
    pub(super) fn place_of(&self, input: &str) -> Option<Slot> {
        self.placed().into_iter().find(|(f, _)| name(*f) == input).map(|(_, slot)| slot)
    }

    fn compiled(&self, e: &Expr) -> Program {
        Program::of(e, &mut self.plan.clone())
    }
}

fn turning(feature: Feature, from: f64, turn: Turn, truth: Truth) -> Turning {
    // Where the condition holds it began on the near side of what would end it.
    let (begins, above) = match truth {
        Truth::True => (turn.before, turn.at < from),
        _ => (turn.at, turn.at > from),
    };
    Turning { input: name(feature), from, begins: begins + 0.0, above, step: feature.step() }
}
