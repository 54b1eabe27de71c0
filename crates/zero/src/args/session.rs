//! Sessions.

use super::operator::ActArgs;
use super::read::ReadArgs;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Clone, Debug, Subcommand)]
#[command(defer = true)]
pub(crate) enum SessionCommand {
    Start(StartArgs),
    Status(ReadArgs),
    End(EndArgs),
    List(SessionListArgs),
    Fork(ForkArgs),
    Resume(NamedActArgs),
    Save(SaveArgs),
    Replay(ReplayArgs),
    Share(ShareArgs),
    Wrap(NamedArgs),
}

#[derive(Args, Clone, Debug)]
pub(crate) struct StartArgs {
    /// A label for people.
    #[arg(value_name = "LABEL", default_value = "")]
    pub label: String,
    /// What its end does: close everything, or leave what is held if stops cover all of it.
    #[arg(long, value_name = "POLICY", default_value = "flatten", value_parser = ["flatten", "protected"])]
    pub end: String,
    #[command(flatten)]
    pub act: ActArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct EndArgs {
    #[command(flatten)]
    pub act: ActArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct SessionListArgs {
    /// Only the latest so many.
    #[arg(value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub count: Option<u32>,
    #[command(flatten)]
    pub read: ReadArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ForkArgs {
    /// Id or label of a session; without it the latest.
    #[arg(value_name = "SESSION")]
    pub session: Option<String>,
    #[command(flatten)]
    pub act: ActArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct NamedActArgs {
    /// Id or label of a session.
    #[arg(value_name = "SESSION")]
    pub session: String,
    #[command(flatten)]
    pub act: ActArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct SaveArgs {
    /// The label.
    #[arg(value_name = "LABEL")]
    pub label: String,
    /// Id or label of a session (default: the open one, else the latest).
    #[arg(long, value_name = "SESSION")]
    pub session: Option<String>,
    #[command(flatten)]
    pub act: ActArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct NamedArgs {
    /// Id or label of a session (default: the open one, else the latest).
    #[arg(value_name = "SESSION")]
    pub session: Option<String>,
    #[command(flatten)]
    pub read: ReadArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ReplayArgs {
    #[command(flatten)]
    pub named: NamedArgs,
    /// How many events, oldest first.
    #[arg(long, short = 'n', default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ShareArgs {
    #[command(flatten)]
    pub named: NamedArgs,
    /// Write it into this file as well.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}
