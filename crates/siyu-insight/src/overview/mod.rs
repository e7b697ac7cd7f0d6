//! The overview: how much there is, how the last month went, what is still to set up.

mod api;
#[cfg(test)]
mod tests;

use siyu_analytics::analyses::activity::{self, ActivityDay};
use siyu_audience::Project;
use siyu_audience::evaluation::Needs;
use siyu_types::analysis::DateRange;
use siyu_types::record::names;
use siyu_types::{Permission, Result, Viewer};

pub(crate) use api::routes;

use crate::Insight;

/// Days of the series, today included.
const DAYS: u32 = 30;

#[derive(Clone, PartialEq, Debug)]
pub struct Overview {
    pub people: u64,
    pub events_total: u64,
    /// The last day is today.
    pub days: Vec<ActivityDay>,
    pub checklist: Checklist,
}

/// What a new project has already done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Checklist {
    /// Something has arrived: people or events.
    pub source: bool,
    /// Somebody has done something.
    pub event: bool,
    pub segment: bool,
    /// A campaign has sent, or withheld, a message.
    pub campaign: bool,
}

pub async fn overview(insight: &Insight, viewer: &Viewer) -> Result<Overview> {
    viewer.require(Permission::ProjectRead)?;
    let project = insight.project(viewer)?;
    let needs = |project: &Project| {
        let mut needs = Needs::default();
        needs.events(project.events.event_names().into_iter().map(|event| event.name), []);
        Ok(needs)
    };
    let (people, days) = insight
        .ask(&project, needs, |context| {
            let days =
                activity::per_day(&DateRange::LastDays { days: DAYS }, names::DONE_TO_PEOPLE, context)?;
            Ok((context.people.universe().len(), days))
        })
        .await?;
    let seen = project.events.event_names();
    let did = seen.iter().any(|event| !names::DONE_TO_PEOPLE.contains(&event.name.as_str()));
    let sent = |name: &str| seen.iter().any(|event| event.name == name);
    let checklist = Checklist {
        source: people > 0 || !seen.is_empty(),
        event: did,
        segment: !project.definitions().segments.is_empty(),
        campaign: sent(names::MESSAGE_SENT) || sent(names::MESSAGE_WITHHELD),
    };
    Ok(Overview { people, events_total: project.events.stats().events, days, checklist })
}
