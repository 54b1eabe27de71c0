//! One value of one unit is one literal of the normal form, however it is written.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

use proptest::prelude::*;
use zero_core::Digest32;
use zero_strategy::lang::document::{Document, Field};
use zero_strategy::lang::parser::parse;

/// Places where a fraction of price and a bare number are the same value.
const FRACTIONS: &[&str] = &[
    "vol(12) < {}",
    "{} <= return(3)",
    "not ({} < percentile(20))",
    "min({}, return(3)) < 30%",
    "max(return(3), {}, 0.0071) < 30%",
    "min({}, 40.03%) < return(3)",
    "-min({}, 40.03%) < return(3)",
    "abs(clamp({}, 0, 90.01%)) < return(3)",
    "clamp(return(3), -1, {}) > 0",
    "clamp(3 * atr(48) / close, {}, 1000) > 2%",
    "if(rsi(3) < 50, {}, return(2)) > 0",
    "if(return(3) < {}, 1, 2) > 1",
    "return(3) + {} > 0",
    "return(3) - {} > return(4)",
    "vol(12) * ({}) < return(3)",
    "min(sqrt_bars_per_day * ({}), return(3)) < 40.03%",
    "close * ({}) > ema(9)",
    "{} / vol(12) > trend_t(24)",
    "trend_t(24) / ({}) > 1.5",
    "close / ({}) > ema(9)",
    "vote(return(3) < {}, 2) >= 2",
];

fn document(long: &str, more: &[(&str, &str)]) -> Result<Document, String> {
    let mut all = vec![("entry.long", long), ("exit.stop", "5%"), ("exit.horizon", "48h")];
    all.retain(|(key, _)| !more.iter().any(|(k, _)| k == key));
    all.extend_from_slice(more);
    let fields: Vec<Field<'_>> = all.iter().map(|(key, text)| Field { key, text }).collect();
    Document::new("x", 1, &fields).map_err(|e| format!("{long}: {e}"))
}

fn hash(long: &str) -> Digest32 {
    document(long, &[]).unwrap().meaning()
}

/// `m / 10^places`, as digits.
fn digits(m: u64, places: usize) -> String {
    let text = format!("{m:0width$}", width = places + 1);
    let (whole, rest) = text.split_at(text.len() - places);
    if places == 0 { whole.to_owned() } else { format!("{whole}.{rest}") }
}

/// One fraction in every spelling that the language has.
fn fraction(m: u64) -> Vec<String> {
    vec![
        digits(m, 4),
        digits(m * 1_000, 7),
        format!("00{}", digits(m, 4)),
        format!("{}%", digits(m, 2)),
        format!("{}%", digits(m * 100, 4)),
        format!("({})", digits(m, 4)),
        format!("({m} / 10000)"),
        format!("({m} * 0.01%)"),
        format!("(-(-{}%))", digits(m, 2)),
        format!("({}% + 0.01 - 1%)", digits(m, 2)),
    ]
}

#[test]
fn a_percentage_and_the_number_that_it_is_mean_the_same() {
    assert_eq!(hash("vol(12) < 1%"), hash("vol(12) < 0.01"));
    assert_eq!(hash("vol(12) < 2.50%"), hash("vol(12) < 2.5%"));
    assert_eq!(hash("5% / 1% < trend_t(24)"), hash("0.05 / 1% < trend_t(24)"));
    assert_eq!(hash("100% * return(3) < 5%"), hash("return(3) < 0.05"));
    let stop = |text| document("true", &[("exit.stop", text)]).unwrap().meaning();
    assert_eq!(stop("clamp(3 * atr(48) / close, 1%, 0.2)"), stop("clamp(300% * atr(48) / close, 0.01, 20%)"));
    let score = |text| document("true", &[("entry.score", text)]).unwrap().meaning();
    assert_eq!(score("50%"), score("0.5"));
    assert_eq!(score("if(rsi(3) < 50, 50%, 0.2)"), score("if(rsi(3) < 50, 0.5, 20%)"));
    assert_eq!(score("0.5 - bollinger_b(72)"), score("50% - bollinger_b(72)"));
    assert_eq!(hash("5% + sqrt_bars_per_day < return(3)"), hash("0.05 + sqrt_bars_per_day < return(3)"));
    let sized = |text| document("true", &[("sizing.by", text)]).unwrap().meaning();
    assert_eq!(sized("share 0.050"), sized("share 0.05"));
    assert_eq!(sized("fixed 1.50"), sized("fixed 1.5"));
    assert_ne!(sized("fixed 1.5"), sized("fixed 1.6"));
}

#[test]
fn where_the_unit_makes_another_value_of_the_whole_two_spellings_stay_two() {
    // A fraction over a fraction is a statistic, over a number a fraction: other things may be compared with them.
    assert_ne!(parse("return(3) / 1%").unwrap().expr, parse("return(3) / 0.01").unwrap().expr);
    assert!(
        parse("return(3) / 1% < trend_t(24)").is_ok() && parse("return(3) / 0.01 < trend_t(24)").is_err()
    );
    assert!(document("true", &[("exit.stop", "0.05")]).is_err(), "a distance is written as a fraction");
    assert_ne!(hash("funding_mean(24) < 0.1ph"), hash("funding_annual(24) < 0.1pa"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_fraction_in_all_its_spellings_is_one_hash_and_another_value_another(
        place in prop::sample::select(FRACTIONS.to_vec()), m in 1u64..30_000, other in 1u64..30_000,
    ) {
        let all: Vec<String> = fraction(m).iter().map(|x| place.replace("{}", x)).collect();
        for text in &all {
            prop_assert_eq!(hash(&all[0]), hash(text), "{} and {}", all[0], text);
            let once = parse(text).unwrap();
            let printed = once.expr.to_string();
            prop_assert_eq!(&parse(&printed).unwrap().expr, &once.expr, "{}", printed);
        }
        if other != m {
            for text in fraction(other) {
                let text = place.replace("{}", &text);
                prop_assert_ne!(hash(&all[0]), hash(&text), "{} and {}", all[0], text);
            }
        }
    }

    #[test]
    fn times_and_rates_in_all_their_spellings_are_one_hash(m in 1u64..300_000, other in 1u64..300_000) {
        let days = |m: u64| [format!("{}d", digits(m, 3)), format!("{}h", digits(m * 24, 3)), format!("{}h", digits(m * 240, 4)), format!("({m} * 0.001d)")];
        let yearly = |m: u64| [format!("{}pa", digits(m, 5)), format!("{}pa", digits(m * 10, 6)), format!("({} * 0.001pa)", digits(m, 2))];
        let hourly = |m: u64| [format!("{}ph", digits(m, 7)), format!("0{}ph", digits(m * 10, 8))];
        let plain = |m: u64| [digits(m, 3), digits(m * 100, 5), format!("({m} / 1000)"), format!("0{}", digits(m, 3))];
        let cases: [(&str, Vec<String>, Vec<String>); 4] = [
            ("funding_annual(24) < {}", yearly(m).to_vec(), yearly(other).to_vec()),
            ("funding_mean(24) < {}", hourly(m).to_vec(), hourly(other).to_vec()),
            ("rsi(14) < {} and trend_t(24) > 0", plain(m).to_vec(), plain(other).to_vec()),
            ("hours_held > {}", days(m).to_vec(), days(other).to_vec()),
        ];
        for (place, same, others) in cases {
            let of = |x: &String| {
                let text = place.replace("{}", x);
                // Only exits ask about the position.
                if place.contains("hours_held") { document("true", &[("exit.kill", &text)]).unwrap().meaning() } else { hash(&text) }
            };
            for x in &same {
                prop_assert_eq!(of(&same[0]), of(x), "{} and {}", same[0], x);
            }
            for x in others.iter().filter(|_| other != m) {
                prop_assert_ne!(of(&same[0]), of(x), "{} and {}", same[0], x);
            }
        }
    }
}
