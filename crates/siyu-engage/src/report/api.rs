//! HTTP of reports.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use siyu_govern::masking::{shown, shown_as};
use siyu_govern::personal::Look;
use siyu_http::{At, Caller, Json, Page, PageQuery, Params, Path, Result};
use siyu_types::{FieldKind, Permission, PersonalClass, ProjectId, Viewer};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::Report;
use super::{compute, store};
use crate::Engage;
use crate::delivery::Arm;

pub(crate) fn routes(engage: Arc<Engage>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(report)).routes(routes!(people)).with_state(engage)
}

/// What the campaign reached and what it changed.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/report", tag = "campaigns", params(("id" = i64, Path)),
    operation_id = "campaign_report", responses((status = 200, body = Report)))]
async fn report(
    State(engage): State<Arc<Engage>>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<Json<Report>> {
    viewer.require(Permission::ProjectRead)?;
    let campaign = crate::campaigns::get(&engage.db, viewer.project, id).await?;
    Ok(Json(compute::report(&engage, &campaign).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PeopleQuery {
    /// A number of the report: `sent`, `opened`, `suppressed`, `converted_control`, …
    metric: String,
    /// Only refusals with this reason.
    reason: Option<String>,
    cursor: Option<String>,
    limit: Option<i64>,
}

/// Somebody behind a number of a report.
#[derive(Debug, Serialize, ToSchema)]
struct PersonBehind {
    person: u32,
    name: Option<String>,
    email: Option<String>,
    at: Option<At>,
    reason: Option<String>,
}

/// The people behind a number of the report.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/people", tag = "campaigns",
    params(("id" = i64, Path), PeopleQuery), operation_id = "campaign_people",
    responses((status = 200, body = Page<PersonBehind>)))]
async fn people(
    State(engage): State<Arc<Engage>>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
    Params(query): Params<PeopleQuery>,
) -> Result<Json<Page<PersonBehind>>> {
    viewer.require(Permission::PeopleRead)?;
    let campaign = crate::campaigns::get(&engage.db, viewer.project, id).await?;
    let page = PageQuery { cursor: query.cursor, limit: query.limit };
    let (after, limit) = (page.cursor_id()?.unwrap_or(-1), page.limit());
    let arm = match query.metric.as_str() {
        "converted_treated" => Some(Arm::Treated),
        "converted_control" => Some(Arm::Control),
        _ => None,
    };
    let found = match arm {
        Some(arm) => compute::converted(&engage, &campaign, arm)
            .await?
            .into_iter()
            .filter(|(person, _)| i64::from(*person) > after)
            .take(limit as usize + 1)
            .map(|(person, at)| store::Behind { person, at: Some(at), reason: None })
            .collect(),
        None => {
            let reason = query.reason.as_deref();
            store::people(&engage.db, id, &query.metric, reason, after, limit + 1).await?
        }
    };
    let page = Page::cut(found, limit, |one| one.person.to_string());
    let numbers: Vec<u32> = page.items.iter().map(|one| one.person).collect();
    let mut names = describe(&engage, &viewer, viewer.project, &numbers).await?.into_iter();
    Ok(Json(page.map(|one| {
        let (name, email) = names.next().unwrap_or_default();
        PersonBehind { person: one.person, name, email, at: one.at.map(At), reason: one.reason }
    })))
}

/// Name and mail address, as this viewer may see them.
pub(crate) async fn describe(
    engage: &Engage,
    viewer: &Viewer,
    project: ProjectId,
    numbers: &[u32],
) -> siyu_types::Result<Vec<(Option<String>, Option<String>)>> {
    let look = Look::listed(viewer, engage.clock.now(), "campaign", numbers.to_vec());
    engage.govern.looked(look).await?;
    let views = engage.audience.people(project, numbers)?;
    let one = |view: Option<crate::audience::PersonView>| {
        let Some(view) = view else { return (None, None) };
        let name = view
            .attributes
            .get("name")
            .map(|name| shown(viewer, FieldKind::Attribute, "name", &name.display()));
        (name, view.email.map(|email| shown_as(viewer, PersonalClass::Email, &email)))
    };
    Ok(views.into_iter().map(one).collect())
}
