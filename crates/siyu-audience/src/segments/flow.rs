//! Who came to a segment and who went, refresh by refresh: pure. The members are kept as
//! numbers, as they were known when they came, so that merging people makes nobody come
//! or go.

use roaring::RoaringBitmap;
use siyu_events::Remap;
use siyu_types::clock::Millis;

/// Steps kept of one segment; the oldest are put together into one.
pub const STEPS_MAX: usize = 800;
/// So far back every refresh stands for itself; further back one step is a day.
const EXACT_MILLIS: Millis = 2 * DAY_MILLIS;
const DAY_MILLIS: Millis = 24 * 3_600_000;

/// What one refresh saw to be different.
#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    pub at: Millis,
    /// The refresh before, which did not see it. `None` of the first: whoever it found
    /// was a member then or earlier.
    pub after: Option<Millis>,
    /// Members afterwards.
    pub people: u64,
    pub joined: u64,
    pub left: u64,
    /// More or fewer people because some were parted, merged or erased.
    pub reshaped: i64,
    /// The segment meant somebody else from here on.
    pub redefined: bool,
    pub joined_numbers: RoaringBitmap,
    pub left_numbers: RoaringBitmap,
}

/// When somebody was first seen to be a member, without having left since.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Since {
    pub at: Millis,
    /// They were none at this instant; `None` if they may have been one for longer.
    pub not_before: Option<Millis>,
}

/// The steps of one segment, oldest first.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Flow {
    steps: Vec<Step>,
    numbers: RoaringBitmap,
}

/// A step that takes up the one before it.
#[derive(Clone, PartialEq, Debug)]
pub struct Fold {
    /// The step that is no more.
    pub gone: Millis,
    pub into: Step,
}

impl Flow {
    pub fn new(steps: Vec<Step>) -> Flow {
        let mut numbers = RoaringBitmap::new();
        for step in &steps {
            numbers -= &step.left_numbers;
            numbers |= &step.joined_numbers;
        }
        Flow { steps, numbers }
    }

    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// What a refresh at `at` saw, if anything: `found` are the members by the people they
    /// are now, `before` is the refresh before.
    pub fn seen(
        &self,
        found: &RoaringBitmap,
        (at, before): (Millis, Option<Millis>),
        remap: &Remap,
        redefined: bool,
    ) -> Option<Step> {
        let last = self.steps.last();
        if last.is_some_and(|last| last.at >= at) {
            // Worked out earlier, and overtaken.
            return None;
        }
        let were: RoaringBitmap = self.numbers.iter().map(|number| remap.person(number)).collect();
        let joined_numbers = found - &were;
        let left = &were - found;
        let gone = |number: &u32| left.contains(remap.person(*number));
        let left_numbers: RoaringBitmap = self.numbers.iter().filter(gone).collect();
        let known = last.map_or(0, |last| last.people);
        let reshaped = were.len() as i64 - known as i64;
        let first = last.is_none();
        if !first && !redefined && joined_numbers.is_empty() && left.is_empty() && reshaped == 0 {
            return None;
        }
        Some(Step {
            at,
            after: if first { None } else { before.max(last.map(|last| last.at)) },
            people: found.len(),
            joined: joined_numbers.len(),
            left: left.len(),
            reshaped,
            redefined,
            joined_numbers,
            left_numbers,
        })
    }

    pub fn push(&mut self, step: Step) {
        self.numbers -= &step.left_numbers;
        self.numbers |= &step.joined_numbers;
        self.steps.push(step);
    }

    /// Puts steps of one day long ago together, and the oldest if there are too many.
    /// Answers what changed, in order.
    pub fn fold(&mut self, now: Millis) -> Vec<Fold> {
        let mut folds = Vec::new();
        let mut index = 0;
        while index + 1 < self.steps.len() {
            let (one, next) = (&self.steps[index], &self.steps[index + 1]);
            let day = |step: &Step| step.at.div_euclid(DAY_MILLIS);
            // The first says who was there from the beginning; a redefinition is kept apart.
            let alike = one.after.is_some() && !one.redefined && !next.redefined && day(one) == day(next);
            let old = next.at < now - EXACT_MILLIS;
            let full = index == 0 && self.steps.len() > STEPS_MAX;
            if !(alike && old || full) {
                index += 1;
                continue;
            }
            let one = self.steps.remove(index);
            let into = together(&one, &self.steps[index]);
            folds.push(Fold { gone: one.at, into: into.clone() });
            self.steps[index] = into;
        }
        folds
    }

    /// Takes numbers that are nobody's any more out of every step; answers those that changed.
    /// How many came and went stays.
    pub fn forget(&mut self, numbers: &RoaringBitmap) -> Vec<Step> {
        self.numbers -= numbers;
        let mut changed = Vec::new();
        for step in &mut self.steps {
            let named = !step.joined_numbers.is_disjoint(numbers) || !step.left_numbers.is_disjoint(numbers);
            if named {
                step.joined_numbers -= numbers;
                step.left_numbers -= numbers;
                changed.push(step.clone());
            }
        }
        changed
    }

    /// Since when a person with these numbers is a member, as far as is known.
    pub fn since(&self, numbers: &[u32]) -> Option<Since> {
        let came = |number: &u32| -> Option<Since> {
            let last =
                self.steps.iter().rev().find(|step| {
                    step.joined_numbers.contains(*number) || step.left_numbers.contains(*number)
                })?;
            // Both: left and came back within one step.
            let is_in = last.joined_numbers.contains(*number);
            is_in.then_some(Since { at: last.at, not_before: last.after })
        };
        numbers.iter().filter_map(came).min_by_key(|since| since.at)
    }
}

/// Two steps as one. Who came and went in between was there, and counts.
fn together(one: &Step, next: &Step) -> Step {
    let joined_numbers = (&one.joined_numbers - &next.left_numbers) | &next.joined_numbers;
    let left_numbers = &one.left_numbers | (&next.left_numbers - &one.joined_numbers);
    Step {
        at: next.at,
        after: one.after,
        people: next.people,
        joined: one.joined + next.joined,
        left: one.left + next.left,
        reshaped: one.reshaped + next.reshaped,
        redefined: one.redefined || next.redefined,
        joined_numbers,
        left_numbers,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn set(numbers: &[u32]) -> RoaringBitmap {
        numbers.iter().copied().collect()
    }

    fn merged(pairs: &[(u32, u32)]) -> Remap {
        let mut to: Vec<u32> = (0..10).collect();
        pairs.iter().for_each(|(number, person)| to[*number as usize] = *person);
        Remap::of(&to)
    }

    /// Notes a refresh; answers what it saw as joined, left, reshaped.
    fn note(flow: &mut Flow, found: &[u32], at: Millis, remap: &Remap) -> Option<(u64, u64, i64)> {
        let before = flow.steps.last().map(|last| last.at);
        let step = flow.seen(&set(found), (at, before), remap, false)?;
        let seen = (step.joined, step.left, step.reshaped);
        flow.push(step);
        Some(seen)
    }

    #[test]
    fn coming_staying_and_going() {
        let apart = merged(&[]);
        let mut flow = Flow::default();
        assert_eq!(note(&mut flow, &[1, 2], 10, &apart), Some((2, 0, 0)));
        assert_eq!(note(&mut flow, &[1, 2], 20, &apart), None);
        assert_eq!(note(&mut flow, &[2, 3], 30, &apart), Some((1, 1, 0)));
        assert_eq!(flow.since(&[2]), Some(Since { at: 10, not_before: None }), "or for longer");
        assert_eq!(flow.since(&[3]), Some(Since { at: 30, not_before: Some(10) }));
        assert_eq!(flow.since(&[1]), None);
        assert_eq!(flow.seen(&set(&[9]), (25, Some(20)), &apart, false), None, "overtaken");
        assert_eq!(Flow::new(flow.steps.clone()), flow);
    }

    #[test]
    fn merging_people_makes_nobody_come_or_go() {
        let apart = merged(&[]);
        let mut flow = Flow::default();
        note(&mut flow, &[1, 2, 3], 10, &apart);
        // 2 and 3 are one, known as 2.
        let one = merged(&[(3, 2)]);
        assert_eq!(note(&mut flow, &[1, 2], 20, &one), Some((0, 0, -1)));
        assert_eq!(flow.since(&[2, 3]).map(|since| since.at), Some(10));
        // Parted again: both were members all along.
        assert_eq!(note(&mut flow, &[1, 2, 3], 30, &apart), Some((0, 0, 1)));
        assert_eq!(flow.since(&[3]).map(|since| since.at), Some(10));
        // A member becomes one with somebody who is known by a smaller number.
        let under = merged(&[(1, 0)]);
        assert_eq!(note(&mut flow, &[0, 2, 3], 40, &under), None);
        assert_eq!(flow.since(&[0, 1]).map(|since| since.at), Some(10));
        // Who goes goes with all numbers.
        assert_eq!(note(&mut flow, &[1], 50, &one), Some((0, 1, -1)));
        assert_eq!(flow.since(&[2, 3]), None);
    }

    #[test]
    fn days_long_ago_are_one_step() {
        let apart = merged(&[]);
        let mut flow = Flow::default();
        for (hour, found) in [(0, &[1][..]), (1, &[1, 2]), (2, &[2]), (3, &[1, 2, 3]), (30, &[3])] {
            note(&mut flow, found, hour * 3_600_000, &apart);
        }
        assert_eq!(flow.fold(40 * 3_600_000), [], "not yet");
        let folds = flow.fold(4 * DAY_MILLIS);
        assert_eq!(folds.len(), 2);
        assert_eq!(
            flow.steps.iter().map(|step| (step.joined, step.left)).collect::<Vec<_>>(),
            [(1, 0), (3, 1), (0, 2)]
        );
        assert_eq!(flow.since(&[3]).map(|since| since.at), Some(3 * 3_600_000));
        assert_eq!(Flow::new(flow.steps.clone()), flow);
    }

    #[test]
    fn erased_people_leave_every_step() {
        let apart = merged(&[]);
        let mut flow = Flow::default();
        note(&mut flow, &[1, 2], 10, &apart);
        note(&mut flow, &[1], 20, &apart);
        note(&mut flow, &[1, 3], 30, &apart);
        let changed = flow.forget(&set(&[2, 7]));
        assert_eq!(changed.iter().map(|step| step.at).collect::<Vec<_>>(), [10, 20]);
        assert!(flow.steps.iter().all(|step| !(&step.joined_numbers | &step.left_numbers).contains(2)));
        assert_eq!(flow.steps.iter().map(|step| step.joined).collect::<Vec<_>>(), [2, 0, 1], "counts stay");
        assert_eq!(flow.since(&[2]), None);
        assert_eq!(flow.since(&[1]).map(|since| since.at), Some(10));
        // A member: one fewer, who did not leave.
        flow.forget(&set(&[3]));
        assert_eq!(note(&mut flow, &[1], 40, &apart), Some((0, 0, -1)));
        assert_eq!(Flow::new(flow.steps.clone()), flow);
    }

    proptest! {
        #[test]
        fn sizes_add_up_and_since_is_what_was_seen(
            rounds in prop::collection::vec((prop::collection::btree_set(0u32..8, 0..8), 0u32..4), 1..30),
        ) {
            let mut flow = Flow::default();
            let mut came: Vec<Option<Millis>> = vec![None; 8];
            let mut size = 0i64;
            for (round, (found, gap)) in (1i64..).zip(rounds) {
                let at = round * 10 * 3_600_000 + i64::from(gap);
                let found: RoaringBitmap = found.into_iter().collect();
                for number in 0..8 {
                    let kept = came[number as usize].filter(|_| found.contains(number));
                    came[number as usize] = kept.or(found.contains(number).then_some(at));
                }
                if let Some(step) = flow.seen(&found, (at, None), &merged(&[]), false) {
                    size += step.joined as i64 - step.left as i64 + step.reshaped;
                    flow.push(step);
                }
                prop_assert_eq!(size, found.len() as i64);
                for number in 0..8 {
                    prop_assert_eq!(flow.since(&[number]).map(|since| since.at), came[number as usize]);
                }
            }
            let members = flow.numbers.clone();
            flow.fold(i64::MAX / 2);
            prop_assert_eq!(&Flow::new(flow.steps.clone()).numbers, &members);
            for number in 0..8u32 {
                let since = flow.since(&[number]);
                prop_assert_eq!(since.is_some(), members.contains(number));
                // Later than seen by a day at most, and never earlier.
                if let (Some(since), Some(came)) = (since, came[number as usize]) {
                    prop_assert!(since.at >= came && since.at < came + DAY_MILLIS);
                    prop_assert!(since.not_before.is_none_or(|before| before <= came));
                }
            }
        }
    }
}
