//! Stickiness against its naive twin.

use proptest::prelude::*;
use siyu_types::analysis::{Group, Interval, StickinessCell, StickinessQuery};

use super::{naive, people, run};
use crate::testing::{plain, random};

fn query() -> impl Strategy<Value = StickinessQuery> {
    let interval = prop::sample::select(vec![Interval::Day, Interval::Day, Interval::Week, Interval::Month]);
    let parts = (random::event_match(), random::range(), interval, random::breakdown(), random::segment());
    parts.prop_map(|(event, range, interval, breakdown, segment)| StickinessQuery {
        event: random::or_any(event),
        range,
        interval,
        breakdown,
        segment,
    })
}

proptest! {
    #![proptest_config(random::histories(2_500))]
    #[test]
    fn the_kernel_equals_its_twin(world in random::world(), query in query(), width in 1usize..4) {
        let built = world.build(width);
        let answer = run(&query, &built.context(), None).expect("a valid query");
        prop_assert_eq!(&answer, &naive::run(&query, &world));
        let groups = plain::grouped(query.breakdown.is_some(), &naive::found(&query, &world));
        for (group, or_more) in answer.groups.iter().flat_map(|group| [(group, false), (group, true)]) {
            for intervals in 1..=answer.intervals.min(3) {
                let cell = StickinessCell { intervals, or_more, group: group.group.clone() };
                let found = people(&query, &cell, &built.context(), None).expect("a valid cell");
                let is = |active: usize| active == intervals as usize || or_more && active > intervals as usize;
                let expected = plain::people(&groups, &group.group, |active| is(*active));
                prop_assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{:?}", cell);
            }
        }
    }
}

#[test]
fn days_and_their_average() {
    let world = crate::testing::cases::world(
        "zone Asia/Shanghai
as_of 2026-11-05T12:00
event 1 2026-11-01T23:59 a
event 1 2026-11-02T00:00 a
event 1 2026-11-02T09:00 a
event 2 2026-11-03T09:00 a
event 2 2026-11-05T09:00 a
event 3 2026-11-04T09:00 a
event 3 2026-11-06T09:00 a",
    );
    let query: StickinessQuery = serde_json::from_str(
        r#"{"event":{"event":"a"},"range":{"kind":"between","from":"2026-11-02","to":"2026-11-06"},"interval":"day"}"#,
    )
    .expect("a query");
    let answer = run(&query, &world.build(2).context(), None).expect("a valid query");
    let whole = &answer.groups[0];
    assert_eq!((answer.intervals, answer.complete), (5, false));
    assert_eq!(
        (whole.group.clone(), whole.total, &whole.people[..]),
        (Group::Whole, 3, &[2, 1, 0, 0, 0][..])
    );
    assert_eq!(whole.average, Some(4.0 / 3.0));
}
