//! Questions about a run: what would be traded, why nothing was, what is near, what happened.

use super::ReadArgs;
use clap::Args;

#[derive(Args, Clone, Debug)]
pub(crate) struct EvaluateArgs {
    /// The coin.
    #[arg(value_name = "COIN")]
    pub coin: String,
    /// Only entries on this side.
    #[arg(long, value_parser = ["buy", "sell"])]
    pub side: Option<String>,
    #[command(flatten)]
    pub read: ReadArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct WhyArgs {
    /// The coin.
    #[arg(value_name = "COIN")]
    pub coin: String,
    /// The latest slice at or before this event time, such as 2025-09-05T16:00:00Z (default: the latest of all). Where slices are
    /// missing at that time, the answer says so and how old the slice is.
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    #[command(flatten)]
    pub read: ReadArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ApproachingArgs {
    /// Horizon of the probability, such as 24h or 7d.
    #[arg(long, value_name = "DURATION", default_value = "24h")]
    pub within: String,
    #[command(flatten)]
    pub read: ReadArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct RegimeArgs {
    /// Only this coin.
    #[arg(value_name = "COIN")]
    pub coin: Option<String>,
    #[command(flatten)]
    pub read: ReadArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct BriefArgs {
    /// Show what changed since a journal sequence or an event time.
    #[arg(long, value_name = "SEQ|TIME")]
    pub since: Option<String>,
    #[command(flatten)]
    pub read: ReadArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct PulseArgs {
    /// How many events.
    #[arg(value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
    #[command(flatten)]
    pub read: ReadArgs,
}
