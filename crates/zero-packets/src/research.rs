//! `/research`: reports over the run. None is written yet; the numbers they would rest on are counted.

use crate::canonical::Sealed;
use crate::id::packet_id;
use crate::part::part;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(Research, ResearchId = "zero.research.snapshot.v1");

part! {
    Hunt, HuntId = "zero.research.hunt.v1", "Where to look.";
    Edge, EdgeId = "zero.research.edge.v1", "What an entry was worth.";
    Convergence, ConvergenceId = "zero.research.convergence.v1", "Whether reports agree over time.";
    Thesis, ThesisId = "zero.research.thesis.v1", "What is believed, and what would refute it.";
    Score, ScoreId = "zero.research.score.v1", "Beliefs against outcomes.";
    Meta, MetaId = "zero.research.meta.v1", "What each report was worth.";
    Sharpen, SharpenId = "zero.research.sharpen.v1", "What to change in the reports.";
}

impl Sealed for Research {
    const HASH: &'static str = "report_hash";
    fn hash_mut(&mut self) -> &mut String {
        &mut self.report_hash
    }
}

/// Every report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Research {
    /// Schema id.
    pub schema_version: ResearchId,
    /// `paper-only`.
    pub mode: String,
    /// A report was written.
    pub available: bool,
    /// Why there is none.
    pub reason: Option<String>,
    /// Nothing of it comes from live orders.
    pub paper_only: bool,
    /// It claims live profit.
    pub claims_live_pnl: bool,
    /// Something here changes code.
    pub applies_code_changes: bool,
    /// Each.
    pub reports: Reports,
    /// Counts.
    pub summary: ResearchSummary,
    /// The command that computes `report_hash` again.
    pub rebuild: String,
    /// `sha256:` over the canonical body, see `rebuild`.
    pub report_hash: String,
    /// Event time, RFC 3339.
    pub generated_at: Option<String>,
    /// Journal sequence that this shows.
    pub journal_seq: u64,
}

/// Reports.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reports {
    /// Where to look.
    pub hunt: Hunt,
    /// What an entry was worth.
    pub edge: Edge,
    /// Whether reports agree over time.
    pub convergence: Convergence,
    /// What is believed, and what would refute it.
    pub thesis: Thesis,
    /// Beliefs against outcomes.
    pub score: Score,
    /// What each report was worth.
    pub meta: Meta,
    /// What to change in the reports.
    pub sharpen: Sharpen,
}

/// Counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ResearchSummary {
    /// Reports written.
    pub reports: u64,
    /// Candidates that a report could look at.
    pub sample_size: u64,
    /// Ideas found.
    pub candidate_count: u64,
    /// Proposals made.
    pub proposal_count: u64,
    /// Enough samples; null while no report says how many it needs.
    pub minimum_sample_met: Option<bool>,
}
