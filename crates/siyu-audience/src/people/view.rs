//! People as a caller may see them: personal values masked on the way out.

use roaring::RoaringBitmap;
use serde::Serialize;
use siyu_govern::masking;
use siyu_http::{At, Page};
use siyu_types::{FieldKind, Identifier, PersonNo, Props, Value, Viewer};
use utoipa::ToSchema;

use super::People;
use crate::projects::Project;

/// Attributes shown in a list.
const SHOWN_MAX: usize = 6;
/// Shown first, where they exist.
const SHOWN_FIRST: [&str; 4] = ["name", "gender", "city", "level"];

/// A person in a list.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct PersonItem {
    pub person: u32,
    pub identifiers: Vec<Identifier>,
    /// A few of them; all are in the person's own view.
    pub attributes: Props,
    pub first_seen: Option<At>,
    pub last_seen: Option<At>,
    pub event_count: u64,
}

/// A value of an attribute as this caller may see it.
pub fn shown_value(viewer: &Viewer, name: &str, value: Value) -> Value {
    masking::shown_value(viewer, FieldKind::Attribute, name, value)
}

/// The value of a tag as this caller may see it: it may have been computed from anything.
pub fn shown_tag(viewer: &Viewer, value: Value) -> Value {
    match value {
        Value::Text(text) => Value::Text(masking::shown_by_look(viewer, &text)),
        Value::List(items) => {
            Value::List(items.iter().map(|item| masking::shown_by_look(viewer, item)).collect())
        }
        other => other,
    }
}

/// Properties of an event as this caller may see them.
pub fn shown_props(viewer: &Viewer, props: Props) -> Props {
    props
        .into_iter()
        .map(|(name, value)| {
            let value = masking::shown_value(viewer, FieldKind::Property, &name, value);
            (name, value)
        })
        .collect()
}

pub fn shown_identifiers(viewer: &Viewer, identifiers: Vec<Identifier>) -> Vec<Identifier> {
    identifiers.into_iter().map(|id| shown_identifier(viewer, id)).collect()
}

pub fn shown_identifier(viewer: &Viewer, id: Identifier) -> Identifier {
    masking::shown_identifier(viewer, id)
}

/// The values of a person that this caller sees masked, each with what is shown
/// instead, longest first: they may stand in what colleagues wrote about the person.
pub fn masked_values(people: &People, viewer: &Viewer, person: PersonNo) -> Vec<(String, String)> {
    if viewer.sees_all() {
        return Vec::new();
    }
    let texts = people.attributes(person).into_iter().filter_map(|(name, value)| match value {
        Value::Text(text) => {
            let shown = masking::shown(viewer, FieldKind::Attribute, &name, &text);
            Some((text, shown))
        }
        _ => None,
    });
    let identifiers = people.identifiers(person).into_iter().map(|id| {
        // People write numbers without their country.
        let written = id.value.strip_prefix("+86").unwrap_or(&id.value).to_owned();
        let shown = masking::shown(viewer, FieldKind::Identifier, &id.namespace, &written);
        (written, shown)
    });
    let mut all: Vec<_> = texts.chain(identifiers).filter(|(value, shown)| value != shown).collect();
    all.retain(|(value, _)| value.chars().count() >= WRITTEN_CHARS_MIN);
    all.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
    all
}

/// Shorter values stand in other words by chance.
const WRITTEN_CHARS_MIN: usize = 2;

/// One person of a list.
pub fn person_item(people: &People, viewer: &Viewer, person: PersonNo) -> PersonItem {
    let all = people.attributes(person);
    let mut attributes = Props::new();
    let first = SHOWN_FIRST.iter().filter_map(|name| all.get_key_value(*name));
    for (name, value) in first.chain(all.iter()) {
        if attributes.len() >= SHOWN_MAX {
            break;
        }
        attributes.entry(name.clone()).or_insert_with(|| shown_value(viewer, name, value.clone()));
    }
    let activity = people.activity(person);
    PersonItem {
        person: person.0,
        identifiers: shown_identifiers(viewer, people.identifiers(person)),
        attributes,
        first_seen: activity.first_seen().map(At),
        last_seen: activity.last_seen().map(At),
        event_count: activity.events,
    }
}

/// A page of a group of people, latest numbers first; `before` is the cursor.
pub fn person_items(
    project: &Project,
    viewer: &Viewer,
    group: &RoaringBitmap,
    before: Option<i64>,
    limit: i64,
) -> Page<PersonItem> {
    let people = project.people.read();
    let below = before.map_or(u32::MAX, |before| u32::try_from(before.max(0)).unwrap_or(u32::MAX));
    let mut numbers = group.iter();
    numbers.advance_back_to(below);
    let persons = numbers
        .rev()
        .filter(|number| before.is_none() || *number < below)
        .take(limit.max(0) as usize + 1)
        .map(|number| person_item(&people, viewer, PersonNo(number)))
        .collect();
    let mut page = Page::cut(persons, limit, |item: &PersonItem| item.person.to_string());
    page.total = Some(group.len());
    page
}
