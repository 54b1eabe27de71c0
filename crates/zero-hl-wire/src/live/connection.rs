//! The WebSocket thread: connect, subscribe, keep alive, pass frames on. It does not look into frames, so that nothing
//! in them and no fault in their handling can make it connect again.

use super::Input;
use super::config::LiveConfig;
use super::status::Shared;
use crate::backoff::ConnectPolicy;
use crate::budget::{Priority, RateBudget, VENUE_MESSAGES_PER_MINUTE};
use crate::clock::{Clock, Stop, duration};
use crate::decode::object::cut;
use crate::error::WireError;
use serde_json::json;
use std::collections::VecDeque;
use std::io::ErrorKind;
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError};
use tungstenite::handshake::HandshakeError;
use tungstenite::http::Uri;
use tungstenite::protocol::WebSocketConfig;
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};
use zero_core::{Ts, TsDiff};

/// How long a read blocks before stop and keep-alive are looked at.
const POLL: TsDiff = TsDiff::ms(50);
const WRITE_TIMEOUT: TsDiff = TsDiff::secs(10);
/// Wait before a full queue is tried again.
const QUEUE_RETRY: TsDiff = TsDiff::ms(5);
const PING: &str = r#"{"method":"ping"}"#;

type Socket = WebSocket<MaybeTlsStream<TcpStream>>;

#[derive(Debug)]
pub(super) struct Connection {
    pub(super) config: LiveConfig,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) stop: Stop,
    pub(super) shared: Shared,
    pub(super) input: SyncSender<Input>,
}

impl Connection {
    pub(super) fn run(self) {
        let mut policy = ConnectPolicy::new(self.config.connect, self.config.seed);
        let messages = RateBudget::with_limit(VENUE_MESSAGES_PER_MINUTE, self.clock.clone());
        let mut connection = 0;
        while !self.stop.is_set() {
            if let Err(wait) = policy.try_attempt(self.clock.mono()) {
                self.shared.lock().breaker_open = policy.is_open(self.clock.mono());
                if self.stop.wait(wait) {
                    return;
                }
                continue;
            }
            {
                let mut board = self.shared.lock();
                board.attempts += 1;
                board.breaker_open = false;
            }
            let ended = match self.connect() {
                Ok(socket) => {
                    connection += 1;
                    policy.connected(self.clock.mono());
                    self.opened(connection);
                    let ended = self
                        .send(Input::Connected)
                        .and_then(|()| self.session(socket, connection, &messages));
                    self.shared.lock().connected = false;
                    let _ = self.send(Input::Disconnected);
                    ended
                }
                Err(e) => Err(e),
            };
            policy.failed(self.clock.mono());
            match ended {
                Ok(()) | Err(WireError::Stopped) => return,
                Err(problem) => self.shared.problem(problem),
            }
        }
    }

    fn opened(&self, connection: u64) {
        let mut board = self.shared.lock();
        board.connected = true;
        board.connection = connection;
        board.confirmed = 0;
    }

    fn connect(&self) -> Result<Socket, WireError> {
        let uri: Uri = self.config.ws_url.parse().map_err(|e| failure(&e))?;
        let is_tls = uri.scheme_str() == Some("wss");
        let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let timeout = self.config.keep_alive.connect_timeout;
        let deadline = self.clock.mono().plus(timeout);
        let addresses = (host.as_str(), port).to_socket_addrs().map_err(|e| failure(&e))?;
        let mut last = failure(&"the name has no address");
        for address in addresses.take(3) {
            match TcpStream::connect_timeout(&address, duration(timeout)) {
                Ok(stream) => return self.shake_hands(uri, stream, deadline),
                Err(e) => last = failure(&e),
            }
            if self.stop.is_set() {
                return Err(WireError::Stopped);
            }
        }
        Err(last)
    }

    fn shake_hands(&self, uri: Uri, stream: TcpStream, deadline: Ts) -> Result<Socket, WireError> {
        let max = self.config.keep_alive.message_max_bytes;
        let limits = WebSocketConfig::default()
            .max_message_size(Some(max))
            .max_frame_size(Some(max))
            .max_write_buffer_size(1 << 20);
        stream
            .set_nodelay(true)
            .and_then(|()| stream.set_read_timeout(Some(duration(POLL))))
            .and_then(|()| stream.set_write_timeout(Some(duration(WRITE_TIMEOUT))))
            .map_err(|e| failure(&e))?;
        let mut state = tungstenite::client_tls_with_config(uri, stream, Some(limits), None);
        loop {
            match state {
                Ok((socket, _)) => return Ok(socket),
                Err(HandshakeError::Failure(e)) => return Err(failure(&e)),
                Err(HandshakeError::Interrupted(_)) if self.stop.is_set() => return Err(WireError::Stopped),
                Err(HandshakeError::Interrupted(_)) if self.clock.mono() >= deadline => {
                    return Err(failure(&"the handshake took too long"));
                }
                Err(HandshakeError::Interrupted(half)) => state = half.handshake(),
            }
        }
    }

    fn session(&self, mut socket: Socket, connection: u64, messages: &RateBudget) -> Result<(), WireError> {
        let mut wanted: VecDeque<String> = self.subscriptions().collect();
        let keep = self.config.keep_alive;
        let mut heard = self.clock.mono();
        let mut pinged = heard;
        loop {
            if self.stop.is_set() {
                let _ = socket.close(None);
                return Ok(());
            }
            while !wanted.is_empty() && messages.try_take(1, Priority::Reads).is_ok() {
                let text = wanted.pop_front().unwrap_or_default();
                socket.send(Message::text(text)).map_err(|e| failure(&e))?;
            }
            let now = self.clock.mono();
            if now.since(pinged) >= keep.ping_every && messages.try_take(1, Priority::Protection).is_ok() {
                socket.send(Message::text(PING)).map_err(|e| failure(&e))?;
                pinged = now;
            }
            if now.since(heard) >= keep.dead_after {
                return Err(failure(&"nothing was received, not even an answer to a ping"));
            }
            match socket.read() {
                Ok(Message::Text(text)) => {
                    let received = self.clock.wall();
                    self.forward(
                        Input::Frame(connection, received, text.as_str().to_owned()),
                        |pinged_at| {
                            if pinged_at.since(pinged) >= keep.ping_every
                                && messages.try_take(1, Priority::Protection).is_ok()
                            {
                                pinged = pinged_at;
                                socket.send(Message::text(PING)).map_err(|e| failure(&e))?;
                            }
                            Ok(())
                        },
                    )?;
                    heard = self.clock.mono();
                }
                Ok(Message::Close(_)) => return Err(failure(&"the venue closed the connection")),
                Ok(_) => heard = self.clock.mono(),
                Err(tungstenite::Error::Io(e))
                    if matches!(
                        e.kind(),
                        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                    ) => {}
                Err(e) => return Err(failure(&e)),
            }
        }
    }

    fn subscriptions(&self) -> impl Iterator<Item = String> + '_ {
        self.config.coins.iter().flat_map(move |coin| {
            self.config.streams.channels().map(move |channel| {
                let mut what = json!({"type": channel, "coin": coin});
                if channel == "candle" {
                    what["interval"] = json!(self.config.interval.name());
                }
                json!({"method": "subscribe", "subscription": what}).to_string()
            })
        })
    }

    fn send(&self, input: Input) -> Result<(), WireError> {
        self.forward(input, |_| Ok(()))
    }

    /// Waits while the queue is full: the venue's frames then wait in the socket, and none is dropped.
    fn forward(
        &self,
        mut input: Input,
        mut meanwhile: impl FnMut(Ts) -> Result<(), WireError>,
    ) -> Result<(), WireError> {
        loop {
            match self.input.try_send(input) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Disconnected(_)) => return Err(WireError::Stopped),
                Err(TrySendError::Full(back)) => input = back,
            }
            meanwhile(self.clock.mono())?;
            if self.stop.wait(QUEUE_RETRY) {
                return Err(WireError::Stopped);
            }
        }
    }
}

fn failure(cause: &dyn std::fmt::Display) -> WireError {
    WireError::Transport { request: "websocket", detail: cut(&cause.to_string()) }
}
