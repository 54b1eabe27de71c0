//! What a paper venue charges and allows. There is no default fee: a run names its fees, zero included.

use zero_core::{Rate, TsDiff, canon_struct, canon_tag};

canon_struct! {
    /// Fees as fractions of notional; negative is a rebate.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct FeeModel {
        /// When taking liquidity.
        pub taker: Rate,
        /// When providing it.
        pub maker: Rate,
    }
}

impl FeeModel {
    /// The venue's base tier: 4.5 bp taker, 1.5 bp maker.
    pub const HYPERLIQUID_BASE: Self =
        Self { taker: Rate::from_raw(450_000_000), maker: Rate::from_raw(150_000_000) };
    /// No fees, said explicitly.
    pub const NONE: Self = Self { taker: Rate::ZERO, maker: Rate::ZERO };
}

canon_tag! {
    /// What stands behind a position.
    pub enum MarginMode {
        /// The whole account.
        0 "cross" Cross,
        /// The cash of the position's own book.
        1 "isolated" Isolated,
    }
}

canon_struct! {
    /// Everything that is configured about the venue; part of the epoch's configuration digest.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct PaperConfig {
        /// Fees.
        pub fees: FeeModel,
        /// Half of the spread, as a fraction of price.
        pub half_spread: Rate,
        /// Coefficient of square-root impact: `impact * daily volatility * sqrt(notional / daily notional)`. Zero for
        /// none.
        pub impact: Rate,
        /// Most of the previous bar's volume that one order may take; `None` for no cap.
        pub participation: Option<Rate>,
        /// From decision to arrival.
        pub latency: TsDiff,
        /// Leverage set for every coin; the instrument's own maximum binds below it.
        pub leverage: u8,
        /// What stands behind a position.
        pub margin: MarginMode,
        /// Most resting orders per account.
        pub open_orders_max: u32,
    }
}

impl PaperConfig {
    /// Shipped settings with these fees.
    #[must_use]
    pub const fn standard(fees: FeeModel) -> Self {
        Self {
            fees,
            half_spread: Rate::bps(1),
            impact: Rate::ONE,
            participation: Some(Rate::bps(1_000)),
            latency: TsDiff::ZERO,
            leverage: 3,
            margin: MarginMode::Cross,
            open_orders_max: 1_000,
        }
    }

    /// Fees only: prices are those of the data, everything fills. For agreement with other engines.
    #[must_use]
    pub const fn frictionless(fees: FeeModel) -> Self {
        Self {
            half_spread: Rate::ZERO,
            impact: Rate::ZERO,
            participation: None,
            leverage: 50,
            ..Self::standard(fees)
        }
    }
}
