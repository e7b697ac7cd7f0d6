//! Dashboards: answers side by side. A dashboard holds questions, never answers; whoever
//! looks asks them by the same operation as any analysis, so they see what they may see.

mod api;
mod model;
mod rules;
mod store;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::json;
use siyu_audience::Named;
use siyu_db::{Tx, db_error};
use siyu_types::analysis::DateRange;
use siyu_types::clock::Millis;
use siyu_types::{Error, ErrorCode, Permission, ProjectId, Result, Viewer, calendar};

pub(crate) use api::routes;
pub use model::{Asks, Dashboard, DashboardChange, NewDashboard, Show, Tile, Width};

use crate::analyses::{self, Analysis};
use crate::{Insight, naming};

/// Dashboards per project.
const DASHBOARDS_MAX: usize = 500;

/// Dashboards before an id, newest first.
pub async fn list(insight: &Insight, viewer: &Viewer, before: i64, limit: i64) -> Result<Vec<Dashboard>> {
    viewer.require(Permission::ProjectRead)?;
    store::list(insight.db(), viewer.project, before, limit).await
}

/// One dashboard, with the saved analyses its tiles show as far as they are still there.
pub async fn get(
    insight: &Insight,
    viewer: &Viewer,
    id: i64,
) -> Result<(Dashboard, BTreeMap<i64, Analysis>)> {
    viewer.require(Permission::ProjectRead)?;
    with_analyses(insight, viewer, store::get(insight.db(), viewer.project, id).await?).await
}

async fn with_analyses(
    insight: &Insight,
    viewer: &Viewer,
    dashboard: Dashboard,
) -> Result<(Dashboard, BTreeMap<i64, Analysis>)> {
    let shown = analyses::find(insight, viewer.project, rules::shown(&dashboard.tiles)).await?;
    Ok((dashboard, shown))
}

pub async fn create(
    insight: &Insight,
    viewer: &Viewer,
    new: NewDashboard,
) -> Result<(Dashboard, BTreeMap<i64, Analysis>)> {
    viewer.require(Permission::AnalysesWrite)?;
    let now = insight.now();
    let mut dashboard = Dashboard {
        id: 0,
        name: naming::name("name", &new.name)?,
        description: naming::description(&new.description)?,
        tiles: rules::numbered(new.tiles, &[])?,
        range: new.range,
        segment: new.segment,
        created_by: viewer.actor.as_text(),
        created_at: now,
        updated_at: now,
    };
    check_tiles(insight, viewer, &dashboard.tiles, &[]).await?;
    check_scope(insight, viewer, dashboard.range.as_ref(), dashboard.segment)?;
    let mut tx = insight.db().begin().await?;
    if store::count(&mut tx, viewer.project).await? >= DASHBOARDS_MAX as i64 {
        return Err(Error::new(ErrorCode::TooComplex, "the project has too many dashboards")
            .with("limit", DASHBOARDS_MAX.to_string()));
    }
    dashboard.id = store::next(&mut tx).await?;
    store::insert(&mut tx, viewer.project, &dashboard).await?;
    note(&mut tx, viewer, "dashboards.create", &dashboard, now).await?;
    tx.commit().await.map_err(db_error)?;
    with_analyses(insight, viewer, dashboard).await
}

pub async fn change(
    insight: &Insight,
    viewer: &Viewer,
    id: i64,
    change: DashboardChange,
) -> Result<(Dashboard, BTreeMap<i64, Analysis>)> {
    viewer.require(Permission::AnalysesWrite)?;
    let before = store::get(insight.db(), viewer.project, id).await?;
    // Checked before the row is locked: questions are checked against the project's data.
    if let Some(tiles) = &change.tiles {
        check_tiles(insight, viewer, tiles, &before.tiles).await?;
    }
    check_scope(insight, viewer, change.range.as_ref().and_then(Option::as_ref), change.segment.flatten())?;
    let mut tx = insight.db().begin().await?;
    let mut dashboard = store::lock(&mut tx, viewer.project, id).await?;
    if let Some(name) = change.name {
        dashboard.name = naming::name("name", &name)?;
    }
    if let Some(description) = change.description {
        dashboard.description = naming::description(&description)?;
    }
    if let Some(tiles) = change.tiles {
        dashboard.tiles = rules::numbered(tiles, &dashboard.tiles)?;
    }
    if let Some(range) = change.range {
        dashboard.range = range;
    }
    if let Some(segment) = change.segment {
        dashboard.segment = segment;
    }
    keep(insight, viewer, tx, dashboard).await
}

/// Puts one more tile at the end. Two people who add at once both find theirs there.
pub async fn add_tile(
    insight: &Insight,
    viewer: &Viewer,
    id: i64,
    tile: Tile,
) -> Result<(Dashboard, BTreeMap<i64, Analysis>)> {
    viewer.require(Permission::AnalysesWrite)?;
    check_tiles(insight, viewer, std::slice::from_ref(&tile), &[]).await?;
    let mut tx = insight.db().begin().await?;
    let mut dashboard = store::lock(&mut tx, viewer.project, id).await?;
    let mut tiles = dashboard.tiles.clone();
    tiles.push(Tile { id: 0, ..tile });
    dashboard.tiles = rules::numbered(tiles, &dashboard.tiles)?;
    keep(insight, viewer, tx, dashboard).await
}

async fn keep(
    insight: &Insight,
    viewer: &Viewer,
    mut tx: Tx,
    mut dashboard: Dashboard,
) -> Result<(Dashboard, BTreeMap<i64, Analysis>)> {
    dashboard.updated_at = insight.now();
    store::update(&mut tx, viewer.project, &dashboard).await?;
    note(&mut tx, viewer, "dashboards.change", &dashboard, dashboard.updated_at).await?;
    tx.commit().await.map_err(db_error)?;
    with_analyses(insight, viewer, dashboard).await
}

pub async fn remove(insight: &Insight, viewer: &Viewer, id: i64) -> Result<()> {
    viewer.require(Permission::AnalysesWrite)?;
    let mut tx = insight.db().begin().await?;
    let dashboard = store::lock(&mut tx, viewer.project, id).await?;
    store::delete(&mut tx, viewer.project, id).await?;
    note(&mut tx, viewer, "dashboards.delete", &dashboard, insight.now()).await?;
    tx.commit().await.map_err(db_error)
}

/// The dashboards of a project that speak of a tag or segment themselves.
pub(crate) async fn users(insight: &Insight, project: ProjectId, named: Named) -> Result<Vec<String>> {
    let all = store::list(insight.db(), project, i64::MAX, DASHBOARDS_MAX as i64).await?;
    let using = all.into_iter().filter(|dashboard| rules::names(dashboard).contains(&named));
    Ok(using.map(|dashboard| format!("dashboard:{}", dashboard.name)).collect())
}

/// What a tile asks must be there to be asked. A tile that stands there already may show an
/// analysis that has been removed since: the rest of the dashboard can still be changed.
async fn check_tiles(insight: &Insight, viewer: &Viewer, tiles: &[Tile], standing: &[Tile]) -> Result<()> {
    let known = analyses::find(insight, viewer.project, rules::shown(tiles)).await?;
    let before = rules::shown(standing);
    for (index, tile) in tiles.iter().enumerate() {
        match &tile.asks {
            Asks::Analysis { analysis } if known.contains_key(analysis) || before.contains(analysis) => {}
            Asks::Analysis { analysis } => {
                return Err(
                    Error::not_found("analysis", analysis).at(format!("tiles[{index}].asks.analysis"))
                );
            }
            Asks::Question { .. } if standing.iter().any(|one| one.asks == tile.asks) => {}
            Asks::Question { query, .. } => {
                analyses::check(insight, viewer, query, &format!("tiles[{index}].asks.query")).await?;
            }
        }
    }
    Ok(())
}

fn check_scope(
    insight: &Insight,
    viewer: &Viewer,
    range: Option<&DateRange>,
    segment: Option<i64>,
) -> Result<()> {
    let project = insight.project(viewer)?;
    if let Some(range) = range {
        calendar::resolve_dates(range, insight.now(), &project.zone()).map_err(|error| error.at("range"))?;
    }
    match segment {
        Some(id) if !project.definitions().segments.contains_key(&id) => {
            Err(Error::not_found("segment", id).at("segment"))
        }
        _ => Ok(()),
    }
}

async fn note(tx: &mut Tx, viewer: &Viewer, action: &str, dashboard: &Dashboard, at: Millis) -> Result<()> {
    let detail = json!({ "name": dashboard.name, "tiles": dashboard.tiles.len() });
    siyu_govern::audit(tx, viewer, action, &format!("dashboard:{}", dashboard.id), detail, at).await
}
