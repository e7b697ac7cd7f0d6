//! What can be said of tag values without asking anybody.

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use siyu_types::Value;

use super::model::TagValue;
use crate::people::TagColumn;

/// Values shown of one tag; the others only count for the coverage.
pub const VALUES_SHOWN: usize = 200;

/// How many people have a value, and which ones, most frequent first.
pub fn distribution(column: &TagColumn, people: &RoaringBitmap) -> (u64, Vec<TagValue>) {
    let mut coverage = 0;
    let mut counts: FxHashMap<String, u64> = FxHashMap::default();
    for person in people {
        let Some(value) = column.value(person) else { continue };
        coverage += 1;
        match value {
            Value::List(items) => {
                for item in items {
                    *counts.entry(item).or_default() += 1;
                }
            }
            scalar => *counts.entry(scalar.display()).or_default() += 1,
        }
    }
    let mut values: Vec<TagValue> =
        counts.into_iter().map(|(value, people)| TagValue { value, people }).collect();
    values.sort_unstable_by(|a, b| b.people.cmp(&a.people).then_with(|| a.value.cmp(&b.value)));
    values.truncate(VALUES_SHOWN);
    (coverage, values)
}
