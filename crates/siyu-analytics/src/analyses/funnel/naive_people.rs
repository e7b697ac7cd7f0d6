//! The naive twin over people: their units, their best attempts, the groups these belong to.

use siyu_types::analysis::{
    ANY_EVENT, EventMatch, FunnelAttribution, FunnelCount, FunnelOrder, FunnelQuery, Group,
};
use siyu_types::calendar::{InstantRange, day_start, next_bucket, resolve};
use siyu_types::clock::Millis;

use super::naive::{Outcome, Rank, Search, text};
use crate::testing::plain::{self, matches};
use crate::testing::{Event, World};

/// Everything that is asked of one person.
struct Person<'w> {
    query: &'w FunnelQuery,
    world: &'w World,
    person: u32,
    events: Vec<&'w Event>,
}

impl Person<'_> {
    fn search<'s>(&'s self, unit: &'s [usize], held: Option<&'s str>, range: InstantRange) -> Search<'s> {
        let Person { query, world, events, .. } = self;
        Search { query, world, range, events, unit, held, group: None, exclude: true }
    }

    fn units(&self) -> Vec<(Vec<usize>, Option<String>)> {
        let all: Vec<usize> = (0..self.events.len()).collect();
        let whole = self.search(&all, None, InstantRange { from: 0, to: 0 });
        let stretches = match self.query.count {
            FunnelCount::Sessions { gap_seconds } => {
                let own = EventMatch { event: ANY_EVENT.to_owned(), filters: Vec::new() };
                let counted: Vec<usize> = all
                    .iter()
                    .copied()
                    .filter(|index| whole.is_listed(*index) || matches(self.world, self.events[*index], &own))
                    .collect();
                let near = |a: &usize, b: &usize| {
                    self.events[*b].time - self.events[*a].time < i64::from(gap_seconds) * 1_000
                };
                counted.chunk_by(near).map(<[usize]>::to_vec).collect()
            }
            _ => vec![all.clone()],
        };
        if self.query.hold.is_empty() {
            return stretches.into_iter().map(|unit| (unit, None)).collect();
        }
        let mut units = Vec::new();
        for unit in stretches {
            let mut values: Vec<String> = Vec::new();
            for step in 0..self.query.steps.len() {
                let property = self.query.held(step).expect("held");
                values.extend(unit.iter().filter_map(|index| text(self.events[*index], property)));
            }
            values.sort_unstable();
            values.dedup();
            units.extend(values.into_iter().map(|value| (unit.clone(), Some(value))));
        }
        units
    }

    fn outcome(&self, unit: usize, rank: &Rank, groups: Vec<Group>) -> Outcome {
        let mut times = vec![None; rank.0.0];
        rank.4.iter().for_each(|(step, index)| times[*step] = Some(self.events[*index].time));
        Outcome { person: self.person, unit, times, groups }
    }

    fn groups(&self, rank: &Rank) -> Vec<Group> {
        let mut events: Vec<&Event> = rank.4.iter().map(|(_, index)| self.events[*index]).collect();
        let by_event = self.query.breakdown.as_ref().is_some_and(|by| by.property().is_some());
        match self.query.attribution {
            FunnelAttribution::LastTouch => events.reverse(),
            FunnelAttribution::Step { step } if by_event => match rank.4.iter().find(|(own, _)| *own == step)
            {
                Some((_, index)) => events = vec![self.events[*index]],
                None => return vec![Group::NotReached],
            },
            _ => {}
        }
        plain::groups(self.world, self.query.breakdown.as_ref(), self.person, &events)
    }

    /// The outcomes with attempts that start in a range: by attempts of all events, and as they
    /// are grouped.
    fn outcomes(&self, range: InstantRange) -> (Vec<Outcome>, Vec<Outcome>) {
        let units = self.units();
        let once = self.query.count == FunnelCount::People;
        let mut whole: Vec<(usize, Rank)> = Vec::new();
        for (unit, (events, held)) in units.iter().enumerate() {
            whole.extend(self.search(events, held.as_deref(), range).best().map(|rank| (unit, rank)));
        }
        if once {
            whole = whole
                .into_iter()
                .min_by(|a, b| a.1.cmp(&b.1))
                .map(|(_, rank)| (0, rank))
                .into_iter()
                .collect();
        }
        let entire: Vec<_> =
            whole.iter().map(|(unit, rank)| self.outcome(*unit, rank, self.groups(rank))).collect();
        let by_person = self.query.breakdown.as_ref().is_none_or(|by| by.property().is_none());
        if self.query.attribution != FunnelAttribution::AllSteps || by_person {
            return (entire.clone(), entire);
        }
        let mut groups: Vec<Group> = Vec::new();
        for event in &self.events {
            groups.extend(plain::groups(self.world, self.query.breakdown.as_ref(), self.person, &[event]));
        }
        groups.sort();
        groups.dedup();
        let mut grouped = Vec::new();
        for group in groups {
            let mut found: Vec<(usize, Rank)> = Vec::new();
            for (unit, (events, held)) in units.iter().enumerate() {
                let search = Search { group: Some(&group), ..self.search(events, held.as_deref(), range) };
                found.extend(search.best().map(|rank| (unit, rank)));
            }
            if once {
                found = found
                    .into_iter()
                    .min_by(|a, b| a.1.cmp(&b.1))
                    .map(|(_, rank)| (0, rank))
                    .into_iter()
                    .collect();
            }
            grouped.extend(found.iter().map(|(unit, rank)| self.outcome(*unit, rank, vec![group.clone()])));
        }
        (entire, grouped)
    }

    fn is_open(&self, range: InstantRange) -> bool {
        let units = self.units();
        let searches = || units.iter().map(|(unit, held)| self.search(unit, held.as_deref(), range));
        let done =
            searches().any(|search| search.best().is_some_and(|best| best.0.0 == self.query.steps.len()));
        let counted = self.query.count != FunnelCount::People || !done;
        counted && searches().any(|search| search.is_open())
    }
}

/// What the answer is made of.
pub(super) struct Found {
    pub(super) entire: Vec<Outcome>,
    pub(super) grouped: Vec<Outcome>,
    /// By bucket of the trend, with its first day and whether it is complete.
    pub(super) buckets: Vec<(String, bool, Vec<Outcome>, Vec<Outcome>)>,
    pub(super) complete: bool,
}

pub(super) fn find(query: &FunnelQuery, world: &World) -> Found {
    let range = resolve(&query.range, world.as_of, &world.zone).expect("a valid range");
    let until = if query.clamp { world.as_of.min(range.to - 1) } else { world.as_of };
    let people: Vec<Person<'_>> = plain::chosen(world, query.segment)
        .into_iter()
        .map(|person| {
            let mut events = world.events_of(person);
            events.retain(|event| event.time <= until);
            Person { query, world, person, events }
        })
        .collect();
    let all = |range: InstantRange| {
        let found: Vec<_> = people.iter().map(|person| person.outcomes(range)).collect();
        let (entire, grouped): (Vec<_>, Vec<_>) = found.into_iter().unzip();
        (entire.concat(), grouped.concat())
    };
    let (entire, grouped) = all(range);
    let complete = until < world.as_of
        || (world.as_of >= range.to && !people.iter().any(|person| person.is_open(range)));
    let buckets = buckets(query, world, until, &all);
    Found { entire, grouped, buckets, complete }
}

type OutcomesOf<'f> = &'f dyn Fn(InstantRange) -> (Vec<Outcome>, Vec<Outcome>);

fn buckets(
    query: &FunnelQuery,
    world: &World,
    until: Millis,
    all: OutcomesOf<'_>,
) -> Vec<(String, bool, Vec<Outcome>, Vec<Outcome>)> {
    let Some(interval) = query.trend else { return Vec::new() };
    let entries: Vec<&EventMatch> = match query.order {
        FunnelOrder::Any => query.steps.iter().flat_map(|step| step.events()).collect(),
        _ => query.steps[0].events().collect(),
    };
    let chosen = plain::chosen(world, query.segment);
    let days = entries.iter().map(|event| plain::days(world, &query.range, &chosen, event));
    let days = days.reduce(|a, b| (a.0.min(b.0), a.1)).expect("a step");
    let start = |date| day_start(date, &world.zone);
    let end = start(days.1.tomorrow().expect("in the calendar"));
    let known = InstantRange { from: start(days.0), to: end.min(world.as_of + 1) };
    let dates = plain::buckets(days, interval);
    let of = |date: &jiff::civil::Date| {
        let (from, to) = (start(*date), start(next_bucket(*date, interval)));
        let bucket = InstantRange { from: from.max(known.from), to: to.min(known.to) };
        let (entire, grouped) = all(bucket);
        let last = to.min(end) - 1;
        let nothing: [&Event; 0] = [];
        let search = Person { query, world, person: 0, events: nothing.to_vec() };
        let over = until < world.as_of
            || !search.search(&[], None, known).in_window(query.window, last, world.as_of + 1);
        (date.to_string(), world.as_of > last && over, entire, grouped)
    };
    dates.iter().map(of).collect()
}
