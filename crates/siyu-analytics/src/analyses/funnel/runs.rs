//! The attempts at an ordered funnel with any options.
//!
//! As in the plain funnel one attempt per step is enough: of two that have come to a step, the
//! one that came later also started no earlier, so windows, exclusions and foreign events hit it no
//! sooner. Only where steps may be left out does an earlier comer sometimes have the later start; it
//! is kept then, since nothing but exclusions, which end both, looks at when a step was taken.

use siyu_types::analysis::STEPS_MAX;
use siyu_types::clock::Millis;

use super::engine::{ENDS, Engine, Found, SKIPPED};
use super::plan::Window;
use super::ties::{Matching, Tied, assign, bits, shorten};

/// What distinguishes an ordered funnel from a plain one.
pub(super) struct Rules<'p> {
    pub(super) steps: usize,
    /// Steps that may be left out, as bits.
    pub(super) optional: u32,
    /// Events that serve no step end all attempts.
    pub(super) strict: bool,
    pub(super) must_increase: bool,
    /// By step: how long after the step before.
    pub(super) within: &'p [Option<Window<'p>>],
}

#[derive(Clone, Copy)]
struct Run {
    start: Millis,
    deadline: Millis,
    /// When its last step was taken.
    last: Millis,
    /// Until when its next step counts.
    limit: Millis,
    rows: [u32; STEPS_MAX],
}

impl Run {
    fn new(time: Millis, deadline: Millis) -> Run {
        Run { start: time, deadline, last: time, limit: deadline, rows: [SKIPPED; STEPS_MAX] }
    }
}

/// A way to take steps now: the attempt that goes on, if it is not a new one, and the steps.
#[derive(Clone, Copy)]
struct Way {
    base: Option<usize>,
    steps: u32,
}

pub(super) struct Runs<'p> {
    rules: &'p Rules<'p>,
    at: [Option<Run>; STEPS_MAX],
    /// Steps at which there may be an attempt, as bits.
    live: u32,
    level: usize,
    /// Attempts that came so far and that no exclusion has hit, the first of them the chosen one.
    /// Each ends before those in front of it: only so can it outlive them.
    chosen: Vec<Run>,
}

impl<'p> Runs<'p> {
    pub(super) fn new(rules: &'p Rules<'p>) -> Runs<'p> {
        Runs { rules, at: [None; STEPS_MAX], live: 0, level: 0, chosen: Vec::new() }
    }

    /// One event alone at its time. Steps are taken from the last to the first, so that what was there
    /// before is still there for each: nothing has to be copied, as for several events.
    fn see_one(&mut self, row: u32, time: Millis, marks: u32, entry: Option<Millis>) {
        if !self.chosen.is_empty() {
            self.end_chosen(marks >> ENDS, time);
        }
        let hit = if self.rules.strict { u32::MAX } else { marks >> ENDS };
        let mut ended = hit & self.live;
        // Most events of a strict funnel end nothing, and are no step.
        let mut steps = marks & ((1 << self.rules.steps) - 1);
        while steps != 0 {
            let to = 31 - steps.leading_zeros() as usize;
            steps &= !(1 << to);
            let Some(mut run) = self.run_to(to, time, entry) else { continue };
            run.rows[to] = row;
            self.go_on(&mut run, to, time);
            let kept = self.at[to].filter(|_| ended >> to & 1 == 0);
            if kept.is_none_or(|kept| kept.limit < time || run.start >= kept.start) {
                self.at[to] = Some(run);
                self.live |= 1 << to;
                // It took this step now, so what happens now does not end it.
                ended &= !(1 << to);
            }
            self.reached(to, run);
        }
        bits(ended).for_each(|state| self.at[state] = None);
        self.live &= !ended;
    }

    /// Of the attempts that one event can bring to a step, the one that started last.
    fn run_to(&self, to: usize, time: Millis, entry: Option<Millis>) -> Option<Run> {
        let key = |run: &Run, base: Option<usize>| (run.start, run.last, base);
        // An event serves one step, so all between have to be left out.
        let mut best = None;
        for base in (0..to).rev() {
            let run = self.at[base].filter(|run| time <= run.limit);
            if let Some(run) = run
                && best.as_ref().is_none_or(|(kept, at)| key(&run, Some(base)) > key(kept, *at))
            {
                best = Some((run, Some(base)));
            }
            if self.rules.optional >> base & 1 == 0 {
                return best.map(|(run, _)| run);
            }
        }
        let fresh = entry.map(|deadline| Run::new(time, deadline));
        match (fresh, best) {
            (Some(fresh), Some((run, base))) if key(&run, base) > key(&fresh, None) => Some(run),
            (Some(fresh), _) => Some(fresh),
            (None, best) => best.map(|(run, _)| run),
        }
    }

    /// The run has taken a step now.
    fn go_on(&self, run: &mut Run, step: usize, time: Millis) {
        run.last = time;
        let next = self.rules.within.get(step + 1).and_then(Option::as_ref);
        run.limit = next.map_or(run.deadline, |within| within.deadline(time).min(run.deadline));
    }

    fn see(&mut self, group: &[Tied], time: Millis, entry: Option<Millis>) {
        let before = self.at;
        let marks = group.iter().fold(0, |all, (_, marks)| all | marks);
        self.end_chosen(marks >> ENDS, time);
        self.end(marks >> ENDS);
        for to in 0..self.rules.steps {
            if marks >> to & 1 == 0 {
                continue;
            }
            let Some((run, _)) = self.best_way(&before, group, to, time, entry) else { continue };
            let later = self.at[to].is_none_or(|kept| kept.limit < time || run.start >= kept.start);
            if later {
                self.at[to] = Some(run);
                self.live |= 1 << to;
            }
            self.reached(to, run);
        }
    }

    /// Ends attempts that got furthest and that foreign events or exclusions hit.
    fn end_chosen(&mut self, states: u32, time: Millis) {
        if (1..self.rules.steps).contains(&self.level) && states >> (self.level - 1) & 1 == 1 {
            self.chosen.retain(|run| time <= run.last || run.limit < time);
        }
        if self.rules.strict {
            // What is over cannot be excluded any more.
            self.chosen.iter_mut().for_each(|run| run.limit = run.limit.min(time.max(run.last)));
        }
    }

    /// Ends attempts that foreign events or exclusions hit. One that takes a step at this very time
    /// goes on, from what was there before.
    fn end(&mut self, states: u32) {
        for (state, run) in self.at[..self.rules.steps].iter_mut().enumerate() {
            if self.rules.strict || states >> state & 1 == 1 {
                *run = None;
            }
        }
    }

    /// The attempt that is at a step after events of one time, and started last.
    fn best_way(
        &self,
        before: &[Option<Run>; STEPS_MAX],
        group: &[Tied],
        to: usize,
        time: Millis,
        entry: Option<Millis>,
    ) -> Option<(Run, Way)> {
        let fresh = entry.map(|deadline| Run::new(time, deadline));
        let bases = std::iter::once((None, fresh)).chain((0..to).map(|base| (Some(base), before[base])));
        let mut best: Option<(Run, Way)> = None;
        for (base, run) in bases {
            let Some(run) = run.filter(|run| time <= run.limit) else { continue };
            if best.as_ref().is_some_and(|(kept, _)| kept.start > run.start) {
                continue;
            }
            let Some(steps) = self.steps_taken(group, base, to) else { continue };
            let way = Way { base, steps };
            let key = |run: &Run, way: &Way| (run.start, way.steps, run.last, way.base);
            if best.as_ref().is_none_or(|(kept, other)| key(&run, &way) > key(kept, other)) {
                best = Some((run, way));
            }
        }
        let (mut run, way) = best?;
        let rows = assign(group, way.steps)?;
        bits(way.steps).for_each(|step| run.rows[step] = rows[step]);
        self.go_on(&mut run, to, time);
        Some((run, way))
    }

    /// The steps an attempt takes now to get from one to another: all that are required between, and
    /// of those that may be left out the latest that can be served.
    fn steps_taken(&self, group: &[Tied], base: Option<usize>, to: usize) -> Option<u32> {
        let from = base.map_or(0, |base| base + 1);
        let between = ((1u32 << to) - 1) & !((1 << from) - 1);
        let required = between & !self.rules.optional | 1 << to;
        if group.len() == 1 || self.rules.must_increase {
            let served = required == 1 << to && group.iter().any(|(_, marks)| marks >> to & 1 == 1);
            return served.then_some(required);
        }
        let mut matching = Matching::new(group);
        if !bits(required).all(|step| matching.add(step)) {
            return None;
        }
        let optional = (0..to).rev().filter(|step| between & self.rules.optional & 1 << step != 0);
        Some(optional.filter(|step| matching.add(*step)).fold(required, |taken, step| taken | 1 << step))
    }

    fn reached(&mut self, step: usize, run: Run) {
        if step + 1 > self.level {
            self.level = step + 1;
            self.chosen.clear();
        }
        if step + 1 == self.level && self.chosen.last().is_none_or(|last| run.limit < last.limit) {
            self.chosen.push(run);
        }
    }
}

impl Engine for Runs<'_> {
    fn clear(&mut self) {
        self.at[..self.rules.steps].fill(None);
        self.live = 0;
        self.chosen.clear();
        self.level = 0;
    }

    fn single(&mut self, row: u32, time: Millis, marks: u32, entry: impl FnOnce() -> Option<Millis>) {
        let entry = if marks & 1 == 1 { entry() } else { None };
        self.see_one(row, time, marks, entry);
    }

    fn tied(&mut self, group: &mut Vec<Tied>, time: Millis, entry: impl FnOnce() -> Option<Millis>) {
        let entry = if group.iter().any(|(_, marks)| marks & 1 == 1) { entry() } else { None };
        let ends = group.iter().fold(0, |all, (_, marks)| all | marks) >> ENDS << ENDS;
        shorten(group, self.rules.steps);
        // What ends attempts does so although it may serve no step.
        if ends != 0 {
            group.push((SKIPPED, ends));
        }
        self.see(group, time, entry);
    }

    fn is_complete(&self) -> bool {
        self.level == self.rules.steps
    }

    fn level(&self) -> usize {
        self.level
    }

    fn found(&self) -> Option<Found> {
        let run = self.chosen.first()?;
        Some(Found { level: self.level, rows: run.rows })
    }

    fn is_open(&self, as_of: Millis) -> bool {
        !self.is_complete() && self.at[..self.rules.steps].iter().flatten().any(|run| run.limit > as_of)
    }
}
