//! What finds the best attempt among somebody's events, in any way of counting.

use siyu_types::analysis::STEPS_MAX;
use siyu_types::clock::Millis;

use super::outcome::LEFT_OUT;
use super::ties::Tied;

/// In place of the row of a step that was left out.
pub(super) const SKIPPED: u32 = u32::MAX;

/// Bits of the marks of an event: it matches step k (bit k), and ends attempts that have reached
/// step k (bit 16 + k).
pub(super) const ENDS: u32 = 16;

/// The chosen attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Found {
    /// The last step taken, counted from 1.
    pub(super) level: usize,
    /// By step, `level` of them; of steps in any order by time.
    pub(super) rows: [u32; STEPS_MAX],
}

impl Found {
    /// The steps taken and their rows.
    pub(super) fn taken(&self) -> impl DoubleEndedIterator<Item = (usize, u32)> + '_ {
        let rows = self.rows[..self.level].iter().copied().enumerate();
        rows.filter(|(_, row)| *row != SKIPPED)
    }

    /// Milliseconds from step to step: one less than steps, [`LEFT_OUT`] to those that were left out.
    #[inline]
    pub(super) fn gaps(&self, times: &[Millis]) -> impl Iterator<Item = i64> {
        let time = |row: u32| (row != SKIPPED).then(|| times[row as usize]);
        let mut before = time(self.rows[0]);
        self.rows[1..self.level.max(1)].iter().map(move |&row| {
            let now = time(row);
            let gap = now.zip(before).map_or(LEFT_OUT, |(now, before)| now - before);
            before = now.or(before);
            gap
        })
    }

    /// Adds one to the steps that were reached: of those that may be left out, if they were taken.
    #[inline]
    pub(super) fn count(&self, optional: u32, counts: &mut [u64]) {
        for (step, (count, row)) in counts[..self.level].iter_mut().zip(&self.rows).enumerate() {
            *count += u64::from(step == 0 || optional >> step & 1 == 0 || *row != SKIPPED);
        }
    }

    /// Whether it is to be preferred to another: longer; complete first; started last; each step
    /// later, the last first; then by arrival.
    pub(super) fn is_better(&self, other: &Found, times: &[Millis]) -> bool {
        let time = |row: u32| times[row as usize];
        let ends = |found: &Found| {
            let start = found.taken().next().map(|(_, row)| time(row));
            let end = found.taken().next_back().map(|(_, row)| time(row));
            (found.level, std::cmp::Reverse(end), start)
        };
        let by_ends = ends(self).cmp(&ends(other));
        let back = |found: &Found| -> Vec<(Millis, usize)> {
            found.taken().rev().map(|(step, row)| (time(row), step)).collect()
        };
        let order = by_ends.then_with(|| back(self).cmp(&back(other)));
        order.then_with(|| other.taken().cmp(self.taken())).is_gt()
    }
}

/// Sees somebody's events in order of time.
pub(super) trait Engine {
    fn clear(&mut self);

    /// One event that is alone at its time. `entry` is the deadline it would give an attempt, or
    /// `None` if none may start with it.
    fn single(&mut self, row: u32, time: Millis, marks: u32, entry: impl FnOnce() -> Option<Millis>);

    /// Several events of one time, in arrival order.
    fn tied(&mut self, group: &mut Vec<Tied>, time: Millis, entry: impl FnOnce() -> Option<Millis>);

    /// Nothing later can change the answer.
    fn is_complete(&self) -> bool;

    /// How far any attempt got, also one that an exclusion hit.
    fn level(&self) -> usize;

    /// The chosen one of those that got furthest and that no exclusion hit.
    fn found(&self) -> Option<Found>;

    /// Something that happens after this instant could change the answer.
    fn is_open(&self, as_of: Millis) -> bool;
}
