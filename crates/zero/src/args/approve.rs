//! Approving an increase of risk.

use clap::Args;
use std::path::PathBuf;

#[derive(Args, Clone, Debug)]
pub(crate) struct ApproveArgs {
    /// File with the request as JSON: its method, path and body. `-` is standard input.
    #[arg(value_name = "REQUEST")]
    pub request: PathBuf,
    /// Journal that the approval is good in (default: the operator's run).
    #[arg(long, value_name = "DIR")]
    pub journal: Option<PathBuf>,
    /// For how long it is good, at most an hour.
    #[arg(long, value_name = "DURATION", default_value = "2m")]
    pub valid: String,
    /// From when on it is good (2025-09-05T16:00:00Z; default: now).
    #[arg(long, value_name = "TIME")]
    pub not_before: Option<String>,
    #[command(flatten)]
    pub passphrase: PassphraseArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct PassphraseArgs {
    /// Read the passphrase from this file of mode 0600, or from a pipe such as /dev/fd/3, instead of the terminal.
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
}
