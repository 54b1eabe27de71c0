//! Memory and open files of another process.

use std::fs;
use std::time::Duration;

/// What a process held at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Memory {
    /// Since the first sample.
    pub at: Duration,
    /// Resident memory (`VmRSS`), MiB.
    pub resident_mib: f64,
    /// Open files.
    pub files: usize,
}

/// Of the process now; `None` where the system does not say.
pub(crate) fn of(pid: u32, at: Duration) -> Option<Memory> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|l| l.starts_with("VmRSS:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    let files = fs::read_dir(format!("/proc/{pid}/fd")).ok()?.count();
    Some(Memory { at, resident_mib: kib / 1024.0, files })
}

/// Least-squares slope over the last three quarters, in percent of their mean per hour; `None` for fewer than three samples.
pub(crate) fn growth_per_hour(samples: &[Memory]) -> Option<f64> {
    let kept = samples.get(samples.len() / 4..).filter(|s| s.len() >= 3)?;
    let n = kept.len() as f64;
    let hours = |m: &Memory| m.at.as_secs_f64() / 3_600.0;
    let (mean_x, mean_y) =
        (kept.iter().map(hours).sum::<f64>() / n, kept.iter().map(|m| m.resident_mib).sum::<f64>() / n);
    let xy: f64 = kept.iter().map(|m| (hours(m) - mean_x) * (m.resident_mib - mean_y)).sum();
    let xx: f64 = kept.iter().map(|m| (hours(m) - mean_x) * (hours(m) - mean_x)).sum();
    (xx > 0.0 && mean_y > 0.0).then(|| 100.0 * xy / xx / mean_y)
}

#[cfg(test)]
mod tests {
    use super::{Memory, growth_per_hour};
    use std::time::Duration;

    #[test]
    fn a_line_that_grows_by_a_percent_an_hour_is_called_that_whatever_came_before() {
        let sample = |s: u64, mib| Memory { at: Duration::from_secs(s), resident_mib: mib, files: 1 };
        let steady: Vec<Memory> = (0..400).map(|s| sample(s, 100.0 + s as f64 / 3_600.0)).collect();
        assert!((growth_per_hour(&steady).unwrap() - 1.0).abs() < 0.01);
        let warm: Vec<Memory> = (0..400).map(|s| sample(s, if s < 100 { 10.0 } else { 100.0 })).collect();
        assert_eq!(growth_per_hour(&warm), Some(0.0));
        assert_eq!(growth_per_hour(&steady[..2]), None);
    }
}
