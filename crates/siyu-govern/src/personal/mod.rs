//! Protection of personal data: which fields are personal and who sees how much of
//! them, single values revealed with a reason, who looked at whom, and the register
//! of exports.

mod api;
mod exports;
mod looks;
mod model;
mod reveal;
mod rules;
mod store;
mod suggest;
#[cfg(test)]
mod tests;

pub use exports::{Export, ExportRow, Match, NewExport, harmless};
pub use looks::{Look, Subject, What};
pub(crate) use looks::{REASON as LOOK_REASON, Recorder, opened_person};
pub use model::Settings;

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::RwLock;
use serde_json::json;
use siyu_types::personal::PersonalField;
use siyu_types::ports::Directory;
use siyu_types::{Error, FieldKind, Permission, PersonalRules, ProjectId, Result, Viewer};
use utoipa_axum::router::OpenApiRouter;

use crate::govern::commit;
use crate::{Govern, audit};

/// What bounds this feature, for the page of limits.
pub mod limits {
    pub use super::exports::TRACED_BYTES_MAX;
    pub use super::looks::PENDING_MAX;
    pub use super::rules::{FIELDS_MAX, LOOKS_DAYS_MAX, REVEALS_PER_HOUR_MAX};
}

/// Told of the rules of a project whenever they change.
pub type RulesListener = dyn Fn(ProjectId, &Arc<PersonalRules>) + Send + Sync;

/// The rules of projects that were asked for.
#[derive(Default)]
pub(crate) struct Known {
    rules: RwLock<HashMap<ProjectId, Arc<PersonalRules>>>,
    listeners: RwLock<Vec<Arc<RulesListener>>>,
}

pub(crate) fn routes(govern: Govern, people: Arc<dyn Directory>) -> OpenApiRouter {
    api::routes(govern.clone(), Arc::clone(&people))
        .merge(looks::routes(govern.clone(), Arc::clone(&people)))
        .merge(exports::routes(govern, people))
}

impl Govern {
    /// What is personal in a project and who sees how much of it.
    pub async fn personal_rules(&self, project: ProjectId) -> Result<Arc<PersonalRules>> {
        if let Some(rules) = self.inner.personal.rules.read().get(&project) {
            return Ok(Arc::clone(rules));
        }
        let rules = Arc::new(store::rules(self.db(), project).await?);
        // Whoever changed them meanwhile has put in newer ones.
        Ok(Arc::clone(self.inner.personal.rules.write().entry(project).or_insert(rules)))
    }

    /// Registers somebody who keeps the rules in memory.
    pub fn on_personal_change(&self, listener: Arc<RulesListener>) {
        self.inner.personal.listeners.write().push(listener);
    }

    pub async fn personal_settings(&self, project: ProjectId) -> Result<Settings> {
        store::settings(self.db(), project).await
    }

    /// Changes who sees how much, and the limits. Holds from the next request on.
    pub async fn set_personal_settings(&self, viewer: &Viewer, settings: Settings) -> Result<()> {
        viewer.require(Permission::PersonalManage)?;
        rules::check(&settings)?;
        let now = self.now();
        let mut tx = self.begin().await?;
        store::set_settings(&mut tx, viewer.project, &settings).await?;
        let detail = json!({
            "exposures": settings.exposures, "reveals_per_hour": settings.reveals_per_hour,
            "looks_days": settings.looks_days,
        });
        audit(&mut tx, viewer, "personal.settings", "personal", detail, now).await?;
        commit(tx).await?;
        self.reread(viewer.project).await
    }

    /// Declares what a field is: personal, of a class, or not personal at all.
    pub async fn declare_personal(
        &self,
        viewer: &Viewer,
        (kind, name): (FieldKind, &str),
        field: Option<PersonalField>,
    ) -> Result<()> {
        viewer.require(Permission::PersonalManage)?;
        rules::field_name(name)?;
        let now = self.now();
        let mut tx = self.begin().await?;
        if store::field_count(&mut tx, viewer.project).await? >= rules::FIELDS_MAX as i64 {
            return Err(Error::new(siyu_types::ErrorCode::TooComplex, "too many fields are declared")
                .with("limit", rules::FIELDS_MAX.to_string()));
        }
        store::declare(&mut tx, viewer, (kind, name), field, now).await?;
        let detail = json!({ "kind": kind, "name": name, "field": field });
        audit(&mut tx, viewer, "personal.declare", "personal", detail, now).await?;
        commit(tx).await?;
        self.reread(viewer.project).await
    }

    /// Goes back to what the name of a field suggests.
    pub async fn undeclare_personal(&self, viewer: &Viewer, (kind, name): (FieldKind, &str)) -> Result<()> {
        viewer.require(Permission::PersonalManage)?;
        let mut tx = self.begin().await?;
        store::undeclare(&mut tx, viewer.project, kind, name).await?;
        let detail = json!({ "kind": kind, "name": name });
        audit(&mut tx, viewer, "personal.undeclare", "personal", detail, self.now()).await?;
        commit(tx).await?;
        self.reread(viewer.project).await
    }

    async fn reread(&self, project: ProjectId) -> Result<()> {
        let rules = Arc::new(store::rules(self.db(), project).await?);
        self.inner.personal.rules.write().insert(project, Arc::clone(&rules));
        let listeners = self.inner.personal.listeners.read().clone();
        listeners.iter().for_each(|listener| listener(project, &rules));
        Ok(())
    }
}
