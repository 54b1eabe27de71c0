//! A program that serves, as a process of its own.

use super::memory::{self, Memory};
use crate::startup::FEES;
use std::error::Error;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use zero_runtime::clock::{Clock as _, SystemClock};

/// Time in which it has to say where it serves.
const SAYS_WITHIN: Duration = Duration::from_secs(60);
/// Between two looks at whether it is ready.
const LOOK_EVERY: Duration = Duration::from_micros(500);
/// The same for every start, so that no start finds other settings than the one before.
const SETTINGS: [&str; 2] = ["--set=http.listen=127.0.0.1:0", "--set=http.requests_per_second=1000000"];

fn zero(program: &Path, home: &Path) -> Command {
    let mut c = Command::new(program);
    c.arg("--home").arg(home).args(FEES).args(SETTINGS);
    c.args(["run", "--source=synthetic", "--clear-halts-after=3d"])
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    c
}

/// A journal of this many events of the market; what it holds, in words.
pub(crate) fn write_journal(program: &Path, home: &Path, events: u64) -> Result<String, Box<dyn Error>> {
    let out = zero(program, home).args(["--no-http", "--events", &events.to_string()]).output()?;
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    let records =
        said.lines().find_map(|l| l.split_once(" records, digest")?.0.rsplit(' ').next()?.parse().ok());
    match records {
        Some(n) if out.status.success() => {
            let n: u64 = n;
            Ok(format!("{events} events and {n} records behind it"))
        }
        _ => Err(format!("the run that was to write a journal said: {said}").into()),
    }
}

/// The process.
pub(crate) struct Serving {
    child: Child,
    port: u16,
    began: Duration,
    /// Held open: an empty server ends when it closes.
    _input: Option<ChildStdin>,
}

impl Serving {
    /// `zero run` over the journal in `home`, at a port of its own.
    pub(crate) fn start(program: &Path, home: &Path, speed: &str) -> Result<Self, Box<dyn Error>> {
        let mut command = zero(program, home);
        command.args(["--speed", speed]);
        Self::of(command)
    }

    /// This program with a handler that does nothing.
    pub(crate) fn start_empty() -> Result<Self, Box<dyn Error>> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("empty").stdin(Stdio::piped()).stdout(Stdio::null());
        Self::of(command)
    }

    fn of(mut command: Command) -> Result<Self, Box<dyn Error>> {
        let began = SystemClock.monotonic();
        let mut child = command.stderr(Stdio::piped()).spawn()?;
        let input = child.stdin.take();
        let lines = BufReader::new(child.stderr.take().ok_or("its standard error is gone")?).lines();
        let (tell, told) = mpsc::channel();
        // Read to the end, so that the process never waits for a reader.
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let at =
                    line.strip_prefix("serving http://").and_then(|l| l.rsplit_once(':')?.1.parse().ok());
                let _ = at.map(|port: u16| tell.send(port));
            }
        });
        let mut serving = Self { child, port: 0, began, _input: input };
        serving.port = told.recv_timeout(SAYS_WITHIN).map_err(|_| "it never said where it serves")?;
        Ok(serving)
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// Waits until `/readyz` says yes; the time since the process was started.
    pub(crate) fn ready(&self) -> Result<Duration, Box<dyn Error>> {
        loop {
            if self.is_ready()? {
                return Ok(SystemClock.monotonic() - self.began);
            }
            if SystemClock.monotonic() - self.began > SAYS_WITHIN {
                return Err("it never was ready".into());
            }
            SystemClock.sleep(LOOK_EVERY);
        }
    }

    fn is_ready(&self) -> std::io::Result<bool> {
        let mut socket = TcpStream::connect(("127.0.0.1", self.port))?;
        let port = self.port;
        write!(socket, "GET /readyz HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        socket.read_to_string(&mut answer)?;
        Ok(answer.starts_with("HTTP/1.1 200"))
    }

    /// What it holds now.
    pub(crate) fn memory(&self) -> Option<Memory> {
        memory::of(self.child.id(), SystemClock.monotonic() - self.began)
    }

    /// Ends it in order.
    pub(crate) fn stop(mut self) -> Result<(), Box<dyn Error>> {
        Command::new("kill").args(["-INT", &self.child.id().to_string()]).status()?;
        let status = self.child.wait()?;
        if status.success() { Ok(()) } else { Err(format!("it ended with {status}").into()) }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // One that was stopped is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
