//! HTTP: what is declared and what has arrived.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use siyu_http::{Body, Caller, Json, Page, PageQuery, Params, Result};
use siyu_types::{Error, Permission};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::document::{PlanProperty, PlanSubject};
use super::entry::EntryState;
use super::model::{PlanMode, PlanStatus, SubjectKind};
use super::preview::PlanPreview;
use super::view::{self, PlanSubjectDetail, PlanSubjectItem};
use super::{Change, Plans, preview, quarantine, seen, store};

pub fn routes(plans: Arc<Plans>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(overview))
        .routes(routes!(mode))
        .routes(routes!(preview_strict))
        .routes(routes!(names))
        .routes(routes!(list, put_subject))
        .routes(routes!(subject))
        .routes(routes!(put_property))
        .routes(routes!(declare))
        .routes(routes!(remove))
        .with_state(Arc::clone(&plans))
        .merge(super::api_exchange::routes(Arc::clone(&plans)))
        .merge(super::api_quarantine::routes(plans))
}

/// The plan in numbers.
#[derive(Debug, Serialize, ToSchema)]
struct PlanOverview {
    mode: PlanMode,
    /// Of the last change.
    revision: u64,
    /// Of the plan that the pipeline decides by now.
    in_force: u64,
    /// Subjects per status.
    statuses: BTreeMap<&'static str, u64>,
    /// Subjects with values of another type.
    drifting: u64,
    limits: PlanLimits,
    quarantine: QuarantineOverview,
}

#[derive(Debug, Serialize, ToSchema)]
struct PlanLimits {
    subjects_max: u64,
    properties_max: u64,
    /// Records whose event found no room to be learned; they are stored all the same.
    subjects_overflow: u64,
    /// Values whose property found none.
    properties_overflow: u64,
}

#[derive(Debug, Serialize, ToSchema)]
struct QuarantineOverview {
    open: u64,
    /// Open ones per reason.
    reasons: BTreeMap<&'static str, u64>,
    /// Open ones that had to make room, of all time.
    dropped: u64,
    bytes: u64,
    bytes_max: u64,
}

/// The mode, how much is agreed on, and how much is set aside.
#[utoipa::path(get, path = "/api/v1/plan", tag = "plan", responses((status = 200, body = PlanOverview)))]
async fn overview(State(plans): State<Arc<Plans>>, Caller(viewer): Caller) -> Result<Json<PlanOverview>> {
    viewer.require(Permission::ProjectRead)?;
    let (mode, revision) = store::settings(&plans.db, viewer.project).await?;
    let document = store::load(&plans.db, viewer.project).await?;
    let pipeline = plans.ingest.pipeline(viewer.project)?;
    let gate = pipeline.gate();
    let subjects = view::subjects(&document, &gate.seen);
    let mut statuses: BTreeMap<&str, u64> =
        PlanStatus::ALL.iter().map(|status| (status.as_str(), 0)).collect();
    for subject in &subjects {
        *statuses.entry(subject.status.as_str()).or_default() += 1;
    }
    let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
    for entry in gate.quarantine.entries().iter().filter(|entry| entry.state == EntryState::Open) {
        *reasons.entry(entry.reason.as_str()).or_default() += 1;
    }
    Ok(Json(PlanOverview {
        mode,
        revision,
        in_force: gate.policy().revision,
        statuses,
        drifting: subjects.iter().filter(|subject| subject.drifting > 0).count() as u64,
        limits: PlanLimits {
            subjects_max: seen::SUBJECTS_MAX as u64,
            properties_max: seen::PROPERTIES_MAX as u64,
            subjects_overflow: gate.seen.overflow,
            properties_overflow: gate.seen.subjects.iter().map(|subject| subject.overflow).sum(),
        },
        quarantine: QuarantineOverview {
            open: reasons.values().sum(),
            reasons,
            dropped: gate.quarantine.dropped(),
            bytes: gate.quarantine.bytes(),
            bytes_max: quarantine::BYTES_MAX,
        },
    }))
}

#[derive(Debug, Deserialize, ToSchema)]
struct PlanModeChange {
    mode: PlanMode,
}

/// Lenient or strict, for what arrives from now on.
#[utoipa::path(put, path = "/api/v1/plan/mode", tag = "plan", request_body = PlanModeChange,
    responses((status = 204)))]
async fn mode(
    State(plans): State<Arc<Plans>>,
    Caller(viewer): Caller,
    Body(change): Body<PlanModeChange>,
) -> Result<StatusCode> {
    viewer.require(Permission::ProjectManage)?;
    plans.set_mode(&viewer, change.mode).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What strict mode would have set aside of the newest records.
#[utoipa::path(get, path = "/api/v1/plan/preview", tag = "plan",
    responses((status = 200, body = PlanPreview)))]
async fn preview_strict(
    State(plans): State<Arc<Plans>>,
    Caller(viewer): Caller,
) -> Result<Json<PlanPreview>> {
    viewer.require(Permission::ProjectRead)?;
    let policy = store::load(&plans.db, viewer.project).await?.policy(0, PlanMode::Strict);
    let pipeline = plans.ingest.pipeline(viewer.project)?;
    let answer = tokio::task::spawn_blocking(move || preview::preview(&pipeline, policy))
        .await
        .map_err(Error::internal)??;
    Ok(Json(answer))
}

/// What to call things.
#[derive(Debug, Serialize, ToSchema)]
struct PlanNames {
    events: Vec<PlanName>,
    /// Of events and items; where subjects differ, the first one's.
    properties: Vec<PlanName>,
    attributes: Vec<PlanName>,
}

#[derive(Debug, Serialize, ToSchema)]
struct PlanName {
    name: String,
    /// Either may be empty.
    display_zh: String,
    display_en: String,
}

/// Every display name that was given.
#[utoipa::path(get, path = "/api/v1/plan/names", tag = "plan", responses((status = 200, body = PlanNames)))]
async fn names(State(plans): State<Arc<Plans>>, Caller(viewer): Caller) -> Result<Json<PlanNames>> {
    viewer.require(Permission::ProjectRead)?;
    let document = store::load(&plans.db, viewer.project).await?;
    let mut names = PlanNames { events: Vec::new(), properties: Vec::new(), attributes: Vec::new() };
    let named = |zh: &str, en: &str| !(zh.is_empty() && en.is_empty());
    let mut known = std::collections::BTreeSet::new();
    for subject in document.subjects {
        let PlanSubject { kind, name, display_zh, display_en, properties, .. } = subject;
        if kind == SubjectKind::Event && named(&display_zh, &display_en) {
            names.events.push(PlanName { name, display_zh, display_en });
        }
        for PlanProperty { name, display_zh, display_en, .. } in properties {
            if !named(&display_zh, &display_en) {
                continue;
            }
            if kind == SubjectKind::People {
                names.attributes.push(PlanName { name, display_zh, display_en });
            } else if known.insert(name.clone()) {
                names.properties.push(PlanName { name, display_zh, display_en });
            }
        }
    }
    Ok(Json(names))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PlanQuery {
    cursor: Option<String>,
    limit: Option<i64>,
    kind: Option<SubjectKind>,
    status: Option<PlanStatus>,
    /// Within the name, a display name, the owner or the category.
    query: Option<String>,
    /// Only those with values of another type.
    drifting: Option<bool>,
}

impl PlanQuery {
    fn fits(&self, item: &PlanSubjectItem) -> bool {
        let text = self.query.as_deref().unwrap_or_default().to_lowercase();
        let texts = [&item.name, &item.display_zh, &item.display_en, &item.owner, &item.category];
        self.kind.is_none_or(|kind| item.kind == kind)
            && self.status.is_none_or(|status| item.status == status)
            && (self.drifting != Some(true) || item.drifting > 0)
            && (text.is_empty() || texts.iter().any(|known| known.to_lowercase().contains(&text)))
    }
}

/// Events, people's attributes and types of items, declared or seen: the most frequent first.
#[utoipa::path(get, path = "/api/v1/plan/subjects", tag = "plan", params(PlanQuery),
    responses((status = 200, body = Page<PlanSubjectItem>)))]
async fn list(
    State(plans): State<Arc<Plans>>,
    Caller(viewer): Caller,
    Params(query): Params<PlanQuery>,
) -> Result<Json<Page<PlanSubjectItem>>> {
    viewer.require(Permission::ProjectRead)?;
    let page = PageQuery { cursor: query.cursor.clone(), limit: query.limit };
    let from = usize::try_from(page.cursor_id()?.unwrap_or(0)).unwrap_or(0);
    let document = store::load(&plans.db, viewer.project).await?;
    let pipeline = plans.ingest.pipeline(viewer.project)?;
    let mut items = view::subjects(&document, &pipeline.gate().seen);
    items.retain(|item| query.fits(item));
    items.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| (a.kind, &a.name).cmp(&(b.kind, &b.name))));
    let total = items.len();
    let to = total.min(from.saturating_add(page.limit() as usize));
    let next_cursor = (to < total).then(|| to.to_string());
    let items = items.drain(from.min(to)..to).collect();
    Ok(Json(Page { items, next_cursor, total: Some(total as u64) }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PlanSubjectQuery {
    kind: SubjectKind,
    /// Empty for people.
    name: Option<String>,
}

/// One subject with its properties, their types and their drift.
#[utoipa::path(get, path = "/api/v1/plan/subject", tag = "plan", params(PlanSubjectQuery),
    responses((status = 200, body = PlanSubjectDetail)))]
async fn subject(
    State(plans): State<Arc<Plans>>,
    Caller(viewer): Caller,
    Params(query): Params<PlanSubjectQuery>,
) -> Result<Json<PlanSubjectDetail>> {
    viewer.require(Permission::ProjectRead)?;
    let document = store::load(&plans.db, viewer.project).await?;
    let pipeline = plans.ingest.pipeline(viewer.project)?;
    let name = query.name.unwrap_or_default();
    let found = view::detail(&document, &pipeline.gate().seen, query.kind, &name);
    Ok(Json(found.ok_or_else(|| Error::not_found("event", name))?))
}

/// Declares a subject, or changes what is declared; its properties, if any are
/// given, with it. Others stay.
#[utoipa::path(put, path = "/api/v1/plan/subjects", tag = "plan", request_body = PlanSubject,
    responses((status = 204)))]
async fn put_subject(
    State(plans): State<Arc<Plans>>,
    Caller(viewer): Caller,
    Body(subject): Body<PlanSubject>,
) -> Result<StatusCode> {
    viewer.require(Permission::DataWrite)?;
    subject.check()?;
    plans.room_for(viewer.project, subject.clone()).await?;
    let object = object(subject.kind, &subject.name);
    let mut changes = vec![Change::Subject(&subject)];
    let properties = subject.properties.iter();
    changes.extend(properties.map(|one| Change::Property(subject.kind, &subject.name, one)));
    let detail = json!({"status": subject.status.as_str(), "properties": subject.properties.len()});
    plans.change(&viewer, &changes, ("plan.put", &object), detail).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, ToSchema)]
struct PlanPropertyChange {
    kind: SubjectKind,
    /// The event, or type of item.
    subject: String,
    property: PlanProperty,
}

/// Declares a property, or changes what is declared of it.
#[utoipa::path(put, path = "/api/v1/plan/properties", tag = "plan", request_body = PlanPropertyChange,
    responses((status = 204)))]
async fn put_property(
    State(plans): State<Arc<Plans>>,
    Caller(viewer): Caller,
    Body(change): Body<PlanPropertyChange>,
) -> Result<StatusCode> {
    viewer.require(Permission::DataWrite)?;
    let PlanPropertyChange { kind, subject, property } = change;
    let whole = PlanSubject {
        kind,
        name: subject.clone(),
        properties: vec![property.clone()],
        ..PlanSubject::default()
    };
    whole.check()?;
    plans.room_for(viewer.project, whole).await?;
    let object = object(kind, &subject);
    let detail = json!({"property": property.name, "status": property.status.as_str()});
    let changes = [Change::Property(kind, &subject, &property)];
    plans.change(&viewer, &changes, ("plan.put_property", &object), detail).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Default, Deserialize, ToSchema)]
struct PlanDeclare {
    /// Only this subject; everything that was seen if absent.
    kind: Option<SubjectKind>,
    name: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct PlanDeclared {
    subjects: u64,
    properties: u64,
}

/// Takes what was seen into the plan, as verified.
#[utoipa::path(post, path = "/api/v1/plan/declare", tag = "plan", request_body = PlanDeclare,
    responses((status = 200, body = PlanDeclared)))]
async fn declare(
    State(plans): State<Arc<Plans>>,
    Caller(viewer): Caller,
    Body(which): Body<PlanDeclare>,
) -> Result<Json<PlanDeclared>> {
    viewer.require(Permission::DataWrite)?;
    let document = store::load(&plans.db, viewer.project).await?;
    let name = which.name.unwrap_or_default();
    let only = which.kind.map(|kind| (kind, name.as_str()));
    let fresh = {
        let pipeline = plans.ingest.pipeline(viewer.project)?;
        let gate = pipeline.gate();
        view::undeclared(&document, &gate.seen, only)
    };
    let properties: usize = fresh.subjects.iter().map(|subject| subject.properties.len()).sum();
    document.fits_with(&fresh)?;
    if !fresh.subjects.is_empty() {
        plans.apply(&viewer, &fresh, "plan.declare").await?;
    }
    Ok(Json(PlanDeclared { subjects: fresh.subjects.len() as u64, properties: properties as u64 }))
}

#[derive(Debug, Deserialize, ToSchema)]
struct PlanRemove {
    kind: SubjectKind,
    subject: String,
    /// Only this property; the subject with all of them if absent.
    property: Option<String>,
}

/// Takes a declaration back. What has arrived stays, as learned.
#[utoipa::path(post, path = "/api/v1/plan/remove", tag = "plan", request_body = PlanRemove,
    responses((status = 204)))]
async fn remove(
    State(plans): State<Arc<Plans>>,
    Caller(viewer): Caller,
    Body(which): Body<PlanRemove>,
) -> Result<StatusCode> {
    viewer.require(Permission::DataWrite)?;
    let object = object(which.kind, &which.subject);
    let detail = json!({"property": which.property});
    let changes = [Change::Remove(which.kind, &which.subject, which.property.as_deref())];
    plans.change(&viewer, &changes, ("plan.remove", &object), detail).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How audit rows name a subject.
fn object(kind: SubjectKind, name: &str) -> String {
    format!("{}:{name}", kind.as_str())
}
