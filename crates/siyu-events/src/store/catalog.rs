//! What the store has seen: event names and their codes, properties and their
//! typed columns.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use siyu_types::clock::Millis;
use siyu_types::value::ValueKind;

use super::model::{ColumnState, EventName, EventProperty, EventRow, EventState};

/// Event names with a code of their own. The names beyond share the last code
/// and are kept beside the row.
pub(crate) const EVENTS_MAX: usize = 60_000;
const OTHER_EVENTS: &str = "(other events)";
/// Properties listed per event; more are stored but not listed.
const PROPERTIES_MAX: usize = 1_000;

#[derive(Default)]
pub(crate) struct Catalog {
    events: Vec<Event>,
    codes: FxHashMap<Box<str>, u16>,
    /// Shared with timelines; copied when a column is added while one is held.
    columns: Arc<Vec<ColumnState>>,
    column_codes: FxHashMap<Box<str>, u16>,
    /// The names by code, shared with scans; rebuilt when a name is added.
    names: Arc<[Box<str>]>,
}

/// What the codes of rows stand for, as of one instant.
pub(crate) struct Naming {
    names: Arc<[Box<str>]>,
    columns: Arc<Vec<ColumnState>>,
}

impl Naming {
    pub fn event_name(&self, code: u16) -> &str {
        self.names.get(usize::from(code)).map_or("", |name| name)
    }

    pub fn column(&self, code: u16) -> Option<&ColumnState> {
        self.columns.get(usize::from(code))
    }

    pub fn columns(&self) -> &[ColumnState] {
        &self.columns
    }
}

struct Event {
    name: Box<str>,
    count: u64,
    first: Millis,
    last: Millis,
    properties: FxHashMap<Box<str>, (ValueKind, u64)>,
}

impl Catalog {
    pub fn from_state(events: &[EventState], columns: &[ColumnState]) -> Catalog {
        let mut catalog = Catalog { columns: Arc::new(columns.to_vec()), ..Catalog::default() };
        for (code, column) in columns.iter().enumerate() {
            catalog.column_codes.insert(column.name.as_str().into(), code as u16);
        }
        for (code, event) in events.iter().enumerate() {
            catalog.codes.insert(event.name.as_str().into(), code as u16);
            let properties = event.properties.iter();
            catalog.events.push(Event {
                name: event.name.as_str().into(),
                count: event.count,
                first: event.first,
                last: event.last,
                properties: properties.map(|p| (p.name.as_str().into(), (p.kind, p.count))).collect(),
            });
        }
        catalog.share_names();
        catalog
    }

    pub fn states(&self) -> (Vec<EventState>, Vec<ColumnState>) {
        let events = self.events.iter().map(|event| EventState {
            name: event.name.to_string(),
            count: event.count,
            first: event.first,
            last: event.last,
            properties: sorted(&event.properties),
        });
        (events.collect(), self.columns.to_vec())
    }

    fn share_names(&mut self) {
        self.names = self.events.iter().map(|event| event.name.clone()).collect();
    }

    /// Counts an event. The flag is false if the name shares the code of others.
    pub fn learn_event(&mut self, name: &str, time: Millis) -> (u16, bool) {
        let mut known = true;
        let code = match self.codes.get(name) {
            Some(&code) => code,
            None if self.events.len() < EVENTS_MAX => self.add_event(name, time),
            None => {
                known = false;
                match self.codes.get(OTHER_EVENTS) {
                    Some(&code) => code,
                    None => self.add_event(OTHER_EVENTS, time),
                }
            }
        };
        let event = &mut self.events[usize::from(code)];
        event.count += 1;
        event.first = event.first.min(time);
        event.last = event.last.max(time);
        (code, known)
    }

    fn add_event(&mut self, name: &str, time: Millis) -> u16 {
        let code = self.events.len() as u16;
        self.codes.insert(name.into(), code);
        self.events.push(Event {
            name: name.into(),
            count: 0,
            first: time,
            last: time,
            properties: FxHashMap::default(),
        });
        self.share_names();
        code
    }

    /// Takes an event out of the counts.
    pub fn unlearn(&mut self, row: &EventRow) {
        let code = self.codes.get(row.name.as_str()).or_else(|| self.codes.get(OTHER_EVENTS));
        let Some(event) = code.and_then(|code| self.events.get_mut(usize::from(*code))) else { return };
        event.count = event.count.saturating_sub(1);
        for name in row.props.keys() {
            if let Some((_, count)) = event.properties.get_mut(name.as_str()) {
                *count = count.saturating_sub(1);
            }
        }
    }

    /// The column of a property, given to it if there is room.
    pub fn column_for(
        &mut self,
        name: &str,
        kind: ValueKind,
        columns_max: usize,
    ) -> Option<(u16, ValueKind)> {
        match self.column_codes.get(name) {
            Some(&code) => Some((code, self.columns[usize::from(code)].kind)),
            None if self.columns.len() < columns_max.min(usize::from(u16::MAX)) => {
                let code = self.columns.len() as u16;
                let column = ColumnState { name: name.to_owned(), kind };
                Arc::make_mut(&mut self.columns).push(column);
                self.column_codes.insert(name.into(), code);
                Some((code, kind))
            }
            None => None,
        }
    }

    /// Counts a property on an event; answers its column, giving it one if there is room.
    pub fn learn_property(
        &mut self,
        event: u16,
        name: &str,
        kind: ValueKind,
        columns_max: usize,
    ) -> Option<(u16, ValueKind)> {
        let column = self.column_for(name, kind, columns_max);
        let properties = &mut self.events[usize::from(event)].properties;
        if let Some((_, count)) = properties.get_mut(name) {
            *count += 1;
        } else if properties.len() < PROPERTIES_MAX {
            properties.insert(name.into(), (column.map_or(kind, |(_, kind)| kind), 1));
        }
        column
    }

    pub fn names(&self) -> &Arc<[Box<str>]> {
        &self.names
    }

    /// The names as they are now, without a copy.
    pub fn naming(&self) -> Naming {
        Naming { names: Arc::clone(&self.names), columns: Arc::clone(&self.columns) }
    }

    pub fn event_code(&self, name: &str) -> Option<u16> {
        self.codes.get(name).copied()
    }

    pub fn column(&self, code: u16) -> Option<&ColumnState> {
        self.columns.get(usize::from(code))
    }

    pub fn column_code(&self, name: &str) -> Option<u16> {
        self.column_codes.get(name).copied()
    }

    pub fn columns(&self) -> &[ColumnState] {
        &self.columns
    }

    pub fn event_names(&self) -> Vec<EventName> {
        let names = self.events.iter().map(|event| EventName {
            name: event.name.to_string(),
            count: event.count,
            first_seen: event.first,
            last_seen: event.last,
        });
        names.collect()
    }

    pub fn events_total(&self) -> u64 {
        self.events.iter().map(|event| event.count).sum()
    }

    /// Of one event, or of all if the name is empty.
    pub fn properties(&self, event: &str) -> Vec<EventProperty> {
        if !event.is_empty() {
            let code = self.event_code(event);
            return code.map_or(Vec::new(), |code| sorted(&self.events[usize::from(code)].properties));
        }
        let mut all: FxHashMap<Box<str>, (ValueKind, u64)> = FxHashMap::default();
        for (name, &(kind, count)) in self.events.iter().flat_map(|event| &event.properties) {
            all.entry(name.clone()).or_insert((kind, 0)).1 += count;
        }
        sorted(&all)
    }
}

fn sorted(properties: &FxHashMap<Box<str>, (ValueKind, u64)>) -> Vec<EventProperty> {
    let mut list: Vec<_> = properties
        .iter()
        .map(|(name, &(kind, count))| EventProperty { name: name.to_string(), kind, count })
        .collect();
    list.sort_by(|a, b| a.name.cmp(&b.name));
    list
}
