//! Conditions: both evaluators against a plain reading of the definition, and cases.

use std::collections::BTreeSet;

use proptest::prelude::*;
use siyu_types::analysis::DateRange;
use siyu_types::calendar::{local_date, resolve_dates};
use siyu_types::condition::{Compare, Condition, EventCondition, PersonMeasure, PropertyFilter, Test};
use siyu_types::relation::{RelatedWith, RelationCondition, RelationSide};
use siyu_types::{ErrorCode, OrderCondition, OrderMeasure, Value};

use super::{columns_needed, evaluate, events_needed, holds, names_events};
use crate::testing::{Row, World, random};
use crate::values::keys;

/// The definition, read aloud.
fn plainly(condition: &Condition, world: &World, person: u32) -> bool {
    match condition {
        Condition::All { of } => of.iter().all(|part| plainly(part, world, person)),
        Condition::Any { of } => of.iter().any(|part| plainly(part, world, person)),
        Condition::Not { of } => !plainly(of, world, person),
        Condition::Attribute { name, test } => test.holds(world.attributes[name].get(&person)),
        Condition::Tag { tag, test } => test.holds(world.tags[tag].get(&person)),
        Condition::Segment { segment } => world.segments[segment].contains(&person),
        // Orders have a twin of their own.
        Condition::Order(_) => false,
        Condition::Event(event) => {
            number(event, world, person).is_some_and(|left| event.compare.holds(left, event.value))
        }
        Condition::Relation(relation) => {
            let others =
                world.relations[&relation.relation].iter().filter_map(|(from, to)| match relation.side {
                    RelationSide::From => (*from == person).then_some(*to),
                    RelationSide::To => (*to == person).then_some(*from),
                });
            let count = others.filter(|other| match &relation.with {
                RelatedWith::Anybody => true,
                RelatedWith::People { numbers } => numbers.contains(other),
                RelatedWith::Segment { segment } => world.segments[segment].contains(other),
            });
            relation.compare.holds(count.count() as f64, relation.value)
        }
    }
}

fn number(event: &EventCondition, world: &World, person: u32) -> Option<f64> {
    let (from, to) = resolve_dates(&event.window, world.as_of, &world.zone).expect("a valid range");
    let events = world.events_of(person).into_iter().filter(|seen| {
        let day = local_date(seen.time, &world.zone);
        seen.name == event.event
            && from <= day
            && day <= to
            && seen.time <= world.as_of
            && event.filters.iter().all(|filter| filter.holds(&seen.props, |field, id| world.item(field, id)))
    });
    let events: Vec<_> = events.collect();
    let numbers = |property: &String| -> Vec<f64> {
        events.iter().filter_map(|event| event.props.get(property)?.as_number()).collect()
    };
    match &event.measure {
        PersonMeasure::Count => Some(events.len() as f64),
        PersonMeasure::Sum { property } => Some(numbers(property).iter().sum()),
        PersonMeasure::Avg { property } => {
            let numbers = numbers(property);
            (!numbers.is_empty()).then(|| numbers.iter().sum::<f64>() / numbers.len() as f64)
        }
        PersonMeasure::Min { property } => numbers(property).into_iter().min_by(f64::total_cmp),
        PersonMeasure::Max { property } => numbers(property).into_iter().max_by(f64::total_cmp),
        PersonMeasure::Days => {
            let days: BTreeSet<_> = events.iter().map(|event| local_date(event.time, &world.zone)).collect();
            Some(days.len() as f64)
        }
        PersonMeasure::Distinct { property } => {
            let values: BTreeSet<_> =
                events.iter().filter_map(|event| event.props.get(property)).flat_map(keys).collect();
            Some(values.len() as f64)
        }
    }
}

fn measure() -> impl Strategy<Value = PersonMeasure> {
    let property = random::property().prop_map(str::to_owned).boxed();
    prop_oneof![
        3 => Just(PersonMeasure::Count),
        1 => property.clone().prop_map(|property| PersonMeasure::Sum { property }),
        1 => property.clone().prop_map(|property| PersonMeasure::Avg { property }),
        1 => property.clone().prop_map(|property| PersonMeasure::Min { property }),
        1 => property.clone().prop_map(|property| PersonMeasure::Max { property }),
        1 => Just(PersonMeasure::Days),
        1 => property.prop_map(|property| PersonMeasure::Distinct { property }),
    ]
}

fn compare() -> impl Strategy<Value = Compare> {
    prop::sample::select(vec![
        Compare::Equal,
        Compare::NotEqual,
        Compare::Less,
        Compare::AtMost,
        Compare::More,
        Compare::AtLeast,
    ])
}

fn relation() -> impl Strategy<Value = Condition> {
    let with = prop_oneof![
        Just(RelatedWith::Anybody),
        prop::collection::vec(1u32..8, 1..4).prop_map(|numbers| RelatedWith::People { numbers }),
        Just(RelatedWith::Segment { segment: 1 }),
    ];
    let side = prop::sample::select(vec![RelationSide::From, RelationSide::To]);
    (side, with, compare(), 0u8..3).prop_map(|(side, with, compare, value)| {
        let (relation, value) = ("inviter".to_owned(), f64::from(value));
        Condition::Relation(RelationCondition { relation, side, with, compare, value })
    })
}

fn leaf() -> impl Strategy<Value = Condition> {
    let attribute = prop::sample::select(vec!["city", "age", "vip", "likes"]);
    let event = (random::event_match(), random::range(), measure(), compare(), 0u8..4);
    prop_oneof![
        1 => (attribute, random::test())
            .prop_map(|(name, test)| Condition::Attribute { name: name.to_owned(), test }),
        1 => random::test().prop_map(|test| Condition::Tag { tag: 1, test }),
        1 => Just(Condition::Segment { segment: 1 }),
        1 => relation(),
        5 => event.prop_map(|(event, window, measure, compare, value)| {
            Condition::Event(EventCondition {
                event: event.event,
                filters: event.filters,
                window,
                measure,
                compare,
                value: f64::from(value),
            })
        }),
    ]
}

fn condition() -> impl Strategy<Value = Condition> {
    leaf().prop_recursive(3, 8, 3, |part| {
        let parts = prop::collection::vec(part.clone(), 0..4);
        prop_oneof![
            parts.clone().prop_map(|of| Condition::All { of }),
            parts.prop_map(|of| Condition::Any { of }),
            part.prop_map(|of| Condition::Not { of: Box::new(of) }),
        ]
    })
}

proptest! {
    #![proptest_config(random::histories(1_500))]
    #[test]
    fn columns_row_and_definition_agree(world in random::world(), condition in condition(), width in 1usize..4) {
        let built = world.build(width);
        let found = evaluate(&condition, &built.context()).expect("all names are known");
        for &person in &world.living {
            let row = Row { world: &world, person };
            let expected = plainly(&condition, &world, person);
            let by_row = holds(&condition, &row, world.as_of, &world.zone).expect("all names are known");
            prop_assert_eq!(by_row, expected, "row of {}", person);
            prop_assert_eq!(found.contains(person), expected, "column of {}", person);
        }
        prop_assert!(found.iter().all(|person| world.living.contains(&person)), "nobody who is gone");
    }
}

fn did(event: &str, compare: Compare, value: f64) -> EventCondition {
    EventCondition {
        event: event.to_owned(),
        filters: Vec::new(),
        window: DateRange::All,
        measure: PersonMeasure::Count,
        compare,
        value,
    }
}

#[test]
fn unknown_names_are_errors() {
    let world = World::new("UTC");
    let built = world.build(1);
    let test = Test::IsMissing;
    for condition in [
        Condition::Attribute { name: "nonsense".to_owned(), test: test.clone() },
        Condition::Tag { tag: 99, test },
        Condition::Segment { segment: 99 },
        Condition::Relation(RelationCondition {
            relation: "nonsense".to_owned(),
            side: RelationSide::From,
            with: RelatedWith::Anybody,
            compare: Compare::AtLeast,
            value: 1.0,
        }),
    ] {
        let error = evaluate(&condition, &built.context()).expect_err("no such thing");
        assert_eq!(error.code, ErrorCode::UnknownName, "{condition:?}");
    }
    // An event that nobody ever did is a real nothing.
    let never = Condition::Event(did("never", Compare::AtLeast, 1.0));
    assert!(evaluate(&never, &built.context()).expect("no error").is_empty());
}

#[test]
fn what_a_condition_needs() {
    let mut bought = did("bought", Compare::AtLeast, 1.0);
    bought.measure = PersonMeasure::Sum { property: "amount_minor".to_owned() };
    let test = Test::Is { values: vec![Value::Text("x".to_owned())] };
    bought.filters.push(PropertyFilter::of("category", test));
    let not_seen = Condition::Not { of: Box::new(Condition::Event(did("seen", Compare::Equal, 0.0))) };
    let condition = Condition::All { of: vec![Condition::Event(bought), not_seen] };
    assert_eq!(columns_needed(&condition), ["amount_minor", "category"]);
    assert_eq!(events_needed(&condition), ["bought", "seen"]);
    assert!(names_events(&condition));
    let test = Test::Is { values: vec![Value::Text("x".to_owned())] };
    let net = OrderCondition {
        filters: vec![PropertyFilter::of("store_id", test)],
        window: DateRange::All,
        measure: OrderMeasure::Net,
        compare: Compare::AtLeast,
        value: 1.0,
    };
    let net = Condition::Order(net);
    let columns = ["amount_minor", "line_id", "order_id", "payment_id", "refund_id", "store_id"];
    assert_eq!(columns_needed(&net), columns);
    assert!(names_events(&net) && events_needed(&net).contains(&"order_refunded".to_owned()));
    assert!(!names_events(&Condition::Segment { segment: 1 }));
}
