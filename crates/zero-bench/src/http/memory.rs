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
    /// What of it is its own (`RssAnon`), MiB; the rest are pages of files, its program above all, which the system reads when
    /// they are first needed and can take back.
    pub own_mib: f64,
    /// Open files.
    pub files: usize,
}

/// Of the process now; `None` where the system does not say.
pub(crate) fn of(pid: u32, at: Duration) -> Option<Memory> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let mib = |name: &str| {
        let line = status.lines().find_map(|l| l.strip_prefix(name))?;
        let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
        Some(kib / 1024.0)
    };
    let files = fs::read_dir(format!("/proc/{pid}/fd")).ok()?.count();
    Some(Memory { at, resident_mib: mib("VmRSS:")?, own_mib: mib("RssAnon:")?, files })
}

/// Least-squares slope of `mib` over the last three quarters, in percent of their mean per hour; `None` for fewer than three samples.
pub(crate) fn growth_per_hour(samples: &[Memory], mib: impl Fn(&Memory) -> f64) -> Option<f64> {
    let kept = samples.get(samples.len() / 4..).filter(|s| s.len() >= 3)?;
    let n = kept.len() as f64;
    let hours = |m: &Memory| m.at.as_secs_f64() / 3_600.0;
    let (mean_x, mean_y) = (kept.iter().map(hours).sum::<f64>() / n, kept.iter().map(&mib).sum::<f64>() / n);
    let xy: f64 = kept.iter().map(|m| (hours(m) - mean_x) * (mib(m) - mean_y)).sum();
    let xx: f64 = kept.iter().map(|m| (hours(m) - mean_x) * (hours(m) - mean_x)).sum();
    (xx > 0.0 && mean_y > 0.0).then(|| 100.0 * xy / xx / mean_y)
}

/// Mean of `mib` in each minute since the first sample; a minute without a sample is left out.
pub(crate) fn by_minute(samples: &[Memory], mib: impl Fn(&Memory) -> f64) -> Vec<f64> {
    let begin = samples.first().map(|m| m.at).unwrap_or_default();
    let minute = |m: &Memory| m.at.saturating_sub(begin).as_secs() / 60;
    let means = samples.chunk_by(|a, b| minute(a) == minute(b));
    means.map(|all| all.iter().map(&mib).sum::<f64>() / all.len() as f64).collect()
}

#[cfg(test)]
mod tests {
    use super::{Memory, by_minute, growth_per_hour};
    use std::time::Duration;

    fn sample(s: u64, mib: f64) -> Memory {
        Memory { at: Duration::from_secs(s), resident_mib: mib, own_mib: mib / 2.0, files: 1 }
    }

    fn resident(m: &Memory) -> f64 {
        m.resident_mib
    }

    #[test]
    fn a_line_that_grows_by_a_percent_an_hour_is_called_that_whatever_came_before() {
        let steady: Vec<Memory> = (0..400).map(|s| sample(s, 100.0 + s as f64 / 3_600.0)).collect();
        assert!((growth_per_hour(&steady, resident).unwrap() - 1.0).abs() < 0.01);
        let warm: Vec<Memory> = (0..400).map(|s| sample(s, if s < 100 { 10.0 } else { 100.0 })).collect();
        assert_eq!(growth_per_hour(&warm, resident), Some(0.0));
        assert_eq!(growth_per_hour(&steady[..2], resident), None);
    }

    #[test]
    fn a_minute_is_told_by_the_mean_of_its_samples() {
        let samples = [sample(100, 1.0), sample(130, 3.0), sample(161, 7.0), sample(290, 9.0)];
        assert_eq!(by_minute(&samples, resident), [2.0, 7.0, 9.0]);
        assert!(by_minute(&[], resident).is_empty());
    }
}
