//! The store under properties: order, ranges, resumption, point in time, damage.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests")]

use proptest::prelude::*;
use std::io::{Read as _, Seek as _, Write as _};
use zero_core::{CoinId, Px, Rate, Sz, Ts, TsDiff};
use zero_data::store::MANIFEST_FILE;
use zero_data::{BarRow, CoinSeries, Dataset, EventRange, Existing, FundingRow, Store};
use zero_market::{Bar, Event, EventBody, Instrument, Universe};

const H: i64 = 3_600_000_000_000;

fn bar(hour: i64, seed: i64) -> BarRow {
    let v = |k: i64| Px::whole((1_000 + (seed * 7_919 + hour * 104_729 + k * 31).rem_euclid(50)) as i32);
    let (open, close) = (v(1), v(2));
    BarRow {
        open_time: Ts::from_ns(hour * H),
        open,
        high: open.max(close).max(v(3)),
        low: open.min(close).min(v(4)),
        close,
        volume: Sz::whole((seed + hour).rem_euclid(9) as i32),
    }
}

fn print(hour: i64, seed: i64) -> FundingRow {
    let r = Rate::from_raw((seed * 31 + hour * 17).rem_euclid(1_000) * 1_000);
    FundingRow { time: Ts::from_ns(hour * H), rate: r, premium: r }
}

/// Up to three coins with random holes; hours are close to 480,000 (2024).
fn dataset() -> impl Strategy<Value = Dataset> {
    let hours = || prop::collection::btree_set(0i64..60, 0..40);
    prop::collection::vec((hours(), hours(), 0i64..1_000), 1..4).prop_map(|coins| {
        let series = coins.iter().map(|(bars, prints, seed)| CoinSeries {
            bars: bars.iter().map(|h| bar(480_000 + h, *seed)).collect(),
            funding: prints.iter().map(|h| print(480_000 + h, *seed)).collect(),
        });
        let universe = ["A", "B", "C"].iter().take(coins.len()).map(|s| Instrument::new(s, 1, 5)).collect();
        Dataset::new(Universe::new(universe), TsDiff::HOUR, series.collect()).unwrap()
    })
}

fn all(d: &Dataset, r: &EventRange) -> Vec<Event> {
    d.events(r).map(Result::unwrap).collect()
}

fn stored(d: &Dataset) -> (tempfile::TempDir, Store) {
    let tmp = tempfile::tempdir().unwrap();
    let store = d.write_store(&tmp.path().join("s"), Existing::Refuse, "a test").unwrap();
    (tmp, store)
}

/// The events of a data set by definition: listed, then sorted by key. The oracle of the merge.
fn by_definition(d: &Dataset) -> Vec<Event> {
    use zero_market::BarOpen;
    use zero_market::event::{Gap, TimerKind};
    let mut out: Vec<Event> = Vec::new();
    let mut gaps: std::collections::BTreeMap<(Ts, CoinId), Ts> = Default::default();
    let mut timers: std::collections::BTreeSet<Ts> = Default::default();
    for (coin, s) in d.iter() {
        for (i, b) in s.bars.iter().enumerate() {
            let full = b.bar(coin, d.interval());
            let open = BarOpen { coin, open_time: b.open_time, interval: d.interval(), open: b.open };
            out.push(Event::at(b.open_time, EventBody::BarOpened(open)));
            out.push(Event::at(full.close_time(), EventBody::BarClosed(full)));
            timers.insert(full.close_time());
            if let Some(n) = s.bars.get(i + 1).filter(|n| n.open_time > full.close_time()) {
                gaps.insert((full.close_time(), coin), n.open_time);
            }
        }
        for (i, p) in s.funding.iter().enumerate() {
            out.push(Event::at(p.time, EventBody::Funding(p.print(coin))));
            let due = p.time.plus(TsDiff::HOUR);
            if let Some(n) = s.funding.get(i + 1).filter(|n| n.time > due) {
                let to = gaps.entry((due, coin)).or_insert(n.time);
                *to = (*to).max(n.time);
            }
        }
    }
    out.extend(
        gaps.iter()
            .map(|((t, coin), to)| Event::at(*t, EventBody::Gap(Gap { coin: *coin, from: *t, to: *to }))),
    );
    out.extend(timers.iter().map(|t| Event::at(*t, EventBody::Timer(TimerKind::BarSlice))));
    out.sort_by_key(Event::key);
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_merge_equals_its_definition_in_memory_and_from_disk(d in dataset()) {
        let want = by_definition(&d);
        prop_assert_eq!(&all(&d, &EventRange::all()), &want);
        let (_tmp, store) = stored(&d);
        let disk: Vec<Event> = store.events(&EventRange::all()).unwrap().map(Result::unwrap).collect();
        prop_assert_eq!(&disk, &want);
        prop_assert_eq!(store.content_digest(), d.content_digest());
        prop_assert_eq!(Dataset::from_store(&store).unwrap(), d);
    }

    #[test]
    fn what_was_heard_up_to_an_event_begins_with_the_same_events_and_knows_no_later_number(
        d in dataset(), at: prop::sample::Index, seed in 1i64..9,
    ) {
        let whole = all(&d, &EventRange::all());
        prop_assume!(!whole.is_empty());
        let n = at.index(whole.len());
        let heard = d.heard(whole[n].key()).unwrap();
        let again = all(&heard, &EventRange::all());
        prop_assert_eq!(&again[..=n], &whole[..=n]);
        // Numbers that were not said yet do not reach it: another future, the same result.
        let last = whole[n].key();
        let series = d.iter().map(|(coin, s)| {
            let later = |time, phase| zero_market::MarketKey { time, phase, coin: Some(coin) } > last;
            let mut s = s.clone();
            for b in s.bars.iter_mut().filter(|b| later(b.open_time.plus(d.interval()), 1)) {
                let other = bar(b.open_time.as_ns() / H, seed * 1_013);
                let open = if later(b.open_time, 6) { other.open } else { b.open };
                let (high, low) = (open.max(other.high), open.min(other.low));
                *b = BarRow { open, high, low, ..other };
            }
            for p in s.funding.iter_mut().filter(|p| later(p.time, 2)) {
                *p = print(p.time.as_ns() / H, seed * 1_013);
            }
            s
        });
        let other = Dataset::new(d.universe().clone(), d.interval(), series.collect()).unwrap();
        let (a, b) = (all(&other.heard(last).unwrap(), &EventRange::all()), again);
        prop_assert_eq!(&a[..=n], &b[..=n]);
    }

    #[test]
    fn a_range_is_the_part_of_everything_that_lies_in_it(d in dataset(), a in -2i64..64, n in 0i64..40, one: bool) {
        let (from, to) = (Ts::from_ns((480_000 + a) * H), Ts::from_ns((480_000 + a + n) * H));
        let mut range = EventRange::between(from, to);
        let (_tmp, store) = stored(&d);
        let mut want: Vec<Event> = all(&d, &EventRange::all());
        want.retain(|e| e.time >= from && e.time < to);
        if one {
            range = range.only(vec![CoinId(0)]);
            let lone = d.series(CoinId(0)).unwrap().bars.iter().map(|b| b.open_time.plus(d.interval()));
            let timers: Vec<Ts> = lone.collect();
            want.retain(|e| e.body.coin().map_or(timers.contains(&e.time), |c| c == CoinId(0)));
        }
        prop_assert_eq!(&all(&d, &range), &want);
        let disk: Vec<Event> = store.events(&range).unwrap().map(Result::unwrap).collect();
        prop_assert_eq!(&disk, &want);
    }

    #[test]
    fn resuming_after_any_event_continues_with_the_next(d in dataset(), cut in any::<prop::sample::Index>()) {
        let everything = all(&d, &EventRange::all());
        prop_assume!(!everything.is_empty());
        let i = cut.index(everything.len());
        let range = EventRange::all().skip_after(everything[i].key());
        prop_assert_eq!(&all(&d, &range), &everything[i + 1..]);
        let (_tmp, store) = stored(&d);
        let disk: Vec<Event> = store.events(&range).unwrap().map(Result::unwrap).collect();
        prop_assert_eq!(&disk, &everything[i + 1..]);
    }
}

/// Everything that lies in the future of `as_of` is replaced by something else.
fn with_another_future(d: &Dataset, as_of: Ts) -> Dataset {
    let series = d.iter().map(|(_, s)| {
        let mut s = s.clone();
        for b in s.bars.iter_mut().filter(|b| b.open_time.plus(TsDiff::HOUR) > as_of) {
            b.close = b.low;
            b.high = b.high.plus(Px::whole(1)).unwrap();
            if b.open_time > as_of {
                b.open = b.high;
            }
        }
        s.funding.iter_mut().filter(|p| p.time > as_of).for_each(|p| p.rate = Rate::bps(7));
        s
    });
    Dataset::new(d.universe().clone(), d.interval(), series.collect()).unwrap()
}

/// A read is free of look-ahead when it is the same whatever the future holds.
fn leaks(d: &Dataset, as_of: Ts, read: &dyn Fn(&Dataset, Ts) -> Vec<Bar>) -> bool {
    read(d, as_of) != read(&with_another_future(d, as_of), as_of)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_read_as_of_a_time_depends_on_what_comes_later(d in dataset(), minutes in 0i64..3_700) {
        let as_of = Ts::from_ns(480_000 * H + minutes * 60_000_000_000);
        let memory = |d: &Dataset, t: Ts| d.iter().flat_map(|(c, _)| d.bars_as_of(c, t).collect::<Vec<_>>()).collect();
        prop_assert!(!leaks(&d, as_of, &memory));
        let disk = |d: &Dataset, t: Ts| {
            let (_tmp, s) = stored(d);
            d.iter().flat_map(|(c, _)| s.bars_as_of(c, t).unwrap().map(Result::unwrap).collect::<Vec<_>>()).collect()
        };
        prop_assert!(!leaks(&d, as_of, &disk));
        prop_assert_eq!(memory(&d, as_of), disk(&d, as_of));
        let future = with_another_future(&d, as_of);
        prop_assert_eq!(all(&d, &EventRange::as_of(as_of)), all(&future, &EventRange::as_of(as_of)));
        for (c, _) in d.iter() {
            prop_assert!(d.funding_as_of(c, as_of).eq(future.funding_as_of(c, as_of)));
            prop_assert!(d.bars_as_of(c, as_of).all(|b| b.close_time() <= as_of));
            prop_assert_eq!(d.bars_as_of(c, as_of).count(),
                d.series(c).unwrap().bars.iter().filter(|b| b.open_time.plus(TsDiff::HOUR) <= as_of).count());
        }
    }
}

#[test]
fn a_planted_look_ahead_is_caught_by_the_same_check() {
    let bars = (480_000..480_050).map(|h| bar(h, 3)).collect();
    let universe = Universe::new(vec![Instrument::new("A", 1, 5)]);
    let d = Dataset::new(universe, TsDiff::HOUR, vec![CoinSeries { bars, funding: vec![] }]).unwrap();
    let as_of = Ts::from_ns(480_020 * H);
    // The classic: a bar taken as visible from its open time on.
    let by_open = |d: &Dataset, t: Ts| {
        let rows = d.series(CoinId(0)).unwrap().bars.iter().filter(|b| b.open_time <= t);
        rows.map(|b| b.bar(CoinId(0), d.interval())).collect()
    };
    assert!(leaks(&d, as_of, &by_open));
    let honest = |d: &Dataset, t: Ts| d.bars_as_of(CoinId(0), t).collect();
    assert!(!leaks(&d, as_of, &honest));
}

fn long() -> Dataset {
    let bars = (0..5_000).map(|h| bar(480_000 + h, 1)).collect();
    let funding = (0..3_000).map(|h| print(480_000 + h, 1)).collect();
    let universe = Universe::new(vec![Instrument::new("A", 1, 5)]);
    Dataset::new(universe, TsDiff::HOUR, vec![CoinSeries { bars, funding }]).unwrap()
}

#[test]
fn a_seek_finds_its_place_across_block_borders() {
    let d = long();
    let (_tmp, store) = stored(&d);
    for hour in [0, 1, 1_022, 1_023, 1_024, 1_025, 2_047, 2_048, 3_000, 4_999, 5_000, 5_001, 6_000] {
        let from = Ts::from_ns((480_000 + hour) * H);
        let range = EventRange { from: Some(from), ..EventRange::all() };
        let disk: Vec<Event> = store.events(&range).unwrap().map(Result::unwrap).collect();
        assert!(disk == all(&d, &range), "hour {hour}");
    }
}

#[test]
fn a_flipped_bit_anywhere_in_a_store_is_an_error_or_fails_verification() {
    let (_tmp, store) = stored(&long());
    for name in ["A.bars", "A.funding", MANIFEST_FILE] {
        let path = store.dir().join(name);
        let len = std::fs::metadata(&path).unwrap().len();
        for at in (0..len.min(64)).chain((64..len).step_by(9_973)) {
            let mut f = std::fs::OpenOptions::new().read(true).write(true).open(&path).unwrap();
            let mut byte = [0u8];
            f.seek(std::io::SeekFrom::Start(at)).unwrap();
            f.read_exact(&mut byte).unwrap();
            let flip = |f: &mut std::fs::File, b: u8| {
                f.seek(std::io::SeekFrom::Start(at)).unwrap();
                f.write_all(&[b]).unwrap();
            };
            flip(&mut f, byte[0] ^ 4);
            let damaged = match Store::open(store.dir()) {
                Err(_) => true,
                Ok(s) if name == MANIFEST_FILE => s.manifest() != store.manifest() || s.verify().is_err(),
                Ok(s) => {
                    let streamed =
                        s.events(&EventRange::all()).and_then(|e| e.collect::<Result<Vec<_>, _>>());
                    // Streaming reads every block's checksum; only the manifest's digest covers the rest.
                    streamed.is_err() && s.verify().is_err()
                }
            };
            flip(&mut f, byte[0]);
            assert!(damaged, "{name} byte {at}");
        }
    }
    store.verify().unwrap();
}

#[test]
fn a_shortened_file_is_refused_before_its_first_event() {
    let (_tmp, store) = stored(&long());
    let path = store.dir().join("A.bars");
    let f = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    f.set_len(10_000).unwrap();
    let e = store.events(&EventRange::all()).err().unwrap();
    assert_eq!(e.code(), "ZERO-DAT-008");
}

#[test]
fn an_interrupted_replacement_is_settled_by_the_next_one() {
    let d = long();
    let tmp = tempfile::tempdir().unwrap();
    let dest = tmp.path().join("s");
    d.write_store(&dest, Existing::Refuse, "first").unwrap();
    // As if the process had died between moving the old store away and moving the new one in.
    std::fs::rename(&dest, tmp.path().join(".s.replaced")).unwrap();
    assert!(Store::open(&dest).is_err());
    assert_eq!(d.write_store(&dest, Existing::Refuse, "second").unwrap_err().code(), "ZERO-DAT-006");
    assert_eq!(Store::open(&dest).unwrap().content_digest(), d.content_digest(), "the old store is back");
    d.write_store(&dest, Existing::Replace, "third").unwrap();
    assert_eq!(Store::open(&dest).unwrap().manifest().coins[0].bars.as_ref().unwrap().source, "third");
    assert_eq!(std::fs::read_dir(tmp.path()).unwrap().count(), 1);
}

#[test]
fn a_data_set_that_breaks_an_invariant_is_not_made() {
    let universe = || Universe::new(vec![Instrument::new("A", 1, 5)]);
    let make = |bars: Vec<BarRow>, funding: Vec<FundingRow>| {
        Dataset::new(universe(), TsDiff::HOUR, vec![CoinSeries { bars, funding }]).map(|_| ())
    };
    assert!(make(vec![bar(5, 1), bar(6, 1)], vec![print(5, 1)]).is_ok());
    assert!(make(vec![bar(6, 1), bar(5, 1)], vec![]).is_err());
    assert!(make(vec![bar(5, 1), bar(5, 1)], vec![]).is_err());
    assert!(make(vec![BarRow { high: Px::whole(1), ..bar(5, 1) }], vec![]).is_err());
    assert!(make(vec![BarRow { open_time: Ts::from_ns(7), ..bar(5, 1) }], vec![]).is_err());
    assert!(make(vec![], vec![FundingRow { time: Ts::from_ns(7), ..print(5, 1) }]).is_err());
    assert!(Dataset::new(universe(), TsDiff::HOUR, vec![]).is_err());
    assert!(Dataset::new(universe(), TsDiff::ZERO, vec![CoinSeries::default()]).is_err());
}
