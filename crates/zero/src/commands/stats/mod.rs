//! `zero stats ...`: the statistics of `zero-stats` on anybody's table, so that they can be used and checked.

mod calibration;
mod comparison;
mod dependence;
mod evidence;
mod selection;
mod stacking;
mod table;
mod testing;

use crate::args::StatsCommand;
use crate::failure::Failure;
use crate::ui::Ui;
use serde_json::Value;
use std::process::ExitCode;
use zero_packets::stats::{Stats, StatsInput, StatsResult};

pub(crate) fn run(command: &StatsCommand, ui: Ui) -> Result<ExitCode, Failure> {
    let packet = match command {
        StatsCommand::Psr(a) => evidence::psr(a),
        StatsCommand::Mintrl(a) => evidence::mintrl(a),
        StatsCommand::Diff(a) => comparison::diff(a),
        StatsCommand::Ope(a) => comparison::ope(a),
        StatsCommand::Minbtl(a) => evidence::minbtl(a),
        StatsCommand::Evalue(a) => evidence::evalue(a),
        StatsCommand::Kelly(a) => evidence::kelly(a),
        StatsCommand::Dsr(a) => selection::dsr(a),
        StatsCommand::Pbo(a) => selection::pbo(a),
        StatsCommand::Spa(a) => selection::spa(a),
        StatsCommand::Cpcv(a) => selection::cpcv(a),
        StatsCommand::Brier(a) => calibration::brier(a),
        StatsCommand::Calibrate(a) => calibration::calibrate(a),
        StatsCommand::Stack(a) => stacking::stack(a),
        StatsCommand::Psi(a) => calibration::psi(a),
        StatsCommand::Ewma(a) => dependence::ewma(a),
        StatsCommand::Lw(a) => dependence::lw(a),
        StatsCommand::Vr(a) => dependence::vr(a),
        StatsCommand::Scaling(a) => dependence::scaling(a),
        StatsCommand::Bh(a) => testing::bh(a),
        StatsCommand::Elond(a) => testing::elond(a),
        StatsCommand::Cusum(a) => testing::cusum(a),
        StatsCommand::Bocpd(a) => testing::bocpd(a),
    }?;
    ui.packet(&packet, || human(&packet))?;
    Ok(ExitCode::SUCCESS)
}

fn packet(input: Option<StatsInput>, method: impl Into<String>, result: StatsResult) -> Stats {
    Stats { schema_version: Default::default(), input, method: method.into(), result }
}

/// The packet's fields, one a line; long lists are cut, and say so.
fn human(packet: &Stats) -> String {
    let mut out = String::new();
    if let Some(input) = &packet.input {
        let columns = cut(&input.columns, |c| c.clone());
        out.push_str(&format!("{:<28}{} ({} rows; {columns})\n", "from", input.path, input.rows));
    }
    if let Ok(Value::Object(fields)) = serde_json::to_value(&packet.result) {
        for (key, value) in fields.iter().filter(|(key, _)| *key != "kind") {
            show(key, value, &mut out);
        }
    }
    out.push_str(&format!("{:<28}{}\n", "method", packet.method));
    out
}

fn show(key: &str, value: &Value, out: &mut String) {
    match value {
        Value::Object(fields) => {
            for (inner, value) in fields {
                show(&format!("{key}.{inner}"), value, out);
            }
        }
        Value::Array(items) if items.iter().any(|i| i.is_object() || i.is_array()) => {
            const MOST: usize = 24;
            for item in items.iter().take(MOST) {
                out.push_str(&format!("{:<28}{}\n", format!("{key}[]"), row(item)));
            }
            if items.len() > MOST {
                out.push_str(&format!("{:<28}... {} more: --json shows all\n", "", items.len() - MOST));
            }
        }
        Value::Array(items) => out.push_str(&format!("{key:<28}{}\n", cut(items, plain))),
        one => out.push_str(&format!("{key:<28}{}\n", plain(one))),
    }
}

fn row(item: &Value) -> String {
    match item {
        Value::Object(fields) => {
            fields.iter().map(|(k, v)| format!("{k} {}", row(v))).collect::<Vec<_>>().join("  ")
        }
        Value::Array(items) => cut(items, plain),
        one => plain(one),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "unknown".into(),
        Value::String(text) => text.clone(),
        Value::Number(n) if n.is_f64() => {
            let x = n.as_f64().unwrap_or(f64::NAN);
            let size = x.abs();
            if size != 0.0 && !(1e-4..1e9).contains(&size) { format!("{x:.6e}") } else { format!("{x:.6}") }
        }
        other => other.to_string(),
    }
}

fn cut<T>(items: &[T], text: impl Fn(&T) -> String) -> String {
    const MOST: usize = 12;
    let shown: Vec<String> = items.iter().take(MOST).map(text).collect();
    let more = items.len().saturating_sub(MOST);
    shown.join(", ") + &if more > 0 { format!(", ... {more} more") } else { String::new() }
}
