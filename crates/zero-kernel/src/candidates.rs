//! Wishes into candidates, candidates into orders: strategies are asked, exits that reduce are taken at once, and every
//! wish that may enlarge risk is sized, shrunk and judged by every gate, best score first.

use crate::admission::{self, Situation};
use crate::config::KernelConfig;
use crate::digest::{self, Leg};
use crate::evaluate::{Ask, Silence};
use crate::exits::{close_order, queue};
use crate::exposure::{Exposure, MarginTerms};
use crate::kernel::Kernel;
use crate::ooda::Decided;
use crate::portfolio::{RiskTerms, over_equity};
use crate::record::{Abstained, CandidateTrace, DecisionKind, LensTrace, OrderFact, TraceSink};
use crate::risk::RiskDirection;
use crate::sizing;
use crate::stack::Stack;
use crate::state::{Fault, State};
use zero_core::{AccountId, BookId, CoinId, MissingReason, OrderId, Px, Rate, Sz, Ts, Usd};
use zero_market::cross::CrossMarket;
use zero_market::order::MarketTerms;
use zero_market::{CostTable, OrderIntent, OrderKind, Purpose, Side, Universe};
use zero_strategy::layers::cost_share;
use zero_strategy::lens::{Opinion, Provenance};
use zero_strategy::modifiers::Z80;
use zero_strategy::precedence::{self, ExitClass};
use zero_strategy::{
    Abstention, CandidateCtx, CoinView, Costs, Entry, ExitWhy, FeatureBank, Forecast, LensOut, Opinions,
    PortfolioRisk, Proposal, Sizing,
};

/// A wish that may enlarge risk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish {
    pub(crate) book: BookId,
    pub(crate) coin: CoinId,
    pub(crate) entry: Entry,
    /// `Some` for an exit that would enlarge the account's exposure.
    pub(crate) exit_of: Option<Leaving>,
    /// `Some` for an order of the operator's own: its size is what they said, and no modifier shrinks it.
    pub(crate) own: Option<Own>,
}

/// What an order of the operator's own brings with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Own {
    pub(crate) id: OrderId,
    pub(crate) worst_px: Option<Px>,
}

/// A position to close, and the exit that won.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leaving {
    pub(crate) szi: Sz,
    pub(crate) class: ExitClass,
}

/// What a candidate is judged against: the kernel's own parts, or the witness's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Desk<'a> {
    pub cfg: &'a KernelConfig,
    pub stack: &'a Stack,
    pub universe: &'a Universe,
    pub state: &'a State,
    pub banks: &'a [FeatureBank],
    pub exposures: &'a [(AccountId, Exposure)],
    pub costs: &'a CostTable,
    pub cross: Option<&'a CrossMarket>,
    pub crash: &'a [Rate],
    /// The start-up proof: every lens says the most that the model in force lets it say for the candidate.
    pub favourable: bool,
}

impl Kernel {
    pub(crate) fn desk(&self) -> Desk<'_> {
        let Self { cfg, stack, universe, state, banks, scratch, costs, cross, crash, .. } = self;
        Desk {
            cfg,
            stack,
            universe,
            state,
            banks,
            exposures: &scratch.exposures,
            costs,
            cross: cross.as_ref(),
            crash,
            favourable: false,
        }
    }
}

impl<'a> Desk<'a> {
    /// What an order of this value is assumed to cost: measured where a measurement is in force, else as configured.
    fn costs_of(&self, coin: CoinId, now: Ts, value: Usd) -> Costs {
        let half_spread = self.costs.rate(coin, now, value).unwrap_or(self.cfg.costs.half_spread);
        Costs { half_spread, ..self.cfg.costs }
    }

    pub(crate) fn view(&self, coin: CoinId, now: Ts) -> Option<CoinView<'a>> {
        let s = self.state.coins.get(coin.index())?;
        Some(CoinView {
            coin,
            now,
            close: s.close_obs(),
            funding: s.funding_obs(),
            interval: s.interval,
            bank: self.banks.get(coin.index())?,
            cross: self.cross,
        })
    }

    /// What the model in force says of a candidate; `None` where none is, or nothing can be said.
    fn forecast(&self, trace: &CandidateTrace, ctx: &CandidateCtx<'_>) -> Option<Forecast> {
        let opinions = self.stack.opinions.as_ref()?;
        let said = if self.favourable {
            opinions.most_favourable()
        } else {
            trace.lenses.iter().map(|l| l.opinion.map(|o| o.mean)).collect()
        };
        opinions.forecast(&said, cost_share(ctx))
    }

    /// What portfolio risk is measured with; `None` where the stack does not ask for it, or the cross-section is not of now.
    pub(crate) fn risk_terms(&self, now: Ts) -> Option<RiskTerms<'a>> {
        let cross = self.cross.filter(|c| c.is_fresh(now))?;
        Some(RiskTerms { cross, limits: &self.cfg.limits, crash: self.crash })
    }
}

/// Is a book's strategy asked about a coin in a slice at `now`, and what does it say?
#[inline]
pub(crate) fn ask(kernel: &Kernel, book: BookId, coin: CoinId, now: Ts) -> Result<Ask, Fault> {
    let ledger = kernel.state.ledger.books.get(book.index()).ok_or(Fault::Unknown("book"))?;
    let szi = ledger.position(coin).szi;
    if kernel.state.closing.contains(&coin) {
        return Ok(Ask::Silent(Silence::Closing));
    }
    let fresh = kernel.state.coins.get(coin.index()).is_some_and(|s| s.close_time == now);
    let entering = kernel.state.orders.is_entering(book, coin);
    let asks = if szi.raw() == 0 { fresh && !entering } else { true };
    if !asks {
        return Ok(Ask::Silent(if fresh { Silence::Entering } else { Silence::NoClose }));
    }
    if kernel.state.orders.is_leaving(book, coin) {
        return Ok(Ask::Silent(Silence::Leaving));
    }
    let holding = kernel.holding(book, coin);
    let overdue =
        holding.is_some() && kernel.state.thesis(book, coin).plan.is_some_and(|plan| now >= plan.deadline);
    let strategy = kernel.stack.strategies.get(book.index());
    let proposal = match (kernel.desk().view(coin, now), strategy) {
        (Some(view), Some(strategy)) => strategy.propose(&view, holding.as_ref()),
        _ if overdue => Proposal::Nothing,
        _ => return Ok(Ask::Silent(Silence::NoClose)),
    };
    let proposal = if overdue { at_horizon(proposal) } else { proposal };
    Ok(Ask::Says { proposal, szi, entering, overdue })
}

/// What happens to a holding whose horizon is over: it is left, for whichever exit is first in the precedence.
fn at_horizon(says: Proposal) -> Proposal {
    let claim = match says {
        Proposal::Exit(why) => Some(why.class()),
        // A wish for the other side is a signal, and the horizon comes before it.
        _ => None,
    };
    match precedence::winner(claim.into_iter().chain([ExitClass::Time])) {
        Some(ExitClass::Time) | None => Proposal::Exit(ExitWhy::Time),
        Some(_) => says,
    }
}

/// Asks every strategy about every coin whose bar closed now, in the order of books and coins.
pub(crate) fn collect(
    kernel: &mut Kernel,
    now: Ts,
    sink: &mut impl TraceSink,
    decided: &mut Decided,
) -> Result<(), Fault> {
    kernel.scratch.wishes.clear();
    for b in 0..kernel.cfg.books.len() {
        let book = BookId(b as u16);
        // Nobody but the operator decides for their own book.
        if kernel.cfg.own_book == Some(book) {
            continue;
        }
        for c in 0..kernel.state.coins.len() {
            let coin = CoinId(c as u16);
            let Ask::Says { proposal, szi, entering, overdue } = ask(kernel, book, coin, now)? else {
                continue;
            };
            decided.asked += u32::from(!overdue);
            match proposal {
                Proposal::Nothing => {}
                Proposal::Abstain => decided.abstained += 1,
                Proposal::Withheld(Abstention { why, code }) => {
                    decided.abstained += 1;
                    sink.abstained(&Abstained { time: now, book, coin, why, code });
                }
                Proposal::Exit(why) => {
                    leave(kernel, (book, coin), (szi, why.class()), now, decided)?;
                }
                Proposal::Enter(entry) => {
                    if szi.raw() != 0 {
                        if szi.signum() == entry.side.sign() {
                            continue;
                        }
                        // The other side is entered only behind an exit that is certain to be sent, else the entry
                        // itself would be what closes the position.
                        let reversal = (szi, ExitClass::Signal);
                        if !leave(kernel, (book, coin), reversal, now, decided)? || entering {
                            continue;
                        }
                    }
                    kernel.scratch.wishes.push(Wish { book, coin, entry, exit_of: None, own: None });
                }
            }
        }
    }
    // Exits that need permission first, then the best score; ties by book and coin. Total, so that any order of
    // proposals gives the same batch.
    kernel.scratch.wishes.sort_by(|a, b| {
        b.exit_of
            .is_some()
            .cmp(&a.exit_of.is_some())
            .then(rank(b).total_cmp(&rank(a)))
            .then(a.book.cmp(&b.book))
            .then(a.coin.cmp(&b.coin))
    });
    Ok(())
}

/// A score that is no number ranks last.
fn rank(w: &Wish) -> f64 {
    if w.entry.score.is_nan() { f64::NEG_INFINITY } else { w.entry.score }
}

/// Takes an exit: at once when it only reduces the account's position, through the gates when it would not. True when
/// it is taken.
fn leave(
    kernel: &mut Kernel,
    at: (BookId, CoinId),
    (szi, class): (Sz, ExitClass),
    now: Ts,
    decided: &mut Decided,
) -> Result<bool, Fault> {
    let (book, coin) = at;
    let Some(side) = Side::reducing(szi) else { return Ok(false) };
    let account = kernel.cfg.books.get(book.index()).ok_or(Fault::Unknown("book"))?.account;
    let net = net_after_exits(kernel, (account, book), coin, side)?;
    if RiskDirection::of_order(net, side, szi.abs(), true) == RiskDirection::Reduces {
        decided.exits += 1;
        if let Some(order) = close_order(kernel, at, szi, class, now) {
            queue(kernel, order);
        }
        return Ok(true);
    }
    let entry = Entry {
        side,
        stop: None,
        target: None,
        horizon: zero_core::TsDiff::ZERO,
        score: 0.0,
        sizing: Sizing::Fixed(szi.abs()),
    };
    kernel.scratch.wishes.push(Wish { book, coin, entry, exit_of: Some(Leaving { szi, class }), own: None });
    Ok(false)
}

/// The account's net position once every exit of its other books on this side that is sent or about to be has filled:
/// two books that leave in one batch may not together take the account past zero.
fn net_after_exits(
    kernel: &Kernel,
    (account, book): (AccountId, BookId),
    coin: CoinId,
    side: Side,
) -> Result<Sz, Fault> {
    let is_exit = |i: &OrderIntent| {
        i.account == account
            && i.book != book
            && i.coin == coin
            && i.side == side
            && matches!(i.purpose, Purpose::Exit | Purpose::Emergency)
    };
    let mut net = kernel.state.ledger.account_net(account, coin);
    for o in kernel.state.orders.open().iter().filter(|o| is_exit(&o.intent)) {
        net = net.plus(side.signed(o.open_sz()))?;
    }
    for o in kernel.scratch.orders.iter().filter(|o| is_exit(&o.intent)) {
        net = net.plus(side.signed(o.intent.sz))?;
    }
    Ok(net)
}

/// Judges every wish; an admitted one reserves its capacity before the next is judged. `seen` is shown each before it is.
pub(crate) fn judge(
    kernel: &mut Kernel,
    now: Ts,
    open_breakers: u32,
    sink: &mut impl TraceSink,
    decided: &mut Decided,
    seen: &mut impl FnMut(&Desk<'_>, &Wish, u32),
) -> Result<(), Fault> {
    if kernel.scratch.wishes.is_empty() {
        return Ok(());
    }
    rebuild_exposures(kernel, now);
    let mut trace = kernel.scratch.trace.take().unwrap_or_else(CandidateTrace::blank);
    let wishes = core::mem::take(&mut kernel.scratch.wishes);
    let mut batch = 0u32;
    for wish in &wishes {
        seen(&kernel.desk(), wish, batch);
        let order = judge_one(&kernel.desk(), wish, (now, open_breakers, batch), &mut trace)?;
        decided.candidates += 1;
        sink.candidate(&trace);
        digest::absorb_candidate(&mut kernel.scratch.decided, &trace);
        if let Some(order) = order {
            decided.admitted += 1;
            batch += 1;
            let mark = kernel.state.mark(wish.coin);
            let Kernel { cfg, universe, state, scratch, cross, crash, .. } = &mut *kernel;
            if wish.exit_of.is_none()
                && let Some(e) = exposure_mut(&mut scratch.exposures, order.intent.account)
            {
                let terms = MarginTerms { universe, leverage: cfg.leverage };
                let (side, sz) = (order.intent.side, order.intent.sz);
                e.reserve((wish.coin, side, sz), mark, terms)?;
                let equity = state.account(order.intent.account).and_then(|a| a.equity);
                if let Some(cross) = cross.as_ref().filter(|c| c.is_fresh(now)) {
                    let terms = RiskTerms { cross, limits: &cfg.limits, crash };
                    let leg = leg_over(mark, sz, equity.unwrap_or(Usd::ZERO))?;
                    e.risk.add(wish.coin, side, leg, &terms);
                }
            }
            queue(kernel, order);
        }
    }
    kernel.scratch.wishes = wishes;
    kernel.scratch.wishes.clear();
    kernel.scratch.trace = Some(trace);
    Ok(())
}

/// An order over equity at the mark that the account's other legs are measured at; NaN without a mark.
fn leg_over(mark: Option<Px>, sz: Sz, equity: Usd) -> Result<f64, Fault> {
    Ok(match mark {
        Some(px) => over_equity(i128::from(px.notional(sz)?.raw()), equity),
        None => f64::NAN,
    })
}

fn rebuild_exposures(kernel: &mut Kernel, now: Ts) {
    let Kernel { cfg, universe, state, scratch, cross, crash, .. } = kernel;
    if scratch.exposures.len() != state.accounts.len() {
        scratch.exposures = state.accounts.iter().map(|a| (a.account, Exposure::default())).collect();
    }
    for (account, exposure) in &mut scratch.exposures {
        rebuild_exposure((exposure, *account), (cfg, universe, state), (cross.as_ref(), crash), now);
    }
}

/// An account's exposure at `now`, with its risk where the cross-section is of now.
pub(crate) fn rebuild_exposure(
    (exposure, account): (&mut Exposure, AccountId),
    (cfg, universe, state): (&KernelConfig, &Universe, &State),
    (cross, crash): (Option<&CrossMarket>, &[Rate]),
    now: Ts,
) {
    exposure.rebuild(state, account, MarginTerms { universe, leverage: cfg.leverage });
    if let Some(cross) = cross.filter(|c| c.is_fresh(now)) {
        let equity = state.account(account).and_then(|a| a.equity).unwrap_or(Usd::ZERO);
        exposure.rebuild_risk(state, equity, &RiskTerms { cross, limits: &cfg.limits, crash });
    }
}

fn exposure_mut(exposures: &mut [(AccountId, Exposure)], account: AccountId) -> Option<&mut Exposure> {
    exposures.iter_mut().find(|(a, _)| *a == account).map(|(_, e)| e)
}

/// One candidate through lenses, sizing, modifiers and gates. Fills the trace; an order only when all gates are True.
pub(crate) fn judge_one(
    desk: &Desk<'_>,
    wish: &Wish,
    (now, open_breakers, batch): (Ts, u32, u32),
    trace: &mut CandidateTrace,
) -> Result<Option<OrderFact>, Fault> {
    let Desk { cfg, stack, state, universe, exposures, .. } = *desk;
    let Wish { book, coin, ref entry, exit_of, own } = *wish;
    let spec = cfg.books.get(book.index()).ok_or(Fault::Unknown("book"))?;
    let ins = universe.get(coin).ok_or(Fault::Unknown("coin"))?;
    let view = desk.view(coin, now).ok_or(Fault::Unknown("coin"))?;
    let strategy = stack.digests.get(book.index()).copied().ok_or(Fault::Unknown("book"))?;
    let leg = if exit_of.is_some() { Leg::Exit } else { Leg::Entry };
    let id: OrderId = own.map_or_else(|| digest::order_id(book, strategy, coin, now, leg), |o| o.id);
    let px = view.close.value().unwrap_or(Px::ZERO);
    let sigma = stack.sigma.and_then(|slot| view.feature(slot).live());

    trace.decision = id;
    trace.time = now;
    trace.book = book;
    trace.coin = coin;
    trace.kind = if exit_of.is_some() { DecisionKind::GatedExit } else { DecisionKind::Entry };
    trace.exit = exit_of.map(|x| x.class);
    trace.side = entry.side;
    trace.px = px;
    trace.score = entry.score;
    trace.sigma = sigma;
    trace.stop = entry.stop;
    trace.target = entry.target;
    trace.horizon = entry.horizon;
    trace.open_breakers = open_breakers;
    trace.gates.clear();
    trace.factors.clear();
    trace.lenses.clear();
    let mut evidence = None;
    for (i, lens) in stack.lenses.iter().enumerate() {
        trace.lenses.push(match lens.evaluate(&view, entry.side) {
            LensOut::Opinion(o) => {
                evidence = more_cautious(evidence, o);
                LensTrace { lens: i as u8, opinion: Some(o), abstained: u8::MAX }
            }
            LensOut::Abstain(why) => LensTrace { lens: i as u8, opinion: None, abstained: reason_code(why) },
            LensOut::Withheld(a) => LensTrace { lens: i as u8, opinion: None, abstained: a.lens_byte() },
        });
    }

    let measures = state.account(spec.account).ok_or(Fault::Unknown("account"))?;
    // Unknown equity is no equity: nothing can be sized against it.
    let equity = measures.equity.unwrap_or(Usd::ZERO);
    let at = (equity, measures.peak);
    let exposure = exposures
        .iter()
        .find(|(a, _)| *a == spec.account)
        .map(|(_, e)| e)
        .ok_or(Fault::Unknown("account"))?;
    let mark = state.mark(coin);
    let terms = MarginTerms { universe, leverage: cfg.leverage };
    let before = exposure.now(at, coin)?;

    let risk_terms = desk.risk_terms(now);
    let risk_before = match &risk_terms {
        Some(t) => exposure.risk.before(coin, entry.side, t),
        None => PortfolioRisk::UNKNOWN,
    };
    let base = match exit_of {
        Some(leaving) => leaving.szi.abs(),
        // The size is not known yet: it is found with the costs of the largest class.
        None => sizing::base(cfg, &desk.costs_of(coin, now, Usd::MAX), ins, (entry, equity, px)),
    };
    let notional = px.notional(base)?;
    let costs = desk.costs_of(coin, now, notional);
    let mut ctx = CandidateCtx {
        view: &view,
        entry,
        px,
        sz: base,
        notional,
        sigma,
        before: &before,
        after: &before,
        limits: &cfg.limits,
        costs: &costs,
        risk: &risk_before,
        evidence,
        forecast: None,
        is_exit: exit_of.is_some(),
    };
    let forecast = if exit_of.is_none() { desk.forecast(trace, &ctx) } else { None };
    if stack.opinions.as_ref().is_some_and(Opinions::decides) && exit_of.is_none() {
        let bars = entry.horizon.as_ns() as f64 / view.interval.as_ns() as f64;
        let over = sigma.map(|s| s * libm::sqrt(bars));
        // A model that can say nothing of this candidate vouches for no size of it.
        let said = forecast.as_ref().map_or(NOTHING_KNOWN, |f| f.opinion(entry.stop, over));
        ctx.evidence = more_cautious(evidence, said);
        ctx.forecast = forecast.as_ref();
    }
    trace.forecast.clone_from(&forecast);
    let mut factor = 1.0;
    if exit_of.is_none() && own.is_none() {
        for modifier in &stack.modifiers {
            let m = modifier.shrink(&ctx).factor();
            trace.factors.push(m);
            factor *= m;
        }
    }
    let sz = sizing::shrunk(ins, base, factor);
    let order = (coin, entry.side, sz);
    let after = match exit_of {
        Some(_) => exposure.after_exit(at, order, mark, terms)?,
        None => exposure.after_entry(at, order, mark, terms)?,
    };
    ctx.sz = sz;
    ctx.notional = px.notional(sz)?;
    ctx.after = &after.portfolio;
    let risk_after = match &risk_terms {
        Some(t) => exposure.risk.after(&risk_before, (coin, entry.side, leg_over(mark, sz, equity)?), t),
        None => PortfolioRisk::UNKNOWN,
    };
    ctx.risk = &risk_after;
    trace.base_sz = base;
    trace.final_sz = sz;
    let sit = Situation {
        state,
        cfg,
        margin: after.margin,
        book,
        open_breakers,
        batch,
        is_exit: exit_of.is_some(),
    };
    trace.admitted = admission::judge(stack, &ctx, &sit, trace);
    if !trace.admitted {
        return Ok(None);
    }
    let (purpose, plan) = match exit_of {
        Some(_) => (Purpose::Exit, None),
        // A person's position has no stop, no target and no horizon of ours.
        None if own.is_some() => (Purpose::Entry, None),
        None => (Purpose::Entry, Some(trace.plan())),
    };
    let intent = OrderIntent {
        id,
        account: spec.account,
        book,
        coin,
        side: entry.side,
        sz,
        kind: OrderKind::Market(MarketTerms { worst_px: own.and_then(|o| o.worst_px) }),
        reduce_only: exit_of.is_some(),
        purpose,
        decided_at: now,
        reference_px: px,
    };
    Ok(Some(OrderFact { intent, plan, strategy, decision: id, exit: exit_of.map(|x| x.class) }))
}

/// Measured, and without any certainty.
const NOTHING_KNOWN: Opinion = Opinion { mean: 0.0, stderr: f64::INFINITY, provenance: Provenance::Measured };

/// Of measured opinions the one with the smaller lower bound; assumed ones never count.
fn more_cautious(so_far: Option<Opinion>, o: Opinion) -> Option<Opinion> {
    let bound = |o: &Opinion| o.mean - Z80 * o.stderr;
    if o.provenance == Provenance::Measured && so_far.as_ref().is_none_or(|s| bound(&o) < bound(s)) {
        return Some(o);
    }
    so_far
}

const fn reason_code(why: MissingReason) -> u8 {
    match why {
        MissingReason::NeverSeen => 0,
        MissingReason::WarmUp => 1,
        MissingReason::Gap => 2,
        MissingReason::Undefined => 3,
    }
}
