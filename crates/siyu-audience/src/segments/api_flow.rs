//! Who came to a segment and who went, over HTTP.

use axum::extract::State;
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use siyu_http::{At, Caller, Json, Page, PageQuery, Params, Path, Result};
use siyu_types::{Error, Permission};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::flow::Step;
use crate::Audience;
use crate::audience::blocking;
use crate::people::{PersonItem, person_items};

pub(super) fn routes(audience: Audience) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(flow)).routes(routes!(flow_people)).with_state(audience)
}

/// What was seen to be different at one count, or over one day if it is long ago.
#[derive(Debug, Serialize, ToSchema)]
struct SegmentStep {
    at: At,
    /// The count before, which did not see it. Null of the first: whoever it found was a
    /// member then or earlier.
    after: Option<At>,
    /// Members afterwards.
    people: u64,
    joined: u64,
    left: u64,
    /// More or fewer because people were parted, merged or erased: nobody came or went.
    reshaped: i64,
    /// The segment meant somebody else from here on.
    redefined: bool,
}

impl SegmentStep {
    fn of(step: &Step) -> SegmentStep {
        SegmentStep {
            at: At(step.at),
            after: step.after.map(At),
            people: step.people,
            joined: step.joined,
            left: step.left,
            reshaped: step.reshaped,
            redefined: step.redefined,
        }
    }
}

/// Who came and went, count by count, latest first. Counts that saw no difference are
/// left out. A snapshot has none.
#[utoipa::path(get, path = "/api/v1/segments/{id}/flow", tag = "segments", operation_id = "segments_flow",
    params(("id" = i64, Path), PageQuery), responses((status = 200, body = Page<SegmentStep>)))]
async fn flow(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
    Params(page): Params<PageQuery>,
) -> Result<Json<Page<SegmentStep>>> {
    viewer.require(Permission::ProjectRead)?;
    let project = audience.project(&viewer)?;
    if !project.definitions().segments.contains_key(&id) {
        return Err(Error::not_found("segment", id).into());
    }
    let before = page.cursor_id()?.unwrap_or(i64::MAX);
    let flows = project.flows.read();
    let steps = flows.get(&id).map_or(&[][..], |flow| flow.steps());
    let older = steps.iter().rev().filter(|step| step.at < before);
    let items = older.take(page.limit() as usize + 1).map(SegmentStep::of).collect();
    let mut answer = Page::cut(items, page.limit(), |step: &SegmentStep| step.at.0.to_string());
    answer.total = Some(steps.len() as u64);
    Ok(Json(answer))
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SegmentFlowSide)]
enum Side {
    Joined,
    Left,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FlowPeopleQuery {
    /// `at` of the step.
    #[param(value_type = String, format = DateTime)]
    at: At,
    #[param(inline)]
    side: Side,
    cursor: Option<String>,
    limit: Option<i64>,
}

/// Who came, or who went, at one step, as the people they are now. Who came and went
/// within one step that stands for a day is not among them.
#[utoipa::path(get, path = "/api/v1/segments/{id}/flow/people", tag = "segments",
    operation_id = "segments_flow_people", params(("id" = i64, Path), FlowPeopleQuery),
    responses((status = 200, body = Page<PersonItem>)))]
async fn flow_people(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
    Params(query): Params<FlowPeopleQuery>,
) -> Result<Json<Page<PersonItem>>> {
    viewer.require(Permission::PeopleRead)?;
    let project = audience.project(&viewer)?;
    let page = PageQuery { cursor: query.cursor, limit: query.limit };
    let (cursor, limit) = (page.cursor_id()?, page.limit());
    let items = blocking(move || {
        let numbers = {
            let flows = project.flows.read();
            let steps = flows.get(&id).map_or(&[][..], |flow| flow.steps());
            let step = steps.iter().find(|step| step.at == query.at.0);
            let step = step.ok_or_else(|| Error::not_found("step", query.at.0))?;
            match query.side {
                Side::Joined => step.joined_numbers.clone(),
                Side::Left => step.left_numbers.clone(),
            }
        };
        let people: RoaringBitmap = {
            let people = project.people.read();
            numbers.iter().map(|number| people.remap().person(number)).collect()
        };
        Ok(person_items(&project, &viewer, &people, cursor, limit))
    });
    Ok(Json(items.await?))
}
