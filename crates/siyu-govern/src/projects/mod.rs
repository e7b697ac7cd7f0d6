//! Projects and their settings: name, time zone, currency.

mod api;
mod rules;
mod store;

pub(crate) use api::routes;

use serde_json::json;
use siyu_types::{ProjectId, Result, Viewer};

use crate::govern::commit;
use crate::{Govern, audit};

/// One brand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Project {
    pub id: ProjectId,
    pub name: String,
    /// IANA name, such as `Asia/Shanghai`.
    pub zone: String,
    /// ISO 4217, such as `CNY`.
    pub currency: String,
}

/// What may be changed; absent stays.
#[derive(Clone, Default, Debug)]
pub struct ProjectChange {
    pub name: Option<String>,
    pub zone: Option<String>,
    pub currency: Option<String>,
}

impl Govern {
    /// All projects, oldest first.
    pub async fn projects(&self) -> Result<Vec<Project>> {
        store::all(self.db()).await
    }

    pub async fn project(&self, id: ProjectId) -> Result<Project> {
        store::get(self.db(), id).await
    }

    pub async fn create_project(&self, name: &str, zone: &str, currency: &str) -> Result<Project> {
        let project = Project {
            id: ProjectId(0),
            name: rules::name(name)?,
            zone: rules::zone(zone)?,
            currency: rules::currency(currency)?,
        };
        let mut tx = self.begin().await?;
        let project = store::insert(&mut tx, project, self.now()).await?;
        let object = format!("project:{}", project.id.0);
        audit(&mut tx, &Viewer::system(project.id), "projects.create", &object, json!({}), self.now())
            .await?;
        commit(tx).await?;
        self.tell(&project);
        Ok(project)
    }

    pub async fn change_project(&self, viewer: &Viewer, change: ProjectChange) -> Result<Project> {
        let mut project = self.project(viewer.project).await?;
        let before = project.clone();
        if let Some(name) = change.name {
            project.name = rules::name(&name)?;
        }
        if let Some(zone) = change.zone {
            project.zone = rules::zone(&zone)?;
        }
        if let Some(currency) = change.currency {
            project.currency = rules::currency(&currency)?;
        }
        let mut tx = self.begin().await?;
        store::update(&mut tx, &project).await?;
        let detail = json!({
            "before": { "name": before.name, "zone": before.zone, "currency": before.currency },
            "after": { "name": project.name, "zone": project.zone, "currency": project.currency },
        });
        let object = format!("project:{}", project.id.0);
        audit(&mut tx, viewer, "projects.change", &object, detail, self.now()).await?;
        commit(tx).await?;
        self.tell(&project);
        Ok(project)
    }
}
