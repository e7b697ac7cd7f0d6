//! Reading a segment: whole columns for scans, stretches of rows for timelines
//! and compaction.

use std::fs::File;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_typed_column_reader};
use parquet::data_type::{BoolType, DataType, DoubleType, Int32Type, Int64Type};
use parquet::file::reader::{FileReader, RowGroupReader};
use parquet::file::serialized_reader::SerializedFileReader;
use rustc_hash::FxHashMap;
use siyu_types::value::ValueKind;
use siyu_types::{Error, Result};

use super::chunk::Chunk;
use super::file::SharedFile;
use super::format::{self, DELAY, EVENT, IDS, PERSON, PROPERTIES, RAW, SEQ, SOURCE, TIME};
use super::format::{disk_error, parquet_error};
use super::model::{ColumnState, Folder, SegmentState};
use super::pages::read_texts;
use super::texts::Texts;
use super::values::Values;
use crate::block::BOOL_MISSING;

/// An open segment. The file stays readable after it was deleted.
pub(crate) struct Segment {
    pub state: SegmentState,
    pub path: PathBuf,
    pub sealed: bool,
    reader: SerializedFileReader<SharedFile>,
    /// The segment's event names.
    events: FxHashMap<Box<str>, u16>,
    retired: AtomicBool,
}

impl Segment {
    pub fn open(folder: &Folder, state: SegmentState, names: &[Box<str>]) -> Result<Segment> {
        let path = folder.path(state.file);
        let file = File::open(&path)
            .map_err(|error| Error::internal(format!("segment {}: {error}", path.display())))?;
        let place = folder.place_of(state.file);
        let shared =
            SharedFile::new(file, folder.vault.as_ref(), &place).map_err(|error| disk_error(&error))?;
        let sealed = shared.is_sealed();
        let reader = SerializedFileReader::new(shared).map_err(parquet_error)?;
        let metadata = reader.metadata().file_metadata();
        let version = metadata
            .key_value_metadata()
            .and_then(|pairs| pairs.iter().find(|pair| pair.key == format::VERSION_KEY))
            .and_then(|pair| pair.value.as_deref()?.parse::<u32>().ok());
        if version != Some(format::VERSION) || metadata.num_rows() as u64 != state.rows {
            return Err(Error::internal(format!(
                "segment {} has version {version:?} and {} rows, expected {} and {}",
                path.display(),
                metadata.num_rows(),
                format::VERSION,
                state.rows
            )));
        }
        let named =
            state.events.iter().filter_map(|&code| Some((names.get(usize::from(code))?.clone(), code)));
        let retired = AtomicBool::new(false);
        Ok(Segment { events: named.collect(), state, path, sealed, reader, retired })
    }

    /// Another has taken its place: nothing of it is to be kept in memory any more.
    pub fn retire(&self) {
        self.retired.store(true, Ordering::Release);
    }

    pub fn is_retired(&self) -> bool {
        self.retired.load(Ordering::Acquire)
    }

    pub fn groups(&self) -> usize {
        self.state.groups.len()
    }

    /// The file's column of a property.
    fn index(&self, code: u16) -> Option<usize> {
        Some(PROPERTIES + self.state.columns.iter().position(|&known| known == code)?)
    }

    fn group(&self, group: usize) -> Result<Box<dyn RowGroupReader + '_>> {
        self.reader.get_row_group(group).map_err(parquet_error)
    }

    pub fn persons(&self, group: usize) -> Result<Vec<u32>> {
        let rows = 0..self.state.groups[group].rows as usize;
        let persons = required::<Int32Type>(&*self.group(group)?, PERSON, rows)?;
        Ok(persons.into_iter().map(|person| person as u32).collect())
    }

    pub fn times(&self, group: usize, rows: Range<usize>) -> Result<Vec<i64>> {
        required::<Int64Type>(&*self.group(group)?, TIME, rows)
    }

    pub fn seqs(&self, group: usize, rows: Range<usize>) -> Result<Vec<u64>> {
        let seqs = required::<Int64Type>(&*self.group(group)?, SEQ, rows)?;
        Ok(seqs.into_iter().map(|seq| seq as u64).collect())
    }

    /// Rows counted from the first of the segment, by row group.
    pub fn among_groups(&self, rows: Range<usize>) -> impl Iterator<Item = (usize, Range<usize>)> {
        let mut start = 0;
        self.state.groups.iter().enumerate().filter_map(move |(group, state)| {
            let first = start;
            start += state.rows as usize;
            let (from, to) = (rows.start.max(first), rows.end.min(start));
            (from < to).then(|| (group, from - first..to - first))
        })
    }

    pub fn events(&self, group: usize, rows: Range<usize>) -> Result<Vec<u16>> {
        let names = self.texts(&*self.group(group)?, EVENT, rows, false)?;
        let known = names.words.list().iter().map(|name| self.events.get(name).copied());
        let known: Option<Vec<u16>> = known.collect();
        let known = known.ok_or_else(|| {
            Error::internal(format!("segment {} has an event its state does not", self.path.display()))
        })?;
        Ok(names.codes.iter().map(|&code| known[code as usize]).collect())
    }

    /// The ids of all rows of a group, as text.
    pub fn ids(&self, group: usize) -> Result<Texts> {
        let rows = 0..self.state.groups[group].rows as usize;
        self.texts(&*self.group(group)?, IDS, rows, false)
    }

    /// All columns of some rows of a group.
    pub fn chunk(&self, group: usize, rows: Range<usize>, columns: &[ColumnState]) -> Result<Chunk> {
        let reader = self.group(group)?;
        let persons = required::<Int32Type>(&*reader, PERSON, rows.clone())?;
        let times = self.times(group, rows.clone())?;
        let delays = required::<Int64Type>(&*reader, DELAY, rows.clone())?;
        let received = times.iter().zip(delays).map(|(time, delay)| time.wrapping_add(delay)).collect();
        let mut props = FxHashMap::default();
        for &code in &self.state.columns {
            let kind = columns[usize::from(code)].kind;
            if let Some(values) = self.values(group, code, kind, rows.clone())? {
                props.insert(code, values);
            }
        }
        Ok(Chunk {
            persons: persons.into_iter().map(|person| person as u32).collect(),
            times,
            seqs: self.seqs(group, rows.clone())?,
            events: self.events(group, rows.clone())?,
            received,
            sources: self.texts(&*reader, SOURCE, rows.clone(), false)?,
            ids: self.texts(&*reader, IDS, rows.clone(), false)?,
            raw: self.texts(&*reader, RAW, rows, true)?,
            props,
        })
    }

    /// A property of all rows, or `None` if the segment does not have it.
    pub fn column(&self, code: u16, kind: ValueKind) -> Result<Option<Values>> {
        let Some(index) = self.index(code) else { return Ok(None) };
        let mut all = Values::new(kind);
        for (group, state) in self.state.groups.iter().enumerate() {
            self.append(&*self.group(group)?, index, 0..state.rows as usize, &mut all)?;
        }
        Ok(Some(all))
    }

    fn values(&self, group: usize, code: u16, kind: ValueKind, rows: Range<usize>) -> Result<Option<Values>> {
        let Some(index) = self.index(code) else { return Ok(None) };
        let mut values = Values::new(kind);
        self.append(&*self.group(group)?, index, rows, &mut values)?;
        Ok(Some(values))
    }

    fn append(
        &self,
        reader: &dyn RowGroupReader,
        index: usize,
        rows: Range<usize>,
        to: &mut Values,
    ) -> Result<()> {
        match to {
            Values::Number(numbers) => optional::<DoubleType, _>(reader, index, rows, |number| {
                numbers.push(number.copied().unwrap_or(f64::NAN));
            }),
            Values::Bool(flags) => optional::<BoolType, _>(reader, index, rows, |flag| {
                flags.push(flag.map_or(BOOL_MISSING, |&flag| u8::from(flag)));
            }),
            Values::Text(texts) | Values::List(texts) => {
                let mut pages = reader.get_column_page_reader(index).map_err(parquet_error)?;
                read_texts(&mut *pages, true, rows.start, rows.len(), texts)
            }
        }
    }

    fn texts(
        &self,
        reader: &dyn RowGroupReader,
        index: usize,
        rows: Range<usize>,
        optional: bool,
    ) -> Result<Texts> {
        let mut texts = Texts::default();
        let mut pages = reader.get_column_page_reader(index).map_err(parquet_error)?;
        read_texts(&mut *pages, optional, rows.start, rows.len(), &mut texts)?;
        Ok(texts)
    }
}

fn typed<T: DataType>(
    group: &dyn RowGroupReader,
    index: usize,
    rows: &Range<usize>,
) -> Result<ColumnReaderImpl<T>> {
    let column: ColumnReader = group.get_column_reader(index).map_err(parquet_error)?;
    let mut column = get_typed_column_reader::<T>(column);
    column.skip_records(rows.start).map_err(parquet_error)?;
    Ok(column)
}

fn required<T: DataType>(group: &dyn RowGroupReader, index: usize, rows: Range<usize>) -> Result<Vec<T::T>> {
    let mut column = typed::<T>(group, index, &rows)?;
    let mut values = Vec::with_capacity(rows.len());
    let (read, _, _) = column.read_records(rows.len(), None, None, &mut values).map_err(parquet_error)?;
    if read != rows.len() {
        return Err(Error::internal("a segment's column ends early"));
    }
    Ok(values)
}

fn optional<T: DataType, F: FnMut(Option<&T::T>)>(
    group: &dyn RowGroupReader,
    index: usize,
    rows: Range<usize>,
    mut push: F,
) -> Result<()> {
    let mut column = typed::<T>(group, index, &rows)?;
    let (mut values, mut levels) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    let read = column.read_records(rows.len(), Some(&mut levels), None, &mut values);
    let (read, _, _) = read.map_err(parquet_error)?;
    if read != rows.len() {
        return Err(Error::internal("a segment's column ends early"));
    }
    let mut values = values.iter();
    for level in levels {
        push(if level == 1 { values.next() } else { None });
    }
    Ok(())
}

/// Opens segments, sharing the names.
pub(crate) fn open_all(
    folder: &Folder,
    states: &[SegmentState],
    names: &[Box<str>],
) -> Result<Vec<Arc<Segment>>> {
    states.iter().map(|state| Ok(Arc::new(Segment::open(folder, state.clone(), names)?))).collect()
}
