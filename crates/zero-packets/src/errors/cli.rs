//! Codes of the `zero` program itself.

use super::Exit::{Damaged, Data, Internal, Refused, Usage};
use super::{ErrorSpec, e};

/// Sorted.
#[rustfmt::skip]
pub(super) const CODES: &[ErrorSpec] = &[
    e("ZERO-CLI-001", Internal, "file system", "The operating system refused to read or write a file.", "Check the path and its permissions."),
    e("ZERO-CLI-002", Data, "unreadable configuration", "The configuration cannot be read.", "Run `zero config check`."),
    e("ZERO-CLI-003", Internal, "rendering", "A packet or report cannot be rendered.", "Report it."),
    e("ZERO-CLI-004", Internal, "signals", "The program cannot watch for signals.", "Report it."),
    e("ZERO-CLI-005", Internal, "own file", "The program cannot find or read its own file.", "Run it by its path."),
    e("ZERO-CLI-006", Usage, "bad duration", "A text on the command line is not a duration.", "Write a number and a unit, such as 3d, 12h, 90m or 30s."),
    e("ZERO-CLI-007", Data, "cannot continue", "An interrupted backtest cannot be continued.", "Run the backtest again without --resume."),
    e("ZERO-CLI-008", Damaged, "demo disagrees", "The demo decided otherwise in memory than through its journal.", "This is a fault of the program: report it with the journal."),
    e("ZERO-CLI-009", Usage, "no data store", "A replay was asked for without a data store.", "Name a store with --data, or import one with `zero data import`."),
    e("ZERO-CLI-010", Data, "no such candles", "The venue has no candles of the configured length.", "Set data.interval to a length that the venue has."),
    e("ZERO-CLI-011", Usage, "bad command line", "The command line is not one that the program takes.", "Read `zero help` or the command's `--help`."),
    e("ZERO-CLI-012", Refused, "not confirmed", "An act that may increase risk was not confirmed.", "Type the asked word at a terminal, or pass --yes."),
    e("ZERO-CLI-013", Refused, "not taken", "The running loop did not take an operator act in time; it was withdrawn.", "Look at the loop; stop it and give the act again, which is then recorded directly."),
    e("ZERO-CLI-014", Data, "not in this journal", "A coin or kind is not in the journal.", "Use one of the names that are listed."),
    e("ZERO-CLI-015", Refused, "whose journal", "The journal belongs to another operator or log, so its keys are not known here.", "Name its verifier key with --vkey."),
    e("ZERO-CLI-016", Data, "nothing to prune", "Retention is not configured and no bound was given.", "Name a bound with --before, or set journal.retain."),
    e("ZERO-CLI-017", Damaged, "act not in force", "An operator act was taken and is not in force.", "Read the loop's messages for why it was refused, and verify the journal."),
    e("ZERO-CLI-018", Refused, "nothing to clear", "The breaker is not latched open, and clearing would only move what it measures.", "See `zero immune` for every breaker."),
    e("ZERO-CLI-019", Damaged, "state differs", "Folding the journal gives another state than the run had.", "Keep the journal and report it: this is a fault of the program."),
    e("ZERO-CLI-020", Usage, "bad time", "A text on the command line is not a time.", "Write it as 2025-09-05T16:00:00Z."),
    e("ZERO-CLI-021", Usage, "bad sweep", "A sweep cannot be made of what was given.", "Write KEY=A:B:STEP with the key's own unit, such as books.trend.trend.lookback=24:240:24."),
    e("ZERO-CLI-022", Usage, "no such strategy", "There is no bundled strategy of that name.", "Use one of the names that are listed."),
    e("ZERO-CLI-023", Usage, "no regular file", "A file is to be written where something else is, which would be replaced.", "Name a file, or one that is not there yet."),
    e("ZERO-CLI-024", Usage, "too much work", "What was asked for would take longer than anybody waits.", "Ask for less, as the hint says."),
    e("ZERO-CLI-025", Data, "no such file", "A file or folder that the command needs is not there, or is not of the kind that it reads.", "Name one that is."),
    e("ZERO-CLI-060", Usage, "no packet", "The file is no packet whose hash could be computed.", "Give one JSON object, or the bytes of `?canonical=1`."),
];
