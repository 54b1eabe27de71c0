//! Resources for agents that are no row of the table.

use crate::row::Resource;

/// Resources that no tool answers, in their order.
pub const RESOURCES: &[Resource] = &[
    Resource {
        uri: "zero://paper/scenario",
        summary: "What the paper run is.",
        media_type: "application/json",
    },
    Resource {
        uri: "zero://docs/strategy-runner",
        summary: "How a strategy document is run.",
        media_type: "text/markdown",
    },
    Resource {
        uri: "zero://docs/strategy-plugin",
        summary: "How a part of the decision stack is added.",
        media_type: "text/markdown",
    },
    Resource {
        uri: "zero://docs/market-data-adapters",
        summary: "How market data comes in.",
        media_type: "text/markdown",
    },
];
