//! Progress bars for long work, at a terminal only.

use crate::ui;
use indicatif::{ProgressBar, ProgressStyle};

/// A bar over a known number of steps; hidden where nobody looks.
pub(crate) fn bar(what: &str, total: u64) -> ProgressBar {
    if !ui::shows_progress() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(total);
    if let Ok(style) = ProgressStyle::with_template("{msg:>18} [{bar:32}] {pos}/{len} {eta}") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.set_message(what.to_owned());
    bar
}
