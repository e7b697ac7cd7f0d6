//! `events`: a row per event, with its properties as columns. Decoded blocks are shared
//! with the store and turned into batches as a statement reads them.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, RecordBatchOptions,
    StringViewArray, TimestampMillisecondArray, UInt32Array,
};
use datafusion::arrow::compute::take;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::Result;
use roaring::RoaringBitmap;
use siyu_audience::Project;
use siyu_audience::evaluation::Needs;
use siyu_events::block::{BOOL_MISSING, TEXT_MISSING};
use siyu_events::{Block, Scan, ScanBlock};
use siyu_types::clock::Millis;
use siyu_types::{FieldKind, Value, Viewer};

use super::column::{Column, ColumnKind, Filling, Origin};
use super::rows::BATCH_ROWS;
use super::wanted::Hints;
use super::{Catalog, Held, Kind, Moment, Wanted};

pub(crate) struct Events;

impl Kind for Events {
    fn name(&self) -> &'static str {
        "events"
    }

    fn columns(&self, catalog: &Catalog<'_>) -> Vec<Column> {
        let mut columns = vec![
            Column::person(),
            Column::fixed("time", ColumnKind::Time),
            Column::fixed("event", ColumnKind::Text),
        ];
        for known in catalog.project.events.columns() {
            let field = (FieldKind::Property, known.name.as_str());
            columns.push(Column::learned(catalog.viewer, field, known.kind, &columns, "property_"));
        }
        columns
    }

    fn needs(&self, wanted: &Wanted, columns: &[Column], project: &Project, needs: &mut Needs) {
        let names: Vec<String> = match &wanted.hints.names {
            Some(names) => names.clone(),
            None => project.events.event_names().into_iter().map(|event| event.name).collect(),
        };
        let properties = wanted.columns.iter().filter_map(|at| match &columns[*at].origin {
            Origin::Field(_, name) => Some(name.clone()),
            _ => None,
        });
        needs.events(names, properties);
    }

    fn read(&self, _: &Wanted, columns: &Arc<[Column]>, moment: &Moment<'_>) -> Result<Held> {
        Ok(Held::Events(Arc::new(EventRows {
            scan: moment.context.scan.clone(),
            people: moment.people.universe().clone(),
            until: moment.context.as_of,
            columns: Arc::clone(columns),
            viewer: moment.viewer.clone(),
            zone: moment.zone.into(),
        })))
    }
}

/// The events of one instant. Those of after it are not there yet, as for analyses.
pub(crate) struct EventRows {
    scan: Scan,
    people: RoaringBitmap,
    until: Millis,
    columns: Arc<[Column]>,
    viewer: Viewer,
    zone: Arc<str>,
}

impl EventRows {
    pub fn blocks(&self) -> usize {
        self.scan.blocks.len()
    }

    /// Every `parts`th block from `part` on, with these columns.
    pub fn batches(
        self: &Arc<EventRows>,
        (part, parts): (usize, usize),
        projection: Vec<usize>,
        hints: &Hints,
        schema: SchemaRef,
    ) -> Batches {
        let codes = hints
            .names
            .as_ref()
            .map(|names| names.iter().filter_map(|name| self.scan.event_code(name)).collect::<Vec<u16>>());
        let known = self.until.saturating_add(1);
        Batches {
            rows: Arc::clone(self),
            next: part,
            step: parts.max(1),
            projection,
            codes,
            from: hints.from,
            to: hints.to.min(known),
            schema,
            open: None,
        }
    }
}

/// Batches of some blocks, one after the other.
pub(crate) struct Batches {
    rows: Arc<EventRows>,
    next: usize,
    step: usize,
    projection: Vec<usize>,
    codes: Option<Vec<u16>>,
    from: Millis,
    to: Millis,
    schema: SchemaRef,
    open: Option<OpenBlock>,
}

/// The block that is being read.
struct OpenBlock {
    block: ScanBlock,
    columns: Vec<Prepared>,
    /// The person that comes next, and the row of theirs.
    person: usize,
    row: usize,
}

/// A column of a block, ready for picking rows.
enum Prepared {
    Person,
    Time,
    /// Event names by code, then the same for texts.
    Names(StringViewArray),
    Texts(StringViewArray),
    Lists(Vec<Vec<String>>),
    Number,
    Money,
    Bool,
    Missing,
}

impl Iterator for Batches {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Result<RecordBatch>> {
        loop {
            if self.open.is_none() {
                let block = self.rows.scan.blocks.get(self.next)?.clone();
                self.next += self.step;
                let columns = self.projection.iter().map(|at| self.prepare(&block.block, *at)).collect();
                self.open = Some(OpenBlock { block, columns, person: 0, row: 0 });
            }
            let (persons, rows) = self.pick();
            if rows.is_empty() {
                self.open = None;
                continue;
            }
            return Some(self.batch(&persons, &rows));
        }
    }
}

impl Batches {
    fn prepare(&self, block: &Block, at: usize) -> Prepared {
        let column = &self.rows.columns[at];
        let name = match &column.origin {
            Origin::Field(_, name) => name,
            Origin::Person => return Prepared::Person,
            _ if column.kind == ColumnKind::Time => return Prepared::Time,
            _ => {
                let names = self.rows.scan.event_names.iter().map(|name| Some(&**name));
                return Prepared::Names(names.collect());
            }
        };
        let viewer = &self.rows.viewer;
        match block.columns.get(name) {
            Some(siyu_events::Column::Text { dictionary, list: true, .. }) => {
                let seen = |word: &str| -> Vec<String> {
                    let items: Vec<String> = serde_json::from_str(word).unwrap_or_default();
                    items.iter().map(|item| column.shown(viewer, item)).collect()
                };
                Prepared::Lists(dictionary.iter().map(|word| seen(word)).collect())
            }
            Some(siyu_events::Column::Text { dictionary, .. }) if viewer.sees_all() => {
                Prepared::Texts(dictionary.iter().map(|word| Some(&**word)).collect())
            }
            Some(siyu_events::Column::Text { dictionary, .. }) => {
                Prepared::Texts(dictionary.iter().map(|word| Some(column.shown(viewer, word))).collect())
            }
            Some(siyu_events::Column::Number(_)) if column.kind == ColumnKind::Integer => Prepared::Money,
            Some(siyu_events::Column::Number(_)) => Prepared::Number,
            Some(siyu_events::Column::Bool(_)) => Prepared::Bool,
            None => Prepared::Missing,
        }
    }

    /// The next rows that may matter, and whose they are.
    fn pick(&mut self) -> (Vec<i64>, Vec<u32>) {
        let (mut persons, mut rows) = (Vec::with_capacity(BATCH_ROWS), Vec::with_capacity(BATCH_ROWS));
        let Some(open) = &mut self.open else { return (persons, rows) };
        let block = &*open.block.block;
        let skip = open.block.skip.as_deref();
        while open.person < block.persons.len() && rows.len() < BATCH_ROWS {
            let person = block.persons[open.person];
            let (start, end) = (block.starts[open.person] as usize, block.starts[open.person + 1] as usize);
            let hidden = skip.is_some_and(|skip| skip.contains(person));
            if hidden || !self.rows.people.contains(person) {
                open.person += 1;
                open.row = 0;
                continue;
            }
            let mut row = start.max(open.row);
            while row < end && rows.len() < BATCH_ROWS {
                let time = block.times[row];
                let named = self.codes.as_ref().is_none_or(|codes| codes.contains(&block.events[row]));
                if named && self.from <= time && time < self.to {
                    persons.push(i64::from(person));
                    rows.push(row as u32);
                }
                row += 1;
            }
            open.row = row;
            if row == end {
                open.person += 1;
            }
        }
        (persons, rows)
    }

    fn batch(&self, persons: &[i64], rows: &[u32]) -> Result<RecordBatch> {
        let Some(open) = &self.open else { return Ok(RecordBatch::new_empty(Arc::clone(&self.schema))) };
        let block = &*open.block.block;
        let columns = self.projection.iter().zip(&open.columns);
        let arrays: Vec<ArrayRef> = columns
            .map(|(at, prepared)| self.array(&self.rows.columns[*at], prepared, block, persons, rows))
            .collect::<Result<_>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options)?)
    }

    fn array(
        &self,
        column: &Column,
        prepared: &Prepared,
        block: &Block,
        persons: &[i64],
        rows: &[u32],
    ) -> Result<ArrayRef> {
        use siyu_events::Column as Stored;
        let stored = match &column.origin {
            Origin::Field(_, name) => block.columns.get(name),
            _ => None,
        };
        Ok(match (prepared, stored) {
            (Prepared::Person, _) => Arc::new(Int64Array::from(persons.to_vec())),
            (Prepared::Time, _) => {
                let times: TimestampMillisecondArray =
                    rows.iter().map(|row| Some(block.times[*row as usize])).collect();
                Arc::new(times.with_timezone(Arc::clone(&self.rows.zone)))
            }
            (Prepared::Names(names), _) => {
                let codes = rows.iter().map(|row| Some(u32::from(block.events[*row as usize])));
                picked(names, codes.collect())?
            }
            (Prepared::Texts(texts), Some(Stored::Text { codes, .. })) if column.kind == ColumnKind::Text => {
                picked(texts, rows.iter().map(|row| code(codes, *row)).collect())?
            }
            (Prepared::Money, Some(Stored::Number(numbers))) => {
                let whole = |number: f64| self.seen(column, number).map(|number| number.round() as i64);
                let money = rows.iter().map(|row| whole(numbers[*row as usize]));
                Arc::new(money.collect::<Int64Array>())
            }
            (Prepared::Number, Some(Stored::Number(numbers))) if column.kind == ColumnKind::Number => {
                let seen = rows.iter().map(|row| self.seen(column, numbers[*row as usize]));
                Arc::new(seen.collect::<Float64Array>())
            }
            (Prepared::Bool, Some(Stored::Bool(flags))) if column.kind == ColumnKind::Bool => {
                let flag = |row: &u32| Some(flags[*row as usize]).filter(|flag| *flag != BOOL_MISSING);
                Arc::new(rows.iter().map(|row| flag(row).map(|flag| flag == 1)).collect::<BooleanArray>())
            }
            // Lists, and what a viewer sees as text instead of what it is.
            _ => {
                let mut to = Filling::new(column.kind, &self.rows.zone);
                rows.iter().for_each(|row| self.fill(column, prepared, stored, *row, &mut to));
                to.finish()
            }
        })
    }

    fn seen(&self, column: &Column, number: f64) -> Option<f64> {
        if number.is_nan() { None } else { column.shown_number(&self.rows.viewer, number) }
    }

    fn fill(
        &self,
        column: &Column,
        prepared: &Prepared,
        stored: Option<&siyu_events::Column>,
        row: u32,
        to: &mut Filling,
    ) {
        use siyu_events::Column as Stored;
        let value = match (prepared, stored) {
            (Prepared::Lists(lists), Some(Stored::Text { codes, .. })) => {
                match code(codes, row).and_then(|code| lists.get(code as usize)) {
                    Some(items) => to.list(items.iter().map(String::as_str)),
                    None => to.null(),
                }
                return;
            }
            (Prepared::Texts(texts), Some(Stored::Text { codes, .. })) => {
                match code(codes, row) {
                    Some(code) => to.text(texts.value(code as usize)),
                    None => to.null(),
                }
                return;
            }
            (_, Some(Stored::Number(numbers))) => {
                Some(numbers[row as usize]).filter(|number| !number.is_nan()).map(Value::Number)
            }
            (_, Some(Stored::Bool(flags))) => Some(flags[row as usize])
                .filter(|flag| *flag != BOOL_MISSING)
                .map(|flag| Value::Bool(flag == 1)),
            _ => None,
        };
        to.value(value.and_then(|value| column.seen(&self.rows.viewer, value)));
    }
}

fn code(codes: &[u32], row: u32) -> Option<u32> {
    Some(codes[row as usize]).filter(|code| *code != TEXT_MISSING)
}

/// The texts with these codes, by themselves: a batch that kept the whole dictionary alive
/// would be charged for it.
fn picked(texts: &StringViewArray, codes: UInt32Array) -> Result<ArrayRef> {
    let picked = take(texts, &codes, None)?;
    match picked.as_any().downcast_ref::<StringViewArray>() {
        Some(texts) => Ok(Arc::new(texts.gc())),
        None => Ok(picked),
    }
}
