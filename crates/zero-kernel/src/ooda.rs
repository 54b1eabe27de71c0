//! One cycle in five phases: observe, orient, decide, act, learn. Each is one function here, in this order.
//!
//! A cycle is one event in. Its facts come out in the order in which recovery folds them: the event itself, breaker
//! changes, orders and cancellations, the close of the cycle.

use crate::apply::{apply, apply_event};
use crate::breaker::Breaker;
use crate::breakers::{self, BREAKERS};
use crate::candidates::{self, Wish};
use crate::executions::Executed;
use crate::exits;
use crate::exposure::Exposure;
use crate::kernel::Kernel;
use crate::own;
use crate::record::{BreakerChange, CandidateTrace, CycleClose, Fact, OrderFact, TraceSink};
use crate::state::Fault;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use zero_core::{AccountId, CoinId, Digest32, Hasher, Ts, Usd, canon_struct};
use zero_market::event::{OperatorAction, TimerKind};
use zero_market::order::CancelIntent;
use zero_market::{Event, EventBody, VenueEvent};

canon_struct! {
    /// What came in.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Observed {
        /// Event time.
        pub time: Ts,
        /// Tag of the event's kind.
        pub kind: u64,
        /// Its coin, if it is about one.
        pub coin: Option<CoinId>,
    }
}

canon_struct! {
    /// The situation after it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Oriented {
        /// Bit per open breaker.
        pub open_breakers: u32,
        /// Breakers that changed.
        pub changed: u32,
        /// Equity of all accounts, where it is known.
        pub equity: Option<Usd>,
        /// Worst-case gross notional of all accounts.
        pub gross: Usd,
    }
}

canon_struct! {
    /// What was judged.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Decided {
        /// Strategies asked, once per coin.
        pub asked: u32,
        /// Strategies that lacked an input.
        pub abstained: u32,
        /// Exits that need no permission.
        pub exits: u32,
        /// Candidates judged.
        pub candidates: u32,
        /// Candidates admitted.
        pub admitted: u32,
    }
}

canon_struct! {
    /// What is done.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Acted {
        /// Orders submitted, protective ones included.
        pub orders: u32,
        /// Cancellations.
        pub cancels: u32,
    }
}

canon_struct! {
    /// What the cycle leaves behind.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Learned {
        /// The decision digest.
        pub digest: Digest32,
        /// Fills booked in this cycle.
        pub fills: u32,
    }
}

canon_struct! {
    /// A cycle and its five phases: the body of `zero.runtime.cycle.v1`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Cycle {
        /// What came in.
        pub observe: Observed,
        /// The situation after it.
        pub orient: Oriented,
        /// What was judged.
        pub decide: Decided,
        /// What is done.
        pub act: Acted,
        /// What the cycle leaves behind.
        pub learn: Learned,
    }
}

/// Allocations that a cycle reuses. Nothing in it outlives the cycle.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(crate) last: Option<Last>,
    /// What breakers read, at the present and at the last reading.
    pub(crate) alarms: Vec<i64>,
    pub(crate) alarms_before: Vec<i64>,
    pub(crate) exposures: Vec<(AccountId, Exposure)>,
    pub(crate) wishes: Vec<Wish>,
    pub(crate) orders: Vec<OrderFact>,
    pub(crate) cancels: Vec<CancelIntent>,
    /// What became of the operator's own order of this cycle.
    pub(crate) executed: Option<Executed>,
    pub(crate) trace: Option<CandidateTrace>,
    /// Declared fields of this cycle's decisions, for the digest.
    pub(crate) decided: Vec<u8>,
}

/// Runs the five phases.
#[inline]
pub(crate) fn cycle(
    kernel: &mut Kernel,
    event: &Event,
    sink: &mut impl TraceSink,
    out: &mut Vec<Fact>,
) -> Result<Acted, Fault> {
    kernel.scratch.last = None;
    if is_quiet(&event.body) {
        observe(kernel, event, out)?;
        return Ok(Acted { orders: 0, cancels: 0 });
    }
    let news = News::before(kernel, event);
    observe(kernel, event, out)?;
    let news = news.after(kernel);
    let changed = orient(kernel, event, news.cleared, out)?;
    let mut decided = Decided { asked: 0, abstained: 0, exits: 0, candidates: 0, admitted: 0 };
    decide(kernel, event, news, sink, &mut decided)?;
    let acted = act(kernel, event, out)?;
    let fills = learn(kernel, event, news, (&decided, &acted), out)?;
    if decided.candidates + decided.exits + acted.orders + acted.cancels + changed > 0 {
        let observed = Observed { time: event.time, kind: event.body.tag(), coin: event.body.coin() };
        kernel.scratch.last = Some(Last { observed, changed, decided, acted, fills });
    }
    Ok(acted)
}

/// What a cycle in which anything was judged, done or tripped leaves for whoever asks about it. The rest of a [`Cycle`] is
/// read off the state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Last {
    observed: Observed,
    changed: u32,
    decided: Decided,
    acted: Acted,
    fills: u32,
}

/// The latest cycle with its five phases.
pub(crate) fn told(kernel: &Kernel, last: &Last) -> Result<Cycle, Fault> {
    let Last { observed, changed, decided, acted, fills } = *last;
    let orient = situation(kernel, changed)?;
    let learn = Learned { digest: kernel.state.digest, fills };
    Ok(Cycle { observe: observed, orient, decide: decided, act: acted, learn })
}

/// Market data changes prices and features; nothing is judged or decided before the timer that follows it.
const fn is_quiet(body: &EventBody) -> bool {
    matches!(
        body,
        EventBody::BarOpened(_)
            | EventBody::BarClosed(_)
            | EventBody::Funding(_)
            | EventBody::Trade(_)
            | EventBody::Book(_)
            | EventBody::Mark(_)
            | EventBody::Oracle(_)
            | EventBody::Gap(_)
    )
}

/// What of an event is new: a venue may repeat a fill, a source a slice, and neither may be acted on twice.
#[derive(Clone, Copy, Debug)]
struct News {
    slice: bool,
    fills: u64,
    rulings: u64,
    /// Bit per breaker that an operator's act closed.
    cleared: u32,
}

impl News {
    fn before(kernel: &Kernel, event: &Event) -> Self {
        let slice = matches!(event.body, EventBody::Timer(TimerKind::BarSlice));
        let clears = matches!(&event.body, EventBody::Operator(o) if o.action == OperatorAction::ClearLatch);
        Self {
            slice: slice && event.time > kernel.state.last_slice,
            fills: kernel.state.counters.fills,
            rulings: kernel.state.conduct.rulings,
            cleared: if clears { kernel.state.open_breakers() } else { 0 },
        }
    }

    fn after(self, kernel: &Kernel) -> Self {
        let rulings = kernel.state.conduct.rulings - self.rulings;
        let cleared = self.cleared & !kernel.state.open_breakers();
        Self { fills: kernel.state.counters.fills - self.fills, rulings, cleared, ..self }
    }
}

/// The event becomes a fact of the state and of the features.
#[inline]
fn observe(kernel: &mut Kernel, event: &Event, out: &mut Vec<Fact>) -> Result<(), Fault> {
    let rulings = kernel.state.conduct.rulings;
    apply_event(&mut kernel.state, &kernel.cfg, event)?;
    kernel.feed(event);
    if kernel.market_facts || !(is_quiet(&event.body) || matches!(event.body, EventBody::Timer(_))) {
        record(event, out);
    }
    if kernel.state.conduct.rulings != rulings
        && let Some(ruling) = kernel.state.conduct.ruling.as_ref().filter(|r| r.is_noted())
    {
        out.push(Fact::Friction(Box::new(ruling.clone())));
    }
    Ok(())
}

/// The event as a fact. The three kinds that come with every bar are built where they will lie: a clone of the whole
/// enum would be copied through the stack first, and at three events a bar that is what a cycle costs.
#[inline]
fn record(event: &Event, out: &mut Vec<Fact>) {
    let fact = |body| Fact::Event(Event { time: event.time, received: event.received, body });
    match &event.body {
        EventBody::BarOpened(b) => out.push(fact(EventBody::BarOpened(*b))),
        EventBody::BarClosed(b) => out.push(fact(EventBody::BarClosed(*b))),
        EventBody::Timer(t) => out.push(fact(EventBody::Timer(*t))),
        other => out.push(fact(other.clone())),
    }
}

/// Breakers are read against the new state; a change is a fact, also one that the act itself made. A latched breaker that is
/// open stays open.
#[inline]
fn orient(kernel: &mut Kernel, event: &Event, cleared: u32, out: &mut Vec<Fact>) -> Result<u32, Fault> {
    let mut changed = 0;
    if let (EventBody::Operator(o), true) = (&event.body, cleared != 0) {
        let of_cleared = breakers::states(&kernel.state).enumerate().filter(|(i, _)| cleared & 1 << i != 0);
        for (_, (breaker, now)) in of_cleared {
            changed += 1;
            let reason = alloc::format!("cleared by {}: {}", o.operator, o.reason);
            out.push(changed_to(breaker, false, (now.value, now.limit), (event.time, reason)));
        }
    }
    let judges =
        matches!(event.body, EventBody::Timer(_) | EventBody::Operator(_) | EventBody::Reconciled(_))
            || (matches!(event.body, EventBody::Venue(_)) && has_flattened(kernel));
    if judges {
        // Only a breaker's own change and an operator's act open or close one: at a timer the last judgement still holds.
        let open_breakers = match event.body {
            EventBody::Timer(_) => kernel.open_breakers,
            _ => kernel.state.open_breakers(),
        };
        debug_assert_eq!(open_breakers, kernel.state.open_breakers());
        let due = due(kernel, event, open_breakers);
        debug_assert!(
            BREAKERS
                .iter()
                .enumerate()
                .all(|(i, b)| due & 1 << i != 0 || !would_change(kernel, i, *b, event.time)),
            "a breaker that is not due would change"
        );
        let mut left = due;
        while left != 0 {
            let i = left.trailing_zeros() as usize;
            left &= left - 1;
            let Some(breaker) = BREAKERS.get(i) else { break };
            let open = kernel.state.breakers.get(i).is_some_and(|b| b.open);
            if !open && breaker.is_far(&kernel.state, &kernel.cfg, event.time) {
                debug_assert!(
                    !would_change(kernel, i, *breaker, event.time),
                    "{} is not far",
                    breaker.name()
                );
                continue;
            }
            let reading = breaker.read(&kernel.state, &kernel.cfg, event.time);
            // Unknown trips: what cannot be measured cannot be vouched for.
            let trips = reading.tripped != zero_core::Truth::False;
            if trips == open || (open && breaker.latches()) {
                continue;
            }
            changed += 1;
            let fact = changed_to(
                *breaker,
                trips,
                (reading.value, reading.limit),
                (event.time, breaker.reason().into()),
            );
            apply(&mut kernel.state, &kernel.cfg, &fact)?;
            out.push(fact);
        }
        kernel.open_breakers = if changed > 0 { kernel.state.open_breakers() } else { open_breakers };
    }
    Ok(changed)
}

/// Did the venue's last word end a flatten? Whoever waits for it waits for no timer.
fn has_flattened(kernel: &Kernel) -> bool {
    let is_open = || kernel.open_breakers & breakers::bit("flattening") != 0;
    !kernel.state.flattening && kernel.open_breakers != 0 && is_open()
}

fn changed_to(
    breaker: &dyn Breaker,
    open: bool,
    (value, limit): (f64, f64),
    (time, reason): (Ts, String),
) -> Fact {
    Fact::Breaker(BreakerChange { name: breaker.name().into(), open, value, limit, time, reason })
}

/// Would reading the breaker change it?
fn would_change(kernel: &Kernel, at: usize, breaker: &dyn Breaker, now: Ts) -> bool {
    let trips = breaker.read(&kernel.state, &kernel.cfg, now).tripped != zero_core::Truth::False;
    let open = kernel.state.breakers.get(at).is_some_and(|b| b.open);
    trips != open && !(open && breaker.latches())
}

/// The breakers whose reading may differ from the last one: a bit each. Only a timer can leave any out; every other event
/// that judges brings news by itself.
fn due(kernel: &mut Kernel, event: &Event, open_breakers: u32) -> u32 {
    let Kernel { state, scratch, watch, .. } = kernel;
    let [time, money, conduct] = *watch;
    scratch.alarms.clear();
    let alarms = &mut scratch.alarms;
    alarms.extend([
        state.entry_times.len() as i64,
        state.reject_times.len() as i64,
        i64::from(state.paused)
            | i64::from(state.killed) << 1
            | i64::from(state.data_fault) << 2
            | i64::from(state.auto_off) << 3
            | i64::from(state.flattening) << 4,
        state.disk_free.unwrap_or(i64::MIN),
        i64::from(open_breakers),
    ]);
    alarms.extend(state.accounts.iter().map(|a| a.recon as i64));
    let of_conduct = alarms.len();
    for a in &state.accounts {
        let base = a.samples.first();
        alarms.extend([
            a.equity.map_or(i64::MIN, Usd::raw),
            a.gross.raw(),
            a.peak.raw(),
            base.map_or(0, |s| s.equity.raw()),
            base.map_or(0, |s| s.fees.raw()),
        ]);
    }
    alarms.extend(state.ledger.books.iter().map(|b| b.fees.raw()));
    let same = |range: core::ops::Range<usize>| {
        scratch.alarms.len() == scratch.alarms_before.len()
            && scratch.alarms.get(range.clone()) == scratch.alarms_before.get(range)
    };
    // One that opened or closed is judged anew whatever it watches, and that is conduct.
    let mut due = time;
    if !matches!(event.body, EventBody::Timer(_)) || !same(0..of_conduct) {
        due |= money | conduct;
    } else if !same(of_conduct..scratch.alarms.len()) {
        due |= money;
    }
    core::mem::swap(&mut scratch.alarms, &mut scratch.alarms_before);
    due
}

#[inline]
fn situation(kernel: &Kernel, changed: u32) -> Result<Oriented, Fault> {
    let (mut equity, mut gross) = (Some(Usd::ZERO), Usd::ZERO);
    for a in &kernel.state.accounts {
        equity = match (equity, a.equity) {
            (Some(sum), Some(e)) => Some(sum.plus(e)?),
            _ => None,
        };
        gross = gross.plus(a.gross)?;
    }
    Ok(Oriented { open_breakers: kernel.open_breakers, changed, equity, gross })
}

/// Strategies are asked, exits are taken, candidates are judged by every gate. Only the scratch changes.
fn decide(
    kernel: &mut Kernel,
    event: &Event,
    news: News,
    sink: &mut impl TraceSink,
    decided: &mut Decided,
) -> Result<(), Fault> {
    let open_breakers = kernel.open_breakers;
    match &event.body {
        // A close that was only partly filled is tried again at every timer, until nothing is left.
        EventBody::Timer(_) if kernel.state.killed || kernel.state.flattening => {
            exits::flatten(kernel, event.time)?;
        }
        EventBody::Timer(_) if news.slice => {
            exits::close(kernel, event.time)?;
            candidates::collect(kernel, event.time, sink, decided)?;
            candidates::judge(kernel, event.time, open_breakers, sink, decided, &mut |_, _, _| {})?;
        }
        EventBody::Operator(o) if matches!(o.action, OperatorAction::Flatten | OperatorAction::Kill) => {
            exits::flatten(kernel, event.time)?;
        }
        EventBody::Timer(_) => exits::close(kernel, event.time)?,
        EventBody::Operator(o) if o.action == OperatorAction::Close => exits::close(kernel, event.time)?,
        EventBody::Operator(o) if o.action == OperatorAction::SessionEnd && kernel.state.flattening => {
            exits::flatten(kernel, event.time)?;
        }
        EventBody::Operator(o) if o.action == OperatorAction::PauseEntries => {
            exits::cancel_entries(kernel, |_| true, event.time);
        }
        // The operator's own orders are not automatic.
        EventBody::Operator(o)
            if kernel.state.auto_off
                && matches!(o.action, OperatorAction::AutoOff | OperatorAction::SessionEnd) =>
        {
            let own = kernel.cfg.own_book;
            exits::cancel_entries(kernel, |i| Some(i.book) != own, event.time);
        }
        EventBody::Operator(o) if matches!(o.action, OperatorAction::Execute | OperatorAction::Reduce) => {
            own::decide(kernel, (event.time, o), news.rulings > 0, sink, decided)?;
        }
        EventBody::Venue(VenueEvent::Fill(f)) if news.fills > 0 => exits::after_fill(kernel, f, event.time)?,
        _ => {}
    }
    Ok(())
}

/// Orders and cancellations become facts; the rim carries out what these say and nothing else.
#[inline]
fn act(kernel: &mut Kernel, event: &Event, out: &mut Vec<Fact>) -> Result<Acted, Fault> {
    let Scratch { orders, cancels, executed, .. } = &mut kernel.scratch;
    let acted = Acted { orders: orders.len() as u32, cancels: cancels.len() as u32 };
    debug_assert!(orders.iter().all(|o| o.intent.decided_at == event.time));
    if let Some(executed) = executed.take() {
        let fact = Fact::Execution(Box::new(executed));
        apply(&mut kernel.state, &kernel.cfg, &fact)?;
        out.push(fact);
    }
    for cancel in cancels.drain(..) {
        out.push(Fact::Cancel(cancel));
    }
    for order in orders.drain(..) {
        let fact = Fact::Order(order);
        apply(&mut kernel.state, &kernel.cfg, &fact)?;
        out.push(fact);
    }
    Ok(acted)
}

/// The cycle closes: what was decided is chained into the decision digest.
#[inline]
fn learn(
    kernel: &mut Kernel,
    event: &Event,
    news: News,
    (decided, acted): (&Decided, &Acted),
    out: &mut Vec<Fact>,
) -> Result<u32, Fault> {
    if decided.candidates > 0 || acted.orders > 0 || acted.cancels > 0 {
        let mut h = Hasher::new();
        h.update(&kernel.state.digest.0);
        h.update(&kernel.scratch.decided);
        kernel.scratch.decided.clear();
        let fact = Fact::Cycle(CycleClose {
            time: event.time,
            candidates: decided.candidates,
            admitted: decided.admitted,
            orders: acted.orders,
            digest: h.finish(),
        });
        apply(&mut kernel.state, &kernel.cfg, &fact)?;
        out.push(fact);
    }
    Ok(news.fills as u32)
}
