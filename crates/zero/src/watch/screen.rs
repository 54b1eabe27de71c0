//! Where a watched answer is shown: a terminal's second screen, which gives the first one back at the end; or standard
//! output, one answer after another.

use crate::ui::Ui;
use rustix::termios::tcgetwinsize;
use std::io::{self, IsTerminal as _, Write as _};

/// Second screen, no cursor; and back (xterm, "Alternate Screen Buffer").
const ENTER: &str = "\x1b[?1049h\x1b[?25l";
const LEAVE: &str = "\x1b[?25h\x1b[?1049l";
/// Size of a terminal that does not tell its own.
const USUAL: (usize, usize) = (24, 80);

pub(super) struct Screen {
    /// Rows and columns of the terminal; `None` where standard output is none.
    size: Option<(usize, usize)>,
    ui: Ui,
    shown: bool,
}

impl Screen {
    pub(super) fn open(ui: Ui) -> Self {
        let out = io::stdout();
        let size = (out.is_terminal() && !ui.is_json()).then(size_now);
        if size.is_some() {
            let mut out = out.lock();
            // A terminal that cannot be written to shows nothing either way.
            let _ = out.write_all(ENTER.as_bytes()).and_then(|()| out.flush());
        }
        Self { size, ui, shown: false }
    }

    /// Has the terminal another size than at the last showing?
    pub(super) fn was_resized(&self) -> bool {
        self.size.is_some_and(|s| s != size_now())
    }

    /// Shows an answer in the place of the former one.
    pub(super) fn show(&mut self, text: &str, footer: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if let Some(size) = &mut self.size {
            *size = size_now();
            out.write_all(frame(text, footer, *size).as_bytes())?;
        } else {
            if !self.shown {
                self.ui.note(footer);
            }
            let gap = if self.shown && !self.ui.is_json() { "\n" } else { "" };
            write!(out, "{gap}{text}")?;
        }
        self.shown = true;
        out.flush()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if self.size.is_some() {
            let mut out = io::stdout().lock();
            let _ = out.write_all(LEAVE.as_bytes()).and_then(|()| out.flush());
        }
    }
}

fn size_now() -> (usize, usize) {
    match tcgetwinsize(io::stdout()) {
        Ok(w) if w.ws_row > 2 && w.ws_col > 9 => (w.ws_row.into(), w.ws_col.into()),
        _ => USUAL,
    }
}

/// One screenful: lines that fit, what is missing, and the last row. Each line ends by clearing what was there before, so
/// that nothing flickers.
fn frame(text: &str, footer: &str, (rows, columns): (usize, usize)) -> String {
    let cut = |line: &str| line.chars().take(columns.saturating_sub(1)).collect::<String>();
    let lines: Vec<&str> = text.lines().collect();
    let room = rows.saturating_sub(2);
    let kept = if lines.len() > room { room.saturating_sub(1) } else { lines.len() };
    let mut out = String::from("\x1b[H");
    for line in lines.iter().take(kept) {
        out += &format!("{}\x1b[K\r\n", cut(line));
    }
    if kept < lines.len() {
        out += &format!("... {} more lines\x1b[K\r\n", lines.len() - kept);
    }
    out + &format!("\x1b[J\r\n\x1b[2m{}\x1b[0m", cut(footer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_larger_than_the_screen_is_cut_and_says_so_and_never_scrolls() {
        let text: String = (0..100).map(|i| format!("line {i} {}\n", "x".repeat(200))).collect();
        for size in [(24, 80), (3, 10), (50, 200)] {
            let f = frame(&text, "footer", size);
            assert!(f.matches("\r\n").count() < size.0, "{size:?}");
            for line in f.split("\r\n") {
                let plain = line.replace("\x1b[H", "").replace("\x1b[K", "").replace("\x1b[J", "");
                let plain = plain.replace("\x1b[2m", "").replace("\x1b[0m", "");
                assert!(plain.chars().count() < size.1.max(20), "{size:?} {plain:?}");
            }
            assert!(f.contains("more lines"));
        }
        assert!(!frame("a\nb\n", "f", (24, 80)).contains("more lines"));
    }
}
