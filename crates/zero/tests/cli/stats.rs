//! `zero stats` on tables that are good, bad and missing.

use crate::support::Home;

/// Sixty-four rows: two series that move, a probability and an outcome.
pub(crate) fn table() -> String {
    let mut out = String::from("a,b,p,o\n");
    let mut state = 5u32;
    for i in 0..64u32 {
        let mut draw = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state >> 8) / f64::from(1u32 << 24)
        };
        let (a, b, p) = (draw() - 0.45, draw() - 0.5, 0.05 + 0.9 * draw());
        out.push_str(&format!("{a},{b},{p},{}\n", u8::from(draw() < p || i == 3)));
    }
    out
}

#[test]
fn a_bad_cell_stops_a_statistic_and_is_named_by_file_row_and_column() {
    let home = Home::new();
    std::fs::write(home.path().join("bad.csv"), table().replacen("\n", "\n,0,0.5,1\n", 1)).unwrap();
    let ran = home.run(&["stats", "psr", "bad.csv", "--column", "a"]).failed(1, "ZERO-CSV-002");
    assert!(ran.err.contains("bad.csv, row 2, column a"), "{}", ran.err);
    home.run(&["stats", "psr", "nowhere.csv"]).failed(5, "ZERO-CSV-001");
    home.run(&["stats", "psr", "bad.csv"]).failed(2, "ZERO-CSV-003");
    std::fs::write(home.path().join("flat.csv"), "r\n".to_owned() + &"0.1\n".repeat(30)).unwrap();
    home.run(&["stats", "psr", "flat.csv"]).failed(1, "ZERO-STA-004");
    std::fs::write(home.path().join("short.csv"), "0.1\n0.2\n").unwrap();
    home.run(&["stats", "psr", "short.csv"]).failed(1, "ZERO-STA-001");
}

#[test]
fn an_observation_beyond_its_declared_bound_voids_the_evidence() {
    let home = Home::new();
    std::fs::write(home.path().join("t.csv"), "x\n0.1\n-0.2\n-0.9\n").unwrap();
    let args = ["stats", "evalue", "t.csv", "--low", "-0.5", "--high", "1"];
    let ran = home.run(&args).failed(1, "ZERO-STA-008");
    assert!(ran.err.contains("(row 4)"), "{}", ran.err);
}

#[test]
fn the_packet_says_what_it_was_computed_from() {
    let home = Home::new();
    std::fs::write(home.path().join("t.csv"), table()).unwrap();
    let p = home.run(&["stats", "psr", "t.csv", "-c", "2", "--json"]).ok().packet();
    assert_eq!(p["input"]["columns"][0], "b");
    assert_eq!((p["input"]["rows"].as_u64(), p["result"]["moments"]["n"].as_u64()), (Some(64), Some(64)));
    assert_eq!(p["input"]["sha256"].as_str().unwrap().len(), 64);
    let (psr, forms) = (&p["result"]["psr"], [&p["result"]["at_estimate"], &p["result"]["at_null"]]);
    assert_eq!(psr.as_f64().unwrap(), forms.map(|f| f.as_f64().unwrap()).into_iter().fold(1.0, f64::min));
    let text = home.run(&["stats", "psr", "t.csv", "-c", "2"]).ok().out;
    assert!(text.contains("moments.ratio") && text.contains("64 rows"), "{text}");
}
