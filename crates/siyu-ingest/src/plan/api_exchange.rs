//! HTTP: the plan as a file, out and in.

use std::sync::Arc;

use axum::extract::multipart::MultipartError;
use axum::extract::{DefaultBodyLimit, Multipart, State};
use http::header;
use serde::Serialize;
use siyu_http::{Caller, Json, Result};
use siyu_types::{Error, ErrorCode, Permission};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::document::{PlanChange, PlanDocument, difference};
use super::exchange::{self, FILE_BYTES_MAX, PlanRowError};
use super::{Plans, store};

const CHANGES_SHOWN: usize = 500;
const ERRORS_SHOWN: usize = 200;
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

pub fn routes(plans: Arc<Plans>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(export_json))
        .routes(routes!(export_xlsx))
        .routes(routes!(import))
        .layer(DefaultBodyLimit::max(FILE_BYTES_MAX + 64 * 1024))
        .with_state(plans)
}

type FileAnswer = ([(header::HeaderName, &'static str); 2], Vec<u8>);

fn file(kind: &'static str, disposition: &'static str, bytes: Vec<u8>) -> FileAnswer {
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], bytes)
}

/// What is declared, as JSON that can be imported again.
#[utoipa::path(get, path = "/api/v1/plan/export.json", tag = "plan",
    responses((status = 200, body = PlanDocument)))]
async fn export_json(State(plans): State<Arc<Plans>>, Caller(viewer): Caller) -> Result<FileAnswer> {
    viewer.require(Permission::ProjectRead)?;
    let document = store::load(&plans.db, viewer.project).await?;
    let bytes = exchange::to_json(&document)?;
    Ok(file("application/json", "attachment; filename=\"plan.json\"", bytes))
}

/// What is declared, as an Excel file that can be imported again.
#[utoipa::path(get, path = "/api/v1/plan/export.xlsx", tag = "plan",
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>)))]
async fn export_xlsx(State(plans): State<Arc<Plans>>, Caller(viewer): Caller) -> Result<FileAnswer> {
    viewer.require(Permission::ProjectRead)?;
    let document = store::load(&plans.db, viewer.project).await?;
    let bytes = tokio::task::spawn_blocking(move || exchange::to_xlsx(&document))
        .await
        .map_err(Error::internal)??;
    Ok(file(XLSX, "attachment; filename=\"plan.xlsx\"", bytes))
}

/// What a form is made of, for the description of the API.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its shape is used")]
struct PlanForm {
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// `true` to change the plan; only the differences are answered otherwise.
    apply: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct PlanImport {
    /// The first differences.
    changes: Vec<PlanChange>,
    /// How many there are.
    changes_total: u64,
    /// Rows that cannot be used; nothing is changed while there are any.
    errors: Vec<PlanRowError>,
    applied: bool,
}

/// Adds and changes what a file says; what it does not name stays. Shows the
/// differences first: nothing changes without `apply`.
#[utoipa::path(post, path = "/api/v1/plan/import", tag = "plan",
    request_body(content = PlanForm, content_type = "multipart/form-data"),
    responses((status = 200, body = PlanImport)))]
async fn import(
    State(plans): State<Arc<Plans>>,
    Caller(viewer): Caller,
    mut form: Multipart,
) -> Result<Json<PlanImport>> {
    viewer.require(Permission::DataWrite)?;
    let (mut uploaded, mut apply) = (None, false);
    while let Some(field) = form.next_field().await.map_err(broken)? {
        match field.name() {
            Some("file") => uploaded = Some(field.bytes().await.map_err(broken)?),
            Some("apply") => apply = field.text().await.map_err(broken)? == "true",
            _ => {}
        }
    }
    let bytes = uploaded.ok_or_else(|| Error::invalid("file", "the form has no file"))?;
    if bytes.len() > FILE_BYTES_MAX {
        let error = Error::new(ErrorCode::TooLarge, "the file is too large").at("file");
        return Err(error.with("limit_bytes", FILE_BYTES_MAX.to_string()).into());
    }
    let read =
        tokio::task::spawn_blocking(move || exchange::read(&bytes)).await.map_err(Error::internal)??;
    let document = match read {
        Ok(document) => document,
        Err(mut errors) => {
            errors.truncate(ERRORS_SHOWN);
            return Ok(Json(PlanImport { changes: Vec::new(), changes_total: 0, errors, applied: false }));
        }
    };
    document.check()?;
    let present = store::load(&plans.db, viewer.project).await?;
    present.fits_with(&document)?;
    let mut changes = difference(&present, &document)?;
    let changes_total = changes.len() as u64;
    let applied = apply && !changes.is_empty();
    if applied {
        plans.apply(&viewer, &document, "plan.import").await?;
    }
    changes.truncate(CHANGES_SHOWN);
    Ok(Json(PlanImport { changes, changes_total, errors: Vec::new(), applied }))
}

fn broken(_: MultipartError) -> Error {
    Error::new(ErrorCode::MalformedBody, "the form cannot be read")
}
