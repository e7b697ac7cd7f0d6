//! A copy of everything about one person: one ZIP with a JSON file per area and a report
//! that people can read and print. Events are written page by page.

mod areas;
mod labels;
mod pack;
mod report;

use std::sync::Arc;

use serde_json::{Value as Json, json};
use siyu_db::JobRun;
use siyu_events::{EventRow, TimelinePage};
use siyu_govern::rights::{Copy, CopyFile};
use siyu_http::At;
use siyu_types::Result;

use super::model::{Area, Subject};
use crate::Audience;
use crate::audience::blocking;
use crate::projects::Project;
use areas::Whose;
pub(super) use areas::subject;
use pack::Pack;
use report::Report;

/// Of the files in a copy.
const FORMAT: u32 = 1;
/// Events read at once: what a copy keeps in memory.
pub const EVENTS_PER_READ: usize = 2_000;

/// Makes the file of a copy; begins anew if it is told to again.
pub(super) async fn make(audience: &Audience, copy: &Copy, run: &JobRun) -> Result<CopyFile> {
    let target = audience.inner.govern.copy_path(copy.id);
    let made = write(audience, copy, run).await;
    if made.is_err() {
        target.discard()?;
    }
    made
}

async fn write(audience: &Audience, copy: &Copy, run: &JobRun) -> Result<CopyFile> {
    let project = audience.inner.projects.get(run.project)?;
    let subject = Arc::new(areas::subject(&project, copy.person.0)?);
    let made_at = audience.now();
    let total = project.people.read().activity(subject.person).events.max(1);
    run.progress(0, total, "").await?;

    let mut areas = areas::small(audience, &subject).await?;
    for keeper in audience.keepers() {
        let kept = keeper.kept(&subject).await?;
        areas.extend(own(&project, &subject, kept));
        let decided = keeper.decided(&subject).await?;
        let decisions = areas.iter_mut().find(|area| area.name == "decisions");
        decisions.into_iter().for_each(|area| area.items.extend(decided.iter().map(|d| json!(d))));
    }
    let mut report = Report::new(&copy.language, &project, made_at, &copy.export_code);
    let target = audience.inner.govern.copy_path(copy.id);
    let mut pack = Pack::begin(&target, &copy.export_code)?;
    for area in &areas {
        whole(&mut pack, area)?;
        report.area(area);
    }
    let mark = copy.export_code.clone();
    (pack, report) = events(&project, &subject, (pack, report), run, total).await?;
    blocking(move || {
        pack.text("report.html", &report.render())?;
        let contents = pack.contents().to_vec();
        let about = json!({ "format": FORMAT, "project": project.settings().name, "person": subject.person.0,
            "numbers": subject.numbers, "made_at": At(made_at), "siyu_export": mark, "files": contents,
            "left_out": report::LEFT_OUT.map(|(zh, en)| json!({ "zh": zh, "en": en })) });
        pack.text("about.json", &serde_json::to_string_pretty(&about).map_err(siyu_types::Error::internal)?)?;
        pack.finish()
    })
    .await
}

/// Areas of those above without what concerns others.
fn own(project: &Project, subject: &Subject, areas: Vec<Area>) -> Vec<Area> {
    let people = project.people.read();
    let whose = Whose::new(&people, subject);
    areas.into_iter().map(|area| whose.area(area)).collect()
}

fn whole(pack: &mut Pack, area: &Area) -> Result<()> {
    pack.begin_list(area.name)?;
    area.items.iter().try_for_each(|item| pack.item(item))?;
    pack.end_list(area.cut)
}

/// Every event, newest first. The store is held for one page at a time, so that what
/// arrives meanwhile is not held up.
async fn events(
    project: &Arc<Project>,
    subject: &Arc<Subject>,
    (mut pack, mut report): (Pack, Report),
    run: &JobRun,
    total: u64,
) -> Result<(Pack, Report)> {
    pack.begin_list("events")?;
    let (mut before, mut done) = (None, 0);
    loop {
        let (project, subject) = (Arc::clone(project), Arc::clone(subject));
        let page = TimelinePage { before, limit: EVENTS_PER_READ };
        let (next, read);
        (pack, report, next, read) = blocking(move || {
            let rows = project.events.person(&subject.numbers, page)?;
            let (next, read) = (rows.last().map(|row| (row.time, row.seq)), rows.len());
            let people = project.people.read();
            let whose = Whose::new(&people, &subject);
            for row in rows {
                let item = event(row, &whose);
                pack.item(&item)?;
                report.event(&item);
            }
            Ok((pack, report, next, read))
        })
        .await?;
        done += read as u64;
        run.progress(done.min(total), total, "").await?;
        before = next;
        if read < EVENTS_PER_READ {
            break;
        }
    }
    pack.end_list(false)?;
    Ok((pack, report))
}

fn event(row: EventRow, whose: &Whose<'_>) -> Json {
    json!({ "at": At(row.time), "event": row.name, "source": row.source, "received_at": At(row.received_at),
        "identifiers": row.ids.iter().map(|id| whose.identifier(id)).collect::<Vec<_>>(),
        "properties": whose.props(row.props) })
}
