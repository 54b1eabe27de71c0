//! The table.

use crate::row::RiskDirection::{Increases, Neutral, Reduces};
use crate::row::Safety::{RunsPaper, WritesFiles, WritesPartition};
use crate::row::{Capability, Query, QueryKind};
use zero_packets::brief::{Brief, Pulse};
use zero_packets::config::{ConfigCheck, ConfigGet, ConfigShow};
use zero_packets::data::{DataDescribe, DataImport, DataSynth};
use zero_packets::decision_stack::DecisionStack;
use zero_packets::decisions::Decisions;
use zero_packets::doctor::Doctor;
use zero_packets::document::Document;
use zero_packets::evaluation::Evaluation;
use zero_packets::exchange::{HlStatus, Quote, Reconciliation};
use zero_packets::health::Health;
use zero_packets::immune::Immune;
use zero_packets::init::Init;
use zero_packets::journal::{
    JournalCheckpoint, JournalExport, JournalProof, JournalPrune, JournalTail, JournalVerify,
};
use zero_packets::keys::{KeyChange, Keys};
use zero_packets::learn::{GateValues, NearMisses};
use zero_packets::live::{LiveCertification, LiveCockpit, LivePreflight, LiveReceipts, OperatorContext};
use zero_packets::metrics::Metrics;
use zero_packets::operator::OperatorAct;
use zero_packets::parity::{Feedback, Parity};
use zero_packets::positions::Positions;
use zero_packets::rejections::Rejections;
use zero_packets::report::{Backtest, Demo};
use zero_packets::risk::Risk;
use zero_packets::snapshot::Snapshot;
use zero_packets::stats::Stats;
use zero_packets::status::Status;
use zero_packets::strategy::{StrategyCheck, StrategyExplain, StrategyList, StrategyTest};
use zero_packets::surface::{Livez, Readyz, Root};
use zero_packets::sweep::{LookAhead, Sweep};
use zero_packets::views::{ApproachingFeed, Heat, Regime};
use zero_packets::why::Why;

const COIN: Query = Query { name: "coin", kind: QueryKind::Coin { required: false }, doc: "Only this coin." };
const LIMIT: Query =
    Query { name: "limit", kind: QueryKind::Count { default: 50, max: 200 }, doc: "How many, newest first." };
const SYMBOL: Query = Query { name: "symbol", kind: QueryKind::Coin { required: true }, doc: "The coin." };
const SYMBOLS: Query =
    Query { name: "symbol", kind: QueryKind::Coins, doc: "Only these coins; may be repeated." };

/// Every capability, in the order of the docs.
pub const TABLE: &[Capability] = &[
    Capability::read::<Demo>(
        "demo",
        "Run the whole loop on a built-in synthetic market and verify its journal.",
    )
    .command(&["demo"], "[--seed N] [--days N]", &[])
    .safety(RunsPaper, Neutral),
    Capability::read::<Backtest>(
        "backtest",
        "Run the configured books over recorded data and report what it shows.",
    )
    .command(&["backtest"], "[--data PATH] [--out DIR] [--sweep KEY=A:B:STEP,... [--max N]]", &["bt"])
    .safety(RunsPaper, Neutral),
    Capability::read::<Backtest>("backtest.report", "Show the report of the last backtest; runs none.")
        .mcp("zero_get_backtest_report", "zero://backtest/report"),
    Capability::read::<Sweep>(
        "backtest.sweep",
        "Run every variant of a grid of configuration keys and hold the best against what chance would have shown.",
    )
    .safety(RunsPaper, Neutral),
    Capability::read::<Snapshot>("run", "Run the long-lived loop in paper until it is stopped.")
        .command(&["run"], "[--source synthetic|replay|venue]", &[])
        .safety(RunsPaper, Increases),
    Capability::read::<Status>("status", "Show the runtime at a glance.")
        .command(&["status"], "[--journal DIR]", &["v2-status"])
        .http("/v2/status")
        .mcp("zero_get_runtime_status", "zero://runtime/status")
        .max_age(5),
    Capability::read::<Positions>("positions", "Show what is held, by coin and book.")
        .command(&["positions"], "[--journal DIR] [--coin COIN]", &["pos"])
        .query("/positions", &[COIN])
        .mcp_tool("zero_get_position_state")
        .max_age(5),
    Capability::read::<Risk>("risk", "Show every limit with its use, and what has stopped.")
        .command(&["risk"], "[--journal DIR]", &[])
        .http("/risk")
        .max_age(5),
    Capability::read::<Decisions>("decisions", "Show the latest candidates with the outcome of every gate.")
        .command(&["decisions"], "[--journal DIR] [--coin COIN] [--limit N]", &[])
        .query("/journal", &[LIMIT, COIN])
        .max_age(60),
    Capability::read::<Rejections>(
        "rejections",
        "Show the latest candidates that were not admitted, and why.",
    )
    .command(&["rejections"], "[--journal DIR] [--coin COIN] [--limit N]", &["rej"])
    .query("/rejections", &[LIMIT, COIN])
    .mcp("zero_get_rejection_audit", "zero://rejections/audit")
    .max_age(60),
    Capability::read::<NearMisses>(
        "near-misses",
        "Show rejected candidates that were close to admission, and what they would have earned.",
    )
    .command(&["near-misses"], "[--journal DIR] [--coin COIN] [--limit N] [--delta SIGMAS]", &[])
    .max_age(60),
    Capability::read::<GateValues>(
        "learn.gates",
        "Show what each gate is worth by the candidates that it alone kept out; proposes, changes nothing.",
    )
    .command(&["learn", "gates"], "[--journal DIR] [--alpha RATE]", &[])
    .max_age(60),
    Capability::read::<Feedback>(
        "execution",
        "Show what orders cost against their decisions, part by part, and the cost model that follows.",
    )
    .command(&["execution"], "[--journal DIR] [--model FILE]", &[])
    .safety(WritesFiles, Neutral)
    .max_age(60),
    Capability::read::<Health>("health", "Show components, dependencies, breakers and recovery.")
        .command(&["health"], "[--journal DIR]", &[])
        .http("/health")
        .mcp("zero_get_health", "zero://runtime/health")
        .max_age(5),
    Capability::read::<Immune>("immune", "Show every breaker with what it measured.")
        .command(&["immune"], "[--journal DIR]", &["breakers"])
        .http("/immune")
        .mcp("zero_get_immune_status", "zero://immune/status")
        .max_age(5),
    Capability::read::<Evaluation>(
        "evaluate",
        "Judge a coin now: what each book proposes, and what an entry on each side would meet.",
    )
    .command(&["evaluate"], "COIN [--side buy|sell] [--journal DIR]", &["eval"])
    .max_age(60),
    Capability::read::<DecisionStack>(
        "decision-stack",
        "Show one candidate of a coin through lenses, layers and modifiers.",
    )
    .command(&["decision-stack"], "COIN [--side buy|sell] [--journal DIR]", &[])
    .mcp("zero_get_decision_stack", "zero://decision/stack")
    .max_age(60),
    Capability::read::<Why>("why", "Say why a coin was not traded, and what would have had to change.")
        .command(&["why"], "COIN [--at TIME] [--journal DIR]", &[]),
    Capability::read::<Heat>(
        "heat",
        "Rank coins by how near their entries are, with what stands in the way.",
    )
    .command(&["heat"], "[--journal DIR]", &[])
    .max_age(60),
    Capability::read::<ApproachingFeed>(
        "approaching",
        "Show entries that are near, each with the probability of being reached in time.",
    )
    .command(&["approaching"], "[--within DURATION] [--journal DIR]", &["near"])
    .max_age(60),
    Capability::read::<Regime>("regime", "Show what is measured of the market's state.")
        .command(&["regime"], "[COIN] [--journal DIR]", &[])
        .max_age(60),
    Capability::read::<Brief>(
        "brief",
        "Show state, exposure, protection, what changed, open questions and open breakers.",
    )
    .command(&["brief"], "[--since SEQ|TIME] [--journal DIR]", &[])
    .max_age(5),
    Capability::read::<Pulse>("pulse", "Show the latest events, newest first, with how bad each is.")
        .command(&["pulse"], "[N] [--journal DIR]", &[])
        .max_age(5),
    Capability::read::<Root>("root", "Say what answers here.").http("/").max_age(1),
    Capability::read::<Livez>("livez", "Say that the process answers.").http("/livez").max_age(1),
    Capability::read::<Readyz>("readyz", "Say whether the loop can be relied on, check by check.")
        .http("/readyz")
        .max_age(1),
    Capability::read::<Metrics>("metrics", "Show what the runtime and its HTTP surface count.")
        .http("/metrics")
        .max_age(5),
    Capability::read::<OperatorContext>("operator.context", "Show whose runtime this is and who asks.")
        .http("/operator/context")
        .max_age(1),
    Capability::read::<Quote>("quote", "Show the last mark of a coin.")
        .query("/market/quote", &[SYMBOL])
        .max_age(5),
    Capability::read::<HlStatus>(
        "hl.status",
        "Show whether the venue's public data is the market, and its marks.",
    )
    .query("/hl/status", &[SYMBOLS])
    .max_age(5),
    Capability::read::<Reconciliation>("hl.reconcile", "Show the ledger against what the venue says.")
        .http("/hl/reconcile")
        .max_age(5),
    Capability::read::<LivePreflight>(
        "live.preflight",
        "Show what stands between this runtime and a live order.",
    )
    .http("/live/preflight")
    .max_age(5),
    Capability::read::<LiveCertification>(
        "live.certification",
        "Show the drills of the live path; none is built.",
    )
    .http("/live/certification")
    .max_age(60),
    Capability::read::<LiveReceipts>("live.receipts", "Show the receipts of live orders; none can be sent.")
        .http("/live/receipts")
        .max_age(60),
    Capability::read::<LiveCockpit>(
        "live.cockpit",
        "Show preflight, breakers, reconciliation and heartbeat at once.",
    )
    .http("/live/cockpit")
    .max_age(5),
    Capability::read::<Doctor>("doctor", "Check what is fit to run and say what to do about the rest.")
        .command(&["doctor"], "", &["diag", "diagnose"])
        // It writes, syncs and removes a probe file.
        .safety(WritesPartition, Neutral),
    Capability::read::<Parity>("parity", "Show that backtest, replayed run and restarted run decide alike.")
        .command(&["parity"], "[--cycles N]", &["runtime-parity", "ooda-parity", "production-parity"])
        .mcp("zero_get_runtime_parity", "zero://runtime/parity"),
    Capability::read::<LookAhead>(
        "lookahead",
        "End the market at many times and show whether anything was known before its time.",
    )
    .command(&["lookahead"], "[--strategy NAME|all] [--data PATH] [--ends N]", &[])
    .safety(RunsPaper, Neutral),
    Capability::read::<DataImport>("data.import", "Check market data files and take them into the store.")
        .command(
            &["data", "import"],
            "FILE... [--out DIR] [--format F] [--coin C] [--interval I] [--allow-gaps] [--replace]",
            &[],
        )
        .safety(WritesFiles, Neutral),
    Capability::read::<DataDescribe>("data.describe", "Show what a store or a file holds.").command(
        &["data", "describe"],
        "[DIR]",
        &[],
    ),
    Capability::read::<DataSynth>("data.synth", "Make a seeded synthetic market.")
        .command(
            &["data", "synth"],
            "[--out DIR] [--seed N] [--days N] [--coins LIST] [--edge KIND:STRENGTH[:FROM[:TO[:LOOKBACK]]]]",
            &[],
        )
        .safety(WritesFiles, Neutral),
    Capability::read::<JournalVerify>(
        "journal.verify",
        "Verify every record, link, root and signature of the journal.",
    )
    .command(&["journal", "verify"], "[--dir DIR] [--vkey KEY]", &[]),
    Capability::read::<JournalTail>("journal.tail", "Show the last records of the journal.")
        .command(&["journal", "tail"], "[-n N] [--facts] [--kind KIND] [--dir DIR]", &[])
        .mcp("zero_get_journal_tail", "zero://journal/tail")
        .max_age(5),
    Capability::read::<JournalExport>("journal.export", "Write the journal as JSON lines.")
        .command(&["journal", "export"], "[--out FILE] [--from SEQ] [--to SEQ] [--facts] [--dir DIR]", &[])
        .safety(WritesFiles, Neutral),
    Capability::read::<JournalCheckpoint>(
        "journal.checkpoint",
        "Sign a checkpoint over the journal as it is.",
    )
    .command(&["journal", "checkpoint"], "[--dir DIR]", &[])
    .safety(WritesPartition, Neutral),
    Capability::read::<JournalProof>(
        "journal.prove",
        "Prove that a record is in the journal, or that it only grew.",
    )
    .command(&["journal", "prove"], "SEQ | --from-size SIZE [--to-size SIZE] [--out DIR] [--dir DIR]", &[])
    .safety(WritesFiles, Neutral),
    Capability::read::<JournalPrune>(
        "journal.prune",
        "Drop old segments by the rule of retention; shows what would go unless --apply is given.",
    )
    .command(&["journal", "prune"], "[--before SEQ|TIME] [--cite FROM..TO] [--apply] [--dir DIR]", &[])
    .safety(WritesPartition, Neutral),
    Capability::read::<Init>(
        "init",
        "Make the operator's partition, configuration file and keys where they are missing.",
    )
    .command(&["init"], "[--no-input]", &[])
    .safety(WritesPartition, Neutral),
    Capability::read::<StrategyCheck>("strategy.new", "Write a strategy document to start from.")
        .command(&["strategy", "new"], "NAME", &[])
        .safety(WritesPartition, Neutral),
    Capability::read::<StrategyCheck>(
        "strategy.check",
        "Check a strategy document; a mistake is shown at its place.",
    )
    .command(&["strategy", "check"], "NAME|FILE", &[]),
    Capability::read::<StrategyExplain>(
        "strategy.explain",
        "Show what a strategy document means, needs and costs.",
    )
    .command(&["strategy", "explain"], "NAME|FILE", &[]),
    Capability::read::<StrategyList>("strategy.list", "List every strategy document that a book may name.")
        .command(&["strategy", "list"], "", &[]),
    Capability::read::<StrategyTest>("strategy.test", "Put a strategy document to its fixture.").command(
        &["strategy", "test"],
        "NAME|FILE",
        &[],
    ),
    Capability::read::<ConfigShow>("config.show", "Show every key in force and the layer it comes from.")
        .command(&["config", "show"], "", &["config view", "config list", "config ls"]),
    Capability::read::<ConfigGet>(
        "config.get",
        "Show a key, and with --explain every layer's value and place.",
    )
    .command(&["config", "get"], "KEY [--explain]", &[]),
    Capability::read::<ConfigCheck>("config.check", "Report every problem of the configuration at once.")
        .command(&["config", "check"], "", &[]),
    Capability::read::<Document>("config.reference", "Print the reference of every configuration key.")
        .command(&["config", "reference"], "", &[]),
    Capability::read::<Document>("config.schema", "Print the JSON Schema of the configuration file.")
        .command(&["config", "schema"], "", &[]),
    Capability::read::<KeyChange>("keys.create", "Make a signing key where none is active.")
        .command(&["keys", "create"], "journal|proof", &[])
        .safety(WritesPartition, Neutral),
    Capability::read::<Keys>("keys.list", "Show the public parts of all keys.").command(
        &["keys", "list"],
        "",
        &["keys ls"],
    ),
    Capability::read::<KeyChange>("keys.rotate", "Let a new key take over, vouched for by the old one.")
        .command(&["keys", "rotate"], "journal|proof", &[])
        .safety(WritesPartition, Neutral),
    Capability::read::<KeyChange>("keys.revoke", "End a key that must no longer be trusted.")
        .command(&["keys", "revoke"], "journal|proof --reason TEXT", &[])
        .safety(WritesPartition, Neutral),
    Capability::read::<OperatorAct>(
        "operator.pause",
        "Stop new entries until they are resumed; exits go on.",
    )
    .command(&["operator", "pause"], "--reason TEXT [--journal DIR]", &[])
    .safety(RunsPaper, Reduces),
    Capability::read::<OperatorAct>("operator.resume", "Allow entries again after a pause.")
        .command(&["operator", "resume"], "--reason TEXT [--yes] [--journal DIR]", &[])
        .safety(RunsPaper, Increases),
    Capability::read::<OperatorAct>("operator.flatten", "Close every position of the account.")
        .command(&["operator", "flatten"], "--reason TEXT [--journal DIR]", &[])
        .safety(RunsPaper, Reduces),
    Capability::read::<OperatorAct>(
        "operator.kill",
        "Throw the kill switch: close everything, open nothing.",
    )
    .command(&["operator", "kill"], "--reason TEXT [--journal DIR]", &[])
    .safety(RunsPaper, Reduces),
    Capability::read::<OperatorAct>(
        "operator.clear",
        "Clear a latched breaker, so that new risk may be taken.",
    )
    .command(&["operator", "clear"], "BREAKER --reason TEXT [--yes] [--journal DIR]", &[])
    .safety(RunsPaper, Increases),
    Capability::read::<OperatorAct>("operator.heartbeat", "Say that the operator is there.")
        .command(&["operator", "heartbeat"], "[--reason TEXT] [--journal DIR]", &[])
        .safety(RunsPaper, Neutral),
    Capability::read::<OperatorAct>(
        "operator.report",
        "Record the free disk budget of the journal, measured now.",
    )
    .command(&["operator", "report"], "[--reason TEXT] [--journal DIR]", &[])
    .safety(RunsPaper, Neutral),
    Capability::read::<Stats>("stats.psr", "Probability that a series' true Sharpe ratio exceeds a benchmark, the smaller of two forms.").command(&["stats", "psr"], "FILE [--column COLUMN] [--benchmark SR]", &[]),
    Capability::read::<Stats>("stats.dsr", "Deflated Sharpe ratio: the best of several trials against what chance would have shown.").command(&["stats", "dsr"], "FILE [--columns COLUMN,...] [--chosen COLUMN] [--trials N]", &[]),
    Capability::read::<Stats>("stats.mintrl", "How many returns a series needs before its Sharpe ratio counts.").command(&["stats", "mintrl"], "FILE [--column COLUMN] [--benchmark SR] [--confidence P]", &[]),
    Capability::read::<Stats>("stats.diff", "Whether the Sharpe ratios of two series over the same periods differ.").command(&["stats", "diff"], "FILE [--first COLUMN] [--second COLUMN]", &[]),
    Capability::read::<Stats>("stats.ope", "What another policy would have earned, from records of this one.").command(&["stats", "ope"], "FILE [--propensity COLUMN] [--taken COLUMN] [--reward COLUMN] [--modelled COLUMN] [--cap WEIGHT]", &[]),
    Capability::read::<Stats>("stats.minbtl", "How many years of data a search over many trials needs.").command(&["stats", "minbtl"], "--trials N [--target SR]", &[]),
    Capability::read::<Stats>("stats.pbo", "Probability that the best trial in sample is overfitted.").command(&["stats", "pbo"], "FILE [--columns COLUMN,...] [--blocks N] [--metric sharpe|mean]", &[]),
    Capability::read::<Stats>("stats.spa", "Whether the best of several alternatives beats the benchmark, given that it was picked.").command(&["stats", "spa"], "FILE [--columns COLUMN,...] [--benchmark COLUMN] [--block ROWS] [--replicates N] [--raw] [--seed N]", &[]),
    Capability::read::<Stats>("stats.cpcv", "Purged and embargoed splits, and what selection earns on their paths.").command(&["stats", "cpcv"], "FILE | --rows N [--columns COLUMN,...] [--groups N] [--test-groups N] [--horizon ROWS] [--embargo ROWS] [--list]", &[]),
    Capability::read::<Stats>("stats.brier", "Score probabilities against what happened, with reliability bins.").command(&["stats", "brier"], "FILE [--forecast COLUMN] [--outcome COLUMN] [--bins N]", &[]),
    Capability::read::<Stats>("stats.calibrate", "Fit a calibration map on the first rows and score it on the later ones.").command(&["stats", "calibrate"], "FILE [--forecast COLUMN] [--outcome COLUMN] [--map isotonic|platt|beta] [--fit-rows N] [--prior-rows M]", &[]),
    Capability::read::<Stats>("stats.ewma", "Exponentially weighted covariance and its concentration.").command(&["stats", "ewma"], "FILE [--columns COLUMN,...] [--decay D | --half-life ROWS]", &[]),
    Capability::read::<Stats>("stats.lw", "Shrunk covariance and its concentration.").command(&["stats", "lw"], "FILE [--columns COLUMN,...] [--target constant|identity|oas]", &[]),
    Capability::read::<Stats>("stats.bh", "Which of many p-values or e-values survive their number.").command(&["stats", "bh"], "FILE [--column COLUMN] [--correction bh|by|holm|bonferroni|ebh] [--level A]", &[]),
    Capability::read::<Stats>("stats.elond", "Which of a stream of e-values are discoveries.").command(&["stats", "elond"], "FILE [--column COLUMN] [--level A] [--any]", &[]),
    Capability::read::<Stats>("stats.evalue", "Evidence for a positive mean that may be looked at at any time.").command(&["stats", "evalue"], "FILE [--column COLUMN] --low L --high H [--level P]", &[]),
    Capability::read::<Stats>("stats.psi", "How far a distribution moved between two columns.").command(&["stats", "psi"], "FILE [--reference COLUMN] [--current COLUMN] [--bins N | --shares]", &[]),
    Capability::read::<Stats>("stats.cusum", "Where a detector finds a change of mean.").command(&["stats", "cusum"], "FILE [--column COLUMN] [--detector cusum|page-hinkley|adwin] [--mean M] [--slack S] [--threshold T] [--delta D]", &[]),
    Capability::read::<Stats>("stats.bocpd", "Posterior over the age of the current regime of a mean.").command(&["stats", "bocpd"], "FILE [--column COLUMN] [--hazard H] [--prior-mean M] [--prior-variance V] [--noise-variance V] [--longest-run N]", &[]),
    Capability::read::<Stats>("stats.vr", "Variance ratios: whether returns trend or revert.").command(&["stats", "vr"], "FILE [--column COLUMN] [--q N,...]", &[]),
    Capability::read::<Stats>("stats.kelly", "What fraction may be staked.").command(&["stats", "kelly"], "FILE --low L --high H [--column COLUMN] | --p P [--odds B] [--caution C]", &[]),
    Capability::read::<Document>("completions", "Print the completions of a shell.").command(
        &["completions"],
        "bash|zsh|fish|elvish|powershell",
        &[],
    ),
    Capability::read::<Document>("docs", "Print a generated reference, or write all of them.")
        .command(&["docs"], "commands|configuration|errors|schema|openapi | --out DIR", &[])
        .safety(WritesFiles, Neutral),
    Capability::read::<Document>("openapi", "Print the OpenAPI document of the HTTP surface.").command(
        &["openapi"],
        "",
        &[],
    ),
];
