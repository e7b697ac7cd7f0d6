//! HTTP: announce a file, send its pieces, look at it, start from it.

use std::sync::Arc;

use axum::body::Body as RawBody;
use axum::extract::{DefaultBodyLimit, State};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use siyu_http::{Body, Caller, Json, Path, Result};
use siyu_types::{Error, Permission};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::Imports;
use super::super::answers::{ImportItem, ImportPreview};
use super::super::mapping::Mapping;
use super::super::rows::Choice;
use super::Upload;

pub fn routes(imports: Arc<Imports>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(begin))
        .routes(routes!(get, remove))
        .routes(routes!(piece))
        .routes(routes!(look))
        .routes(routes!(start))
        // A piece has the limit that was announced, kept while it is written.
        .layer(DefaultBodyLimit::disable())
        .with_state(imports)
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BeginUpload {
    name: String,
    /// Of the whole file.
    bytes: u64,
}

#[derive(Debug, Serialize, ToSchema)]
struct UploadItem {
    id: i64,
    name: String,
    bytes: u64,
    /// How much of it is here and durable: the next piece begins there.
    received: u64,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LookAtUpload {
    /// Of a workbook; the first that holds anything if absent.
    #[serde(default)]
    sheet: Option<String>,
    /// Row of the titles, 1 being the first; looked for if absent.
    #[serde(default)]
    header_row: Option<u32>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StartImport {
    mapping: Mapping,
    /// Only look at every row; the upload stays and can be imported afterwards.
    #[serde(default)]
    dry_run: bool,
}

fn shown(upload: Upload) -> UploadItem {
    let Upload { row, received } = upload;
    UploadItem { id: row.id, name: row.name, bytes: row.bytes, received }
}

/// Announces a file whose content follows in pieces.
#[utoipa::path(post, path = "/api/v1/imports/uploads", tag = "imports", operation_id = "begin_upload",
    request_body = BeginUpload, responses((status = 201, body = UploadItem)))]
async fn begin(
    State(imports): State<Arc<Imports>>,
    Caller(viewer): Caller,
    Body(asked): Body<BeginUpload>,
) -> Result<(StatusCode, Json<UploadItem>)> {
    viewer.require(Permission::DataWrite)?;
    let upload = imports.begin_upload(&viewer, &asked.name, asked.bytes).await?;
    Ok((StatusCode::CREATED, Json(shown(upload))))
}

/// How much of a file is here; after a broken connection, go on from there.
#[utoipa::path(get, path = "/api/v1/imports/uploads/{id}", tag = "imports", operation_id = "get_upload",
    params(("id" = i64, Path)), responses((status = 200, body = UploadItem)))]
async fn get(
    State(imports): State<Arc<Imports>>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<Json<UploadItem>> {
    viewer.require(Permission::DataWrite)?;
    Ok(Json(shown(imports.find_upload(viewer.project, id).await?)))
}

/// Removes an upload that nothing reads.
#[utoipa::path(delete, path = "/api/v1/imports/uploads/{id}", tag = "imports", operation_id = "remove_upload",
    params(("id" = i64, Path)), responses((status = 204)))]
async fn remove(
    State(imports): State<Arc<Imports>>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    viewer.require(Permission::DataWrite)?;
    imports.remove_upload(viewer.project, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One piece of the file. `Content-Range: bytes 0-8388607/20000000` says which; without it
/// the body is the piece that begins at 0. A piece that does not begin where the last
/// one ended is refused with `conflict`, and `received` says where that is.
#[utoipa::path(put, path = "/api/v1/imports/uploads/{id}/content", tag = "imports", operation_id = "upload_piece",
    params(("id" = i64, Path)), request_body(content = String, content_type = "application/octet-stream"),
    responses((status = 200, body = UploadItem)))]
async fn piece(
    State(imports): State<Arc<Imports>>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
    headers: HeaderMap,
    body: RawBody,
) -> Result<Json<UploadItem>> {
    viewer.require(Permission::DataWrite)?;
    let from = match headers.get(http::header::CONTENT_RANGE) {
        None => 0,
        Some(range) => range
            .to_str()
            .ok()
            .and_then(first_byte)
            .ok_or_else(|| Error::invalid("content-range", "must look like bytes 0-8388607/20000000"))?,
    };
    Ok(Json(shown(imports.write_piece(viewer.project, id, from, body).await?)))
}

fn first_byte(range: &str) -> Option<u64> {
    range.strip_prefix("bytes ")?.split('-').next()?.parse().ok()
}

/// Says what an uploaded file is, what its columns probably mean, and which mapping
/// templates fit it.
#[utoipa::path(post, path = "/api/v1/imports/uploads/{id}/preview", tag = "imports",
    operation_id = "preview_upload", params(("id" = i64, Path)), request_body = LookAtUpload,
    responses((status = 200, body = ImportPreview)))]
async fn look(
    State(imports): State<Arc<Imports>>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
    Body(asked): Body<LookAtUpload>,
) -> Result<Json<ImportPreview>> {
    viewer.require(Permission::DataWrite)?;
    let (_, path) = imports.whole_upload(viewer.project, id).await?;
    let choice = Choice { sheet: asked.sheet, header_row: asked.header_row };
    Ok(Json(imports.look(&viewer, path, choice).await?))
}

/// Queues the import of an uploaded file, or a dry run of it.
#[utoipa::path(post, path = "/api/v1/imports/uploads/{id}/start", tag = "imports",
    operation_id = "start_import", params(("id" = i64, Path)), request_body = StartImport,
    responses((status = 201, body = ImportItem)))]
async fn start(
    State(imports): State<Arc<Imports>>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
    Body(asked): Body<StartImport>,
) -> Result<(StatusCode, Json<ImportItem>)> {
    viewer.require(Permission::DataWrite)?;
    let import = imports.start(&viewer, id, asked.mapping, asked.dry_run).await?;
    Ok((StatusCode::CREATED, Json(imports.shown(&viewer, import, 0).await?)))
}
