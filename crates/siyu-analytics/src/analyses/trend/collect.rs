//! The passes over the events of a trend.

use jiff::tz::TimeZone;
use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use siyu_events::Scan;
use siyu_types::analysis::{Measure, TrendSeries};
use siyu_types::calendar::InstantRange;
use siyu_types::clock::Millis;

use super::breakdowns::Breakdowns;
use super::{by_day, summed, tally};
use crate::Context;
use crate::buckets::Buckets;
use crate::groups::Slots;
use crate::masks::{EventTest, Numbers};
use crate::pass::{People, Piece, over_parts};
use crate::wanted::Wanted;

/// What one cell of an answer gathers.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub(super) struct Cell {
    pub(super) events: u64,
    people: u64,
    /// Of these, how many were in no bucket before.
    first: u64,
    sum: f64,
    /// Events that had a number.
    numbers: u64,
}

impl Cell {
    #[inline]
    fn add(&mut self, new_person: bool, first: bool, number: f64) {
        self.people += u64::from(new_person);
        self.first += u64::from(first);
        self.count(number);
    }

    /// Adds events of nobody in particular.
    pub(super) fn count_many(&mut self, events: u64) {
        self.events += events;
    }

    /// Adds events, the people who did them, and how many of these were in no bucket before.
    pub(super) fn see(&mut self, [events, people, first]: [u64; 3]) {
        self.events += events;
        self.people += people;
        self.first += first;
    }

    /// Adds an event of nobody in particular.
    #[inline]
    pub(super) fn count(&mut self, number: f64) {
        self.events += 1;
        if !number.is_nan() {
            self.sum += number;
            self.numbers += 1;
        }
    }

    pub(super) fn merge(&mut self, other: &Cell) {
        self.events += other.events;
        self.people += other.people;
        self.first += other.first;
        self.sum += other.sum;
        self.numbers += other.numbers;
    }

    pub(super) fn value(&self, measure: &Measure) -> Option<f64> {
        let ratio = |above: f64, below: u64| (below > 0).then(|| above / below as f64);
        match measure {
            Measure::Count => Some(self.events as f64),
            Measure::People | Measure::TrailingPeople { .. } => Some(self.people as f64),
            // Minus zero is zero.
            Measure::Sum { .. } => Some(self.sum + 0.0),
            Measure::Avg { .. } => ratio(self.sum, self.numbers),
            Measure::PerPerson => ratio(self.events as f64, self.people),
            // These are made of all their numbers, in `values.rs`.
            Measure::Min { .. }
            | Measure::Max { .. }
            | Measure::Quantile { .. }
            | Measure::Distinct { .. } => None,
        }
    }

    /// Takes over what follows, of people who may be the same.
    pub(super) fn go_on(&mut self, next: &Cell) {
        let people = self.people + next.first;
        self.merge(next);
        self.people = people;
    }
}

/// A series, prepared for one scan.
pub(super) struct Plan<'q> {
    pub(super) scan: &'q Scan,
    pub(super) zone: &'q TimeZone,
    pub(super) test: EventTest<'q>,
    pub(super) wanted: Wanted,
    /// The property that it adds up.
    pub(super) summed: Option<&'q str>,
    /// Whether it asks for people, not only for events.
    pub(super) of_people: bool,
    /// Whether it asks for events, not only for people.
    pub(super) of_events: bool,
    pub(super) groups: Breakdowns<'q>,
    pub(super) range: InstantRange,
}

impl<'q> Plan<'q> {
    pub(super) fn new(
        series: &'q TrendSeries,
        context: &Context<'q>,
        groups: Breakdowns<'q>,
        range: InstantRange,
    ) -> Plan<'q> {
        let mut wanted = Wanted::none();
        let test = EventTest::new(&series.event.event, &series.event.filters, context);
        for code in &test.codes {
            wanted.mark(*code, 1);
        }
        wanted.among(test.known);
        let summed = summed(&series.measure);
        let of_events = !matches!(series.measure, Measure::People | Measure::TrailingPeople { .. });
        let of_people = !of_events || series.measure == Measure::PerPerson;
        let (scan, zone) = (context.scan, context.zone);
        Plan { scan, zone, test, wanted, summed, of_people, of_events, groups, range }
    }

    /// Whether it only counts events, whoever did them.
    pub(super) fn is_of_events(&self) -> bool {
        !self.of_people && !self.groups.by_person()
    }

    pub(super) fn in_range(&self, time: Millis) -> bool {
        self.range.from <= time && time < self.range.to
    }

    /// Calls `see` with every row that matches: person, row, time.
    #[inline]
    pub(super) fn each_match(
        &self,
        piece: &Piece<'_>,
        chosen: &People,
        mut see: impl FnMut(u32, usize, Millis),
    ) {
        let block = piece.block;
        let test = self.test.on(block);
        piece.each_person(&self.wanted, chosen, |person, rows| {
            for &row in rows {
                let row = row as usize;
                let time = block.times[row];
                if self.in_range(time) && test.holds(row) {
                    see(person, row, time);
                }
            }
        });
    }
}

/// The cells of one part: per slot the buckets and then the total, or only the total.
pub(super) struct Collected<'m> {
    pub(super) cells: Vec<Cell>,
    pub(super) slots: Slots<'m>,
}

impl Collected<'_> {
    #[inline]
    pub(super) fn cell(&mut self, slot: u32, stride: usize, bucket: usize) -> &mut Cell {
        let at = slot as usize * stride + bucket;
        if self.cells.len() <= at {
            self.cells.resize((slot as usize + 1) * stride, Cell::default());
        }
        &mut self.cells[at]
    }

    /// The total of each slot, from its buckets.
    pub(super) fn add_up(&mut self, stride: usize) {
        for slot in self.cells.chunks_exact_mut(stride) {
            if let Some((total, buckets)) = slot.split_last_mut() {
                buckets.iter().for_each(|bucket| total.go_on(bucket));
            }
        }
    }
}

/// When a slot last saw somebody: the person, and the bucket.
#[derive(Clone, Copy)]
struct Seen {
    person: u32,
    bucket: u32,
}

const NOBODY: Seen = Seen { person: u32::MAX, bucket: u32::MAX };

/// Gathers the cells of a series. Without buckets, totals only.
pub(super) fn cells<'m>(
    plan: &Plan<'_>,
    chosen: &People,
    buckets: Option<&Buckets>,
    slots: &(dyn Fn() -> Slots<'m> + Sync),
) -> Vec<Collected<'m>> {
    if let Some(found) = by_day::cells(plan, chosen, buckets, slots) {
        return found;
    }
    if plan.is_of_events() {
        return tally::events(plan, chosen, buckets, slots);
    }
    if plan.groups.is_whole()
        && !plan.test.has_tests()
        && let Some(buckets) = buckets
    {
        return tally::people(plan, chosen, buckets, slots);
    }
    let stride = buckets.map_or(0, Buckets::len) + 1;
    over_parts(plan.scan, |pieces| {
        let mut collected = Collected { cells: Vec::new(), slots: slots() };
        let mut seen: Vec<Seen> = Vec::new();
        for piece in pieces {
            let block = piece.block;
            let numbers = Numbers::new(plan.summed.and_then(|name| block.columns.get(name)));
            let mut reader = plan.groups.on(block);
            let by_person = plan.groups.by_person();
            let mut groups = Vec::new();
            let mut reading = u32::MAX;
            plan.each_match(piece, chosen, |person, row, time| {
                let one = reader.one(row, &mut collected.slots);
                if one.is_none() && (!by_person || reading != person) {
                    reading = person;
                    reader.read(person, row, &mut collected.slots, &mut groups);
                }
                let bucket = buckets.map_or(0, |buckets| buckets.edges.index(time));
                let number = numbers.at(row);
                for &slot in one.as_ref().map_or(&groups[..], std::slice::from_ref) {
                    let base = slot as usize * stride;
                    if collected.cells.len() < base + stride {
                        collected.cells.resize(base + stride, Cell::default());
                        seen.resize(collected.cells.len() / stride, NOBODY);
                    }
                    let seen = &mut seen[slot as usize];
                    let new = seen.person != person;
                    // Times ascend, so a new bucket was not seen before.
                    let new_here = new || seen.bucket != bucket as u32;
                    collected.cells[base + bucket].add(new_here, new, number);
                    *seen = Seen { person, bucket: bucket as u32 };
                }
            });
        }
        if buckets.is_some() {
            collected.add_up(stride);
        }
        collected
    })
}

/// The people with a matching event inside a range of time and in a slot (or any).
pub(super) fn people(
    plan: &Plan<'_>,
    chosen: &People,
    within: InstantRange,
    names: &FxHashMap<String, u32>,
    wanted: Option<u32>,
) -> RoaringBitmap {
    let parts = over_parts(plan.scan, |pieces| {
        let mut found: Vec<u32> = Vec::new();
        for piece in pieces {
            let mut reader = plan.groups.on(piece.block);
            let mut slots = Slots::Fixed(names);
            let mut groups = Vec::new();
            plan.each_match(piece, chosen, |person, row, time| {
                if found.last() == Some(&person) || time < within.from || within.to <= time {
                    return;
                }
                if let Some(wanted) = wanted {
                    reader.read(person, row, &mut slots, &mut groups);
                    if !groups.contains(&wanted) {
                        return;
                    }
                }
                found.push(person);
            });
        }
        found
    });
    parts.into_iter().flatten().collect()
}
