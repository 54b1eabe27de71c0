//! What the run shows, in one sentence that claims no more than the numbers carry.
//!
//! History can reject a strategy and can never prove one, so the best verdict here is [`Verdict::NotRejected`].

use serde::Serialize;
use zero_stats::{empirical_p, share_below};

use crate::estimate::{Estimate, Unit};
use crate::format;
use crate::tables::RandomEntries;
use crate::tearsheet::Tearsheet;

/// The fewest random-entry runs that count as evidence.
const MIN_RANDOM_RUNS: usize = 1_000;
/// The p-value against random entries that a first trial has to reach; it is divided by the number of trials.
const SIGNIFICANCE: f64 = 0.05;

/// Topic of the note of a run in which no strategy ever had the bars that its features need.
pub const WARM_UP: &str = "Warm-up";

/// What may be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// A figure that the verdict needs is not known.
    Unknown,
    /// No trade was made, so there is nothing to judge.
    NothingTraded,
    /// The whole interval of the Sharpe ratio lies below zero.
    LossShown,
    /// At least one condition for an edge is not met.
    NoEdgeShown,
    /// Every condition is met; forward evidence has to decide.
    NotRejected,
}

impl Verdict {
    /// For the reader.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Unknown => "Unknown",
            Self::NothingTraded => "Nothing traded",
            Self::LossShown => "Loss shown",
            Self::NoEdgeShown => "No edge shown",
            Self::NotRejected => "Not rejected",
        }
    }
}

/// The verdict, the sentence and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Headline {
    /// What may be said.
    pub verdict: Verdict,
    /// In one sentence.
    pub sentence: String,
    /// Each condition for an edge that is not met, or what the verdict still lacks.
    pub reasons: Vec<String>,
}

/// The headline of a report. An edge is "not rejected" only when the Sharpe interval lies above zero, the run made money,
/// also at twice the costs, beat every baseline's Sharpe ratio, and beat at least 1,000 random-entry runs with p at
/// most 0.05 divided by the number of the trial (Bonferroni, so that trying more often proves nothing).
#[must_use]
pub fn headline(sheet: &Tearsheet) -> Headline {
    let s = &sheet.net_sharpe;
    let trial = format!("trial {} of this journal", format::count(sheet.run.trial_number));
    if sheet.trades.count == 0 && sheet.trades.open_at_end == 0 {
        let reasons: Vec<String> =
            sheet.notes.iter().filter(|n| n.topic == WARM_UP).map(|n| n.text.clone()).collect();
        let cold = if reasons.is_empty() { "" } else { " and no strategy was ever warm" };
        return Headline {
            verdict: Verdict::NothingTraded,
            sentence: format!(
                "Nothing traded: no position was opened over {} {}{cold}, so there is nothing to judge; {trial}.",
                format::count(s.n),
                s.n_unit
            ),
            reasons,
        };
    }
    let Some((lo, hi, _)) = s.interval().filter(|_| s.value.is_finite()) else {
        return Headline {
            verdict: Verdict::Unknown,
            sentence: format!("Unknown: {}; {trial}.", sharpe_clause(s)),
            reasons: vec![format!("the net Sharpe ratio or its interval is not known ({})", s.method)],
        };
    };
    let reasons = unmet(sheet, lo);
    let verdict = if hi < 0.0 {
        Verdict::LossShown
    } else if reasons.is_empty() {
        Verdict::NotRejected
    } else {
        Verdict::NoEdgeShown
    };
    let mut sentence = format!("{}: {}; ", verdict.label(), sharpe_clause(s));
    if let Some(clause) = sheet.random_entries.as_ref().and_then(random_clause) {
        sentence.push_str(&clause);
        sentence.push_str("; ");
    }
    sentence.push_str(&trial);
    sentence.push('.');
    Headline { verdict, sentence, reasons }
}

fn sharpe_clause(s: &Estimate) -> String {
    let interval = match s.interval() {
        Some((lo, hi, level)) => {
            format!("{} interval {}", format::level(level), format::range(Unit::Ratio, lo, hi))
        }
        None => "no interval".to_owned(),
    };
    format!(
        "net Sharpe {}, {interval}, n = {} {}",
        format::value(Unit::Ratio, s.value),
        format::count(s.n),
        s.n_unit
    )
}

fn random_clause(r: &RandomEntries) -> Option<String> {
    let finite = finite(r);
    let share = share_below(r.run_value, &finite).ok()?;
    let runs = format::count(finite.len() as u64);
    Some(if share == 1.0 {
        format!("beats all {runs} random-entry runs")
    } else if share == 0.0 {
        format!("beats none of {runs} random-entry runs")
    } else {
        format!("beats {} of {runs} random-entry runs", format::share_down(share))
    })
}

/// The random runs that have a value.
pub(crate) fn finite(r: &RandomEntries) -> Vec<f64> {
    r.values.iter().copied().filter(|v| v.is_finite()).collect()
}

fn unmet(sheet: &Tearsheet, sharpe_lo: f64) -> Vec<String> {
    let mut out = Vec::new();
    if sharpe_lo <= 0.0 {
        out.push("the interval of the net Sharpe ratio reaches zero or below".to_owned());
    }
    let net = sheet.money.net_pnl_usd;
    if net.is_nan() || net <= 0.0 {
        out.push(format!("the run did not make money after costs ({})", format::signed(Unit::Usd, net)));
    }
    match sheet.cost_sensitivity.iter().find(|c| c.multiplier == 2.0) {
        None => out.push("it was not run at twice the costs".to_owned()),
        Some(c) if c.net_pnl_usd > 0.0 => {}
        Some(c) => {
            out.push(format!("at twice the costs it makes {}", format::signed(Unit::Usd, c.net_pnl_usd)));
        }
    }
    for b in &sheet.baselines {
        if b.sharpe.value >= sheet.net_sharpe.value {
            out.push(format!(
                "the baseline \u{201c}{}\u{201d} has at least the same net Sharpe ratio",
                b.label
            ));
        }
    }
    out.extend(unmet_random(sheet));
    out
}

fn unmet_random(sheet: &Tearsheet) -> Option<String> {
    let Some(r) = &sheet.random_entries else {
        return Some("it was not compared with random entries".to_owned());
    };
    let finite = finite(r);
    if finite.len() < MIN_RANDOM_RUNS {
        return Some(format!(
            "only {} random-entry runs have a value; {} are needed",
            format::count(finite.len() as u64),
            format::count(MIN_RANDOM_RUNS as u64)
        ));
    }
    let trials = sheet.run.trial_number.max(1);
    let needed = SIGNIFICANCE / trials as f64;
    match empirical_p(r.run_value, &finite) {
        Ok(p) if p <= needed => None,
        Ok(p) => Some(format!(
            "against random entries p = {}, and trial {} needs {} or less",
            p_value(p),
            format::count(trials),
            p_value(needed)
        )),
        Err(e) => Some(format!("the place among random entries is unknown ({e})")),
    }
}

/// Enough digits after the point for two that count.
pub(crate) fn p_value(p: f64) -> String {
    format::decimal(
        p,
        if p >= 0.01 {
            3
        } else if p >= 0.001 {
            4
        } else {
            6
        },
    )
}
