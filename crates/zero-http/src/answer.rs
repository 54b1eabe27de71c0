//! From a row of the table to its answer. Every row with a route has an arm here; a test asks each.

use crate::guard::Who;
use crate::metrics::{self, view_age};
use crate::query::{self, Asked};
use crate::refusal::Refusal;
use crate::seams::{seam, snapshots};
use crate::shared::Shared;
use crate::streams::Sort;
use axum::body::Bytes;
use axum::http::Uri;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use zero_capability::Capability;
use zero_core::{CoinId, TsDiff};
use zero_packets::Packet;
use zero_packets::canonical;
use zero_packets::health::Health;
use zero_packets::intelligence::RateLimit;
use zero_packets::live::OperatorContext;
use zero_packets::status::Status;
use zero_packets::surface::{Livez, ReadyCheck, Readyz, Root};
use zero_runtime::project::{self, Reading};
use zero_runtime::publish::Published;

/// Longest time that the loop may publish nothing while it is called ready, seconds: the loop reports its disk every two.
const VIEW_AGE_MAX_S: f64 = 10.0;

/// Candidates that a brief shows.
const BRIEF_SIGNALS: usize = 5;

/// An answer that is not refused.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) media_type: &'static str,
    pub(crate) body: Bytes,
    /// Headers beside the media type.
    pub(crate) head: Vec<(&'static str, String)>,
}

impl Answer {
    /// A text.
    pub(crate) fn text(status: u16, media_type: &'static str, body: String) -> Self {
        Self { status, media_type, body: body.into(), head: Vec::new() }
    }
}

pub(crate) const JSON: &str = "application/json";
const CBOR: &str = "application/cbor";
/// Hash of the bytes in the body.
const HASH_HEADER: &str = "x-zero-hash";
const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A row that is asked.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) row: &'static Capability,
    pub(crate) who: Who,
    pub(crate) uri: Uri,
    /// Text is wanted rather than JSON.
    pub(crate) wants_text: bool,
    /// When, by the monotonic clock.
    pub(crate) came: Duration,
}

impl Question {
    fn text(&self) -> &str {
        self.uri.path_and_query().map_or("", |p| p.as_str())
    }

    /// Metrics alone have a form as text.
    fn is_for_text(&self) -> bool {
        self.wants_text && self.row.id == "metrics"
    }
}

/// Answers a row.
pub(crate) fn answer(shared: &Shared, q: &Question) -> Result<Answer, Refusal> {
    let published = shared.load();
    if let Some(answer) = again(shared, &published, q) {
        return Ok(answer);
    }
    let answer = fresh(shared, &published, q)?;
    // A body alone is kept: what has headers of its own is answered anew.
    if !q.row.reuse.is_zero() && answer.media_type == JSON && answer.head.is_empty() {
        shared.kept.put(&published, q.text(), q.who, (q.came, q.row.reuse), &answer.body);
    }
    Ok(answer)
}

/// What was answered to the same from the same publication, and may be given again.
pub(crate) fn again(shared: &Shared, published: &Arc<Published>, q: &Question) -> Option<Answer> {
    if q.row.reuse.is_zero() || q.is_for_text() {
        return None;
    }
    let body = shared.kept.find(published, q.text(), q.who, q.came)?;
    Some(Answer { status: 200, media_type: JSON, body, head: Vec::new() })
}

/// Renders a row's answer from a publication.
pub(crate) fn fresh(shared: &Shared, published: &Arc<Published>, q: &Question) -> Result<Answer, Refusal> {
    let r = published.reading(shared.clock.0.now());
    let (row, who) = (q.row, q.who);
    let route = row.http.ok_or_else(|| Refusal::Render(format!("the row {} has no route", row.id)))?;
    let asked = query::read(&q.uri, &route, &r)?;
    if q.is_for_text() {
        return Ok(prometheus(shared, published, &r));
    }
    if row.id == "intelligence.snapshots" {
        let (body, limit) = snapshots(shared, &r, &asked)?;
        return Ok(Answer { head: rate_headers(&limit), ..Answer::text(200, JSON, body) });
    }
    let body = match seam(shared, row.id, who, published, &r, &asked) {
        Some(body) => body?,
        None => packet(shared, row.id, who, published, &r, &asked)?,
    };
    if asked.choice("canonical").is_some() {
        return canonical_body(row, &body);
    }
    let status = if row.id == "readyz" && !readyz(shared, published, &r).ready { 503 } else { 200 };
    Ok(Answer::text(status, JSON, body))
}

/// The bytes that the packet's hash covers.
fn canonical_body(row: &Capability, text: &str) -> Result<Answer, Refusal> {
    let body = canonical::body(text, canonical::hash_field(row.packet))
        .map_err(|e| Refusal::Render(format!("the packet has no canonical form: {e}")))?;
    let head = vec![(HASH_HEADER, canonical::hash_of(&body))];
    Ok(Answer { status: 200, media_type: CBOR, body: body.into(), head })
}

/// A limit as headers.
pub(crate) fn rate_headers(l: &RateLimit) -> Vec<(&'static str, String)> {
    let values = [l.limit.to_string(), l.remaining.to_string(), l.reset.to_string(), l.policy.clone()];
    project::RATE_HEADERS.into_iter().zip(values).collect()
}

pub(crate) fn prometheus_now(shared: &Shared) -> Answer {
    let published = shared.load();
    let r = published.reading(shared.clock.0.now());
    prometheus(shared, &published, &r)
}

fn prometheus(shared: &Shared, p: &Published, r: &Reading) -> Answer {
    Answer::text(200, PROMETHEUS, metrics::text(shared, p, r))
}

fn packet(
    shared: &Shared,
    id: &str,
    who: Who,
    p: &Arc<Published>,
    r: &Reading,
    asked: &Asked,
) -> Result<String, Refusal> {
    let coin = asked.coins.first().copied();
    let wanted = |c| coin.is_none_or(|only| only == c);
    match id {
        "root" => json(&root(shared, r)),
        "livez" => json(&Livez { schema_version: Default::default(), status: "ok".into() }),
        "readyz" => json(&readyz(shared, p, r)),
        "status" => json(&status(shared, r)),
        "positions" => json(&project::positions(r, coin)),
        "risk" => json(&project::risk(r)),
        "health" => {
            json(&Health { ws_connections: shared.streams.open(Sort::Socket) as u64, ..project::health(r) })
        }
        "operator-state" => json(&project::operator_state(r)),
        "immune" => json(&project::immune(r)),
        "decisions" => json(&project::decisions(r, &p.latest.last(asked.count, |t| wanted(t.coin)))),
        "rejections" => {
            let seen = p.latest.last_refused(asked.count, |t| wanted(t.coin));
            json(&project::rejections(r, &seen))
        }
        "evaluate" | "decision-stack" | "approaching" | "regime" | "brief" => {
            asked_kernel(shared, id, p, r, coin)
        }
        "pulse" => {
            let events = p.latest.last_events(asked.count, |seq, b| project::pulse_event(&r.view, seq, b));
            json(&project::pulse(r, events, asked.count as u32))
        }
        "metrics" => metrics::body(shared, p, r),
        "operator.context" => json(&context(shared, who)),
        "quote" => {
            let quote = coin.and_then(|c| project::quote(r, c));
            json(&quote.ok_or_else(|| Refusal::Coin(coin.map_or("?", |c| r.view.symbol(c)).into()))?)
        }
        "hl.status" => json(&project::hl_status(r, &asked.coins)),
        "hl.reconcile" => json(&project::reconciliation(r)),
        "live.preflight" => json(&project::preflight(r)),
        "live.certification" => json(&project::certification(r)),
        "live.receipts" => json(&project::receipts(r, context(shared, who))),
        "live.cockpit" => {
            json(&project::cockpit(r, context(shared, who), &project::recent_acts(&p.latest, r)))
        }
        other => Err(Refusal::Render(format!("the row {other} has a route and no answer"))),
    }
}

/// Rows that the kernel answers, as it was copied last, under the stops of now: their `journal_seq` says which market it judges on.
fn asked_kernel(
    shared: &Shared,
    id: &str,
    p: &Published,
    r: &Reading,
    coin: Option<CoinId>,
) -> Result<String, Refusal> {
    let asking = shared.replica(p)?;
    let (present, r, replica) = (r, &p.reading_of_mind(r.wall), asking.get()?);
    let one = coin.unwrap_or_else(|| r.usual_coin());
    match id {
        "evaluate" => json(&project::evaluation(r, replica, one, None).map_err(fault)?),
        "decision-stack" => json(&project::decision_stack(r, replica, one, None).map_err(fault)?),
        "approaching" => json(&project::approaching(r, replica, TsDiff::DAY)),
        "regime" => json(&project::regime(r, replica, coin)),
        _ => {
            let recent = p.latest.last(BRIEF_SIGNALS, |_| true);
            json(&project::brief(present, replica, &recent, None))
        }
    }
}

pub(crate) fn fault(e: impl std::fmt::Display) -> Refusal {
    Refusal::Render(format!("the run's kernel cannot be asked: {e}"))
}

pub(crate) fn json<P: Packet>(packet: &P) -> Result<String, Refusal> {
    packet.to_json().map_err(|e| Refusal::Render(format!("a packet cannot be rendered: {e}")))
}

/// The status, with what did not reach a person.
pub(crate) fn status(shared: &Shared, r: &Reading) -> Status {
    let mut status = project::status(r);
    status.blind_spots.extend(project::undelivered(&shared.notices()).map(Value::from));
    status
}

fn root(shared: &Shared, r: &Reading) -> Root {
    Root {
        schema_version: Default::default(),
        name: "zero-paper-engine".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        status: if shared.is_stopping() { "stopping" } else { "ok" }.into(),
        ts: Some(r.wall.to_string()),
    }
}

pub(crate) fn context(shared: &Shared, who: Who) -> OperatorContext {
    OperatorContext {
        schema_version: Default::default(),
        operator_id: shared.operator.clone(),
        handle: shared.operator.clone(),
        role: who.role.into(),
        scope: who.scope().into(),
        source: Some(who.source.into()),
        identity_policy: Default::default(),
    }
}

pub(crate) fn readyz(shared: &Shared, p: &Published, r: &Reading) -> Readyz {
    let age = view_age(p, r);
    let stopping = shared.is_stopping();
    let balanced = r.view.state.ledger.books.iter().all(|b| b.trial_balance() == 0);
    let check = |name: &str, ok: bool, detail: String| ReadyCheck { name: name.into(), ok, detail };
    let feed = match p.rim.feed {
        None => (true, "the market is not the venue's feed"),
        Some(f) if f.connected => (true, "connected"),
        Some(_) => (false, "not connected"),
    };
    let checks = vec![
        check("loop", age <= VIEW_AGE_MAX_S, format!("published {age:.1} s ago, limit {VIEW_AGE_MAX_S} s")),
        check("running", !stopping, if stopping { "told to stop" } else { "not told to stop" }.into()),
        check("feed", feed.0, feed.1.into()),
        check("books", balanced, if balanced { "balance to zero" } else { "do not balance" }.into()),
        check(
            "data",
            !r.view.state.data_fault,
            if r.view.state.data_fault { "an unexplained change was seen" } else { "no unexplained change" }
                .into(),
        ),
    ];
    Readyz { schema_version: Default::default(), ready: checks.iter().all(|c| c.ok), checks }
}
