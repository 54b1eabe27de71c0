//! `zero data import|describe|synth`.

use crate::id::packet_id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(DataDescribe, DataDescribeId = "zero.data.describe.v1");
packet_id!(DataImport, DataImportId = "zero.data.import.v1");
packet_id!(DataSynth, DataSynthId = "zero.data.synth.v1");

/// What a store or a file holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DataDescribe {
    /// Schema id.
    pub schema_version: DataDescribeId,
    /// Store or file.
    pub path: String,
    /// By coin and kind.
    pub series: Vec<Series>,
    /// SHA-256 over the content, hexadecimal.
    pub digest: String,
}

/// What was imported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DataImport {
    /// Schema id.
    pub schema_version: DataImportId,
    /// Store it went into.
    pub path: String,
    /// Files read.
    pub files: Vec<ImportedFile>,
    /// By coin and kind, as it is now.
    pub series: Vec<Series>,
    /// SHA-256 over the store's content, hexadecimal.
    pub digest: String,
    /// What was decided on the way, one sentence each.
    pub notes: Vec<String>,
}

/// A synthetic market that was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DataSynth {
    /// Schema id.
    pub schema_version: DataSynthId,
    /// Store it went into.
    pub path: String,
    /// Seed.
    pub seed: u64,
    /// Days.
    pub days: u32,
    /// By coin and kind.
    pub series: Vec<Series>,
    /// Declared departures from chance: the planted edge and the crash bar.
    pub planted: Vec<String>,
    /// SHA-256 over the content, hexadecimal.
    pub digest: String,
}

/// A series of one coin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Series {
    /// Coin.
    pub coin: String,
    /// `bars` or `funding`.
    pub kind: String,
    /// Rows.
    pub rows: u64,
    /// Missing rows between the first and the last.
    pub gaps: u64,
    /// Length of a bar in seconds; null for other series.
    pub interval_s: Option<u64>,
    /// First, RFC 3339.
    pub from: Option<String>,
    /// Last, RFC 3339.
    pub to: Option<String>,
    /// Name of the source file; null for a market that was made.
    pub source: Option<String>,
    /// Open time of the still-forming bar that was left out, RFC 3339.
    pub dropped_forming: Option<String>,
    /// Standard deviation of log returns per year of 8,760 hours; null for other series and where there are too few.
    pub annual_vol: Option<f64>,
    /// Share of bars whose four prices lie on the instrument's grid; null for other series.
    pub on_grid: Option<f64>,
    /// Prints within 5.1e-11 of the venue's formula on their premium; null for other series.
    pub formula_agrees: Option<u64>,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImportedFile {
    /// File.
    pub path: String,
    /// Format that was found.
    pub format: String,
    /// Rows read.
    pub rows: u64,
    /// Still-forming rows at the end that were left out.
    pub dropped: u64,
}
