//! What is counted of an hour and of a day.

use serde::{Deserialize, Serialize};
use siyu_types::clock::Millis;
use siyu_types::{Props, Value};

use crate::protocols::ReasonCode;

pub const HOUR: Millis = 60 * 60 * 1000;
/// Properties of one event on one day.
pub const PROPERTIES_MAX: usize = 100;

/// Upper bounds of the classes of lateness, receipt after event; the last class has none.
pub const LATE_BOUNDS: [Millis; LATE - 1] = [
    1_000,
    10_000,
    60_000,
    5 * 60_000,
    15 * 60_000,
    HOUR,
    6 * HOUR,
    24 * HOUR,
    3 * 24 * HOUR,
    7 * 24 * HOUR,
    30 * 24 * HOUR,
];
const LATE: usize = 12;

/// Texts of Sensors' clients that stand for "nothing" (reference/01 §2a.4).
const PLACEHOLDERS: &[&str] = &["未取到值", "取值异常"];

#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Applied.
    pub records: u64,
    pub duplicates: u64,
    /// Refused or held back.
    pub rejected: u64,
    /// Applied records by class of lateness.
    pub late: [u32; LATE],
}

impl Counts {
    pub fn add(&mut self, other: &Counts) {
        self.records += other.records;
        self.duplicates += other.duplicates;
        self.rejected += other.rejected;
        self.late.iter_mut().zip(&other.late).for_each(|(to, from)| *to = to.saturating_add(*from));
    }
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct HourCell {
    /// Hours since 1970.
    pub at: i64,
    pub counts: Counts,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct DayCell {
    /// Days since 1970, in UTC.
    pub at: i64,
    pub counts: Counts,
    pub reasons: Vec<(ReasonCode, u64)>,
    /// In the order of their names.
    pub properties: Vec<PropertyCell>,
    /// Values of properties beyond [`PROPERTIES_MAX`].
    pub others: u64,
    /// Events that were looked at for properties.
    pub looked_at: u64,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct PropertyCell {
    pub name: Box<str>,
    pub present: u64,
    /// Of those present: empty texts, empty lists and placeholders.
    pub empty: u64,
    /// Of those present: truth values, numbers, texts, lists.
    pub kinds: [u64; 4],
}

impl DayCell {
    pub fn new(at: i64) -> DayCell {
        let counts = Counts::default();
        DayCell { at, counts, reasons: Vec::new(), properties: Vec::new(), others: 0, looked_at: 0 }
    }

    /// Both sides are in the order of names, and an event mostly has the same
    /// properties as the one before, so one walk side by side is enough.
    pub fn look(&mut self, props: &Props, room: bool) {
        self.looked_at += 1;
        let mut at = 0;
        for (name, value) in props {
            while self.properties.get(at).is_some_and(|known| *known.name < **name) {
                at += 1;
            }
            if self.properties.get(at).is_none_or(|known| *known.name != **name) {
                if !room || self.properties.len() >= PROPERTIES_MAX {
                    self.others += 1;
                    continue;
                }
                let cell = PropertyCell { name: name.as_str().into(), present: 0, empty: 0, kinds: [0; 4] };
                self.properties.insert(at, cell);
            }
            let cell = &mut self.properties[at];
            cell.present += 1;
            let (kind, empty) = match value {
                Value::Bool(_) => (0, false),
                Value::Number(_) => (1, false),
                Value::Text(text) => (2, text.is_empty() || PLACEHOLDERS.contains(&text.as_str())),
                Value::List(items) => (3, items.is_empty()),
            };
            cell.kinds[kind] += 1;
            cell.empty += u64::from(empty);
            at += 1;
        }
    }
}

/// The class of a lateness; what lies ahead of its receipt is not late.
pub fn late_class(late: Millis) -> usize {
    LATE_BOUNDS.iter().position(|bound| late <= *bound).unwrap_or(LATE - 1)
}
