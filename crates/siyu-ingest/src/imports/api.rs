//! HTTP: preview, start, watch and explain imports.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{DefaultBodyLimit, Multipart, State};
use http::{StatusCode, header};
use serde::Deserialize;
use siyu_govern::sealing::StoredFile;
use siyu_http::{Caller, Json, Page, PageQuery, Params, Path, Result};
use siyu_types::sealed::cause;
use siyu_types::{Error, ErrorCode, Permission};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answers::{ImportItem, ImportPreview, message_of};
use super::blocking;
use super::mapping::Mapping;
use super::rejects::harmless;
use super::rows::Choice;
use super::run::FAULTS_KEPT;
use super::store::{self, ErrorRow};
use super::{Imports, templates, too_large, uploads};

/// Enough of a CSV to see what it is; Parquet files must be whole.
const PREVIEW_BYTES_MAX: u64 = 32 << 20;
const UPLOAD_BYTES_MAX: u64 = uploads::FILE_BYTES_MAX;
const MAPPING_BYTES_MAX: usize = 256 * 1024;
const ERRORS_SHOWN: usize = 200;

pub fn routes(imports: Arc<Imports>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(look))
        .routes(routes!(list, create))
        .routes(routes!(get))
        .routes(routes!(errors))
        .routes(routes!(rejected))
        // Files have limits of their own, kept while they are read.
        .layer(DefaultBodyLimit::disable())
        .with_state(Arc::clone(&imports))
        .merge(uploads::routes(Arc::clone(&imports)))
        .merge(templates::routes(imports))
}

/// What a form is made of, for the description of the API.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its shape is used")]
struct UploadForm {
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// JSON of a mapping; not for previews.
    mapping: Option<String>,
    /// `true` to look at every row only.
    dry_run: Option<String>,
}

/// Says what a file is and what its columns probably mean.
#[utoipa::path(post, path = "/api/v1/imports/preview", tag = "imports",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 200, body = ImportPreview)))]
async fn look(
    State(imports): State<Arc<Imports>>,
    Caller(viewer): Caller,
    mut form: Multipart,
) -> Result<Json<ImportPreview>> {
    viewer.require(Permission::DataWrite)?;
    let temporary = imports.temporary()?;
    while let Some(field) = form.next_field().await.map_err(broken)? {
        if field.name() == Some("file") {
            save(field, temporary.path(), PREVIEW_BYTES_MAX, true).await?;
            // It goes when this handler ends.
            let path = temporary.path().clone();
            return Ok(Json(imports.look(&viewer, path, Choice::default()).await?));
        }
    }
    Err(Error::invalid("file", "the form has no file").into())
}

/// Uploads a file and queues its import.
#[utoipa::path(post, path = "/api/v1/imports", tag = "imports",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, body = ImportItem)))]
async fn create(
    State(imports): State<Arc<Imports>>,
    Caller(viewer): Caller,
    mut form: Multipart,
) -> Result<(StatusCode, Json<ImportItem>)> {
    viewer.require(Permission::DataWrite)?;
    let temporary = imports.temporary()?;
    let (mut name, mut mapping, mut dry_run) = (None, None, false);
    while let Some(field) = form.next_field().await.map_err(broken)? {
        match field.name() {
            Some("file") => {
                name = Some(field.file_name().unwrap_or_default().to_owned());
                save(field, temporary.path(), UPLOAD_BYTES_MAX, false).await?;
            }
            Some("mapping") => {
                let text = field.text().await.map_err(broken)?;
                mapping = Some(parse_mapping(&text)?);
            }
            Some("dry_run") => dry_run = field.text().await.map_err(broken)? == "true",
            _ => {}
        }
    }
    let name = name.ok_or_else(|| Error::invalid("file", "the form has no file"))?;
    let mapping = mapping.ok_or_else(|| Error::invalid("mapping", "the form has no mapping"))?;
    let import = imports.create(&viewer, &name, mapping, temporary.path(), dry_run).await?;
    Ok((StatusCode::CREATED, Json(imports.shown(&viewer, import, 0).await?)))
}

fn parse_mapping(text: &str) -> siyu_types::Result<Mapping> {
    if text.len() > MAPPING_BYTES_MAX {
        return Err(Error::new(ErrorCode::TooLarge, "the mapping is too large").at("mapping"));
    }
    serde_json::from_str(text).map_err(|error| {
        Error::new(ErrorCode::InvalidMapping, format!("the mapping cannot be read: {error}")).at("mapping")
    })
}

/// Imports of the project, newest first.
#[utoipa::path(get, path = "/api/v1/imports", tag = "imports", params(PageQuery),
    responses((status = 200, body = Page<ImportItem>)))]
async fn list(
    State(imports): State<Arc<Imports>>,
    Caller(viewer): Caller,
    Params(page): Params<PageQuery>,
) -> Result<Json<Page<ImportItem>>> {
    viewer.require(Permission::ProjectRead)?;
    let before = page.cursor_id()?.unwrap_or(i64::MAX);
    let rows = store::list(&imports.db, viewer.project, before, page.limit() + 1).await?;
    let page = Page::cut(rows, page.limit(), |row| row.id.to_string());
    let mut items = Vec::with_capacity(page.items.len());
    for row in page.items {
        items.push(imports.shown(&viewer, row, 0).await?);
    }
    Ok(Json(Page { items, next_cursor: page.next_cursor, total: page.total }))
}

/// One import with its first refused rows.
#[utoipa::path(get, path = "/api/v1/imports/{id}", tag = "imports", params(("id" = i64, Path)),
    responses((status = 200, body = ImportItem)))]
async fn get(
    State(imports): State<Arc<Imports>>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<Json<ImportItem>> {
    viewer.require(Permission::ProjectRead)?;
    let row = store::get(&imports.db, viewer.project, id).await?;
    Ok(Json(imports.shown(&viewer, row, ERRORS_SHOWN).await?))
}

/// The refused rows as a table.
#[utoipa::path(get, path = "/api/v1/imports/{id}/errors.csv", tag = "imports", params(("id" = i64, Path)),
    responses((status = 200, content_type = "text/csv", body = String)))]
async fn errors(
    State(imports): State<Arc<Imports>>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<([(header::HeaderName, String); 2], String)> {
    viewer.require(Permission::ProjectRead)?;
    let row = store::get(&imports.db, viewer.project, id).await?;
    let errors = store::errors(&imports.db, row.id, FAULTS_KEPT as i64).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"import-{id}-errors.csv\"")),
    ];
    Ok((headers, table(&errors)?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RejectedQuery {
    /// Of the reasons: `zh-CN` or `en`.
    #[serde(default)]
    language: String,
}

/// The refused rows themselves, with the reason in front: to be corrected and imported
/// again. Holds personal values, so it needs the permission to export them.
#[utoipa::path(get, path = "/api/v1/imports/{id}/rejected.csv", tag = "imports", operation_id = "rejected_rows",
    params(("id" = i64, Path), RejectedQuery),
    responses((status = 200, content_type = "text/csv", body = String)))]
async fn rejected(
    State(imports): State<Arc<Imports>>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
    Params(query): Params<RejectedQuery>,
) -> Result<([(header::HeaderName, String); 2], axum::body::Body)> {
    viewer.require(Permission::PeopleExport)?;
    // What could not be read cannot be masked by its column.
    viewer.require_full_sight()?;
    let body = imports.rejected_table(&viewer, id, query.language).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"import-{id}-rejected.csv\"")),
    ];
    Ok((headers, body))
}

/// With a mark, so that spreadsheets see the encoding; cells that a spreadsheet
/// would run as a formula are quoted.
fn table(errors: &[ErrorRow]) -> siyu_types::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = |result: csv::Result<()>| result.map_err(Error::internal);
    written(writer.write_record(["row", "column", "code", "message"]))?;
    for error in errors {
        let column = harmless(error.column.as_deref().unwrap_or_default());
        written(writer.write_record([
            &error.row.to_string(),
            &column,
            &error.code,
            message_of(&error.code),
        ]))?;
    }
    let bytes = writer.into_inner().map_err(Error::internal)?;
    Ok(format!("\u{FEFF}{}", String::from_utf8(bytes).map_err(Error::internal)?))
}

impl Imports {
    /// A file to write an upload into; gone with the answer unless it is moved.
    fn temporary(&self) -> siyu_types::Result<Upload> {
        std::fs::create_dir_all(&self.uploads)?;
        let number = self.next_form.fetch_add(1, Ordering::Relaxed);
        let path = self.stored(self.uploads.join(format!("{number}.part")));
        // Names of an earlier process may be there still.
        let _gone = std::fs::remove_file(path.path());
        Ok(Upload { path })
    }
}

/// The place of an upload under way.
struct Upload {
    path: StoredFile,
}

impl Upload {
    fn path(&self) -> &StoredFile {
        &self.path
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        // It may have been moved into place, or never been written.
        let _gone = std::fs::remove_file(self.path.path());
    }
}

/// Writes a field to a file; beyond the limit it is cut, or refused.
async fn save(mut field: Field<'_>, path: &StoredFile, limit: u64, cut: bool) -> siyu_types::Result<()> {
    let (mut file, _) = path.append(0)?;
    let mut written = 0;
    while let Some(bytes) = field.chunk().await.map_err(broken)? {
        let room = usize::try_from(limit - written).unwrap_or(usize::MAX);
        if bytes.len() > room && !cut {
            return Err(too_large(limit));
        }
        let taken = bytes.slice(..bytes.len().min(room));
        written += taken.len() as u64;
        file = blocking(move || {
            file.write_all(&taken).map_err(cause)?;
            Ok(file)
        })
        .await?;
        if written == limit && cut {
            break;
        }
    }
    // A job is promised this file, so it must survive what the promise survives.
    blocking(move || file.settle()).await
}

fn broken(_: MultipartError) -> Error {
    Error::new(ErrorCode::MalformedBody, "the form cannot be read")
}
