//! The one way to the terminal: data on standard output, everything else on standard error.
#![expect(clippy::print_stderr, reason = "all output goes through this type")]

use crate::failure::Failure;
use std::borrow::Cow;
use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::Mutex;
use zero_packets::Packet;

/// What was said and not yet shown, while a command is watched.
static HELD: Mutex<String> = Mutex::new(String::new());

/// Why data did not come out, the first time that it did not.
static LOST: Mutex<Option<io::Error>> = Mutex::new(None);

/// How to talk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ui {
    json: bool,
    held: bool,
}

impl Ui {
    pub(crate) const fn new(json: bool) -> Self {
        Self { json, held: false }
    }

    /// Keeps what is said until it is [taken](Self::taken).
    pub(crate) const fn held(self) -> Self {
        Self { held: true, ..self }
    }

    /// What was kept.
    pub(crate) fn taken(self) -> String {
        HELD.lock().map(|mut h| std::mem::take(&mut *h)).unwrap_or_default()
    }

    fn keep(self, text: &str) {
        if let Ok(mut h) = HELD.lock() {
            h.push_str(text);
            h.push('\n');
        }
    }

    pub(crate) const fn is_json(self) -> bool {
        self.json
    }

    /// A packet: as JSON when asked for, else as the text that `human` makes.
    pub(crate) fn packet<P: Packet>(self, packet: &P, human: impl FnOnce() -> String) -> Result<(), Failure> {
        if self.json {
            let text = packet.to_json().map_err(|e| {
                Failure::new("ZERO-CLI-003", format!("a packet cannot be rendered: {e}"), "report it")
            })?;
            self.line(&text);
        } else {
            self.line(shown(human().trim_end()).as_ref());
        }
        Ok(())
    }

    /// A line of data. A reader that went away is no error; whatever else kept it from coming out is the command's failure,
    /// which [`lost`] tells at its end.
    pub(crate) fn line(self, text: &str) {
        if self.held {
            return self.keep(text);
        }
        let mut out = io::stdout().lock();
        keep_loss(writeln!(out, "{text}").and_then(|()| out.flush()));
    }

    /// What an operator should know while waiting; never data.
    pub(crate) fn note(self, text: &str) {
        if !self.json && !self.held {
            eprintln!("{}", shown(text));
        }
    }

    /// A warning: shown always.
    pub(crate) fn warn(self, text: &str) {
        if self.held && !self.json {
            return self.keep(&format!("warning: {text}"));
        }
        eprintln!("warning: {}", shown(text));
    }

    pub(crate) fn failure(self, failure: &Failure) -> ExitCode {
        let e = &failure.0;
        if self.json {
            match serde_json::to_string(e) {
                Ok(text) => self.line(&text),
                Err(_) => eprintln!("error[{}]: {}", e.code, e.cause),
            }
        } else {
            eprintln!("error[{}]: {}", e.code, shown(&e.cause));
            for d in &e.details {
                eprintln!("  [{}] {}\n      hint: {}", d.code, shown(&d.cause), shown(&d.hint));
            }
            eprintln!("hint: {}", shown(&e.hint));
        }
        ExitCode::from(e.exit_code)
    }
}

fn keep_loss(result: io::Result<()>) {
    if let Err(e) = result
        && e.kind() != io::ErrorKind::BrokenPipe
        && let Ok(mut lost) = LOST.lock()
    {
        lost.get_or_insert(e);
    }
}

/// The exit code, unless data was lost on the way: then that is told, where it can be, and is the exit code.
pub(crate) fn lost(code: ExitCode) -> ExitCode {
    let Some(e) = LOST.lock().ok().and_then(|mut l| l.take()) else { return code };
    let failure = Failure::io("write to", std::path::Path::new("standard output"), &e);
    eprintln!("error[{}]: {}", failure.0.code, failure.0.cause);
    eprintln!("hint: what was asked for may have been done: look before you ask again");
    ExitCode::from(failure.0.exit_code)
}

/// Text as a terminal may have it: what names, files and venues say is shown, and steers nothing.
fn shown(text: &str) -> Cow<'_, str> {
    let steers = |c: char| c != '\n' && c != '\t' && zero_lang::steers(c);
    // Nearly every text, and some are long: nothing that can be printed in ASCII steers.
    let printed = |b: &u8| matches!(b, b' '..=b'~' | b'\n' | b'\t');
    if !text.as_bytes().iter().all(printed) && text.contains(steers) {
        Cow::Owned(text.replace(steers, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Are progress bars wanted? Only a person at a terminal sees them.
pub(crate) fn shows_progress() -> bool {
    io::stderr().is_terminal()
}

/// Help and version go to standard output with success; mistakes go to standard error with exit code 2, or as an error
/// packet to standard output where JSON is asked for. Either way they have a code, a cause and a hint.
pub(crate) fn usage(e: &clap::Error) -> ExitCode {
    if !e.use_stderr() {
        keep_loss(e.print());
        return ExitCode::SUCCESS;
    }
    let text = e.to_string();
    let (before, text) = match e.kind() {
        // What is there is the help of the command that was left unfinished.
        clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            (text.as_str(), "the command line ends where a command is expected")
        }
        _ => ("", text.trim_start_matches("error: ").trim_end()),
    };
    let (first, more) = text.split_once("\n\n").unwrap_or((text, ""));
    let json = std::env::args_os().any(|a| a == "--json");
    if !json && !before.is_empty() {
        eprintln!("{}\n", shown(before.trim_end()));
    }
    let cause = match json {
        true => first.split_whitespace().collect::<Vec<_>>().join(" "),
        false if more.is_empty() => first.to_owned(),
        false => format!("{first}\n\n{more}\n"),
    };
    let hint = "read `zero help` or the command's --help";
    let _ = Ui::new(json).failure(&Failure::new("ZERO-CLI-011", cause, hint));
    ExitCode::from(2)
}

/// Is a person there to be asked?
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks on standard error and reads a line.
pub(crate) fn ask(question: &str) -> io::Result<String> {
    eprint!("{question}");
    io::stderr().flush()?;
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(line.trim().to_owned())
}
