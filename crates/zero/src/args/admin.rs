//! Setting up: partition, configuration, keys, references.

use super::PassphraseArgs;
use clap::{Args, Subcommand, ValueEnum};

#[derive(Args, Clone, Debug)]
pub(crate) struct InitArgs {
    /// Never ask anything.
    #[arg(long)]
    pub no_input: bool,
}

#[derive(Clone, Debug, Subcommand)]
#[command(defer = true)]
pub(crate) enum ConfigCommand {
    Show,
    Get(GetArgs),
    Check,
    Reference,
    Schema,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct GetArgs {
    /// Path of the key, such as limits.daily_loss.
    #[arg(value_name = "KEY")]
    pub key: String,
    /// What it means, and what every layer says.
    #[arg(long)]
    pub explain: bool,
}

#[derive(Clone, Debug, Subcommand)]
#[command(defer = true)]
pub(crate) enum KeysCommand {
    Create(PurposeArgs),
    List,
    Rotate(PurposeArgs),
    Revoke(RevokeArgs),
}

#[derive(Args, Clone, Debug)]
pub(crate) struct PurposeArgs {
    /// What the key signs.
    #[arg(value_parser = ["journal", "proof", "operator"])]
    pub purpose: String,
    #[command(flatten)]
    pub passphrase: PassphraseArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct RevokeArgs {
    /// What the key signs.
    #[arg(value_parser = ["journal", "proof", "operator"])]
    pub purpose: String,
    #[command(flatten)]
    pub passphrase: PassphraseArgs,
    /// Why, in a few words; recorded with the revocation.
    #[arg(long)]
    pub reason: String,
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ShellArgs {
    /// The shell.
    pub shell: clap_complete::Shell,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct DocsArgs {
    /// Which reference.
    #[arg(required_unless_present = "out")]
    pub reference: Option<Reference>,
    /// Write every reference to its file in this directory instead.
    #[arg(long, value_name = "DIR", conflicts_with = "reference")]
    pub out: Option<std::path::PathBuf>,
}

/// A generated reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Reference {
    /// Every command.
    Commands,
    /// Every configuration key.
    Configuration,
    /// Every error code.
    Errors,
    /// JSON Schema of the configuration file.
    Schema,
    /// JSON Schema of strategy documents.
    StrategySchema,
    /// What operator commands mean.
    Meaning,
    /// OpenAPI document of the HTTP surface.
    Openapi,
    /// What is here, what is not, and why.
    Boundary,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ReadinessArgs {
    /// Directory of dated evidence.
    #[arg(long, value_name = "DIR", default_value = "docs/evidence")]
    pub evidence: std::path::PathBuf,
}
