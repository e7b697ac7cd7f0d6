//! The trend by asking of every bucket and group which events belong to it, for tests.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;
use siyu_types::analysis::{
    Bucket, DateRange, GROUPS_MAX, Group, Interval, Measure, TrendCell, TrendCompare, TrendEarlier,
    TrendLine, TrendQuery, TrendResult, TrendShape,
};
use siyu_types::calendar::{day_start, local_date, next_bucket, resolve_dates};
use siyu_types::clock::Millis;

use crate::testing::plain::{self, matches};
use crate::testing::{Event, World};
use crate::values::keys;

/// A question about one period, as of an instant.
struct Period<'w> {
    query: &'w TrendQuery,
    world: &'w World,
    from: Date,
    to: Date,
    as_of: Millis,
}

impl<'w> Period<'w> {
    fn now(query: &'w TrendQuery, world: &'w World) -> Period<'w> {
        let (mut from, mut to) =
            resolve_dates(&query.range, world.as_of, &world.zone).expect("a valid range");
        if query.range == DateRange::All {
            let people = plain::chosen(world, query.segment);
            let days = query.series.iter().map(|own| plain::days(world, &query.range, &people, &own.event));
            (from, to) = days.reduce(|a, b| (a.0.min(b.0), a.1)).expect("a series");
        }
        Period { query, world, from, to, as_of: world.as_of }
    }

    fn earlier(&self) -> Option<Period<'w>> {
        let back = match self.query.compare? {
            TrendCompare::Previous => i64::from((self.to - self.from).get_days() + 1).days(),
            TrendCompare::Week => 7.days(),
            TrendCompare::Month => 1.month(),
            TrendCompare::Year => 1.year(),
        };
        let zone = &self.world.zone;
        let mut as_of = self.as_of;
        if local_date(as_of, zone) <= self.to {
            let at = jiff::Timestamp::from_millisecond(as_of).expect("valid").to_zoned(zone.clone());
            let local = at.datetime().checked_sub(back).expect("in the calendar");
            as_of = zone.to_zoned(local).expect("valid").timestamp().as_millisecond();
        }
        let (from, to) =
            (self.from.checked_sub(back).expect("valid"), self.to.checked_sub(back).expect("valid"));
        Some(Period { from, to, as_of, ..*self })
    }

    fn dates(&self) -> Vec<Date> {
        plain::buckets((self.from, self.to), self.query.interval)
    }

    fn described(&self) -> Vec<Bucket> {
        let of = |date: Date| {
            let end = next_bucket(date, self.query.interval).min(self.to.tomorrow().expect("valid"));
            Bucket { start: date.to_string(), complete: self.as_of >= day_start(end, &self.world.zone) }
        };
        self.dates().into_iter().map(of).collect()
    }

    /// What matches a series between two days, in order.
    fn matching(&self, series: usize, from: Date, to: Date) -> Vec<&'w Event> {
        let asked = &self.query.series[series].event;
        let people = plain::chosen(self.world, self.query.segment);
        let events = self.world.events.iter().filter(|event| {
            let day = local_date(event.time, &self.world.zone);
            event.time <= self.as_of
                && (from..=to).contains(&day)
                && matches(self.world, event, asked)
                && people.contains(&event.person)
        });
        let mut events: Vec<_> = events.collect();
        events.sort_by_key(|event| (event.person, event.time));
        events
    }

    fn groups(&self, event: &Event) -> Vec<Group> {
        let all = self.query.breakdown.iter().chain(&self.query.then_by);
        let parts: Vec<Vec<Group>> =
            all.map(|by| plain::groups(self.world, Some(by), event.person, &[event])).collect();
        match &parts[..] {
            [] => vec![Group::Whole],
            [one] => one.clone(),
            several => several
                .iter()
                .fold(vec![Vec::new()], |found: Vec<Vec<Group>>, part| {
                    found
                        .iter()
                        .flat_map(|own| {
                            part.iter().map(move |next| [own.clone(), vec![next.clone()]].concat())
                        })
                        .collect()
                })
                .into_iter()
                .map(|of| Group::Several { of })
                .collect(),
        }
    }

    /// The names of the groups of a series that stand on their own, the largest first.
    fn shown(&self, series: usize) -> Vec<Group> {
        let measure = &self.query.series[series].measure;
        let mut by_group: BTreeMap<Group, Vec<&Event>> = BTreeMap::new();
        for event in self.matching(series, self.from, self.to) {
            for group in self.groups(event) {
                by_group.entry(group).or_default().push(event);
            }
        }
        by_group.remove(&Group::Missing);
        by_group.remove(&Group::Whole);
        let size = |events: &[&Event]| match measure {
            Measure::TrailingPeople { .. } => number(&Measure::People, events).expect("a number"),
            Measure::Count | Measure::People | Measure::Sum { .. } => {
                number(measure, events).expect("a number")
            }
            _ => events.len() as f64,
        };
        let mut shown: Vec<_> = by_group.into_iter().collect();
        // Of equal size by name, in which one without a value stands as "-" and others after "=".
        shown.sort_by(|a, b| size(&b.1).total_cmp(&size(&a.1)).then_with(|| name(&a.0).cmp(&name(&b.0))));
        shown.truncate(self.query.top.unwrap_or(GROUPS_MAX));
        shown.into_iter().map(|(group, _)| group).collect()
    }

    /// The groups of a series in the order of the answer.
    fn all_groups(&self, series: usize) -> Vec<Group> {
        if self.query.breakdown.is_none() {
            return vec![Group::Whole];
        }
        let formulas = self.query.formulas().expect("valid");
        let by = formulas.iter().find_map(|formula| formula.first()).unwrap_or(series);
        let mut groups = self.shown(by);
        groups.extend([Group::Missing, Group::Other]);
        groups
    }

    fn belongs(&self, event: &Event, group: &Group, shown: &[Group]) -> bool {
        let own = self.groups(event);
        match group {
            Group::Other => own.iter().any(|own| !shown.contains(own) && *own != Group::Missing),
            group => own.contains(group),
        }
    }

    /// The days whose events make up the number of a bucket, or of the total.
    fn stretch(&self, series: usize, bucket: Option<Date>, cell: bool) -> (Date, Date) {
        let Some(date) = bucket else { return (self.from, self.to) };
        let last = next_bucket(date, self.query.interval).yesterday().expect("valid").min(self.to);
        let first = date.max(self.from);
        match (&self.query.series[series].measure, self.query.shape) {
            (_, TrendShape::Cumulative) => (self.from, last),
            (Measure::TrailingPeople { days }, _) if self.query.interval == Interval::Day => {
                (date.checked_sub(i64::from(days - 1).days()).expect("valid"), last)
            }
            (_, TrendShape::Average { buckets }) if cell => {
                let dates = self.dates();
                let at = dates.iter().position(|own| *own == date).expect("a bucket");
                (dates[(at + 1).saturating_sub(buckets as usize)].max(self.from), last)
            }
            _ => (first, last),
        }
    }

    fn events_of(&self, series: usize, group: &Group, shown: &[Group], days: (Date, Date)) -> Vec<&'w Event> {
        let mut events = self.matching(series, days.0, days.1);
        events.retain(|event| self.belongs(event, group, shown));
        events
    }

    /// The numbers of a series in a group: by bucket, and the total.
    fn numbers(&self, series: usize, group: &Group, shown: &[Group]) -> (Vec<Option<f64>>, Option<f64>) {
        let measure = &self.query.series[series].measure;
        let of = |bucket: Option<Date>| {
            number(measure, &self.events_of(series, group, shown, self.stretch(series, bucket, false)))
        };
        (self.dates().into_iter().map(|date| of(Some(date))).collect(), of(None))
    }

    fn averaged(&self, values: Vec<Option<f64>>) -> Vec<Option<f64>> {
        let TrendShape::Average { buckets } = self.query.shape else { return values };
        let buckets = buckets as usize;
        let mean = |at: usize| {
            let window = values.get((at + 1).checked_sub(buckets)?..=at)?;
            let known: Vec<f64> = window.iter().flatten().copied().collect();
            (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
        };
        (0..values.len()).map(mean).collect()
    }

    /// The values and total of a series or formula.
    fn line(&self, series: usize, group: &Group, shown: &[Group]) -> (Vec<Option<f64>>, Option<f64>) {
        let count = self.query.series.len();
        let (values, total) = if series < count {
            self.numbers(series, group, shown)
        } else {
            let formula = &self.query.formulas().expect("valid")[series - count];
            let all: Vec<_> = (0..count).map(|series| self.numbers(series, group, shown)).collect();
            let value = |at: usize| formula.value(&|series| all[series].0[at]);
            ((0..self.dates().len()).map(value).collect(), formula.value(&|series| all[series].1))
        };
        (self.averaged(values), total)
    }
}

fn name(group: &Group) -> String {
    match group {
        Group::Value { value } => format!("={value}"),
        Group::Several { of } => of.iter().map(name).collect::<Vec<_>>().join("\u{1}"),
        _ => "-".to_owned(),
    }
}

fn number(measure: &Measure, events: &[&Event]) -> Option<f64> {
    let people: BTreeSet<u32> = events.iter().map(|event| event.person).collect();
    let numbers = |property: &String| -> Vec<f64> {
        let mut found: Vec<f64> =
            events.iter().filter_map(|event| event.props.get(property)?.as_number()).collect();
        found.sort_by(f64::total_cmp);
        found
    };
    let ratio = |above: f64, below: usize| (below > 0).then(|| above / below as f64);
    match measure {
        Measure::Count => Some(events.len() as f64),
        Measure::People | Measure::TrailingPeople { .. } => Some(people.len() as f64),
        Measure::Sum { property } => Some(numbers(property).iter().sum::<f64>() + 0.0),
        Measure::Avg { property } => ratio(numbers(property).iter().sum(), numbers(property).len()),
        Measure::PerPerson => ratio(events.len() as f64, people.len()),
        Measure::Min { property } => numbers(property).first().copied(),
        Measure::Max { property } => numbers(property).last().copied(),
        Measure::Quantile { property, percent } => {
            let sorted = numbers(property);
            let at = f64::from(*percent) / 100.0 * (sorted.len().checked_sub(1)?) as f64;
            let (low, high) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
            Some(low + (high - low) * (at - at.floor()))
        }
        Measure::Distinct { property } => {
            let values = events.iter().filter_map(|event| event.props.get(property));
            Some(values.flat_map(keys).collect::<BTreeSet<String>>().len() as f64)
        }
    }
}

pub(super) fn run(query: &TrendQuery, world: &World) -> TrendResult {
    let now = Period::now(query, world);
    let earlier = now.earlier();
    let count = query.series.len();
    let mut lines = Vec::new();
    for series in 0..count + query.formulas.len() {
        let groups = now.all_groups(series.min(count - 1));
        let shown = groups.clone();
        for group in groups {
            let of: Vec<usize> = if series < count { vec![series] } else { (0..count).collect() };
            let is_any = |series: &usize| {
                let mut stretches = vec![now.stretch(*series, None, false)];
                // People of days before the range are in the numbers of its first days.
                stretches.extend(now.dates().into_iter().map(|date| now.stretch(*series, Some(date), false)));
                stretches.into_iter().any(|days| !now.events_of(*series, &group, &shown, days).is_empty())
            };
            if group != Group::Whole && !of.iter().any(is_any) {
                continue;
            }
            let (values, total) = now.line(series, &group, &shown);
            let earlier = earlier.as_ref().map(|earlier| {
                let (mut values, total) = earlier.line(series, &group, &shown);
                values.resize(now.dates().len(), None);
                TrendEarlier { values, total }
            });
            lines.push(TrendLine { series, group, values, total, earlier });
        }
    }
    TrendResult {
        buckets: now.described(),
        earlier_buckets: earlier.map_or_else(Vec::new, |earlier| earlier.described()),
        lines,
        as_of: world.as_of,
    }
}

/// The people of a cell, ascending.
pub(super) fn people(query: &TrendQuery, world: &World, cell: &TrendCell) -> Vec<u32> {
    let now = Period::now(query, world);
    let shown = now.all_groups(cell.series);
    let mut period = now;
    if cell.earlier {
        period = period.earlier().expect("compared");
    }
    let bucket = cell.bucket.as_ref().map(|start| start.parse().expect("a date"));
    let days = period.stretch(cell.series, bucket, true);
    let events = period.events_of(cell.series, &cell.group, &shown, days);
    let people: BTreeSet<u32> = events.into_iter().map(|event| event.person).collect();
    people.into_iter().collect()
}
