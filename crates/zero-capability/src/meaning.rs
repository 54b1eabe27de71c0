//! What every command of earlier operator clients means here: the row that answers, the journal event and the visible effect,
//! or why it is not offered. Its other names work as one-shots: `zero cockpit` is `zero live cockpit`.

use crate::table::TABLE;
use std::fmt::Write as _;

/// What became of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It is this command of the program.
    Command {
        /// Words after `zero`.
        words: &'static [&'static str],
        /// Kind of record that it leaves in the journal; empty where it only reads.
        event: &'static str,
        /// What can be seen afterwards.
        effect: &'static str,
    },
    /// It is not offered, for this reason.
    NotOffered(&'static str),
}

/// A command of earlier clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// Its name, without the slash.
    pub name: &'static str,
    /// Its other names.
    pub aliases: &'static [&'static str],
    /// What it does to risk: `neutral`, `reduces` or `increases`.
    pub direction: &'static str,
    /// What became of it.
    pub how: How,
}

const fn m(
    name: &'static str,
    aliases: &'static [&'static str],
    direction: &'static str,
    how: How,
) -> Meaning {
    Meaning { name, aliases, direction, how }
}

const fn shows(words: &'static [&'static str], effect: &'static str) -> How {
    How::Command { words, event: "", effect }
}

const fn acts(words: &'static [&'static str], event: &'static str, effect: &'static str) -> How {
    How::Command { words, event, effect }
}

const SCREEN: How = How::NotOffered("it changes an interactive screen, and a one-shot has none");
const CREDITS: How =
    How::NotOffered("there are no accounts to bill: everything runs on the operator's own machine");
const ARENA: How = How::NotOffered("a public competition needs a hosted service, which is not part of this");
const HOSTED: How = How::NotOffered("hosted intelligence is a commercial service, which is not part of this");

/// Every command of the contract, in its order, then the names that are known from elsewhere and not offered.
pub const MEANINGS: &[Meaning] = &[
    m("help", &["?"], "neutral", shows(&["help"], "every command with its arguments")),
    m("status", &[], "neutral", shows(&["status"], "the runtime at a glance")),
    m("brief", &[], "neutral", shows(&["brief"], "what changed, what is open, what to look at")),
    m("risk", &[], "neutral", shows(&["risk"], "every limit with its use")),
    m(
        "hl-status",
        &["hl", "hyperliquid"],
        "neutral",
        shows(&["hl", "status"], "whether the venue's data is the market, and its marks"),
    ),
    m(
        "hl-account",
        &["hyperliquid-account"],
        "neutral",
        shows(&["hl", "account"], "a refusal that says that no venue account is configured"),
    ),
    m(
        "hl-reconcile",
        &["reconcile", "hyperliquid-reconcile"],
        "neutral",
        shows(&["hl", "reconcile"], "the ledger against the venue's word"),
    ),
    m(
        "live-certify",
        &["certify-live", "live-certification"],
        "neutral",
        shows(
            &["live", "certification"],
            "drills of what must stop risk, run against this run's limits and the paper venue",
        ),
    ),
    m(
        "live-cockpit",
        &["cockpit", "live"],
        "neutral",
        shows(&["live", "cockpit"], "preflight, breakers, reconciliation and heartbeat at once"),
    ),
    m(
        "live-evidence",
        &["evidence", "canary-evidence"],
        "neutral",
        shows(&["live", "evidence"], "everything that a live claim would rest on, by its hash"),
    ),
    m(
        "live-receipts",
        &["receipts", "execution-receipts", "live-execution-receipts"],
        "neutral",
        shows(&["live", "receipts"], "an empty list: no live order can be sent"),
    ),
    m(
        "live-canary",
        &["live-canary-policy", "canary", "canary-policy"],
        "neutral",
        shows(&["live", "canary-policy"], "the phases before a first live order, and what stands in the way"),
    ),
    m(
        "runtime-parity",
        &["parity", "ooda-parity", "production-parity"],
        "neutral",
        shows(&["parity"], "whether backtest, run and restart decide alike"),
    ),
    m(
        "immune",
        &["breakers", "circuit-breakers"],
        "neutral",
        shows(&["immune"], "every breaker with its measure"),
    ),
    m("quote", &["price"], "neutral", shows(&["quote"], "the last mark of a coin")),
    m("heat", &[], "neutral", shows(&["heat"], "coins by how near their entries are")),
    m("regime", &[], "neutral", shows(&["regime"], "what is measured of the market's state")),
    m("evaluate", &["eval"], "neutral", shows(&["evaluate"], "what each book proposes for a coin")),
    m("positions", &["pos"], "neutral", shows(&["positions"], "what is held")),
    m("pulse", &[], "neutral", shows(&["pulse"], "the latest events")),
    m("approaching", &["near"], "neutral", shows(&["approaching"], "entries that are near")),
    m(
        "rejections",
        &["rej"],
        "neutral",
        shows(&["rejections"], "candidates that were not admitted, and why"),
    ),
    m("state", &[], "neutral", shows(&["operator-state"], "label, level and measures of the operator")),
    m("sessions", &["ls-sessions"], "neutral", shows(&["session", "list"], "every session with its result")),
    m(
        "resume",
        &[],
        "neutral",
        acts(
            &["session", "resume"],
            "operator session_start",
            "the session is open again under its id; entries are as they were",
        ),
    ),
    m(
        "fork",
        &[],
        "neutral",
        acts(
            &["session", "fork"],
            "operator session_start",
            "a new session that names the old one as its origin",
        ),
    ),
    m("save", &[], "neutral", acts(&["session", "save"], "operator session_save", "the session has a label")),
    m(
        "replay",
        &[],
        "neutral",
        shows(&["session", "replay"], "the events of a session again, in their order"),
    ),
    m(
        "share",
        &["export"],
        "neutral",
        shows(&["session", "share"], "a session's summary without names, reasons and amounts"),
    ),
    m(
        "config show",
        &["config view", "config list", "config ls"],
        "neutral",
        shows(&["config", "show"], "every key in force and its layer"),
    ),
    m(
        "config doctor",
        &["config diag", "config diagnose", "doctor"],
        "neutral",
        shows(&["doctor"], "what is fit to run, and what to do about the rest"),
    ),
    m(
        "config check",
        &[],
        "neutral",
        shows(&["config", "check"], "every problem of the configuration; `zero doctor` looks at the rest"),
    ),
    m("verbose", &[], "neutral", SCREEN),
    m("continue", &["cont"], "neutral", SCREEN),
    m(
        "rate",
        &[],
        "neutral",
        How::NotOffered(
            "a person's rating of a trade feeds nothing here: outcomes are measured instead, see `zero learn gates`",
        ),
    ),
    m(
        "coaching reset",
        &["coaching-reset"],
        "neutral",
        How::NotOffered(
            "nothing coaches: `zero operator-state` measures, and its baselines cannot be reset by wish",
        ),
    ),
    m(
        "wrap-off",
        &["wrapoff"],
        "neutral",
        How::NotOffered("no closing summary comes by itself: `zero session wrap` makes one when it is asked"),
    ),
    m("clear", &["cls"], "neutral", SCREEN),
    m(
        "auto off",
        &[],
        "reduces",
        acts(
            &["auto", "off"],
            "operator auto_off",
            "breaker auto_off is open: nothing is entered and entries under way are cancelled, exits and stops go on",
        ),
    ),
    m(
        "auto status",
        &[],
        "neutral",
        shows(&["auto", "status"], "whether strategies may enter by themselves"),
    ),
    m(
        "headless start",
        &["headless up"],
        "neutral",
        How::NotOffered("`zero run` is the loop: start it with the machine's own service manager"),
    ),
    m(
        "headless stop",
        &["headless down"],
        "neutral",
        How::NotOffered(
            "the loop ends in order on its own signal: stop it with the machine's own service manager",
        ),
    ),
    m(
        "headless status",
        &["headless stat", "headless show"],
        "neutral",
        shows(&["status"], "whether a loop runs, and how old its state is"),
    ),
    m("conv", &["conversation"], "neutral", SCREEN),
    m("pos-mode", &["positions-mode"], "neutral", SCREEN),
    m("decisions", &[], "neutral", shows(&["decisions"], "the latest candidates with every gate")),
    m("heat-mode", &["heatmode"], "neutral", SCREEN),
    m("cockpit-mode", &["live-mode", "live-board"], "neutral", SCREEN),
    m(
        "pause-entries",
        &["pause"],
        "reduces",
        acts(
            &["operator", "pause"],
            "operator pause_entries",
            "breaker operator_pause is open: nothing is entered and entries under way are cancelled",
        ),
    ),
    m(
        "break",
        &[],
        "reduces",
        acts(
            &["operator", "break"],
            "operator break",
            "no increase that a person asks for is admitted before it is over; strategies go on",
        ),
    ),
    m(
        "close",
        &[],
        "reduces",
        acts(
            &["operator", "close"],
            "operator close",
            "orders that close what every book holds of the coin; nobody enters it before it is out of all, then strategies may again, unless `auto off`",
        ),
    ),
    m(
        "flatten-all",
        &["flatten"],
        "reduces",
        acts(
            &["operator", "flatten"],
            "operator flatten",
            "orders that close every position; breaker flattening is open until the account is flat: nothing is opened",
        ),
    ),
    m(
        "kill",
        &[],
        "reduces",
        acts(
            &["operator", "kill"],
            "operator kill",
            "breaker kill_switch is latched: everything is closed, nothing is opened",
        ),
    ),
    m("quit", &["exit", "q"], "reduces", SCREEN),
    m(
        "execute",
        &["exec", "e"],
        "increases",
        acts(
            &["execute"],
            "operator execute",
            "one order per key in the book of the operator's own orders, judged by every gate but `auto off`; one that closes is taken ungated",
        ),
    ),
    m(
        "resume-entries",
        &["live-resume"],
        "increases",
        acts(
            &["operator", "resume"],
            "operator resume_entries",
            "breaker operator_pause is closed; friction comes first where the level asks for it",
        ),
    ),
    m(
        "auto on",
        &[],
        "increases",
        acts(
            &["auto", "on"],
            "operator auto_on",
            "breaker auto_off is closed; friction comes first where the level asks for it",
        ),
    ),
    m(
        "state-override",
        &[],
        "increases",
        How::NotOffered(
            "a label is computed from recorded acts: one that could be stated would lower its own friction",
        ),
    ),
    m(
        "disclosure-override",
        &[],
        "increases",
        How::NotOffered("nothing is disclosed to anybody, so there is nothing to override"),
    ),
    m(
        "ack",
        &["acknowledge"],
        "neutral",
        acts(&["operator", "ack"], "operator acknowledge", "the alert is closed and not said again"),
    ),
    m(
        "confirm",
        &[],
        "neutral",
        acts(
            &["operator", "confirm"],
            "operator confirm",
            "the increase that waits may be repeated after its pause",
        ),
    ),
    m(
        "rest",
        &[],
        "reduces",
        acts(&["operator", "rest"], "operator rest", "silence of five hours after it is a rest"),
    ),
    m(
        "focus",
        &[],
        "neutral",
        acts(&["operator", "focus"], "operator focus", "a sign of life: the silence before it is over"),
    ),
    m("credits", &[], "neutral", CREDITS),
    m("arena", &[], "neutral", ARENA),
    m("intelligence", &[], "neutral", HOSTED),
];

/// Is it a group of commands, such as `live`?
#[must_use]
pub fn is_group(name: &str) -> bool {
    TABLE.iter().filter_map(|c| c.command).any(|c| c.path.len() > 1 && c.path.first() == Some(&name))
}

/// The words that a typed name stands for, where it is not itself a command of the program. The name of a group stands for
/// something else only where it is typed `alone`.
#[must_use]
pub fn one_shot(name: &str, alone: bool) -> Option<&'static [&'static str]> {
    if crate::by_command(name).is_some() || (is_group(name) && !alone) {
        return None;
    }
    MEANINGS.iter().filter(|m| m.name == name || m.aliases.contains(&name)).find_map(|m| match m.how {
        How::Command { words, .. } => Some(words),
        How::NotOffered(_) => None,
    })
}

/// Why a typed name is not offered, where it is one of these.
#[must_use]
pub fn not_offered(name: &str) -> Option<&'static str> {
    MEANINGS.iter().filter(|m| m.name == name || m.aliases.contains(&name)).find_map(|m| match m.how {
        How::Command { .. } => None,
        How::NotOffered(why) => Some(why),
    })
}

/// The text of `docs/meaning.md`.
#[must_use]
pub fn meaning_markdown() -> String {
    let mut out = String::from(
        "# What operator commands mean\n\n\
         <!-- Generated from the table of meanings. Change the table, not this file. -->\n\n\
         Every command that clients for operators know, with its other names. What is offered works as a one-shot under each\n\
         of them: `zero cockpit` is `zero live cockpit`. The journal event is the record that it leaves; a dash means that it\n\
         only reads.\n\n\
         | command | also | risk | here | journal event | visible effect |\n|---|---|---|---|---|---|\n",
    );
    for m in MEANINGS {
        let also =
            if m.aliases.is_empty() { "-".to_owned() } else { format!("`{}`", m.aliases.join("`, `")) };
        let (here, event, effect) = match m.how {
            How::Command { words, event, effect } => {
                let event = if event.is_empty() { "-".to_owned() } else { format!("`{event}`") };
                (format!("`zero {}`", words.join(" ")), event, effect.to_owned())
            }
            How::NotOffered(why) => ("not offered".to_owned(), "-".to_owned(), why.to_owned()),
        };
        let _ = writeln!(out, "| `{}` | {also} | {} | {here} | {event} | {effect} |", m.name, m.direction);
    }
    out
}
