//! The text of `docs/commands.md`.

use crate::table::TABLE;
use std::fmt::Write as _;

/// The reference of all commands.
#[must_use]
pub fn commands_markdown() -> String {
    let mut out = String::from(
        "# Commands\n\n\
         <!-- Generated from the table of capabilities. Change the table, not this file. -->\n\n\
         Every command takes `--json` and then prints one packet on standard output: the named one, or `zero.error.v1`.\n\
         What a command may change is its safety class: `read_only` nothing, `writes_files` files it is asked to write,\n\
         `writes_partition` the operator's configuration, keys and checkpoints, `runs_paper` the journal and the paper\n\
         account.\n\n\
         With `--watch [SECONDS]` a command shows its answer again whenever the journal has grown, no more often than that\n\
         (1 s where it is not said), until Ctrl-C; with `--json` that is one document a line.\n\n\
         | command | what it does | packet | safety | risk |\n|---|---|---|---|---|\n",
    );
    for c in TABLE {
        let Some(cmd) = c.command else { continue };
        let words = cmd.path.join(" ");
        let args =
            if cmd.args.is_empty() { String::new() } else { format!(" {}", cmd.args.replace('|', "\\|")) };
        let args = if c.is_watched() { args + " [--watch [SECONDS]]" } else { args };
        let also = if cmd.aliases.is_empty() {
            String::new()
        } else {
            format!(" Also `{}`.", cmd.aliases.join("`, `"))
        };
        let _ = writeln!(
            out,
            "| `zero {words}{args}` | {}{also} | `{}` | {} | {} |",
            c.summary,
            c.packet,
            c.safety.name(),
            c.risk.name()
        );
    }
    crate::exits::exits_markdown(&mut out);
    out
}
