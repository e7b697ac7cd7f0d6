//! From paths to a graph of which the largest nodes are shown.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use siyu_events::Scan;
use siyu_types::analysis::{PathCell, PathEdge, PathName, PathNode};

use super::walk::{Node, Walks};
use crate::groups::{MISSING, Slots, fixed};
use crate::pass::over_parts;

/// The nodes shown on their own, by step, largest first.
pub(super) struct Kept {
    names: Vec<Vec<PathName>>,
    /// Slots of the values they have.
    slots: FxHashMap<String, u32>,
    /// Index into the step's names.
    index: Vec<FxHashMap<Node, usize>>,
}

impl Kept {
    pub(super) fn largest(walks: &Walks<'_>, scan: &Scan, nodes: usize) -> Kept {
        let mut counts: Vec<BTreeMap<PathName, u64>> = vec![BTreeMap::new(); walks.steps];
        for (part, slots) in by_node(walks, scan) {
            let Slots::Growing(slots) = slots else { continue };
            let values: FxHashMap<u32, String> = slots.into_iter().map(|(name, slot)| (slot, name)).collect();
            for (step, found) in part.into_iter().enumerate() {
                for ((code, slot), count) in found {
                    let event = scan.event_names[usize::from(code)].to_string();
                    let name = PathName::Event { event, value: values.get(&slot).cloned() };
                    *counts[step].entry(name).or_default() += count;
                }
            }
        }
        let names = counts.into_iter().map(|counts| ranked(counts.into_iter().collect(), nodes)).collect();
        Kept::of(names, scan)
    }

    fn of(names: Vec<Vec<PathName>>, scan: &Scan) -> Kept {
        let value = |name: &PathName| match name {
            PathName::Event { value, .. } => value.clone(),
            PathName::Other => None,
        };
        let mut values: Vec<String> = names.iter().flatten().filter_map(value).collect();
        values.sort_unstable();
        values.dedup();
        let slots = fixed(&values);
        let node = |name: &PathName| match name {
            PathName::Event { event, value } => {
                let slot = value.as_ref().map_or(Some(MISSING), |value| slots.get(value).copied());
                Some((scan.event_code(event)?, slot?))
            }
            PathName::Other => None,
        };
        let index = names.iter().map(|names| {
            names.iter().enumerate().filter_map(|(index, name)| Some((node(name)?, index))).collect()
        });
        Kept { index: index.collect(), names, slots }
    }

    /// Where a node stands among those of its step; behind them if it is not shown on its own.
    fn position(&self, step: usize, node: &Node) -> usize {
        self.index[step].get(node).copied().unwrap_or(self.names[step].len())
    }

    /// Nodes of a step, the others as one.
    fn width(&self, step: usize) -> usize {
        self.names[step].len() + 1
    }
}

type Counts = Vec<FxHashMap<Node, u64>>;

/// How many paths have a node at a step, part by part.
fn by_node<'m>(walks: &Walks<'_>, scan: &Scan) -> Vec<(Counts, Slots<'m>)> {
    over_parts(scan, |pieces| {
        let mut counts: Counts = vec![FxHashMap::default(); walks.steps];
        let mut slots = Slots::growing();
        for piece in pieces {
            walks.each(piece, &mut slots, |_, walk, _| {
                for (counts, node) in counts.iter_mut().zip(walk) {
                    *counts.entry(*node).or_default() += 1;
                }
            });
        }
        (counts, slots)
    })
}

/// What the nodes of one step come to.
#[derive(Clone, Default)]
pub(super) struct Step {
    pub(super) counts: Vec<u64>,
    pub(super) ends: Vec<u64>,
    /// By node of this step, then of the next.
    pub(super) edges: Vec<Vec<u64>>,
}

impl Step {
    pub(super) fn new(width: usize, next: usize) -> Step {
        Step { counts: vec![0; width], ends: vec![0; width], edges: vec![vec![0; next]; width] }
    }
}

/// The nodes and edges as they are shown, of paths with any number of different nodes.
pub(super) fn count(walks: &Walks<'_>, scan: &Scan, kept: &Kept) -> (Vec<PathNode>, Vec<PathEdge>) {
    let empty: Vec<Step> = (0..walks.steps)
        .map(|step| {
            let (width, next) =
                (kept.width(step), if step + 1 < walks.steps { kept.width(step + 1) } else { 0 });
            Step::new(width, next)
        })
        .collect();
    let parts = over_parts(scan, |pieces| {
        let mut steps = empty.clone();
        let mut slots = Slots::Fixed(&kept.slots);
        for piece in pieces {
            walks.each(piece, &mut slots, |_, walk, goes_on| {
                for (step, node) in walk.iter().enumerate() {
                    let position = kept.position(step, node);
                    steps[step].counts[position] += 1;
                    match walk.get(step + 1) {
                        Some(next) => steps[step].edges[position][kept.position(step + 1, next)] += 1,
                        None => steps[step].ends[position] += u64::from(!goes_on),
                    }
                }
            });
        }
        steps
    });
    let mut all = empty;
    for part in parts {
        for (own, more) in all.iter_mut().zip(part) {
            add(&mut own.counts, &more.counts);
            add(&mut own.ends, &more.ends);
            own.edges.iter_mut().zip(&more.edges).for_each(|(own, more)| add(own, more));
        }
    }
    described(all, &kept.names)
}

/// The nodes and edges by their names; behind the names of a step stand all others.
pub(super) fn described(steps: Vec<Step>, names: &[Vec<PathName>]) -> (Vec<PathNode>, Vec<PathEdge>) {
    let name = |step: usize, at: usize| names[step].get(at).cloned().unwrap_or(PathName::Other);
    let (mut nodes, mut edges) = (Vec::new(), Vec::new());
    for (step, found) in steps.into_iter().enumerate() {
        for position in (0..found.counts.len()).filter(|position| found.counts[*position] > 0) {
            for (to, count) in found.edges[position].iter().enumerate().filter(|(_, count)| **count > 0) {
                let (from, to) = (name(step, position), name(step + 1, to));
                edges.push(PathEdge { step: step as u32, from, to, count: *count });
            }
            let (count, ends) = (found.counts[position], found.ends[position]);
            nodes.push(PathNode { step: step as u32, name: name(step, position), count, ends });
        }
    }
    (nodes, edges)
}

/// The largest, by name where the counts are the same; never one that nobody passed.
pub(super) fn ranked(mut found: Vec<(PathName, u64)>, nodes: usize) -> Vec<PathName> {
    found.retain(|(_, count)| *count > 0);
    found.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    found.into_iter().take(nodes).map(|(name, _)| name).collect()
}

fn add(own: &mut [u64], more: &[u64]) {
    own.iter_mut().zip(more).for_each(|(own, more)| *own += more);
}

/// The people with a path through a cell. A node that is not shown on its own may be asked for;
/// "other" means what the answer folds.
pub(super) fn people(walks: &Walks<'_>, scan: &Scan, kept: &Kept, cell: &PathCell) -> RoaringBitmap {
    let step = cell.step as usize;
    let mut names = kept.names.clone();
    let asked = |names: &mut Vec<Vec<PathName>>, step: usize, name: &PathName| match name {
        PathName::Other => names[step].len(),
        PathName::Event { .. } => {
            names[step] = vec![name.clone()];
            0
        }
    };
    let here = asked(&mut names, step, &cell.name);
    let next = match &cell.to {
        None => None,
        Some(_) if step + 1 >= walks.steps => return RoaringBitmap::new(),
        Some(to) => Some(asked(&mut names, step + 1, to)),
    };
    let kept = Kept::of(names, scan);
    let parts = over_parts(scan, |pieces| {
        let mut found: Vec<u32> = Vec::new();
        let mut slots = Slots::Fixed(&kept.slots);
        for piece in pieces {
            walks.each(piece, &mut slots, |person, walk, goes_on| {
                let is = |step: usize, asked: usize| {
                    walk.get(step).is_some_and(|node| kept.position(step, node) == asked)
                };
                let ends = !cell.ends || (walk.len() == step + 1 && !goes_on);
                if ends && is(step, here) && next.is_none_or(|next| is(step + 1, next)) {
                    found.push(person);
                }
            });
        }
        found
    });
    parts.into_iter().flatten().collect()
}
