//! What the person asks about their data, and the copy that they fetch.

use axum::response::{IntoResponse, Response};
use http::header;
use siyu_govern::rights::{Assignee, CODE_FAILURES_MAX, CopyState, NewRequest, RequestKind, limit_text};
use siyu_types::PersonNo;
use siyu_types::error::{Error, ErrorCode, Result};

use super::model::{Asked, Language, Ready, Visitor};
use crate::Engage;

/// Makes a request. What shows that it was them goes before what they add.
pub(super) async fn request(
    engage: &Engage,
    visitor: &Visitor,
    kind: &str,
    note: &str,
    language: Language,
) -> Result<()> {
    let kind = RequestKind::parse(kind).ok_or_else(|| Error::invalid("request", "is not known"))?;
    let note = limit_text("note", note)?;
    let new = NewRequest {
        person: Some(PersonNo(visitor.person)),
        numbers: visitor.numbers.clone(),
        contact: None,
        kind,
        source: "preference_page".to_owned(),
        note: if note.is_empty() { visitor.evidence() } else { format!("{}\n{note}", visitor.evidence()) },
        language: language.as_str().to_owned(),
        by: Assignee::person(),
    };
    let zone = engage.audience.project(visitor.project)?.zone;
    engage.govern.request(visitor.project, &new, &zone).await?;
    Ok(())
}

/// Their requests, each with the copy that was handed out for it, if it still is there.
pub(super) async fn requests(engage: &Engage, visitor: &Visitor) -> Result<Vec<Asked>> {
    let now = engage.clock.now();
    let requests = engage.govern.requests_shown(visitor.project, &visitor.numbers).await?;
    let copies = engage.govern.copies_of(visitor.project, &visitor.numbers).await?;
    let ready = |request: i64| {
        let fits = |copy: &&siyu_govern::rights::Copy| {
            copy.request == Some(request)
                && copy.state == CopyState::Ready
                && copy.handed_out
                && copy.expires_at > now
        };
        copies.iter().find(fits).map(|copy| Ready {
            id: copy.id,
            until: copy.expires_at,
            locked: copy.code_failures >= CODE_FAILURES_MAX,
        })
    };
    Ok(requests.into_iter().map(|request| Asked { copy: ready(request.id), request }).collect())
}

/// The file of a copy; `None` if the code is wrong.
pub(super) async fn fetch(
    engage: &Engage,
    visitor: &Visitor,
    copy: i64,
    code: &str,
) -> Result<Option<Response>> {
    let file = match engage.govern.fetch_copy(visitor.project, &visitor.numbers, copy, code).await {
        Ok(file) => file,
        Err(error) if error.code == ErrorCode::WrongCode => return Ok(None),
        Err(error) => return Err(error),
    };
    let headers = [
        (header::CONTENT_TYPE, "application/zip"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"my-data.zip\""),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    Ok(Some((headers, siyu_http::file(move || file.reading()).await?).into_response()))
}
