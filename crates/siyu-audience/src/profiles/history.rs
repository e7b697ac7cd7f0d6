//! Where a value came from, and what it was before.

use siyu_types::clock::Millis;
use siyu_types::{Identifier, Value};

use super::cell::{Cell, NEVER, When};
use super::combine::{Held, Part};
use super::dictionary::Dictionary;
use super::rows::Profiles;
use crate::identity::Graph;

/// The value of an attribute and whose word it is.
#[derive(Clone, PartialEq, Debug)]
pub struct Provenance {
    pub name: String,
    pub value: Value,
    /// When it was last said or changed.
    pub at: Millis,
    /// Since when it stands.
    pub since: Millis,
    /// Empty if not known.
    pub source: String,
    pub identifier: Option<Identifier>,
    /// Of which it was said.
    pub number: u32,
    /// More was said than what holds.
    pub has_history: bool,
}

/// In which way something was said of an attribute.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChangeKind {
    Set,
    SetOnce,
    Increment,
    Append,
    Unset,
    /// The whole profile was deleted.
    Delete,
    /// Put right by hand; without a value: that there is nothing to say.
    Correct,
    /// A correction was taken back.
    Lift,
}

/// One contribution to an attribute.
#[derive(Clone, PartialEq, Debug)]
pub struct Change {
    pub at: Millis,
    pub kind: ChangeKind,
    /// None for removals.
    pub value: Option<Value>,
    pub source: String,
    pub identifier: Option<Identifier>,
    /// It makes the value that holds, or is a part of it.
    pub holds: bool,
}

impl Profiles {
    /// Every attribute of a person with its origin.
    pub fn provenance(&self, person: u32, graph: &Graph) -> Vec<Provenance> {
        let one = |code: u16| {
            let property = &self.properties[code as usize];
            let held = self.held_of(person, code, graph)?;
            let (parts, deleted) = self.parts(person, code, graph);
            let said: usize = parts.iter().map(|part| said_times(part.cell)).sum();
            Some(Provenance {
                name: property.name.clone(),
                value: held.value.value(&property.dictionary),
                at: held.time,
                since: held.since,
                source: self.sources.name(held.source).to_owned(),
                identifier: graph.owner_of(held.number),
                number: held.number,
                has_history: said > 1 || deleted != NEVER,
            })
        };
        self.codes(person, graph).into_iter().filter_map(one).collect()
    }

    /// Every attribute of which something was ever said of a person.
    pub fn names(&self, person: u32, graph: &Graph) -> Vec<String> {
        let name = |code: u16| self.properties[code as usize].name.clone();
        self.codes(person, graph).into_iter().map(name).collect()
    }

    /// What was said of one attribute of a person, newest first. None if nobody has
    /// such an attribute.
    pub fn history(&self, person: u32, name: &str, graph: &Graph) -> Option<Vec<Change>> {
        let code = self.code_of(name)?;
        let (parts, _) = self.parts(person, code, graph);
        let held = self.held_of(person, code, graph);
        let dictionary = &self.properties[code as usize].dictionary;
        let mut all = Vec::new();
        for part in &parts {
            let mut add = |kind, when: When, value: Option<Value>| {
                all.push(Change {
                    at: when.time,
                    kind,
                    value,
                    source: self.sources.name(when.source).to_owned(),
                    identifier: graph.owner_of(part.number),
                    holds: held.as_ref().is_some_and(|held| holds(held, part, when)),
                });
            };
            contributions(part.cell, dictionary, &mut add);
        }
        for number in graph.remap().numbers(person) {
            let deleted = self.rows.get(number as usize).map_or(NEVER, |row| row.deleted);
            if deleted != NEVER {
                all.push(Change {
                    at: deleted,
                    kind: ChangeKind::Delete,
                    value: None,
                    source: String::new(),
                    identifier: graph.owner_of(number),
                    holds: false,
                });
            }
        }
        all.sort_by_key(|change| std::cmp::Reverse(change.at));
        Some(all)
    }
}

fn holds(held: &Held, part: &Part<'_>, when: When) -> bool {
    let same = |time: Millis| time == held.time || time == held.since;
    held.number == part.number && held.source == when.source && same(when.time)
}

/// How much was said of one attribute by one number.
fn said_times(cell: &Cell) -> usize {
    let more = cell.more().map_or(0, |more| {
        more.once.len()
            + more.increments.len()
            + more.appended.len()
            + more.corrections.len()
            + usize::from(more.unset.is_some())
    });
    usize::from(cell.latest().is_some()) + cell.earlier().len() + more
}

fn contributions(
    cell: &Cell,
    dictionary: &Dictionary,
    add: &mut impl FnMut(ChangeKind, When, Option<Value>),
) {
    for (when, value) in cell.earlier() {
        add(ChangeKind::Set, when, Some(value.value(dictionary)));
    }
    if let Some((_, value)) = cell.latest() {
        let when = When { time: cell.since(), source: cell.source };
        add(ChangeKind::Set, when, Some(value.value(dictionary)));
    }
    let Some(more) = cell.more() else { return };
    for (when, value) in &more.once {
        add(ChangeKind::SetOnce, *when, Some(value.value(dictionary)));
    }
    for (when, by) in &more.increments {
        add(ChangeKind::Increment, *when, Some(Value::Number(*by)));
    }
    for (when, item) in &more.appended {
        add(ChangeKind::Append, *when, Some(Value::Text(dictionary.text(*item).to_owned())));
    }
    if let Some(when) = more.unset {
        add(ChangeKind::Unset, when, None);
    }
    for corrected in &more.corrections {
        let value = corrected.value.as_ref().map(|value| value.value(dictionary));
        add(ChangeKind::Correct, corrected.when, value);
        if let Some(time) = corrected.lifted {
            add(ChangeKind::Lift, When { time, source: corrected.when.source }, None);
        }
    }
}
