//! How numbers of events develop over days, weeks or months of the zone.
//!
//! - A bucket counts only the events inside the range, so the first and last
//!   week or month may be cut by it. A range of all time starts with the first
//!   matching event and ends today.
//! - People are counted once per bucket and group, and once in the total.
//! - Groups are ranked by their total; averages, quantiles and the like by their
//!   number of events. Where there are formulas, all series have the groups of
//!   the first series that a formula speaks of.
//! - Cumulative numbers are made before formulas, moving averages after them.

mod breakdowns;
mod by_day;
mod collect;
#[cfg(test)]
mod naive;
#[cfg(test)]
mod pitfalls;
mod series;
mod shape;
mod tally;
#[cfg(test)]
mod tests;
mod trailing;
mod values;

use roaring::RoaringBitmap;
use siyu_types::analysis::{
    DateRange, Group, Interval, Measure, Question as _, TrendCell, TrendEarlier, TrendLine, TrendQuery,
    TrendResult, TrendSeries, TrendShape,
};
use siyu_types::calendar::{InstantRange, day_start};
use siyu_types::{Error, Result};

use breakdowns::Breakdowns;
use collect::Plan;
use series::Numbers;

use crate::Context;
use crate::buckets::Buckets;
use crate::groups::{FIRST, MISSING, OTHER, fixed};
use crate::pass::People;

/// The property a measure adds up.
fn summed(measure: &Measure) -> Option<&str> {
    match measure {
        Measure::Sum { property } | Measure::Avg { property } => Some(property),
        _ => None,
    }
}

/// Answers the query, over all living people or those `within`.
pub fn run(query: &TrendQuery, context: &Context<'_>, within: Option<&RoaringBitmap>) -> Result<TrendResult> {
    let question = Question::new(query, context, within)?;
    let (names, mut lines) = question.lines(None)?;
    let mut earlier_buckets = Vec::new();
    if let Some((range, context)) = question.earlier()? {
        let earlier = Question::of(query, &range, &context, within)?;
        earlier_buckets = earlier.buckets.described(context.as_of);
        let (_, mut found) = earlier.lines(Some(&names))?;
        for line in &mut lines {
            let at = found.iter().position(|own| (own.series, &own.group) == (line.series, &line.group));
            line.earlier = at.map(|at| {
                let own = found.swap_remove(at);
                TrendEarlier { values: fitted(own.values, question.buckets.len()), total: own.total }
            });
        }
    }
    let buckets = question.buckets.described(context.as_of);
    Ok(TrendResult { buckets, earlier_buckets, lines, as_of: context.as_of })
}

/// Months and weeks of an earlier period may be one more or less.
fn fitted(mut values: Vec<Option<f64>>, length: usize) -> Vec<Option<f64>> {
    values.resize(length, None);
    values
}

/// The people behind one cell of the answer.
pub fn people(
    query: &TrendQuery,
    cell: &TrendCell,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
) -> Result<RoaringBitmap> {
    let question = Question::new(query, context, within)?;
    let Some(series) = query.series.get(cell.series) else {
        return Err(Error::invalid("cell.series", "the query has no such series, or it is a formula"));
    };
    if cell.earlier {
        let Some((range, context)) = question.earlier()? else {
            return Err(Error::invalid("cell.earlier", "nothing is compared"));
        };
        return Question::of(query, &range, &context, within)?.people(series, cell, &question);
    }
    question.people(series, cell, &question)
}

/// A query, prepared for one period.
struct Question<'q> {
    query: &'q TrendQuery,
    context: Context<'q>,
    chosen: People,
    groups: Breakdowns<'q>,
    buckets: Buckets,
}

impl<'q> Question<'q> {
    fn new(
        query: &'q TrendQuery,
        context: &Context<'q>,
        within: Option<&RoaringBitmap>,
    ) -> Result<Question<'q>> {
        query.validate()?;
        Question::of(query, &query.range, context, within)
    }

    fn of(
        query: &'q TrendQuery,
        range: &DateRange,
        context: &Context<'q>,
        within: Option<&RoaringBitmap>,
    ) -> Result<Question<'q>> {
        let chosen = People::of(&*context.chosen(query.segment, within)?);
        let groups = Breakdowns::new(query, context.people)?;
        let events: Vec<_> = query.series.iter().map(|series| &series.event).collect();
        let buckets = Buckets::new(range, query.interval, &events, context, &chosen)?;
        Ok(Question { query, context: *context, chosen, groups, buckets })
    }

    /// The period to compare with: its days, and as of when it is asked for.
    fn earlier(&self) -> Result<Option<(DateRange, Context<'q>)>> {
        let Some(by) = self.query.compare else { return Ok(None) };
        let (range, as_of) = shape::earlier(self.query, by, &self.context)?;
        Ok(Some((range, Context { as_of, ..self.context })))
    }

    /// Whether people are counted back over days, not in buckets.
    fn trails(&self, measure: &Measure) -> Option<u32> {
        match measure {
            Measure::TrailingPeople { days }
                if self.query.interval == Interval::Day && self.query.shape != TrendShape::Cumulative =>
            {
                Some(*days)
            }
            _ => None,
        }
    }

    /// The lines of all series and formulas, and the names of the groups of each series.
    fn lines(&self, names: Option<&[Vec<String>]>) -> Result<(Vec<Vec<String>>, Vec<TrendLine>)> {
        let formulas = self.query.formulas()?;
        let first = formulas.iter().find_map(|formula| formula.first());
        let common = match (names, first) {
            (None, Some(first)) if !self.groups.is_whole() => Some(self.top(first)),
            _ => None,
        };
        let mut used = Vec::new();
        let mut series: Vec<Vec<Numbers>> = Vec::new();
        for index in 0..self.query.series.len() {
            let given = names.map(|names| &names[index][..]).or(common.as_deref());
            let (names, numbers) = self.numbers(index, given);
            used.push(names);
            series.push(numbers);
        }
        let mut lines = Vec::new();
        for (index, numbers) in series.iter().enumerate() {
            // Of an earlier period every group is wanted that this one shows.
            let shown = numbers.iter().filter(|own| names.is_some() || own.any || own.group == Group::Whole);
            lines.extend(shown.map(|own| self.line(index, own.group.clone(), own.values.clone(), own.total)));
        }
        for (index, formula) in formulas.iter().enumerate() {
            // All series have the same groups in the same order.
            for (place, own) in series[0].iter().enumerate() {
                let any = series.iter().any(|numbers| numbers[place].any);
                if names.is_none() && own.group != Group::Whole && !any {
                    continue;
                }
                let value = |at: usize| formula.value(&|index| series[index][place].values[at]);
                let values = (0..self.buckets.len()).map(value).collect();
                let total = formula.value(&|index| series[index][place].total);
                lines.push(self.line(series.len() + index, own.group.clone(), values, total));
            }
        }
        Ok((used, lines))
    }

    fn line(&self, series: usize, group: Group, values: Vec<Option<f64>>, total: Option<f64>) -> TrendLine {
        let values = match self.query.shape {
            TrendShape::Average { buckets } => shape::average(&values, buckets as usize),
            TrendShape::Plain | TrendShape::Cumulative => values,
        };
        TrendLine { series, group, values, total, earlier: None }
    }

    /// The people of a cell, whose groups are those of the question that was asked.
    fn people(
        &self,
        series: &'q TrendSeries,
        cell: &TrendCell,
        asked: &Question<'q>,
    ) -> Result<RoaringBitmap> {
        let bucket = self.buckets.chosen(cell.bucket.as_ref())?;
        let (names, wanted) = match &cell.group {
            Group::Whole => (Vec::new(), None),
            // Only funnels have what is not reached.
            _ if self.groups.is_whole() || cell.group == Group::NotReached => return Ok(RoaringBitmap::new()),
            Group::Missing => (Vec::new(), Some(MISSING)),
            Group::Other => (asked.shown_of(cell.series)?, Some(OTHER)),
            group => match self.groups.name(group) {
                Some(name) => (vec![name], Some(FIRST)),
                None => return Ok(RoaringBitmap::new()),
            },
        };
        let mut within = self.buckets.range;
        let mut plan_range = within;
        if let Some(bucket) = bucket {
            let edges = &self.buckets.edges;
            let (from, to) = (edges.start(bucket).max(within.from), edges.start(bucket + 1).min(within.to));
            within = match (self.trails(&series.measure), self.query.shape) {
                // Everybody who makes up the number, not only those of the last day.
                (Some(days), _) => {
                    plan_range = trailing::range(&self.buckets, days, &self.context);
                    InstantRange { from: self.days_before(bucket, days), to }
                }
                (None, TrendShape::Cumulative) => InstantRange { to, ..within },
                (None, TrendShape::Average { buckets }) => {
                    let first = (bucket + 1).saturating_sub(buckets as usize);
                    InstantRange { from: edges.start(first).max(within.from), to }
                }
                (None, TrendShape::Plain) => InstantRange { from, to },
            };
        }
        let plan = Plan::new(series, &self.context, self.groups.clone(), plan_range);
        Ok(collect::people(&plan, &self.chosen, within, &fixed(&names), wanted))
    }

    /// The names of the groups that a series shows on their own.
    fn shown_of(&self, series: usize) -> Result<Vec<String>> {
        let formulas = self.query.formulas()?;
        Ok(self.top(formulas.iter().find_map(|formula| formula.first()).unwrap_or(series)))
    }

    /// The first instant of so many days that end with a bucket.
    fn days_before(&self, bucket: usize, days: u32) -> i64 {
        let back = jiff::ToSpan::days(i64::from(days - 1));
        day_start(self.buckets.edges.dates[bucket].saturating_sub(back), self.context.zone)
    }
}
