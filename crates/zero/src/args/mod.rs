//! Arguments of the commands that look at a run, manage data, journal, configuration and keys, act on a run, or compute statistics.

mod admin;
mod approve;
mod ask;
mod data;
mod execute;
mod journal;
mod learn;
mod operator;
mod read;
mod session;
mod stats;
mod strategy;

pub(crate) use admin::{ConfigCommand, DocsArgs, InitArgs, KeysCommand, ReadinessArgs, Reference, ShellArgs};
pub(crate) use approve::{ApproveArgs, PassphraseArgs};
pub(crate) use ask::{ApproachingArgs, BriefArgs, EvaluateArgs, PulseArgs, RegimeArgs, WhyArgs};
pub(crate) use data::{DataCommand, DescribeArgs, ImportArgs, SynthArgs};
pub(crate) use execute::ExecuteArgs;
pub(crate) use journal::{
    CheckpointArgs, ExportArgs, JournalCommand, ProveArgs, PruneArgs, TailArgs, VerifyArgs,
};
pub(crate) use learn::{ExecutionArgs, GatesArgs, LearnCommand, LensesArgs, NearMissesArgs};
pub(crate) use operator::{
    ActArgs, AutoCommand, CloseArgs, NotifyCommand, OperatorCommand, OperatorStateArgs, SubjectArgs,
};
pub(crate) use read::{
    AuditCommand, CandidatesArgs, DeploymentCommand, HashArgs, HlCommand, HlStatusArgs, LiveCommand, McpArgs,
    MemoryArgs, NetworkCommand, PositionsArgs, QuoteArgs, ReadArgs,
};
pub(crate) use session::{
    ForkArgs, NamedActArgs, ReplayArgs, SaveArgs, SessionCommand, SessionListArgs, ShareArgs, StartArgs,
};
pub(crate) use stats::{
    BhArgs, BocpdArgs, BrierArgs, CalibrateArgs, CpcvArgs, CusumArgs, DiffArgs, DsrArgs, ElondArgs,
    EvalueArgs, EwmaArgs, KellyArgs, LwArgs, MinbtlArgs, MintrlArgs, OpeArgs, PboArgs, PsiArgs, PsrArgs,
    ScalingArgs, SpaArgs, StackArgs, StatsCommand, VrArgs,
};
pub(crate) use strategy::{StrategyArgs, StrategyCommand};
