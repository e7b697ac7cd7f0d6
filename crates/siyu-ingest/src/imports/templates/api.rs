//! HTTP: the templates that there are, keeping and removing one.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use siyu_http::{At, Body, Caller, Json, Path, Result};
use siyu_types::Permission;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::Imports;
use super::super::mapping::{ImportKind, Mapping};
use super::{BUILT_IN, Saved, store};

pub fn routes(imports: Arc<Imports>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list, save)).routes(routes!(remove)).with_state(imports)
}

#[derive(Debug, Serialize, ToSchema)]
struct ImportTemplates {
    saved: Vec<SavedTemplate>,
    built_in: Vec<BuiltInTemplate>,
}

#[derive(Debug, Serialize, ToSchema)]
struct SavedTemplate {
    id: i64,
    name: String,
    mapping: Mapping,
    updated_at: At,
}

#[derive(Debug, Serialize, ToSchema)]
struct BuiltInTemplate {
    key: String,
    /// In Chinese and English.
    name_zh: String,
    name_en: String,
    kind: ImportKind,
    /// Titles of the columns it knows, in the first of their spellings.
    columns: Vec<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SaveTemplate {
    /// Saving under a name that is taken replaces what it stands for.
    name: String,
    mapping: Mapping,
}

fn shown(saved: Saved) -> SavedTemplate {
    SavedTemplate { id: saved.id, name: saved.name, mapping: saved.mapping, updated_at: At(saved.updated_at) }
}

/// Mapping templates: the project's own, and those of well-known exports.
#[utoipa::path(get, path = "/api/v1/imports/templates", tag = "imports",
    operation_id = "list_import_templates", responses((status = 200, body = ImportTemplates)))]
async fn list(State(imports): State<Arc<Imports>>, Caller(viewer): Caller) -> Result<Json<ImportTemplates>> {
    viewer.require(Permission::ProjectRead)?;
    let saved = store::list(&imports.db, viewer.project).await?.into_iter().map(shown).collect();
    let built_in = BUILT_IN.iter().map(|built_in| BuiltInTemplate {
        key: built_in.key.to_owned(),
        name_zh: built_in.chinese.to_owned(),
        name_en: built_in.english.to_owned(),
        kind: built_in.kind,
        columns: built_in.columns.iter().map(|known| known.titles[0].to_owned()).collect(),
    });
    Ok(Json(ImportTemplates { saved, built_in: built_in.collect() }))
}

/// Keeps a mapping under a name.
#[utoipa::path(post, path = "/api/v1/imports/templates", tag = "imports",
    operation_id = "save_import_template", request_body = SaveTemplate,
    responses((status = 201, body = SavedTemplate)))]
async fn save(
    State(imports): State<Arc<Imports>>,
    Caller(viewer): Caller,
    Body(asked): Body<SaveTemplate>,
) -> Result<(StatusCode, Json<SavedTemplate>)> {
    viewer.require(Permission::DataWrite)?;
    let saved = super::save(&imports.db, &viewer, &asked.name, asked.mapping, imports.now()).await?;
    Ok((StatusCode::CREATED, Json(shown(saved))))
}

/// Removes a template; imports made with it stay.
#[utoipa::path(delete, path = "/api/v1/imports/templates/{id}", tag = "imports",
    operation_id = "remove_import_template", params(("id" = i64, Path)), responses((status = 204)))]
async fn remove(
    State(imports): State<Arc<Imports>>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    viewer.require(Permission::DataWrite)?;
    super::remove(&imports.db, &viewer, id, imports.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
