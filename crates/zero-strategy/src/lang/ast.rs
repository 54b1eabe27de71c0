//! The typed tree, and its text.

use super::catalog::Feature;
use super::decimal::Decimal;
use super::unit::Unit;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write as _};

/// An expression. The order of variants is the order of operands in the normal form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Expr {
    /// A condition that is settled.
    Bool(bool),
    /// An exact constant.
    Const(Decimal, Unit),
    /// A feature of the market.
    Feature(Feature),
    /// Root of the bars per day.
    RootBarsPerDay,
    /// Time since the position was opened, in hours.
    HoursHeld,
    /// Return of the position since its entry.
    Unrealised,
    /// What the position gave back of its best price.
    Giveback,
    /// A rate per hour, per year.
    Annual(Box<Self>),
    /// With the other sign.
    Neg(Box<Self>),
    /// Sum.
    Add(Vec<Self>),
    /// Product.
    Mul(Vec<Self>),
    /// Quotient.
    Div(Box<[Self; 2]>),
    /// Smallest.
    Min(Vec<Self>),
    /// Largest.
    Max(Vec<Self>),
    /// Distance from zero.
    Abs(Box<Self>),
    /// Value, lower bound, upper bound.
    Clamp(Box<[Self; 3]>),
    /// Condition, value where it holds, value where it does not.
    If(Box<[Self; 3]>),
    /// A weight where a condition holds, else zero.
    Vote(Box<Self>, Decimal),
    /// The first is below the second.
    Lt(Box<[Self; 2]>),
    /// The first is at most the second.
    Le(Box<[Self; 2]>),
    /// All hold.
    And(Vec<Self>),
    /// One holds.
    Or(Vec<Self>),
    /// It does not hold.
    Not(Box<Self>),
}

impl Expr {
    /// Direct parts.
    #[must_use]
    pub fn parts(&self) -> &[Self] {
        match self {
            Self::Annual(x) | Self::Neg(x) | Self::Abs(x) | Self::Not(x) | Self::Vote(x, _) => {
                core::slice::from_ref(x)
            }
            Self::Add(xs) | Self::Mul(xs) | Self::Min(xs) | Self::Max(xs) | Self::And(xs) | Self::Or(xs) => {
                xs
            }
            Self::Div(p) | Self::Lt(p) | Self::Le(p) => &p[..],
            Self::Clamp(p) | Self::If(p) => &p[..],
            _ => &[],
        }
    }

    /// Visits every node; the tree is at most [`super::NODES_MAX`] deep.
    pub fn each(&self, f: &mut impl FnMut(&Self)) {
        f(self);
        for p in self.parts() {
            p.each(f);
        }
    }

    /// Does it ask about the position?
    #[must_use]
    pub fn asks_position(&self) -> bool {
        let mut found = false;
        self.each(&mut |e| found |= matches!(e, Self::HoursHeld | Self::Unrealised | Self::Giveback));
        found
    }
}

/// A constant with its unit, exactly as the parser reads it.
pub(crate) fn constant(d: Decimal, unit: Unit) -> String {
    // A fraction of price is written in percent where that fits; it always does for a constant
    // that was parsed or folded.
    match (unit, d.shifted(2)) {
        (Unit::Ratio, Some(p)) => alloc::format!("{p}%"),
        _ => alloc::format!("{d}{}", unit.suffix().unwrap_or("")),
    }
}

fn list(f: &mut fmt::Formatter<'_>, name: &str, xs: &[Expr]) -> fmt::Result {
    write!(f, "{name}(")?;
    for (i, x) in xs.iter().enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{x}")?;
    }
    f.write_char(')')
}

fn joined(f: &mut fmt::Formatter<'_>, sign: &str, xs: &[Expr]) -> fmt::Result {
    for (i, x) in xs.iter().enumerate() {
        match (i, x) {
            (0, x) => operand(f, x)?,
            (_, Expr::Neg(inner)) if sign == "+" => {
                f.write_str(" - ")?;
                operand(f, inner)?;
            }
            (_, x) => {
                write!(f, " {sign} ")?;
                operand(f, x)?;
            }
        }
    }
    Ok(())
}

/// Anything that is not a single word goes into parentheses: the text never depends on precedence.
fn operand(f: &mut fmt::Formatter<'_>, x: &Expr) -> fmt::Result {
    let simple = match x {
        Expr::Const(d, _) => !d.is_negative(),
        Expr::Neg(_)
        | Expr::Add(_)
        | Expr::Mul(_)
        | Expr::Div(_)
        | Expr::Lt(_)
        | Expr::Le(_)
        | Expr::And(_)
        | Expr::Or(_)
        | Expr::Not(_) => false,
        _ => true,
    };
    if simple { write!(f, "{x}") } else { write!(f, "({x})") }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let binary = |f: &mut fmt::Formatter<'_>, a: &Self, sign: &str, b: &Self| {
            operand(f, a)?;
            write!(f, " {sign} ")?;
            operand(f, b)
        };
        match self {
            Self::Bool(b) => write!(f, "{b}"),
            Self::Const(d, u) => f.write_str(&constant(*d, *u)),
            Self::Feature(x) => {
                let e = x.entry();
                f.write_str(e.name)?;
                match e.params.len() {
                    0 => {}
                    1 => write!(f, "({})", x.args.a)?,
                    _ => write!(f, "({}, {})", x.args.a, x.args.b)?,
                }
                if x.args.lag > 0 { write!(f, "[{}]", x.args.lag) } else { Ok(()) }
            }
            Self::RootBarsPerDay => f.write_str("sqrt_bars_per_day"),
            Self::HoursHeld => f.write_str("hours_held"),
            Self::Unrealised => f.write_str("unrealised"),
            Self::Giveback => f.write_str("giveback"),
            Self::Annual(x) => write!(f, "annual({x})"),
            Self::Neg(x) => {
                f.write_char('-')?;
                operand(f, x)
            }
            Self::Add(xs) => joined(f, "+", xs),
            Self::Mul(xs) => joined(f, "*", xs),
            Self::Div(p) => binary(f, &p[0], "/", &p[1]),
            Self::Min(xs) => list(f, "min", xs),
            Self::Max(xs) => list(f, "max", xs),
            Self::Abs(x) => write!(f, "abs({x})"),
            Self::Clamp(p) => list(f, "clamp", &p[..]),
            Self::If(p) => list(f, "if", &p[..]),
            Self::Vote(x, w) => write!(f, "vote({x}, {w})"),
            // A constant stands on the right, as people write it.
            Self::Lt(p) if matches!(p[0], Self::Const(..)) => binary(f, &p[1], ">", &p[0]),
            Self::Le(p) if matches!(p[0], Self::Const(..)) => binary(f, &p[1], ">=", &p[0]),
            Self::Lt(p) => binary(f, &p[0], "<", &p[1]),
            Self::Le(p) => binary(f, &p[0], "<=", &p[1]),
            Self::And(xs) => joined(f, "and", xs),
            Self::Or(xs) => joined(f, "or", xs),
            Self::Not(x) => {
                f.write_str("not ")?;
                operand(f, x)
            }
        }
    }
}
