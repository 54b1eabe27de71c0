//! `zero run`: the long-lived loop in paper.

use crate::approvers::Registered;
use crate::cli::RunArgs;
use crate::commands::serve::Surface;
use crate::commands::{notify, serve, settings};
use crate::context::Context;
use crate::convert;
use crate::failure::Failure;
use crate::oplog::OpLog;
use crate::stop;
use crate::ui::Ui;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use zero_config::log::Plain;
use zero_config::sections::RunSource;
use zero_config::{Config, Level};
use zero_core::{Canon as _, Px, Ts, TsDiff};
use zero_data::{EventRange, Store, synth};
use zero_hl_wire::{Interval, LiveConfig, LiveHandle, LiveSource, RateBudget, RestClient, Stop};
use zero_journal::{Committed, RealDisk};
use zero_kernel::breakers::BREAKERS;
use zero_market::{Event, EventBody, Universe};
use zero_runtime::RunSpec;
use zero_runtime::command::Command;
use zero_runtime::inbox::Inbox;
use zero_runtime::late::LateSlices;
use zero_runtime::looping::{self, LoopConfig, Watch};
use zero_runtime::project::{self, Reading};
use zero_runtime::record::{Manifest, synthetic_market, synthetic_source};
use zero_runtime::rim::FeedHealth;
use zero_runtime::runner::{Recovered, Runner};
use zero_runtime::source::{Next, Replay, Source, SourceError};
use zero_runtime::view::RunView;

/// Event seconds per second of a synthetic market that never ends.
const ENDLESS_SPEED: f64 = 3_600.0;

/// A market, before it is known where to continue in it.
struct Market {
    universe: Universe,
    words: String,
    interval: TsDiff,
    /// A price per coin for the start-up proof.
    prices: Vec<Option<Px>>,
    open: OpenSource,
}

/// Opens a market's source at a place in it.
type OpenSource = Box<dyn FnOnce(EventRange) -> Result<Box<dyn Source>, Failure>>;

pub(crate) fn run(ctx: &Context, args: &RunArgs, ui: Ui) -> Result<ExitCode, Failure> {
    ctx.ensure_partition()?;
    let resolved = ctx.config(&[])?;
    let config = &resolved.config;
    let stop = stop::on_signal()?;
    let market = market(ctx, config, args)?;
    let clear = convert::duration(&args.clear_halts_after)?;
    let spec = convert::run_spec(ctx, config, market.universe.clone(), clear)?.with_own_book();
    let mut manifest = Manifest::of(&spec, ctx.code()?, config.hash(), &market.words, ctx.clock.now())?;
    manifest.settings_hex = config.effective.to_bytes().iter().map(|b| format!("{b:02x}")).collect();
    manifest.live_capable = config.runtime.live_capable;
    prove(&spec, &market)?;
    // What cannot be told to anybody is said before anything is recorded.
    let ways = notify::ways(&config.notify)?;
    let served = (!args.no_http).then(|| serve::settings(ctx, &config.http, config.runtime.live_capable));
    let served = served.transpose()?;

    let dir = args.journal.clone().unwrap_or_else(|| ctx.run_journal());
    let mut log = OpLog::open(ctx, &config.logs, "run", ui)?;
    settings::allow(ctx, config, &dir, args.approval.as_deref())?;
    let (mut runner, recovered) = open(ctx, config, &spec, manifest, &dir)?;
    report(ui, &recovered, &dir);
    log.line(Level::Info, "started", |l| {
        let l = l.field("seq", &runner.journal().next_seq()).field("facts", &recovered.facts);
        l.field("epoch_changed", &recovered.new_epoch).field("source", &Plain(&market.words))
    });
    runner.trust(Box::new(Registered(ctx.partition.clone())));
    settings::note(&mut runner, config, &recovered)?;

    let mut range = EventRange::all();
    if let Some(key) = runner.driver().last_market() {
        range = range.skip_after(key);
    }
    let mut source = (market.open)(range)?;
    let inbox = Inbox::open(&dir.join("inbox")).map_err(|e| Failure::io("make", &dir.join("inbox"), &e))?;
    inbox.tidy().map_err(|e| Failure::io("tidy", &dir.join("inbox"), &e))?;
    let pace = LoopConfig {
        disk_budget: config.journal.disk_budget,
        events_max: args.events,
        ..LoopConfig::standard()
    };
    // An address that an earlier run left behind leads nowhere, or to somebody else: whoever reads it would send a token there.
    let _ = std::fs::remove_file(dir.join(zero_mcp::ADDRESS_FILE));
    let surface = match served {
        None => None,
        Some(settings) => {
            let how = (&config.http, settings);
            Surface::open(ctx, how, &runner, &dir, ui)?
        }
    };
    let begin = (runner.journal().next_seq(), runner.driver().engine().kernel().state());
    let follower = notify::follow(ctx, ways, &dir, begin)?;
    if let (Some(surface), Some(follower)) = (&surface, &follower) {
        surface.tell_notices(follower.board());
    }
    let mut watch = Printer { ui, acks: args.print_acks, log, open: 0, surface };
    ui.note("running; Ctrl-C ends it in order, `zero status` looks at it");
    let ended = looping::run(
        &mut runner,
        source.as_mut(),
        Some(&inbox),
        (ctx.clock.as_ref(), pace),
        &stop,
        &mut watch,
    );
    let end = match ended {
        Ok(end) => end,
        Err(e) => {
            let cause = e.to_string();
            watch.log.line(Level::Error, "stopped", |l| {
                l.field("code", &Plain(e.code())).field("cause", &Plain(&cause))
            });
            return Err(e.into());
        }
    };
    if let Some(surface) = watch.surface.take() {
        surface.close();
    }
    let seq = runner.journal().next_seq();
    let driver = runner.close(end.reason(), ctx.clock.now())?;
    let state = driver.engine().kernel().state();
    watch.log.line(Level::Info, "ended", |l| {
        l.field("why", &end.reason()).field("seq", &seq).field("digest", &state.digest)
    });
    ui.note(&format!("{}: {} records, digest {}", end.reason(), seq, state.digest));
    if let Some(follower) = follower {
        follower.close();
    }
    convert::warn_of_faults(&spec, ui);
    let view = Arc::new(RunView::load(&RealDisk, &dir)?);
    let reading = Reading::of_files(&dir, view, None, ctx.clock.now());
    let packet = project::snapshot(&reading, state);
    if !packet.consistent {
        let cause = format!("folding the journal in {} gives another state than the run had", dir.display());
        return Err(Failure::new(
            "ZERO-CLI-019",
            cause,
            "keep the journal and report it: this is a fault of the program",
        ));
    }
    // At a terminal the line above says it; acknowledgements are the only other data of this command.
    if ui.is_json() {
        ui.packet(&packet, String::new)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn open(
    ctx: &Context,
    config: &Config,
    spec: &RunSpec,
    manifest: Manifest,
    dir: &Path,
) -> Result<(Runner<RealDisk>, Recovered), Failure> {
    let mut options = ctx.journal_options(&journal_name(ctx, dir), "run")?;
    options.segment_bytes = config.journal.segment_size;
    options.checkpoint_every = u64::from(config.journal.checkpoint_every);
    if let Some(place) = &config.journal.second_place {
        options.second_place = place.into();
    }
    let every = u64::from(config.runtime.snapshot_every);
    Ok(Runner::open(RealDisk, dir, options, spec.driver()?, manifest, every)?)
}

/// The operator's own journal is called "run"; another directory goes by its name.
pub(crate) fn journal_name(ctx: &Context, dir: &Path) -> String {
    if dir == ctx.run_journal() {
        return "run".into();
    }
    let tail = dir.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let plain: String = tail.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let whole = zero_core::Digest32::of(dir.as_os_str().as_encoded_bytes()).to_string();
    format!("run-{plain}-{}", whole.get(..8).unwrap_or(""))
}

fn report(ui: Ui, r: &Recovered, dir: &Path) {
    if r.opened.created {
        ui.note(&format!("new journal in {}", dir.display()));
        return;
    }
    let from = r.from_snapshot.map_or("the start".to_owned(), |s| format!("the snapshot at {s}"));
    ui.note(&format!("recovered {} records: {} facts after {from}", r.opened.next_seq, r.facts));
    if let Some(torn) = &r.opened.torn {
        ui.warn(&format!("a torn tail of {} bytes was cut off; nothing in it was acknowledged", torn.bytes));
    }
    if r.new_epoch {
        ui.warn("code, configuration or strategies changed: a new epoch begins");
    }
}

/// Every book must be able to place an order at a known price, else the run refuses to start.
fn prove(spec: &RunSpec, market: &Market) -> Result<(), Failure> {
    let engine = spec.engine()?;
    let now = zero_core::Ts::from_ns(1);
    engine.kernel().witness(&market.prices, market.interval, now).map_err(zero_runtime::EngineError::from)?;
    Ok(())
}

fn market(ctx: &Context, config: &Config, args: &RunArgs) -> Result<Market, Failure> {
    let source = match args.source.as_deref() {
        Some("replay") => RunSource::Replay,
        Some("venue") => RunSource::Venue,
        Some(_) => RunSource::Synthetic,
        None => config.runtime.source,
    };
    let speed = args.speed.unwrap_or_else(|| config.runtime.speed.to_f64());
    let endless = source == RunSource::Synthetic && args.market.days.is_none() && args.events.is_none();
    // A market without an end at full speed would only fill the disk: an hour a second unless told otherwise.
    let speed = if endless && args.speed.is_none() && speed <= 0.0 { ENDLESS_SPEED } else { speed };
    let speed = (speed > 0.0).then_some(speed);
    let clock = Arc::clone(&ctx.clock);
    match source {
        RunSource::Synthetic => {
            let mut spec = convert::synth_spec(config, &args.market);
            if args.market.days.is_none() {
                // A loop without an end: the market goes on as long as it is asked.
                spec.bars = None;
            }
            let universe = spec.universe();
            let coins = universe.len();
            let prices = first_prices(synth::stream(&spec)?, coins)?;
            Ok(Market {
                words: synthetic_source(spec.seed),
                universe,
                interval: spec.interval,
                prices,
                open: Box::new(move |range| {
                    let events = synth::stream_range(&spec, &range)?;
                    Ok(Box::new(Replay::new(Box::new(events), speed, clock)))
                }),
            })
        }
        RunSource::Replay => {
            let path = args.market.data.clone().or_else(|| config.data.path.clone().map(Into::into));
            let path = path.ok_or_else(|| {
                let hint = "name a store with --data, or import one with `zero data import`";
                Failure::new("ZERO-CLI-009", "a replay needs a data store", hint)
            })?;
            let store = Store::open(&path)?;
            let universe = store.universe();
            let prices = first_prices(store.events(&EventRange::all())?, universe.len())?;
            Ok(Market {
                universe,
                words: format!("replay of {}{}", path.display(), made_of(&store)),
                interval: store.interval(),
                prices,
                open: Box::new(move |range| {
                    Ok(Box::new(Replay::new(Box::new(store.events(&range)?), speed, clock)))
                }),
            })
        }
        RunSource::Venue => venue(ctx, config),
    }
}

/// A store that was made of a synthetic market says so.
fn made_of(store: &Store) -> String {
    let series = store.manifest().coins.iter().flat_map(|c| [&c.bars, &c.funding]).flatten();
    let made = series.map(|s| s.source.as_str()).find(|s| synthetic_market(s).is_some());
    made.map_or_else(String::new, |s| format!(": {s}"))
}

/// The first open of every coin.
fn first_prices(
    events: impl Iterator<Item = Result<Event, zero_data::DataError>>,
    coins: usize,
) -> Result<Vec<Option<Px>>, Failure> {
    let mut prices = vec![None; coins];
    for event in events {
        if prices.iter().all(Option::is_some) {
            break;
        }
        if let EventBody::BarOpened(b) = event?.body
            && let Some(slot) = prices.get_mut(b.coin.index())
            && slot.is_none()
        {
            *slot = Some(b.open);
        }
    }
    Ok(prices)
}

/// The venue's public data, from far enough back that every feature has a value, or from where the journal ends.
fn venue(ctx: &Context, config: &Config) -> Result<Market, Failure> {
    let coins: Vec<&str> = config.data.coins.iter().map(String::as_str).collect();
    let length = config.data.interval;
    let interval = Interval::of(length).ok_or_else(|| {
        let cause = format!("the venue has no candles of {} s", length.as_ns() / 1_000_000_000);
        Failure::new(
            "ZERO-CLI-010",
            cause,
            "set data.interval to one of 1m, 3m, 5m, 15m, 30m, 1h, 2h, 4h, 8h, 12h, 1d",
        )
    })?;
    let clock = Arc::new(WireClock(Arc::clone(&ctx.clock)));
    let mut live = LiveConfig::new(&config.venue.ws_url, &config.venue.rest_url, &coins, interval);
    let every = config.venue.order_book_every;
    live.streams.book = (every > TsDiff::ZERO).then_some(every);
    let rest = RestClient::new(live.rest.clone(), RateBudget::rest(clock.clone()), clock.clone())?;
    let meta = rest.meta(&Stop::new())?;
    let instruments = coins.iter().map(|c| meta.instrument(c)).collect::<Result<Vec<_>, _>>()?;
    let universe = Universe::new(instruments);
    let mids = rest.all_mids(&Stop::new())?;
    let prices = coins.iter().map(|c| mids.get(*c).copied()).collect();
    let warm_up =
        convert::run_spec(ctx, config, universe.clone(), None)?.engine()?.kernel().stack().plan.warm_up();
    let words = format!("the venue's public data at {}", config.venue.ws_url);
    let now = ctx.clock.now();
    Ok(Market {
        universe,
        words,
        interval: length,
        prices,
        open: Box::new(move |range| {
            let first = now.minus(length.times(warm_up as i64 + 2));
            let from = range.after.map_or(first, |key| key.time).max(live.earliest_open(now));
            live.from = Some(from.floor(length));
            let handle = LiveSource::start(live, clock)?;
            Ok(Box::new(LateSlices::new(Live(handle), range.after, length)))
        }),
    })
}

/// The rim's clock as the wire wants it.
struct WireClock(Arc<dyn zero_runtime::clock::Clock>);

impl std::fmt::Debug for WireClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WireClock")
    }
}

impl zero_hl_wire::Clock for WireClock {
    fn wall(&self) -> Ts {
        self.0.now()
    }

    fn mono(&self) -> Ts {
        Ts::from_ns(i64::try_from(self.0.monotonic().as_nanos()).unwrap_or(i64::MAX))
    }
}

/// The venue's feed as a source.
struct Live(LiveHandle);

impl Source for Live {
    fn next(&mut self, wait: Duration) -> Result<Next, SourceError> {
        let event = self.0.recv_timeout(wait).map_err(|e| SourceError::Live {
            code: e.code(),
            cause: e.to_string(),
            hint: e.hint().to_string(),
        })?;
        Ok(event.map_or(Next::Idle, Next::Event))
    }

    fn health(&self) -> Option<FeedHealth> {
        let s = self.0.status();
        Some(FeedHealth {
            connected: s.connected,
            reconnects: s.reconnects,
            frame_age: s.last_frame_age.map(|a| Duration::from_nanos(a.as_ns().max(0).unsigned_abs())),
            rate_budget_left: Some(u64::from(s.rate_budget_left)),
        })
    }
}

struct Printer {
    ui: Ui,
    acks: bool,
    log: OpLog,
    /// Breakers open at the last commit, as bits.
    open: u32,
    surface: Option<Surface>,
}

impl Watch<RealDisk> for Printer {
    fn committed(&mut self, committed: &Committed, runner: &Runner<RealDisk>) {
        if self.acks {
            self.ui.line(&committed.range.end.to_string());
        }
        let open = runner.driver().engine().kernel().state().open_breakers();
        for (i, breaker) in BREAKERS.iter().enumerate() {
            let (before, now) = (self.open >> i & 1, open >> i & 1);
            if before != now {
                let message = if now == 1 { "breaker opened" } else { "breaker closed" };
                self.log.line(Level::Warn, message, |l| l.field("breaker", &breaker.name()));
            }
        }
        self.open = open;
        self.log.line(Level::Debug, "committed", |l| l.field("seq", &committed.range.end));
        if let Some(surface) = &mut self.surface {
            surface.committed(runner);
        }
    }

    fn commands(&mut self) -> Vec<Command> {
        self.surface.as_ref().map_or_else(Vec::new, Surface::commands)
    }

    fn acted(&mut self, runner: &Runner<RealDisk>) {
        if let Some(surface) = &mut self.surface {
            surface.acted(runner);
        }
    }

    fn idle(&mut self, runner: &Runner<RealDisk>) {
        if let Some(surface) = &mut self.surface {
            surface.idle(runner);
        }
    }

    fn refused(&mut self, why: &str) {
        self.ui.warn(&format!("an operator act was refused: {why}"));
        self.log.line(Level::Warn, "an operator act was refused", |l| l.field("why", &Plain(why)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zero_core::{CoinId, Rate};
    use zero_market::BarOpen;
    use zero_market::event::FundingPrint;

    fn at(second: i64, body: EventBody) -> Result<Event, zero_data::DataError> {
        let time = Ts::from_ns(second * 1_000_000_000);
        Ok(Event { time, received: time, body })
    }

    #[test]
    fn prices_are_found_however_much_else_comes_before_them_and_no_further_than_needed() {
        let funding = (0..500).map(|s| {
            let print = FundingPrint { coin: CoinId((s % 2) as u16), rate: Rate::ZERO, premium: Rate::ZERO };
            at(s, EventBody::Funding(print))
        });
        let open = |coin, px| {
            let interval = TsDiff::HOUR;
            let bar =
                BarOpen { coin: CoinId(coin), open_time: Ts::from_ns(0), interval, open: Px::whole(px) };
            EventBody::BarOpened(bar)
        };
        let opens = [open(1, 7), open(0, 5), open(0, 6)].map(|o| at(600, o));
        let mut looked_at = 0;
        let events = funding.chain(opens).inspect(|_| looked_at += 1);
        let prices = first_prices(events, 2).unwrap_or_else(|_| vec![None]);
        assert_eq!(prices, [Some(Px::whole(5)), Some(Px::whole(7))]);
        assert!(looked_at <= 503);
    }
}
