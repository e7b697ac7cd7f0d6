//! The attempts of one person, driven event by event in time order.
//!
//! For each step only the attempt that started last is kept: it leaves more of
//! its window to every future event, and nothing else limits an attempt (F5).

use siyu_types::analysis::STEPS_MAX;
use siyu_types::clock::Millis;

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
    pub(super) level: usize,
    /// The rows of the chosen attempt, `level` of them.
    pub(super) rows: Rows,
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

    pub(super) fn clear(&mut self) {
        for attempt in &mut self.at[..self.steps] {
            attempt.start = NEVER;
        }
        self.level = 0;
    }

    /// Nothing later can change the answer.
    pub(super) fn is_complete(&self) -> bool {
        self.level == self.steps
    }

    /// The end of the window that is open longest, of somebody who entered.
    pub(super) fn last_deadline(&self) -> Option<Millis> {
        (self.at[0].start != NEVER).then_some(self.at[0].deadline)
    }

    /// One event that is alone at its time. `entry` is the deadline it would
    /// give an attempt, or `None` if none may start with it.
    #[inline]
    pub(super) fn single(
        &mut self,
        row: u32,
        time: Millis,
        mask: u16,
        entry: impl FnOnce() -> Option<Millis>,
    ) {
        // Later steps first, so that one event serves one step of an attempt.
        let mut rest = mask & !1;
        while rest != 0 {
            let step = 15 - rest.leading_zeros() as usize;
            rest &= !(1 << step);
            if self.may_step(step, time) {
                self.step(step, row);
            }
        }
        if mask & 1 == 1
            && let Some(deadline) = entry()
        {
            self.start(row, time, deadline);
        }
    }

    /// Whether an event at this time brings a later attempt to a step than was there.
    #[inline]
    fn may_step(&self, step: usize, time: Millis) -> bool {
        let before = &self.at[step - 1];
        before.start > self.at[step].start && time <= before.deadline
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
            self.rows = self.ways[step];
        }
    }

    /// Several events of one time, in arrival order.
    pub(super) fn tied(
        &mut self,
        group: &mut Vec<Tied>,
        time: Millis,
        entry: impl FnOnce() -> Option<Millis>,
    ) {
        let deadline = if group.iter().any(|(_, mask)| mask & 1 == 1) { entry() } else { None };
        if self.must_increase {
            self.strictly(group, time, deadline);
        } else {
            self.in_any_order(group, time, deadline);
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
        for from in 0..self.steps {
            // The attempt to extend: a new one, or the one that reached `from` steps.
            let base = match (from, deadline) {
                (0, None) => continue,
                (0, Some(deadline)) => Attempt { start: time, deadline },
                _ => before[from - 1],
            };
            if base.start == NEVER || time > base.deadline {
                continue;
            }
            for to in from..self.steps {
                let Some(rows) = assign(group, from, to) else { break };
                let kept = &mut self.at[to];
                // A later start wins. Among attempts of one start that extend
                // now, the one that had come further reached its steps earlier;
                // one that was here before the group stays.
                let newer = base.start > kept.start;
                let further = base.start == kept.start && kept.start != before[to].start;
                if newer || further {
                    *kept = base;
                    if from > 0 {
                        self.ways[to] = ways[from - 1];
                    }
                    self.ways[to][from..=to].copy_from_slice(&rows[from..=to]);
                }
            }
        }
        for (step, before) in before.iter().enumerate().take(self.steps) {
            if before.start != self.at[step].start {
                self.reached(step);
            }
        }
    }
}
