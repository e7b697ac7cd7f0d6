//! Statements that were not carried out: written down, not guessed.

use rustc_hash::FxHashMap;
use siyu_types::clock::Millis;

use super::model::Obstacle;

/// Different conflicts kept; the longest unseen ones make room.
pub const CONFLICTS_MAX: usize = 5_000;

/// A statement that was refused, and how often it was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conflict {
    /// As it was named.
    pub kind: String,
    pub obstacle: Obstacle,
    /// The numbers it was said of.
    pub from: u32,
    pub to: u32,
    pub source: String,
    pub first: Millis,
    pub last: Millis,
    pub count: u64,
}

impl Conflict {
    /// Newest first; never equal between two different ones.
    fn place(&self) -> impl Ord + use<> {
        (std::cmp::Reverse(self.last), self.kind.clone(), self.obstacle, self.from, self.to)
    }
}

/// The bounded list of conflicts.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Conflicts {
    entries: FxHashMap<(String, Obstacle, u32, u32), Conflict>,
    total: u64,
}

impl Conflicts {
    /// How many were met, kept or not.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The kept ones, latest first.
    pub fn list(&self) -> Vec<&Conflict> {
        let mut list: Vec<&Conflict> = self.entries.values().collect();
        list.sort_by_cached_key(|conflict| conflict.place());
        list
    }

    /// Those with one of these numbers, latest first.
    pub fn about(&self, numbers: &[u32]) -> Vec<&Conflict> {
        let concerns =
            |conflict: &&Conflict| numbers.contains(&conflict.from) || numbers.contains(&conflict.to);
        let mut list: Vec<&Conflict> = self.entries.values().filter(concerns).collect();
        list.sort_by_cached_key(|conflict| conflict.place());
        list
    }

    pub(crate) fn note(&mut self, conflict: Conflict) {
        self.total += conflict.count;
        let key = (conflict.kind.clone(), conflict.obstacle, conflict.from, conflict.to);
        if let Some(known) = self.entries.get_mut(&key) {
            known.count += conflict.count;
            known.first = known.first.min(conflict.first);
            known.last = known.last.max(conflict.last);
            return;
        }
        if self.entries.len() >= CONFLICTS_MAX {
            // A quarter at once, so that making room is paid for once per many conflicts.
            let mut times: Vec<Millis> = self.entries.values().map(|known| known.last).collect();
            let (_, &mut cut, _) = times.select_nth_unstable(CONFLICTS_MAX / 4);
            self.entries.retain(|_, known| known.last > cut);
        }
        self.entries.insert(key, conflict);
    }

    /// Takes away those with one of these numbers; the total stays.
    pub(crate) fn forget(&mut self, numbers: &[u32]) {
        let concerns = |number: &u32| numbers.contains(number);
        self.entries.retain(|_, known| !concerns(&known.from) && !concerns(&known.to));
    }

    pub(crate) fn restore(&mut self, total: u64) {
        self.total = total;
    }
}
