//! Annotations over HTTP.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use siyu_http::{At, Body, Caller, Json, Page, Params, Path, Result};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Annotation, AnnotationChange};
use crate::Insight;

pub(crate) fn routes(insight: Insight) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(change, remove)).with_state(insight)
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Annotation)]
struct AnnotationItem {
    id: i64,
    /// A local day of the project, `2026-11-11`.
    day: String,
    note: String,
    /// `user:3`, `key:1`.
    created_by: String,
    created_at: At,
    updated_at: At,
}

impl From<Annotation> for AnnotationItem {
    fn from(annotation: Annotation) -> AnnotationItem {
        AnnotationItem {
            id: annotation.id,
            day: annotation.day,
            note: annotation.note,
            created_by: annotation.created_by,
            created_at: At(annotation.created_at),
            updated_at: At(annotation.updated_at),
        }
    }
}

#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DaysQuery {
    /// First day, `2026-11-01`; from the beginning if absent.
    from: Option<String>,
    /// Last day, `2026-11-30`; to the end if absent.
    to: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAnnotation)]
struct CreateAnnotation {
    /// A local day of the project, `2026-11-11`.
    day: String,
    note: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AnnotationChange)]
struct ChangeAnnotation {
    day: Option<String>,
    note: Option<String>,
}

/// What happened on days, latest first.
#[utoipa::path(get, path = "/api/v1/annotations", tag = "annotations", operation_id = "annotations_list",
    params(DaysQuery), responses((status = 200, body = Page<AnnotationItem>)))]
async fn list(
    State(insight): State<Insight>,
    Caller(viewer): Caller,
    Params(days): Params<DaysQuery>,
) -> Result<Json<Page<AnnotationItem>>> {
    let found = super::list(&insight, &viewer, days.from.as_deref(), days.to.as_deref()).await?;
    Ok(Json(Page::whole(found).map(AnnotationItem::from)))
}

/// Says what happened on a day; charts over time mark it.
#[utoipa::path(post, path = "/api/v1/annotations", tag = "annotations", operation_id = "annotations_create",
    request_body = CreateAnnotation, responses((status = 201, body = AnnotationItem)))]
async fn create(
    State(insight): State<Insight>,
    Caller(viewer): Caller,
    Body(CreateAnnotation { day, note }): Body<CreateAnnotation>,
) -> Result<(StatusCode, Json<AnnotationItem>)> {
    let annotation = super::create(&insight, &viewer, &day, &note).await?;
    Ok((StatusCode::CREATED, Json(annotation.into())))
}

/// Changes an annotation; absent fields stay.
#[utoipa::path(patch, path = "/api/v1/annotations/{id}", tag = "annotations", operation_id = "annotations_change",
    params(("id" = i64, Path)), request_body = ChangeAnnotation, responses((status = 200, body = AnnotationItem)))]
async fn change(
    State(insight): State<Insight>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
    Body(ChangeAnnotation { day, note }): Body<ChangeAnnotation>,
) -> Result<Json<AnnotationItem>> {
    let change = AnnotationChange { day, note };
    Ok(Json(super::change(&insight, &viewer, id, change).await?.into()))
}

/// Removes an annotation.
#[utoipa::path(delete, path = "/api/v1/annotations/{id}", tag = "annotations", operation_id = "annotations_remove",
    params(("id" = i64, Path)), responses((status = 204)))]
async fn remove(
    State(insight): State<Insight>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    super::remove(&insight, &viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
