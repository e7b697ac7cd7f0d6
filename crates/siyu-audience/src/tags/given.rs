//! Tags whose values are given: made once of what a result says of people, and kept.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;
use serde_json::json;
use siyu_db::db_error;
use siyu_types::{Error, ErrorCode, Permission, PersonNo, ProjectId, Result, Value, Viewer};

use super::kinds::{Definition, Given, GivenParams};
use super::model::{NewTag, Tag};
use super::{adopt, checked, enqueue, room, store};
use crate::Audience;

/// Different values of one tag: what has more says something of single people, and groups nobody.
pub const GIVEN_VALUES_MAX: usize = 1_000;
const VALUE_CHARS_MAX: usize = 100;

/// What somebody wants to give to people.
#[derive(Clone, PartialEq, Debug)]
pub struct NewGiven {
    pub name: String,
    pub display: String,
    pub description: String,
    pub directory: String,
    /// Of what the values come: `sql`.
    pub of: String,
    pub column: Option<String>,
    /// By the number of each person; a tag without a column gives all the same.
    pub values: BTreeMap<u32, Value>,
}

/// Creates a tag of given values and queues that people get them.
pub async fn create(audience: &Audience, viewer: &Viewer, new: NewGiven) -> Result<Tag> {
    viewer.require(Permission::TagsWrite)?;
    let project = audience.project(viewer)?;
    let definition = Definition::Given(GivenParams { of: new.of, column: new.column });
    let (name, display) = (new.name, new.display);
    let tag = NewTag { name, display, description: new.description, directory: new.directory, definition };
    let tag = checked(tag)?;
    let given = {
        let people = project.people.read();
        let living = people.universe();
        let persons =
            new.values.into_iter().map(|(number, value)| (people.person_of(PersonNo(number)).0, value));
        grouped(persons.filter(|(person, _)| living.contains(*person)))?
    };
    let people: u64 = given.iter().map(|(_, numbers)| numbers.len()).sum();
    let _change = audience.inner.changes.lock().await;
    room(&project)?;
    let now = audience.now();
    let mut tx = audience.db().begin().await?;
    let id = store::insert(&mut tx, project.id, &tag, now).await?;
    store::set_given(&mut tx, project.id, id, &given).await?;
    let detail = json!({ "name": tag.name, "kind": "given", "definition": tag.definition,
        "people": people, "values": given.len() });
    siyu_govern::audit(&mut tx, viewer, "tags.create", &format!("tag:{id}"), detail, now).await?;
    enqueue(audience, &mut tx, &project, id).await?;
    tx.commit().await.map_err(db_error)?;
    audience.inner.jobs.wake();
    let tag = store::get(audience.db(), project.id, id).await?;
    adopt(&project, &tag);
    Ok(tag)
}

/// People by the value they are given. Empty texts are no values.
fn grouped(values: impl Iterator<Item = (u32, Value)>) -> Result<Vec<Given>> {
    // By the JSON of the value: numbers are not to be compared.
    let mut groups: BTreeMap<String, Given> = BTreeMap::new();
    for (person, value) in values {
        let value = match value {
            Value::Text(text) => Value::Text(text.trim().to_owned()),
            other => other,
        };
        let shown = value.display();
        if shown.is_empty() {
            continue;
        }
        if shown.chars().count() > VALUE_CHARS_MAX {
            return Err(Error::new(ErrorCode::TooLarge, "a value is too long for a tag")
                .with("limit", VALUE_CHARS_MAX.to_string())
                .at("value"));
        }
        let key = serde_json::to_string(&value).map_err(Error::internal)?;
        groups.entry(key).or_insert_with(|| (value, RoaringBitmap::new())).1.insert(person);
        if groups.len() > GIVEN_VALUES_MAX {
            return Err(Error::new(ErrorCode::TooManyValues, "the column has too many different values")
                .with("limit", GIVEN_VALUES_MAX.to_string())
                .at("value"));
        }
    }
    Ok(groups.into_values().collect())
}

/// Takes these numbers out of what was given to people. Answers out of how many tags.
pub(crate) async fn forget(audience: &Audience, project: ProjectId, numbers: &[u32]) -> Result<u64> {
    let mut tags = 0;
    for tag in store::list(audience.db(), project, i64::MAX, i64::MAX).await? {
        if !matches!(tag.definition, Definition::Given(_)) {
            continue;
        }
        let mut given = store::given(audience.db(), project, tag.id).await?;
        let count = |given: &[Given]| given.iter().map(|(_, numbers)| numbers.len()).sum::<u64>();
        let before = count(&given);
        for (_, of) in &mut given {
            for number in numbers {
                of.remove(*number);
            }
        }
        if count(&given) < before {
            given.retain(|(_, numbers)| !numbers.is_empty());
            let mut tx = audience.db().begin().await?;
            store::set_given(&mut tx, project, tag.id, &given).await?;
            tx.commit().await.map_err(db_error)?;
            tags += 1;
        }
    }
    Ok(tags)
}
