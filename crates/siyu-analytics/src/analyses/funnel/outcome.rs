//! The pass over the events: how far everybody got.

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use siyu_events::Block;
use siyu_types::Result;
use siyu_types::analysis::{FunnelCount, FunnelOrder, FunnelQuery};
use siyu_types::calendar::InstantRange;
use siyu_types::clock::Millis;

use super::any_order::AnyOrder;
use super::attempt::Progress;
use super::engine::{Engine, Found};
use super::hold::Held;
use super::plan::{Plan, Window, optional_steps};
use super::reading::{By, Reading};
use super::runs::{Rules, Runs};
use super::split::{Splitter, Units};
use super::tally::Tallies;
use super::units::{Finder, Mark, seen};
use crate::Context;
use crate::buckets::Buckets;
use crate::groups::Slots;
use crate::pass::{People, Piece, over_parts};

/// The group of those whose attempt did not get to the step that says it.
pub(super) const NOT_REACHED: u32 = u32::MAX - 2;
/// In place of the time to a step that was left out.
pub(super) const LEFT_OUT: i64 = i64::MIN;
/// The only range of a funnel without a trend.
const NO_BUCKET: u32 = u32::MAX;

/// Everybody who entered, part by part.
pub(super) struct Outcomes {
    pub(super) parts: Vec<Part>,
    /// Nobody can get further by events that are still to come (F6).
    pub(super) complete: bool,
    /// Of the trend.
    pub(super) buckets: Option<Buckets>,
    /// By bucket: whether all windows that began in it have ended.
    pub(super) ended: Vec<bool>,
}

#[derive(Default)]
pub(super) struct Part {
    pub(super) entire: Lists,
    /// With a trend: one outcome per bucket.
    pub(super) by_bucket: Lists,
    /// Group names by slot.
    pub(super) names: FxHashMap<String, u32>,
    /// In place of the outcomes, where they are only counted.
    pub(super) tally: Option<Tallies>,
    /// As these, by bucket and step.
    pub(super) trend: Vec<u64>,
    open: bool,
}

#[derive(Default)]
pub(super) struct Lists {
    /// Of all events; with the groups, unless each value has attempts of its own.
    pub(super) whole: List,
    /// Attempts whose events all have one value, the best of a unit first.
    pub(super) by_value: Option<List>,
}

/// Outcomes of people, one after another.
#[derive(Default)]
pub(super) struct List {
    pub(super) people: Vec<u32>,
    /// Steps reached, at least 1.
    pub(super) levels: Vec<u8>,
    /// Milliseconds from step to step: `level - 1` for each outcome.
    pub(super) gaps: Vec<i64>,
    /// The groups of outcome `i` are `groups[group_ends[i - 1]..group_ends[i]]`;
    /// empty without a breakdown.
    pub(super) groups: Vec<u32>,
    pub(super) group_ends: Vec<u32>,
    /// Empty unless by bucket.
    pub(super) buckets: Vec<u32>,
    /// Which of a person's units; empty unless by value.
    pub(super) units: Vec<u32>,
}

impl List {
    fn add(&mut self, person: u32, found: &Found, reading: &mut Reading<'_, '_>) {
        self.push(person, found, reading.block);
        if let Some(groups) = reading.groups_of(person, found) {
            self.groups.extend_from_slice(groups);
            self.group_ends.push(self.groups.len() as u32);
        }
    }

    fn push(&mut self, person: u32, found: &Found, block: &Block) {
        self.people.push(person);
        self.levels.push(found.level as u8);
        self.gaps.extend(found.gaps(&block.times));
    }

    /// The attempts of each value, those of a unit one after another and the best of it first.
    fn add_by_value(&mut self, person: u32, reading: &mut Reading<'_, '_>, bucket: u32) {
        reading.rank();
        for (unit, slot, found) in &reading.founds {
            self.push(person, found, reading.block);
            self.groups.push(*slot);
            self.group_ends.push(self.groups.len() as u32);
            self.units.push(*unit);
            if bucket != NO_BUCKET {
                self.buckets.push(bucket);
            }
        }
    }
}

pub(super) fn collect<'q>(
    query: &'q FunnelQuery,
    context: &Context<'q>,
    within: Option<&RoaringBitmap>,
    counted: bool,
) -> Result<Outcomes> {
    let chosen = People::of(&*context.chosen(query.segment, within)?);
    let plan = Plan::new(query, context)?;
    let events: Vec<_> = query.steps.iter().flat_map(|step| step.events()).collect();
    let entries = if query.order == FunnelOrder::Any {
        &events[..]
    } else {
        &events[..query.steps[0].events().count()]
    };
    let buckets = query.trend.map(|interval| Buckets::new(&query.range, interval, entries, context, &chosen));
    let buckets = buckets.transpose()?;
    let steps = query.steps.len();
    let within: Vec<Option<Window<'_>>> =
        query.steps.iter().map(|step| step.within.map(|within| plan.window(within))).collect();
    let rules = Rules {
        steps,
        optional: optional_steps(query),
        strict: query.order.is_strict(),
        must_increase: query.must_increase,
        within: &within,
    };
    let buckets_of = buckets.as_ref();
    let collector = Collector { plan: &plan, chosen: &chosen, buckets: buckets_of, counted };
    let parts = match query.order {
        FunnelOrder::Any => over_parts(context.scan, |pieces| collector.part(AnyOrder::new(steps), pieces)),
        _ if plan.is_plain() => over_parts(context.scan, |pieces| {
            collector.part(Progress::new(steps, query.must_increase), pieces)
        }),
        _ => over_parts(context.scan, |pieces| collector.part(Runs::new(&rules), pieces)),
    };
    let complete =
        plan.until < plan.as_of || (context.as_of >= plan.range.to && !parts.iter().any(|part| part.open));
    let ended = buckets.as_ref().map_or_else(Vec::new, |buckets| ended(&plan, buckets));
    Ok(Outcomes { parts, complete, buckets, ended })
}

/// By bucket of the trend: whether all windows that began in it have ended.
fn ended(plan: &Plan<'_>, buckets: &Buckets) -> Vec<bool> {
    let window = plan.window(plan.query.window);
    let ended = |bucket: usize| {
        let last = buckets.edges.start(bucket + 1).min(plan.range.to).saturating_sub(1);
        last < plan.as_of && (plan.until < plan.as_of || window.deadline(last) <= plan.as_of)
    };
    (0..buckets.len()).map(ended).collect()
}

struct Collector<'p> {
    plan: &'p Plan<'p>,
    chosen: &'p People,
    buckets: Option<&'p Buckets>,
    /// Outcomes are only counted.
    counted: bool,
}

impl<'p> Collector<'p> {
    fn part<E: Engine>(&self, engine: E, pieces: &[Piece<'_>]) -> Part {
        let plan = self.plan;
        let (steps, optional) = (plan.query.steps.len(), optional_steps(plan.query));
        let cells = self.buckets.map_or(0, |buckets| buckets.len() * steps);
        let mut part = Part { tally: self.counted.then(|| Tallies::new(steps, optional)), ..Part::default() };
        part.trend = vec![0; if self.counted { cells } else { 0 }];
        let mut slots = Slots::growing();
        let mut finder = Finder::new(plan, engine);
        let mut splitter = Splitter::new(plan);
        let mut marks = Vec::new();
        let direct = plan.is_direct();
        for piece in pieces {
            let block = piece.block;
            let roles = plan.roles.on(block);
            let held = (!plan.query.hold.is_empty()).then(|| Held::new(plan.query, block));
            let mut reading = Reading::new(plan, block, &mut slots);
            piece.each_person(&plan.roles.wanted, self.chosen, |person, rows| {
                if direct {
                    let (found, open) = finder.of_rows(&roles, block, rows);
                    part.open |= open;
                    match (found, &mut part.tally) {
                        (Some(found), Some(tally)) => tally.add(found, &mut reading, person),
                        (Some(found), None) => part.entire.whole.add(person, found, &mut reading),
                        (None, _) => {}
                    }
                    return;
                }
                seen(plan, &roles, block, rows, &mut marks);
                let units = splitter.units(&roles, held.as_ref(), &marks);
                if let Some(tally) = &mut part.tally {
                    let times = &block.times;
                    let see = |found: &Found| tally.add(found, &mut reading, person);
                    part.open |= self.best(&mut finder, times, units, plan.range, see);
                    if reading.by == By::Value {
                        reading.find_by_value(&mut finder, units, plan.range);
                        tally.add_by_value(&reading);
                    }
                    for (range, bucket) in self.entered(&marks) {
                        let counts = &mut part.trend[bucket as usize * steps..][..steps];
                        let see = |found: &Found| found.count(optional, counts);
                        self.best(&mut finder, times, units, range, see);
                    }
                    return;
                }
                let entire = (plan.range, NO_BUCKET);
                part.open |= self.lists(&mut part.entire, &mut finder, &mut reading, person, units, entire);
                for place in self.entered(&marks) {
                    self.lists(&mut part.by_bucket, &mut finder, &mut reading, person, units, place);
                }
            });
        }
        if let Slots::Growing(names) = slots {
            part.names = names;
        }
        part
    }

    /// The buckets in which somebody may have begun.
    fn entered(&self, marks: &[Mark]) -> impl Iterator<Item = (InstantRange, u32)> {
        let any = self.plan.query.order == FunnelOrder::Any;
        let mut last = None;
        let found = self.buckets.into_iter().flat_map(move |buckets| {
            let entries = marks.iter().filter(move |mark| any || mark.marks & 1 == 1);
            entries.filter_map(move |mark| Some((buckets, buckets.of(mark.time)?)))
        });
        let found = found.filter(move |(_, bucket)| last.replace(*bucket) != Some(*bucket));
        found.map(|(buckets, bucket)| {
            let from = buckets.edges.start(bucket).max(buckets.range.from);
            let to = buckets.edges.start(bucket + 1).min(buckets.range.to);
            (InstantRange { from, to }, bucket as u32)
        })
    }

    /// Adds the outcomes of a person's attempts that start inside a range; whether one is open.
    fn lists<E: Engine>(
        &self,
        lists: &mut Lists,
        finder: &mut Finder<'_, E>,
        reading: &mut Reading<'_, '_>,
        person: u32,
        units: &Units,
        (range, bucket): (InstantRange, u32),
    ) -> bool {
        let times = &reading.block.times;
        let open = self.best(finder, times, units, range, |found| {
            lists.whole.add(person, found, reading);
            if bucket != NO_BUCKET {
                lists.whole.buckets.push(bucket);
            }
        });
        if reading.by == By::Value {
            reading.find_by_value(finder, units, range);
            lists.by_value.get_or_insert_default().add_by_value(person, reading, bucket);
        }
        open
    }

    /// Calls `see` with the attempt of each unit that starts inside a range, or with the best of all
    /// where people are counted; whether one is open.
    #[inline]
    fn best<E: Engine>(
        &self,
        finder: &mut Finder<'_, E>,
        times: &[Millis],
        units: &Units,
        range: InstantRange,
        mut see: impl FnMut(&Found),
    ) -> bool {
        let once = self.plan.query.count == FunnelCount::People;
        let mut open = false;
        let mut best: Option<Found> = None;
        for (_, unit) in units.iter() {
            let found = finder.of_unit(unit, range);
            open |= finder.is_open();
            match found {
                Some(found) if !once => see(&found),
                Some(found) if best.is_none_or(|best| found.is_better(&best, times)) => best = Some(found),
                _ => {}
            }
        }
        if once {
            open &= best.is_none_or(|best| best.level < self.plan.query.steps.len());
        }
        best.iter().for_each(see);
        open
    }
}
