//! An order of the operator's own.

use super::operator::ActArgs;
use clap::Args;

#[derive(Args, Clone, Debug)]
pub(crate) struct ExecuteArgs {
    /// The coin, such as BTC.
    #[arg(value_name = "COIN")]
    pub coin: String,
    /// Which way: buy, long or bid; sell, short or ask.
    #[arg(value_name = "SIDE", value_parser = ["buy", "long", "bid", "sell", "short", "ask"], hide_possible_values = true)]
    pub side: String,
    /// Size in coins, on the venue's grid.
    #[arg(value_name = "SIZE")]
    pub size: String,
    /// Price that it must not be worse than.
    #[arg(long, value_name = "PX")]
    pub price: Option<String>,
    /// Take it only if it reduces what the operator's own orders hold: it then meets no gate and no friction.
    #[arg(long)]
    pub reduce_only: bool,
    /// The order is made once per key; without one, it is made anew each time.
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
    /// Why; recorded with the act.
    #[arg(long, value_name = "TEXT", default_value = "by hand")]
    pub reason: String,
    /// Do not ask: this act may increase risk.
    #[arg(long)]
    pub yes: bool,
    #[command(flatten)]
    pub act: ActArgs,
}
