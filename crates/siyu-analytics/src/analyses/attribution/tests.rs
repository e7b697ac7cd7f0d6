//! Attribution against its naive twin, and cases in `cases/attribution`.

use std::collections::BTreeMap;

use proptest::prelude::*;
use siyu_types::analysis::{
    AttributionCell, AttributionDirect, AttributionKey, AttributionModel, AttributionQuery,
    AttributionResult, AttributionTouch, AttributionWhat, CREDIT_UNIT, Gain, Question as _,
};

use super::naive::{self, Person};
use super::{people, run};
use crate::testing::{World, cases, orders, random};

const ALL: [AttributionModel; 8] = [
    AttributionModel::First,
    AttributionModel::Last,
    AttributionModel::LastNonDirect,
    AttributionModel::Linear,
    AttributionModel::Position { first: 40, last: 40 },
    AttributionModel::TimeDecay { half_life_seconds: 7_200 },
    AttributionModel::Markov,
    AttributionModel::Shapley,
];

fn touch() -> impl Strategy<Value = AttributionTouch> {
    let property = prop::option::weighted(0.7, random::property().prop_map(str::to_owned));
    (random::event_match().prop_map(random::or_any), property, prop::bool::weighted(0.2))
        .prop_map(|(event, property, direct)| AttributionTouch { event, property, direct })
}

fn query() -> impl Strategy<Value = AttributionQuery> {
    let window = prop::sample::select(vec![1u32, 3_600, 8 * 3_600, 3 * 86_400]);
    let link = prop::option::weighted(0.3, random::property().prop_map(str::to_owned));
    let values = prop::collection::vec(prop::sample::select(vec!["wx", "", "1"]), 0..2);
    let direct = (values, any::<bool>(), any::<bool>()).prop_map(|(values, missing, skipped)| {
        AttributionDirect { values: values.into_iter().map(str::to_owned).collect(), missing, skipped }
    });
    let touches = prop::collection::vec(touch(), 1..3);
    let positions = prop::sample::select(vec![(40, 40), (0, 0), (100, 0), (30, 50)]);
    let flags = (any::<bool>(), any::<bool>(), random::segment());
    let parts = (orders::gain(), touches, random::range(), window, link, direct, positions, flags);
    parts.prop_map(|(target, touches, range, window_seconds, link, direct, position, flags)| {
        let mut models = ALL.to_vec();
        models[4] = AttributionModel::Position { first: position.0, last: position.1 };
        AttributionQuery {
            link: link.filter(|_| matches!(target, Gain::Event { .. })),
            target,
            touches,
            range,
            window_seconds,
            models,
            direct,
            consume: flags.0,
            collapse: flags.1,
            segment: flags.2,
        }
    })
}

/// Numbers without fractions of their own.
fn counts(people: &BTreeMap<u32, Person>, key: &AttributionKey) -> (u64, u64, u64) {
    let touched = |person: &Person| person.touches.iter().filter(|t| t.counted && t.key == *key).count();
    let converted = people.values().flat_map(|person| &person.conversions);
    let converted = converted.filter(|journey| journey.path.iter().any(|touch| touch.key == *key));
    let touches = people.values().map(touched).sum::<usize>() as u64;
    (touches, people.values().filter(|one| touched(one) > 0).count() as u64, converted.count() as u64)
}

fn check(query: &AttributionQuery, people: &BTreeMap<u32, Person>, answer: &AttributionResult) {
    let journeys: Vec<_> = people.values().flat_map(|person| &person.conversions).collect();
    let unit = answer.value_unit as f64;
    let value: f64 = journeys.iter().map(|journey| journey.value).sum();
    assert_eq!(answer.conversions, journeys.len() as u64);
    assert_eq!(answer.people, people.values().filter(|one| !one.conversions.is_empty()).count() as u64);
    assert_eq!(answer.value as f64, (value * unit).round(), "value");
    assert_eq!(answer.unconverted, people.values().map(|one| one.unconverted.len() as u64).sum::<u64>());
    let shown: std::collections::BTreeSet<_> =
        people.values().flat_map(|one| &one.touches).filter(|touch| touch.counted).map(|t| &t.key).collect();
    let rows = answer.rows.iter().map(|row| &row.key).filter(|key| **key != AttributionKey::None);
    assert_eq!(rows.collect::<std::collections::BTreeSet<_>>(), shown, "rows");
    for row in answer.rows.iter().filter(|row| row.key != AttributionKey::None) {
        let found = (row.touches, row.people, row.conversions);
        assert_eq!(found, counts(people, &row.key), "{:?}", row.key);
    }
    for (at, model) in query.models.iter().enumerate() {
        let (credits, effects) = naive::credits(*model, people);
        let (mut conversions, mut value) = (0, 0);
        for row in &answer.rows {
            let credit = row.credits[at];
            (conversions, value) = (conversions + credit.conversions, value + credit.value);
            let expected = credits.get(&row.key).copied().unwrap_or_default();
            let near = |found: i64, expected: f64| (found as f64 - expected).abs() <= 1.0 + 1e-6;
            assert!(
                near(credit.conversions, expected.0 * CREDIT_UNIT as f64),
                "{model:?} {row:?} {expected:?}"
            );
            assert!(near(credit.value, expected.1 * unit), "{model:?} {row:?} {expected:?}");
            if *model == AttributionModel::Markov && row.key != AttributionKey::None {
                let (found, expected) = (row.removal_effect.expect("asked for"), effects.get(&row.key));
                assert!((found - expected.copied().unwrap_or(0.0)).abs() < 1e-9, "{row:?} {expected:?}");
            }
        }
        assert_eq!(conversions, answer.conversions as i64 * CREDIT_UNIT, "{model:?}: credit is all there is");
        assert_eq!(value, answer.value, "{model:?}: value is all there is");
    }
}

fn plainly(query: &AttributionQuery, people: &BTreeMap<u32, Person>, cell: &AttributionCell) -> Vec<u32> {
    let has = |person: &Person| match (&cell.key, cell.what) {
        (None, AttributionWhat::Touched) => person.touches.iter().any(|touch| touch.counted),
        (None, _) => !person.conversions.is_empty(),
        (Some(AttributionKey::None), _) => person.conversions.iter().any(|one| one.path.is_empty()),
        (Some(key), AttributionWhat::Touched) => person.touches.iter().any(|t| t.counted && t.key == *key),
        (Some(key), AttributionWhat::Converted) => {
            person.conversions.iter().any(|one| one.path.iter().any(|touch| touch.key == *key))
        }
        (Some(key), AttributionWhat::Credited { model }) => person.conversions.iter().any(|one| {
            let parts = naive::parts(query.models[model], one);
            one.path.iter().zip(parts).any(|(touch, part)| touch.key == *key && part > 1e-14)
        }),
    };
    people.iter().filter(|(_, person)| has(person)).map(|(number, _)| *number).collect()
}

proptest! {
    #![proptest_config(random::histories(2_500))]
    #[test]
    fn the_kernel_equals_its_twin(world in orders::world(), query in query(), width in 1usize..4) {
        let built = world.build(width);
        let answer = run(&query, &built.context(), None).expect("a valid query");
        let plain = naive::people(&query, &world);
        check(&query, &plain, &answer);
        let keys = answer.rows.iter().map(|row| Some(row.key.clone())).chain([None]);
        for key in keys {
            let models = (0..query.models.len()).map(|model| AttributionWhat::Credited { model });
            for what in [AttributionWhat::Touched, AttributionWhat::Converted].into_iter().chain(models) {
                let cell = AttributionCell { key: key.clone(), what };
                let found = people(&query, &cell, &built.context(), None).expect("a valid cell");
                let expected = plainly(&query, &plain, &cell);
                prop_assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{:?}", cell);
            }
        }
    }
}

/// `touch=0`, `value=wx`, `missing`, `other`, `none`.
fn name(key: &AttributionKey) -> String {
    match key {
        AttributionKey::Touch { touch } => format!("touch={touch}"),
        AttributionKey::Value { value } => format!("value={value}"),
        AttributionKey::Missing => "missing".to_owned(),
        AttributionKey::Other => "other".to_owned(),
        AttributionKey::None => "none".to_owned(),
    }
}

#[test]
fn cases() {
    cases::each("cases/attribution", |case| {
        let query: AttributionQuery = case.query();
        query.validate().expect("a valid query");
        for width in [1, 2, 100] {
            let built = case.world.build(width);
            let answer = run(&query, &built.context(), None).expect("a valid query");
            for (line, row) in case.lines("expect").zip(&answer.rows) {
                let one = |parts: i64, unit: i64| format!("{}", parts as f64 / unit as f64);
                let credits = row.credits.iter().map(|credit| {
                    let conversions = one(credit.conversions, CREDIT_UNIT);
                    if !query.target.has_worth() {
                        return conversions;
                    }
                    format!("{conversions}/{}", one(credit.value, answer.value_unit))
                });
                let counts = [row.touches, row.people, row.conversions].map(|number| number.to_string());
                let shown: Vec<String> = [name(&row.key)].into_iter().chain(counts).chain(credits).collect();
                assert_eq!(cases::spaced(&shown), line, "{}", case.name);
            }
            assert_eq!(case.lines("expect").count(), answer.rows.len(), "{}: {answer:?}", case.name);
            for (line, row) in case.lines("removal").zip(&answer.rows) {
                let shown = format!("{} {:.4}", name(&row.key), row.removal_effect.unwrap_or_default());
                assert_eq!(shown, line, "{}", case.name);
            }
            check(&query, &naive::people(&query, &case.world), &answer);
        }
    });
}

fn inline(text: &str) -> (World, AttributionQuery) {
    let world = cases::world(text);
    let query = r#"{"target":{"kind":"event","event":{"event":"paid"}},
        "touches":[{"event":"click","property":"channel"}],"range":{"kind":"last_days","days":30},
        "window_seconds":604800,"models":[{"kind":"markov"},{"kind":"shapley"},{"kind":"linear"}],
        "direct":{"values":["direct"],"skipped":true}}"#;
    (world, serde_json::from_str(query).expect("a query"))
}

/// A touch after the conversion is no reason for it.
#[test]
fn pitfall_15_what_comes_after_is_credited_nothing() {
    let (world, query) = inline(
        "as_of 2026-11-30T00:00\nevent 1 2026-11-20T10:00 paid\nevent 1 2026-11-20T10:00 click {\"channel\":\"wx\"}\n\
         event 1 2026-11-20T11:00 click {\"channel\":\"ad\"}",
    );
    let answer = run(&query, &world.build(1).context(), None).expect("a valid query");
    let credited = |row: &siyu_types::analysis::AttributionRow| row.credits.iter().any(|c| c.conversions > 0);
    let keys: Vec<_> = answer.rows.iter().filter(|row| credited(row)).map(|row| name(&row.key)).collect();
    assert_eq!(keys, ["none"]);
}

/// People and conversions do not add up over touches; credit does.
#[test]
fn pitfall_19_people_do_not_add_up_over_touches() {
    let (world, query) = inline(
        "as_of 2026-11-30T00:00\nevent 1 2026-11-20T09:00 click {\"channel\":\"wx\"}\n\
         event 1 2026-11-20T10:00 click {\"channel\":\"ad\"}\nevent 1 2026-11-20T11:00 paid",
    );
    let answer = run(&query, &world.build(1).context(), None).expect("a valid query");
    assert_eq!((answer.people, answer.rows.iter().map(|row| row.people).sum::<u64>()), (1, 2));
    assert_eq!(answer.rows.iter().map(|row| row.conversions).sum::<u64>(), 2);
    for model in 0..query.models.len() {
        let credit: i64 = answer.rows.iter().map(|row| row.credits[model].conversions).sum();
        assert_eq!(credit, CREDIT_UNIT);
    }
}

/// A number and a text that are written the same are one touch; no value is one, an empty text another.
#[test]
fn pitfall_22_no_value_is_not_an_empty_text() {
    let (world, query) = inline(
        "as_of 2026-11-30T00:00\nevent 1 2026-11-20T09:00 click {\"channel\":\"\"}\n\
         event 2 2026-11-20T09:00 click\nevent 3 2026-11-20T09:00 click {\"channel\":0}\n\
         event 4 2026-11-20T09:00 click {\"channel\":\"0\"}",
    );
    for width in [1, 4] {
        let answer = run(&query, &world.build(width).context(), None).expect("a valid query");
        let rows: Vec<_> = answer.rows.iter().map(|row| (name(&row.key), row.touches)).collect();
        let expected = [("value=0", 2), ("value=", 1), ("missing", 1)];
        assert_eq!(rows, expected.map(|(key, touches)| (key.to_owned(), touches)));
    }
}

/// Direct visits take credit from what brought people, unless they are passed over.
#[test]
fn pitfall_24_direct_is_handled_and_many_touches_stay_exact() {
    let mut text = "as_of 2026-11-30T00:00\n".to_owned();
    for channel in 0..20 {
        text += &format!("event 1 2026-11-20T{channel:02}:00 click {{\"channel\":\"c{channel}\"}}\n");
    }
    text += "event 1 2026-11-20T21:00 click {\"channel\":\"direct\"}\nevent 1 2026-11-20T22:00 paid";
    let (world, query) = inline(&text);
    let answer = run(&query, &world.build(1).context(), None).expect("a valid query");
    let direct = answer.rows.iter().find(|row| row.direct).expect("shown");
    assert_eq!((name(&direct.key).as_str(), direct.credits[0].conversions), ("value=direct", 0));
    // Twenty touches: a million sets, and still the same share each.
    for row in answer.rows.iter().filter(|row| !row.direct) {
        assert_eq!((row.credits[0].conversions, row.credits[1].conversions), (500, 500), "{row:?}");
    }
    let kept = AttributionQuery { direct: AttributionDirect::default(), ..query };
    let answer = run(&kept, &world.build(1).context(), None).expect("a valid query");
    let direct = answer.rows.iter().find(|row| name(&row.key) == "value=direct").expect("shown");
    assert!(direct.credits.iter().all(|credit| credit.conversions > 0), "{direct:?}");
}

#[test]
fn limits_and_wrong_cells() {
    let (world, query) = inline("as_of 2026-11-30T00:00");
    let wrong = [
        (AttributionQuery { touches: Vec::new(), ..query.clone() }, "touches"),
        (AttributionQuery { models: Vec::new(), ..query.clone() }, "models"),
        (
            AttributionQuery {
                models: vec![AttributionModel::Position { first: 60, last: 60 }],
                ..query.clone()
            },
            "models[0]",
        ),
        (AttributionQuery { window_seconds: 0, ..query.clone() }, "window_seconds"),
        (
            AttributionQuery {
                target: Gain::Orders { filters: Vec::new() },
                link: Some("sku".to_owned()),
                ..query.clone()
            },
            "link",
        ),
    ];
    for (query, field) in wrong {
        assert_eq!(query.validate().expect_err("refused").field.as_deref(), Some(field));
    }
    let built = world.build(1);
    let cells = [
        (None, AttributionWhat::Credited { model: 9 }, "cell.what.model"),
        (Some(AttributionKey::Touch { touch: 1 }), AttributionWhat::Touched, "cell.key.touch"),
    ];
    for (key, what, field) in cells {
        let error = people(&query, &AttributionCell { key, what }, &built.context(), None).expect_err("none");
        assert_eq!(error.field.as_deref(), Some(field));
    }
}
