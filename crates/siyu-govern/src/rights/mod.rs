//! What people ask about their data — a copy, deletion, correction, an explanation —
//! and what the team does about it: each request has a deadline, somebody who works on
//! it, every step written down, and ends with an answer. And the register of the copies
//! that were made; the copies themselves are made by whoever knows the data.

mod api;
mod api_moves;
mod copies;
mod model;
mod rules;
mod store;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::json;
use siyu_db::{TextColumn, Tx};
use siyu_types::ports::Directory;
use siyu_types::{Permission, ProjectId, Result, Viewer};
use utoipa_axum::router::OpenApiRouter;

pub use copies::{CODE_FAILURES_MAX, COPY_DAYS, Content, Copy, CopyFile, CopyState, NewCopy};
pub use model::{
    Assignee, NewRequest, Request, RequestKind, RequestState, Step, StepKind, Verified, VerifiedHow,
};
pub use rules::{SOON_DAYS, TEXT_CHARS_MAX, WORKING_DAYS, is_overdue, limit_text, require_text};

use crate::{Govern, audit};

/// How long the person still sees what was answered, on their page.
pub const ANSWERS_SHOWN_DAYS: i64 = 90;

const DAY_MILLIS: i64 = 86_400_000;

pub(crate) fn routes(govern: Govern, people: Arc<dyn Directory>) -> OpenApiRouter {
    api::routes(govern, people)
}

/// Columns that are sealed.
pub(crate) fn sealed_texts() -> Vec<TextColumn> {
    store::TEXTS.to_vec()
}

/// Writes down that something happened with a request, in the transaction in which it happened.
pub async fn step(tx: &mut Tx, project: ProjectId, request: i64, step: &Step) -> Result<()> {
    store::add_step(tx, project, request, step).await
}

impl Govern {
    /// The requests of a person: those that are not ended, and those that ended lately.
    pub async fn requests_shown(&self, project: ProjectId, numbers: &[u32]) -> Result<Vec<Request>> {
        let since = self.now() - ANSWERS_SHOWN_DAYS * DAY_MILLIS;
        store::of_person(self.db(), project, numbers, since).await
    }

    /// Every request of a person.
    pub async fn requests_of(&self, project: ProjectId, numbers: &[u32]) -> Result<Vec<Request>> {
        store::of_person(self.db(), project, numbers, i64::MIN).await
    }

    /// Requests of somebody who gave one of these as contact.
    pub async fn requests_by_contact(&self, project: ProjectId, forms: &[String]) -> Result<Vec<Request>> {
        const FOUND_MAX: i64 = 50;
        store::of_contact(self.db(), project, forms, FOUND_MAX).await
    }

    /// Forgets an erased person: the words of their requests, and the files of their
    /// copies. Doing it twice changes nothing. Answers how many requests they had made
    /// and how many files were removed; `answer` ends what was still open.
    pub async fn forget_requests(
        &self,
        project: ProjectId,
        numbers: &[u32],
        answer: &str,
    ) -> Result<(u64, usize)> {
        let files = self.forget_copies(project, numbers).await?;
        let now = self.now();
        let mut tx = self.begin().await?;
        let mut asked = 0;
        for number in numbers {
            asked += store::forget(&mut tx, project, *number, answer, now).await?;
        }
        crate::govern::commit(tx).await?;
        Ok((asked, files))
    }

    /// Takes a request down. One of the same person and kind that is not ended yet
    /// stays the only one; its number is the answer.
    pub async fn request(&self, project: ProjectId, new: &NewRequest, zone: &TimeZone) -> Result<i64> {
        let now = self.now();
        let mut tx = self.begin().await?;
        let id = match store::open_of(&mut tx, project, new).await? {
            Some(id) => id,
            None => {
                let id = store::create(&mut tx, project, new, now, rules::due(now, zone)).await?;
                let text = new.note.clone();
                let step = Step { at: now, by: new.by.clone(), kind: StepKind::Asked, text };
                store::add_step(&mut tx, project, id, &step).await?;
                id
            }
        };
        crate::govern::commit(tx).await?;
        Ok(id)
    }

    /// A request of the project.
    pub async fn find_request(&self, project: ProjectId, id: i64) -> Result<Request> {
        let mut tx = self.begin().await?;
        store::get(&mut tx, project, id).await
    }

    /// A request that is being worked on about one of these numbers, for whoever acts on it.
    pub async fn working_request(&self, viewer: &Viewer, id: i64, numbers: &[u32]) -> Result<Request> {
        viewer.require(Permission::RightsManage)?;
        let mut tx = self.begin().await?;
        let request = store::get(&mut tx, viewer.project, id).await?;
        rules::require_taken(&request, "act")?;
        if !request.person.is_some_and(|person| numbers.contains(&person.0)) {
            return Err(siyu_types::Error::invalid("request", "is about somebody else"));
        }
        Ok(request)
    }

    /// Refuses to act on a request before it is sure who asks.
    pub async fn verified_request(&self, viewer: &Viewer, id: i64, numbers: &[u32]) -> Result<Request> {
        let request = self.working_request(viewer, id, numbers).await?;
        rules::require_verified(&request)?;
        Ok(request)
    }

    /// Changes a request in one transaction: what was done is a step and an audit row.
    async fn work(
        &self,
        viewer: &Viewer,
        id: i64,
        change: impl FnOnce(&mut Request, i64) -> Result<(StepKind, String)> + Send,
    ) -> Result<Request> {
        viewer.require(Permission::RightsManage)?;
        let now = self.now();
        let mut tx = self.begin().await?;
        let mut request = store::get(&mut tx, viewer.project, id).await?;
        let (kind, text) = change(&mut request, now)?;
        request.updated_at = now;
        request.updated_by = viewer.actor.as_text();
        store::update(&mut tx, viewer.project, &request).await?;
        let done = Step { at: now, by: Assignee::of(viewer), kind, text };
        store::add_step(&mut tx, viewer.project, id, &done).await?;
        let detail = json!({ "kind": request.kind, "person": request.person.map(|person| person.0) });
        let action = format!("rights.{}", kind.as_str());
        audit(&mut tx, viewer, &action, &format!("request:{id}"), detail, now).await?;
        crate::govern::commit(tx).await?;
        Ok(request)
    }
}
