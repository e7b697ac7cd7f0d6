//! Merging a partition's segments into one, streaming row group by row group.

use std::ops::Range;
use std::sync::Arc;

use parking_lot::MutexGuard;
use siyu_types::Result;

use super::EventStore;
use super::chunk::{Chunk, Translations};
use super::model::{ColumnState, CompactReport, SegmentState};
use super::pace::Unhurried;
use super::read::Segment;
use super::write::SegmentWriter;

/// What is changed while segments are merged.
pub(crate) trait Change {
    fn apply(&self, chunk: &mut Chunk) -> Result<()>;

    /// Columns that rows may have after it.
    fn columns(&self) -> Vec<u16>;

    /// So many bytes were written since it was last told.
    fn wrote(&self, _bytes: u64) -> Result<()> {
        Ok(())
    }
}

/// Segments are merged when those smaller than one of them together reach this share of it: until then,
/// writing it anew costs more than reading them beside it.
const SMALL_SHARE: u64 = 4;

/// A place in a segment that is being merged.
struct Cursor {
    segment: Arc<Segment>,
    next_group: usize,
    chunk: Chunk,
    row: usize,
    /// How the chunk's words are numbered in the output.
    known: Translations,
}

impl Cursor {
    fn key(&self) -> (u32, i64, u64) {
        self.chunk.key(self.row)
    }

    /// Moves to the next row group that has rows left; false at the end.
    fn load(&mut self, columns: &[ColumnState], change: Option<&dyn Change>) -> Result<bool> {
        while self.next_group < self.segment.groups() {
            let rows = 0..self.segment.state.groups[self.next_group].rows as usize;
            self.chunk = self.segment.chunk(self.next_group, rows, columns)?;
            if let Some(change) = change {
                change.apply(&mut self.chunk)?;
            }
            self.known = Translations::default();
            self.next_group += 1;
            self.row = 0;
            if self.chunk.rows() > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl EventStore {
    /// Merges segments of partitions that have too many, of like size. The store uses the
    /// result at once; on disk it counts from the next checkpoint the caller
    /// commits, and the replaced files go with [`EventStore::retire`]. May run on
    /// another thread than append and checkpoint. Writes no more bytes a second than the options say, unless
    /// something else waits for it.
    pub fn compact(&self) -> Result<CompactReport> {
        let _compacting = self.compacting.lock();
        let mut report = CompactReport::default();
        let unhurried = Unhurried::new(&self.pace, self.options.compaction_bytes_per_second);
        let due: Vec<(u32, Vec<Arc<Segment>>)> = {
            let inner = self.inner.read();
            let due = inner.partitions.iter().map(|(&partition, segments)| (partition, self.due(segments)));
            due.filter(|(_, due)| !due.is_empty()).collect()
        };
        for (partition, segments) in due {
            if self.pace.is_halted() {
                break;
            }
            let merged = self.merge(partition, &segments, Some(&unhurried));
            if merged.is_err() && self.pace.is_halted() {
                break;
            }
            let state = merged?;
            report.partitions += 1;
            report.segments_before += segments.len();
            report.segments_after += 1;
            report.rows += state.rows;
            report.bytes += state.bytes;
            self.replace(&segments, state)?;
        }
        Ok(report)
    }

    /// Ends a compaction under way at its next row group, and lets none begin: for a store that is about to be
    /// closed. What it was at is merged after the next opening.
    pub fn halt_compaction(&self) {
        self.pace.halt();
    }

    /// Nobody else writes segments anew while it is held; a compaction under way is waited for, and hurries.
    pub(crate) fn alone(&self) -> MutexGuard<'_, ()> {
        self.pace.hurried(|| self.compacting.lock())
    }

    /// The segments to be merged.
    fn due(&self, segments: &[Arc<Segment>]) -> Vec<Arc<Segment>> {
        let mut sorted = segments.to_vec();
        sorted.sort_by_key(|segment| std::cmp::Reverse(segment.state.rows));
        let rows: Vec<u64> = sorted.iter().map(|segment| segment.state.rows).collect();
        first_due(&rows, self.options.segments_max).map_or(Vec::new(), |first| sorted.split_off(first))
    }

    /// Writes the segments as one, changed on the way; what it wrote is gone when it fails.
    pub(crate) fn merge(
        &self,
        partition: u32,
        segments: &[Arc<Segment>],
        change: Option<&dyn Change>,
    ) -> Result<SegmentState> {
        let file = self.file();
        self.write_merged(file, partition, segments, change).inspect_err(|_| {
            // A full disk needs the room; what cannot be removed now goes at the next opening.
            let _ = std::fs::remove_file(self.folder.path(file));
        })
    }

    fn write_merged(
        &self,
        file: u64,
        partition: u32,
        segments: &[Arc<Segment>],
        change: Option<&dyn Change>,
    ) -> Result<SegmentState> {
        let (names, columns) = {
            let inner = self.inner.read();
            (Arc::clone(inner.catalog.names()), inner.catalog.columns().to_vec())
        };
        let mut present: Vec<u16> =
            segments.iter().flat_map(|segment| segment.state.columns.iter().copied()).collect();
        present.extend(change.into_iter().flat_map(Change::columns));
        present.sort_unstable();
        present.dedup();
        let mut writer = SegmentWriter::create(&self.folder, file, partition, names, present, &columns)?;
        let mut cursors = Vec::new();
        for segment in segments {
            let mut cursor = Cursor {
                segment: Arc::clone(segment),
                next_group: 0,
                chunk: Chunk::default(),
                row: 0,
                known: Translations::default(),
            };
            if cursor.load(&columns, change)? {
                cursors.push(cursor);
            }
        }
        let (mut out, mut told) = (Chunk::default(), 0);
        while !cursors.is_empty() {
            let (index, rows) = next_run(&cursors, self.options.group_rows - out.rows());
            let cursor = &mut cursors[index];
            out.extend(&cursor.chunk, rows.clone(), &mut cursor.known);
            cursor.row = rows.end;
            if cursor.row == cursor.chunk.rows() && !cursor.load(&columns, change)? {
                cursors.remove(index);
            }
            if out.rows() == self.options.group_rows {
                write_all(&mut writer, &out)?;
                if let Some(change) = change {
                    change.wrote(writer.bytes() - told)?;
                    told = writer.bytes();
                }
                out = Chunk::default();
                for cursor in &mut cursors {
                    cursor.known = Translations::default();
                }
            }
        }
        write_all(&mut writer, &out)?;
        let state = writer.finish()?;
        if let Some(change) = change {
            change.wrote(state.bytes.saturating_sub(told))?;
        }
        self.sync_dir()?;
        Ok(state)
    }

    pub(crate) fn replace(&self, old: &[Arc<Segment>], state: SegmentState) -> Result<()> {
        let _writing = self.writing.lock();
        let mut inner = self.inner.write();
        let partition = state.partition;
        let merged = Arc::new(Segment::open(&self.folder, state, inner.catalog.names())?);
        let segments = inner.partitions.entry(partition).or_default();
        segments.retain(|segment| old.iter().all(|old| old.state.file != segment.state.file));
        segments.insert(0, merged);
        self.settle(&mut inner, partition);
        drop(inner);
        self.outdate(old);
        Ok(())
    }

    /// Files that go when no committed state names them any more.
    pub(crate) fn outdate(&self, old: &[Arc<Segment>]) {
        let mut obsolete = self.obsolete.lock();
        for segment in old {
            segment.retire();
            self.cache.forget(segment.state.file);
            obsolete.push((segment.state.file, segment.path.clone()));
        }
    }
}

/// The first of the segments to be merged, given their rows, the most first: all when the smaller ones together
/// have grown to a share of the largest; and when there are too many, the smaller ones only, from the
/// first on that has such a share behind it. So a large one is not written anew for every few small ones.
fn first_due(rows: &[u64], most: usize) -> Option<usize> {
    let merged = rows.len().checked_sub(1)?;
    let outgrown = |&first: &usize| rows[first + 1..].iter().sum::<u64>() * SMALL_SHARE >= rows[first];
    let first = (0..merged).find(outgrown);
    if rows.len() <= most {
        return first.filter(|&first| first == 0);
    }
    // Where each is far larger than all after it, the last two.
    first.or(merged.checked_sub(1))
}

/// The cursor with the smallest row, and its rows (at most `limit`) that come
/// before every other cursor's.
fn next_run(cursors: &[Cursor], limit: usize) -> (usize, Range<usize>) {
    let mut first = 0;
    let mut bound = None;
    for (index, cursor) in cursors.iter().enumerate().skip(1) {
        let key = cursor.key();
        let smallest = cursors[first].key();
        if key < smallest {
            first = index;
            bound = Some(smallest);
        } else {
            bound = Some(bound.map_or(key, |bound: (u32, i64, u64)| bound.min(key)));
        }
    }
    let cursor = &cursors[first];
    let most = cursor.chunk.rows().min(cursor.row + limit);
    let mut end = cursor.row + 1;
    while end < most && bound.is_none_or(|bound| cursor.chunk.key(end) < bound) {
        end += 1;
    }
    (first, cursor.row..end)
}

fn write_all(writer: &mut SegmentWriter, chunk: &Chunk) -> Result<()> {
    let rows: Vec<u32> = (0..chunk.rows() as u32).collect();
    writer.group(chunk, &rows)
}

#[cfg(test)]
mod tests {
    use super::first_due;

    #[test]
    fn large_segments_wait_until_the_small_ones_are_worth_it() {
        // Rows, how many may stay, the first to be merged.
        let cases: [(&[u64], usize, Option<usize>); 12] = [
            (&[], 4, None),
            (&[9], 4, None),
            (&[9], 0, None),
            (&[100, 25], 4, Some(0)),
            (&[100, 24], 4, None),
            (&[100, 10, 10, 5], 4, Some(0)),
            (&[100, 10, 10, 4], 4, None),
            (&[1000, 10, 10, 4], 3, Some(1)),
            (&[1000, 100, 10, 10, 4], 4, Some(2)),
            (&[1000, 100, 10, 10, 5], 4, Some(1)),
            (&[100_000, 1_000, 100, 10, 1], 4, Some(3)),
            (&[4, 4, 4, 4, 4], 4, Some(0)),
        ];
        for (rows, most, first) in cases {
            assert_eq!(first_due(rows, most), first, "{rows:?}, at most {most}");
        }
    }

    #[test]
    fn rows_are_written_a_few_times_each_however_many_checkpoints() {
        let (mut segments, mut written) = (Vec::<u64>::new(), 0);
        for _ in 0..2_000 {
            segments.push(10);
            segments.sort_unstable_by_key(|rows| std::cmp::Reverse(*rows));
            if let Some(first) = first_due(&segments, 4) {
                let merged = segments.split_off(first).iter().sum();
                written += merged;
                segments.push(merged);
            }
        }
        assert_eq!(segments.iter().sum::<u64>(), 20_000);
        assert!(written < 20_000 * 12, "{written} rows written for 20,000");
    }
}
