//! Which groups somebody's attempts belong to (F11).

use siyu_events::Block;
use siyu_types::analysis::{FunnelAttribution, FunnelCount};
use siyu_types::calendar::InstantRange;

use super::engine::{Engine, Found};
use super::outcome::NOT_REACHED;
use super::plan::Plan;
use super::split::{ByValue, Units};
use super::units::{Finder, Mark, STEPS};
use crate::groups::{MISSING, Reader, Slots, Source};

/// What says the groups.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// There is no breakdown.
    Nothing,
    Person,
    /// The events of an attempt.
    Attempt,
    /// Each value has attempts of its own.
    Value,
}

/// What is read of one block.
pub(super) struct Reading<'a, 'r> {
    plan: &'a Plan<'a>,
    pub(super) block: &'a Block,
    pub(super) by: By,
    reader: Reader<'a>,
    slots: &'r mut Slots<'static>,
    groups: Vec<u32>,
    by_value: ByValue,
    /// Of one of a person's units, by the groups its events belong to.
    units: Units,
    /// The best attempt of each unit and group.
    pub(super) founds: Vec<(u32, u32, Found)>,
}

impl<'a, 'r> Reading<'a, 'r> {
    pub(super) fn new(
        plan: &'a Plan<'a>,
        block: &'a Block,
        slots: &'r mut Slots<'static>,
    ) -> Reading<'a, 'r> {
        let by = match (&plan.source, plan.query.attribution) {
            (Source::Whole, _) => By::Nothing,
            (source, _) if source.by_person() => By::Person,
            (_, FunnelAttribution::AllSteps) => By::Value,
            _ => By::Attempt,
        };
        Reading {
            plan,
            block,
            by,
            reader: plan.source.reader(block),
            slots,
            groups: Vec::new(),
            by_value: ByValue::new(plan),
            units: Units::default(),
            founds: Vec::new(),
        }
    }

    /// The groups of an attempt; `None` if there are none, or values have attempts of their own.
    #[inline]
    pub(super) fn groups_of(&mut self, person: u32, found: &Found) -> Option<&[u32]> {
        match self.by {
            By::Nothing | By::Value => return None,
            By::Person => self.reader.read(person as usize, self.slots, &mut self.groups),
            By::Attempt => self.read(found),
        }
        Some(&self.groups)
    }

    fn read(&mut self, found: &Found) {
        let Reading { reader, slots, groups, .. } = self;
        let mut first_of = |rows: &mut dyn Iterator<Item = u32>| {
            for row in rows {
                reader.read(row as usize, slots, groups);
                if groups[0] != MISSING {
                    return;
                }
            }
        };
        let mut rows = found.taken().map(|(_, row)| row);
        match self.plan.query.attribution {
            FunnelAttribution::FirstTouch | FunnelAttribution::AllSteps => first_of(&mut rows),
            FunnelAttribution::LastTouch => first_of(&mut rows.rev()),
            FunnelAttribution::Step { step } => match found.taken().find(|(taken, _)| *taken == step) {
                Some((_, row)) => reader.read(row as usize, slots, groups),
                None => *groups = vec![NOT_REACHED],
            },
        }
    }

    /// Finds the attempts whose events all have one value, for every value.
    pub(super) fn find_by_value<E: Engine>(
        &mut self,
        finder: &mut Finder<'_, E>,
        units: &Units,
        range: InstantRange,
    ) {
        let times = &self.block.times;
        let once = self.plan.query.count == FunnelCount::People;
        self.founds.clear();
        for (index, (_, unit)) in units.iter().enumerate() {
            self.split(unit);
            for (slot, own) in self.units.iter() {
                let slot = slot as u32;
                let Some(found) = finder.of_unit(own, range) else { continue };
                // Within a unit every value comes once.
                let known = match once && index > 0 {
                    true => self.founds.iter_mut().find(|(_, known, _)| *known == slot),
                    false => None,
                };
                match known {
                    Some((_, _, kept)) if found.is_better(kept, times) => *kept = found,
                    Some(_) => {}
                    None => self.founds.push((if once { 0 } else { index as u32 }, slot, found)),
                }
            }
        }
    }

    /// Brings the best of each unit to its front.
    pub(super) fn rank(&mut self) {
        let times = &self.block.times;
        self.founds.sort_by(|a, b| {
            a.0.cmp(&b.0).then_with(|| b.2.is_better(&a.2, times).cmp(&a.2.is_better(&b.2, times)))
        });
    }

    /// A unit's events by the groups they belong to. What ends attempts does so in all groups.
    fn split(&mut self, unit: &[Mark]) {
        let Reading { reader, slots, groups, by_value, units, .. } = self;
        for (event, mark) in unit.iter().enumerate().filter(|(_, mark)| mark.marks & STEPS != 0) {
            if let Some(slot) = reader.one(mark.row as usize, slots) {
                by_value.see(slot.into(), event, mark.marks & STEPS);
                continue;
            }
            reader.read(mark.row as usize, slots, groups);
            groups.iter().for_each(|slot| by_value.see((*slot).into(), event, mark.marks & STEPS));
        }
        units.clear();
        by_value.split(unit, |_, mark| mark.marks & !STEPS, units);
    }
}
