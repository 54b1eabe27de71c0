//! Resolves the layers into one typed configuration, or into every problem at once.

use crate::books::{self, BookConfig};
use crate::effective::Effective;
use crate::key::{self, Fallback, KeySpec};
use crate::layer::{Layer, Place, Sources};
use crate::problem::{Problem, ProblemKind, Problems};
use crate::read::{self, Assignment, did_you_mean};
use crate::rules;
use crate::sections::{
    AccountConfig, BacktestConfig, BreakersConfig, DataConfig, FeesConfig, HttpConfig, JournalConfig,
    LimitsConfig, LogsConfig, NotifyConfig, OperatorConfig, PaperConfig, RuntimeConfig, TelemetryConfig,
    VenueConfig,
};
use crate::suggest;
use crate::value::{Broken, Raw, Value};
use std::collections::{BTreeMap, BTreeSet};
use zero_core::Digest32;

/// The configuration, typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The paper account.
    pub account: AccountConfig,
    /// What the venue charges.
    pub fees: FeesConfig,
    /// Risk limits.
    pub limits: LimitsConfig,
    /// How the paper venue fills.
    pub paper: PaperConfig,
    /// Breakers that are not limits.
    pub breakers: BreakersConfig,
    /// What is expected of the operator.
    pub operator: OperatorConfig,
    /// The long-lived loop.
    pub runtime: RuntimeConfig,
    /// Market data.
    pub data: DataConfig,
    /// The venue's public data.
    pub venue: VenueConfig,
    /// The journal.
    pub journal: JournalConfig,
    /// Backtest reports.
    pub backtest: BacktestConfig,
    /// Operational logs.
    pub logs: LogsConfig,
    /// Names in logs and metrics.
    pub telemetry: TelemetryConfig,
    /// The HTTP surface.
    pub http: HttpConfig,
    /// Notifications.
    pub notify: NotifyConfig,
    /// Books by name, those that are not enabled included.
    pub books: Vec<BookConfig>,
    /// The same as plain keys and values: what is hashed, journalled and compared.
    pub effective: Effective,
}

impl Config {
    /// SHA-256 over the canonical bytes of the configuration in force.
    #[must_use]
    pub fn hash(&self) -> Digest32 {
        self.effective.hash()
    }

    /// Books that trade.
    pub fn enabled_books(&self) -> impl Iterator<Item = &BookConfig> {
        self.books.iter().filter(|b| b.enabled)
    }

    fn build(values: Effective, book_names: &[String]) -> Option<Self> {
        let account = AccountConfig::build("account", &values)?;
        Some(Self {
            fees: FeesConfig::build("fees", &values)?,
            limits: LimitsConfig::build("limits", &values)?,
            paper: PaperConfig::build("paper", &values)?,
            breakers: BreakersConfig::build("breakers", &values)?,
            operator: OperatorConfig::build("operator", &values)?,
            runtime: RuntimeConfig::build("runtime", &values)?,
            data: DataConfig::build("data", &values)?,
            venue: VenueConfig::build("venue", &values)?,
            journal: JournalConfig::build("journal", &values)?,
            backtest: BacktestConfig::build("backtest", &values)?,
            logs: LogsConfig::build("logs", &values)?,
            telemetry: TelemetryConfig::build("telemetry", &values)?,
            http: HttpConfig::build("http", &values)?,
            notify: NotifyConfig::build("notify", &values)?,
            books: books::build(book_names, account.initial_cash, &values)?,
            account,
            effective: values,
        })
    }
}

/// A value that a layer gives a key; `None` unsets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assigned {
    /// The layer.
    pub layer: Layer,
    /// Where in it.
    pub place: Place,
    /// The value.
    pub value: Option<Value>,
}

/// A configuration with the provenance of every value.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The configuration.
    pub config: Config,
    layers: BTreeMap<String, Vec<Assigned>>,
}

/// All that is known of one key.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// Its declaration.
    pub spec: &'static KeySpec,
    /// Its concrete path.
    pub key: String,
    /// The environment variable that sets it.
    pub env: String,
    /// What each layer says, the default first, the winner last.
    pub layers: Vec<Assigned>,
    /// The value in force; `None` where it is absent.
    pub value: Option<Value>,
}

impl Resolved {
    /// Every layer's value of a key and where it stands.
    ///
    /// # Errors
    /// [`ProblemKind::UnknownKey`] with a suggestion.
    pub fn explain(&self, name: &str) -> Result<Explanation, Problem> {
        let known = key::find(name).filter(|_| {
            // A book's key is known only where the book and its strategy are.
            books::book_of(name).is_none() || self.layers.contains_key(name)
        });
        let spec = known.ok_or_else(|| Problem {
            kind: ProblemKind::UnknownKey,
            key: Some(name.to_owned()),
            at: None,
            cause: format!("there is no key `{name}`"),
            hint: did_you_mean(suggest::nearest(name, self.keys().map(str::to_owned))),
        })?;
        Ok(Explanation {
            spec,
            key: name.to_owned(),
            env: KeySpec::env_name(name),
            layers: self.layers.get(name).cloned().unwrap_or_default(),
            value: self.config.effective.get(name).cloned(),
        })
    }

    /// Every concrete key of this configuration, absent ones included.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.layers.keys().map(String::as_str)
    }
}

/// Every problem of these sources; empty where there is none.
#[must_use]
pub fn check(sources: &Sources) -> Vec<Problem> {
    match load(sources) {
        Ok(_) => Vec::new(),
        Err(p) => p.0,
    }
}

/// Reads, checks and resolves the layers.
///
/// # Errors
/// [`Problems`]: all of them, in the order of their places.
pub fn load(sources: &Sources) -> Result<Resolved, Problems> {
    let mut problems = Vec::new();
    let assignments = read::assignments(sources, &mut problems);
    let mut layers = typed(&assignments, &mut problems);
    let names = expand_defaults(&mut layers, &mut problems);
    let values = in_force(&layers, &mut problems);
    let config = Config::build(values, &names);
    if let Some(config) = &config {
        // A rule over keys that are wrong in themselves would only repeat the complaint.
        let wrong: BTreeSet<String> = problems.iter().filter_map(|p| p.key.clone()).collect();
        problems.extend(
            rules::check(config, &layers)
                .into_iter()
                .filter(|(keys, _)| keys.iter().all(|k| !wrong.contains(k)))
                .map(|(_, p)| p),
        );
    }
    match config {
        Some(config) if problems.is_empty() => Ok(Resolved { config, layers }),
        _ => Err(Problems(problems)),
    }
}

fn typed(assignments: &[Assignment], problems: &mut Vec<Problem>) -> BTreeMap<String, Vec<Assigned>> {
    let mut out: BTreeMap<String, Vec<Assigned>> = BTreeMap::new();
    for a in assignments {
        let Some(spec) = key::find(&a.key) else {
            problems.push(unknown(a));
            continue;
        };
        let value = if is_none(spec, &a.raw) {
            None
        } else {
            match spec.kind.parse(&a.raw) {
                Ok(v) => Some(v),
                Err((broken, rule)) => {
                    problems.push(refused(a, broken, &rule));
                    continue;
                }
            }
        };
        let entry = Assigned { layer: a.layer, place: a.place.clone(), value };
        out.entry(a.key.clone()).or_default().push(entry);
    }
    out
}

fn is_none(spec: &KeySpec, raw: &Raw) -> bool {
    spec.fallback == Fallback::Absent && matches!(raw, Raw::Text(t) | Raw::Bare(t) if t == "none")
}

fn unknown(a: &Assignment) -> Problem {
    // A pattern is offered with the book's own name in it.
    let known = key::all_keys().map(|k| match books::book_of(&a.key) {
        Some(name) if books::is_name(name) => k.path.replacen('*', name, 1),
        _ => k.path.to_owned(),
    });
    let bad_name = books::book_of(&a.key).is_some_and(|n| !books::is_name(n));
    Problem {
        kind: ProblemKind::UnknownKey,
        key: Some(a.key.clone()),
        at: Some((a.layer, a.place.clone())),
        cause: format!("there is no key `{}`", a.key),
        hint: if bad_name {
            "a book's name has lower-case letters, digits and single underscores, and begins with a letter"
                .into()
        } else {
            did_you_mean(suggest::nearest(&a.key, known))
        },
    }
}

fn refused(a: &Assignment, broken: Broken, rule: &str) -> Problem {
    Problem {
        kind: match broken {
            Broken::Type => ProblemKind::WrongType,
            Broken::Unit => ProblemKind::WrongUnit,
            Broken::Range => ProblemKind::OutOfRange,
        },
        key: Some(a.key.clone()),
        at: Some((a.layer, a.place.clone())),
        cause: format!("`{}` is {}, but {rule}", a.key, shortened(&a.raw.shown())),
        hint: format!("`zero config get {} --explain` shows its rule and every layer's value", a.key),
    }
}

fn shortened(text: &str) -> String {
    let mut out: String = text.chars().take(60).map(|c| if c.is_control() { '?' } else { c }).collect();
    if text.chars().count() > 60 {
        out.push_str("...");
    }
    out
}

/// Puts the default layer under everything and returns the books' names.
fn expand_defaults(layers: &mut BTreeMap<String, Vec<Assigned>>, problems: &mut Vec<Problem>) -> Vec<String> {
    for (key, text) in books::SHIPPED {
        let value = Some(Value::Text((*text).to_owned()));
        let at = Assigned { layer: Layer::Default, place: Place::BuiltIn, value };
        layers.entry((*key).to_owned()).or_default().insert(0, at);
    }
    let names: BTreeSet<String> =
        layers.keys().filter_map(|k| books::book_of(k)).map(str::to_owned).collect();
    for spec in key::all_keys() {
        if !spec.path.starts_with("books.") {
            add_default(layers, spec, spec.path.to_owned());
            continue;
        }
        for name in &names {
            let key = spec.path.replacen('*', name, 1);
            match spec.path.split('.').nth(2).filter(|_| spec.path.matches('.').count() == 3) {
                None => add_default(layers, spec, key),
                Some(owner) => match strategy_of(layers, name) {
                    Some(s) if s == owner => add_default(layers, spec, key),
                    Some(s) => refuse_foreign(layers, &key, &s, problems),
                    None => {}
                },
            }
        }
    }
    names.into_iter().collect()
}

fn strategy_of(layers: &BTreeMap<String, Vec<Assigned>>, book: &str) -> Option<String> {
    match layers.get(&format!("books.{book}.strategy"))?.last()?.value.as_ref()? {
        Value::Text(t) => Some(t.clone()),
        _ => None,
    }
}

fn refuse_foreign(
    layers: &mut BTreeMap<String, Vec<Assigned>>,
    key: &str,
    strategy: &str,
    problems: &mut Vec<Problem>,
) {
    for a in layers.remove(key).unwrap_or_default() {
        problems.push(Problem {
            kind: ProblemKind::Contradiction,
            key: Some(key.to_owned()),
            at: Some((a.layer, a.place)),
            cause: format!("`{key}` is set, but the book runs the strategy `{strategy}`"),
            hint: "remove the key, or change the book's `strategy`".into(),
        });
    }
}

fn add_default(layers: &mut BTreeMap<String, Vec<Assigned>>, spec: &KeySpec, key: String) {
    let entry = layers.entry(key).or_default();
    // An absent default is no entry of its own, but the key is listed.
    if let Some(value) = spec.default_value() {
        entry.insert(0, Assigned { layer: Layer::Default, place: Place::BuiltIn, value: Some(value) });
    }
}

fn in_force(layers: &BTreeMap<String, Vec<Assigned>>, problems: &mut Vec<Problem>) -> Effective {
    let mut out = Effective::default();
    for (key, entries) in layers {
        match entries.last() {
            Some(Assigned { value: Some(v), .. }) => out.insert(key.clone(), v.clone()),
            _ => {
                let required = key::find(key).is_some_and(|s| s.fallback == Fallback::Required);
                let already = problems.iter().any(|p| p.key.as_deref() == Some(key));
                if required && !already {
                    problems.push(missing(key));
                }
            }
        }
    }
    out
}

fn missing(key: &str) -> Problem {
    let doc = key::find(key).map_or("", |s| s.doc.trim());
    Problem {
        kind: ProblemKind::Missing,
        key: Some(key.to_owned()),
        at: None,
        cause: format!("`{key}` is required and no layer gives it a value"),
        hint: format!("{doc} `zero init` writes a configuration file with a value to edit"),
    }
}
