//! Cross tables against their naive twin, and cases in `cases/crosstab`.

use proptest::prelude::*;
use siyu_types::analysis::{
    Breakdown, CrosstabCell, CrosstabDimension, CrosstabKey, CrosstabMeasure, CrosstabQuery, CrosstabResult,
    DateRange, EventMatch, Question as _,
};

use super::{naive, people, run};
use crate::testing::{World, cases, random};

fn dimension(of_people: bool) -> impl Strategy<Value = CrosstabDimension> {
    let attribute = prop::sample::select(vec!["city", "age", "vip", "likes"]);
    let known = prop_oneof![
        attribute.prop_map(|name| Breakdown::Attribute { name: name.to_owned() }),
        Just(Breakdown::Tag { tag: 1 }),
    ];
    // Ranges and segments are said otherwise here.
    let any = random::breakdown().prop_map(|by| match by {
        None | Some(Breakdown::Ranges { .. } | Breakdown::Segments { .. }) => Breakdown::Tag { tag: 1 },
        Some(by) => by,
    });
    let by = if of_people { known.boxed() } else { any.boxed() };
    let edges = prop_oneof![
        3 => Just(Vec::new()),
        1 => prop::collection::btree_set(-1i8..4, 1..3)
            .prop_map(|edges| edges.into_iter().map(f64::from).collect::<Vec<_>>()),
    ];
    let values =
        (by, edges, 1u32..4).prop_map(|(by, edges, top)| CrosstabDimension::Values { by, edges, top });
    prop_oneof![4 => values, 1 => Just(CrosstabDimension::Segments { segments: vec![1] })]
}

fn query() -> impl Strategy<Value = CrosstabQuery> {
    let measure = prop::sample::select(vec![CrosstabMeasure::People, CrosstabMeasure::Events]);
    let event = random::event_match().prop_map(random::or_any);
    let of_events = (event, measure, random::range(), dimension(false), dimension(false), random::segment());
    let of_people = (dimension(true), dimension(true), random::segment());
    prop_oneof![
        3 => of_events.prop_map(|(event, measure, range, rows, columns, segment)| {
            CrosstabQuery { event: Some(event), measure, range, rows, columns, segment }
        }),
        1 => of_people.prop_map(|(rows, columns, segment)| CrosstabQuery {
            event: None,
            measure: CrosstabMeasure::People,
            range: DateRange::All,
            rows,
            columns,
            segment,
        }),
    ]
}

fn check(query: &CrosstabQuery, world: &World, answer: &CrosstabResult, width: usize) {
    let seen = naive::seen(query, world);
    let count = |row, column| naive::size(query, &naive::people(&seen, row, column)) as u64;
    let each = |keys: &'_ [CrosstabKey]| -> Vec<Option<CrosstabKey>> {
        keys.iter().cloned().map(Some).chain([None]).collect()
    };
    let built = world.build(width);
    let (rows, columns) = (each(&answer.rows), each(&answer.columns));
    for (at, row) in rows.iter().enumerate() {
        for (place, column) in columns.iter().enumerate() {
            let found = match (row, column) {
                (Some(_), Some(_)) => answer.cells[at][place],
                (Some(_), None) => answer.row_totals[at],
                (None, Some(_)) => answer.column_totals[place],
                (None, None) => answer.total,
            };
            assert_eq!(found, count(row.as_ref(), column.as_ref()), "{row:?} {column:?} of {answer:?}");
            let cell = CrosstabCell { row: row.clone(), column: column.clone() };
            let found = people(query, &cell, &built.context(), None).expect("a valid cell");
            let mut expected = naive::people(&seen, row.as_ref(), column.as_ref());
            expected.sort_unstable();
            expected.dedup();
            assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{cell:?}");
        }
    }
    // Nothing that was seen is left out.
    for (_, [rows, columns]) in &seen {
        assert!(rows.iter().all(|key| answer.rows.contains(key)), "{rows:?}");
        assert!(columns.iter().all(|key| answer.columns.contains(key)), "{columns:?}");
    }
}

proptest! {
    #![proptest_config(random::histories(2_500))]
    #[test]
    fn the_kernel_equals_its_twin(world in random::world(), query in query(), width in 1usize..4) {
        let answer = run(&query, &world.build(width).context(), None).expect("a valid query");
        check(&query, &world, &answer, width);
    }
}

fn name(key: &CrosstabKey) -> String {
    let edge = |edge: &Option<f64>| edge.map_or(String::new(), |edge| edge.to_string());
    match key {
        CrosstabKey::Value { value } => format!("value={value}"),
        CrosstabKey::Bin { from, to } => format!("{}..{}", edge(from), edge(to)),
        CrosstabKey::Segment { segment } => format!("segment={segment}"),
        CrosstabKey::Missing => "missing".to_owned(),
        CrosstabKey::Other => "other".to_owned(),
    }
}

#[test]
fn cases() {
    cases::each("cases/crosstab", |case| {
        let query: CrosstabQuery = case.query();
        query.validate().expect("a valid query");
        for width in [1, 2, 100] {
            let built = case.world.build(width);
            let answer = run(&query, &built.context(), None).expect("a valid query");
            let columns: Vec<_> = answer.columns.iter().map(name).collect();
            assert_eq!(case.lines("columns").next(), Some(cases::spaced(&columns).as_str()), "{}", case.name);
            let rows = answer.rows.iter().zip(&answer.cells).zip(&answer.row_totals);
            let rows =
                rows.map(|((row, cells), total)| format!("{} {} {total}", name(row), cases::spaced(cells)));
            let totals = format!("total {} {}", cases::spaced(&answer.column_totals), answer.total);
            let shown: Vec<_> = rows.chain([totals]).collect();
            let expected: Vec<_> = case.lines("expect").collect();
            assert_eq!(shown, expected, "{}", case.name);
            check(&query, &case.world, &answer, width);
        }
    });
}

fn by_channel(text: &str, width: usize) -> CrosstabResult {
    let query = r#"{"event":{"event":"paid"},"measure":"people","range":{"kind":"last_days","days":30},
        "rows":{"kind":"values","by":{"kind":"property","name":"channel"},"top":5},
        "columns":{"kind":"values","by":{"kind":"property","name":"channel"},"top":5}}"#;
    let query: CrosstabQuery = serde_json::from_str(query).expect("a query");
    let world = cases::world(&format!("as_of 2026-11-30T00:00\n{text}"));
    run(&query, &world.build(width).context(), None).expect("a valid query")
}

/// People do not add up over rows: totals count everybody once.
#[test]
fn pitfall_19_people_do_not_add_up_over_rows() {
    let answer = by_channel(
        "event 1 2026-11-20T09:00 paid {\"channel\":\"wx\"}\nevent 1 2026-11-21T09:00 paid {\"channel\":\"ad\"}",
        1,
    );
    assert_eq!((answer.row_totals, answer.total), (vec![1, 1], 1));
}

/// Without an event the table is of all living people, not of those who did something.
#[test]
fn pitfall_21_without_an_event_everybody_is_looked_at() {
    let query = r#"{"measure":"people","range":{"kind":"all"},
        "rows":{"kind":"values","by":{"kind":"attribute","name":"city"},"top":5},
        "columns":{"kind":"segments","segments":[1]}}"#;
    let query: CrosstabQuery = serde_json::from_str(query).expect("a query");
    let world =
        cases::world("segment 1 1\nperson 1 {\"city\":\"上海\"}\nperson 2\nevent 1 2026-11-20T09:00 paid");
    let answer = run(&query, &world.build(1).context(), None).expect("a valid query");
    assert_eq!((answer.total, answer.column_totals), (2, vec![1, 1]));
    assert_eq!(answer.rows.iter().map(name).collect::<Vec<_>>(), ["value=上海", "missing"]);
}

/// 0 and "0" are one value; no value is none of them, and neither is an empty text.
#[test]
fn pitfall_22_no_value_is_not_an_empty_text() {
    let text = "event 1 2026-11-20T09:00 paid {\"channel\":0}\nevent 2 2026-11-20T09:00 paid {\"channel\":\"0\"}\n\
                event 3 2026-11-20T09:00 paid {\"channel\":\"\"}\nevent 4 2026-11-20T09:00 paid";
    for width in [1, 4] {
        let answer = by_channel(text, width);
        assert_eq!(answer.rows.iter().map(name).collect::<Vec<_>>(), ["value=0", "value=", "missing"]);
        assert_eq!(answer.row_totals, [2, 1, 1]);
    }
}

#[test]
fn limits_and_wrong_cells() {
    let values = |by: Breakdown, edges: Vec<f64>, top| CrosstabDimension::Values { by, edges, top };
    let city = || Breakdown::Attribute { name: "city".to_owned() };
    let event = EventMatch { event: "a".to_owned(), filters: Vec::new() };
    let query = CrosstabQuery {
        event: Some(event),
        measure: CrosstabMeasure::Events,
        range: DateRange::LastDays { days: 3 },
        rows: values(city(), Vec::new(), 5),
        columns: values(city(), vec![1.0, 2.0], 5),
        segment: None,
    };
    let property = Breakdown::Property { name: "channel".to_owned() };
    let segments = Breakdown::Segments { segments: vec![1] };
    let wrong = [
        (CrosstabQuery { rows: values(segments, Vec::new(), 5), ..query.clone() }, "rows.by"),
        (CrosstabQuery { event: None, ..query.clone() }, "event"),
        (CrosstabQuery { rows: values(city(), vec![2.0, 1.0], 5), ..query.clone() }, "rows.edges"),
        (CrosstabQuery { columns: values(city(), Vec::new(), 26), ..query.clone() }, "columns.top"),
        (
            CrosstabQuery {
                event: None,
                measure: CrosstabMeasure::People,
                rows: values(property, Vec::new(), 5),
                ..query.clone()
            },
            "rows.by",
        ),
        (
            CrosstabQuery { rows: CrosstabDimension::Segments { segments: Vec::new() }, ..query.clone() },
            "rows.segments",
        ),
    ];
    for (query, field) in wrong {
        assert_eq!(query.validate().expect_err("refused").field.as_deref(), Some(field));
    }
    let world = cases::world("person 1 {\"city\":\"x\"}");
    let built = world.build(1);
    let other = CrosstabQuery { rows: values(Breakdown::Tag { tag: 9 }, Vec::new(), 5), ..query.clone() };
    let error = run(&other, &built.context(), None).expect_err("no such tag");
    assert_eq!(error.field.as_deref(), Some("rows.by.tag"));
    let bin = CrosstabKey::Bin { from: Some(3.0), to: None };
    let cell = CrosstabCell { row: None, column: Some(bin) };
    let error = people(&query, &cell, &built.context(), None).expect_err("no such bin");
    assert_eq!(error.field.as_deref(), Some("cell.column"));
}
