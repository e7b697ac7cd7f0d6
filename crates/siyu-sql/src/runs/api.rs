//! Statements over HTTP.

use std::collections::BTreeMap;
use std::time::Instant;

use axum::extract::State;
use http::{HeaderName, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use siyu_http::{At, Body, Caller, Path, Result};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::describe::{SqlSchema, describe};
use super::tag::TagWanted;
use crate::files::FileKind;
use crate::sql::Asked;
use crate::{Cell, Sql, SqlKind};

/// Letters of the title of a file.
const TITLE_CHARS_MAX: usize = 100;
/// Whole numbers beyond it are changed by readers of JSON that know floats only.
const WHOLE_MAX: u64 = 1 << 53;

pub(crate) fn routes(sql: Sql) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(schema))
        .routes(routes!(run))
        .routes(routes!(cancel))
        .routes(routes!(export))
        .routes(routes!(segment))
        .routes(routes!(tag))
        .with_state(sql)
}

/// A statement.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SqlStatement {
    /// One `SELECT`, `WITH …` or `EXPLAIN`.
    sql: String,
    /// Values for the statement's `$names`: texts, numbers, true, false or null. They are
    /// bound as values and never become text of the statement.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, Object>)]
    params: BTreeMap<String, Json>,
    /// A name of the caller's choice, by which the statement can be cancelled.
    run: Option<String>,
}

impl SqlStatement {
    fn asked(self) -> Asked {
        Asked { text: self.sql, params: self.params, run: self.run }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct SqlAnswer {
    columns: Vec<SqlAnswerColumn>,
    /// A value per column: null, true or false, a number, a text. Instants and days are
    /// texts, and so are whole numbers beyond 2^53.
    #[schema(value_type = Vec<Vec<Object>>)]
    rows: Vec<Vec<Json>>,
    /// There are more rows than are answered.
    truncated: bool,
    /// Columns of tables that were read masked: expressions saw what is shown of them.
    masked: Vec<String>,
    /// As of when.
    as_of: At,
    took_micros: u64,
}

#[derive(Debug, Serialize, ToSchema)]
struct SqlAnswerColumn {
    name: String,
    kind: SqlKind,
    /// It holds numbers of people.
    person: bool,
    /// Its values are masked for the caller.
    masked: bool,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SqlExport {
    sql: String,
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, Object>)]
    params: BTreeMap<String, Json>,
    run: Option<String>,
    format: FileKind,
    /// What the register of exports calls it.
    #[serde(default)]
    title: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SqlSegment {
    /// A statement with a column `person_no`.
    sql: String,
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, Object>)]
    params: BTreeMap<String, Json>,
    run: Option<String>,
    name: String,
    #[serde(default)]
    description: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct SqlSegmentMade {
    id: i64,
    name: String,
    count: u64,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SqlTag {
    /// A statement with a column `person_no`.
    sql: String,
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, Object>)]
    params: BTreeMap<String, Json>,
    run: Option<String>,
    name: String,
    /// What people read; the name if absent.
    #[serde(default)]
    display: String,
    #[serde(default)]
    description: String,
    /// Path in the tag tree, `会员/价值`.
    #[serde(default)]
    directory: String,
    /// The column whose value each person gets. Without one everybody in the result gets what the
    /// tag is called.
    value: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct SqlTagMade {
    id: i64,
    name: String,
    /// People who are given a value.
    people: u64,
    /// People with several different values in the result: the last of them holds.
    several: u64,
}

/// The tables and columns there are, as the caller sees them.
#[utoipa::path(get, path = "/api/v1/sql/schema", tag = "sql", operation_id = "sql_schema",
    responses((status = 200, body = SqlSchema)))]
async fn schema(State(sql): State<Sql>, Caller(viewer): Caller) -> Result<siyu_http::Json<SqlSchema>> {
    let described = tokio::task::spawn_blocking(move || describe(&sql, &viewer));
    Ok(siyu_http::Json(described.await.map_err(siyu_types::Error::internal)??))
}

/// Answers a statement, as of now. Ends with the request, or when it is cancelled.
#[utoipa::path(post, path = "/api/v1/sql/run", tag = "sql", operation_id = "sql_run", request_body = SqlStatement,
    responses((status = 200, body = SqlAnswer)))]
async fn run(
    State(sql): State<Sql>,
    Caller(viewer): Caller,
    Body(statement): Body<SqlStatement>,
) -> Result<siyu_http::Json<SqlAnswer>> {
    let (began, as_of) = (Instant::now(), sql.now());
    let outcome = super::run(&sql, &viewer, statement.asked()).await?;
    let columns = outcome.table.columns.into_iter();
    Ok(siyu_http::Json(SqlAnswer {
        columns: columns
            .map(|column| SqlAnswerColumn {
                name: column.name,
                kind: column.kind,
                person: column.person,
                masked: column.masked,
            })
            .collect(),
        rows: outcome.table.rows.into_iter().map(|row| row.into_iter().map(json).collect()).collect(),
        truncated: outcome.table.truncated,
        masked: outcome.masked,
        as_of: At(as_of),
        took_micros: began.elapsed().as_micros() as u64,
    }))
}

fn json(cell: Cell) -> Json {
    match cell {
        Cell::Null => Json::Null,
        Cell::Bool(flag) => flag.into(),
        Cell::Integer(number) if number.unsigned_abs() > WHOLE_MAX => number.to_string().into(),
        Cell::Integer(number) => number.into(),
        Cell::Number(number) => number.into(),
        Cell::Text(text) => text.into(),
        Cell::Time(at) => At(at).to_string().into(),
        Cell::Date(days) => crate::files::day(days).into(),
    }
}

/// Stops a statement of the caller's that is being answered; one that has ended stays so.
#[utoipa::path(delete, path = "/api/v1/sql/runs/{run}", tag = "sql", operation_id = "sql_cancel",
    params(("run" = String, Path)), responses((status = 204)))]
async fn cancel(
    State(sql): State<Sql>,
    Caller(viewer): Caller,
    Path(run): Path<String>,
) -> Result<StatusCode> {
    sql.cancel(&viewer, &run)?;
    Ok(StatusCode::NO_CONTENT)
}

/// The answer as a file. Every row says which export it is; the export stands in the register.
#[utoipa::path(post, path = "/api/v1/sql/export", tag = "sql", operation_id = "sql_export",
    request_body = SqlExport, responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>)))]
async fn export(
    State(sql): State<Sql>,
    Caller(viewer): Caller,
    Body(wanted): Body<SqlExport>,
) -> Result<([(HeaderName, String); 2], Vec<u8>)> {
    let title: String = wanted.title.trim().chars().take(TITLE_CHARS_MAX).collect();
    let title = if title.is_empty() { "SQL".to_owned() } else { title };
    let asked = Asked { text: wanted.sql, params: wanted.params, run: wanted.run };
    let file = super::export(&sql, &viewer, asked, wanted.format, title).await?;
    let headers = [
        (header::CONTENT_TYPE, wanted.format.content_type().to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"sql.{}\"", wanted.format.extension())),
    ];
    Ok((headers, file))
}

/// Makes a segment of the people whose numbers stand in the column `person_no`, as of now.
#[utoipa::path(post, path = "/api/v1/sql/segment", tag = "sql", operation_id = "sql_segment",
    request_body = SqlSegment, responses((status = 201, body = SqlSegmentMade)))]
async fn segment(
    State(sql): State<Sql>,
    Caller(viewer): Caller,
    Body(wanted): Body<SqlSegment>,
) -> Result<(StatusCode, siyu_http::Json<SqlSegmentMade>)> {
    let asked = Asked { text: wanted.sql, params: wanted.params, run: wanted.run };
    let made = super::keep(&sql, &viewer, asked, wanted.name, wanted.description).await?;
    let made = SqlSegmentMade { id: made.id, name: made.name, count: made.count };
    Ok((StatusCode::CREATED, siyu_http::Json(made)))
}

/// Makes a tag of the people whose numbers stand in the column `person_no`: each gets the value
/// of another column. What is personal, or comes of what is, cannot be a tag.
#[utoipa::path(post, path = "/api/v1/sql/tag", tag = "sql", operation_id = "sql_tag", request_body = SqlTag,
    responses((status = 201, body = SqlTagMade)))]
async fn tag(
    State(sql): State<Sql>,
    Caller(viewer): Caller,
    Body(wanted): Body<SqlTag>,
) -> Result<(StatusCode, siyu_http::Json<SqlTagMade>)> {
    let asked = Asked { text: wanted.sql, params: wanted.params, run: wanted.run };
    let SqlTag { name, display, description, directory, value, .. } = wanted;
    let made =
        super::tag::make(&sql, &viewer, asked, TagWanted { name, display, description, directory, value });
    let made = made.await?;
    let answer =
        SqlTagMade { id: made.tag.id, name: made.tag.display, people: made.people, several: made.several };
    Ok((StatusCode::CREATED, siyu_http::Json(answer)))
}
