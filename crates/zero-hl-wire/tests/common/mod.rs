//! A clock set by hand, wire texts, and a small venue on loopback.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a broken test venue must stop the test")]

pub mod venue;

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;
use zero_core::{Ts, TsDiff};
use zero_hl_wire::Clock;

pub const HOUR_MS: i64 = 3_600_000;
/// 2025-09-03T20:00:00Z.
pub const T0_MS: i64 = 1_756_929_600_000;

pub fn ms(ms: i64) -> Ts {
    Ts::from_ms(ms).unwrap()
}

/// Hours after `T0_MS`, plus milliseconds.
pub fn hour(h: i64, plus_ms: i64) -> Ts {
    ms(T0_MS + h * HOUR_MS + plus_ms)
}

/// Time of day set by the test; monotonic time from the machine, or by hand too.
#[derive(Debug)]
pub struct TestClock {
    wall_ns: AtomicI64,
    start: Instant,
}

impl TestClock {
    #[allow(clippy::disallowed_methods, reason = "socket tests need a monotonic clock that runs")]
    pub fn at(wall: Ts) -> Self {
        Self { wall_ns: AtomicI64::new(wall.as_ns()), start: Instant::now() }
    }

    pub fn set(&self, wall: Ts) {
        self.wall_ns.store(wall.as_ns(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn wall(&self) -> Ts {
        Ts::from_ns(self.wall_ns.load(Ordering::SeqCst))
    }

    fn mono(&self) -> Ts {
        Ts::ZERO.plus(TsDiff::ns(self.start.elapsed().as_nanos() as i64))
    }
}

/// Prices of the candle of hour `h`: a made-up path that is different for every coin and hour.
pub fn candle_json(coin: &str, h: i64, trades: u64) -> String {
    let base = 1_000 + i64::from(coin.as_bytes()[0]) * 10 + h.rem_euclid(50);
    let t = T0_MS + h * HOUR_MS;
    format!(
        r#"{{"t":{t},"T":{},"s":"{coin}","i":"1h","o":"{base}.0","c":"{}.5","h":"{}.0","l":"{}.0","v":"{trades}.25","n":{trades}}}"#,
        t + HOUR_MS - 1,
        base + 1,
        base + 3,
        base - 2,
    )
}

pub fn candle_frame(coin: &str, h: i64, trades: u64) -> String {
    format!(r#"{{"channel":"candle","data":{}}}"#, candle_json(coin, h, trades))
}

pub fn funding_json(coin: &str, h: i64) -> String {
    let t = T0_MS + h * HOUR_MS + 37;
    format!(r#"{{"coin":"{coin}","fundingRate":"0.0000125","premium":"0.0001","time":{t}}}"#)
}
