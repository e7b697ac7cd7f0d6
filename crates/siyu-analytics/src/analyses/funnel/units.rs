//! Somebody's events as an engine sees them, and the attempt that is found among them.

use siyu_events::Block;
use siyu_types::analysis::{FunnelCount, FunnelOrder, STEPS_MAX};
use siyu_types::calendar::InstantRange;
use siyu_types::clock::Millis;

use super::distinct::Distinct;
use super::engine::{ENDS, Engine, Found, SKIPPED};
use super::plan::{Plan, Window};
use super::ties::Tied;
use crate::roles::RolesOn;

/// Bits of marks that are steps.
pub(super) const STEPS: u32 = (1 << ENDS) - 1;

/// An event of a person: what it is in the funnel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    pub(super) row: u32,
    pub(super) time: Millis,
    pub(super) marks: u32,
}

/// Shows an engine events in order of time; attempts start inside the range.
#[inline]
pub(super) fn drive<E: Engine>(
    engine: &mut E,
    count: usize,
    event: impl Fn(usize) -> (u32, Millis),
    marks: impl Fn(usize) -> u32,
    (range, window, until): (InstantRange, &Window<'_>, Millis),
    group: &mut Vec<Tied>,
) {
    engine.clear();
    let Some(last) = count.checked_sub(1) else { return };
    let mut next = event(0);
    // Of most people everything lies inside, so that it need not be asked of every event.
    let (first, last) = (next.1, event(last).1);
    let inside = range.from <= first && last < range.to && last <= until;
    let mut index = 0;
    while index < count {
        let (row, time) = next;
        if !inside && time > until {
            return;
        }
        let own = marks(index);
        index += 1;
        if index < count {
            next = event(index);
        }
        let entry = || (inside || range.from <= time && time < range.to).then(|| window.deadline(time));
        if index == count || next.1 != time {
            engine.single(row, time, own, entry);
        } else {
            group.clear();
            group.push((row, own));
            while index < count && next.1 == time {
                group.push((next.0, marks(index)));
                index += 1;
                if index < count {
                    next = event(index);
                }
            }
            engine.tied(group, time, entry);
        }
        if engine.is_complete() {
            return;
        }
    }
}

/// Everything of a person that is in the funnel or may break it, up to the last known.
pub(super) fn seen(plan: &Plan<'_>, roles: &RolesOn<'_>, block: &Block, rows: &[u32], out: &mut Vec<Mark>) {
    out.clear();
    let known = match rows.last() {
        Some(last) if block.times[*last as usize] > plan.until => {
            rows.partition_point(|row| block.times[*row as usize] <= plan.until)
        }
        _ => rows.len(),
    };
    // Sessions, and what only the first of somebody's events can be, need to know of everything.
    let sessions = matches!(plan.query.count, FunnelCount::Sessions { .. });
    let all = sessions || plan.needs_firsts();
    for &row in &rows[..known] {
        let of = roles.of(row);
        let marks = plan.marks(of);
        if marks != 0 || all || plan.breaks(of) {
            out.push(Mark { row, time: block.times[row as usize], marks });
        }
    }
    plan.keep_firsts(block, roles, out);
    if all && !sessions {
        out.retain(|mark| mark.marks != 0 || plan.may_break(roles, mark));
    }
}

/// Finds the chosen attempt of a unit.
pub(super) struct Finder<'p, E> {
    engine: E,
    plan: &'p Plan<'p>,
    window: Window<'p>,
    removes: bool,
    /// The marks of an event, where its name decides them.
    by_mark: Option<Box<[u32; 256]>>,
    group: Vec<Tied>,
    /// Which asks for less, if the question is of its kind.
    distinct: Option<Distinct>,
    /// What it found last, in its place: as many people as there are would have it moved.
    found: Found,
}

impl<'p, E: Engine> Finder<'p, E> {
    pub(super) fn new(plan: &'p Plan<'p>, engine: E) -> Finder<'p, E> {
        let removes = plan.query.excluding == siyu_types::analysis::FunnelExcluding::Removes;
        let window = plan.window(plan.query.window);
        let (by_mark, distinct) = (plan.by_mark(), Distinct::new(plan));
        let found = Found { level: 0, rows: [SKIPPED; STEPS_MAX] };
        Finder { engine, plan, window, removes, by_mark, group: Vec::new(), distinct, found }
    }

    /// Of somebody whose rows need no splitting; and whether it is open.
    #[inline]
    pub(super) fn of_rows(
        &mut self,
        roles: &RolesOn<'_>,
        block: &Block,
        rows: &[u32],
    ) -> (Option<&Found>, bool) {
        let Finder { distinct, found, .. } = self;
        let told = distinct.as_ref().and_then(|told| told.of_rows(roles, &block.times, rows, found));
        let open = told.unwrap_or_else(|| self.driven(roles, block, rows));
        ((self.found.level > 0).then_some(&self.found), open)
    }

    /// As these, by the engine.
    #[inline(never)]
    fn driven(&mut self, roles: &RolesOn<'_>, block: &Block, rows: &[u32]) -> bool {
        let plan = self.plan;
        let event = |index: usize| (rows[index], block.times[rows[index] as usize]);
        let scope = (plan.range, &self.window, plan.until);
        match &self.by_mark {
            Some(by_mark) => {
                let marks = |index: usize| by_mark[usize::from(roles.mark(rows[index]))];
                drive(&mut self.engine, rows.len(), event, marks, scope, &mut self.group);
            }
            None => {
                let marks = |index: usize| plan.marks(roles.of(rows[index]));
                drive(&mut self.engine, rows.len(), event, marks, scope, &mut self.group);
            }
        }
        match self.engine.found() {
            Some(found) => self.found = found,
            None => self.found.level = 0,
        }
        self.is_open()
    }

    pub(super) fn of_unit(&mut self, unit: &[Mark], range: InstantRange) -> Option<Found> {
        // Nothing after the last window matters, nor what was before the first start.
        let until = self.window.deadline(range.to.saturating_sub(1)).min(self.plan.until);
        let unit = match unit.first() {
            Some(first) if first.time < range.from => {
                &unit[unit.partition_point(|mark| mark.time < range.from)..]
            }
            _ => unit,
        };
        let scope = (range, &self.window, until);
        let event = |index: usize| (unit[index].row, unit[index].time);
        let mut without = 0;
        if self.removes {
            let steps = |index: usize| unit[index].marks & STEPS;
            drive(&mut self.engine, unit.len(), event, steps, scope, &mut self.group);
            without = self.engine.level();
        }
        let marks = |index: usize| unit[index].marks;
        drive(&mut self.engine, unit.len(), event, marks, scope, &mut self.group);
        self.engine.found().filter(|found| found.level >= without)
    }

    pub(super) fn is_open(&self) -> bool {
        self.engine.is_open(self.plan.as_of)
    }
}

impl Plan<'_> {
    /// Whether an event ends attempts although it serves no step.
    pub(super) fn may_break(&self, roles: &RolesOn<'_>, mark: &Mark) -> bool {
        self.breaks(roles.of(mark.row))
    }

    /// As these, of an event's roles.
    #[inline]
    fn breaks(&self, roles: u64) -> bool {
        self.query.order == FunnelOrder::Strict && roles & self.own != 0
    }
}
