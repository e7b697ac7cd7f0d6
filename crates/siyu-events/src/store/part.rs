//! The rows of some events of what is settled in a partition, put close together: a question about few events then
//! reads few rows, one after the other, and not the whole segment.

use std::cell::OnceCell;

use siyu_types::Result;

use super::cache::{Cache, Decode};
use super::settled::Settled;
use super::source::{Runs, Wanted};
use crate::block::{Block, Column, Skeleton};

pub(crate) struct Part<'a> {
    cache: &'a Cache,
    settled: &'a Settled,
    /// Ascending.
    events: &'a [u16],
    rows: OnceCell<Vec<u32>>,
}

impl<'a> Part<'a> {
    pub fn new(cache: &'a Cache, settled: &'a Settled, events: &'a [u16]) -> Part<'a> {
        Part { cache, settled, events, rows: OnceCell::new() }
    }

    /// The rows of the segment that belong to the part.
    fn chosen(&self, whole: &Block) -> &[u32] {
        self.rows.get_or_init(|| {
            let belongs = |(_, event): &(u32, &u16)| self.events.binary_search(event).is_ok();
            (0..).zip(&whole.events).filter(belongs).map(|(row, _)| row).collect()
        })
    }
}

impl Decode for Part<'_> {
    fn rows(&self) -> Result<Block> {
        let whole = self.cache.lend(self.settled)?;
        let rows = self.chosen(&whole);
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
        Ok(Skeleton { persons, starts, times, events, ..Skeleton::default() }.into())
    }

    fn is_retired(&self) -> bool {
        self.settled.is_retired()
    }

    fn column(&self, wanted: &Wanted) -> Result<Option<Column>> {
        let Some(column) = self.cache.lend_column(self.settled, wanted)? else { return Ok(None) };
        let rows = match self.rows.get() {
            Some(rows) => rows,
            None => self.chosen(&*self.cache.lend(self.settled)?),
        };
        Ok(Some(match column {
            Column::Number(numbers) => {
                Column::Number(rows.iter().map(|&row| numbers[row as usize]).collect())
            }
            Column::Bool(flags) => Column::Bool(rows.iter().map(|&row| flags[row as usize]).collect()),
            Column::Text { codes, dictionary, list } => Column::Text {
                codes: rows.iter().map(|&row| codes[row as usize]).collect(),
                dictionary,
                list,
            },
        }))
    }
}

#[cfg(test)]
mod tests {
    use siyu_types::Value;

    use crate::block::{Column, ScanBlock};
    use crate::remap::Remap;
    use crate::store::{EventRow, EventStore, ScanRequest, StoreOptions};

    /// Three rows of each of six people: `open`, `rare` (of the odd ones), `open`.
    fn store(dir: &std::path::Path) -> EventStore {
        let store = EventStore::open(dir, StoreOptions::default(), None).expect("opens");
        let row = |person: u32, at: u32| {
            let name = if at == 1 && person % 2 == 1 { "rare" } else { "open" };
            let props = [("at".to_owned(), Value::Number(f64::from(at)))].into();
            EventRow { props, ..EventRow::bare(person, i64::from(at), u64::from(person * 10 + at), name) }
        };
        let rows = (0..6).flat_map(|person| (0..3).map(move |at| row(person, at)));
        store.append(rows.collect()).expect("appends");
        store.checkpoint().expect("writes");
        store
    }

    fn blocks(store: &EventStore, columns: &[&str], events: &[&str], remap: &Remap) -> Vec<ScanBlock> {
        let request = ScanRequest { columns, events: Some(events), from: None, to: None, remap };
        store.scan(&request).expect("scans").blocks
    }

    #[test]
    fn of_few_events_only_their_rows_are_read() {
        let dir = tempfile::tempdir().expect("temp");
        let store = store(dir.path());
        let remap = Remap::default();
        let rare = blocks(&store, &["at"], &["rare"], &remap);
        let [ScanBlock { block, skip: None }] = &rare[..] else { panic!("{rare:?}") };
        assert_eq!((&block.persons[..], &block.starts[..]), (&[1, 3, 5][..], &[0, 1, 2, 3][..]));
        assert_eq!(block.times, [1, 1, 1]);
        let Some(Column::Number(numbers)) = block.columns.get("at") else { panic!("{block:?}") };
        assert_eq!(**numbers, [1.0, 1.0, 1.0]);
        // A column that was not asked for before comes to the rows that are there.
        let [before] = &blocks(&store, &[], &["rare"], &remap)[..] else { panic!("one block") };
        assert_eq!(before.block.rows(), 3);
        // Most rows are of the other: they are read where they stand.
        assert_eq!(blocks(&store, &[], &["open"], &remap)[0].block.rows(), 18);
        assert_eq!(blocks(&store, &[], &["open", "rare"], &remap)[0].block.rows(), 18);
        assert_eq!(blocks(&store, &[], &["never"], &remap).len(), 0);
    }

    #[test]
    fn merged_people_are_passed_over_in_a_part() {
        let dir = tempfile::tempdir().expect("temp");
        let store = store(dir.path());
        let remap = Remap::of(&[0, 1, 2, 1, 4, 5]);
        let found = blocks(&store, &[], &["rare"], &remap);
        let base = found.iter().find(|block| block.block.rows() == 3).expect("the part");
        let skip = base.skip.as_ref().expect("somebody stands elsewhere");
        assert_eq!(skip.iter().collect::<Vec<_>>(), [1, 3]);
        let rows: usize = found.iter().flat_map(ScanBlock::runs).map(|(_, rows)| rows.len()).sum();
        // All six events of the merged person, and the one of the fifth.
        assert_eq!(rows, 7);
    }
}
