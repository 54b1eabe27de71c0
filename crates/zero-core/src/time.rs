//! Event time. Nothing below the rim reads a clock: a [`Ts`] always came in with an event.

use core::fmt;

/// Nanoseconds since 1970-01-01T00:00:00Z, without leap seconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ts(i64);

/// A length of time in nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TsDiff(i64);

impl TsDiff {
    /// No time.
    pub const ZERO: Self = Self(0);
    /// One hour.
    pub const HOUR: Self = Self::secs(3_600);
    /// One day of 24 hours.
    pub const DAY: Self = Self::secs(86_400);

    /// From nanoseconds.
    #[must_use]
    pub const fn ns(ns: i64) -> Self {
        Self(ns)
    }

    /// From milliseconds.
    #[must_use]
    pub const fn ms(ms: i64) -> Self {
        Self(ms * 1_000_000)
    }

    /// From seconds.
    #[must_use]
    pub const fn secs(s: i64) -> Self {
        Self(s * 1_000_000_000)
    }

    /// In nanoseconds.
    #[must_use]
    pub const fn as_ns(self) -> i64 {
        self.0
    }

    /// `n` of these.
    #[must_use]
    pub const fn times(self, n: i64) -> Self {
        Self(self.0.saturating_mul(n))
    }
}

impl Ts {
    /// The epoch; as a state, "before anything".
    pub const ZERO: Self = Self(0);

    /// From nanoseconds since the epoch.
    #[must_use]
    pub const fn from_ns(ns: i64) -> Self {
        Self(ns)
    }

    /// From milliseconds since the epoch; `None` when out of range (years 1678 to 2262).
    #[must_use]
    pub const fn from_ms(ms: i64) -> Option<Self> {
        match ms.checked_mul(1_000_000) {
            Some(ns) => Some(Self(ns)),
            None => None,
        }
    }

    /// Nanoseconds since the epoch.
    #[must_use]
    pub const fn as_ns(self) -> i64 {
        self.0
    }

    /// Milliseconds since the epoch, rounded down.
    #[must_use]
    pub const fn as_ms(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Later by `d`, saturating.
    #[must_use]
    pub const fn plus(self, d: TsDiff) -> Self {
        Self(self.0.saturating_add(d.0))
    }

    /// Earlier by `d`, saturating.
    #[must_use]
    pub const fn minus(self, d: TsDiff) -> Self {
        Self(self.0.saturating_sub(d.0))
    }

    /// The time since `earlier`, negative when it is not earlier.
    #[must_use]
    pub const fn since(self, earlier: Self) -> TsDiff {
        TsDiff(self.0.saturating_sub(earlier.0))
    }

    /// Rounded down to a multiple of `d` since the epoch.
    #[must_use]
    pub const fn floor(self, d: TsDiff) -> Self {
        Self(self.0 - self.0.rem_euclid(d.0))
    }

    /// Rounded to the nearest multiple of `d` since the epoch, halves up: venue stamps land shortly after the hour.
    #[must_use]
    pub const fn round(self, d: TsDiff) -> Self {
        self.plus(TsDiff(d.0 / 2)).floor(d)
    }

    /// Parses `YYYY-MM-DD[THH:MM:SS[.fraction]](Z|+00:00)`, UTC only.
    #[must_use]
    pub fn parse_iso(text: &str) -> Option<Self> {
        let body = text.strip_suffix('Z').or_else(|| text.strip_suffix("+00:00")).unwrap_or(text);
        let (date, clock) = match body.split_once(['T', ' ']) {
            Some((d, c)) => (d, Some(c)),
            None => (body, None),
        };
        let mut parts = date.split('-');
        let year: i64 = parts.next()?.parse().ok()?;
        let month: u32 = parts.next()?.parse().ok()?;
        let day: u32 = parts.next()?.parse().ok()?;
        if parts.next().is_some() || !(1970..=2261).contains(&year) {
            return None;
        }
        if !(1..=12).contains(&month) || day == 0 || day > days_in_month(year, month) {
            return None;
        }
        let mut ns = days_from_civil(year, month, day) * 86_400_000_000_000;
        if let Some(clock) = clock {
            let (hms, fraction) = clock.split_once('.').unwrap_or((clock, ""));
            let mut f = hms.split(':');
            let hour: i64 = f.next()?.parse().ok()?;
            let minute: i64 = f.next()?.parse().ok()?;
            let second: i64 = f.next().unwrap_or("0").parse().ok()?;
            if f.next().is_some() || hour > 23 || minute > 59 || second > 59 || fraction.len() > 9 {
                return None;
            }
            let mut nanos: i64 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
            for _ in fraction.len()..9 {
                nanos *= 10;
            }
            ns += ((hour * 60 + minute) * 60 + second) * 1_000_000_000 + nanos;
        }
        Some(Self(ns))
    }
}

const fn days_in_month(year: i64, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since the epoch of a civil date (proleptic Gregorian; eras of 400 years starting in March).
const fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let mp = (month as i64 + 9) % 12;
    let doy = (153 * mp + 2) / 5 + day as i64 - 1;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    era * 146_097 + doe - 719_468
}

const fn civil_from_days(days: i64) -> (i64, u32, u32) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = (doy - (153 * mp + 2) / 5 + 1) as u32;
    let month = if mp < 10 { mp + 3 } else { mp - 9 } as u32;
    let year = yoe + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

impl fmt::Display for Ts {
    /// RFC 3339 in UTC, with as many fractional digits as are not zero (0, 3, 6 or 9).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = self.0.div_euclid(86_400_000_000_000);
        let rest = self.0.rem_euclid(86_400_000_000_000);
        let (y, m, d) = civil_from_days(days);
        let (secs, nanos) = (rest / 1_000_000_000, rest % 1_000_000_000);
        let (h, min, s) = (secs / 3_600, secs / 60 % 60, secs % 60);
        write!(f, "{y:04}-{m:02}-{d:02}T{h:02}:{min:02}:{s:02}")?;
        if nanos % 1_000 != 0 {
            write!(f, ".{nanos:09}")?;
        } else if nanos % 1_000_000 != 0 {
            write!(f, ".{:06}", nanos / 1_000)?;
        } else if nanos != 0 {
            write!(f, ".{:03}", nanos / 1_000_000)?;
        }
        f.write_str("Z")
    }
}

impl fmt::Debug for Ts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for TsDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ns", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use proptest::prelude::*;

    #[test]
    fn known_instants_print_as_rfc_3339() {
        assert_eq!(Ts::from_ms(1_756_929_600_000).unwrap().to_string(), "2025-09-03T20:00:00Z");
        assert_eq!(Ts::from_ms(1_756_551_600_032).unwrap().to_string(), "2025-08-30T11:00:00.032Z");
        assert_eq!(Ts::parse_iso("2024-02-29").unwrap().to_string(), "2024-02-29T00:00:00Z");
    }

    #[test]
    fn impossible_dates_are_refused() {
        for text in ["2025-02-29", "2025-13-01", "2025-00-10", "2025-01-01T24:00:00", "yesterday", ""] {
            assert_eq!(Ts::parse_iso(text), None, "{text}");
        }
    }

    #[test]
    fn jittered_funding_stamps_round_to_their_hour() {
        let stamp = Ts::from_ms(1_756_551_600_232).unwrap();
        assert_eq!(stamp.round(TsDiff::HOUR).as_ms(), 1_756_551_600_000);
    }

    proptest! {
        #[test]
        fn print_then_parse_is_identity(ns in 0i64..9_000_000_000_000_000_000) {
            let ts = Ts::from_ns(ns);
            prop_assert_eq!(Ts::parse_iso(&ts.to_string()), Some(ts));
        }
    }
}
