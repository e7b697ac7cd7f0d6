//! People and times of one group.

use siyu_types::analysis::{FunnelGroup, FunnelQuery, FunnelStep, Group, Summary};
use siyu_types::clock::Millis;

use super::engine::Found;
use super::outcome::{LEFT_OUT, NOT_REACHED};
use super::reading::Reading;
use crate::pass::over;
use crate::summary::of_times;

/// Outcomes that are only counted: everybody's, and those of groups, of which there are few.
pub(super) struct Tallies {
    optional: u32,
    pub(super) whole: Tally,
    /// By the slot of a group; those that have nobody may be missing.
    pub(super) by_slot: Vec<Tally>,
    pub(super) not_reached: Tally,
}

impl Tallies {
    pub(super) fn new(steps: usize, optional: u32) -> Tallies {
        let (whole, not_reached) = (Tally::new(steps), Tally::new(steps));
        Tallies { optional, whole, by_slot: Vec::new(), not_reached }
    }

    /// Somebody's attempt, and in the groups it belongs to.
    #[inline]
    pub(super) fn add(&mut self, found: &Found, reading: &mut Reading<'_, '_>, person: u32) {
        let times = &reading.block.times;
        if self.optional == 0 {
            self.whole.add_all(found, times);
        } else {
            self.whole.add(found.gaps(times), self.optional);
        }
        if let Some(groups) = reading.groups_of(person, found) {
            groups.iter().for_each(|slot| self.add_to(*slot, found, times));
        }
    }

    /// The attempts of each value.
    pub(super) fn add_by_value(&mut self, reading: &Reading<'_, '_>) {
        let times = &reading.block.times;
        reading.founds.iter().for_each(|(_, slot, found)| self.add_to(*slot, found, times));
    }

    fn add_to(&mut self, slot: u32, found: &Found, times: &[Millis]) {
        let own = match slot {
            NOT_REACHED => &mut self.not_reached,
            slot => {
                let (slot, steps) = (slot as usize, self.whole.people.len());
                if self.by_slot.len() <= slot {
                    self.by_slot.resize_with(slot + 1, || Tally::new(steps));
                }
                &mut self.by_slot[slot]
            }
        };
        own.add(found.gaps(times), self.optional);
    }
}

/// Milliseconds of many people. Those that parts of the events told stay where they are.
#[derive(Default, Clone)]
struct Times {
    own: Vec<i64>,
    others: Vec<Vec<i64>>,
}

impl Times {
    fn merge(&mut self, other: Times) {
        self.others.extend(std::iter::once(other.own).chain(other.others));
    }

    fn lists(&self) -> impl Iterator<Item = &[i64]> {
        std::iter::once(&self.own).chain(&self.others).map(Vec::as_slice)
    }

    fn summary(&self) -> Option<Summary> {
        of_times(&self.lists().collect::<Vec<_>>())
    }

    /// How many are below each end and not below the one before; the last has all others.
    fn histogram(&self, ends: &[i64]) -> Vec<u64> {
        let mut counts = vec![0; ends.len()];
        for length in self.lists().flatten() {
            counts[ends.partition_point(|end| end <= length).min(ends.len() - 1)] += 1;
        }
        counts
    }
}

#[derive(Default, Clone)]
pub(super) struct Tally {
    pub(super) people: Vec<u64>,
    /// By step; those of step 0 stay empty.
    since_before: Vec<Times>,
    /// As these, from step 2: the second step comes as long after the first as after the one before.
    since_first: Vec<Times>,
}

impl Tally {
    pub(super) fn new(steps: usize) -> Tally {
        let none = vec![Times::default(); steps];
        Tally { people: vec![0; steps], since_before: none.clone(), since_first: none }
    }

    /// Adds an outcome by the times from step to step. `optional`: the steps that may be left out, as
    /// bits; of these only those who took them count.
    #[inline]
    pub(super) fn add(&mut self, gaps: impl Iterator<Item = i64>, optional: u32) {
        self.people[0] += 1;
        let mut since_first = 0;
        for (step, gap) in (1..).zip(gaps) {
            let taken = gap != LEFT_OUT;
            self.people[step] += u64::from(taken || optional >> step & 1 == 0);
            if taken {
                since_first += gap;
                self.since_before[step].own.push(gap);
                if step > 1 {
                    self.since_first[step].own.push(since_first);
                }
            }
        }
    }

    /// As [`Tally::add`], of an attempt that has every step before its last.
    #[inline]
    fn add_all(&mut self, found: &Found, times: &[Millis]) {
        let time = |row: u32| times[row as usize];
        let rows = &found.rows[..found.level];
        let first = rows.first().map_or(0, |row| time(*row));
        self.people[0] += 1;
        for (step, pair) in (1..).zip(rows.windows(2)) {
            let now = time(pair[1]);
            self.people[step] += 1;
            self.since_before[step].own.push(now - time(pair[0]));
            if step > 1 {
                self.since_first[step].own.push(now - first);
            }
        }
    }

    pub(super) fn merge(&mut self, other: Tally) {
        self.people.iter_mut().zip(&other.people).for_each(|(own, more)| *own += more);
        let times = |own: &mut [Times], more: Vec<Times>| {
            own.iter_mut().zip(more).for_each(|(own, more)| own.merge(more));
        };
        times(&mut self.since_before, other.since_before);
        times(&mut self.since_first, other.since_first);
    }

    /// From the first step to the last, of those who took both.
    fn lengths(&self) -> &Times {
        match self.people.len() {
            2 => &self.since_before[1],
            steps => &self.since_first[steps - 1],
        }
    }

    /// The longest of these.
    pub(super) fn longest(&self) -> Option<i64> {
        self.lengths().lists().flatten().copied().max()
    }

    pub(super) fn group(&self, group: Group, query: &FunnelQuery, bins: &[i64]) -> FunnelGroup {
        // Each list is long, so that two threads are sooner done with them.
        let lists = self.since_before.iter().chain(&self.since_first).map(Some);
        let jobs: Vec<Option<&Times>> = std::iter::once(None).chain(lists).collect();
        let told = over(&jobs, |times| match times {
            Some(times) => (times.summary(), Vec::new()),
            None => (None, self.lengths().histogram(bins)),
        });
        let mut told = told.into_iter();
        let histogram = told.next().map_or_else(Vec::new, |(_, histogram)| histogram);
        let summaries: Vec<Option<Summary>> = told.map(|(summary, _)| summary).collect();
        let (since_before, since_first) = summaries.split_at(self.people.len());
        let steps = query.steps.iter().enumerate().map(|(step, matched)| FunnelStep {
            event: matched.event.event.clone(),
            people: self.people[step],
            since_before: since_before[step],
            since_first: if step == 1 { since_before[step] } else { since_first[step] },
        });
        FunnelGroup { group, steps: steps.collect(), histogram, trend: Vec::new() }
    }
}
