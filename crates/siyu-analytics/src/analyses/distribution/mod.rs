//! Distribution: people by how often, on how many days or for how much they did
//! something in a range.
//!
//! - Only people who did it have a number; an average or extreme of no numbers is none, and is
//!   counted apart.
//! - Chosen bins: whole numbers of which there are few different ones have a bin each. Others get
//!   about ten bins of a round width up to the 95th percentile; what is above is one bin.
//! - By a property, a person belongs to the group of their first matching event in the range.

#[cfg(test)]
mod naive;
#[cfg(test)]
mod tests;

use roaring::RoaringBitmap;
use siyu_types::Result;
use siyu_types::analysis::{
    Bin, DistributionCell, DistributionGroup, DistributionQuery, DistributionResult, EventMatch, Group,
    Question as _,
};
use siyu_types::calendar::InstantRange;
use siyu_types::condition::PersonMeasure;

use crate::Context;
use crate::aggregate::{Plans, Want};
use crate::buckets::asked;
use crate::days;
use crate::groups::Source;
use crate::outcomes::{self, Outcomes, Tally};
use crate::pass::{People, Piece};
use crate::summary::{self, Ascending};

/// Whole numbers with at most so many different values have a bin each.
const FEW: usize = 12;
/// Bins below the last, about.
const BINS: f64 = 10.0;

/// Answers the query, over all living people or those `within`.
pub fn run(
    query: &DistributionQuery,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
) -> Result<DistributionResult> {
    query.validate()?;
    let source = Source::new(query.breakdown.as_ref(), context.people)?;
    let kind = Distribution::new(query, context, within)?;
    let counted = matches!(source, Source::Whole).then(|| counted(query, &kind, context)).flatten();
    let groups = match counted {
        Some(numbers) => vec![(Group::Whole, numbers)],
        None => outcomes::tally(&kind, context.scan, &source, &Numbers::default()),
    };
    let groups: Vec<_> = groups.into_iter().map(|(group, numbers)| (group, numbers.ascending())).collect();
    let bins = match (query.edges.as_slice(), groups.first()) {
        ([], Some((_, (whole, _)))) => chosen_bins(whole),
        (edges, _) => bins(edges),
    };
    Ok(DistributionResult {
        complete: context.as_of >= kind.range.to,
        groups: groups.into_iter().map(|(group, numbers)| described(group, &numbers, &bins)).collect(),
        bins,
        as_of: context.as_of,
    })
}

/// How often everybody did it, where days tell.
fn counted(query: &DistributionQuery, kind: &Distribution<'_>, context: &Context<'_>) -> Option<Numbers> {
    if query.measure != PersonMeasure::Count {
        return None;
    }
    let found = days::times(&want(query, kind.range), context, &kind.chosen, |times| {
        let mut numbers = Numbers::default();
        times.iter().filter(|times| **times > 0).for_each(|times| numbers.values.add(f64::from(*times)));
        numbers
    })?;
    Some(found.into_iter().fold(Numbers::default(), |mut all, own| {
        all.merge(own);
        all
    }))
}

/// The people behind one cell of the answer.
pub fn people(
    query: &DistributionQuery,
    cell: &DistributionCell,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
) -> Result<RoaringBitmap> {
    query.validate()?;
    let source = Source::new(query.breakdown.as_ref(), context.people)?;
    let kind = Distribution::new(query, context, within)?;
    let wanted =
        |number: &Option<f64>| number.is_some_and(|number| cell.bin.is_none_or(|bin| holds(&bin, number)));
    Ok(outcomes::people(&kind, context.scan, &source, &cell.group, wanted))
}

fn holds(bin: &Bin, number: f64) -> bool {
    bin.from.is_none_or(|from| number >= from) && bin.to.is_none_or(|to| number < to)
}

/// The bins between ascending edges, and those before and after.
fn bins(edges: &[f64]) -> Vec<Bin> {
    let starts = std::iter::once(None).chain(edges.iter().copied().map(Some));
    let ends = edges.iter().copied().map(Some).chain([None]);
    starts.zip(ends).map(|(from, to)| Bin { from, to }).collect()
}

/// Bins for numbers; the first begins at or below the least.
fn chosen_bins(values: &Ascending) -> Vec<Bin> {
    let Some((least, most)) = values.ends() else { return Vec::new() };
    let different = values.different();
    let whole = |value: &f64| value.fract() == 0.0 && value.abs() < 1e15;
    let edges = if different.len() <= FEW && different.iter().all(whole) {
        different
    } else {
        let high = values.quantile(0.95).max(least);
        let high = if high > least { high } else { most };
        let width = round_width((high - least) / BINS);
        let first = (least / width).floor() * width;
        let count = (((high - first) / width).ceil() as usize).clamp(1, BINS as usize * 3);
        (0..=count).map(|index| first + index as f64 * width).collect()
    };
    // Nothing lies before the first edge.
    bins(&edges).split_off(1)
}

/// 1, 2 or 5 times a power of ten, not less than the width.
fn round_width(width: f64) -> f64 {
    if width <= 0.0 || !width.is_finite() {
        return 1.0;
    }
    let power = 10f64.powf(width.log10().floor());
    let factor = [1.0, 2.0, 5.0, 10.0].into_iter().find(|factor| factor * power >= width);
    factor.unwrap_or(10.0) * power
}

fn want(query: &DistributionQuery, range: InstantRange) -> Want<'_> {
    let EventMatch { event, filters } = &query.event;
    Want { event, filters, range, measure: &query.measure }
}

/// The query, prepared for one scan.
struct Distribution<'q> {
    plans: Plans<'q>,
    chosen: People,
    measure: &'q PersonMeasure,
    range: InstantRange,
}

impl<'q> Distribution<'q> {
    fn new(
        query: &'q DistributionQuery,
        context: &Context<'q>,
        within: Option<&RoaringBitmap>,
    ) -> Result<Distribution<'q>> {
        let chosen = People::of(&*context.chosen(query.segment, within)?);
        let range = asked(&query.range, &[&query.event], context, &chosen)?;
        let plans = Plans::new(&[want(query, range)], context);
        Ok(Distribution { plans, chosen, measure: &query.measure, range })
    }
}

impl Outcomes for Distribution<'_> {
    type Outcome<'o> = Option<f64>;

    fn each(&self, piece: &Piece<'_>, mut see: impl FnMut(u32, &[u32], Option<f64>)) {
        self.plans.each(piece, &self.chosen, |person, sums| {
            if let [sums] = sums
                && sums.count > 0
            {
                see(person, &[sums.row], sums.value(self.measure));
            }
        });
    }
}

#[derive(Clone, Default)]
struct Numbers {
    values: summary::Numbers,
    without: u64,
}

impl Numbers {
    fn ascending(self) -> (Ascending, u64) {
        (self.values.ascending(), self.without)
    }
}

fn described(group: Group, (values, without): &(Ascending, u64), bins: &[Bin]) -> DistributionGroup {
    let below = |edge: Option<f64>, none: usize| edge.map_or(none, |edge| values.below(edge));
    let people = bins.iter().map(|bin| below(bin.to, values.len()) - below(bin.from, 0));
    DistributionGroup {
        group,
        total: values.len() as u64,
        without: *without,
        people: people.map(|people| people as u64).collect(),
        summary: values.summary(),
    }
}

impl Tally<Distribution<'_>> for Numbers {
    fn add(&mut self, _: u32, number: &Option<f64>) {
        match number {
            Some(number) => self.values.add(*number + 0.0),
            None => self.without += 1,
        }
    }

    fn merge(&mut self, other: Numbers) {
        self.values.merge(other.values);
        self.without += other.without;
    }
}
