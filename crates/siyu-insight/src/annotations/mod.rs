//! Annotations: what happened on a day, for everybody who wonders about a number of it.

mod api;
mod model;
mod rules;
mod store;
#[cfg(test)]
mod tests;

use serde_json::json;
use siyu_db::{Tx, db_error};
use siyu_types::clock::Millis;
use siyu_types::{Error, ErrorCode, Permission, Result, Viewer};

pub(crate) use api::routes;
pub use model::{Annotation, AnnotationChange};

use crate::Insight;

/// Annotations per project: all of them are read for a chart.
const ANNOTATIONS_MAX: usize = 2_000;

/// Those of the days from the one to the other, latest first; absent ends are open.
pub async fn list(
    insight: &Insight,
    viewer: &Viewer,
    from: Option<&str>,
    to: Option<&str>,
) -> Result<Vec<Annotation>> {
    viewer.require(Permission::ProjectRead)?;
    let from = from.map(rules::day).transpose()?.unwrap_or_default();
    let to = to.map(rules::day).transpose()?.unwrap_or_else(|| "9999-12-31".to_owned());
    store::list(insight.db(), viewer.project, &from, &to).await
}

pub async fn create(insight: &Insight, viewer: &Viewer, day: &str, note: &str) -> Result<Annotation> {
    viewer.require(Permission::AnalysesWrite)?;
    let (day, text) = (rules::day(day)?, rules::note(note)?);
    let now = insight.now();
    let mut tx = insight.db().begin().await?;
    if store::count(&mut tx, viewer.project).await? >= ANNOTATIONS_MAX as i64 {
        return Err(Error::new(ErrorCode::TooComplex, "the project has too many annotations")
            .with("limit", ANNOTATIONS_MAX.to_string()));
    }
    let annotation = Annotation {
        id: store::next(&mut tx).await?,
        day,
        note: text,
        created_by: viewer.actor.as_text(),
        created_at: now,
        updated_at: now,
    };
    store::insert(&mut tx, viewer.project, &annotation).await?;
    audited(&mut tx, viewer, "annotations.create", &annotation, now).await?;
    tx.commit().await.map_err(db_error)?;
    Ok(annotation)
}

pub async fn change(
    insight: &Insight,
    viewer: &Viewer,
    id: i64,
    change: AnnotationChange,
) -> Result<Annotation> {
    viewer.require(Permission::AnalysesWrite)?;
    let mut annotation = store::get(insight.db(), viewer.project, id).await?;
    if let Some(day) = change.day {
        annotation.day = rules::day(&day)?;
    }
    if let Some(note) = change.note {
        annotation.note = rules::note(&note)?;
    }
    annotation.updated_at = insight.now();
    let mut tx = insight.db().begin().await?;
    store::update(&mut tx, viewer.project, &annotation).await?;
    audited(&mut tx, viewer, "annotations.change", &annotation, annotation.updated_at).await?;
    tx.commit().await.map_err(db_error)?;
    Ok(annotation)
}

pub async fn remove(insight: &Insight, viewer: &Viewer, id: i64) -> Result<()> {
    viewer.require(Permission::AnalysesWrite)?;
    let annotation = store::get(insight.db(), viewer.project, id).await?;
    let mut tx = insight.db().begin().await?;
    store::delete(&mut tx, viewer.project, id).await?;
    audited(&mut tx, viewer, "annotations.delete", &annotation, insight.now()).await?;
    tx.commit().await.map_err(db_error)
}

async fn audited(
    tx: &mut Tx,
    viewer: &Viewer,
    action: &str,
    annotation: &Annotation,
    at: Millis,
) -> Result<()> {
    let detail = json!({ "day": annotation.day });
    siyu_govern::audit(tx, viewer, action, &format!("annotation:{}", annotation.id), detail, at).await
}
