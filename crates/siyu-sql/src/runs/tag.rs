//! A tag of what an answer says of people.

use std::collections::BTreeMap;

use siyu_audience::tags::{self, NewGiven, Tag};
use siyu_http::At;
use siyu_types::{Error, ErrorCode, Permission, Result, Value, Viewer};

use super::{SEGMENT_ROWS_MAX, large, no_people};
use crate::engine::Outcome;
use crate::sql::Asked;
use crate::{Cell, Sql};

/// What the tag is to be.
pub(super) struct TagWanted {
    pub name: String,
    pub display: String,
    pub description: String,
    pub directory: String,
    /// The column of the values.
    pub value: Option<String>,
}

pub(super) struct TagMade {
    pub tag: Tag,
    pub people: u64,
    pub several: u64,
}

/// Makes a tag of the people in an answer.
pub(super) async fn make(sql: &Sql, viewer: &Viewer, asked: Asked, wanted: TagWanted) -> Result<TagMade> {
    viewer.require(Permission::TagsWrite)?;
    let outcome = large(sql, viewer, asked, SEGMENT_ROWS_MAX, wanted.value.is_none()).await?;
    let TagWanted { name, display, description, directory, value } = wanted;
    let (values, several) = match &value {
        None => {
            let called = if display.trim().is_empty() { name.trim() } else { display.trim() };
            let people = outcome.table.people().ok_or_else(no_people)?;
            (people.into_iter().map(|person| (person, Value::Text(called.to_owned()))).collect(), 0)
        }
        Some(column) => valued(outcome, column)?,
    };
    let people = values.len() as u64;
    let of = "sql".to_owned();
    let new = NewGiven { name, display, description, directory, of, column: value, values };
    Ok(TagMade { tag: tags::create_given(sql.audience(), viewer, new).await?, people, several })
}

/// The value of each person, and how many people have several different ones: the last holds.
/// Expressions hide of what columns a value is made. So nothing personal may be read for it at
/// all: tags are shown to everybody, and travel to campaigns and files.
fn valued(outcome: Outcome, column: &str) -> Result<(BTreeMap<u32, Value>, u64)> {
    let read: Vec<String> = outcome.personal.into_iter().chain(outcome.masked).collect();
    if !read.is_empty() {
        return Err(Error::new(ErrorCode::PersonalValues, "the statement reads personal values")
            .with("columns", read.join(", "))
            .at("value"));
    }
    let table = outcome.table;
    let person_at = table.person_column().ok_or_else(no_people)?;
    let at = table.columns.iter().position(|one| one.name == column);
    let at = at.filter(|at| *at != person_at && !table.columns[*at].person).ok_or_else(|| {
        Error::new(ErrorCode::UnknownName, format!("the result has no column {column:?} of values"))
            .with("what", "column")
            .with("name", column)
            .at("value")
    })?;
    let mut values: BTreeMap<u32, Value> = BTreeMap::new();
    let mut several = roaring::RoaringBitmap::new();
    for row in &table.rows {
        let Some(Cell::Integer(number)) = row.get(person_at) else { continue };
        let (Ok(person), Some(value)) = (u32::try_from(*number), row.get(at).and_then(value)) else {
            continue;
        };
        if values.insert(person, value.clone()).is_some_and(|before| before != value) {
            several.insert(person);
        }
    }
    Ok((values, several.len()))
}

/// A cell as the value of a tag; nothing is none.
fn value(cell: &Cell) -> Option<Value> {
    Some(match cell {
        Cell::Null => return None,
        Cell::Bool(flag) => Value::Bool(*flag),
        Cell::Integer(number) => Value::Number(*number as f64),
        Cell::Number(number) => Value::Number(*number),
        Cell::Text(text) => Value::Text(text.clone()),
        Cell::Time(at) => Value::Text(At(*at).to_string()),
        Cell::Date(days) => Value::Text(crate::files::day(*days)),
    })
}
