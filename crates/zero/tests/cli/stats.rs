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
    home.run(&["stats", "psr", "nowhere.csv"]).failed(1, "ZERO-CLI-025");
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

#[test]
fn more_rows_than_a_machine_holds_are_refused_before_one_is_made() {
    let home = Home::new();
    for rows in ["10000001", "1000000000000", "18446744073709551615"] {
        home.run(&["stats", "cpcv", "--rows", rows]).failed(1, "ZERO-STA-010");
    }
    let listed = ["stats", "cpcv", "--rows", "1000000", "--groups", "10", "--list"];
    home.run(&listed).failed(1, "ZERO-STA-010");
}

#[test]
fn a_stated_number_of_trials_below_the_table_does_not_lower_the_bar() {
    let home = Home::new();
    std::fs::write(home.path().join("t.csv"), table()).unwrap();
    let of = |more: &[&str]| {
        let mut args = vec!["stats", "dsr", "t.csv", "--columns", "a,b,p", "--json"];
        args.extend(more);
        home.run(&args).ok().packet()["result"].clone()
    };
    let all = of(&[]);
    assert_eq!(of(&["--trials", "2"]), all);
    assert_eq!(of(&["--trials", "3"]), all);
    let more = of(&["--trials", "30"]);
    assert!(more["by_count"]["dsr"].as_f64().unwrap() < all["by_count"]["dsr"].as_f64().unwrap());
    for bad in ["0", "-1", "nan"] {
        let flag = format!("--trials={bad}");
        let ran = home.run(&["stats", "dsr", "t.csv", "--columns", "a,b,p", &flag]);
        assert_ne!(ran.code, 0, "{bad}: {}", ran.out);
    }
}

#[test]
fn a_name_that_two_columns_have_names_none() {
    let home = Home::new();
    std::fs::write(home.path().join("t.csv"), "a,a,b\n1,2,3\n2,1,4\n4,4,1\n").unwrap();
    let ran = home.run(&["stats", "psr", "t.csv", "-c", "a"]).failed(2, "ZERO-CSV-003");
    assert!(ran.err.contains("2 columns"), "{}", ran.err);
}

#[test]
fn a_losing_series_has_no_length_that_suffices_and_that_is_a_result() {
    let home = Home::new();
    let rows: String = (0..40).map(|i| format!("{}\n", f64::from(i % 5) * 0.01 - 0.03)).collect();
    std::fs::write(home.path().join("t.csv"), rows).unwrap();
    let p = home.run(&["stats", "mintrl", "t.csv", "--json"]).ok().packet();
    let r = &p["result"];
    assert!(r["moments"]["ratio"].as_f64().unwrap() < 0.0);
    assert!(r["returns_needed"].is_null() && r["at_null"].is_null() && r["at_estimate"].is_null(), "{r}");
    assert_eq!(r["long_enough"], false);
    assert!(home.run(&["stats", "mintrl", "t.csv"]).ok().out.contains("no length suffices"));
    // What is wrong with the command line is still said.
    home.run(&["stats", "mintrl", "t.csv", "--confidence", "2"]).failed(2, "ZERO-STA-005");
    let low = home.run(&["stats", "mintrl", "t.csv", "--benchmark", "-9", "--json"]).ok().packet();
    assert!(low["result"]["returns_needed"].is_number() && low["result"]["long_enough"] == true, "{low}");
}

#[test]
fn a_refusal_names_what_is_wrong_and_not_an_observation_that_is_well() {
    let home = Home::new();
    std::fs::write(home.path().join("t.csv"), table()).unwrap();
    for command in ["psr", "mintrl"] {
        let ran = home.run(&["stats", command, "t.csv", "-c", "a", "--benchmark", "nan"]);
        let ran = ran.failed(2, "ZERO-STA-005");
        assert!(ran.err.contains("benchmark") && !ran.err.contains("row"), "{}", ran.err);
    }
    let ran = home.run(&["stats", "cpcv", "t.csv", "--horizon", "1000"]).failed(1, "ZERO-STA-001");
    assert!(ran.err.contains("to train on") && !ran.err.contains("vary"), "{}", ran.err);
}
