//! A run right before a slice was decided.

use crate::features::Features;
use crate::past::{Folding, Past, beginning_of, each};
use crate::record::Body;
use crate::runner::RunError;
use crate::snapshot::RunSnapshot;
use zero_core::Ts;
use zero_journal::{Anchor, Disk, Reader};
use zero_kernel::Fact;
use zero_market::event::TimerKind;
use zero_market::{Event, EventBody};

/// Records behind a slice that are held until the next one comes, and folded then. Where more come, they are read again.
const HELD_MAX: usize = 1 << 16;

/// The run, and which slice it was.
pub(crate) struct Slice {
    /// With the features of the snapshot that it was folded from.
    pub(crate) past: (Past, Option<Features>),
    /// Seq from which what was decided then is recorded.
    pub(crate) decided_from: u64,
    /// Event time of the slice.
    pub(crate) now: Ts,
    /// None is later in the journal.
    pub(crate) is_latest: bool,
}

impl Slice {
    /// The latest one at or before `time` behind `from`; `None` where there is none.
    pub(crate) fn find<D: Disk>(
        reader: &Reader<D>,
        from: Option<(Anchor, RunSnapshot)>,
        time: Option<Ts>,
    ) -> Result<Option<Self>, RunError> {
        Self::find_holding(HELD_MAX, reader, from, time)
    }

    fn find_holding<D: Disk>(
        held_max: usize,
        reader: &Reader<D>,
        from: Option<(Anchor, RunSnapshot)>,
        time: Option<Ts>,
    ) -> Result<Option<Self>, RunError> {
        let anchor = from.as_ref().map(|(anchor, _)| *anchor);
        let records = || match anchor {
            Some(anchor) => Ok(reader.records_after(anchor)?.facts_only()),
            None => beginning_of(reader),
        };
        let (past, features) = from.map(|(anchor, snap)| Features::of(anchor, snap)).unzip();
        let mut folding = Folding::from(past);
        // What came behind the latest slice, while there is room for it.
        let mut held = Some(Vec::new());
        // The cycle of the latest slice goes on: its changes of breakers belong to what it was decided on.
        let mut in_cycle = false;
        // What is decided at an event is traced before the event itself is written.
        let mut after_last = anchor.map_or(0, |a| a.seq);
        let (mut slice, mut is_latest) = (None, true);
        each(records()?, |seq, body| {
            let begun = core::mem::replace(&mut after_last, seq + 1);
            if let Some(at) = slice_at(&body) {
                is_latest = time.is_none_or(|t| at <= t);
                if !is_latest {
                    return Ok(false);
                }
                (slice, in_cycle) = (Some((begun, seq, at)), true);
                if let Some(held) = &mut held {
                    held.drain(..).try_for_each(|(seq, body)| folding.take(seq, body))?;
                    folding.take(seq, body)?;
                }
                return Ok(true);
            }
            let Some(behind) = &mut held else { return Ok(true) };
            in_cycle &= is_breaker(&body);
            if in_cycle {
                folding.take(seq, body)?;
            } else if behind.len() < held_max {
                behind.push((seq, body));
            } else {
                held = None;
            }
            Ok(true)
        })?;
        let Some((decided_from, timer, now)) = slice else { return Ok(None) };
        if held.is_none() {
            each(records()?, |seq, body| {
                if seq > timer && !is_breaker(&body) {
                    return Ok(false);
                }
                if seq >= folding.next_seq {
                    folding.take(seq, body)?;
                }
                Ok(true)
            })?;
        }
        Ok(Some(Self { past: (folding.end()?, features), decided_from, now, is_latest }))
    }
}

fn slice_at(body: &Body) -> Option<Ts> {
    match body {
        Body::Fact(Fact::Event(Event { time, body: EventBody::Timer(TimerKind::BarSlice), .. })) => {
            Some(*time)
        }
        _ => None,
    }
}

fn is_breaker(body: &Body) -> bool {
    matches!(body, Body::Fact(Fact::Breaker(_)))
}

#[cfg(test)]
mod tests {
    use super::Slice;
    use crate::record::Manifest;
    use crate::replica::find;
    use crate::runner::Runner;
    use crate::{OperatorPolicy, RunSpec};
    use zero_core::{Canon as _, Digest32, Ts, TsDiff, Usd};
    use zero_data::{EventRange, synth, synth::SynthSpec};
    use zero_journal::{Options, Reader, RealDisk};
    use zero_paper::PaperConfig;
    use zero_strategy::registry::StrategyChoice;
    use zero_strategy::strategies::TrendParams;

    #[test]
    fn a_slice_is_the_same_however_few_records_are_held() {
        let dir = tempfile::tempdir().unwrap();
        let (journal, market) =
            (dir.path().join("journal"), SynthSpec { bars: Some(240), ..SynthSpec::seeded(6) });
        let paper = PaperConfig::standard(zero_paper::FeeModel::HYPERLIQUID_BASE);
        let trend = [("trend", StrategyChoice::Trend(TrendParams::standard()))];
        let mut spec = RunSpec::standard(market.universe(), Usd::whole(10_000), paper, &trend);
        spec.policy = OperatorPolicy::UNATTENDED;
        let options =
            Options::new("zero.test/slice", dir.path().join("second"), "test", crate::parity::scratch_key());
        let manifest = Manifest::of(&spec, Digest32::ZERO, Digest32::ZERO, "synthetic", Ts::ZERO).unwrap();
        let driver = spec.driver().unwrap();
        let (mut runner, _) = Runner::open(RealDisk, &journal, options, driver, manifest, 3_000).unwrap();
        let mut end = Ts::ZERO;
        for event in synth::stream_range(&market, &EventRange::all()).unwrap() {
            let event = event.unwrap();
            end = event.time;
            runner.feed(&event).unwrap();
            if runner.is_full() {
                runner.commit().unwrap();
            }
        }
        runner.commit().unwrap();
        let reader = Reader::open(RealDisk, &journal).unwrap();
        for time in [None, Some(end.plus(TsDiff::ns(-30 * TsDiff::HOUR.as_ns())))] {
            let mut one = None;
            for held_max in [0, 1, 7, usize::MAX] {
                for from_snapshot in [true, false] {
                    let slice = match from_snapshot {
                        true => find(&reader, |anchor, snap| {
                            let is_behind = time.is_none_or(|t| snap.kernel.state.now <= t);
                            let from = is_behind.then_some((anchor, snap))?;
                            Slice::find_holding(held_max, &reader, Some(from), time).unwrap()
                        })
                        .unwrap(),
                        false => Slice::find_holding(held_max, &reader, None, time).unwrap(),
                    };
                    let s = slice.unwrap();
                    let told =
                        (s.past.0.state.to_bytes(), s.past.0.next_seq, s.decided_from, s.now, s.is_latest);
                    assert!(*one.get_or_insert(told.clone()) == told, "{held_max} {from_snapshot}");
                    assert!(told.1 > told.2 && told.4 == time.is_none(), "{told:?}");
                }
            }
        }
    }
}
