//! A scan as plain rows, to compare with.

use std::collections::BTreeMap;

use siyu_types::Value;
use siyu_types::value::ValueKind;

use crate::block::{BOOL_MISSING, Column, Scan, ScanBlock, TEXT_MISSING};

/// One row of a scan.
#[derive(Clone, PartialEq, Debug)]
pub struct Flat {
    pub person: u32,
    pub time: i64,
    pub seq: u64,
    pub event: String,
    pub values: Vec<Option<Value>>,
}

/// What a column of the kind holds of a value.
pub fn reading(kind: ValueKind, value: &Value) -> Option<Value> {
    match (kind, value) {
        (ValueKind::Number, _) => value.as_number().map(Value::Number),
        (ValueKind::Text, Value::List(_)) => None,
        (ValueKind::Text, _) => Some(Value::Text(value.display())),
        (ValueKind::Bool, Value::Text(text)) => text.parse().ok().map(Value::Bool),
        (ValueKind::Bool, Value::Bool(_)) | (ValueKind::List, Value::List(_)) => Some(value.clone()),
        (ValueKind::List, Value::Text(text)) => Some(Value::List(vec![text.clone()])),
        _ => None,
    }
}

pub fn flatten(scan: &Scan, columns: &[&str]) -> Vec<Flat> {
    let mut seen = std::collections::BTreeSet::new();
    for (person, _) in scan.blocks.iter().flat_map(|block| block.runs()) {
        assert!(seen.insert(person), "person {person} in two blocks");
    }
    rows(scan, &scan.blocks, columns)
}

/// The same of the loose blocks, by time.
pub fn flatten_loose(scan: &Scan, columns: &[&str]) -> Vec<Flat> {
    let loose = scan.loose.as_ref().expect("every scan has them");
    let owners: BTreeMap<u32, u32> = loose.owners.iter().flat_map(|owners| owners.iter().copied()).collect();
    let mut rows = rows(scan, &loose.blocks, columns);
    rows.iter_mut().for_each(|row| row.person = *owners.get(&row.person).unwrap_or(&row.person));
    rows.sort_by_key(Flat::text);
    rows
}

impl Flat {
    /// All of it, so that rows can be put in one order.
    pub fn text(&self) -> String {
        format!("{self:?}")
    }
}

fn rows(scan: &Scan, blocks: &[ScanBlock], columns: &[&str]) -> Vec<Flat> {
    let mut rows = Vec::new();
    for block in blocks {
        assert!(block.block.persons.is_sorted_by(|a, b| a < b));
        for (person, range) in block.runs() {
            for row in range {
                let value = |name: &&str| read(block.block.columns.get(*name)?, row);
                rows.push(Flat {
                    person,
                    time: block.block.times[row],
                    seq: 0,
                    event: scan.event_names[usize::from(block.block.events[row])].to_string(),
                    values: columns.iter().map(value).collect(),
                });
            }
        }
    }
    rows.sort_by_key(|flat| flat.person);
    rows
}

fn read(column: &Column, row: usize) -> Option<Value> {
    match column {
        Column::Number(numbers) => Some(numbers[row]).filter(|n| !n.is_nan()).map(Value::Number),
        Column::Bool(flags) => Some(flags[row]).filter(|&f| f != BOOL_MISSING).map(|f| Value::Bool(f == 1)),
        Column::Text { codes, dictionary, list } => {
            let text = Some(codes[row]).filter(|&code| code != TEXT_MISSING)?;
            let text = dictionary[text as usize].to_string();
            Some(if *list {
                Value::List(serde_json::from_str(&text).expect("a list"))
            } else {
                Value::Text(text)
            })
        }
    }
}
