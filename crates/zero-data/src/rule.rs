//! The rules that input must keep, each with its stable code and its advice.

macro_rules! rules {
    ($($(#[$meta:meta])* $variant:ident $code:literal $name:literal $hint:literal;)*) => {
        /// A rule on input data. The code never changes its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule { $($(#[$meta])* $variant),* }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// Name in packets.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// What to do.
            #[must_use]
            pub const fn hint(self) -> &'static str {
                match self { $(Self::$variant => $hint),* }
            }
        }
    };
}

rules! {
    /// Time goes backwards.
    TimeOrder "ZERO-DAT-101" "time_order" "sort the file by time, or fetch it again";
    /// The same time twice.
    DuplicateTime "ZERO-DAT-102" "duplicate_time" "remove the duplicate, or fetch the file again";
    /// A step longer than the interval.
    Gap "ZERO-DAT-103" "gap" "fetch the missing range, or allow gaps explicitly; they then stay visible as gap events";
    /// A field that is not a number.
    NotANumber "ZERO-DAT-104" "not_a_number" "drop or repair the row at its source; a missing value is never replaced by a guess";
    /// A price that is zero or negative.
    NotPositive "ZERO-DAT-105" "not_positive" "fetch the row again from the venue";
    /// `low <= open, close <= high` does not hold.
    Inconsistent "ZERO-DAT-106" "inconsistent_bar" "check the column order (open, high, low, close), or fetch the row again";
    /// Values are in another unit than the format declares.
    WrongUnit "ZERO-DAT-107" "wrong_unit" "convert: funding is a fraction per hour (baseline 0.0000125), times are in the declared unit";
    /// The file ends in the middle.
    Truncated "ZERO-DAT-108" "truncated" "fetch the file again; its end is missing";
    /// The file is larger than the limit.
    TooLarge "ZERO-DAT-109" "too_large" "split the file, or raise the limit on file size";
    /// The bars have another interval than declared.
    IntervalMismatch "ZERO-DAT-110" "interval_mismatch" "state the interval of the file, and import one interval into one store";
    /// A stamp that is not a multiple of the interval.
    Misaligned "ZERO-DAT-111" "misaligned" "bar stamps are OPEN times on multiples of the interval in UTC; shift close-time or local-time stamps first";
    /// A field that the row must have is not there.
    MissingField "ZERO-DAT-112" "missing_field" "check the header or the keys against the documented formats";
    /// The text is not in the grammar of its format.
    Syntax "ZERO-DAT-113" "syntax" "the file is damaged or of another format; state the format explicitly if the detection was wrong";
    /// More decimals than the unit holds.
    TooPrecise "ZERO-DAT-114" "too_precise" "prices hold 8 decimals and rates 12; round at the source, on purpose";
    /// A number outside the representable or plausible range.
    OutOfRange "ZERO-DAT-115" "out_of_range" "fetch the row again from the venue";
    /// No rows.
    Empty "ZERO-DAT-116" "empty" "fetch a range that has data";
    /// An equity series moved by more than its own ledger can explain.
    EquityJump "ZERO-DAT-117" "equity_jump" "reconcile the account: an equity change must equal fills, fees, funding and transfers";
    /// An equity series below zero.
    NegativeBalance "ZERO-DAT-118" "negative_balance" "reconcile the account: a collateral balance below zero is a recording error or a liquidation";
    /// The file holds something else than bars or funding prints.
    NotMarketData "ZERO-DAT-119" "not_market_data" "import candles or hourly funding prints";
    /// Rows that lie after the moment of the download.
    FromTheFuture "ZERO-DAT-120" "from_the_future" "check the fetch time and the clock that wrote it";
    /// The file's own row count disagrees with its rows.
    CountMismatch "ZERO-DAT-121" "count_mismatch" "fetch the file again; rows are missing or were added";
    /// A negative volume.
    NegativeVolume "ZERO-DAT-122" "negative_volume" "fetch the row again from the venue";
    /// No symbol in the content, the file name or the options.
    NoSymbol "ZERO-DAT-123" "no_symbol" "name the coin explicitly";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_rules_share_a_code_or_a_name() {
        for (i, a) in Rule::ALL.iter().enumerate() {
            for b in &Rule::ALL[..i] {
                assert!(a.code() != b.code() && a.name() != b.name(), "{a:?} {b:?}");
            }
        }
    }
}
