//! How the contributions of a person's numbers make one value: a pure function of
//! them, so that merges and splits are exact in every policy.

use serde::{Deserialize, Serialize};
use siyu_types::Value;
use siyu_types::clock::Millis;
use utoipa::ToSchema;

use super::cell::{Body, Cell, Corrected, LIST_MAX, More, NEVER, Stored, When};
use super::dictionary::Dictionary;

/// What holds when identifiers that belong to one person say different things.
/// What one identifier says twice is always decided by time.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MergePolicy)]
pub enum Policy {
    /// What was said last.
    #[default]
    Latest,
    /// What was said first, and has not been removed.
    First,
    /// The largest number; of texts the last in order.
    Largest,
    /// The smallest number; of texts the first in order.
    Smallest,
    /// The numbers added up.
    Sum,
    /// One list of everything.
    Union,
    /// What the most trusted identifier says: log-in, then phone, e-mail, device.
    Priority,
}

impl Policy {
    pub const ALL: [Policy; 7] = [
        Policy::Latest,
        Policy::First,
        Policy::Largest,
        Policy::Smallest,
        Policy::Sum,
        Policy::Union,
        Policy::Priority,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Policy::Latest => "latest",
            Policy::First => "first",
            Policy::Largest => "largest",
            Policy::Smallest => "smallest",
            Policy::Sum => "sum",
            Policy::Union => "union",
            Policy::Priority => "priority",
        }
    }

    pub fn parse(text: &str) -> Option<Policy> {
        Policy::ALL.into_iter().find(|policy| policy.as_str() == text)
    }
}

/// What one number says.
#[derive(Clone, Copy)]
pub struct Part<'a> {
    pub number: u32,
    /// Of the identifier that owns the number; 0 is most trusted.
    pub rank: u16,
    pub cell: &'a Cell,
}

/// A value made of contributions.
#[derive(Clone, PartialEq, Debug)]
pub enum Combined {
    Stored(Stored),
    /// A value the dictionary may not hold, such as a scalar that became a list.
    Made(Value),
}

impl Combined {
    pub fn stored(self, dictionary: &mut Dictionary) -> Stored {
        match self {
            Combined::Stored(value) => value,
            Combined::Made(value) => Stored::of(&value, dictionary),
        }
    }

    pub fn value(&self, dictionary: &Dictionary) -> Value {
        match self {
            Combined::Stored(value) => value.value(dictionary),
            Combined::Made(value) => value.clone(),
        }
    }
}

/// The value that holds, and what made it so.
#[derive(Clone, PartialEq, Debug)]
pub struct Held {
    pub value: Combined,
    /// When it was last said or changed.
    pub time: Millis,
    /// Since when it stands.
    pub since: Millis,
    pub source: u16,
    pub number: u32,
}

/// The value that the contributions of a person's numbers, ascending, make together.
/// `deleted` is the latest deletion of the person's profile.
pub fn combine(parts: &[Part<'_>], deleted: Millis, policy: Policy, dictionary: &Dictionary) -> Option<Held> {
    if let [Part { number, cell, .. }] = parts
        && let Body::Set(time, value) = &cell.body
        && policy != Policy::Union
    {
        let held = || held(value.clone(), *time, cell.since(), deleted, cell.source, *number);
        return (*time > deleted && says_something(value)).then(held);
    }
    if let Some((number, corrected)) = corrected(parts, deleted) {
        let Corrected { when, value, .. } = corrected;
        let value = value.clone().filter(says_something)?;
        return Some(held(value, when.time, when.time, deleted, when.source, number));
    }
    let barrier =
        mores(parts).filter_map(|(_, more)| more.unset.map(|unset| unset.time)).fold(deleted, Millis::max);
    let own = || parts.iter().filter_map(|part| Some((part.rank, latest(&[*part], barrier, dictionary)?)));
    match policy {
        Policy::Latest => None,
        Policy::First => first(parts, barrier),
        Policy::Priority => {
            own().min_by_key(|(rank, held)| (*rank, std::cmp::Reverse(held.time))).map(|(_, held)| held)
        }
        Policy::Largest => extreme(own().map(|(_, held)| held).collect(), true, dictionary),
        Policy::Smallest => extreme(own().map(|(_, held)| held).collect(), false, dictionary),
        Policy::Sum => sum(own().map(|(_, held)| held), dictionary),
        Policy::Union => union(own().map(|(_, held)| held).collect(), dictionary),
    }
    .or_else(|| latest(parts, barrier, dictionary))
}

/// What was put right by hand holds for the whole person, before every policy; of several
/// corrections the latest that was not taken back. A deletion of the profile takes
/// corrections along.
fn corrected<'a>(parts: &'a [Part<'a>], deleted: Millis) -> Option<(u32, &'a Corrected)> {
    parts
        .iter()
        .filter_map(|part| Some((part.number, part.cell.correction()?)))
        .filter(|(_, corrected)| corrected.when.time > deleted)
        .max_by_key(|(_, corrected)| corrected.when.time)
}

fn says_something(value: &Stored) -> bool {
    !matches!(value, Stored::List(items) if items.is_empty())
}

fn held(value: Stored, time: Millis, since: Millis, barrier: Millis, source: u16, number: u32) -> Held {
    let since = if since > barrier { since } else { time };
    Held { value: Combined::Stored(value), time, since, source, number }
}

fn mores<'a>(parts: &'a [Part<'a>]) -> impl Iterator<Item = (u32, &'a More)> {
    parts.iter().filter_map(|part| Some((part.number, part.cell.more()?)))
}

/// What was said last, over all parts, after the barrier.
fn latest(parts: &[Part<'_>], barrier: Millis, dictionary: &Dictionary) -> Option<Held> {
    let set = parts
        .iter()
        .filter_map(|part| Some((part, part.cell.latest()?)))
        .filter(|(_, (time, _))| *time > barrier)
        .max_by_key(|(_, (time, _))| *time)
        .map(|(part, (time, value))| {
            held(value.clone(), time, part.cell.since(), barrier, part.cell.source, part.number)
        });
    let mut increments: Vec<(When, u32, f64)> = Vec::new();
    let mut appended: Vec<(When, u32, u32)> = Vec::new();
    for (number, more) in mores(parts) {
        increments.extend(more.increments.iter().map(|(when, by)| (*when, number, *by)));
        appended.extend(more.appended.iter().map(|(when, item)| (*when, number, *item)));
    }
    increments.retain(|(when, ..)| when.time > barrier);
    appended.retain(|(when, ..)| when.time > barrier);
    let times = increments.iter().map(|(when, ..)| when.time);
    let first_change = times.chain(appended.iter().map(|(when, ..)| when.time)).min().unwrap_or(Millis::MAX);
    let once = || {
        mores(parts)
            .flat_map(|(number, more)| more.once.iter().map(move |(when, value)| (*when, number, value)))
            .filter(|(when, ..)| when.time > barrier && when.time <= first_change)
            .min_by_key(|(when, ..)| when.time)
            .map(|(when, number, value)| {
                held(value.clone(), when.time, when.time, barrier, when.source, number)
            })
    };
    let base = set.or_else(once);
    let since = base.as_ref().map_or(NEVER, |base| base.time);
    increments.retain(|(when, ..)| when.time >= since);
    appended.retain(|(when, ..)| when.time >= since);
    let newest = |when: When, number: u32, value: Combined| Held {
        value,
        time: when.time,
        since: when.time,
        source: when.source,
        number,
    };
    if !appended.is_empty() {
        // Of an item that several appended, the latest counts, as it does of one.
        appended.sort_unstable_by_key(|(when, _, item)| (*item, std::cmp::Reverse(when.time)));
        appended.dedup_by_key(|(.., item)| *item);
        appended.sort_unstable_by_key(|(when, _, item)| (when.time, *item));
        let (when, number, _) = appended.last().copied()?;
        let base = base.as_ref().map(|base| &base.value);
        return Some(newest(when, number, with_appended(base, &appended, dictionary)));
    }
    if increments.is_empty() {
        return base.filter(|base| !matches!(&base.value, Combined::Stored(value) if !says_something(value)));
    }
    let start = base.as_ref().map_or(Some(0.0), |base| base.value.value(dictionary).as_number());
    // What is not a number cannot be counted up; it stays as it is.
    let Some(start) = start else { return base };
    let (when, number, _) = increments.iter().max_by_key(|(when, ..)| when.time).copied()?;
    let total = start + increments.iter().map(|(.., by)| by).sum::<f64>();
    Some(newest(when, number, Combined::Stored(Stored::Number(total))))
}

fn with_appended(
    base: Option<&Combined>,
    appended: &[(When, u32, u32)],
    dictionary: &Dictionary,
) -> Combined {
    let scalar = match base {
        None | Some(Combined::Stored(Stored::List(_))) => {
            let mut items: Vec<u32> = match base {
                Some(Combined::Stored(Stored::List(items))) => items.to_vec(),
                _ => Vec::new(),
            };
            for (.., item) in appended {
                if !items.contains(item) && items.len() < LIST_MAX {
                    items.push(*item);
                }
            }
            return Combined::Stored(Stored::List(Box::new(items)));
        }
        Some(scalar) => scalar.value(dictionary).display(),
    };
    let mut items = vec![scalar];
    for (.., item) in appended {
        add_item(&mut items, dictionary.text(*item));
    }
    Combined::Made(Value::List(items))
}

fn add_item(items: &mut Vec<String>, item: &str) {
    if items.iter().all(|known| known != item) && items.len() < LIST_MAX {
        items.push(item.to_owned());
    }
}

/// The earliest value that was set and not removed; counting and appending have none.
fn first(parts: &[Part<'_>], barrier: Millis) -> Option<Held> {
    let mut said: Vec<Held> = Vec::new();
    for Part { number, cell, .. } in parts {
        let mut add = |value: &Stored, when: When, last: Millis| {
            if last > barrier && says_something(value) {
                said.push(held(value.clone(), last, when.time, barrier, when.source, *number));
            }
        };
        cell.earlier().iter().for_each(|(when, value)| add(value, *when, when.time));
        if let Some((time, value)) = cell.latest() {
            add(value, When { time: cell.since(), source: cell.source }, time);
        }
        let once = cell.more().map(|more| more.once.as_slice()).unwrap_or_default();
        once.iter().for_each(|(when, value)| add(value, *when, when.time));
    }
    said.into_iter().min_by_key(|held| held.since)
}

/// Numbers are compared as such if all values are numbers, else texts.
fn extreme(own: Vec<Held>, largest: bool, dictionary: &Dictionary) -> Option<Held> {
    let numbers: Option<Vec<f64>> = own.iter().map(|held| held.value.value(dictionary).as_number()).collect();
    let texts = || own.iter().map(|held| held.value.value(dictionary).display()).collect::<Vec<_>>();
    let mut order: Vec<usize> = (0..own.len()).collect();
    match numbers {
        Some(numbers) => order.sort_by(|a, b| numbers[*a].total_cmp(&numbers[*b])),
        None => {
            let texts = texts();
            order.sort_by(|a, b| texts[*a].cmp(&texts[*b]));
        }
    }
    let chosen = if largest { order.last() } else { order.first() };
    chosen.and_then(|at| own.into_iter().nth(*at))
}

fn sum(own: impl Iterator<Item = Held>, dictionary: &Dictionary) -> Option<Held> {
    let numbers = own.filter_map(|held| Some((held.value.value(dictionary).as_number()?, held)));
    numbers
        .reduce(|(total, last), (number, next)| {
            (total + number, if next.time > last.time { next } else { last })
        })
        .map(|(total, last)| Held { value: Combined::Stored(Stored::Number(total)), ..last })
}

fn union(mut own: Vec<Held>, dictionary: &Dictionary) -> Option<Held> {
    // In the order in which the identifiers were met, whatever arrived first.
    own.sort_by_key(|held| held.number);
    let mut items = Vec::new();
    for held in &own {
        match held.value.value(dictionary) {
            Value::List(list) => list.iter().for_each(|item| add_item(&mut items, item)),
            scalar => add_item(&mut items, &scalar.display()),
        }
    }
    let last = own.into_iter().max_by_key(|held| held.time)?;
    Some(Held { value: Combined::Made(Value::List(items)), ..last })
}
