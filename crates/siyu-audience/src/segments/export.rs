//! The people of a segment as a file, with the marks of its export.

use axum::extract::State;
use http::{HeaderName, header};
use siyu_govern::personal::{Export, NewExport, harmless};
use siyu_http::{At, Caller, Path, Result};
use siyu_types::{Error, ErrorCode, Permission, PersonNo, Viewer};

use crate::audience::blocking;
use crate::people::{People, shown_identifiers, shown_value};
use crate::projects::Project;
use crate::{Audience, evaluation};

/// People of one file, which is made in memory.
pub const ROWS_MAX: usize = 100_000;
/// Titles of the columns that are neither identifiers nor attributes.
const PERSON_TITLE: &str = "person";
const OTHER_TITLES: [&str; 4] = ["first_seen", "last_seen", "events", "siyu_export"];

/// The members as of now as a table, with personal values as the caller may see them.
/// Every row says which export it is; the export stands in the register.
#[utoipa::path(get, path = "/api/v1/segments/{id}/people.csv", tag = "segments",
    operation_id = "segments_people_file", params(("id" = i64, Path)),
    responses((status = 200, content_type = "text/csv", body = String)))]
pub(super) async fn people_file(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<([(HeaderName, String); 2], Vec<u8>)> {
    viewer.require(Permission::PeopleExport)?;
    let segment = super::get(&audience, &viewer, id).await?;
    let project = audience.project(&viewer)?;
    let (asked, as_of) = (project.clone(), audience.now());
    let mut people: Vec<u32> =
        blocking(move || Ok(evaluation::members(&asked, id, as_of)?.iter().rev().collect())).await?;
    if people.len() > ROWS_MAX {
        return Err(Error::new(ErrorCode::TooComplex, "the segment has more people than one file may hold")
            .with("limit", ROWS_MAX.to_string())
            .into());
    }
    let new = NewExport { what: "segment_people", title: segment.name, people: people.clone() };
    let export = audience.govern().begin_export(&viewer, new).await?;
    export.order(&mut people, |person| *person);
    let (rows, marked) = (people.len() as u64, export.clone());
    let file = blocking(move || table(&project, &viewer, &people, &marked)).await?;
    audience.govern().finish_export(&export, rows).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"segment-{id}.csv\"")),
    ];
    Ok((headers, file))
}

fn table(
    project: &Project,
    viewer: &Viewer,
    persons: &[u32],
    export: &Export,
) -> siyu_types::Result<Vec<u8>> {
    let people = project.people.read();
    let namespaces = people.graph().namespaces();
    let attributes: Vec<String> = people.properties().into_iter().map(|info| info.name).collect();
    // With a mark, so that spreadsheets see the encoding.
    let mut writer = csv::Writer::from_writer(b"\xef\xbb\xbf".to_vec());
    let titles = namespaces.iter().chain(&attributes).map(|title| harmless(title));
    let titles = std::iter::once(PERSON_TITLE.to_owned()).chain(titles);
    writer.write_record(titles.chain(OTHER_TITLES.map(str::to_owned))).map_err(Error::internal)?;
    let line = export.line();
    for person in persons {
        let cells = row(&people, viewer, PersonNo(*person), (&namespaces, &attributes), &line);
        writer.write_record(cells).map_err(Error::internal)?;
    }
    writer.into_inner().map_err(Error::internal)
}

fn row(
    people: &People,
    viewer: &Viewer,
    person: PersonNo,
    (namespaces, attributes): (&[String], &[String]),
    line: &str,
) -> Vec<String> {
    let identifiers = shown_identifiers(viewer, people.identifiers(person));
    let mut known = people.attributes(person);
    let activity = people.activity(person);
    let mut cells = vec![person.0.to_string()];
    for namespace in namespaces {
        let own = identifiers.iter().filter(|id| id.namespace == *namespace);
        cells.push(harmless(&own.map(|id| id.value.as_str()).collect::<Vec<_>>().join("; ")));
    }
    for name in attributes {
        let value = known.remove(name).map(|value| shown_value(viewer, name, value).display());
        cells.push(harmless(&value.unwrap_or_default()));
    }
    let time = |at: Option<i64>| at.map(|at| At(at).to_string()).unwrap_or_default();
    cells.extend([
        time(activity.first_seen()),
        time(activity.last_seen()),
        activity.events.to_string(),
        harmless(line),
    ]);
    cells
}
