//! Writing a segment, row group by row group.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use siyu_types::sealed::MaybeSealed;
use siyu_types::{Error, Result};

use super::chunk::Chunk;
use super::format::{self, disk_error, parquet_error};
use super::model::{ColumnState, Folder, GroupState, SegmentState};
use super::texts::Texts;
use super::values::Values;
use crate::block::{BOOL_MISSING, TEXT_MISSING};

type Out = MaybeSealed<BufWriter<File>>;

pub(crate) struct SegmentWriter {
    path: PathBuf,
    writer: SerializedFileWriter<Out>,
    names: Arc<[Box<str>]>,
    state: SegmentState,
    seen: Vec<bool>,
}

impl SegmentWriter {
    /// Begins a file for rows of one partition that have values in `columns` only.
    pub fn create(
        folder: &Folder,
        file: u64,
        partition: u32,
        names: Arc<[Box<str>]>,
        columns: Vec<u16>,
        all_columns: &[ColumnState],
    ) -> Result<SegmentWriter> {
        let path = folder.path(file);
        let states: Vec<&ColumnState> = columns.iter().map(|&code| &all_columns[usize::from(code)]).collect();
        let handle = File::create(&path).map_err(|error| disk_error(&error))?;
        let properties = Arc::new(format::properties()?);
        let out = MaybeSealed::begin(BufWriter::new(handle), folder.vault.as_ref(), &folder.place_of(file))
            .map_err(|error| disk_error(&error))?;
        let writer =
            SerializedFileWriter::new(out, format::schema(&states)?, properties).map_err(parquet_error)?;
        let state = SegmentState {
            file,
            partition,
            rows: 0,
            bytes: 0,
            time_min: i64::MAX,
            time_max: i64::MIN,
            events: Vec::new(),
            columns,
            groups: Vec::new(),
        };
        let seen = vec![false; names.len()];
        Ok(SegmentWriter { path, writer, names, state, seen })
    }

    /// Writes the given rows of a chunk, which continue the order of the file.
    pub fn group(&mut self, chunk: &Chunk, rows: &[u32]) -> Result<()> {
        let (Some(&first), Some(&last)) = (rows.first(), rows.last()) else { return Ok(()) };
        self.note(chunk, rows, first, last);
        let mut group = self.writer.next_row_group().map_err(parquet_error)?;
        let at = |row: &u32| *row as usize;
        let persons: Vec<i32> = rows.iter().map(|row| chunk.persons[at(row)] as i32).collect();
        let times: Vec<i64> = rows.iter().map(|row| chunk.times[at(row)]).collect();
        let seqs: Vec<i64> = rows.iter().map(|row| chunk.seqs[at(row)] as i64).collect();
        let delay = |row: &u32| chunk.received[at(row)].wrapping_sub(chunk.times[at(row)]);
        let delays: Vec<i64> = rows.iter().map(delay).collect();
        let names: Vec<ByteArray> = self.names.iter().map(|name| bytes_of(name)).collect();
        let events: Vec<ByteArray> =
            rows.iter().map(|row| names[usize::from(chunk.events[at(row)])].clone()).collect();
        put::<Int32Type>(&mut group, &persons, None)?;
        put::<Int64Type>(&mut group, &times, None)?;
        put::<Int64Type>(&mut group, &seqs, None)?;
        put::<ByteArrayType>(&mut group, &events, None)?;
        put_texts(&mut group, Some(&chunk.sources), rows, false)?;
        put::<Int64Type>(&mut group, &delays, None)?;
        put_texts(&mut group, Some(&chunk.ids), rows, false)?;
        put_texts(&mut group, Some(&chunk.raw), rows, true)?;
        for code in &self.state.columns {
            put_values(&mut group, chunk.props.get(code), rows)?;
        }
        group.close().map_err(parquet_error)?;
        Ok(())
    }

    /// Bytes of the row groups that were written.
    pub fn bytes(&self) -> u64 {
        self.writer.bytes_written() as u64
    }

    fn note(&mut self, chunk: &Chunk, rows: &[u32], first: u32, last: u32) {
        for &row in rows {
            let time = chunk.times[row as usize];
            self.state.time_min = self.state.time_min.min(time);
            self.state.time_max = self.state.time_max.max(time);
            self.seen[usize::from(chunk.events[row as usize])] = true;
        }
        self.state.rows += rows.len() as u64;
        self.state.groups.push(GroupState {
            rows: rows.len() as u32,
            person_min: chunk.persons[first as usize],
            person_max: chunk.persons[last as usize],
        });
    }

    /// Syncs the file. The folder is for the caller to sync, once for all files.
    pub fn finish(mut self) -> Result<SegmentState> {
        let out = self.writer.into_inner().map_err(parquet_error)?;
        let mut buffer = out.finish().map_err(|error| disk_error(&error))?;
        buffer.flush().map_err(|error| disk_error(&error))?;
        sync(buffer.get_ref()).map_err(|error| disk_error(&error))?;
        self.state.bytes = std::fs::metadata(&self.path)?.len();
        self.state.events = (0..).zip(&self.seen).filter(|(_, seen)| **seen).map(|(code, _)| code).collect();
        Ok(self.state)
    }
}

fn sync(file: &File) -> io::Result<()> {
    fail::fail_point!("store::sync", |kind| Err(crate::faults::injected(kind)));
    file.sync_all()
}

fn put<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, Out>,
    values: &[T::T],
    levels: Option<&[i16]>,
) -> Result<()> {
    let column = group.next_column().map_err(parquet_error)?;
    let mut column = column.ok_or_else(|| Error::internal("segment schema has fewer columns"))?;
    column.typed::<T>().write_batch(values, levels, None).map_err(parquet_error)?;
    column.close().map_err(parquet_error)
}

fn put_texts(
    group: &mut SerializedRowGroupWriter<'_, Out>,
    texts: Option<&Texts>,
    rows: &[u32],
    optional: bool,
) -> Result<()> {
    let mut shared: Vec<Option<ByteArray>> = Vec::new();
    let (mut values, mut levels) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    let empty = Texts::default();
    let texts = texts.unwrap_or(&empty);
    let words = texts.words.list();
    shared.resize(words.len(), None);
    for &row in rows {
        let code = texts.codes.get(row as usize).copied().unwrap_or(TEXT_MISSING);
        match shared.get_mut(code as usize) {
            Some(word) => {
                values.push(word.get_or_insert_with(|| bytes_of(&words[code as usize])).clone());
                levels.push(1);
            }
            None if optional => levels.push(0),
            None => values.push(ByteArray::from("")),
        }
    }
    put::<ByteArrayType>(group, &values, optional.then_some(&levels[..]))
}

fn put_values(
    group: &mut SerializedRowGroupWriter<'_, Out>,
    values: Option<&Values>,
    rows: &[u32],
) -> Result<()> {
    match values {
        Some(Values::Number(numbers)) => {
            let get = |row: &u32| numbers.get(*row as usize).copied().filter(|number| !number.is_nan());
            let held: Vec<f64> = rows.iter().filter_map(get).collect();
            let levels: Vec<i16> = rows.iter().map(|row| i16::from(get(row).is_some())).collect();
            put::<DoubleType>(group, &held, Some(&levels))
        }
        Some(Values::Bool(flags)) => {
            let get = |row: &u32| flags.get(*row as usize).copied().filter(|&flag| flag != BOOL_MISSING);
            let held: Vec<bool> = rows.iter().filter_map(get).map(|flag| flag == 1).collect();
            let levels: Vec<i16> = rows.iter().map(|row| i16::from(get(row).is_some())).collect();
            put::<BoolType>(group, &held, Some(&levels))
        }
        Some(Values::Text(texts) | Values::List(texts)) => put_texts(group, Some(texts), rows, true),
        None => put_nothing(group, rows.len()),
    }
}

/// A column none of the rows has; its type is only known to the schema.
fn put_nothing(group: &mut SerializedRowGroupWriter<'_, Out>, rows: usize) -> Result<()> {
    use parquet::column::writer::ColumnWriter;
    let levels = vec![0; rows];
    let column = group.next_column().map_err(parquet_error)?;
    let mut column = column.ok_or_else(|| Error::internal("segment schema has fewer columns"))?;
    match column.untyped() {
        ColumnWriter::DoubleColumnWriter(writer) => writer.write_batch(&[], Some(&levels), None),
        ColumnWriter::BoolColumnWriter(writer) => writer.write_batch(&[], Some(&levels), None),
        ColumnWriter::ByteArrayColumnWriter(writer) => writer.write_batch(&[], Some(&levels), None),
        _ => return Err(Error::internal("segment schema has an unknown column type")),
    }
    .map_err(parquet_error)?;
    column.close().map_err(parquet_error)
}

fn bytes_of(text: &str) -> ByteArray {
    ByteArray::from(Bytes::copy_from_slice(text.as_bytes()))
}
