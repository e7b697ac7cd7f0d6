//! The funnel against its naive twin, and cases in `cases/funnel`.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use siyu_types::analysis::{DateRange, FunnelCell, FunnelQuery, FunnelWindow, Group, Question as _};

use super::{naive, people, run};
use crate::testing::{World, cases, random};

fn query() -> impl Strategy<Value = FunnelQuery> {
    let window = prop_oneof![
        (1u32..6).prop_map(|seconds| FunnelWindow::Elapsed { seconds }),
        (1u32..30).prop_map(|hours| FunnelWindow::Elapsed { seconds: hours * 3_600 }),
        (1u32..4).prop_map(|days| FunnelWindow::Days { days }),
    ];
    let steps = prop::collection::vec(random::event_match(), 2..5);
    let parts = (steps, random::range(), window, any::<bool>(), random::breakdown(), random::segment());
    parts.prop_map(|(steps, range, window, must_increase, breakdown, segment)| FunnelQuery {
        steps,
        range,
        window,
        must_increase,
        breakdown,
        segment,
    })
}

/// The people of a cell by the naive twin, which never has so many groups that
/// some are summed as "other".
fn plainly(query: &FunnelQuery, world: &World, cell: &FunnelCell) -> Vec<u32> {
    let outcomes = naive::outcomes(query, world);
    let of_cell = outcomes.iter().filter(|outcome| {
        let step = outcome.level() - 1;
        let reached = if cell.dropped { step == cell.step } else { step >= cell.step };
        reached && (cell.group == Group::Whole || outcome.groups.contains(&cell.group))
    });
    of_cell.map(|outcome| outcome.person).collect()
}

/// Questions about ties: short windows, no range to fall out of.
fn dense_query() -> impl Strategy<Value = FunnelQuery> {
    let window = (1u32..5).prop_map(|seconds| FunnelWindow::Elapsed { seconds });
    (query(), window).prop_map(|(query, window)| {
        let range = DateRange::LastDays { days: 2 };
        FunnelQuery { window, range, must_increase: false, segment: None, ..query }
    })
}

fn agree(world: &World, query: &FunnelQuery, width: usize) -> Result<(), TestCaseError> {
    let built = world.build(width);
    let answer = run(query, &built.context(), None).expect("a valid query");
    prop_assert_eq!(&answer, &naive::run(query, world));
    for group in &answer.groups {
        for (step, dropped) in (0..query.steps.len()).flat_map(|step| [(step, false), (step, true)]) {
            let cell = FunnelCell { step, dropped, group: group.group.clone() };
            let found = people(query, &cell, &built.context(), None).expect("a valid cell");
            prop_assert_eq!(found.iter().collect::<Vec<_>>(), plainly(query, world, &cell), "{:?}", cell);
            if !dropped {
                prop_assert_eq!(found.len(), group.steps[step].people);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn the_kernel_equals_its_twin(world in random::world(), query in query(), width in 1usize..4) {
        agree(&world, &query, width)?;
    }

    #[test]
    fn and_among_many_ties(world in random::dense(), query in dense_query(), width in 1usize..4) {
        agree(&world, &query, width)?;
    }
}

#[test]
fn cases() {
    cases::each("cases/funnel", |case| {
        let query: FunnelQuery = case.query();
        query.validate().expect("a valid query");
        for width in [1, 2, 100] {
            let built = case.world.build(width);
            let answer = run(&query, &built.context(), None).expect("a valid query");
            for line in case.lines("expect") {
                let (group, numbers) = cases::group_and_rest(line);
                let found = answer.groups.iter().find(|candidate| candidate.group == group);
                let people: Vec<u64> = found
                    .map(|group| group.steps.iter().map(|step| step.people).collect())
                    .unwrap_or_default();
                assert_eq!(cases::spaced(&people), numbers, "{}: expect {line}", case.name);
            }
            for line in case.lines("median") {
                let (group, numbers) = cases::group_and_rest(line);
                let found = answer.groups.iter().find(|candidate| candidate.group == group);
                let steps = &found.unwrap_or_else(|| panic!("{}: no such group", case.name)).steps;
                let medians: Vec<String> =
                    steps.iter().map(|step| cases::seconds(step.median_millis)).collect();
                assert_eq!(cases::spaced(&medians), numbers, "{}: median {line}", case.name);
            }
            for line in case.lines("groups") {
                let groups: Vec<_> =
                    answer.groups.iter().map(|group| cases::group_text(&group.group)).collect();
                assert_eq!(cases::spaced(&groups), line, "{}", case.name);
            }
            for line in case.lines("complete") {
                assert_eq!(answer.complete.to_string(), line, "{}", case.name);
            }
            for (line, numbers) in
                case.lines("people").map(|line| line.split_once(':').expect("people … : …"))
            {
                let cell = cell(line).expect("a cell");
                let found = people(&query, &cell, &built.context(), None).expect("a valid cell");
                assert_eq!(cases::spaced(&found.iter().collect::<Vec<_>>()), numbers.trim(), "{}", case.name);
            }
            assert_eq!(answer, naive::run(&query, &case.world), "{}: the naive twin", case.name);
        }
    });
}

/// `reached 2 whole` or `dropped 1 value=wx`; steps count from 1.
fn cell(line: &str) -> Result<FunnelCell, String> {
    let words: Vec<_> = line.split_whitespace().collect();
    let [what @ ("reached" | "dropped"), step, group] = words[..] else { return Err(line.to_owned()) };
    let step: usize = step.parse().map_err(|_| line.to_owned())?;
    Ok(FunnelCell { step: step - 1, dropped: what == "dropped", group: cases::group_and_rest(group).0 })
}
