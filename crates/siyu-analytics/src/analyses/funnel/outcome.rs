//! The pass over the events: how far everybody got.

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use siyu_events::Block;
use siyu_types::Result;
use siyu_types::analysis::{FunnelAttribution, FunnelCount, FunnelOrder, FunnelQuery};
use siyu_types::calendar::InstantRange;

use super::any_order::AnyOrder;
use super::attempt::Progress;
use super::engine::{Engine, Found, SKIPPED};
use super::hold::Held;
use super::plan::{Plan, Window};
use super::runs::{Rules, Runs};
use super::units::{Finder, Mark, seen, units};
use crate::Context;
use crate::buckets::Buckets;
use crate::groups::{MISSING, Reader, Slots, Source};
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
    fn add(&mut self, person: u32, found: &Found, block: &Block) {
        self.people.push(person);
        self.levels.push(found.level as u8);
        let mut before = None;
        for (step, &row) in found.rows[..found.level].iter().enumerate() {
            let time = (row != SKIPPED).then(|| block.times[row as usize]);
            if step > 0 {
                self.gaps.push(time.zip(before).map_or(LEFT_OUT, |(time, before)| time - before));
            }
            before = time.or(before);
        }
    }
}

pub(super) fn collect<'q>(
    query: &'q FunnelQuery,
    context: &Context<'q>,
    within: Option<&RoaringBitmap>,
) -> Result<Outcomes> {
    let chosen = People::of(&context.chosen(query.segment, within)?);
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
    let optional = query.steps.iter().enumerate().filter(|(_, step)| step.optional);
    let rules = Rules {
        steps,
        optional: optional.fold(0, |optional, (step, _)| optional | 1 << step),
        strict: query.order.is_strict(),
        must_increase: query.must_increase,
        within: &within,
    };
    let plain = !rules.strict
        && rules.optional == 0
        && query.exclusions.is_empty()
        && within.iter().all(Option::is_none);
    let collector = Collector { plan: &plan, chosen: &chosen, buckets: buckets.as_ref() };
    let parts = match query.order {
        FunnelOrder::Any => over_parts(context.scan, |pieces| collector.part(AnyOrder::new(steps), pieces)),
        _ if plain => over_parts(context.scan, |pieces| {
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
}

/// What is read of one block.
struct Reading<'a, 'r> {
    block: &'a Block,
    reader: Reader<'a>,
    slots: &'r mut Slots<'static>,
    groups: Vec<u32>,
}

impl<'p> Collector<'p> {
    fn part<E: Engine>(&self, engine: E, pieces: &[Piece<'_>]) -> Part {
        let plan = self.plan;
        let mut part = Part::default();
        let mut slots = Slots::growing();
        let mut finder = Finder::new(plan, engine);
        let mut marks = Vec::new();
        let direct = plan.is_direct();
        for piece in pieces {
            let block = piece.block;
            let roles = plan.roles.on(block);
            let held = (!plan.query.hold.is_empty()).then(|| Held::new(plan.query, block));
            let reader = plan.source.reader(block);
            let mut reading = Reading { block, reader, slots: &mut slots, groups: Vec::new() };
            piece.each_person(&plan.roles.wanted, self.chosen, |person, rows| {
                if direct {
                    let found = finder.of_rows(&roles, block, rows);
                    if let Some(found) = found {
                        self.add(&mut part.entire.whole, &mut reading, person, &found);
                    }
                    part.open |= finder.is_open();
                    return;
                }
                seen(plan, &roles, block, rows, &mut marks);
                let units = units(plan, &roles, held.as_ref(), &marks);
                part.open |= self.lists(
                    &mut part.entire,
                    &mut finder,
                    &mut reading,
                    person,
                    &units,
                    (plan.range, NO_BUCKET),
                );
                for (range, bucket) in self.entered(&marks) {
                    let place = (range, bucket);
                    self.lists(&mut part.by_bucket, &mut finder, &mut reading, person, &units, place);
                }
            });
        }
        if let Slots::Growing(names) = slots {
            part.names = names;
        }
        part
    }

    /// The buckets in which somebody may have begun.
    fn entered(&self, marks: &[Mark]) -> Vec<(InstantRange, u32)> {
        let Some(buckets) = self.buckets else { return Vec::new() };
        let any = self.plan.query.order == FunnelOrder::Any;
        let entries = marks.iter().filter(|mark| any || mark.marks & 1 == 1);
        let mut found: Vec<usize> = entries.filter_map(|mark| buckets.of(mark.time)).collect();
        found.dedup();
        let range = |bucket: usize| InstantRange {
            from: buckets.edges.start(bucket).max(buckets.range.from),
            to: buckets.edges.start(bucket + 1).min(buckets.range.to),
        };
        found.into_iter().map(|bucket| (range(bucket), bucket as u32)).collect()
    }

    /// Adds the outcomes of a person's attempts that start inside a range; whether one is open.
    fn lists<E: Engine>(
        &self,
        lists: &mut Lists,
        finder: &mut Finder<'_, E>,
        reading: &mut Reading<'_, '_>,
        person: u32,
        units: &[Vec<Mark>],
        (range, bucket): (InstantRange, u32),
    ) -> bool {
        let times = &reading.block.times;
        let mut open = false;
        let mut founds: Vec<Found> = Vec::new();
        for unit in units {
            founds.extend(finder.of_unit(unit, range));
            open |= finder.is_open();
        }
        let once = self.plan.query.count == FunnelCount::People;
        if once {
            let best = founds
                .iter()
                .copied()
                .reduce(|best, next| if next.is_better(&best, times) { next } else { best });
            open &= best.is_none_or(|best| best.level < self.plan.query.steps.len());
            founds = best.into_iter().collect();
        }
        for found in &founds {
            self.add(&mut lists.whole, reading, person, found);
            if bucket != NO_BUCKET {
                lists.whole.buckets.push(bucket);
            }
        }
        if self.plan.query.attribution == FunnelAttribution::AllSteps && !self.by_person() {
            let list = lists.by_value.get_or_insert_default();
            self.by_value(list, finder, reading, person, units, (range, bucket));
        }
        open
    }

    fn by_person(&self) -> bool {
        matches!(self.plan.source, Source::Whole) || self.plan.source.by_person()
    }

    /// Adds the attempts whose events all have one value, for every value.
    fn by_value<E: Engine>(
        &self,
        list: &mut List,
        finder: &mut Finder<'_, E>,
        reading: &mut Reading<'_, '_>,
        person: u32,
        units: &[Vec<Mark>],
        (range, bucket): (InstantRange, u32),
    ) {
        let times = &reading.block.times;
        let once = self.plan.query.count == FunnelCount::People;
        let mut founds: Vec<(u32, u32, Found)> = Vec::new();
        for (index, unit) in units.iter().enumerate() {
            let index = if once { 0 } else { index as u32 };
            for (slot, own) in self.of_values(reading, unit) {
                let Some(found) = finder.of_unit(&own, range) else { continue };
                match founds.iter_mut().find(|(other, known, _)| (*other, *known) == (index, slot)) {
                    Some((_, _, kept)) if found.is_better(kept, times) => *kept = found,
                    Some(_) => {}
                    None => founds.push((index, slot, found)),
                }
            }
        }
        founds.sort_by(|a, b| {
            a.0.cmp(&b.0).then_with(|| b.2.is_better(&a.2, times).cmp(&a.2.is_better(&b.2, times)))
        });
        for (unit, slot, found) in &founds {
            list.add(person, found, reading.block);
            list.groups.push(*slot);
            list.group_ends.push(list.groups.len() as u32);
            list.units.push(*unit);
            if bucket != NO_BUCKET {
                list.buckets.push(bucket);
            }
        }
    }

    /// A unit's events by the groups they belong to. What ends attempts does so in all groups.
    fn of_values(&self, reading: &mut Reading<'_, '_>, unit: &[Mark]) -> Vec<(u32, Vec<Mark>)> {
        let steps = u32::from(u16::MAX);
        let breaks = self.plan.query.order.is_strict();
        let groups: Vec<Vec<u32>> = unit
            .iter()
            .map(|mark| {
                if mark.marks & steps == 0 {
                    return Vec::new();
                }
                reading.reader.read(mark.row as usize, reading.slots, &mut reading.groups);
                reading.groups.clone()
            })
            .collect();
        let mut slots: Vec<u32> = groups.iter().flatten().copied().collect();
        slots.sort_unstable();
        slots.dedup();
        let of_slot = |slot: u32| -> Vec<Mark> {
            let own = unit.iter().zip(&groups).filter_map(|(mark, groups)| {
                let marks = if groups.contains(&slot) { mark.marks } else { mark.marks & !steps };
                (breaks || marks != 0).then_some(Mark { marks, ..*mark })
            });
            own.collect()
        };
        slots.into_iter().map(|slot| (slot, of_slot(slot))).collect()
    }

    fn add(&self, list: &mut List, reading: &mut Reading<'_, '_>, person: u32, found: &Found) {
        list.add(person, found, reading.block);
        if !matches!(self.plan.source, Source::Whole) {
            self.read_groups(reading, person, found);
            list.groups.extend_from_slice(&reading.groups);
            list.group_ends.push(list.groups.len() as u32);
        }
    }

    /// The groups of an attempt (F11).
    fn read_groups(&self, reading: &mut Reading<'_, '_>, person: u32, found: &Found) {
        let Reading { reader, slots, groups, .. } = reading;
        if self.plan.source.by_person() {
            return reader.read(person as usize, slots, groups);
        }
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
            // With attempts of their own, values have their groups elsewhere.
            FunnelAttribution::FirstTouch | FunnelAttribution::AllSteps => first_of(&mut rows),
            FunnelAttribution::LastTouch => first_of(&mut rows.rev()),
            FunnelAttribution::Step { step } => match found.taken().find(|(taken, _)| *taken == step) {
                Some((_, row)) => reader.read(row as usize, slots, groups),
                None => *groups = vec![NOT_REACHED],
            },
        }
    }
}
