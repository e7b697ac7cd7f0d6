//! The profiles of a project: one row of contributions per number, and from them
//! one column per property over the people as they are now.

use rustc_hash::FxHashMap;
use siyu_analytics::AttributeColumn;
use siyu_events::Remap;
use siyu_types::clock::Millis;
use siyu_types::record::ProfileChange;
use siyu_types::value::ValueKind;
use siyu_types::{Props, Value};

use super::cell::{Cell, NEVER, Stored, combine};
use super::column::Column;
use super::dictionary::Dictionary;
use super::stats::Activity;

/// Different properties per project. Further ones are counted and not kept.
pub const PROPERTIES_MAX: usize = 500;

/// What one number contributes.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Row {
    /// The latest deletion of the profile.
    pub deleted: Millis,
    /// By property code, ascending.
    pub entries: Vec<Entry>,
    pub activity: Activity,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Entry {
    pub property: u16,
    pub cell: Cell,
}

impl Default for Row {
    fn default() -> Row {
        Row { deleted: NEVER, entries: Vec::new(), activity: Activity::default() }
    }
}

impl Row {
    fn cell(&self, property: u16) -> Option<&Cell> {
        let at = self.entries.binary_search_by_key(&property, |entry| entry.property).ok()?;
        Some(&self.entries[at].cell)
    }

    fn cell_mut(&mut self, property: u16) -> &mut Cell {
        let at = match self.entries.binary_search_by_key(&property, |entry| entry.property) {
            Ok(at) => at,
            Err(at) => {
                self.entries.insert(at, Entry { property, cell: Cell::empty() });
                at
            }
        };
        &mut self.entries[at].cell
    }
}

/// One property: its name, its texts and its values by person.
#[derive(Clone, Default, Debug)]
pub(crate) struct Property {
    pub name: String,
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

    pub fn note_event(&mut self, atom: u32, event: &str, time: Millis, props: &Props) {
        self.rows[atom as usize].activity.note(event, time, props);
    }

    /// Values that could not be kept for want of room for another property.
    pub fn overflowed(&self) -> u64 {
        self.overflowed
    }

    /// Applies a change that was said of `atom` at `time`.
    pub fn apply(&mut self, atom: u32, change: &ProfileChange, time: Millis, remap: &Remap) {
        match change {
            ProfileChange::Set(props) => {
                self.each(atom, props, remap, |cell, value, dictionary| {
                    let value = Stored::of(value, dictionary);
                    cell.set(time, value);
                });
            }
            ProfileChange::SetOnce(props) => {
                self.each(atom, props, remap, |cell, value, dictionary| {
                    let value = Stored::of(value, dictionary);
                    cell.set_once(time, value);
                });
            }
            ProfileChange::Increment(props) => {
                self.each(atom, props, remap, |cell, value, _| {
                    if let Some(by) = value.as_number() {
                        cell.increment(time, by);
                    }
                });
            }
            ProfileChange::Append(props) => {
                self.each(atom, props, remap, |cell, value, dictionary| match value {
                    Value::List(items) => {
                        items.iter().for_each(|item| cell.append(time, dictionary.intern(item)));
                    }
                    scalar => cell.append(time, dictionary.intern(&scalar.display())),
                });
            }
            ProfileChange::Unset(names) => {
                for name in names {
                    // Of an unknown property too: its value may arrive later.
                    if let Some(code) = self.code(name) {
                        self.rows[atom as usize].cell_mut(code).unset(time);
                        self.refresh(remap.person(atom), code, remap);
                    }
                }
            }
            ProfileChange::Delete => {
                let row = &mut self.rows[atom as usize];
                row.deleted = row.deleted.max(time);
                self.reshape(&[atom], remap);
            }
        }
    }

    fn each(
        &mut self,
        atom: u32,
        props: &Props,
        remap: &Remap,
        change: impl Fn(&mut Cell, &Value, &mut Dictionary),
    ) {
        for (name, value) in props {
            let Some(code) = self.code(name) else { continue };
            let cell = self.rows[atom as usize].cell_mut(code);
            change(cell, value, &mut self.properties[code as usize].dictionary);
            self.refresh(remap.person(atom), code, remap);
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
        self.properties.push(Property { name: name.to_owned(), ..Property::default() });
        self.by_name.insert(name.to_owned(), code);
        code
    }

    /// Works out one value of one person anew.
    fn refresh(&mut self, person: u32, code: u16, remap: &Remap) {
        let alone = [person];
        let members: &[u32] = remap.members.get(&person).map_or(&alone, Vec::as_slice);
        let rows = members.iter().filter_map(|atom| self.rows.get(*atom as usize));
        let deleted = rows.clone().map(|row| row.deleted).max().unwrap_or(NEVER);
        let cells: Vec<&Cell> = rows.filter_map(|row| row.cell(code)).collect();
        let property = &mut self.properties[code as usize];
        let value = combine(&cells, deleted, &property.dictionary);
        let value = value.map(|value| value.stored(&mut property.dictionary));
        property.column.put(person, value.as_ref(), &mut property.dictionary);
    }

    /// Brings the columns in line after the people of these numbers changed.
    pub fn reshape(&mut self, numbers: &[u32], remap: &Remap) {
        let mut people: Vec<u32> = numbers.iter().map(|number| remap.person(*number)).collect();
        people.extend_from_slice(numbers);
        people.sort_unstable();
        people.dedup();
        let mut codes: Vec<u16> = people
            .iter()
            .flat_map(|person| remap.numbers(*person))
            .filter_map(|atom| self.rows.get(atom as usize))
            .flat_map(|row| row.entries.iter().map(|entry| entry.property))
            .collect();
        codes.sort_unstable();
        codes.dedup();
        for code in codes {
            for number in &people {
                if remap.person(*number) == *number {
                    self.refresh(*number, code, remap);
                } else {
                    let property = &mut self.properties[code as usize];
                    property.column.put(*number, None, &mut property.dictionary);
                }
            }
        }
    }

    /// Works out all columns anew, as after loading.
    pub(crate) fn rebuild(&mut self, remap: &Remap) {
        for person in 0..self.rows.len() as u32 {
            if remap.person(person) != person {
                continue;
            }
            match remap.members.get(&person) {
                Some(_) => self.reshape(&[person], remap),
                None => {
                    let codes: Vec<u16> =
                        self.rows[person as usize].entries.iter().map(|entry| entry.property).collect();
                    codes.into_iter().for_each(|code| self.refresh(person, code, remap));
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
    pub fn value(&self, person: u32, name: &str, remap: &Remap) -> Option<Value> {
        self.value_of(person, *self.by_name.get(name)?, remap)
    }

    fn value_of(&self, person: u32, code: u16, remap: &Remap) -> Option<Value> {
        let alone = [person];
        let members: &[u32] = remap.members.get(&person).map_or(&alone, Vec::as_slice);
        let rows = members.iter().filter_map(|atom| self.rows.get(*atom as usize));
        let deleted = rows.clone().map(|row| row.deleted).max().unwrap_or(NEVER);
        let cells: Vec<&Cell> = rows.filter_map(|row| row.cell(code)).collect();
        let dictionary = &self.properties[code as usize].dictionary;
        combine(&cells, deleted, dictionary).map(|value| value.value(dictionary))
    }

    pub fn values(&self, person: u32, remap: &Remap) -> Props {
        let mut codes: Vec<u16> = remap
            .numbers(person)
            .into_iter()
            .filter_map(|atom| self.rows.get(atom as usize))
            .flat_map(|row| row.entries.iter().map(|entry| entry.property))
            .collect();
        codes.sort_unstable();
        codes.dedup();
        codes
            .into_iter()
            .filter_map(|code| {
                let value = self.value_of(person, code, remap)?;
                Some((self.properties[code as usize].name.clone(), value))
            })
            .collect()
    }

    pub fn activity(&self, person: u32, remap: &Remap) -> Activity {
        let mut total = Activity::default();
        for atom in remap.numbers(person) {
            if let Some(row) = self.rows.get(atom as usize) {
                total.add(&row.activity);
            }
        }
        total
    }
}
