//! How often one client may call. A client is known by its credential, not by the name that it gives itself.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;
use zero_core::Digest32;

/// Calls per second and client.
pub const RATE: f64 = 50.0;
/// Calls that may come at once.
pub const BURST: f64 = 200.0;
/// Clients that are told apart; later ones share one allowance.
const CLIENTS_MAX: usize = 64;

/// Allowances of all clients.
#[derive(Debug, Default)]
pub struct Limits {
    clients: Mutex<BTreeMap<Option<Digest32>, (f64, Duration)>>,
}

impl Limits {
    /// Takes one call from a client's allowance.
    ///
    /// # Errors
    /// Milliseconds to wait, where nothing is left.
    pub fn take(&self, client: Option<Digest32>, now: Duration) -> Result<(), u64> {
        let Ok(mut clients) = self.clients.lock() else { return Err(1_000) };
        let known = clients.contains_key(&client) || clients.len() < CLIENTS_MAX;
        let entry = clients.entry(if known { client } else { None }).or_insert((BURST, now));
        let (left, last) = *entry;
        let refilled = (left + now.saturating_sub(last).as_secs_f64() * RATE).min(BURST);
        let ok = refilled >= 1.0;
        *entry = (if ok { refilled - 1.0 } else { refilled }, now.max(last));
        if ok { Ok(()) } else { Err(((1.0 - refilled) / RATE * 1e3).ceil() as u64) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_one_client_leaves_another_its_calls() {
        let (l, zero) = (Limits::default(), Duration::ZERO);
        let (a, b) = (Some(Digest32::of(b"a")), Some(Digest32::of(b"b")));
        let through = (0..10_000).filter(|_| l.take(a, zero).is_ok()).count();
        assert_eq!(through as f64, BURST);
        assert_eq!(l.take(a, zero), Err(20), "a fiftieth of a second");
        assert!(l.take(b, zero).is_ok());
        assert!(l.take(a, Duration::from_millis(20)).is_ok());
    }

    #[test]
    fn inventing_credentials_buys_no_endless_memory_and_no_endless_calls() {
        let l = Limits::default();
        let through =
            (0..100_000u32).filter(|i| l.take(Some(Digest32::of(&i.to_be_bytes())), Duration::ZERO).is_ok());
        assert_eq!(through.count(), CLIENTS_MAX + BURST as usize);
        assert!(l.clients.lock().unwrap().len() <= CLIENTS_MAX + 1);
    }
}
