//! Paths against their naive twin, and cases in `cases/path`.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use siyu_types::analysis::{
    EventMatch, PathAnchor, PathCell, PathName, PathQuery, PathResult, Question as _,
};

use super::{naive, people, run};
use crate::testing::{World, cases, random};

fn query() -> impl Strategy<Value = PathQuery> {
    let everything = || EventMatch { event: "$any".to_owned(), filters: Vec::new() };
    let events = prop_oneof![
        Just(vec![everything()]),
        prop::collection::vec(random::event_match().prop_map(random::or_any), 1..4),
    ];
    let anchor = prop_oneof![
        Just(PathAnchor::Beginning),
        random::event_match().prop_map(|event| PathAnchor::From { event }),
        random::event_match().prop_map(|event| PathAnchor::To { event }),
    ];
    let gap = prop::option::of(prop::sample::select(vec![1u32, 3_601, 9 * 3_600]));
    let split = prop::option::of(random::property().prop_map(str::to_owned));
    let parts =
        (events, anchor, random::range(), gap, split, any::<bool>(), 2u32..5, 1u32..4, random::segment());
    parts.prop_map(|(events, anchor, range, gap_seconds, split, collapse, steps, nodes, segment)| PathQuery {
        events,
        anchor,
        range,
        gap_seconds,
        split,
        collapse,
        steps,
        nodes,
        segment,
    })
}

fn conserves(query: &PathQuery, answer: &PathResult) -> Result<(), TestCaseError> {
    for node in &answer.nodes {
        let out: u64 = answer
            .edges
            .iter()
            .filter(|edge| edge.step == node.step && edge.from == node.name)
            .map(|edge| edge.count)
            .sum();
        if node.step + 1 < query.steps {
            prop_assert_eq!(node.count, out + node.ends, "out of {:?}", node);
        }
        let into: u64 = answer
            .edges
            .iter()
            .filter(|edge| edge.step + 1 == node.step && edge.to == node.name)
            .map(|edge| edge.count)
            .sum();
        prop_assert!(node.step == 0 || into == node.count, "into {:?}", node);
    }
    Ok(())
}

fn agree(world: &World, query: &PathQuery, width: usize) -> Result<(), TestCaseError> {
    let built = world.build(width);
    let answer = run(query, &built.context(), None).expect("a valid query");
    let in_two_passes = super::answer(query, &built.context(), None, 1).expect("a valid query");
    prop_assert_eq!(&answer, &in_two_passes);
    let paths = naive::paths(query, world);
    let (nodes, edges) = naive::graph(query, &paths);
    prop_assert_eq!((&answer.nodes, &answer.edges), (&nodes, &edges));
    prop_assert_eq!(answer.total, paths.len() as u64);
    conserves(query, &answer)?;
    let absent = PathName::Event { event: "a".to_owned(), value: Some("nowhere".to_owned()) };
    let nodes = answer.nodes.iter().map(|node| (node.step, node.name.clone(), None));
    let edges = answer.edges.iter().map(|edge| (edge.step, edge.from.clone(), Some(edge.to.clone())));
    for (step, name, to) in nodes.take(6).chain(edges.take(6)).chain([(0, absent, None)]) {
        for ends in [false, true] {
            let cell = PathCell { step, name: name.clone(), to: to.clone(), ends };
            let found = people(query, &cell, &built.context(), None).expect("a valid cell");
            prop_assert_eq!(
                found.iter().collect::<Vec<_>>(),
                naive::people(query, &paths, &cell),
                "{:?}",
                cell
            );
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(random::histories(2_500))]
    #[test]
    fn the_kernel_equals_its_twin(world in random::world(), query in query(), width in 1usize..4) {
        agree(&world, &query, width)?;
    }

    #[test]
    fn and_among_many_ties(world in random::dense(), query in query(), width in 1usize..4) {
        agree(&world, &query, width)?;
    }
}

fn text(name: &PathName) -> String {
    match name {
        PathName::Event { event, value: None } => event.clone(),
        PathName::Event { event, value: Some(value) } => format!("{event}={value}"),
        PathName::Other => "other".to_owned(),
    }
}

#[test]
fn cases() {
    cases::each("cases/path", holds);
}

fn holds(case: &cases::Case) {
    let query: PathQuery = case.query();
    query.validate().expect("a valid query");
    let answer = run(&query, &case.world.build(2).context(), None).expect("a valid query");
    let nodes = answer
        .nodes
        .iter()
        .map(|node| format!("{} {} {} ends {}", node.step, text(&node.name), node.count, node.ends));
    assert_eq!(nodes.collect::<Vec<_>>(), case.lines("node").collect::<Vec<_>>(), "{}", case.name);
    let edges = answer
        .edges
        .iter()
        .map(|edge| format!("{} {} > {} {}", edge.step, text(&edge.from), text(&edge.to), edge.count));
    assert_eq!(edges.collect::<Vec<_>>(), case.lines("edge").collect::<Vec<_>>(), "{}", case.name);
}

/// What is no node is passed over before repeats are taken as one, and values are compared exactly,
/// so one page never swallows another that begins alike.
#[test]
fn pitfall_17_repeats_are_taken_as_one_after_filtering() {
    let asked = |events: &str, more: &str, expected: &str| {
        let query = format!(
            r#"query {{"events":[{events}],"anchor":{{"kind":"beginning"}},"range":{{"kind":"between","from":"2026-11-02","to":"2026-11-02"}},"steps":3,"nodes":9,"collapse":true{more}}}"#
        );
        let did = "event 1 2026-11-02T09:00 a {\"page\":\"/buy\"}\nevent 1 2026-11-02T09:01 x\n\
                   event 1 2026-11-02T09:02 a {\"page\":\"/buy/now\"}\nevent 1 2026-11-02T09:03 b {\"page\":\"/\"}\n";
        let text = format!("zone Asia/Shanghai\nas_of 2026-11-10T00:00\n{query}\n{did}{expected}\n");
        holds(&cases::inline(&text));
    };
    let (a, b, x) = (r#"{"event":"a"}"#, r#"{"event":"b"}"#, r#"{"event":"x"}"#);
    asked(&format!("{a},{b}"), "", "node 0 a 1 ends 0\nnode 1 b 1 ends 1\nedge 0 a > b 1");
    let all = "node 0 a 1 ends 0\nnode 1 x 1 ends 0\nnode 2 a 1 ends 0\nedge 0 a > x 1\nedge 1 x > a 1";
    asked(&format!("{a},{b},{x}"), "", all);
    let by_page = "node 0 a=/buy 1 ends 0\nnode 1 a=/buy/now 1 ends 0\nnode 2 b=/ 1 ends 1\nedge 0 a=/buy > a=/buy/now 1\nedge 1 a=/buy/now > b=/ 1";
    asked(&format!("{a},{b}"), r#","split":"page""#, by_page);
    let begins = a.replace('}', r#","filters":[{"property":"page","test":{"op":"is","values":["/buy"]}}]}"#);
    asked(&format!("{begins},{b}"), "", "node 0 a 1 ends 0\nnode 1 b 1 ends 1\nedge 0 a > b 1");
    asked(&begins, "", "node 0 a 1 ends 1");
}

#[test]
fn limits() {
    let query: PathQuery = serde_json::from_str(
        r#"{"events":[{"event":"a"}],"anchor":{"kind":"beginning"},"range":{"kind":"last_days","days":3},"steps":3,"nodes":5}"#,
    )
    .expect("a query");
    query.validate().expect("a valid query");
    let wrong = [
        (PathQuery { events: Vec::new(), ..query.clone() }, "events"),
        (PathQuery { steps: 1, ..query.clone() }, "steps"),
        (PathQuery { steps: 13, ..query.clone() }, "steps"),
        (PathQuery { nodes: 0, ..query.clone() }, "nodes"),
        (PathQuery { gap_seconds: Some(0), ..query.clone() }, "gap_seconds"),
    ];
    for (query, field) in wrong {
        assert_eq!(query.validate().expect_err("a limit").field.as_deref(), Some(field));
    }
    let built = World::new("UTC").build(1);
    let cell = PathCell { step: 3, name: PathName::Other, to: None, ends: false };
    let error = people(&query, &cell, &built.context(), None).expect_err("no such step");
    assert_eq!(error.field.as_deref(), Some("cell.step"));
}
