//! Every command that looks at a run and changes nothing: from its start to its end.

use crate::startup::{Ends, of_home, timed};
use crate::table::Row;
use std::error::Error;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;
use zero_capability::{Capability, Safety, TABLE};

/// Starts of each: there are many of them.
const STARTS: u32 = 9;
/// Starts of one that reads the whole journal.
const LONG_STARTS: u32 = 3;
/// Between two starts: a person types. Some answers of the kernel are dear where nobody asked it a moment ago.
const PAUSE: Duration = Duration::from_millis(40);
/// What a command says where no journal is: it has started, and its own work would begin.
const NO_JOURNAL: &str = "ZERO-JRN-009";
/// These compute over every record of the journal: they start as soon as the others, and end when they have read it.
const WHOLE: [&str; 5] = ["near-misses", "learn.gates", "learn.lenses", "lenses", "execution"];

/// A command of the table, as it is typed.
struct OneShot {
    row: &'static Capability,
    words: Vec<&'static str>,
}

fn all() -> impl Iterator<Item = OneShot> {
    let reads = TABLE.iter().filter(|row| row.safety == Safety::ReadOnly);
    reads.filter_map(|row| {
        let command = row.command.filter(|c| c.args.contains("--journal DIR"))?;
        let coin = command.args.starts_with("COIN").then_some("BTC");
        Some(OneShot { row, words: command.path.iter().copied().chain(coin).collect() })
    })
}

/// One row for all that ask the state, with the slowest of them, and one for each that reads the whole journal.
pub(crate) fn rows(zero: &Path, home: &Path) -> Result<Vec<Row>, Box<dyn Error>> {
    let (mut short, mut rows, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for OneShot { row, words } in all() {
        let command = || paused(of_home(zero, home, &words));
        let name = words.join(" ");
        if !command().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?.success() {
            refused.push(name);
        } else if WHOLE.contains(&row.id) {
            let note = "computes over every record of the journal";
            rows.push(
                Row::of(&format!("zero {name}"), "none", "ms", timed(LONG_STARTS, Ends::Well, &command)?)
                    .note(note),
            );
        } else {
            short.push(Row::of(&name, "none", "ms", timed(STARTS, Ends::Well, &command)?));
        }
    }
    slowest_first(&mut short);
    let (many, within) = (short.len(), short.iter().filter(|row| row.median < 10.0).count());
    let told: Vec<String> = short.iter().map(|row| format!("{} {:.1}", row.measure, row.median)).collect();
    let note = format!(
        "medians in ms, {within} of {many} under 10: {}; left out because they refuse here: {}",
        told.join(", "),
        refused.join(", ")
    );
    let slowest = slowest(short, "that ask a run")?;
    rows.insert(0, slowest.note(note));
    Ok(rows)
}

/// How long each takes to come to its own work, however long that is: where it would look at a journal, it finds none.
pub(crate) fn beginnings(zero: &Path, nothing: &Path) -> Result<Row, Box<dyn Error>> {
    let (mut begun, mut others) = (Vec::new(), Vec::new());
    for OneShot { words, .. } in all() {
        let name = words.join(" ");
        let command = || {
            let mut c = of_home(zero, nothing, &words);
            c.arg("--journal").arg(nothing);
            paused(c)
        };
        let said = command().stdin(Stdio::null()).output()?;
        if String::from_utf8_lossy(&said.stderr).contains(NO_JOURNAL) {
            begun.push(Row::of(&name, "none", "ms", timed(STARTS, Ends::Refused, &command)?));
        } else {
            others.push(name);
        }
    }
    slowest_first(&mut begun);
    let note =
        format!("until it finds no journal where it would read one; not among them: {}", others.join(", "));
    Ok(slowest(begun, "to begin")?.note(note))
}

fn slowest_first(rows: &mut [Row]) {
    rows.sort_by(|a, b| b.median.total_cmp(&a.median));
}

/// The first of the rows, under the name that says how many there were.
fn slowest(rows: Vec<Row>, what: &str) -> Result<Row, Box<dyn Error>> {
    let many = rows.len();
    let slowest = rows.into_iter().next().ok_or("no command was timed")?;
    let measure = format!("the slowest of {many} one-shots {what}: {}", slowest.measure);
    Ok(Row { measure, ..slowest }.reach("< 10"))
}

/// The command, after a pause.
fn paused(command: Command) -> Command {
    sleep(PAUSE);
    command
}
