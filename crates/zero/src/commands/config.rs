//! `zero config show|get|check|reference|schema`.

use crate::args::ConfigCommand;
use crate::commands::{docs, notify};
use crate::context::Context;
use crate::convert;
use crate::failure::Failure;
use crate::table::{line, table};
use crate::ui::Ui;
use std::process::ExitCode;
use zero_config::load::Assigned;
use zero_config::{Explanation, Problem, Resolved, Value};
use zero_packets::config::{ConfigCheck, ConfigGet, ConfigKey, ConfigLayer, ConfigProblem, ConfigShow};

pub(crate) fn run(ctx: &Context, command: &ConfigCommand, ui: Ui) -> Result<ExitCode, Failure> {
    match command {
        ConfigCommand::Show => show(&ctx.config(&[])?, ui),
        ConfigCommand::Get(a) => get(&ctx.config(&[])?, &a.key, a.explain, ui),
        ConfigCommand::Check => check(ctx, ui),
        ConfigCommand::Reference => {
            docs::print("configuration", "text/markdown", zero_config::docs::reference_markdown(), ui)
        }
        ConfigCommand::Schema => docs::print("config.schema", "application/schema+json", docs::schema(), ui),
    }
}

fn show(resolved: &Resolved, ui: Ui) -> Result<ExitCode, Failure> {
    let mut keys = Vec::new();
    for key in resolved.keys() {
        let e = resolved.explain(key)?;
        let (layer, place) = winner(&e);
        keys.push(ConfigKey { key: key.to_owned(), value: shown(e.value.as_ref()), layer, place });
    }
    let packet = ConfigShow {
        schema_version: Default::default(),
        config_hash: resolved.config.hash().to_string(),
        keys,
    };
    ui.packet(&packet, || {
        let rows = packet.keys.iter().map(|k| {
            let value = k.value.clone().unwrap_or_else(|| "(absent)".into());
            [k.key.clone(), value, k.layer.clone(), k.place.clone()]
        });
        table(["key", "value", "layer", "place"], &[], rows.collect())
            + "\n"
            + &line("Hash", &packet.config_hash)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn get(resolved: &Resolved, key: &str, explain: bool, ui: Ui) -> Result<ExitCode, Failure> {
    let e = resolved.explain(key)?;
    let packet = ConfigGet {
        schema_version: Default::default(),
        key: e.key.clone(),
        value: shown(e.value.as_ref()),
        kind: e.spec.kind.name().to_owned(),
        rule: e.spec.kind.wants(),
        doc: e.spec.doc.trim().to_owned(),
        risk: e.spec.risk.words().to_owned(),
        env: e.env.clone(),
        since: e.spec.since.to_owned(),
        layers: e.layers.iter().map(layer).collect(),
    };
    ui.packet(&packet, || {
        let value = packet.value.clone().unwrap_or_else(|| "(absent)".into());
        if !explain {
            return value;
        }
        let mut out = line("Key", &packet.key) + &line("Value", &value) + &line("Meaning", &packet.doc);
        out += &line("Takes", &packet.rule);
        out += &line("Risk", &packet.risk);
        out += &line("Variable", &packet.env);
        out += &line("Since", &packet.since);
        let rows = packet
            .layers
            .iter()
            .map(|l| [l.layer.clone(), l.value.clone().unwrap_or_else(|| "(unset)".into()), l.place.clone()]);
        out + "\n" + &table(["layer", "value", "place"], &[], rows.collect()) + "\nThe last layer wins.\n"
    })?;
    Ok(ExitCode::SUCCESS)
}

fn check(ctx: &Context, ui: Ui) -> Result<ExitCode, Failure> {
    let sources = ctx.sources(&[])?;
    let problems: Vec<Problem> = zero_config::check(&sources);
    let config = zero_config::load(&sources).ok().map(|r| r.config);
    // A document that a book names is part of what would run: the values alone do not say whether it can.
    let mut broken = config.as_ref().map(|c| convert::unbuildable(ctx, c)).unwrap_or_default();
    // And so are the files and the times that ways to a person name.
    let notify = config.as_ref().and_then(|c| notify::ways(&c.notify).err());
    broken.extend(notify.map(|f| ("notify".to_owned(), f)));
    let unbuilt = broken.into_iter().map(|(key, f)| ConfigProblem {
        code: f.0.code,
        key: Some(key),
        place: None,
        cause: f.0.cause,
        hint: f.0.hint,
    });
    let problems: Vec<ConfigProblem> = problems.iter().map(problem).chain(unbuilt).collect();
    let packet = ConfigCheck {
        schema_version: Default::default(),
        ok: problems.is_empty(),
        config_hash: config.map(|c| c.hash().to_string()),
        problems,
    };
    ui.packet(&packet, || {
        let mut out = String::new();
        for p in &packet.problems {
            let place = p.place.as_ref().or(p.key.as_ref()).map_or_else(String::new, |s| format!("{s}: "));
            out += &format!("problem[{}]: {place}{}\n  hint: {}\n", p.code, p.cause, p.hint);
        }
        match &packet.config_hash {
            Some(hash) if packet.ok => out + &line("Ok", &format!("configuration {hash}")),
            _ => out + &format!("{} problems\n", packet.problems.len()),
        }
    })?;
    Ok(if packet.ok { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn problem(p: &Problem) -> ConfigProblem {
    ConfigProblem {
        code: p.code().to_owned(),
        key: p.key.clone(),
        place: p.at.as_ref().map(|(_, place)| place.to_string()),
        cause: p.cause.clone(),
        hint: p.hint.clone(),
    }
}

fn winner(e: &Explanation) -> (String, String) {
    let last = e.layers.last();
    last.map_or_else(
        || ("default".into(), String::new()),
        |a| (a.layer.name().to_owned(), a.place.to_string()),
    )
}

fn layer(a: &Assigned) -> ConfigLayer {
    ConfigLayer {
        layer: a.layer.name().to_owned(),
        place: a.place.to_string(),
        value: shown(a.value.as_ref()),
    }
}

fn shown(v: Option<&Value>) -> Option<String> {
    v.map(ToString::to_string)
}
