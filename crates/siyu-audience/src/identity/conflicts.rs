//! Links that were proposed and refused: written down, not guessed.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use siyu_types::clock::Millis;
use siyu_types::{Identifier, PersonNo};
use utoipa::ToSchema;

/// Different conflicts kept; the longest unseen ones make room.
pub const CONFLICTS_MAX: usize = 5_000;

/// Why two identifiers were not linked.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConflictKind {
    /// The person would have two values where only one is possible.
    TwoValues,
    /// The person already has as many as allowed.
    OverCap,
    /// Two known people merely stood on one record.
    WeakEvidence,
    /// The device belonged to another known person before.
    DeviceOfAnother,
    /// Somebody took the two apart; only strong evidence joins them again.
    TakenApart,
    /// The person has too many identifiers to be one person.
    Frozen,
}

impl ConflictKind {
    pub const ALL: [ConflictKind; 6] = [
        ConflictKind::TwoValues,
        ConflictKind::OverCap,
        ConflictKind::WeakEvidence,
        ConflictKind::DeviceOfAnother,
        ConflictKind::TakenApart,
        ConflictKind::Frozen,
    ];
}

/// One refused link and how often it was proposed.
#[derive(Clone, PartialEq, Debug)]
pub struct Conflict {
    pub kind: ConflictKind,
    /// The identifier the record was attributed to.
    pub kept: Identifier,
    /// The identifier that was left out of the link.
    pub refused: Identifier,
    /// Who owned the refused identifier, if anybody.
    pub other: Option<PersonNo>,
    pub source: String,
    pub first: Millis,
    pub last: Millis,
    pub count: u64,
}

type ConflictKey = (ConflictKind, Identifier, Identifier);

/// The bounded list of conflicts.
#[derive(Clone, Default, Debug)]
pub struct Conflicts {
    entries: FxHashMap<ConflictKey, Conflict>,
    total: u64,
}

impl Conflicts {
    /// How many were met, kept or not.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The kept ones, latest first.
    pub fn list(&self) -> Vec<&Conflict> {
        self.latest(usize::MAX, |_| true)
    }

    /// The latest of those that `concerns` holds for, at most so many. Only these are sorted.
    pub fn latest(&self, most: usize, concerns: impl Fn(&Conflict) -> bool) -> Vec<&Conflict> {
        let mut found: Vec<&Conflict> = self.entries.values().filter(|one| concerns(one)).collect();
        found.sort_unstable_by(|a, b| (b.last, &b.kept, &b.refused).cmp(&(a.last, &a.kept, &a.refused)));
        found.truncate(most);
        found
    }

    pub(crate) fn note(&mut self, conflict: Conflict) {
        self.total += conflict.count;
        let key = (conflict.kind, conflict.kept.clone(), conflict.refused.clone());
        if let Some(known) = self.entries.get_mut(&key) {
            known.count += conflict.count;
            known.first = known.first.min(conflict.first);
            known.last = known.last.max(conflict.last);
            known.other = conflict.other;
            return;
        }
        if self.entries.len() >= CONFLICTS_MAX {
            self.make_room();
        }
        self.entries.insert(key, conflict);
    }

    /// Drops the quarter that was not met for the longest time, so that making
    /// room is paid for once per many conflicts.
    fn make_room(&mut self) {
        let mut times: Vec<Millis> = self.entries.values().map(|c| c.last).collect();
        let (_, &mut cut, _) = times.select_nth_unstable(CONFLICTS_MAX / 4);
        self.entries.retain(|_, conflict| conflict.last > cut);
    }

    /// Takes away those that name one of these identifiers or people.
    pub(crate) fn forget(&mut self, identifiers: &[Identifier], numbers: &[u32]) {
        self.entries.retain(|_, conflict| {
            let named = identifiers.contains(&conflict.kept) || identifiers.contains(&conflict.refused);
            !named && conflict.other.is_none_or(|other| !numbers.contains(&other.0))
        });
    }

    /// Gives identifiers another form, where there is one.
    pub(crate) fn rename(&mut self, other: impl Fn(&Identifier) -> Option<Identifier>) {
        let total = self.total;
        for (_, mut conflict) in std::mem::take(&mut self.entries) {
            for identifier in [&mut conflict.kept, &mut conflict.refused] {
                if let Some(renamed) = other(identifier) {
                    *identifier = renamed;
                }
            }
            self.note(conflict);
        }
        self.total = total;
    }

    pub(crate) fn restore(&mut self, total: u64) {
        self.total = total;
    }
}
