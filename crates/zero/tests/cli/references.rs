//! The committed references are what the program generates.

use crate::support::Home;
use std::path::Path;

#[test]
fn committed_references_equal_the_generated_text() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let home = Home::new();
    home.run(&["docs", "--out", "all"]).ok();
    for (name, file) in [
        ("commands", "commands.md"),
        ("configuration", "configuration.md"),
        ("errors", "errors.md"),
        ("schema", "config.schema.json"),
        ("openapi", "openapi.json"),
        ("meaning", "meaning.md"),
    ] {
        let generated = home.run(&["docs", name]).ok().out;
        assert_eq!(std::fs::read_to_string(home.path().join("all").join(file)).unwrap(), generated);
        let committed = std::fs::read_to_string(docs.join(file)).unwrap_or_default();
        assert!(generated == committed, "docs/{file} is stale: `zero docs --out docs` writes it anew");
    }
}

#[test]
fn completions_know_commands_and_their_aliases() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish"] {
        let text = home.run(&["completions", shell]).ok().out;
        assert!(text.contains("rejections") && text.contains("heartbeat"), "{shell}");
    }
    assert_eq!(home.run(&["completions", "tcsh"]).code, 2);
}
