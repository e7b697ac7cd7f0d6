//! Analyses: asked at once, or saved under a name and asked again. Unknown names
//! in a query are errors that say where, never empty answers.

mod api;
mod model;
mod rules;
mod store;
mod table;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use roaring::RoaringBitmap;
use serde_json::json;
use siyu_analytics::analyses;
use siyu_audience::{Named, Project, References};
use siyu_db::db_error;
use siyu_govern::masking::shown_by_look;
use siyu_types::analysis::{AnalysisCell, AnalysisQuery, Answer as _, Question as _};
use siyu_types::clock::Millis;
use siyu_types::ports::PortFuture;
use siyu_types::sight::require_sight_of;
use siyu_types::{Error, ErrorCode, Permission, ProjectId, Result, Viewer};

pub(crate) use api::routes;
pub(crate) use model::names;
pub use model::{Analysis, AnalysisAnswer, AnalysisChange, AnswerAbout, NewAnalysis};
pub(crate) use table::decimals;

use crate::{Insight, alerts, dashboards, naming};

/// Saved analyses per project.
const ANALYSES_MAX: usize = 2_000;

/// Answers a question as of now. `told_apart`: of the people as they were told apart at that
/// instant, instead of now.
pub async fn answer(
    insight: &Insight,
    viewer: &Viewer,
    query: AnalysisQuery,
    told_apart: Option<Millis>,
) -> Result<AnalysisAnswer> {
    viewer.require(Permission::AnalysesRun)?;
    require_sight_of(viewer, &query)?;
    let project = insight.project(viewer)?;
    let zone = project.zone().iana_name().unwrap_or("UTC").to_owned();
    let began = Instant::now();
    let asked = query.clone();
    let needs = move |project: &Project| {
        let mut needs = rules::check(project, &asked)?;
        needs.told_apart(told_apart, asked.spoken().breakdowns().map(|(_, breakdown)| breakdown));
        Ok(needs)
    };
    let (mut result, events_read) = insight
        .ask(&project, needs, move |context| {
            let read: usize = context.scan.blocks.iter().map(|block| block.block.rows()).sum();
            Ok((analyses::answer(&query, context, None)?, read as u64))
        })
        .await?;
    // A group may be called by a value that looks personal.
    result.each_value(&mut |value| *value = shown_by_look(viewer, value));
    let about = AnswerAbout {
        complete: result.complete(),
        exact: true,
        zone,
        events_read,
        took_micros: began.elapsed().as_micros() as u64,
    };
    Ok(AnalysisAnswer { result, about })
}

/// The people behind a number of an answer; `told_apart` as of [`answer`].
pub async fn people(
    insight: &Insight,
    viewer: &Viewer,
    cell: AnalysisCell,
    told_apart: Option<Millis>,
) -> Result<RoaringBitmap> {
    viewer.require(Permission::AnalysesRun)?;
    viewer.require(Permission::PeopleRead)?;
    require_sight_of(viewer, &cell)?;
    let project = insight.project(viewer)?;
    let asked = cell.query();
    let needs = move |project: &Project| {
        let mut needs = rules::check(project, &asked)?;
        needs.told_apart(told_apart, asked.spoken().breakdowns().map(|(_, breakdown)| breakdown));
        Ok(needs)
    };
    insight.ask(&project, needs, move |context| analyses::people(&cell, context, None)).await
}

/// Saved analyses before an id, newest first.
pub async fn list(insight: &Insight, viewer: &Viewer, before: i64, limit: i64) -> Result<Vec<Analysis>> {
    viewer.require(Permission::ProjectRead)?;
    store::list(insight.db(), viewer.project, before, limit).await
}

pub async fn get(insight: &Insight, viewer: &Viewer, id: i64) -> Result<Analysis> {
    viewer.require(Permission::ProjectRead)?;
    store::get(insight.db(), viewer.project, id).await
}

/// Saves a question under a name.
pub async fn create(insight: &Insight, viewer: &Viewer, new: NewAnalysis) -> Result<Analysis> {
    viewer.require(Permission::AnalysesWrite)?;
    let name = naming::name("name", &new.name)?;
    let description = naming::description(&new.description)?;
    check(insight, viewer, &new.query, "query").await?;
    let now = insight.now();
    let mut tx = insight.db().begin().await?;
    if store::count(&mut tx, viewer.project).await? >= ANALYSES_MAX as i64 {
        return Err(Error::new(ErrorCode::TooComplex, "the project has too many saved analyses")
            .with("limit", ANALYSES_MAX.to_string()));
    }
    let analysis = Analysis {
        id: store::next(&mut tx).await?,
        name,
        description,
        query: new.query,
        told_apart: new.told_apart,
        created_by: viewer.actor.as_text(),
        created_at: now,
        updated_at: now,
    };
    store::insert(&mut tx, viewer.project, &analysis).await?;
    note(&mut tx, viewer, "analyses.create", &analysis, now).await?;
    tx.commit().await.map_err(db_error)?;
    Ok(analysis)
}

pub async fn change(insight: &Insight, viewer: &Viewer, id: i64, change: AnalysisChange) -> Result<Analysis> {
    viewer.require(Permission::AnalysesWrite)?;
    let mut analysis = store::get(insight.db(), viewer.project, id).await?;
    if let Some(name) = change.name {
        analysis.name = naming::name("name", &name)?;
    }
    if let Some(description) = change.description {
        analysis.description = naming::description(&description)?;
    }
    if let Some((query, told_apart)) = change.query {
        check(insight, viewer, &query, "query").await?;
        analysis.query = query;
        analysis.told_apart = told_apart;
    }
    analysis.updated_at = insight.now();
    let mut tx = insight.db().begin().await?;
    store::update(&mut tx, viewer.project, &analysis).await?;
    note(&mut tx, viewer, "analyses.change", &analysis, analysis.updated_at).await?;
    tx.commit().await.map_err(db_error)?;
    Ok(analysis)
}

pub async fn remove(insight: &Insight, viewer: &Viewer, id: i64) -> Result<()> {
    viewer.require(Permission::AnalysesWrite)?;
    let analysis = store::get(insight.db(), viewer.project, id).await?;
    let mut tx = insight.db().begin().await?;
    store::delete(&mut tx, viewer.project, id).await?;
    note(&mut tx, viewer, "analyses.delete", &analysis, insight.now()).await?;
    tx.commit().await.map_err(db_error)
}

async fn note(
    tx: &mut siyu_db::Tx,
    viewer: &Viewer,
    action: &str,
    analysis: &Analysis,
    at: siyu_types::clock::Millis,
) -> Result<()> {
    let detail = json!({ "name": analysis.name, "kind": analysis.query.kind() });
    siyu_govern::audit(tx, viewer, action, &format!("analysis:{}", analysis.id), detail, at).await
}

/// Saved analyses by id; those that have been removed are left out.
pub(crate) async fn find(
    insight: &Insight,
    project: ProjectId,
    ids: BTreeSet<i64>,
) -> Result<BTreeMap<i64, Analysis>> {
    let mut found = BTreeMap::new();
    for id in ids {
        match store::get(insight.db(), project, id).await {
            Ok(analysis) => found.insert(id, analysis),
            Err(error) if error.code == ErrorCode::NotFound => None,
            Err(error) => return Err(error),
        };
    }
    Ok(found)
}

/// Checks a query that is to be kept; the error's field lies below the one it stands in.
pub(crate) async fn check(
    insight: &Insight,
    viewer: &Viewer,
    query: &AnalysisQuery,
    place: &str,
) -> Result<()> {
    require_sight_of(viewer, query)?;
    let project = insight.project(viewer)?;
    let query = query.clone();
    let checked = insight.work(move || rules::check(&project, &query).map(|_| ()));
    checked.await.map_err(|mut error| {
        error.field = Some(error.field.map_or(place.to_owned(), |field| format!("{place}.{field}")));
        error
    })
}

/// A tag or segment that a saved analysis, a dashboard or an alert asks for is not removed under it.
impl References for Insight {
    fn users(&self, project: ProjectId, named: Named) -> PortFuture<'_, Result<Vec<String>>> {
        Box::pin(async move {
            let saved = store::list(self.db(), project, i64::MAX, ANALYSES_MAX as i64).await?;
            let using = saved.into_iter().filter(|analysis| names(&analysis.query).contains(&named));
            let mut users: Vec<_> = using.map(|analysis| format!("analysis:{}", analysis.name)).collect();
            users.extend(dashboards::users(self, project, named).await?);
            users.extend(alerts::users(self, project, named).await?);
            Ok(users)
        })
    }
}

/// Makes this crate known to those who must not remove what it uses.
pub fn hold_references(insight: &Insight, audience: &siyu_audience::Audience) {
    audience.add_references(Arc::new(insight.clone()));
}
