//! The distribution against its naive twin, and the choice of bins.

use proptest::prelude::*;
use siyu_types::analysis::{DistributionCell, DistributionQuery, Question as _};
use siyu_types::condition::PersonMeasure;

use super::{chosen_bins, naive, people, run};
use crate::summary::Ascending;
use crate::testing::{plain, random};

fn query() -> impl Strategy<Value = DistributionQuery> {
    let property = || random::property().prop_map(str::to_owned);
    let measure = prop_oneof![
        Just(PersonMeasure::Count),
        Just(PersonMeasure::Days),
        property().prop_map(|property| PersonMeasure::Sum { property }),
        property().prop_map(|property| PersonMeasure::Avg { property }),
        property().prop_map(|property| PersonMeasure::Min { property }),
        property().prop_map(|property| PersonMeasure::Max { property }),
        property().prop_map(|property| PersonMeasure::Distinct { property }),
    ];
    let edges = prop::collection::btree_set(-1i8..6, 0..4)
        .prop_map(|edges| edges.into_iter().map(f64::from).collect::<Vec<_>>());
    let parts =
        (random::event_match(), measure, random::range(), edges, random::breakdown(), random::segment());
    parts.prop_map(|(event, measure, range, edges, breakdown, segment)| DistributionQuery {
        event: random::or_any(event),
        measure,
        range,
        edges,
        breakdown,
        segment,
    })
}

proptest! {
    #![proptest_config(random::histories(3_000))]
    #[test]
    fn the_kernel_equals_its_twin(world in random::world(), query in query(), width in 1usize..4) {
        let built = world.build(width);
        let answer = run(&query, &built.context(), None).expect("a valid query");
        prop_assert_eq!(&answer.groups, &naive::groups(&query, &world, &answer.bins));
        let groups = plain::grouped(query.breakdown.is_some(), &naive::found(&query, &world));
        for group in &answer.groups {
            prop_assert_eq!(group.people.iter().sum::<u64>(), group.total, "bins hold everybody");
            for bin in answer.bins.iter().map(|bin| Some(*bin)).chain([None]) {
                let cell = DistributionCell { bin, group: group.group.clone() };
                let found = people(&query, &cell, &built.context(), None).expect("a valid cell");
                let expected = plain::people(&groups, &group.group, |number| {
                    number.is_some_and(|number| bin.is_none_or(|bin| naive::holds(&bin, number)))
                });
                prop_assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{:?}", cell);
            }
        }
    }

    #[test]
    fn chosen_bins_hold_everything_and_follow_one_another(values in prop::collection::vec(-1e6f64..1e6, 1..60)) {
        let bins = chosen_bins(&ascending(&values));
        prop_assert!(bins.len() <= 32, "{} bins", bins.len());
        for value in &values {
            prop_assert_eq!(bins.iter().filter(|bin| naive::holds(bin, *value)).count(), 1);
        }
        for pair in bins.windows(2) {
            prop_assert!(pair[0].to == pair[1].from && pair[0].from < pair[0].to);
        }
    }
}

fn ascending(values: &[f64]) -> Ascending {
    let mut numbers = crate::summary::Numbers::default();
    values.iter().for_each(|value| numbers.add(*value));
    numbers.ascending()
}

#[test]
fn bins_are_round() {
    let starts = |values: &[f64]| -> Vec<f64> {
        chosen_bins(&ascending(values)).iter().map(|bin| bin.from.expect("a start")).collect()
    };
    assert_eq!(starts(&[]), Vec::<f64>::new());
    assert_eq!(starts(&[1.0, 1.0, 2.0, 5.0]), [1.0, 2.0, 5.0]);
    assert_eq!(starts(&[0.5, 0.5]), [0.5, 1.5].map(|edge: f64| edge.floor()));
    let many: Vec<f64> = (1..=100).map(f64::from).collect();
    assert_eq!(starts(&many), [0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 100.0]);
}

#[test]
fn edges_must_ascend() {
    let query = |edges: Vec<f64>| DistributionQuery {
        edges,
        ..serde_json::from_str(
            r#"{"event":{"event":"a"},"measure":{"kind":"count"},"range":{"kind":"last_days","days":3}}"#,
        )
        .expect("a query")
    };
    assert!(query(vec![1.0, 2.0]).validate().is_ok());
    for edges in [vec![1.0, 1.0], vec![2.0, 1.0], vec![f64::NAN], vec![0.0, f64::INFINITY]] {
        assert_eq!(query(edges).validate().expect_err("no order").field.as_deref(), Some("edges"));
    }
}
