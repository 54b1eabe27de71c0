//! What would have to change for a rejected candidate to be admitted, and by how much.
//!
//! No gate's rule is written here a second time. A lever is a quantity on its own grid; the smallest change of it that a
//! gate needs is found by judging the candidate again, with the code that judges in a run, until one step more and one step
//! less are on different sides of the gate.

use crate::evaluate::{Instead, Question};
use crate::kernel::Kernel;
use crate::measure;
use crate::record::CandidateTrace;
use crate::state::{Fault, State};
use alloc::vec::Vec;
use zero_core::{Rate, Sz, Truth, Ts, TsDiff, Usd, canon_tag};
use zero_market::event::Transfer;
use zero_strategy::Sizing;

canon_tag! {
    /// A quantity that can be changed, each on its own grid.
    pub enum Lever {
        /// The size that the strategy asks for, coins, on the coin's lots: larger or smaller.
        0 "size" Size,
        /// Cash put into the book, USD.
        1 "deposit" Deposit,
        /// Distance of the protective stop, as a fraction of the price: wider.
        2 "stop_distance" Stop,
        /// Event time of the coin's last close: later.
        3 "last_close_time" CloseTime,
        /// Event time of the decision, while the market stays as it is: later.
        4 "wait" Wait,
        /// `limits.max_gross_leverage`: higher.
        5 "limits.max_gross_leverage" GrossLeverage,
        /// `limits.max_position_share`: higher.
        6 "limits.max_position_share" PositionShare,
        /// `limits.max_open_positions`: higher.
        7 "limits.max_open_positions" OpenPositions,
        /// `limits.max_cost_share`: higher.
        8 "limits.max_cost_share" CostShare,
        /// `limits.stale_after`: longer.
        9 "limits.stale_after" StaleAfter,
        /// `limits.risk_per_trade`: higher.
        10 "limits.risk_per_trade" RiskPerTrade,
        /// `limits.vol_target_annual`: higher.
        11 "limits.vol_target_annual" VolTarget,
        /// `limits.orders_per_hour`: higher.
        12 "limits.orders_per_hour" OrdersPerHour,
        /// `limits.max_portfolio_vol`: higher.
        13 "limits.max_portfolio_vol" PortfolioVol,
        /// `limits.max_beta_exposure`: higher.
        14 "limits.max_beta_exposure" BetaExposure,
        /// `limits.max_factor_exposure`: higher.
        15 "limits.max_factor_exposure" FactorExposure,
        /// `limits.max_risk_share`: higher.
        16 "limits.max_risk_share" RiskShare,
        /// `limits.max_shortfall`: higher.
        17 "limits.max_shortfall" Shortfall,
        /// `limits.max_correlated_vol`: higher.
        18 "limits.max_correlated_vol" CorrelatedVol,
        /// `limits.max_crash_loss`: higher.
        19 "limits.max_crash_loss" CrashLoss,
    }
}

/// In which of them a remedy is looked for first: the candidate's own quantities, then time, then the account, then limits.
const ORDER: [Lever; 20] = [
    Lever::Size,
    Lever::CloseTime,
    Lever::Stop,
    Lever::Wait,
    Lever::Deposit,
    Lever::CostShare,
    Lever::OpenPositions,
    Lever::GrossLeverage,
    Lever::PositionShare,
    Lever::RiskPerTrade,
    Lever::VolTarget,
    Lever::PortfolioVol,
    Lever::BetaExposure,
    Lever::FactorExposure,
    Lever::RiskShare,
    Lever::Shortfall,
    Lever::CorrelatedVol,
    Lever::CrashLoss,
    Lever::StaleAfter,
    Lever::OrdersPerHour,
];

/// Where the limits begin in it.
const FIRST_LIMIT: usize = 5;

impl Lever {
    /// Largest value that is tried: far beyond any sensible one, far below an overflow.
    const fn most(self) -> i64 {
        match self {
            Self::Size => i64::MAX / 16,
            Self::Deposit => Usd::whole(1_000_000_000).raw(),
            // A stop farther than this is below any price.
            Self::Stop => Rate::bps(9_000).raw(),
            Self::CloseTime | Self::Wait => i64::MAX / 2,
            Self::OpenPositions | Self::OrdersPerHour => 1_000_000,
            Self::StaleAfter => TsDiff::DAY.as_ns() * 3_650,
            _ => Rate::whole(1_000).raw(),
        }
    }

    /// Does the change enlarge what may be lost, or lift a limit?
    #[must_use]
    pub const fn raises_risk(self) -> bool {
        !matches!(self, Self::Stop | Self::CloseTime | Self::Wait)
    }

    /// The unit that `raw` values count.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Size => "coins, before modifiers",
            Self::Deposit => "USD",
            Self::CloseTime | Self::Wait => "event time",
            Self::OpenPositions => "coins held or entered",
            Self::OrdersPerHour => "orders",
            Self::StaleAfter => "seconds",
            _ => "fraction",
        }
    }
}

/// A lever set to a value, in raw units of its grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// What.
    pub lever: Lever,
    /// Before.
    pub from: i64,
    /// After.
    pub to: i64,
    /// The grid: one step less than `to` is not enough.
    pub step: i64,
}

/// One way past one gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// Index of the gate.
    pub gate: u8,
    /// The smallest change that lets it pass.
    pub change: Change,
    /// Does this change alone admit the candidate? Judged.
    pub admits: bool,
}

/// Every way past every failing gate, and a set of changes that together admit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remedies {
    /// By gate.
    pub ways: Vec<Way>,
    /// Changes that together lead to admission, none of which can be one step smaller; empty where none was found.
    pub together: Vec<Change>,
}

impl Kernel {
    /// The question's judgement after changes.
    ///
    /// # Errors
    /// [`Fault`] as in a slice.
    pub fn judge_changed(&self, q: &Question, changes: &[Change]) -> Result<CandidateTrace, Fault> {
        let mut instead = Instead::of(self, q);
        for c in changes {
            self.set(&mut instead, c)?;
        }
        instead.judge(self)
    }

    /// What would have to change for this question, which `trace` shows rejected.
    ///
    /// # Errors
    /// [`Fault`] as in a slice.
    pub fn remedies(&self, q: &Question, trace: &CandidateTrace) -> Result<Remedies, Fault> {
        let mut out = Remedies::default();
        for gate in trace.failing().map(|g| g.gate) {
            for lever in ORDER {
                let passes = |t: &CandidateTrace| passes(t, gate);
                if let Some(change) = self.least(q, &[], lever, &passes)? {
                    let admits = self.judge_changed(q, &[change])?.admitted;
                    out.ways.push(Way { gate, change, admits });
                }
            }
        }
        out.together = self.together(q, trace, &out.ways)?;
        Ok(out)
    }

    /// A single change where one admits; else one change after another, each of which leaves fewer gates failing, then each
    /// made as small as the others allow.
    fn together(&self, q: &Question, trace: &CandidateTrace, ways: &[Way]) -> Result<Vec<Change>, Fault> {
        if let Some(way) = ways.iter().find(|w| w.admits) {
            // One step less leaves its gate failing, so nothing smaller admits.
            return Ok(alloc::vec![way.change]);
        }
        // A change of the size moves every gate that weighs the order, and a set found with one may not be the smallest:
        // limits alone move each its own gate.
        for levers in [&ORDER[..], &ORDER[FIRST_LIMIT..]] {
            let found = self.greedy(q, trace, levers)?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
        Ok(Vec::new())
    }

    /// One change after another, then each made as small as the others allow; nothing where that does not end exactly.
    fn greedy(&self, q: &Question, trace: &CandidateTrace, levers: &[Lever]) -> Result<Vec<Change>, Fault> {
        let mut changes: Vec<Change> = Vec::new();
        let mut now = trace.clone();
        while !now.admitted {
            let Some(better) = self.next_change(q, &changes, &now, levers)? else { return Ok(Vec::new()) };
            changes.retain(|c| c.lever != better.lever);
            changes.push(better);
            now = self.judge_changed(q, &changes)?;
        }
        let mut i = 0;
        while let Some(mine) = changes.get(i).copied() {
            let others: Vec<Change> = changes.iter().filter(|c| c.lever != mine.lever).copied().collect();
            if self.judge_changed(q, &others)?.admitted {
                changes = others;
                continue;
            }
            let least = self.shrunk(q, &others, mine)?;
            if let Some(slot) = changes.get_mut(i) {
                *slot = least;
            }
            i += 1;
        }
        Ok(if self.is_exact(q, &changes)? { changes } else { Vec::new() })
    }

    /// The first lever that leaves fewer gates failing when it is set as little as one of them needs.
    fn next_change(
        &self,
        q: &Question,
        changes: &[Change],
        now: &CandidateTrace,
        levers: &[Lever],
    ) -> Result<Option<Change>, Fault> {
        let worst = badness(now);
        for lever in levers.iter().copied() {
            let others: Vec<Change> = changes.iter().filter(|c| c.lever != lever).copied().collect();
            for gate in now.failing().map(|g| g.gate) {
                let Some(c) = self.least(q, &others, lever, &|t| passes(t, gate))? else { continue };
                let mut with = others.clone();
                with.push(c);
                if badness(&self.judge_changed(q, &with)?) < worst {
                    return Ok(Some(c));
                }
            }
        }
        Ok(None)
    }

    /// A change that admits together with others, made as small as it can be.
    fn shrunk(&self, q: &Question, others: &[Change], c: Change) -> Result<Change, Fault> {
        let steps = (c.to - c.from) / c.step;
        let (mut bad, mut good) = (0, steps);
        while good - bad > 1 {
            let mid = bad + (good - bad) / 2;
            let mut with = others.to_vec();
            with.push(Change { to: c.from + c.step * mid, ..c });
            if self.judge_changed(q, &with)?.admitted { good = mid } else { bad = mid }
        }
        Ok(Change { to: c.from + c.step * good, ..c })
    }

    /// Do the changes admit, and does none of them admit one step smaller?
    fn is_exact(&self, q: &Question, changes: &[Change]) -> Result<bool, Fault> {
        if !self.judge_changed(q, changes)?.admitted {
            return Ok(false);
        }
        for i in 0..changes.len() {
            let mut less = changes.to_vec();
            if let Some(c) = less.get_mut(i) {
                *c = c.smaller();
            }
            if self.judge_changed(q, &less)?.admitted {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The smallest change of one lever after which `good` holds, others given: found in growing steps and then by halving,
    /// so that one step less is not good. `None` where the lever does not reach it.
    fn least(
        &self,
        q: &Question,
        others: &[Change],
        lever: Lever,
        good: &dyn Fn(&CandidateTrace) -> bool,
    ) -> Result<Option<Change>, Fault> {
        let Some((from, step)) = self.present(q, lever)? else { return Ok(None) };
        let mut base = Instead::of(self, q);
        for c in others {
            self.set(&mut base, c)?;
        }
        let had_size = base.judge(self)?.final_sz.raw() > 0;
        let holds = |to: i64| {
            let mut instead = base.clone();
            let judged =
                self.set(&mut instead, &Change { lever, from, to, step }).and_then(|()| instead.judge(self));
            // What leaves the range of money is no remedy, and neither is what takes the size away: nothing is then judged.
            judged.is_ok_and(|t| good(&t) && (!had_size || t.final_sz.raw() > 0))
        };
        for sign in lever_signs(lever) {
            if let Some(to) = search(from, step * sign, lever.most(), &holds) {
                return Ok(Some(Change { lever, from, to, step: step * sign }));
            }
        }
        Ok(None)
    }

    /// The present value of a lever and its grid; `None` where the candidate does not have it.
    fn present(&self, q: &Question, lever: Lever) -> Result<Option<(i64, i64)>, Fault> {
        let l = &self.cfg.limits;
        let one = |raw: i64| Ok(Some((raw, 1)));
        match lever {
            // An exit's size is the position's.
            Lever::Size | Lever::Deposit | Lever::Stop if q.is_exit() => Ok(None),
            Lever::Size => {
                let lot = self.universe.get(q.coin).ok_or(Fault::Unknown("coin"))?.lot().raw();
                let base = self.judge(q)?.base_sz.raw();
                Ok(Some((base, lot)))
            }
            Lever::Deposit => one(0),
            Lever::Stop => Ok(q.entry.stop.and_then(Rate::from_f64_nearest).map(|r| (r.raw(), 1))),
            Lever::CloseTime => Ok(self
                .state
                .coins
                .get(q.coin.index())
                .filter(|c| c.close.is_some() && c.close_time <= q.now)
                .map(|c| (c.close_time.as_ns(), 1))),
            Lever::Wait => one(q.now.as_ns()),
            Lever::GrossLeverage => one(l.max_gross_leverage.raw()),
            Lever::PositionShare => one(l.max_position_share.raw()),
            Lever::OpenPositions => one(i64::from(l.max_open_positions)),
            Lever::CostShare => one(l.max_cost_share.raw()),
            Lever::StaleAfter => one(l.stale_after.as_ns()),
            Lever::RiskPerTrade => one(l.risk_per_trade.raw()),
            Lever::VolTarget => one(l.vol_target_annual.raw()),
            Lever::OrdersPerHour => one(i64::from(l.orders_per_hour)),
            Lever::PortfolioVol => one(l.max_portfolio_vol.raw()),
            Lever::BetaExposure => one(l.max_beta_exposure.raw()),
            Lever::FactorExposure => one(l.max_factor_exposure.raw()),
            Lever::RiskShare => one(l.max_risk_share.raw()),
            Lever::Shortfall => one(l.max_shortfall.raw()),
            Lever::CorrelatedVol => one(l.max_correlated_vol.raw()),
            Lever::CrashLoss => one(l.max_crash_loss.raw()),
        }
    }

    fn set(&self, x: &mut Instead, c: &Change) -> Result<(), Fault> {
        let raw = c.to;
        let count = || u32::try_from(raw).unwrap_or(u32::MAX);
        let limits = &mut x.cfg.limits;
        let rate = Rate::from_raw(raw);
        match c.lever {
            Lever::Size => x.question.entry.sizing = Sizing::Fixed(Sz::from_raw(raw.max(0))),
            Lever::Stop => x.question.entry.stop = Some(Rate::from_raw(raw).to_f64()),
            Lever::Deposit => {
                let book = self.cfg.books.get(x.question.book.index()).ok_or(Fault::Unknown("book"))?;
                let t = Transfer { account: book.account, book: book.book, amount: Usd::from_raw(raw) };
                let equity = |s: &State| s.account(book.account).and_then(|a| a.equity).map(Usd::to_f64);
                let before = equity(&x.state);
                measure::transfer(&mut x.state, &t)?;
                if let (Some(before), Some(after)) = (before, equity(&x.state)) {
                    x.question.rescale(book.account, before / after);
                }
            }
            Lever::CloseTime => {
                let coin = x.state.coins.get_mut(x.question.coin.index()).ok_or(Fault::Unknown("coin"))?;
                coin.close_time = Ts::from_ns(raw.min(x.question.now.as_ns()));
            }
            Lever::Wait => x.wait_until(self, Ts::from_ns(raw))?,
            Lever::GrossLeverage => limits.max_gross_leverage = rate,
            Lever::PositionShare => limits.max_position_share = rate,
            Lever::OpenPositions => limits.max_open_positions = count(),
            Lever::CostShare => limits.max_cost_share = rate,
            Lever::StaleAfter => limits.stale_after = TsDiff::ns(raw),
            Lever::RiskPerTrade => limits.risk_per_trade = rate,
            Lever::VolTarget => limits.vol_target_annual = rate,
            Lever::OrdersPerHour => limits.orders_per_hour = count(),
            Lever::PortfolioVol => limits.max_portfolio_vol = rate,
            Lever::BetaExposure => limits.max_beta_exposure = rate,
            Lever::FactorExposure => limits.max_factor_exposure = rate,
            Lever::RiskShare => limits.max_risk_share = rate,
            Lever::Shortfall => limits.max_shortfall = rate,
            Lever::CorrelatedVol => limits.max_correlated_vol = rate,
            Lever::CrashLoss => limits.max_crash_loss = rate,
        }
        Ok(())
    }
}

impl Change {
    /// One step of its grid less.
    #[must_use]
    pub const fn smaller(self) -> Self {
        Self { to: self.to - self.step, ..self }
    }
}

/// Without a size most gates have nothing to judge, so a size comes first; then fewer failing gates are better.
fn badness(t: &CandidateTrace) -> (bool, usize) {
    (t.final_sz.raw() == 0, t.failing().count())
}

fn passes(t: &CandidateTrace, gate: u8) -> bool {
    t.gates.iter().any(|g| g.gate == gate && g.truth == Truth::True)
}

/// A size may have to shrink or to grow; everything else only grows.
const fn lever_signs(lever: Lever) -> &'static [i64] {
    match lever {
        Lever::Size => &[-1, 1],
        _ => &[1],
    }
}

/// The first multiple of `step` beyond `from` for which `holds`, and not for one step less.
fn search(from: i64, step: i64, most: i64, holds: &dyn Fn(i64) -> bool) -> Option<i64> {
    let (mut bad, mut jump) = (0i64, 1i64);
    let at = |n: i64| step.checked_mul(n).and_then(|d| from.checked_add(d));
    let inside = |v: i64| if step < 0 { v > 0 } else { v <= most };
    let mut good = loop {
        match at(jump).filter(|v| inside(*v)) {
            Some(v) if holds(v) => break jump,
            Some(_) => {
                bad = jump;
                jump = jump.checked_mul(2)?;
            }
            // The far end itself is the last that is tried.
            None => {
                let end = if step < 0 { (from - 1) / -step } else { most.checked_sub(from)? / step };
                if end <= bad || !holds(at(end)?) {
                    return None;
                }
                break end;
            }
        }
    };
    while good - bad > 1 {
        let mid = bad + (good - bad) / 2;
        if at(mid).is_some_and(holds) {
            good = mid;
        } else {
            bad = mid;
        }
    }
    at(good)
}
