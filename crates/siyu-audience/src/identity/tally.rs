//! How many values of each kind a person has, or would have.

use smallvec::SmallVec;

/// Counts by slot, for the few slots that one person has.
#[derive(Clone, Default, Debug)]
pub(super) struct Tally {
    counts: SmallVec<[(u16, u32); 8]>,
    pub total: u32,
    /// Of those that say who somebody is: all but devices.
    pub known: u32,
}

impl Tally {
    pub fn add(&mut self, slot: u16, count: u32) {
        match self.counts.iter_mut().find(|(held, _)| *held == slot) {
            Some((_, held)) => *held += count,
            None => self.counts.push((slot, count)),
        }
    }

    pub fn take(&mut self, slot: u16) {
        if let Some((_, held)) = self.counts.iter_mut().find(|(held, _)| *held == slot) {
            *held = held.saturating_sub(1);
        }
    }

    pub fn of(&self, slot: u16) -> u32 {
        self.counts.iter().find(|(held, _)| *held == slot).map_or(0, |(_, count)| *count)
    }

    pub fn merge(&mut self, other: &Tally) {
        other.counts.iter().for_each(|(slot, count)| self.add(*slot, *count));
        self.total += other.total;
        self.known += other.known;
    }

    /// Slots that either has, with what both have together.
    pub fn together<'a>(&'a self, other: &'a Tally) -> impl Iterator<Item = (u16, u32)> + 'a {
        let mine = self.counts.iter().map(|(slot, count)| (*slot, count + other.of(*slot)));
        let theirs = other.counts.iter().filter(|(slot, _)| self.of(*slot) == 0).copied();
        mine.chain(theirs)
    }
}
