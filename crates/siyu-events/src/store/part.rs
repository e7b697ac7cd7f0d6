//! The rows of some events of a segment, put close together: a question about few events then
//! reads few rows, one after the other, and not the whole segment.

use std::cell::OnceCell;
use std::sync::Arc;

use siyu_types::Result;

use super::cache::{Cache, Decode};
use super::read::Segment;
use super::source::{Runs, Source, SourceId, Wanted};
use crate::block::{Block, Column};

pub(crate) struct Part<'a> {
    cache: &'a Cache,
    segment: &'a Segment,
    /// Ascending.
    events: &'a [u16],
    rows: OnceCell<Vec<u32>>,
}

impl<'a> Part<'a> {
    pub fn new(cache: &'a Cache, segment: &'a Segment, events: &'a [u16]) -> Part<'a> {
        Part { cache, segment, events, rows: OnceCell::new() }
    }

    /// The rows of the segment that belong to the part.
    fn rows(&self, whole: &Block) -> &[u32] {
        self.rows.get_or_init(|| {
            let belongs = |(_, event): &(u32, &u16)| self.events.binary_search(event).is_ok();
            (0..).zip(&whole.events).filter(belongs).map(|(row, _)| row).collect()
        })
    }
}

impl Decode for Part<'_> {
    fn source(&self) -> Result<Source> {
        let whole = self.cache.source(self.segment, &[])?.block;
        let rows = self.rows(&whole);
        let mut runs = Runs::default();
        let mut at = 0;
        for &row in rows {
            while whole.starts[at + 1] <= row {
                at += 1;
            }
            runs.push(whole.persons[at]);
        }
        let times = rows.iter().map(|&row| whole.times[row as usize]).collect();
        let events = rows.iter().map(|&row| whole.events[row as usize]).collect();
        let (persons, starts) = runs.finish();
        let block = Block { persons, starts, times, events, columns: Default::default() };
        // Nobody looks for people or the order of arrival in a part.
        Ok(Source {
            id: SourceId::File(self.segment.state.file),
            block: Arc::new(block),
            seqs: Arc::default(),
            people: Arc::default(),
        })
    }

    fn column(&self, wanted: &Wanted) -> Result<Option<Column>> {
        let whole = self.cache.source(self.segment, std::slice::from_ref(wanted))?.block;
        let rows = self.rows(&whole);
        Ok(whole.columns.get(&wanted.name).map(|column| match column {
            Column::Number(numbers) => Column::Number(rows.iter().map(|&row| numbers[row as usize]).collect()),
            Column::Bool(flags) => Column::Bool(rows.iter().map(|&row| flags[row as usize]).collect()),
            Column::Text { codes, dictionary, list } => Column::Text {
                codes: rows.iter().map(|&row| codes[row as usize]).collect(),
                dictionary: Arc::clone(dictionary),
                list: *list,
            },
        }))
    }
}
