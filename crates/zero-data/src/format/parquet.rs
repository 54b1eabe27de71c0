//! Parquet, column names as in CSV. A floating-point column is read as the shortest decimal that denotes the same value,
//! which is the number that was meant; decimal, integer and text columns are read exactly. Rows are numbered from one.

use super::build::{Builder, Parsed};
use super::cells::{Cells, Slot};
use super::stamp::TimeUnit;
use crate::error::Finding;
use crate::rule::Rule;
use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;

pub(super) fn read(bytes: Vec<u8>, unit: Option<TimeUnit>) -> Result<Parsed, Finding> {
    // The format ends with its magic number: a file without it was cut.
    if bytes.len() < 12 || !bytes.ends_with(b"PAR1") {
        return Err(Finding::whole(Rule::Truncated, "", "the file lacks its footer"));
    }
    let bad = |row: Option<u64>, e: &ParquetError| Finding {
        row,
        ..Finding::whole(Rule::Syntax, "", format!("not readable as Parquet: {e}"))
    };
    let reader = SerializedFileReader::new(Bytes::from(bytes)).map_err(|e| bad(None, &e))?;
    let rows = reader.get_row_iter(None).map_err(|e| bad(None, &e))?;
    let mut b = Builder::new(unit);
    for (i, row) in rows.enumerate() {
        let number = i as u64 + 1;
        let row = row.map_err(|e| bad(Some(number), &e))?;
        let fields: Vec<(&String, String)> = row.get_column_iter().map(|(n, f)| (n, text(f))).collect();
        let mut cells = Cells::default();
        for (name, text) in &fields {
            let slot = Slot::of(name).or_else(|| Slot::of(&name.to_ascii_lowercase()));
            if let Some(slot) = slot
                && !cells.set(slot, name, text)
            {
                return Err(Finding::at(Rule::Syntax, number, name, "two columns mean the same"));
            }
        }
        b.row(number, &cells);
    }
    Ok(b.finish())
}

fn text(field: &Field) -> String {
    match field {
        Field::Double(v) => v.to_string(),
        Field::Float(v) => v.to_string(),
        Field::Str(s) => s.clone(),
        Field::TimestampMillis(v) | Field::TimestampMicros(v) => v.to_string(),
        other => other.to_string(),
    }
}
