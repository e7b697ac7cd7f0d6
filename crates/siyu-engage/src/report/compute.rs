//! Puts a report together from sends, reactions and the event store.

use std::collections::HashMap;
use std::sync::Arc;

use siyu_http::At;
use siyu_types::ProjectId;
use siyu_types::calendar::InstantRange;
use siyu_types::clock::Millis;
use siyu_types::error::{Error, Result};

use super::model::{ArmResult, DeliveredBy, GoalResult, Report, Suppressed};
use super::{rules, store};
use crate::Engage;
use crate::audience::Audience;
use crate::campaigns::{Campaign, Goal};
use crate::delivery::Arm;

/// The report of a campaign as of now.
pub async fn report(engage: &Engage, campaign: &Campaign) -> Result<Report> {
    let now = engage.clock.now();
    let tally = store::tally(&engage.db, campaign.id).await?;
    let of = |state: &str| tally.by_state.get(state).copied().unwrap_or(0);
    let reactions = crate::tracking::reaction_counts(&engage.db, campaign.id).await?;
    let reacted = |kind: &str| reactions.get(kind).copied().unwrap_or(0);
    let (control, treated) =
        (of("withheld"), of("attempting") + of("sent") + of("failed") + of("unknown") + tally.retrying);
    let goal = match &campaign.goal {
        Some(goal) => Some(goal_result(engage, campaign, goal, now).await?),
        None => None,
    };
    Ok(Report {
        chosen: campaign.chosen,
        control,
        treated,
        suppressed: tally
            .by_reason
            .iter()
            .map(|(reason, people)| Suppressed { reason: reason.clone(), people: *people })
            .collect(),
        sent: of("sent"),
        delivered: tally.delivered,
        delivered_by: if tally.confirmed { DeliveredBy::Receipts } else { DeliveredBy::SentLessBounced },
        opened: reacted("opened"),
        clicked: reacted("clicked"),
        bounced: tally.bounced,
        complained: reacted("complained"),
        unsubscribed: reacted("unsubscribed"),
        failed: of("failed"),
        unknown: of("unknown"),
        pending: campaign.chosen.saturating_sub(campaign.expanded) + of("pending") + of("attempting"),
        cancelled: of("cancelled"),
        goal,
        sample: rules::sample_check(treated, control, campaign.control_percent),
        as_of: At(now),
    })
}

/// A person of an arm and what they did in their window.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Outcome {
    pub arm: Arm,
    pub from: Millis,
    pub converted_at: Option<Millis>,
    pub revenue_minor: f64,
}

/// Everybody of both arms, by the number they are known by now. Somebody whose
/// merged numbers stand in both arms saw the message: they count as treated.
pub(super) async fn outcomes(
    engage: &Engage,
    project: ProjectId,
    campaign: i64,
    goal: &Goal,
) -> Result<HashMap<u32, Outcome>> {
    let eligible = store::eligible(&engage.db, campaign).await?;
    let numbers: Vec<u32> = eligible.iter().map(|(person, _, _)| *person).collect();
    let current = engage.audience.current(project, &numbers)?;
    let mut people: HashMap<u32, Outcome> = HashMap::with_capacity(eligible.len());
    for ((_, arm, from), person) in eligible.into_iter().zip(current) {
        let fresh = Outcome { arm, from, converted_at: None, revenue_minor: 0.0 };
        let known = people.entry(person).or_insert(fresh);
        match (known.arm, arm) {
            (Arm::Control, Arm::Treated) => *known = fresh,
            (a, b) if a == b => known.from = known.from.min(from),
            _ => {}
        }
    }
    let (audience, goal) = (Arc::clone(&engage.audience), goal.clone());
    let converted = move || convert(&*audience, project, &goal, people);
    tokio::task::spawn_blocking(converted).await.map_err(Error::internal)?
}

/// Notes what people did in their windows.
fn convert(
    audience: &dyn Audience,
    project: ProjectId,
    goal: &Goal,
    mut people: HashMap<u32, Outcome>,
) -> Result<HashMap<u32, Outcome>> {
    let window = i64::from(goal.window_hours) * 3_600_000;
    let first = people.values().map(|one| one.from).min();
    let last = people.values().map(|one| one.from).max();
    if let (Some(from), Some(last)) = (first, last) {
        let range = InstantRange { from, to: last.saturating_add(window) };
        audience.goal_events(project, &goal.event, range, &mut |event| {
            let Some(one) = people.get_mut(&event.person) else { return };
            // Not before the send, and not after the window has ended.
            if event.time >= one.from && event.time < one.from + window {
                one.revenue_minor += event.amount_minor;
                one.converted_at = Some(one.converted_at.map_or(event.time, |at| at.min(event.time)));
            }
        })?;
    }
    Ok(people)
}

async fn goal_result(engage: &Engage, campaign: &Campaign, goal: &Goal, now: Millis) -> Result<GoalResult> {
    let people = outcomes(engage, campaign.project, campaign.id, goal).await?;
    let (mut treated, mut control) = (ArmResult::default(), ArmResult::default());
    let window = i64::from(goal.window_hours) * 3_600_000;
    let mut complete = campaign.finished_at.is_some();
    for one in people.values() {
        let arm = if one.arm == Arm::Control { &mut control } else { &mut treated };
        arm.people += 1;
        arm.converted += u64::from(one.converted_at.is_some());
        arm.revenue_minor += one.revenue_minor;
        complete &= one.from + window <= now;
    }
    Ok(GoalResult { treated, control, lift: rules::lift(&treated, &control), complete })
}

/// Those of an arm who converted, ascending.
pub(super) async fn converted(engage: &Engage, campaign: &Campaign, arm: Arm) -> Result<Vec<(u32, Millis)>> {
    let Some(goal) = &campaign.goal else { return Ok(Vec::new()) };
    let people = outcomes(engage, campaign.project, campaign.id, goal).await?;
    let mut found: Vec<(u32, Millis)> = people
        .into_iter()
        .filter(|(_, one)| one.arm == arm)
        .filter_map(|(person, one)| Some((person, one.converted_at?)))
        .collect();
    found.sort_unstable();
    Ok(found)
}
