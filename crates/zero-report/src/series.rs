//! Series over time, and thinning them for a plot.

use serde::Serialize;

/// Values over time. A value that is not finite is a gap.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Series {
    /// For legends.
    pub name: String,
    /// Milliseconds since 1970 UTC, not decreasing.
    pub ts_ms: Vec<i64>,
    /// As many values. When the lengths differ, the surplus is ignored.
    pub values: Vec<f64>,
}

/// A region between two curves over time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Band {
    /// For legends, e.g. "random entries, 5th to 95th percentile".
    pub name: String,
    /// Milliseconds since 1970 UTC, not decreasing.
    pub ts_ms: Vec<i64>,
    /// The lower curve.
    pub lo: Vec<f64>,
    /// The upper curve.
    pub hi: Vec<f64>,
}

impl Series {
    /// A series without points.
    #[must_use]
    pub fn empty(name: &str) -> Self {
        Self { name: name.to_owned(), ts_ms: Vec::new(), values: Vec::new() }
    }

    /// (time, value) pairs, gaps included.
    pub fn points(&self) -> impl Iterator<Item = (i64, f64)> + '_ {
        self.ts_ms.iter().copied().zip(self.values.iter().copied())
    }

    /// The last finite point.
    #[must_use]
    pub fn last(&self) -> Option<(i64, f64)> {
        let n = self.ts_ms.len().min(self.values.len());
        (0..n).rev().map(|i| (self.ts_ms[i], self.values[i])).find(|p| p.1.is_finite())
    }

    /// At most about `4 * buckets` points: the first, lowest, highest and last of each of `buckets` equal spans of time, so
    /// that the line looks the same at that width and no extreme is lost (M4: Jugel et al., PVLDB 7, 2014). A span
    /// that holds only gaps keeps one.
    #[must_use]
    pub fn thinned(&self, buckets: usize) -> Self {
        let n = self.ts_ms.len().min(self.values.len());
        if n <= buckets.saturating_mul(4) || buckets == 0 {
            return self.clone();
        }
        let mut out = Self::empty(&self.name);
        let t0 = self.ts_ms[0];
        let span = (i128::from(self.ts_ms[n - 1]) - i128::from(t0)).max(1);
        let bucket_of = |i: usize| {
            ((i128::from(self.ts_ms[i]) - i128::from(t0)) * buckets as i128 / span).clamp(0, buckets as i128)
        };
        let mut start = 0;
        while start < n {
            let bucket = bucket_of(start);
            let len = (start..n).position(|i| bucket_of(i) != bucket).unwrap_or(n - start);
            self.keep_extremes(start, start + len, &mut out);
            start += len;
        }
        out
    }

    fn keep_extremes(&self, start: usize, end: usize, out: &mut Self) {
        let finite = |i: &usize| self.values[*i].is_finite();
        let by_value = |a: &usize, b: &usize| self.values[*a].total_cmp(&self.values[*b]);
        let Some(first) = (start..end).find(finite) else {
            out.push(self.ts_ms[start], f64::NAN);
            return;
        };
        let last = (start..end).rev().find(finite).unwrap_or(first);
        let lowest = (start..end).filter(finite).min_by(by_value).unwrap_or(first);
        let highest = (start..end).filter(finite).max_by(by_value).unwrap_or(first);
        let mut keep = [first, lowest, highest, last];
        keep.sort_unstable();
        for (k, &i) in keep.iter().enumerate() {
            if k == 0 || keep[k - 1] != i {
                out.push(self.ts_ms[i], self.values[i]);
            }
        }
    }

    fn push(&mut self, ts_ms: i64, value: f64) {
        self.ts_ms.push(ts_ms);
        self.values.push(value);
    }
}
