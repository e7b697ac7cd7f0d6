//! What exists in a project, for checking the names in questions.

use siyu_analytics::PersonColumns;
use siyu_analytics::names::Catalog;
use siyu_types::ItemField;
use siyu_types::analysis::ANY_EVENT;
use siyu_types::record::names;

use crate::people::People;
use crate::projects::{Definitions, Project};

/// Names of a project as of now.
pub struct ProjectCatalog<'a> {
    project: &'a Project,
    people: &'a People,
    definitions: &'a Definitions,
}

/// Events that siyu itself writes or understands: a segment may speak of them
/// before the first one happened.
const STANDARD: &[&str] = &[
    names::PAGE_VIEW,
    names::ORDER_PLACED,
    names::ORDER_PAID,
    names::ORDER_LINE,
    names::ORDER_REFUNDED,
    names::ORDER_CANCELLED,
    names::ORDER_CLOSED,
    names::MESSAGE_SENT,
    names::MESSAGE_DELIVERED,
    names::MESSAGE_OPENED,
    names::MESSAGE_CLICKED,
    names::MESSAGE_BOUNCED,
    names::MESSAGE_UNSUBSCRIBED,
    names::MESSAGE_SUPPRESSED,
    names::MESSAGE_WITHHELD,
];

impl<'a> ProjectCatalog<'a> {
    pub fn new(project: &'a Project, people: &'a People, definitions: &'a Definitions) -> ProjectCatalog<'a> {
        ProjectCatalog { project, people, definitions }
    }

    fn seen(&self, event: &str) -> bool {
        self.project.events.event_code(event).is_some()
    }
}

impl Catalog for ProjectCatalog<'_> {
    fn event(&self, name: &str) -> bool {
        STANDARD.contains(&name) || self.seen(name)
    }

    fn property(&self, event: &str, name: &str) -> bool {
        if event == ANY_EVENT {
            let known = self.project.events.event_names();
            return known.iter().any(|event| self.property(&event.name, name));
        }
        // Of a standard event that never happened, nothing is known to be wrong.
        let unseen = !self.seen(event) && STANDARD.contains(&event);
        unseen || self.project.events.properties(event).iter().any(|property| property.name == name)
    }

    fn attribute(&self, name: &str) -> bool {
        self.people.attribute(name).is_some()
    }

    fn tag(&self, id: i64) -> bool {
        self.definitions.tags.contains_key(&id)
    }

    fn segment(&self, id: i64) -> bool {
        self.definitions.segments.contains_key(&id)
    }

    fn relation(&self, name: &str) -> bool {
        self.people.relations().kind_code(name).is_some()
    }

    fn item(&self, field: &ItemField) -> bool {
        // Of a type that has no items yet, nothing is known to be wrong.
        match self.people.items().types.get(field.item_type()) {
            Some(table) => table.field(field).is_some(),
            None => crate::items::STANDARD_TYPES.iter().any(|known| known.name == field.item_type()),
        }
    }
}
