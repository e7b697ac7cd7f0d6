//! The attempts at a plain ordered funnel, driven event by event in time order.
//!
//! For each step only the attempt that started last is kept: it leaves more of
//! its window to every future event, and nothing else limits an attempt (F5).
//! Of those it is the one that got to the step last (F7).
//!
//! Which step comes next cannot be foretold, so nothing branches on it: every event takes its
//! step, and where no attempt waits for it, it is taken by nobody.

use siyu_types::analysis::STEPS_MAX;
use siyu_types::clock::Millis;

use super::engine::{Engine, Found, SKIPPED};
use super::ties::{Tied, assign, shorten};

/// Where an attempt stands that is none.
pub(super) const NOBODY: usize = STEPS_MAX + 1;

/// An attempt that has reached some step.
#[derive(Clone, Copy)]
struct Attempt {
    /// The last instant at which a step still counts; of none it is before all time.
    deadline: Millis,
    /// Its last step, as a place in what was taken.
    last: u32,
}

const NONE: Attempt = Attempt { deadline: Millis::MIN, last: 0 };

/// A step: the event, and the place of the attempt's step before.
struct Taken {
    row: u32,
    before: u32,
}

/// How far one person got.
pub(super) struct Progress {
    steps: usize,
    must_increase: bool,
    /// `at[k + 1]` has reached step k, counted from 0. `at[0]` is the one that would begin now.
    at: [Attempt; STEPS_MAX + 2],
    taken: Vec<Taken>,
    /// Steps reached, 0 to `steps`.
    level: usize,
    /// The last step of the chosen attempt.
    chosen: u32,
}

impl Progress {
    pub(super) fn new(steps: usize, must_increase: bool) -> Progress {
        let at = [NONE; STEPS_MAX + 2];
        Progress { steps, must_increase, at, taken: Vec::new(), level: 0, chosen: 0 }
    }

    /// What an event may begin.
    #[inline(always)]
    fn begin(&mut self, deadline: Option<Millis>) {
        self.at[0] = deadline.map_or(NONE, |deadline| Attempt { deadline, last: 0 });
    }

    /// An event takes a step of the attempt that is before it, if there is one.
    #[inline(always)]
    fn take(&mut self, step: usize, row: u32, time: Millis) {
        let base = self.at[step];
        let last = self.push(row, base.last);
        let goes_on = time <= base.deadline;
        self.at[if goes_on { step + 1 } else { NOBODY }] = Attempt { last, ..base };
        if goes_on & (step >= self.level) {
            self.reached(step, last);
        }
    }

    #[inline(always)]
    fn push(&mut self, row: u32, before: u32) -> u32 {
        let place = self.taken.len() as u32;
        self.taken.push(Taken { row, before });
        place
    }

    /// The first attempt to come this far is the chosen one.
    fn reached(&mut self, step: usize, last: u32) {
        if step >= self.level {
            (self.level, self.chosen) = (step + 1, last);
        }
    }

    /// An attempt takes at most one event of the group.
    fn strictly(&mut self, group: &[Tied], time: Millis) {
        for step in (0..self.steps).rev() {
            if let Some((row, _)) = group.iter().find(|(_, mask)| mask >> step & 1 == 1) {
                self.take(step, *row, time);
            }
        }
    }

    /// An attempt takes as many events of the group as help it.
    fn in_any_order(&mut self, group: &mut Vec<Tied>, time: Millis) {
        shorten(group, self.steps);
        let before = self.at;
        for to in 0..self.steps {
            // The attempt to extend: a new one, or the one that reached `from` steps. The first that
            // can be extended started last, and takes most steps now.
            for (from, base) in before[..=to].iter().enumerate() {
                if time > base.deadline {
                    continue;
                }
                let taken = ((1 << (to + 1)) - 1) & !((1 << from) - 1);
                let Some(rows) = assign(group, taken) else { continue };
                let last = rows[from..=to].iter().fold(base.last, |before, row| self.push(*row, before));
                self.at[to + 1] = Attempt { last, ..*base };
                self.reached(to, last);
                break;
            }
        }
    }
}

impl Engine for Progress {
    fn clear(&mut self) {
        self.at[..=self.steps].fill(NONE);
        self.taken.clear();
        self.level = 0;
    }

    #[inline]
    fn single(&mut self, row: u32, time: Millis, marks: u32, entry: impl FnOnce() -> Option<Millis>) {
        self.begin(entry());
        if marks.is_power_of_two() {
            return self.take(marks.trailing_zeros() as usize, row, time);
        }
        // Later steps first, so that one event serves one step of an attempt.
        let mut rest = marks;
        while rest != 0 {
            let step = 31 - rest.leading_zeros() as usize;
            rest &= !(1 << step);
            self.take(step, row, time);
        }
    }

    fn tied(&mut self, group: &mut Vec<Tied>, time: Millis, entry: impl FnOnce() -> Option<Millis>) {
        self.begin(entry());
        if self.must_increase {
            self.strictly(group, time);
        } else {
            self.in_any_order(group, time);
        }
    }

    #[inline]
    fn is_complete(&self) -> bool {
        self.level == self.steps
    }

    fn level(&self) -> usize {
        self.level
    }

    fn found(&self) -> Option<Found> {
        let mut rows = [SKIPPED; STEPS_MAX];
        let mut place = self.chosen as usize;
        for row in rows[..self.level].iter_mut().rev() {
            let taken = &self.taken[place];
            *row = taken.row;
            place = taken.before as usize;
        }
        (self.level > 0).then_some(Found { level: self.level, rows })
    }

    fn is_open(&self, as_of: Millis) -> bool {
        // The first step's attempt started last, so its window is open longest.
        self.at[1].deadline > as_of && !self.is_complete()
    }
}
