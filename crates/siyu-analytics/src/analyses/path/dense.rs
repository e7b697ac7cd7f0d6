//! Paths with few different nodes, as most are: everything is counted in one pass, in tables by
//! node, and folded afterwards.

use rustc_hash::FxHashMap;
use siyu_events::Scan;
use siyu_types::analysis::{PathEdge, PathName, PathNode};

use super::graph::{Step, described, ranked};
use super::walk::{Node, Walks};
use crate::groups::{MISSING, Slots};
use crate::pass::over_parts;

/// With more different nodes than this in one part, tables of pairs would no longer stay in the
/// second cache.
pub(super) const NODES_MAX: usize = 256;
const UNKNOWN: u32 = u32::MAX;

/// The nodes and edges as they are shown; `None` if there are more than `limit` different nodes.
pub(super) fn count(
    walks: &Walks<'_>,
    scan: &Scan,
    shown: usize,
    limit: usize,
) -> Option<(Vec<PathNode>, Vec<PathEdge>)> {
    let parts = over_parts(scan, |pieces| {
        let mut slots = Slots::growing();
        let mut part = Part::new(walks.steps, scan.event_names.len(), limit);
        for piece in pieces {
            if part.full {
                break;
            }
            walks.each(piece, &mut slots, |_, walk, goes_on| part.add(walk, goes_on));
        }
        (part, slots)
    });
    let mut all = Whole::new(walks.steps);
    for (part, slots) in parts {
        if part.full {
            return None;
        }
        all.take(&part, slots, scan, limit)?;
    }
    Some(all.folded(shown))
}

/// Numbers of nodes in one part, and the tables by them.
struct Part {
    /// By code of the event, of nodes without a value.
    plain: Vec<u32>,
    split: FxHashMap<Node, u32>,
    nodes: Vec<Node>,
    limit: usize,
    full: bool,
    /// By step and node.
    counts: Vec<u64>,
    ends: Vec<u64>,
    /// By step, node and next node.
    edges: Vec<u32>,
}

impl Part {
    fn new(steps: usize, events: usize, limit: usize) -> Part {
        Part {
            plain: vec![UNKNOWN; events],
            split: FxHashMap::default(),
            nodes: Vec::new(),
            limit,
            full: false,
            counts: vec![0; steps * limit],
            ends: vec![0; steps * limit],
            edges: vec![0; steps * limit * limit],
        }
    }

    fn number(&mut self, node: Node) -> usize {
        let next = self.nodes.len() as u32;
        let known = match node {
            (code, MISSING) => &mut self.plain[usize::from(code)],
            _ => self.split.entry(node).or_insert(UNKNOWN),
        };
        if *known == UNKNOWN {
            if next as usize == self.limit {
                self.full = true;
                return 0;
            }
            *known = next;
            self.nodes.push(node);
        }
        *known as usize
    }

    fn add(&mut self, walk: &[Node], goes_on: bool) {
        let mut before = None;
        for (step, node) in walk.iter().enumerate() {
            let own = self.number(*node);
            self.counts[step * self.limit + own] += 1;
            if let Some(before) = before {
                // A part has fewer rows than a u32 can count.
                self.edges[((step - 1) * self.limit + before) * self.limit + own] += 1;
            }
            before = Some(own);
        }
        if let Some(last) = before.filter(|_| !goes_on) {
            self.ends[(walk.len() - 1) * self.limit + last] += 1;
        }
    }
}

/// The parts together.
struct Whole {
    numbers: FxHashMap<PathName, usize>,
    steps: Vec<Step>,
}

impl Whole {
    fn new(steps: usize) -> Whole {
        Whole { numbers: FxHashMap::default(), steps: vec![Step::default(); steps] }
    }

    /// `None` if there are too many nodes now.
    fn take(&mut self, part: &Part, slots: Slots<'_>, scan: &Scan, limit: usize) -> Option<()> {
        let values: FxHashMap<u32, String> = match slots {
            Slots::Growing(slots) => slots.into_iter().map(|(name, slot)| (slot, name)).collect(),
            Slots::Fixed(_) | Slots::Bins(_) => FxHashMap::default(),
        };
        let numbers: Vec<usize> = part
            .nodes
            .iter()
            .map(|(code, slot)| {
                let event = scan.event_names[usize::from(*code)].to_string();
                let next = self.numbers.len();
                *self
                    .numbers
                    .entry(PathName::Event { event, value: values.get(slot).cloned() })
                    .or_insert(next)
            })
            .collect();
        let width = self.numbers.len();
        if width > limit {
            return None;
        }
        for (step, own) in self.steps.iter_mut().enumerate() {
            own.widen(width);
            for (from, &to) in numbers.iter().enumerate() {
                let at = step * part.limit + from;
                own.counts[to] += part.counts[at];
                own.ends[to] += part.ends[at];
                let edges = &part.edges[at * part.limit..][..numbers.len()];
                numbers.iter().zip(edges).for_each(|(next, count)| own.edges[to][*next] += u64::from(*count));
            }
        }
        Some(())
    }

    fn folded(self, shown: usize) -> (Vec<PathNode>, Vec<PathEdge>) {
        let mut by_number: Vec<PathName> = vec![PathName::Other; self.numbers.len()];
        for (name, number) in self.numbers {
            by_number[number] = name;
        }
        let names: Vec<Vec<PathName>> = self
            .steps
            .iter()
            .map(|step| ranked(by_number.iter().cloned().zip(step.counts.iter().copied()).collect(), shown))
            .collect();
        let position = |step: usize, number: usize| {
            let at = names[step].iter().position(|name| *name == by_number[number]);
            at.unwrap_or(names[step].len())
        };
        let positions: Vec<Vec<usize>> = (0..names.len())
            .map(|step| (0..by_number.len()).map(|number| position(step, number)).collect())
            .collect();
        let width = |step: usize| names.get(step).map_or(0, |names| names.len() + 1);
        let mut folded: Vec<Step> =
            (0..names.len()).map(|step| Step::new(width(step), width(step + 1))).collect();
        for (step, own) in self.steps.iter().enumerate() {
            for (number, &at) in positions[step].iter().enumerate() {
                folded[step].counts[at] += own.counts.get(number).copied().unwrap_or_default();
                folded[step].ends[at] += own.ends.get(number).copied().unwrap_or_default();
                let Some(next) = positions.get(step + 1) else { continue };
                for (edges, to) in own.edges.get(number).into_iter().flatten().zip(next) {
                    folded[step].edges[at][*to] += edges;
                }
            }
        }
        described(folded, &names)
    }
}

impl Step {
    /// Makes room for more nodes.
    fn widen(&mut self, width: usize) {
        self.counts.resize(width, 0);
        self.ends.resize(width, 0);
        self.edges.resize(width, Vec::new());
        self.edges.iter_mut().for_each(|edges| edges.resize(width, 0));
    }
}
