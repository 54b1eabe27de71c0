//! Opinion models as documents and back, and `zero.learn.lenses.v1`, `zero.lenses.v1`.

use crate::learner::Learnt;
use crate::opinions::{Fitted, NoModel, Rows, cluster_days, live};
use crate::read::Lesson;
use zero_core::{Digest32, Ts};
use zero_packets::Source;
use zero_packets::lenses as packet;
use zero_strategy::opinion_model as model;
use zero_strategy::{OpinionModel, Opinions};

/// The document of a model.
#[must_use]
pub fn opinion_document(m: &OpinionModel) -> packet::OpinionModel {
    let e = &m.evidence;
    packet::OpinionModel {
        schema_version: Default::default(),
        digest: m.digest().to_string(),
        version: m.version,
        lenses: m
            .lenses
            .iter()
            .map(|l| packet::LensWeight {
                lens: l.name.clone(),
                version: l.version,
                scale: l.scale,
                weight: l.weight,
            })
            .collect(),
        intercept: m.intercept,
        covariance: m.covariance.clone(),
        moments: m.moments.clone(),
        map: m.map.map(|x| packet::CalibrationMap { a: x.a, b: x.b, c: x.c, rows: x.rows }),
        clip: m.clip,
        z: m.z,
        prior_rows: m.prior_rows,
        win: magnitude(&m.win),
        loss: magnitude(&m.loss),
        cost_share: m.cost_share,
        evidence: packet::ModelEvidence {
            rows: e.rows,
            wins: e.wins,
            from_ns: e.from.as_ns(),
            to_ns: e.to.as_ns(),
            rows_digest: e.origin.to_string(),
            folds: e.folds,
            ridge: e.ridge,
            effective_lenses: e.effective_lenses,
            whole: score(&e.whole),
            calibrated: score(&e.calibrated),
            gain: e.gain,
            gain_p: e.gain_p,
            alpha: e.alpha,
            lenses: e
                .lenses
                .iter()
                .map(|l| {
                    l.as_ref()
                        .map(|l| packet::LensEvidence { alone: score(&l.alone), whole: score(&l.whole) })
                })
                .collect(),
        },
    }
}

/// The model of a document.
///
/// # Errors
/// Why it cannot be used: its digest is another's, its numbers are no stack, or no edge is shown.
pub fn opinion_model(d: packet::OpinionModel) -> Result<OpinionModel, String> {
    let e = d.evidence;
    let m = OpinionModel {
        version: d.version,
        lenses: d
            .lenses
            .into_iter()
            .map(|l| model::LensWeight { name: l.lens, version: l.version, scale: l.scale, weight: l.weight })
            .collect(),
        intercept: d.intercept,
        covariance: d.covariance,
        moments: d.moments,
        map: d.map.map(|x| model::ModelMap { a: x.a, b: x.b, c: x.c, rows: x.rows }),
        clip: d.clip,
        z: d.z,
        prior_rows: d.prior_rows,
        win: magnitude_of(&d.win),
        loss: magnitude_of(&d.loss),
        cost_share: d.cost_share,
        evidence: model::ModelEvidence {
            rows: e.rows,
            wins: e.wins,
            from: Ts::from_ns(e.from_ns),
            to: Ts::from_ns(e.to_ns),
            origin: Digest32::parse_hex(&e.rows_digest).ok_or("the digest of its rows is none")?,
            folds: e.folds,
            ridge: e.ridge,
            effective_lenses: e.effective_lenses,
            whole: score_of(e.whole),
            calibrated: score_of(e.calibrated),
            gain: e.gain,
            gain_p: e.gain_p,
            alpha: e.alpha,
            lenses: e
                .lenses
                .into_iter()
                .map(|l| l.map(|l| model::LensScore { alone: score_of(l.alone), whole: score_of(l.whole) }))
                .collect(),
        },
    };
    if m.digest().to_string() != d.digest {
        return Err("it was altered: its digest is not that of its content".into());
    }
    Opinions::new(m.clone())?;
    Ok(m)
}

/// What learning gave.
#[must_use]
pub fn learnt_lenses(rows: &Rows, fitted: &Result<Fitted, NoModel>) -> packet::LearnLenses {
    let (verdict, reason, model) = match fitted {
        Err(why) => ("too_few", why.to_string(), None),
        Ok(f) => {
            let e = &f.model.evidence;
            let verdict = if f.shown { "shown" } else { "no_edge" };
            (verdict, finding(e), Some(opinion_document(&f.model)))
        }
    };
    packet::LearnLenses {
        schema_version: Default::default(),
        verdict: verdict.into(),
        reason,
        rows: rows.outcomes.len() as u64,
        left_out: rows.left_out,
        too_young: rows.too_young,
        without_outcome: rows.without_outcome,
        overlapping: rows.overlapping,
        cluster_days: cluster_days(rows),
        model,
        written: None,
        applied: false,
    }
}

fn finding(e: &model::ModelEvidence) -> String {
    format!(
        "out of time the lenses gain {:.5} nats a candidate over the base rate (one-sided p {:.4}, level {})",
        e.gain, e.gain_p, e.alpha
    )
}

/// The lenses of a run.
#[must_use]
pub fn lenses(lesson: &Lesson, source: Source) -> packet::Lenses {
    let m = &lesson.manifest;
    let opinions = m.opinion_model.as_ref().and_then(|model| Opinions::new((**model).clone()).ok());
    let so_far = opinions.as_ref().map(|o| live(&lesson.learnt, o));
    let rows = m.lenses.iter().zip(&m.lens_versions).enumerate().map(|(i, (name, version))| {
        let (spoke, abstained) = spoken(&lesson.learnt, name, *version);
        let made = opinions.as_ref().map(Opinions::model);
        packet::LensRow {
            lens: name.clone(),
            version: *version,
            spoke,
            abstained,
            weight: made.and_then(|o| o.lenses.get(i)).map(|l| l.weight),
            out_of_time: made.and_then(|o| o.evidence.lenses.get(i)?.as_ref()).map(|l| score(&l.alone)),
            so_far: so_far.as_ref().and_then(|s| s.lenses.get(i)?.alone.as_ref()).map(score),
        }
    });
    packet::Lenses {
        schema_version: Default::default(),
        in_force: opinions.is_some(),
        edge_shown: opinions.as_ref().map(Opinions::decides),
        finding: opinions.as_ref().map(|o| finding(&o.model().evidence)),
        model: opinions.as_ref().map(|o| o.digest().to_string()),
        count: m.lenses.len() as u32,
        effective_lenses: opinions.as_ref().map(|o| o.model().evidence.effective_lenses),
        lenses: rows.collect(),
        out_of_time: opinions.as_ref().map(|o| score(&o.model().evidence.calibrated)),
        so_far: so_far.as_ref().and_then(|s| s.whole.as_ref()).map(score),
        mean_p: so_far.as_ref().and_then(|s| s.mean_p),
        judged: so_far.as_ref().map_or(0, |s| s.judged),
        resolved: so_far.as_ref().map_or(0, |s| s.resolved),
        source,
        journal_seq: lesson.next_seq,
    }
}

/// Candidates on which a lens spoke and on which it abstained.
fn spoken(learnt: &Learnt, name: &str, version: u16) -> (u64, u64) {
    let places: Vec<Option<usize>> =
        learnt.lens_tables.iter().map(|t| t.iter().position(|(n, v)| n == name && *v == version)).collect();
    let (mut spoke, mut abstained) = (0, 0);
    for case in &learnt.cases {
        let place = places.get(case.said.table).copied().flatten();
        match place.and_then(|i| case.said.opinions.get(i)) {
            Some(Some(_)) => spoke += 1,
            Some(None) => abstained += 1,
            None => {}
        }
    }
    (spoke, abstained)
}

fn magnitude(m: &model::Magnitude) -> packet::Magnitude {
    packet::Magnitude { mean: m.mean, stderr: m.stderr, n: m.n, clusters: m.clusters }
}

const fn magnitude_of(m: &packet::Magnitude) -> model::Magnitude {
    model::Magnitude { mean: m.mean, stderr: m.stderr, n: m.n, clusters: m.clusters }
}

fn score(s: &model::Score) -> packet::Score {
    let bin = |b: &model::ScoreBin| packet::ScoreBin { forecast: b.forecast, n: b.n, events: b.events };
    packet::Score {
        n: s.n,
        base_rate: s.base_rate,
        brier: s.brier,
        uncertainty: s.uncertainty,
        log_score: s.log_score,
        bins: s.bins.iter().map(bin).collect(),
    }
}

fn score_of(s: packet::Score) -> model::Score {
    let bin = |b: packet::ScoreBin| model::ScoreBin { forecast: b.forecast, n: b.n, events: b.events };
    model::Score {
        n: s.n,
        base_rate: s.base_rate,
        brier: s.brier,
        uncertainty: s.uncertainty,
        log_score: s.log_score,
        bins: s.bins.into_iter().map(bin).collect(),
    }
}
