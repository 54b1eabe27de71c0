//! `zero strategy new|check|explain|list|test`.

use crate::id::packet_id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(StrategyList, StrategyListId = "zero.strategy.list.v1");
packet_id!(StrategyCheck, StrategyCheckId = "zero.strategy.check.v1");
packet_id!(StrategyExplain, StrategyExplainId = "zero.strategy.explain.v1");
packet_id!(StrategyTest, StrategyTestId = "zero.strategy.test.v1");

/// Every document that a book may name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StrategyList {
    /// Schema id.
    pub schema_version: StrategyListId,
    /// By name; files of the operator after the bundled ones.
    pub strategies: Vec<StrategyEntry>,
}

/// A document of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StrategyEntry {
    /// Name.
    pub name: String,
    /// `bundled`, or the path of the operator's file.
    pub place: String,
    /// What it is for; the first mistake of a file that is not valid.
    pub about: String,
    /// Whether it can be run.
    pub valid: bool,
    /// SHA-256 of its meaning, hexadecimal; null where it is not valid.
    pub hash: Option<String>,
}

/// A document was checked, or written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StrategyCheck {
    /// Schema id.
    pub schema_version: StrategyCheckId,
    /// Name.
    pub name: String,
    /// `bundled`, or the path of the file.
    pub place: String,
    /// SHA-256 of its meaning, hexadecimal: equal for documents that mean the same.
    pub hash: String,
}

/// What a document means and costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StrategyExplain {
    /// Schema id.
    pub schema_version: StrategyExplainId,
    /// Name.
    pub name: String,
    /// Version.
    pub version: u16,
    /// What it is for.
    pub about: String,
    /// SHA-256 of its meaning, hexadecimal.
    pub hash: String,
    /// SHA-256 of name, version and meaning: what a run records.
    pub digest: String,
    /// Bars before every input has a value; hours for funding.
    pub lookback_bars: u64,
    /// Hours after which a thesis is over: how far a label looks ahead.
    pub horizon_hours: u32,
    /// Operations and scanned values of one decision, at most.
    pub budget: u64,
    /// Inputs, in their normal text.
    pub features: Vec<String>,
    /// Every field in normal form, defaults filled.
    pub normal_form: Vec<StrategyField>,
    /// Kinds of exits, the one that wins first.
    pub exit_precedence: Vec<String>,
}

/// A field in normal form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StrategyField {
    /// Table and key.
    pub key: String,
    /// Normal text.
    pub text: String,
}

/// A document was put to its fixture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StrategyTest {
    /// Schema id.
    pub schema_version: StrategyTestId,
    /// Name.
    pub name: String,
    /// Whether every case went as expected; false without any case.
    pub passed: bool,
    /// Why nothing was tested; null where there is a case.
    pub missing: Option<String>,
    /// Every case.
    pub cases: Vec<StrategyCase>,
}

/// A case of a fixture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StrategyCase {
    /// What the document must say.
    pub expected: String,
    /// What it said, or why it could not be asked.
    pub said: String,
    /// Whether they are equal.
    pub passed: bool,
}
