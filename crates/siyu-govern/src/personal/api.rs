//! HTTP: declared fields, who sees how much, and revealing single values.

use std::sync::Arc;

use axum::extract::{FromRef, State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use siyu_http::{Body, Caller, Json, Page, Path, Result};
use siyu_types::personal::{PersonalField, guess};
use siyu_types::ports::Directory;
use siyu_types::{Error, FieldKind, Permission, PersonalClass};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::Settings;
use super::reveal::{self, Revealed, Wanted};
use super::suggest;
use crate::Govern;

/// What the handlers of this feature work with.
#[derive(Clone)]
pub(super) struct Office {
    pub govern: Govern,
    pub people: Arc<dyn Directory>,
}

impl FromRef<Office> for Govern {
    fn from_ref(office: &Office) -> Govern {
        office.govern.clone()
    }
}

pub(super) fn routes(govern: Govern, people: Arc<dyn Directory>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(settings, set_settings))
        .routes(routes!(fields))
        .routes(routes!(declare, undeclare))
        .routes(routes!(suggestions))
        .routes(routes!(reveal_value))
        .with_state(Office { govern, people })
}

/// Who sees how much of personal data, and the limits of looking.
#[utoipa::path(get, path = "/api/v1/personal", tag = "personal", operation_id = "personal_settings",
    responses((status = 200, body = Settings)))]
async fn settings(State(govern): State<Govern>, Caller(viewer): Caller) -> Result<Json<Settings>> {
    viewer.require(Permission::ProjectRead)?;
    Ok(Json(govern.personal_settings(viewer.project).await?))
}

/// Decides who sees how much. Holds from the next request on.
#[utoipa::path(put, path = "/api/v1/personal", tag = "personal", operation_id = "set_personal_settings",
    request_body = Settings, responses((status = 200, body = Settings)))]
async fn set_settings(
    State(govern): State<Govern>,
    Caller(viewer): Caller,
    Body(settings): Body<Settings>,
) -> Result<Json<Settings>> {
    govern.set_personal_settings(&viewer, settings).await?;
    Ok(Json(govern.personal_settings(viewer.project).await?))
}

#[derive(Debug, Serialize, ToSchema)]
struct PersonalFieldItem {
    kind: FieldKind,
    name: String,
    /// People who have a value, or events that carry one; 0 for what was declared before it arrived.
    count: u64,
    /// Null: not personal.
    class: Option<PersonalClass>,
    sensitive: bool,
    /// Somebody decided it; otherwise it is guessed by the name.
    declared: bool,
    /// What the name suggests.
    guess: Option<PersonalClass>,
}

/// Every field that is kept of people and events, and whether it is personal.
#[utoipa::path(get, path = "/api/v1/personal/fields", tag = "personal", operation_id = "personal_fields",
    responses((status = 200, body = Page<PersonalFieldItem>)))]
async fn fields(
    State(office): State<Office>,
    Caller(viewer): Caller,
) -> Result<Json<Page<PersonalFieldItem>>> {
    viewer.require(Permission::ProjectRead)?;
    let rules = office.govern.personal_rules(viewer.project).await?;
    let (people, project) = (Arc::clone(&office.people), viewer.project);
    let known =
        tokio::task::spawn_blocking(move || people.fields(project)).await.map_err(Error::internal)??;
    let mut items: Vec<PersonalFieldItem> = Vec::with_capacity(known.len());
    let mut add = |kind: FieldKind, name: &str, count: u64| {
        // A namespace with scopes is one field.
        let name = if kind == FieldKind::Identifier { name.split(':').next().unwrap_or(name) } else { name };
        if let Some(known) = items.iter_mut().find(|item| item.kind == kind && item.name == name) {
            known.count += count;
            return;
        }
        let field = rules.field(kind, name);
        items.push(PersonalFieldItem {
            kind,
            name: name.to_owned(),
            count,
            class: field.map(|field| field.class),
            sensitive: field.is_some_and(|field| field.sensitive),
            declared: rules.declared(kind, name).is_some(),
            guess: guess(name).map(|field| field.class),
        });
    };
    known.iter().for_each(|field| add(field.kind, &field.name, field.count));
    rules.all_declared().for_each(|(kind, name, _)| add(kind, name, 0));
    items.sort_by(|a, b| (a.class.is_none(), a.kind, &a.name).cmp(&(b.class.is_none(), b.kind, &b.name)));
    Ok(Json(Page::whole(items)))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PersonalDeclaration {
    /// Null: it is not personal, whatever its name or values suggest.
    class: Option<PersonalClass>,
    /// Sensitive personal information: its leak may harm somebody.
    #[serde(default)]
    sensitive: bool,
}

/// Declares what a field is.
#[utoipa::path(put, path = "/api/v1/personal/fields/{kind}/{name}", tag = "personal",
    operation_id = "declare_personal_field", params(("kind" = FieldKind, Path), ("name" = String, Path)),
    request_body = PersonalDeclaration, responses((status = 204)))]
async fn declare(
    State(govern): State<Govern>,
    Caller(viewer): Caller,
    Path((kind, name)): Path<(String, String)>,
    Body(declaration): Body<PersonalDeclaration>,
) -> Result<StatusCode> {
    viewer.require(Permission::PersonalManage)?;
    let PersonalDeclaration { class, sensitive } = declaration;
    let kind = kind_of(&kind)?;
    let field = class.map(|class| PersonalField { class, sensitive });
    govern.declare_personal(&viewer, (kind, &name), field).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn kind_of(text: &str) -> siyu_types::Result<FieldKind> {
    FieldKind::parse(text).ok_or_else(|| Error::not_found("kind of field", text))
}

/// Goes back to what the field's name suggests.
#[utoipa::path(delete, path = "/api/v1/personal/fields/{kind}/{name}", tag = "personal",
    operation_id = "undeclare_personal_field", params(("kind" = FieldKind, Path), ("name" = String, Path)),
    responses((status = 204)))]
async fn undeclare(
    State(govern): State<Govern>,
    Caller(viewer): Caller,
    Path((kind, name)): Path<(String, String)>,
) -> Result<StatusCode> {
    viewer.require(Permission::PersonalManage)?;
    let kind = kind_of(&kind)?;
    govern.undeclare_personal(&viewer, (kind, &name)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Serialize, ToSchema)]
struct PersonalSuggestion {
    kind: FieldKind,
    name: String,
    count: u64,
    class: PersonalClass,
    /// How many of the values looked at are like that, 0 to 1.
    share: f64,
}

/// Fields whose values look personal and of which nothing is decided. Reads values,
/// so ask when somebody looks, not all the time.
#[utoipa::path(get, path = "/api/v1/personal/suggestions", tag = "personal",
    operation_id = "personal_suggestions", responses((status = 200, body = Page<PersonalSuggestion>)))]
async fn suggestions(
    State(office): State<Office>,
    Caller(viewer): Caller,
) -> Result<Json<Page<PersonalSuggestion>>> {
    viewer.require(Permission::ProjectRead)?;
    let rules = office.govern.personal_rules(viewer.project).await?;
    let (people, project) = (Arc::clone(&office.people), viewer.project);
    let found = tokio::task::spawn_blocking(move || suggest::suggestions(&*people, project, &rules));
    let found = found.await.map_err(Error::internal)??;
    let items = found.into_iter().map(|one| PersonalSuggestion {
        kind: one.field.kind,
        name: one.field.name,
        count: one.field.count,
        class: one.class,
        share: one.share,
    });
    Ok(Json(Page::whole(items.collect())))
}

/// One masked value of a person in the clear, with a reason. It is logged before it
/// is answered, and counts against the caller's limit per hour.
#[utoipa::path(post, path = "/api/v1/people/{no}/reveal", tag = "personal", operation_id = "reveal_value",
    params(("no" = u32, Path)), request_body = Wanted, responses((status = 200, body = Revealed)))]
async fn reveal_value(
    State(office): State<Office>,
    Caller(viewer): Caller,
    Path(number): Path<u32>,
    Body(wanted): Body<Wanted>,
) -> Result<Json<Revealed>> {
    Ok(Json(reveal::reveal(&office.govern, &*office.people, &viewer, number, wanted).await?))
}
