//! From configuration to what the engine is built from. Names change here and nowhere else.

use crate::cli::MarketArgs;
use crate::commands::strategy::{find, folder};
use crate::component::{self, is_component, place};
use crate::context::Context;
use crate::cost_model;
use crate::failure::Failure;
use crate::opinion_model;
use crate::ui::Ui;
use std::sync::Arc;
use zero_config::sections::MarginMode as ConfiguredMargin;
use zero_config::{Config, StrategyConfig};
use zero_core::{AccountId, BookId, TsDiff};
use zero_data::synth::SynthSpec;
use zero_data::{Dataset, Store, synth};
use zero_kernel::{BookSpec, KernelConfig};
use zero_market::{CostTable, Universe};
use zero_paper::{FeeModel, MarginMode, PaperConfig};
use zero_runtime::record::synthetic_source;
use zero_runtime::{OperatorPolicy, RunSpec};
use zero_strategy::lang::{Document, LangError, shipped};
use zero_strategy::registry::StrategyChoice;
use zero_strategy::strategies::{CarryParams, TrendParams};
use zero_strategy::{Costs, HostedLens, Limits};

/// The run that a configuration describes, over these instruments.
///
/// # Errors
/// [`Failure`] where a book names a document that is not there or not valid, `ZERO-LRN-002` for a cost model and
/// `ZERO-LRN-005` for an opinion model that cannot be used.
pub(crate) fn run_spec(
    ctx: &Context,
    c: &Config,
    universe: Universe,
    clear: Option<TsDiff>,
) -> Result<RunSpec, Failure> {
    let enabled: Vec<_> = c.enabled_books().collect();
    let books = enabled
        .iter()
        .enumerate()
        .map(|(i, b)| BookSpec {
            book: BookId(i as u16),
            account: AccountId(0),
            name: b.name.clone(),
            initial: b.initial_cash,
        })
        .collect();
    let (l, p) = (&c.limits, &c.paper);
    let kernel = KernelConfig {
        limits: Limits {
            risk_per_trade: l.risk_per_trade,
            max_gross_leverage: l.max_gross_leverage,
            max_position_share: l.max_position_share,
            max_open_positions: l.max_open_positions,
            daily_loss: l.daily_loss,
            max_drawdown: l.max_drawdown,
            orders_per_hour: l.orders_per_hour,
            fee_burn_per_day: l.fee_burn_per_day,
            stale_after: l.stale_after,
            vol_target_annual: l.vol_target_annual,
            max_cost_share: l.max_cost_share,
            cooldown: l.cooldown,
            max_portfolio_vol: l.max_portfolio_vol,
            max_beta_exposure: l.max_beta_exposure,
            max_factor_exposure: l.max_factor_exposure,
            max_risk_share: l.max_risk_share,
            max_shortfall: l.max_shortfall,
            max_correlated_vol: l.max_correlated_vol,
            max_crash_loss: l.max_crash_loss,
            crash_btc: l.crash_btc,
            crash_eth: l.crash_eth,
            crash_sol: l.crash_sol,
            crash_other: l.crash_other,
            refuse_turbulent: l.refuse_turbulent,
            refuse_one_bet: l.refuse_one_bet,
            refuse_illiquid: l.refuse_illiquid,
        },
        costs: Costs { taker: c.fees.taker, half_spread: p.half_spread },
        leverage: c.account.leverage,
        dead_man_after: c.operator.dead_man_after,
        operator_inactive_after: c.operator.inactive_after,
        rejects_per_hour: c.breakers.rejects_per_hour,
        disk_min_bytes: c.breakers.disk_min,
        reconcile_tolerance: c.breakers.reconcile_tolerance,
        books,
        own_book: None,
    };
    let paper = PaperConfig {
        fees: FeeModel { taker: c.fees.taker, maker: c.fees.maker },
        half_spread: p.half_spread,
        impact: p.impact_coefficient,
        participation: (p.participation_cap.raw() > 0).then_some(p.participation_cap),
        latency: p.latency,
        leverage: c.account.leverage,
        margin: match c.account.margin_mode {
            ConfiguredMargin::Cross => MarginMode::Cross,
            ConfiguredMargin::Isolated => MarginMode::Isolated,
        },
        open_orders_max: 1_000,
    };
    let costs = match &p.cost_model {
        Some(path) => cost_model::load(path.as_ref(), &universe)?,
        None => CostTable::NONE,
    };
    let opinion_model =
        p.opinion_model.as_ref().map(|path| opinion_model::load(path.as_ref())).transpose()?;
    Ok(RunSpec {
        kernel,
        paper,
        universe,
        strategies: enabled.iter().map(|b| strategy(ctx, &b.strategy)).collect::<Result<_, _>>()?,
        lenses: lenses(ctx, c)?,
        full_stack: true,
        costs,
        opinion_model,
        policy: OperatorPolicy { clear_latches_after: clear, ..OperatorPolicy::PERSON },
    })
}

/// What of the configuration's books and lenses cannot be built, each with its key.
pub(crate) fn unbuildable(ctx: &Context, c: &Config) -> Vec<(String, Failure)> {
    let key = |b: &zero_config::BookConfig| format!("books.{}.{}", b.name, b.strategy.kind().name());
    let books = c.enabled_books().map(|b| (key(b), strategy(ctx, &b.strategy)));
    let broken = books.filter_map(|(key, built)| Some((key, built.err()?)));
    broken.chain(lenses(ctx, c).err().map(|e| ("paper.lens_components".to_owned(), e))).collect()
}

/// The components that the configuration names as lenses.
fn lenses(ctx: &Context, c: &Config) -> Result<Vec<HostedLens>, Failure> {
    let load = |name: &String| Ok(component::load_lens(&place(&folder(ctx), name))?.hosted);
    c.paper.lens_components.iter().map(load).collect()
}

fn strategy(ctx: &Context, s: &StrategyConfig) -> Result<StrategyChoice, Failure> {
    let hours = |d: TsDiff| d.as_ns() / TsDiff::HOUR.as_ns();
    Ok(match s {
        StrategyConfig::Document(d) if is_component(&d.name) => {
            StrategyChoice::Hosted(component::load(&place(&folder(ctx), &d.name))?.hosted)
        }
        StrategyConfig::Document(d) => StrategyChoice::Document(Arc::new(find(ctx, &d.name)?.0.document)),
        StrategyConfig::Trend(t) => constants(shipped::trend(&TrendParams {
            lookback: t.lookback,
            entry_z: t.entry_z,
            exit_z: t.exit_z,
            stop_sigmas: t.stop_sigmas,
            horizon_hours: hours(t.horizon) as u32,
        }))?,
        StrategyConfig::Carry(t) => constants(shipped::carry(&CarryParams {
            window_hours: hours(t.window) as u16,
            entry_annual: t.entry_annual,
            exit_annual: t.exit_annual,
            stop_sigmas: t.stop_sigmas,
            horizon_hours: hours(t.horizon) as u32,
        }))?,
    })
}

/// A shipped document with the constants of a configuration.
fn constants(document: Result<Document, LangError>) -> Result<StrategyChoice, Failure> {
    match document {
        Ok(d) => Ok(StrategyChoice::Document(Arc::new(d))),
        Err(e) => Err(Failure::new(e.code, e.to_string(), e.hint)),
    }
}

/// Says which books' components gave no answer, why and how often: each time counted as an abstention.
pub(crate) fn warn_of_faults(spec: &RunSpec, ui: Ui) {
    for (book, strategy) in spec.kernel.books.iter().zip(&spec.strategies) {
        let StrategyChoice::Hosted(h) = strategy else { continue };
        for (why, n) in h.faults() {
            ui.warn(&format!("{}: the component abstained {n} times with {why}", book.name));
        }
    }
    for lens in &spec.lenses {
        for (why, n) in lens.faults() {
            ui.warn(&format!("lens {}: the component abstained {n} times with {why}", lens.spec().name));
        }
    }
}

/// The synthetic market that arguments and configuration name.
pub(crate) fn synth_spec(c: &Config, args: &MarketArgs) -> SynthSpec {
    let mut spec = SynthSpec::seeded(args.seed.unwrap_or(c.data.synth_seed));
    let days = u64::from(args.days.unwrap_or(c.data.synth_days));
    spec.bars = Some(days * 24);
    spec
}

/// The market in memory, and in words.
pub(crate) fn market(c: &Config, args: &MarketArgs) -> Result<(Dataset, String), Failure> {
    let path = args.data.clone().or_else(|| c.data.path.clone().map(Into::into));
    if let Some(path) = path {
        let store = Store::open(&path)?;
        return Ok((Dataset::from_store(&store)?, format!("store {}", path.display())));
    }
    let spec = synth_spec(c, args);
    let bars = spec.bars.unwrap_or(0);
    Ok((synth::generate(&spec)?, format!("{}, {} days", synthetic_source(spec.seed), bars / 24)))
}

/// "3d", "12h", "90m", "30s" or "never".
pub(crate) fn duration(text: &str) -> Result<Option<TsDiff>, Failure> {
    if text == "never" {
        return Ok(None);
    }
    let bad = || {
        let cause = format!("{text:?} is not a duration");
        Failure::new(
            "ZERO-CLI-006",
            cause,
            "write a number and a unit, such as 3d, 12h, 90m or 30s, or \"never\"",
        )
    };
    let (number, unit) = text.split_at(text.len().saturating_sub(1));
    let n: i64 = number.parse().map_err(|_| bad())?;
    let one = match unit {
        "d" => TsDiff::DAY,
        "h" => TsDiff::HOUR,
        "m" => TsDiff::secs(60),
        "s" => TsDiff::secs(1),
        _ => return Err(bad()),
    };
    if n <= 0 { Err(bad()) } else { Ok(Some(one.times(n))) }
}
