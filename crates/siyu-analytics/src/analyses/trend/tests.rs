//! The trend against its naive twin, and cases in `cases/trend`.

use proptest::prelude::*;
use siyu_types::ErrorCode;
use siyu_types::analysis::{
    DateRange, EventMatch, Group, Interval, Measure, TrendCell, TrendQuery, TrendSeries,
};

use super::{naive, people, run};
use crate::names::columns_needed;
use crate::testing::{World, cases, random};

fn query() -> impl Strategy<Value = TrendQuery> {
    let property = || random::property().prop_map(str::to_owned);
    let measure = prop_oneof![
        Just(Measure::Count),
        Just(Measure::People),
        property().prop_map(|property| Measure::Sum { property }),
        property().prop_map(|property| Measure::Avg { property }),
        Just(Measure::PerPerson),
    ];
    let series = (random::event_match(), measure).prop_map(|(event, measure)| TrendSeries { event, measure });
    let interval = prop::sample::select(vec![Interval::Day, Interval::Week, Interval::Month]);
    let parts = (
        prop::collection::vec(series, 1..3),
        random::range(),
        interval,
        random::breakdown(),
        random::segment(),
    );
    parts.prop_map(|(series, range, interval, breakdown, segment)| TrendQuery {
        series,
        range,
        interval,
        breakdown,
        segment,
    })
}

fn plainly(query: &TrendQuery, world: &World, cell: &TrendCell) -> Vec<u32> {
    let groups = naive::grouped(query, cell.series, world);
    let events = groups.into_iter().find(|(group, _)| *group == cell.group).map(|(_, events)| events);
    let in_cell = events.unwrap_or_default().into_iter().filter(|event| {
        let bucket = cell.bucket.as_ref().map(|start| start.parse().expect("a date"));
        bucket.is_none_or(|bucket| naive::in_bucket(query, world, event, bucket))
    });
    let mut people: Vec<u32> = in_cell.map(|event| event.person).collect();
    people.sort_unstable();
    people.dedup();
    people
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]
    #[test]
    fn the_kernel_equals_its_twin(world in random::world(), query in query(), width in 1usize..4) {
        let built = world.build(width);
        let answer = run(&query, &built.context(), None).expect("a valid query");
        prop_assert_eq!(&answer, &naive::run(&query, &world));
        for line in &answer.lines {
            let starts = answer.buckets.iter().map(|bucket| Some(bucket.start.clone()));
            for bucket in starts.take(3).chain([None]) {
                let cell = TrendCell { series: line.series, bucket, group: line.group.clone() };
                let found = people(&query, &cell, &built.context(), None).expect("a valid cell");
                prop_assert_eq!(found.iter().collect::<Vec<_>>(), plainly(&query, &world, &cell), "{:?}", cell);
            }
        }
    }
}

#[test]
fn cases() {
    cases::each("cases/trend", |case| {
        let query: TrendQuery = case.query();
        for width in [1, 2, 100] {
            let built = case.world.build(width);
            let answer = run(&query, &built.context(), None).expect("a valid query");
            for line in case.lines("expect") {
                let (group, numbers) = cases::group_and_rest(line);
                let found = answer.lines.iter().find(|candidate| candidate.group == group);
                let found = found.unwrap_or_else(|| panic!("{}: no group {group:?}", case.name));
                let text = |value: &Option<f64>| value.map_or("-".to_owned(), |value| value.to_string());
                let values: Vec<_> = found.values.iter().map(text).collect();
                let shown = format!("{} total {}", cases::spaced(&values), text(&found.total));
                assert_eq!(shown.trim(), numbers, "{}: expect {line}", case.name);
            }
            for line in case.lines("buckets") {
                let starts: Vec<_> = answer
                    .buckets
                    .iter()
                    .map(|bucket| format!("{}{}", bucket.start, if bucket.complete { "" } else { "…" }))
                    .collect();
                assert_eq!(cases::spaced(&starts), line, "{}", case.name);
            }
            for line in case.lines("groups") {
                let groups: Vec<_> = answer.lines.iter().map(|line| cases::group_text(&line.group)).collect();
                assert_eq!(cases::spaced(&groups), line, "{}", case.name);
            }
            assert_eq!(answer, naive::run(&query, &case.world), "{}: the naive twin", case.name);
        }
    });
}

fn simple(range: DateRange, interval: Interval) -> TrendQuery {
    let event = EventMatch { event: "a".to_owned(), filters: Vec::new() };
    let series = vec![TrendSeries { event, measure: Measure::Sum { property: "amount".to_owned() } }];
    TrendQuery { series, range, interval, breakdown: None, segment: None }
}

#[test]
fn limits_and_wrong_cells() {
    let world = World::new("UTC");
    let built = world.build(1);
    let range = DateRange::Between { from: "2020-01-01".to_owned(), to: "2026-01-01".to_owned() };
    let days = simple(range, Interval::Day);
    assert_eq!(run(&days, &built.context(), None).expect_err("2,193 days").code, ErrorCode::TooComplex);
    assert_eq!(columns_needed(&days), ["amount"]);
    let months = TrendQuery { interval: Interval::Month, ..days };
    assert_eq!(run(&months, &built.context(), None).expect("73 months").buckets.len(), 73);
    let cell =
        |series, bucket: &str| TrendCell { series, bucket: Some(bucket.to_owned()), group: Group::Whole };
    for (cell, field) in [(cell(1, "2020-01-01"), "cell.series"), (cell(0, "2020-01-02"), "cell.bucket")] {
        let error = people(&months, &cell, &built.context(), None).expect_err("no such cell");
        assert_eq!(error.field.as_deref(), Some(field));
    }
    let unknown = TrendQuery { segment: Some(7), ..months };
    let error = run(&unknown, &built.context(), None).expect_err("no such segment");
    assert_eq!((error.code, error.field.as_deref()), (ErrorCode::UnknownName, Some("segment")));
}
