//! Random small worlds with many ties, and questions about them.

use std::collections::BTreeMap;

use proptest::prelude::*;
use siyu_types::ItemField;
use siyu_types::analysis::{ANY_EVENT, Breakdown, DateRange, EventMatch};
use siyu_types::condition::{Compare, PropertyFilter, Test};

use super::{Event, Millis, Props, Value, World};

const HOUR: Millis = 3_600_000;
/// 2026-03-06T00:00 in New York; the clocks change on the 8th.
const START: Millis = 1_772_773_200_000;

fn props() -> impl Strategy<Value = Props> {
    let text = prop::option::of(prop::sample::select(vec!["wx", "web", "", "1", "1.5"]));
    let number = prop::option::of(prop::sample::select(vec![0.0, 1.0, 1.5, 3.0]));
    let flag = prop::option::weighted(0.3, any::<bool>());
    let item = prop::sample::select(vec!["wx", "web", "x"]);
    let list = prop::option::of(prop::collection::vec(item, 0..3));
    (text, number, flag, list).prop_map(|(text, number, flag, list)| {
        let list = list.map(|items| Value::List(items.into_iter().map(str::to_owned).collect()));
        let values = [
            ("channel", text.map(|text| Value::Text(text.to_owned()))),
            ("amount", number.map(Value::Number)),
            ("new", flag.map(Value::Bool)),
            ("labels", list),
        ];
        let present = values.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        present.collect()
    })
}

/// Whole hours or single milliseconds apart, so that times often tie.
fn event() -> impl Strategy<Value = Event> {
    let name = prop::sample::select(vec!["a", "a", "b", "b", "c"]);
    (1u32..6, name, 0i64..14, 0i64..3, props()).prop_map(|(person, name, slot, unit, props)| {
        let time = START + [slot * 8 * HOUR, slot * HOUR, slot * 1_000][unit as usize];
        Event { person, time, name: name.to_owned(), props }
    })
}

/// So many random histories, or as many as the variable `PROPTEST_CASES` says, for a longer run.
pub(crate) fn histories(usual: u32) -> ProptestConfig {
    if std::env::var_os("PROPTEST_CASES").is_some() {
        return ProptestConfig::default();
    }
    ProptestConfig::with_cases(usual)
}

pub(crate) fn world() -> impl Strategy<Value = World> {
    let zone = prop::sample::select(vec!["America/New_York", "Asia/Shanghai"]);
    let text = prop::sample::select(vec!["wx", "web", ""]);
    let texts = prop::collection::btree_map(1u32..7, text.clone().prop_map(|t| Value::Text(t.into())), 0..6);
    let numbers = prop::collection::btree_map(1u32..7, (0i8..3).prop_map(|n| Value::Number(n.into())), 0..6);
    let flags = prop::collection::btree_map(1u32..7, any::<bool>().prop_map(Value::Bool), 0..6);
    let list = prop::collection::vec(text, 1..3);
    let list = list.prop_map(|items| Value::List(items.into_iter().map(str::to_owned).collect()));
    let lists = prop::collection::btree_map(1u32..7, list, 0..6);
    let members = || prop::collection::btree_set(1u32..8, 2..8);
    let events = prop::collection::vec(event(), 0..24);
    let pairs = prop::collection::btree_set((1u32..8, 1u32..8), 0..10);
    // Nested, as a tuple of strategies has ten places.
    let beside = (items(), pairs);
    let parts = (zone, 0i64..130, events, members(), members(), texts, numbers, flags, lists, beside);
    parts.prop_map(
        |(zone, hours, events, living, segment, texts, numbers, flags, lists, (items, mut pairs))| {
            let mut world = World::new(zone);
            world.as_of = START + hours * HOUR;
            world.events = events;
            pairs.retain(|(from, to)| from != to && living.contains(from) && living.contains(to));
            world.relations.insert("inviter".to_owned(), pairs);
            world.living = living;
            // Overlapping, and not all of the living in one of them.
            let second = segment.iter().map(|person| person + 1).collect();
            world.segments.insert(2, second);
            world.segments.insert(1, segment);
            world.items = items;
            world.tags.insert(1, texts.clone());
            for (name, values) in [("city", texts), ("age", numbers), ("vip", flags), ("likes", lists)] {
                world.attributes.insert(name.to_owned(), values);
            }
            world
        },
    )
}

/// Three people with a few events each at very few instants: mostly ties.
pub(crate) fn dense() -> impl Strategy<Value = World> {
    let name = prop::sample::select(vec!["a", "a", "b", "b", "c"]);
    let event = (1u32..4, name, 0i64..4, props()).prop_map(|(person, name, second, props)| Event {
        person,
        time: START + 12 * HOUR + second * 1_000,
        name: name.to_owned(),
        props,
    });
    (world(), prop::collection::vec(event, 6..19)).prop_map(|(mut world, events)| {
        world.as_of = START + 12 * HOUR + 7_000;
        world.living.extend([1, 2, 3]);
        world.events = events;
        world
    })
}

/// So many people and events that they are looked at in several stretches.
pub(crate) fn crowd() -> impl Strategy<Value = World> {
    let name = prop::sample::select(vec!["a", "a", "b", "c"]);
    let event = (1u32..300, name, 0i64..2_000, props()).prop_map(|(person, name, minutes, props)| Event {
        person,
        time: START + minutes * 11 * 60_000,
        name: name.to_owned(),
        props,
    });
    let left_out = prop::collection::btree_set(1u32..300, 0..4);
    (world(), prop::collection::vec(event, 50..6_000), left_out).prop_map(|(mut world, events, left_out)| {
        world.as_of += 15 * 24 * HOUR;
        world.living = (1..300).filter(|person| !left_out.contains(person)).collect();
        world.events = events;
        world
    })
}

pub(crate) fn property() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["channel", "amount", "new", "labels"])
}

pub(crate) fn test() -> impl Strategy<Value = Test> {
    let value = prop::sample::select(vec!["wx", "web", "", "1", "x", "true"]);
    prop_oneof![
        value.clone().prop_map(|v| Test::Is { values: vec![Value::Text(v.to_owned())] }),
        value.clone().prop_map(|v| Test::IsNot { values: vec![Value::Text(v.to_owned())] }),
        value.prop_map(|v| Test::Contains { value: v.to_owned() }),
        (0i8..3).prop_map(|v| Test::Number { compare: Compare::AtLeast, value: v.into() }),
        Just(Test::Between { from: 1.0, to: 2.0 }),
        Just(Test::IsPresent),
        Just(Test::IsMissing),
    ]
}

/// Fields of items that worlds know, and one that no item has.
pub(crate) fn item_field() -> impl Strategy<Value = ItemField> {
    let attribute =
        |name: &str| ItemField::Attribute { item_type: "product".to_owned(), name: name.to_owned() };
    prop::sample::select(vec![
        attribute("category"),
        attribute("price"),
        attribute("organic"),
        attribute("nobody has it"),
        ItemField::Tags { item_type: "product".to_owned() },
    ])
}

pub(crate) fn filter() -> impl Strategy<Value = PropertyFilter> {
    (property(), prop::option::weighted(0.4, item_field()), test())
        .prop_map(|(property, item, test)| PropertyFilter { property: property.to_owned(), item, test })
}

/// What is known of items whose ids are values that properties of events have.
fn items() -> impl Strategy<Value = BTreeMap<ItemField, BTreeMap<String, Value>>> {
    let value = prop_oneof![
        prop::sample::select(vec!["wx", "web", "", "1"]).prop_map(|text| Value::Text(text.to_owned())),
        (0i8..3).prop_map(|number| Value::Number(number.into())),
        any::<bool>().prop_map(Value::Bool),
        prop::collection::vec(prop::sample::select(vec!["wx", "x"]), 0..3)
            .prop_map(|parts| Value::List(parts.into_iter().map(str::to_owned).collect())),
    ];
    let id = prop::sample::select(vec!["wx", "web", "", "1", "1.5", "0", "true", "x"]);
    let item = (item_field(), id, value);
    prop::collection::vec(item, 0..12).prop_map(|known| {
        let mut items: BTreeMap<ItemField, BTreeMap<String, Value>> = BTreeMap::new();
        for (field, id, value) in known {
            let lacking = matches!(&field, ItemField::Attribute { name, .. } if name == "nobody has it");
            if !lacking {
                items.entry(field).or_default().insert(id.to_owned(), value);
            }
        }
        items
    })
}

pub(crate) fn event_match() -> impl Strategy<Value = EventMatch> {
    let filter = filter();
    // "d" never happened.
    let event = prop::sample::select(vec!["a", "a", "a", "b", "b", "c", "d"]);
    (event, prop::option::weighted(0.25, filter)).prop_map(|(event, filter)| EventMatch {
        event: event.to_owned(),
        filters: filter.into_iter().collect(),
    })
}

/// Any event instead of the rarest.
pub(crate) fn or_any(event: EventMatch) -> EventMatch {
    match event.event.as_str() {
        "c" => EventMatch { event: ANY_EVENT.to_owned(), ..event },
        _ => event,
    }
}

pub(crate) fn range() -> impl Strategy<Value = DateRange> {
    let day = |day: u32| format!("2026-03-{day:02}");
    prop_oneof![
        Just(DateRange::All),
        (1u32..5).prop_map(|days| DateRange::LastDays { days }),
        (5u32..12, 0u32..5)
            .prop_map(move |(from, more)| DateRange::Between { from: day(from), to: day(from + more) }),
    ]
}

pub(crate) fn breakdown() -> impl Strategy<Value = Option<Breakdown>> {
    let attribute = prop::sample::select(vec!["city", "age", "vip", "likes"]);
    prop::option::of(prop_oneof![
        property().prop_map(|name| Breakdown::Property { name: name.to_owned() }),
        attribute.prop_map(|name| Breakdown::Attribute { name: name.to_owned() }),
        (property(), item_field())
            .prop_map(|(property, field)| Breakdown::Item { property: property.to_owned(), field }),
        Just(Breakdown::Tag { tag: 1 }),
        property()
            .prop_map(|property| Breakdown::Ranges { property: property.to_owned(), edges: vec![1.0, 1.5] }),
        Just(Breakdown::Segments { segments: vec![1, 2] }),
    ])
}

pub(crate) fn segment() -> impl Strategy<Value = Option<i64>> {
    prop::option::weighted(0.2, Just(1))
}
