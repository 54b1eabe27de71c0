//! Strategy documents.

use clap::{Args, Subcommand};

#[derive(Clone, Debug, Subcommand)]
#[command(defer = true)]
pub(crate) enum StrategyCommand {
    New(NewStrategyArgs),
    Check(StrategyArgs),
    Explain(StrategyArgs),
    List,
    Test(StrategyArgs),
}

#[derive(Args, Clone, Debug)]
pub(crate) struct NewStrategyArgs {
    /// Its name: lower-case letters, digits and underscores.
    #[arg(value_name = "NAME")]
    pub name: String,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct StrategyArgs {
    /// Name of a file in the operator's strategies or of a bundled document, or a path that ends in .toml or .wasm.
    #[arg(value_name = "NAME|FILE")]
    pub strategy: String,
}
