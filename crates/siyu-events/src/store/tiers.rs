//! Overlays kept from scan to scan, in tiers: what arrived since the last scan concerns few people,
//! and only these are put together anew. A person's events stand, complete, in the last tier that
//! has them, and in the base if none has.

use std::sync::Arc;

use parking_lot::Mutex;
use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;

use super::overlay::{Origin, Overlay};
use super::source::{SourceId, Wanted};
use crate::block::ScanBlock;

/// Of one partition. Questions about rare events leave files out, and have tiers of their own.
const KEPT_MAX: usize = 3;

/// The tiers of every partition.
#[derive(Default)]
pub(crate) struct Overlays {
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    tiers: FxHashMap<u32, Vec<Tiers>>,
    tick: u64,
}

#[derive(Clone, Default)]
struct Tiers {
    base: Option<SourceId>,
    /// Which merges they were made under.
    merges: Option<u64>,
    /// Each knows all sources of those before it, and more.
    overlays: Vec<Overlay>,
    /// When they were last read; no two were at the same time.
    used: u64,
}

impl Overlays {
    /// The blocks of a partition, with the wanted columns. Only what changed since the last scan
    /// is made anew.
    pub fn blocks(&self, origin: &Origin<'_>, wanted: &[Wanted], limit: usize) -> Vec<ScanBlock> {
        let sources: Vec<SourceId> = origin.sources().map(|source| source.id).collect();
        let mut tiers = self.nearest(origin, &sources);
        tiers.cover(origin, &sources);
        tiers.overlays.iter_mut().for_each(|overlay| overlay.widen(origin, wanted));
        let blocks = tiers.blocks(origin);
        self.hold(origin.partition, tiers, limit);
        blocks
    }

    /// The tiers that know most of these sources, and no others.
    fn nearest(&self, origin: &Origin<'_>, sources: &[SourceId]) -> Tiers {
        let (base, merges) =
            (origin.own.first().map(|base| base.id), origin.merged.map(|merged| merged.fingerprint));
        let held = self.held.lock();
        let kept = held.tiers.get(&origin.partition).into_iter().flatten();
        let near = kept.filter(|tiers| (tiers.base, tiers.merges) == (base, merges));
        let nearest = near.max_by_key(|tiers| (tiers.holding(sources), tiers.used));
        let Some(nearest) = nearest else { return Tiers { base, merges, ..Tiers::default() } };
        let holding = nearest.holding(sources);
        let mut nearest = nearest.clone();
        if holding < nearest.overlays.len() {
            // Others may still ask for the whole.
            nearest.overlays.truncate(holding);
            nearest.used = 0;
        }
        nearest
    }

    fn hold(&self, partition: u32, mut tiers: Tiers, limit: usize) {
        let mut held = self.held.lock();
        held.tick += 1;
        let before = std::mem::replace(&mut tiers.used, held.tick);
        let kept = held.tiers.entry(partition).or_default();
        kept.retain(|known| known.used != before);
        kept.push(tiers);
        if kept.len() > KEPT_MAX {
            // The newest is the last.
            kept.remove(0);
        }
        while held.bytes() > limit && held.tiers.len() > 1 {
            let newest = |kept: &[Tiers]| kept.last().map_or(0, |tiers| tiers.used);
            let oldest =
                held.tiers.iter().min_by_key(|(_, kept)| newest(kept)).map(|(&partition, _)| partition);
            if let Some(partition) = oldest {
                held.tiers.remove(&partition);
            }
        }
    }

    /// Of a partition whose people all stand in one place.
    pub fn forget(&self, partition: u32) {
        self.held.lock().tiers.remove(&partition);
    }

    pub fn bytes(&self) -> usize {
        self.held.lock().bytes()
    }
}

impl Held {
    /// What two share counts twice.
    fn bytes(&self) -> usize {
        self.tiers.values().flatten().flat_map(|tiers| &tiers.overlays).map(Overlay::bytes).sum()
    }
}

impl Tiers {
    /// How many tiers, from the first on, know none but these sources.
    fn holding(&self, sources: &[SourceId]) -> usize {
        let holds = |overlay: &Overlay| overlay.sources.iter().all(|id| sources.contains(id));
        self.overlays.iter().take_while(|overlay| holds(overlay)).count()
    }

    /// Adds a tier for what is not covered.
    fn cover(&mut self, origin: &Origin<'_>, sources: &[SourceId]) {
        let known = self.overlays.last().map_or(&[][..], |overlay| &overlay.sources);
        if known.len() != sources.len() {
            let overlay = origin.build(known);
            self.overlays.push(overlay);
        }
    }

    fn blocks(&self, origin: &Origin<'_>) -> Vec<ScanBlock> {
        let mut blocks = Vec::with_capacity(self.overlays.len() + 1);
        // The people who stand in later blocks.
        let mut later = RoaringBitmap::new();
        for overlay in self.overlays.iter().rev() {
            if overlay.block.rows() > 0 {
                blocks.push(ScanBlock {
                    block: Arc::clone(&overlay.block),
                    skip: among(&later, &overlay.people),
                });
            }
            later |= &*overlay.people;
        }
        if let Some(base) = origin.own.first() {
            if let Some(merged) = origin.merged {
                later |= &merged.absorbed;
            }
            blocks.push(ScanBlock { block: Arc::clone(&base.block), skip: among(&later, &base.people) });
        }
        blocks.reverse();
        blocks
    }
}

/// Those of a block to pass over, if there are any.
fn among(later: &RoaringBitmap, people: &RoaringBitmap) -> Option<Arc<RoaringBitmap>> {
    let skip = later & people;
    (!skip.is_empty()).then(|| Arc::new(skip))
}
