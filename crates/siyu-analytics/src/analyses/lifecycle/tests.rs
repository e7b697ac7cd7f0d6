//! The lifecycle against its naive twin, and cases in `cases/lifecycle`.

use proptest::prelude::*;
use siyu_types::analysis::{
    Interval, LifecycleCell, LifecycleGroup, LifecycleQuery, LifecycleState, Question as _,
};

use super::{naive, people, run};
use crate::testing::{cases, plain, random};

fn query() -> impl Strategy<Value = LifecycleQuery> {
    let interval = prop::sample::select(vec![Interval::Day, Interval::Day, Interval::Week, Interval::Month]);
    let parts = (random::event_match(), random::range(), interval, random::breakdown(), random::segment());
    parts.prop_map(|(event, range, interval, breakdown, segment)| LifecycleQuery {
        event: random::or_any(event),
        range,
        interval,
        breakdown,
        segment,
    })
}

fn of(group: &LifecycleGroup, state: LifecycleState) -> &[u64] {
    match state {
        LifecycleState::New => &group.new,
        LifecycleState::Returning => &group.returning,
        LifecycleState::Resurrecting => &group.resurrecting,
        LifecycleState::Dormant => &group.dormant,
    }
}

proptest! {
    #![proptest_config(random::histories(2_500))]
    #[test]
    fn the_kernel_equals_its_twin(world in random::world(), query in query(), width in 1usize..4) {
        let built = world.build(width);
        let answer = run(&query, &built.context(), None).expect("a valid query");
        prop_assert_eq!(&answer, &naive::run(&query, &world));
        let groups = plain::grouped(query.breakdown.is_some(), &naive::found(&query, &world));
        for group in &answer.groups {
            for t in 1..answer.buckets.len() {
                let active = |t: usize| group.new[t] + group.returning[t] + group.resurrecting[t];
                let begun = group.returning[t] + group.dormant[t] + active(t) > 0;
                prop_assert!(!begun || active(t - 1) == group.returning[t] + group.dormant[t]);
            }
            for (t, bucket) in answer.buckets.iter().enumerate().take(4) {
                for state in LifecycleState::ALL {
                    let bucket = bucket.start.clone();
                    let cell = LifecycleCell { bucket: bucket.clone(), state, group: group.group.clone() };
                    let found = people(&query, &cell, &built.context(), None).expect("a valid cell");
                    let date = bucket.parse().expect("a date");
                    let expected = plain::people(&groups, &group.group, |l| l.states.contains(&(date, state)));
                    prop_assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{:?}", cell);
                    prop_assert_eq!(found.len(), of(group, state)[t]);
                }
            }
        }
    }
}

#[test]
fn cases() {
    cases::each("cases/lifecycle", |case| {
        holds(case);
        let query: LifecycleQuery = case.query();
        let built = case.world.build(1);
        let cell = LifecycleCell {
            bucket: "2000-01-01".to_owned(),
            state: LifecycleState::New,
            group: siyu_types::analysis::Group::Whole,
        };
        let error = people(&query, &cell, &built.context(), None).expect_err("no such bucket");
        assert_eq!(error.field.as_deref(), Some("cell.bucket"));
    });
}

fn holds(case: &cases::Case) {
    let query: LifecycleQuery = case.query();
    query.validate().expect("a valid query");
    for width in [1, 100] {
        let built = case.world.build(width);
        let answer = run(&query, &built.context(), None).expect("a valid query");
        for line in case.lines("expect") {
            let (group, rest) = cases::group_and_rest(line);
            let (state, numbers) = rest.split_once(' ').expect("a state and its numbers");
            let found = answer.groups.iter().find(|own| own.group == group).expect("such a group");
            let state = serde_json::from_str(&format!("{state:?}")).expect("a state");
            assert_eq!(cases::spaced(of(found, state)), numbers, "{}: expect {line}", case.name);
        }
        for line in case.lines("buckets") {
            let mark = |complete: bool| if complete { "" } else { "…" };
            let starts: Vec<_> =
                answer.buckets.iter().map(|b| format!("{}{}", b.start, mark(b.complete))).collect();
            assert_eq!(cases::spaced(&starts), line, "{}", case.name);
        }
        assert_eq!(answer, naive::run(&query, &case.world), "{}: the naive twin", case.name);
    }
}

/// The first bucket is told apart by what was before the range, and new is who was never active.
#[test]
fn pitfall_16_the_first_bucket_is_like_the_others() {
    let query = r#"query {"event":{"event":"a"},"range":{"kind":"between","from":"2026-11-03","to":"2026-11-04"},"interval":"day"}"#;
    let events = "event 1 2026-11-02T23:59:59.999 a\nevent 1 2026-11-03T09:00 a\nevent 2 2019-01-01T09:00 a\n\
                  event 2 2026-11-03T09:00 a\nevent 3 2026-11-03T09:00 a\nevent 4 2026-11-02T09:00 a\n";
    let expected = "expect whole new 1 0\nexpect whole returning 1 0\nexpect whole resurrecting 1 0\nexpect whole dormant 1 3\n";
    let as_of = "zone Asia/Shanghai\nas_of 2026-11-10T00:00";
    holds(&cases::inline(&format!("{as_of}\n{query}\n{events}{expected}")));
}
