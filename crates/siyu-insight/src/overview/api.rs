//! The overview over HTTP.

use axum::extract::State;
use serde::Serialize;
use siyu_http::{Caller, Json, Result};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Insight;

pub(crate) fn routes(insight: Insight) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(overview)).with_state(insight)
}

#[derive(Debug, Serialize, ToSchema)]
struct Overview {
    /// Living people.
    people: u64,
    events_today: u64,
    events_total: u64,
    /// The last 30 local days, today last.
    series: Vec<OverviewDay>,
    checklist: OverviewChecklist,
}

#[derive(Debug, Serialize, ToSchema)]
struct OverviewDay {
    /// Local day, `2026-11-21`.
    day: String,
    events: u64,
    /// Different people who did something; messages to them are not their doing.
    people: u64,
}

#[derive(Debug, Serialize, ToSchema)]
struct OverviewChecklist {
    source: bool,
    event: bool,
    segment: bool,
    campaign: bool,
}

/// How much there is, how the last month went, what is still to set up.
#[utoipa::path(get, path = "/api/v1/overview", tag = "overview",
    responses((status = 200, body = Overview)))]
async fn overview(State(insight): State<Insight>, Caller(viewer): Caller) -> Result<Json<Overview>> {
    let found = super::overview(&insight, &viewer).await?;
    let checklist = OverviewChecklist {
        source: found.checklist.source,
        event: found.checklist.event,
        segment: found.checklist.segment,
        campaign: found.checklist.campaign,
    };
    let series = found.days.into_iter().map(|day| OverviewDay {
        day: day.day,
        events: day.events,
        people: day.people,
    });
    let series: Vec<_> = series.collect();
    Ok(Json(Overview {
        people: found.people,
        events_today: series.last().map_or(0, |day| day.events),
        events_total: found.events_total,
        series,
        checklist,
    }))
}
