//! Retention against its naive twin, and cases in `cases/retention`.

use proptest::prelude::*;
use siyu_types::analysis::{
    DateRange, Entry, Group, Interval, Question as _, RetentionCell, RetentionClock, RetentionQuery,
    RetentionWhat,
};

use super::{naive, people, run};
use crate::testing::plain::Found;
use crate::testing::{World, cases, plain, random};

fn query() -> impl Strategy<Value = RetentionQuery> {
    let interval = prop::sample::select(vec![Interval::Day, Interval::Day, Interval::Week, Interval::Month]);
    let entry = prop::sample::select(vec![Entry::Recurring, Entry::FirstInRange, Entry::FirstEver]);
    let clock = prop::sample::select(vec![RetentionClock::Calendar, RetentionClock::Elapsed]);
    let brackets = prop_oneof![Just(Vec::new()), prop::collection::vec(1u32..4, 1..4)];
    let events = (random::event_match(), random::event_match(), any::<bool>());
    let parts = (
        (events, random::range(), interval, 1u32..6, brackets),
        (entry, clock, any::<bool>(), random::breakdown(), random::segment()),
    );
    parts.prop_map(
        |((events, range, interval, periods, brackets), (entry, clock, rolling, breakdown, segment))| {
            let (start, other, same) = events;
            let back = if same { start.clone() } else { other };
            let (start, back) = (random::or_any(start), back);
            RetentionQuery {
                start,
                back,
                range,
                interval,
                periods,
                brackets,
                entry,
                clock,
                rolling,
                breakdown,
                segment,
            }
        },
    )
}

type Groups = Vec<(Group, Vec<Found<naive::Joined>>)>;

fn plainly(query: &RetentionQuery, world: &World, groups: &Groups, cell: &RetentionCell) -> Vec<u32> {
    plain::people(groups, &cell.group, |joined| {
        cell.cohort.as_ref().is_none_or(|start| joined.cohort.to_string() == *start)
            && match cell.what {
                RetentionWhat::Started => true,
                RetentionWhat::Same => naive::is_same(query, world, joined),
                RetentionWhat::Back { column } => naive::is_in(query, world, joined, column),
                RetentionWhat::Away { column } => !naive::is_in(query, world, joined, column),
            }
    })
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
            let column = answer.columns.len() - 1;
            let whats = [
                RetentionWhat::Started,
                RetentionWhat::Same,
                RetentionWhat::Back { column },
                RetentionWhat::Away { column: 0 },
            ];
            for what in whats {
                let starts = group.cohorts.iter().map(|cohort| Some(cohort.bucket.start.clone()));
                for cohort in starts.take(1).chain([None]) {
                    let cell = RetentionCell { cohort, what, group: group.group.clone() };
                    let found = people(&query, &cell, &built.context(), None).expect("a valid cell");
                    let expected = plainly(&query, &world, &groups, &cell);
                    prop_assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{:?}", cell);
                }
            }
        }
    }
}

#[test]
fn cases() {
    cases::each("cases/retention", case_holds);
}

/// A case that stands in a test itself.
pub(super) fn holds(text: &str) {
    case_holds(&cases::inline(text));
}

fn case_holds(case: &cases::Case) {
    let query: RetentionQuery = case.query();
    query.validate().expect("a valid query");
    for width in [1, 2, 100] {
        let built = case.world.build(width);
        let answer = run(&query, &built.context(), None).expect("a valid query");
        for line in case.lines("expect") {
            let (group, rest) = cases::group_and_rest(line);
            let (start, numbers) = rest.split_once(' ').expect("a cohort and its numbers");
            let found = answer.groups.iter().find(|own| own.group == group).expect("such a group");
            let cohort = found.cohorts.iter().find(|own| own.bucket.start == start).expect("a cohort");
            let mark = |complete: bool| if complete { "" } else { "…" };
            let mut shown = vec![
                format!("{}{}", cohort.size, mark(cohort.bucket.complete)),
                format!("({}{})", cohort.same.people, mark(cohort.same.complete)),
            ];
            shown.extend(cohort.back.iter().map(|b| format!("{}{}", b.people, mark(b.complete))));
            assert_eq!(cases::spaced(&shown), numbers, "{}: expect {line}", case.name);
        }
        for line in case.lines("mean") {
            let (group, rest) = cases::group_and_rest(line);
            let found = answer.groups.iter().find(|own| own.group == group).expect("such a group");
            let text = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.3}"));
            let shown: Vec<_> = (found.means.iter())
                .map(|mean| format!("{}/{}", text(mean.weighted), text(mean.simple)))
                .collect();
            assert_eq!(cases::spaced(&shown), rest, "{}: mean {line}", case.name);
        }
        assert_eq!(answer, naive::run(&query, &case.world), "{}: the naive twin", case.name);
    }
}

#[test]
fn limits_and_wrong_cells() {
    let world = World::new("UTC");
    let built = world.build(1);
    let query = |json: &str| -> RetentionQuery { serde_json::from_str(json).expect("a query") };
    let asked = query(
        r#"{"start":{"event":"a"},"back":{"event":"b"},"range":{"kind":"last_days","days":3},"interval":"day","periods":2}"#,
    );
    let cell =
        |cohort: &str, what| RetentionCell { cohort: Some(cohort.to_owned()), what, group: Group::Whole };
    let wrong = [
        (cell("2000-01-01", RetentionWhat::Started), "cell.cohort"),
        (cell("1970-01-01", RetentionWhat::Back { column: 2 }), "cell.what.column"),
    ];
    for (cell, field) in wrong {
        let error = people(&asked, &cell, &built.context(), None).expect_err("no such cell");
        assert_eq!(error.field.as_deref(), Some(field));
    }
    let none = RetentionQuery { periods: 0, ..asked.clone() };
    assert_eq!(none.validate().expect_err("no columns").field.as_deref(), Some("periods"));
    let empty = RetentionQuery { brackets: vec![1, 0], ..asked.clone() };
    assert_eq!(empty.validate().expect_err("no length").field.as_deref(), Some("brackets"));
    let range = DateRange::Between { from: "2020-01-01".to_owned(), to: "2022-01-01".to_owned() };
    let long = RetentionQuery { range, ..asked };
    let error = run(&long, &built.context(), None).expect_err("732 cohorts");
    assert_eq!(error.field.as_deref(), Some("interval"));
}
