//! Sequences against their naive twin, and cases in `cases/sequence`.

use proptest::prelude::*;
use siyu_types::analysis::{
    EventMatch, Group, Interval, Question as _, SequenceCell, SequenceQuery, SequenceStep, SequenceWhat,
};

use super::{naive, people, run};
use crate::testing::{World, cases, plain, random};

fn step() -> impl Strategy<Value = SequenceStep> {
    let seconds = || prop::option::weighted(0.3, prop::sample::select(vec![0u32, 1, 3_600, 8 * 3_600]));
    let without = prop::option::weighted(0.3, random::event_match().prop_map(random::or_any));
    (random::event_match().prop_map(random::or_any), seconds(), seconds(), without).prop_map(
        |(event, within_seconds, after_seconds, without)| {
            let after_seconds =
                after_seconds.filter(|after| within_seconds.is_none_or(|most| *after <= most));
            SequenceStep { event, within_seconds, after_seconds, without }
        },
    )
}

fn query() -> impl Strategy<Value = SequenceQuery> {
    let interval = prop::sample::select(vec![Interval::Day, Interval::Week]);
    let steps = prop::collection::vec(step(), 1..4);
    let parts = (steps, random::range(), interval, 1u32..3, random::breakdown(), random::segment());
    parts.prop_map(|(steps, range, interval, least_times, breakdown, segment)| SequenceQuery {
        steps,
        range,
        interval,
        least_times,
        breakdown,
        segment,
    })
}

fn check(query: &SequenceQuery, world: &World, width: usize) {
    let built = world.build(width);
    let answer = run(query, &built.context(), None).expect("a valid query");
    assert_eq!(answer, naive::run(query, world));
    let groups = plain::grouped(query.breakdown.is_some(), &naive::found(query, world));
    for group in &answer.groups {
        let mut whats = vec![
            SequenceWhat::All,
            SequenceWhat::Times { times: 1, or_more: false },
            SequenceWhat::Times { times: 2, or_more: true },
        ];
        for bucket in answer.buckets.iter().map(|bucket| bucket.start.clone()).take(3) {
            whats.push(SequenceWhat::First { bucket: bucket.clone() });
            whats.push(SequenceWhat::Completed { bucket });
        }
        for what in whats {
            let cell = SequenceCell { what, group: group.group.clone() };
            let found = people(query, &cell, &built.context(), None).expect("a valid cell");
            let expected = plain::people(&groups, &group.group, |times| match &cell.what {
                SequenceWhat::All => true,
                SequenceWhat::Completed { bucket } => times.contains(bucket),
                SequenceWhat::First { bucket } => times[0] == *bucket,
                SequenceWhat::Times { times: asked, or_more: false } => times.len() == *asked as usize,
                SequenceWhat::Times { times: asked, or_more: true } => times.len() >= *asked as usize,
            });
            assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{cell:?}");
        }
    }
}

proptest! {
    #![proptest_config(random::histories(2_500))]
    #[test]
    fn the_kernel_equals_its_twin(world in random::world(), query in query(), width in 1usize..4) {
        check(&query, &world, width);
    }

    #[test]
    fn the_kernel_equals_its_twin_where_times_tie(world in random::dense(), query in query(), width in 1usize..4) {
        check(&query, &world, width);
    }
}

#[test]
fn cases() {
    cases::each("cases/sequence", |case| {
        let query: SequenceQuery = case.query();
        query.validate().expect("a valid query");
        for width in [1, 2, 100] {
            let built = case.world.build(width);
            let answer = run(&query, &built.context(), None).expect("a valid query");
            for line in case.lines("expect") {
                let (group, numbers) = cases::group_and_rest(line);
                let found = answer.groups.iter().find(|own| own.group == group).expect("such a group");
                let shown = format!("{} people {} times", found.people, found.matches);
                assert_eq!(shown, numbers, "{}: expect {line}", case.name);
            }
            for line in case.lines("bucket") {
                let (start, numbers) = line.split_once(' ').expect("a bucket and its numbers");
                let at = answer.buckets.iter().position(|own| own.start == start).expect("such a bucket");
                let counts = answer.groups[0].buckets[at];
                let shown =
                    format!("{} people {} first {} times", counts.people, counts.first, counts.matches);
                assert_eq!(shown, numbers, "{}: bucket {line}", case.name);
            }
            check(&query, &case.world, width);
        }
    });
}

fn inline(text: &str, steps: &str) -> (World, SequenceQuery) {
    let world = cases::world(&format!("as_of 2026-11-30T00:00\n{text}"));
    let query = format!(
        r#"{{"steps":{steps},"range":{{"kind":"last_days","days":30}},"interval":"day","least_times":1}}"#
    );
    (world, serde_json::from_str(&query).expect("a query"))
}

/// What happened before the first step is not the second.
#[test]
fn pitfall_15_steps_come_in_order() {
    let text = "event 1 2026-11-20T09:00 b\nevent 1 2026-11-20T10:00 a\n\
                event 2 2026-11-20T09:00 a\nevent 2 2026-11-20T10:00 b";
    let (world, query) = inline(text, r#"[{"event":"a"},{"event":"b"}]"#);
    let cell = SequenceCell { what: SequenceWhat::All, group: Group::Whole };
    let found = people(&query, &cell, &world.build(1).context(), None).expect("a valid cell");
    assert_eq!(found.iter().collect::<Vec<_>>(), [2]);
}

/// People of buckets do not add up to those of the range; the first times do.
#[test]
fn pitfall_19_people_do_not_add_up_over_days() {
    let text = "event 1 2026-11-20T09:00 a\nevent 1 2026-11-20T10:00 b\n\
                event 1 2026-11-21T09:00 a\nevent 1 2026-11-21T10:00 b";
    let (world, query) = inline(text, r#"[{"event":"a"},{"event":"b"}]"#);
    let answer = run(&query, &world.build(1).context(), None).expect("a valid query");
    let sum = |of: fn(&siyu_types::analysis::SequenceCounts) -> u64| {
        answer.groups[0].buckets.iter().map(of).sum::<u64>()
    };
    assert_eq!((answer.groups[0].people, sum(|one| one.people), sum(|one| one.first)), (1, 2, 1));
}

/// "Not in between" is asked of those who did the rest, of nobody else.
#[test]
fn pitfall_21_without_is_asked_of_those_who_did_the_rest() {
    let text = "person 3\nevent 1 2026-11-20T09:00 a\nevent 1 2026-11-20T10:00 b\n\
                event 2 2026-11-20T09:00 a\nevent 2 2026-11-20T09:30 x\nevent 2 2026-11-20T10:00 b";
    let (world, query) = inline(text, r#"[{"event":"a"},{"event":"b","without":{"event":"x"}}]"#);
    let cell = SequenceCell { what: SequenceWhat::All, group: Group::Whole };
    let found = people(&query, &cell, &world.build(1).context(), None).expect("a valid cell");
    assert_eq!(found.iter().collect::<Vec<_>>(), [1]);
}

#[test]
fn limits_and_wrong_cells() {
    let (world, query) = inline("", r#"[{"event":"a"},{"event":"b"}]"#);
    let step = |within, after| SequenceStep {
        event: EventMatch { event: "a".to_owned(), filters: Vec::new() },
        within_seconds: Some(within),
        after_seconds: Some(after),
        without: None,
    };
    let wrong = [
        (SequenceQuery { steps: Vec::new(), ..query.clone() }, "steps"),
        (SequenceQuery { steps: vec![step(1, 2)], ..query.clone() }, "steps[0].after_seconds"),
        (SequenceQuery { least_times: 0, ..query.clone() }, "least_times"),
    ];
    for (query, field) in wrong {
        assert_eq!(query.validate().expect_err("refused").field.as_deref(), Some(field));
    }
    let what = SequenceWhat::First { bucket: "2020-01-01".to_owned() };
    let cell = SequenceCell { what, group: Group::Whole };
    let error = people(&query, &cell, &world.build(1).context(), None).expect_err("no such bucket");
    assert_eq!(error.field.as_deref(), Some("cell.bucket"));
}
