//! How numbers of events develop over days, weeks or months of the zone.
//!
//! - A bucket counts only the events inside the range, so the first and last
//!   week or month may be cut by it. A range of all time starts with the first
//!   matching event and ends today.
//! - People are counted once per bucket and group, and once in the total.
//! - Groups are ranked by their total; averages by their number of events.

mod collect;
#[cfg(test)]
mod naive;
#[cfg(test)]
mod tests;

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use siyu_types::analysis::{
    GROUPS_MAX, Group, Measure, Question as _, TrendCell, TrendLine, TrendQuery, TrendResult,
};
use siyu_types::{Error, Result};

use collect::{Cell, Collected, Plan};

use crate::Context;
use crate::buckets::Buckets;
use crate::groups::{FIRST, MISSING, OTHER, Slots, Source, fixed, largest, shown};
use crate::pass::People;

/// The property a measure adds up.
fn summed(measure: &Measure) -> Option<&str> {
    match measure {
        Measure::Sum { property } | Measure::Avg { property } => Some(property),
        Measure::Count | Measure::People | Measure::PerPerson => None,
    }
}

/// Answers the query, over all living people or those `within`.
pub fn run(query: &TrendQuery, context: &Context<'_>, within: Option<&RoaringBitmap>) -> Result<TrendResult> {
    let question = Question::new(query, context, within)?;
    let mut lines = Vec::new();
    for series in 0..query.series.len() {
        question.lines(series, &mut lines);
    }
    Ok(TrendResult { buckets: question.buckets.described(context.as_of), lines, as_of: context.as_of })
}

/// The people behind one cell of the answer.
pub fn people(
    query: &TrendQuery,
    cell: &TrendCell,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
) -> Result<RoaringBitmap> {
    let Some(series) = query.series.get(cell.series) else {
        return Err(Error::invalid("cell.series", "the query has no such series"));
    };
    // The other series cannot change which people a cell stands for, but for
    // the first bucket of a range of all time.
    let question = Question::new(query, context, within)?;
    let bucket = question.buckets.chosen(cell.bucket.as_ref())?;
    let names = match &cell.group {
        Group::Value { value } => vec![value.clone()],
        Group::Other if question.broken_down() => question.top(cell.series),
        _ => Vec::new(),
    };
    let wanted = match &cell.group {
        Group::Whole => None,
        Group::Missing => Some(MISSING),
        Group::Other => Some(OTHER),
        Group::Value { .. } => Some(FIRST),
        // Only funnels have it.
        Group::NotReached => return Ok(RoaringBitmap::new()),
    };
    if wanted.is_some() && !question.broken_down() {
        return Ok(RoaringBitmap::new());
    }
    let plan = Plan::new(std::slice::from_ref(series), context, question.source, question.buckets.range);
    let slots = fixed(&names);
    Ok(collect::people(&plan, &question.chosen, &question.buckets, bucket, &slots, wanted))
}

/// A query, prepared.
struct Question<'q> {
    query: &'q TrendQuery,
    context: Context<'q>,
    chosen: People,
    source: Source<'q>,
    buckets: Buckets,
}

impl<'q> Question<'q> {
    fn new(
        query: &'q TrendQuery,
        context: &Context<'q>,
        within: Option<&RoaringBitmap>,
    ) -> Result<Question<'q>> {
        query.validate()?;
        let chosen = People::of(&context.chosen(query.segment, within)?);
        let source = Source::new(query.breakdown.as_ref(), context.people)?;
        let events: Vec<_> = query.series.iter().map(|series| &series.event).collect();
        let buckets = Buckets::new(&query.range, query.interval, &events, context, &chosen)?;
        Ok(Question { query, context: *context, chosen, source, buckets })
    }

    fn broken_down(&self) -> bool {
        !matches!(self.source, Source::Whole)
    }

    fn plan(&self, series: usize) -> Plan<'q> {
        let only = std::slice::from_ref(&self.query.series[series]);
        Plan::new(only, &self.context, self.source, self.buckets.range)
    }

    /// The names of the largest groups of a series.
    fn top(&self, series: usize) -> Vec<String> {
        let plan = self.plan(series);
        let parts = collect::cells(&plan, &self.chosen, None, &Slots::growing);
        self.ranked(series, by_name(&parts, 1).into_iter().map(|(name, cells)| (name, cells[0])))
    }

    /// The names of the largest of these groups.
    fn ranked(&self, series: usize, totals: impl Iterator<Item = (String, Cell)>) -> Vec<String> {
        let measure = &self.query.series[series].measure;
        largest(totals.filter(|(_, cell)| cell.events > 0).map(|(name, cell)| {
            let size = match measure {
                Measure::Avg { .. } | Measure::PerPerson => cell.events as f64,
                _ => cell.value(measure).unwrap_or(0.0),
            };
            (name, size)
        }))
    }

    /// The shown groups of a series in their order, each with its buckets and then its total.
    fn groups(&self, series: usize) -> Vec<(Group, Vec<Cell>)> {
        let plan = self.plan(series);
        // Per slot: the buckets, then the total.
        let stride = self.buckets.len() + 1;
        if self.broken_down() && self.source.few(self.context.scan) {
            let parts = collect::cells(&plan, &self.chosen, Some(&self.buckets), &Slots::growing);
            let mut named = by_name(&parts, stride);
            // With more groups than are shown, the others are one group, and somebody in several
            // of them counts once: that takes a second look at the events.
            if named.len() <= GROUPS_MAX {
                let totals: Vec<_> =
                    named.iter().map(|(name, cells)| (name.clone(), cells[stride - 1])).collect();
                let names = self.ranked(series, totals.into_iter());
                let mut groups: Vec<_> = names
                    .into_iter()
                    .filter_map(|value| Some((Group::Value { value: value.clone() }, named.remove(&value)?)))
                    .collect();
                groups.push((Group::Missing, sum(&parts, MISSING, stride)));
                return groups;
            }
        }
        let names = if self.broken_down() { self.top(series) } else { Vec::new() };
        let slots = fixed(&names);
        let parts = collect::cells(&plan, &self.chosen, Some(&self.buckets), &|| Slots::Fixed(&slots));
        let groups = if self.broken_down() { shown(&names) } else { vec![(FIRST, Group::Whole)] };
        groups.into_iter().map(|(slot, group)| (group, sum(&parts, slot, stride))).collect()
    }

    /// Appends the lines of a series.
    fn lines(&self, series: usize, lines: &mut Vec<TrendLine>) {
        let measure = &self.query.series[series].measure;
        for (group, cells) in self.groups(series) {
            let Some((total, buckets)) = cells.split_last() else { continue };
            if total.events > 0 || group == Group::Whole {
                let values = buckets.iter().map(|cell| cell.value(measure)).collect();
                lines.push(TrendLine { series, group, values, total: total.value(measure) });
            }
        }
    }
}

/// The cells of one slot over all parts.
fn sum(parts: &[Collected<'_>], slot: u32, stride: usize) -> Vec<Cell> {
    let mut cells = vec![Cell::default(); stride];
    for part in parts {
        add(&mut cells, part, slot, stride);
    }
    cells
}

fn add(cells: &mut [Cell], part: &Collected<'_>, slot: u32, stride: usize) {
    let own = part.cells.get(slot as usize * stride..).unwrap_or_default();
    cells.iter_mut().zip(own).for_each(|(all, cell)| all.merge(cell));
}

/// The cells of every name that the parts found for themselves.
fn by_name(parts: &[Collected<'_>], stride: usize) -> FxHashMap<String, Vec<Cell>> {
    let mut named: FxHashMap<String, Vec<Cell>> = FxHashMap::default();
    for part in parts {
        if let Slots::Growing(names) = &part.slots {
            for (name, &slot) in names {
                let cells = named.entry(name.clone()).or_insert_with(|| vec![Cell::default(); stride]);
                add(cells, part, slot, stride);
            }
        }
    }
    named
}
