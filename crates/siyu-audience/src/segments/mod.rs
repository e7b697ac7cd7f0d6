//! Segments: groups of people, by a condition or as a list frozen at one instant.
//!
//! A dynamic segment is never out of date: whoever asks for members gets those of
//! now. What is stored is the last count and the history of its size; a count older
//! than a minute is made anew when the segment is looked at, and all are hourly.

mod api;
mod api_flow;
mod export;
mod flow;
mod model;
mod rules;
mod store;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use roaring::RoaringBitmap;
use serde_json::json;
use siyu_analytics::conditions;
use siyu_db::{Tx, db_error};
use siyu_types::clock::Millis;
use siyu_types::condition::Condition;
use siyu_types::sight::require_sight_of;
use siyu_types::{Error, ErrorCode, Permission, PersonNo, ProjectId, Result, Viewer};

pub(crate) use api::routes;
pub use export::ROWS_MAX;
pub use flow::STEPS_MAX;
pub(crate) use flow::{Flow, Since};
pub use model::{Chosen, NewSegment, Segment, SegmentChange, SegmentKind};

use crate::Audience;
use crate::audience::{blocking, check_description, check_name};
use crate::evaluation::{self, Needs};
use crate::projects::{KnownSegment, Named, Project, named_in};

/// Segments per project.
const SEGMENTS_MAX: usize = 2_000;
/// People one request may choose by number.
pub(crate) const CHOSEN_MAX: usize = 100_000;

fn known(segment: &Segment) -> KnownSegment {
    KnownSegment {
        name: segment.name.clone(),
        kind: segment.kind,
        condition: segment.condition.clone(),
        created_at: segment.created_at,
    }
}

/// Makes a project's segments known, with the members of its snapshots.
pub(crate) async fn load(audience: &Audience, project: &Project) -> Result<()> {
    let segments = store::list(audience.db(), project.id, i64::MAX, i64::MAX).await?;
    for segment in &segments {
        let members = match segment.kind {
            SegmentKind::Snapshot => store::members(audience.db(), project.id, segment.id).await?,
            // The sweep that follows fills these.
            SegmentKind::Dynamic => RoaringBitmap::new(),
        };
        project.people.write().set_segment(segment.id, members);
    }
    project.change_definitions(|d| d.segments = segments.iter().map(|s| (s.id, known(s))).collect());
    let steps = store::flows(audience.db(), project.id).await?;
    let of_segments = steps.chunk_by(|a, b| a.0 == b.0);
    let flows = of_segments
        .map(|of_one| (of_one[0].0, Flow::new(of_one.iter().map(|(_, step)| step.clone()).collect())));
    *project.flows.write() = flows.collect();
    Ok(())
}

/// Writes down who came and who went since the last count, in the transaction that keeps
/// the count. The answer is to be [`adopt_flow`]ed once that is committed.
async fn note_flow(
    tx: &mut Tx,
    project: &Project,
    segment: &Segment,
    found: &RoaringBitmap,
    (before, redefined): (Option<Millis>, bool),
) -> Result<Option<Flow>> {
    let Some(at) = segment.computed_at.filter(|_| segment.kind == SegmentKind::Dynamic) else {
        return Ok(None);
    };
    let mut flow = project.flows.read().get(&segment.id).cloned().unwrap_or_default();
    let step = {
        let people = project.people.read();
        // They may have been erased since they were found.
        let found = found.iter().filter(|number| !people.graph().is_gone(*number)).collect();
        flow.seen(&found, (at, before), people.remap(), redefined)
    };
    let Some(step) = step else { return Ok(None) };
    store::add_step(tx, project.id, segment.id, &step).await?;
    flow.push(step);
    for fold in flow.fold(at) {
        store::fold_steps(tx, project.id, segment.id, &fold).await?;
    }
    Ok(Some(flow))
}

fn adopt_flow(project: &Project, segment: i64, flow: Option<Flow>) {
    if let Some(flow) = flow {
        project.flows.write().insert(segment, flow);
    }
}

/// Since when a person with these numbers is a member of a segment.
pub(crate) fn since(project: &Project, segment: i64, known: &KnownSegment, numbers: &[u32]) -> Option<Since> {
    match known.kind {
        // Its members were chosen at that instant, and nobody comes later.
        SegmentKind::Snapshot => {
            let at = known.created_at;
            Some(Since { at, not_before: Some(at) })
        }
        SegmentKind::Dynamic => project.flows.read().get(&segment)?.since(numbers),
    }
}

/// How many people a condition means at the moment.
pub struct Count {
    pub count: u64,
    /// All living people.
    pub total: u64,
    pub as_of: Millis,
}

/// `told_apart`: of the people as they were told apart at that instant.
pub async fn count(
    audience: &Audience,
    viewer: &Viewer,
    condition: Condition,
    told_apart: Option<Millis>,
) -> Result<Count> {
    viewer.require(Permission::ProjectRead)?;
    require_sight_of(viewer, &condition)?;
    let project = audience.project(viewer)?;
    let as_of = audience.now();
    blocking(move || {
        evaluation::check(&project, &condition, "condition")?;
        let mut needs = Needs::of(&condition);
        needs.told_apart(told_apart, None);
        let (count, total) = evaluation::ask(&project, needs, as_of, |context| {
            let found = conditions::evaluate(&condition, context)?;
            Ok((found.len(), context.people.universe().len()))
        })?;
        Ok(Count { count, total, as_of })
    })
    .await
}

/// Creates a segment and counts it.
pub async fn create(audience: &Audience, viewer: &Viewer, new: NewSegment) -> Result<Segment> {
    viewer.require(Permission::SegmentsWrite)?;
    require_sight_of(viewer, &new.condition)?;
    let project = audience.project(viewer)?;
    let (asked, condition, as_of) = (project.clone(), new.condition.clone(), audience.now());
    let people = blocking(move || {
        evaluation::check(&asked, &condition, "condition")?;
        evaluation::evaluate(&asked, &condition, as_of)
    })
    .await?;
    let NewSegment { name, description, kind, condition } = new;
    insert(audience, viewer, &project, kind, Some(condition), Chosen { name, description, people }, as_of)
        .await
}

/// Creates a snapshot of chosen people.
pub async fn create_of(audience: &Audience, viewer: &Viewer, mut chosen: Chosen) -> Result<Segment> {
    viewer.require(Permission::SegmentsWrite)?;
    let project = audience.project(viewer)?;
    {
        let people = project.people.read();
        let persons = chosen.people.iter().map(|number| people.person_of(PersonNo(number)).0);
        chosen.people = persons.collect::<RoaringBitmap>() & people.universe();
    }
    let now = audience.now();
    insert(audience, viewer, &project, SegmentKind::Snapshot, None, chosen, now).await
}

async fn insert(
    audience: &Audience,
    viewer: &Viewer,
    project: &Project,
    kind: SegmentKind,
    condition: Option<Condition>,
    chosen: Chosen,
    now: Millis,
) -> Result<Segment> {
    let name = check_name("name", &chosen.name)?;
    let description = check_description("description", &chosen.description)?;
    let _change = audience.inner.changes.lock().await;
    if project.definitions().segments.len() >= SEGMENTS_MAX {
        return Err(Error::new(ErrorCode::TooComplex, "the project has too many segments")
            .with("limit", SEGMENTS_MAX.to_string()));
    }
    let count = chosen.people.len();
    let mut tx = audience.db().begin().await?;
    let id = store::next(&mut tx).await?;
    let condition = condition.unwrap_or(Condition::Segment { segment: id });
    let history = vec![(now, count)];
    let (computed_at, created_at) = (Some(now), now);
    let segment = Segment { id, name, description, kind, condition, count, computed_at, history, created_at };
    let frozen = (kind == SegmentKind::Snapshot).then_some(&chosen.people);
    store::insert(&mut tx, project.id, &segment, frozen, now).await?;
    let detail = json!({ "name": segment.name, "kind": kind, "people": count });
    siyu_govern::audit(&mut tx, viewer, "segments.create", &format!("segment:{id}"), detail, now).await?;
    let flow = note_flow(&mut tx, project, &segment, &chosen.people, (None, false)).await?;
    tx.commit().await.map_err(db_error)?;
    adopt_flow(project, id, flow);
    adopt(project, &segment, chosen.people);
    Ok(segment)
}

fn adopt(project: &Project, segment: &Segment, members: RoaringBitmap) {
    project.people.write().set_segment(segment.id, members);
    project.change_definitions(|definitions| {
        definitions.segments.insert(segment.id, known(segment));
    });
}

/// Changes a segment; a new condition takes effect and is counted at once.
pub async fn change(audience: &Audience, viewer: &Viewer, id: i64, change: SegmentChange) -> Result<Segment> {
    viewer.require(Permission::SegmentsWrite)?;
    let project = audience.project(viewer)?;
    let _change = audience.inner.changes.lock().await;
    let mut segment = store::get(audience.db(), project.id, id).await?;
    if let Some(name) = change.name {
        segment.name = check_name("name", &name)?;
    }
    if let Some(description) = change.description {
        segment.description = check_description("description", &description)?;
    }
    let now = audience.now();
    let redefined = change.condition.filter(|condition| *condition != segment.condition);
    let (mut members, mut before) = (None, None);
    if let Some(condition) = redefined {
        if segment.kind == SegmentKind::Snapshot {
            let message = "a snapshot keeps its members; make a new segment";
            return Err(Error::new(ErrorCode::WrongState, message).at("condition"));
        }
        if project.definitions().reaches(&named_in(&condition), Named::Segment(id)) {
            return Err(Error::invalid("condition", "the segment would depend on itself"));
        }
        require_sight_of(viewer, &condition)?;
        let (asked, wanted) = (project.clone(), condition.clone());
        let found = blocking(move || {
            evaluation::check(&asked, &wanted, "condition")?;
            evaluation::evaluate(&asked, &wanted, now)
        })
        .await?;
        segment.condition = condition;
        before = segment.computed_at;
        note_count(&mut segment, now, found.len());
        members = Some(found);
    }
    let _counting = audience.inner.counting.lock().await;
    let mut tx = audience.db().begin().await?;
    store::update(&mut tx, project.id, &segment, now).await?;
    let flow = match &members {
        Some(found) => note_flow(&mut tx, &project, &segment, found, (before, true)).await?,
        None => None,
    };
    let detail = json!({ "name": segment.name, "redefined": members.is_some() });
    siyu_govern::audit(&mut tx, viewer, "segments.change", &format!("segment:{id}"), detail, now).await?;
    tx.commit().await.map_err(db_error)?;
    adopt_flow(&project, id, flow);
    project.change_definitions(|definitions| {
        definitions.segments.insert(id, known(&segment));
    });
    if let Some(members) = members {
        project.people.write().set_segment(id, members);
    }
    Ok(segment)
}

fn note_count(segment: &mut Segment, at: Millis, count: u64) {
    segment.count = count;
    segment.computed_at = Some(at);
    rules::remember(&mut segment.history, at, count);
}

/// Takes these numbers out of the lists they were put on. Answers out of how many.
pub(crate) async fn forget(audience: &Audience, project: ProjectId, numbers: &[u32]) -> Result<u64> {
    let mut lists = 0;
    let all = store::list(audience.db(), project, i64::MAX, i64::MAX).await?;
    for segment in all.iter().filter(|segment| segment.kind == SegmentKind::Snapshot) {
        let mut members = store::members(audience.db(), project, segment.id).await?;
        let before = members.len();
        for number in numbers {
            members.remove(*number);
        }
        if members.len() < before {
            let mut tx = audience.db().begin().await?;
            store::set_members(&mut tx, project, segment.id, &members).await?;
            tx.commit().await.map_err(db_error)?;
            lists += 1;
        }
    }
    Ok(lists)
}

/// Takes these numbers out of what is known of who came to segments and who went. Answers
/// out of how many steps.
pub(crate) async fn forget_flow(audience: &Audience, project: &Project, numbers: &[u32]) -> Result<u64> {
    let numbers: RoaringBitmap = numbers.iter().copied().collect();
    let _change = audience.inner.changes.lock().await;
    let _counting = audience.inner.counting.lock().await;
    let mut flows = project.flows.read().clone();
    let mut changed = 0;
    let mut tx = audience.db().begin().await?;
    for (segment, flow) in &mut flows {
        for step in flow.forget(&numbers) {
            store::set_step(&mut tx, project.id, *segment, &step).await?;
            changed += 1;
        }
    }
    tx.commit().await.map_err(db_error)?;
    if changed > 0 {
        *project.flows.write() = flows;
    }
    Ok(changed)
}

/// Removes a segment that nothing uses.
pub async fn remove(audience: &Audience, viewer: &Viewer, id: i64) -> Result<()> {
    viewer.require(Permission::SegmentsWrite)?;
    let project = audience.project(viewer)?;
    let _change = audience.inner.changes.lock().await;
    let segment = store::get(audience.db(), project.id, id).await?;
    audience.require_unused(&project, Named::Segment(id)).await?;
    let now = audience.now();
    let mut tx = audience.db().begin().await?;
    store::delete(&mut tx, project.id, id).await?;
    let detail = json!({ "name": segment.name });
    siyu_govern::audit(&mut tx, viewer, "segments.delete", &format!("segment:{id}"), detail, now).await?;
    tx.commit().await.map_err(db_error)?;
    project.change_definitions(|definitions| {
        definitions.segments.remove(&id);
    });
    project.people.write().drop_segment(id);
    project.flows.write().remove(&id);
    Ok(())
}

/// Counts a segment anew and keeps the count. A snapshot changes only where
/// members merged or split.
pub async fn refresh(audience: &Audience, project: &Arc<Project>, id: i64) -> Result<Segment> {
    let mut segment = store::get(audience.db(), project.id, id).await?;
    let now = audience.now();
    let asked = project.clone();
    let found = blocking(move || evaluation::members(&asked, id, now)).await?;
    let before = segment.computed_at;
    note_count(&mut segment, now, found.len());
    let _counting = audience.inner.counting.lock().await;
    // A segment that was removed or redefined meanwhile is not brought back.
    let current = project.definitions().segments.get(&id).is_some_and(|s| s.condition == segment.condition);
    let mut tx = audience.db().begin().await?;
    store::counted(&mut tx, project.id, &segment).await?;
    let flow = match current {
        true => note_flow(&mut tx, project, &segment, &found, (before, false)).await?,
        false => None,
    };
    tx.commit().await.map_err(db_error)?;
    adopt_flow(project, id, flow);
    if segment.kind == SegmentKind::Dynamic && current {
        project.people.write().set_segment(id, found);
    }
    Ok(segment)
}

/// A segment with a count that is at most a minute old.
pub async fn get(audience: &Audience, viewer: &Viewer, id: i64) -> Result<Segment> {
    viewer.require(Permission::ProjectRead)?;
    let project = audience.project(viewer)?;
    let segment = store::get(audience.db(), project.id, id).await?;
    let fresh = segment.computed_at.is_some_and(|at| audience.now() - at < rules::STALE_MILLIS);
    if fresh { Ok(segment) } else { refresh(audience, &project, id).await }
}
