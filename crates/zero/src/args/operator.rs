//! Acts of the operator.

use super::read::ReadArgs;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Clone, Debug, Subcommand)]
#[command(defer = true)]
pub(crate) enum OperatorCommand {
    Pause(OptionalReasonArgs),
    Resume(ConfirmArgs),
    Flatten(OptionalReasonArgs),
    Close(CloseArgs),
    Kill(OptionalReasonArgs),
    Clear(ClearArgs),
    Heartbeat(OptionalReasonArgs),
    Report(OptionalReasonArgs),
    Break(BreakArgs),
    Rest(OptionalReasonArgs),
    Focus(OptionalReasonArgs),
    Confirm(SubjectArgs),
    Ack(SubjectArgs),
    Override(SubjectArgs),
    Follow(SubjectArgs),
    Command(CommandArgs),
}

#[derive(Clone, Copy, Debug, Subcommand)]
#[command(defer = true)]
pub(crate) enum NotifyCommand {
    Status,
    Test,
}

#[derive(Clone, Debug, Subcommand)]
#[command(defer = true)]
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
    /// File with what `zero approve` printed for this act: a live-capable runtime wants it before an increase of risk.
    #[arg(long, value_name = "FILE")]
    pub approval: Option<PathBuf>,
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

#[derive(Args, Clone, Debug)]
pub(crate) struct BreakArgs {
    /// Its length in minutes: no increase that you ask for is admitted before it is over; strategies go on.
    #[arg(value_name = "MINUTES", default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=1_440))]
    pub minutes: u32,
    #[command(flatten)]
    pub reason: OptionalReasonArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct CloseArgs {
    /// Which coin; without it the only one that is held. Strategies may enter it again by their rules: `zero auto off` keeps
    /// them out.
    #[arg(value_name = "COIN")]
    pub coin: Option<String>,
    #[command(flatten)]
    pub reason: OptionalReasonArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct SubjectArgs {
    /// On what: a phrase as it was shown, the key of an alert, the name of a verdict.
    #[arg(value_name = "WHAT", num_args = 1.., required = true)]
    pub subject: Vec<String>,
    #[command(flatten)]
    pub reason: OptionalReasonArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct CommandArgs {
    /// Name of a command that a client carried out by itself.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// What it did to the account's worst case.
    #[arg(long, value_parser = ["reduces", "neutral", "increases"])]
    pub direction: String,
    #[command(flatten)]
    pub reason: OptionalReasonArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct OperatorStateArgs {
    #[command(flatten)]
    pub read: ReadArgs,
    /// Show the state at this time instead of now (2025-09-05T16:00:00Z).
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
}
