//! The dashboard and the alerts of this repository against the registry of metrics: a name that no runtime serves would
//! show an empty panel or never fire, and nobody would notice.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use zero_http::{METRICS, Metric, MetricKind};

const RULES: &str = include_str!("../../../ops/prometheus-rules.yml");
const DASHBOARD: &str = include_str!("../../../ops/grafana-dashboard.json");

/// Every expression of the rules and of the dashboard.
fn expressions() -> Vec<String> {
    let rules = RULES.lines().filter_map(|l| l.trim().strip_prefix("expr: ")).map(str::to_owned);
    let dashboard: serde_json::Value = serde_json::from_str(DASHBOARD).unwrap();
    let panels = dashboard["panels"].as_array().unwrap().clone();
    let targets = panels.into_iter().flat_map(|p| p["targets"].as_array().unwrap().clone());
    rules.chain(targets.map(|t| t["expr"].as_str().unwrap().to_owned())).collect()
}

/// Names in an expression that begin with `zero_`, each with the text before it.
fn names(expression: &str) -> Vec<(String, String)> {
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    expression
        .match_indices("zero_")
        .map(|(at, _)| {
            let name = expression[at..].chars().take_while(|c| word(*c)).collect();
            (name, expression[..at].to_owned())
        })
        .collect()
}

/// The metric of a series, and whether the series is a part of a histogram.
fn metric_of(series: &str) -> Option<(&'static Metric, bool)> {
    let find = |name: &str| METRICS.iter().find(|m| m.name == name);
    let part = ["_bucket", "_sum", "_count"].iter().find_map(|s| series.strip_suffix(s));
    if let Some(m) = part.and_then(find).filter(|m| m.kind == MetricKind::Histogram) {
        return Some((m, true));
    }
    find(series).map(|m| (m, false))
}

/// What is wrong with an expression.
fn faults(expression: &str) -> Vec<String> {
    let mut out = Vec::new();
    for (name, before) in names(expression) {
        match metric_of(&name) {
            None => out.push(format!("{name} is in no registry: {expression}")),
            Some((m, part)) => {
                if (m.kind == MetricKind::Histogram) != part {
                    out.push(format!("a histogram is read by its parts: {expression}"));
                }
                let grows = m.kind != MetricKind::Gauge;
                let as_rate = before.ends_with("rate(") || before.ends_with("increase(");
                // A total may be shown as it is; a threshold or a quantile on it would mean nothing.
                let plain = expression == name;
                if grows && !as_rate && !plain || !grows && as_rate {
                    out.push(format!("{name} is a {:?}: {expression}", m.kind));
                }
            }
        }
    }
    out
}

#[test]
fn every_panel_and_every_alert_reads_a_metric_that_a_runtime_serves() {
    let all = expressions();
    assert!(all.len() > 25, "{}", all.len());
    let wrong: Vec<String> = all.iter().flat_map(|e| faults(e)).collect();
    assert_eq!(wrong, Vec::<String>::new());
    for planted in
        ["zero_equity_eur > 1", "zero_sync_seconds > 1", "zero_fills_total > 3", "rate(zero_ready[5m])"]
    {
        assert!(!faults(planted).is_empty(), "{planted}");
    }
}

#[test]
fn no_metric_is_served_that_nobody_looks_at() {
    let all = expressions();
    let seen: BTreeSet<&str> =
        all.iter().flat_map(|e| names(e)).filter_map(|(n, _)| metric_of(&n).map(|(m, _)| m.name)).collect();
    let unseen: Vec<&str> = METRICS.iter().map(|m| m.name).filter(|n| !seen.contains(n)).collect();
    assert_eq!(unseen, Vec::<&str>::new());
}

#[test]
fn labels_that_the_panels_show_are_labels_of_their_metrics() {
    let dashboard: serde_json::Value = serde_json::from_str(DASHBOARD).unwrap();
    for panel in dashboard["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().unwrap() {
            let legend = target["legendFormat"].as_str().unwrap();
            let Some(label) = legend.strip_prefix("{{").and_then(|l| l.strip_suffix("}}")) else { continue };
            let expression = target["expr"].as_str().unwrap();
            let of = |(n, _): &(String, String)| metric_of(n).is_some_and(|(m, _)| m.label == label);
            assert!(names(expression).iter().any(of), "{label}: {expression}");
        }
    }
}

#[test]
fn every_alert_says_what_to_do() {
    let alerts = RULES.matches("- alert: ").count();
    assert!(alerts >= 10);
    for part in ["expr: ", "severity: ", "summary: ", "action: "] {
        assert_eq!(RULES.matches(part).count(), alerts, "{part}");
    }
}

#[test]
fn the_registry_is_sorted_and_every_metric_has_help() {
    assert!(METRICS.is_sorted_by_key(|m| m.name));
    for m in METRICS {
        assert!(m.help.ends_with('.'), "{}", m.name);
        assert_eq!(m.name.ends_with("_total"), m.kind == MetricKind::Counter, "{}", m.name);
    }
}
