//! Projects and their settings: name, time zone, currency.

mod api;
mod rules;
mod store;

pub(crate) use api::routes;

use serde::{Deserialize, Serialize};
use serde_json::json;
use siyu_types::{ProjectId, Result, Viewer};
use utoipa::ToSchema;

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
    /// How long a record is known again when it is sent a second time.
    pub dedupe_hours: i64,
    pub week_start: WeekStart,
}

/// On which day weeks begin in new questions. A question that was kept says itself how it
/// counts, so a change of this changes no answer.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WeekStart {
    #[default]
    Monday,
    Sunday,
}

impl WeekStart {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            WeekStart::Monday => "monday",
            WeekStart::Sunday => "sunday",
        }
    }
}

pub const DEDUPE_HOURS_DEFAULT: i64 = 48;

/// What may be changed; absent stays.
#[derive(Clone, Default, Debug)]
pub struct ProjectChange {
    pub name: Option<String>,
    pub zone: Option<String>,
    pub currency: Option<String>,
    pub dedupe_hours: Option<i64>,
    pub week_start: Option<WeekStart>,
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
            dedupe_hours: DEDUPE_HOURS_DEFAULT,
            week_start: WeekStart::default(),
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
        if let Some(hours) = change.dedupe_hours {
            project.dedupe_hours = rules::dedupe_hours(hours)?;
        }
        if let Some(start) = change.week_start {
            project.week_start = start;
        }
        let mut tx = self.begin().await?;
        store::update(&mut tx, &project).await?;
        let detail = json!({
            "before": { "name": before.name, "zone": before.zone, "currency": before.currency,
                "dedupe_hours": before.dedupe_hours, "week_start": before.week_start },
            "after": { "name": project.name, "zone": project.zone, "currency": project.currency,
                "dedupe_hours": project.dedupe_hours, "week_start": project.week_start },
        });
        let object = format!("project:{}", project.id.0);
        audit(&mut tx, viewer, "projects.change", &object, detail, self.now()).await?;
        commit(tx).await?;
        // A key answers with its project's settings.
        self.inner.keys.forget();
        self.tell(&project);
        Ok(project)
    }
}
