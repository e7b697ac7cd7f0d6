//! Revenue against its naive twin, and cases in `cases/revenue`.

use proptest::prelude::*;
use siyu_types::analysis::{
    Entry, Gain, Interval, Question as _, RetentionClock, RevenueCell, RevenueQuery, RevenueWhat,
};

use super::{naive, people, run};
use crate::testing::{cases, orders, plain, random};

fn query() -> impl Strategy<Value = RevenueQuery> {
    let interval = prop::sample::select(vec![Interval::Day, Interval::Day, Interval::Week, Interval::Month]);
    let entry = prop::sample::select(vec![Entry::FirstInRange, Entry::FirstEver]);
    let clock = prop::sample::select(vec![RetentionClock::Calendar, RetentionClock::Elapsed]);
    let gain = orders::gain().prop_map(|gain| match gain {
        Gain::Event { event, worth } => {
            Gain::Event { event, worth: Some(worth.unwrap_or_else(|| "amount".to_owned())) }
        }
        orders => orders,
    });
    let start = random::event_match().prop_map(random::or_any);
    let parts = (
        start,
        entry,
        gain,
        random::range(),
        interval,
        0u32..6,
        clock,
        random::breakdown(),
        random::segment(),
    );
    parts.prop_map(|(start, entry, gain, range, interval, periods, clock, breakdown, segment)| RevenueQuery {
        start,
        entry,
        gain,
        range,
        interval,
        periods,
        clock,
        breakdown,
        segment,
    })
}

proptest! {
    #![proptest_config(random::histories(2_500))]
    #[test]
    fn the_kernel_equals_its_twin(world in orders::world(), query in query(), width in 1usize..4) {
        let built = world.build(width);
        let answer = run(&query, &built.context(), None).expect("a valid query");
        prop_assert_eq!(&answer.groups, &naive::groups(&query, &world));
        let groups = plain::grouped(query.breakdown.is_some(), &naive::found(&query, &world));
        let last = query.periods as usize;
        let whats = [
            RevenueWhat::Started,
            RevenueWhat::Paid { column: last },
            RevenueWhat::PaidSoFar { column: last / 2 },
            RevenueWhat::NotYet { column: last },
        ];
        for group in &answer.groups {
            let cohorts = group.cohorts.iter().map(|cohort| Some(cohort.bucket.start.clone()));
            for cohort in cohorts.take(2).chain([None]) {
                for what in whats {
                    let cell = RevenueCell { cohort: cohort.clone(), what, group: group.group.clone() };
                    let found = people(&query, &cell, &built.context(), None).expect("a valid cell");
                    let expected = plain::people(&groups, &group.group, |began| {
                        let paid = |from: usize, to: usize| {
                            naive::brought(&query, &world, began, from as u32..=to as u32).1
                        };
                        cohort.as_ref().is_none_or(|start| began.cohort.to_string() == *start)
                            && match what {
                                RevenueWhat::Started => true,
                                RevenueWhat::Paid { column } => paid(column, column),
                                RevenueWhat::PaidSoFar { column } => paid(0, column),
                                RevenueWhat::NotYet { column } => !paid(0, column),
                            }
                    });
                    prop_assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{:?}", cell);
                }
            }
        }
    }
}

#[test]
fn cases() {
    cases::each("cases/revenue", |case| {
        let query: RevenueQuery = case.query();
        query.validate().expect("a valid query");
        for width in [1, 2, 100] {
            let built = case.world.build(width);
            let answer = run(&query, &built.context(), None).expect("a valid query");
            for line in case.lines("expect") {
                let (group, rest) = cases::group_and_rest(line);
                let (start, numbers) = rest.split_once(' ').expect("a cohort and its numbers");
                let found = answer.groups.iter().find(|own| own.group == group).expect("such a group");
                let cohort = found.cohorts.iter().find(|own| own.bucket.start == start).expect("a cohort");
                let columns = cohort.columns.iter().map(|column| {
                    let open = if column.complete { "" } else { "…" };
                    let value = |value: i64| value as f64 / answer.value_unit as f64;
                    let (own, so_far) = (value(column.value), value(column.value_so_far));
                    format!("{own}/{so_far}({}/{}){open}", column.people, column.people_so_far)
                });
                let shown: Vec<_> = [cohort.size.to_string()].into_iter().chain(columns).collect();
                assert_eq!(cases::spaced(&shown), numbers, "{}: expect {line}", case.name);
            }
            for line in case.lines("mean") {
                let (group, rest) = cases::group_and_rest(line);
                let found = answer.groups.iter().find(|own| own.group == group).expect("such a group");
                let text = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.1}"));
                let shown: Vec<_> = (found.means.iter())
                    .map(|mean| format!("{}/{}", text(mean.value), text(mean.value_so_far)))
                    .collect();
                assert_eq!(cases::spaced(&shown), rest, "{}: mean {line}", case.name);
            }
            assert_eq!(answer.groups, naive::groups(&query, &case.world), "{}: the naive twin", case.name);
        }
    });
}

const FIRST_BUYERS: &str = r#"{"start":{"event":"order_paid"},"entry":"first_ever","gain":{"kind":"orders"},
    "range":{"kind":"between","from":"2026-11-02","to":"2026-11-03"},"interval":"day","periods":2}"#;

/// First ever needs all history: who bought before belongs to no cohort of the range.
#[test]
fn pitfall_14_the_first_order_is_looked_for_in_all_history() {
    let world = cases::world(
        "as_of 2026-11-30T00:00\nevent 1 2026-10-01T09:00 order_paid {\"order_id\":\"a\",\"amount_minor\":100}\n\
         event 1 2026-11-02T09:00 order_paid {\"order_id\":\"b\",\"amount_minor\":100}\n\
         event 2 2026-11-02T09:00 order_paid {\"order_id\":\"c\",\"amount_minor\":100}",
    );
    let query: RevenueQuery = serde_json::from_str(FIRST_BUYERS).expect("a query");
    let size = |query: &RevenueQuery| {
        run(query, &world.build(1).context(), None).expect("a valid query").groups[0].cohorts[0].size
    };
    assert_eq!(size(&query), 1);
    assert_eq!(size(&RevenueQuery { entry: Entry::FirstInRange, ..query }), 2);
}

/// What was brought before the start is not revenue of the cohort.
#[test]
fn pitfall_15_what_comes_before_the_start_does_not_count() {
    let world = cases::world(
        "as_of 2026-11-30T00:00\nevent 1 2026-11-02T08:00 order_paid {\"order_id\":\"a\",\"amount_minor\":100}\n\
         event 1 2026-11-02T09:00 joined\n\
         event 1 2026-11-02T10:00 order_paid {\"order_id\":\"b\",\"amount_minor\":30}",
    );
    let query = FIRST_BUYERS.replacen("order_paid", "joined", 1);
    let query: RevenueQuery = serde_json::from_str(&query).expect("a query");
    let answer = run(&query, &world.build(1).context(), None).expect("a valid query");
    assert_eq!(answer.groups[0].cohorts[0].columns[0].value, 30);
}

/// Payers of intervals do not add up to those so far.
#[test]
fn pitfall_19_payers_do_not_add_up_over_columns() {
    let world = cases::world(
        "as_of 2026-11-30T00:00\nevent 1 2026-11-02T08:00 order_paid {\"order_id\":\"a\",\"amount_minor\":100}\n\
         event 1 2026-11-03T10:00 order_paid {\"order_id\":\"b\",\"amount_minor\":30}",
    );
    let query: RevenueQuery = serde_json::from_str(FIRST_BUYERS).expect("a query");
    let answer = run(&query, &world.build(1).context(), None).expect("a valid query");
    let columns = &answer.groups[0].cohorts[0].columns;
    assert_eq!(columns.iter().map(|column| column.people).sum::<u64>(), 2);
    assert_eq!(columns.iter().map(|column| column.people_so_far).collect::<Vec<_>>(), [1, 1, 1]);
}

#[test]
fn limits_and_wrong_cells() {
    let query: RevenueQuery = serde_json::from_str(FIRST_BUYERS).expect("a query");
    let bare = Gain::Event { event: query.start.clone(), worth: None };
    let wrong = [
        (RevenueQuery { periods: 121, ..query.clone() }, "periods"),
        (RevenueQuery { entry: Entry::Recurring, ..query.clone() }, "entry"),
        (RevenueQuery { gain: bare, ..query.clone() }, "gain.worth"),
    ];
    for (query, field) in wrong {
        assert_eq!(query.validate().expect_err("refused").field.as_deref(), Some(field));
    }
    let world = cases::world("as_of 2026-11-30T00:00");
    let built = world.build(1);
    let whole = || siyu_types::analysis::Group::Whole;
    let cells = [
        (Some("2026-11-01".to_owned()), RevenueWhat::Started, "cell.cohort"),
        (None, RevenueWhat::NotYet { column: 3 }, "cell.what.column"),
    ];
    for (cohort, what, field) in cells {
        let cell = RevenueCell { cohort, what, group: whole() };
        let error = people(&query, &cell, &built.context(), None).expect_err("no such cell");
        assert_eq!(error.field.as_deref(), Some(field));
    }
    let range = siyu_types::analysis::DateRange::LastDays { days: 200 };
    let large = RevenueQuery { range, periods: 100, ..query };
    let error = run(&large, &built.context(), None).expect_err("20,200 cells");
    assert_eq!(error.field.as_deref(), Some("interval"));
}
