//! `zero execute`: an order of the operator's own, left for the loop that runs and shown as it was judged.

use crate::args::ExecuteArgs;
use crate::commands::operator::{admitted, confirm, leave};
use crate::commands::place::Place;
use crate::commands::read;
use crate::context::Context;
use crate::convert;
use crate::failure::Failure;
use crate::table::line;
use crate::ui::Ui;
use std::process::ExitCode;
use std::time::Duration;
use zero_core::{CoinId, Px, Sz};
use zero_market::event::OperatorAction;
use zero_market::own_order::is_key;
use zero_market::{OwnOrder, Side};
use zero_packets::execute::Execute;
use zero_runtime::inbox::Act;
use zero_runtime::project::{self, Reading};

pub(crate) fn run(ctx: &Context, args: &ExecuteArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let place = Place::own(ctx, args.act.journal.as_deref())?;
    if place.holder().is_none() {
        let cause = format!("no loop runs on {}", place.dir.display());
        return Err(Failure::new("ZERO-CLI-013", cause, "an order needs a market: start `zero run` first"));
    }
    let before = read::read(ctx, &place.dir)?;
    let order = order(ctx, args, &before)?;
    if !args.yes && !args.reduce_only {
        confirm(&order.words())?;
    }
    let action = if args.reduce_only { OperatorAction::Reduce } else { OperatorAction::Execute };
    let act = Act {
        action: action.name().into(),
        subject: order.subject(),
        operator: ctx.operator.to_string(),
        reason: args.reason.clone(),
    };
    act.event().map_err(|why| Failure::new("ZERO-CLI-011", why, "read `zero execute --help`"))?;
    let wait = convert::duration(&args.act.wait)?
        .map_or(Duration::MAX, |d| Duration::from_nanos(d.as_ns().unsigned_abs()));
    leave(ctx, &place.dir, &act, wait)?;
    let r = read::read(ctx, &place.dir)?;
    let Some(executed) = r.view.state.executions.find(order.key_digest()) else {
        if r.view.state.conduct.rulings != before.view.state.conduct.rulings {
            admitted(action, &r)?;
        }
        return Err(not_taken("no order was made of it".into()));
    };
    if executed.body != order.body_digest(args.reduce_only) {
        return Err(not_taken("the key belongs to another order".into()));
    }
    let packet = project::executed(&r.view.manifest, &order, args.reduce_only, executed);
    if !packet.accepted {
        return Err(not_taken(packet.reason));
    }
    ui.packet(&packet, || text(&packet))?;
    Ok(ExitCode::SUCCESS)
}

fn not_taken(why: String) -> Failure {
    Failure::new("ZERO-OPR-005", why, "`zero rejections` shows every gate with its measure")
}

fn order(ctx: &Context, args: &ExecuteArgs, r: &Reading) -> Result<OwnOrder, Failure> {
    let bad = |what: &str| {
        let cause = format!("{what} is no number above zero with at most 8 decimals");
        Failure::new("ZERO-CLI-011", cause, "write it like 0.001")
    };
    let coin = read::coin(r, Some(&args.coin))?.unwrap_or(CoinId(0));
    let sz = Sz::parse(&args.size).ok().filter(|sz| sz.raw() > 0).ok_or_else(|| bad("the size"))?;
    let price = |text: &str| Px::parse(text).ok().filter(|px| px.raw() > 0).ok_or_else(|| bad("the price"));
    let made = || format!("cli-{:x}-{}", ctx.clock.now().as_ns(), std::process::id());
    let key = args.key.clone().unwrap_or_else(made);
    if !is_key(&key) {
        let cause = "the key is no text of 1 to 128 visible ASCII characters";
        return Err(Failure::new("ZERO-CLI-011", cause, "leave it out, or name another"));
    }
    let side = if matches!(args.side.as_str(), "buy" | "long" | "bid") { Side::Buy } else { Side::Sell };
    let worst_px = args.price.as_deref().map(price).transpose()?;
    Ok(OwnOrder { coin, symbol: r.view.symbol(coin).to_owned(), side, sz, worst_px, key })
}

fn text(p: &Execute) -> String {
    let at = p.price.as_ref().map_or_else(String::new, |px| format!(", not worse than {}", px.as_str()));
    let mut out = line("Order", &format!("{} {} {}{at}: {}", p.coin, p.side, p.size.as_str(), p.reason));
    out += &line("Fills", "at the market's next price; `zero positions` shows it then");
    out += &line("Id", p.order_id.as_deref().unwrap_or("none"));
    out + &line("Key", &p.idempotency_key)
}
