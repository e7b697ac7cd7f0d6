//! Statements that are asked: answered on screen, taken as a file, or made a segment or a tag of. Who
//! looked at whom by them is noted.

mod api;
mod describe;
mod tag;

use serde_json::json;
use siyu_audience::segments::{self, Chosen, Segment};
use siyu_db::db_error;
use siyu_govern::personal::{Look, NewExport};
use siyu_types::{Error, ErrorCode, Permission, Result, Viewer};

pub(crate) use api::routes;

use crate::engine::{Bounds, Outcome};
use crate::files::{self, FileKind, Marked};
use crate::sql::Asked;
use crate::{ResultTable, Sql};

/// Rows of one file, which is made in memory.
pub const FILE_ROWS_MAX: usize = 100_000;
/// Rows that a segment is made of.
pub const SEGMENT_ROWS_MAX: usize = 2_000_000;
/// Files and lists of people may be so much larger than an answer on screen.
const LARGE: usize = 8;

/// Answers on screen.
async fn run(sql: &Sql, viewer: &Viewer, asked: Asked) -> Result<Outcome> {
    let outcome = sql.answer(viewer, asked, sql.bounds()).await?;
    note(sql, viewer, &outcome).await?;
    Ok(outcome)
}

/// Notes whom an answer shows; where it does not say whom, that personal values were read.
async fn note(sql: &Sql, viewer: &Viewer, outcome: &Outcome) -> Result<()> {
    let now = sql.now();
    if let Some(people) = outcome.table.people().filter(|people| !people.is_empty()) {
        return sql.govern().looked(Look::listed(viewer, now, "sql", people)).await;
    }
    if outcome.personal.is_empty() || outcome.table.rows.is_empty() {
        return Ok(());
    }
    let detail = json!({ "columns": outcome.personal, "rows": outcome.table.rows.len() });
    let mut tx = sql.db().begin().await?;
    siyu_govern::audit(&mut tx, viewer, "sql.read_personal", "sql", detail, now).await?;
    tx.commit().await.map_err(db_error)
}

/// The answer as a file, which stands in the register of exports.
async fn export(sql: &Sql, viewer: &Viewer, asked: Asked, kind: FileKind, title: String) -> Result<Vec<u8>> {
    viewer.require(Permission::PeopleExport)?;
    let sorted = asked.text.to_lowercase().contains("order by");
    let outcome = large(sql, viewer, asked, FILE_ROWS_MAX, false).await?;
    let mut table = outcome.table;
    let people = table.people().unwrap_or_default();
    let new = NewExport { what: "sql", title, people };
    let export = sql.govern().begin_export(viewer, new).await?;
    if let Some(at) = table.person_column().filter(|_| !sorted) {
        export.order(&mut table.rows, |row| files::person(&row[at]));
    }
    let rows = table.rows.len() as u64;
    let marked = Marked { zone: sql.projects().get(viewer.project)?.zone(), line: export.line() };
    let work = move || files::write(kind, &table, &marked);
    let bytes = tokio::task::spawn_blocking(work).await.map_err(Error::internal)??;
    sql.govern().finish_export(&export, rows).await?;
    Ok(bytes)
}

/// Makes a segment of the people in an answer.
async fn keep(
    sql: &Sql,
    viewer: &Viewer,
    asked: Asked,
    name: String,
    description: String,
) -> Result<Segment> {
    viewer.require(Permission::SegmentsWrite)?;
    let outcome = large(sql, viewer, asked, SEGMENT_ROWS_MAX, true).await?;
    let people = outcome.table.people().ok_or_else(no_people)?.into_iter().collect();
    segments::create_of(sql.audience(), viewer, Chosen { name, description, people }).await
}

/// An answer that something is made of: all of it or an error, larger than one on screen may be.
/// `people_only`: nothing but whose it is will be used.
async fn large(
    sql: &Sql,
    viewer: &Viewer,
    asked: Asked,
    rows_max: usize,
    people_only: bool,
) -> Result<Outcome> {
    let bounds = sql.bounds();
    let result_bytes = bounds.result_bytes.saturating_mul(LARGE);
    let bounds = Bounds { rows_max, result_bytes, people_only, ..bounds };
    whole(sql.answer(viewer, asked, bounds).await?, rows_max)
}

pub(crate) fn no_people() -> Error {
    Error::new(ErrorCode::UnknownName, "the result has no column person_no")
        .with("what", "column")
        .with("name", "person_no")
        .at("sql")
}

/// An answer of which nothing is left out: half a file would be taken for a whole one.
fn whole(outcome: Outcome, rows_max: usize) -> Result<Outcome> {
    let ResultTable { truncated, .. } = outcome.table;
    if !truncated {
        return Ok(outcome);
    }
    Err(Error::new(ErrorCode::TooComplex, "the result has more rows than may be taken at once")
        .with("limit", rows_max.to_string())
        .at("sql"))
}
