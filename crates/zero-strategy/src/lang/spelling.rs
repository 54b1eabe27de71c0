//! One spelling for a constant whose place leaves its unit open.
//!
//! `vol(12) < 1%` and `vol(12) < 0.01` compare the same numbers: beside a fraction of price a bare number is one too. The
//! normal form keeps one of the two. In a comparison it is the bare number, for a comparison has no unit to give on. In a
//! sum, product or quotient it is the bare number wherever that leaves the unit of the whole as it is. Among the operands of
//! `min`, `max`, `clamp` and `if`, which are alternatives, it is the percentage where one of them is a fraction.

use super::ast::Expr;
use super::decimal::Decimal;
use super::unit::Unit;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// A constant; zero is zero in every unit.
pub(super) fn constant(d: Decimal, unit: Unit) -> Expr {
    Expr::Const(d, if d.is_zero() { Unit::Zero } else { unit })
}

/// Can the constant be printed and read back? A fraction of price is written in percent, with two digits more.
pub(super) fn writable(d: Decimal, unit: Unit) -> bool {
    unit != Unit::Ratio || d.shifted(2).is_some()
}

/// The unit of a tree in normal form; `None` for a tree that is not typed.
fn unit(e: &Expr) -> Option<Unit> {
    let joined = |xs: &[Expr]| xs.iter().try_fold(Unit::Zero, |u, x| u.join(unit(x)?));
    match e {
        Expr::Const(_, u) => Some(*u),
        Expr::Feature(f) => Some(f.entry().unit),
        Expr::RootBarsPerDay | Expr::Vote(..) => Some(Unit::Number),
        Expr::HoursHeld => Some(Unit::Duration),
        Expr::Unrealised | Expr::Giveback => Some(Unit::Ratio),
        Expr::Annual(_) => Some(Unit::AnnualRate),
        Expr::Neg(x) | Expr::Abs(x) => unit(x),
        Expr::Add(xs) | Expr::Min(xs) | Expr::Max(xs) => joined(xs),
        Expr::Clamp(p) => joined(&p[..]),
        Expr::If(p) => unit(&p[1])?.join(unit(&p[2])?),
        Expr::Mul(xs) => xs.iter().try_fold(Unit::Zero, |u, x| u.times(unit(x)?)),
        Expr::Div(p) => unit(&p[0])?.over(unit(&p[1])?),
        Expr::Bool(_) | Expr::Lt(_) | Expr::Le(_) | Expr::And(_) | Expr::Or(_) | Expr::Not(_) => {
            Some(Unit::Truth)
        }
    }
}

/// The same value as a bare number or as a fraction of price, where its constants alone say which of the two it is.
fn respelt(e: &Expr, want: Unit) -> Option<Expr> {
    if unit(e) == Some(want) {
        return Some(e.clone());
    }
    // Operands of their own operation would have to be taken apart again: such a whole stays as it is.
    let all = |xs: &[Expr], make: fn(Vec<Expr>) -> Expr| {
        let mut xs = xs.iter().map(|x| respelt(x, want)).collect::<Option<Vec<_>>>()?;
        xs.sort();
        let same = |x: &Expr| core::mem::discriminant(x) == core::mem::discriminant(&make(Vec::new()));
        (!xs.iter().any(same)).then(|| make(xs))
    };
    let boxed = |x: &Expr| respelt(x, want).map(Box::new);
    let e = match e {
        Expr::Const(_, Unit::Zero) => return Some(e.clone()),
        Expr::Const(d, Unit::Number | Unit::Ratio) if writable(*d, want) => Expr::Const(*d, want),
        Expr::Neg(x) => Expr::Neg(boxed(x)?),
        Expr::Abs(x) => Expr::Abs(boxed(x)?),
        Expr::Add(xs) => all(xs, Expr::Add)?,
        Expr::Min(xs) => all(xs, Expr::Min)?,
        Expr::Max(xs) => all(xs, Expr::Max)?,
        Expr::Clamp(p) => {
            Expr::Clamp(Box::new([respelt(&p[0], want)?, respelt(&p[1], want)?, respelt(&p[2], want)?]))
        }
        Expr::If(p) => Expr::If(Box::new([p[0].clone(), respelt(&p[1], want)?, respelt(&p[2], want)?])),
        Expr::Mul(xs) => match xs.split_first() {
            Some((c @ Expr::Const(..), rest)) => with_factor(respelt(c, want)?, rest.to_vec()),
            _ => return None,
        },
        Expr::Div(p) => divided(respelt(&p[0], want)?, p[1].clone()),
        _ => return None,
    };
    (unit(&e) == Some(want)).then_some(e)
}

/// A side of a comparison.
pub(super) fn compared(e: Expr) -> Expr {
    respelt(&e, Unit::Number).unwrap_or(e)
}

/// Operands of a sum.
pub(super) fn summed(mut xs: Vec<Expr>) -> Vec<Expr> {
    let of = |xs: &[Expr]| xs.iter().try_fold(Unit::Zero, |u, x| u.join(unit(x)?));
    let bare = |x: &Expr| respelt(x, Unit::Number).filter(|n| !matches!(n, Expr::Add(_)));
    let mut bared: Vec<Expr> = xs.iter().map(|x| bare(x).unwrap_or_else(|| x.clone())).collect();
    if of(&bared) == of(&xs) {
        bared.sort();
        return bared;
    }
    joined(&mut xs);
    xs
}

/// Operands of which one is the whole.
pub(super) fn joined(xs: &mut [Expr]) {
    if !xs.iter().any(|x| unit(x) == Some(Unit::Ratio)) {
        return;
    }
    for x in xs {
        if unit(x) == Some(Unit::Number)
            && let Some(other) = respelt(x, Unit::Ratio)
        {
            *x = other;
        }
    }
}

/// A product of a constant and what is in normal form; a factor of one is left out.
fn with_factor(c: Expr, rest: Vec<Expr>) -> Expr {
    let mut xs = rest;
    if c != Expr::Const(Decimal::ONE, Unit::Number) || xs.is_empty() {
        xs.insert(0, c);
    }
    match xs.pop() {
        Some(only) if xs.is_empty() => only,
        Some(last) => {
            xs.push(last);
            Expr::Mul(xs)
        }
        None => Expr::Mul(xs),
    }
}

/// A product whose constants are folded into the first factor.
pub(super) fn product(xs: Vec<Expr>) -> Expr {
    let whole = Expr::Mul(xs);
    let Expr::Mul(xs) = &whole else { return whole };
    match xs.split_first() {
        Some((Expr::Const(d, Unit::Ratio), rest)) if !rest.is_empty() => {
            let bare = with_factor(Expr::Const(*d, Unit::Number), rest.to_vec());
            if unit(&bare) == unit(&whole) { bare } else { whole }
        }
        Some((only, [])) => only.clone(),
        _ => whole,
    }
}

/// A quotient of what is in normal form.
pub(super) fn quotient(a: Expr, b: Expr) -> Expr {
    let of = |a: &Expr, b: &Expr| unit(a).zip(unit(b)).and_then(|(a, b)| a.over(b));
    let whole = of(&a, &b);
    let b = respelt(&b, Unit::Number).filter(|n| of(&a, n) == whole).unwrap_or(b);
    let a = respelt(&a, Unit::Number).filter(|n| of(n, &b) == whole).unwrap_or(a);
    divided(a, b)
}

/// A quotient, folded where it is exact.
fn divided(a: Expr, b: Expr) -> Expr {
    match (a, b) {
        (x, Expr::Const(d, Unit::Number)) if d == Decimal::ONE => x,
        (Expr::Const(a, u), Expr::Const(b, Unit::Number)) => match a.over(b) {
            Some(q) if writable(q, u) => constant(q, u),
            _ => Expr::Div(Box::new([Expr::Const(a, u), Expr::Const(b, Unit::Number)])),
        },
        (a, b) => Expr::Div(Box::new([a, b])),
    }
}
