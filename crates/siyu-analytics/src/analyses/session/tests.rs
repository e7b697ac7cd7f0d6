//! Sessions against their naive twin, and cases in `cases/session`.

use proptest::prelude::*;
use siyu_types::analysis::{EventMatch, Interval, Question as _, SessionCell, SessionQuery};

use super::{naive, people, run};
use crate::testing::{cases, plain, random};

fn query() -> impl Strategy<Value = SessionQuery> {
    let any = EventMatch { event: "$any".to_owned(), filters: Vec::new() };
    let event = prop_oneof![Just(any), random::event_match().prop_map(random::or_any)];
    let interval = prop::sample::select(vec![Interval::Day, Interval::Week]);
    let gap = prop::sample::select(vec![1u32, 3_600, 3_601, 9 * 3_600]);
    let longest = prop::option::of(prop::sample::select(vec![1u32, 2 * 3_600, 24 * 3_600]));
    let parts = (event, random::range(), interval, gap, longest, random::breakdown(), random::segment());
    parts.prop_map(|(event, range, interval, gap_seconds, longest_seconds, breakdown, segment)| {
        SessionQuery { event, range, interval, gap_seconds, longest_seconds, breakdown, segment }
    })
}

proptest! {
    #![proptest_config(random::histories(3_000))]
    #[test]
    fn the_kernel_equals_its_twin(world in random::world(), query in query(), width in 1usize..4) {
        let built = world.build(width);
        let answer = run(&query, &built.context(), None).expect("a valid query");
        prop_assert_eq!(&answer, &naive::run(&query, &world));
        let groups = plain::grouped(query.breakdown.is_some(), &naive::found(&query, &world));
        for (group, bounced) in answer.groups.iter().flat_map(|group| [(group, false), (group, true)]) {
            let starts = answer.buckets.iter().map(|bucket| Some(bucket.start.clone()));
            for bucket in starts.take(3).chain([None]) {
                let cell = SessionCell { bucket, bounced, group: group.group.clone() };
                let found = people(&query, &cell, &built.context(), None).expect("a valid cell");
                let expected = plain::people(&groups, &group.group, |session| {
                    cell.bucket.as_ref().is_none_or(|bucket| *bucket == session.bucket)
                        && (!bounced || session.events.len() == 1)
                });
                prop_assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{:?}", cell);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn and_among_many_people(world in random::crowd(), query in query(), width in 1usize..400) {
        let plain = SessionQuery { longest_seconds: None, breakdown: None, segment: None, ..query };
        let answer = run(&plain, &world.build(width).context(), None).expect("a valid query");
        prop_assert_eq!(&answer, &naive::run(&plain, &world));
    }
}

#[test]
fn cases() {
    cases::each("cases/session", holds);
}

fn holds(case: &cases::Case) {
    let query: SessionQuery = case.query();
    query.validate().expect("a valid query");
    let built = case.world.build(2);
    let answer = run(&query, &built.context(), None).expect("a valid query");
    for line in case.lines("expect") {
        let (group, numbers) = cases::group_and_rest(line);
        let found = answer.groups.iter().find(|own| own.group == group).expect("such a group");
        let counts = found.total;
        let seconds = counts.duration_millis / 1_000;
        let shown = format!(
            "{} sessions {} people {} events {} bounces {seconds} seconds",
            counts.sessions, counts.people, counts.events, counts.bounces
        );
        assert_eq!(shown, numbers, "{}: expect {line}", case.name);
    }
    for (line, event) in case.lines("counts").zip(&answer.events) {
        let event = format!(
            "{} {} entries {} exits {} bounces {}",
            event.event, event.occurrences, event.entries, event.exits, event.bounces
        );
        assert_eq!(event, line, "{}", case.name);
    }
    assert_eq!(answer, naive::run(&query, &case.world), "{}: the naive twin", case.name);
}

/// Midnight cuts nothing, a break as long as the gap does, a session of one instant has no length,
/// and what comes late may turn two sessions into one.
#[test]
fn pitfall_18_sessions_are_cut_when_asked() {
    let query = r#"query {"event":{"event":"$any"},"range":{"kind":"between","from":"2026-11-02","to":"2026-11-02"},"interval":"day","gap_seconds":1800}"#;
    let asked = |events: &str, expected: &str| {
        let text =
            format!("zone Asia/Shanghai\nas_of 2026-11-10T00:00\n{query}\n{events}expect whole {expected}\n");
        holds(&cases::inline(&text));
    };
    let night = "event 1 2026-11-02T23:45 a\nevent 1 2026-11-03T00:14:59.999 b\n";
    asked(night, "1 sessions 1 people 2 events 0 bounces 1799 seconds");
    let apart = "event 1 2026-11-02T09:00 a\nevent 1 2026-11-02T09:30 a\n";
    asked(apart, "2 sessions 1 people 2 events 2 bounces 0 seconds");
    let late = "event 1 2026-11-02T09:15 b\n";
    asked(&format!("{apart}{late}"), "1 sessions 1 people 3 events 0 bounces 1800 seconds");
    let instant = "event 1 2026-11-02T09:00 a\nevent 1 2026-11-02T09:00 b\n";
    asked(instant, "1 sessions 1 people 2 events 0 bounces 0 seconds");
}
