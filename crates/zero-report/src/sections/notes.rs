//! What the reader must know to judge the figures.

use super::section;
use crate::markup::Markup;
use crate::tearsheet::Tearsheet;

pub(crate) fn render(sheet: &Tearsheet) -> Markup {
    if sheet.notes.is_empty() {
        return section(
            "What this assumes",
            &Markup::default(),
            &Markup::raw(
                "<p class=\"warn\">No assumptions were stated; treat every figure as unqualified.</p>",
            ),
        );
    }
    let items: String = sheet
        .notes
        .iter()
        .map(|n| format!("<dt>{}</dt><dd>{}</dd>", Markup::text(&n.topic), Markup::text(&n.text)))
        .collect();
    section(
        "What this assumes",
        &Markup::default(),
        &Markup::raw(format!("<dl class=\"facts\">{items}</dl>")),
    )
}
