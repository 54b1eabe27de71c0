//! Journal records as JSON: numbers with their own digits, coins and books by name.

use crate::record::{Body, Manifest};
use zero_core::{Json as _, Ts};
use zero_journal::{Class, Record};
use zero_kernel::Fact;
use zero_kernel::operator::clock_read;
use zero_market::EventBody;

use zero_packets::RawJson;
use zero_packets::journal::JournalRecord;

/// Names of what records index, from the manifest that is in force where they stand.
#[derive(Clone, Debug, Default)]
pub struct Names {
    coins: Vec<String>,
    books: Vec<String>,
}

impl Names {
    /// Of a manifest.
    #[must_use]
    pub fn of(m: &Manifest) -> Self {
        Self {
            coins: m.universe.iter().map(|i| i.symbol.clone()).collect(),
            books: m.kernel.books.iter().map(|b| b.name.clone()).collect(),
        }
    }

    /// The place of a coin's symbol.
    #[must_use]
    pub fn coin(&self, symbol: &str) -> Option<usize> {
        self.coins.iter().position(|c| c == symbol)
    }

    /// Symbols, by place.
    #[must_use]
    pub fn coins(&self) -> &[String] {
        &self.coins
    }

    fn find(&self, key: &str, index: usize) -> Option<&str> {
        match key {
            "coin" => self.coins.get(index).map(String::as_str),
            "book" => self.books.get(index).map(String::as_str),
            _ => None,
        }
    }
}

/// A record as a packet shows it.
#[must_use]
pub fn record(r: &Record<'_>, body: &Body, names: &Names) -> JournalRecord {
    let (kind, text) = flat(body);
    let (ts, wall_ts) = times(body);
    JournalRecord {
        seq: r.seq,
        class: match r.class {
            Class::Fact => "fact",
            Class::Trace => "trace",
        }
        .into(),
        kind,
        ts,
        wall_ts,
        leaf: zero_journal::merkle::leaf_hash(r.bytes).to_string(),
        body: RawJson::of(&named(&text, names)).unwrap_or_default(),
    }
}

/// The innermost kind of a record: `fill`, `bar_closed`, `order`, `candidate`, `manifest`.
#[must_use]
pub fn kind_of(body: &Body) -> String {
    flat(body).0
}

/// [`event_time`] and [`wall_time`] as packets write them.
pub(crate) fn times(body: &Body) -> (Option<String>, Option<String>) {
    let words = |time: Option<Ts>| time.map(|t| t.to_string());
    (words(event_time(body)), words(wall_time(body)))
}

/// Event time of a record: of the market that it is about. `None` where it has none.
#[must_use]
pub fn event_time(body: &Body) -> Option<Ts> {
    match body {
        Body::Fact(Fact::Event(e)) => Some(e.time),
        Body::Fact(Fact::Breaker(b)) => Some(b.time),
        Body::Fact(Fact::Cycle(c)) => Some(c.time),
        Body::Fact(Fact::Order(o)) => Some(o.intent.decided_at),
        Body::Candidate(t) => Some(t.time),
        Body::Cycle(c) => Some(c.observe.time),
        Body::Abstained(a) => Some(a.time),
        Body::Fact(Fact::Friction(_) | Fact::Execution(_) | Fact::Cancel(_))
        | Body::Settings(_)
        | Body::Manifest(_)
        | Body::Trial(_)
        | Body::End(_)
        | Body::Approval(_) => None,
    }
}

/// When it was by a clock at the rim, that of the machine or of the operator: it runs beside the market's, at whatever speed that
/// is replayed. `None` for what nobody looked at a clock for.
#[must_use]
pub fn wall_time(body: &Body) -> Option<Ts> {
    match body {
        Body::Fact(Fact::Event(e)) => match &e.body {
            EventBody::Operator(act) => clock_read(act),
            _ => None,
        },
        Body::Fact(Fact::Friction(r)) => Some(r.time),
        Body::Fact(Fact::Execution(x)) => Some(x.at),
        Body::Manifest(m) => Some(m.started),
        Body::Trial(t) => Some(t.time),
        Body::End(e) => Some(e.time),
        Body::Approval(u) => Some(u.time),
        Body::Fact(Fact::Breaker(_) | Fact::Cycle(_) | Fact::Order(_) | Fact::Cancel(_))
        | Body::Settings(_)
        | Body::Candidate(_)
        | Body::Cycle(_)
        | Body::Abstained(_) => None,
    }
}

/// Kind and body of the innermost part; what an event's envelope adds (`received`) goes into its object.
fn flat(body: &Body) -> (String, String) {
    if let Body::Fact(Fact::Event(e)) = body {
        let (kind, text) = innermost(&e.body.to_json());
        let received = format!("\"received\":{}", e.received.to_json());
        let text = match text.strip_prefix('{') {
            Some("}") => format!("{{{received}}}"),
            Some(rest) => format!("{{{received},{rest}"),
            None => format!("{{{received},\"value\":{text}}}"),
        };
        return (kind, text);
    }
    innermost(&body.to_json())
}

/// Takes the envelopes `{"kind":K,"body":B}` off.
fn innermost(text: &str) -> (String, String) {
    let (mut kind, mut rest) = ("", text);
    while let Some((k, b)) = envelope(rest) {
        (kind, rest) = (k, b);
    }
    (kind.to_owned(), rest.to_owned())
}

fn envelope(text: &str) -> Option<(&str, &str)> {
    let (kind, rest) = text.strip_prefix("{\"kind\":\"")?.split_once('"')?;
    Some((kind, rest.strip_prefix(",\"body\":")?.strip_suffix('}')?))
}

/// Puts names in the place of indices: the numbers that belong to the keys `coin` and `book`.
fn named(text: &str, names: &Names) -> String {
    let mut out = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some(at) = rest.find('"') {
        let (before, quoted) = rest.split_at(at);
        let end = string_end(quoted);
        let (string, after) = quoted.split_at(end);
        out.push_str(before);
        out.push_str(string);
        rest = after;
        let Some(value) = after.strip_prefix(':') else { continue };
        let digits = value.len() - value.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let index = value.get(..digits).and_then(|d| d.parse().ok());
        if let Some(name) = index.and_then(|i| names.find(string.trim_matches('"'), i)) {
            out.push(':');
            out.push_str(&name.to_owned().to_json());
            rest = value.get(digits..).unwrap_or("");
        }
    }
    out.push_str(rest);
    out
}

/// Length of the JSON string that `text` begins with, quotes included.
fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (i, b) in text.bytes().enumerate().skip(1) {
        match b {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return i + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names { coins: vec!["BTC".into(), "ETH".into()], books: vec!["trend".into()] }
    }

    #[test]
    fn only_indices_of_coins_and_books_become_names() {
        let text = r#"{"coin":1,"book":0,"note":"\"coin\":1","coins":1,"sz":1,"x":{"coin":0}}"#;
        let want = r#"{"coin":"ETH","book":"trend","note":"\"coin\":1","coins":1,"sz":1,"x":{"coin":"BTC"}}"#;
        assert_eq!(named(text, &names()), want);
        assert_eq!(
            named(r#"{"coin":7,"book":null}"#, &names()),
            r#"{"coin":7,"book":null}"#,
            "unknown stays a number"
        );
    }

    #[test]
    fn envelopes_come_off_and_digits_stay() {
        let (kind, text) =
            innermost(r#"{"kind":"venue","body":{"kind":"fill","body":{"px":92233720368.54775807}}}"#);
        assert_eq!((kind.as_str(), text.as_str()), ("fill", r#"{"px":92233720368.54775807}"#));
        assert_eq!(innermost(r#""bar_slice""#).1, r#""bar_slice""#);
    }
}
