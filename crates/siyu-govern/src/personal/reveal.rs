//! One masked value of one person, shown with a reason that is kept.

use serde::{Deserialize, Serialize};
use siyu_types::identity::is_hashed;
use siyu_types::ports::Directory;
use siyu_types::{Error, ErrorCode, FieldKind, Identifier, Permission, PersonNo, Result, Viewer};
use utoipa::ToSchema;

use super::looks::{self, Look, Subject, What};
use super::rules;
use crate::Govern;
use crate::govern::commit;

const HOUR_MILLIS: i64 = 3_600_000;

/// Which value of a person, and why.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PersonalReveal)]
pub struct Wanted {
    pub kind: FieldKind,
    /// Of the attribute, the namespace with its scope, or the property.
    pub name: String,
    /// Of identifiers: which of the person's, counted from 0 in the order in which they are shown.
    #[serde(default)]
    pub at: usize,
    /// Of properties: the number of the event.
    #[serde(default)]
    pub event: Option<u64>,
    /// Why it has to be seen, 2 to 200 characters; stays in the log of looks.
    pub reason: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = PersonalRevealed)]
pub struct Revealed {
    pub value: String,
    /// Reveals the caller has left within the hour.
    pub left: i64,
}

/// The value in the clear. That it was revealed is durable before it is answered.
pub async fn reveal(
    govern: &Govern,
    people: &dyn Directory,
    viewer: &Viewer,
    number: u32,
    wanted: Wanted,
) -> Result<Revealed> {
    viewer.require(Permission::PeopleReveal)?;
    let reason = rules::reason(&wanted.reason)?;
    let known = people.of_number(viewer.project, PersonNo(number))?;
    let person = known.ok_or_else(|| Error::not_found("person", number))?.person;
    let value = value(people, viewer, person, &wanted)?.ok_or_else(|| {
        Error::new(ErrorCode::UnknownName, "the person has no such value").with("name", &*wanted.name)
    })?;
    // One after the other, so that the limit is never exceeded.
    let _turn = govern.inner.looks.revealing.lock().await;
    let limit = govern.personal_settings(viewer.project).await?.reveals_per_hour;
    let now = govern.now();
    let mut tx = govern.begin().await?;
    let (used, oldest) = looks::reveals_since(&mut tx, viewer, now - HOUR_MILLIS).await?;
    if used >= limit {
        let seconds = oldest.map_or(HOUR_MILLIS, |at| at + HOUR_MILLIS - now).max(0) / 1_000 + 1;
        return Err(Error::new(ErrorCode::RevealsUsedUp, "no more values may be revealed within this hour")
            .with("limit", limit.to_string())
            .with("retry_after_seconds", seconds.to_string()));
    }
    let look = Look {
        what: What::Revealed,
        subject: Subject::Person(person.0),
        detail: format!("{}:{}", wanted.kind.as_str(), wanted.name),
        reason,
        ..Look::of(viewer, now)
    };
    looks::append(&mut tx, &[look]).await?;
    commit(tx).await?;
    Ok(Revealed { value, left: limit - used - 1 })
}

fn value(
    people: &dyn Directory,
    viewer: &Viewer,
    person: PersonNo,
    wanted: &Wanted,
) -> Result<Option<String>> {
    let project = viewer.project;
    let found = match wanted.kind {
        FieldKind::Attribute => people.attribute(project, person, &wanted.name)?,
        FieldKind::Identifier => {
            let own = |id: &Identifier| id.namespace == wanted.name;
            let mut ids = people.identifiers(project, person)?.into_iter().filter(own);
            let found = ids.nth(wanted.at).map(|id| id.value);
            if found.as_deref().is_some_and(is_hashed) {
                return Err(Error::new(ErrorCode::ValueIsHashed, "only its hash is kept"));
            }
            return Ok(found);
        }
        FieldKind::Property => {
            let event = wanted.event.ok_or_else(|| Error::invalid("event", "say of which event"))?;
            people.property(project, person, event, &wanted.name)?
        }
    };
    Ok(found.map(|value| value.display()))
}
