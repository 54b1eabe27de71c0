//! Parquet files, with the feature `parquet`.
#![cfg(feature = "parquet")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use parquet::data_type::{DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zero_core::Px;
use zero_data::{Dataset, ImportOptions, Rule, import};

const T0: i64 = 1_756_929_600_000;
const H: i64 = 3_600_000;

fn write(path: &Path, time: &str, stamps: &[i64], open: &[f64]) {
    let schema = format!(
        "message bars {{ REQUIRED INT64 {time}; REQUIRED DOUBLE open; REQUIRED DOUBLE high; REQUIRED DOUBLE low; REQUIRED DOUBLE close; REQUIRED DOUBLE volume; }}"
    );
    let schema = Arc::new(parse_message_type(&schema).unwrap());
    let properties = WriterProperties::builder().set_compression(parquet::basic::Compression::SNAPPY).build();
    let mut out =
        SerializedFileWriter::new(std::fs::File::create(path).unwrap(), schema, Arc::new(properties))
            .unwrap();
    let mut group = out.next_row_group().unwrap();
    let n = stamps.len();
    let columns: [Vec<f64>; 5] = [open.to_vec(), vec![113.7; n], vec![99.1; n], vec![101.3; n], vec![0.1; n]];
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int64Type>().write_batch(stamps, None, None).unwrap();
    column.close().unwrap();
    for values in &columns {
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<DoubleType>().write_batch(values, None, None).unwrap();
        column.close().unwrap();
    }
    group.close().unwrap();
    out.close().unwrap();
}

fn file(tmp: &tempfile::TempDir) -> PathBuf {
    tmp.path().join("BTC_1h.parquet")
}

#[test]
fn parquet_bars_are_read_exactly_in_any_time_unit() {
    for (name, factor) in [("timestamp", 1), ("timestamp", 1_000), ("ts_ns", 1_000_000)] {
        let tmp = tempfile::tempdir().unwrap();
        let go = || import(&[file(&tmp)], &tmp.path().join("s"), &ImportOptions::default(), &mut |_| {});
        let stamps: Vec<i64> = (0..3).map(|i| (T0 + i * H) * factor).collect();
        write(&file(&tmp), name, &stamps, &[100.1, 100.2, 112_186.3]);
        let e = go().unwrap_err();
        let primary = &e.refusal().unwrap().primary;
        assert_eq!(
            (primary.rule, primary.row),
            (Rule::Inconsistent, Some(3)),
            "the third open is above its high"
        );
        write(&file(&tmp), name, &stamps, &[100.1, 100.2, 112.3]);
        let data = Dataset::from_store(&go().unwrap().store).unwrap();
        let bars = &data.series(zero_core::CoinId(0)).unwrap().bars;
        assert_eq!(bars.len(), 3);
        assert_eq!((bars[0].open, bars[2].open), (Px::parse("100.1").unwrap(), Px::parse("112.3").unwrap()));
    }
}

#[test]
fn a_nan_and_a_cut_file_are_refused() {
    let tmp = tempfile::tempdir().unwrap();
    write(&file(&tmp), "timestamp", &[T0, T0 + H], &[100.0, f64::NAN]);
    let go =
        || import(&[file(&tmp)], &tmp.path().join("s"), &ImportOptions::default(), &mut |_| {}).unwrap_err();
    let e = go();
    let primary = &e.refusal().unwrap().primary;
    assert_eq!((primary.rule, primary.row, primary.field.as_str()), (Rule::NotANumber, Some(2), "open"));
    let bytes = std::fs::read(file(&tmp)).unwrap();
    std::fs::write(file(&tmp), &bytes[..bytes.len() - 7]).unwrap();
    assert_eq!(go().refusal().unwrap().primary.rule, Rule::Truncated);
}
