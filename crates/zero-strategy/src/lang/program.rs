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
/// Stack of most programs: to clear a deep one takes longer than to run a comparison.
const SHALLOW: usize = 4;
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
    Giveback,
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

impl Op {
    /// Values that it takes off the stack; it puts one on.
    const fn takes(self) -> usize {
        match self {
            Self::Neg | Self::Abs | Self::Not | Self::Vote(_) => 1,
            Self::Add | Self::Sub | Self::Mul | Self::Div | Self::Min | Self::Max | Self::Lt | Self::Le => 2,
            Self::If => 3,
            Self::Const(_)
            | Self::Feature(_)
            | Self::Funding(_)
            | Self::RootBarsPerDay
            | Self::HoursHeld
            | Self::Unrealised
            | Self::Giveback => 0,
        }
    }
}

/// A compiled expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    ops: Vec<Op>,
    /// Most values on the stack at once.
    depth: usize,
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
    /// What the position gave back of its best price.
    fn giveback(&self) -> Option<f64>;
    /// Values among which a feature is, where a question is asked about more than one; see [`Program::over`].
    fn range(&self, _slot: Slot) -> Option<Interval> {
        None
    }
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
    fn giveback(&self) -> Option<f64> {
        let Some(h) = self.holding else { return Some(0.0) };
        h.giveback(self.view.close.fresh(self.view.now, self.view.interval).live()?)
    }
}

impl Program {
    /// Compiles a normal form; its features are declared on the plan.
    #[must_use]
    pub fn of(expr: &Expr, plan: &mut FeaturePlan) -> Self {
        let mut p = Self { ops: Vec::new(), depth: 0 };
        p.emit(expr, plan);
        let mut held = 0;
        for op in &p.ops {
            held = held + 1 - op.takes();
            p.depth = p.depth.max(held);
        }
        p
    }

    /// The features that it reads, each with whether it is one of funding prints.
    pub fn inputs(&self) -> impl Iterator<Item = (Slot, bool)> {
        self.ops.iter().filter_map(|op| match *op {
            Op::Feature(slot) => Some((slot, false)),
            Op::Funding(slot) => Some((slot, true)),
            _ => None,
        })
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
            Expr::Giveback => Op::Giveback,
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
        match *self.ops.as_slice() {
            [Op::Const(v)] => Value { interval: Interval::exact(v), missing: false },
            _ if self.depth <= SHALLOW => match self.exact::<SHALLOW>(at) {
                Some(v) => Value { interval: Interval::exact(v), missing: false },
                None => self.run_on::<SHALLOW>(at),
            },
            _ => self.run_on::<STACK>(at),
        }
    }

    /// Evaluates with features anywhere in their [`Inputs::range`].
    #[must_use]
    pub fn over(&self, at: &impl Inputs) -> Value {
        self.run_on::<STACK>(at)
    }

    /// The same on plain numbers: what intervals of one point each would give, bit for bit. `None` where an input is missing or
    /// a result is no number, so that intervals have to say what is known.
    fn exact<const N: usize>(&self, at: &impl Inputs) -> Option<f64> {
        let mut stack = [0.0f64; N];
        let mut top = 0usize;
        for op in &self.ops {
            let take = |depth: usize| stack.get(top.wrapping_sub(depth)).copied();
            let truth = |b: bool| f64::from(u8::from(b));
            let value = match *op {
                Op::Const(v) => v,
                Op::Feature(slot) => at.feature(slot).filter(|v| v.is_finite())?,
                Op::Funding(slot) => at.funding(slot).filter(|v| v.is_finite())?,
                Op::RootBarsPerDay => at.root_bars_per_day(),
                Op::HoursHeld => at.hours_held().filter(|v| v.is_finite())?,
                Op::Unrealised => at.unrealised().filter(|v| v.is_finite())?,
                Op::Giveback => at.giveback().filter(|v| v.is_finite())?,
                Op::Neg => -take(1)?,
                Op::Abs => take(1).map(|x| if x >= 0.0 { x } else { -x })?,
                Op::Not => 1.0 - take(1)?,
                Op::Vote(w) => take(1)? * w,
                Op::Add => take(2)? + take(1)?,
                Op::Sub => take(2)? - take(1)?,
                Op::Mul => take(2)? * take(1)?,
                Op::Div => take(1).filter(|b| *b != 0.0).zip(take(2)).map(|(b, a)| a / b)?,
                Op::Min => take(2)?.min(take(1)?),
                Op::Max => take(2)?.max(take(1)?),
                Op::Lt => truth(take(2)? < take(1)?),
                Op::Le => truth(take(2)? <= take(1)?),
                Op::If => {
                    let c = take(3)?;
                    if c >= 1.0 { take(2)? } else { take(1)? }
                }
            };
            if value.is_nan() {
                return None;
            }
            top = top.saturating_sub(op.takes());
            *stack.get_mut(top)? = value;
            top += 1;
        }
        stack.first().copied().filter(|_| top > 0)
    }

    fn run_on<const N: usize>(&self, at: &impl Inputs) -> Value {
        let mut stack = [Interval::UNKNOWN; N];
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
                Op::Feature(slot) => Some(at.range(slot).unwrap_or_else(|| load(at.feature(slot)))),
                Op::Funding(slot) => Some(at.range(slot).unwrap_or_else(|| load(at.funding(slot)))),
                Op::RootBarsPerDay => Some(Interval::exact(at.root_bars_per_day())),
                Op::HoursHeld => Some(load(at.hours_held())),
                Op::Unrealised => Some(load(at.unrealised())),
                Op::Giveback => Some(load(at.giveback())),
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

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use proptest::prelude::*;

    /// Values by slot; what is not there is missing.
    struct Given(Vec<Option<f64>>, Vec<Slot>);

    impl Inputs for Given {
        fn feature(&self, slot: Slot) -> Option<f64> {
            self.1.iter().position(|s| *s == slot).and_then(|i| self.0[i])
        }
        fn funding(&self, slot: Slot) -> Option<f64> {
            self.feature(slot)
        }
        fn root_bars_per_day(&self) -> f64 {
            4.0
        }
        fn hours_held(&self) -> Option<f64> {
            self.0[0]
        }
        fn unrealised(&self) -> Option<f64> {
            self.0[1]
        }
        fn giveback(&self) -> Option<f64> {
            self.0[2]
        }
    }

    /// Numbers at which arithmetic has edges.
    fn number() -> impl Strategy<Value = f64> {
        prop_oneof![
            -3.0f64..3.0,
            prop::sample::select(vec![0.0, -0.0, 1.0, -1.0, 0.5, 1e300, -1e300, 1e-300, f64::MAX, 5e-324]),
        ]
    }

    fn ops() -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(0u8..22, 1..24)
    }

    proptest! {
        /// Intervals are the meaning; numbers are a quicker way to the same bits.
        #[test]
        fn numbers_say_what_intervals_say_bit_for_bit(
            kinds in ops(), consts in prop::collection::vec(number(), 24), given in prop::collection::vec(prop::option::weighted(0.9, number()), 3),
        ) {
            let mut plan = FeaturePlan::new();
            let slots: Vec<Slot> = (1..4).map(|n| plan.need(FeatureSpec::Ema { n })).collect();
            // Of each value on the stack: is it a condition?
            let (mut ops, mut held) = (Vec::new(), Vec::<bool>::new());
            for (kind, c) in kinds.iter().zip(&consts) {
                let op = match kind {
                    0 => Op::Feature(slots[0]), 1 => Op::Funding(slots[1]), 2 => Op::RootBarsPerDay, 3 => Op::HoursHeld,
                    4 => Op::Unrealised, 5 => Op::Neg, 6 => Op::Add, 7 => Op::Sub, 8 => Op::Mul, 9 => Op::Div, 10 => Op::Min,
                    11 => Op::Max, 12 => Op::Abs, 13 => Op::Lt, 14 => Op::Le, 15 => Op::Not, 17 => Op::Vote(*c),
                    // Conditions are 0 or 1, as in a typed tree.
                    16 => Op::If, 18 => Op::Feature(slots[2]), 19 => Op::Giveback, _ => Op::Const(*c),
                };
                let fits = held.len() >= op.takes()
                    && held.len() + 1 - op.takes() <= SHALLOW
                    && (op != Op::If || (held.len() == 3 && held[0]))
                    && (op != Op::Not || held[held.len() - 1]);
                if fits {
                    held.truncate(held.len() - op.takes());
                    held.push(matches!(op, Op::Lt | Op::Le | Op::Not));
                    ops.push(op);
                }
            }
            let p = Program { ops, depth: SHALLOW };
            let at = Given(given, slots);
            let (quick, meant) = (p.exact::<SHALLOW>(&at), p.run_on::<STACK>(&at));
            if let Some(v) = quick {
                prop_assert_eq!((v.to_bits(), v.to_bits(), false), (meant.interval.lo.to_bits(), meant.interval.hi.to_bits(), meant.missing), "{:?}", p);
            }
            prop_assert_eq!(p.run(&at), meant);
        }
    }
}
