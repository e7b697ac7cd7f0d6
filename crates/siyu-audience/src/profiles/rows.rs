//! The profiles of a project: one row of contributions per number, and from them
//! one column per property over the people as they are now.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use siyu_analytics::AttributeColumn;
use siyu_types::clock::Millis;
use siyu_types::record::{Correction, CorrectionChange, ProfileChange};
use siyu_types::value::ValueKind;
use siyu_types::{Props, Value};

use super::cell::{Cell, NEVER, Stored, When};
use super::column::Column;
use super::combine::{Held, Part, Policy, combine};
use super::dictionary::Dictionary;
use super::sources::Sources;
use super::stats::Activity;
use crate::identity::Graph;

/// Different properties per project. Further ones are counted and not kept.
pub const PROPERTIES_MAX: usize = 500;
/// The source of what was put right by hand.
pub const CORRECTION: &str = "correction";

/// What one number contributes.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Row {
    /// The latest deletion of the profile.
    pub deleted: Millis,
    /// By property code, ascending.
    pub cells: Vec<Cell>,
    pub activity: Activity,
}

impl Default for Row {
    fn default() -> Row {
        Row { deleted: NEVER, cells: Vec::new(), activity: Activity::default() }
    }
}

impl Row {
    pub(super) fn cell(&self, property: u16) -> Option<&Cell> {
        let at = self.cells.binary_search_by_key(&property, |cell| cell.property).ok()?;
        Some(&self.cells[at])
    }

    fn cell_mut(&mut self, property: u16) -> &mut Cell {
        let at = match self.cells.binary_search_by_key(&property, |cell| cell.property) {
            Ok(at) => at,
            Err(at) => {
                self.cells.insert(at, Cell::empty(property));
                at
            }
        };
        &mut self.cells[at]
    }
}

/// One property: its name, its texts and its values by person.
#[derive(Clone, Default, Debug)]
pub(crate) struct Property {
    pub name: String,
    pub policy: Policy,
    pub dictionary: Dictionary,
    pub column: Column,
}

/// What the attribute list shows.
#[derive(Clone, PartialEq, Debug)]
pub struct PropertyInfo {
    pub name: String,
    pub kind: ValueKind,
    /// People who have a value.
    pub people: u64,
}

/// Attributes and activity of everybody.
#[derive(Clone, Default, Debug)]
pub struct Profiles {
    pub(crate) rows: Vec<Row>,
    pub(crate) properties: Vec<Property>,
    pub(crate) sources: Sources,
    /// By attribute; the others follow the latest value.
    policies: BTreeMap<String, Policy>,
    by_name: FxHashMap<String, u16>,
    /// Values not kept because the project has too many different properties.
    pub(crate) overflowed: u64,
}

impl Profiles {
    /// Makes rows for all numbers below `count`.
    pub fn grow(&mut self, count: u32) {
        if self.rows.len() < count as usize {
            self.rows.resize(count as usize, Row::default());
        }
    }

    pub fn note_event(&mut self, atom: u32, time: Millis, source: &str) {
        let source = self.sources.code(source);
        self.rows[atom as usize].activity.note(When { time, source });
    }

    /// Values that could not be kept for want of room for another property.
    pub fn overflowed(&self) -> u64 {
        self.overflowed
    }

    /// Applies a change that `source` said of `atom` at `time`.
    pub fn apply(&mut self, atom: u32, change: &ProfileChange, time: Millis, source: &str, graph: &Graph) {
        let when = When { time, source: self.sources.code(source) };
        match change {
            ProfileChange::Set(props) => {
                self.each(atom, props, graph, |cell, value, dictionary| {
                    let value = Stored::of(value, dictionary);
                    cell.set(when, value);
                });
            }
            ProfileChange::SetOnce(props) => {
                self.each(atom, props, graph, |cell, value, dictionary| {
                    let value = Stored::of(value, dictionary);
                    cell.set_once(when, value);
                });
            }
            ProfileChange::Increment(props) => {
                self.each(atom, props, graph, |cell, value, _| {
                    if let Some(by) = value.as_number() {
                        cell.increment(when, by);
                    }
                });
            }
            ProfileChange::Append(props) => {
                self.each(atom, props, graph, |cell, value, dictionary| match value {
                    Value::List(items) => {
                        items.iter().for_each(|item| cell.append(when, dictionary.intern(item)));
                    }
                    scalar => cell.append(when, dictionary.intern(&scalar.display())),
                });
            }
            ProfileChange::Unset(names) => {
                for name in names {
                    // Of an unknown property too: its value may arrive later.
                    if let Some(code) = self.code(name) {
                        self.rows[atom as usize].cell_mut(code).unset(when);
                        self.refresh(graph.remap().person(atom), code, graph);
                    }
                }
            }
            ProfileChange::Delete => {
                let row = &mut self.rows[atom as usize];
                row.deleted = row.deleted.max(time);
                self.reshape(&[atom], graph);
            }
        }
    }

    /// Applies what somebody put right at `at`, by which the correction is known from then on.
    pub fn correct(&mut self, correction: &Correction, at: Millis, graph: &Graph) {
        let Some(code) = self.code(&correction.attribute) else { return };
        let when = When { time: at, source: self.sources.code(CORRECTION) };
        let cell = self.rows[correction.number.0 as usize].cell_mut(code);
        match &correction.change {
            CorrectionChange::Set(value) => {
                let value = Stored::of(value, &mut self.properties[code as usize].dictionary);
                cell.correct(when, Some(value));
            }
            CorrectionChange::Clear => cell.correct(when, None),
            CorrectionChange::Lift(of) => cell.lift(*of, at),
        }
        self.refresh(graph.remap().person(correction.number.0), code, graph);
    }

    fn each(
        &mut self,
        atom: u32,
        props: &Props,
        graph: &Graph,
        change: impl Fn(&mut Cell, &Value, &mut Dictionary),
    ) {
        for (name, value) in props {
            let Some(code) = self.code(name) else { continue };
            let cell = self.rows[atom as usize].cell_mut(code);
            change(cell, value, &mut self.properties[code as usize].dictionary);
            self.refresh(graph.remap().person(atom), code, graph);
        }
    }

    fn code(&mut self, name: &str) -> Option<u16> {
        if let Some(code) = self.by_name.get(name) {
            return Some(*code);
        }
        if self.properties.len() >= PROPERTIES_MAX {
            self.overflowed += 1;
            return None;
        }
        Some(self.declare(name))
    }

    pub(crate) fn declare(&mut self, name: &str) -> u16 {
        let code = self.properties.len() as u16;
        let policy = self.policies.get(name).copied().unwrap_or_default();
        self.properties.push(Property { name: name.to_owned(), policy, ..Property::default() });
        self.by_name.insert(name.to_owned(), code);
        code
    }

    /// Works out one value of one person anew.
    fn refresh(&mut self, person: u32, code: u16, graph: &Graph) {
        let value = self.held_of(person, code, graph).map(|held| held.value);
        let property = &mut self.properties[code as usize];
        let value = value.map(|value| value.stored(&mut property.dictionary));
        property.column.put(person, value.as_ref(), &mut property.dictionary);
    }

    /// Which policies hold from now on; the columns they change are worked out anew.
    pub fn set_policies(&mut self, policies: BTreeMap<String, Policy>, graph: &Graph) {
        self.policies = policies;
        for code in 0..self.properties.len() as u16 {
            let property = &mut self.properties[code as usize];
            let policy = self.policies.get(&property.name).copied().unwrap_or_default();
            if property.policy == policy {
                continue;
            }
            property.policy = policy;
            property.column = Column::default();
            for number in 0..self.rows.len() as u32 {
                if self.rows[number as usize].cell(code).is_some() {
                    self.refresh(graph.remap().person(number), code, graph);
                }
            }
        }
    }

    pub fn policy(&self, name: &str) -> Policy {
        self.policies.get(name).copied().unwrap_or_default()
    }

    /// Brings the columns in line after the people of these numbers changed.
    pub fn reshape(&mut self, numbers: &[u32], graph: &Graph) {
        let remap = graph.remap();
        let mut people: Vec<u32> = numbers.iter().map(|number| remap.person(*number)).collect();
        people.extend_from_slice(numbers);
        people.sort_unstable();
        people.dedup();
        let mut codes: Vec<u16> = people
            .iter()
            .flat_map(|person| remap.numbers(*person))
            .filter_map(|atom| self.rows.get(atom as usize))
            .flat_map(|row| row.cells.iter().map(|cell| cell.property))
            .collect();
        codes.sort_unstable();
        codes.dedup();
        for code in codes {
            for number in &people {
                if remap.person(*number) == *number {
                    self.refresh(*number, code, graph);
                } else {
                    let property = &mut self.properties[code as usize];
                    property.column.put(*number, None, &mut property.dictionary);
                }
            }
        }
    }

    /// Works out all columns anew, as after loading.
    pub(crate) fn rebuild(&mut self, graph: &Graph) {
        let remap = graph.remap();
        for person in 0..self.rows.len() as u32 {
            if remap.person(person) != person {
                continue;
            }
            match remap.several(person) {
                Some(_) => self.reshape(&[person], graph),
                None => {
                    let codes: Vec<u16> =
                        self.rows[person as usize].cells.iter().map(|cell| cell.property).collect();
                    codes.into_iter().for_each(|code| self.refresh(person, code, graph));
                }
            }
        }
    }

    pub fn column(&self, name: &str) -> Option<AttributeColumn<'_>> {
        let property = &self.properties[*self.by_name.get(name)? as usize];
        Some(property.column.view(&property.dictionary))
    }

    /// Those that somebody has: whether nobody had one before or has it no more is
    /// not remembered over a restart, so it may not be told apart.
    pub fn properties(&self) -> Vec<PropertyInfo> {
        self.properties
            .iter()
            .filter_map(|property| {
                let kind = property.column.kind()?;
                Some(PropertyInfo { name: property.name.clone(), kind, people: property.column.present() })
            })
            .filter(|property| property.people > 0)
            .collect()
    }

    /// The value of one person, of the type it was sent with.
    pub fn value(&self, person: u32, name: &str, graph: &Graph) -> Option<Value> {
        let code = *self.by_name.get(name)?;
        let held = self.held_of(person, code, graph)?;
        Some(held.value.value(&self.properties[code as usize].dictionary))
    }

    pub(super) fn code_of(&self, name: &str) -> Option<u16> {
        self.by_name.get(name).copied()
    }

    /// What each of a person's numbers says of a property, and the latest deletion.
    pub(super) fn parts<'a>(&'a self, person: u32, code: u16, graph: &'a Graph) -> (Vec<Part<'a>>, Millis) {
        let alone = [person];
        let members: &[u32] = graph.remap().several(person).unwrap_or(&alone);
        let rows = members.iter().filter_map(|number| Some((*number, self.rows.get(*number as usize)?)));
        let deleted = rows.clone().map(|(_, row)| row.deleted).max().unwrap_or(NEVER);
        // Looked up only where it counts: this runs for every value that arrives.
        let ranked = self.properties[code as usize].policy == Policy::Priority;
        let part = |(number, row): (u32, &'a Row)| {
            let rank = if ranked { graph.rank_of(number) } else { 0 };
            Some(Part { number, rank, cell: row.cell(code)? })
        };
        (rows.filter_map(part).collect(), deleted)
    }

    pub(super) fn held_of(&self, person: u32, code: u16, graph: &Graph) -> Option<Held> {
        let (parts, deleted) = self.parts(person, code, graph);
        let property = &self.properties[code as usize];
        combine(&parts, deleted, property.policy, &property.dictionary)
    }

    /// The codes of everything that was ever said of a person.
    pub(super) fn codes(&self, person: u32, graph: &Graph) -> Vec<u16> {
        let rows =
            graph.remap().numbers(person).into_iter().filter_map(|number| self.rows.get(number as usize));
        let mut codes: Vec<u16> = rows.flat_map(|row| row.cells.iter().map(|cell| cell.property)).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    pub fn values(&self, person: u32, graph: &Graph) -> Props {
        let value = |code: u16| {
            let property = &self.properties[code as usize];
            let held = self.held_of(person, code, graph)?;
            Some((property.name.clone(), held.value.value(&property.dictionary)))
        };
        self.codes(person, graph).into_iter().filter_map(value).collect()
    }

    pub fn activity(&self, person: u32, graph: &Graph) -> Activity {
        let mut total = Activity::default();
        for number in graph.remap().numbers(person) {
            if let Some(row) = self.rows.get(number as usize) {
                total.add(&row.activity);
            }
        }
        total
    }
}
