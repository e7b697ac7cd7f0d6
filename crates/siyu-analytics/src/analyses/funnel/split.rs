//! Somebody's events as units, each with attempts of its own: the person, sessions, held values, and
//! the values of a breakdown. Nothing is allocated for a person: millions are split one after another.

use siyu_types::analysis::{FunnelCount, FunnelOrder};

use super::engine::ENDS;
use super::hold::Held;
use super::plan::Plan;
use super::ties::bits;
use super::units::{Mark, STEPS};
use crate::roles::RolesOn;

/// Units one after another, with the value that made them.
#[derive(Default)]
pub(super) struct Units {
    marks: Vec<Mark>,
    /// The value of each, and where it ends.
    ends: Vec<(u64, usize)>,
}

impl Units {
    pub(super) fn clear(&mut self) {
        self.marks.clear();
        self.ends.clear();
    }

    /// What was added since the last one is a unit.
    fn close(&mut self, value: u64) {
        self.ends.push((value, self.marks.len()));
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, &[Mark])> {
        let mut start = 0;
        self.ends.iter().map(move |&(value, end)| {
            let unit = &self.marks[start..end];
            start = end;
            (value, unit)
        })
    }
}

/// An event of a unit under one of its values: the value, where the event stands, and the steps
/// that it takes under it.
type Valued = (u64, u32, u32);

/// Values below it are bits of a word.
const SMALL: u64 = 64;

/// Splits units by the values of their events.
pub(super) struct ByValue {
    valued: Vec<Valued>,
    /// Attempts start with the first step only.
    enters_first: bool,
    /// Whatever takes no step still comes between.
    breaks: bool,
}

impl ByValue {
    pub(super) fn new(plan: &Plan<'_>) -> ByValue {
        let order = plan.query.order;
        ByValue { valued: Vec::new(), enters_first: order != FunnelOrder::Any, breaks: order.is_strict() }
    }

    /// An event takes these steps under this value. Events come in the order of the unit.
    #[inline]
    pub(super) fn see(&mut self, value: u64, event: usize, steps: u32) {
        self.valued.push((value, event as u32, steps));
    }

    /// Adds a unit for each value that was seen, in ascending order, but for those with which no
    /// attempt can start. `ends` are the states that an event ends under a value.
    #[inline]
    pub(super) fn split(&mut self, unit: &[Mark], ends: impl Fn(u64, &Mark) -> u32, out: &mut Units) {
        let plain = !self.breaks && unit.iter().all(|mark| mark.marks & !STEPS == 0);
        if plain && self.valued.iter().all(|(value, ..)| *value < SMALL) {
            self.split_small(unit, out);
            return self.valued.clear();
        }
        // Of one value and event there are a few entries at most, so order alone brings them together.
        self.valued.sort_unstable();
        for own in self.valued.chunk_by(|a, b| a.0 == b.0) {
            if self.enters_first && own.iter().all(|(_, _, steps)| steps & 1 == 0) {
                continue;
            }
            let value = own[0].0;
            let mut own = own
                .chunk_by(|a, b| a.1 == b.1)
                .map(|same| (same[0].1 as usize, same.iter().fold(0, |steps, (_, _, more)| steps | more)));
            if plain {
                own.for_each(|(event, marks)| out.marks.push(Mark { marks, ..unit[event] }));
            } else {
                let mut next = own.next();
                for (event, mark) in unit.iter().enumerate() {
                    let steps = next.filter(|(own, _)| *own == event).map_or(0, |(_, steps)| steps);
                    if next.is_some_and(|(own, _)| own == event) {
                        next = own.next();
                    }
                    let marks = steps | ends(value, mark);
                    if self.breaks || marks != 0 {
                        out.marks.push(Mark { marks, ..*mark });
                    }
                }
            }
            out.close(value);
        }
        self.valued.clear();
    }

    /// Values that are bits of a word need not be sorted: each takes its own, and there are few.
    fn split_small(&self, unit: &[Mark], out: &mut Units) {
        let (mut all, mut entered) = (0u64, 0u64);
        for (value, _, steps) in &self.valued {
            all |= 1 << value;
            entered |= u64::from(steps & 1) << value;
        }
        let mut rest = if self.enters_first { entered } else { all };
        while rest != 0 {
            let value = u64::from(rest.trailing_zeros());
            rest &= rest - 1;
            let mut last = u32::MAX;
            for &(_, event, steps) in self.valued.iter().filter(|(own, ..)| *own == value) {
                match out.marks.last_mut() {
                    Some(mark) if event == last => mark.marks |= steps,
                    _ => out.marks.push(Mark { marks: steps, ..unit[event as usize] }),
                }
                last = event;
            }
            out.close(value);
        }
    }
}

/// Splits what was seen of people.
pub(super) struct Splitter<'p> {
    plan: &'p Plan<'p>,
    entire: Units,
    held: Units,
    by_value: ByValue,
}

impl<'p> Splitter<'p> {
    pub(super) fn new(plan: &'p Plan<'p>) -> Splitter<'p> {
        Splitter { plan, entire: Units::default(), held: Units::default(), by_value: ByValue::new(plan) }
    }

    /// Events that may break an attempt are in all units.
    pub(super) fn units(&mut self, roles: &RolesOn<'_>, held: Option<&Held<'_>>, seen: &[Mark]) -> &Units {
        self.entire.clear();
        match self.plan.query.count {
            FunnelCount::Sessions { gap_seconds } => {
                self.sessions(roles, seen, i64::from(gap_seconds) * 1_000)
            }
            _ => {
                self.entire.marks.extend_from_slice(seen);
                self.entire.close(0);
            }
        }
        let Some(held) = held else { return &self.entire };
        self.held.clear();
        for (_, unit) in self.entire.iter() {
            self.by_value.hold(held, unit, &mut self.held);
        }
        &self.held
    }

    fn sessions(&mut self, roles: &RolesOn<'_>, seen: &[Mark], gap: i64) {
        let plan = self.plan;
        let mut last = None;
        for mark in seen.iter().filter(|mark| mark.marks != 0 || plan.is_own(roles, mark.row)) {
            if last.is_some_and(|last| mark.time - last >= gap) {
                self.entire.close(0);
            }
            last = Some(mark.time);
            if plan.may_break(roles, mark) || mark.marks != 0 {
                self.entire.marks.push(*mark);
            }
        }
        self.entire.close(0);
    }
}

impl ByValue {
    /// One unit per held value; of an event only the steps in which it has the value. Whatever has
    /// another value, or none, takes no step; it is still an event that comes between.
    fn hold(&mut self, held: &Held<'_>, unit: &[Mark], out: &mut Units) {
        for (event, mark) in unit.iter().enumerate() {
            if let Held::Same(keys) = held {
                let steps = mark.marks & STEPS;
                keys.of(mark.row)
                    .filter(|_| steps != 0)
                    .into_iter()
                    .for_each(|value| self.see(value, event, steps));
                continue;
            }
            for step in bits(mark.marks & STEPS) {
                held.of(step, mark.row).into_iter().for_each(|value| self.see(value, event, 1 << step));
            }
        }
        let ends = |value: u64, mark: &Mark| {
            let states = bits(mark.marks >> ENDS)
                .filter(|state| held.of(*state, mark.row).is_none_or(|own| own == value));
            states.fold(0, |ends, state| ends | 1 << state) << ENDS
        };
        self.split(unit, ends, out);
    }
}
