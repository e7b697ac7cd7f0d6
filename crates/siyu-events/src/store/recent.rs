//! The recent run of one partition: rows in order of arrival, sorted when read.

use std::sync::Arc;

use parking_lot::Mutex;

use super::chunk::Chunk;
use super::source::{Source, SourceId, Wanted, ordered_column};

#[derive(Default)]
pub(crate) struct Recent {
    pub chunk: Chunk,
    /// Changes with every append and never repeats within the partition.
    pub version: u64,
    pub time_min: i64,
    pub time_max: i64,
    view: Mutex<Option<View>>,
}

struct View {
    version: u64,
    order: Arc<[u32]>,
    source: Source,
}

impl Recent {
    pub fn new() -> Recent {
        Recent { time_min: i64::MAX, time_max: i64::MIN, ..Recent::default() }
    }

    /// Other rows in the place of these.
    pub fn replace(&mut self, chunk: Chunk, version: u64) {
        (self.chunk, self.version) = (chunk, version);
        // Its order is of rows that are not there any more.
        *self.view.lock() = None;
    }

    /// Row numbers by person, time, arrival.
    pub fn order(&self) -> Arc<[u32]> {
        let view = self.view.lock();
        match &*view {
            Some(view) if view.version == self.version => Arc::clone(&view.order),
            stale => self.sort(stale.as_ref()),
        }
    }

    /// The earlier order is still sorted, so that only the new rows cost a sort.
    fn sort(&self, stale: Option<&View>) -> Arc<[u32]> {
        let known = stale.map_or(0, |view| view.order.len());
        let mut order = stale.map_or(Vec::new(), |view| view.order.to_vec());
        let mut added: Vec<u32> = (known as u32..self.chunk.rows() as u32).collect();
        added.sort_unstable_by_key(|&row| self.chunk.key(row as usize));
        order.extend(added);
        // A stable sort finds the two sorted runs and merges them.
        order.sort_by_key(|&row| self.chunk.key(row as usize));
        order.into()
    }

    /// The rows as a source with at least the given columns.
    pub fn source(&self, partition: u32, columns: &[Wanted]) -> Source {
        let mut view = self.view.lock();
        if view.as_ref().is_none_or(|view| view.version != self.version) {
            let order = self.sort(view.as_ref());
            let id = SourceId::Recent { partition, version: self.version };
            let source = Source::of_chunk(id, &self.chunk, &order);
            *view = Some(View { version: self.version, order, source });
        }
        let Some(view) = &mut *view else { unreachable!("set above") };
        for column in columns {
            if let Some(values) = self.chunk.props.get(&column.code)
                && !view.source.block.columns.contains_key(&column.name)
            {
                let ordered = ordered_column(values, &view.order);
                Arc::make_mut(&mut view.source.block).columns.insert(column.name.clone(), ordered);
            }
        }
        view.source.clone()
    }
}
