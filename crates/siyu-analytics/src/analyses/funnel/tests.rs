//! The funnel against its naive twin, and cases in `cases/funnel`.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use siyu_types::analysis::{
    DateRange, EventMatch, FunnelAttribution, FunnelCell, FunnelCount, FunnelExcluding, FunnelExclusion,
    FunnelFirst, FunnelOrder, FunnelQuery, FunnelResult, FunnelStepMatch, FunnelWindow, Group, Interval,
    Question as _,
};

use super::naive_answer::{answer, of_group, reached, shown};
use super::{naive_people, people, run};
use crate::Context;
use crate::testing::{World, cases, random};

fn window() -> impl Strategy<Value = FunnelWindow> {
    prop_oneof![
        (1u32..6).prop_map(|seconds| FunnelWindow::Elapsed { seconds }),
        (1u32..30).prop_map(|hours| FunnelWindow::Elapsed { seconds: hours * 3_600 }),
        (1u32..4).prop_map(|days| FunnelWindow::Days { days }),
    ]
}

/// The plain question.
fn query() -> impl Strategy<Value = FunnelQuery> {
    let steps = prop::collection::vec(random::event_match(), 2..5);
    let parts = (steps, random::range(), window(), any::<bool>(), random::breakdown(), random::segment());
    parts.prop_map(|(steps, range, window, must_increase, breakdown, segment)| FunnelQuery {
        must_increase,
        breakdown,
        segment,
        ..FunnelQuery::of(steps, range, window)
    })
}

fn step() -> impl Strategy<Value = FunnelStepMatch> {
    let or = prop::option::weighted(0.2, random::event_match().prop_map(random::or_any));
    let first = prop::sample::select(vec![FunnelFirst::Ever, FunnelFirst::Matching]);
    let parts = (
        random::event_match(),
        or,
        any::<bool>(),
        prop::option::weighted(0.3, window()),
        prop::option::weighted(0.15, first),
    );
    parts.prop_map(|(event, or, optional, within, first)| FunnelStepMatch {
        event,
        or: or.into_iter().collect(),
        optional,
        within,
        first,
    })
}

/// What a question may have beside the plain one. Options that cannot be combined are left out
/// below.
fn options() -> impl Strategy<Value = FunnelQuery> {
    let order = prop::sample::select(vec![
        FunnelOrder::Ordered,
        FunnelOrder::Ordered,
        FunnelOrder::Strict,
        FunnelOrder::StrictListed,
        FunnelOrder::Any,
    ]);
    let exclusion = (random::event_match().prop_map(random::or_any), 0usize..3, 0usize..4);
    let exclusions = prop::collection::vec(exclusion, 0..3);
    let count = prop_oneof![
        3 => Just(FunnelCount::People),
        1 => Just(FunnelCount::Values),
        1 => (1u32..4).prop_map(|seconds| FunnelCount::Sessions { gap_seconds: seconds }),
        1 => (1u32..20).prop_map(|hours| FunnelCount::Sessions { gap_seconds: hours * 3_600 }),
    ];
    let attribution = prop_oneof![
        Just(FunnelAttribution::FirstTouch),
        Just(FunnelAttribution::LastTouch),
        (0usize..3).prop_map(|step| FunnelAttribution::Step { step }),
        Just(FunnelAttribution::AllSteps),
    ];
    let hold = prop_oneof![
        3 => Just(Vec::new()),
        1 => random::property().prop_map(|name| vec![name.to_owned()]),
        1 => prop::collection::vec(random::property().prop_map(str::to_owned), 4),
    ];
    let trend = prop::option::of(prop::sample::select(vec![Interval::Day, Interval::Week, Interval::Month]));
    let flags = (any::<bool>(), prop::bool::weighted(0.2));
    let steps = prop::collection::vec(step(), 2..5);
    let parts = (query(), steps, order, exclusions, count, attribution, hold, trend, flags);
    parts.prop_map(|(query, steps, order, exclusions, count, attribution, hold, trend, flags)| {
        let exclusions = exclusions.into_iter().map(|(event, after, before)| FunnelExclusion {
            event,
            after: Some(after),
            before: Some(before),
        });
        let excluding = if flags.0 { FunnelExcluding::Ends } else { FunnelExcluding::Removes };
        let query = FunnelQuery {
            steps,
            order,
            exclusions: exclusions.collect(),
            excluding,
            count,
            attribution,
            hold,
            trend,
            clamp: flags.1,
            ..query
        };
        valid(query)
    })
}

/// Leaves out what does not go together, so that all that is left is asked for.
fn valid(mut query: FunnelQuery) -> FunnelQuery {
    let last = query.steps.len() - 1;
    let any = query.order == FunnelOrder::Any;
    query.must_increase &= !any;
    for (index, step) in query.steps.iter_mut().enumerate() {
        step.optional &= !any && index > 0 && index < last;
        step.within = step.within.filter(|_| !any && index > 0);
    }
    if query.steps.iter().any(|step| step.within.is_some()) {
        query.steps.iter_mut().for_each(|step| step.optional = false);
    }
    for exclusion in &mut query.exclusions {
        let after = exclusion.after.filter(|after| !any && *after < last);
        exclusion.before =
            exclusion.before.filter(|before| !any && *before <= last && after.unwrap_or(0) < *before);
        exclusion.after = after;
    }
    if query.hold.len() > 1 {
        query.hold.truncate(last + 1);
        let first = query.hold[0].clone();
        query.hold.resize(last + 1, first);
    }
    if query.hold.is_empty() && query.count == FunnelCount::Values {
        query.count = FunnelCount::People;
    }
    if let FunnelAttribution::Step { step } = &mut query.attribution {
        *step = (*step).min(last);
    }
    if any && matches!(query.attribution, FunnelAttribution::Step { .. }) {
        query.attribution = FunnelAttribution::LastTouch;
    }
    query.validate().expect("only what goes together");
    query
}

const NO_CELL: FunnelCell = FunnelCell {
    step: 0,
    dropped: false,
    bucket: None,
    at_least: None,
    less_than: None,
    group: Group::Whole,
};

/// Questions about ties: short windows, no range to fall out of.
fn dense(query: FunnelQuery, seconds: u32) -> FunnelQuery {
    let window = FunnelWindow::Elapsed { seconds };
    let mut query = FunnelQuery { window, range: DateRange::LastDays { days: 2 }, segment: None, ..query };
    for step in &mut query.steps {
        step.within = step.within.map(|_| FunnelWindow::Elapsed { seconds: 1 + seconds / 2 });
    }
    query
}

fn agree(world: &World, query: &FunnelQuery, width: usize) -> Result<(), TestCaseError> {
    let built = world.build(width);
    let found = naive_people::find(query, world);
    let given = run(query, &built.context(), None).expect("a valid query");
    prop_assert_eq!(&given, &answer(query, world, &found));
    let shown = shown(query, &found);
    each_bin(query, &given, &built.context())?;
    let starts = given.buckets.iter().map(|bucket| Some(bucket.start.clone()));
    let buckets: Vec<Option<String>> = std::iter::once(None).chain(starts.take(1)).collect();
    for (at, bucket) in buckets.iter().enumerate() {
        let (entire, grouped) = match at {
            0 => (&found.entire, &found.grouped),
            at => (&found.buckets[at - 1].2, &found.buckets[at - 1].3),
        };
        for group in &given.groups {
            let members = of_group(&group.group, entire, grouped, &shown);
            for (step, dropped) in (0..query.steps.len()).flat_map(|step| [(step, false), (step, true)]) {
                let next = query.next_required(step);
                let in_cell = members.iter().filter(|outcome| {
                    let on = next.is_some_and(|next| reached(query, outcome, next));
                    reached(query, outcome, step) && !(dropped && on)
                });
                let mut expected: Vec<u32> = in_cell.map(|outcome| outcome.person).collect();
                expected.dedup();
                let cell = FunnelCell {
                    step,
                    dropped,
                    group: group.group.clone(),
                    bucket: bucket.clone(),
                    ..NO_CELL
                };
                let people = people(query, &cell, &built.context(), None).expect("a valid cell");
                prop_assert_eq!(people.iter().collect::<Vec<_>>(), expected, "{:?}", cell);
                if !dropped && query.count == FunnelCount::People {
                    let shown = if at == 0 { group.steps[step].people } else { group.trend[at - 1][step] };
                    prop_assert_eq!(people.len(), shown);
                }
            }
        }
    }
    Ok(())
}

/// The bins of the histogram part those who completed it.
fn each_bin(query: &FunnelQuery, given: &FunnelResult, context: &Context<'_>) -> Result<(), TestCaseError> {
    let step = query.steps.len() - 1;
    for group in &given.groups {
        for (bin, &count) in group.histogram.iter().enumerate() {
            let last = bin + 1 == given.bins.len();
            let at_least = bin.checked_sub(1).map(|before| given.bins[before]);
            let less_than = (!last).then(|| given.bins[bin]);
            let cell = FunnelCell { step, at_least, less_than, group: group.group.clone(), ..NO_CELL };
            let found = people(query, &cell, context, None).expect("a valid cell");
            if query.count == FunnelCount::People {
                prop_assert_eq!(found.len(), count, "{:?}", cell);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(random::histories(2_000))]
    #[test]
    fn the_kernel_equals_its_twin(world in random::world(), query in query(), width in 1usize..4) {
        agree(&world, &query, width)?;
    }

    #[test]
    fn and_among_many_ties(world in random::dense(), query in query(), seconds in 1u32..5, width in 1usize..4) {
        agree(&world, &dense(query, seconds), width)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]
    #[test]
    fn and_among_many_people(world in random::crowd(), query in query(), width in 1usize..400) {
        agree(&world, &query, width)?;
    }
}

proptest! {
    #![proptest_config(random::histories(3_000))]
    #[test]
    fn options_equal_their_twin(world in random::world(), query in options(), width in 1usize..4) {
        agree(&world, &query, width)?;
    }

    #[test]
    fn options_among_many_ties(world in random::dense(), query in options(), seconds in 1u32..5, width in 1usize..4) {
        agree(&world, &dense(query, seconds), width)?;
    }
}

#[test]
fn cases() {
    cases::each("cases/funnel", |case| {
        let query: FunnelQuery = case.query();
        query.validate().expect("a valid query");
        for width in [1, 2, 100] {
            check(case, &query, width);
        }
    });
}

/// A case that stands in a test itself.
pub(super) fn holds(text: &str) {
    let case = cases::inline(text);
    let query: FunnelQuery = case.query();
    query.validate().expect("a valid query");
    for width in [1, 100] {
        check(&case, &query, width);
    }
}

fn check(case: &cases::Case, query: &FunnelQuery, width: usize) {
    let built = case.world.build(width);
    let given = run(query, &built.context(), None).expect("a valid query");
    let of_line = |line: &str| {
        let (group, numbers) = cases::group_and_rest(line);
        let found = given.groups.iter().find(|candidate| candidate.group == group).cloned();
        (found, numbers.to_owned())
    };
    for line in case.lines("expect") {
        let (group, numbers) = of_line(line);
        let people: Vec<u64> = group.iter().flat_map(|group| &group.steps).map(|step| step.people).collect();
        assert_eq!(cases::spaced(&people), numbers, "{}: expect {line}", case.name);
    }
    for line in case.lines("median") {
        let (group, numbers) = of_line(line);
        let steps = group.unwrap_or_else(|| panic!("{}: no such group", case.name)).steps;
        let medians = steps.iter().map(|step| cases::seconds(step.since_before.map(|marks| marks.median)));
        assert_eq!(cases::spaced(&medians.collect::<Vec<_>>()), numbers, "{}: median {line}", case.name);
    }
    for line in case.lines("histogram") {
        let (group, numbers) = of_line(line);
        let bins = given.bins.iter().zip(group.iter().flat_map(|group| &group.histogram));
        let bins = bins.filter(|(_, people)| **people > 0);
        let bins: Vec<_> = bins.map(|(end, people)| format!("<{}s:{people}", end / 1_000)).collect();
        assert_eq!(cases::spaced(&bins), numbers, "{}: histogram {line}", case.name);
    }
    // One bucket of the trend: its first day, then the people of each step.
    for line in case.lines("trend") {
        let (group, rest) = of_line(line);
        let (start, numbers) = rest.split_once(' ').expect("trend <group> <day> …");
        let at = given.buckets.iter().position(|bucket| bucket.start == start.trim_end_matches('…'));
        let at = at.unwrap_or_else(|| panic!("{}: no bucket {start}", case.name));
        assert_eq!(given.buckets[at].complete, !start.ends_with('…'), "{}: {line}", case.name);
        let people = &group.unwrap_or_else(|| panic!("{}: no such group", case.name)).trend[at];
        assert_eq!(cases::spaced(people), numbers, "{}: trend {line}", case.name);
    }
    for line in case.lines("groups") {
        let groups: Vec<_> = given.groups.iter().map(|group| cases::group_text(&group.group)).collect();
        assert_eq!(cases::spaced(&groups), line, "{}", case.name);
    }
    for line in case.lines("complete") {
        assert_eq!(given.complete.to_string(), line, "{}", case.name);
    }
    for (line, numbers) in case.lines("people").map(|line| line.split_once(':').expect("people … : …")) {
        let cell = cell(line).expect("a cell");
        let found = people(query, &cell, &built.context(), None).expect("a valid cell");
        assert_eq!(cases::spaced(&found.iter().collect::<Vec<_>>()), numbers.trim(), "{}", case.name);
    }
    let twin = answer(query, &case.world, &naive_people::find(query, &case.world));
    assert_eq!(given, twin, "{}: the naive twin", case.name);
}

/// `reached 2 whole` or `dropped 1 value=wx`; steps count from 1.
fn cell(line: &str) -> Result<FunnelCell, String> {
    let words: Vec<_> = line.split_whitespace().collect();
    let [what @ ("reached" | "dropped"), step, group] = words[..] else { return Err(line.to_owned()) };
    let step: usize = step.parse().map_err(|_| line.to_owned())?;
    let group = cases::group_and_rest(group).0;
    Ok(FunnelCell { step: step - 1, dropped: what == "dropped", group, ..NO_CELL })
}

fn event(name: &str) -> EventMatch {
    EventMatch { event: name.to_owned(), filters: Vec::new() }
}

#[test]
fn what_makes_no_sense_is_refused() {
    let plain = || {
        let window = FunnelWindow::Elapsed { seconds: 60 };
        FunnelQuery::of(vec![event("a"), event("b"), event("c")], DateRange::All, window)
    };
    let with = |change: &dyn Fn(&mut FunnelQuery)| {
        let mut query = plain();
        change(&mut query);
        query
    };
    let within = Some(FunnelWindow::Elapsed { seconds: 1 });
    let exclusion = |after, before| FunnelExclusion { event: event("c"), after, before };
    let cases: [(FunnelQuery, &str); 12] = [
        (with(&|query| query.steps.truncate(1)), "steps"),
        (with(&|query| query.window = FunnelWindow::Days { days: 0 }), "window"),
        (with(&|query| query.steps[0].optional = true), "steps[0].optional"),
        (with(&|query| query.steps[2].optional = true), "steps[2].optional"),
        (with(&|query| query.steps[0].within = within), "steps[0].within"),
        (with(&|query| (query.steps[1].optional, query.steps[2].within) = (true, within)), "steps[2].within"),
        (with(&|query| query.exclusions = vec![exclusion(Some(1), Some(1))]), "exclusions[0].before"),
        (with(&|query| query.exclusions = vec![exclusion(None, Some(3))]), "exclusions[0].before"),
        (with(&|query| query.hold = vec!["x".to_owned(); 2]), "hold"),
        (with(&|query| query.count = FunnelCount::Values), "count"),
        (with(&|query| (query.order, query.must_increase) = (FunnelOrder::Any, true)), "must_increase"),
        (with(&|query| query.attribution = FunnelAttribution::Step { step: 3 }), "attribution.step"),
    ];
    assert!(plain().validate().is_ok());
    for (query, field) in cases {
        let error = query.validate().expect_err(field);
        assert_eq!(error.field.as_deref(), Some(field));
    }
    let built = World::new("UTC").build(1);
    let cell = FunnelCell { bucket: Some("2026-01-01".to_owned()), ..NO_CELL };
    let error = people(&plain(), &cell, &built.context(), None).expect_err("no trend");
    assert_eq!(error.field.as_deref(), Some("cell.bucket"));
}
