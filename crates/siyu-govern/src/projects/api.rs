//! The caller's project.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use siyu_http::{Body, Caller, Json, Result};
use siyu_types::Permission;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Project, ProjectChange, WeekStart};
use crate::Govern;

pub(crate) fn routes(govern: Govern) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(show, change)).with_state(govern)
}

#[derive(Debug, Serialize, ToSchema)]
struct ProjectSettings {
    id: i64,
    name: String,
    /// IANA name, such as `Asia/Shanghai`.
    zone: String,
    /// ISO 4217, such as `CNY`.
    currency: String,
    /// How long a record is known again when it is sent a second time, 1 to 720.
    dedupe_hours: i64,
    /// On which day weeks begin in new questions.
    week_start: WeekStart,
}

/// Absent fields stay as they are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ProjectPatch {
    name: Option<String>,
    zone: Option<String>,
    currency: Option<String>,
    dedupe_hours: Option<i64>,
    week_start: Option<WeekStart>,
}

impl From<Project> for ProjectSettings {
    fn from(project: Project) -> ProjectSettings {
        let Project { id, name, zone, currency, dedupe_hours, week_start } = project;
        ProjectSettings { id: id.0, name, zone, currency, dedupe_hours, week_start }
    }
}

/// The project's settings.
#[utoipa::path(get, path = "/api/v1/project", tag = "projects",
    responses((status = 200, body = ProjectSettings)))]
async fn show(State(govern): State<Govern>, Caller(viewer): Caller) -> Result<Json<ProjectSettings>> {
    viewer.require(Permission::ProjectRead)?;
    Ok(Json(govern.project(viewer.project).await?.into()))
}

/// Changes the project's name, time zone, currency or memory of what was received.
#[utoipa::path(patch, path = "/api/v1/project", tag = "projects", request_body = ProjectPatch,
    responses((status = 200, body = ProjectSettings)))]
async fn change(
    State(govern): State<Govern>,
    Caller(viewer): Caller,
    Body(patch): Body<ProjectPatch>,
) -> Result<Json<ProjectSettings>> {
    viewer.require(Permission::ProjectManage)?;
    let ProjectPatch { name, zone, currency, dedupe_hours, week_start } = patch;
    let change = ProjectChange { name, zone, currency, dedupe_hours, week_start };
    let project = govern.change_project(&viewer, change).await?;
    Ok(Json(project.into()))
}
