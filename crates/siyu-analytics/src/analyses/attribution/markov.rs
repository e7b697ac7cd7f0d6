//! The chain of which touch follows which, and what would be lost without one of them.

/// Counts of one touch after another, with a start and two ends.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    touches: usize,
    /// From row to column: touches, then the start, converted, and not.
    counts: Vec<u64>,
}

impl Chain {
    pub(super) fn new(touches: usize) -> Chain {
        let states = touches + 3;
        Chain { touches, counts: vec![0; states * states] }
    }

    fn states(&self) -> usize {
        self.touches + 3
    }

    /// Adds one journey.
    pub(super) fn add(&mut self, slots: impl Iterator<Item = u32>, converted: bool) {
        let states = self.states();
        let mut from = self.touches;
        for slot in slots {
            self.counts[from * states + slot as usize] += 1;
            from = slot as usize;
        }
        let end = self.touches + if converted { 1 } else { 2 };
        self.counts[from * states + end] += 1;
    }

    pub(super) fn merge(&mut self, other: &Chain) {
        self.counts.iter_mut().zip(&other.counts).for_each(|(own, more)| *own += more);
    }

    /// Of each touch, the share of conversions that would be lost if everything that leads to it
    /// led to no conversion instead. All 0 if nothing converts.
    pub(super) fn removal_effects(&self) -> Vec<f64> {
        let all = self.converts(None);
        let effect = |touch: usize| (1.0 - self.converts(Some(touch)) / all).max(0.0);
        let seen =
            |touch: usize| (0..self.states()).any(|from| self.counts[from * self.states() + touch] > 0);
        (0..self.touches).map(|touch| if all > 0.0 && seen(touch) { effect(touch) } else { 0.0 }).collect()
    }

    /// The probability that a journey converts: (I − Q) x = r for all states that are no ends.
    fn converts(&self, removed: Option<usize>) -> f64 {
        let (states, size) = (self.states(), self.touches + 1);
        let mut system = vec![vec![0.0f64; size + 1]; size];
        for (from, row) in system.iter_mut().enumerate() {
            row[from] = 1.0;
            let counts = &self.counts[from * states..(from + 1) * states];
            let all: u64 = counts.iter().sum();
            if all == 0 || removed == Some(from) {
                continue;
            }
            let share = |to: usize| counts[to] as f64 / all as f64;
            for to in (0..self.touches).filter(|to| removed != Some(*to)) {
                row[to] -= share(to);
            }
            row[size] = share(self.touches + 1);
        }
        solve(system).get(self.touches).copied().unwrap_or(0.0)
    }
}

/// Gauss with the largest pivot; each row ends with its right side. Every state leads to an end,
/// so there is one solution.
fn solve(mut rows: Vec<Vec<f64>>) -> Vec<f64> {
    let size = rows.len();
    for column in 0..size {
        let pivot = (column..size).max_by(|a, b| rows[*a][column].abs().total_cmp(&rows[*b][column].abs()));
        rows.swap(column, pivot.unwrap_or(column));
        let (done, rest) = rows.split_at_mut(column + 1);
        let own = &done[column];
        for row in rest {
            let factor = row[column] / own[column];
            if factor != 0.0 {
                row[column..].iter_mut().zip(&own[column..]).for_each(|(left, own)| *left -= factor * own);
            }
        }
    }
    let mut solution = vec![0.0; size];
    for at in (0..size).rev() {
        let known: f64 = (at + 1..size).map(|later| rows[at][later] * solution[later]).sum();
        solution[at] = (rows[at][size] - known) / rows[at][at];
    }
    solution
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effects(touches: usize, journeys: &[(&[u32], u64, u64)]) -> Vec<f64> {
        let mut chain = Chain::new(touches);
        for (path, converted, not) in journeys {
            (0..*converted).for_each(|_| chain.add(path.iter().copied(), true));
            (0..*not).for_each(|_| chain.add(path.iter().copied(), false));
        }
        chain.removal_effects()
    }

    fn close(found: &[f64], expected: &[f64]) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
        }
    }

    #[test]
    fn published_examples() {
        // Three paths (Anderl et al. 2016): C1 → C2 → C3 converts, C1 does not, C2 → C3 does not.
        close(&effects(3, &[(&[0, 1, 2], 1, 0), (&[0], 0, 1), (&[1, 2], 0, 1)]), &[0.5, 1.0, 1.0]);
        // The one for which ten thousand simulations give 1.991 and 1.009: exactly 2 and 1 of 3.
        let effect = effects(2, &[(&[0], 2, 0), (&[1], 1, 0)]);
        close(&effect, &[2.0 / 3.0, 1.0 / 3.0]);
    }

    /// Worked out in fractions; two hundred thousand simulations of pychattr give .7445, .6993 and
    /// .8180 here.
    #[test]
    fn a_loop_and_journeys_that_did_not_convert() {
        let journeys: [(&[u32], u64, u64); 5] =
            [(&[0, 1, 2], 3, 5), (&[0], 1, 7), (&[1, 2], 2, 2), (&[0, 1, 0, 2], 4, 3), (&[1], 1, 6)];
        close(&effects(3, &journeys), &[367.0 / 494.0, 2_192.0 / 3_135.0, 9.0 / 11.0]);
    }

    #[test]
    fn loops_are_solved() {
        // a → a → a converts once of two; repeating a touch changes nothing at order 1.
        close(&effects(1, &[(&[0, 0, 0], 1, 1)]), &effects(1, &[(&[0], 1, 1)]));
        // A loop of two: start → a, a → b of 2/3, a → yes of 1/3, b → a of 1/2, b → no of 1/2.
        close(&effects(2, &[(&[0, 1, 0], 1, 0), (&[0, 1], 0, 1)]), &[1.0, 1.0 - (1.0 / 3.0) / 0.5]);
    }

    #[test]
    fn nothing_converts() {
        close(&effects(2, &[(&[0, 1], 0, 3)]), &[0.0, 0.0]);
        close(&effects(0, &[]), &[]);
    }
}
