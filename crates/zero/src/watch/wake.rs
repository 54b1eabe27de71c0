//! What says that a running loop published something: its stream, read on a thread that is left behind at the end.

use crate::context::Context;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use zero_config::home::{Principal, read_token};
use zero_mcp::ADDRESS_FILE;
use zero_runtime::project::holder;

/// Time for connecting and for the longest silence: the stream says something at least every fifteen seconds.
const WITHIN: Duration = Duration::from_secs(30);

/// The bell of a loop, where one runs.
pub(super) struct Wake {
    dir: PathBuf,
    token: Option<String>,
    rang: Arc<AtomicBool>,
    listens: Arc<AtomicBool>,
}

impl Wake {
    pub(super) fn new(ctx: &Context, dir: PathBuf) -> Self {
        let token = read_token(&ctx.partition, Principal::Observer).ok().flatten();
        let token = token.map(|t| String::from_utf8_lossy(t.bytes()).into_owned());
        Self { dir, token, rang: Arc::default(), listens: Arc::default() }
    }

    /// Did it ring since it was asked last? Begins to listen where a loop runs and nobody listens.
    pub(super) fn rang(&self) -> bool {
        if !self.listens.load(Ordering::Relaxed)
            && let Some(address) = address(&self.dir)
        {
            self.listens.store(true, Ordering::Relaxed);
            let (rang, listens, token) =
                (Arc::clone(&self.rang), Arc::clone(&self.listens), self.token.clone());
            let begun = std::thread::Builder::new().name("watch".into()).spawn(move || {
                // A stream that is refused or breaks off leaves the files, which are looked at all the time.
                let refused = listen(address, token.as_deref(), &rang).is_err();
                if !refused {
                    listens.store(false, Ordering::Relaxed);
                }
            });
            if begun.is_err() {
                self.listens.store(false, Ordering::Relaxed);
            }
        }
        self.rang.swap(false, Ordering::Relaxed)
    }
}

/// Where the loop that holds this journal serves; never beyond loopback, because a token may be sent there.
fn address(dir: &Path) -> Option<SocketAddr> {
    holder(dir)?;
    let text = std::fs::read_to_string(dir.join(ADDRESS_FILE)).ok()?;
    text.trim().parse().ok().filter(|a: &SocketAddr| a.ip().is_loopback())
}

/// Listens until the stream ends.
fn listen(address: SocketAddr, token: Option<&str>, rang: &AtomicBool) -> std::io::Result<()> {
    let mut stream = TcpStream::connect_timeout(&address, WITHIN)?;
    stream.set_read_timeout(Some(WITHIN))?;
    let authorization = token.map_or(String::new(), |t| format!("Authorization: Bearer {t}\r\n"));
    let request = format!(
        "GET /v1/stream HTTP/1.1\r\nHost: {address}\r\nAccept: text/event-stream\r\n{authorization}\r\n"
    );
    stream.write_all(request.as_bytes())?;
    let mut lines = BufReader::new(stream).split(b'\n');
    let head = lines.next().transpose()?.unwrap_or_default();
    if !head.starts_with(b"HTTP/1.1 200") {
        return Err(std::io::ErrorKind::PermissionDenied.into());
    }
    for line in lines {
        if line?.starts_with(b"event:") {
            rang.store(true, Ordering::Relaxed);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    /// Serves one answer and hangs up.
    fn serving(answer: &'static str) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (mut socket, _) = listener.accept().unwrap();
            let mut head = BufReader::new(socket.try_clone().unwrap()).lines();
            while head.next().is_some_and(|l| l.is_ok_and(|l| !l.is_empty())) {}
            socket.write_all(answer.as_bytes()).unwrap();
        });
        address
    }

    #[test]
    fn an_event_rings_a_sign_of_life_does_not_and_a_refusal_leaves_the_files() {
        let rang = AtomicBool::new(false);
        let beats = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n: beat\n\n: beat\n\n";
        listen(serving(beats), None, &rang).unwrap();
        assert!(!rang.load(Ordering::Relaxed));
        let events = "HTTP/1.1 200 OK\r\n\r\nid: 1.a\nevent: delta\ndata: {}\n\n";
        listen(serving(events), Some("token"), &rang).unwrap();
        assert!(rang.load(Ordering::Relaxed));
        assert!(listen(serving("HTTP/1.1 401 Unauthorized\r\n\r\n"), None, &rang).is_err());
    }
}
