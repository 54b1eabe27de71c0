//! The sections and their keys: the one declaration of each.

use crate::key::{Fallback, SectionSpec};
use crate::value::{Kind, Value};
use zero_core::{Rate, TsDiff, Usd};

pub(crate) const BLANK: Fallback = Fallback::Absent;
pub(crate) const MUST: Fallback = Fallback::Required;
pub(crate) const fn or(text: &'static str) -> Fallback {
    Fallback::Value(text)
}
pub(crate) const fn int(min: i64, max: i64) -> Kind {
    Kind::Int { min, max }
}
pub(crate) const fn rate(min: Rate, max: Rate) -> Kind {
    Kind::Rate { min, max }
}
pub(crate) const fn span(min: TsDiff, max: TsDiff) -> Kind {
    Kind::Duration { min, max }
}
pub(crate) const YEAR: TsDiff = TsDiff::secs(86_400 * 365);
const FRACTION: Kind = rate(Rate::ZERO, Rate::whole(1));
const fn size(min: i64, max: i64) -> Kind {
    Kind::Bytes { min, max }
}
const KIB: i64 = 1 << 10;
const MIB: i64 = 1 << 20;
const TIB: i64 = 1 << 40;

/// A typed field from the value in force.
pub(crate) trait FromValue: Sized {
    /// `None` when kind and field type disagree, which the declarations' test rules out.
    fn from_value(v: Option<&Value>) -> Option<Self>;
}

macro_rules! from_value {
    ($($t:ty: $p:pat => $e:expr;)*) => {$(
        impl FromValue for $t {
            fn from_value(v: Option<&Value>) -> Option<Self> {
                match v? { $p => $e, _ => None }
            }
        }
    )*};
}

from_value! {
    bool: Value::Bool(v) => Some(*v);
    Rate: Value::Rate(v) => Some(*v);
    Usd: Value::Usd(v) => Some(*v);
    TsDiff: Value::Duration(v) => Some(*v);
    String: Value::Text(v) => Some(v.clone());
    Vec<String>: Value::List(v) => Some(v.clone());
    i64: Value::Int(v) | Value::Bytes(v) => Some(*v);
    u64: Value::Int(v) | Value::Bytes(v) => u64::try_from(*v).ok();
    u32: Value::Int(v) => u32::try_from(*v).ok();
    u16: Value::Int(v) => u16::try_from(*v).ok();
    u8: Value::Int(v) => u8::try_from(*v).ok();
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(v: Option<&Value>) -> Option<Self> {
        match v {
            None => Some(None),
            some => T::from_value(some).map(Some),
        }
    }
}

/// Declares a choice: an enum, its names, and how it is read.
macro_rules! choice {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$vmeta:meta])* $tag:literal $text:literal $variant:ident),* $(,)? }) => {
        zero_core::canon_tag! { $(#[$meta])* pub enum $name { $($(#[$vmeta])* $tag $text $variant),* } }

        impl $name {
            /// Every name, in the order of declaration.
            pub const NAMES: &'static [&'static str] = &[$($text),*];
        }

        impl $crate::sections::FromValue for $name {
            fn from_value(v: Option<&$crate::value::Value>) -> Option<Self> {
                match v? { $crate::value::Value::Text(t) => Self::from_name(t), _ => None }
            }
        }
    };
}
pub(crate) use choice;

/// Declares a section: the typed struct, its keys in the registry, and how it is built.
macro_rules! section {
    (
        $(#[doc = $sdoc:literal])+
        pub struct $name:ident = $section:literal {
            $($(#[doc = $doc:literal])+ pub $field:ident: $ty:ty = $kind:expr, $fallback:expr, $risk:ident;)*
        }
    ) => {
        $(#[doc = $sdoc])+
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name { $($(#[doc = $doc])+ pub $field: $ty,)* }

        impl $name {
            /// Its declaration.
            pub const SPEC: $crate::key::SectionSpec = $crate::key::SectionSpec {
                name: $section,
                doc: concat!($($sdoc),+),
                keys: &[$($crate::key::KeySpec {
                    path: concat!($section, ".", stringify!($field)),
                    kind: $kind,
                    fallback: $fallback,
                    risk: $crate::key::RiskRule::$risk,
                    doc: concat!($($doc),+),
                    since: "0.1.0",
                }),*],
            };

            /// From the values in force below a concrete table name.
            pub(crate) fn build(table: &str, values: &$crate::effective::Effective) -> Option<Self> {
                Some(Self {
                    $($field: $crate::sections::FromValue::from_value(
                        values.get(&format!("{table}.{}", stringify!($field))),
                    )?,)*
                })
            }
        }
    };
}
pub(crate) use section;

choice! {
    /// How margin is shared. Ordered by what a single loss can reach.
    pub enum MarginMode {
        /// Each book has its own collateral.
        0 "isolated" Isolated,
        /// All positions share the account's collateral.
        1 "cross" Cross,
    }
}

choice! {
    /// Where market events come from.
    pub enum RunSource {
        /// The seeded synthetic market that is built in.
        0 "synthetic" Synthetic,
        /// Recorded data from the store.
        1 "replay" Replay,
        /// The venue's public data, read-only.
        2 "venue" Venue,
    }
}

choice! {
    /// Least important operational line that is kept.
    pub enum LogLevel {
        /// Something failed.
        0 "error" Error,
        /// Something needs attention.
        1 "warn" Warn,
        /// What an operator wants to follow.
        2 "info" Info,
        /// For finding faults.
        3 "debug" Debug,
        /// Everything.
        4 "trace" Trace,
    }
}

section! {
    /// The paper account.
    pub struct AccountConfig = "account" {
        /// Cash at the start, in USD, shared out over the books by weight.
        pub initial_cash: Usd = Kind::Usd { min: Usd::whole(10), max: Usd::whole(1_000_000_000) }, or("10000"), MoreIsRiskier;
        /// Leverage set at the venue for every coin; a coin's own maximum binds below it.
        pub leverage: u8 = int(1, 50), or("3"), MoreIsRiskier;
        /// How margin is shared: a loss reaches its book (isolated) or the account (cross).
        pub margin_mode: MarginMode = Kind::Choice(MarginMode::NAMES), or("cross"), MoreIsRiskier;
    }
}

section! {
    /// Risk limits of the account. Raising one is a risk-increasing act and is recorded as such.
    pub struct LimitsConfig = "limits" {
        /// Fraction of equity at risk between entry and stop.
        pub risk_per_trade: Rate = FRACTION, or("0.005"), MoreIsRiskier;
        /// Gross notional over equity, all coins, open orders at their worst case.
        pub max_gross_leverage: Rate = rate(Rate::ZERO, Rate::whole(50)), or("2"), MoreIsRiskier;
        /// Net notional of one coin over equity.
        pub max_position_share: Rate = rate(Rate::ZERO, Rate::whole(50)), or("0.5"), MoreIsRiskier;
        /// Coins with a position or an entry order.
        pub max_open_positions: u32 = int(0, 512), or("10"), MoreIsRiskier;
        /// Loss over rolling 24 hours, marked to market, over the equity at their start.
        pub daily_loss: Rate = FRACTION, or("0.05"), MoreIsRiskier;
        /// Fall from the deposit-adjusted peak of equity, as a fraction.
        pub max_drawdown: Rate = FRACTION, or("0.2"), MoreIsRiskier;
        /// Risk-increasing orders per rolling hour.
        pub orders_per_hour: u32 = int(0, 100_000), or("60"), MoreIsRiskier;
        /// Fees over rolling 24 hours over equity.
        pub fee_burn_per_day: Rate = FRACTION, or("0.01"), MoreIsRiskier;
        /// Age of the oldest market data that may carry a new risk.
        pub stale_after: TsDiff = span(TsDiff::ms(1), YEAR), or("1h30m"), MoreIsRiskier;
        /// Annualised volatility that one position may contribute, as a fraction.
        pub vol_target_annual: Rate = rate(Rate::ZERO, Rate::whole(10)), or("0.2"), MoreIsRiskier;
        /// Round-trip cost over the distance to the stop.
        pub max_cost_share: Rate = rate(Rate::ZERO, Rate::whole(10)), or("0.25"), MoreIsRiskier;
        /// Wait after an exit before the same book may enter the same coin on the same side.
        pub cooldown: TsDiff = span(TsDiff::ZERO, YEAR), or("1h"), LessIsRiskier;
        /// Annualised volatility of the account, open orders at their worst case, as a fraction.
        pub max_portfolio_vol: Rate = rate(Rate::ZERO, Rate::whole(50)), or("0.4"), MoreIsRiskier;
        /// Notional times beta to BTC over equity; where BTC is not among the coins, beta to the mean of all.
        pub max_beta_exposure: Rate = rate(Rate::ZERO, Rate::whole(50)), or("1.5"), MoreIsRiskier;
        /// Exposure to the first principal component of the coins over equity; one is the average coin held at equity.
        pub max_factor_exposure: Rate = rate(Rate::ZERO, Rate::whole(50)), or("1.5"), MoreIsRiskier;
        /// Share of the account's variance that one coin may contribute; below half of `max_portfolio_vol` a share of the
        /// variance at that half.
        pub max_risk_share: Rate = rate(Rate::ZERO, Rate::whole(50)), or("0.4"), MoreIsRiskier;
        /// 99 % expected shortfall over one hour (one bar, where bars are longer), over equity.
        pub max_shortfall: Rate = FRACTION, or("0.025"), MoreIsRiskier;
        /// Annualised volatility of the account if every correlation were one, against it, as a fraction.
        pub max_correlated_vol: Rate = rate(Rate::ZERO, Rate::whole(50)), or("0.6"), MoreIsRiskier;
        /// Loss of all long positions in the declared crash, over equity.
        pub max_crash_loss: Rate = rate(Rate::ZERO, Rate::whole(50)), or("0.25"), MoreIsRiskier;
        /// The declared crash: fall of BTC. The four defaults are of the order of the hour of 2025-10-10 21:00 UTC.
        pub crash_btc: Rate = FRACTION, or("0.116"), LessIsRiskier;
        /// The declared crash: fall of ETH.
        pub crash_eth: Rate = FRACTION, or("0.159"), LessIsRiskier;
        /// The declared crash: fall of SOL.
        pub crash_sol: Rate = FRACTION, or("0.3"), LessIsRiskier;
        /// The declared crash: fall of every other coin.
        pub crash_other: Rate = FRACTION, or("0.65"), LessIsRiskier;
        /// Refuse entries while the market is turbulent, and while it is not known whether it is.
        pub refuse_turbulent: bool = Kind::Bool, or("true"), LessIsRiskier;
        /// Refuse entries while all coins move as one, and while it is not known whether they do.
        pub refuse_one_bet: bool = Kind::Bool, or("false"), LessIsRiskier;
        /// Refuse entries while liquidity is thin, and while that is not known: it takes a week of order books, so without
        /// them nothing trades.
        pub refuse_illiquid: bool = Kind::Bool, or("false"), LessIsRiskier;
    }
}

section! {
    /// What the venue charges. There is no default: trading without fees has to be said, it is never assumed.
    pub struct FeesConfig = "fees" {
        /// Fee of an order that takes liquidity, over notional; Hyperliquid's base tier is 0.00045.
        pub taker: Rate = rate(Rate::ZERO, Rate::bps(1_000)), MUST, LessIsRiskier;
        /// Fee of an order that makes liquidity, over notional, negative for a rebate; Hyperliquid's base tier is 0.00015.
        pub maker: Rate = rate(Rate::bps(-100), Rate::bps(1_000)), MUST, LessIsRiskier;
    }
}

section! {
    /// How the paper venue fills.
    pub struct PaperConfig = "paper" {
        /// Half of the spread, as a fraction of the price.
        pub half_spread: Rate = rate(Rate::ZERO, Rate::bps(1_000)), or("0.0001"), LessIsRiskier;
        /// Coefficient Y of the square-root impact Y * sigma_day * sqrt(size / daily volume).
        pub impact_coefficient: Rate = rate(Rate::ZERO, Rate::whole(100)), or("1"), LessIsRiskier;
        /// Largest share of a bar's volume that one order may fill.
        pub participation_cap: Rate = FRACTION, or("0.1"), MoreIsRiskier;
        /// Time from sending an order to its arrival at the venue.
        pub latency: TsDiff = span(TsDiff::ZERO, TsDiff::HOUR), or("250ms"), LessIsRiskier;
        /// A measured cost model (`zero execution --model FILE`): decisions and the paper venue take its costs in place of
        /// `paper.half_spread`, impact and the allowance for latency; absent takes none.
        pub cost_model: Option<String> = Kind::Path, BLANK, Unknown;
        /// A measured opinion model (`zero learn lenses --out FILE`): candidates are sized by its lower bound and admitted only
        /// where their expected value's lower bound is above zero; absent takes none.
        pub opinion_model: Option<String> = Kind::Path, BLANK, Unknown;
        /// Lenses as components, at most eight: files of the operator's strategies that end in .wasm, or paths. They speak after
        /// the lenses of the program, in this order.
        pub lens_components: Vec<String> = Kind::List, or(""), Unknown;
    }
}

section! {
    /// Breakers that are not limits.
    pub struct BreakersConfig = "breakers" {
        /// Venue rejections per rolling hour at which new risk stops.
        pub rejects_per_hour: u32 = int(1, 100_000), or("20"), MoreIsRiskier;
        /// Free bytes of the journal's disk budget below which new risk stops.
        pub disk_min: i64 = size(MIB, TIB), or("64MiB"), LessIsRiskier;
        /// Largest difference between the ledger's and the venue's equity, in USD.
        pub reconcile_tolerance: Usd = Kind::Usd { min: Usd::ZERO, max: Usd::whole(1_000) }, or("0"), MoreIsRiskier;
    }
}

section! {
    /// What is expected of the operator.
    pub struct OperatorConfig = "operator" {
        /// Silence after which an armed dead-man stops new risk until it is cleared; absent where none is armed.
        pub dead_man_after: Option<TsDiff> = span(TsDiff::secs(1), YEAR), BLANK, MoreIsRiskier;
        /// Inactivity that warns and stops new risk until the operator returns; absent where it is not watched.
        pub inactive_after: Option<TsDiff> = span(TsDiff::secs(1), YEAR), BLANK, MoreIsRiskier;
    }
}

section! {
    /// The long-lived loop.
    pub struct RuntimeConfig = "runtime" {
        /// Where market events come from.
        pub source: RunSource = Kind::Choice(RunSource::NAMES), or("synthetic"), Unknown;
        /// Market seconds per second in a replay or synthetic run; 0 is as fast as possible.
        pub speed: Rate = rate(Rate::ZERO, Rate::whole(1_000_000)), or("0"), Neutral;
        /// Records between snapshots: what a cold reader has to fold at most.
        pub snapshot_every: u32 = int(1, 1_000_000), or("10000"), Neutral;
        /// The runtime counts as able to trade live: tokens are needed everywhere, and every increase of risk needs the
        /// operator's signed approval. There is no live order in this program: it trades in paper all the same.
        pub live_capable: bool = Kind::Bool, or("false"), MoreIsRiskier;
    }
}

section! {
    /// Market data.
    pub struct DataConfig = "data" {
        /// Store to read and to import into; absent is the operator's own `data` directory.
        pub path: Option<String> = Kind::Path, BLANK, Unknown;
        /// Coins to trade, by venue name; empty is every coin of the source.
        pub coins: Vec<String> = Kind::List, or(""), Unknown;
        /// Length of the bars.
        pub interval: TsDiff = span(TsDiff::secs(1), TsDiff::DAY), or("1h"), Unknown;
        /// Accept gaps in imported data; they stay visible as gaps.
        pub allow_gaps: bool = Kind::Bool, or("false"), MoreIsRiskier;
        /// Seed of the synthetic market.
        pub synth_seed: u64 = int(0, i64::MAX), or("1"), Neutral;
        /// Days of the synthetic market.
        pub synth_days: u32 = int(1, 36_500), or("200"), Neutral;
    }
}

section! {
    /// The venue's public, read-only data.
    pub struct VenueConfig = "venue" {
        /// Address of the REST interface.
        pub rest_url: String = Kind::Text, or("https://api.hyperliquid.xyz"), Unknown;
        /// Address of the WebSocket interface.
        pub ws_url: String = Kind::Text, or("wss://api.hyperliquid.xyz/ws"), Unknown;
        /// Request weight used per minute at most; the venue allows 1200 per address.
        pub rest_weight_per_minute: u32 = int(1, 1_200), or("900"), Neutral;
        /// Time between two order books of a coin, from which the liquidity state follows after a week; 0s takes none.
        pub order_book_every: TsDiff = span(TsDiff::ZERO, TsDiff::HOUR), or("1m"), Neutral;
    }
}

section! {
    /// The journal.
    pub struct JournalConfig = "journal" {
        /// Size at which a new segment begins.
        pub segment_size: u64 = size(64 * KIB, 4 * 1024 * MIB), or("64MiB"), Neutral;
        /// Records that are made durable by one sync at most.
        pub batch_max: u32 = int(1, 65_536), or("64"), Neutral;
        /// Records between signed checkpoints.
        pub checkpoint_every: u32 = int(1, 10_000_000), or("4096"), Neutral;
        /// Age after which closed segments may be dropped; absent keeps all. What is cited or latched is never dropped.
        pub retain: Option<TsDiff> = span(TsDiff::DAY, TsDiff::secs(86_400 * 36_500)), BLANK, Neutral;
        /// Bytes the journal may take; `breakers.disk_min` counts from here.
        pub disk_budget: u64 = size(MIB, 1024 * TIB), or("8GiB"), Neutral;
        /// Second directory for the newest checkpoint, best on another disk; absent is the operator's `reports`.
        pub second_place: Option<String> = Kind::Path, BLANK, Neutral;
    }
}

section! {
    /// Backtest reports.
    pub struct BacktestConfig = "backtest" {
        /// Resamples of the block bootstrap.
        pub bootstrap_samples: u32 = int(100, 1_000_000), or("2000"), Neutral;
        /// Seeds of the random-entry baseline.
        pub random_seeds: u32 = int(1, 100_000), or("1000"), Neutral;
        /// Seed of both.
        pub seed: u64 = int(0, i64::MAX), or("1"), Neutral;
    }
}

section! {
    /// Operational logs. They say what the process did; what it decided is in the journal.
    pub struct LogsConfig = "logs" {
        /// Least important line that is kept.
        pub level: LogLevel = Kind::Choice(LogLevel::NAMES), or("info"), Neutral;
        /// Size at which a log file is rotated.
        pub max_size: u64 = size(16 * KIB, 1024 * MIB), or("8MiB"), Neutral;
        /// Log files kept, the current one included.
        pub max_files: u32 = int(1, 100), or("8"), Neutral;
    }
}

choice! {
    /// Who may read over HTTP. Ordered by who is let in.
    pub enum ReadAuth {
        /// Only who has a token.
        0 "token" Token,
        /// As the runtime is: `token` where it is live-capable, `none` in paper.
        1 "by_mode" ByMode,
        /// Everybody who reaches the loopback address.
        2 "none" None,
    }
}

section! {
    /// The HTTP surface of a running loop. It shows; it takes no orders.
    pub struct HttpConfig = "http" {
        /// Address and port that it listens on; port 0 takes any free one.
        pub listen: String = Kind::Text, or("127.0.0.1:8765"), Neutral;
        /// Listen beyond loopback. Tokens are then needed for every request.
        pub remote: bool = Kind::Bool, or("false"), MoreIsRiskier;
        /// Who may read without a token: with `none` everybody on this machine, which only paper allows; with `by_mode` a
        /// live-capable runtime asks everybody for one.
        pub read_auth: ReadAuth = Kind::Choice(ReadAuth::NAMES), or("by_mode"), MoreIsRiskier;
        /// Names that requests may address it by, beside the loopback names; each with its port where it has one.
        pub hosts: Vec<String> = Kind::List, or(""), MoreIsRiskier;
        /// Requests per second that are answered, in bursts of up to as many.
        pub requests_per_second: u32 = int(1, 1_000_000), or("2000"), Neutral;
        /// How far the public snapshot is behind at least.
        pub public_delay: TsDiff = span(TsDiff::secs(1), TsDiff::DAY), or("15m"), Neutral;
    }
}

choice! {
    /// How much a notice matters. Ordered by how much.
    pub enum Urgency {
        /// Good to know.
        0 "info" Info,
        /// Look at it.
        1 "warning" Warning,
        /// Said again until it is acknowledged.
        2 "critical" Critical,
    }
}

section! {
    /// Notifications of what a person should see. Stops, breakers and protection are always said, whatever is set here.
    pub struct NotifyConfig = "notify" {
        /// Say it on standard error of the running loop.
        pub terminal: bool = Kind::Bool, or("false"), Neutral;
        /// File that gets a line of JSON for every message.
        pub file: Option<String> = Kind::Path, BLANK, Neutral;
        /// Program and its arguments; it gets every message as JSON on standard input. No shell is involved.
        pub command: Vec<String> = Kind::List, or(""), Neutral;
        /// Address that gets every message as a POST.
        pub webhook: Option<String> = Kind::Text, BLANK, Neutral;
        /// File of mode 0600 with the key under which these are signed.
        pub webhook_key: Option<String> = Kind::Path, BLANK, Neutral;
        /// File with the certificates (PEM) of the authorities that may have signed the receiver's; without it, the public ones.
        pub webhook_ca: Option<String> = Kind::Path, BLANK, Neutral;
        /// File of mode 0600 with the address of a bot's `sendMessage`, which holds its secret.
        pub telegram: Option<String> = Kind::Path, BLANK, Neutral;
        /// Chat that the bot writes to.
        pub telegram_chat: Option<String> = Kind::Text, BLANK, Neutral;
        /// UTC hours in which only stops, breakers and protection are said, such as 22:00-07:00.
        pub quiet: Option<String> = Kind::Text, BLANK, Neutral;
        /// Less urgent notices go into digests alone.
        pub least: Urgency = Kind::Choice(Urgency::NAMES), or("warning"), Neutral;
        /// Alerts per hour; further ones go into the digest.
        pub alerts_per_hour: u32 = int(0, 10_000), or("20"), Neutral;
        /// At most one digest in this time.
        pub digest_every: TsDiff = span(TsDiff::secs(1), TsDiff::DAY), or("15m"), Neutral;
        /// A critical alert is said again when it was not acknowledged for this long.
        pub escalate_after: TsDiff = span(TsDiff::secs(1), TsDiff::DAY), or("5m"), Neutral;
        /// How often at most.
        pub escalations_max: u32 = int(0, 1_000), or("12"), Neutral;
    }
}

section! {
    /// Names under which the runtime reports itself. Nothing is sent anywhere.
    pub struct TelemetryConfig = "telemetry" {
        /// Service name in logs and metrics.
        pub service: String = Kind::Text, or("zero"), Neutral;
        /// Instance name in logs and metrics, to tell several installs apart; absent is the operator id.
        pub instance: Option<String> = Kind::Text, BLANK, Neutral;
    }
}

/// Every fixed section, in the order of the reference.
pub(crate) const ALL: &[SectionSpec] = &[
    AccountConfig::SPEC,
    FeesConfig::SPEC,
    LimitsConfig::SPEC,
    PaperConfig::SPEC,
    BreakersConfig::SPEC,
    OperatorConfig::SPEC,
    RuntimeConfig::SPEC,
    DataConfig::SPEC,
    VenueConfig::SPEC,
    JournalConfig::SPEC,
    BacktestConfig::SPEC,
    LogsConfig::SPEC,
    HttpConfig::SPEC,
    NotifyConfig::SPEC,
    TelemetryConfig::SPEC,
];
