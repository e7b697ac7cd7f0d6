//! The funnel by trying every attempt of every person, for tests.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use siyu_types::ItemField;
use siyu_types::analysis::{
    Breakdown, FunnelGroup, FunnelQuery, FunnelResult, FunnelStep, FunnelWindow, GROUPS_MAX, Group,
};
use siyu_types::calendar::{InstantRange, local_date, resolve};
use siyu_types::clock::Millis;

use crate::testing::{Event, World};
use crate::values::keys;

/// What one person did.
pub(super) struct Outcome {
    pub(super) person: u32,
    pub(super) times: Vec<Millis>,
    pub(super) groups: BTreeSet<Group>,
}

impl Outcome {
    pub(super) fn level(&self) -> usize {
        self.times.len()
    }
}

/// Smaller is better: longest, complete first, started last, early steps, early arrivals.
type Rank = (Reverse<usize>, Millis, Reverse<Millis>, Vec<Millis>, Vec<usize>);

struct Search<'w> {
    query: &'w FunnelQuery,
    world: &'w World,
    range: InstantRange,
    events: Vec<&'w Event>,
    best: Option<Rank>,
}

impl Search<'_> {
    fn extend(&mut self, attempt: &mut Vec<usize>) {
        let times: Vec<_> = attempt.iter().map(|&index| self.events[index].time).collect();
        if let (Some(&first), Some(&last)) = (times.first(), times.last()) {
            let rank = (Reverse(times.len()), last, Reverse(first), times.clone(), attempt.clone());
            if self.best.as_ref().is_none_or(|best| rank < *best) {
                self.best = Some(rank);
            }
        }
        if attempt.len() == self.query.steps.len() {
            return;
        }
        for index in 0..self.events.len() {
            if !attempt.contains(&index) && self.may_follow(&times, attempt.len(), index) {
                attempt.push(index);
                self.extend(attempt);
                attempt.pop();
            }
        }
    }

    fn may_follow(&self, times: &[Millis], step: usize, index: usize) -> bool {
        let event = self.events[index];
        let matched = &self.query.steps[step];
        let matches = event.name == matched.event
            && matched
                .filters
                .iter()
                .all(|filter| filter.holds(&event.props, |field, id| self.world.item(field, id)))
            && event.time <= self.world.as_of;
        let (Some(&first), Some(&last)) = (times.first(), times.last()) else {
            return matches && self.range.from <= event.time && event.time < self.range.to;
        };
        let in_order = if self.query.must_increase { last < event.time } else { last <= event.time };
        matches && in_order && self.in_window(first, event.time)
    }

    fn in_window(&self, first: Millis, at: Millis) -> bool {
        match self.query.window {
            FunnelWindow::Elapsed { seconds } => at - first <= i64::from(seconds) * 1_000,
            FunnelWindow::Days { days } => {
                let zone = &self.world.zone;
                let apart = local_date(at, zone) - local_date(first, zone);
                apart.get_days() < days as i32
            }
        }
    }
}

pub(super) fn outcomes(query: &FunnelQuery, world: &World) -> Vec<Outcome> {
    let range = resolve(&query.range, world.as_of, &world.zone).expect("a valid range");
    let mut found = Vec::new();
    for &person in &world.living {
        if query.segment.is_some_and(|id| !world.segments[&id].contains(&person)) {
            continue;
        }
        let events = world.events_of(person);
        let mut search = Search { query, world, range, events, best: None };
        search.extend(&mut Vec::new());
        let Some((_, _, _, times, rows)) = search.best else { continue };
        let events = rows.iter().map(|&row| search.events[row]);
        let groups = groups_of(query.breakdown.as_ref(), world, person, events);
        found.push(Outcome { person, times, groups });
    }
    found
}

fn groups_of<'w>(
    breakdown: Option<&Breakdown>,
    world: &'w World,
    person: u32,
    events: impl Iterator<Item = &'w Event>,
) -> BTreeSet<Group> {
    let of = |value| -> Vec<String> { keys(value) };
    let values = match breakdown {
        None => return BTreeSet::new(),
        Some(Breakdown::Property { name }) => {
            let mut values = events.filter_map(|event| event.props.get(name)).map(of);
            values.find(|values| !values.is_empty())
        }
        Some(Breakdown::Item { property, field }) => {
            let found = |event: &Event| ItemField::of(event.props.get(property), |id| world.item(field, id));
            events.filter_map(found).map(|value| keys(&value)).next()
        }
        Some(Breakdown::Attribute { name }) => world.attributes[name].get(&person).map(of),
        Some(Breakdown::Tag { tag }) => world.tags[tag].get(&person).map(of),
    };
    let mut groups: BTreeSet<Group> =
        values.unwrap_or_default().into_iter().map(|value| Group::Value { value }).collect();
    if groups.is_empty() {
        groups.insert(Group::Missing);
    }
    groups
}

pub(super) fn run(query: &FunnelQuery, world: &World) -> FunnelResult {
    let outcomes = outcomes(query, world);
    let mut groups = vec![group(query, Group::Whole, &outcomes.iter().collect::<Vec<_>>())];
    let mut by_group: BTreeMap<&Group, Vec<&Outcome>> = BTreeMap::new();
    for outcome in &outcomes {
        for group in &outcome.groups {
            by_group.entry(group).or_default().push(outcome);
        }
    }
    let missing = by_group.remove(&Group::Missing);
    let mut values: Vec<_> = by_group.into_iter().collect();
    values.sort_by_key(|(_, members)| Reverse(members.len()));
    let rest = values.split_off(values.len().min(GROUPS_MAX));
    groups.extend(values.into_iter().map(|(name, members)| group(query, name.clone(), &members)));
    groups.extend(missing.map(|members| group(query, Group::Missing, &members)));
    let mut others: Vec<_> = rest.into_iter().flat_map(|(_, members)| members).collect();
    others.sort_by_key(|outcome| outcome.person);
    others.dedup_by_key(|outcome| outcome.person);
    if !others.is_empty() {
        groups.push(group(query, Group::Other, &others));
    }
    FunnelResult { groups, complete: complete(query, world, &outcomes), as_of: world.as_of }
}

/// Whether anybody can still get further, by looking at every entry.
fn complete(query: &FunnelQuery, world: &World, outcomes: &[Outcome]) -> bool {
    let range = resolve(&query.range, world.as_of, &world.zone).expect("a valid range");
    let waiting = outcomes.iter().filter(|outcome| outcome.level() < query.steps.len());
    let open = |outcome: &Outcome| {
        let search = Search { query, world, range, events: world.events_of(outcome.person), best: None };
        (0..search.events.len()).any(|index| {
            // The first instant that is not known yet.
            let next = world.as_of + 1;
            search.may_follow(&[], 0, index) && search.in_window(search.events[index].time, next)
        })
    };
    world.as_of >= range.to && !waiting.into_iter().any(open)
}

fn group(query: &FunnelQuery, name: Group, members: &[&Outcome]) -> FunnelGroup {
    let step = |index: usize| {
        let reached: Vec<_> = members.iter().filter(|outcome| outcome.level() > index).collect();
        let mut gaps: Vec<i64> = match index {
            0 => Vec::new(),
            _ => reached.iter().map(|outcome| outcome.times[index] - outcome.times[index - 1]).collect(),
        };
        gaps.sort_unstable();
        let some = !gaps.is_empty();
        FunnelStep {
            event: query.steps[index].event.clone(),
            people: reached.len() as u64,
            median_millis: some
                .then(|| (gaps[(gaps.len() - 1) / 2] as f64 + gaps[gaps.len() / 2] as f64) / 2.0),
            average_millis: some.then(|| gaps.iter().sum::<i64>() as f64 / gaps.len() as f64),
        }
    };
    FunnelGroup { group: name, steps: (0..query.steps.len()).map(step).collect() }
}
