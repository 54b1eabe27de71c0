//! A guest that a compiler made: the trend follower in C, wrapped from the WIT file, against the one written by hand.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, missing_docs, reason = "tests")]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;
use support::{Rig, TREND, assemble, held, load, wrapped};

fn guests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("guests")
}

fn says_what_the_hand_written_one_says(core: &[u8]) {
    let component = wrapped(core, "explained-strategy");
    let by_hand = assemble(TREND);
    assert_eq!(load(&component).description(), load(&by_hand).description());
    for i in -50..=50 {
        for sigma in [1e-6, 0.01, 0.3] {
            let t = f64::from(i) / 10.0;
            let (a, b) = (Rig::new(&component, t, sigma), Rig::new(&by_hand, t, sigma));
            assert_eq!(a.strategy.explain(&a.view()), b.strategy.explain(&b.view()), "at {t}, {sigma}");
            assert!(a.strategy.explain(&a.view()).is_ok_and(|c| c.len() == 2));
            for holding in [None, Some(held(1)), Some(held(-1))] {
                // What it costs differs: only the proposals are the same, to the bit.
                let says =
                    |rig: &Rig| rig.strategy.ask(&rig.view(), holding.as_ref()).unwrap().unwrap().proposal;
                assert_eq!(says(&a), says(&b), "at {t}, {sigma}, {holding:?}");
            }
        }
    }
}

#[test]
fn a_guest_compiled_from_c_trades_and_explains_itself_as_the_one_written_by_hand() {
    says_what_the_hand_written_one_says(&std::fs::read(guests().join("trend_from_c.core.wasm")).unwrap());
}

/// The compiled guest is what its text says: it is compiled anew where a compiler for this target is installed.
#[test]
fn the_c_text_compiled_anew_trades_alike_and_one_with_a_planted_fault_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let compile = |text: &str| {
        let (source, core) = (dir.path().join("guest.c"), dir.path().join("core.wasm"));
        std::fs::write(&source, text).unwrap();
        let out = Command::new("clang")
            .args(["--target=wasm32", "-O2", "-nostdlib", "-ffreestanding", "-fno-math-errno"])
            .args(["-Wl,--no-entry", "-Wl,--strip-all", "-Wl,-z,stack-size=4096", "-o"])
            .args([&core, &source])
            .output();
        match out {
            Ok(out) if out.status.success() => Some(std::fs::read(core).unwrap()),
            _ => None,
        }
    };
    let text = std::fs::read_to_string(guests().join("trend.c")).unwrap();
    let Some(core) = compile(&text) else {
        println!("left out: the guest in C compiled anew (install clang and lld)");
        return;
    };
    says_what_the_hand_written_one_says(&core);
    let faulty = compile(&text.replacen("strength >= 1", "strength > 1", 1)).unwrap();
    assert!(std::panic::catch_unwind(|| says_what_the_hand_written_one_says(&faulty)).is_err());
    let lying = compile(&text.replacen("in[0], -1, false, SIGMAS", "in[0], -2, false, SIGMAS", 1)).unwrap();
    assert!(std::panic::catch_unwind(|| says_what_the_hand_written_one_says(&lying)).is_err());
}
