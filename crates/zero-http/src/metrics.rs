//! The registry of metric names with their help, the request counters, and both renderings.

use crate::metrics_parts::Shown;
use crate::refusal::Refusal;
use crate::shared::Shared;
use crate::streams::Sort;
use axum::http::Method;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use zero_capability::TABLE;
use zero_core::{Digest32, Ts};
use zero_packets::metrics::{ApiMetrics, RuntimeMetrics};
use zero_runtime::project::{self, Reading};
use zero_runtime::publish::Published;
use zero_runtime::rim;

/// How a metric moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// How often something took how long; seconds.
    Histogram,
}

/// A metric, declared once.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Name.
    pub name: &'static str,
    /// How it moves.
    pub kind: MetricKind,
    /// Its label; empty where it has none.
    pub label: &'static str,
    /// What it says, with its unit.
    pub help: &'static str,
}

const fn m(name: &'static str, kind: MetricKind, label: &'static str, help: &'static str) -> Metric {
    Metric { name, kind, label, help }
}

use MetricKind::{Counter, Gauge, Histogram};

/// Every metric, sorted by name.
pub const METRICS: &[Metric] = &[
    m("zero_admitted_total", Counter, "", "Candidates admitted."),
    m("zero_breaker_open", Gauge, "breaker", "1 while the breaker is open."),
    m("zero_build_info", Gauge, "version", "Always 1; the label says the program's version."),
    m("zero_candidates_total", Counter, "", "Candidates judged."),
    m(
        "zero_decide_seconds",
        Histogram,
        "",
        "From an event of the market to all records that follow from it.",
    ),
    m(
        "zero_disk_free_bytes",
        Gauge,
        "",
        "Free bytes of the journal's budget; absent before the first report.",
    ),
    m(
        "zero_equity_usd",
        Gauge,
        "",
        "Equity of all accounts at the marks, USD; absent while a held coin has no mark.",
    ),
    m(
        "zero_event_age_seconds",
        Gauge,
        "",
        "Wall time since the state's event time; absent where that lies ahead.",
    ),
    m("zero_events_total", Counter, "", "Events folded by the kernel."),
    m("zero_feed_connected", Gauge, "", "1 while the venue's feed is connected; absent without a live feed."),
    m(
        "zero_feed_frame_age_seconds",
        Gauge,
        "",
        "Time since the feed's last frame; absent before it and without a live feed.",
    ),
    m(
        "zero_feed_rate_budget_left",
        Gauge,
        "",
        "Weight that the venue's rate budget has left; absent without a live feed.",
    ),
    m("zero_feed_reconnects_total", Counter, "", "Connections after the first; absent without a live feed."),
    m("zero_fills_total", Counter, "", "Fills booked."),
    m("zero_http_requests_total", Counter, "status", "Requests of the HTTP surface, by status."),
    m("zero_http_seconds_total", Counter, "", "Time spent in answering requests."),
    m("zero_journal_seq", Gauge, "", "Number of the journal's next record."),
    m("zero_journal_synced_records_total", Counter, "", "Records made durable since the program began."),
    m("zero_liquidations_total", Counter, "", "Liquidations."),
    m("zero_notify_dead_total", Counter, "sink", "Messages to a person that were given up."),
    m("zero_notify_delivered_total", Counter, "sink", "Messages to a person that were delivered."),
    m("zero_notify_failed_total", Counter, "sink", "Attempts to reach a person that failed."),
    m("zero_notify_waiting", Gauge, "sink", "Messages to a person that wait for an attempt."),
    m("zero_open_positions", Gauge, "", "Coins held."),
    m("zero_orders_total", Counter, "", "Orders sent to the venue."),
    m(
        "zero_positions_unprotected",
        Gauge,
        "",
        "Positions of books that no resting stop covers whole; own orders set none.",
    ),
    m("zero_protection_missing", Gauge, "", "1 while a position whose entry set a stop has none resting."),
    m("zero_ready", Gauge, "", "1 while every check of readiness holds."),
    m(
        "zero_refused_total",
        Counter,
        "gate",
        "Candidates that a gate refused since the program began; one may be refused by several.",
    ),
    m(
        "zero_risk_increasing_allowed",
        Gauge,
        "",
        "1 while no breaker is open; while auto_off alone is, the operator's own orders are judged all the same.",
    ),
    m("zero_streams", Gauge, "kind", "Streams that are open."),
    m("zero_streams_dropped_total", Counter, "", "Streams that were cut because their client did not read."),
    m("zero_sync_seconds", Histogram, "", "Writing a batch of the journal and syncing it."),
    m("zero_venue_rejects_total", Counter, "", "Orders that the venue rejected."),
    m("zero_view_age_seconds", Gauge, "", "Time since the loop published its state."),
];

/// Statuses that are counted by name.
const STATUSES: [u16; 19] =
    [101, 200, 202, 304, 400, 401, 403, 404, 405, 406, 408, 409, 413, 415, 429, 500, 503, 504, 0];
/// Methods that are counted by name, HEAD as the GET that it is; the last counts every other.
const METHODS: [&str; 3] = ["GET", "POST", "other"];

/// Counters of the server.
#[derive(Debug)]
pub(crate) struct Requests {
    started: Ts,
    methods: [AtomicU64; METHODS.len()],
    /// By row of the table; the last is for paths that name none.
    rows: Vec<AtomicU64>,
    statuses: [AtomicU64; STATUSES.len()],
    nanos: AtomicU64,
    last: AtomicI64,
    orders: OrderCounts,
}

/// Orders that were asked for.
#[derive(Debug, Default)]
struct OrderCounts {
    judged: AtomicU64,
    taken: AtomicU64,
    repeated: AtomicU64,
    /// Keys of orders that the loop has not answered yet; no more than there are connections.
    asked: Mutex<Vec<Digest32>>,
}

/// The key of an order is with the loop until this goes.
#[derive(Debug)]
pub(crate) struct Asking<'a> {
    of: &'a OrderCounts,
    key: Digest32,
    /// It was with the loop already.
    pub(crate) is_second: bool,
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        if let Ok(mut asked) = self.of.asked.lock()
            && let Some(at) = asked.iter().position(|k| *k == self.key)
        {
            asked.swap_remove(at);
        }
    }
}

impl Requests {
    pub(crate) fn new(started: Ts) -> Self {
        Self {
            started,
            methods: Default::default(),
            rows: (0..=TABLE.len()).map(|_| AtomicU64::new(0)).collect(),
            statuses: Default::default(),
            nanos: AtomicU64::new(0),
            last: AtomicI64::new(0),
            orders: OrderCounts::default(),
        }
    }

    /// An order with this key goes to the loop.
    pub(crate) fn asking(&self, key: Digest32) -> Asking<'_> {
        let mut is_second = false;
        if let Ok(mut asked) = self.orders.asked.lock() {
            is_second = asked.contains(&key);
            asked.push(key);
        }
        Asking { of: &self.orders, key, is_second }
    }

    /// An order was judged, or held by friction. `is_repeat`: its key was known before, and it was counted then.
    pub(crate) fn order(&self, is_taken: bool, is_repeat: bool) {
        let o = &self.orders;
        if is_repeat {
            o.repeated.fetch_add(1, Ordering::Relaxed);
            return;
        }
        o.judged.fetch_add(1, Ordering::Relaxed);
        o.taken.fetch_add(u64::from(is_taken), Ordering::Relaxed);
    }

    /// A request was answered. `row` is its place in the table.
    pub(crate) fn count(&self, method: &Method, row: Option<usize>, status: u16, took: Duration, at: Ts) {
        let one = |c: &AtomicU64| c.fetch_add(1, Ordering::Relaxed);
        let [get, post, other] = &self.methods;
        one(match *method {
            Method::GET | Method::HEAD => get,
            Method::POST => post,
            _ => other,
        });
        if let Some(c) = self.rows.get(row.unwrap_or(TABLE.len())) {
            one(c);
        }
        let at_status = STATUSES.iter().position(|s| *s == status).unwrap_or(STATUSES.len() - 1);
        if let Some(c) = self.statuses.get(at_status) {
            one(c);
        }
        self.nanos.fetch_add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.last.store(at.as_ns(), Ordering::Relaxed);
    }

    fn by_status(&self) -> BTreeMap<String, u64> {
        let name = |s: u16| if s == 0 { "other".to_owned() } else { s.to_string() };
        let all = STATUSES.iter().zip(&self.statuses).map(|(s, c)| (name(*s), c.load(Ordering::Relaxed)));
        all.filter(|(_, n)| *n > 0).collect()
    }

    fn packet(&self) -> ApiMetrics {
        let get = |c: &AtomicU64| c.load(Ordering::Relaxed);
        let count = self.methods.iter().map(get).sum::<u64>();
        let paths = TABLE.iter().map(|c| c.http.map_or("other", |h| h.path)).chain(["other"]);
        let mut by_path = BTreeMap::new();
        for (path, c) in paths.zip(&self.rows).filter(|(_, c)| get(c) > 0) {
            *by_path.entry(path.to_owned()).or_default() += get(c);
        }
        let last = self.last.load(Ordering::Relaxed);
        ApiMetrics {
            request_count: count,
            by_method: METHODS
                .into_iter()
                .zip(self.methods.iter().map(get))
                .filter(|(_, n)| *n > 0)
                .map(|(k, n)| (k.to_owned(), n))
                .collect(),
            by_path,
            by_status: self.by_status(),
            avg_request_ms: (count > 0).then(|| get(&self.nanos) as f64 / 1e6 / count as f64),
            last_request_at: (last > 0).then(|| Ts::from_ns(last).to_string()),
            execute_count: get(&self.orders.judged),
            execute_accepted: get(&self.orders.taken),
            execute_rejected: get(&self.orders.judged).saturating_sub(get(&self.orders.taken)),
            idempotency_hits: get(&self.orders.repeated),
        }
    }
}

/// A value of a metric, with its label's value.
type Sample = (&'static str, String, f64);

/// Everything that is known now. What is unknown has no sample.
fn samples(shared: &Shared, p: &Published, r: &Reading) -> Vec<Sample> {
    let state = &r.view.state;
    let c = &state.counters;
    let bit = f64::from;
    let mut out: Vec<Sample> = Vec::new();
    let mut put = |name, value: Option<f64>| out.extend(value.map(|v| (name, String::new(), v)));
    put("zero_admitted_total", Some(c.admitted as f64));
    put("zero_candidates_total", Some(c.candidates as f64));
    put("zero_disk_free_bytes", state.disk_free.map(|b| b as f64));
    put("zero_equity_usd", r.equity().map(|e| e.to_f64()));
    put("zero_event_age_seconds", r.age_s());
    put("zero_events_total", Some(c.events as f64));
    put("zero_fills_total", Some(c.fills as f64));
    put("zero_http_seconds_total", Some(shared.requests.nanos.load(Ordering::Relaxed) as f64 / 1e9));
    put("zero_journal_seq", Some(r.view.next_seq as f64));
    put("zero_liquidations_total", Some(c.liquidations as f64));
    put("zero_open_positions", Some(zero_runtime::view::held_coins(state) as f64));
    put("zero_orders_total", Some(c.orders as f64));
    put("zero_ready", Some(bit(u8::from(crate::answer::readyz(shared, p, r).ready))));
    put("zero_risk_increasing_allowed", Some(bit(u8::from(r.risk_increasing_allowed()))));
    put("zero_positions_unprotected", Some(project::unprotected(r) as f64));
    put("zero_protection_missing", Some(bit(u8::from(project::is_unprotected(r)))));
    put("zero_journal_synced_records_total", Some(p.rim.synced_records as f64));
    put("zero_streams_dropped_total", Some(shared.streams.dropped() as f64));
    put("zero_venue_rejects_total", Some(c.rejects as f64));
    put("zero_view_age_seconds", Some(view_age(p, r)));
    let feed = p.rim.feed;
    put("zero_feed_connected", feed.map(|f| bit(u8::from(f.connected))));
    put("zero_feed_frame_age_seconds", feed.and_then(|f| f.frame_age).map(|a| a.as_secs_f64()));
    put("zero_feed_rate_budget_left", feed.and_then(|f| f.rate_budget_left).map(|w| w as f64));
    put("zero_feed_reconnects_total", feed.map(|f| f.reconnects as f64));
    for (gate, n) in r.view.manifest.gates.iter().zip(&p.rim.refused) {
        out.push(("zero_refused_total", gate.clone(), *n as f64));
    }
    for (b, s) in zero_kernel::breakers::states(state) {
        out.push(("zero_breaker_open", b.name().to_owned(), bit(u8::from(s.open))));
    }
    for s in shared.notices() {
        let values = [
            ("zero_notify_dead_total", s.dead),
            ("zero_notify_delivered_total", s.delivered),
            ("zero_notify_failed_total", s.failed),
            ("zero_notify_waiting", s.waiting),
        ];
        out.extend(values.map(|(name, n)| (name, s.name.clone(), n as f64)));
    }
    for (sort, name) in Sort::ALL {
        out.push(("zero_streams", name.to_owned(), shared.streams.open(sort) as f64));
    }
    for (status, n) in shared.requests.by_status() {
        out.push(("zero_http_requests_total", status, n as f64));
    }
    out.push(("zero_build_info", env!("CARGO_PKG_VERSION").to_owned(), 1.0));
    out.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    out
}

pub(crate) fn view_age(p: &Published, r: &Reading) -> f64 {
    (r.wall.since(p.at).as_ns() as f64 / 1e9).max(0.0)
}

/// The packet as JSON.
pub(crate) fn body(shared: &Shared, p: &Arc<Published>, r: &Reading) -> Result<String, Refusal> {
    let steady = shared.steady.of(p, r)?;
    let shown = Shown {
        schema_version: Default::default(),
        runtime: runtime(shared, p, r),
        api: shared.requests.packet(),
        engine: &steady.engine,
        immune: &steady.immune,
        recovery: &steady.recovery,
        memory: &steady.memory,
        genesis: &steady.genesis,
        evolve: &steady.evolve,
        research: &steady.research,
        values: values(shared, p, r),
    };
    serde_json::to_string(&shown).map_err(|e| Refusal::Render(format!("metrics cannot be rendered: {e}")))
}

/// The packet, without any part that was kept: what [`body`] is held against.
#[cfg(test)]
pub(crate) fn packet(shared: &Shared, p: &Published, r: &Reading) -> zero_packets::metrics::Metrics {
    zero_packets::metrics::Metrics {
        schema_version: Default::default(),
        runtime: runtime(shared, p, r),
        api: shared.requests.packet(),
        engine: project::engine_metrics(r),
        immune: project::immune(r),
        recovery: project::recovery(r),
        memory: project::memory_stats(r),
        genesis: project::genesis_stats(),
        evolve: project::promotion(),
        research: project::research_summary(r),
        values: values(shared, p, r),
    }
}

fn runtime(shared: &Shared, p: &Published, r: &Reading) -> RuntimeMetrics {
    RuntimeMetrics {
        version: env!("CARGO_PKG_VERSION").into(),
        market_source: r.view.manifest.source.clone(),
        started_at: shared.requests.started.to_string(),
        uptime_s: (r.wall.since(shared.requests.started).as_ns() as f64 / 1e9).max(0.0),
        journal_seq: r.view.next_seq,
        view_age_s: view_age(p, r),
    }
}

/// Every sample by its name in the text format, and what the packet shows of histograms.
fn values(shared: &Shared, p: &Published, r: &Reading) -> BTreeMap<String, f64> {
    let find = |name: &str| METRICS.binary_search_by_key(&name, |m| m.name).ok().and_then(|i| METRICS.get(i));
    let key = |(name, value, _): &Sample| match find(name).map_or("", |m| m.label) {
        "" => (*name).to_owned(),
        label => format!("{name}{{{label}=\"{value}\"}}"),
    };
    samples(shared, p, r).iter().map(|s| (key(s), s.2)).chain(sums(p)).collect()
}

/// The histograms by name.
fn histograms(p: &Published) -> [(&'static str, &rim::Histogram); 2] {
    [("zero_decide_seconds", &p.rim.decide), ("zero_sync_seconds", &p.rim.sync)]
}

/// What the packet shows of a histogram: how many and how long together.
fn sums(p: &Published) -> impl Iterator<Item = (String, f64)> {
    histograms(p).into_iter().flat_map(|(name, h)| {
        [(format!("{name}_count"), h.count() as f64), (format!("{name}_sum"), h.sum_ns as f64 / 1e9)]
    })
}

/// The text format, version 0.0.4.
pub(crate) fn text(shared: &Shared, p: &Published, r: &Reading) -> String {
    let all = samples(shared, p, r);
    let mut out = String::new();
    for metric in METRICS {
        let kind = match metric.kind {
            Counter => "counter",
            Gauge => "gauge",
            Histogram => "histogram",
        };
        let _ = writeln!(out, "# HELP {} {}\n# TYPE {} {kind}", metric.name, metric.help, metric.name);
        for (_, label, value) in all.iter().filter(|s| s.0 == metric.name) {
            let _ = match metric.label {
                "" => writeln!(out, "{} {value}", metric.name),
                name => writeln!(out, "{}{{{name}=\"{label}\"}} {value}", metric.name),
            };
        }
        for (name, h) in histograms(p).iter().filter(|h| h.0 == metric.name) {
            let mut up_to = 0;
            for (edge, count) in rim::EDGES_NS.iter().zip(&h.counts) {
                up_to += count;
                let _ = writeln!(out, "{name}_bucket{{le=\"{}\"}} {up_to}", *edge as f64 / 1e9);
            }
            let (n, sum) = (h.count(), h.sum_ns as f64 / 1e9);
            let _ = writeln!(out, "{name}_bucket{{le=\"+Inf\"}} {n}\n{name}_sum {sum}\n{name}_count {n}");
        }
    }
    out
}
