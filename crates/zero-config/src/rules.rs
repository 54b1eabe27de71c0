//! Rules over several keys.

use crate::books::{BOOKS_MAX, StrategyConfig};
use crate::load::{Assigned, Config};
use crate::problem::{Problem, ProblemKind};
use crate::sections::{ReadAuth, RunSource};
use std::collections::BTreeMap;
use zero_core::{Rate, TsDiff};

/// A broken rule and the keys it is about.
pub(crate) type Broken = (Vec<String>, Problem);

struct Found<'a> {
    layers: &'a BTreeMap<String, Vec<Assigned>>,
    out: Vec<Broken>,
}

impl Found<'_> {
    fn rule(&mut self, holds: bool, keys: &[&str], cause: String, hint: &str) {
        if holds {
            return;
        }
        // The complaint stands where the key of the highest layer stands.
        let at = keys
            .iter()
            .filter_map(|k| self.layers.get(*k).and_then(|l| l.last()))
            .max_by_key(|a| a.layer)
            .map(|a| (a.layer, a.place.clone()));
        let problem = Problem {
            kind: ProblemKind::Contradiction,
            key: keys.first().map(|k| (*k).to_owned()),
            at,
            cause,
            hint: hint.to_owned(),
        };
        self.out.push((keys.iter().map(|k| (*k).to_owned()).collect(), problem));
    }
}

/// Every broken rule.
pub(crate) fn check(c: &Config, layers: &BTreeMap<String, Vec<Assigned>>) -> Vec<Broken> {
    let mut f = Found { layers, out: Vec::new() };
    limits(c, &mut f);
    journal(c, &mut f);
    books(c, &mut f);
    f.rule(
        c.fees.maker <= c.fees.taker,
        &["fees.maker", "fees.taker"],
        format!("the maker fee {} is above the taker fee {}", c.fees.maker, c.fees.taker),
        "venues charge makers at most what they charge takers; the two may be swapped",
    );
    f.rule(
        c.runtime.source != RunSource::Venue
            || c.runtime.speed == Rate::ZERO
            || c.runtime.speed == Rate::whole(1),
        &["runtime.speed", "runtime.source"],
        format!("the venue's data cannot run at speed {}", c.runtime.speed),
        "remove `runtime.speed`, or replay recorded data",
    );
    f.rule(
        !c.runtime.live_capable || c.http.read_auth != ReadAuth::None,
        &["http.read_auth", "runtime.live_capable"],
        "a live-capable runtime needs a token for every request".into(),
        "remove `http.read_auth`, or set it to `token`",
    );
    f.out
}

fn limits(c: &Config, f: &mut Found<'_>) {
    let l = &c.limits;
    f.rule(
        l.max_position_share <= l.max_gross_leverage,
        &["limits.max_position_share", "limits.max_gross_leverage"],
        format!(
            "one coin may be {} of equity, but all coins together only {}",
            l.max_position_share, l.max_gross_leverage
        ),
        "lower `limits.max_position_share`",
    );
    f.rule(
        l.max_gross_leverage <= Rate::whole(i32::from(c.account.leverage)),
        &["limits.max_gross_leverage", "account.leverage"],
        format!(
            "gross leverage {} needs more than the venue leverage {}",
            l.max_gross_leverage, c.account.leverage
        ),
        "lower `limits.max_gross_leverage`, or raise `account.leverage`",
    );
    f.rule(
        l.daily_loss <= l.max_drawdown,
        &["limits.daily_loss", "limits.max_drawdown"],
        format!("a day may lose {}, but the drawdown limit is {}", l.daily_loss, l.max_drawdown),
        "lower `limits.daily_loss`",
    );
    f.rule(
        l.risk_per_trade <= l.daily_loss,
        &["limits.risk_per_trade", "limits.daily_loss"],
        format!("one trade may lose {}, but a whole day only {}", l.risk_per_trade, l.daily_loss),
        "lower `limits.risk_per_trade`",
    );
    f.rule(
        l.stale_after >= c.data.interval,
        &["limits.stale_after", "data.interval"],
        "data would be stale before the next bar closes, so nothing could ever be admitted".into(),
        "raise `limits.stale_after` to at least one bar and some delay",
    );
}

fn journal(c: &Config, f: &mut Found<'_>) {
    f.rule(
        c.journal.disk_budget >= c.journal.segment_size.saturating_mul(2),
        &["journal.disk_budget", "journal.segment_size"],
        "the disk budget does not hold two segments".into(),
        "raise `journal.disk_budget` or lower `journal.segment_size`",
    );
    f.rule(
        u64::try_from(c.breakers.disk_min).is_ok_and(|min| min < c.journal.disk_budget),
        &["breakers.disk_min", "journal.disk_budget"],
        "the disk breaker would be open from the start".into(),
        "lower `breakers.disk_min` below `journal.disk_budget`",
    );
}

fn books(c: &Config, f: &mut Found<'_>) {
    f.rule(
        c.enabled_books().next().is_some(),
        &["books.trend.enabled", "books.carry.enabled"],
        "no book is enabled, so there is nothing to run".into(),
        "enable a book",
    );
    f.rule(
        c.books.len() <= BOOKS_MAX,
        &["books"],
        format!("{} books are more than {BOOKS_MAX}", c.books.len()),
        "remove some",
    );
    for b in &c.books {
        let table = format!("books.{}.{}", b.name, b.strategy.kind().name());
        let (enter, exit, horizon) = match &b.strategy {
            StrategyConfig::Trend(p) => (("entry_z", p.entry_z), ("exit_z", p.exit_z), p.horizon),
            StrategyConfig::Carry(p) => {
                whole_hours(f, &format!("{table}.window"), p.window);
                (("entry_annual", p.entry_annual), ("exit_annual", p.exit_annual), p.horizon)
            }
            // A document is checked where it is read.
            StrategyConfig::Document(_) => continue,
        };
        f.rule(
            exit.1 < enter.1,
            &[&format!("{table}.{}", exit.0), &format!("{table}.{}", enter.0)],
            format!("the book would leave at {} what it enters at {}", exit.1, enter.1),
            "set the exit threshold below the entry threshold",
        );
        whole_hours(f, &format!("{table}.horizon"), horizon);
    }
}

fn whole_hours(f: &mut Found<'_>, key: &str, d: TsDiff) {
    f.rule(
        d.as_ns() % TsDiff::HOUR.as_ns() == 0,
        &[key],
        format!("`{key}` is not a whole number of hours"),
        "write hours or days, such as 36h",
    );
}
