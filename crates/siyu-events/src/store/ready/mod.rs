//! What came since the last checkpoint, put in its places before anybody asks: the columns that
//! scans asked for lately are asked for again when rows have come or people were merged, and what questions
//! keep beside the segments is made beside these rows as well. So a question after many late events finds
//! only what came since the last round.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use siyu_types::Result;

use super::EventStore;
use super::cache::ROW_BYTES;
use super::model::ScanRequest;
use super::plan::Plan;
use super::scan::{Snapshot, Sources, wanted};
use super::source::{Source, value_bytes};
use crate::beside::Recipe;
use crate::block::Block;
use crate::parallel::{Begin, all_done};
use crate::remap::Remap;

/// Rounds for which a column is kept ready after a scan has asked for it.
const ROUNDS: u32 = 600;
/// Most columns kept ready; a scan that asks for more is rare.
const COLUMNS_MAX: usize = 32;

#[derive(Default)]
pub(crate) struct Ready {
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    columns: BTreeMap<String, Asked>,
    /// Counts the scans.
    scans: u64,
    /// Rounds left for the rows themselves.
    rounds: u32,
    /// Rows that had been appended when the last round began.
    rows: u64,
    /// Who consisted of several numbers then.
    plan: Option<Arc<Plan>>,
}

/// A column that scans ask for.
struct Asked {
    /// For which it is still kept ready.
    rounds: u32,
    /// The last scan that asked, by [`Held::scans`].
    last: u64,
}

/// What all partitions of a round are made ready with.
struct Round<'a> {
    sources: Sources,
    plan: &'a Plan,
    snapshot: &'a Snapshot,
    recipes: Vec<Recipe>,
}

impl Ready {
    /// A scan asks for these columns.
    pub fn note(&self, columns: &[&str]) {
        let mut held = self.held.lock();
        held.rounds = ROUNDS;
        held.scans += 1;
        let last = held.scans;
        for column in columns {
            if held.columns.contains_key(*column) || held.columns.len() < COLUMNS_MAX {
                held.columns.insert((*column).to_owned(), Asked { rounds: ROUNDS, last });
            }
        }
    }

    /// Whether nobody has asked for long.
    pub fn is_idle(&self) -> bool {
        self.held.lock().rounds == 0
    }

    /// Begins a round, if anybody asks at all: the columns to put together, what was asked for last first, and
    /// whether rows came.
    fn round(&self, rows: u64) -> Option<(Vec<String>, bool)> {
        let mut held = self.held.lock();
        held.columns.values_mut().for_each(|asked| asked.rounds -= 1);
        held.columns.retain(|_, asked| asked.rounds > 0);
        held.rounds = held.rounds.checked_sub(1)?;
        let mut columns: Vec<(&String, &Asked)> = held.columns.iter().collect();
        columns.sort_by_key(|(_, asked)| std::cmp::Reverse(asked.last));
        Some((columns.into_iter().map(|(name, _)| name.clone()).collect(), held.rows != rows))
    }

    /// The partitions whose people have been merged or taken apart since the last round.
    fn changed(&self, plan: &Arc<Plan>) -> Vec<u32> {
        let held = self.held.lock();
        let before = held.plan.as_ref().filter(|before| before.edition != plan.edition);
        before.map_or_else(Vec::new, |before| plan.changed(before).collect())
    }

    /// A round has ended; one that fails is made again.
    fn done(&self, rows: u64, plan: Arc<Plan>) {
        let mut held = self.held.lock();
        (held.rows, held.plan) = (rows, Some(plan));
    }
}

impl EventStore {
    /// One round, to be called every second or so: puts what was appended since the last one among what stands
    /// before it, and who was merged since together, for the columns of late scans. Says whether there was
    /// anything to do. `with_people` shows the people as they are now to what it is given, and needs to hold
    /// them no longer than that.
    pub fn keep_ready(&self, with_people: impl FnOnce(&mut dyn FnMut(&Remap))) -> Result<bool> {
        let appended = self.appended();
        let Some((columns, came)) = self.ready.round(appended) else { return Ok(false) };
        let affordable = self.affordable(&columns);
        let (columns, fits) = (affordable.as_deref().unwrap_or_default(), affordable.is_some());
        let joined = self.join(columns)?;
        let mut plan = None;
        with_people(&mut |remap| plan = Some(self.plan(remap)));
        let Some(plan) = plan else { return Ok(false) };
        let changed = self.ready.changed(&plan);
        let is_due = fits && (came || !changed.is_empty()) || !joined.is_empty();
        if is_due {
            let remap = Remap::default();
            let request = ScanRequest { columns, events: None, from: None, to: None, remap: &remap };
            let snapshot = self.snapshot(&request)?;
            // Decoded where they are needed: in most partitions nothing has arrived.
            let sources = self.sources(&plan, &snapshot, Begin::WhenLong, |_| false)?;
            let has_rows = |partition: &u32| {
                fits && came && snapshot.recent.contains_key(partition) || joined.contains(partition)
            };
            let mut partitions = snapshot.partitions(&plan);
            // Of all others nothing has changed.
            partitions.retain(|partition| {
                // To read all of it each second for the few who were merged would drive out the rest.
                has_rows(partition)
                    || fits && changed.contains(partition) && self.lends(*partition, &plan, &snapshot)
            });
            let round = Round { sources, plan: &plan, snapshot: &snapshot, recipes: self.recipes(columns) };
            all_done(Begin::AtOnce, &partitions, |partition| {
                self.prepare(*partition, has_rows(partition), &round)
            })?;
            self.count_together();
        }
        self.ready.done(appended, plan);
        Ok(is_due)
    }

    /// The columns of all segments for which there is room in the half of the memory that is never taken for what
    /// is put together: so what a round decodes is still there at the next, and no round reads again what another
    /// has driven out. `None` if there is no room for the rows alone: then questions read what they need.
    fn affordable<'n>(&self, columns: &'n [String]) -> Option<Vec<&'n str>> {
        let inner = self.inner.read();
        let rows: u64 = inner.partitions.values().flatten().map(|segment| segment.state.rows).sum();
        let rows = rows as usize;
        let mut room = (self.options.cache_bytes / 2).checked_sub(rows * ROW_BYTES)?;
        let has_room = |name: &&str| {
            let wanted = wanted(&inner.catalog, &[*name]);
            let left = room.checked_sub(wanted.iter().map(|column| rows * value_bytes(column.kind)).sum());
            room = left.unwrap_or(room);
            left.is_some()
        };
        Some(columns.iter().map(String::as_str).filter(has_room).collect())
    }

    /// Whether what the merged people of a partition are put together from stays in memory.
    fn lends(&self, partition: u32, plan: &Plan, snapshot: &Snapshot) -> bool {
        let away = plan.merged.get(&partition).into_iter().flat_map(|merged| merged.foreign.keys().copied());
        let mut read =
            std::iter::once(partition).chain(away).flat_map(|partition| snapshot.settled_of(partition));
        read.all(|settled| self.cache.lends(settled, &snapshot.wanted))
    }

    /// Puts one partition together, with what questions will want beside it.
    fn prepare(&self, partition: u32, has_rows: bool, round: &Round<'_>) -> Result<()> {
        let own = round.sources.get(&partition).map_or(&[][..], |own| own);
        // Where only people have changed, it is these few whose columns are read.
        let hold = |source: &Source| match has_rows {
            true => source.hold(&self.cache, &round.snapshot.wanted),
            false => Ok(source.clone()),
        };
        let own: Vec<Source> = own.iter().map(hold).collect::<Result<_>>()?;
        let base = if has_rows { self.base(partition, &own, round.snapshot)? } else { None };
        let blocks =
            self.partition_blocks(partition, (base, &own), &round.sources, round.plan, round.snapshot)?;
        // What questions keep beside the segments they will want beside these as well, and beside the
        // smaller segments, which they did not read as they are before anything came late.
        let largest = own.first().and_then(Source::stands);
        let stands = |block: &Arc<Block>| largest.is_some_and(|known| Arc::ptr_eq(known, block));
        for block in blocks.all().filter(|block| !stands(block)) {
            block.prepare(round.recipes.iter());
        }
        Ok(())
    }

    /// What questions keep beside blocks, made of no other columns than these.
    pub(super) fn recipes(&self, columns: &[&str]) -> Vec<Recipe> {
        let mut recipes = self.cache.recipes();
        recipes.retain(|recipe| recipe.column().is_none_or(|name| columns.contains(&name)));
        recipes
    }
}
