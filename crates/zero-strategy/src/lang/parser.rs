//! Tokens to a typed tree. Units are checked as the tree is built, so there is no tree that is not typed.
//!
//! Precedence, loosest first: `or`; `and`; `not`; comparison (not chained); `+ -`; `* /`; unary `-`.

use super::ast::Expr;
use super::catalog::{self, Args, CONTEXT, FEATURES, FUNCTIONS, Feature, SHORTHANDS};
use super::decimal::Decimal;
use super::error::{LangError, Span, nearest};
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
            if divide && matches!(b.expr, Expr::Const(d, _) if d.is_zero()) {
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

    fn named(&mut self, name: &str, span: Span) -> Out {
        if let Some(i) = FEATURES.iter().position(|f| f.name == name) {
            return self.feature(i, span);
        }
        match name {
            "sqrt_bars_per_day" => self.bare(Expr::RootBarsPerDay, Unit::Number, span),
            "hours_held" => self.bare(Expr::HoursHeld, Unit::Duration, span),
            "unrealised" => self.bare(Expr::Unrealised, Unit::Ratio, span),
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

fn short(word: &str) -> &str {
    word.get(..40).unwrap_or(word)
}

fn list_names() -> alloc::string::String {
    let names: Vec<&str> =
        FEATURES.iter().map(|f| f.name).chain(SHORTHANDS.iter().chain(CONTEXT).map(|(n, _)| *n)).collect();
    names.join(", ")
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
