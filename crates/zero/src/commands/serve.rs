//! The HTTP surface beside a running loop: its settings, and what the loop publishes to it.

use crate::commands::notify::tallies;
use crate::commands::parity;
use crate::component;
use crate::context::Context;
use crate::failure::Failure;
use crate::private::write_private;
use crate::ui::Ui;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use zero_config::home::read_tokens;
use zero_config::sections::{HttpConfig, ReadAuth};
use zero_http::{HELD_FOR, Principal, Recorded, Running, ServerError, Settings, Shared, start};
use zero_journal::{Class, RealDisk};
use zero_mcp::{ADDRESS_FILE, Live, Place, address_text};
use zero_notify::follow::Board;
use zero_runtime::clock::Clock;
use zero_runtime::command::{self, Command, Orders};
use zero_runtime::held_orders::held_orders;
use zero_runtime::latest::Latest;
use zero_runtime::project;
use zero_runtime::publish::Publisher;
use zero_runtime::record::Body;
use zero_runtime::runner::Runner;
use zero_runtime::view::{ACTS_REACH, Tail, last_bodies};

/// Shortest time between publications while the loop is busy: a copy of the state costs the loop a few microseconds.
const PUBLISH_EVERY: Duration = Duration::from_millis(50);

/// Longest time between publications while the loop waits.
const IDLE_EVERY: Duration = Duration::from_millis(500);

/// The surface of one run.
pub(crate) struct Surface {
    server: Option<Running>,
    /// Where a process for agents finds the server.
    address: PathBuf,
    shared: Arc<Shared>,
    publisher: Publisher,
    clock: Arc<dyn Clock>,
    last: Duration,
    shown: u64,
    orders: Orders,
}

impl Surface {
    /// Starts it. A taken address is a warning: a loop that trades does not depend on who looks at it.
    pub(crate) fn open(
        ctx: &Context,
        (config, mut settings): (&HttpConfig, Settings),
        runner: &Runner<RealDisk>,
        dir: &Path,
        ui: Ui,
    ) -> Result<Option<Self>, Failure> {
        let mut publisher = Publisher::new(runner, format!("pid {}, zero run", std::process::id()));
        let clock = Arc::clone(&ctx.clock);
        let first = publisher.publish(runner, clock.now());
        let held = held_orders(&acts(&first.latest, dir)?, HELD_FOR, clock.now());
        let shown = first.view.next_seq;
        let (commands, orders) = command::commands();
        let recorded = ctx.partition.dir();
        let shared = Shared::new(first, Arc::clone(&clock), ctx.operator.to_string())
            .with_commands(commands)
            .with_held(&held)
            .with_delay(config.public_delay)
            .with_parity(Recorded(Box::new(move || parity::recorded(&recorded))));
        let shared = Arc::new(shared.with_hosts(component::hosts(ctx, runner.manifest())));
        settings.mounted = Some(agents(ctx, config, runner, dir, &shared));
        let address = dir.join(ADDRESS_FILE);
        match start(Arc::clone(&shared), settings) {
            Ok(server) => {
                if let Err(f) = write_private(&address, address_text(server.address()).as_bytes()) {
                    ui.warn(&format!("agents will read the journal, not this run: {}", f.0.cause));
                }
                // Said last: whoever reads it may look for the file at once.
                ui.note(&format!("serving http://{}", server.address()));
                let last = clock.monotonic();
                Ok(Some(Self {
                    server: Some(server),
                    address,
                    shared,
                    publisher,
                    clock,
                    last,
                    shown,
                    orders,
                }))
            }
            Err(e @ ServerError::Bind(..)) => {
                ui.warn(&format!("{}: {e}; the run goes on without it", e.code()));
                Ok(None)
            }
            Err(e) => Err(Failure::new(e.code(), e.to_string(), hint(e.code()))),
        }
    }

    /// Metrics show how these sinks fare.
    pub(crate) fn tell_notices(&self, board: Board) {
        let read = move || board.lock().map_or_else(|_| Vec::new(), |b| tallies(&b));
        self.shared.tell_notices(Box::new(read));
    }

    /// A batch is durable: readers see it, unless they saw one a moment ago.
    pub(crate) fn committed(&mut self, runner: &Runner<RealDisk>) {
        let now = self.clock.monotonic();
        if now.saturating_sub(self.last) >= PUBLISH_EVERY {
            self.publish(runner, now);
        }
    }

    /// Acts that clients wait to see done.
    pub(crate) fn commands(&self) -> Vec<Command> {
        self.orders.take().collect()
    }

    /// Acts are durable: who is answered now must see them.
    pub(crate) fn acted(&mut self, runner: &Runner<RealDisk>) {
        self.publish(runner, self.clock.monotonic());
    }

    /// The loop waits: what was held back is shown, and now and then how the feed is while nothing comes from it.
    pub(crate) fn idle(&mut self, runner: &Runner<RealDisk>) {
        let now = self.clock.monotonic();
        let is_old = now.saturating_sub(self.last) >= IDLE_EVERY;
        if is_old
            || self.publisher.is_behind(runner, self.clock.now())
            || runner.journal().next_seq() != self.shown
        {
            self.publish(runner, now);
        }
    }

    fn publish(&mut self, runner: &Runner<RealDisk>, now: Duration) {
        self.last = now;
        self.shown = runner.journal().next_seq();
        self.shared.publish(self.publisher.publish(runner, self.clock.now()));
    }

    /// The loop has ended: open requests are answered, no more are taken.
    pub(crate) fn close(mut self) {
        self.shared.stopping();
        let _ = fs::remove_file(&self.address);
        if let Some(server) = self.server.take() {
            server.stop();
        }
    }
}

/// Every act and ruling within reach: of the latest records, or read in one pass where there are more.
fn acts(latest: &Latest, dir: &Path) -> Result<Vec<(u64, Body)>, Failure> {
    if latest.acts_since() == 0 {
        return Ok(latest.last_acts(usize::MAX, |seq, body| Some((seq, body.clone()))));
    }
    let act = |seq, body: &Body| match body {
        Body::Fact(fact) if project::is_act(fact) => Some((seq, body.clone())),
        _ => None,
    };
    let tail = Tail { limit: ACTS_REACH as usize, only: Some(Class::Fact), reach: ACTS_REACH };
    Ok(last_bodies(&RealDisk, dir, tail, act)?)
}

/// The surface for agents, over what this loop publishes and its journal.
fn agents(
    ctx: &Context,
    config: &HttpConfig,
    runner: &Runner<RealDisk>,
    dir: &Path,
    shared: &Arc<Shared>,
) -> zero_mcp::Routes {
    let (shown, told) = (Arc::clone(shared), Arc::clone(shared));
    let live = Live { load: Box::new(move || shown.load()), stops: Box::new(move || told.is_stopping()) };
    let place = Place {
        journal: dir.to_owned(),
        reports: ctx.partition.reports(),
        parity: parity::place(&ctx.partition.dir()),
        operator: ctx.operator.to_string(),
        code: runner.manifest().epoch.code,
        clock: Arc::clone(&ctx.clock),
        live: Some(live),
        hosts: component::hosts(ctx, runner.manifest()),
    };
    zero_mcp::routes(Arc::new(place), Arc::clone(&ctx.clock), &config.hosts)
}

/// How it is served: with these tokens, at this address. Made before anything is recorded.
pub(crate) fn settings(ctx: &Context, config: &HttpConfig, live_capable: bool) -> Result<Settings, Failure> {
    let listen: SocketAddr = config.listen.parse().map_err(|_| {
        let cause = format!("http.listen {:?} is no address with a port", config.listen);
        Failure::new("ZERO-API-013", cause, "write it like 127.0.0.1:8765")
    })?;
    let tokens = read_tokens(&ctx.partition).map_err(|e| Failure::new(e.code(), e.to_string(), e.hint()))?;
    Ok(Settings {
        listen,
        remote: config.remote,
        // Beyond loopback a token is needed whatever the configuration says.
        open: is_open(config.read_auth, live_capable) && listen.ip().is_loopback(),
        live_capable,
        hosts: config.hosts.clone(),
        rate: config.requests_per_second,
        principals: tokens.into_iter().map(|(p, token)| Principal { name: p.name(), token }).collect(),
        mounted: None,
    })
}

const fn is_open(auth: ReadAuth, live_capable: bool) -> bool {
    match auth {
        ReadAuth::None => true,
        ReadAuth::ByMode => !live_capable,
        ReadAuth::Token => false,
    }
}

fn hint(code: &str) -> &'static str {
    zero_packets::errors::find(code).map_or("", |e| e.hint)
}
