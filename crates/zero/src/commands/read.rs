//! `zero status|positions|risk|decisions|rejections|health|immune`: from the journal, beside a running loop or at rest.
//! No lock is taken and nothing is written.

use crate::args::{CandidatesArgs, PositionsArgs, ReadArgs};
use crate::commands::notify::undelivered;
use crate::commands::place::directory;
use crate::commands::show;
use crate::context::Context;
use crate::failure::Failure;
use crate::ui::Ui;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use zero_core::CoinId;
use zero_journal::RealDisk;
use zero_kernel::record::CandidateTrace;
use zero_runtime::at_rest::AtRest;
use zero_runtime::features::Features;
use zero_runtime::project::{self, Reading};
use zero_runtime::view::RunView;

/// Candidates that are shown where nobody says how many.
const CANDIDATES: u32 = 20;

pub(crate) fn status(ctx: &Context, args: &ReadArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let r = reading(ctx, args)?;
    let mut packet = project::status(&r);
    packet.blind_spots.extend(undelivered(ctx).map(serde_json::Value::from));
    ui.packet(&packet, || show::status(&packet, &r))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn positions(ctx: &Context, args: &PositionsArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let r = reading(ctx, &args.read)?;
    let packet = project::positions(&r, coin(&r, args.coin.as_deref())?);
    ui.packet(&packet, || show::positions(&packet, &r))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn risk(ctx: &Context, args: &ReadArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let r = reading(ctx, args)?;
    let packet = project::risk(&r);
    ui.packet(&packet, || show::risk(&packet, &r))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn decisions(ctx: &Context, args: &CandidatesArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let Wanted { r, dir, at_rest, coin, limit } = wanted(ctx, args)?;
    let is_of = |t: &CandidateTrace| coin.is_none_or(|c| c == t.coin);
    let seen = at_rest.last_candidates((&RealDisk, &dir), limit, is_of)?;
    let packet = project::decisions(&r, &seen);
    ui.packet(&packet, || show::decisions(&packet, &r))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn rejections(ctx: &Context, args: &CandidatesArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let Wanted { r, dir, at_rest, coin, limit } = wanted(ctx, args)?;
    let is_of = |t: &CandidateTrace| coin.is_none_or(|c| c == t.coin);
    let seen = at_rest.last_refused((&RealDisk, &dir), limit, is_of)?;
    let packet = project::rejections(&r, &seen);
    ui.packet(&packet, || show::rejections(&packet, &r))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn health(ctx: &Context, args: &ReadArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let r = reading(ctx, args)?;
    let packet = project::health(&r);
    ui.packet(&packet, || show::health(&packet, &r))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn immune(ctx: &Context, args: &ReadArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let r = reading(ctx, args)?;
    let packet = project::immune(&r);
    ui.packet(&packet, || show::immune(&packet, &r))?;
    Ok(ExitCode::SUCCESS)
}

/// The journal as it is now.
pub(crate) fn reading(ctx: &Context, args: &ReadArgs) -> Result<Reading, Failure> {
    read(ctx, &directory(ctx, args.journal.as_deref())?)
}

/// The journal in `dir` as it is now. Whether somebody writes it is asked before it is read: a loop that ends in
/// between shows as running at a moment when it was.
pub(crate) fn read(ctx: &Context, dir: &Path) -> Result<Reading, Failure> {
    read_with_features(ctx, dir).map(|(r, _)| r)
}

/// As [`read`], with what a kernel for questions begins with.
pub(crate) fn read_with_features(ctx: &Context, dir: &Path) -> Result<(Reading, Option<Features>), Failure> {
    let holder = project::holder(dir);
    let (view, features) = RunView::load_with_features(&RealDisk, dir)?;
    Ok((Reading::of_files(dir, Arc::new(view), holder, ctx.clock.now()), features))
}

/// As [`read`], with the latest records beside it.
pub(crate) fn look(ctx: &Context, dir: &Path) -> Result<(Reading, AtRest), Failure> {
    let holder = project::holder(dir);
    let at_rest = AtRest::load(&RealDisk, dir)?;
    Ok((Reading::of_files(dir, Arc::clone(&at_rest.view), holder, ctx.clock.now()), at_rest))
}

/// Which candidates of which journal are asked for.
struct Wanted {
    r: Reading,
    dir: PathBuf,
    at_rest: AtRest,
    coin: Option<CoinId>,
    limit: usize,
}

fn wanted(ctx: &Context, args: &CandidatesArgs) -> Result<Wanted, Failure> {
    let dir = directory(ctx, args.read.journal.as_deref())?;
    let (r, at_rest) = look(ctx, &dir)?;
    let coin = coin(&r, args.of.as_deref().or(args.coin.as_deref()))?;
    let limit = args.count.or(args.limit).unwrap_or(CANDIDATES) as usize;
    Ok(Wanted { r, dir, at_rest, coin, limit })
}

pub(crate) fn coin(r: &Reading, symbol: Option<&str>) -> Result<Option<CoinId>, Failure> {
    find_coin(&r.view.manifest.universe, symbol)
}

/// The coin of a symbol, whatever its case.
pub(crate) fn find_coin(
    universe: &[zero_market::Instrument],
    symbol: Option<&str>,
) -> Result<Option<CoinId>, Failure> {
    let Some(symbol) = symbol else { return Ok(None) };
    let at = universe.iter().position(|i| i.symbol.eq_ignore_ascii_case(symbol));
    at.map(|i| Some(CoinId(i as u16))).ok_or_else(|| {
        let all: Vec<&str> = universe.iter().map(|i| i.symbol.as_str()).collect();
        let cause = format!("the run has no coin named {symbol:?}");
        Failure::new("ZERO-CLI-014", cause, format!("it has {}", all.join(", ")))
    })
}
