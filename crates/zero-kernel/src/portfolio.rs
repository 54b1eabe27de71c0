//! An account's risk in its worst case, kept so that a batch's next candidate costs a row and not a matrix.
//!
//! As in [`crate::exposure`], any subset of exits and stops may fill and every entry may: of a coin the account may end up
//! holding anything between all short legs and all long ones. Every measure here bounds its own largest value over that box
//! and only grows with each leg, so what is admitted stays within the limits whichever orders fill. Long and short legs earn
//! no credit for hedging each other: either may be closed first.
//!
//! With `L` and `Q` the long and short legs over equity and `S = S+ - S-` the covariance in its positive and negative part,
//! `w'Sw <= L'S+L + Q'S+Q + 2 L'S-Q`; it is exact when all legs are on one side and no covariance is negative.

use alloc::vec::Vec;
use zero_core::{CoinId, Rate};
use zero_market::Side;
use zero_market::cross::{CrossMarket, SCENARIOS, add_losses, shortfall};
use zero_strategy::{Limits, PortfolioRisk};

/// Part of the volatility limit below which a share of variance is one of the variance at that part.
const SHARE_FLOOR: f64 = 0.5;

/// Both ends of an exposure over the box.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    up: f64,
    down: f64,
}

impl Span {
    fn add(&mut self, side: Side, amount: f64) {
        if (side == Side::Buy) == (amount >= 0.0) {
            self.up += amount.abs();
        } else {
            self.down += amount.abs();
        }
    }

    /// NaN when either end is: the larger of a number and an unknown is unknown.
    fn worst(self) -> f64 {
        if self.up + self.down >= 0.0 { self.up.max(self.down) } else { f64::NAN }
    }
}

/// One coin's legs over equity, and `S+L + S-Q`, `S+Q + S-L` in its row.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    long: f64,
    short: f64,
    with_long: f64,
    with_short: f64,
}

/// An account's risk without the candidate.
#[derive(Clone, Debug, Default)]
pub(crate) struct RiskBook {
    rows: Vec<Row>,
    variance: f64,
    beta: Span,
    factor: Span,
    /// Sum of leg times volatility.
    correlated: f64,
    crash: f64,
    losses: Vec<f64>,
    /// Is everything known of every coin held?
    known: bool,
}

/// What every measure needs to know.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RiskTerms<'a> {
    pub cross: &'a CrossMarket,
    pub limits: &'a Limits,
    /// Fall in the declared crash, by coin.
    pub crash: &'a [Rate],
}

impl RiskBook {
    /// Sums an account's legs: per coin the long and the short one, over equity.
    pub(crate) fn rebuild(&mut self, legs: impl Iterator<Item = (f64, f64)>, terms: &RiskTerms<'_>) {
        self.rows.clear();
        self.rows.extend(legs.map(|(long, short)| Row { long, short, ..Row::default() }));
        (self.variance, self.correlated, self.crash) = (0.0, 0.0, 0.0);
        (self.beta, self.factor) = (Span::default(), Span::default());
        self.losses.clear();
        self.losses.resize(SCENARIOS, 0.0);
        self.known = true;
        for i in 0..self.rows.len() {
            let Some(&Row { long, short, .. }) = self.rows.get(i) else { break };
            if let Some(r) = self.rows.get_mut(i) {
                (r.long, r.short) = (0.0, 0.0);
            }
            let coin = CoinId(i as u16);
            for (side, leg) in [(Side::Buy, long), (Side::Sell, short)] {
                if leg != 0.0 {
                    self.add(coin, side, leg, terms);
                }
            }
        }
    }

    /// Every leg over another equity: `factor` is the old over the new.
    pub(crate) fn rescale(&mut self, factor: f64) {
        for r in &mut self.rows {
            for x in [&mut r.long, &mut r.short, &mut r.with_long, &mut r.with_short] {
                *x *= factor;
            }
        }
        for span in [&mut self.beta, &mut self.factor] {
            (span.up, span.down) = (span.up * factor, span.down * factor);
        }
        self.variance *= factor * factor;
        self.correlated *= factor;
        self.crash *= factor;
        self.losses.iter_mut().for_each(|l| *l *= factor);
    }

    /// Adds a leg.
    pub(crate) fn add(&mut self, coin: CoinId, side: Side, leg: f64, terms: &RiskTerms<'_>) {
        let cross = terms.cross;
        let i = coin.index();
        let n = self.rows.len();
        let Some(own) = self.rows.get(i).copied() else { return };
        let s = cross.covariance();
        let Some(row) = s.covariance.get(i * n..(i + 1) * n) else {
            self.known = false;
            return;
        };
        if !cross.is_usable(coin) || !leg.is_finite() {
            self.known = false;
            return;
        }
        self.variance += leg * (2.0 * if side == Side::Buy { own.with_long } else { own.with_short });
        self.variance += leg * leg * row.get(i).copied().unwrap_or(f64::NAN);
        for (r, cov) in self.rows.iter_mut().zip(row) {
            let (same, other) = (leg * cov.max(0.0), leg * (-cov).max(0.0));
            let (a, b) = if side == Side::Buy { (same, other) } else { (other, same) };
            r.with_long += a;
            r.with_short += b;
        }
        if let Some(r) = self.rows.get_mut(i) {
            *(if side == Side::Buy { &mut r.long } else { &mut r.short }) += leg;
        }
        self.beta.add(side, leg * cross.beta(coin));
        self.factor.add(side, leg * cross.factor(coin));
        self.correlated += leg * s.sigma.get(i).copied().unwrap_or(f64::NAN);
        if side == Side::Buy {
            self.crash += leg * crash_of(terms, coin);
        }
        let sigma = now_sigma(cross, coin);
        let (long, short) = if side == Side::Buy { (leg * sigma, 0.0) } else { (0.0, leg * sigma) };
        add_losses(&mut self.losses, cross.scenarios().of(i), long, short);
    }

    /// What a candidate's size does not change: how it moves with what is held, and how much of the budget that uses.
    pub(crate) fn before(&self, coin: CoinId, side: Side, terms: &RiskTerms<'_>) -> PortfolioRisk {
        let cross = terms.cross;
        if !self.known || !cross.is_usable(coin) {
            return PortfolioRisk::UNKNOWN;
        }
        let n = self.rows.len();
        let s = cross.covariance();
        let row = s.correlation.get(coin.index() * n..(coin.index() + 1) * n).unwrap_or(&[]);
        let (mut with, mut all) = (0.0, 0.0);
        for ((r, rho), sigma) in self.rows.iter().zip(row).zip(&s.sigma) {
            with += (r.long - r.short) * sigma * rho;
            all += (r.long + r.short) * sigma;
        }
        let correlation = if all > 0.0 { with / all * side.sign() as f64 } else { 0.0 };
        let limit = terms.limits.max_portfolio_vol.to_f64();
        let used = self.correlated * libm::sqrt(cross.steps_per_year()) / limit;
        PortfolioRisk { correlation, used, ..PortfolioRisk::UNKNOWN }
    }

    /// The account with one more leg.
    pub(crate) fn after(
        &self,
        before: &PortfolioRisk,
        (coin, side, leg): (CoinId, Side, f64),
        terms: &RiskTerms<'_>,
    ) -> PortfolioRisk {
        let cross = terms.cross;
        let i = coin.index();
        let n = self.rows.len();
        let s = cross.covariance();
        let (Some(own), true) = (self.rows.get(i).copied(), self.known && cross.is_usable(coin)) else {
            return PortfolioRisk::UNKNOWN;
        };
        let cell = s.covariance.get(i * n + i).copied().unwrap_or(f64::NAN);
        let year = cross.steps_per_year();
        let with = if side == Side::Buy { own.with_long } else { own.with_short };
        let variance = self.variance + leg * (2.0 * with + leg * cell);
        let (mut beta, mut factor) = (self.beta, self.factor);
        beta.add(side, leg * cross.beta(coin));
        factor.add(side, leg * cross.factor(coin));
        let buys = side == Side::Buy;
        // The coin's own part of the variance after the leg: its rows have the leg in them too.
        let (long, short) = if buys { (own.long + leg, own.short) } else { (own.long, own.short + leg) };
        let (wl, ws) = if buys {
            (own.with_long + leg * cell, own.with_short)
        } else {
            (own.with_long, own.with_short + leg * cell)
        };
        let part = long * wl + short * ws;
        let floor = SHARE_FLOOR * terms.limits.max_portfolio_vol.to_f64();
        let whole = variance.max(floor * floor / year);
        let sigma = now_sigma(cross, coin);
        let (up, down) = if buys { (leg * sigma, 0.0) } else { (0.0, leg * sigma) };
        PortfolioRisk {
            vol: libm::sqrt(variance * year),
            beta: beta.worst(),
            factor: factor.worst(),
            share: if part == 0.0 { 0.0 } else { part / whole },
            shortfall: shortfall(&self.losses, cross.scenarios().of(i), up, down),
            correlated_vol: (self.correlated + leg * s.sigma.get(i).copied().unwrap_or(f64::NAN))
                * libm::sqrt(year),
            crash: self.crash + if buys { leg * crash_of(terms, coin) } else { 0.0 },
            ..*before
        }
    }
}

fn crash_of(terms: &RiskTerms<'_>, coin: CoinId) -> f64 {
    terms.crash.get(coin.index()).map_or(f64::NAN, |r| r.to_f64())
}

/// Scenarios are scaled by the fast volatility, which is the one that they were divided by.
fn now_sigma(cross: &CrossMarket, coin: CoinId) -> f64 {
    cross.track(coin).and_then(|t| t.sigma()).unwrap_or(f64::NAN)
}

/// A leg over equity; NaN without equity.
pub(crate) fn over_equity(notional: i128, equity: zero_core::Usd) -> f64 {
    if equity.raw() > 0 { notional as f64 / equity.raw() as f64 } else { f64::NAN }
}
