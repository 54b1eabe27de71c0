//! The sections of the page, one file each.

pub(crate) mod attribution;
pub(crate) mod costs;
pub(crate) mod curves;
pub(crate) mod evidence;
pub(crate) mod figures;
pub(crate) mod months;
pub(crate) mod notes;
pub(crate) mod run;
pub(crate) mod summary;
pub(crate) mod trading;

use crate::estimate::Unit;
use crate::format;
use crate::markup::Markup;

/// A section with its heading and a line under it.
fn section(heading: &'static str, lead: &Markup, body: &Markup) -> Markup {
    let lead = if lead.as_str().is_empty() { Markup::default() } else { lead.in_element("p", "lead") };
    Markup::raw(format!("<section>\n<h2>{heading}</h2>\n{lead}{body}\n</section>\n"))
}

/// A number with its sign, coloured by it.
fn signed(unit: Unit, x: f64) -> Markup {
    let text = Markup::text(&format::signed(unit, x));
    let class = match x.partial_cmp(&0.0) {
        Some(std::cmp::Ordering::Less) => "neg",
        Some(std::cmp::Ordering::Greater) => "pos",
        Some(std::cmp::Ordering::Equal) => return text,
        None => "unk",
    };
    text.in_element("span", class)
}

/// A number with its sign, without colour: for parts, so that the colour is left to totals.
fn plain(unit: Unit, x: f64) -> Markup {
    let text = Markup::text(&format::signed(unit, x));
    if x.is_finite() { text } else { text.in_element("span", "unk") }
}

/// A number without a plus sign.
fn number(unit: Unit, x: f64) -> Markup {
    let text = Markup::text(&format::value(unit, x));
    if x.is_finite() { text } else { text.in_element("span", "unk") }
}

fn count(n: u64) -> Markup {
    Markup::text(&format::count(n))
}
