//! HTTP: the register of exports, and naming the one a file came from.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use siyu_http::{At, Body, Caller, Json, Page, PageQuery, Params, Result};
use siyu_types::ports::Directory;
use siyu_types::{Error, Identifier, Permission, ProjectId};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{ExportRow, Match};
use super::{mark, store};
use crate::Govern;
use crate::personal::api::Office;

/// Text of a file that is looked at; the beginning of a larger one does as well.
pub const TRACED_BYTES_MAX: usize = 1_500_000;
/// Rows that are compared, and exports that they are compared with, newest first.
const ROWS_COMPARED: usize = 400;
const EXPORTS_COMPARED: i64 = 5_000;
/// Neighbours without which an order says nothing.
const COMPARED_MIN: usize = 12;
/// An export is named if its order would fit by chance less often than once in so many files.
const SURE: f64 = 10_000.0;
/// Namespaces by which people of a file without their numbers are told.
const NAMESPACES: [&str; 3] = ["phone", "email", "login"];

pub(in crate::personal) fn routes(govern: Govern, people: Arc<dyn Directory>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(exports)).routes(routes!(trace)).with_state(Office { govern, people })
}

#[derive(Debug, Serialize, ToSchema)]
struct ExportItem {
    id: i64,
    /// What the file says of itself in every row.
    code: String,
    at: At,
    actor: String,
    actor_name: String,
    /// The kind of file, such as `segment_people`.
    what: String,
    title: String,
    /// Null: the file was not read to its end.
    rows: Option<i64>,
}

fn item(row: ExportRow) -> ExportItem {
    let ExportRow { export, actor, what, title, rows } = row;
    let (id, code, at, actor_name) = (export.id, export.code, At(export.at), export.by);
    ExportItem { id, code, at, actor, actor_name, what, title, rows }
}

/// Files with personal values that left, newest first.
#[utoipa::path(get, path = "/api/v1/personal/exports", tag = "personal", operation_id = "personal_exports",
    params(PageQuery), responses((status = 200, body = Page<ExportItem>)))]
async fn exports(
    State(govern): State<Govern>,
    Caller(viewer): Caller,
    Params(page): Params<PageQuery>,
) -> Result<Json<Page<ExportItem>>> {
    viewer.require(Permission::PersonalAudit)?;
    let before = page.cursor_id()?.unwrap_or(i64::MAX);
    let rows = store::list(govern.db(), viewer.project, before, page.limit() + 1).await?;
    Ok(Json(Page::cut(rows, page.limit(), |row| row.export.id.to_string()).map(item)))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FoundFile {
    /// The file's text, or its beginning.
    text: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum FoundBy {
    /// It carries the code.
    Code,
    /// Its rows stand in the export's order.
    Order,
}

/// An export a file may have come from.
#[derive(Debug, Serialize, ToSchema)]
struct ExportFound {
    export: ExportItem,
    by: FoundBy,
    /// Neighbouring rows that stand in the export's order, of those compared; null for codes.
    fitting: Option<u64>,
    compared: Option<u64>,
}

/// Names the exports a file came from: by the code it carries, and by the order of its rows.
#[utoipa::path(post, path = "/api/v1/personal/exports/trace", tag = "personal", operation_id = "trace_export",
    request_body = FoundFile, responses((status = 200, body = Page<ExportFound>)))]
async fn trace(
    State(office): State<Office>,
    Caller(viewer): Caller,
    Body(found): Body<FoundFile>,
) -> Result<Json<Page<ExportFound>>> {
    viewer.require(Permission::PersonalAudit)?;
    if found.text.len() > TRACED_BYTES_MAX {
        let message = format!("send the first {TRACED_BYTES_MAX} bytes of the file");
        return Err(Error::invalid("text", message).into());
    }
    let db = office.govern.db();
    let mut items = Vec::new();
    for code in mark::codes_in(&found.text) {
        if let Some(row) = store::by_code(db, viewer.project, &code).await? {
            items.push(answer(row, Match::Code));
        }
    }
    let rows = store::list(db, viewer.project, i64::MAX, EXPORTS_COMPARED).await?;
    let (people, project) = (Arc::clone(&office.people), viewer.project);
    let named = tokio::task::spawn_blocking(move || by_order(&*people, project, &found.text, rows));
    let named = named.await.map_err(Error::internal)??;
    items.extend(named.into_iter().map(|(row, found)| answer(row, found)));
    Ok(Json(Page::whole(items)))
}

fn answer(row: ExportRow, found: Match) -> ExportFound {
    let (by, fitting, compared) = match found {
        Match::Code => (FoundBy::Code, None, None),
        Match::Order { fitting, compared } => (FoundBy::Order, Some(fitting as u64), Some(compared as u64)),
    };
    ExportFound { export: item(row), by, fitting, compared }
}

/// Exports whose order the rows of a file stand in.
fn by_order(
    people: &dyn Directory,
    project: ProjectId,
    text: &str,
    exports: Vec<ExportRow>,
) -> siyu_types::Result<Vec<(ExportRow, Match)>> {
    let people = people_in(people, project, text)?;
    let compared = people.len().saturating_sub(1);
    if compared < COMPARED_MIN {
        return Ok(Vec::new());
    }
    let asked = exports.len() as f64;
    let fits = |row: ExportRow| {
        let fitting = mark::fitting(&row.export.seed, &people);
        let sure = mark::chance(fitting, compared) * asked * SURE < 1.0;
        sure.then_some((row, Match::Order { fitting, compared }))
    };
    Ok(exports.into_iter().filter_map(fits).collect())
}

/// The people of the rows, in their order: by their number in the first column, or
/// else by whoever's identifier stands in the row.
fn people_in(people: &dyn Directory, project: ProjectId, text: &str) -> siyu_types::Result<Vec<u32>> {
    let mut found: Vec<u32> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()).take(ROWS_COMPARED + 1) {
        let cells = || line.split([',', ';', '\t']).map(|cell| cell.trim().trim_matches(['"', '\'']));
        let number = cells().next().and_then(|cell| cell.trim_start_matches('\u{FEFF}').parse::<u32>().ok());
        let mut person = number;
        for cell in cells().filter(|cell| !cell.is_empty()) {
            if person.is_some() {
                break;
            }
            for namespace in NAMESPACES {
                let known = people.of_identifier(project, &Identifier::new(namespace, cell))?;
                person = person.or(known.map(|known| known.person.0));
            }
        }
        // The title row has none.
        found.extend(person);
    }
    Ok(found)
}
