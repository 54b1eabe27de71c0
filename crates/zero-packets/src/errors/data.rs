//! Codes of `zero-data`.

use super::Exit::{Damaged, Data, Internal, Refused, Usage};
use super::{ErrorSpec, e};

/// Sorted.
#[rustfmt::skip]
pub(super) const CODES: &[ErrorSpec] = &[
    e("ZERO-DAT-001", Internal, "file system", "The operating system refused to read or write a data file.", "Check that the path exists and that its permissions and free space allow this."),
    e("ZERO-DAT-002", Data, "unknown format", "A data file is in none of the known formats.", "State the format explicitly, or convert the file to a documented one."),
    e("ZERO-DAT-003", Data, "duplicate series", "Two files hold the same series of the same coin.", "Import one file per coin and kind; one store holds one interval."),
    e("ZERO-DAT-004", Data, "unknown instrument", "A coin is neither in the reference universe nor described.", "Give its size decimals and maximum leverage, or allow inference explicitly."),
    e("ZERO-DAT-005", Usage, "no input", "No data file was named.", "Name at least one file, or a directory that holds data files."),
    e("ZERO-DAT-006", Refused, "destination exists", "The directory to write to exists already.", "Choose another directory, or ask for replacement explicitly."),
    e("ZERO-DAT-007", Data, "not a store", "The directory is not a data store of this version.", "Import the data again."),
    e("ZERO-DAT-008", Damaged, "damaged store", "A stored file disagrees with its manifest or its checksums.", "Import the data again from its sources; nothing is read past damage."),
    e("ZERO-DAT-009", Data, "coin not in store", "The store does not hold the coin that was asked for.", "Resolve the coin through the store's own universe."),
    e("ZERO-DAT-010", Usage, "bad synthetic market", "A parameter of the synthetic market makes no sense.", "Correct the parameter."),
    e("ZERO-DAT-011", Data, "bad data set", "Series in memory break an invariant of a data set.", "Sort and align the series first."),
    e("ZERO-DAT-101", Data, "time order", "Time goes backwards in a data file.", "Sort the file by time, or fetch it again."),
    e("ZERO-DAT-102", Data, "duplicate time", "The same time stands twice in a series.", "Remove the duplicate, or fetch the file again."),
    e("ZERO-DAT-103", Data, "gap", "A step between rows is longer than the interval.", "Fetch the missing range, or allow gaps explicitly; they then stay visible."),
    e("ZERO-DAT-104", Data, "not a number", "A field that must be a number is not one.", "Repair the row at its source; a missing value is never guessed."),
    e("ZERO-DAT-105", Data, "not positive", "A price is zero or negative.", "Fetch the row again from the venue."),
    e("ZERO-DAT-106", Data, "inconsistent bar", "A bar's open or close lies outside its low and high.", "Check the column order, or fetch the row again."),
    e("ZERO-DAT-107", Data, "wrong unit", "Values are in another unit than the format declares.", "Convert: funding is a fraction per hour, times are in the declared unit."),
    e("ZERO-DAT-108", Data, "truncated", "A data file ends in the middle.", "Fetch the file again."),
    e("ZERO-DAT-109", Data, "too large", "A data file is larger than the limit.", "Split the file, or raise the limit on file size."),
    e("ZERO-DAT-110", Data, "interval mismatch", "The bars have another interval than declared.", "State the interval of the file; one store holds one interval."),
    e("ZERO-DAT-111", Data, "misaligned", "A bar's stamp is not a multiple of the interval.", "Bar stamps are open times in UTC; shift close-time or local-time stamps first."),
    e("ZERO-DAT-112", Data, "missing field", "A field that every row must have is not there.", "Check the header or the keys against the documented formats."),
    e("ZERO-DAT-113", Data, "syntax", "The text is not in the grammar of its format.", "State the format explicitly if the detection was wrong; else fetch the file again."),
    e("ZERO-DAT-114", Data, "too precise", "A number has more decimals than its unit holds.", "Prices hold 8 decimals and rates 12; round at the source, on purpose."),
    e("ZERO-DAT-115", Data, "out of range", "A number is outside the representable or plausible range.", "Fetch the row again from the venue."),
    e("ZERO-DAT-116", Data, "empty", "A data file has no rows.", "Fetch a range that has data."),
    e("ZERO-DAT-117", Data, "equity jump", "An equity series moved by more than its own ledger can explain.", "Reconcile the account before using the series."),
    e("ZERO-DAT-118", Data, "negative balance", "An equity series goes below zero.", "Reconcile the account before using the series."),
    e("ZERO-DAT-119", Data, "not market data", "The file holds something else than bars or funding prints.", "Import candles or hourly funding prints."),
    e("ZERO-DAT-120", Data, "from the future", "Rows lie after the moment of the download.", "Check the fetch time and the clock that wrote it."),
    e("ZERO-DAT-121", Data, "count mismatch", "A file's own row count disagrees with its rows.", "Fetch the file again."),
    e("ZERO-DAT-122", Data, "negative volume", "A volume is negative.", "Fetch the row again from the venue."),
    e("ZERO-DAT-123", Data, "no symbol", "No coin is named in the content, the file name or the options.", "Name the coin explicitly."),
];
