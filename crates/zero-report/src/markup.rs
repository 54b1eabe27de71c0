//! HTML text that has been escaped, as a type: what is not [`Markup`] cannot reach the page.

/// Escaped HTML.
#[derive(Clone, Debug, Default)]
pub(crate) struct Markup(String);

impl Markup {
    /// Text from outside, escaped for element content and quoted attributes.
    pub(crate) fn text(s: &str) -> Self {
        let mut out = String::with_capacity(s.len());
        for (i, c) in s.char_indices() {
            match c {
                // A word joiner: browsers may break a line between a minus sign and a dollar sign.
                '\u{2212}' if s[i + c.len_utf8()..].starts_with('$') => out.push_str("\u{2212}\u{2060}"),
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                '\'' => out.push_str("&#39;"),
                // Controls are no HTML characters, and direction overrides could make a name read as another.
                c if c.is_control()
                    || ('\u{202a}'..='\u{202e}').contains(&c)
                    || ('\u{2066}'..='\u{2069}').contains(&c) =>
                {
                    out.push('\u{fffd}');
                }
                c => out.push(c),
            }
        }
        Self(out)
    }

    /// Markup written here, not taken from the report.
    pub(crate) fn raw(s: impl Into<String>) -> Self {
        Self(s.into())
    }

    pub(crate) fn push(&mut self, other: &Self) {
        self.0.push_str(&other.0);
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn into_string(self) -> String {
        self.0
    }

    /// Inside an element of a fixed name, with a fixed class.
    pub(crate) fn in_element(&self, element: &'static str, class: &'static str) -> Self {
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        Self(format!("<{element}{class}>{}</{element}>", self.0))
    }
}

impl std::fmt::Display for Markup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A column: its heading and whether it holds text (left) or numbers (right).
pub(crate) struct Column(pub(crate) &'static str, pub(crate) Align);

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Text,
    Number,
    /// A small drawing.
    Picture,
}

impl Align {
    const fn class(self) -> &'static str {
        match self {
            Self::Text => "t",
            Self::Number => "n",
            Self::Picture => "p",
        }
    }
}

/// A table that scrolls sideways inside its own box when the screen is narrow.
pub(crate) fn table(columns: &[Column], rows: &[Vec<Markup>], foot: &[Vec<Markup>]) -> Markup {
    let mut out = String::from("<div class=\"scroll\"><table><thead><tr>");
    for c in columns {
        out.push_str(&format!("<th scope=\"col\" class=\"{}\">{}</th>", c.1.class(), c.0));
    }
    out.push_str("</tr></thead><tbody>");
    push_rows(&mut out, columns, rows);
    out.push_str("</tbody>");
    if !foot.is_empty() {
        out.push_str("<tfoot>");
        push_rows(&mut out, columns, foot);
        out.push_str("</tfoot>");
    }
    out.push_str("</table></div>");
    Markup(out)
}

fn push_rows(out: &mut String, columns: &[Column], rows: &[Vec<Markup>]) {
    for row in rows {
        out.push_str("<tr>");
        for (i, (c, cell)) in columns.iter().zip(row).enumerate() {
            let (open, close) = if i == 0 { ("th scope=\"row\"", "th") } else { ("td", "td") };
            out.push_str(&format!("<{open} class=\"{}\">{cell}</{close}>", c.1.class()));
        }
        out.push_str("</tr>");
    }
}
