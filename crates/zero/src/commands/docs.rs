//! `zero docs` and `zero completions`: generated texts.

use crate::args::{DocsArgs, Reference, ShellArgs};
use crate::cli;
use crate::failure::Failure;
use crate::ui::Ui;
use std::fs;
use std::process::ExitCode;
use zero_packets::document::Document;

/// Every reference and its file.
const FILES: [(Reference, &str); 7] = [
    (Reference::Commands, "commands.md"),
    (Reference::Configuration, "configuration.md"),
    (Reference::Errors, "errors.md"),
    (Reference::Schema, "config.schema.json"),
    (Reference::StrategySchema, "strategy.schema.json"),
    (Reference::Openapi, "openapi.json"),
    (Reference::Meaning, "meaning.md"),
];

pub(crate) fn run(args: &DocsArgs, ui: Ui) -> Result<ExitCode, Failure> {
    if let Some(reference) = args.reference {
        let (name, media_type, text) = generate(reference);
        return print(name, media_type, text, ui);
    }
    let dir = args.out.clone().unwrap_or_default();
    fs::create_dir_all(&dir).map_err(|e| Failure::io("make", &dir, &e))?;
    let mut written = String::new();
    for (reference, file) in FILES {
        let path = dir.join(file);
        fs::write(&path, generate(reference).2).map_err(|e| Failure::io("write", &path, &e))?;
        written.push_str(&format!("{}\n", path.display()));
    }
    print("files", "text/plain", written, ui)
}

fn generate(reference: Reference) -> (&'static str, &'static str, String) {
    match reference {
        Reference::Commands => ("commands", "text/markdown", zero_capability::commands_markdown()),
        Reference::Configuration => {
            ("configuration", "text/markdown", zero_config::docs::reference_markdown())
        }
        Reference::Meaning => ("meaning", "text/markdown", zero_capability::meaning_markdown()),
        Reference::Errors => ("errors", "text/markdown", zero_packets::errors_markdown()),
        Reference::StrategySchema => {
            let text = serde_json::to_string_pretty(&zero_lang::schema::json_schema()).map(|s| s + "\n");
            ("strategy.schema", "application/schema+json", text.unwrap_or_default())
        }
        Reference::Schema => ("config.schema", "application/schema+json", schema()),
        Reference::Openapi => ("openapi", "application/json", openapi()),
    }
}

/// `zero openapi`: the document that the router is made beside.
pub(crate) fn print_openapi(ui: Ui) -> Result<ExitCode, Failure> {
    let (name, media_type, text) = generate(Reference::Openapi);
    print(name, media_type, text, ui)
}

fn openapi() -> String {
    let v = zero_capability::openapi(env!("CARGO_PKG_VERSION"));
    serde_json::to_string_pretty(&v).map(|s| s + "\n").unwrap_or_default()
}

pub(crate) fn completions(args: &ShellArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let mut bytes = Vec::new();
    clap_complete::generate(args.shell, &mut cli::command(), "zero", &mut bytes);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    print(&format!("completions.{}", args.shell), "text/plain", text, ui)
}

/// The JSON Schema of the configuration file, indented.
pub(crate) fn schema() -> String {
    let v = zero_config::docs::json_schema();
    serde_json::to_string_pretty(&v).map(|s| s + "\n").unwrap_or_default()
}

pub(crate) fn print(name: &str, media_type: &str, text: String, ui: Ui) -> Result<ExitCode, Failure> {
    let packet = Document {
        schema_version: Default::default(),
        name: name.into(),
        media_type: media_type.into(),
        text,
    };
    ui.packet(&packet, || packet.text.clone())?;
    Ok(ExitCode::SUCCESS)
}
