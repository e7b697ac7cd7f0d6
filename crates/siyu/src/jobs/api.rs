//! The jobs of the caller's project.

use axum::extract::State;
use serde::Serialize;
use siyu_db::{Job, JobState, Jobs};
use siyu_http::{At, Caller, Json, Page, PageQuery, Params, Path, Result};
use siyu_types::Permission;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) fn routes(jobs: Jobs) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show)).routes(routes!(cancel)).with_state(jobs)
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum JobStateName {
    Queued,
    Running,
    Done,
    Failed,
    Cancelled,
}

#[derive(Debug, Serialize, ToSchema)]
struct JobItem {
    id: i64,
    kind: String,
    state: JobStateName,
    done: u64,
    /// 0 while it is not known.
    total: u64,
    /// What it is doing.
    note: String,
    /// `code: message` of the last failure.
    error: Option<String>,
    #[schema(value_type = Option<Object>)]
    result: Option<serde_json::Value>,
    created_at: At,
    finished_at: Option<At>,
}

impl From<Job> for JobItem {
    fn from(job: Job) -> JobItem {
        JobItem {
            id: job.id,
            kind: job.kind,
            state: match job.state {
                JobState::Queued => JobStateName::Queued,
                JobState::Running => JobStateName::Running,
                JobState::Done => JobStateName::Done,
                JobState::Failed => JobStateName::Failed,
                JobState::Cancelled => JobStateName::Cancelled,
            },
            done: job.done.unsigned_abs(),
            total: job.total.unsigned_abs(),
            note: job.note,
            error: job.error.map(|error| shown(&error)),
            result: job.result,
            created_at: At(job.created_at),
            finished_at: job.finished_at.map(At),
        }
    }
}

/// What broke inside is for the log.
fn shown(error: &str) -> String {
    if error.starts_with("internal:") {
        "internal: something broke on our side".to_owned()
    } else {
        error.to_owned()
    }
}

/// Long work, newest first.
#[utoipa::path(get, path = "/api/v1/jobs", tag = "jobs", params(PageQuery),
    responses((status = 200, body = Page<JobItem>)))]
async fn list(
    State(jobs): State<Jobs>,
    Caller(viewer): Caller,
    Params(page): Params<PageQuery>,
) -> Result<Json<Page<JobItem>>> {
    viewer.require(Permission::ProjectRead)?;
    let found = jobs.list(viewer.project, page.cursor_id()?, page.limit() + 1).await?;
    Ok(Json(Page::cut(found, page.limit(), |job| job.id.to_string()).map(JobItem::from)))
}

/// How far a job is.
#[utoipa::path(get, path = "/api/v1/jobs/{id}", tag = "jobs", params(("id" = i64, Path)),
    responses((status = 200, body = JobItem)))]
async fn show(
    State(jobs): State<Jobs>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<Json<JobItem>> {
    viewer.require(Permission::ProjectRead)?;
    Ok(Json(jobs.get(viewer.project, id).await?.into()))
}

/// Cancels a job; a running one stops as soon as it can.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/cancel", tag = "jobs", params(("id" = i64, Path)),
    responses((status = 200, body = JobItem)))]
async fn cancel(
    State(jobs): State<Jobs>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<Json<JobItem>> {
    viewer.require(Permission::DataWrite)?;
    Ok(Json(jobs.cancel(viewer.project, id).await?.into()))
}
