//! What a component says of itself, checked.

use crate::loaded::Described;
use crate::reader::Reader;
use wasmtime::component::Val;
use zero_core::Rate;
use zero_strategy::lang::ast::Expr;
use zero_strategy::lang::catalog::Feature;
use zero_strategy::lang::document::is_name;
use zero_strategy::lang::parse;

/// Most inputs.
const INPUTS_MAX: usize = 64;
/// Most coins.
const COINS_MAX: usize = 256;
/// Longest sentence about it, in bytes.
const ABOUT_MAX: usize = 400;
/// Oldest age that a lens may tolerate, in seconds: what the run tolerates of a funding feature.
const AGE_MAX: u32 = 7_200;
/// Hours in a year.
const YEAR: u32 = 8_760;

/// How a component's entries are sized.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SizedBy {
    /// A fixed fraction of equity is at risk.
    Risk,
    /// A share of equity.
    Share(Rate),
}

/// What a component is and needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// Name.
    pub name: String,
    /// Version of its meaning.
    pub version: u16,
    /// What it is for.
    pub about: String,
    /// Its inputs, in the order in which it wants them.
    pub inputs: Vec<Feature>,
    /// Hours after which a thesis is over.
    pub horizon_hours: u32,
    /// Hours between an exit and the next entry on that side.
    pub cooldown_hours: u32,
    /// How entries are sized.
    pub sizing: SizedBy,
    /// Coins that it trades; empty for all.
    pub coins: Vec<String>,
}

impl Described for Description {
    fn name(&self) -> &str {
        &self.name
    }

    fn version(&self) -> u16 {
        self.version
    }
}

impl Description {
    /// Of what `describe` returned.
    pub(crate) fn of(answer: &Val) -> Result<Self, String> {
        let r = Reader(answer);
        let unread = |field: &str| format!("{field}: cannot be read");
        let count = |field: &str| r.field(field).count().ok_or_else(|| unread(field));
        let list = |field: &str| r.field(field).texts().ok_or_else(|| unread(field));

        let Named { name, version, about, inputs } = Named::of(r)?;
        let (horizon_hours, cooldown_hours) = (count("horizon-hours")?, count("cooldown-hours")?);
        if !(1..=YEAR).contains(&horizon_hours) || cooldown_hours > YEAR {
            return Err(format!("horizon-hours is from 1 to {YEAR}, cooldown-hours at most {YEAR}"));
        }
        let sizing = match r.field("sizing").case() {
            Some(("risk", _)) => SizedBy::Risk,
            Some(("share", bps)) => match bps.count() {
                Some(n @ 1..=10_000) => SizedBy::Share(Rate::bps(n as i32)),
                _ => return Err("sizing: a share is from 1 to 10000 basis points".into()),
            },
            _ => return Err(unread("sizing")),
        };
        let coins = list("coins")?;
        let symbol = |c: &String| (1..=32).contains(&c.len()) && c.bytes().all(|b| b.is_ascii_graphic());
        if coins.len() > COINS_MAX || !coins.iter().all(symbol) {
            return Err(format!("coins: at most {COINS_MAX} symbols"));
        }
        Ok(Self { name, version, about, inputs, horizon_hours, cooldown_hours, sizing, coins })
    }
}

/// What a lens is and needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LensDescription {
    /// Name.
    pub name: String,
    /// Version of its meaning.
    pub version: u16,
    /// What it is for.
    pub about: String,
    /// Its inputs, in the order in which it wants them.
    pub inputs: Vec<Feature>,
    /// Oldest age of an input in seconds.
    pub max_age_seconds: u32,
}

impl Described for LensDescription {
    fn name(&self) -> &str {
        &self.name
    }

    fn version(&self) -> u16 {
        self.version
    }
}

impl LensDescription {
    /// Of what `describe` returned.
    pub(crate) fn of(answer: &Val) -> Result<Self, String> {
        let r = Reader(answer);
        let Named { name, version, about, inputs } = Named::of(r)?;
        match r.field("max-age-seconds").count() {
            Some(max_age_seconds @ 1..=AGE_MAX) => Ok(Self { name, version, about, inputs, max_age_seconds }),
            _ => Err(format!("max-age-seconds is from 1 to {AGE_MAX}")),
        }
    }
}

/// What every component says of itself.
struct Named {
    name: String,
    version: u16,
    about: String,
    inputs: Vec<Feature>,
}

impl Named {
    fn of(r: Reader<'_>) -> Result<Self, String> {
        let unread = |field: &str| format!("{field}: cannot be read");
        let text = |field: &str| r.field(field).text().ok_or_else(|| unread(field));
        let name = text("name")?;
        if !is_name(&name) {
            return Err("name: lower-case letters, digits and underscores, at most 32, a letter first".into());
        }
        let about = text("about")?;
        if about.is_empty() || about.len() > ABOUT_MAX || about.chars().any(char::is_control) {
            return Err(format!("about: one line of at most {ABOUT_MAX} bytes"));
        }
        let version = r.field("version").count().ok_or_else(|| unread("version"))?;
        let version = u16::try_from(version).map_err(|_| unread("version"))?;
        let texts = r.field("inputs").texts().ok_or_else(|| unread("inputs"))?;
        if texts.is_empty() || texts.len() > INPUTS_MAX {
            return Err(format!("inputs: from 1 to {INPUTS_MAX}"));
        }
        let inputs = texts.iter().map(|t| input(t)).collect::<Result<_, _>>()?;
        Ok(Self { name, version, about, inputs })
    }
}

/// A feature by its text. Only features: what a component wants to compute from them it computes itself.
fn input(text: &str) -> Result<Feature, String> {
    let shown: String = text.chars().take(60).collect();
    match parse(text) {
        Ok(p) => match p.expr {
            Expr::Feature(f) => Ok(f),
            _ => Err(format!("inputs: {shown:?} is not a single feature")),
        },
        Err(e) => Err(format!("inputs: {shown:?}: {e}")),
    }
}
