//! `POST /execute`: an order of the operator's own. Decimals are read from the digits that were sent.

use crate::acts::{By, Reduction, json};
use crate::refusal::Refusal;
use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use zero_core::{CoinId, Px, Sz};
use zero_market::event::OperatorAction;
use zero_market::own_order::is_key;
use zero_market::{OwnOrder, Side};
use zero_runtime::approval::ApprovalError;
use zero_runtime::project;

/// Longest symbol, characters.
const SYMBOL_MAX: usize = 32;

/// Keys made here, for requests that bring none.
static MADE: AtomicU64 = AtomicU64::new(0);

/// The body, with its numbers as they were written.
#[derive(Deserialize)]
struct Sent<'a> {
    #[serde(borrow)]
    coin: Option<Cow<'a, str>>,
    #[serde(borrow)]
    side: Option<Cow<'a, str>>,
    #[serde(borrow)]
    size: Option<&'a RawValue>,
    #[serde(borrow)]
    price: Option<&'a RawValue>,
    reduce_only: Option<bool>,
    #[serde(borrow)]
    idempotency_key: Option<Cow<'a, str>>,
}

impl By<'_> {
    pub(crate) async fn execute(&self, body: &[u8], headers: &HeaderMap) -> Result<String, Refusal> {
        // Whoever may do nothing learns nothing of what the body lacks.
        let may_reduce = self.who.may_reduce()?;
        let sent: Sent<'_> =
            serde_json::from_slice(body).map_err(|e| Refusal::Body(format!("the body is no order: {e}")))?;
        let order = self.order(&sent)?;
        let is_agent = self.who.may_operate().is_err();
        let only_reduces = is_agent || sent.reduce_only == Some(true);
        if !only_reduces && self.approval.is_some() && !is_signed_whole(&sent, &order) {
            return Err(Refusal::Approval(ApprovalError::OtherRequest));
        }
        match headers.get("x-zero-mode").map(|m| m.as_bytes().to_ascii_lowercase()).as_deref() {
            None | Some(b"paper") => {}
            Some(b"live") => {
                let who = crate::answer::context(self.shared, self.who);
                return json(&project::execute_live(&order, only_reduces, who));
            }
            Some(_) => return Err(Refusal::Body("`X-Zero-Mode` is `paper` or `live`".into())),
        }
        let (held, digest) = (&self.shared.held, order.body_digest(only_reduces));
        let now = self.shared.clock.0.monotonic();
        if held.is_of_another(&order.key, digest, now) {
            return Err(Refusal::KeyInUse);
        }
        let subject = order.subject();
        let act = if only_reduces {
            self.reduces(&may_reduce, &Reduction::Order(subject))
        } else {
            self.operates(&self.who.may_operate()?, OperatorAction::Execute, &subject)
        };
        let key = order.key_digest();
        let asking = self.shared.requests.asking(key);
        // What was answered was published before, and what was not is still with the loop.
        let is_repeat = asking.is_second || self.shared.load().view.state.executions.find(key).is_some();
        let outcome = self.ask(vec![act]).await?;
        let manifest = &self.shared.load().view.manifest;
        match (&outcome.executed, &outcome.ruling) {
            (Some(x), _) if x.body != digest => Err(Refusal::KeyInUse),
            (Some(x), _) => {
                self.shared.requests.order(x.is_taken(), is_repeat);
                json(&project::executed(manifest, &order, only_reduces, x))
            }
            (None, Some(ruling)) => {
                self.shared.requests.order(false, false);
                if sent.idempotency_key.is_some() {
                    held.bind(&order.key, digest, (now, Duration::ZERO));
                }
                json(&project::execute_held(&order, ruling, outcome.act_seq))
            }
            (None, None) => Err(Refusal::Busy("as many keys of orders are kept as may be, for a day each")),
        }
    }

    fn order(&self, sent: &Sent<'_>) -> Result<OwnOrder, Refusal> {
        let bad = |why: &str| Refusal::Body(why.into());
        let symbol = sent.coin.as_deref().ok_or_else(|| bad("`coin` is needed"))?;
        if symbol.chars().count() > SYMBOL_MAX {
            return Err(Refusal::Body(format!("`coin` has at most {SYMBOL_MAX} characters")));
        }
        let published = self.shared.load();
        let universe = &published.view.manifest.universe;
        let at = universe.iter().position(|i| i.symbol.eq_ignore_ascii_case(symbol));
        let (at, instrument) = at
            .and_then(|at| Some((at, universe.get(at)?)))
            .ok_or_else(|| Refusal::Coin(symbol.to_owned()))?;
        let side = sent.side.as_deref().and_then(|s| Side::ALL.iter().find(|side| side.name() == s));
        let side = *side.ok_or_else(|| bad("`side` is buy or sell"))?;
        let size = sent.size.ok_or_else(|| bad("`size` is needed"))?;
        let sz = Sz::parse(size.get()).ok().filter(|sz| sz.raw() > 0);
        let sz = sz.ok_or_else(|| bad("`size` is no number above zero with at most 8 decimals"))?;
        let worst_px = match sent.price {
            None => None,
            Some(px) => {
                let px = Px::parse(px.get()).ok().filter(|px| px.raw() > 0);
                Some(px.ok_or_else(|| bad("`price` is no number above zero with at most 8 decimals"))?)
            }
        };
        let key = match sent.idempotency_key.as_deref() {
            None => self.made(),
            Some(key) if is_key(key) => key.to_owned(),
            Some(_) => return Err(bad("`idempotency_key` is no text of 1 to 128 visible ASCII characters")),
        };
        Ok(OwnOrder { coin: CoinId(at as u16), symbol: instrument.symbol.clone(), side, sz, worst_px, key })
    }

    /// A key that no other request has: the order is then made anew each time it is asked for.
    fn made(&self) -> String {
        let n = MADE.fetch_add(1, Ordering::Relaxed);
        format!("made-{:x}-{n:x}", self.shared.clock.0.now().as_ns())
    }
}

/// An approval names the numbers of a body as doubles. Of all the digits that are one double, only the shortest are approved:
/// no two orders share an approval.
fn is_signed_whole(sent: &Sent<'_>, order: &OwnOrder) -> bool {
    let shortest =
        |raw: &RawValue| raw.get().parse::<f64>().map_or_else(|_| String::new(), |f| f.to_string());
    let size = sent.size.is_some_and(|raw| Sz::parse(&shortest(raw)).ok() == Some(order.sz));
    size && sent.price.is_none_or(|raw| Px::parse(&shortest(raw)).ok() == order.worst_px)
}
