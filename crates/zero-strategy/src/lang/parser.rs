//! Tokens to a typed tree. Units are checked as the tree is built, so there is no tree that is not typed.
//!
//! Precedence, loosest first: `or`; `and`; `not`; comparison (not chained); `+ -`; `* /`; unary `-`.

mod names;

use super::ast::Expr;
use super::decimal::Decimal;
use super::error::{LangError, Span};
use super::lexer::{Token, tokens};
use super::normal;
use super::unit::Unit;
use super::{DEPTH_MAX, NODES_MAX};
use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

/// A typed tree in normal form, and its unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// Normal form.
    pub expr: Expr,
    /// Unit of its value.
    pub unit: Unit,
}

/// Reads an expression into its normal form.
///
/// # Errors
/// [`LangError`] with the span of what is wrong.
pub fn parse(text: &str) -> Result<Parsed, LangError> {
    let typed = parse_as_written(text)?;
    let expr = normal::normal(typed.expr).map_err(|_| {
        LangError::new(
            LangError::RANGE,
            Span::new(0, text.len()),
            "constants fold to one of more than 18 digits",
            "use fewer digits",
        )
    })?;
    Ok(Parsed { expr, unit: typed.unit })
}

/// Reads an expression as it is written.
///
/// # Errors
/// [`LangError`] with the span of what is wrong.
pub fn parse_as_written(text: &str) -> Result<Parsed, LangError> {
    let tokens = tokens(text)?;
    let mut p = Parser { tokens: &tokens, at: 0, nesting: 0, nodes: 0 };
    let t = p.any()?;
    match p.peek() {
        (Token::End, _) => Ok(Parsed { expr: t.expr, unit: t.unit }),
        (token, span) => {
            let hint = match token {
                Token::Sign("<" | "<=" | ">" | ">=") => "comparisons do not chain: write `a < x and x < b`",
                Token::Word(_) | Token::Number(_) => "an operator or a comma is missing before it",
                _ => "close or remove what does not belong here",
            };
            Err(LangError::new(LangError::SYNTAX, span, "the expression should end here", hint))
        }
    }
}

/// A part of the tree with what is known of it.
struct Typed {
    expr: Expr,
    unit: Unit,
    span: Span,
    depth: usize,
}

struct Parser<'a> {
    tokens: &'a [(Token<'a>, Span)],
    at: usize,
    /// Open brackets, calls and prefixes: bounds the recursion.
    nesting: usize,
    nodes: usize,
}

type Out = Result<Typed, LangError>;

impl<'a> Parser<'a> {
    fn peek(&self) -> (Token<'a>, Span) {
        self.tokens.get(self.at).or(self.tokens.last()).copied().unwrap_or((Token::End, Span::default()))
    }

    fn next(&mut self) -> (Token<'a>, Span) {
        let t = self.peek();
        self.at += 1;
        t
    }

    fn takes(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek().0, Token::Sign(s) if s == sign);
        self.at += usize::from(found);
        found
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let found = self.peek().0 == Token::Word(word);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &'static str) -> Result<Span, LangError> {
        let (token, span) = self.next();
        if token == Token::Sign(sign) {
            Ok(span)
        } else {
            Err(LangError::new(
                LangError::SYNTAX,
                span,
                format!("{sign:?} is expected here"),
                "look at what was opened before",
            ))
        }
    }

    /// Counts a node and bounds the tree.
    fn node(&mut self, expr: Expr, unit: Unit, span: Span, below: usize) -> Out {
        self.nodes += 1;
        let depth = below + 1;
        if self.nodes > NODES_MAX || depth > DEPTH_MAX {
            return Err(too_big(span));
        }
        Ok(Typed { expr, unit, span, depth })
    }

    fn deeper(&mut self, f: fn(&mut Self) -> Out) -> Out {
        self.nesting += 1;
        if self.nesting > DEPTH_MAX {
            return Err(too_big(self.peek().1));
        }
        let out = f(self);
        self.nesting -= 1;
        out
    }

    fn any(&mut self) -> Out {
        self.deeper(Self::or)
    }

    fn or(&mut self) -> Out {
        self.logic("or", Self::and, Expr::Or)
    }

    fn and(&mut self) -> Out {
        self.logic("and", Self::not, Expr::And)
    }

    fn logic(&mut self, word: &str, below: fn(&mut Self) -> Out, make: fn(Vec<Expr>) -> Expr) -> Out {
        let first = below(self)?;
        if self.peek().0 != Token::Word(word) {
            return match self.peek() {
                (Token::Sign(s @ ("&&" | "||")), span) => Err(LangError::new(
                    LangError::SYNTAX,
                    span,
                    format!("{s:?} is no part of the language"),
                    if s == "&&" { "write `and`" } else { "write `or`" },
                )),
                _ => Ok(first),
            };
        }
        let (mut span, mut depth) = (first.span, first.depth);
        let mut parts = alloc::vec![truth(first)?];
        while self.takes_word(word) {
            let next = below(self)?;
            span = span.to(next.span);
            depth = depth.max(next.depth);
            parts.push(truth(next)?);
        }
        self.node(make(parts), Unit::Truth, span, depth)
    }

    fn not(&mut self) -> Out {
        let (token, start) = self.peek();
        if token != Token::Word("not") {
            return self.comparison();
        }
        self.at += 1;
        let x = self.deeper(Self::not)?;
        let (span, depth) = (start.to(x.span), x.depth);
        let inner = truth(x)?;
        self.node(Expr::Not(Box::new(inner)), Unit::Truth, span, depth)
    }

    fn comparison(&mut self) -> Out {
        let a = self.sum()?;
        let (token, at) = self.peek();
        let Token::Sign(sign) = token else { return Ok(a) };
        match sign {
            "<" | "<=" | ">" | ">=" => {}
            "=" | "==" | "!=" => {
                return Err(LangError::new(
                    LangError::SYNTAX,
                    at,
                    "measured values are never exactly equal",
                    "compare with <, <=, > or >=",
                ));
            }
            _ => return Ok(a),
        }
        self.at += 1;
        let b = self.sum()?;
        let span = a.span.to(b.span);
        if a.unit.join(b.unit).is_none() {
            return Err(units(span, "compared", a.unit, b.unit));
        }
        let depth = a.depth.max(b.depth);
        let expr = match sign {
            "<" => Expr::Lt(Box::new([a.expr, b.expr])),
            "<=" => Expr::Le(Box::new([a.expr, b.expr])),
            ">" => Expr::Lt(Box::new([b.expr, a.expr])),
            _ => Expr::Le(Box::new([b.expr, a.expr])),
        };
        self.node(expr, Unit::Truth, span, depth)
    }

    fn sum(&mut self) -> Out {
        let first = self.product()?;
        let (mut unit, mut span, mut depth) = (first.unit, first.span, first.depth);
        let mut parts = alloc::vec![first.expr];
        loop {
            let minus = match self.peek().0 {
                Token::Sign("+") => false,
                Token::Sign("-") => true,
                _ => break,
            };
            self.at += 1;
            let next = self.product()?;
            unit = unit.join(next.unit).ok_or_else(|| units(span.to(next.span), "added", unit, next.unit))?;
            span = span.to(next.span);
            depth = depth.max(next.depth);
            if minus {
                let n = self.node(Expr::Neg(Box::new(next.expr)), next.unit, next.span, next.depth)?;
                depth = depth.max(n.depth);
                parts.push(n.expr);
            } else {
                parts.push(next.expr);
            }
        }
        match parts.pop() {
            Some(only) if parts.is_empty() => Ok(Typed { expr: only, unit, span, depth }),
            Some(last) => {
                parts.push(last);
                self.node(Expr::Add(parts), unit, span, depth)
            }
            None => Err(too_big(span)),
        }
    }

    fn product(&mut self) -> Out {
        let mut a = self.unary()?;
        loop {
            let divide = match self.peek().0 {
                Token::Sign("*") => false,
                Token::Sign("/") => true,
                _ => return Ok(a),
            };
            self.at += 1;
            let b = self.unary()?;
            let (span, depth) = (a.span.to(b.span), a.depth.max(b.depth));
            // A divisor is asked as it folds: `1 - 1` is as little of a divisor as `0`.
            let zero = |e: &Expr| matches!(normal::normal(e.clone()), Ok(Expr::Const(d, _)) if d.is_zero());
            if divide && zero(&b.expr) {
                return Err(LangError::new(
                    LangError::RANGE,
                    b.span,
                    "division by zero",
                    "divide by something else",
                ));
            }
            let (unit, verb) =
                if divide { (a.unit.over(b.unit), "divided") } else { (a.unit.times(b.unit), "multiplied") };
            let unit = unit.ok_or_else(|| units(span, verb, a.unit, b.unit))?;
            let (expr, below) = match (divide, a.expr) {
                (true, x) => (Expr::Div(Box::new([x, b.expr])), depth),
                // A chain of factors is one node, however long.
                (false, Expr::Mul(mut xs)) => {
                    xs.push(b.expr);
                    (Expr::Mul(xs), depth.saturating_sub(1).max(b.depth))
                }
                (false, x) => (Expr::Mul(alloc::vec![x, b.expr]), depth),
            };
            a = self.node(expr, unit, span, below)?;
        }
    }

    fn unary(&mut self) -> Out {
        let start = self.peek().1;
        if !self.takes("-") {
            return self.atom();
        }
        let x = self.deeper(Self::unary)?;
        if x.unit == Unit::Truth {
            return Err(LangError::new(LangError::UNIT, x.span, "a condition has no sign", "write `not`"));
        }
        self.node(Expr::Neg(Box::new(x.expr)), x.unit, start.to(x.span), x.depth)
    }

    fn atom(&mut self) -> Out {
        let (token, span) = self.next();
        match token {
            Token::Number(digits) => self.number(digits, span),
            Token::Sign("(") => {
                let x = self.any()?;
                let end = self.expect(")")?;
                Ok(Typed { span: span.to(end), ..x })
            }
            Token::Word("true" | "false") => {
                self.node(Expr::Bool(token == Token::Word("true")), Unit::Truth, span, 0)
            }
            Token::Word(name) => self.named(name, span),
            _ => Err(LangError::new(
                LangError::SYNTAX,
                span,
                "a number, a name or a bracket is expected here",
                "for example `trend_t(168) >= 1`",
            )),
        }
    }

    fn number(&mut self, digits: &str, span: Span) -> Out {
        let bad = || {
            LangError::new(
                LangError::RANGE,
                span,
                format!("{digits} is not a decimal of at most 18 digits"),
                "write for example 0.25",
            )
        };
        let d = Decimal::parse(digits).ok_or_else(bad)?;
        let (token, after) = self.peek();
        // A unit is written without a space.
        let touching = after.start == span.end;
        let (value, unit) = match token {
            Token::Sign("%") if touching => (d.percent().ok_or_else(bad)?, Unit::Ratio),
            Token::Word("h") if touching => (d, Unit::Duration),
            Token::Word("d") if touching => (d.times(Decimal::whole(24)).ok_or_else(bad)?, Unit::Duration),
            Token::Word("ph") if touching => (d, Unit::HourRate),
            Token::Word("pa") if touching => (d, Unit::AnnualRate),
            Token::Word(w) if touching => {
                return Err(LangError::new(
                    LangError::UNIT,
                    after,
                    format!("{:?} is no unit", short(w)),
                    "units are % (fraction), h and d (time), ph and pa (rate per hour, per year)",
                ));
            }
            _ => {
                let unit = if d.is_zero() { Unit::Zero } else { Unit::Number };
                return self.node(Expr::Const(d, unit), unit, span, 0);
            }
        };
        self.at += 1;
        self.node(Expr::Const(value, unit), unit, span.to(after), 0)
    }
}

fn short(word: &str) -> &str {
    word.get(..40).unwrap_or(word)
}

fn too_big(span: Span) -> LangError {
    LangError::new(
        LangError::BOUND,
        span,
        format!("an expression has at most {NODES_MAX} parts, {DEPTH_MAX} deep"),
        "split it into simpler conditions",
    )
}

fn units(span: Span, verb: &str, a: Unit, b: Unit) -> LangError {
    let hint = match (a, b) {
        (Unit::Truth, _) | (_, Unit::Truth) => "join conditions with and, or, not",
        (Unit::Price, Unit::Number) | (Unit::Number, Unit::Price) => {
            "a fixed price means nothing for another coin: compare with a price, or divide by one"
        }
        (Unit::HourRate | Unit::AnnualRate, _) | (_, Unit::HourRate | Unit::AnnualRate) => {
            "write rates as 0.1pa or 0.00001ph; annual(x) turns one into the other"
        }
        (Unit::Duration, _) | (_, Unit::Duration) => "write times as 48h or 2d",
        _ => "bring both to one unit; a fraction is written 5%",
    };
    LangError::new(LangError::UNIT, span, format!("{} and {} cannot be {verb}", a.name(), b.name()), hint)
}

fn truth(t: Typed) -> Result<Expr, LangError> {
    if t.unit == Unit::Truth {
        Ok(t.expr)
    } else {
        Err(LangError::new(
            LangError::UNIT,
            t.span,
            format!("a condition is expected; this is {}", t.unit.name()),
            "compare it with something",
        ))
    }
}

fn value(t: Typed) -> Out {
    if t.unit == Unit::Truth {
        Err(LangError::new(
            LangError::UNIT,
            t.span,
            "a value is expected; this is a condition",
            "use if(condition, a, b) or vote(condition, weight)",
        ))
    } else {
        Ok(t)
    }
}

fn join_all(args: &[Typed], span: Span) -> Result<Unit, LangError> {
    let mut unit = Unit::Zero;
    for a in args {
        unit = unit.join(a.unit).ok_or_else(|| units(span, "compared", unit, a.unit))?;
    }
    Ok(unit)
}
