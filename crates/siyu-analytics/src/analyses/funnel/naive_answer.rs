//! The numbers of the naive twin.

use siyu_types::analysis::{Bucket, FunnelGroup, FunnelQuery, FunnelResult, FunnelStep, GROUPS_MAX, Group};

use super::naive::Outcome;
use super::naive_people::Found;
use crate::analyses::interval::bins::up_to;
use crate::summary::summary;
use crate::testing::World;

pub(super) fn reached(query: &FunnelQuery, outcome: &Outcome, step: usize) -> bool {
    if query.steps[step].optional { outcome.took(step) } else { step < outcome.times.len() }
}

/// The outcomes of a group; those of several other values count once for each unit.
pub(super) fn of_group<'o>(
    group: &Group,
    entire: &'o [Outcome],
    grouped: &'o [Outcome],
    shown: &[Group],
) -> Vec<&'o Outcome> {
    if *group == Group::Whole {
        return entire.iter().collect();
    }
    if *group != Group::Other {
        return grouped.iter().filter(|outcome| outcome.groups.contains(group)).collect();
    }
    let others = grouped.iter().filter(|outcome| outcome.groups.iter().any(|own| !shown.contains(own)));
    let mut others: Vec<_> = others.collect();
    others.dedup_by_key(|outcome| (outcome.person, outcome.unit));
    others
}

/// The groups that are shown on their own, in order.
pub(super) fn shown(query: &FunnelQuery, found: &Found) -> Vec<Group> {
    if query.breakdown.is_none() {
        return Vec::new();
    }
    let mut groups: Vec<Group> = found.grouped.iter().flat_map(|outcome| outcome.groups.clone()).collect();
    groups.sort();
    groups.dedup();
    let size = |group: &Group| found.grouped.iter().filter(|own| own.groups.contains(group)).count();
    groups.retain(|group| matches!(group, Group::Value { .. }));
    groups.sort_by_key(|group| std::cmp::Reverse(size(group)));
    groups.truncate(GROUPS_MAX);
    groups.extend([Group::Missing, Group::NotReached]);
    groups
}

pub(super) fn answer(query: &FunnelQuery, world: &World, found: &Found) -> FunnelResult {
    let shown = shown(query, found);
    let lengths = |outcomes: &[&Outcome]| -> Vec<i64> {
        let done = outcomes.iter().filter(|outcome| outcome.times.len() == query.steps.len());
        done.map(|outcome| since(outcome, outcome.times.len() - 1, 0)).collect()
    };
    let all: Vec<&Outcome> = found.entire.iter().collect();
    let bins = lengths(&all).into_iter().max().map_or_else(Vec::new, up_to);
    let mut groups = vec![Group::Whole];
    groups.extend(shown.iter().filter(|group| **group != Group::NotReached).cloned());
    groups.extend(
        (query.breakdown.is_some()).then_some([Group::Other, Group::NotReached]).into_iter().flatten(),
    );
    let mut answer = Vec::new();
    for group in groups {
        let members = of_group(&group, &found.entire, &found.grouped, &shown);
        if members.is_empty() && group != Group::Whole {
            continue;
        }
        let own = lengths(&members);
        let histogram = (0..bins.len()).map(|bin| {
            let above = if bin == 0 { i64::MIN } else { bins[bin - 1] };
            let last = bin + 1 == bins.len();
            let inside = |length: &&i64| **length >= above && (**length < bins[bin] || last);
            own.iter().filter(inside).count() as u64
        });
        let trend = found.buckets.iter().map(|(_, _, entire, grouped)| {
            let members = of_group(&group, entire, grouped, &shown);
            (0..query.steps.len()).map(|step| count(query, &members, step)).collect()
        });
        answer.push(FunnelGroup {
            steps: (0..query.steps.len()).map(|step| numbers(query, &members, step)).collect(),
            histogram: histogram.collect(),
            trend: trend.collect(),
            group,
        });
    }
    let buckets = found
        .buckets
        .iter()
        .map(|(start, complete, ..)| Bucket { start: start.clone(), complete: *complete });
    FunnelResult {
        groups: answer,
        bins,
        buckets: buckets.collect(),
        complete: found.complete,
        as_of: world.as_of,
    }
}

fn count(query: &FunnelQuery, members: &[&Outcome], step: usize) -> u64 {
    members.iter().filter(|outcome| reached(query, outcome, step)).count() as u64
}

fn since(outcome: &Outcome, step: usize, from: usize) -> i64 {
    outcome.times[step].expect("taken") - outcome.times[from].expect("taken")
}

fn numbers(query: &FunnelQuery, members: &[&Outcome], step: usize) -> FunnelStep {
    let took = members.iter().filter(|outcome| step > 0 && outcome.took(step));
    let before = |outcome: &Outcome| {
        let before = (0..step).rev().find(|before| outcome.took(*before)).expect("a first step");
        since(outcome, step, before) as f64
    };
    let marks = |mut times: Vec<f64>| {
        times.sort_unstable_by(f64::total_cmp);
        summary(&times)
    };
    FunnelStep {
        event: query.steps[step].event.event.clone(),
        people: count(query, members, step),
        since_before: marks(took.clone().map(|outcome| before(outcome)).collect()),
        since_first: marks(took.map(|outcome| since(outcome, step, 0) as f64).collect()),
    }
}
