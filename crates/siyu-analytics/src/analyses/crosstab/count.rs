//! The pass over events or people, and what it counts.

use std::borrow::Cow;

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use siyu_types::Result;
use siyu_types::analysis::{CrosstabMeasure, CrosstabQuery, GROUPS_MAX};
use siyu_types::calendar::InstantRange;
use siyu_types::clock::Millis;

use super::axis::Axis;
use super::dense::Dense;
use crate::Context;
use crate::buckets::asked;
use crate::groups::{Slots, largest};
use crate::masks::EventTest;
use crate::pass::{People, over_parts};
use crate::roles::Roles;

/// The events that are looked at.
struct Events<'q> {
    roles: Roles<'q>,
    range: InstantRange,
    /// Where the range ends, known or not.
    end: Millis,
}

/// The query, prepared for one scan.
pub(super) struct Crosstab<'q> {
    context: Context<'q>,
    events: Option<Events<'q>>,
    of_events: bool,
    living: Cow<'q, RoaringBitmap>,
    chosen: People,
    /// Where people are counted by simple columns.
    dense: Option<Dense>,
    pub(super) axes: [Axis<'q>; 2],
}

/// What was seen: whose it is, and its rows and columns.
struct Seen<'s> {
    person: u32,
    slots: [&'s [u32]; 2],
}

impl<'q> Crosstab<'q> {
    pub(super) fn new(
        query: &'q CrosstabQuery,
        context: &Context<'q>,
        within: Option<&RoaringBitmap>,
    ) -> Result<Crosstab<'q>> {
        let living = context.chosen(query.segment, within)?;
        let chosen = People::of(&living);
        let axes = [Axis::new(&query.rows, "rows", context)?, Axis::new(&query.columns, "columns", context)?];
        let events = match &query.event {
            None => None,
            Some(event) => {
                let asked = asked(&query.range, &[event], context, &chosen)?;
                let roles = Roles::new(vec![EventTest::new(&event.event, &event.filters, context)]);
                Some(Events { roles, range: context.known(asked), end: asked.to })
            }
        };
        let of_events = query.measure == CrosstabMeasure::Events;
        let dense = if events.is_none() { Dense::of(&axes, &chosen) } else { None };
        let mut kind = Crosstab { context: *context, events, of_events, living, chosen, dense, axes };
        for axis in 0..2 {
            if kind.axes[axis].ranks() {
                let names = match &kind.dense {
                    Some(dense) => dense.ranked(&kind.axes, axis),
                    None => kind.ranked(axis),
                };
                kind.axes[axis].show(names);
            }
        }
        Ok(kind)
    }

    /// What is known of people may change at any time.
    pub(super) fn is_complete(&self) -> bool {
        self.events.as_ref().is_some_and(|events| self.context.as_of >= events.end)
    }

    /// The largest values of one dimension.
    fn ranked(&self, axis: usize) -> Vec<String> {
        let fresh = || [0, 1].map(|own| if own == axis { Slots::growing() } else { self.axes[own].slots() });
        let parts = self.pass(fresh, |sizes: &mut Sizes, seen| {
            seen.slots[axis].iter().for_each(|slot| sizes.add(*slot, seen.person, self.of_events));
        });
        let mut all: FxHashMap<String, f64> = FxHashMap::default();
        for (sizes, slots) in parts {
            let [rows, columns] = slots;
            let Slots::Growing(names) = (if axis == 0 { rows } else { columns }) else { continue };
            for (name, slot) in names {
                *all.entry(name).or_default() += sizes.of(slot) as f64;
            }
        }
        largest(all, GROUPS_MAX)
    }

    pub(super) fn count(&self) -> Table {
        if let Some(dense) = &self.dense {
            return dense.table(&self.axes);
        }
        let fresh = || [self.axes[0].slots(), self.axes[1].slots()];
        let parts = self.pass(fresh, |table: &mut Tallies, seen| {
            table.total.add(0, seen.person, self.of_events);
            for &row in seen.slots[0] {
                table.rows.add(row, seen.person, self.of_events);
                if table.cells.len() <= row as usize {
                    table.cells.resize(row as usize + 1, Sizes::default());
                }
                for &column in seen.slots[1] {
                    table.cells[row as usize].add(column, seen.person, self.of_events);
                }
            }
            for &column in seen.slots[1] {
                table.columns.add(column, seen.person, self.of_events);
            }
        });
        let mut all = Table::default();
        for (part, _) in parts {
            all.total += part.total.of(0);
            add(&mut all.rows, &part.rows);
            add(&mut all.columns, &part.columns);
            all.cells.resize(all.cells.len().max(part.cells.len()), Vec::new());
            all.cells.iter_mut().zip(&part.cells).for_each(|(own, more)| add(own, more));
        }
        all
    }

    /// Who has a row and a column, or any.
    pub(super) fn people(&self, row: Option<u32>, column: Option<u32>) -> RoaringBitmap {
        let fresh = || [self.axes[0].slots(), self.axes[1].slots()];
        let parts = self.pass(fresh, |found: &mut Vec<u32>, seen| {
            let has =
                |axis: usize, slot: Option<u32>| slot.is_none_or(|slot| seen.slots[axis].contains(&slot));
            if found.last() != Some(&seen.person) && has(0, row) && has(1, column) {
                found.push(seen.person);
            }
        });
        parts.into_iter().flat_map(|(found, _)| found).collect()
    }

    /// Calls `see` with every event, or person; gives what was gathered and the slots, part by part.
    fn pass<'s, R: Default + Send>(
        &'s self,
        fresh: impl Fn() -> [Slots<'s>; 2] + Sync,
        see: impl Fn(&mut R, &Seen<'_>) + Sync,
    ) -> Vec<(R, [Slots<'s>; 2])> {
        let Some(events) = &self.events else { return vec![self.over_people(fresh(), see)] };
        over_parts(self.context.scan, |pieces| {
            let (mut gathered, mut slots) = (R::default(), fresh());
            let mut found = [Vec::new(), Vec::new()];
            for piece in pieces {
                let block = piece.block;
                let on = events.roles.on(block);
                let mut axes = [self.axes[0].on(Some(block)), self.axes[1].on(Some(block))];
                piece.each_person(&events.roles.wanted, &self.chosen, |person, rows| {
                    let mut first = true;
                    for &row in rows {
                        let time = block.times[row as usize];
                        if time < events.range.from || time >= events.range.to || on.of(row) == 0 {
                            continue;
                        }
                        for ((axis, slots), found) in axes.iter_mut().zip(&mut slots).zip(&mut found) {
                            if first || !axis.by_person() {
                                axis.read(person, row, slots, found);
                            }
                        }
                        first = false;
                        see(&mut gathered, &Seen { person, slots: [&found[0], &found[1]] });
                    }
                });
            }
            (gathered, slots)
        })
    }

    fn over_people<'s, R: Default>(
        &'s self,
        mut slots: [Slots<'s>; 2],
        see: impl Fn(&mut R, &Seen<'_>),
    ) -> (R, [Slots<'s>; 2]) {
        let mut gathered = R::default();
        let mut axes = [self.axes[0].on(None), self.axes[1].on(None)];
        let mut found = [Vec::new(), Vec::new()];
        for person in &*self.living {
            for ((axis, slots), found) in axes.iter_mut().zip(&mut slots).zip(&mut found) {
                axis.read(person, 0, slots, found);
            }
            see(&mut gathered, &Seen { person, slots: [&found[0], &found[1]] });
        }
        (gathered, slots)
    }
}

/// Counts by slot, of events or of different people, all of whose events come one after another.
#[derive(Clone, Default)]
struct Sizes(Vec<(u64, Option<u32>)>);

impl Sizes {
    #[inline]
    fn add(&mut self, slot: u32, person: u32, of_events: bool) {
        let slot = slot as usize;
        if self.0.len() <= slot {
            self.0.resize(slot + 1, (0, None));
        }
        let (count, last) = &mut self.0[slot];
        if of_events || last.replace(person) != Some(person) {
            *count += 1;
        }
    }

    fn of(&self, slot: u32) -> u64 {
        self.0.get(slot as usize).map_or(0, |(count, _)| *count)
    }
}

#[derive(Default)]
struct Tallies {
    total: Sizes,
    rows: Sizes,
    columns: Sizes,
    cells: Vec<Sizes>,
}

fn add(own: &mut Vec<u64>, more: &Sizes) {
    own.resize(own.len().max(more.0.len()), 0);
    own.iter_mut().zip(&more.0).for_each(|(own, (more, _))| *own += more);
}

/// Counts by slot.
#[derive(Default)]
pub(super) struct Table {
    pub(super) total: u64,
    pub(super) rows: Vec<u64>,
    pub(super) columns: Vec<u64>,
    cells: Vec<Vec<u64>>,
}

impl Table {
    /// Adds people of one row and one column.
    pub(super) fn add(&mut self, row: u32, column: u32, count: u64) {
        let (row, column) = (row as usize, column as usize);
        let grow = |counts: &mut Vec<u64>, at: usize| counts.resize(counts.len().max(at + 1), 0);
        grow(&mut self.rows, row);
        grow(&mut self.columns, column);
        self.cells.resize_with(self.cells.len().max(row + 1), Vec::new);
        grow(&mut self.cells[row], column);
        self.total += count;
        self.rows[row] += count;
        self.columns[column] += count;
        self.cells[row][column] += count;
    }

    pub(super) fn at(counts: &[u64], slot: u32) -> u64 {
        counts.get(slot as usize).copied().unwrap_or(0)
    }

    pub(super) fn cell(&self, row: u32, column: u32) -> u64 {
        self.cells.get(row as usize).map_or(0, |cells| Table::at(cells, column))
    }
}
