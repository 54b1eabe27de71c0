//! A normal form as a flat list of operations on a stack of intervals, evaluated without allocation.
//!
//! A condition is an interval too: false is 0, true is 1, Unknown is from 0 to 1. Then `and` is the minimum, `or` the
//! maximum and `not` the complement, and Kleene's logic and interval arithmetic are one thing.

use super::ast::Expr;
use crate::feature::{FeaturePlan, FeatureSpec, Slot};
use crate::strategy::Holding;
use crate::view::CoinView;
use alloc::vec::Vec;
use zero_core::kleene::{Interval, Truth};

/// Deepest stack: one value per level and operand.
const STACK: usize = 2 * super::DEPTH_MAX + 2;
/// Hours in a year of 365 days: the annualisation of hourly funding.
const HOURS_PER_YEAR: f64 = 8_760.0;

/// An operation.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Op {
    Const(f64),
    Feature(Slot),
    Funding(Slot),
    RootBarsPerDay,
    HoursHeld,
    Unrealised,
    Neg,
    Add,
    Sub,
    Mul,
    Div,
    Min,
    Max,
    Abs,
    Lt,
    Le,
    Not,
    If,
    Vote(f64),
}

/// A compiled expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    ops: Vec<Op>,
}

/// What an evaluation gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Value {
    /// Every value that it may have.
    pub interval: Interval,
    /// Was an input missing or stale?
    pub missing: bool,
}

impl Value {
    /// As a condition.
    #[must_use]
    pub fn truth(&self) -> Truth {
        if self.interval.lo >= 1.0 {
            Truth::True
        } else if self.interval.hi <= 0.0 {
            Truth::False
        } else {
            Truth::Unknown
        }
    }

    /// The number, when it is known exactly and finite.
    #[must_use]
    pub fn exact(&self) -> Option<f64> {
        let Interval { lo, hi } = self.interval;
        (lo == hi && lo.is_finite()).then_some(lo)
    }
}

/// Where inputs come from.
pub trait Inputs {
    /// A feature of bars.
    fn feature(&self, slot: Slot) -> Option<f64>;
    /// A feature of funding prints.
    fn funding(&self, slot: Slot) -> Option<f64>;
    /// Root of the bars per day.
    fn root_bars_per_day(&self) -> f64;
    /// Hours since the position was opened.
    fn hours_held(&self) -> Option<f64>;
    /// Return of the position.
    fn unrealised(&self) -> Option<f64>;
}

/// Inputs of a decision.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    /// The coin.
    pub view: &'a CoinView<'a>,
    /// The position; without one it has been held for no time and gained nothing.
    pub holding: Option<&'a Holding>,
}

impl Inputs for At<'_> {
    fn feature(&self, slot: Slot) -> Option<f64> {
        self.view.feature(slot).live()
    }
    fn funding(&self, slot: Slot) -> Option<f64> {
        self.view.funding_feature(slot).live()
    }
    fn root_bars_per_day(&self) -> f64 {
        libm::sqrt(self.view.bars_per_day())
    }
    fn hours_held(&self) -> Option<f64> {
        Some(self.holding.map_or(0.0, |h| self.view.now.since(h.since).as_ns() as f64 / 3.6e12))
    }
    fn unrealised(&self) -> Option<f64> {
        let Some(h) = self.holding else { return Some(0.0) };
        let close = self.view.close.fresh(self.view.now, self.view.interval).live()?;
        Some((close.to_f64() / h.entry_px()?.to_f64() - 1.0) * h.szi.signum() as f64)
    }
}

impl Program {
    /// Compiles a normal form; its features are declared on the plan.
    #[must_use]
    pub fn of(expr: &Expr, plan: &mut FeaturePlan) -> Self {
        let mut p = Self { ops: Vec::new() };
        p.emit(expr, plan);
        p
    }

    /// Operations of one evaluation: there are no loops and no jumps, so it is exact.
    #[must_use]
    pub const fn cost(&self) -> usize {
        self.ops.len()
    }

    fn emit(&mut self, e: &Expr, plan: &mut FeaturePlan) {
        let op = match e {
            Expr::Bool(b) => Op::Const(f64::from(u8::from(*b))),
            Expr::Const(d, _) => Op::Const(d.to_f64()),
            Expr::Feature(f) => {
                let spec = f.spec();
                let slot = plan.need(spec);
                if matches!(spec, FeatureSpec::FundingMean { .. }) {
                    Op::Funding(slot)
                } else {
                    Op::Feature(slot)
                }
            }
            Expr::RootBarsPerDay => Op::RootBarsPerDay,
            Expr::HoursHeld => Op::HoursHeld,
            Expr::Unrealised => Op::Unrealised,
            Expr::Annual(x) => {
                self.emit(x, plan);
                self.ops.push(Op::Const(HOURS_PER_YEAR));
                Op::Mul
            }
            Expr::Neg(x) => return self.then(x, Op::Neg, plan),
            Expr::Abs(x) => return self.then(x, Op::Abs, plan),
            Expr::Not(x) => return self.then(x, Op::Not, plan),
            Expr::Vote(x, w) => return self.then(x, Op::Vote(w.to_f64()), plan),
            Expr::Add(xs) => return self.chain(xs, Op::Add, plan),
            Expr::Mul(xs) => return self.chain(xs, Op::Mul, plan),
            Expr::Min(xs) | Expr::And(xs) => return self.chain(xs, Op::Min, plan),
            Expr::Max(xs) | Expr::Or(xs) => return self.chain(xs, Op::Max, plan),
            Expr::Div(p) => return self.chain(&p[..], Op::Div, plan),
            Expr::Lt(p) => return self.chain(&p[..], Op::Lt, plan),
            Expr::Le(p) => return self.chain(&p[..], Op::Le, plan),
            Expr::Clamp(p) => {
                let [x, lo, hi] = &**p;
                self.emit(x, plan);
                self.then(lo, Op::Max, plan);
                return self.then(hi, Op::Min, plan);
            }
            Expr::If(p) => {
                let [c, a, b] = &**p;
                self.emit(c, plan);
                self.emit(a, plan);
                return self.then(b, Op::If, plan);
            }
        };
        self.ops.push(op);
    }

    fn then(&mut self, x: &Expr, op: Op, plan: &mut FeaturePlan) {
        self.emit(x, plan);
        self.ops.push(op);
    }

    fn chain(&mut self, xs: &[Expr], op: Op, plan: &mut FeaturePlan) {
        for (i, x) in xs.iter().enumerate() {
            match (i, x) {
                (0, x) => self.emit(x, plan),
                (_, Expr::Neg(inner)) if op == Op::Add => self.then(inner, Op::Sub, plan),
                (_, x) => self.then(x, op, plan),
            }
        }
    }

    /// Evaluates. Never fails and takes exactly [`Program::cost`] operations.
    #[must_use]
    pub fn run(&self, at: &impl Inputs) -> Value {
        let mut stack = [Interval::UNKNOWN; STACK];
        let mut top = 0usize;
        let mut missing = false;
        for op in &self.ops {
            let mut load = |v: Option<f64>| match v {
                Some(v) if v.is_finite() => Interval::exact(v),
                _ => {
                    missing = true;
                    Interval::UNKNOWN
                }
            };
            let leaf = match *op {
                Op::Const(v) => Some(Interval::exact(v)),
                Op::Feature(slot) => Some(load(at.feature(slot))),
                Op::Funding(slot) => Some(load(at.funding(slot))),
                Op::RootBarsPerDay => Some(Interval::exact(at.root_bars_per_day())),
                Op::HoursHeld => Some(load(at.hours_held())),
                Op::Unrealised => Some(load(at.unrealised())),
                _ => None,
            };
            let take =
                |depth: usize| stack.get(top.wrapping_sub(depth)).copied().unwrap_or(Interval::UNKNOWN);
            let (value, used) = match *op {
                Op::Neg => (neg(take(1)), 1),
                Op::Abs => (abs(take(1)), 1),
                Op::Not => (sub(Interval::exact(1.0), take(1)), 1),
                Op::Vote(w) => (mul(take(1), Interval::exact(w)), 1),
                Op::Add => (add(take(2), take(1)), 2),
                Op::Sub => (sub(take(2), take(1)), 2),
                Op::Mul => (mul(take(2), take(1)), 2),
                Op::Div => (div(take(2), take(1)), 2),
                Op::Min => (both(take(2), take(1), f64::min), 2),
                Op::Max => (both(take(2), take(1), f64::max), 2),
                Op::Lt => (less(take(2), take(1), true), 2),
                Op::Le => (less(take(2), take(1), false), 2),
                Op::If => (choose(take(3), take(2), take(1)), 3),
                _ => (leaf.unwrap_or(Interval::UNKNOWN), 0),
            };
            top = top.saturating_sub(used);
            if let Some(cell) = stack.get_mut(top) {
                *cell = value;
            }
            top += 1;
        }
        Value { interval: stack.first().copied().unwrap_or(Interval::UNKNOWN), missing }
    }
}

/// NaN is no number: nothing is known then.
fn interval(lo: f64, hi: f64) -> Interval {
    if lo <= hi { Interval { lo, hi } } else { Interval::UNKNOWN }
}

fn neg(x: Interval) -> Interval {
    interval(-x.hi, -x.lo)
}

fn add(a: Interval, b: Interval) -> Interval {
    interval(a.lo + b.lo, a.hi + b.hi)
}

fn sub(a: Interval, b: Interval) -> Interval {
    interval(a.lo - b.hi, a.hi - b.lo)
}

fn mul(a: Interval, b: Interval) -> Interval {
    corners([a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi])
}

fn div(a: Interval, b: Interval) -> Interval {
    if b.lo <= 0.0 && b.hi >= 0.0 {
        return Interval::UNKNOWN;
    }
    corners([a.lo / b.lo, a.lo / b.hi, a.hi / b.lo, a.hi / b.hi])
}

fn corners(c: [f64; 4]) -> Interval {
    if c.iter().any(|x| x.is_nan()) {
        return Interval::UNKNOWN;
    }
    interval(
        c.iter().copied().fold(f64::INFINITY, f64::min),
        c.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    )
}

fn abs(x: Interval) -> Interval {
    if x.lo >= 0.0 {
        x
    } else if x.hi <= 0.0 {
        neg(x)
    } else {
        interval(0.0, x.hi.max(-x.lo))
    }
}

fn both(a: Interval, b: Interval, f: fn(f64, f64) -> f64) -> Interval {
    interval(f(a.lo, b.lo), f(a.hi, b.hi))
}

fn less(a: Interval, b: Interval, strictly: bool) -> Interval {
    let (yes, no) = if strictly { (a.hi < b.lo, a.lo >= b.hi) } else { (a.hi <= b.lo, a.lo > b.hi) };
    match (yes, no) {
        (true, _) => Interval::exact(1.0),
        (_, true) => Interval::exact(0.0),
        _ => interval(0.0, 1.0),
    }
}

fn choose(c: Interval, a: Interval, b: Interval) -> Interval {
    if c.lo >= 1.0 {
        a
    } else if c.hi <= 0.0 {
        b
    } else {
        interval(a.lo.min(b.lo), a.hi.max(b.hi))
    }
}
