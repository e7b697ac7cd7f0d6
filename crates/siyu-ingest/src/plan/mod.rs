//! The tracking plan (事件字典): what is declared and what has arrived, lenient or
//! strict, and the quarantine of what the plan set aside.
//!
//! What is declared stands in the database; every change of it travels through
//! the log as a [`decree::Decree`], so that a replay decides by the plan that was
//! in force there. What has been seen and set aside is state of the pipeline.

mod api;
mod api_exchange;
mod api_quarantine;
mod browse;
mod decree;
mod document;
mod entry;
mod exchange;
mod fixes;
mod gate;
mod jobs;
mod model;
mod preview;
mod quarantine;
mod rules;
mod seen;
mod shape;
mod shelf;
mod store;
#[cfg(test)]
mod tests;
mod view;
mod xlsx;

use std::sync::Arc;

use serde_json::{Value, json};
use siyu_db::{Db, Jobs, NewJob, Tx, db_error};
use siyu_govern::audit;
use siyu_types::{Error, ProjectId, Result, Viewer};

use crate::ciphers::Ciphers;
use crate::ingest::Ingest;
use document::{PlanDocument, PlanProperty, PlanSubject};
use jobs::ReplayParams;
use model::{PlanMode, SubjectKind};

pub use api::routes;
pub(crate) use browse::Search;
pub(crate) use decree::{Decree, Return, decree, encode, take_frames};
pub(crate) use entry::{AsideRaw, Entry, EntryState, EventPlace, Held, Raw, Why};
pub(crate) use gate::{Admitted, Gate, GateState};
pub use jobs::{REPLAY_JOB, ReplayHandler};
pub use model::{AsideReason, PlanReason};
pub(crate) use quarantine::Quarantine;
#[cfg(test)]
pub(crate) use quarantine::QuarantineState;
pub(crate) use rules::props_mut;
pub(crate) use shelf::read;

/// The feature.
pub struct Plans {
    ingest: Arc<Ingest>,
    ciphers: Arc<Ciphers>,
    db: Db,
    jobs: Jobs,
}

/// One change of what is declared.
enum Change<'a> {
    Subject(&'a PlanSubject),
    Property(SubjectKind, &'a str, &'a PlanProperty),
    /// Of a subject with all its properties, or of one property.
    Remove(SubjectKind, &'a str, Option<&'a str>),
}

impl Plans {
    pub fn new(ingest: Arc<Ingest>, ciphers: Arc<Ciphers>, db: Db, jobs: Jobs) -> Arc<Plans> {
        Arc::new(Plans { ingest, ciphers, db, jobs })
    }

    /// Brings the plan in force up to what is declared: after a start, when the
    /// process died between writing a change down and putting it into the log.
    pub async fn start(&self, project: ProjectId) -> Result<()> {
        let (_, revision) = store::settings(&self.db, project).await?;
        let in_force = self.ingest.pipeline(project)?.gate().policy().revision;
        if in_force > revision {
            // The database is older than the log: it was restored. What it says is meant.
            let mut tx = self.db.begin().await?;
            store::touch(&mut tx, project, None, in_force + 1, self.ingest.clock().now()).await?;
            tx.commit().await.map_err(db_error)?;
        }
        if in_force != revision { self.publish(project).await } else { Ok(()) }
    }

    /// Puts what is declared into the log, and waits until it is in force.
    async fn publish(&self, project: ProjectId) -> Result<()> {
        let (mode, revision) = store::settings(&self.db, project).await?;
        let policy = store::load(&self.db, project).await?.policy(revision, mode);
        let frame = decree::encode(&Decree::Policy(policy), self.ingest.clock().now())?;
        self.ingest.append(project, vec![frame]).await?;
        self.ingest.drain(project).await
    }

    async fn set_mode(&self, viewer: &Viewer, mode: PlanMode) -> Result<()> {
        let now = self.ingest.clock().now();
        let mut tx = self.db.begin().await?;
        store::touch(&mut tx, viewer.project, Some(mode), 0, now).await?;
        audit(&mut tx, viewer, "plan.mode", "plan", json!({"mode": mode.as_str()}), now).await?;
        tx.commit().await.map_err(db_error)?;
        self.publish(viewer.project).await
    }

    /// Writes changes down together and puts them in force.
    async fn change(
        &self,
        viewer: &Viewer,
        changes: &[Change<'_>],
        (action, object): (&str, &str),
        detail: Value,
    ) -> Result<()> {
        let now = self.ingest.clock().now();
        let mut tx = self.db.begin().await?;
        for change in changes {
            self.write(&mut tx, viewer.project, change).await?;
        }
        store::touch(&mut tx, viewer.project, None, 0, now).await?;
        audit(&mut tx, viewer, action, object, detail, now).await?;
        tx.commit().await.map_err(db_error)?;
        self.publish(viewer.project).await
    }

    async fn write(&self, tx: &mut Tx, project: ProjectId, change: &Change<'_>) -> Result<()> {
        let now = self.ingest.clock().now();
        match *change {
            Change::Subject(subject) => store::put_subject(tx, project, subject, now).await,
            Change::Property(kind, subject, property) => {
                store::put_property(tx, project, (kind, subject), property, now).await
            }
            Change::Remove(kind, subject, property) => {
                let removed = store::remove(tx, project, (kind, subject), property).await?;
                if removed == 0 {
                    return Err(Error::not_found("declaration", property.unwrap_or(subject)));
                }
                Ok(())
            }
        }
    }

    /// Adds and changes everything a document names; what it does not name stays.
    async fn apply(&self, viewer: &Viewer, document: &PlanDocument, action: &str) -> Result<()> {
        let mut changes = Vec::new();
        for subject in &document.subjects {
            changes.push(Change::Subject(subject));
            let properties = subject.properties.iter();
            changes
                .extend(properties.map(|property| Change::Property(subject.kind, &subject.name, property)));
        }
        let detail = json!({"subjects": document.subjects.len(), "changes": changes.len()});
        self.change(viewer, &changes, (action, "plan"), detail).await
    }

    /// Refuses what would make the plan larger than the pipeline can hold.
    async fn room_for(&self, project: ProjectId, subject: PlanSubject) -> Result<()> {
        let news = PlanDocument { version: document::VERSION, subjects: vec![subject] };
        store::load(&self.db, project).await?.fits_with(&news)
    }

    /// Queues giving back, or discarding, what fits the filter.
    async fn replay(&self, viewer: &Viewer, params: ReplayParams) -> Result<i64> {
        let now = self.ingest.clock().now();
        let action = if params.discard { "plan.discard" } else { "plan.replay" };
        let detail = json!({"fixes": params.fixes.len(), "named": params.filter.entries.len()});
        let job =
            NewJob::new(viewer.project, REPLAY_JOB, serde_json::to_value(&params).map_err(Error::internal)?);
        let mut tx = self.db.begin().await?;
        let id = self.jobs.enqueue_in(&mut tx, job).await?;
        audit(&mut tx, viewer, action, &format!("job:{id}"), detail, now).await?;
        tx.commit().await.map_err(db_error)?;
        self.jobs.wake();
        Ok(id)
    }
}
