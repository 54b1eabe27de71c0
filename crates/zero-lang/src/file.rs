//! A document's file: bytes to a checked document, with the place of every mistake.

use crate::fixture::Case;
use crate::printable::one_line;
use std::fmt;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use zero_strategy::lang::document::{FIELDS, Kind};
use zero_strategy::lang::error::{LangError, nearest};
use zero_strategy::lang::{Document, DocumentStrategy, Field, Span};

/// Largest file, in bytes.
pub const FILE_MAX: usize = 64 << 10;

/// A document with its fixture.
#[derive(Clone, Debug, PartialEq)]
pub struct StrategyFile {
    /// The document.
    pub document: Document,
    /// What it is for, in a sentence: one line that does nothing to a terminal.
    pub about: String,
    /// Inputs and what is expected of them.
    pub cases: Vec<Case>,
}

/// What is wrong with a file, and where: line and column count from one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError {
    /// Stable code.
    pub code: &'static str,
    /// Line; 0 where the whole file is meant.
    pub line: usize,
    /// Column, in characters.
    pub column: usize,
    /// What is wrong, with its field.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// The line with a caret under the mistake; empty where the whole file is meant.
    pub excerpt: String,
}

impl FileError {
    fn at(text: &str, span: Range<usize>, code: &'static str, message: String, hint: String) -> Self {
        let start = floor(text, span.start);
        let end = floor(text, span.end).max(start);
        let before = text.get(..start).unwrap_or("");
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        let row = text.get(line_start..).unwrap_or("").lines().next().unwrap_or("");
        let column = text.get(line_start..start).unwrap_or("").chars().count();
        let room = row.chars().count().saturating_sub(column).max(1);
        let width = text.get(start..end).map_or(1, |t| t.chars().count()).clamp(1, room);
        // A line of any length must not flood a terminal.
        let skip = column.saturating_sub(60);
        let shown: String = row.chars().skip(skip).take(120).collect();
        let excerpt = format!("{shown}\n{}{}", " ".repeat(column - skip), "^".repeat(width.min(120)));
        Self { code, line: before.matches('\n').count() + 1, column: column + 1, message, hint, excerpt }
    }

    fn whole(code: &'static str, message: String, hint: &str) -> Self {
        Self { code, line: 0, column: 0, message, hint: hint.to_owned(), excerpt: String::new() }
    }

    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.message),
            line => write!(f, "{line}:{}: {}", self.column, self.message),
        }
    }
}

impl std::error::Error for FileError {}

/// The nearest place at or before a byte where a character begins.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0)
}

/// Not a file of a strategy document.
const NOT_TOML: &str = "ZERO-STR-007";

/// Reads a file.
///
/// # Errors
/// [`FileError`] with the place, for anything that is not a document.
pub fn read(bytes: &[u8]) -> Result<StrategyFile, FileError> {
    let (text, root) = parsed(bytes)?;
    Reader { text }.document(root.get_ref())
}

fn parsed(bytes: &[u8]) -> Result<(&str, Spanned<DeTable<'_>>), FileError> {
    if bytes.len() > FILE_MAX {
        return Err(FileError::whole(
            LangError::BOUND,
            format!("a document has at most {FILE_MAX} bytes"),
            "make it shorter",
        ));
    }
    let text = std::str::from_utf8(bytes).map_err(|e| {
        FileError::whole(NOT_TOML, format!("not UTF-8 after {} bytes", e.valid_up_to()), "save it as UTF-8")
    })?;
    let root = DeTable::parse(text).map_err(|e| {
        let span = e.span().unwrap_or(0..0);
        FileError::at(
            text,
            span,
            NOT_TOML,
            format!("not TOML: {}", e.message()),
            "correct the marked place".into(),
        )
    })?;
    Ok((text, root))
}

/// Reads a file of cases alone: `[[test]]` tables as in a document, for a strategy that is no document.
///
/// # Errors
/// [`FileError`] with the place.
pub fn read_cases(bytes: &[u8]) -> Result<Vec<Case>, FileError> {
    let (text, root) = parsed(bytes)?;
    let reader = Reader { text };
    let mut cases = Vec::new();
    for (key, value) in root.get_ref() {
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("test", DeValue::Array(tests)) => reader.cases(tests, &mut cases)?,
            (word, _) => {
                let message = format!("{word}: not expected here, or of another type");
                return Err(reader.error(key.span(), LangError::FIELD, &message, "only [[test]] tables"));
            }
        }
    }
    Ok(cases)
}

/// What stands at the top of a document.
const TOP: &[&str] =
    &["name", "version", "about", "test", "universe", "regime", "entry", "exit", "sizing", "cooldown"];

/// A whole number, in whatever base it is written.
fn whole(value: &DeValue<'_>) -> Option<i64> {
    let DeValue::Integer(i) = value else { return None };
    i64::from_str_radix(i.as_str(), i.radix()).ok()
}

struct Reader<'a> {
    text: &'a str,
}

/// A field as it stands in the file.
struct Found<'a> {
    key: String,
    text: String,
    span: Range<usize>,
    raw: &'a str,
}

impl<'a> Reader<'a> {
    fn document(&self, root: &DeTable<'_>) -> Result<StrategyFile, FileError> {
        let mut fields = Vec::new();
        let (mut name, mut version, mut about, mut cases) = (None, None, String::new(), Vec::new());
        for (key, value) in root {
            let (word, span) = (key.get_ref().as_ref(), value.span());
            match (word, value.get_ref()) {
                ("name", DeValue::String(s)) => name = Some((s.to_string(), span)),
                ("version", value) => {
                    let n = whole(value).and_then(|n| u16::try_from(n).ok());
                    version = Some(n.ok_or_else(|| {
                        let message =
                            "version: a whole number up to 65535 is expected, without quotes or point";
                        self.error(span, LangError::FIELD, message, "write version = 1")
                    })?);
                }
                ("about", DeValue::String(s)) => about = one_line(s),
                ("test", DeValue::Array(tests)) => self.cases(tests, &mut cases)?,
                (_, DeValue::Table(t)) => self.table(word, t, &mut fields, 0)?,
                (known, _) if TOP.contains(&known) => {
                    let (message, hint) = match known {
                        "name" | "about" => {
                            ("a text in quotes is expected", format!("write {known} = \"...\""))
                        }
                        "test" => ("a list of tables is expected", "write [[test]] before each case".into()),
                        table => ("a table is expected", format!("write [{table}], and its fields below it")),
                    };
                    return Err(self.error(span, LangError::FIELD, &format!("{known}: {message}"), &hint));
                }
                _ => {
                    let hint = nearest(word, TOP.iter().copied()).map_or_else(
                        || "the top has name, version, about, test and tables".to_owned(),
                        |n| format!("did you mean `{n}`, as in the reference?"),
                    );
                    let message = format!("{word}: not expected here");
                    return Err(self.error(key.span(), LangError::FIELD, &message, &hint));
                }
            }
        }
        let missing = |what: &str| {
            FileError::whole(
                LangError::FIELD,
                format!("{what}: missing"),
                "a document begins with name and version",
            )
        };
        let (name, name_at) = name.ok_or_else(|| missing("name"))?;
        let version = version.ok_or_else(|| missing("version"))?;
        let borrowed: Vec<Field<'_>> = fields.iter().map(|f| Field { key: &f.key, text: &f.text }).collect();
        let document =
            Document::new(&name, version, &borrowed).map_err(|e| self.lang(&fields, &name_at, &e))?;
        DocumentStrategy::cost(&document).map_err(|e| self.lang(&fields, &name_at, &e))?;
        Ok(StrategyFile { document, about, cases })
    }

    fn cases(&self, tests: &[Spanned<DeValue<'_>>], out: &mut Vec<Case>) -> Result<(), FileError> {
        for t in tests {
            let case = Case::read(t).map_err(|(span, m)| {
                let hint = "see `zero strategy new` for an example";
                self.error(span, LangError::FIELD, &format!("test: {m}"), hint)
            })?;
            out.push(case);
        }
        Ok(())
    }

    fn table(
        &self,
        at: &str,
        t: &DeTable<'_>,
        fields: &mut Vec<Found<'a>>,
        depth: usize,
    ) -> Result<(), FileError> {
        for (key, value) in t {
            let path = format!("{at}.{}", key.get_ref());
            if let DeValue::Table(inner) = value.get_ref()
                && depth < 2
            {
                self.table(&path, inner, fields, depth + 1)?;
                continue;
            }
            let kind = FIELDS.iter().find(|f| f.key == path).map(|f| f.kind);
            let Some(kind) = kind else {
                let near = nearest(&path, FIELDS.iter().map(|f| f.key));
                let hint = near.map_or_else(
                    || "see the schema for all fields".to_owned(),
                    |n| format!("did you mean `{n}`?"),
                );
                return Err(self.error(
                    key.span(),
                    LangError::FIELD,
                    &format!("{path}: a document has no such field"),
                    &hint,
                ));
            };
            let text = match (value.get_ref(), kind) {
                (DeValue::String(_), Kind::Bars) => None,
                (DeValue::String(s), _) => Some(s.to_string()),
                (value @ DeValue::Integer(_), Kind::Bars) => whole(value).map(|n| n.to_string()),
                (DeValue::Array(items), Kind::Coins) => Some(self.joined(&path, items)?),
                _ => None,
            };
            let Some(text) = text else {
                let (message, hint) = match kind {
                    Kind::Bars => ("a whole number is expected, without quotes", "write for example 500"),
                    _ => ("write it in quotes", "expressions, times and choices are texts"),
                };
                return Err(self.error(value.span(), LangError::FIELD, &format!("{path}: {message}"), hint));
            };
            let span = value.span();
            let raw = self.text.get(span.clone()).unwrap_or("");
            fields.push(Found { key: path, text, span, raw });
        }
        Ok(())
    }

    fn joined(&self, path: &str, items: &[Spanned<DeValue<'_>>]) -> Result<String, FileError> {
        let mut out = Vec::new();
        for item in items {
            match item.get_ref() {
                // A comma or a star inside an item would make another list of it.
                DeValue::String(s) if s.bytes().all(|b| b.is_ascii_alphanumeric()) => out.push(s.to_string()),
                _ => {
                    return Err(self.error(
                        item.span(),
                        LangError::FIELD,
                        &format!("{path}: a list of names of coins"),
                        "write for example [\"BTC\", \"ETH\"]",
                    ));
                }
            }
        }
        Ok(out.join(","))
    }

    fn error(&self, span: Range<usize>, code: &'static str, message: &str, hint: &str) -> FileError {
        FileError::at(self.text, span, code, message.to_owned(), hint.to_owned())
    }

    /// An error of the language at its place in the file.
    fn lang(&self, fields: &[Found<'_>], name_at: &Range<usize>, e: &LangError) -> FileError {
        let message = e.to_string();
        match fields.iter().find(|f| f.key == e.field) {
            Some(f) => FileError::at(self.text, place(f, e.span), e.code, message, e.hint.clone()),
            None if e.field == "name" => {
                FileError::at(self.text, name_at.clone(), e.code, message, e.hint.clone())
            }
            None => FileError::whole(e.code, message, &e.hint),
        }
    }
}

/// The bytes of a file that a span of a field's text stands for. Escapes inside a text may shift it; it stays inside.
fn place(f: &Found<'_>, span: Span) -> Range<usize> {
    let quotes = if f.raw.starts_with("\"\"\"") || f.raw.starts_with("'''") {
        3 + f.raw.get(3..).map_or(0, |r| usize::from(r.starts_with('\n')))
    } else {
        usize::from(f.raw.starts_with(['"', '\'']))
    };
    let start = (f.span.start + quotes + span.start).min(f.span.end);
    let end = (f.span.start + quotes + span.end).clamp(start, f.span.end);
    start..end
}
