//! HTTP: how well data arrives, what is expected, and the way of single records.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde_json::json;
use siyu_db::db_error;
use siyu_govern::{Govern, audit};
use siyu_http::{At, Body, Caller, Json, Params, Path, Result};
use siyu_types::{Error, FieldKind, Identifier, Permission, PersonNo, Viewer};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{
    Alert, AlertItem, AlertsQuery, DedupeItem, Grain, Rule, RuleDraft, RuleItem, SeriesDetail, SeriesQuery,
    Summary, SummaryQuery,
};
use super::stages::{self, TraceAnswer, TraceQuery};
use super::trace::{self, Found, Wanted};
use super::{report, rules, store};
use crate::events::Listed;
use crate::ingest::Ingest;
use crate::pipeline::Pipeline;

const DAYS: i64 = 7;
const DAYS_MAX: i64 = 35;
const RULES_MAX: usize = 100;
const TEXT_CHARS_MAX: usize = 255;
/// Requests with unknown keys that are searched.
const STRAYS_MAX: usize = 5_000;
const NAMESPACES: &[&str] = &["login", "phone", "email", "device"];

#[derive(Clone)]
pub struct Desk {
    ingest: Arc<Ingest>,
    govern: Govern,
}

pub fn routes(ingest: Arc<Ingest>, govern: Govern) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(summary))
        .routes(routes!(series))
        .routes(routes!(expectations, expect))
        .routes(routes!(change, drop_rule))
        .routes(routes!(alerts))
        .routes(routes!(follow))
        .with_state(Desk { ingest, govern })
}

/// How much, how late and how well every event of every source arrived.
#[utoipa::path(get, path = "/api/v1/quality/summary", tag = "quality", params(SummaryQuery),
    responses((status = 200, body = Summary)))]
async fn summary(
    State(desk): State<Desk>,
    Caller(viewer): Caller,
    Params(query): Params<SummaryQuery>,
) -> Result<Json<Summary>> {
    viewer.require(Permission::ProjectRead)?;
    let pipeline = desk.ingest.pipeline(viewer.project)?;
    let (zone, now) = (pipeline.project().zone(), desk.ingest.clock().now());
    let days = query.days.unwrap_or(DAYS).clamp(1, DAYS_MAX);
    let (series, sources) = pipeline.counters(|counters| report::summary(counters, &zone, now, days));
    let dedupe = pipeline.dedupe();
    Ok(Json(Summary {
        from: At(report::first_day(&zone, now, days)),
        series,
        sources,
        dedupe: DedupeItem {
            window_hours: dedupe.window_hours,
            keys: dedupe.keys,
            import_keys: dedupe.import_keys,
            bytes: dedupe.bytes,
            horizon: dedupe.horizon.map(At),
        },
    }))
}

/// One event of one source over time, with its reasons and properties.
#[utoipa::path(get, path = "/api/v1/quality/series", tag = "quality", params(SeriesQuery),
    responses((status = 200, body = SeriesDetail)))]
async fn series(
    State(desk): State<Desk>,
    Caller(viewer): Caller,
    Params(query): Params<SeriesQuery>,
) -> Result<Json<SeriesDetail>> {
    viewer.require(Permission::ProjectRead)?;
    let pipeline = desk.ingest.pipeline(viewer.project)?;
    let (zone, now) = (pipeline.project().zone(), desk.ingest.clock().now());
    let (source, event) = (query.source.unwrap_or_default(), query.event.unwrap_or_default());
    let by = query
        .by
        .as_deref()
        .map(|by| Grain::parse(by).ok_or_else(|| Error::invalid("by", "must be hour or day")));
    let of = (source.as_str(), event.as_str(), by.transpose()?.unwrap_or_default());
    Ok(Json(pipeline.counters(|counters| report::detail(counters, &zone, now, of))))
}

/// What is expected to arrive, and whether it does.
#[utoipa::path(get, path = "/api/v1/quality/rules", tag = "quality",
    responses((status = 200, body = Listed<RuleItem>)))]
async fn expectations(State(desk): State<Desk>, Caller(viewer): Caller) -> Result<Json<Listed<RuleItem>>> {
    viewer.require(Permission::ProjectRead)?;
    let rules = store::rules(desk.govern.db(), viewer.project).await?;
    Ok(Json(Listed { items: rules.into_iter().map(RuleItem::from).collect() }))
}

/// Adds an expectation.
#[utoipa::path(post, path = "/api/v1/quality/rules", tag = "quality", request_body = RuleDraft,
    responses((status = 201, body = RuleItem)))]
async fn expect(
    State(desk): State<Desk>,
    Caller(viewer): Caller,
    Body(draft): Body<RuleDraft>,
) -> Result<(StatusCode, Json<RuleItem>)> {
    viewer.require(Permission::DataWrite)?;
    rules::check(&draft)?;
    if store::rules(desk.govern.db(), viewer.project).await?.len() >= RULES_MAX {
        return Err(Error::invalid("rules", "there are as many as there may be").into());
    }
    let now = desk.ingest.clock().now();
    let mut tx = desk.govern.db().begin().await?;
    let id = store::insert(&mut tx, viewer.project, &draft, now).await?;
    desk.audited(tx, &viewer, "quality.rule_create", id, json!(draft)).await?;
    Ok((StatusCode::CREATED, Json(desk.rule(&viewer, id).await?)))
}

/// Changes an expectation; an alert of it ends.
#[utoipa::path(put, path = "/api/v1/quality/rules/{id}", tag = "quality", params(("id" = i64, Path)),
    request_body = RuleDraft, responses((status = 200, body = RuleItem)))]
async fn change(
    State(desk): State<Desk>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
    Body(draft): Body<RuleDraft>,
) -> Result<Json<RuleItem>> {
    viewer.require(Permission::DataWrite)?;
    rules::check(&draft)?;
    let mut tx = desk.govern.db().begin().await?;
    store::update(&mut tx, viewer.project, id, &draft).await?;
    store::end_alerts(&mut tx, viewer.project, id, desk.ingest.clock().now()).await?;
    desk.audited(tx, &viewer, "quality.rule_change", id, json!(draft)).await?;
    Ok(Json(desk.rule(&viewer, id).await?))
}

/// Removes an expectation; an alert of it ends.
#[utoipa::path(delete, path = "/api/v1/quality/rules/{id}", tag = "quality", params(("id" = i64, Path)),
    responses((status = 204)))]
async fn drop_rule(
    State(desk): State<Desk>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    viewer.require(Permission::DataWrite)?;
    let mut tx = desk.govern.db().begin().await?;
    store::remove(&mut tx, viewer.project, id).await?;
    store::end_alerts(&mut tx, viewer.project, id, desk.ingest.clock().now()).await?;
    desk.audited(tx, &viewer, "quality.rule_remove", id, json!({})).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Times during which something expected did not arrive, newest first.
#[utoipa::path(get, path = "/api/v1/quality/alerts", tag = "quality", params(AlertsQuery),
    responses((status = 200, body = Listed<AlertItem>)))]
async fn alerts(
    State(desk): State<Desk>,
    Caller(viewer): Caller,
    Params(query): Params<AlertsQuery>,
) -> Result<Json<Listed<AlertItem>>> {
    viewer.require(Permission::ProjectRead)?;
    let alerts = store::alerts(desk.govern.db(), viewer.project, query.open.unwrap_or(false)).await?;
    Ok(Json(Listed { items: alerts.into_iter().map(AlertItem::from).collect() }))
}

/// What became of the records of somebody, or of one message, stage by stage.
#[utoipa::path(get, path = "/api/v1/quality/trace", tag = "quality", params(TraceQuery),
    responses((status = 200, body = TraceAnswer)))]
async fn follow(
    State(desk): State<Desk>,
    Caller(viewer): Caller,
    Params(query): Params<TraceQuery>,
) -> Result<Json<TraceAnswer>> {
    viewer.require(Permission::PeopleRead)?;
    let wanted = wanted(&viewer, query)?;
    let pipeline = desk.ingest.pipeline(viewer.project)?;
    let person = person(&pipeline, &wanted);
    let strays = viewer.may(Permission::KeysManage) && wanted.before.is_none();
    let found = tokio::task::spawn_blocking(move || {
        let mut found = trace::search(&pipeline, &wanted)?;
        if strays {
            add_strays(&mut found, trace::strays(desk.ingest.unassigned().latest(STRAYS_MAX)?, &wanted));
        }
        Ok::<_, Error>(found)
    });
    let found = found.await.map_err(Error::internal)??;
    Ok(Json(stages::answer(&viewer, found, person)))
}

fn add_strays(found: &mut Found, strays: Vec<trace::Trace>) {
    found.traces.extend(strays);
    found.traces.sort_by_key(|trace| std::cmp::Reverse(trace.received_at));
}

fn wanted(viewer: &Viewer, query: TraceQuery) -> Result<Wanted> {
    let text = |field: &str, text: Option<String>| {
        let text = text.unwrap_or_default().trim().to_owned();
        match text.chars().count() > TEXT_CHARS_MAX {
            true => Err(Error::invalid(field, "is too long")),
            false => Ok(text),
        }
    };
    let (identifier, message) = (text("identifier", query.identifier)?, text("message", query.message)?);
    if identifier.is_empty() && message.is_empty() {
        return Err(Error::invalid("identifier", "say whom or which message to look for").into());
    }
    // Whoever sees a value masked must not be told by searching whether they guessed it.
    let hidden = NAMESPACES.iter().filter(|name| !viewer.sees(FieldKind::Identifier, name));
    let hidden = hidden.map(|name| (*name).to_owned()).collect();
    let (from, to) = (query.from.map(|at| at.0), query.to.map(|at| at.0));
    Ok(Wanted { identifier, message, from, to, before: query.before, hidden })
}

/// Whose identifier it is now.
fn person(pipeline: &Pipeline, wanted: &Wanted) -> Option<PersonNo> {
    let people = pipeline.project().people.read();
    let open = NAMESPACES.iter().filter(|name| !wanted.hidden.iter().any(|hidden| hidden == *name));
    let mut found = open.filter_map(|name| people.lookup(&Identifier::new(name, wanted.identifier.clone())));
    found.next().filter(|_| !wanted.identifier.is_empty())
}

impl Desk {
    async fn audited(
        &self,
        mut tx: siyu_db::Tx,
        viewer: &Viewer,
        action: &str,
        id: i64,
        detail: serde_json::Value,
    ) -> Result<()> {
        let now = self.ingest.clock().now();
        audit(&mut tx, viewer, action, &format!("quality_rule:{id}"), detail, now).await?;
        Ok(tx.commit().await.map_err(db_error)?)
    }

    async fn rule(&self, viewer: &Viewer, id: i64) -> Result<RuleItem> {
        let rules = store::rules(self.govern.db(), viewer.project).await?;
        let found = rules.into_iter().find(|rule| rule.id == id);
        Ok(found.map(RuleItem::from).ok_or_else(|| Error::not_found("quality rule", id))?)
    }
}

impl From<Rule> for RuleItem {
    fn from(rule: Rule) -> RuleItem {
        let RuleDraft { source, event, kind, threshold, enabled } = rule.draft;
        RuleItem {
            id: rule.id,
            source,
            event,
            kind,
            threshold,
            enabled,
            created_at: At(rule.created_at),
            checked_at: rule.checked_at.map(At),
            state: rule.verdict.state,
            observed: rule.verdict.observed,
            expected: rule.verdict.expected,
        }
    }
}

impl From<Alert> for AlertItem {
    fn from(alert: Alert) -> AlertItem {
        let RuleDraft { source, event, kind, threshold, .. } = alert.draft;
        AlertItem {
            id: alert.id,
            rule: alert.rule,
            source,
            event,
            kind,
            threshold,
            started_at: At(alert.started_at),
            ended_at: alert.ended_at.map(At),
            observed: alert.observed,
            expected: alert.expected,
        }
    }
}
