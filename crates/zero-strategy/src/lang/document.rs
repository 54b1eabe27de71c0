//! A strategy document: named fields, checked and in normal form.

use super::ast::Expr;
use super::error::{LangError, Span, nearest};
use super::parser::parse;
use super::spelling;
use super::unit::Unit;
use crate::strategy::{Sizing, StrategySpec};
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;
use zero_core::{Canon as _, Digest32, Rate, Sz};

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A condition of the market.
    Condition,
    /// A condition that may also ask about the position.
    ExitCondition,
    /// A number that ranks candidates.
    Score,
    /// A fraction of the entry price, or `none`.
    Distance,
    /// A whole number of hours above zero, as `48h` or `2d`.
    Hours,
    /// The same, or no time at all: `0h`.
    Wait,
    /// `hold` or `leave`.
    OnUnknown,
    /// `risk`, `share 0.05` or `fixed 1.5`.
    Sizing,
    /// Names of coins separated by commas, or `*`.
    Coins,
    /// A number of bars.
    Bars,
}

/// A field of a document.
#[derive(Clone, Copy, Debug)]
pub struct FieldSpec {
    /// Table and key, joined by a dot.
    pub key: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Text that stands for it when it is left out; `None` where it must be written.
    pub default: Option<&'static str>,
    /// For the reference.
    pub about: &'static str,
}

const fn f(key: &'static str, kind: Kind, default: Option<&'static str>, about: &'static str) -> FieldSpec {
    FieldSpec { key, kind, default, about }
}

/// Every field, in the order of the normal form.
pub const FIELDS: &[FieldSpec] = &[
    f("universe.coins", Kind::Coins, Some("*"), "Coins that it trades."),
    f(
        "universe.history",
        Kind::Bars,
        Some("0"),
        "Bars without a hole that a coin must have before it is traded.",
    ),
    f("regime.when", Kind::Condition, Some("true"), "Condition under which entries are considered at all."),
    f("entry.long", Kind::Condition, Some("false"), "Buys when this holds."),
    f("entry.short", Kind::Condition, Some("false"), "Sells when this holds."),
    f("entry.score", Kind::Score, Some("0"), "Ranks candidates of one instant, highest first."),
    f("exit.stop", Kind::Distance, Some("none"), "Distance of the protective stop, fixed at entry."),
    f("exit.target", Kind::Distance, Some("none"), "Distance of the take-profit, fixed at entry."),
    f("exit.horizon", Kind::Hours, None, "Time after which the thesis is over."),
    f(
        "exit.kill",
        Kind::ExitCondition,
        Some("false"),
        "Voids the thesis: leaves, and True or Unknown bars an entry.",
    ),
    f("exit.trail_long", Kind::ExitCondition, Some("false"), "Leaves a long: a trailing condition."),
    f("exit.trail_short", Kind::ExitCondition, Some("false"), "Leaves a short: a trailing condition."),
    f("exit.signal_long", Kind::ExitCondition, Some("false"), "Leaves a long: the signal is gone."),
    f("exit.signal_short", Kind::ExitCondition, Some("false"), "Leaves a short: the signal is gone."),
    f(
        "exit.on_unknown.kill",
        Kind::OnUnknown,
        Some("leave"),
        "What to do while the kill condition is Unknown.",
    ),
    f(
        "exit.on_unknown.trail",
        Kind::OnUnknown,
        Some("hold"),
        "What to do while the trailing condition is Unknown.",
    ),
    f("exit.on_unknown.signal", Kind::OnUnknown, Some("hold"), "What to do while the signal is Unknown."),
    f(
        "sizing.by",
        Kind::Sizing,
        Some("risk"),
        "`risk` between entry and stop, a `share` of equity, or `fixed` coins.",
    ),
    f(
        "cooldown.wait",
        Kind::Wait,
        Some("0h"),
        "Wait after an exit before the same side of the coin; the engine's own binds too.",
    ),
];

/// Longest normal text of a document, in bytes: what a manifest keeps of it.
pub const NORMAL_MAX: usize = 16_384;
/// Longest time that a document may name, in hours.
pub const HOURS_MAX: u32 = 24 * 366;
/// Most bars without a hole that a document may ask for.
pub const BARS_MAX: u16 = 10_000;
/// Most coins that a document may name.
pub const COINS_MAX: usize = 128;

/// A field's text, as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// Table and key, joined by a dot.
    pub key: &'a str,
    /// Its text.
    pub text: &'a str,
}

/// A field's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    Expr(Expr),
    None,
    Hours(u32),
    /// Leave, else hold.
    Leave(bool),
    Risk,
    Share(Rate),
    Fixed(Sz),
    /// Sorted; empty means all.
    Coins(Vec<String>),
    Bars(u16),
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expr(e) => write!(f, "{e}"),
            Self::None => f.write_str("none"),
            Self::Hours(h) => write!(f, "{h}h"),
            Self::Leave(true) => f.write_str("leave"),
            Self::Leave(false) => f.write_str("hold"),
            Self::Risk => f.write_str("risk"),
            Self::Share(r) => write!(f, "share {r}"),
            Self::Fixed(s) => write!(f, "fixed {s}"),
            Self::Coins(c) if c.is_empty() => f.write_str("*"),
            Self::Coins(c) => f.write_str(&c.join(",")),
            Self::Bars(n) => write!(f, "{n}"),
        }
    }
}

/// A document in normal form. Two documents mean the same when [`Document::meaning`] is equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    name: String,
    version: u16,
    /// In the order of [`FIELDS`].
    settings: Vec<Setting>,
}

/// Whether a text can name a strategy: `[a-z][a-z0-9_]*`, at most 32 bytes.
#[must_use]
pub fn is_name(text: &str) -> bool {
    text.len() <= 32
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

impl Document {
    /// Checks fields and puts them into normal form.
    ///
    /// # Errors
    /// [`LangError`] naming the field, with the span inside its text.
    pub fn new(name: &str, version: u16, fields: &[Field<'_>]) -> Result<Self, LangError> {
        let whole = |t: &str| Span::new(0, t.len());
        if !is_name(name) {
            let hint = "lower-case letters, digits and underscores, at most 32, a letter first";
            return Err(LangError::new(LangError::FIELD, whole(name), "not a name", hint).in_field("name"));
        }
        for (i, field) in fields.iter().enumerate() {
            if !FIELDS.iter().any(|s| s.key == field.key) {
                let near = nearest(field.key, FIELDS.iter().map(|s| s.key));
                let hint = near.map_or_else(
                    || "see the schema for all fields".to_string(),
                    |n| format!("did you mean `{n}`?"),
                );
                return Err(LangError::new(
                    LangError::FIELD,
                    whole(field.text),
                    "a document has no such field",
                    hint,
                )
                .in_field(field.key));
            }
            if fields.iter().take(i).any(|o| o.key == field.key) {
                return Err(LangError::new(
                    LangError::FIELD,
                    whole(field.text),
                    "said twice",
                    "keep one of them",
                )
                .in_field(field.key));
            }
        }
        let mut settings = Vec::with_capacity(FIELDS.len());
        for spec in FIELDS {
            let text = fields.iter().find(|x| x.key == spec.key).map(|x| x.text).or(spec.default);
            let Some(text) = text else {
                return Err(LangError::new(LangError::FIELD, Span::default(), "missing", spec.about)
                    .in_field(spec.key));
            };
            settings.push(setting(spec.kind, text).map_err(|e| e.in_field(spec.key))?);
        }
        let doc = Self { name: name.to_string(), version, settings };
        doc.check()?;
        Ok(doc)
    }

    /// Back from what [`Document::spec`] gives.
    ///
    /// # Errors
    /// [`LangError`] for anything that is not the specification of a document in normal form.
    pub fn from_spec(spec: &StrategySpec) -> Result<Self, LangError> {
        let fields: Vec<Field<'_>> = spec
            .params
            .split("; ")
            .filter_map(|p| p.split_once('='))
            .map(|(key, text)| Field { key, text })
            .collect();
        let doc = Self::new(&spec.name, spec.version, &fields)?;
        if doc.spec() == *spec {
            Ok(doc)
        } else {
            Err(LangError::new(
                LangError::FIELD,
                Span::default(),
                "not in normal form",
                "check the document again",
            ))
        }
    }

    fn check(&self) -> Result<(), LangError> {
        let sized_by_risk = matches!(self.get("sizing.by"), Setting::Risk);
        if sized_by_risk && matches!(self.get("exit.stop"), Setting::None) {
            let hint = "give exit.stop, for example \"3 * daily_vol()\"";
            return Err(LangError::new(
                LangError::FIELD,
                Span::default(),
                "sizing by risk needs a stop",
                hint,
            )
            .in_field("exit.stop"));
        }
        let never = |key: &str| matches!(self.get(key), Setting::Expr(Expr::Bool(false)));
        if never("entry.long") && never("entry.short") {
            let hint = "give entry.long or entry.short";
            return Err(LangError::new(LangError::FIELD, Span::default(), "it can never enter", hint)
                .in_field("entry.long"));
        }
        let text = self.normal_text();
        if text.len() > NORMAL_MAX {
            return Err(LangError::new(
                LangError::BOUND,
                Span::default(),
                format!("the normal form has at most {NORMAL_MAX} bytes"),
                "split it into simpler documents",
            ));
        }
        Ok(())
    }

    /// Name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Version of its meaning.
    #[must_use]
    pub const fn version(&self) -> u16 {
        self.version
    }

    /// Every field with its normal text, defaults filled.
    pub fn normal(&self) -> impl Iterator<Item = (&'static str, String)> + '_ {
        FIELDS.iter().zip(&self.settings).map(|(f, s)| (f.key, s.to_string()))
    }

    fn normal_text(&self) -> String {
        let parts: Vec<String> = self.normal().map(|(k, v)| format!("{k}={v}")).collect();
        parts.join("; ")
    }

    /// Identity, from which the document can be built again.
    #[must_use]
    pub fn spec(&self) -> StrategySpec {
        StrategySpec { name: self.name.clone(), version: self.version, params: self.normal_text() }
    }

    /// Digest of the canonical bytes of the normal form without name and version: equal exactly for equal normal forms.
    #[must_use]
    pub fn meaning(&self) -> Digest32 {
        let texts: Vec<String> = self.normal().flat_map(|(k, v)| [k.to_string(), v]).collect();
        Digest32::of(&texts.to_bytes())
    }

    /// Time after which a thesis is over, in hours: the label's horizon.
    #[must_use]
    pub fn horizon_hours(&self) -> u32 {
        self.hours("exit.horizon")
    }

    /// Coins that it trades; empty means all.
    #[must_use]
    pub fn coins(&self) -> &[String] {
        match self.get("universe.coins") {
            Setting::Coins(c) => c,
            _ => &[],
        }
    }

    pub(crate) fn get(&self, key: &str) -> &Setting {
        FIELDS.iter().position(|f| f.key == key).and_then(|i| self.settings.get(i)).unwrap_or(&Setting::None)
    }

    pub(crate) fn hours(&self, key: &str) -> u32 {
        if let Setting::Hours(h) = self.get(key) { *h } else { 0 }
    }

    pub(crate) fn leaves(&self, key: &str) -> bool {
        matches!(self.get(key), Setting::Leave(true))
    }

    pub(crate) fn sizing(&self) -> Sizing {
        match self.get("sizing.by") {
            Setting::Share(r) => Sizing::Share(*r),
            Setting::Fixed(s) => Sizing::Fixed(*s),
            _ => Sizing::Risk,
        }
    }
}

fn setting(kind: Kind, text: &str) -> Result<Setting, LangError> {
    let span = Span::new(0, text.len());
    let bad = |message: &str, hint: &str| Err(LangError::new(LangError::FIELD, span, message, hint));
    match kind {
        Kind::Condition => expression(text, |u| u == Unit::Truth, false, "a condition"),
        Kind::ExitCondition => expression(text, |u| u == Unit::Truth, true, "a condition"),
        Kind::Score => expression(text, |u| u <= Unit::Ratio, false, "a number without dimension"),
        Kind::Distance if text == "none" => Ok(Setting::None),
        Kind::Distance => {
            let p = parse(text)?;
            let constant = if let Expr::Const(d, _) = p.expr { Some(d) } else { None };
            if p.unit == Unit::Ratio && constant.is_some_and(|d| d.is_zero() || d.is_negative()) {
                return bad("a distance is above zero", "write for example 5%, or none");
            }
            expression(text, |u| u == Unit::Ratio, false, "a fraction of price, such as 5%")
        }
        Kind::Hours => match hours(text)? {
            0 => bad("no time at all", "write for example 48h"),
            h => Ok(Setting::Hours(h)),
        },
        Kind::Wait => hours(text).map(Setting::Hours),
        Kind::OnUnknown => match text {
            "hold" => Ok(Setting::Leave(false)),
            "leave" => Ok(Setting::Leave(true)),
            _ => bad("neither `hold` nor `leave`", "write hold or leave"),
        },
        Kind::Sizing => sizing(text),
        Kind::Coins if text == "*" => Ok(Setting::Coins(Vec::new())),
        Kind::Coins => {
            let name = |(i, c): (usize, &str)| c.strip_prefix(' ').filter(|_| i > 0).unwrap_or(c).to_string();
            let mut coins: Vec<String> = text.split(',').enumerate().map(name).collect();
            let ok = |c: &String| (1..=24).contains(&c.len()) && c.bytes().all(|b| b.is_ascii_alphanumeric());
            if coins.len() > COINS_MAX || !coins.iter().all(ok) {
                return bad("not a list of coins", "write names separated by commas, or \"*\" for all");
            }
            coins.sort();
            coins.dedup();
            Ok(Setting::Coins(coins))
        }
        Kind::Bars => match text.parse::<u16>() {
            Ok(n) if n <= BARS_MAX && is_whole(text) => Ok(Setting::Bars(n)),
            _ => bad("not a number of bars", "write a whole number up to 10000"),
        },
    }
}

/// Digits without zeros in front.
fn is_whole(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !(text.is_empty() || text.starts_with('0')))
}

/// Digits with at most `places` of them after a point: no sign, no exponent.
fn is_plain(text: &str, places: usize) -> bool {
    let (whole, rest) = text.split_once('.').map_or((text, None), |(w, r)| (w, Some(r)));
    let fits = |r: &str| (1..=places).contains(&r.len()) && r.bytes().all(|b| b.is_ascii_digit());
    is_whole(whole) && whole.len() <= 10 && rest.is_none_or(fits)
}

/// Digits and `h` or `d`, nothing else: a time is written in one way.
fn hours(text: &str) -> Result<u32, LangError> {
    let err = |message: String| {
        LangError::new(LangError::FIELD, Span::new(0, text.len()), message, "write for example 48h or 2d")
    };
    let units = [('h', 1), ('d', 24)];
    let (digits, unit) = units
        .iter()
        .find_map(|(letter, hours)| Some((text.strip_suffix(*letter)?, *hours)))
        .filter(|(digits, _)| is_whole(digits))
        .ok_or_else(|| err("a whole number of hours or days is expected".to_string()))?;
    digits
        .parse::<u32>()
        .ok()
        .and_then(|n| n.checked_mul(unit))
        .filter(|h| *h <= HOURS_MAX)
        .ok_or_else(|| err(format!("at most {HOURS_MAX} hours, which are {} days", HOURS_MAX / 24)))
}

fn sizing(text: &str) -> Result<Setting, LangError> {
    let err = || {
        LangError::new(
            LangError::FIELD,
            Span::new(0, text.len()),
            "not a way to size",
            "write `risk`, `share 0.05` (of equity, up to 1) or `fixed 1.5` (coins)",
        )
    };
    match text.split_once(' ') {
        None if text == "risk" => Ok(Setting::Risk),
        Some(("share", n)) if is_plain(n, 12) => {
            let r = Rate::parse(n).ok().filter(|r| *r > Rate::ZERO && *r <= Rate::ONE);
            r.map(Setting::Share).ok_or_else(err)
        }
        Some(("fixed", n)) if is_plain(n, 8) => {
            let s = Sz::parse(n).ok().filter(|s| *s > Sz::ZERO);
            s.map(Setting::Fixed).ok_or_else(err)
        }
        _ => Err(err()),
    }
}

fn expression(
    text: &str,
    ok: impl Fn(Unit) -> bool,
    position: bool,
    what: &str,
) -> Result<Setting, LangError> {
    let mut p = parse(text)?;
    let span = Span::new(0, text.len());
    if !ok(p.unit) {
        return Err(LangError::new(
            LangError::UNIT,
            span,
            format!("{what} is expected here; this is {}", p.unit.name()),
            "see the field's description",
        ));
    }
    if !position && p.expr.asks_position() {
        return Err(LangError::new(
            LangError::NAME,
            span,
            "only exits can ask about the position",
            "use hours_held, unrealised, unrealised_sigmas and giveback in exit.kill, trail_* and signal_*",
        ));
    }
    // A score alone has no unit to give on either.
    if ok(Unit::Number) {
        p.expr = spelling::compared(p.expr);
    }
    // What the normal form says must be readable as the same, in this field: a manifest keeps the text.
    let normal = format!("{}", p.expr);
    match parse(&normal) {
        Ok(again) if again.expr == p.expr && ok(again.unit) => Ok(Setting::Expr(p.expr)),
        Ok(again) if again.expr == p.expr => Err(LangError::new(
            LangError::UNIT,
            span,
            format!("{what} is expected here; folded it is {}", again.unit.name()),
            "leave out factors that fold to zero",
        )),
        Err(e) if e.code != LangError::BOUND => Err(LangError::new(
            e.code,
            span,
            format!("its constants fold to what is no expression: {}", e.message),
            e.hint,
        )),
        _ => Err(LangError::new(LangError::BOUND, span, "its normal form is too large", "make it simpler")),
    }
}
