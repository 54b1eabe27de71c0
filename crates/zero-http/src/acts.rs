//! Acts: a POST becomes recorded acts of the operator, is left for the loop, and is answered when they are durable. An act
//! that increases risk, or that only a person can make, needs a licence that an agent's token cannot give.

use crate::answer::{Answer, JSON, context};
use crate::doubled::doubled;
use crate::guard::{Admitted, MayOperate, MayReduce, Who};
use crate::query;
use crate::refusal::Refusal;
use crate::seams::asked;
use crate::shared::Shared;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use serde_json::{Map, Value};
use std::time::Duration;
use zero_capability::{Capability, RiskDirection};
use zero_core::Ts;
use zero_market::event::{OperatorAction, OperatorEvent};
use zero_packets::Packet;
use zero_packets::control::{AutoToggle, ControlOrder, EventsAccepted, LiveControl};
use zero_runtime::approval::{ApprovalError, Asked, Presented, Signed};
use zero_runtime::command::{Command, NotTaken, Outcome};
use zero_runtime::inbox::Act;
use zero_runtime::project;

/// Time that the loop has for an answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// Events of one body.
const EVENTS_MAX: usize = 64;
/// Longest break, minutes.
const BREAK_MAX: u32 = 1_440;
/// Depth of a body.
const DEPTH_MAX: usize = 16;
/// Header with the operator's approval of the request.
const APPROVAL: &str = "x-zero-approval";
/// What a recorded claim begins with, behind its parenthesis.
const CLAIMED: &str = "claimed";
/// Longest text of a body's field, characters.
pub(crate) const TEXT_MAX: usize = 200;

/// Answers a row that acts.
pub(crate) async fn act(
    shared: &Shared,
    row: &Capability,
    admitted: Admitted,
    head: &Parts,
    body: &[u8],
    pays_reduction: impl FnOnce(Who) -> bool,
) -> Result<Answer, Refusal> {
    let (id, raw, who, headers) = (row.id, body, admitted.who, &head.headers);
    let body = object(body);
    if admitted.owes && !(body.as_ref().is_ok_and(|b| is_reduction(id, who, b)) && pays_reduction(who)) {
        return Err(Refusal::TooMany);
    }
    let body = body?;
    let reduces = is_reduction(id, who, &body);
    if !reduces {
        if let Some(what) = doubled(raw) {
            return Err(Refusal::Body(what));
        }
        known(id, &body)?;
        query::none(&head.uri)?;
    }
    if let Some(answer) = asked(shared, id, &body) {
        return answer.map(|text| Answer::text(200, JSON, text));
    }
    // Who may do nothing is told so, whatever came as an approval.
    let _ = who.may_reduce()?;
    // What needs no approval is held up by none, whatever it looks like.
    let may_increase = row.risk == RiskDirection::Increases && !reduces;
    let approval = if may_increase { presented(row, headers, &body)? } else { None };
    let said = Said { given: reason(&body, reduces)?, claims: claims(headers) };
    let by = By { shared, who, said, approval };
    let text = match id {
        "live.pause" => by.control("pause_entries", by.reduces(&who.may_reduce()?, &Reduction::Pause)).await,
        "live.kill" => by.control("kill", by.reduces(&who.may_reduce()?, &Reduction::Kill)).await,
        "live.flatten" => {
            by.control("flatten_all", by.reduces(&who.may_reduce()?, &Reduction::Flatten)).await
        }
        "live.heartbeat" => {
            let act = by.operates(&who.may_operate()?, OperatorAction::Heartbeat, "");
            by.control("heartbeat", act).await
        }
        "live.resume" => {
            let act = by.operates(&who.may_operate()?, OperatorAction::ResumeEntries, "");
            by.control("resume_entries", act).await
        }
        "auto.toggle" => {
            let on = body.get("enabled").and_then(Value::as_bool);
            let on = on.ok_or_else(|| Refusal::Body("`enabled` is needed, true or false".into()))?;
            let act = if on {
                by.operates(&who.may_operate()?, OperatorAction::AutoOn, "")
            } else {
                by.reduces(&who.may_reduce()?, &Reduction::AutoOff)
            };
            by.toggle(on, act).await
        }
        "execute" => by.execute(raw, headers).await,
        "operator.events" => by.events(&who.may_operate()?, &body).await,
        other => Err(Refusal::Render(format!("the row {other} acts and nothing acts for it"))),
    }?;
    Ok(Answer::text(200, JSON, text))
}

/// Is it the body of this row's request that decides whether it can only reduce risk?
pub(crate) fn reduces_by_body(id: &str) -> bool {
    matches!(id, "auto.toggle" | "execute")
}

/// Can the request only reduce risk? Then nothing but its own act is looked at: whoever wants out is let out.
fn is_reduction(id: &str, who: Who, body: &Map<String, Value>) -> bool {
    let says = |name: &str, what: bool| body.get(name).and_then(Value::as_bool) == Some(what);
    match id {
        "live.pause" | "live.kill" | "live.flatten" => true,
        "auto.toggle" => says("enabled", false),
        // An agent's order is taken only if it reduces, whatever its body says.
        "execute" => who.may_operate().is_err() || says("reduce_only", true),
        _ => false,
    }
}

/// Every act that a licence to reduce can name: there is no increase among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reduction {
    Pause,
    Kill,
    Flatten,
    AutoOff,
    /// An order, by its subject; the kernel takes it only if it reduces.
    Order(String),
}

/// Who acts, and why.
pub(crate) struct By<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) who: Who,
    said: Said,
    /// That of a request which may increase risk.
    pub(crate) approval: Option<Presented>,
}

impl By<'_> {
    pub(crate) fn reduces(&self, _: &MayReduce, what: &Reduction) -> OperatorEvent {
        let action = match what {
            Reduction::Pause => OperatorAction::PauseEntries,
            Reduction::Kill => OperatorAction::Kill,
            Reduction::Flatten => OperatorAction::Flatten,
            Reduction::AutoOff => OperatorAction::AutoOff,
            Reduction::Order(_) => OperatorAction::Reduce,
        };
        self.event(action, if let Reduction::Order(subject) = what { subject } else { "" })
    }

    pub(crate) fn operates(&self, _: &MayOperate, action: OperatorAction, subject: &str) -> OperatorEvent {
        self.event(action, subject)
    }

    fn event(&self, action: OperatorAction, subject: &str) -> OperatorEvent {
        let operator = if self.who.role == "operator" {
            self.shared.operator.clone()
        } else {
            zero_kernel::operator::AGENT_NAME.to_owned()
        };
        OperatorEvent { action, subject: subject.into(), operator, reason: self.said.whole(), at: Ts::ZERO }
    }

    async fn control(&self, action: &str, act: OperatorEvent) -> Result<String, Refusal> {
        let (kind, direction) = (act.action, zero_kernel::operator::direction(&act));
        let o = self.ask(vec![act]).await?;
        // Of a resume nothing is in force while the kill switch is latched.
        let latched = kind == OperatorAction::ResumeEntries && o.killed && !o.paused;
        let holds = match kind {
            OperatorAction::PauseEntries => o.paused,
            OperatorAction::ResumeEntries => !o.paused && !o.killed,
            OperatorAction::Kill => o.killed,
            OperatorAction::Flatten => o.flattening || o.closing.is_empty(),
            _ => true,
        };
        let flags = [(o.killed, "killed"), (o.flattening, "flattening"), (o.paused, "paused")];
        let state = flags.iter().find(|(on, _)| *on).map_or("trading", |(_, name)| *name);
        let reason = match &o.ruling {
            _ if latched => "the kill switch is thrown, and nothing is opened before it is cleared".into(),
            Some(r) if !holds => project::ruling_text(r),
            _ if holds => "in force on the paper runtime; there is no live executor".into(),
            _ => "recorded, and not in force".into(),
        };
        let view = self.shared.load();
        let closes = matches!(kind, OperatorAction::Kill | OperatorAction::Flatten);
        let orders = o.closing.iter().filter(|_| closes).map(|open| ControlOrder {
            order: open.intent.id.to_string(),
            coin: view.view.symbol(open.intent.coin).to_owned(),
            side: open.intent.side.name().into(),
            size: zero_packets::Dec::scaled(open.open_sz().raw(), zero_core::Sz::DECIMALS),
        });
        json(&LiveControl {
            schema_version: Default::default(),
            ok: holds,
            state: Some(state.into()),
            reason: Some(reason),
            orders: orders.collect(),
            action: action.into(),
            risk_direction: direction.name().into(),
            operator_context: context(self.shared, self.who),
            trace_id: trace(&o),
            journal_seq: o.journal_seq,
            simulated: true,
            ruling: o.ruling.as_ref().map(project::ruling),
        })
    }

    async fn toggle(&self, on: bool, act: OperatorEvent) -> Result<String, Refusal> {
        let o = self.ask(vec![act]).await?;
        let ruled = o.ruling.as_ref().filter(|_| o.auto_off == on);
        json(&AutoToggle {
            schema_version: Default::default(),
            state: if o.auto_off { "off" } else { "on" }.into(),
            simulated: true,
            reason: ruled.map(project::ruling_text),
            trace_id: trace(&o),
            journal_seq: o.journal_seq,
            ruling: o.ruling.as_ref().map(project::ruling),
        })
    }

    /// Events are the operator's own word: conduct and confirmations, and none that changes what is held or allowed.
    async fn events(&self, may: &MayOperate, body: &Map<String, Value>) -> Result<String, Refusal> {
        let one = [Value::Object(body.clone())];
        let all = body.get("events").map_or(Some(&one[..]), |v| v.as_array().map(Vec::as_slice));
        let all = all.ok_or_else(|| Refusal::Body("`events` is a list".into()))?;
        if all.len() > EVENTS_MAX {
            return Err(Refusal::Body(format!("at most {EVENTS_MAX} events are taken at a time")));
        }
        let (mut acts, mut refused) = (Vec::new(), Vec::new());
        for (i, v) in all.iter().enumerate() {
            match self.spoken(may, v) {
                Ok(act) => acts.push(act),
                Err(why) => refused.push(format!("event {i}: {why}")),
            }
        }
        let accepted = acts.len() as u32;
        let o = self.ask(acts).await?;
        let published = self.shared.load();
        json(&EventsAccepted {
            schema_version: Default::default(),
            accepted,
            refused,
            snapshot: project::operator_state(&published.reading(self.shared.clock.0.now())),
            operator_context: context(self.shared, self.who),
            trace_id: trace(&o),
        })
    }

    fn spoken(&self, may: &MayOperate, v: &Value) -> Result<OperatorEvent, String> {
        use OperatorAction as A;
        let field = |name: &str| match v.get(name) {
            None | Some(Value::Null) => Ok(""),
            Some(Value::String(s)) if is_plain(s) => Ok(s.as_str()),
            Some(_) => Err(format!("`{name}` is no text of at most {TEXT_MAX} plain characters")),
        };
        let name = field("action")?;
        if name.is_empty() {
            return Err("it names no `action`".into());
        }
        let known = OperatorAction::from_name(name).filter(|a| {
            matches!(
                a,
                A::Confirm
                    | A::Break
                    | A::Rest
                    | A::Focus
                    | A::Override
                    | A::Follow
                    | A::Acknowledge
                    | A::Command
                    | A::Heartbeat
            )
        });
        let action = known.ok_or_else(|| {
            let shown: String = name.chars().take(40).collect();
            format!("{shown:?} is no event of an operator")
        })?;
        let act = self.operates(may, action, field("subject")?);
        if action == A::Break && !is_break(&act.subject) {
            return Err(format!("`subject` of a break is its length, 1 to {BREAK_MAX} minutes"));
        }
        let own = Some(field("reason")?).filter(|r| !r.trim().is_empty());
        let written = Act {
            action: name.into(),
            subject: act.subject,
            operator: act.operator,
            reason: own.map_or_else(|| self.said.whole(), |own| self.said.with(own)),
            approval: String::new(),
        };
        written.event()
    }

    /// Leaves acts for the loop and waits for their durability. With none, only for its state.
    pub(crate) async fn ask(&self, acts: Vec<OperatorEvent>) -> Result<Outcome, Refusal> {
        let commands = self.shared.commands.as_ref().ok_or(Refusal::Busy("this loop takes no acts"))?;
        if self.shared.is_stopping() {
            return Err(Refusal::Busy("the loop is stopping"));
        }
        let (tell, told) = tokio::sync::oneshot::channel();
        // Nobody waits any more: the act is done all the same.
        let answer = Box::new(move |o| drop(tell.send(o)));
        let approval = self.approval.clone();
        commands.put(Command { acts, approval, answer }).map_err(|e| match e {
            NotTaken::Full => Refusal::Busy("as many acts wait for the loop as may"),
            NotTaken::Ended => Refusal::Busy("the loop has ended"),
        })?;
        match tokio::time::timeout(ANSWER_WITHIN, told).await {
            Ok(Ok(Outcome { refused: Some(why), .. })) => Err(Refusal::Approval(why)),
            Ok(Ok(outcome)) => Ok(outcome),
            Ok(Err(_)) => Err(Refusal::Busy("the loop ended before it took the act")),
            Err(_) => Err(Refusal::Late),
        }
    }
}

/// The approval that came with the request. Whether one is needed, and whether this one counts, the loop says.
fn presented(
    row: &Capability,
    headers: &HeaderMap,
    body: &Map<String, Value>,
) -> Result<Option<Presented>, Refusal> {
    let mut all = headers.get_all(APPROVAL).iter();
    let (one, more, Some(http)) = (all.next(), all.next(), row.http) else { return Ok(None) };
    let Some(text) = one else { return Ok(None) };
    let signed = match (text.to_str(), more) {
        (Ok(text), None) => Signed::parse(text),
        _ => Err(ApprovalError::Unreadable),
    };
    let asked = Asked::of(http.method, http.path, &Value::Object(body.clone()));
    signed.map(|s| Some(Presented::with(asked, s))).map_err(Refusal::Approval)
}

fn trace(o: &Outcome) -> String {
    project::act_trace(o.act_seq)
}

pub(crate) fn json(packet: &impl Packet) -> Result<String, Refusal> {
    packet.to_json().map_err(|e| Refusal::Render(format!("a packet cannot be rendered: {e}")))
}

/// The body's object; nothing is an empty one.
fn object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    let v: Value =
        serde_json::from_slice(body).map_err(|e| Refusal::Body(format!("the body is not JSON: {e}")))?;
    if depth(&v) > DEPTH_MAX {
        return Err(Refusal::Body(format!("the body is nested deeper than {DEPTH_MAX}")));
    }
    match v {
        Value::Object(o) => Ok(o),
        _ => Err(Refusal::Body("the body is no object".into())),
    }
}

/// A member that no route knows is a mistake of whoever sends it, and a misspelt one would change what is asked for. Only an
/// event may carry more than is read.
fn known(id: &str, body: &Map<String, Value>) -> Result<(), Refusal> {
    let Some(members) = zero_capability::body_members(id) else { return Ok(()) };
    match body.keys().find(|k| !members.contains(k)) {
        None => Ok(()),
        Some(k) => {
            let k: String = k.chars().take(40).collect();
            Err(Refusal::Body(format!("there is no member {k:?}; there is {}", members.join(", "))))
        }
    }
}

/// Minutes as the command takes them; without any a break has its usual length.
fn is_break(subject: &str) -> bool {
    let is_number = subject.bytes().all(|b| b.is_ascii_digit());
    subject.is_empty() || is_number && subject.parse().is_ok_and(|n: u32| (1..=BREAK_MAX).contains(&n))
}

fn depth(v: &Value) -> usize {
    match v {
        Value::Object(o) => 1 + o.values().map(depth).max().unwrap_or(0),
        Value::Array(a) => 1 + a.iter().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

pub(crate) fn is_plain(s: &str) -> bool {
    s.chars().count() <= TEXT_MAX && !s.chars().any(char::is_control)
}

/// Why, and what the request claims of itself: that is recorded as claimed and decides nothing.
struct Said {
    given: String,
    claims: Vec<String>,
}

impl Said {
    fn whole(&self) -> String {
        self.with(&self.given)
    }

    /// Another reason with the same claims.
    fn with(&self, given: &str) -> String {
        let given = unclaimed(given);
        if self.claims.is_empty() { given } else { format!("{given} (claimed: {})", self.claims.join(", ")) }
    }
}

/// A text that cannot be taken for a recorded claim: none of its parentheses opens one.
fn unclaimed(text: &str) -> String {
    let opens = |rest: &str| {
        let word = rest.trim_start().get(..CLAIMED.len());
        word.is_some_and(|w| w.eq_ignore_ascii_case(CLAIMED))
    };
    let each = text.char_indices().map(|(at, c)| match c {
        '(' if opens(text.get(at + 1..).unwrap_or("")) => '[',
        other => other,
    });
    each.collect()
}

/// The body's reason. Of a reduction's as much is taken as can be; that of anything else is refused where it is no plain text.
fn reason(body: &Map<String, Value>, reduces: bool) -> Result<String, Refusal> {
    let given = match body.get("reason") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(s)) if is_plain(s) => s.clone(),
        Some(Value::String(s)) if reduces => s.chars().filter(|c| !c.is_control()).take(TEXT_MAX).collect(),
        Some(_) if reduces => String::new(),
        Some(_) => {
            let why = format!("`reason` is no text of at most {TEXT_MAX} plain characters");
            return Err(Refusal::Body(why));
        }
    };
    Ok(if given.trim().is_empty() { "asked for over HTTP".into() } else { given })
}

/// A claim's value ends neither its claim nor the list.
fn claims(headers: &HeaderMap) -> Vec<String> {
    let tame = |c: char| match c {
        '(' => '[',
        ')' => ']',
        ',' => ';',
        c if c.is_control() => ' ',
        c => c,
    };
    headers
        .iter()
        .filter_map(|(name, value)| {
            let name = name.as_str().strip_prefix("x-zero-operator-")?;
            let value: String = value.to_str().ok()?.chars().map(tame).take(64).collect();
            Some(format!("{}={value}", name.chars().take(16).collect::<String>()))
        })
        .take(4)
        .collect()
}
