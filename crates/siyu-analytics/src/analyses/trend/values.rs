//! Measures that are made of all their values: smallest, largest, quantiles, different ones.

use rustc_hash::{FxHashMap, FxHashSet};
use siyu_events::Block;
use siyu_types::analysis::Measure;

use super::collect::Plan;
use crate::buckets::Buckets;
use crate::groups::{MISSING, Reader, Slots};
use crate::masks::Numbers;
use crate::pass::{People, over_parts};
use crate::summary::quantile;

/// The values of one cell.
#[derive(Clone, Debug)]
pub(super) enum Values {
    Numbers(Vec<f64>),
    /// Different values by their numbers.
    Keys(FxHashSet<u32>),
}

impl Values {
    fn of(measure: &Measure) -> Values {
        match measure {
            Measure::Distinct { .. } => Values::Keys(FxHashSet::default()),
            _ => Values::Numbers(Vec::new()),
        }
    }

    pub(super) fn merge(&mut self, other: &Values) {
        match (self, other) {
            (Values::Numbers(own), Values::Numbers(more)) => own.extend(more),
            (Values::Keys(own), Values::Keys(more)) => own.extend(more),
            // All cells of a series are alike.
            _ => {}
        }
    }

    pub(super) fn value(&self, measure: &Measure) -> Option<f64> {
        match (self, measure) {
            (Values::Keys(keys), _) => Some(keys.len() as f64),
            (Values::Numbers(numbers), Measure::Min { .. }) => {
                numbers.iter().copied().min_by(f64::total_cmp).map(|number| number + 0.0)
            }
            (Values::Numbers(numbers), Measure::Max { .. }) => {
                numbers.iter().copied().max_by(f64::total_cmp).map(|number| number + 0.0)
            }
            (Values::Numbers(numbers), Measure::Quantile { percent, .. }) if !numbers.is_empty() => {
                let mut sorted = numbers.clone();
                sorted.sort_unstable_by(f64::total_cmp);
                Some(quantile(&sorted, f64::from(*percent) / 100.0) + 0.0)
            }
            _ => None,
        }
    }
}

/// The cells of one group: a bucket each, how many events there are, and the values of all.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) events: u64,
    pub(super) buckets: Vec<Values>,
}

/// What a series reads of a block.
enum On<'b> {
    Numbers(Numbers<'b>),
    Keys(Reader<'b>),
}

/// By slot, of groups with these numbers.
pub(super) fn rows(
    plan: &Plan<'_>,
    measure: &Measure,
    chosen: &People,
    buckets: &Buckets,
    names: &FxHashMap<String, u32>,
    slots: usize,
) -> Vec<Row> {
    let empty = Row { events: 0, buckets: vec![Values::of(measure); buckets.len()] };
    let parts = over_parts(plan.scan, |pieces| {
        let mut rows = vec![empty.clone(); slots];
        let mut own = Slots::listed();
        for piece in pieces {
            let mut reader = plan.groups.on(piece.block);
            let mut on = read(measure, piece.block);
            let (mut groups, mut keys) = (Vec::new(), Vec::new());
            let mut fixed = Slots::Fixed(names);
            plan.each_match(piece, chosen, |person, row, time| {
                reader.read(person, row, &mut fixed, &mut groups);
                let bucket = buckets.edges.index(time);
                if let On::Keys(reader) = &mut on {
                    reader.read(row, &mut own, &mut keys);
                }
                for &slot in &groups {
                    let cells = &mut rows[slot as usize];
                    cells.events += 1;
                    match (&on, &mut cells.buckets[bucket]) {
                        (On::Numbers(numbers), Values::Numbers(found)) => {
                            found.extend(Some(numbers.at(row)).filter(|number| !number.is_nan()));
                        }
                        (On::Keys(_), Values::Keys(found)) => {
                            found.extend(keys.iter().filter(|key| **key != MISSING));
                        }
                        _ => {}
                    }
                }
            });
        }
        (rows, own)
    });
    merged(parts, empty, slots)
}

fn read<'b>(measure: &Measure, block: &'b Block) -> On<'b> {
    let column = measure.property().and_then(|name| block.columns.get(name));
    match measure {
        Measure::Distinct { .. } => On::Keys(Reader::of_events(column)),
        _ => On::Numbers(Numbers::new(column)),
    }
}

/// Each part numbers values in its own way; together they have one.
fn merged(parts: Vec<(Vec<Row>, Slots<'static>)>, empty: Row, slots: usize) -> Vec<Row> {
    let mut all = vec![empty; slots];
    let mut common = Slots::growing();
    for (rows, own) in parts {
        let mut numbers: FxHashMap<u32, u32> = FxHashMap::default();
        for (into, from) in all.iter_mut().zip(rows) {
            into.events += from.events;
            for (into, from) in into.buckets.iter_mut().zip(from.buckets) {
                let from = match from {
                    Values::Keys(keys) => {
                        let common = keys
                            .into_iter()
                            .map(|key| *numbers.entry(key).or_insert_with(|| common.of(own.name(key))));
                        Values::Keys(common.collect())
                    }
                    numbers => numbers,
                };
                into.merge(&from);
            }
        }
    }
    all
}
