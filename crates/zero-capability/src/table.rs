//! The table.

use crate::row::RiskDirection::{Increases, Neutral, Reduces};
use crate::row::Safety::{RunsPaper, WritesFiles, WritesPartition};
use crate::row::{Capability, Query, QueryKind, Stream};
use crate::seams::{CANONICAL, ROWS, join};
use zero_packets::brief::{Brief, Pulse};
use zero_packets::config::{ConfigCheck, ConfigGet, ConfigShow};
use zero_packets::control::{AutoToggle, EventsAccepted, LiveControl};
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
use zero_packets::lenses::{LearnLenses, Lenses};
use zero_packets::live::{LiveCertification, LiveCockpit, LivePreflight, LiveReceipts, OperatorContext};
use zero_packets::mcp;
use zero_packets::metrics::Metrics;
use zero_packets::notify::{NotifyStatus, NotifyTest};
use zero_packets::operator::{AutoState, OperatorAct};
use zero_packets::operator_state::{FrictionContract, OperatorState};
use zero_packets::parity::{Feedback, Parity};
use zero_packets::positions::Positions;
use zero_packets::readiness::Readiness;
use zero_packets::rejections::Rejections;
use zero_packets::report::{Backtest, Demo};
use zero_packets::risk::Risk;
use zero_packets::session::{Session, SessionList, SessionReplay, SessionShare};
use zero_packets::snapshot::Snapshot;
use zero_packets::stats::Stats;
use zero_packets::status::Status;
use zero_packets::strategy::{StrategyCheck, StrategyExplain, StrategyList, StrategyTest};
use zero_packets::stream::{StreamSnapshot, WsFrame};
use zero_packets::surface::{Livez, Readyz, Root};
use zero_packets::sweep::{LookAhead, Sweep};
use zero_packets::views::{ApproachingFeed, Heat, Regime};
use zero_packets::why::Why;

const COIN: Query = Query { name: "coin", kind: QueryKind::Coin { required: false }, doc: "Only this coin." };
const LIMIT: Query =
    Query { name: "limit", kind: QueryKind::Count { default: 50, max: 200 }, doc: "How many, newest first." };
const EVENTS: Query =
    Query { name: "limit", kind: QueryKind::Count { default: 20, max: 200 }, doc: "How many, newest first." };
const STACK_COIN: Query = Query {
    name: "coin",
    kind: QueryKind::Coin { required: false },
    doc: "The coin; without it BTC, or the first of the run where that is not traded.",
};
const SYMBOL: Query = Query { name: "symbol", kind: QueryKind::Coin { required: true }, doc: "The coin." };
const SYMBOLS: Query =
    Query { name: "symbol", kind: QueryKind::Coins, doc: "Only these coins; may be repeated." };

/// Every capability, in the order of the docs.
pub const TABLE: &[Capability] = &join::<{ MAIN.len() + ROWS.len() }>(MAIN, ROWS);

const MAIN: &[Capability] = &[
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
        .mcp::<mcp::BacktestReport>("zero_get_backtest_report", "zero://backtest/report"),
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
        .mcp::<mcp::RuntimeStatus>("zero_get_runtime_status", "zero://runtime/status")
        .max_age(5),
    Capability::read::<Positions>("positions", "Show what is held, by coin and book.")
        .command(&["positions"], "[--journal DIR] [--coin COIN]", &["pos"])
        .query("/positions", &[COIN])
        .mcp_tool::<mcp::PositionState>("zero_get_position_state")
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
    .mcp::<mcp::RejectionAudit>("zero_get_rejection_audit", "zero://rejections/audit")
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
    Capability::read::<LearnLenses>(
        "learn.lenses",
        "Score the lenses' opinions out of time; write a model where an edge is shown.",
    )
    .command(&["learn", "lenses"], "[--journal DIR | --data DIR] [--alpha RATE] [--out FILE]", &[])
    .safety(WritesFiles, Neutral)
    .max_age(60),
    Capability::read::<Lenses>(
        "lenses",
        "Show every lens and the whole: scores of the opinion model out of time, and since it is in force.",
    )
    .command(&["lenses"], "[--journal DIR]", &[])
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
        .mcp::<mcp::HealthStatus>("zero_get_health", "zero://runtime/health")
        .max_age(5)
        .anew(),
    Capability::read::<Immune>("immune", "Show every breaker with what it measured.")
        .command(&["immune"], "[--journal DIR]", &["breakers"])
        .http("/immune")
        .mcp::<mcp::ImmuneStatus>("zero_get_immune_status", "zero://immune/status")
        .max_age(5),
    Capability::read::<Evaluation>(
        "evaluate",
        "Judge a coin now: what each book proposes, and what an entry on each side would meet.",
    )
    .command(&["evaluate"], "COIN [--side buy|sell] [--journal DIR]", &["eval"])
    .http("/evaluate/{coin}")
    .max_age(60),
    Capability::read::<DecisionStack>(
        "decision-stack",
        "Show one candidate of a coin through lenses, layers and modifiers.",
    )
    .command(&["decision-stack"], "COIN [--side buy|sell] [--journal DIR]", &[])
    .query("/decision/stack", &[STACK_COIN])
    .mcp::<mcp::DecisionStack>("zero_get_decision_stack", "zero://decision/stack")
    .max_age(60),
    Capability::read::<Why>("why", "Say why a coin was not traded, and what would have had to change.")
        .command(&["why"], "COIN [--at TIME] [--journal DIR]", &[])
        .max_age(60),
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
    .http("/approaching")
    .max_age(60),
    Capability::read::<Regime>("regime", "Show what is measured of the market's state.")
        .command(&["regime"], "[COIN] [--journal DIR]", &[])
        .query("/regime", &[COIN])
        .max_age(60),
    Capability::read::<Brief>(
        "brief",
        "Show state, exposure, protection, what changed, open questions and open breakers.",
    )
    .command(&["brief"], "[--since SEQ|TIME] [--journal DIR]", &[])
    .http("/brief")
    .max_age(5),
    Capability::read::<Pulse>("pulse", "Show the latest events, newest first, with how bad each is.")
        .command(&["pulse"], "[N] [--journal DIR]", &[])
        .query("/pulse", &[EVENTS])
        .max_age(5),
    Capability::read::<Root>("root", "Say what answers here.").http("/").max_age(1).anew(),
    Capability::read::<Livez>("livez", "Say that the process answers.").http("/livez").max_age(1).anew(),
    Capability::read::<Readyz>("readyz", "Say whether the loop can be relied on, check by check.")
        .http("/readyz")
        .max_age(1)
        .anew(),
    Capability::read::<Metrics>("metrics", "Show what the runtime and its HTTP surface count.")
        .http("/metrics")
        .max_age(5),
    Capability::read::<OperatorContext>("operator.context", "Show whose runtime this is and who asks.")
        .http("/operator/context")
        .max_age(1),
    Capability::read::<Quote>("quote", "Show the last mark of a coin.")
        .command(&["quote"], "COIN [--journal DIR]", &["price"])
        .query("/market/quote", &[SYMBOL])
        .max_age(5),
    Capability::read::<HlStatus>(
        "hl.status",
        "Show whether the venue's public data is the market, and its marks.",
    )
    .command(&["hl", "status"], "[COIN...] [--journal DIR]", &[])
    .query("/hl/status", &[SYMBOLS])
    .max_age(5),
    Capability::read::<Reconciliation>("hl.reconcile", "Show the ledger against what the venue says.")
        .command(&["hl", "reconcile"], "[--journal DIR]", &[])
        .http("/hl/reconcile")
        .max_age(5),
    Capability::read::<LivePreflight>(
        "live.preflight",
        "Show what stands between this runtime and a live order.",
    )
    .command(&["live", "preflight"], "[--journal DIR]", &[])
    .http("/live/preflight")
    .max_age(5),
    Capability::read::<LiveCertification>(
        "live.certification",
        "Run the drills of what must stop risk against the limits and the venue of a run.",
    )
    .command(&["live", "certification"], "[--journal DIR]", &[])
    .http("/live/certification")
    .max_age(60),
    Capability::read::<LiveReceipts>("live.receipts", "Show the receipts of live orders; none can be sent.")
        .command(&["live", "receipts"], "[--journal DIR]", &[])
        .query("/live/receipts", &[CANONICAL])
        .max_age(60),
    Capability::read::<LiveCockpit>(
        "live.cockpit",
        "Show preflight, breakers, reconciliation and heartbeat at once.",
    )
    .command(&["live", "cockpit"], "[--journal DIR]", &[])
    .http("/live/cockpit")
    .max_age(5),
    Capability::read::<StreamSnapshot>(
        "stream",
        "Follow the run as server-sent events: a snapshot, then what changed.",
    )
    .stream("/v1/stream", Stream::Events)
    .max_age(1),
    Capability::read::<WsFrame>("ws", "Follow the run over a WebSocket, a frame for each part that changes.")
        .stream("/ws", Stream::Socket)
        .max_age(1),
    Capability::read::<Doctor>("doctor", "Check what is fit to run and say what to do about the rest.")
        .command(&["doctor"], "", &["diag", "diagnose"])
        // It writes, syncs and removes a probe file.
        .safety(WritesPartition, Neutral),
    Capability::read::<Readiness>("readiness", "Score the claims of this program by dated evidence.")
        .command(&["readiness"], "[--evidence DIR]", &["ready"]),
    Capability::read::<Parity>("parity", "Show that backtest, replayed run and restarted run decide alike.")
        .command(&["parity"], "[--cycles N]", &["runtime-parity", "ooda-parity", "production-parity"])
        // It leaves its result for `/runtime/parity`.
        .safety(WritesPartition, Neutral),
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
        .mcp::<mcp::JournalTail>("zero_get_journal_tail", "zero://journal/tail")
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
        .command(&["strategy", "list"], "", &[])
        .mcp_tool::<mcp::Strategies>("zero_list_strategies"),
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
        .command(&["keys", "create"], "journal|proof|operator", &[])
        .safety(WritesPartition, Neutral),
    Capability::read::<Keys>("keys.list", "Show the public parts of all keys.").command(
        &["keys", "list"],
        "",
        &["keys ls"],
    ),
    Capability::read::<KeyChange>("keys.rotate", "Let a new key take over, vouched for by the old one.")
        .command(&["keys", "rotate"], "journal|proof|operator", &[])
        .safety(WritesPartition, Neutral),
    Capability::read::<KeyChange>("keys.revoke", "End a key that must no longer be trusted.")
        .command(&["keys", "revoke"], "journal|proof|operator --reason TEXT", &[])
        .safety(WritesPartition, Neutral),
    Capability::read::<OperatorAct>(
        "operator.pause",
        "Stop new entries until they are resumed; exits go on.",
    )
    .command(&["operator", "pause"], "[--reason TEXT] [--journal DIR]", &[])
    .safety(RunsPaper, Reduces),
    Capability::read::<OperatorAct>("operator.resume", "Allow entries again after a pause.")
        .command(&["operator", "resume"], "--reason TEXT [--yes] [--journal DIR]", &[])
        .safety(RunsPaper, Increases),
    Capability::read::<OperatorAct>("operator.flatten", "Close every position of the account.")
        .command(&["operator", "flatten"], "[--reason TEXT] [--journal DIR]", &[])
        .safety(RunsPaper, Reduces),
    Capability::read::<OperatorAct>("operator.close", "Close what every book holds of one coin.")
        .command(&["operator", "close"], "[COIN] [--reason TEXT] [--journal DIR]", &[])
        .safety(RunsPaper, Reduces),
    Capability::read::<OperatorAct>(
        "operator.kill",
        "Throw the kill switch: close everything, open nothing.",
    )
    .command(&["operator", "kill"], "[--reason TEXT] [--journal DIR]", &[])
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
    Capability::read::<OperatorAct>("auto.off", "Let strategies enter nothing more; exits and stops go on.")
        .command(&["auto", "off"], "[--reason TEXT] [--journal DIR]", &[])
        .safety(RunsPaper, Reduces),
    Capability::read::<OperatorAct>("auto.on", "Let strategies enter by themselves again.")
        .command(&["auto", "on"], "--reason TEXT [--yes] [--journal DIR]", &[])
        .safety(RunsPaper, Increases),
    Capability::read::<AutoState>("auto.status", "Show whether strategies may enter by themselves.")
        .command(&["auto", "status"], "[--journal DIR]", &["auto show"])
        .max_age(5),
    Capability::read::<OperatorAct>("operator.break", "Take a break: no increase that you ask for is admitted before it is over; strategies go on.")
        .command(&["operator", "break"], "[MINUTES] [--reason TEXT] [--journal DIR]", &[])
        .safety(RunsPaper, Reduces),
    Capability::read::<OperatorAct>("operator.rest", "Go to rest; the next act ends it.")
        .command(&["operator", "rest"], "[--reason TEXT] [--journal DIR]", &[])
        .safety(RunsPaper, Reduces),
    Capability::read::<OperatorAct>("operator.focus", "Say that the operator attends.")
        .command(&["operator", "focus"], "[--reason TEXT] [--journal DIR]", &[])
        .safety(RunsPaper, Neutral),
    Capability::read::<OperatorAct>("operator.confirm", "Type the phrase of an increase that waits.")
        .command(&["operator", "confirm"], "PHRASE [--reason TEXT] [--journal DIR]", &[])
        .safety(RunsPaper, Neutral),
    Capability::read::<OperatorAct>("operator.ack", "Acknowledge an alert, so that it is not raised again.")
        .command(&["operator", "ack"], "KEY [--reason TEXT] [--journal DIR]", &["operator acknowledge"])
        .safety(RunsPaper, Neutral),
    Capability::read::<OperatorAct>("operator.override", "Record that a verdict was overridden; a decision that is named by its id counts once.")
        .command(&["operator", "override"], "WHAT [--reason TEXT] [--journal DIR]", &[])
        .safety(RunsPaper, Neutral),
    Capability::read::<OperatorAct>("operator.follow", "Record that a verdict was followed; it counts once, where the decision is named by its id.")
        .command(&["operator", "follow"], "WHAT [--reason TEXT] [--journal DIR]", &[])
        .safety(RunsPaper, Neutral),
    Capability::read::<OperatorAct>("operator.command", "Record a command that a client carried out by itself.")
        .command(&["operator", "command"], "NAME --direction reduces|neutral|increases [--reason TEXT] [--journal DIR]", &[])
        .safety(RunsPaper, Neutral),
    Capability::read::<OperatorState>("operator-state", "Show how the operator is, by what they did, and what an increase of risk would meet.")
        .command(&["operator-state"], "[--at TIME] [--journal DIR]", &["state"])
        .http("/operator/state")
        .max_age(5),
    Capability::read::<EventsAccepted>("operator.events", "Record what the operator says: a break, rest, a verdict followed or overridden, a phrase typed.")
        .post("/operator/events")
        .safety(RunsPaper, Neutral),
    Capability::read::<AutoToggle>("auto.toggle", "Turn automatic entries off or on; on may increase risk and meets friction.")
        .post("/auto/toggle")
        .safety(RunsPaper, Increases),
    Capability::read::<zero_packets::execute::Execute>("execute", "Send an order of the operator's own through admission, once per key; an increase meets friction.").command(&["execute"], "COIN buy|sell SIZE [--price PX] [--reduce-only] [--key KEY] [--reason TEXT] [--yes] [--journal DIR]", &[]).post("/execute").safety(RunsPaper, Increases),
    Capability::read::<LiveControl>("live.pause", "Stop new entries of the running loop; exits go on.")
        .post("/live/pause")
        .safety(RunsPaper, Reduces),
    Capability::read::<LiveControl>("live.kill", "Throw the kill switch of the running loop: close everything, open nothing.")
        .post("/live/kill")
        .safety(RunsPaper, Reduces),
    Capability::read::<LiveControl>("live.flatten", "Close every position of the running loop.")
        .post("/live/flatten")
        .safety(RunsPaper, Reduces),
    Capability::read::<LiveControl>("live.heartbeat", "Say to the running loop that the operator is there.")
        .post("/live/heartbeat")
        .safety(RunsPaper, Neutral),
    Capability::read::<LiveControl>("live.resume", "Allow entries of the running loop again; may increase risk and meets friction.")
        .post("/live/resume")
        .safety(RunsPaper, Increases),
    Capability::read::<FrictionContract>("friction", "Show what stands before an increase of risk, level by level.")
        .command(&["friction"], "", &[]),
    Capability::read::<zero_packets::approval::Approval>("approve", "Sign one increase of risk with the operator's key; prints the approval, sends nothing.").command(&["approve"], "REQUEST [--valid DURATION] [--passphrase-file FILE] [--journal DIR]", &[]),
    Capability::read::<OperatorAct>("session.start", "Begin a session, with what its end does to positions.")
        .command(&["session", "start"], "[LABEL] [--end flatten|protected] [--journal DIR]", &[])
        .safety(RunsPaper, Neutral),
    Capability::read::<Session>("session.status", "Show the open session and what it came to so far.")
        .command(&["session", "status"], "[--journal DIR]", &[])
        .max_age(5),
    Capability::read::<OperatorAct>("session.end", "End the session by its policy: entries are off, positions closed or left under their stops.")
        .command(&["session", "end"], "[--journal DIR]", &[])
        .safety(RunsPaper, Reduces),
    Capability::read::<SessionList>("session.list", "List every session with its result.")
        .command(&["session", "list"], "[--journal DIR]", &["session ls"])
        .max_age(60),
    Capability::read::<OperatorAct>("session.fork", "Begin a session that names another as its origin.")
        .command(&["session", "fork"], "SESSION [--journal DIR]", &[])
        .safety(RunsPaper, Neutral),
    Capability::read::<OperatorAct>("session.resume", "Open a session again under its id.")
        .command(&["session", "resume"], "SESSION [--journal DIR]", &[])
        .safety(RunsPaper, Neutral),
    Capability::read::<OperatorAct>("session.save", "Give a session a label.")
        .command(&["session", "save"], "LABEL [--session SESSION] [--journal DIR]", &[])
        .safety(RunsPaper, Neutral),
    Capability::read::<SessionReplay>("session.replay", "Show the events of a session again, in their order.")
        .command(&["session", "replay"], "[SESSION] [-n N] [--journal DIR]", &[]),
    Capability::read::<SessionShare>("session.share", "Show a session for others: without names, coins, reasons and amounts.")
        .command(&["session", "share"], "[SESSION] [--out FILE] [--journal DIR]", &[])
        .safety(WritesFiles, Neutral),
    Capability::read::<Session>("session.wrap", "Show what a session came to, computed from the journal.")
        .command(&["session", "wrap"], "[SESSION] [--journal DIR]", &[]),
    Capability::read::<NotifyStatus>("notify.status", "Show alerts that nobody acknowledged, and how the sinks fare.")
        .command(&["notify", "status"], "", &[])
        .max_age(5),
    Capability::read::<NotifyTest>("notify.test", "Send a message to every configured sink.")
        .command(&["notify", "test"], "", &[])
        .safety(WritesFiles, Neutral),
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
    Capability::read::<Stats>("stats.stack", "One probability of several opinions that may abstain, and what each is worth out of time.").command(&["stats", "stack"], "FILE [--columns COLUMN,...] [--outcome COLUMN] [--known COLUMN | --horizon ROWS] [--ridge RIDGE,...] [--folds N] [--clip UNITS] [--prior-rows M]", &[]),
    Capability::read::<Stats>("stats.ewma", "Exponentially weighted covariance and its concentration.").command(&["stats", "ewma"], "FILE [--columns COLUMN,...] [--decay D | --half-life ROWS]", &[]),
    Capability::read::<Stats>("stats.lw", "Shrunk covariance and its concentration.").command(&["stats", "lw"], "FILE [--columns COLUMN,...] [--target constant|identity|oas]", &[]),
    Capability::read::<Stats>("stats.bh", "Which of many p-values or e-values survive their number.").command(&["stats", "bh"], "FILE [--column COLUMN] [--correction bh|by|holm|bonferroni|ebh] [--level A]", &[]),
    Capability::read::<Stats>("stats.elond", "Which of a stream of e-values are discoveries.").command(&["stats", "elond"], "FILE [--column COLUMN] [--level A] [--any]", &[]),
    Capability::read::<Stats>("stats.evalue", "Evidence for a positive mean that may be looked at at any time.").command(&["stats", "evalue"], "FILE [--column COLUMN] --low L --high H [--level P]", &[]),
    Capability::read::<Stats>("stats.psi", "How far a distribution moved between two columns.").command(&["stats", "psi"], "FILE [--reference COLUMN] [--current COLUMN] [--bins N | --shares]", &[]),
    Capability::read::<Stats>("stats.cusum", "Where a detector finds a change of mean.").command(&["stats", "cusum"], "FILE [--column COLUMN] [--detector cusum|page-hinkley|adwin] [--mean M] [--slack S] [--threshold T] [--delta D]", &[]),
    Capability::read::<Stats>("stats.bocpd", "Posterior over the age of the current regime of a mean.").command(&["stats", "bocpd"], "FILE [--column COLUMN] [--hazard H] [--prior-mean M] [--prior-variance V] [--noise-variance V] [--longest-run N]", &[]),
    Capability::read::<Stats>("stats.vr", "Variance ratios: whether returns trend or revert.").command(&["stats", "vr"], "FILE [--column COLUMN] [--q N,...]", &[]),
    Capability::read::<Stats>("stats.scaling", "Scaling exponents (detrended fluctuation, rescaled range) beside those of shuffles.").command(&["stats", "scaling"], "FILE [--column COLUMN] [--shuffles N] [--seed N]", &[]),
    Capability::read::<Stats>("stats.kelly", "What fraction may be staked.").command(&["stats", "kelly"], "FILE --low L --high H [--column COLUMN] | --p P [--odds B] [--caution C]", &[]),
    Capability::read::<Document>("completions", "Print the completions of a shell.").command(
        &["completions"],
        "bash|zsh|fish|elvish|powershell",
        &[],
    ),
    Capability::read::<Document>("docs", "Print a generated reference, or write all of them.")
        .command(&["docs"], "commands|configuration|errors|schema|openapi|meaning | --out DIR", &[])
        .safety(WritesFiles, Neutral),
    Capability::read::<Document>("openapi", "Print the OpenAPI document of the HTTP surface.").command(
        &["openapi"],
        "",
        &[],
    ),
    Capability::read::<mcp::PaperResults>("agents.paper-results", "Show what the paper run earned and did.")
        .mcp::<mcp::PaperResults>("zero_get_paper_results", "zero://paper/results")
        .max_age(5),
    Capability::read::<mcp::ProofPack>(
        "agents.proof-pack",
        "Show the journal's newest signed checkpoint, and how to check it.",
    )
    .mcp::<mcp::ProofPack>("zero_get_proof_pack", "zero://proof/demo"),
    Capability::read::<mcp::NetworkProofPack>(
        "agents.network-proof-pack",
        "Show what a network of runtimes would see of this one; unverified.",
    )
    .mcp::<mcp::NetworkProofPack>("zero_get_network_proof_pack", "zero://proof/network").max_age(60),
    Capability::read::<mcp::MemorySnapshot>("agents.memory-snapshot", "Show what is remembered; nothing is yet.")
        .mcp::<mcp::MemorySnapshot>("zero_get_memory_snapshot", "zero://memory/snapshot").max_age(60),
    Capability::read::<mcp::MemoryStats>("agents.memory-stats", "Count what is remembered; nothing is yet.")
        .mcp::<mcp::MemoryStats>("zero_get_memory_stats", "zero://memory/stats").max_age(60),
    Capability::read::<mcp::GenesisProposals>("agents.genesis-proposals", "Show proposals for change; nothing makes one yet.")
        .mcp::<mcp::GenesisProposals>("zero_get_genesis_proposals", "zero://genesis/proposals").max_age(60),
    Capability::read::<mcp::EvolveStatus>("agents.evolve-status", "Show each stage between a proposal and a change; none is built.")
        .mcp::<mcp::EvolveStatus>("zero_get_evolve_status", "zero://evolve/status").max_age(60),
    Capability::read::<mcp::ResearchReport>("agents.research-report", "Show research reports; none is written yet.")
        .mcp::<mcp::ResearchReport>("zero_get_research_report", "zero://research/report").max_age(60),
    Capability::read::<mcp::EvidenceBundle>(
        "agents.evidence-bundle",
        "Show the digests of the run, each with the command that computes it again.",
    )
    .mcp::<mcp::EvidenceBundle>("zero_get_evidence_bundle", "zero://evidence/bundle")
    .max_age(5),
    Capability::read::<mcp::SafetyCatalog>(
        "agents.safety-catalog",
        "Show what each tool and command may change, and what it may do to risk.",
    )
    .mcp::<mcp::SafetyCatalog>("zero_get_safety_catalog", "zero://mcp/safety"),
    Capability::read::<mcp::McpCheck>("mcp", "Serve agents over standard input and output; reads only.")
        .command(&["mcp"], "[--smoke] [--at-rest] [--journal DIR]", &[]),
];
