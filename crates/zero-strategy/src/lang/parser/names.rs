//! Names in an expression: features with their lengths and lags, functions with their arguments, and shorthands.

use super::{Out, Parser, Typed, join_all, short, truth, units, value};
use crate::lang::ast::Expr;
use crate::lang::catalog::{self, Args, CONTEXT, FEATURES, FUNCTIONS, Feature, SHORTHANDS};
use crate::lang::error::{LangError, Span, nearest};
use crate::lang::lexer::Token;
use crate::lang::unit::Unit;
use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

impl Parser<'_> {
    pub(super) fn named(&mut self, name: &str, span: Span) -> Out {
        if let Some(i) = FEATURES.iter().position(|f| f.name == name) {
            return self.feature(i, span);
        }
        match name {
            "sqrt_bars_per_day" => self.bare(Expr::RootBarsPerDay, Unit::Number, span),
            "hours_held" => self.bare(Expr::HoursHeld, Unit::Duration, span),
            "unrealised" => self.bare(Expr::Unrealised, Unit::Ratio, span),
            "giveback" => self.bare(Expr::Giveback, Unit::Ratio, span),
            "daily_vol" => self
                .shorthand(span, "vol", |f| (Expr::Mul(alloc::vec![f, Expr::RootBarsPerDay]), Unit::Ratio)),
            "funding_annual" => {
                self.shorthand(span, "funding_mean", |f| (Expr::Annual(Box::new(f)), Unit::AnnualRate))
            }
            "unrealised_sigmas" => self.shorthand(span, "vol", |f| {
                let daily = Expr::Mul(alloc::vec![f, Expr::RootBarsPerDay]);
                (Expr::Div(Box::new([Expr::Unrealised, daily])), Unit::Score)
            }),
            _ if FUNCTIONS.iter().any(|(n, _)| *n == name) => self.call(name, span),
            _ => {
                let near = nearest(name, catalog::names());
                let hint = near.map_or_else(
                    || format!("features are {}", list_names()),
                    |n| format!("did you mean `{n}`?"),
                );
                Err(LangError::new(
                    LangError::NAME,
                    span,
                    format!("nothing is called {:?}", short(name)),
                    hint,
                ))
            }
        }
    }

    fn bare(&mut self, expr: Expr, unit: Unit, span: Span) -> Out {
        if self.takes("(") {
            self.expect(")")?;
        }
        self.node(expr, unit, span, 0)
    }

    fn shorthand(&mut self, span: Span, of: &str, make: fn(Expr) -> (Expr, Unit)) -> Out {
        let i = FEATURES.iter().position(|f| f.name == of).unwrap_or(0);
        let f = self.feature(i, span)?;
        let (expr, unit) = make(f.expr);
        self.nodes += 2;
        self.node(expr, unit, f.span, f.depth + 1)
    }

    /// Parameters in parentheses and bars back in brackets.
    fn feature(&mut self, index: usize, span: Span) -> Out {
        let feature = Feature { index: index as u8, args: Args { a: 0, b: 0, lag: 0 } };
        let entry = feature.entry();
        let mut given = Vec::new();
        let mut end = span;
        if self.takes("(") && !self.takes(")") {
            loop {
                given.push(self.whole(u16::MAX)?);
                if self.takes(")") {
                    break;
                }
                self.expect(",")?;
            }
        }
        if given.len() > entry.params.len() {
            return Err(LangError::new(
                LangError::SYNTAX,
                span,
                format!("{} takes {} parameters", entry.name, entry.params.len()),
                entry.about,
            ));
        }
        let mut args = Args { a: 0, b: 0, lag: 0 };
        for (i, param) in entry.params.iter().enumerate() {
            let (value, at) = match (given.get(i), param.default) {
                (Some(v), _) => *v,
                (None, Some(d)) => (d, span),
                (None, None) => {
                    return Err(LangError::new(
                        LangError::SYNTAX,
                        span,
                        format!("{} needs its {}", entry.name, param.name),
                        format!("write for example {}(24)", entry.name),
                    ));
                }
            };
            if value < param.min || value > param.max {
                return Err(LangError::new(
                    LangError::RANGE,
                    at,
                    format!("{} of {} is {} to {}", param.name, entry.name, param.min, param.max),
                    "choose a length inside the range",
                ));
            }
            if i == 0 {
                args.a = value;
            } else {
                args.b = value;
            }
            end = at;
        }
        let open = self.peek().1;
        if self.takes("[") {
            if let (Token::Sign("-"), at) = self.peek() {
                return Err(LangError::new(
                    LangError::RANGE,
                    at.to(self.tokens.get(self.at + 1).map_or(at, |t| t.1)),
                    "a lag counts bars back and cannot be negative: that would look ahead",
                    "write [1] for the bar before",
                ));
            }
            args.lag = self.whole(9_999)?.0;
            end = self.expect("]")?;
            if !entry.lagged {
                return Err(LangError::new(
                    LangError::SYNTAX,
                    open.to(end),
                    format!("{} has no lag", entry.name),
                    "close, open, high, low, volume, highest and lowest do",
                ));
            }
        }
        self.node(Expr::Feature(Feature { args, ..feature }), entry.unit, span.to(end), 0)
    }

    /// A whole number without sign or unit.
    fn whole(&mut self, max: u16) -> Result<(u16, Span), LangError> {
        let (token, span) = self.next();
        let value = match token {
            Token::Number(d) => d.parse::<u16>().ok().filter(|v| *v <= max),
            _ => None,
        };
        value.map(|v| (v, span)).ok_or_else(|| {
            LangError::new(
                LangError::RANGE,
                span,
                format!("a whole number from 0 to {max} is expected here"),
                "lengths and lags are counts: no sign, no unit, no expression",
            )
        })
    }

    fn call(&mut self, name: &str, span: Span) -> Out {
        self.expect("(")?;
        let mut args = Vec::new();
        loop {
            args.push(self.any()?);
            if !self.takes(",") {
                break;
            }
        }
        let span = span.to(self.expect(")")?);
        let depth = args.iter().map(|a| a.depth).max().unwrap_or(0);
        let wrong = || {
            let about = FUNCTIONS.iter().find(|(n, _)| *n == name).map_or("", |(_, about)| *about);
            LangError::new(LangError::SYNTAX, span, format!("{name} is not called like this"), about)
        };
        let count = args.len();
        let (expr, unit) = match name {
            "abs" | "annual" => {
                let [x] = <[Typed; 1]>::try_from(args).map_err(|_| wrong())?;
                let x = value(x)?;
                if name == "abs" {
                    (Expr::Abs(Box::new(x.expr)), x.unit)
                } else if x.unit == Unit::HourRate {
                    (Expr::Annual(Box::new(x.expr)), Unit::AnnualRate)
                } else {
                    return Err(LangError::new(
                        LangError::UNIT,
                        x.span,
                        format!("annual takes a rate per hour; this is {}", x.unit.name()),
                        "for example annual(funding_mean(72))",
                    ));
                }
            }
            "min" | "max" if count >= 2 => {
                let unit = join_all(&args, span)?;
                let xs = args.into_iter().map(|a| a.expr).collect();
                (if name == "min" { Expr::Min(xs) } else { Expr::Max(xs) }, unit)
            }
            "clamp" => {
                let unit = join_all(&args, span)?;
                let [x, lo, hi] = <[Typed; 3]>::try_from(args).map_err(|_| wrong())?;
                (Expr::Clamp(Box::new([x.expr, lo.expr, hi.expr])), unit)
            }
            "if" => {
                let [c, a, b] = <[Typed; 3]>::try_from(args).map_err(|_| wrong())?;
                let unit = a.unit.join(b.unit).ok_or_else(|| units(span, "alternatives", a.unit, b.unit))?;
                (Expr::If(Box::new([truth(c)?, a.expr, b.expr])), unit)
            }
            "vote" => {
                let [c, w] = <[Typed; 2]>::try_from(args).map_err(|_| wrong())?;
                let Expr::Const(weight, Unit::Number) = w.expr else {
                    return Err(LangError::new(
                        LangError::UNIT,
                        w.span,
                        "a weight is a bare number above zero",
                        "for example vote(rsi(14) < 30, 2)",
                    ));
                };
                (Expr::Vote(Box::new(truth(c)?), weight), Unit::Number)
            }
            _ => return Err(wrong()),
        };
        self.node(expr, unit, span, depth)
    }
}

fn list_names() -> alloc::string::String {
    let names: Vec<&str> =
        FEATURES.iter().map(|f| f.name).chain(SHORTHANDS.iter().chain(CONTEXT).map(|(n, _)| *n)).collect();
    names.join(", ")
}
