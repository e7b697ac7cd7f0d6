//! HTTP of the desk: finding who asks, copies, decisions.

use axum::body::Body as AxumBody;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::json;
use siyu_db::db_error;
use siyu_govern::audit;
use siyu_govern::rights::{Content, Copy, CopyState, NewCopy, require_text};
use siyu_http::{At, Body, Caller, Json, Page, Path, Result};
use siyu_types::{Error, Permission};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::find::{By, find, forms};
use super::model::Decision;
use super::{copy, explain, jobs};
use crate::Audience;
use crate::audience::blocking;
use crate::people::{PersonItem, QUERY_CHARS_MAX, person_item};

pub(super) fn routes(audience: Audience) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(find_people))
        .routes(routes!(list, create))
        .routes(routes!(get, remove))
        .routes(routes!(file))
        .routes(routes!(hand_out))
        .routes(routes!(of_request))
        .routes(routes!(decisions))
        .with_state(audience)
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FindPeople {
    /// An identifier of whatever kind, in the clear: at most 100 characters.
    text: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct FoundPeople {
    people: Vec<FoundPerson>,
    /// Numbers of requests that gave this as contact, latest first.
    requests: Vec<i64>,
}

#[derive(Debug, Serialize, ToSchema)]
struct FoundPerson {
    person: PersonItem,
    by: PersonFoundBy,
    /// The kind of identifier, or the attribute.
    name: String,
}

#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum PersonFoundBy {
    Identifier,
    /// An identifier of the past; it may be somebody else's now.
    Former,
    /// A personal attribute; others may have the same.
    Attribute,
}

/// Finds who asks by something they say of themselves, exactly: every kind of identifier,
/// personal attributes, and requests by somebody who is not known otherwise. What was
/// looked for is not kept; that somebody looked is.
#[utoipa::path(post, path = "/api/v1/rights/find", tag = "rights", operation_id = "find_people",
    request_body = FindPeople, responses((status = 200, body = FoundPeople)))]
async fn find_people(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Body(body): Body<FindPeople>,
) -> Result<Json<FoundPeople>> {
    viewer.require(Permission::RightsManage)?;
    let text = require_text("text", &body.text)?;
    if text.chars().count() > QUERY_CHARS_MAX {
        return Err(Error::invalid("text", format!("at most {QUERY_CHARS_MAX} characters")).into());
    }
    let project = audience.project(&viewer)?;
    let (people, forms) = {
        let viewer = viewer.clone();
        blocking(move || {
            let people = project.people.read();
            let found = find(&people, &viewer, &text).into_iter().map(|found| FoundPerson {
                person: person_item(&people, &viewer, found.person),
                by: match found.by {
                    By::Identifier => PersonFoundBy::Identifier,
                    By::Former => PersonFoundBy::Former,
                    By::Attribute => PersonFoundBy::Attribute,
                },
                name: found.name,
            });
            Ok((found.collect::<Vec<_>>(), forms(&people, &text)))
        })
        .await?
    };
    let requests = audience.inner.govern.requests_by_contact(viewer.project, &forms).await?;
    let numbers: Vec<u32> = people.iter().map(|found| found.person.person).collect();
    let mut tx = audience.db().begin().await?;
    let detail = json!({ "people": numbers, "requests": requests.len() });
    audit(&mut tx, &viewer, "rights.find", "people", detail, audience.now()).await?;
    tx.commit().await.map_err(db_error)?;
    Ok(Json(FoundPeople { people, requests: requests.into_iter().map(|request| request.id).collect() }))
}

/// A copy of everything about a person.
#[derive(Debug, Serialize, ToSchema)]
struct RightsCopy {
    id: i64,
    person: u32,
    request: Option<i64>,
    /// Of its report: `zh` or `en`.
    language: String,
    state: CopyState,
    /// The job that makes it.
    job: i64,
    bytes: u64,
    /// Of the file, in hexadecimal digits.
    sha256: String,
    contents: Vec<Content>,
    /// Stands in everything the copy holds, and names it in the register of exports.
    export_code: String,
    created_at: At,
    created_by: String,
    /// After that the file is gone.
    expires_at: At,
    /// There is a code by which the person fetches it.
    handed_out: bool,
    /// The code was tried too often; make another one.
    locked: bool,
    /// By the team.
    downloads: u64,
    /// By the person.
    fetches: u64,
}

fn item(copy: Copy) -> RightsCopy {
    RightsCopy {
        id: copy.id,
        person: copy.person.0,
        request: copy.request,
        language: copy.language,
        state: copy.state,
        job: copy.job,
        bytes: copy.bytes,
        sha256: copy.sha256,
        contents: copy.contents,
        export_code: copy.export_code,
        created_at: At(copy.created_at),
        created_by: copy.created_by_name,
        expires_at: At(copy.expires_at),
        handed_out: copy.handed_out,
        locked: copy.handed_out && copy.code_failures >= siyu_govern::rights::CODE_FAILURES_MAX,
        downloads: copy.downloads,
        fetches: copy.fetches,
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRightsCopy {
    /// The request it answers; it is to be taken over by somebody.
    request: Option<i64>,
    /// Of the report: `zh` or `en`; Chinese if absent.
    language: Option<String>,
}

/// Has a copy made of everything about a person: a ZIP with a JSON file per area and
/// a report. It is made by a job; its file is kept for 14 days.
#[utoipa::path(post, path = "/api/v1/people/{no}/copies", tag = "rights", operation_id = "create_copy",
    params(("no" = u32, Path)), request_body = NewRightsCopy, responses((status = 201, body = RightsCopy)))]
async fn create(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(number): Path<u32>,
    Body(body): Body<NewRightsCopy>,
) -> Result<(StatusCode, Json<RightsCopy>)> {
    viewer.require(Permission::RightsExport)?;
    let project = audience.project(&viewer)?;
    let subject = copy::subject(&project, number)?;
    let govern = &audience.inner.govern;
    if let Some(request) = body.request {
        govern.working_request(&viewer, request, &subject.numbers).await?;
    }
    let language = body.language.unwrap_or_else(|| "zh".to_owned());
    if !["zh", "en"].contains(&language.as_str()) {
        return Err(Error::invalid("language", "is zh or en").into());
    }
    let new = NewCopy { person: subject.person, request: body.request, language };
    let copy = govern.create_copy(&viewer, &new, &audience.inner.jobs, jobs::COPY).await?;
    Ok((StatusCode::CREATED, Json(item(copy))))
}

/// The copies that were made of a person, latest first.
#[utoipa::path(get, path = "/api/v1/people/{no}/copies", tag = "rights", operation_id = "list_copies",
    params(("no" = u32, Path)), responses((status = 200, body = Page<RightsCopy>)))]
async fn list(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(number): Path<u32>,
) -> Result<Json<Page<RightsCopy>>> {
    viewer.require(Permission::RightsManage)?;
    let project = audience.project(&viewer)?;
    let subject = copy::subject(&project, number)?;
    let copies = audience.inner.govern.copies_of(viewer.project, &subject.numbers).await?;
    Ok(Json(Page::whole(copies.into_iter().map(item).collect())))
}

/// The copies that were made for a request, latest first.
#[utoipa::path(get, path = "/api/v1/rights/requests/{id}/copies", tag = "rights", operation_id = "list_request_copies",
    params(("id" = i64, Path)), responses((status = 200, body = Page<RightsCopy>)))]
async fn of_request(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<Json<Page<RightsCopy>>> {
    viewer.require(Permission::RightsManage)?;
    let copies = audience.inner.govern.copies_of_request(viewer.project, id).await?;
    Ok(Json(Page::whole(copies.into_iter().map(item).collect())))
}

/// One copy: how far it is, and what it holds.
#[utoipa::path(get, path = "/api/v1/rights/copies/{id}", tag = "rights", operation_id = "get_copy",
    params(("id" = i64, Path)), responses((status = 200, body = RightsCopy)))]
async fn get(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<Json<RightsCopy>> {
    viewer.require(Permission::RightsManage)?;
    Ok(Json(item(audience.inner.govern.copy(viewer.project, id).await?)))
}

/// Removes the file of a copy before its time.
#[utoipa::path(delete, path = "/api/v1/rights/copies/{id}", tag = "rights", operation_id = "remove_copy",
    params(("id" = i64, Path)), responses((status = 200, body = RightsCopy)))]
async fn remove(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<Json<RightsCopy>> {
    Ok(Json(item(audience.inner.govern.remove_copy(&viewer, id).await?)))
}

/// The file of a copy. Every download is written down.
#[utoipa::path(get, path = "/api/v1/rights/copies/{id}/file", tag = "rights", operation_id = "download_copy",
    params(("id" = i64, Path)), responses((status = 200, content_type = "application/zip", body = Vec<u8>)))]
async fn file(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<Response> {
    let file = audience.inner.govern.download_copy(&viewer, id).await?;
    let body: AxumBody = siyu_http::file(move || file.reading()).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"copy-{id}.zip\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, body).into_response())
}

#[derive(Debug, Serialize, ToSchema)]
struct CopyCode {
    /// Tell it to the person by another way than the link: it is shown this once.
    code: String,
}

/// Makes the code by which the person fetches the copy on their preference page. Who
/// has the link alone gets nothing. A code from before serves no more.
#[utoipa::path(post, path = "/api/v1/rights/copies/{id}/hand_out", tag = "rights", operation_id = "hand_out_copy",
    params(("id" = i64, Path)), responses((status = 200, body = CopyCode)))]
async fn hand_out(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<Json<CopyCode>> {
    let code = audience.inner.govern.hand_out_copy(&viewer, id).await?;
    Ok(Json(CopyCode { code }))
}

/// What programs decided about a person — tags, segments, messages — and why.
#[utoipa::path(get, path = "/api/v1/people/{no}/decisions", tag = "rights", operation_id = "list_decisions",
    params(("no" = u32, Path)), responses((status = 200, body = Page<Decision>)))]
async fn decisions(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(number): Path<u32>,
) -> Result<Json<Page<Decision>>> {
    viewer.require(Permission::RightsManage)?;
    let project = audience.project(&viewer)?;
    let subject = copy::subject(&project, number)?;
    let mut all = {
        let subject = subject.clone();
        let now = audience.now();
        blocking(move || explain::decisions(&project, &subject, now)).await?
    };
    for keeper in audience.keepers() {
        all.extend(keeper.decided(&subject).await?);
    }
    Ok(Json(Page::whole(all)))
}
