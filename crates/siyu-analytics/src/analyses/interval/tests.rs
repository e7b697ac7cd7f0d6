//! Intervals against their naive twin, and cases in `cases/interval`.

use std::collections::BTreeSet;

use proptest::prelude::*;
use siyu_types::analysis::{
    Group, Interval, IntervalCell, IntervalQuery, IntervalStretch, Pairing, Question as _,
};

use super::naive::{self, Pair};
use super::{people, run};
use crate::summary::summary;
use crate::testing::plain::Found;
use crate::testing::{cases, plain, random};

fn query() -> impl Strategy<Value = IntervalQuery> {
    let events = (random::event_match(), random::event_match(), any::<bool>());
    let interval = prop::sample::select(vec![Interval::Day, Interval::Week]);
    let limit = prop::sample::select(vec![1u32, 5 * 3_600, 30 * 86_400]);
    let pairing = prop::sample::select(vec![Pairing::Latest, Pairing::Earliest]);
    let link = prop::option::of(random::property().prop_map(str::to_owned));
    let parts =
        (events, random::range(), interval, limit, pairing, link, random::breakdown(), random::segment());
    parts.prop_map(|(events, range, interval, limit_seconds, pairing, link, breakdown, segment)| {
        let (from, other, same) = events;
        let to = if same { from.clone() } else { random::or_any(other) };
        IntervalQuery { from, to, range, interval, limit_seconds, pairing, link, breakdown, segment }
    })
}

fn stretch<'f>(found: impl Iterator<Item = &'f Found<Pair>>) -> IntervalStretch {
    let found: Vec<_> = found.collect();
    let mut millis: Vec<f64> = found.iter().map(|one| one.outcome.millis as f64).collect();
    millis.sort_unstable_by(f64::total_cmp);
    let people: BTreeSet<u32> = found.iter().map(|one| one.person).collect();
    IntervalStretch { count: found.len() as u64, people: people.len() as u64, summary: summary(&millis) }
}

proptest! {
    #![proptest_config(random::histories(3_000))]
    #[test]
    fn the_kernel_equals_its_twin(world in random::world(), query in query(), width in 1usize..4) {
        agree(&world, &query, width)?;
    }

    #[test]
    fn and_among_many_ties(world in random::dense(), query in query(), width in 1usize..4) {
        agree(&world, &query, width)?;
    }
}

fn agree(
    world: &crate::testing::World,
    query: &IntervalQuery,
    width: usize,
) -> Result<(), proptest::test_runner::TestCaseError> {
    let built = world.build(width);
    let answer = run(query, &built.context(), None).expect("a valid query");
    let groups = plain::grouped(query.breakdown.is_some(), &naive::found(query, world));
    let names: Vec<_> = answer.groups.iter().map(|group| &group.group).collect();
    prop_assert_eq!(names, groups.iter().map(|(group, _)| group).collect::<Vec<_>>());
    let limit = i64::from(query.limit_seconds) * 1_000;
    for (group, (name, all)) in answer.groups.iter().zip(&groups) {
        let kept = || all.iter().filter(|one| one.outcome.millis <= limit);
        prop_assert_eq!(group.too_long, (all.len() - kept().count()) as u64);
        prop_assert_eq!(&group.total, &stretch(kept()));
        prop_assert_eq!(group.histogram.iter().sum::<u64>(), group.total.count);
        for (bucket, found) in answer.buckets.iter().zip(&group.buckets) {
            prop_assert_eq!(found, &stretch(kept().filter(|one| one.outcome.bucket == bucket.start)));
        }
        let mut least = None;
        for (end, count) in answer.bins.iter().zip(&group.histogram) {
            let cell =
                IntervalCell { bucket: None, at_least: least, less_than: Some(*end), group: name.clone() };
            let found = people(query, &cell, &built.context(), None).expect("a valid cell");
            let is = |pair: &Pair| {
                pair.millis <= limit && pair.millis < *end && least.is_none_or(|l| pair.millis >= l)
            };
            prop_assert_eq!(kept().filter(|one| is(&one.outcome)).count() as u64, *count);
            let expected = plain::people(&groups, name, is);
            prop_assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{:?}", cell);
            least = Some(*end);
        }
    }
    Ok(())
}

#[test]
fn cases() {
    cases::each("cases/interval", |case| {
        let query: IntervalQuery = case.query();
        query.validate().expect("a valid query");
        let built = case.world.build(1);
        let answer = run(&query, &built.context(), None).expect("a valid query");
        for line in case.lines("expect") {
            let (group, numbers) = cases::group_and_rest(line);
            let found = answer.groups.iter().find(|own| own.group == group).expect("such a group");
            let median = cases::seconds(found.total.summary.map(|summary| summary.median));
            let shown = format!(
                "{} of {} median {median} too long {}",
                found.total.count, found.total.people, found.too_long
            );
            assert_eq!(shown, numbers, "{}: expect {line}", case.name);
        }
        let cell = |bucket: &str| IntervalCell {
            bucket: Some(bucket.to_owned()),
            at_least: None,
            less_than: None,
            group: Group::Whole,
        };
        let error = people(&query, &cell("2000-01-01"), &built.context(), None).expect_err("no such bucket");
        assert_eq!(error.field.as_deref(), Some("cell.bucket"));
    });
}
