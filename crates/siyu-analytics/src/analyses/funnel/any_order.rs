//! Steps in any order: as many different steps as possible, each by an event of its own, within one
//! window (F9).
//!
//! Sets of events that can serve different steps form a matroid, so taking the latest events first
//! finds a largest set, and of these the one whose events are all as late as can be.

use siyu_types::analysis::STEPS_MAX;
use siyu_types::clock::Millis;

use super::engine::{ENDS, Engine, Found, SKIPPED};
use super::ties::Tied;

/// An event inside the window.
#[derive(Clone, Copy)]
struct Seen {
    row: u32,
    marks: u32,
    time: Millis,
    /// Until when an attempt that starts with it counts.
    deadline: Millis,
    /// Whether an attempt may start with it.
    starts: bool,
}

#[derive(Clone, Copy)]
struct Chosen {
    found: Found,
    last: Millis,
    deadline: Millis,
    clean: bool,
}

pub(super) struct AnyOrder {
    steps: usize,
    window: Vec<Seen>,
    chosen: Option<Chosen>,
}

impl AnyOrder {
    pub(super) fn new(steps: usize) -> AnyOrder {
        AnyOrder { steps, window: Vec::new(), chosen: None }
    }

    /// Events of one time; `entry` is the deadline of an attempt that starts now, if one may.
    fn see(&mut self, group: &[Tied], time: Millis, entry: Option<Millis>) {
        let steps = (1u32 << self.steps) - 1;
        let ends = group.iter().any(|(_, marks)| marks >> ENDS != 0);
        if let Some(chosen) = &mut self.chosen
            && ends
            && chosen.found.level < self.steps
            && chosen.last < time
            && time <= chosen.deadline
        {
            chosen.clean = false;
        }
        self.window.retain(|seen| seen.deadline >= time);
        let (starts, deadline) = (entry.is_some(), entry.unwrap_or(Millis::MAX));
        let serving = group.iter().filter(|(_, marks)| marks & steps != 0);
        self.window.extend(serving.map(|&(row, marks)| Seen { row, marks, time, deadline, starts }));
        if !self.window.iter().any(|seen| seen.starts) {
            self.window.clear();
            return;
        }
        self.shorten();
        self.choose(time);
        if ends {
            self.window.retain(|seen| seen.time >= time);
        }
    }

    /// Keeps, for each step, the latest events that match it, as many as there are steps, and the
    /// latest of those with which an attempt may start.
    fn shorten(&mut self) {
        if self.window.len() <= 2 * self.steps {
            return;
        }
        let mut taken = [[0usize; 2]; STEPS_MAX];
        let mut keep = vec![false; self.window.len()];
        for at in self.latest_first() {
            let seen = self.window[at];
            let needed = &mut keep[at];
            for (step, taken) in taken.iter_mut().enumerate().take(self.steps) {
                let taken = &mut taken[usize::from(seen.starts)];
                if seen.marks >> step & 1 == 1 && *taken < self.steps {
                    *taken += 1;
                    *needed = true;
                }
            }
        }
        let mut keep = keep.into_iter();
        self.window.retain(|_| keep.next().unwrap_or(true));
    }

    /// Places in the window, the latest first, and of one time in arrival order.
    fn latest_first(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.window.len()).collect();
        order.sort_by_key(|at| std::cmp::Reverse(self.window[*at].time));
        order
    }

    fn choose(&mut self, now: Millis) {
        let (level, clean) = self.chosen.map_or((0, true), |chosen| (chosen.found.level, chosen.clean));
        let wanted = if clean { level + 1 } else { level };
        let covered = self.window.iter().fold(0, |all, seen| all | seen.marks) & ((1u32 << self.steps) - 1);
        if (covered.count_ones() as usize) < wanted {
            return;
        }
        // An attempt has to start inside the range; the latest such event is no worse than others.
        let order = self.latest_first();
        let candidates = order.iter().copied().filter(|at| self.window[*at].starts);
        let found = candidates
            .map(|first| self.latest(first, &order))
            .find(|set| set.len() >= wanted && set.last().is_some_and(|last| self.window[*last].time == now));
        let Some(set) = found else { return };
        let mut rows = [SKIPPED; STEPS_MAX];
        rows.iter_mut().zip(&set).for_each(|(row, at)| *row = self.window[*at].row);
        let found = Found { level: set.len(), rows };
        self.chosen = Some(Chosen { found, last: now, deadline: self.window[set[0]].deadline, clean: true });
    }

    /// A largest set that has an event, of the latest events otherwise, ascending.
    fn latest(&self, with: usize, order: &[usize]) -> Vec<usize> {
        let mut served = Served { window: &self.window, steps: self.steps, by: [None; STEPS_MAX] };
        let mut set = Vec::new();
        let others = order.iter().copied().filter(|at| *at != with);
        for at in std::iter::once(with).chain(others) {
            if set.len() < self.steps && served.take(at, &mut 0) {
                set.push(at);
            }
        }
        set.sort_unstable();
        set
    }
}

/// Which event serves which step.
struct Served<'w> {
    window: &'w [Seen],
    steps: usize,
    by: [Option<usize>; STEPS_MAX],
}

impl Served<'_> {
    /// Finds a step for an event, moving others to other steps. `tried` are steps, as bits.
    fn take(&mut self, event: usize, tried: &mut u32) -> bool {
        for step in 0..self.steps {
            let fits = self.window[event].marks >> step & 1 == 1 && *tried >> step & 1 == 0;
            if !fits {
                continue;
            }
            *tried |= 1 << step;
            if self.by[step].is_none_or(|holder| self.take(holder, tried)) {
                self.by[step] = Some(event);
                return true;
            }
        }
        false
    }
}

impl Engine for AnyOrder {
    fn clear(&mut self) {
        self.window.clear();
        self.chosen = None;
    }

    fn single(&mut self, row: u32, time: Millis, marks: u32, entry: impl FnOnce() -> Option<Millis>) {
        self.see(&[(row, marks)], time, entry());
    }

    fn tied(&mut self, group: &mut Vec<Tied>, time: Millis, entry: impl FnOnce() -> Option<Millis>) {
        self.see(group, time, entry());
    }

    fn is_complete(&self) -> bool {
        self.level() == self.steps
    }

    fn level(&self) -> usize {
        self.chosen.map_or(0, |chosen| chosen.found.level)
    }

    fn found(&self) -> Option<Found> {
        self.chosen.filter(|chosen| chosen.clean).map(|chosen| chosen.found)
    }

    fn is_open(&self, as_of: Millis) -> bool {
        !self.is_complete() && self.window.iter().any(|seen| seen.starts && seen.deadline > as_of)
    }
}
