//! Arguments of the commands that look at a run, manage data, journal, configuration and keys, or act on a run.

mod admin;
mod data;
mod journal;
mod learn;
mod operator;
mod read;

pub(crate) use admin::{ConfigCommand, DocsArgs, InitArgs, KeysCommand, Reference, ShellArgs};
pub(crate) use data::{DataCommand, DescribeArgs, ImportArgs, SynthArgs};
pub(crate) use journal::{
    CheckpointArgs, ExportArgs, JournalCommand, ProveArgs, PruneArgs, TailArgs, VerifyArgs,
};
pub(crate) use learn::{ExecutionArgs, GatesArgs, LearnCommand, NearMissesArgs};
pub(crate) use operator::{ActArgs, OperatorCommand};
pub(crate) use read::{CandidatesArgs, PositionsArgs, ReadArgs};
