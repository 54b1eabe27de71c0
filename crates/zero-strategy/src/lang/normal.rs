//! The normal form: operands of commutative operations flattened and sorted, exact constants folded, each constant in one
//! spelling. Two texts mean the same exactly when their normal forms are equal, nothing stronger; the program is compiled
//! from it, so equal normal forms also compute the same bits.

use super::ast::Expr;
use super::decimal::Decimal;
use super::spelling::{self, constant, writable};
use super::unit::Unit;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// A folded constant that does not fit 18 digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

fn boxed(e: Expr) -> Result<Box<Expr>, TooLong> {
    normal(e).map(Box::new)
}

fn pair(p: [Expr; 2]) -> Result<Box<[Expr; 2]>, TooLong> {
    let [a, b] = p;
    Ok(Box::new([normal(a)?, normal(b)?]))
}

fn triple(p: [Expr; 3]) -> Result<Box<[Expr; 3]>, TooLong> {
    let [a, b, c] = p;
    Ok(Box::new([normal(a)?, normal(b)?, normal(c)?]))
}

/// Puts a typed tree into normal form. Idempotent.
pub(crate) fn normal(e: Expr) -> Result<Expr, TooLong> {
    Ok(match e {
        Expr::Const(d, u) => constant(d, u),
        Expr::Annual(x) => Expr::Annual(boxed(*x)?),
        Expr::Abs(x) => Expr::Abs(boxed(*x)?),
        Expr::Vote(x, w) => Expr::Vote(boxed(*x)?, w),
        Expr::Clamp(p) => {
            let mut p = triple(*p)?;
            spelling::joined(&mut p[..]);
            Expr::Clamp(p)
        }
        Expr::If(p) => {
            let mut p = triple(*p)?;
            spelling::joined(&mut p[1..]);
            Expr::If(p)
        }
        Expr::Lt(p) => Expr::Lt(Box::new(pair(*p)?.map(spelling::compared))),
        Expr::Le(p) => Expr::Le(Box::new(pair(*p)?.map(spelling::compared))),
        Expr::Neg(x) => match normal(*x)? {
            Expr::Const(d, u) => constant(d.negated(), u),
            Expr::Neg(inner) => *inner,
            other => Expr::Neg(Box::new(other)),
        },
        Expr::Not(x) => match normal(*x)? {
            Expr::Bool(b) => Expr::Bool(!b),
            Expr::Not(inner) => *inner,
            Expr::Lt(p) => {
                let [a, b] = *p;
                Expr::Le(Box::new([b, a]))
            }
            Expr::Le(p) => {
                let [a, b] = *p;
                Expr::Lt(Box::new([b, a]))
            }
            other => Expr::Not(Box::new(other)),
        },
        Expr::Div(p) => {
            let [a, b] = *pair(*p)?;
            spelling::quotient(a, b)
        }
        Expr::Add(xs) => {
            let xs = flat(xs, |e| match e {
                Expr::Add(inner) => Ok(inner),
                other => Err(other),
            })?;
            let xs = fold(xs, Decimal::plus, Unit::join, Decimal::ZERO, Unit::Zero)?;
            single(spelling::summed(xs), Expr::Add)
        }
        Expr::Mul(xs) => {
            let xs = flat(xs, |e| match e {
                Expr::Mul(inner) => Ok(inner),
                other => Err(other),
            })?;
            spelling::product(fold(xs, Decimal::times, Unit::times, Decimal::ONE, Unit::Number)?)
        }
        Expr::Min(xs) => {
            let mut xs = flat(xs, |e| match e {
                Expr::Min(inner) => Ok(inner),
                other => Err(other),
            })?;
            spelling::joined(&mut xs);
            single(unique(xs), Expr::Min)
        }
        Expr::Max(xs) => {
            let mut xs = flat(xs, |e| match e {
                Expr::Max(inner) => Ok(inner),
                other => Err(other),
            })?;
            spelling::joined(&mut xs);
            single(unique(xs), Expr::Max)
        }
        Expr::And(xs) => {
            let xs = flat(xs, |e| match e {
                Expr::And(inner) => Ok(inner),
                other => Err(other),
            })?;
            settle(xs, false, Expr::And)
        }
        Expr::Or(xs) => {
            let xs = flat(xs, |e| match e {
                Expr::Or(inner) => Ok(inner),
                other => Err(other),
            })?;
            settle(xs, true, Expr::Or)
        }
        leaf => leaf,
    })
}

/// Normal operands, those of the same operation taken apart.
fn flat(xs: Vec<Expr>, open: impl Fn(Expr) -> Result<Vec<Expr>, Expr>) -> Result<Vec<Expr>, TooLong> {
    let mut out = Vec::with_capacity(xs.len());
    for x in xs {
        match open(normal(x)?) {
            Ok(inner) => out.extend(inner),
            Err(other) => out.push(other),
        }
    }
    Ok(out)
}

fn unique(mut xs: Vec<Expr>) -> Vec<Expr> {
    xs.sort();
    xs.dedup();
    xs
}

/// One operand stands for itself.
fn single(mut xs: Vec<Expr>, make: fn(Vec<Expr>) -> Expr) -> Expr {
    match xs.pop() {
        Some(only) if xs.is_empty() => only,
        Some(last) => {
            xs.push(last);
            make(xs)
        }
        None => make(xs),
    }
}

/// Conjunction or disjunction: `decides` settles the whole, the other constant says nothing.
fn settle(xs: Vec<Expr>, decides: bool, make: fn(Vec<Expr>) -> Expr) -> Expr {
    let mut xs = unique(xs);
    if xs.contains(&Expr::Bool(decides)) {
        return Expr::Bool(decides);
    }
    xs.retain(|x| *x != Expr::Bool(!decides));
    if xs.is_empty() { Expr::Bool(!decides) } else { single(xs, make) }
}

/// Folds the constants of a sum or product into one, and drops the one that changes nothing.
fn fold(
    xs: Vec<Expr>,
    op: fn(Decimal, Decimal) -> Option<Decimal>,
    unit_op: fn(Unit, Unit) -> Option<Unit>,
    neutral: Decimal,
    neutral_unit: Unit,
) -> Result<Vec<Expr>, TooLong> {
    let (mut value, mut unit) = (neutral, neutral_unit);
    let mut rest = Vec::with_capacity(xs.len());
    for x in xs {
        match x {
            Expr::Const(d, u) => {
                value = op(value, d).ok_or(TooLong)?;
                unit = unit_op(unit, u).ok_or(TooLong)?;
            }
            other => rest.push(other),
        }
    }
    rest.sort();
    if !writable(value, unit) {
        return Err(TooLong);
    }
    let folded = constant(value, unit);
    if rest.is_empty() || folded != constant(neutral, neutral_unit) {
        rest.insert(0, folded);
    }
    Ok(rest)
}
