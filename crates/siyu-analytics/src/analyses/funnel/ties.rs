//! Events of one time may come in any order: which of them serve which steps.

use siyu_types::analysis::STEPS_MAX;

/// An event of the group: its row and its marks, of which bit k says that it matches step k.
pub(super) type Tied = (u32, u32);

/// Keeps, for each step, the first events that match it, as many as there are
/// steps. No more can ever be needed: of that many, the other steps leave one free.
pub(super) fn shorten(group: &mut Vec<Tied>, steps: usize) {
    if group.len() <= steps {
        return;
    }
    let mut taken = [0usize; STEPS_MAX];
    group.retain(|(_, mask)| {
        let mut keep = false;
        for (step, taken) in taken.iter_mut().enumerate().take(steps) {
            if mask >> step & 1 == 1 && *taken < steps {
                *taken += 1;
                keep = true;
            }
        }
        keep
    });
}

/// Gives each of the steps, bit k for step k, an event of its own: the assignment that is smallest
/// in step order, or `None` if there is none. Events are in arrival order; the answer holds rows at
/// the positions of the steps.
pub(super) fn assign(group: &[Tied], steps: u32) -> Option<[u32; STEPS_MAX]> {
    let mut matching = Matching::new(group);
    for step in bits(steps) {
        if !matching.add(step) {
            return None;
        }
    }
    // Fix the steps one after the other, each to the earliest event with which
    // the later steps can still be served.
    for step in bits(steps) {
        let current = matching.event_of[step];
        for (event, (_, mask)) in group.iter().enumerate().take(current) {
            if mask >> step & 1 == 1 && matching.move_to(step, event) {
                break;
            }
        }
    }
    let mut rows = [0; STEPS_MAX];
    for step in bits(steps) {
        rows[step] = group[matching.event_of[step]].0;
    }
    Some(rows)
}

/// The bits that are set, lowest first.
pub(super) fn bits(mut mask: u32) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (mask != 0).then(|| mask.trailing_zeros() as usize)?;
        mask &= mask - 1;
        Some(bit)
    })
}

/// Steps with an event each.
pub(super) struct Matching<'g> {
    group: &'g [Tied],
    event_of: [usize; STEPS_MAX],
    step_of: Vec<Option<usize>>,
}

impl Matching<'_> {
    pub(super) fn new(group: &[Tied]) -> Matching<'_> {
        Matching { group, event_of: [usize::MAX; STEPS_MAX], step_of: vec![None; group.len()] }
    }

    /// Takes in another step, if it can be served beside those that are.
    pub(super) fn add(&mut self, step: usize) -> bool {
        let mut seen = vec![false; self.group.len()];
        self.place(step, 0, &mut seen)
    }

    /// Finds an event for a step, moving steps from `movable` on out of the way.
    fn place(&mut self, step: usize, movable: usize, seen: &mut [bool]) -> bool {
        for event in 0..self.group.len() {
            if seen[event] || self.group[event].1 >> step & 1 == 0 {
                continue;
            }
            seen[event] = true;
            let free = match self.step_of[event] {
                None => true,
                Some(holder) => holder >= movable && self.place(holder, movable, seen),
            };
            if free {
                self.step_of[event] = Some(step);
                self.event_of[step] = event;
                return true;
            }
        }
        false
    }

    /// Gives a step another event if later steps can make room for it.
    fn move_to(&mut self, step: usize, event: usize) -> bool {
        let old = self.event_of[step];
        let Some(holder) = self.step_of[event] else {
            self.step_of[old] = None;
            self.step_of[event] = Some(step);
            self.event_of[step] = event;
            return true;
        };
        if holder < step {
            return false;
        }
        let before = (self.event_of, self.step_of.clone());
        self.step_of[old] = None;
        self.step_of[event] = Some(step);
        self.event_of[step] = event;
        let mut seen = vec![false; self.group.len()];
        seen[event] = true;
        if self.place(holder, step + 1, &mut seen) {
            return true;
        }
        (self.event_of, self.step_of) = before;
        false
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All assignments, in step order, smallest rows first: the first that works.
    fn naive(group: &[Tied], step: usize, last: usize, used: &mut Vec<u32>) -> Option<Vec<u32>> {
        if step > last {
            return Some(used.clone());
        }
        for &(row, mask) in group {
            if mask >> step & 1 == 1 && !used.contains(&row) {
                used.push(row);
                if let Some(found) = naive(group, step + 1, last, used) {
                    return Some(found);
                }
                used.pop();
            }
        }
        None
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn the_assignment_is_the_smallest(masks in prop::collection::vec(0u32..16, 0..9), first in 0usize..4, more in 0usize..4) {
            let last = (first + more).min(3);
            let mut group: Vec<Tied> = (10..).zip(masks).collect();
            let expected = naive(&group, first, last, &mut Vec::new());
            shorten(&mut group, 4);
            let steps = (first..=last).fold(0, |steps, step| steps | 1 << step);
            let found = assign(&group, steps).map(|rows| rows[first..=last].to_vec());
            prop_assert_eq!(found, expected);
        }
    }
}
