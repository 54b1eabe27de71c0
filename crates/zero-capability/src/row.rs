//! A row of the table.

use schemars::Schema;
use std::time::Duration;
use zero_packets::Packet;

/// How long most answers may be given again.
pub const MOMENT: Duration = Duration::from_millis(20);
/// How long an answer may be given again that takes milliseconds to render.
pub const DEAR: Duration = Duration::from_secs(1);

/// A capability, declared once.
#[derive(Clone, Copy, Debug)]
pub struct Capability {
    /// Operation id, metrics label and anchor in the docs: words joined by dots.
    pub id: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// Schema id of the packet it answers with.
    pub packet: &'static str,
    /// The packet's JSON Schema, with an object at the root.
    pub schema: fn() -> Schema,
    /// The command, where there is one.
    pub command: Option<Command>,
    /// Its route; `None` where it is not offered over HTTP.
    pub http: Option<Http>,
    /// Its names over MCP; `None` where it is not offered to agents.
    pub mcp: Option<Mcp>,
    /// What it may change.
    pub safety: Safety,
    /// What it may do to the account's worst case.
    pub risk: RiskDirection,
    /// Age in seconds beyond which its answer is stale; `None` where the answer does not age.
    pub max_age_s: Option<u32>,
    /// How long an answer may be given again to whoever asks the same in the same role, while the loop has published nothing
    /// since: [`MOMENT`] or [`DEAR`], and not at all where it tells about the server at this instant, is counted, or is read
    /// from a file beside the journal.
    pub reuse: Duration,
}

/// A command of the program.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// Its words after `zero`.
    pub path: &'static [&'static str],
    /// Other names: whole words that stand for the path.
    pub aliases: &'static [&'static str],
    /// Its arguments, as the reference shows them.
    pub args: &'static str,
}

/// A route.
#[derive(Clone, Copy, Debug)]
pub struct Http {
    /// Its method. Every one answers HEAD as well where it answers GET.
    pub method: &'static str,
    /// Its path; `{coin}` in it stands for a coin of the run.
    pub path: &'static str,
    /// Parameters of its query; others are refused.
    pub query: &'static [Query],
    /// Set where the answer goes on until somebody ends it.
    pub stream: Option<Stream>,
}

/// How an answer goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Server-sent events.
    Events,
    /// Frames of a WebSocket.
    Socket,
}

/// A parameter of a query.
#[derive(Clone, Copy, Debug)]
pub struct Query {
    /// Name.
    pub name: &'static str,
    /// What it may be.
    pub kind: QueryKind,
    /// What it does.
    pub doc: &'static str,
}

/// What a parameter may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryKind {
    /// A coin of the run, by its symbol.
    Coin {
        /// It must be given.
        required: bool,
    },
    /// A number in a range.
    Count {
        /// Without it.
        default: u32,
        /// Largest.
        max: u32,
    },
    /// A coin, any number of times.
    Coins,
    /// One of these words.
    Choice(&'static [&'static str]),
}

/// Names over MCP.
#[derive(Clone, Copy, Debug)]
pub struct Mcp {
    /// Tool.
    pub tool: &'static str,
    /// Resource, where it has one.
    pub resource: Option<&'static str>,
    /// Schema id of the answer: the capability's packet in the envelope that agents read.
    pub packet: &'static str,
    /// The answer's JSON Schema.
    pub schema: fn() -> Schema,
}

/// A resource that no tool answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Its address.
    pub uri: &'static str,
    /// What it holds.
    pub summary: &'static str,
    /// Media type.
    pub media_type: &'static str,
}

/// What a capability may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safety {
    /// Nothing: no file, no state, no lock.
    ReadOnly,
    /// Files that it is asked to write: reports, exports, data. No state of the runtime.
    WritesFiles,
    /// The operator's own partition: configuration, keys, checkpoints.
    WritesPartition,
    /// It runs the loop: appends to the journal and trades in paper.
    RunsPaper,
}

impl Safety {
    /// Its name in packets and docs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReadOnly => "read_only",
            Self::WritesFiles => "writes_files",
            Self::WritesPartition => "writes_partition",
            Self::RunsPaper => "runs_paper",
        }
    }
}

/// What a capability may do to the account's worst case. Unknown counts as Increases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RiskDirection {
    /// Only shrinks it.
    Reduces,
    /// Leaves it.
    Neutral,
    /// May enlarge it.
    Increases,
    /// Cannot be told.
    Unknown,
}

impl RiskDirection {
    /// Its name in packets and docs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reduces => "reduces",
            Self::Neutral => "neutral",
            Self::Increases => "increases",
            Self::Unknown => "unknown",
        }
    }
}

impl Capability {
    /// Does its command take `--watch`? Those do that change nothing and whose answers age.
    #[must_use]
    pub const fn is_watched(&self) -> bool {
        let reads = matches!((self.safety, self.risk), (Safety::ReadOnly, RiskDirection::Neutral));
        self.command.is_some() && reads && self.max_age_s.is_some()
    }

    /// A read-only row with this packet; the table fills in the rest.
    pub(crate) const fn read<P: Packet>(id: &'static str, summary: &'static str) -> Self {
        Self {
            id,
            summary,
            packet: P::ID,
            schema: P::schema,
            command: None,
            http: None,
            mcp: None,
            safety: Safety::ReadOnly,
            risk: RiskDirection::Neutral,
            max_age_s: None,
            reuse: MOMENT,
        }
    }

    pub(crate) const fn command(
        self,
        path: &'static [&'static str],
        args: &'static str,
        aliases: &'static [&'static str],
    ) -> Self {
        Self { command: Some(Command { path, aliases, args }), ..self }
    }

    pub(crate) const fn http(self, path: &'static str) -> Self {
        self.query(path, &[])
    }

    /// A GET with parameters.
    pub(crate) const fn query(self, path: &'static str, query: &'static [Query]) -> Self {
        Self { http: Some(Http { method: "GET", path, query, stream: None }), ..self }
    }

    /// A POST: it acts, and its answer comes when the act is durable.
    pub(crate) const fn post(self, path: &'static str) -> Self {
        Self { http: Some(Http { method: "POST", path, query: &[], stream: None }), ..self }
    }

    /// A POST that only answers: it changes nothing and keeps nothing.
    pub(crate) const fn asks(self, path: &'static str) -> Self {
        self.post(path)
    }

    /// Does its answer carry the hash of its own body, so that `?canonical=1` serves that body?
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        self.http.is_some_and(|h| h.query.iter().any(|q| q.name == "canonical"))
    }

    /// A GET whose answer goes on.
    pub(crate) const fn stream(self, path: &'static str, stream: Stream) -> Self {
        Self { http: Some(Http { method: "GET", path, query: &[], stream: Some(stream) }), ..self }
    }

    pub(crate) const fn mcp<P: Packet>(self, tool: &'static str, resource: &'static str) -> Self {
        Self { mcp: Some(Mcp { tool, resource: Some(resource), packet: P::ID, schema: P::schema }), ..self }
    }

    pub(crate) const fn mcp_tool<P: Packet>(self, tool: &'static str) -> Self {
        Self { mcp: Some(Mcp { tool, resource: None, packet: P::ID, schema: P::schema }), ..self }
    }

    pub(crate) const fn safety(self, safety: Safety, risk: RiskDirection) -> Self {
        Self { safety, risk, ..self }
    }

    /// Rendered for every request.
    pub(crate) const fn anew(self) -> Self {
        Self { reuse: Duration::ZERO, ..self }
    }

    /// Its rendering takes milliseconds: an export of a hundred decisions is hashed, some 300 KiB of text.
    pub(crate) const fn dear(self) -> Self {
        Self { reuse: DEAR, ..self }
    }

    pub(crate) const fn max_age(self, seconds: u32) -> Self {
        Self { max_age_s: Some(seconds), ..self }
    }
}
