//! How commands end: what every exit code means, and which command says more with one than that it failed.

use crate::table::TABLE;
use std::fmt::Write as _;

/// A command that did what it was asked, and says by its exit code what it found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Id of its row.
    pub id: &'static str,
    /// Its exit code.
    pub code: u8,
    /// When.
    pub when: &'static str,
}

const fn v(id: &'static str, code: u8, when: &'static str) -> Verdict {
    Verdict { id, code, when }
}

/// Exit code of what was interrupted.
pub const INTERRUPTED: u8 = 130;

/// Every command whose exit code is a verdict, in the order of the table.
pub const VERDICTS: &[Verdict] = &[
    v("demo", INTERRUPTED, "it was interrupted; what was acknowledged is in its journal"),
    v("backtest", INTERRUPTED, "it was interrupted, or stopped by `--stop-after`; `--resume` continues it"),
    v("doctor", 1, "a check failed"),
    v("readiness", 1, "the verdict is not `ready`"),
    v("parity", 4, "two ways through the same market decided differently"),
    v("lookahead", 1, "nothing was judged, so nothing is shown"),
    v("lookahead", 4, "a decision used what came after it"),
    v("journal.verify", 4, "a part of the journal does not verify"),
    v("strategy.test", 1, "a fixture expected something else, or there is no fixture"),
    v("config.check", 1, "the configuration has problems"),
    v("notify.test", 1, "a sink did not take the message"),
    v("mcp", 4, "with `--smoke`: a part does not answer by its schema"),
    v("hash", 4, "the packet carries another hash than that of its body"),
];

/// The part of the reference about exit codes.
pub(crate) fn exits_markdown(out: &mut String) {
    out.push_str(
        "\n## Exit codes\n\n\
         A command ends with 0 when it did what it was asked. When it failed, its code is that of the error's class:\n\
         1 input, data or configuration is wrong and nothing was changed; 2 the command line is wrong; 3 refused for\n\
         safety; 4 the journal is damaged, or a verification failed; 5 a fault of the program or the machine. `zero run`\n\
         ends in order with 0 at the first Ctrl-C and with 130 at the second, `--watch` with 130 at the first.\n\n\
         These commands say by their code what they found, and print their packet all the same:\n\n\
         | command | exit | when |\n|---|---|---|\n",
    );
    for v in VERDICTS {
        let command = TABLE.iter().find(|c| c.id == v.id).and_then(|c| c.command);
        let words = command.map_or_else(String::new, |c| c.path.join(" "));
        let _ = writeln!(out, "| `zero {words}` | {} | {} |", v.code, v.when);
    }
}
