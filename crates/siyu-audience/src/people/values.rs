//! The values of an attribute and how many people have them.

use rustc_hash::FxHashMap;
use siyu_analytics::AttributeColumn;
use siyu_events::block::{BOOL_MISSING, TEXT_MISSING};
use siyu_types::Value;

/// The most frequent values that start with `prefix`, ignoring case. Columns hold
/// values only of living people, so that nobody has to be asked for.
pub fn frequent(column: AttributeColumn<'_>, prefix: &str, limit: usize) -> Vec<(String, u64)> {
    let mut found = match column {
        AttributeColumn::Text { codes, dictionary } => coded(codes, dictionary),
        AttributeColumn::List { codes, dictionary, .. } => coded(codes, dictionary),
        AttributeColumn::Bool(flags) => {
            let count =
                |wanted: u8| flags.iter().filter(|flag| **flag == wanted && **flag != BOOL_MISSING).count();
            vec![("true".to_owned(), count(1) as u64), ("false".to_owned(), count(0) as u64)]
        }
        AttributeColumn::Number(values) => {
            let mut counts: FxHashMap<u64, u64> = FxHashMap::default();
            for value in values.iter().filter(|value| !value.is_nan()) {
                *counts.entry(value.to_bits()).or_default() += 1;
            }
            let text = |bits: u64| Value::Number(f64::from_bits(bits)).display();
            counts.into_iter().map(|(bits, count)| (text(bits), count)).collect()
        }
    };
    let prefix = prefix.to_lowercase();
    found.retain(|(value, count)| *count > 0 && value.to_lowercase().starts_with(&prefix));
    found.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    found.truncate(limit);
    found
}

fn coded(codes: &[u32], dictionary: &[Box<str>]) -> Vec<(String, u64)> {
    let mut counts = vec![0u64; dictionary.len()];
    for code in codes.iter().filter(|code| **code != TEXT_MISSING) {
        counts[*code as usize] += 1;
    }
    dictionary.iter().map(|text| text.to_string()).zip(counts).collect()
}
