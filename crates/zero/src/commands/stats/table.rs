//! A table of numbers from a CSV file. What is not a finite number in a column that is used is an error that names file, row and column.

use crate::failure::{Failure, is_wrong_file};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use zero_core::Hasher;
use zero_packets::stats::StatsInput;
use zero_stats::StatsError;

/// The largest table, in bytes.
const MOST_BYTES: u64 = 256 << 20;

/// A table that was read; its cells are looked at when a column is used.
#[derive(Debug)]
pub(crate) struct Table {
    path: String,
    sha256: String,
    names: Vec<String>,
    /// Line of the file and cells.
    rows: Vec<(u64, csv::StringRecord)>,
}

/// Columns of numbers, and where they came from.
#[derive(Debug)]
pub(crate) struct Columns {
    pub(crate) names: Vec<String>,
    pub(crate) values: Vec<Vec<f64>>,
    pub(crate) input: StatsInput,
}

impl Table {
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let shown = path.display().to_string();
        let failed = |e: std::io::Error| {
            if is_wrong_file(&e) {
                return Failure::io("read", path, &e);
            }
            Failure::new(
                "ZERO-CSV-001",
                format!("cannot read {shown}: {e}"),
                "check the path and its permissions",
            )
        };
        let mut bytes = Vec::new();
        let got = if shown == "-" {
            std::io::stdin().lock().take(MOST_BYTES + 1).read_to_end(&mut bytes)
        } else {
            File::open(path).and_then(|f| f.take(MOST_BYTES + 1).read_to_end(&mut bytes))
        };
        if got.map_err(failed)? as u64 > MOST_BYTES {
            let cause = format!("{shown} is larger than {MOST_BYTES} bytes");
            return Err(Failure::new("ZERO-CSV-005", cause, "split the file or drop columns"));
        }
        Self::parse(shown, &bytes)
    }

    fn parse(path: String, bytes: &[u8]) -> Result<Self, Failure> {
        let mut hasher = Hasher::new();
        hasher.update(bytes);
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).trim(csv::Trim::All).from_reader(bytes);
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|e| {
                Failure::new(
                    "ZERO-CSV-004",
                    format!("{path}: {e}"),
                    "give every row as many cells as the first",
                )
            })?;
            rows.push((record.position().map_or(0, csv::Position::line), record));
        }
        // A first row without any number names the columns.
        let has_header = rows.first().is_some_and(|(_, r)| r.iter().all(|cell| number(cell).is_none()));
        let names: Vec<String> = match rows.first() {
            Some((_, r)) if has_header => r.iter().map(str::to_owned).collect(),
            Some((_, r)) => (1..=r.len()).map(|i| i.to_string()).collect(),
            None => Vec::new(),
        };
        if has_header {
            rows.remove(0);
        }
        if rows.is_empty() {
            let cause = format!("{path} has no rows of numbers");
            return Err(Failure::new("ZERO-CSV-004", cause, "name a table that has some"));
        }
        Ok(Self { path, sha256: hasher.finish().to_string(), names, rows })
    }

    /// The named columns; all when none is named.
    pub(crate) fn columns(&self, wanted: &[String]) -> Result<Columns, Failure> {
        let places: Vec<usize> = match wanted {
            [] => (0..self.names.len()).collect(),
            _ => wanted.iter().map(|w| self.place(w)).collect::<Result<_, _>>()?,
        };
        let names: Vec<String> = places.iter().filter_map(|p| self.names.get(*p)).cloned().collect();
        let values = places.iter().map(|p| self.values(*p)).collect::<Result<_, _>>()?;
        let input = StatsInput {
            path: self.path.clone(),
            sha256: self.sha256.clone(),
            columns: names.clone(),
            rows: self.rows.len() as u64,
        };
        Ok(Columns { names, values, input })
    }

    /// The name of the last column.
    pub(crate) fn last_name(&self) -> String {
        self.names.last().cloned().unwrap_or_default()
    }

    /// Every column that is none of these.
    pub(crate) fn names_without(&self, taken: &[String]) -> Result<Vec<String>, Failure> {
        let taken = taken.iter().map(|t| self.place(t)).collect::<Result<Vec<_>, _>>()?;
        let left = self.names.iter().enumerate().filter(|(i, _)| !taken.contains(i));
        Ok(left.map(|(_, n)| n.clone()).collect())
    }

    /// The names of these columns, and their cells row by row. An empty cell is an abstention; anything else that is no finite
    /// number is an error.
    pub(crate) fn opinions(&self, wanted: &[String]) -> Result<(Vec<String>, Vec<Option<f64>>), Failure> {
        let places = wanted.iter().map(|w| self.place(w)).collect::<Result<Vec<_>, _>>()?;
        let names = places.iter().filter_map(|p| self.names.get(*p)).cloned().collect();
        let mut cells = Vec::with_capacity(places.len() * self.rows.len());
        for row in &self.rows {
            for place in &places {
                let is_empty = row.1.get(*place).unwrap_or("").is_empty();
                cells.push(if is_empty { None } else { Some(self.cell(*place, row)?) });
            }
        }
        Ok((names, cells))
    }

    /// The named column; the only one when none is named.
    pub(crate) fn column(&self, wanted: Option<&str>) -> Result<Columns, Failure> {
        match wanted {
            Some(name) => self.columns(&[name.to_owned()]),
            None if self.names.len() == 1 => self.columns(&[]),
            None => Err(self.which("several columns and none named")),
        }
    }

    /// A header wins over a number.
    fn place(&self, wanted: &str) -> Result<usize, Failure> {
        let by_number =
            || wanted.parse::<usize>().ok().filter(|n| (1..=self.names.len()).contains(n)).map(|n| n - 1);
        let named = || self.names.iter().enumerate().filter(|(_, n)| *n == wanted).map(|(i, _)| i);
        if named().count() > 1 {
            let cause = format!("{} has {} columns named `{wanted}`", self.path, named().count());
            return Err(Failure::new("ZERO-CSV-003", cause, "give each column a name of its own"));
        }
        let by_name = named().next();
        by_name.or_else(by_number).ok_or_else(|| self.which(&format!("no column `{wanted}`")))
    }

    fn which(&self, what: &str) -> Failure {
        let listed: Vec<&str> = self.names.iter().map(String::as_str).take(20).collect();
        let hint = format!("name one of: {}", listed.join(", "));
        Failure::new("ZERO-CSV-003", format!("{} has {what}", self.path), hint)
    }

    fn values(&self, place: usize) -> Result<Vec<f64>, Failure> {
        self.rows.iter().map(|row| self.cell(place, row)).collect()
    }

    fn cell(&self, place: usize, (line, record): &(u64, csv::StringRecord)) -> Result<f64, Failure> {
        let text = record.get(place).unwrap_or("");
        number(text).ok_or_else(|| {
            let column = self.names.get(place).map_or("", String::as_str);
            let shown: String = text.chars().take(40).collect();
            let cause =
                format!("{}, row {line}, column {column}: `{shown}` is not a finite number", self.path);
            let hint = "repair the cell; an empty one is missing, and missing is not 0";
            Failure::new("ZERO-CSV-002", cause, hint)
        })
    }

    /// A refusal of a statistic, with the file's row where it names an observation.
    pub(crate) fn explain(&self, e: StatsError) -> Failure {
        let at = match e {
            StatsError::NotFinite { index }
            | StatsError::NonPositive { index }
            | StatsError::Outside { index, .. } => self.rows.get(index),
            _ => None,
        };
        let place = at.map_or_else(String::new, |(line, _)| format!(" (row {line})"));
        Failure::new(e.code(), format!("{}: {e}{place}", self.path), e.hint())
    }
}

impl Columns {
    /// Row by row.
    pub(crate) fn cells(&self) -> Vec<f64> {
        let rows = self.values.first().map_or(0, Vec::len);
        (0..rows).flat_map(|i| self.values.iter().filter_map(move |c| c.get(i).copied())).collect()
    }

    /// The first column.
    pub(crate) fn first(&self) -> &[f64] {
        self.values.first().map_or(&[], Vec::as_slice)
    }

    /// The second column.
    pub(crate) fn second(&self) -> &[f64] {
        self.values.get(1).map_or(&[], Vec::as_slice)
    }
}

/// `NaN` and `inf` parse as floats and are not numbers here.
fn number(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|x| x.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Table, Failure> {
        Table::parse("t.csv".into(), text.as_bytes())
    }

    #[test]
    fn a_header_is_a_first_row_without_numbers_and_columns_go_by_name_or_number() {
        let t = parse("time,a,b\n2024-01-01,1,2\n2024-01-02,3,4\n").unwrap();
        assert_eq!(t.column(Some("b")).unwrap().values, [[2.0, 4.0]]);
        assert_eq!(t.column(Some("2")).unwrap().values, [[1.0, 3.0]]);
        let t = parse("1,2\n3,4\n").unwrap();
        assert_eq!(t.columns(&[]).unwrap().cells(), [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(t.column(None).unwrap_err().0.code, "ZERO-CSV-003");
        assert_eq!(t.column(Some("3")).unwrap_err().0.code, "ZERO-CSV-003");
    }

    #[test]
    fn a_bad_cell_names_file_row_and_column_and_is_never_taken_for_zero() {
        for bad in ["", "x", "NaN", "inf", "1e999", "1,5"] {
            let t = parse(&format!("a,b\n1,2\n3,\"{bad}\"\n")).unwrap();
            let e = t.column(Some("b")).unwrap_err().0;
            assert_eq!(e.code, "ZERO-CSV-002");
            assert!(e.cause.starts_with("t.csv, row 3, column b: "), "{}", e.cause);
            assert!(t.column(Some("a")).is_ok(), "a column that is not used is not looked at");
        }
    }

    #[test]
    fn ragged_and_empty_tables_are_refused() {
        for bad in ["a,b\n1\n", "", "a,b\n", "1,2\n3,4,5\n"] {
            assert_eq!(parse(bad).unwrap_err().0.code, "ZERO-CSV-004", "{bad:?}");
        }
    }
}
