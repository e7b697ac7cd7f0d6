//! Erasing a person, and proving it.
//!
//! The order is a record in the log: when it is applied, the person is nobody, to every
//! reading at once. A durable job then takes what is left of them out of files and tables,
//! step by step ([`rules::STEPS`]); every part of the product that holds traces of people
//! does its own steps ([`siyu_types::ports::Traces`]). What was removed where stands in a
//! certificate, which names nobody.

mod api;
mod jobs;
mod model;
mod rules;
mod store;
#[cfg(test)]
mod tests;
mod traces;

use std::sync::Arc;

use serde_json::json;
use siyu_db::{NewJob, db_error};
use siyu_govern::rights::RequestKind;
use siyu_types::erasure::ErasureOrder;
use siyu_types::ports::{Erasures, Traces};
use siyu_types::record::{Body, Evidence, key_of};
use siyu_types::{Error, ErrorCode, Permission, ProjectId, Record, Result, Viewer};

use crate::Audience;
use crate::people::resolve;
use model::{Erasure, ErasureState, NewErasure};
pub(crate) use store::REASON;

pub(crate) use api::routes;
pub(crate) use jobs::Erase;

/// Source of the order's record.
const SOURCE: &str = "siyu";

/// Everybody who has to do with erasing, as the product is put together.
#[derive(Clone)]
pub struct ErasureParts {
    pub erasures: Arc<dyn Erasures>,
    /// In any order: [`rules::STEPS`] says which step comes when.
    pub traces: Vec<Arc<dyn Traces>>,
}

/// Orders a person's erasure. When this answers, they are nobody.
async fn order(audience: &Audience, viewer: &Viewer, number: u32, new: NewErasure) -> Result<Erasure> {
    viewer.require(Permission::PeopleErase)?;
    let parts = audience.erasure_parts()?;
    let project = audience.project(viewer)?;
    let (person, numbers, reason) = {
        let people = project.people.read();
        let person = resolve(&people, number)?;
        let readings = |word: &str| people.graph().readings(word);
        let reason = rules::check_reason(&new.reason, &people.identifiers(person), readings)?;
        (person, people.numbers(person), reason)
    };
    if let Some(request) = new.request_id {
        let asked = audience.inner.govern.find_request(viewer.project, request).await?;
        if asked.kind != RequestKind::Erase || !asked.person.is_some_and(|person| numbers.contains(&person.0))
        {
            return Err(Error::invalid("request_id", "is not a request of this person to be erased"));
        }
        if asked.state.is_ended() {
            return Err(Error::new(ErrorCode::WrongState, "the request is ended").at("request_id"));
        }
    }
    let now = audience.now();
    let mut tx = audience.db().begin().await?;
    let id = store::insert(&mut tx, viewer, person, &reason, new.request_id, now).await?;
    let detail = json!({ "person": person.0, "request": new.request_id });
    siyu_govern::audit(&mut tx, viewer, "people.erase", &format!("erasure:{id}"), detail, now).await?;
    let job = NewJob::new(viewer.project, jobs::ERASE_JOB, json!({ "erasure": id }));
    audience.inner.jobs.enqueue_in(&mut tx, job.once(id.to_string())).await?;
    tx.commit().await.map_err(db_error)?;
    apply(audience, &parts, viewer.project, id).await?;
    audience.inner.jobs.wake();
    store::get(audience.db(), viewer.project, id).await
}

/// Puts the order into the log, waits until it is obeyed and writes down whom it concerned.
/// Doing it again changes nothing.
async fn apply(audience: &Audience, parts: &ErasureParts, project: ProjectId, id: i64) -> Result<Erasure> {
    let erasure = store::get(audience.db(), project, id).await?;
    if erasure.state != ErasureState::Ordered {
        return Ok(erasure);
    }
    if parts.erasures.erased(project, id)?.is_none() {
        let now = audience.now();
        let order = ErasureOrder { erasure: id, person: erasure.person };
        let record = Record {
            key: key_of(&[b"erasure", &id.to_le_bytes()]),
            time: now,
            received_at: now,
            ids: Vec::new(),
            evidence: Evidence::Weak,
            body: Body::Erasure(order),
            source: SOURCE.to_owned(),
        };
        audience.sink().emit(project, vec![record]).await?;
        audience.sink().settle(project).await?;
    }
    let erased = parts.erasures.erased(project, id)?;
    let erased = erased.ok_or_else(|| Error::internal("an order was applied and not obeyed"))?;
    let mut tx = audience.db().begin().await?;
    store::applied(&mut tx, &erased).await?;
    tx.commit().await.map_err(db_error)?;
    store::get(audience.db(), project, id).await
}
