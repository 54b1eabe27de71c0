//! What a run came to: the packet that demo and backtest share, and its text.

use comfy_table::{CellAlignment, Table, presets};
use zero_core::Usd;
use zero_data::Dataset;
use zero_kernel::{Kernel, breakers};
use zero_packets::Dec;
use zero_packets::report::{Attribution, BreakerCount, DataSummary, Money, RunSummary};
use zero_packets::snapshot::Epoch;
use zero_runtime::project::counters;
use zero_runtime::record::Manifest;
use zero_runtime::{Collected, RunSpec};

fn usd(v: Usd) -> Dec {
    Dec::scaled(v.raw(), Usd::DECIMALS)
}

/// The packet.
pub(crate) fn packet(
    spec: &RunSpec,
    data: &Dataset,
    (manifest, source): (&Manifest, &str),
    run: &Collected,
    kernel: &Kernel,
) -> RunSummary {
    let state = kernel.state();
    let sum =
        |pick: &dyn Fn(&zero_kernel::BookLedger) -> i64| -> i64 { state.ledger.books.iter().map(pick).sum() };
    let initial: i64 = spec.kernel.books.iter().map(|b| b.initial.raw()).sum();
    let equity = state.accounts.iter().try_fold(0i64, |s, a| a.equity.map(|e| s + e.raw()));
    let realized = sum(&|b| b.realised.raw());
    let fees = sum(&|b| b.fees.raw());
    let funding = -sum(&|b| b.funding.raw());
    let transfers = sum(&|b| b.capital.raw()) - initial;
    let backstop = sum(&|b| b.backstop.raw());
    let unrealized = equity.map(|e| e - initial - realized + fees - funding - transfers - backstop);
    let (from, to) = data.span().map_or((None, None), |(a, b)| (Some(a.to_string()), Some(b.to_string())));
    RunSummary {
        data: DataSummary {
            source: source.to_owned(),
            coins: spec.universe.iter().map(|(_, i)| i.symbol.clone()).collect(),
            bars: data.bar_count() as u64,
            funding: data.iter().map(|(_, s)| s.funding.len() as u64).sum(),
            gaps: 0,
            interval_s: (data.interval().as_ns() / 1_000_000_000) as u64,
            from,
            to,
        },
        epoch: Epoch {
            number: 1,
            code: manifest.epoch.code.to_string(),
            config: manifest.epoch.config.to_string(),
            strategies: manifest.strategies.iter().map(|s| s.digest().to_string()).collect(),
            data: Some(data.content_digest().to_string()),
        },
        decision_digest: run.digest.to_string(),
        counters: counters(&state.counters),
        money: Money {
            initial: usd(Usd::from_raw(initial)),
            final_equity: equity.map(|e| usd(Usd::from_raw(e))),
            realized: usd(Usd::from_raw(realized)),
            unrealized: unrealized.map(|u| usd(Usd::from_raw(u))),
            fees: usd(Usd::from_raw(fees)),
            funding: usd(Usd::from_raw(funding)),
            transfers: usd(Usd::from_raw(transfers)),
        },
        books: spec
            .kernel
            .books
            .iter()
            .map(|b| row(run, spec, &b.name, |book, _| book == b.book.index()))
            .collect(),
        coins: spec
            .universe
            .iter()
            .map(|(c, i)| row(run, spec, &i.symbol, |_, coin| coin == c.index()))
            .collect(),
        max_drawdown_pct: drawdown(run),
        breakers: breakers::states(state)
            .zip(&run.breakers)
            .map(|((b, s), opened)| BreakerCount { name: b.name().into(), opened: *opened, open: s.open })
            .collect(),
    }
}

fn row(run: &Collected, spec: &RunSpec, name: &str, keep: impl Fn(usize, usize) -> bool) -> Attribution {
    let coins = spec.universe.len();
    let (mut fills, mut price, mut fees, mut funding, mut realized) = (0u64, 0i64, 0i64, 0i64, 0i64);
    for (_, leg) in run.legs.iter().enumerate().filter(|(i, _)| keep(i / coins, i % coins)) {
        fills += leg.fills;
        price += leg.price().map(Usd::raw).unwrap_or(0);
        fees += leg.fees.raw();
        funding += leg.funding.raw();
        let open = leg.open.map_or(0, |o| o.cash.raw());
        realized += leg.cash.raw() - open;
    }
    Attribution {
        name: name.to_owned(),
        fills,
        realized: usd(Usd::from_raw(realized)),
        unrealized: Some(usd(Usd::from_raw(price - realized))),
        fees: usd(Usd::from_raw(fees)),
        funding: usd(Usd::from_raw(funding)),
    }
}

/// Deepest fall of the sampled equity from its highest before, in percent.
fn drawdown(run: &Collected) -> Dec {
    let (mut peak, mut worst) = (0i64, 0i128);
    for s in &run.samples {
        peak = peak.max(s.equity.raw());
        if peak > 0 {
            worst = worst.max(i128::from(peak - s.equity.raw()) * 10_000 / i128::from(peak));
        }
    }
    Dec::scaled(worst as i64, 2)
}

/// For a person.
pub(crate) fn text(s: &RunSummary) -> String {
    let mut out = String::new();
    let d = &s.data;
    let span = format!("{} to {}", d.from.as_deref().unwrap_or("?"), d.to.as_deref().unwrap_or("?"));
    out.push_str(&format!("Market     {}, {} coins, {} bars, {span}\n", d.source, d.coins.len(), d.bars));
    let c = &s.counters;
    out.push_str(&format!(
        "Decisions  {} candidates judged, {} admitted, {} orders, {} fills, {} liquidations\n",
        c.candidates, c.admitted, c.orders, c.fills, c.liquidations
    ));
    let m = &s.money;
    let show = |d: &Option<Dec>| d.as_ref().map_or("unknown".to_owned(), money);
    out.push_str(&format!(
        "Equity     {} -> {}, largest drawdown {} %\n",
        money(&m.initial),
        show(&m.final_equity),
        s.max_drawdown_pct
    ));
    let opened: Vec<String> =
        s.breakers.iter().filter(|b| b.opened > 0).map(|b| format!("{} x{}", b.name, b.opened)).collect();
    let opened = if opened.is_empty() { "none opened".to_owned() } else { opened.join(", ") };
    out.push_str(&format!("Breakers   {opened}\n"));
    out.push_str(&format!("Digest     {}\n\n", s.decision_digest));
    out.push_str(&table(s));
    out
}

fn table(s: &RunSummary) -> String {
    let mut t = Table::new();
    t.load_style(presets::NOTHING).force_no_tty();
    t.set_header(["book / coin", "fills", "realised", "unrealised", "fees", "funding"]);
    for a in s.books.iter().chain(&s.coins) {
        t.add_row([
            a.name.clone(),
            a.fills.to_string(),
            money(&a.realized),
            a.unrealized.as_ref().map_or("unknown".into(), money),
            money(&a.fees),
            money(&a.funding),
        ]);
    }
    for column in t.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    t.to_string()
}

/// Two decimals and thousands separators; only for reading.
pub(crate) fn money(d: &Dec) -> String {
    let text = d.as_str();
    let (sign, body) = text.strip_prefix('-').map_or(("", text), |b| ("-", b));
    let Some(cents) = nearest_cents(body) else { return text.to_owned() };
    let sign = if cents == 0 { "" } else { sign };
    let (int, cents) = ((cents / 100).to_string(), cents % 100);
    let digits: Vec<char> = int.chars().collect();
    let mut grouped = String::new();
    for (i, c) in digits.iter().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(*c);
    }
    format!("{sign}{grouped}.{cents:02}")
}

/// Hundredths, half of one up; `None` for what is no plain decimal of the size of money.
fn nearest_cents(body: &str) -> Option<u128> {
    let (int, frac) = body.split_once('.').unwrap_or((body, ""));
    let hundredths = format!("{int}{:0<2}", frac.get(..2).unwrap_or(frac)).parse::<u128>().ok()?;
    let half = frac.as_bytes().get(2).is_some_and(|d| *d >= b'5');
    hundredths.checked_add(u128::from(half))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cut would show less of a gain and less of a loss than there was.
    #[test]
    fn money_is_shown_to_the_nearest_cent_and_carries() {
        let shown = |text: &str| money(&Dec::parse(text).unwrap());
        for (text, want) in [
            ("0", "0.00"),
            ("1234567.5", "1,234,567.50"),
            ("0.994", "0.99"),
            ("0.995", "1.00"),
            ("999.999", "1,000.00"),
            ("-999.996", "-1,000.00"),
            ("-0.004", "0.00"),
            ("-0.005", "-0.01"),
        ] {
            assert_eq!(shown(text), want, "{text}");
        }
    }
}
