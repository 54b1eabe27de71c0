//! The parts of the decision stack. Only strategies originate candidates; lenses score them, layers permit them,
//! modifiers only shrink them. Each is one small trait, and adding one is one file, one registry row and one fixture.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod abstention;
pub mod candidate;
pub mod feature;
pub mod forecast;
pub mod hosted;
pub mod lang;
pub mod layer;
pub mod layers;
pub mod lens;
pub mod lenses;
pub mod modifier;
pub mod modifiers;
pub mod opinion_model;
pub mod precedence;
pub mod registry;
pub mod strategies;
pub mod strategy;
pub mod view;

pub use abstention::{Abstention, Unanswered};
pub use candidate::{CandidateCtx, Costs, Limits, Portfolio, PortfolioRisk};
pub use feature::{FeatureBank, FeaturePlan, FeatureSpec, Slot};
pub use forecast::{Forecast, Opinions};
pub use hosted::{Host, HostLens, Hosted, HostedLens};
pub use layer::{Judgement, Layer};
pub use lens::{Lens, LensOut};
pub use modifier::{Modifier, Shrink};
pub use opinion_model::OpinionModel;
pub use strategy::{
    Condition, Entry, ExitWhy, Holding, Input, Proposal, Reach, Sizing, Strategy, StrategySpec, Turning,
    Unexplained,
};
pub use view::CoinView;
