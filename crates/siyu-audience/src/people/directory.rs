//! Who is behind a number or an identifier, for features that know people by
//! their numbers alone.

use jiff::tz::TimeZone;
use siyu_types::ports::{Directory, Known};
use siyu_types::{Identifier, PersonNo, ProjectId, Result, Value};

use crate::people::People;
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

    fn attribute(&self, project: ProjectId, person: PersonNo, name: &str) -> Result<Option<Value>> {
        let project = self.get(project)?;
        let people = project.people.read();
        Ok(people.value(people.person_of(person), name))
    }

    fn zone(&self, project: ProjectId) -> Result<TimeZone> {
        Ok(self.get(project)?.zone())
    }
}

fn known(people: &People, person: PersonNo) -> Option<Known> {
    people.exists(person).then(|| Known { person, numbers: people.numbers(person) })
}
