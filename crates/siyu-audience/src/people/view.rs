//! People as a caller may see them: personal values masked on the way out.

use roaring::RoaringBitmap;
use serde::Serialize;
use siyu_govern::masking;
use siyu_http::{At, Page};
use siyu_types::{Identifier, Permission, PersonNo, Props, Value, Viewer};
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

/// A value as this caller may see it.
pub fn shown_value(viewer: &Viewer, name: &str, value: Value) -> Value {
    if viewer.may(Permission::PeopleReadPersonal) || masking::personal(name).is_none() {
        return value;
    }
    match value {
        Value::List(items) => {
            Value::List(items.iter().map(|item| masking::shown(viewer, name, item)).collect())
        }
        Value::Bool(flag) => Value::Bool(flag),
        scalar => Value::Text(masking::shown(viewer, name, &scalar.display())),
    }
}

pub fn shown_props(viewer: &Viewer, props: Props) -> Props {
    props
        .into_iter()
        .map(|(name, value)| {
            let value = shown_value(viewer, &name, value);
            (name, value)
        })
        .collect()
}

pub fn shown_identifiers(viewer: &Viewer, identifiers: Vec<Identifier>) -> Vec<Identifier> {
    identifiers.into_iter().map(|id| shown_identifier(viewer, id)).collect()
}

/// The scope of a namespace says nothing about how personal its values are.
pub fn shown_identifier(viewer: &Viewer, id: Identifier) -> Identifier {
    let name = id.namespace.split(':').next().unwrap_or_default();
    Identifier { value: masking::shown(viewer, name, &id.value), namespace: id.namespace }
}

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
