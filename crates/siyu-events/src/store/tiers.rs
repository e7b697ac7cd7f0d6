//! Overlays kept from scan to scan, in tiers: what arrived since the last scan concerns few people,
//! and only these are put together anew. A person's events stand, complete, in the last tier that
//! has them, and in the base if none has.

use std::sync::Arc;

use parking_lot::Mutex;
use roaring::RoaringBitmap;
use rustc_hash::{FxHashMap, FxHashSet};
use siyu_types::Result;

use super::overlay::{Origin, Overlay};
use super::plan::Merged;
use super::source::{SourceId, Wanted};
use crate::block::{Block, ScanBlock};
use crate::skip::Skip;

/// Of one partition. Questions about rare events leave files out, and have tiers of their own.
const KEPT_MAX: usize = 3;
/// People who consist of other numbers than before are put together with those of whom this was so before,
/// unless these are so many times as many.
const GROWTH: u64 = if cfg!(test) { 1 } else { 8 };
/// If of so many people of a partition one consists of other numbers, it is rather another time that is asked
/// of.
const FEW: u64 = 8;
/// Every question passes all tiers of a partition.
const TIERS_MAX: usize = if cfg!(test) { 3 } else { 8 };

/// The tiers of every partition.
#[derive(Default)]
pub(crate) struct Overlays {
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    partitions: FxHashMap<u32, Kept>,
    /// Of all partitions. Added up once, since every question asks of each.
    bytes: usize,
    /// How often something was let go because rows have changed: what a scan that began before puts together
    /// is not kept.
    epoch: u64,
    tick: u64,
}

/// The tiers of one partition, the newest last.
#[derive(Default)]
struct Kept {
    tiers: Vec<Tiers>,
    bytes: usize,
}

#[derive(Clone, Default)]
struct Tiers {
    base: Option<SourceId>,
    /// All that they were made of when they were read last; see [`Origin::near`].
    near: Arc<[SourceId]>,
    /// Each knows all sources of those before it, and more.
    overlays: Vec<Overlay>,
    /// Whom to pass over in the base and in each overlay: worked out once, not by every question.
    skips: Option<Arc<[Passed]>>,
    /// When they were last read; no two were at the same time.
    used: u64,
}

/// Whom to pass over in a block.
#[derive(Clone)]
enum Passed {
    Everybody,
    Some(Arc<Skip>),
    Nobody,
}

impl Passed {
    /// Those of these people who stand in a later block.
    fn of(people: &RoaringBitmap, later: &RoaringBitmap) -> Passed {
        if people.is_subset(later) {
            return Passed::Everybody;
        }
        Skip::of(&(later & people)).map_or(Passed::Nobody, |skip| Passed::Some(Arc::new(skip)))
    }

    /// What is left of the block.
    fn left(&self, block: &Arc<Block>) -> Option<ScanBlock> {
        let skip = match self {
            Passed::Everybody => return None,
            Passed::Some(skip) => Some(Arc::clone(skip)),
            Passed::Nobody => None,
        };
        Some(ScanBlock { block: Arc::clone(block), skip })
    }
}

/// The blocks of a partition.
pub(super) struct Blocks {
    /// Everything of a person together.
    pub together: Vec<ScanBlock>,
    /// The same events, each as its source has it.
    pub loose: Vec<Arc<Block>>,
}

impl Blocks {
    pub fn all(&self) -> impl Iterator<Item = &Arc<Block>> {
        self.together.iter().map(|block| &block.block).chain(&self.loose)
    }
}

impl Overlays {
    /// The blocks of a partition with the wanted columns. Only what changed since the last scan is made anew.
    pub fn blocks(
        &self,
        origin: &Origin<'_>,
        wanted: &[Wanted],
        epoch: u64,
        limit: usize,
    ) -> Result<Vec<ScanBlock>> {
        let near = origin.near();
        if let Some(blocks) = self.at_hand(origin, &near, wanted) {
            return Ok(blocks);
        }
        let sources: Vec<SourceId> = origin.sources().map(|source| source.id).collect();
        let mut tiers = self.nearest(origin, &sources);
        tiers.cover(origin, &sources)?;
        for overlay in &mut tiers.overlays {
            overlay.widen(origin, wanted)?;
        }
        let blocks = tiers.blocks(origin);
        tiers.near = near.into();
        self.hold(origin.partition, tiers, &sources, epoch, limit);
        Ok(blocks)
    }

    /// The blocks, where nothing of them has to be made.
    fn at_hand(&self, origin: &Origin<'_>, near: &[SourceId], wanted: &[Wanted]) -> Option<Vec<ScanBlock>> {
        let mut held = self.held.lock();
        held.tick += 1;
        let tick = held.tick;
        let mut kept = held.partitions.get_mut(&origin.partition)?.tiers.iter_mut();
        let tiers = kept.find(|tiers| {
            tiers.skips.is_some()
                && *tiers.near == *near
                && tiers.is_under(origin.merged)
                && tiers.overlays.iter().all(|overlay| overlay.has(wanted))
        })?;
        tiers.used = tick;
        Some(tiers.blocks(origin))
    }

    /// The tiers that know most of these sources, and no others.
    fn nearest(&self, origin: &Origin<'_>, sources: &[SourceId]) -> Tiers {
        let base = origin.own.first().map(|base| base.id);
        let held = self.held.lock();
        let kept = held.partitions.get(&origin.partition).into_iter().flat_map(|kept| &kept.tiers);
        let near = kept.filter(|tiers| tiers.base == base);
        let nearest =
            near.max_by_key(|tiers| (tiers.holding(sources), tiers.is_under(origin.merged), tiers.used));
        let Some(nearest) = nearest else { return Tiers { base, ..Tiers::default() } };
        let holding = nearest.holding(sources);
        let mut nearest = nearest.clone();
        if holding < nearest.overlays.len() {
            // Others may still ask for the whole.
            nearest.overlays.truncate(holding);
            nearest.skips = None;
            nearest.used = 0;
        }
        nearest
    }

    fn hold(&self, partition: u32, mut tiers: Tiers, sources: &[SourceId], epoch: u64, limit: usize) {
        let mut held = self.held.lock();
        if held.epoch != epoch {
            return;
        }
        held.tick += 1;
        let before = std::mem::replace(&mut tiers.used, held.tick);
        held.keep(partition, tiers, before, sources);
        held.evict(limit);
    }

    /// Adds up anew what is held: questions keep more beside it from time to time. Says whether it was more or
    /// less than before.
    pub fn count(&self, limit: usize) -> bool {
        let mut held = self.held.lock();
        let mut bytes = 0;
        for kept in held.partitions.values_mut() {
            kept.bytes = kept.count();
            bytes += kept.bytes;
        }
        let before = std::mem::replace(&mut held.bytes, bytes);
        held.evict(limit);
        held.bytes != before
    }

    /// Whether tiers are held that know all these sources, with the wanted columns.
    pub fn cover(
        &self,
        partition: u32,
        merged: Option<&Arc<Merged>>,
        own: &[SourceId],
        wanted: &[Wanted],
    ) -> bool {
        let held = self.held.lock();
        let mut kept = held.partitions.get(&partition).into_iter().flat_map(|kept| &kept.tiers);
        kept.any(|tiers| {
            let knows = |last: &Overlay| own.iter().all(|id| last.sources.contains(id));
            tiers.is_under(merged)
                && tiers.overlays.last().is_some_and(knows)
                && tiers.overlays.iter().all(|overlay| overlay.has(wanted))
        })
    }

    /// Of a partition whose segments have changed.
    pub fn forget(&self, partition: u32) {
        let mut held = self.held.lock();
        held.epoch += 1;
        held.remove(partition);
    }

    /// Of all partitions: people of one may have had rows in another.
    pub fn clear(&self) {
        let mut held = self.held.lock();
        held.epoch += 1;
        held.partitions.clear();
        held.bytes = 0;
    }

    /// As of now; whoever reads it knows the rows that there are.
    pub fn epoch(&self) -> u64 {
        self.held.lock().epoch
    }

    pub fn bytes(&self) -> usize {
        self.held.lock().bytes
    }
}

impl Held {
    /// In the place of those that were used at `before`, and of those that can never serve again.
    fn keep(&mut self, partition: u32, tiers: Tiers, before: u64, sources: &[SourceId]) {
        let kept = self.partitions.entry(partition).or_default();
        kept.tiers.retain(|known| known.used != before && !known.are_outdated(partition, sources));
        kept.tiers.push(tiers);
        if kept.tiers.len() > KEPT_MAX {
            let oldest = (0..kept.tiers.len()).min_by_key(|place| kept.tiers[*place].used);
            oldest.map(|place| kept.tiers.swap_remove(place));
        }
        let bytes = kept.count();
        self.bytes = self.bytes + bytes - std::mem::replace(&mut kept.bytes, bytes);
    }

    /// What was used longest ago goes, but for one partition.
    fn evict(&mut self, limit: usize) {
        while self.bytes > limit && self.partitions.len() > 1 {
            let newest = |kept: &Kept| kept.tiers.iter().map(|tiers| tiers.used).max();
            let oldest =
                self.partitions.iter().min_by_key(|(_, kept)| newest(kept)).map(|(&partition, _)| partition);
            if let Some(partition) = oldest {
                self.remove(partition);
            }
        }
    }

    fn remove(&mut self, partition: u32) {
        self.bytes -= self.partitions.remove(&partition).map_or(0, |kept| kept.bytes);
    }
}

impl Kept {
    /// What several tiers share counts once.
    fn count(&self) -> usize {
        let overlays = || self.tiers.iter().flat_map(|tiers| &tiers.overlays);
        let own: usize = self.tiers.iter().map(Tiers::own_bytes).sum();
        let (mut met, mut merges) = (FxHashSet::default(), FxHashSet::default());
        let blocks = overlays().filter(|overlay| met.insert(Arc::as_ptr(&overlay.block))).map(Overlay::bytes);
        let merged = overlays().filter_map(|overlay| overlay.merged.as_ref());
        let merged = merged.filter(|merged| merges.insert(Arc::as_ptr(merged))).map(|merged| merged.bytes);
        own + blocks.chain(merged).sum::<usize>()
    }
}

impl Tiers {
    /// Whether they know recent rows of the partition that have been sorted anew with others since. A scan
    /// sees all recent rows of a partition or none.
    fn are_outdated(&self, home: u32, sources: &[SourceId]) -> bool {
        let is_recent =
            |id: &&SourceId| matches!(id, SourceId::Recent { partition, .. } if *partition == home);
        let known = self.overlays.iter().flat_map(|overlay| &*overlay.sources);
        sources.iter().any(|id| is_recent(&id)) && known.filter(is_recent).any(|id| !sources.contains(id))
    }

    /// Without the overlays.
    fn own_bytes(&self) -> usize {
        let passed = |passed: &Passed| match passed {
            Passed::Some(skip) => skip.bytes(),
            Passed::Everybody | Passed::Nobody => 0,
        };
        let skips: usize = self.skips.iter().flat_map(|skips| &**skips).map(passed).sum();
        skips + self.near.len() * size_of::<SourceId>()
    }

    /// Whether nobody consists of other numbers since.
    fn is_under(&self, merged: Option<&Arc<Merged>>) -> bool {
        self.overlays.last().is_some_and(|last| last.is_under(merged))
    }

    /// How many tiers, from the first on, know none but these sources.
    fn holding(&self, sources: &[SourceId]) -> usize {
        let holds = |overlay: &Overlay| overlay.sources.iter().all(|id| sources.contains(id));
        self.overlays.iter().take_while(|overlay| holds(overlay)).count()
    }

    /// Adds a tier for what is not covered.
    fn cover(&mut self, origin: &Origin<'_>, sources: &[SourceId]) -> Result<()> {
        let knows_all = |overlay: &Overlay| overlay.sources.len() == sources.len();
        let last = self.overlays.last();
        let is_covered = last.is_some_and(&knows_all);
        if is_covered && self.is_under(origin.merged) {
            return Ok(());
        }
        let mut affected = origin.affected(last);
        self.skips = None;
        if let Some(last) = self.overlays.last_mut().filter(|_| is_covered) {
            let people = origin.own.first().map_or(0, |base| base.people.len());
            if affected.len() * FEW > people {
                // Others may still ask of the time that this was known of.
                self.used = 0;
            }
            if affected.is_empty() {
                last.merged = origin.merged.cloned();
                return Ok(());
            }
        }
        // A scan of fewer sources may still ask for a tier that does not know all.
        let are_many = self.overlays.len() >= TIERS_MAX;
        while let Some(last) = self.overlays.last() {
            let are_few = last.people.len() < affected.len() * GROWTH;
            if self.overlays.len() < TIERS_MAX && !(are_few && (are_many || knows_all(last))) {
                break;
            }
            affected |= &*last.people;
            self.overlays.pop();
        }
        let overlay = origin.build(affected)?;
        // Only from the end: a scan of fewer sources may be left with the first tiers, and these must be whole.
        while self.overlays.last().is_some_and(|last| last.people.is_subset(&overlay.people)) {
            self.overlays.pop();
        }
        self.overlays.push(overlay);
        Ok(())
    }

    fn blocks(&mut self, origin: &Origin<'_>) -> Vec<ScanBlock> {
        let skips = self.skips.get_or_insert_with(|| skips(&self.overlays, origin));
        let blocks = std::iter::once(origin.base.as_ref())
            .chain(self.overlays.iter().map(|overlay| Some(&overlay.block)));
        let blocks = blocks.zip(&**skips).filter_map(|(block, passed)| passed.left(block?));
        blocks.filter(|block| block.block.rows() > 0).collect()
    }
}

/// Those who stand in a later block, by block: of the base first.
fn skips(overlays: &[Overlay], origin: &Origin<'_>) -> Arc<[Passed]> {
    let mut later = origin.merged.map_or_else(RoaringBitmap::new, |merged| merged.absorbed.clone());
    let mut skips: Vec<_> = Vec::with_capacity(overlays.len() + 1);
    for overlay in overlays.iter().rev() {
        skips.push(Passed::of(&overlay.people, &later));
        later |= &*overlay.people;
    }
    skips.push(origin.own.first().map_or(Passed::Everybody, |base| Passed::of(&base.people, &later)));
    skips.reverse();
    skips.into()
}
