//! Tags: a value per person, defined once, computed by a job and hourly.

mod api;
mod given;
mod jobs;
mod kinds;
mod model;
mod rules;
mod store;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde_json::json;
use siyu_db::{NewJob, Tx, db_error};
use siyu_types::sight::require_sight_of;
use siyu_types::{Error, Permission, Result, Viewer};

pub(crate) use api::routes;
pub(crate) use given::forget;
pub use given::{GIVEN_VALUES_MAX, NewGiven, create as create_given};
pub(crate) use jobs::ComputeTag;
pub use kinds::{CLASSES as RFM_CLASSES, Definition, KINDS, KindInfo};
pub use model::{NewTag, Tag, TagChange, TagState, TagValue};

use crate::Audience;
use crate::audience::{blocking, check_description, check_name};
use crate::evaluation::ask;
use crate::projects::{KnownTag, Named, Project, named_in};

/// Tags per project.
const TAGS_MAX: usize = 1_000;

fn known(tag: &Tag) -> KnownTag {
    KnownTag {
        name: tag.name.clone(),
        display: tag.display.clone(),
        directory: tag.directory.clone(),
        definition: tag.definition.clone(),
    }
}

/// Makes a project's tags known, still without values.
pub(crate) async fn load(audience: &Audience, project: &Project) -> Result<()> {
    let tags = store::list(audience.db(), project.id, i64::MAX, i64::MAX).await?;
    for tag in &tags {
        project.people.write().declare_tag(tag.id);
    }
    project.change_definitions(|d| d.tags = tags.iter().map(|tag| (tag.id, known(tag))).collect());
    Ok(())
}

/// Creates a tag and queues its computation.
pub async fn create(audience: &Audience, viewer: &Viewer, tag: NewTag) -> Result<Tag> {
    viewer.require(Permission::TagsWrite)?;
    let project = audience.project(viewer)?;
    let tag = checked(tag)?;
    require_sight_of(viewer, &tag.definition)?;
    tag.definition.check(&project, "definition")?;
    let _change = audience.inner.changes.lock().await;
    room(&project)?;
    let now = audience.now();
    let mut tx = audience.db().begin().await?;
    let id = store::insert(&mut tx, project.id, &tag, now).await?;
    let detail = json!({ "name": tag.name, "kind": tag.definition.kind() });
    siyu_govern::audit(&mut tx, viewer, "tags.create", &format!("tag:{id}"), detail, now).await?;
    enqueue(audience, &mut tx, &project, id).await?;
    tx.commit().await.map_err(db_error)?;
    audience.inner.jobs.wake();
    let tag = store::get(audience.db(), project.id, id).await?;
    adopt(&project, &tag);
    Ok(tag)
}

/// Names and texts as they are kept.
fn checked(mut tag: NewTag) -> Result<NewTag> {
    tag.name = check_name("name", &tag.name)?;
    tag.display =
        if tag.display.trim().is_empty() { tag.name.clone() } else { check_name("display", &tag.display)? };
    tag.description = check_description("description", &tag.description)?;
    tag.directory = check_description("directory", &tag.directory)?;
    Ok(tag)
}

/// Whether there may be one more.
fn room(project: &Project) -> Result<()> {
    if project.definitions().tags.len() < TAGS_MAX {
        return Ok(());
    }
    Err(Error::new(siyu_types::ErrorCode::TooComplex, "the project has too many tags")
        .with("limit", TAGS_MAX.to_string()))
}

fn adopt(project: &Project, tag: &Tag) {
    project.people.write().declare_tag(tag.id);
    project.change_definitions(|definitions| {
        definitions.tags.insert(tag.id, known(tag));
    });
}

async fn enqueue(audience: &Audience, tx: &mut Tx, project: &Project, id: i64) -> Result<i64> {
    let job = NewJob::new(project.id, jobs::KIND, json!({ "tag": id })).once(id.to_string());
    audience.inner.jobs.enqueue_in(tx, job).await
}

/// Changes a tag; a new definition is computed by a job.
pub async fn change(audience: &Audience, viewer: &Viewer, id: i64, change: TagChange) -> Result<Tag> {
    viewer.require(Permission::TagsWrite)?;
    let project = audience.project(viewer)?;
    let _change = audience.inner.changes.lock().await;
    let mut tag = store::get(audience.db(), project.id, id).await?;
    if let Some(name) = change.name {
        tag.name = check_name("name", &name)?;
    }
    if let Some(display) = change.display {
        tag.display = check_name("display", &display)?;
    }
    if let Some(description) = change.description {
        tag.description = check_description("description", &description)?;
    }
    if let Some(directory) = change.directory {
        tag.directory = check_description("directory", &directory)?;
    }
    let redefined = change.definition.filter(|definition| *definition != tag.definition);
    if let Some(definition) = &redefined {
        require_sight_of(viewer, definition)?;
        definition.check(&project, "definition")?;
        let names: Vec<Named> = definition.conditions().into_iter().flat_map(named_in).collect();
        if project.definitions().reaches(&names, Named::Tag(id)) {
            return Err(Error::invalid("definition", "the tag would depend on itself"));
        }
        tag.definition = definition.clone();
        tag.state = TagState::Queued;
    }
    let now = audience.now();
    let mut tx = audience.db().begin().await?;
    store::update(&mut tx, project.id, &tag, now).await?;
    let detail = json!({ "name": tag.name, "redefined": redefined.is_some() });
    siyu_govern::audit(&mut tx, viewer, "tags.change", &format!("tag:{id}"), detail, now).await?;
    if redefined.is_some() {
        // Values that were given belong to the definition that is no more.
        store::set_given(&mut tx, project.id, id, &[]).await?;
        enqueue(audience, &mut tx, &project, id).await?;
    }
    tx.commit().await.map_err(db_error)?;
    audience.inner.jobs.wake();
    adopt(&project, &tag);
    Ok(tag)
}

/// Removes a tag that nothing uses.
pub async fn remove(audience: &Audience, viewer: &Viewer, id: i64) -> Result<()> {
    viewer.require(Permission::TagsWrite)?;
    let project = audience.project(viewer)?;
    let _change = audience.inner.changes.lock().await;
    let tag = store::get(audience.db(), project.id, id).await?;
    audience.require_unused(&project, Named::Tag(id)).await?;
    let now = audience.now();
    let mut tx = audience.db().begin().await?;
    store::set_given(&mut tx, project.id, id, &[]).await?;
    store::delete(&mut tx, project.id, id).await?;
    let detail = json!({ "name": tag.name });
    siyu_govern::audit(&mut tx, viewer, "tags.delete", &format!("tag:{id}"), detail, now).await?;
    tx.commit().await.map_err(db_error)?;
    project.change_definitions(|definitions| {
        definitions.tags.remove(&id);
    });
    project.people.write().drop_tag(id);
    Ok(())
}

/// What a definition would give everybody now, without storing anything.
pub async fn preview(
    audience: &Audience,
    viewer: &Viewer,
    definition: Definition,
) -> Result<(u64, Vec<TagValue>)> {
    viewer.require(Permission::ProjectRead)?;
    require_sight_of(viewer, &definition)?;
    let project = audience.project(viewer)?;
    let as_of = audience.now();
    blocking(move || {
        definition.check(&project, "definition")?;
        ask(&project, definition.needs(), as_of, |context| {
            let column = definition.compute(context)?;
            Ok(rules::distribution(&column, context.people.universe()))
        })
    })
    .await
}

/// Computes a tag and stores what was found. An error of the definition is kept
/// with the tag, and its former values stay.
pub(crate) async fn compute(audience: &Audience, project: &Arc<Project>, id: i64) -> Result<()> {
    let tag = store::get(audience.db(), project.id, id).await?;
    let as_of = audience.now();
    let worker = project.clone();
    let definition = tag.definition.clone();
    let given = match definition {
        Definition::Given(_) => Some(store::given(audience.db(), project.id, id).await?),
        _ => None,
    };
    let result = blocking(move || {
        let given = given.map(|given| {
            let people = worker.people.read();
            kinds::given_column(&given, people.remap(), people.universe())
        });
        let (column, found) = ask(&worker, definition.needs(), as_of, |context| {
            let column = given.map_or_else(|| definition.compute(context), Ok)?;
            let found = rules::distribution(&column, context.people.universe());
            Ok((column, found))
        })?;
        // A definition that changed meanwhile has its own job; a removed tag stays removed.
        let current = worker.definitions().tags.get(&id).is_some_and(|known| known.definition == definition);
        if current {
            worker.people.write().set_tag(id, column);
        }
        Ok(current.then_some(found))
    })
    .await;
    let mut tx = audience.db().begin().await?;
    match &result {
        Ok(Some((coverage, values))) => {
            store::computed(&mut tx, project.id, id, *coverage, values, as_of).await?;
        }
        Ok(None) => {}
        Err(error) => store::failed(&mut tx, project.id, id, &error.to_string()).await?,
    }
    tx.commit().await.map_err(db_error)?;
    result.map(|_| ())
}

/// Queues a computation on somebody's request; answers the job.
pub async fn request_computation(audience: &Audience, viewer: &Viewer, id: i64) -> Result<i64> {
    viewer.require(Permission::TagsWrite)?;
    let project = audience.project(viewer)?;
    store::get(audience.db(), project.id, id).await?;
    let now = audience.now();
    let mut tx = audience.db().begin().await?;
    let job = enqueue(audience, &mut tx, &project, id).await?;
    siyu_govern::audit(&mut tx, viewer, "tags.compute", &format!("tag:{id}"), json!({}), now).await?;
    tx.commit().await.map_err(db_error)?;
    audience.inner.jobs.wake();
    Ok(job)
}
