//! RFM against its naive twin, and cases in `cases/rfm`.

use proptest::prelude::*;
use siyu_types::analysis::{
    Gain, Question as _, RfmCell, RfmClass, RfmMonetary, RfmOften, RfmPeople, RfmQuery, RfmResult, RfmScale,
};

use super::{naive, people, run};
use crate::testing::{World, cases, orders, random};

fn scale() -> impl Strategy<Value = RfmScale> {
    prop_oneof![
        (2u32..6).prop_map(|parts| RfmScale::Quantile { parts }),
        prop::collection::btree_set(1i8..5, 1..3)
            .prop_map(|cuts| RfmScale::Cuts { cuts: cuts.into_iter().map(f64::from).collect() }),
        Just(RfmScale::Mean),
        Just(RfmScale::Median),
    ]
}

fn query() -> impl Strategy<Value = RfmQuery> {
    let gain = orders::gain().prop_map(|gain| match gain {
        Gain::Event { event, worth } => {
            Gain::Event { event, worth: Some(worth.unwrap_or_else(|| "amount".to_owned())) }
        }
        orders => orders,
    });
    let money = prop::sample::select(vec![RfmMonetary::Total, RfmMonetary::Average]);
    let often = prop::sample::select(vec![RfmOften::Purchases, RfmOften::Days]);
    let parts = (gain, random::range(), scale(), scale(), scale(), (often, money), random::segment());
    parts.prop_map(|(gain, range, recency, frequency, monetary, (often, money), segment)| RfmQuery {
        gain,
        range,
        recency,
        frequency,
        monetary,
        often,
        money,
        segment,
    })
}

fn class(query: &RfmQuery, [recency, frequency, monetary]: [u32; 3]) -> RfmClass {
    // Above the middle of 1 to the best.
    let high = |scale: &RfmScale, score: u32| f64::from(score) > f64::from(1 + scale.best()) / 2.0;
    RfmClass::of(
        high(&query.recency, recency),
        high(&query.frequency, frequency),
        high(&query.monetary, monetary),
    )
}

fn check(query: &RfmQuery, world: &World, answer: &RfmResult, width: usize) {
    let buyers = naive::buyers(query, world);
    let unit = query.gain.unit() as f64;
    let of = |wanted: &dyn Fn(&naive::Buyer) -> bool| {
        let found: Vec<_> = buyers.values().filter(|buyer| wanted(buyer)).collect();
        RfmPeople {
            people: found.len() as u64,
            count: found.iter().map(|buyer| buyer.count as u64).sum(),
            value: (found.iter().map(|buyer| buyer.value).sum::<f64>() * unit).round() as i64,
        }
    };
    assert_eq!(answer.total, of(&|_| true));
    let scores = [&answer.recency, &answer.frequency, &answer.monetary];
    for (at, scores) in scores.into_iter().enumerate() {
        for score in scores {
            let has = |buyer: &&naive::Buyer| buyer.scores[at] == score.score;
            assert_eq!(score.people, buyers.values().filter(has).count() as u64, "{at} {score:?}");
            if at == 0 {
                let days = || buyers.values().filter(has).map(|buyer| buyer.days);
                assert_eq!((score.least, score.most), (days().min(), days().max()));
            }
        }
    }
    let built = world.build(width);
    let asked = |cell: RfmCell, wanted: &dyn Fn(&naive::Buyer) -> bool| {
        let found = people(query, &cell, &built.context(), None).expect("a valid cell");
        let expected: Vec<u32> =
            buyers.iter().filter(|(_, own)| wanted(own)).map(|(person, _)| *person).collect();
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{cell:?}");
    };
    for (own, shown) in RfmClass::ALL.iter().zip(&answer.classes) {
        let wanted = |buyer: &naive::Buyer| class(query, buyer.scores) == *own;
        assert_eq!(*shown, of(&wanted), "{own:?}");
        asked(RfmCell { class: Some(*own), ..RfmCell::default() }, &wanted);
    }
    assert_eq!(answer.scored.iter().map(|scored| scored.people.people).sum::<u64>(), answer.total.people);
    for scored in &answer.scored {
        let scores = [scored.recency, scored.frequency, scored.monetary];
        let wanted = |buyer: &naive::Buyer| buyer.scores == scores;
        assert_eq!(scored.people, of(&wanted), "{scored:?}");
        let [recency, frequency, monetary] = scores.map(Some);
        asked(RfmCell { class: None, recency, frequency, monetary }, &wanted);
        let recent = |buyer: &naive::Buyer| buyer.scores[0] == scored.recency;
        asked(RfmCell { recency, ..RfmCell::default() }, &recent);
    }
}

proptest! {
    #![proptest_config(random::histories(2_500))]
    #[test]
    fn the_kernel_equals_its_twin(world in orders::world(), query in query(), width in 1usize..4) {
        let answer = run(&query, &world.build(width).context(), None).expect("a valid query");
        check(&query, &world, &answer, width);
    }
}

#[test]
fn cases() {
    cases::each("cases/rfm", |case| {
        let query: RfmQuery = case.query();
        query.validate().expect("a valid query");
        for width in [1, 2, 100] {
            let built = case.world.build(width);
            let answer = run(&query, &built.context(), None).expect("a valid query");
            let scored = answer.scored.iter().map(|scored| {
                let RfmPeople { people, count, value } = scored.people;
                let value = value as f64 / answer.value_unit as f64;
                format!("{}{}{} {people} {count} {value}", scored.recency, scored.frequency, scored.monetary)
            });
            assert_eq!(scored.collect::<Vec<_>>(), case.lines("expect").collect::<Vec<_>>(), "{}", case.name);
            for (line, (class, shown)) in case.lines("class").zip(RfmClass::ALL.iter().zip(&answer.classes)) {
                let name = serde_json::to_value(class).expect("a name");
                let shown = format!("{} {}", name.as_str().expect("a text"), shown.people);
                assert_eq!(shown, line, "{}", case.name);
            }
            check(&query, &case.world, &answer, width);
        }
    });
}

const ORDERS: &str = r#"{"gain":{"kind":"orders"},"range":{"kind":"last_days","days":90},
    "recency":{"kind":"quantile","parts":5},"frequency":{"kind":"mean"},"monetary":{"kind":"mean"}}"#;

/// Who bought nothing has no scores, and is not the worst.
#[test]
fn pitfall_21_who_bought_nothing_is_not_scored() {
    let world = cases::world(
        "as_of 2026-11-30T00:00\nperson 1\nevent 2 2026-11-20T09:00 order_paid {\"order_id\":\"a\",\"amount_minor\":100}\n\
         event 3 2026-11-20T09:00 order_paid {\"order_id\":\"b\",\"amount_minor\":0}\n\
         event 4 2026-11-20T09:00 order_paid {\"order_id\":\"c\",\"amount_minor\":5}\n\
         event 4 2026-11-21T09:00 order_refunded {\"order_id\":\"c\",\"amount_minor\":5}",
    );
    let query: RfmQuery = serde_json::from_str(ORDERS).expect("a query");
    let answer = run(&query, &world.build(2).context(), None).expect("a valid query");
    assert_eq!(answer.total, RfmPeople { people: 1, count: 1, value: 100 });
}

/// An amount that is no number, or missing, is no purchase, whatever its type.
#[test]
fn pitfall_22_what_is_no_amount_is_no_purchase() {
    let world = cases::world(
        "as_of 2026-11-30T00:00\nevent 1 2026-11-20T09:00 paid {\"price\":\"12.5\"}\n\
         event 2 2026-11-20T09:00 paid {\"price\":\"free\"}\nevent 3 2026-11-20T09:00 paid\n\
         event 4 2026-11-20T09:00 paid {\"price\":\"\"}",
    );
    let query =
        ORDERS.replace(r#""kind":"orders""#, r#""kind":"event","event":{"event":"paid"},"worth":"price""#);
    let query: RfmQuery = serde_json::from_str(&query).expect("a query");
    let answer = run(&query, &world.build(4).context(), None).expect("a valid query");
    assert_eq!((answer.total.people, answer.total.value, answer.value_unit), (1, 125_000, 10_000));
}

#[test]
fn limits() {
    let query: RfmQuery = serde_json::from_str(ORDERS).expect("a query");
    let cuts = |cuts: &[f64]| RfmScale::Cuts { cuts: cuts.to_vec() };
    let event = Gain::Event {
        event: siyu_types::analysis::EventMatch { event: "a".to_owned(), filters: Vec::new() },
        worth: None,
    };
    let wrong = [
        (RfmQuery { recency: RfmScale::Quantile { parts: 1 }, ..query.clone() }, "recency"),
        (RfmQuery { frequency: cuts(&[2.0, 1.0]), ..query.clone() }, "frequency.cuts"),
        (RfmQuery { monetary: cuts(&[]), ..query.clone() }, "monetary"),
        (RfmQuery { gain: event, ..query }, "gain.worth"),
    ];
    for (query, field) in wrong {
        assert_eq!(query.validate().expect_err("refused").field.as_deref(), Some(field));
    }
}
