//! Dashboards over HTTP.

use std::collections::BTreeMap;

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Deserializer, Serialize};
use siyu_http::{At, Body, Caller, Json, Page, PageQuery, Params, Path, Result};
use siyu_types::analysis::{AnalysisQuery, DateRange};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Asks, Dashboard, DashboardChange, NewDashboard, Show, Tile, Width};
use crate::Insight;
use crate::analyses::Analysis;

pub(crate) fn routes(insight: Insight) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, change, remove))
        .routes(routes!(add_tile))
        .with_state(insight)
}

/// A dashboard in a list.
#[derive(Debug, Serialize, ToSchema)]
struct DashboardItem {
    id: i64,
    name: String,
    description: String,
    /// How many tiles it has.
    tiles: u64,
    /// `user:3`, `key:1`.
    created_by: String,
    created_at: At,
    updated_at: At,
}

/// A dashboard and what its tiles ask.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Dashboard)]
struct DashboardView {
    id: i64,
    name: String,
    description: String,
    tiles: Vec<DashboardTileView>,
    /// Takes the place of the ranges of all tiles; null: each keeps its own.
    range: Option<DateRange>,
    /// Takes the place of the segments of all tiles; null: each keeps its own.
    segment: Option<i64>,
    created_by: String,
    created_at: At,
    updated_at: At,
}

#[derive(Debug, Serialize, ToSchema)]
struct DashboardTileView {
    id: u32,
    /// Empty: called as its analysis is.
    title: String,
    width: Width,
    show: Show,
    asks: Asks,
    /// What is asked, as it is now; null if the saved analysis has been removed.
    question: Option<DashboardQuestion>,
}

/// A question as a tile asks it.
#[derive(Debug, Serialize, ToSchema)]
struct DashboardQuestion {
    query: AnalysisQuery,
    /// People are told apart as at this instant; as now if null.
    identity_as_of: Option<At>,
    /// Of the saved analysis; null if it is a question of the tile's own.
    name: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewDashboard)]
struct CreateDashboard {
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    tiles: Vec<Tile>,
    #[serde(default)]
    range: Option<DateRange>,
    #[serde(default)]
    segment: Option<i64>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DashboardChange)]
struct ChangeDashboard {
    name: Option<String>,
    description: Option<String>,
    /// All tiles in their order; a tile keeps its id, a new one has none.
    tiles: Option<Vec<Tile>>,
    /// Null takes it away; absent, it stays.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<DateRange>)]
    range: Option<Option<DateRange>>,
    /// Null takes it away; absent, it stays.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    segment: Option<Option<i64>>,
}

/// Tells null, which is a value here, from a field that is not there.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> std::result::Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

impl From<Dashboard> for DashboardItem {
    fn from(dashboard: Dashboard) -> DashboardItem {
        DashboardItem {
            id: dashboard.id,
            name: dashboard.name,
            description: dashboard.description,
            tiles: dashboard.tiles.len() as u64,
            created_by: dashboard.created_by,
            created_at: At(dashboard.created_at),
            updated_at: At(dashboard.updated_at),
        }
    }
}

fn tile_view(tile: Tile, shown: &BTreeMap<i64, Analysis>) -> DashboardTileView {
    let question = match &tile.asks {
        Asks::Analysis { analysis } => shown.get(analysis).map(|analysis| DashboardQuestion {
            query: analysis.query.clone(),
            identity_as_of: analysis.told_apart.map(At),
            name: Some(analysis.name.clone()),
        }),
        Asks::Question { query, identity_as_of } => {
            Some(DashboardQuestion { query: (**query).clone(), identity_as_of: *identity_as_of, name: None })
        }
    };
    DashboardTileView {
        id: tile.id,
        title: tile.title,
        width: tile.width,
        show: tile.show,
        asks: tile.asks,
        question,
    }
}

fn view((dashboard, shown): (Dashboard, BTreeMap<i64, Analysis>)) -> DashboardView {
    DashboardView {
        id: dashboard.id,
        name: dashboard.name,
        description: dashboard.description,
        tiles: dashboard.tiles.into_iter().map(|tile| tile_view(tile, &shown)).collect(),
        range: dashboard.range,
        segment: dashboard.segment,
        created_by: dashboard.created_by,
        created_at: At(dashboard.created_at),
        updated_at: At(dashboard.updated_at),
    }
}

/// Dashboards, newest first.
#[utoipa::path(get, path = "/api/v1/dashboards", tag = "dashboards", operation_id = "dashboards_list",
    params(PageQuery), responses((status = 200, body = Page<DashboardItem>)))]
async fn list(
    State(insight): State<Insight>,
    Caller(viewer): Caller,
    Params(page): Params<PageQuery>,
) -> Result<Json<Page<DashboardItem>>> {
    let before = page.cursor_id()?.unwrap_or(i64::MAX);
    let found = super::list(&insight, &viewer, before, page.limit() + 1).await?;
    let page = Page::cut(found, page.limit(), |dashboard| dashboard.id.to_string());
    Ok(Json(page.map(DashboardItem::from)))
}

/// Makes a dashboard. Its questions are kept, not their answers: who looks asks them anew.
#[utoipa::path(post, path = "/api/v1/dashboards", tag = "dashboards", operation_id = "dashboards_create",
    request_body = CreateDashboard, responses((status = 201, body = DashboardView)))]
async fn create(
    State(insight): State<Insight>,
    Caller(viewer): Caller,
    Body(CreateDashboard { name, description, tiles, range, segment }): Body<CreateDashboard>,
) -> Result<(StatusCode, Json<DashboardView>)> {
    let new = NewDashboard { name, description, tiles, range, segment };
    Ok((StatusCode::CREATED, Json(view(super::create(&insight, &viewer, new).await?))))
}

/// One dashboard with the questions of its tiles.
#[utoipa::path(get, path = "/api/v1/dashboards/{id}", tag = "dashboards", operation_id = "dashboards_get",
    params(("id" = i64, Path)), responses((status = 200, body = DashboardView)))]
async fn get(
    State(insight): State<Insight>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<Json<DashboardView>> {
    Ok(Json(view(super::get(&insight, &viewer, id).await?)))
}

/// Changes a dashboard; absent fields stay.
#[utoipa::path(patch, path = "/api/v1/dashboards/{id}", tag = "dashboards", operation_id = "dashboards_change",
    params(("id" = i64, Path)), request_body = ChangeDashboard, responses((status = 200, body = DashboardView)))]
async fn change(
    State(insight): State<Insight>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
    Body(ChangeDashboard { name, description, tiles, range, segment }): Body<ChangeDashboard>,
) -> Result<Json<DashboardView>> {
    let change = DashboardChange { name, description, tiles, range, segment };
    Ok(Json(view(super::change(&insight, &viewer, id, change).await?)))
}

/// Removes a dashboard. The analyses it shows stay.
#[utoipa::path(delete, path = "/api/v1/dashboards/{id}", tag = "dashboards", operation_id = "dashboards_remove",
    params(("id" = i64, Path)), responses((status = 204)))]
async fn remove(
    State(insight): State<Insight>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    super::remove(&insight, &viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Puts one more tile at the end of a dashboard.
#[utoipa::path(post, path = "/api/v1/dashboards/{id}/tiles", tag = "dashboards",
    operation_id = "dashboards_add_tile", params(("id" = i64, Path)), request_body = Tile,
    responses((status = 201, body = DashboardView)))]
async fn add_tile(
    State(insight): State<Insight>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
    Body(tile): Body<Tile>,
) -> Result<(StatusCode, Json<DashboardView>)> {
    Ok((StatusCode::CREATED, Json(view(super::add_tile(&insight, &viewer, id, tile).await?))))
}
