//! Cross tables by asking of every event or person, for tests.

use std::collections::{BTreeMap, BTreeSet};

use siyu_types::analysis::{
    CrosstabDimension, CrosstabKey, CrosstabMeasure, CrosstabQuery, GROUPS_MAX, Group,
};

use crate::testing::{Event, World, plain};
use crate::values::text_number;

/// Whose it is, and its rows and columns, the rest not yet folded.
pub(super) type Seen = (u32, [Vec<CrosstabKey>; 2]);

fn keys(world: &World, dimension: &CrosstabDimension, person: u32, events: &[&Event]) -> Vec<CrosstabKey> {
    match dimension {
        CrosstabDimension::Segments { segments } => {
            let of = segments.iter().filter(|id| world.segments[id].contains(&person));
            let of: Vec<_> = of.map(|id| CrosstabKey::Segment { segment: *id }).collect();
            if of.is_empty() { vec![CrosstabKey::Missing] } else { of }
        }
        CrosstabDimension::Values { by, edges, .. } => {
            let groups = plain::groups(world, Some(by), person, events);
            let key = |group: Group| match group {
                Group::Value { value } if edges.is_empty() => CrosstabKey::Value { value },
                Group::Value { value } => bin(text_number(&value), edges),
                _ => CrosstabKey::Missing,
            };
            let mut keys: Vec<CrosstabKey> = Vec::new();
            for key in groups.into_iter().map(key) {
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
            keys
        }
    }
}

fn bin(number: f64, edges: &[f64]) -> CrosstabKey {
    if number.is_nan() {
        return CrosstabKey::Missing;
    }
    let from = edges.iter().copied().filter(|edge| *edge <= number).reduce(f64::max);
    let to = edges.iter().copied().find(|edge| *edge > number);
    CrosstabKey::Bin { from, to }
}

pub(super) fn seen(query: &CrosstabQuery, world: &World) -> Vec<Seen> {
    let people = plain::chosen(world, query.segment);
    let mut all = Vec::new();
    for &person in &people {
        let both = |events: &[&Event]| {
            [keys(world, &query.rows, person, events), keys(world, &query.columns, person, events)]
        };
        match &query.event {
            None => all.push((person, both(&[]))),
            Some(event) => {
                let (from, to) = plain::days(world, &query.range, &people, event);
                for event in plain::known(world, person, event) {
                    if (from..=to).contains(&plain::date(world, event)) {
                        all.push((person, both(&[event])));
                    }
                }
            }
        }
    }
    for axis in 0..2 {
        let dimension = if axis == 0 { &query.rows } else { &query.columns };
        fold(query, dimension, axis, &mut all);
    }
    all
}

/// Puts what is not among the largest values into the rest.
fn fold(query: &CrosstabQuery, dimension: &CrosstabDimension, axis: usize, all: &mut [Seen]) {
    let CrosstabDimension::Values { top, .. } = dimension else { return };
    let mut sizes: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for (person, keys) in all.iter() {
        for key in &keys[axis] {
            if let CrosstabKey::Value { value } = key {
                sizes.entry(value.clone()).or_default().push(*person);
            }
        }
    }
    let mut sizes: Vec<(String, usize)> =
        sizes.into_iter().map(|(value, people)| (value, size(query, &people))).collect();
    sizes.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    let shown: BTreeSet<String> =
        sizes.into_iter().take(GROUPS_MAX.min(*top as usize)).map(|(value, _)| value).collect();
    for (_, keys) in all.iter_mut() {
        let rest = |key: &CrosstabKey| matches!(key, CrosstabKey::Value { value } if !shown.contains(value));
        if keys[axis].iter().any(rest) {
            keys[axis].retain(|key| !rest(key));
            keys[axis].push(CrosstabKey::Other);
        }
    }
}

/// Of those who were seen, once for each time.
pub(super) fn size(query: &CrosstabQuery, people: &[u32]) -> usize {
    match query.measure {
        CrosstabMeasure::Events => people.len(),
        CrosstabMeasure::People => people.iter().collect::<BTreeSet<_>>().len(),
    }
}

/// Who has a row and a column, or any; once for each time.
pub(super) fn people(seen: &[Seen], row: Option<&CrosstabKey>, column: Option<&CrosstabKey>) -> Vec<u32> {
    let has = |keys: &[CrosstabKey], key: Option<&CrosstabKey>| key.is_none_or(|key| keys.contains(key));
    let found = seen.iter().filter(|(_, keys)| has(&keys[0], row) && has(&keys[1], column));
    found.map(|(person, _)| *person).collect()
}
