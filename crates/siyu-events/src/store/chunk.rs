//! Rows in memory, column by column: the recent run of a partition, and what is
//! read from or written to a row group.

use std::collections::BTreeMap;
use std::ops::Range;

use rustc_hash::FxHashMap;
use siyu_types::clock::Millis;
use siyu_types::value::ValueKind;
use siyu_types::{Error, Identifier, PersonNo, Props, Result, Value};

use super::catalog::{Catalog, Naming};
use super::model::EventRow;
use super::texts::Texts;
use super::values::Values;

/// Raw key of an event name that found no room in the dictionary; a client cannot
/// send it, since it starts with a control character.
const NAME_KEY: &str = "\u{1}event";

#[derive(Default)]
pub(crate) struct Chunk {
    pub persons: Vec<u32>,
    pub times: Vec<Millis>,
    pub seqs: Vec<u64>,
    pub events: Vec<u16>,
    pub received: Vec<Millis>,
    pub sources: Texts,
    /// JSON `[["namespace","value"], …]`.
    pub ids: Texts,
    /// JSON object of the values that no column holds exactly.
    pub raw: Texts,
    /// By column code; may be shorter than the chunk.
    pub props: FxHashMap<u16, Values>,
}

impl Chunk {
    pub fn rows(&self) -> usize {
        self.persons.len()
    }

    /// Order of rows: person, time, arrival.
    pub fn key(&self, row: usize) -> (u32, Millis, u64) {
        (self.persons[row], self.times[row], self.seqs[row])
    }

    /// Adds a row, learning its names.
    pub fn push(&mut self, row: &EventRow, catalog: &mut Catalog, columns_max: usize) -> Result<()> {
        let at = self.rows();
        let (event, known) = catalog.learn_event(&row.name, row.time);
        let mut raw: BTreeMap<&str, &Value> = BTreeMap::new();
        let name = (!known).then(|| Value::Text(row.name.clone()));
        if let Some(name) = &name {
            raw.insert(NAME_KEY, name);
        }
        for (name, value) in &row.props {
            // A number that JSON cannot write is no value.
            if matches!(value, Value::Number(number) if !number.is_finite()) {
                continue;
            }
            let column = catalog.learn_property(event, name, value.kind(), columns_max);
            let fits = column.is_some_and(|(code, kind)| {
                self.props.entry(code).or_insert_with(|| Values::new(kind)).put(at, value)
            });
            if !fits {
                raw.insert(name, value);
            }
        }
        let raw = if raw.is_empty() { None } else { Some(to_json(&raw)?) };
        self.ids.push(Some(&Chunk::ids_text(&row.ids)?));
        self.raw.push(raw.as_deref());
        self.sources.push(Some(&row.source));
        self.persons.push(row.person.0);
        self.times.push(row.time);
        self.seqs.push(row.seq);
        self.events.push(event);
        self.received.push(row.received_at);
        Ok(())
    }

    /// Gives a row further values, in their columns or beside them. Answers the
    /// properties that it did not have before.
    pub fn amend<'a>(
        &mut self,
        row: usize,
        props: &'a Props,
        columns: &FxHashMap<&str, (u16, ValueKind)>,
    ) -> Result<Vec<(&'a str, ValueKind)>> {
        let mut raw: Props = self.raw.get(row).map_or(Ok(Props::new()), from_json)?;
        let mut added = Vec::new();
        for (name, value) in props {
            if matches!(value, Value::Number(number) if !number.is_finite()) {
                continue;
            }
            let column = columns.get(name.as_str()).and_then(|(code, _)| self.props.get(code));
            if !raw.contains_key(name) && column.is_none_or(|values| values.get(row).is_none()) {
                added.push((name.as_str(), value.kind()));
            }
            let fits = columns.get(name.as_str()).is_some_and(|&(code, kind)| {
                self.props.entry(code).or_insert_with(|| Values::new(kind)).set(row, value)
            });
            if fits {
                raw.remove(name);
            } else {
                raw.insert(name.clone(), value.clone());
            }
        }
        let raw = if raw.is_empty() { None } else { Some(to_json(&raw)?) };
        self.raw.set(row, raw.as_deref());
        Ok(added)
    }

    /// The row as it was given.
    pub fn row(&self, row: usize, naming: &Naming) -> Result<EventRow> {
        let mut props = Props::new();
        for (&code, values) in &self.props {
            if let (Some(value), Some(column)) = (values.get(row), naming.column(code)) {
                props.insert(column.name.clone(), value);
            }
        }
        let mut name = naming.event_name(self.events[row]).to_owned();
        if let Some(raw) = self.raw.get(row) {
            let mut raw: Props = from_json(raw)?;
            if let Some(Value::Text(text)) = raw.remove(NAME_KEY) {
                name = text;
            }
            props.append(&mut raw);
        }
        Ok(EventRow {
            person: PersonNo(self.persons[row]),
            time: self.times[row],
            seq: self.seqs[row],
            name,
            props,
            ids: Chunk::ids_of(self.ids.get(row).unwrap_or("[]"))?,
            source: self.sources.get(row).unwrap_or_default().to_owned(),
            received_at: self.received[row],
        })
    }

    /// Appends rows of another chunk. `known` belongs to the pair of chunks.
    pub fn extend(&mut self, other: &Chunk, rows: Range<usize>, known: &mut Translations) {
        let at = self.rows();
        self.persons.extend_from_slice(&other.persons[rows.clone()]);
        self.times.extend_from_slice(&other.times[rows.clone()]);
        self.seqs.extend_from_slice(&other.seqs[rows.clone()]);
        self.events.extend_from_slice(&other.events[rows.clone()]);
        self.received.extend_from_slice(&other.received[rows.clone()]);
        self.sources.extend(&other.sources, rows.clone(), &mut known.sources);
        self.ids.extend(&other.ids, rows.clone(), &mut known.ids);
        self.raw.extend(&other.raw, rows.clone(), &mut known.raw);
        for (&code, values) in &other.props {
            let to = self.props.entry(code).or_insert_with(|| match values {
                Values::Number(_) => Values::Number(Vec::new()),
                Values::Bool(_) => Values::Bool(Vec::new()),
                Values::Text(_) => Values::Text(Texts::default()),
                Values::List(_) => Values::List(Texts::default()),
            });
            to.pad(at);
            to.extend(values, rows.clone(), known.props.entry(code).or_default());
        }
    }

    /// The identifiers that the text of a row's ids names.
    pub fn ids_of(text: &str) -> Result<Vec<Identifier>> {
        let ids: Vec<(String, String)> = from_json(text)?;
        Ok(ids.into_iter().map(|(namespace, value)| Identifier { namespace, value }).collect())
    }

    /// As they are kept.
    pub fn ids_text(ids: &[Identifier]) -> Result<String> {
        let ids: Vec<(&str, &str)> =
            ids.iter().map(|id| (id.namespace.as_str(), id.value.as_str())).collect();
        to_json(&ids)
    }

    pub fn bytes(&self) -> usize {
        let props: usize = self.props.values().map(Values::bytes).sum();
        self.rows() * 30 + self.sources.bytes() + self.ids.bytes() + self.raw.bytes() + props
    }
}

/// How the words of one chunk are numbered in another.
#[derive(Default)]
pub(crate) struct Translations {
    sources: Vec<u32>,
    ids: Vec<u32>,
    raw: Vec<u32>,
    props: FxHashMap<u16, Vec<u32>>,
}

fn to_json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}

fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| Error::internal(format!("stored JSON: {error}")))
}
