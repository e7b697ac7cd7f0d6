//! Who is behind a number or an identifier, for features that know people by
//! their numbers alone.

use jiff::tz::TimeZone;
use siyu_analytics::PersonColumns;
use siyu_types::identity::is_hashed;
use siyu_types::ports::{Directory, Known, KnownField};
use siyu_types::{FieldKind, Identifier, PersonNo, ProjectId, Result, Value};

use crate::people::{People, values};
use crate::projects::Projects;

impl Directory for Projects {
    fn of_number(&self, project: ProjectId, number: PersonNo) -> Result<Option<Known>> {
        let project = self.get(project)?;
        let people = project.people.read();
        Ok(known(&people, people.person_of(number)))
    }

    fn of_identifier(&self, project: ProjectId, identifier: &Identifier) -> Result<Option<Known>> {
        let project = self.get(project)?;
        let people = project.people.read();
        Ok(people.lookup(identifier).and_then(|person| known(&people, person)))
    }

    fn kept(&self, project: ProjectId, identifier: &Identifier) -> Result<Identifier> {
        let project = self.get(project)?;
        let people = project.people.read();
        let kept = people.graph().admission().kept(identifier);
        Ok(kept.unwrap_or_else(|| identifier.clone()))
    }

    fn attribute(&self, project: ProjectId, person: PersonNo, name: &str) -> Result<Option<Value>> {
        let project = self.get(project)?;
        let people = project.people.read();
        Ok(people.value(people.person_of(person), name))
    }

    fn fields(&self, project: ProjectId) -> Result<Vec<KnownField>> {
        let project = self.get(project)?;
        let people = project.people.read();
        let field = |kind, name, count| KnownField { kind, name, count };
        let attributes = people.properties().into_iter();
        let mut fields: Vec<KnownField> =
            attributes.map(|info| field(FieldKind::Attribute, info.name, info.people)).collect();
        for namespace in people.graph().namespaces() {
            let count = people.graph().all_of(&namespace).count() as u64;
            fields.push(field(FieldKind::Identifier, namespace, count));
        }
        let properties = project.events.properties("").into_iter();
        fields.extend(properties.map(|info| field(FieldKind::Property, info.name, info.count)));
        Ok(fields)
    }

    fn samples(&self, project: ProjectId, field: &KnownField, limit: usize) -> Result<Vec<String>> {
        let project = self.get(project)?;
        let values = match field.kind {
            FieldKind::Attribute => {
                let people = project.people.read();
                people.attribute(&field.name).map(|column| values::frequent(column, "", limit))
            }
            FieldKind::Identifier => {
                let people = project.people.read();
                // What is kept as hashes shows nothing, and looks like nothing.
                let some =
                    people.graph().all_of(&field.name).filter(|(value, _)| !is_hashed(value)).take(limit);
                Some(some.map(|(value, _)| (value.to_owned(), 1)).collect())
            }
            FieldKind::Property => {
                let names = project.events.event_names().into_iter().map(|event| event.name);
                // The event that carries it most often is enough to see what it holds.
                let carries = |event: &String| {
                    let own = project.events.properties(event).into_iter();
                    own.filter(|known| known.name == field.name).map(|known| known.count).next()
                };
                let most = names.filter_map(|event| Some((carries(&event)?, event))).max();
                most.map(|(_, event)| project.events.values(&event, &field.name, "", limit)).transpose()?
            }
        };
        Ok(values.unwrap_or_default().into_iter().map(|(value, _)| value).collect())
    }

    fn identifiers(&self, project: ProjectId, person: PersonNo) -> Result<Vec<Identifier>> {
        let project = self.get(project)?;
        let people = project.people.read();
        Ok(people.identifiers(people.person_of(person)))
    }

    fn property(
        &self,
        project: ProjectId,
        person: PersonNo,
        event: u64,
        name: &str,
    ) -> Result<Option<Value>> {
        let project = self.get(project)?;
        let numbers = {
            let people = project.people.read();
            people.numbers(people.person_of(person))
        };
        let timeline = project.events.timeline(&numbers)?;
        let Some(moment) = timeline.moments().iter().find(|moment| moment.seq == event) else {
            return Ok(None);
        };
        let row = timeline.read(&[*moment])?.pop();
        Ok(row.and_then(|mut row| row.props.remove(name)))
    }

    fn zone(&self, project: ProjectId) -> Result<TimeZone> {
        Ok(self.get(project)?.zone())
    }
}

fn known(people: &People, person: PersonNo) -> Option<Known> {
    people.exists(person).then(|| Known { person, numbers: people.numbers(person) })
}
