//! As many requests as are answered, by `wrk`: its own cost per request is a small part of a server's, so that the server is
//! what is measured.

use std::error::Error;
use std::process::{Command, Stdio};

/// Connections that ask without pause.
pub(crate) const CONNECTIONS: u32 = 16;

/// Is the program there?
pub(crate) fn is_there() -> bool {
    // It has no option that only tells of itself: without arguments it shows how it is used and fails.
    Command::new("wrk").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

/// Requests of the route that were answered with 2xx, per second.
pub(crate) fn per_second(port: u16, path: &str, seconds: u32) -> Result<f64, Box<dyn Error>> {
    let out = Command::new("wrk")
        .args(["-t", "1", "-c", &CONNECTIONS.to_string(), "-d", &format!("{seconds}s")])
        .arg(format!("http://127.0.0.1:{port}{path}"))
        .output()?;
    let text = String::from_utf8_lossy(&out.stdout);
    match read(&text) {
        Some(n) if out.status.success() => Ok(n),
        _ => Err(format!("wrk on {path} said: {text}{}", String::from_utf8_lossy(&out.stderr)).into()),
    }
}

/// The figure in what it prints; `None` where a request failed or was refused.
fn read(text: &str) -> Option<f64> {
    if text.contains("Non-2xx") || text.contains("Socket errors") {
        return None;
    }
    text.lines().find_map(|l| l.strip_prefix("Requests/sec:")?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn refused_requests_are_no_throughput() {
        let good = "  16 threads\nRequests/sec:  12345.67\nTransfer/sec: 1MB\n";
        assert_eq!(read(good), Some(12_345.67));
        assert_eq!(read(&format!("{good}  Non-2xx or 3xx responses: 9\n")), None);
        assert_eq!(read(&format!("{good}  Socket errors: connect 0, read 1\n")), None);
        assert_eq!(read("nothing"), None);
    }
}
