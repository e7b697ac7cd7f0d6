//! How things are called in a table.

use std::collections::BTreeMap;

use siyu_types::analysis::{ANY_EVENT, Breakdown, Group, Interval};
use siyu_types::record::names::MONEY_SUFFIX;

use super::words::{self, Word};
use super::{ColumnKind, Language, Wording};

const SECOND: i64 = 1_000;
const UNITS: [(i64, Word); 3] = [
    (86_400 * SECOND, words::DAY_UNIT),
    (3_600 * SECOND, words::HOUR_UNIT),
    (60 * SECOND, words::MINUTE_UNIT),
];

/// The words of one table.
pub(super) struct Said<'a> {
    pub(super) wording: &'a Wording,
    pub(super) segments: BTreeMap<i64, &'a str>,
    /// What the question is split by first.
    pub(super) breakdown: Option<&'a Breakdown>,
    /// Of the project's currency.
    pub(super) decimals: i32,
}

impl Said<'_> {
    pub(super) fn word(&self, word: Word) -> &'static str {
        word.in_language(self.wording.language)
    }

    pub(super) fn chinese(&self) -> bool {
        self.wording.language == Language::Chinese
    }

    /// As the caller calls it, or by its own name.
    pub(super) fn name(&self, name: &str) -> String {
        match self.wording.names.get(name) {
            Some(called) => called.clone(),
            None if name == ANY_EVENT => self.word(words::ANYTHING).to_owned(),
            None => name.to_owned(),
        }
    }

    pub(super) fn segment(&self, id: i64) -> String {
        self.segments.get(&id).map_or_else(|| id.to_string(), |name| (*name).to_owned())
    }

    pub(super) fn value(&self, value: &str) -> String {
        let class = words::CLASSES.into_iter().find(|(name, _)| *name == value);
        match class {
            Some((_, word)) => self.word(word).to_owned(),
            None if value.is_empty() => self.word(words::EMPTY).to_owned(),
            None => self.name(value),
        }
    }

    pub(super) fn group(&self, group: &Group) -> String {
        let by_segment = matches!(self.breakdown, Some(Breakdown::Segments { .. }));
        match group {
            Group::Value { value } if by_segment => {
                value.parse().map_or_else(|_| value.clone(), |id| self.segment(id))
            }
            Group::Value { value } => self.value(value),
            Group::Missing if by_segment => self.word(words::NO_SEGMENT).to_owned(),
            Group::Missing => self.word(words::MISSING).to_owned(),
            Group::Whole => self.word(words::WHOLE).to_owned(),
            Group::NotReached => self.word(words::NOT_REACHED).to_owned(),
            Group::Other => self.word(words::OTHER).to_owned(),
            Group::Several { of } => {
                let mut parts = of.iter();
                let first = parts.next().map(|part| self.group(part));
                // Only the first breakdown may be by segments.
                let rest = Said { segments: BTreeMap::new(), breakdown: None, ..*self };
                let all: Vec<_> = first.into_iter().chain(parts.map(|part| rest.group(part))).collect();
                all.join(" · ")
            }
        }
    }

    /// `2 – 3`, `below 2`, `3 and more`.
    pub(super) fn between(&self, from: Option<String>, to: Option<String>) -> String {
        match (from, to) {
            (None, Some(to)) => format!("{} {to}", self.word(words::BELOW)),
            (Some(from), None) => format!("{from} {}", self.word(words::AND_MORE)),
            (Some(from), Some(to)) => format!("{from} – {to}"),
            (None, None) => self.word(words::WHOLE).to_owned(),
        }
    }

    /// `第 3 天`, `After 3 days` of an interval.
    pub(super) fn after(&self, interval: Interval, first: u32, last: u32) -> String {
        let unit = match interval {
            Interval::Day => &words::INTERVALS[0],
            Interval::Week | Interval::SundayWeek => &words::INTERVALS[1],
            Interval::Month => &words::INTERVALS[2],
        };
        let unit = unit.in_language(self.wording.language);
        let which = if first == last { first.to_string() } else { format!("{first}–{last}") };
        if self.chinese() { format!("第 {which} {unit}") } else { format!("{unit} {which}") }
    }

    /// An amount in minor units, as a number of whole ones.
    pub(super) fn amount(&self, minor: f64) -> String {
        format!("{:.*}", self.decimals as usize, minor / 10f64.powi(self.decimals))
    }

    /// A length of time in the largest unit that is not below one.
    pub(super) fn duration(&self, millis: i64) -> String {
        let unit = UNITS.into_iter().find(|(size, _)| millis >= *size);
        let (size, word) = unit.unwrap_or((SECOND, words::SECOND_UNIT));
        let number = (millis as f64 / size as f64 * 10.0).round() / 10.0;
        format!("{number} {}", self.word(word))
    }
}

/// Whether numbers of a property are money.
pub(super) fn is_money(property: &str) -> bool {
    property.ends_with(MONEY_SUFFIX)
}

/// Amounts of gains: orders and properties of money are in minor units, others in parts.
pub(super) struct Amounts {
    pub(super) kind: ColumnKind,
    unit: f64,
}

impl Amounts {
    /// `worth`: the property that says what an event is worth; orders have none.
    pub(super) fn of(worth: Option<&str>, unit: i64) -> Amounts {
        match worth {
            Some(property) if !is_money(property) => {
                Amounts { kind: ColumnKind::Number, unit: unit.max(1) as f64 }
            }
            _ => Amounts { kind: ColumnKind::Money, unit: 1.0 },
        }
    }

    pub(super) fn cell(&self, parts: i64) -> super::Cell {
        match self.kind {
            ColumnKind::Money => super::Cell::Whole(parts),
            _ => super::Cell::Number(parts as f64 / self.unit),
        }
    }

    pub(super) fn per(&self, parts: i64, people: u64) -> super::Cell {
        if people == 0 {
            return super::Cell::Nothing;
        }
        super::Cell::Number(parts as f64 / self.unit / people as f64)
    }
}
