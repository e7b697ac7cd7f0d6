//! Tables and files of answers over HTTP.

use std::collections::BTreeMap;

use axum::extract::State;
use http::{HeaderName, header};
use serde::{Deserialize, Serialize};
use siyu_http::{At, Body, Caller, Json, Result};
use siyu_types::Error;
use siyu_types::analysis::AnalysisQuery;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::file::FileKind;
use super::{Cell, Column, Language, Wording};
use crate::Insight;
use crate::analyses::AnswerAbout;

/// Names a caller gives, and the letters of each.
const NAMES_MAX: usize = 2_000;
const NAME_CHARS_MAX: usize = 200;
const TITLE_CHARS_MAX: usize = 100;

pub(in crate::analyses) fn routes(insight: Insight) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(table)).routes(routes!(export)).with_state(insight)
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TableOf {
    query: AnalysisQuery,
    /// Ask of the people as they were told apart at this instant; as now if absent.
    identity_as_of: Option<At>,
    #[serde(default)]
    language: Language,
    /// What to call events and values of groups, by their own names.
    #[serde(default)]
    names: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AnalysisExport {
    query: AnalysisQuery,
    /// Ask of the people as they were told apart at this instant; as now if absent.
    identity_as_of: Option<At>,
    #[serde(default)]
    language: Language,
    /// What to call events and values of groups, by their own names.
    #[serde(default)]
    names: BTreeMap<String, String>,
    format: FileKind,
    /// What the file, and the register if it must stand there, calls it.
    #[serde(default)]
    title: String,
}

/// An answer as a table.
#[derive(Debug, Serialize, ToSchema)]
struct AnalysisTable {
    columns: Vec<Column>,
    /// A value per column: null, a number, a text.
    #[schema(value_type = Vec<Vec<Object>>)]
    rows: Vec<Vec<Cell>>,
    as_of: At,
    about: AnswerAbout,
}

fn wording(language: Language, names: BTreeMap<String, String>) -> siyu_types::Result<Wording> {
    if names.len() > NAMES_MAX || names.values().any(|name| name.chars().count() > NAME_CHARS_MAX) {
        let text = format!("at most {NAMES_MAX} names of {NAME_CHARS_MAX} characters");
        return Err(Error::invalid("names", text));
    }
    Ok(Wording { language, names })
}

/// An answer as a table, as its files hold it.
#[utoipa::path(post, path = "/api/v1/analyses/table", tag = "analyses", operation_id = "analyses_table",
    request_body = TableOf, responses((status = 200, body = AnalysisTable)))]
async fn table(
    State(insight): State<Insight>,
    Caller(viewer): Caller,
    Body(asked): Body<TableOf>,
) -> Result<Json<AnalysisTable>> {
    let wording = wording(asked.language, asked.names)?;
    let at = asked.identity_as_of.map(|At(at)| at);
    let told = super::tell(&insight, &viewer, asked.query, at, wording).await?;
    let super::Table { columns, rows } = told.table;
    Ok(Json(AnalysisTable { columns, rows, as_of: At(told.as_of), about: told.about }))
}

/// An answer as a file. Where its groups are called by personal values it stands in the register
/// of exports and says so in every row.
#[utoipa::path(post, path = "/api/v1/analyses/export", tag = "analyses", operation_id = "analyses_export",
    request_body = AnalysisExport,
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>)))]
async fn export(
    State(insight): State<Insight>,
    Caller(viewer): Caller,
    Body(asked): Body<AnalysisExport>,
) -> Result<([(HeaderName, String); 2], Vec<u8>)> {
    let wording = wording(asked.language, asked.names)?;
    let at = asked.identity_as_of.map(|At(at)| at);
    let title: String = asked.title.trim().chars().take(TITLE_CHARS_MAX).collect();
    let kind = asked.query.kind();
    let file = super::export(&insight, &viewer, asked.query, at, wording, asked.format, title).await?;
    let name = format!("attachment; filename=\"{kind}.{}\"", asked.format.extension());
    let headers =
        [(header::CONTENT_TYPE, asked.format.content_type().to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, file))
}
