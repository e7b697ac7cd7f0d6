//! HTTP: what was set aside, and giving it back.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use siyu_http::{At, Body, Caller, Json, Page, PageQuery, Params, Result};
use siyu_types::identity::shown_hash;
use siyu_types::{Error, Identifier, Permission, Record};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Plans;
use super::browse::{Filter, NAMED_MAX, Search};
use super::entry::{Entry, EntryState, Held};
use super::fixes::PlanFix;
use super::jobs::ReplayParams;
use super::model::{AsideReason, SubjectKind};

/// Repairs of one replay.
const FIXES_MAX: usize = 50;

pub fn routes(plans: Arc<Plans>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(quarantine)).routes(routes!(replay)).with_state(plans)
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct QuarantineQuery {
    cursor: Option<String>,
    limit: Option<i64>,
    state: Option<EntryState>,
    #[param(value_type = Option<String>)]
    reason: Option<AsideReason>,
    kind: Option<SubjectKind>,
    /// The event, or type of item.
    subject: Option<String>,
    field: Option<String>,
    source: Option<String>,
    /// Received at or after.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<At>,
    /// Received before.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<At>,
    /// Within the record; only for those who may see personal values.
    query: Option<String>,
}

/// A record, keys of one, or something unreadable, that was set aside.
#[derive(Debug, Serialize, ToSchema)]
struct QuarantineItem {
    seq: u64,
    state: EntryState,
    reason: AsideReason,
    /// The property or field; of several keys all, separated by `, `.
    field: String,
    /// What is wrong in a few English words; empty if the reason says it all.
    message: String,
    protocol: String,
    kind: SubjectKind,
    subject: String,
    time: At,
    received_at: At,
    source: String,
    /// Else the rest of the record was stored.
    whole: bool,
    /// As it arrived, or the keys alone; null without the right to see personal values.
    #[schema(value_type = Option<Object>)]
    record: Option<serde_json::Value>,
    /// The beginning of what could not be read; null without that right.
    excerpt: Option<String>,
    /// It is kept whole, so that it can be given back.
    replayable: bool,
    /// When it was given back or discarded.
    settled_at: Option<At>,
}

/// What was set aside, newest first. A search for a text may answer few items, or
/// none, with a cursor: it goes on from there.
#[utoipa::path(get, path = "/api/v1/plan/quarantine", tag = "plan", params(QuarantineQuery),
    responses((status = 200, body = Page<QuarantineItem>)))]
async fn quarantine(
    State(plans): State<Arc<Plans>>,
    Caller(viewer): Caller,
    Params(query): Params<QuarantineQuery>,
) -> Result<Json<Page<QuarantineItem>>> {
    viewer.require(Permission::ProjectRead)?;
    let personal = viewer.sees_all();
    let page = PageQuery { cursor: query.cursor, limit: query.limit };
    let search = Search {
        filter: Filter {
            entries: Vec::new(),
            reason: query.reason,
            kind: query.kind,
            subject: query.subject,
            field: query.field,
            source: query.source,
            from: query.from,
            to: query.to,
        },
        state: query.state,
        // Searching in what one may not see would show it letter by letter.
        text: if personal { query.query.unwrap_or_default() } else { String::new() },
        before: page.cursor_id()?.map(|id| u64::try_from(id).unwrap_or_default()),
        limit: page.limit() as usize,
    };
    let pipeline = plans.ingest.pipeline(viewer.project)?;
    let found = tokio::task::spawn_blocking(move || {
        let (candidates, dir) = search.candidates(&pipeline.gate().quarantine);
        search.read(candidates, &dir)
    })
    .await
    .map_err(Error::internal)??;
    let items = found.entries.into_iter().map(|(entry, held)| item(entry, held, personal));
    let next_cursor = found.next.map(|seq| seq.to_string());
    Ok(Json(Page { items: items.collect(), next_cursor, total: None }))
}

fn item(entry: Entry, held: Option<Held>, personal: bool) -> QuarantineItem {
    let Held { record, raw } = held.unwrap_or_default();
    let replayable = record.is_some() || raw.as_ref().is_some_and(|raw| raw.frame.is_some());
    QuarantineItem {
        seq: entry.seq,
        state: entry.state,
        reason: entry.reason,
        field: entry.field,
        message: entry.message,
        protocol: entry.protocol,
        kind: entry.kind,
        subject: entry.subject,
        time: At(entry.time),
        received_at: At(entry.received_at),
        source: entry.source,
        whole: entry.whole,
        record: record.filter(|_| personal).map(shown),
        excerpt: raw.filter(|_| personal).map(|raw| raw.excerpt),
        replayable,
        settled_at: entry.settled_at.map(At),
    }
}

/// What a person wants to see of a record.
fn shown(record: Record) -> serde_json::Value {
    let one = |id: Identifier| {
        let value = shown_hash(&id.value).unwrap_or(id.value);
        Identifier { value, ..id }
    };
    let ids: Vec<Identifier> = record.ids.into_iter().map(one).collect();
    serde_json::json!({"time": At(record.time), "ids": ids, "body": record.body})
}

#[derive(Debug, Deserialize, ToSchema)]
struct QuarantineReplay {
    filter: Filter,
    /// Made in order, on each record, before it is given back.
    #[serde(default)]
    fixes: Vec<PlanFix>,
    /// Throw away instead.
    #[serde(default)]
    discard: bool,
}

#[derive(Debug, Serialize, ToSchema)]
struct QuarantineReplayStarted {
    job_id: i64,
}

/// Gives open records back to the pipeline, mended, or discards them. What the
/// plan still refuses stays, with its new reason.
#[utoipa::path(post, path = "/api/v1/plan/quarantine/replay", tag = "plan",
    request_body = QuarantineReplay, responses((status = 202, body = QuarantineReplayStarted)))]
async fn replay(
    State(plans): State<Arc<Plans>>,
    Caller(viewer): Caller,
    Body(request): Body<QuarantineReplay>,
) -> Result<(StatusCode, Json<QuarantineReplayStarted>)> {
    viewer.require(Permission::DataWrite)?;
    let QuarantineReplay { filter, fixes, discard } = request;
    if filter.entries.len() > NAMED_MAX {
        return Err(Error::invalid("filter.entries", format!("more than {NAMED_MAX}")).into());
    }
    if fixes.len() > FIXES_MAX {
        return Err(Error::invalid("fixes", format!("more than {FIXES_MAX}")).into());
    }
    let job_id = plans.replay(&viewer, ReplayParams { filter, fixes, discard }).await?;
    Ok((StatusCode::ACCEPTED, Json(QuarantineReplayStarted { job_id })))
}
