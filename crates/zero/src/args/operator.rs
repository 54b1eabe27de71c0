//! Acts of the operator.

use super::read::ReadArgs;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum OperatorCommand {
    Pause(ReasonArgs),
    Resume(ConfirmArgs),
    Flatten(ReasonArgs),
    Kill(ReasonArgs),
    Clear(ClearArgs),
    Heartbeat(OptionalReasonArgs),
    Report(OptionalReasonArgs),
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum AutoCommand {
    Off(OptionalReasonArgs),
    On(ConfirmArgs),
    Status(ReadArgs),
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ActArgs {
    /// Journal directory (default: the operator's run).
    #[arg(long, value_name = "DIR")]
    pub journal: Option<PathBuf>,
    /// How long to wait for a running loop to take it.
    #[arg(long, value_name = "DURATION", default_value = "10s")]
    pub wait: String,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ReasonArgs {
    /// Why; recorded with the act.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    #[command(flatten)]
    pub act: ActArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct OptionalReasonArgs {
    /// Why; recorded with the act.
    #[arg(long, value_name = "TEXT", default_value = "routine")]
    pub reason: String,
    #[command(flatten)]
    pub act: ActArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ConfirmArgs {
    #[command(flatten)]
    pub reason: ReasonArgs,
    /// Do not ask: this act may increase risk.
    #[arg(long)]
    pub yes: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ClearArgs {
    /// Name of the breaker, such as daily_loss.
    #[arg(value_name = "BREAKER")]
    pub breaker: String,
    #[command(flatten)]
    pub confirm: ConfirmArgs,
}
