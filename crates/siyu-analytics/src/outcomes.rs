//! What most analyses share: a pass that finds outcomes (a cohort joined, a session,
//! an interval), and their tallies, for everybody and for the groups of a breakdown.
//!
//! Groups are ranked by their number of outcomes. The largest [`GROUPS_MAX`] stand on their
//! own, so a breakdown takes two passes: one for the sizes, one for the tallies of the groups
//! that are shown. Memory is bounded by what is shown, whatever a property holds.

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use siyu_events::{Block, Scan};
use siyu_types::analysis::{GROUPS_MAX, Group};

use crate::groups::{FIRST, MISSING, OTHER, Reader, Slots, Source, fixed, largest, shown};
use crate::pass::{Piece, over_parts};

/// A pass that finds outcomes.
pub(crate) trait Outcomes: Sync {
    type Outcome<'o>;

    /// Calls `see` with each outcome of a piece: whose it is, and the rows of which the first
    /// that has a value says the group, if the breakdown is by a property. All outcomes of a
    /// person come one after another.
    fn each(&self, piece: &Piece<'_>, see: impl FnMut(u32, &[u32], Self::Outcome<'_>));
}

/// Adds up outcomes.
pub(crate) trait Tally<K: Outcomes>: Clone + Send + Sync {
    fn add(&mut self, person: u32, outcome: &K::Outcome<'_>);
    /// Takes over what was found elsewhere, of other people.
    fn merge(&mut self, other: Self);
}

/// How many outcomes there are.
#[derive(Clone, Copy, Default)]
struct Size(u64);

impl<K: Outcomes> Tally<K> for Size {
    fn add(&mut self, _: u32, _: &K::Outcome<'_>) {
        self.0 += 1;
    }

    fn merge(&mut self, other: Size) {
        self.0 += other.0;
    }
}

/// Tallies of one part.
struct Part<'m, T> {
    whole: T,
    by_slot: Vec<T>,
    slots: Slots<'m>,
}

/// The tally of everybody, then those of the groups that have an outcome, largest first.
pub(crate) fn tally<K: Outcomes, T: Tally<K>>(
    kind: &K,
    scan: &Scan,
    source: &Source<'_>,
    empty: &T,
) -> Vec<(Group, T)> {
    if matches!(source, Source::Whole) {
        let parts = pass(kind, scan, source, empty, &Slots::growing);
        return vec![(Group::Whole, merged(empty, parts.into_iter().map(|part| part.whole)))];
    }
    let names = ranked(kind, scan, source);
    let numbers = fixed(&names);
    let parts = pass(kind, scan, source, &(Size(0), empty.clone()), &|| Slots::Fixed(&numbers));
    let mut whole = empty.clone();
    let mut by_slot = vec![(Size(0), empty.clone()); names.len() + FIRST as usize];
    for part in parts {
        whole.merge(part.whole.1);
        for (all, own) in by_slot.iter_mut().zip(part.by_slot) {
            <Size as Tally<K>>::merge(&mut all.0, own.0);
            all.1.merge(own.1);
        }
    }
    let mut answer = vec![(Group::Whole, whole)];
    for (slot, group) in shown(&names) {
        let (size, tally) = std::mem::replace(&mut by_slot[slot as usize], (Size(0), empty.clone()));
        if size.0 > 0 {
            answer.push((group, tally));
        }
    }
    answer
}

impl<K: Outcomes, T: Tally<K>> Tally<K> for (Size, T) {
    fn add(&mut self, person: u32, outcome: &K::Outcome<'_>) {
        self.0.0 += 1;
        self.1.add(person, outcome);
    }

    fn merge(&mut self, other: (Size, T)) {
        self.0.0 += other.0.0;
        self.1.merge(other.1);
    }
}

fn merged<K: Outcomes, T: Tally<K>>(empty: &T, parts: impl Iterator<Item = T>) -> T {
    parts.fold(empty.clone(), |mut all, part| {
        all.merge(part);
        all
    })
}

/// The names of the groups that are shown on their own.
fn ranked<K: Outcomes>(kind: &K, scan: &Scan, source: &Source<'_>) -> Vec<String> {
    let mut sizes: FxHashMap<String, f64> = FxHashMap::default();
    for part in pass(kind, scan, source, &Size(0), &Slots::growing) {
        let Slots::Growing(names) = part.slots else { continue };
        for (name, slot) in names {
            let size = part.by_slot.get(slot as usize).map_or(0, |size| size.0);
            *sizes.entry(name).or_default() += size as f64;
        }
    }
    let names = largest(sizes, GROUPS_MAX);
    debug_assert!(names.len() <= GROUPS_MAX, "as many as are shown");
    names
}

fn pass<'m, K: Outcomes, T: Tally<K>>(
    kind: &K,
    scan: &Scan,
    source: &Source<'_>,
    empty: &T,
    slots: &(dyn Fn() -> Slots<'m> + Sync),
) -> Vec<Part<'m, T>> {
    over_parts(scan, |pieces| {
        let mut part = Part { whole: empty.clone(), by_slot: Vec::new(), slots: slots() };
        for piece in pieces {
            let mut grouper = Grouper::new(source, piece.block);
            kind.each(piece, |person, rows, outcome| {
                part.whole.add(person, &outcome);
                if grouper.whole {
                    return;
                }
                for &slot in grouper.of(person, rows, &mut part.slots) {
                    if part.by_slot.len() <= slot as usize {
                        part.by_slot.resize(slot as usize + 1, empty.clone());
                    }
                    part.by_slot[slot as usize].add(person, &outcome);
                }
            });
        }
        part
    })
}

/// The people with an outcome that is wanted, in a group. Any value may be asked for, also one
/// that is not shown on its own; without a breakdown there is only the whole.
pub(crate) fn people<K: Outcomes>(
    kind: &K,
    scan: &Scan,
    source: &Source<'_>,
    group: &Group,
    wanted: impl Fn(&K::Outcome<'_>) -> bool + Sync,
) -> RoaringBitmap {
    let (names, slot) = match group {
        Group::Whole => (Vec::new(), None),
        // Only funnels have what is not reached, and only trends several breakdowns.
        Group::NotReached | Group::Several { .. } => return RoaringBitmap::new(),
        _ if matches!(source, Source::Whole) => return RoaringBitmap::new(),
        Group::Missing => (Vec::new(), Some(MISSING)),
        Group::Other => (ranked(kind, scan, source), Some(OTHER)),
        Group::Value { value } => (vec![value.clone()], Some(FIRST)),
    };
    let numbers = fixed(&names);
    let parts = over_parts(scan, |pieces| {
        let mut found: Vec<u32> = Vec::new();
        let mut slots = Slots::Fixed(&numbers);
        for piece in pieces {
            let mut grouper = Grouper::new(source, piece.block);
            kind.each(piece, |person, rows, outcome| {
                let belongs = found.last() != Some(&person)
                    && wanted(&outcome)
                    && slot.is_none_or(|slot| grouper.of(person, rows, &mut slots).contains(&slot));
                if belongs {
                    found.push(person);
                }
            });
        }
        found
    });
    parts.into_iter().flatten().collect()
}

/// Finds the groups of outcomes.
struct Grouper<'a> {
    reader: Reader<'a>,
    by_person: bool,
    whole: bool,
    groups: Vec<u32>,
    of: Option<u32>,
}

impl<'a> Grouper<'a> {
    fn new(source: &Source<'a>, block: &'a Block) -> Grouper<'a> {
        Grouper {
            reader: source.reader(block),
            by_person: source.by_person(),
            whole: matches!(source, Source::Whole),
            groups: Vec::new(),
            of: None,
        }
    }

    /// The different groups.
    fn of(&mut self, person: u32, rows: &[u32], slots: &mut Slots<'_>) -> &[u32] {
        if self.by_person {
            if self.of != Some(person) {
                self.of = Some(person);
                self.reader.read(person as usize, slots, &mut self.groups);
            }
            return &self.groups;
        }
        self.groups.clear();
        for &row in rows {
            self.reader.read(row as usize, slots, &mut self.groups);
            if self.groups[0] != MISSING {
                break;
            }
        }
        if self.groups.is_empty() {
            self.groups.push(MISSING);
        }
        &self.groups
    }
}
