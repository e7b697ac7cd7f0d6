//! Heat maps against their naive twin, and cases in `cases/heatmap`.

use proptest::prelude::*;
use siyu_types::analysis::{Group, HeatmapCell, HeatmapQuery};

use super::{naive, people, run};
use crate::testing::{World, cases, plain, random};

fn query() -> impl Strategy<Value = HeatmapQuery> {
    let worth = prop::option::of(prop::sample::select(vec!["amount", "channel", "amount_minor"]));
    let event = random::event_match().prop_map(random::or_any);
    (event, worth, random::range(), random::breakdown(), random::segment()).prop_map(
        |(event, worth, range, breakdown, segment)| HeatmapQuery {
            event,
            worth: worth.map(str::to_owned),
            range,
            breakdown,
            segment,
        },
    )
}

fn check(query: &HeatmapQuery, world: &World, width: usize) {
    let built = world.build(width);
    let answer = run(query, &built.context(), None).expect("a valid query");
    assert_eq!(answer.groups, naive::groups(query, world));
    let groups = plain::grouped(query.breakdown.is_some(), &naive::found(query, world));
    let (_, whole) = &groups[0];
    let seen: Vec<(u32, u32)> = whole.iter().map(|one| (one.outcome.0, one.outcome.1)).take(3).collect();
    let some = seen.iter().map(|(day, hour)| (Some(*day), Some(*hour)));
    let days = seen.iter().map(|(day, _)| (Some(*day), None));
    let hours = seen.iter().map(|(_, hour)| (None, Some(*hour)));
    for (weekday, hour) in some.chain(days).chain(hours).chain([(None, None), (Some(6), Some(23))]) {
        for group in &answer.groups {
            let cell = HeatmapCell { weekday, hour, group: group.group.clone() };
            let found = people(query, &cell, &built.context(), None).expect("a valid cell");
            let expected = plain::people(&groups, &group.group, |(day, of_day, _)| {
                weekday.is_none_or(|own| own == *day) && hour.is_none_or(|own| own == *of_day)
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
}

#[test]
fn cases() {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    cases::each("cases/heatmap", |case| {
        let query: HeatmapQuery = case.query();
        for width in [1, 2, 100] {
            let built = case.world.build(width);
            let answer = run(&query, &built.context(), None).expect("a valid query");
            let mut shown = Vec::new();
            for (day, hours) in answer.groups[0].cells.iter().enumerate() {
                for (hour, counts) in hours.iter().enumerate().filter(|(_, counts)| counts.count > 0) {
                    let value = counts.value as f64 / answer.value_unit as f64;
                    shown.push(format!("{} {hour} {} {} {value}", DAYS[day], counts.count, counts.people));
                }
            }
            assert_eq!(shown, case.lines("expect").collect::<Vec<_>>(), "{}", case.name);
            for line in case.lines("length") {
                let mut words = line.split(' ');
                let mut word = || words.next().expect("day, hour and length");
                let day = word();
                let day = DAYS.iter().position(|own| *own == day).expect("a day");
                let hour: usize = word().parse().expect("an hour");
                assert_eq!(answer.lengths[day][hour].to_string(), word(), "{}: {line}", case.name);
            }
            check(&query, &case.world, width);
        }
    });
}

fn inline(text: &str) -> (World, HeatmapQuery) {
    let query = r#"{"event":{"event":"a"},"range":{"kind":"last_days","days":14},"breakdown":{"kind":"property","name":"channel"}}"#;
    (cases::world(text), serde_json::from_str(query).expect("a query"))
}

/// People of hours and days do not add up to those of the total.
#[test]
fn pitfall_19_people_do_not_add_up_over_hours() {
    let (world, query) = inline(
        "as_of 2026-11-30T00:00\nevent 1 2026-11-20T09:00 a\nevent 1 2026-11-20T10:00 a\nevent 1 2026-11-21T10:00 a",
    );
    let answer = run(&query, &world.build(1).context(), None).expect("a valid query");
    let group = &answer.groups[0];
    let hours: u64 = group.hours.iter().map(|counts| counts.people).sum();
    let days: u64 = group.weekdays.iter().map(|counts| counts.people).sum();
    assert_eq!((group.total.people, hours, days), (1, 2, 2));
}

/// 0 and "0" are one group; no value is none of them, and neither is an empty text.
#[test]
fn pitfall_22_no_value_is_not_an_empty_text() {
    let (world, query) = inline(
        "as_of 2026-11-30T00:00\nevent 1 2026-11-20T09:00 a {\"channel\":0}\n\
         event 2 2026-11-20T09:00 a {\"channel\":\"0\"}\nevent 3 2026-11-20T09:00 a {\"channel\":\"\"}\n\
         event 4 2026-11-20T09:00 a",
    );
    for width in [1, 4] {
        let answer = run(&query, &world.build(width).context(), None).expect("a valid query");
        let groups: Vec<_> =
            answer.groups.iter().map(|group| (cases::group_text(&group.group), group.total.count)).collect();
        let expected = [("whole", 4), ("value=0", 2), ("value=", 1), ("missing", 1)];
        assert_eq!(groups, expected.map(|(group, count)| (group.to_owned(), count)));
    }
}

#[test]
fn wrong_cells() {
    let (world, query) = inline("as_of 2026-11-30T00:00");
    for (weekday, hour, field) in [(Some(7), None, "cell.weekday"), (None, Some(24), "cell.hour")] {
        let cell = HeatmapCell { weekday, hour, group: Group::Whole };
        let error = people(&query, &cell, &world.build(1).context(), None).expect_err("no such cell");
        assert_eq!(error.field.as_deref(), Some(field));
    }
}
