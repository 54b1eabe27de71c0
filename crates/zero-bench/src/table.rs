//! A figure, its spread, its sink and what it is held against.

use crate::machine;
use crate::measure::peak_mib;
use serde::Serialize;
use std::fmt::Write as _;

/// The figure of each run, with its CPU seconds where they were measured.
pub(crate) type Runs = Vec<(f64, Option<f64>)>;

/// One line of the table.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    /// What was measured.
    pub measure: String,
    /// What became of the output.
    pub sink: &'static str,
    /// Unit of the figures.
    pub unit: &'static str,
    /// Smallest, middle and largest of the runs.
    pub min: f64,
    pub median: f64,
    pub max: f64,
    /// Runs.
    pub runs: usize,
    /// CPU seconds of the middle run, where they were measured.
    pub cpu_s: Option<f64>,
    /// The least to reach, as it was set.
    pub reach: &'static str,
    /// What was counted, and how.
    pub note: String,
    /// Mean figure of each minute, where it was followed over time.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub by_minute: Vec<f64>,
}

impl Row {
    /// From the figures of all runs, each with its CPU seconds or none.
    pub(crate) fn of(measure: &str, sink: &'static str, unit: &'static str, mut runs: Runs) -> Self {
        runs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let at = |i: usize| runs.get(i).map_or(f64::NAN, |r| r.0);
        let middle = runs.len() / 2;
        Self {
            measure: measure.to_owned(),
            sink,
            unit,
            min: at(0),
            median: at(middle),
            max: at(runs.len().saturating_sub(1)),
            runs: runs.len(),
            cpu_s: runs.get(middle).and_then(|r| r.1),
            reach: "",
            note: String::new(),
            by_minute: Vec::new(),
        }
    }

    pub(crate) fn reach(mut self, reach: &'static str) -> Self {
        self.reach = reach;
        self
    }

    pub(crate) fn by_minute(mut self, by_minute: Vec<f64>) -> Self {
        self.by_minute = by_minute;
        self
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }
}

/// For people.
pub(crate) fn text(rows: &[Row]) -> String {
    let mut out = format!("{}\n\n", machine::words());
    let _ = writeln!(
        out,
        "{:<46} {:<7} {:>10} {:>10} {:>10} {:<10} {:>4} {:>8} {:>12}  counted",
        "measure", "sink", "min", "median", "max", "unit", "runs", "CPU s", "reach"
    );
    for r in rows {
        let cpu = r.cpu_s.map_or_else(|| "-".to_owned(), |c| format!("{c:.3}"));
        let _ = writeln!(
            out,
            "{:<46} {:<7} {:>10} {:>10} {:>10} {:<10} {:>4} {:>8} {:>12}  {}",
            r.measure,
            r.sink,
            figure(r.min),
            figure(r.median),
            figure(r.max),
            r.unit,
            r.runs,
            cpu,
            r.reach,
            r.note
        );
    }
    if let Some(peak) = peak_mib() {
        let _ =
            writeln!(out, "\nPeak memory of this whole process, data of every row included: {peak:.0} MiB.");
    }
    out
}

fn figure(x: f64) -> String {
    match x.abs() {
        a if a >= 1_000.0 => format!("{x:.0}"),
        a if a >= 10.0 => format!("{x:.1}"),
        _ => format!("{x:.3}"),
    }
}

/// For programs.
pub(crate) fn json(rows: &[Row]) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(&serde_json::json!({
        "machine": machine::Machine::read(),
        "code": machine::Code::read(),
        "peak_mib": peak_mib(),
        "rows": rows,
    }))
}
