//! Everybody below somebody: whom they invited, whom those invited, and so on.

use rustc_hash::FxHashSet;
use siyu_events::Remap;
use siyu_types::clock::Millis;
use siyu_types::relation::RelationSide;

use super::model::Relations;

/// Levels looked through.
pub const DEPTH_MAX: u32 = 50;
/// People counted below one.
pub const BELOW_MAX: usize = 100_000;

/// How many stand below somebody, level by level.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(crate) struct Below {
    /// `levels[0]` are the ones next to the person.
    pub levels: Vec<u64>,
    pub total: u64,
    /// There are more: the limit, or the depth asked for, was reached.
    pub cut: bool,
}

impl Relations {
    /// Counts the people below, down to `depth` levels and at most `most` people. Nobody
    /// counts twice.
    pub(crate) fn below(
        &self,
        kind: u16,
        person: u32,
        (at, depth, most): (Millis, u32, usize),
        remap: &Remap,
    ) -> Below {
        let mut below = Below::default();
        let mut seen: FxHashSet<u32> = FxHashSet::from_iter([person]);
        let mut level = vec![person];
        loop {
            let mut next = Vec::new();
            for above in &level {
                for related in self.others(kind, RelationSide::From, *above, at, remap) {
                    if !seen.insert(related.other) {
                        continue;
                    }
                    if below.levels.len() as u32 >= depth || below.total as usize + next.len() >= most {
                        below.cut = true;
                        break;
                    }
                    next.push(related.other);
                }
            }
            if next.is_empty() {
                return below;
            }
            below.levels.push(next.len() as u64);
            below.total += next.len() as u64;
            if below.cut {
                return below;
            }
            level = next;
        }
    }
}
