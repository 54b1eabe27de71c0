//! The ledger against an independent recomputation from the list of what happened.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use proptest::prelude::*;
use support::{Rig, chaos, config, erratic};
use zero_core::{AccountId, BookId, CoinId, OrderId, Px, Rate, Sz, Ts, Usd};
use zero_kernel::{Fact, Ledger};
use zero_market::{Event, EventBody, Fill, FillCause, FundingPayment, Liquidity, Side, VenueEvent};

#[derive(Clone, Debug)]
enum Posting {
    Fill(u16, u16, bool, i64, i64, i64),
    Funding(u16, i64),
    Transfer(u16, i64),
    Backstop(u16, i64),
}

fn posting() -> impl Strategy<Value = Posting> {
    prop_oneof![
        6 => (0u16..3, 0u16..2, any::<bool>(), 1i64..100_000_000_000, 1i64..10_000_000_000_000, -1_000_000i64..1_000_000_000)
            .prop_map(|(b, c, buy, sz, px, fee)| Posting::Fill(b, c, buy, sz, px, fee)),
        1 => (0u16..3, -1_000_000_000i64..1_000_000_000).prop_map(|(b, x)| Posting::Funding(b, x)),
        1 => (0u16..3, -1_000_000_000_000i64..1_000_000_000_000).prop_map(|(b, x)| Posting::Transfer(b, x)),
        1 => (0u16..3, -1_000_000_000i64..1_000_000_000).prop_map(|(b, x)| Posting::Backstop(b, x)),
    ]
}

fn fill(i: usize, (b, c, buy, sz, px, fee): (u16, u16, bool, i64, i64, i64)) -> Fill {
    let (px, sz) = (Px::from_raw(px), Sz::from_raw(sz));
    Fill {
        tid: i as u64 + 1,
        order: OrderId([0; 16]),
        account: AccountId(b / 2),
        book: BookId(b),
        coin: CoinId(c),
        side: if buy { Side::Buy } else { Side::Sell },
        px,
        sz,
        notional: px.notional(sz).unwrap(),
        fee: Usd::from_raw(fee),
        liquidity: Liquidity::Taker,
        cause: FillCause::Order,
        time: Ts::ZERO,
        remaining: Sz::ZERO,
    }
}

const MARKS: [i64; 2] = [3_141_592_653, 271_828_182_845];

/// Half to even, written out anew: the oracle shares no code with the ledger.
fn rounded(num: i128, den: i128) -> i128 {
    let (q, r) = (num.div_euclid(den), num.rem_euclid(den));
    match (2 * r).cmp(&den) {
        std::cmp::Ordering::Less => q,
        std::cmp::Ordering::Greater => q + 1,
        std::cmp::Ordering::Equal => q + q.rem_euclid(2),
    }
}

proptest! {
    /// F5, F28: to the unit, after every posting.
    #[test]
    fn the_trial_balance_is_zero_and_equity_is_the_sum_of_everything_that_happened(
        postings in prop::collection::vec(posting(), 1..80)
    ) {
        let initial = Usd::whole(50_000);
        let mut ledger = Ledger::new(&[(AccountId(0), initial), (AccountId(0), initial), (AccountId(1), initial)], 2);
        let mut cash = [i128::from(initial.raw()); 3];
        let mut held = [[0i128; 2]; 3];
        for (i, p) in postings.iter().enumerate() {
            match *p {
                Posting::Fill(b, c, buy, sz, px, fee) => {
                    let f = fill(i, (b, c, buy, sz, px, fee));
                    ledger.post_fill(&f).unwrap();
                    let notional = rounded(i128::from(px) * i128::from(sz), 100_000_000);
                    let sign = if buy { 1 } else { -1 };
                    cash[usize::from(b)] -= sign * notional + i128::from(fee);
                    held[usize::from(b)][usize::from(c)] += sign * i128::from(sz);
                }
                Posting::Funding(b, x) => {
                    let p = FundingPayment {
                        account: AccountId(b / 2), book: BookId(b), coin: CoinId(0), szi: Sz::ONE, oracle_px: Px::ONE,
                        rate: Rate::ZERO, amount: Usd::from_raw(x), time: Ts::ZERO,
                    };
                    ledger.post_funding(&p).unwrap();
                    cash[usize::from(b)] += i128::from(x);
                }
                Posting::Transfer(b, x) => {
                    ledger.post_transfer(BookId(b), Usd::from_raw(x)).unwrap();
                    cash[usize::from(b)] += i128::from(x);
                }
                Posting::Backstop(b, x) => {
                    ledger.post_backstop(BookId(b), Usd::from_raw(x)).unwrap();
                    cash[usize::from(b)] += i128::from(x);
                }
            }
            let mut accounts = [0i128; 2];
            for (b, book) in ledger.books.iter().enumerate() {
                prop_assert_eq!(book.trial_balance(), 0);
                let mut want = cash[b];
                for (c, mark) in MARKS.iter().enumerate() {
                    want += rounded(held[b][c] * i128::from(*mark), 100_000_000);
                    prop_assert_eq!(i128::from(book.positions[c].szi.raw()), held[b][c]);
                    if held[b][c] == 0 {
                        prop_assert_eq!(book.positions[c].cost, Usd::ZERO, "a flat position has no cost left");
                    }
                }
                let got = ledger.book_equity(book, |c| Some(Px::from_raw(MARKS[c.index()]))).unwrap().unwrap();
                prop_assert_eq!(i128::from(got.raw()), want);
                accounts[usize::from(book.account.0)] += want;
            }
            for (a, want) in accounts.iter().enumerate() {
                let mark = |c: CoinId| Some(Px::from_raw(MARKS[c.index()]));
                let got = ledger.account_equity(AccountId(a as u16), mark).unwrap().unwrap();
                prop_assert_eq!(i128::from(got.raw()), *want, "the account is the sum of its books");
            }
        }
    }
}

proptest! {
    /// F28: once flat, what is realised is what was sold less what was bought, and no cost is left behind.
    #[test]
    fn a_closed_position_has_realised_exactly_what_it_brought(
        fills in prop::collection::vec((any::<bool>(), 1i64..100_000_000_000, 1i64..10_000_000_000_000), 1..20),
        last in 1i64..10_000_000_000_000,
    ) {
        let mut ledger = Ledger::new(&[(AccountId(0), Usd::ZERO)], 1);
        let mut brought = 0i128;
        let mut post = |ledger: &mut Ledger, buy: bool, sz: i64, px: i64| {
            let f = fill(0, (0, 0, buy, sz, px, 0));
            ledger.post_fill(&f).unwrap();
            brought += i128::from(f.notional.raw()) * if buy { -1 } else { 1 };
        };
        for (buy, sz, px) in fills {
            post(&mut ledger, buy, sz, px);
        }
        let held = ledger.books[0].positions[0].szi.raw();
        if held != 0 {
            post(&mut ledger, held < 0, held.abs(), last);
        }
        let book = &ledger.books[0];
        prop_assert_eq!(book.positions[0].szi, Sz::ZERO);
        prop_assert_eq!(book.positions[0].cost, Usd::ZERO);
        prop_assert_eq!(i128::from(book.realised.raw()), brought);
        prop_assert_eq!(i128::from(book.cash.raw()), brought);
    }
}

#[test]
fn a_partial_close_releases_its_share_of_the_cost_at_the_average_price() {
    let mut ledger = Ledger::new(&[(AccountId(0), Usd::ZERO)], 1);
    for (buy, sz, px) in [(true, 2, 100), (true, 2, 110), (false, 1, 120)] {
        ledger.post_fill(&fill(0, (0, 0, buy, sz * 100_000_000, px * 100_000_000, 0))).unwrap();
    }
    let book = &ledger.books[0];
    assert_eq!((book.realised, book.positions[0].cost), (Usd::whole(15), Usd::whole(315)));
    assert_eq!(book.positions[0].entry_px(), Px::whole(105));
    // Through zero: the whole cost is released, the rest opens at its own price.
    ledger.post_fill(&fill(0, (0, 0, false, 500_000_000, 10_000_000_000, 0))).unwrap();
    let book = &ledger.books[0];
    assert_eq!((book.realised, book.positions[0].cost), (Usd::whole(0), Usd::whole(-200)));
    assert_eq!(book.positions[0].entry_px(), Px::whole(100));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// The same on whole runs, from the recorded facts alone. A refused duplicate must not appear in the sum.
    #[test]
    fn a_runs_cash_is_recomputed_from_its_facts(seed in 0u64..1_000_000) {
        let mut rig = Rig::new(config(&[0, 0, 1]), 3, &[erratic(seed), erratic(seed ^ 3), erratic(seed ^ 5)]);
        chaos(&mut rig, seed, 40);
        let mut cash = [1_000_000_000_000i128; 3];
        let mut seen = std::collections::BTreeSet::new();
        for f in &rig.facts {
            match f {
                Fact::Event(Event { body: EventBody::Venue(VenueEvent::Fill(f)), .. }) if seen.insert(f.tid) => {
                    let notional = rounded(i128::from(f.px.raw()) * i128::from(f.sz.raw()), 100_000_000);
                    cash[f.book.index()] -= i128::from(f.side.sign()) * notional + i128::from(f.fee.raw());
                }
                Fact::Event(Event { body: EventBody::Venue(VenueEvent::Funding(p)), .. }) => {
                    cash[p.book.index()] += i128::from(p.amount.raw());
                }
                Fact::Event(Event { body: EventBody::Transfer(t), .. }) => {
                    cash[t.book.index()] += i128::from(t.amount.raw());
                }
                _ => {}
            }
        }
        for (b, book) in rig.kernel.state().ledger.books.iter().enumerate() {
            prop_assert_eq!(i128::from(book.cash.raw()), cash[b]);
            prop_assert_eq!(book.trial_balance(), 0);
        }
        prop_assert_eq!(rig.kernel.state().counters.fills, seen.len() as u64);
    }
}

#[test]
fn a_fill_that_does_not_fit_is_an_error_and_not_a_wrap() {
    let mut ledger = Ledger::new(&[(AccountId(0), Usd::ZERO)], 1);
    let mut f = fill(0, (0, 0, true, 1, 1, 0));
    f.notional = Usd::MAX;
    ledger.post_fill(&f).unwrap();
    assert!(ledger.post_fill(&f).is_err());
    f.book = BookId(9);
    assert!(ledger.post_fill(&f).is_err());
}
