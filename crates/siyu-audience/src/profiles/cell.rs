//! What is known about one property from one number, and how the contributions of
//! a person's numbers make its value. Event time decides, never the order of arrival.

use siyu_types::Value;
use siyu_types::clock::Millis;

use super::dictionary::Dictionary;

/// Elements kept of a list that is only ever appended to.
pub const LIST_MAX: usize = 1_000;
/// Increments kept apart; older ones are folded into one.
const INCREMENTS_KEPT: usize = 64;
/// Values said only for the case that there is none.
const ONCE_KEPT: usize = 16;
/// No such time.
pub const NEVER: Millis = Millis::MIN;

/// A value, with texts as codes of the property's dictionary.
#[derive(Clone, PartialEq, Debug)]
pub enum Stored {
    Number(f64),
    Text(u32),
    Bool(bool),
    #[expect(clippy::box_collection, reason = "keeps the common values at 16 bytes")]
    List(Box<Vec<u32>>),
}

impl Stored {
    pub fn of(value: &Value, dictionary: &mut Dictionary) -> Stored {
        match value {
            Value::Number(number) => Stored::Number(*number),
            Value::Text(text) => Stored::Text(dictionary.intern(text)),
            Value::Bool(flag) => Stored::Bool(*flag),
            Value::List(items) => Stored::List(Box::new(
                items.iter().take(LIST_MAX).map(|item| dictionary.intern(item)).collect(),
            )),
        }
    }

    pub fn value(&self, dictionary: &Dictionary) -> Value {
        match self {
            Stored::Number(number) => Value::Number(*number),
            Stored::Text(code) => Value::Text(dictionary.text(*code).to_owned()),
            Stored::Bool(flag) => Value::Bool(*flag),
            Stored::List(codes) => {
                Value::List(codes.iter().map(|code| dictionary.text(*code).to_owned()).collect())
            }
        }
    }
}

/// The contributions of one number to one property.
#[derive(Clone, PartialEq, Debug)]
pub enum Cell {
    /// By far the most common: one value, set at one time.
    Set(Millis, Stored),
    Full(Box<FullCell>),
}

#[derive(Clone, PartialEq, Default, Debug)]
pub struct FullCell {
    /// The latest.
    pub set: Option<(Millis, Stored)>,
    /// By time; the earliest that no removal took away counts.
    pub once: Vec<(Millis, Stored)>,
    /// The latest removal; what is not later than it is gone.
    pub unset: Option<Millis>,
    pub increments: Vec<(Millis, f64)>,
    pub appended: Vec<(Millis, u32)>,
}

impl Cell {
    pub fn empty() -> Cell {
        Cell::Full(Box::default())
    }

    pub fn set(&mut self, time: Millis, value: Stored) {
        let latest = match self {
            Cell::Set(known, _) => Some(*known),
            Cell::Full(full) => full.set.as_ref().map(|(known, _)| *known),
        };
        // At equal times the record that arrived later stands.
        if latest.is_some_and(|known| known > time) {
            return;
        }
        match self {
            Cell::Full(full) if !full.is_empty() => full.set = Some((time, value)),
            _ => *self = Cell::Set(time, value),
        }
    }

    pub fn set_once(&mut self, time: Millis, value: Stored) {
        let once = &mut self.full().once;
        let place = once.partition_point(|(known, _)| *known <= time);
        once.insert(place, (time, value));
        if once.len() > ONCE_KEPT {
            // The first ones and the newest, which a removal is least likely to take away.
            once.remove(ONCE_KEPT - 1);
        }
    }

    pub fn increment(&mut self, time: Millis, by: f64) {
        let increments = &mut self.full().increments;
        let place = increments.partition_point(|(known, _)| *known <= time);
        increments.insert(place, (time, by));
        if increments.len() > INCREMENTS_KEPT {
            let folded: Vec<_> = increments.drain(..INCREMENTS_KEPT / 2).collect();
            let last = folded.last().map_or(time, |(known, _)| *known);
            increments.insert(0, (last, folded.iter().map(|(_, by)| by).sum()));
        }
    }

    pub fn append(&mut self, time: Millis, item: u32) {
        let appended = &mut self.full().appended;
        let room = appended.len() < LIST_MAX;
        match appended.iter_mut().find(|(_, known)| *known == item) {
            // The latest time is kept, so that a removal in between does not hide it.
            Some((known, _)) => *known = time.max(*known),
            None if room => appended.push((time, item)),
            None => {}
        }
    }

    pub fn unset(&mut self, time: Millis) {
        let unset = &mut self.full().unset;
        *unset = (*unset).max(Some(time));
    }

    fn full(&mut self) -> &mut FullCell {
        if let Cell::Set(time, value) = self {
            *self =
                Cell::Full(Box::new(FullCell { set: Some((*time, value.clone())), ..FullCell::default() }));
        }
        match self {
            Cell::Full(full) => full,
            Cell::Set(..) => unreachable!("replaced above"),
        }
    }
}

impl FullCell {
    fn is_empty(&self) -> bool {
        *self == FullCell::default()
    }
}

/// A value made of contributions.
#[derive(Clone, PartialEq, Debug)]
pub enum Combined {
    Stored(Stored),
    /// A scalar that became the first element of a list; the dictionary may not hold it yet.
    List(Value),
}

impl Combined {
    pub fn stored(self, dictionary: &mut Dictionary) -> Stored {
        match self {
            Combined::Stored(value) => value,
            Combined::List(value) => Stored::of(&value, dictionary),
        }
    }

    pub fn value(self, dictionary: &Dictionary) -> Value {
        match self {
            Combined::Stored(value) => value.value(dictionary),
            Combined::List(value) => value,
        }
    }
}

/// The value that the contributions of a person's numbers make together. `deleted`
/// is the latest deletion of the person's profile.
pub fn combine(cells: &[&Cell], deleted: Millis, dictionary: &Dictionary) -> Option<Combined> {
    let says_something = |value: &Stored| !matches!(value, Stored::List(items) if items.is_empty());
    if let [Cell::Set(time, value)] = cells {
        return (*time > deleted && says_something(value)).then(|| Combined::Stored(value.clone()));
    }
    let full = || {
        cells.iter().filter_map(|cell| match cell {
            Cell::Full(full) => Some(&**full),
            Cell::Set(..) => None,
        })
    };
    let barrier = full().filter_map(|cell| cell.unset).fold(deleted, Millis::max);
    let set = cells
        .iter()
        .filter_map(|cell| match cell {
            Cell::Set(time, value) => Some((*time, value)),
            Cell::Full(full) => full.set.as_ref().map(|(time, value)| (*time, value)),
        })
        .filter(|(time, _)| *time > barrier)
        .max_by_key(|(time, _)| *time);
    let mut increments: Vec<(Millis, f64)> =
        full().flat_map(|c| &c.increments).filter(|(time, _)| *time > barrier).copied().collect();
    let mut appended: Vec<(Millis, u32)> =
        full().flat_map(|c| &c.appended).filter(|(time, _)| *time > barrier).copied().collect();
    let first_change = increments
        .iter()
        .map(|(t, _)| *t)
        .chain(appended.iter().map(|(t, _)| *t))
        .min()
        .unwrap_or(Millis::MAX);
    let once = full()
        .flat_map(|c| &c.once)
        .filter(|(time, _)| *time > barrier && *time <= first_change)
        .min_by_key(|(time, _)| *time)
        .map(|(time, value)| (*time, value));
    let base = set.or(once);
    let since = base.map_or(NEVER, |(time, _)| time);
    increments.retain(|(time, _)| *time >= since);
    appended.retain(|(time, _)| *time >= since);
    let base = base.map(|(_, value)| value);
    if !appended.is_empty() {
        return Some(with_appended(base, appended, dictionary));
    }
    if increments.is_empty() {
        return base.filter(|value| says_something(value)).cloned().map(Combined::Stored);
    }
    let start = base.map_or(Some(0.0), |value| value.value(dictionary).as_number());
    let stored = match start {
        Some(start) => Some(Stored::Number(start + increments.iter().map(|(_, by)| by).sum::<f64>())),
        // What is not a number cannot be counted up; it stays as it is.
        None => base.cloned(),
    };
    stored.map(Combined::Stored)
}

fn with_appended(
    base: Option<&Stored>,
    mut appended: Vec<(Millis, u32)>,
    dictionary: &Dictionary,
) -> Combined {
    appended.sort_unstable();
    if let Some(scalar) = base.filter(|base| !matches!(base, Stored::List(_))) {
        let mut items = vec![scalar.value(dictionary).display()];
        for (_, item) in appended {
            let item = dictionary.text(item);
            if items.iter().all(|known| known != item) && items.len() < LIST_MAX {
                items.push(item.to_owned());
            }
        }
        return Combined::List(Value::List(items));
    }
    let mut items: Vec<u32> = match base {
        Some(Stored::List(items)) => items.to_vec(),
        _ => Vec::new(),
    };
    for (_, item) in appended {
        if !items.contains(&item) && items.len() < LIST_MAX {
            items.push(item);
        }
    }
    Combined::Stored(Stored::List(Box::new(items)))
}
