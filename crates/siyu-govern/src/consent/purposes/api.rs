//! HTTP of the register.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::json;
use siyu_http::{At, Body, Caller, Json, Page, Path, Result};
use siyu_types::{Error, Permission, Viewer};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{Definition, Minors, Purpose, Text};
use super::{builtin, complete, rules, store};
use crate::{Govern, audit, govern};

pub(in super::super) fn routes(govern: Govern) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(write))
        .routes(routes!(texts))
        .routes(routes!(settings, set_settings))
        .with_state(govern)
}

#[derive(Debug, Serialize, ToSchema)]
struct PurposeItem {
    id: String,
    #[serde(flatten)]
    definition: Definition,
    /// Of the text that is shown now.
    version: i64,
    /// Grants of earlier versions no longer hold.
    renew_from: i64,
    text_zh: String,
    text_en: String,
    /// Null: as shipped.
    updated_at: Option<At>,
}

async fn item(govern: &Govern, viewer: &Viewer, purpose: Purpose) -> Result<PurposeItem> {
    let text = govern.consent_text(viewer.project, &purpose).await?;
    Ok(PurposeItem {
        id: purpose.id,
        definition: purpose.definition,
        version: purpose.version,
        renew_from: purpose.renew_from,
        text_zh: text.zh,
        text_en: text.en,
        updated_at: purpose.updated_at.map(At),
    })
}

/// The purposes people are asked for, in the order in which they see them.
#[utoipa::path(get, path = "/api/v1/consent/purposes", tag = "consent", operation_id = "list_purposes",
    responses((status = 200, body = Page<PurposeItem>)))]
async fn list(State(govern): State<Govern>, Caller(viewer): Caller) -> Result<Json<Page<PurposeItem>>> {
    viewer.require(Permission::ProjectRead)?;
    let mut items = Vec::new();
    for purpose in govern.purposes(viewer.project).await? {
        items.push(item(&govern, &viewer, purpose).await?);
    }
    Ok(Json(Page::whole(items)))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PurposeChange {
    definition: Definition,
    /// What people agree to. Another text than before is a new version.
    text_zh: String,
    text_en: String,
    /// Who agreed to an earlier text has to agree again.
    #[serde(default)]
    renew: bool,
}

/// Adds a purpose, or changes one. It holds from the next decision on.
#[utoipa::path(put, path = "/api/v1/consent/purposes/{id}", tag = "consent", operation_id = "write_purpose",
    params(("id" = String, Path)), request_body = PurposeChange, responses((status = 200, body = PurposeItem)))]
async fn write(
    State(govern): State<Govern>,
    Caller(viewer): Caller,
    Path(id): Path<String>,
    Body(body): Body<PurposeChange>,
) -> Result<Json<PurposeItem>> {
    viewer.require(Permission::ProtectionManage)?;
    rules::check(&id, &body.definition)?;
    for (field, text) in [("text_zh", &body.text_zh), ("text_en", &body.text_en)] {
        if text.trim().is_empty() {
            return Err(Error::invalid(field, "people must be told what they agree to").into());
        }
        rules::check_text(field, text)?;
    }
    let now = govern.now();
    let before = govern.purposes(viewer.project).await?.into_iter().find(|purpose| purpose.id == id);
    let shown = match &before {
        Some(purpose) => Some(govern.consent_text(viewer.project, purpose).await?),
        None => None,
    };
    let (mut version, mut renew_from) = before.as_ref().map_or((0, 0), |p| (p.version, p.renew_from));
    let changed = shown.as_ref().is_none_or(|shown| shown.zh != body.text_zh || shown.en != body.text_en);
    let mut tx = govern.begin().await?;
    if changed {
        version += 1;
        let text = Text {
            version,
            zh: body.text_zh,
            en: body.text_en,
            renews: body.renew,
            created_at: Some(now),
            created_by: viewer.actor.as_text(),
        };
        store::add_text(&mut tx, viewer.project, &id, &text).await?;
    }
    if body.renew {
        renew_from = version;
    }
    let purpose =
        Purpose { id: id.clone(), definition: body.definition, version, renew_from, updated_at: Some(now) };
    store::write(&mut tx, viewer.project, &purpose, now).await?;
    let detail = json!({ "version": version, "renew_from": renew_from, "definition": purpose.definition });
    audit(&mut tx, &viewer, "consent.purpose", &format!("purpose:{id}"), detail, now).await?;
    govern::commit(tx).await?;
    Ok(Json(item(&govern, &viewer, purpose).await?))
}

/// One version of what people agree to.
#[derive(Debug, Serialize, ToSchema)]
struct PurposeText {
    version: i64,
    text_zh: String,
    text_en: String,
    renews: bool,
    /// Null: as shipped.
    created_at: Option<At>,
    created_by: String,
}

/// All texts of a purpose, newest first: what a statement's version meant.
#[utoipa::path(get, path = "/api/v1/consent/purposes/{id}/texts", tag = "consent",
    operation_id = "list_purpose_texts", params(("id" = String, Path)),
    responses((status = 200, body = Page<PurposeText>)))]
async fn texts(
    State(govern): State<Govern>,
    Caller(viewer): Caller,
    Path(id): Path<String>,
) -> Result<Json<Page<PurposeText>>> {
    viewer.require(Permission::ProjectRead)?;
    let written = store::all(govern.db(), viewer.project).await?;
    if !complete(written).iter().any(|purpose| purpose.id == id) {
        return Err(Error::not_found("purpose", id).into());
    }
    let mut all = store::texts(govern.db(), viewer.project, &id).await?;
    all.extend(builtin::text(&id));
    let items = all.into_iter().map(|text| PurposeText {
        version: text.version,
        text_zh: text.zh,
        text_en: text.en,
        renews: text.renews,
        created_at: text.created_at.map(At),
        created_by: text.created_by,
    });
    Ok(Json(Page::whole(items.collect())))
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConsentSettings {
    /// Null: nobody is known to be a minor.
    minors: Option<Minors>,
}

/// Which attribute tells who is a minor.
#[utoipa::path(get, path = "/api/v1/consent/settings", tag = "consent", operation_id = "get_consent_settings",
    responses((status = 200, body = ConsentSettings)))]
async fn settings(State(govern): State<Govern>, Caller(viewer): Caller) -> Result<Json<ConsentSettings>> {
    viewer.require(Permission::ProjectRead)?;
    Ok(Json(ConsentSettings { minors: govern.minors(viewer.project).await? }))
}

/// Says which attribute tells who is a minor. Minors are written to only with the
/// consent of a guardian.
#[utoipa::path(put, path = "/api/v1/consent/settings", tag = "consent", operation_id = "set_consent_settings",
    request_body = ConsentSettings, responses((status = 200, body = ConsentSettings)))]
async fn set_settings(
    State(govern): State<Govern>,
    Caller(viewer): Caller,
    Body(body): Body<ConsentSettings>,
) -> Result<Json<ConsentSettings>> {
    viewer.require(Permission::ProtectionManage)?;
    if body.minors.as_ref().is_some_and(|minors| minors.attribute.trim().is_empty()) {
        return Err(Error::invalid("minors.attribute", "choose an attribute").into());
    }
    let mut tx = govern.begin().await?;
    store::set_minors(&mut tx, viewer.project, body.minors.as_ref()).await?;
    let detail = json!({ "minors": body.minors });
    audit(&mut tx, &viewer, "consent.settings", "consent", detail, govern.now()).await?;
    govern::commit(tx).await?;
    Ok(Json(body))
}
