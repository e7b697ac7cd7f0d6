//! Merge policies and the history of a value over HTTP.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::json;
use siyu_db::db_error;
use siyu_http::{At, Body, Caller, Json, Page, Path, Result};
use siyu_types::{Error, ErrorCode, Identifier, Permission, Value};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::combine::Policy;
use super::history::ChangeKind;
use super::store;
use crate::Audience;
use crate::audience::blocking;
use crate::people::{resolve, shown_identifiers, shown_value};
use crate::projects::Project;

/// Changes listed of one value, newest first.
const CHANGES_MAX: usize = 200;

pub(crate) fn routes(audience: Audience) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(history)).routes(routes!(set_policy)).with_state(audience)
}

/// Brings the policies of a freshly opened project into memory.
pub(crate) async fn load(audience: &Audience, project: &Arc<Project>) -> siyu_types::Result<()> {
    let policies = store::policies(audience.db(), project.id).await?;
    if policies.is_empty() {
        return Ok(());
    }
    let project = Arc::clone(project);
    blocking(move || {
        project.people.write().set_policies(policies);
        Ok(())
    })
    .await
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum AttributeChangeKind {
    Set,
    SetOnce,
    Increment,
    Append,
    Unset,
    Delete,
    /// Put right by hand; without a value: that there is nothing to say.
    Correct,
    /// A correction was taken back.
    Lift,
}

impl From<ChangeKind> for AttributeChangeKind {
    fn from(kind: ChangeKind) -> AttributeChangeKind {
        match kind {
            ChangeKind::Set => AttributeChangeKind::Set,
            ChangeKind::SetOnce => AttributeChangeKind::SetOnce,
            ChangeKind::Increment => AttributeChangeKind::Increment,
            ChangeKind::Append => AttributeChangeKind::Append,
            ChangeKind::Unset => AttributeChangeKind::Unset,
            ChangeKind::Delete => AttributeChangeKind::Delete,
            ChangeKind::Correct => AttributeChangeKind::Correct,
            ChangeKind::Lift => AttributeChangeKind::Lift,
        }
    }
}

/// Something that was said of an attribute of a person.
#[derive(Debug, Serialize, ToSchema)]
struct AttributeChange {
    /// By the clock of whoever said it. Of a value said several times in a row, the first time.
    at: At,
    kind: AttributeChangeKind,
    /// Null for removals.
    value: Option<Value>,
    /// Empty for what was kept before sources were.
    source: String,
    /// Whose number it came with.
    identifier: Option<Identifier>,
    /// It is what holds now, or the last part of it.
    holds: bool,
}

/// What was said of an attribute of a person, newest first: the first value and the
/// newest 19, and everything that was counted or appended, up to 200 in all.
#[utoipa::path(get, path = "/api/v1/people/{no}/attributes/{name}/history", tag = "people",
    operation_id = "people_attribute_history", params(("no" = u32, Path), ("name" = String, Path)),
    responses((status = 200, body = Page<AttributeChange>)))]
async fn history(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path((number, name)): Path<(u32, String)>,
) -> Result<Json<Page<AttributeChange>>> {
    viewer.require(Permission::PeopleRead)?;
    let project = audience.project(&viewer)?;
    let people = project.people.read();
    let person = resolve(&people, number)?;
    let mut changes = people.history(person, &name).ok_or_else(|| {
        Error::new(ErrorCode::UnknownName, "there is no such attribute").with("name", &*name)
    })?;
    changes.truncate(CHANGES_MAX);
    let shown = changes.into_iter().map(|change| AttributeChange {
        at: At(change.at),
        kind: change.kind.into(),
        value: change.value.map(|value| shown_value(&viewer, &name, value)),
        source: change.source,
        identifier: shown_identifiers(&viewer, change.identifier.into_iter().collect()).pop(),
        holds: change.holds,
    });
    Ok(Json(Page::whole(shown.collect())))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PolicyChange {
    policy: Policy,
}

#[derive(Debug, Serialize, ToSchema)]
struct AttributePolicy {
    name: String,
    policy: Policy,
}

/// Says what holds where the identifiers of one person say different things. Holds
/// for all people at once; nothing is lost, and every policy can be taken back.
#[utoipa::path(put, path = "/api/v1/attributes/{name}/policy", tag = "people", operation_id = "people_attribute_policy",
    params(("name" = String, Path)), request_body = PolicyChange, responses((status = 200, body = AttributePolicy)))]
async fn set_policy(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(name): Path<String>,
    Body(change): Body<PolicyChange>,
) -> Result<Json<AttributePolicy>> {
    viewer.require(Permission::DataWrite)?;
    let project = audience.project(&viewer)?;
    if !project.people.read().properties().iter().any(|property| property.name == name) {
        let error = Error::new(ErrorCode::UnknownName, "there is no such attribute");
        return Err(error.with("name", &*name).into());
    }
    let policy = change.policy;
    // Two changes at once would each bring the other's former policy back.
    let _change = audience.inner.changes.lock().await;
    let now = audience.now();
    let mut tx = audience.db().begin().await?;
    store::set_policy(&mut tx, project.id, &name, policy, now).await?;
    let detail = json!({ "policy": policy.as_str() });
    siyu_govern::audit(&mut tx, &viewer, "attributes.policy", &format!("attribute:{name}"), detail, now)
        .await?;
    tx.commit().await.map_err(db_error)?;
    let policies = store::policies(audience.db(), project.id).await?;
    blocking(move || {
        project.people.write().set_policies(policies);
        Ok(())
    })
    .await?;
    Ok(Json(AttributePolicy { name, policy }))
}
