//! What lens opinions were worth.

use crate::table::{line, table};
use zero_packets::lenses::{LearnLenses, Lenses, OpinionModel, Score};

pub(crate) fn learnt_lenses(p: &LearnLenses) -> String {
    let mut out = line("Verdict", &format!("{}: {}", p.verdict.replace('_', " "), p.reason));
    out += &line(
        "Candidates",
        &format!(
            "{} rows; {} overlap one of these, {} have no outcome, {} are too young, {} of other lenses or beyond what is kept",
            p.rows, p.overlapping, p.without_outcome, p.too_young, p.left_out
        ),
    );
    out += &line("Clusters", &format!("{} days", p.cluster_days));
    if let Some(m) = &p.model {
        out += &model(m);
    }
    match &p.written {
        Some(path) if p.verdict == "shown" => {
            out + &line("Written", &format!("{path}; put it in force with paper.opinion_model"))
        }
        Some(path) => out + &line("Written", &format!("{path}; it says the base rate and decides nothing")),
        None => out + "\nNothing was written and nothing is applied.\n",
    }
}

fn model(m: &OpinionModel) -> String {
    let e = &m.evidence;
    let mut out = line("Model", &m.digest);
    out += &line(
        "Event",
        &format!(
            "ends above zero net: {} of {}; then {:+.3} R (se {:.3}), else -{:.3} R (se {:.3})",
            e.wins, e.rows, m.win.mean, m.win.stderr, m.loss.mean, m.loss.stderr
        ),
    );
    out += &line("Lenses", &format!("{}, effectively {:.2}", m.lenses.len(), e.effective_lenses));
    out += &line("Whole", &text(&e.calibrated));
    out += &reliability(&e.calibrated);
    out.push('\n');
    let rows = m.lenses.iter().zip(&e.lenses).map(|(l, s)| {
        let s = s.as_ref();
        [
            format!("{} v{}", l.lens, l.version),
            format!("{:+.4}", l.weight),
            s.map_or_else(|| "-".into(), |s| s.alone.n.to_string()),
            s.map_or_else(|| "-".into(), |s| format!("{:.4}", s.alone.brier)),
            log(s.and_then(|s| s.alone.log_score)),
            s.map_or_else(|| "-".into(), |s| format!("{:.4}", s.whole.brier)),
        ]
    });
    let head = ["lens", "weight", "spoke", "brier alone", "log alone", "brier whole"];
    out + &table(head, &[1, 2, 3, 4, 5], rows.collect())
}

pub(crate) fn lenses(p: &Lenses) -> String {
    let mut out = match &p.model {
        Some(digest) if p.edge_shown == Some(true) => line("Model", &format!("{digest}, in force")),
        Some(digest) => line("Model", &format!("{digest}, no edge shown: it decides nothing")),
        None => line("Model", "none is in force: every lens states an assumption"),
    };
    if let Some(finding) = &p.finding {
        out += &line("Finding", finding);
    }
    let effective = p.effective_lenses.map_or_else(|| "not measured".into(), |n| format!("{n:.2}"));
    out += &line("Lenses", &format!("{}, effectively {effective}", p.count));
    if p.in_force {
        out += &line("Out of time", &p.out_of_time.as_ref().map_or_else(|| "-".into(), text));
        out += &line("Judged", &format!("{}, {} with an outcome that counts", p.judged, p.resolved));
        out += &line("So far", &p.so_far.as_ref().map_or_else(|| "-".into(), text));
        out += &p.so_far.as_ref().map_or_else(String::new, reliability);
    }
    out.push('\n');
    let brier = |s: &Option<Score>| s.as_ref().map_or_else(|| "-".into(), |s| format!("{:.4}", s.brier));
    let rows = p.lenses.iter().map(|l| {
        [
            format!("{} v{}", l.lens, l.version),
            l.spoke.to_string(),
            l.abstained.to_string(),
            l.weight.map_or_else(|| "-".into(), |w| format!("{w:+.4}")),
            brier(&l.out_of_time),
            brier(&l.so_far),
            log(l.so_far.as_ref().and_then(|s| s.log_score)),
        ]
    });
    let head = ["lens", "spoke", "abstained", "weight", "brier then", "brier so far", "log so far"];
    out + &table(head, &[1, 2, 3, 4, 5, 6], rows.collect())
}

fn text(s: &Score) -> String {
    format!(
        "Brier {:.4} (base rate's {:.4}), log score {}, n {}, base rate {:.4}",
        s.brier,
        s.uncertainty,
        log(s.log_score),
        s.n,
        s.base_rate
    )
}

fn reliability(s: &Score) -> String {
    let bins = s
        .bins
        .iter()
        .map(|b| format!("{:.3}: {:.3} of {}", b.forecast, b.events as f64 / b.n.max(1) as f64, b.n));
    line("Reliability", &bins.collect::<Vec<_>>().join("; "))
}

fn log(v: Option<f64>) -> String {
    v.map_or_else(|| "-".into(), |v| format!("{v:.4}"))
}
