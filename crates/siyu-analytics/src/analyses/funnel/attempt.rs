//! The attempts at a plain ordered funnel, driven event by event in time order.
//!
//! For each step only the attempt that started last is kept: it leaves more of
//! its window to every future event, and nothing else limits an attempt (F5).
//! Of those it is the one that got to the step last (F7).

use siyu_types::analysis::STEPS_MAX;
use siyu_types::clock::Millis;

use super::engine::{Engine, Found, SKIPPED};
use super::ties::{Tied, assign, shorten};

const NEVER: Millis = Millis::MIN;

/// Rows of an attempt, by step.
type Rows = [u32; STEPS_MAX];

/// When an attempt that has reached some step began.
#[derive(Clone, Copy)]
struct Attempt {
    start: Millis,
    /// The last instant at which a step still counts.
    deadline: Millis,
}

const NONE: Attempt = Attempt { start: NEVER, deadline: NEVER };

/// How far one person got.
pub(super) struct Progress {
    steps: usize,
    must_increase: bool,
    /// `at[k]` has reached step k, counted from 0, through `ways[k]`.
    at: [Attempt; STEPS_MAX],
    ways: [Rows; STEPS_MAX],
    /// Steps reached, 0 to `steps`.
    level: usize,
    /// The rows of the chosen attempt, `level` of them.
    rows: Rows,
}

impl Progress {
    pub(super) fn new(steps: usize, must_increase: bool) -> Progress {
        Progress {
            steps,
            must_increase,
            at: [NONE; STEPS_MAX],
            ways: [[0; STEPS_MAX]; STEPS_MAX],
            level: 0,
            rows: [0; STEPS_MAX],
        }
    }

    /// Whether an event at this time brings an attempt to a step. What was there started no later.
    #[inline]
    fn may_step(&self, step: usize, time: Millis) -> bool {
        let before = &self.at[step - 1];
        before.start != NEVER && time <= before.deadline
    }

    #[inline]
    fn step(&mut self, step: usize, row: u32) {
        self.at[step] = self.at[step - 1];
        // Copies as much as was reached, which is short.
        for index in 0..step {
            self.ways[step][index] = self.ways[step - 1][index];
        }
        self.ways[step][step] = row;
        self.reached(step);
    }

    #[inline]
    fn start(&mut self, row: u32, time: Millis, deadline: Millis) {
        self.at[0] = Attempt { start: time, deadline };
        self.ways[0][0] = row;
        self.reached(0);
    }

    /// The first attempt to come this far is the chosen one.
    #[inline]
    fn reached(&mut self, step: usize) {
        if step >= self.level {
            self.level = step + 1;
            let taken = ..=step;
            self.rows[taken].copy_from_slice(&self.ways[step][taken]);
        }
    }

    /// An attempt takes at most one event of the group.
    fn strictly(&mut self, group: &[Tied], time: Millis, deadline: Option<Millis>) {
        let first = |step: usize| group.iter().find(|(_, mask)| mask >> step & 1 == 1).map(|(row, _)| *row);
        for step in (1..self.steps).rev() {
            if self.may_step(step, time)
                && let Some(row) = first(step)
            {
                self.step(step, row);
            }
        }
        if let (Some(row), Some(deadline)) = (first(0), deadline) {
            self.start(row, time, deadline);
        }
    }

    /// An attempt takes as many events of the group as help it.
    fn in_any_order(&mut self, group: &mut Vec<Tied>, time: Millis, deadline: Option<Millis>) {
        shorten(group, self.steps);
        let (before, ways) = (self.at, self.ways);
        for to in 0..self.steps {
            // The attempt to extend: a new one, or the one that reached `from` steps. The first that
            // can be extended started last, and takes most steps now.
            for from in 0..=to {
                let base = match (from, deadline) {
                    (0, None) => continue,
                    (0, Some(deadline)) => Attempt { start: time, deadline },
                    _ => before[from - 1],
                };
                if base.start == NEVER || time > base.deadline {
                    continue;
                }
                let taken = ((1 << (to + 1)) - 1) & !((1 << from) - 1);
                let Some(rows) = assign(group, taken) else { continue };
                self.at[to] = base;
                if from > 0 {
                    self.ways[to] = ways[from - 1];
                }
                self.ways[to][from..=to].copy_from_slice(&rows[from..=to]);
                self.reached(to);
                break;
            }
        }
    }
}

impl Engine for Progress {
    fn clear(&mut self) {
        for attempt in &mut self.at[..self.steps] {
            attempt.start = NEVER;
        }
        self.level = 0;
    }

    #[inline]
    fn single(&mut self, row: u32, time: Millis, marks: u32, entry: impl FnOnce() -> Option<Millis>) {
        // Later steps first, so that one event serves one step of an attempt.
        let mut rest = marks & !1;
        while rest != 0 {
            let step = 31 - rest.leading_zeros() as usize;
            rest &= !(1 << step);
            if self.may_step(step, time) {
                self.step(step, row);
            }
        }
        if marks & 1 == 1
            && let Some(deadline) = entry()
        {
            self.start(row, time, deadline);
        }
    }

    fn tied(&mut self, group: &mut Vec<Tied>, time: Millis, entry: impl FnOnce() -> Option<Millis>) {
        let deadline = if group.iter().any(|(_, marks)| marks & 1 == 1) { entry() } else { None };
        if self.must_increase {
            self.strictly(group, time, deadline);
        } else {
            self.in_any_order(group, time, deadline);
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
        rows[..self.level].copy_from_slice(&self.rows[..self.level]);
        (self.level > 0).then_some(Found { level: self.level, rows })
    }

    fn is_open(&self, as_of: Millis) -> bool {
        // The first step's attempt started last, so its window is open longest.
        self.at[0].start != NEVER && self.at[0].deadline > as_of && !self.is_complete()
    }
}
