//! Where messages go: a terminal, a file, a command, a webhook.

use crate::desk::{Message, What};
use crate::hmac::hmac_sha256;
use crate::sink::Sink;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

/// Longest that a command or a request may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Pause between two looks at a command that runs.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Size from which a file begins anew; the former one is kept beside it.
const FILE_MAX: u64 = 8 << 20;

fn words(m: &Message) -> String {
    let what = match m.what {
        What::Alert => "alert",
        What::Ended => "ended",
        What::Escalation => "ESCALATION",
        What::Digest => "digest",
        What::Test => "test",
    };
    let key = if m.key.is_empty() { String::new() } else { format!(" [{}]", m.key) };
    format!("{what}{key} {}", m.text)
}

/// Lines of text, for a terminal.
pub struct TextSink {
    out: Box<dyn Write + Send>,
}

impl core::fmt::Debug for TextSink {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("TextSink")
    }
}

impl TextSink {
    /// To this writer.
    #[must_use]
    pub fn new(out: Box<dyn Write + Send>) -> Self {
        Self { out }
    }
}

impl Sink for TextSink {
    fn name(&self) -> &'static str {
        "terminal"
    }

    fn deliver(&mut self, m: &Message) -> Result<(), String> {
        writeln!(self.out, "{}", words(m)).and_then(|()| self.out.flush()).map_err(|e| e.to_string())
    }
}

/// JSON lines, appended.
#[derive(Debug)]
pub struct FileSink {
    path: PathBuf,
}

impl FileSink {
    /// Into this file, which is made with mode 0600.
    #[must_use]
    pub const fn new(path: PathBuf) -> Self {
        Self { path }
    }
}

impl Sink for FileSink {
    fn name(&self) -> &'static str {
        "file"
    }

    fn deliver(&mut self, m: &Message) -> Result<(), String> {
        let line = serde_json::to_vec(m).map_err(|e| e.to_string())?;
        append(&self.path, line).map_err(|e| e.to_string())
    }
}

/// Appends a line to a file of mode 0600, which begins anew when it is large.
pub(crate) fn append(path: &Path, mut line: Vec<u8>) -> std::io::Result<()> {
    line.push(b'\n');
    if std::fs::metadata(path).is_ok_and(|m| m.len() >= FILE_MAX) {
        std::fs::rename(path, path.with_extension("old"))?;
    }
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)?.write_all(&line)
}

/// A command that gets the message as JSON on its standard input.
#[derive(Debug)]
pub struct CommandSink {
    words: Vec<String>,
}

impl CommandSink {
    /// Program and arguments; no shell is involved.
    #[must_use]
    pub const fn new(words: Vec<String>) -> Self {
        Self { words }
    }
}

impl Sink for CommandSink {
    fn name(&self) -> &'static str {
        "command"
    }

    fn deliver(&mut self, m: &Message) -> Result<(), String> {
        let (program, args) = self.words.split_first().ok_or("no command is named")?;
        let mut child = Command::new(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| e.to_string())?;
        if let Some(mut input) = child.stdin.take() {
            // One that does not read has no use for the message; how it ends says whether it was delivered.
            let _ = input.write_all(&serde_json::to_vec(m).map_err(|e| e.to_string())?);
        }
        let begin = now();
        loop {
            match child.try_wait().map_err(|e| e.to_string())? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => return Err(status.to_string()),
                None if now().duration_since(begin) >= TIMEOUT => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err("the command took too long".into());
                }
                None => std::thread::sleep(LOOK_EVERY),
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "how long a command runs decides nothing but its end")]
fn now() -> Instant {
    Instant::now()
}

/// What a webhook's body looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The message itself.
    Plain,
    /// A bot's `sendMessage`: the chat and a text.
    Telegram {
        /// Id of the chat.
        chat: String,
    },
}

/// A certificate authority.
pub type Authority = Certificate<'static>;

/// Certificates of a PEM file; none where it holds none that can be read.
#[must_use]
pub fn authorities(pem: &[u8]) -> Vec<Authority> {
    let all = parse_pem(pem).filter_map(Result::ok);
    all.filter_map(|item| if let PemItem::Certificate(c) = item { Some(c) } else { None }).collect()
}

/// A signed POST.
pub struct Webhook {
    agent: ureq::Agent,
    url: String,
    key: Option<Vec<u8>>,
    shape: Shape,
}

impl core::fmt::Debug for Webhook {
    /// Without key and address: the address of a bot holds its secret.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Webhook").field("signed", &self.key.is_some()).finish_non_exhaustive()
    }
}

impl Webhook {
    /// To this address. With a key, the header `X-Zero-Signature` is `sha256=` and the HMAC of the body.
    #[must_use]
    pub fn new(url: String, key: Option<Vec<u8>>, shape: Shape) -> Self {
        Self::trusting(url, key, shape, None)
    }

    /// Like [`Self::new`], for a receiver whose certificate one of these authorities signed and none of the public ones.
    #[must_use]
    pub fn trusting(
        url: String,
        key: Option<Vec<u8>>,
        shape: Shape,
        authorities: Option<Vec<Authority>>,
    ) -> Self {
        let roots = authorities.map_or(RootCerts::WebPki, |a| RootCerts::Specific(Arc::new(a)));
        // No proxy from the environment and no redirects: the address given is the address told.
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .max_redirects(0)
            .timeout_global(Some(TIMEOUT))
            .user_agent("zero")
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .build()
            .new_agent();
        Self { agent, url, key, shape }
    }

    fn body(&self, m: &Message) -> Result<Vec<u8>, String> {
        let json = match &self.shape {
            Shape::Plain => serde_json::to_value(m),
            Shape::Telegram { chat } => Ok(serde_json::json!({
                "chat_id": chat,
                "text": words(m),
                "disable_notification": m.urgency < crate::Urgency::Warning,
            })),
        };
        json.and_then(|j| serde_json::to_vec(&j)).map_err(|e| e.to_string())
    }
}

impl Sink for Webhook {
    fn name(&self) -> &'static str {
        match self.shape {
            Shape::Plain => "webhook",
            Shape::Telegram { .. } => "telegram",
        }
    }

    fn deliver(&mut self, m: &Message) -> Result<(), String> {
        let body = self.body(m)?;
        let mut request = self.agent.post(&self.url).header("content-type", "application/json");
        if let Some(key) = &self.key {
            request = request.header("x-zero-signature", format!("sha256={}", hmac_sha256(key, &body)));
        }
        // An address of a bot holds its secret: it stays out of the words.
        let answer = request.send(&body[..]).map_err(|_| "the receiver was not reached".to_owned())?;
        if answer.status().is_success() {
            Ok(())
        } else {
            Err(format!("answered {}", answer.status().as_u16()))
        }
    }
}
