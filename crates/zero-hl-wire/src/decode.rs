//! From the venue's JSON to exact values. Unknown is counted and ignored; known but malformed is an error.

pub mod candle;
pub mod frame;
pub mod funding;
pub mod market;
pub mod meta;
pub(crate) mod object;

pub use candle::{CANDLES_MAX, Candle, Interval};
pub use frame::{Frame, frame};
pub use funding::{FUNDING_PAGE, FundingRecord};
pub use market::{AssetCtx, Bbo, BookSnapshot, PublicTrade};
pub use meta::{Asset, Meta};
pub use object::Notes;
