//! The trend against its naive twin, and cases in `cases/trend`.

use proptest::prelude::*;
use siyu_types::ErrorCode;
use siyu_types::analysis::{
    DateRange, EventMatch, Group, Interval, Measure, TrendCell, TrendCompare, TrendQuery, TrendSeries,
    TrendShape,
};

use super::{naive, people, run};
use crate::names::columns_needed;
use crate::testing::{World, cases, random};

fn measure() -> impl Strategy<Value = Measure> {
    let property = || random::property().prop_map(str::to_owned);
    prop_oneof![
        Just(Measure::Count),
        Just(Measure::People),
        (1u32..4).prop_map(|days| Measure::TrailingPeople { days }),
        property().prop_map(|property| Measure::Sum { property }),
        property().prop_map(|property| Measure::Avg { property }),
        property().prop_map(|property| Measure::Min { property }),
        property().prop_map(|property| Measure::Max { property }),
        (property(), prop::sample::select(vec![1u8, 50, 90, 99]))
            .prop_map(|(property, percent)| Measure::Quantile { property, percent }),
        property().prop_map(|property| Measure::Distinct { property }),
        Just(Measure::PerPerson),
    ]
}

fn query() -> impl Strategy<Value = TrendQuery> {
    let event = random::event_match().prop_map(random::or_any);
    let series = (event, measure()).prop_map(|(event, measure)| TrendSeries { event, measure });
    let interval = prop::sample::select(vec![
        Interval::Day,
        Interval::Day,
        Interval::Week,
        Interval::SundayWeek,
        Interval::Month,
    ]);
    let shape = prop_oneof![
        3 => Just(TrendShape::Plain),
        1 => Just(TrendShape::Cumulative),
        1 => (2u32..4).prop_map(|buckets| TrendShape::Average { buckets }),
    ];
    let compare = prop::sample::select(vec![
        TrendCompare::Previous,
        TrendCompare::Week,
        TrendCompare::Month,
        TrendCompare::Year,
    ]);
    let formula = prop::sample::select(vec!["A / B", "B - A", "A * 100 / (A + B)", "-A", "A * 2"]);
    let parts = (
        (prop::collection::vec(series, 1..3), prop::collection::vec(formula, 0..2)),
        random::range(),
        interval,
        shape,
        prop::option::weighted(0.4, compare),
        (random::breakdown(), random::breakdown(), random::breakdown()),
        prop::option::weighted(0.3, 1usize..3),
        random::segment(),
    );
    parts.prop_map(|((series, formulas), range, interval, shape, compare, by, top, segment)| {
        let formulas = formulas.into_iter().filter(|text| series.len() > 1 || !text.contains('B'));
        let then_by = by.1.into_iter().chain(by.2).filter(|_| by.0.is_some());
        TrendQuery {
            formulas: formulas.map(str::to_owned).collect(),
            shape,
            compare: compare.filter(|_| range != DateRange::All),
            then_by: then_by.collect(),
            breakdown: by.0,
            top,
            segment,
            ..TrendQuery::of(series, range, interval)
        }
    })
}

proptest! {
    #![proptest_config(random::histories(3_000))]
    #[test]
    fn the_kernel_equals_its_twin(world in random::world(), query in query(), width in 1usize..4) {
        let built = world.build(width);
        let answer = run(&query, &built.context(), None).expect("a valid query");
        prop_assert_eq!(&answer, &naive::run(&query, &world));
        for line in answer.lines.iter().filter(|line| line.series < query.series.len()) {
            let starts = answer.buckets.iter().map(|bucket| (Some(bucket.start.clone()), false));
            let before = answer.earlier_buckets.iter().map(|bucket| (Some(bucket.start.clone()), true));
            for (bucket, earlier) in starts.take(2).chain(before.take(1)).chain([(None, false)]) {
                let cell = TrendCell { series: line.series, bucket, earlier, group: line.group.clone() };
                let found = people(&query, &cell, &built.context(), None).expect("a valid cell");
                let plainly = naive::people(&query, &world, &cell);
                prop_assert_eq!(found.iter().collect::<Vec<_>>(), plainly, "{:?}", cell);
            }
        }
    }
}

#[test]
fn cases() {
    cases::each("cases/trend", check);
}

/// A case that stands in a test itself.
pub(super) fn holds(text: &str) {
    check(&cases::inline(text));
}

fn shown(values: &[Option<f64>], total: Option<f64>) -> String {
    let text = |value: Option<f64>| value.map_or("-".to_owned(), |value| value.to_string());
    let values: Vec<_> = values.iter().map(|value| text(*value)).collect();
    format!("{} total {}", cases::spaced(&values), text(total)).trim().to_owned()
}

fn check(case: &cases::Case) {
    {
        let query: TrendQuery = case.query();
        for width in [1, 2, 100] {
            let built = case.world.build(width);
            let answer = run(&query, &built.context(), None).expect("a valid query");
            for line in case.lines("expect") {
                let (group, numbers) = cases::group_and_rest(line);
                let found = answer.lines.iter().find(|candidate| candidate.group == group);
                let found = found.unwrap_or_else(|| panic!("{}: no group {group:?}", case.name));
                assert_eq!(shown(&found.values, found.total), numbers, "{}: expect {line}", case.name);
            }
            // `line B whole 1 2 total 3`: of a series or formula, by its letter or number.
            for line in case.lines("line") {
                let (letter, rest) = line.split_once(' ').expect("line <letter> <group> …");
                let series = (letter.as_bytes()[0] - b'A') as usize;
                let (group, numbers) = cases::group_and_rest(rest);
                let found = answer.lines.iter().find(|own| own.series == series && own.group == group);
                let found = found.unwrap_or_else(|| panic!("{}: no line {line}", case.name));
                assert_eq!(shown(&found.values, found.total), numbers, "{}: line {line}", case.name);
            }
            for line in case.lines("earlier") {
                let (group, numbers) = cases::group_and_rest(line);
                let found = answer.lines.iter().find(|own| own.group == group).expect("a line");
                let earlier = found.earlier.as_ref().expect("compared");
                assert_eq!(shown(&earlier.values, earlier.total), numbers, "{}: earlier {line}", case.name);
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
    }
}

fn simple(range: DateRange, interval: Interval) -> TrendQuery {
    let event = EventMatch { event: "a".to_owned(), filters: Vec::new() };
    let series = vec![TrendSeries { event, measure: Measure::Sum { property: "amount".to_owned() } }];
    TrendQuery::of(series, range, interval)
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
    let cell = |series, bucket: &str| TrendCell {
        series,
        bucket: Some(bucket.to_owned()),
        earlier: false,
        group: Group::Whole,
    };
    for (cell, field) in [(cell(1, "2020-01-01"), "cell.series"), (cell(0, "2020-01-02"), "cell.bucket")] {
        let error = people(&months, &cell, &built.context(), None).expect_err("no such cell");
        assert_eq!(error.field.as_deref(), Some(field));
    }
    let unknown = TrendQuery { segment: Some(7), ..months };
    let error = run(&unknown, &built.context(), None).expect_err("no such segment");
    assert_eq!((error.code, error.field.as_deref()), (ErrorCode::UnknownName, Some("segment")));
}
