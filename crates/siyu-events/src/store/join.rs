//! How the segments of a partition are read after they have changed: at first as before, beside what is new;
//! from a round on, which reads them outside of any question, as is best.

use std::sync::Arc;

use siyu_types::Result;

use super::scan::wanted;
use super::settled::{Settled, settle, settle_beside};
use super::{EventStore, Inner};
use crate::parallel::{Begin, all_done};

/// Segments are joined when their rows have grown by one in so many.
const GROWN: u64 = 32;

impl EventStore {
    /// Segments that have become many are read as one from now on, with all that questions will want of it at
    /// hand. Answers the partitions in which there were such.
    pub(super) fn join(&self, columns: &[&str]) -> Result<Vec<u32>> {
        let _joining = self.joining.lock();
        let (due, wanted) = {
            let inner = self.inner.read();
            let best = inner.partitions.iter().filter_map(|(&partition, segments)| {
                let known = inner.settled.get(&partition)?;
                let best = settle(segments, known);
                is_worth_it(known.first()?, best.first()?).then_some((partition, best))
            });
            (best.collect::<Vec<_>>(), wanted(&inner.catalog, columns))
        };
        let recipes = if due.is_empty() { Vec::new() } else { self.recipes(columns) };
        let joined = all_done(Begin::AtOnce, &due, |(partition, best)| {
            let Some(first) = best.first() else { return Ok(None) };
            let read = self.cache.whole(first, &wanted).and_then(|block| {
                block.prepare(recipes.iter());
                first.facts(|| Ok(block))
            });
            if let Err(error) = read {
                // Whoever asks is told; all others are read as before.
                tracing::warn!(partition, %error, "could not join segments");
                return Ok(None);
            }
            self.read_from_now(*partition, best);
            Ok(Some(*partition))
        })?;
        Ok(joined.into_iter().flatten().collect())
    }

    /// Unless one of them is gone since, or another has come that is large.
    fn read_from_now(&self, partition: u32, best: &[Arc<Settled>]) {
        let _writing = self.writing.lock();
        let mut inner = self.inner.write();
        let (segments, read) = inner.of(partition);
        let there = settle(segments, &[best, read].concat());
        if there.first().zip(best.first()).is_some_and(|(there, best)| there.id == best.id) {
            self.settle_as(&mut inner, partition, there);
        } else {
            self.forget_read(best.iter().filter(|best| read.iter().all(|read| read.id != best.id)));
        }
    }

    /// How a partition is read after its segments have changed: while anybody asks, what is in memory stays so,
    /// and a round sees to the rest.
    pub(super) fn settle(&self, inner: &mut Inner, partition: u32) {
        let (segments, known) = inner.of(partition);
        let now = if self.ready.is_idle() { settle(segments, known) } else { settle_beside(segments, known) };
        self.settle_as(inner, partition, now);
    }

    fn settle_as(&self, inner: &mut Inner, partition: u32, now: Vec<Arc<Settled>>) {
        let before = inner.settled.insert(partition, now.clone()).unwrap_or_default();
        let gone: Vec<_> = before.iter().filter(|before| now.iter().all(|now| now.id != before.id)).collect();
        if !gone.is_empty() {
            self.overlays.forget(partition);
        }
        self.forget_read(gone);
    }

    /// Nothing of what is no longer read stays in memory.
    fn forget_read<'s>(&self, gone: impl IntoIterator<Item = &'s Arc<Settled>>) {
        for settled in gone {
            settled.retire();
            self.cache.forget(settled.id);
        }
    }
}

/// Whether to read as is best instead of as is known: it holds a good deal more, or is several segments that
/// were never read.
fn is_worth_it(known: &Settled, best: &Settled) -> bool {
    let grown = known.id != best.id && (best.rows.abs_diff(known.rows)) * GROWN >= known.rows;
    grown || best.segments.len() > 1 && best.known().is_none()
}
