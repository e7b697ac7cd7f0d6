//! Paths by walking through every session, for tests.

use std::collections::BTreeMap;

use siyu_types::Value;
use siyu_types::analysis::{EventMatch, PathAnchor, PathCell, PathEdge, PathName, PathNode, PathQuery};

use crate::testing::plain;
use crate::testing::{Event, World};
use crate::values::keys;

/// A path, its person, and whether it goes on.
#[derive(Clone, Debug)]
pub(super) struct Path {
    pub(super) person: u32,
    pub(super) nodes: Vec<PathName>,
    goes_on: bool,
}

fn events(query: &PathQuery) -> Vec<&EventMatch> {
    let anchor = match &query.anchor {
        PathAnchor::Beginning => None,
        PathAnchor::From { event } | PathAnchor::To { event } => Some(event),
    };
    query.events.iter().chain(anchor).collect()
}

fn name(query: &PathQuery, event: &Event) -> PathName {
    let value = query.split.as_ref().and_then(|split| event.props.get(split));
    let value = value.filter(|value| !matches!(value, Value::List(_)));
    PathName::Event {
        event: event.name.clone(),
        value: value.and_then(|value| keys(value).into_iter().next()),
    }
}

pub(super) fn paths(query: &PathQuery, world: &World) -> Vec<Path> {
    let people = plain::chosen(world, query.segment);
    let asked = events(query);
    let all = asked.iter().map(|event| plain::days(world, &query.range, &people, event));
    let (from, to) = all.reduce(|a, b| (a.0.min(b.0), a.1)).expect("at least one event");
    let mut paths = Vec::new();
    for person in people {
        let mut sessions: Vec<Vec<&Event>> = Vec::new();
        for event in world.events_of(person) {
            let in_range = (from..=to).contains(&plain::date(world, event));
            let counts =
                event.time <= world.as_of && asked.iter().any(|asked| plain::matches(world, event, asked));
            if !counts || (query.gap_seconds.is_none() && !in_range) {
                continue;
            }
            let stays = sessions.last().is_some_and(|session: &Vec<&Event>| {
                let last = session[session.len() - 1].time;
                query.gap_seconds.is_none_or(|gap| event.time - last < i64::from(gap) * 1_000)
            });
            match sessions.last_mut().filter(|_| stays) {
                Some(session) => session.push(event),
                None => sessions.push(vec![event]),
            }
        }
        sessions.retain(|session| (from..=to).contains(&plain::date(world, session[0])));
        for session in sessions {
            let anchored = |event: &EventMatch| session.iter().position(|e| plain::matches(world, e, event));
            let walked: Vec<&Event> = match &query.anchor {
                PathAnchor::Beginning => session,
                PathAnchor::From { event } => match anchored(event) {
                    Some(at) => session[at..].to_vec(),
                    None => continue,
                },
                PathAnchor::To { event } => match anchored(event) {
                    Some(at) => session[..=at].iter().rev().copied().collect(),
                    None => continue,
                },
            };
            let mut nodes: Vec<PathName> = walked.iter().map(|event| name(query, event)).collect();
            if query.collapse {
                nodes.dedup();
            }
            let goes_on = nodes.len() > query.steps as usize;
            nodes.truncate(query.steps as usize);
            paths.push(Path { person, nodes, goes_on });
        }
    }
    paths
}

/// The nodes of each step that are shown on their own.
fn kept(query: &PathQuery, paths: &[Path]) -> Vec<Vec<PathName>> {
    let step = |step: usize| {
        let mut counts: BTreeMap<&PathName, u64> = BTreeMap::new();
        for name in paths.iter().filter_map(|path| path.nodes.get(step)) {
            *counts.entry(name).or_default() += 1;
        }
        let mut found: Vec<_> = counts.into_iter().collect();
        found.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        found.into_iter().take(query.nodes as usize).map(|(name, _)| name.clone()).collect()
    };
    (0..query.steps as usize).map(step).collect()
}

fn folded(kept: &[Vec<PathName>], step: usize, name: &PathName) -> PathName {
    if kept[step].contains(name) { name.clone() } else { PathName::Other }
}

pub(super) fn graph(query: &PathQuery, paths: &[Path]) -> (Vec<PathNode>, Vec<PathEdge>) {
    let kept = kept(query, paths);
    let (mut nodes, mut edges) = (Vec::new(), Vec::new());
    for step in 0..query.steps as usize {
        let shown = |step: usize| kept[step].iter().cloned().chain([PathName::Other]);
        for name in shown(step) {
            let here = |path: &&Path| path.nodes.get(step).is_some_and(|n| folded(&kept, step, n) == name);
            let here: Vec<&Path> = paths.iter().filter(here).collect();
            let ends =
                here.iter().filter(|path| path.nodes.len() == step + 1 && !path.goes_on).count() as u64;
            if here.is_empty() {
                continue;
            }
            nodes.push(PathNode { step: step as u32, name: name.clone(), count: here.len() as u64, ends });
            if step + 1 == query.steps as usize {
                continue;
            }
            for to in shown(step + 1) {
                let there = |path: &&&Path| {
                    path.nodes.get(step + 1).is_some_and(|next| folded(&kept, step + 1, next) == to)
                };
                let count = here.iter().filter(there).count() as u64;
                if count > 0 {
                    edges.push(PathEdge { step: step as u32, from: name.clone(), to, count });
                }
            }
        }
    }
    (nodes, edges)
}

pub(super) fn people(query: &PathQuery, paths: &[Path], cell: &PathCell) -> Vec<u32> {
    let kept = kept(query, paths);
    let is = |path: &Path, step: usize, asked: &PathName| {
        path.nodes.get(step).is_some_and(|name| match asked {
            PathName::Other => folded(&kept, step, name) == PathName::Other,
            PathName::Event { .. } => name == asked,
        })
    };
    let step = cell.step as usize;
    let found = paths.iter().filter(|path| {
        is(path, step, &cell.name)
            && cell.to.as_ref().is_none_or(|to| step + 1 < kept.len() && is(path, step + 1, to))
            && (!cell.ends || (path.nodes.len() == step + 1 && !path.goes_on))
    });
    let mut people: Vec<u32> = found.map(|path| path.person).collect();
    people.sort_unstable();
    people.dedup();
    people
}
