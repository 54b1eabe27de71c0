//! Arguments of the commands that look at a run, manage data, journal, configuration and keys, or act on a run.

mod admin;
mod data;
mod journal;
mod operator;
mod read;
mod strategy;

pub(crate) use admin::{ConfigCommand, DocsArgs, InitArgs, KeysCommand, Reference, ShellArgs};
pub(crate) use data::{DataCommand, DescribeArgs, ImportArgs, SynthArgs};
pub(crate) use journal::{
    CheckpointArgs, ExportArgs, JournalCommand, ProveArgs, PruneArgs, TailArgs, VerifyArgs,
};
pub(crate) use operator::{ActArgs, OperatorCommand};
pub(crate) use read::{CandidatesArgs, PositionsArgs, ReadArgs};
pub(crate) use strategy::{StrategyArgs, StrategyCommand};
