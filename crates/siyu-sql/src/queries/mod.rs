//! Saved statements: a name, the text, its parameters, and how the result is drawn. What is
//! saved is the text and never an answer: everybody sees what they may see.

mod api;
mod model;
mod rules;
mod store;

use serde_json::json;
use siyu_db::{Tx, db_error};
use siyu_types::clock::Millis;
use siyu_types::{Error, ErrorCode, Permission, Result, Viewer};

pub(crate) use api::routes;
pub use model::{NewQuery, ParamKind, QueryChange, QueryParam, QueryView, SavedQuery, ViewKind};

use crate::Sql;

/// Saved statements per project.
pub const QUERIES_MAX: usize = 2_000;

/// Saved statements before an id, newest first.
pub async fn list(sql: &Sql, viewer: &Viewer, before: i64, limit: i64) -> Result<Vec<SavedQuery>> {
    viewer.require(Permission::SqlRun)?;
    store::list(sql.db(), viewer.project, before, limit).await
}

pub async fn get(sql: &Sql, viewer: &Viewer, id: i64) -> Result<SavedQuery> {
    viewer.require(Permission::SqlRun)?;
    store::get(sql.db(), viewer.project, id).await
}

/// Saves a statement under a name.
pub async fn create(sql: &Sql, viewer: &Viewer, new: NewQuery) -> Result<SavedQuery> {
    viewer.require(Permission::AnalysesWrite)?;
    let name = rules::name(&new.name)?;
    let description = rules::description(&new.description)?;
    check(&new.text, &new.params, &new.view)?;
    let now = sql.now();
    let mut tx = sql.db().begin().await?;
    if store::count(&mut tx, viewer.project).await? >= QUERIES_MAX as i64 {
        return Err(Error::new(ErrorCode::TooComplex, "the project has too many saved statements")
            .with("limit", QUERIES_MAX.to_string()));
    }
    let query = SavedQuery {
        id: store::next(&mut tx).await?,
        name,
        description,
        text: new.text,
        params: new.params,
        view: new.view,
        created_by: viewer.actor.as_text(),
        created_at: now,
        updated_at: now,
    };
    store::insert(&mut tx, viewer.project, &query).await?;
    note(&mut tx, viewer, "sql.create", &query, now).await?;
    tx.commit().await.map_err(db_error)?;
    Ok(query)
}

pub async fn change(sql: &Sql, viewer: &Viewer, id: i64, change: QueryChange) -> Result<SavedQuery> {
    viewer.require(Permission::AnalysesWrite)?;
    let mut query = store::get(sql.db(), viewer.project, id).await?;
    if let Some(name) = change.name {
        query.name = rules::name(&name)?;
    }
    if let Some(description) = change.description {
        query.description = rules::description(&description)?;
    }
    query.text = change.text.unwrap_or(query.text);
    query.params = change.params.unwrap_or(query.params);
    query.view = change.view.unwrap_or(query.view);
    check(&query.text, &query.params, &query.view)?;
    query.updated_at = sql.now();
    let mut tx = sql.db().begin().await?;
    store::update(&mut tx, viewer.project, &query).await?;
    note(&mut tx, viewer, "sql.change", &query, query.updated_at).await?;
    tx.commit().await.map_err(db_error)?;
    Ok(query)
}

pub async fn remove(sql: &Sql, viewer: &Viewer, id: i64) -> Result<()> {
    viewer.require(Permission::AnalysesWrite)?;
    let query = store::get(sql.db(), viewer.project, id).await?;
    let mut tx = sql.db().begin().await?;
    store::delete(&mut tx, viewer.project, id).await?;
    note(&mut tx, viewer, "sql.delete", &query, sql.now()).await?;
    tx.commit().await.map_err(db_error)
}

fn check(text: &str, params: &[QueryParam], view: &QueryView) -> Result<()> {
    rules::text(text)?;
    rules::params(params)?;
    rules::view(view)
}

async fn note(tx: &mut Tx, viewer: &Viewer, action: &str, query: &SavedQuery, at: Millis) -> Result<()> {
    let detail = json!({ "name": query.name });
    siyu_govern::audit(tx, viewer, action, &format!("query:{}", query.id), detail, at).await
}
