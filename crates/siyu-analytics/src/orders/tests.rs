//! Orders over columns and over one person against a plain reading of the definition.

use proptest::prelude::*;
use siyu_types::analysis::DateRange;
use siyu_types::calendar::{InstantRange, resolve};
use siyu_types::condition::{Compare, Condition, PropertyFilter};
use siyu_types::{OrderCondition, OrderMeasure, OrderState};

use super::{OrderFold, OrderKind, OrderPlace, OrderQuery, Worth, page, totals};
use crate::conditions;
use crate::testing::orders::{filters, fits, orders_of, world};
use crate::testing::{Row, World, random};

/// What one event says, for tables.
type Said = (OrderKind, i64, i64, Option<u64>);
/// Its name, its events, and what they come to.
type Case<'a> = (&'a str, &'a [Said], (i64, OrderState, i64, i64));

#[test]
fn what_an_order_comes_to() {
    use OrderKind::{Cancelled, Closed, Line, Paid, Placed, Refunded};
    use OrderState as S;
    let cases: [Case<'_>; 14] = [
        ("placed only", &[(Placed, 1, 900, None)], (1, S::Placed, 0, 0)),
        ("paid later", &[(Placed, 1, 900, None), (Paid, 5, 900, None)], (5, S::Paid, 900, 0)),
        ("lines say what was paid", &[(Line, 3, 400, None), (Line, 3, 400, None)], (3, S::Paid, 800, 0)),
        (
            "lines of what is not paid yet",
            &[(Placed, 2, 0, None), (Line, 3, 400, None)],
            (2, S::Placed, 0, 0),
        ),
        ("the order, not its lines", &[(Line, 3, 400, None), (Paid, 4, 350, None)], (4, S::Paid, 350, 0)),
        ("told twice", &[(Paid, 4, 350, None), (Paid, 6, 360, None)], (4, S::Paid, 360, 0)),
        ("two payments", &[(Paid, 4, 100, Some(1)), (Paid, 6, 250, Some(2))], (4, S::Paid, 350, 0)),
        ("one payment twice", &[(Paid, 4, 100, Some(1)), (Paid, 6, 100, Some(1))], (4, S::Paid, 100, 0)),
        ("a line twice", &[(Line, 4, 100, Some(1)), (Line, 6, 120, Some(1))], (4, S::Paid, 120, 0)),
        (
            "partly refunded",
            &[(Paid, 1, 900, None), (Refunded, 9, 100, Some(1)), (Refunded, 9, -200, Some(2))],
            (1, S::PartlyRefunded, 900, 300),
        ),
        (
            "one refund twice",
            &[(Paid, 1, 900, None), (Refunded, 8, 900, Some(1)), (Refunded, 9, 900, Some(1))],
            (1, S::Refunded, 900, 900),
        ),
        ("cancelled", &[(Placed, 1, 900, None), (Cancelled, 2, 0, None)], (1, S::Cancelled, 0, 0)),
        ("closing moves no money", &[(Paid, 1, 900, None), (Closed, 2, 0, None)], (1, S::Paid, 900, 0)),
        ("only a refund is known", &[(Refunded, 7, 900, None)], (7, S::Unknown, 0, 900)),
    ];
    for (name, events, (at, state, paid, refunded)) in cases {
        // Events of different kinds may come in any order.
        for turn in 0..events.len() {
            let mut turned: Vec<_> = events.to_vec();
            turned.rotate_left(turn);
            turned.sort_by_key(|(_, time, ..)| *time);
            let mut fold = OrderFold::default();
            for (kind, time, amount, part) in turned {
                fold.add(kind, time, Some(amount), part);
            }
            let sum = fold.sum();
            let found = (sum.at, sum.state, sum.paid_minor, sum.refunded_minor);
            assert_eq!(found, (at, state, paid, refunded), "{name}, turned {turn}");
        }
    }
}

fn worth(world: &World, filters: &[PropertyFilter], range: InstantRange, person: u32) -> Worth {
    let mut worth = Worth::default();
    for (_, sum, events) in orders_of(world, person) {
        if fits(world, filters, &events) && range.from <= sum.at && sum.at < range.to {
            worth.add(&sum);
        }
    }
    worth
}

proptest! {
    #![proptest_config(random::histories(1_000))]
    #[test]
    fn columns_row_and_definition_agree(
        world in world(),
        filters in filters(),
        window in random::range(),
        measure in prop::sample::select(OrderMeasure::ALL.to_vec()),
        compare in prop::sample::select(vec![Compare::AtLeast, Compare::Equal, Compare::Less]),
        value in 0u8..5,
        width in 1usize..4,
    ) {
        let scale = if matches!(measure, OrderMeasure::Net | OrderMeasure::Paid | OrderMeasure::Refunded) { 100.0 } else { 1.0 };
        let leaf = OrderCondition { filters, window, measure, compare, value: f64::from(value) * scale };
        let range = resolve(&leaf.window, world.as_of, &world.zone).expect("a valid range");
        let built = world.build(width);
        // A second leaf, so that their filters are told apart.
        let everyone = OrderCondition { filters: Vec::new(), ..leaf.clone() };
        for (leaf, condition) in [
            (&leaf, Condition::All { of: vec![Condition::Order(leaf.clone()), Condition::everybody()] }),
            (&everyone, Condition::Order(everyone.clone())),
        ] {
            let found = conditions::evaluate(&condition, &built.context()).expect("all names are known");
            for &person in &world.living {
                let left = worth(&world, &leaf.filters, range, person).value(leaf.measure, world.as_of);
                let expected = left.is_some_and(|left| leaf.compare.holds(left, leaf.value));
                let row = Row { world: &world, person };
                let by_row = conditions::holds(&condition, &row, world.as_of, &world.zone).expect("known names");
                prop_assert_eq!(by_row, expected, "row of {}", person);
                prop_assert_eq!(found.contains(person), expected, "column of {}", person);
            }
        }
        let both = Condition::Any { of: vec![Condition::Order(leaf.clone()), Condition::Order(everyone.clone())] };
        let found = conditions::evaluate(&both, &built.context()).expect("all names are known");
        for &person in &world.living {
            let holds = |leaf: &OrderCondition| worth(&world, &leaf.filters, range, person)
                .value(leaf.measure, world.as_of)
                .is_some_and(|left| leaf.compare.holds(left, leaf.value));
            prop_assert_eq!(found.contains(person), holds(&leaf) || holds(&everyone));
        }
    }

    #[test]
    fn pages_and_totals_hold_every_order_once(
        world in world(),
        filters in filters(),
        window in random::range(),
        states in prop::collection::vec(prop::sample::select(OrderState::ALL.to_vec()), 0..3),
        limit in 1usize..4,
        width in 1usize..4,
    ) {
        let built = world.build(width);
        let context = built.context();
        let range = resolve(&window, world.as_of, &world.zone).expect("a valid range");
        let mut expected = Vec::new();
        for &person in &world.living {
            for (ordinal, (id, sum, events)) in orders_of(&world, person).into_iter().enumerate() {
                let wanted = states.is_empty() || states.contains(&sum.state);
                if wanted && range.from <= sum.at && sum.at < range.to && fits(&world, &filters, &events) {
                    expected.push((OrderPlace::new(sum.at, person, ordinal as u32), id, sum));
                }
            }
        }
        expected.sort_by_key(|(place, ..)| *place);
        let query = OrderQuery { filters: &filters, states: &states, range };
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = page(&query, after, limit, &context);
            prop_assert_eq!(page.total, expected.len() as u64);
            let Some(last) = page.orders.last() else { break };
            after = Some(last.place);
            found.extend(page.orders.into_iter().map(|order| (order.place, order.order_id, order.sum)));
        }
        prop_assert_eq!(&found, &expected);
        let totals = totals(&query, &context);
        let mut all = Worth::default();
        expected.iter().for_each(|(_, _, sum)| all.add(sum));
        prop_assert_eq!(totals.worth, all);
        prop_assert_eq!(totals.by_state.iter().sum::<u64>(), expected.len() as u64);
        let people: std::collections::BTreeSet<_> = expected.iter().filter(|(_, _, sum)| sum.state.counts()).map(|(place, ..)| place.person).collect();
        prop_assert_eq!(totals.people, people.len() as u64);
        if window != DateRange::All {
            let of_days: i64 = totals.days.iter().map(|day| day.worth.net_minor()).sum();
            prop_assert_eq!(of_days, all.net_minor());
        }
    }
}
