//! Civil dates (UTC) for axes and tables.

use zero_core::Ts;

pub(crate) const DAY_MS: i64 = 86_400_000;
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A moment to the minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    pub(crate) month: u32,
    pub(crate) day: u32,
    pub(crate) hour: u32,
    pub(crate) minute: u32,
}

impl Civil {
    /// `None` outside the years 1678 to 2262.
    pub(crate) fn of_ms(ms: i64) -> Option<Self> {
        let text = Ts::from_ms(ms)?.to_string();
        let mut parts = text.split(|c: char| !c.is_ascii_digit());
        let mut next = || parts.next()?.parse::<u32>().ok();
        Some(Self { year: i64::from(next()?), month: next()?, day: next()?, hour: next()?, minute: next()? })
    }

    pub(crate) fn month_name(&self) -> &'static str {
        MONTHS.get(self.month as usize - 1).copied().unwrap_or("")
    }

    /// `YYYY-MM`.
    pub(crate) fn year_month(&self) -> String {
        format!("{:04}-{:02}", self.year, self.month)
    }
}

/// The first moment of a month counted from January of year 0; `None` before 1970 and after 2261.
pub(crate) fn month_start_ms(months: i64) -> Option<i64> {
    let text = format!("{:04}-{:02}-01", months.div_euclid(12), months.rem_euclid(12) + 1);
    Ts::parse_iso(&text).map(Ts::as_ms)
}

/// "3 Sep 2025".
pub(crate) fn date(ms: i64) -> String {
    Civil::of_ms(ms).map_or_else(
        || crate::format::UNKNOWN.to_owned(),
        |c| format!("{} {} {}", c.day, c.month_name(), c.year),
    )
}

/// "3 Sep 2025 20:00".
pub(crate) fn date_time(ms: i64) -> String {
    match Civil::of_ms(ms) {
        Some(c) => format!("{} {} {} {:02}:{:02}", c.day, c.month_name(), c.year, c.hour, c.minute),
        None => crate::format::UNKNOWN.to_owned(),
    }
}
