//! Whether the server is well, and its figures for monitoring.

use std::fmt::Write;
use std::sync::atomic::Ordering;

use axum::extract::State;
use axum::response::IntoResponse;
use http::header;
use serde::Serialize;
use siyu_http::{Caller, Json, Result};
use siyu_types::Permission;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::Parts;

pub(crate) fn routes(parts: Parts) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(healthz)).routes(routes!(metrics)).with_state(parts)
}

#[derive(Debug, Serialize, ToSchema)]
struct Health {
    /// `ok`; anything else is an error answer.
    status: &'static str,
}

/// Answers once the server is up and its database answers.
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, body = Health)))]
async fn healthz(State(parts): State<Parts>) -> Result<Json<Health>> {
    parts.jobs.depth().await?;
    Ok(Json(Health { status: "ok" }))
}

/// Figures in the text format of Prometheus, for an API key of an owner.
#[utoipa::path(get, path = "/api/v1/metrics", tag = "health",
    responses((status = 200, content_type = "text/plain", body = String)))]
async fn metrics(State(parts): State<Parts>, Caller(viewer): Caller) -> Result<impl IntoResponse> {
    viewer.require(Permission::ProjectManage)?;
    let mut text = String::new();
    let mut line = |name: &str, labels: &str, value: u64| {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "siyu_{name}{labels} {value}");
    };
    line("requests_total", "", parts.requests.answered.load(Ordering::Relaxed));
    line("requests_failed_total", "", parts.requests.failed.load(Ordering::Relaxed));
    line("jobs_open", "", parts.jobs.depth().await?.unsigned_abs());
    for project in parts.projects.all() {
        let stats = parts.ingest.stats(project.id)?;
        let labels = format!("{{project=\"{}\"}}", project.id.0);
        line("log_end", &labels, stats.log_end);
        line("log_applied", &labels, stats.applied);
        line("log_checkpoint", &labels, stats.checkpoint);
        line("records_rejected_total", &labels, stats.rejected);
        line("pipeline_waiting", &labels, u64::from(stats.waiting));
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text))
}
