//! The page: head, style and sections in reading order.

use crate::markup::Markup;
use crate::sections;
use crate::tearsheet::Tearsheet;

/// Nothing may be fetched or run, and the browser is told to hold the page to it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The report as one self-contained HTML document. A function of the struct alone: equal structs give equal bytes.
#[must_use]
pub fn render_html(sheet: &Tearsheet) -> String {
    let mut body = Markup::default();
    for section in [
        sections::summary::render(sheet),
        sections::curves::render(sheet),
        sections::figures::render(sheet),
        sections::evidence::render(sheet),
        sections::attribution::render(sheet),
        sections::costs::render(sheet),
        sections::trading::render(sheet),
        sections::months::render(sheet),
        sections::run::render(sheet),
        sections::notes::render(sheet),
    ] {
        body.push(&section);
    }
    let title = Markup::text(&sheet.title);
    let style = include_str!("style.css");
    Markup::raw(format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    ))
    .into_string()
}
