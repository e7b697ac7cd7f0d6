//! HTTP of single sends: those of a campaign, and the messages of a person.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use siyu_http::{At, Caller, Json, Page, PageQuery, Params, Path, Result};
use siyu_types::{Error, Permission};
use utoipa::ToSchema;

use super::api::SendsQuery;
use crate::Engage;
use crate::delivery::{self as outbox, Bounce, SendRow, SendState};

/// What happened to one person in a campaign.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SendItem {
    send_id: String,
    campaign_id: i64,
    person: u32,
    name: Option<String>,
    email: Option<String>,
    state: SendState,
    /// Why protection refused.
    reason: Option<String>,
    /// The provider's words.
    error: Option<String>,
    attempt: i64,
    bounced: bool,
    /// Whether it came back, and whether for good.
    bounce: Bounce,
    /// When it arrived, where that is reported.
    delivered_at: Option<At>,
    /// When the next try is due, while it waits.
    due_at: Option<At>,
    finished_at: Option<At>,
}

fn item(send: SendRow, (name, email): (Option<String>, Option<String>)) -> SendItem {
    SendItem {
        send_id: send.send_id,
        campaign_id: send.campaign,
        person: send.person,
        name,
        email,
        state: send.state,
        reason: send.reason,
        error: send.error,
        attempt: send.attempt,
        bounced: send.bounce != Bounce::None,
        bounce: send.bounce,
        delivered_at: send.delivered_at.map(At),
        due_at: (send.state == SendState::Pending).then_some(At(send.due_at)),
        finished_at: send.finished_at.map(At),
    }
}

/// The sends of a campaign, by person.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/sends", tag = "campaigns", operation_id = "campaign_sends",
    params(("id" = i64, Path), SendsQuery), responses((status = 200, body = Page<SendItem>)))]
pub(super) async fn sends(
    State(engage): State<Arc<Engage>>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
    Params(query): Params<SendsQuery>,
) -> Result<Json<Page<SendItem>>> {
    viewer.require(Permission::PeopleRead)?;
    super::store::get(&engage.db, viewer.project, id).await?;
    let state = match query.state.as_deref() {
        None | Some("") => None,
        Some(text) => {
            Some(SendState::parse(text).ok_or_else(|| Error::invalid("state", "is not a state of sends"))?)
        }
    };
    let page = PageQuery { cursor: query.cursor, limit: query.limit };
    let (after, limit) = (page.cursor_id()?.unwrap_or(-1), page.limit());
    let found = outbox::of_campaign(&engage.db, id, state, after, limit + 1).await?;
    let page = Page::cut(found, limit, |send| send.person.to_string());
    let numbers: Vec<u32> = page.items.iter().map(|send| send.person).collect();
    let names = crate::report::describe(&engage, &viewer, viewer.project, &numbers).await?;
    let mut names = names.into_iter();
    Ok(Json(page.map(|send| item(send, names.next().unwrap_or_default()))))
}

/// The messages of a person, newest first.
#[utoipa::path(get, path = "/api/v1/people/{no}/messages", tag = "campaigns", operation_id = "person_messages",
    params(("no" = u32, Path)), responses((status = 200, body = Page<SendItem>)))]
pub(super) async fn messages(
    State(engage): State<Arc<Engage>>,
    Caller(viewer): Caller,
    Path(no): Path<u32>,
) -> Result<Json<Page<SendItem>>> {
    const MESSAGES_MAX: i64 = 200;
    viewer.require(Permission::PeopleRead)?;
    let view = engage.audience.people(viewer.project, &[no])?.pop().flatten();
    let view = view.ok_or_else(|| Error::not_found("person", no))?;
    let found = outbox::of_people(&engage.db, viewer.project, &view.numbers, MESSAGES_MAX).await?;
    Ok(Json(Page::whole(found.into_iter().map(|send| item(send, (None, None))).collect())))
}
