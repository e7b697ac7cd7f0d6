//! People and times of one group.

use siyu_types::analysis::{FunnelGroup, FunnelQuery, FunnelStep, Group};
use siyu_types::clock::Millis;

use super::engine::Found;
use super::outcome::{LEFT_OUT, NOT_REACHED};
use super::reading::Reading;
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
        self.whole.add(found.gaps(times), self.optional);
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

#[derive(Default, Clone)]
pub(super) struct Tally {
    pub(super) people: Vec<u64>,
    /// By step; those of step 0 stay empty.
    since_before: Vec<Vec<i64>>,
    /// As these, from step 2: the second step comes as long after the first as after the one before.
    since_first: Vec<Vec<i64>>,
}

impl Tally {
    pub(super) fn new(steps: usize) -> Tally {
        let none = vec![Vec::new(); steps];
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
                self.since_before[step].push(gap);
                if step > 1 {
                    self.since_first[step].push(since_first);
                }
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Tally) {
        self.people.iter_mut().zip(&other.people).for_each(|(own, more)| *own += more);
        let times = |own: &mut [Vec<i64>], more: &[Vec<i64>]| {
            own.iter_mut().zip(more).for_each(|(own, more)| own.extend_from_slice(more));
        };
        times(&mut self.since_before, &other.since_before);
        times(&mut self.since_first, &other.since_first);
    }

    /// From the first step to the last, of those who took both.
    pub(super) fn lengths(&self) -> &[i64] {
        match self.people.len() {
            2 => &self.since_before[1],
            steps => &self.since_first[steps - 1],
        }
    }

    pub(super) fn into_group(mut self, group: Group, query: &FunnelQuery, bins: &[i64]) -> FunnelGroup {
        let mut histogram = vec![0; bins.len()];
        for &length in self.lengths() {
            histogram[bins.partition_point(|end| *end <= length).min(bins.len() - 1)] += 1;
        }
        let steps = query.steps.iter().enumerate().map(|(step, matched)| {
            let since_before = of_times(&mut self.since_before[step]);
            let since_first = if step == 1 { since_before } else { of_times(&mut self.since_first[step]) };
            let event = matched.event.event.clone();
            FunnelStep { event, people: self.people[step], since_before, since_first }
        });
        FunnelGroup { group, steps: steps.collect(), histogram, trend: Vec::new() }
    }
}
