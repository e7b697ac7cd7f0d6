//! Saved statements over HTTP.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use siyu_http::{At, Body, Caller, Json, Page, PageQuery, Params, Path, Result};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{NewQuery, QueryChange, QueryParam, QueryView, SavedQuery};
use crate::Sql;

pub(crate) fn routes(sql: Sql) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, change, remove)).with_state(sql)
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SqlQuery)]
struct QueryItem {
    id: i64,
    name: String,
    description: String,
    sql: String,
    params: Vec<QueryParam>,
    view: QueryView,
    /// `user:3`, `key:1`.
    created_by: String,
    created_at: At,
    updated_at: At,
}

impl From<SavedQuery> for QueryItem {
    fn from(query: SavedQuery) -> QueryItem {
        QueryItem {
            id: query.id,
            name: query.name,
            description: query.description,
            sql: query.text,
            params: query.params,
            view: query.view,
            created_by: query.created_by,
            created_at: At(query.created_at),
            updated_at: At(query.updated_at),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSqlQuery)]
struct CreateQuery {
    name: String,
    #[serde(default)]
    description: String,
    sql: String,
    #[serde(default)]
    params: Vec<QueryParam>,
    #[serde(default)]
    view: QueryView,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SqlQueryChange)]
struct ChangeQuery {
    name: Option<String>,
    description: Option<String>,
    sql: Option<String>,
    params: Option<Vec<QueryParam>>,
    view: Option<QueryView>,
}

/// Saved statements, newest first.
#[utoipa::path(get, path = "/api/v1/sql/queries", tag = "sql", operation_id = "sql_queries_list", params(PageQuery),
    responses((status = 200, body = Page<QueryItem>)))]
async fn list(
    State(sql): State<Sql>,
    Caller(viewer): Caller,
    Params(page): Params<PageQuery>,
) -> Result<Json<Page<QueryItem>>> {
    let before = page.cursor_id()?.unwrap_or(i64::MAX);
    let found = super::list(&sql, &viewer, before, page.limit() + 1).await?;
    let page = Page::cut(found, page.limit(), |query| query.id.to_string());
    Ok(Json(page.map(QueryItem::from)))
}

/// Saves a statement under a name.
#[utoipa::path(post, path = "/api/v1/sql/queries", tag = "sql", operation_id = "sql_queries_create",
    request_body = CreateQuery, responses((status = 201, body = QueryItem)))]
async fn create(
    State(sql): State<Sql>,
    Caller(viewer): Caller,
    Body(new): Body<CreateQuery>,
) -> Result<(StatusCode, Json<QueryItem>)> {
    let CreateQuery { name, description, sql: text, params, view } = new;
    let query = super::create(&sql, &viewer, NewQuery { name, description, text, params, view }).await?;
    Ok((StatusCode::CREATED, Json(query.into())))
}

/// One saved statement.
#[utoipa::path(get, path = "/api/v1/sql/queries/{id}", tag = "sql", operation_id = "sql_queries_get",
    params(("id" = i64, Path)), responses((status = 200, body = QueryItem)))]
async fn get(State(sql): State<Sql>, Caller(viewer): Caller, Path(id): Path<i64>) -> Result<Json<QueryItem>> {
    Ok(Json(super::get(&sql, &viewer, id).await?.into()))
}

/// Changes a saved statement; absent fields stay.
#[utoipa::path(patch, path = "/api/v1/sql/queries/{id}", tag = "sql", operation_id = "sql_queries_change",
    params(("id" = i64, Path)), request_body = ChangeQuery, responses((status = 200, body = QueryItem)))]
async fn change(
    State(sql): State<Sql>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
    Body(change): Body<ChangeQuery>,
) -> Result<Json<QueryItem>> {
    let ChangeQuery { name, description, sql: text, params, view } = change;
    let change = QueryChange { name, description, text, params, view };
    Ok(Json(super::change(&sql, &viewer, id, change).await?.into()))
}

/// Removes a saved statement.
#[utoipa::path(delete, path = "/api/v1/sql/queries/{id}", tag = "sql", operation_id = "sql_queries_remove",
    params(("id" = i64, Path)), responses((status = 204)))]
async fn remove(State(sql): State<Sql>, Caller(viewer): Caller, Path(id): Path<i64>) -> Result<StatusCode> {
    super::remove(&sql, &viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
