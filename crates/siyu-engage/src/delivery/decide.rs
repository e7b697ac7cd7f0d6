//! From claimed sends to decisions: renders, gathers the facts in the
//! transaction, asks protection, and splits off the control group.

use std::collections::{HashMap, HashSet};

use siyu_connect::{Content as Sendable, Message};
use siyu_db::Tx;
use siyu_govern::consent::{Answers, Asked};
use siyu_types::clock::Millis;
use siyu_types::error::{ErrorCode, Result};
use siyu_types::record::key_of;

use super::model::{Arm, Bounce, Plan, SendRow, SendState};
use super::store;
use crate::audience::PersonView;
use crate::content::{Rendered, Shown};
use crate::protection::{self as lists, Cap, Counts, Facts, Refusal, examine};
use crate::tracking::Links;

/// A claimed send with everything that can be known before the transaction.
pub(super) struct Prepared {
    pub row: SendRow,
    view: Option<PersonView>,
    pub address: Option<String>,
    hash: Option<String>,
    rendered: Result<Rendered, Refusal>,
}

impl Prepared {
    fn person(&self) -> u32 {
        self.view.as_ref().map_or(self.row.person, |view| view.person)
    }
}

/// What a send became.
pub(super) enum Verdict {
    Suppress(Refusal),
    Withhold,
    Attempt { message: Box<Message>, hash: String, rendered_hash: String },
}

/// Renders every send for the person as they are now.
pub(super) fn prepare(
    plan: &Plan,
    rows: Vec<SendRow>,
    views: Vec<Option<PersonView>>,
    links: &Links,
) -> Vec<Prepared> {
    let one = |(row, view): (SendRow, Option<PersonView>)| {
        let address = view.as_ref().and_then(|view| address(plan, view));
        let hash = address.as_ref().map(|address| links.secret().address_hash(plan.channel, address));
        let rendered = match (&view, &address) {
            (Some(view), Some(address)) => {
                let shown = Shown { person: view.person, attributes: &view.attributes, tags: &view.tags };
                plan.content.render(&shown, address, &links.of(&row.send_id)).map_err(|error| {
                    match error.code {
                        ErrorCode::TemplateMissingVariable => Refusal::MissingVariable,
                        _ => Refusal::NotRenderable,
                    }
                })
            }
            // Protection refuses before this matters.
            _ => Err(Refusal::NotRenderable),
        };
        Prepared { row, view, address, hash, rendered }
    };
    rows.into_iter().zip(views).map(one).collect()
}

/// Where the channel finds the person. A webhook always does.
fn address(plan: &Plan, view: &PersonView) -> Option<String> {
    match plan.channel {
        "webhook" => Some(format!("person:{}", view.person)),
        _ => view.email.clone(),
    }
}

/// Facts about a whole batch, and what the batch itself adds to them.
struct Known {
    cap: Option<Cap>,
    answers: Answers,
    listed: HashSet<String>,
    by_person: HashMap<u32, u32>,
    by_address: HashMap<String, u32>,
    taken: HashMap<String, HashSet<String>>,
}

async fn known(tx: &mut Tx, plan: &Plan, batch: &[Prepared], now: Millis) -> Result<Known> {
    let project = plan.project;
    let cap = lists::take_turn(tx, project).await?;
    let numbers: Vec<u32> =
        batch.iter().filter_map(|p| p.view.as_ref()).flat_map(|view| view.numbers.iter().copied()).collect();
    let asked = Asked { purpose: &plan.purpose, channel: plan.channel, automated: plan.automated };
    let answers = siyu_govern::consent::ask(tx, project, asked, &numbers, now).await?;
    let mut targets = HashSet::new();
    for one in batch {
        targets.insert(lists::person_target(one.row.person));
        targets.insert(lists::person_target(one.person()));
        targets.extend(one.hash.as_deref().map(lists::address_target));
    }
    let targets: Vec<String> = targets.into_iter().collect();
    let listed = lists::listed(tx, project, plan.channel, &targets).await?;
    let hashes: HashSet<&str> = batch.iter().filter_map(|one| one.hash.as_deref()).collect();
    let hashes: Vec<&str> = hashes.into_iter().collect();
    let (mut by_person, mut by_address) = (HashMap::new(), HashMap::new());
    if let Some(cap) = cap {
        let since = crate::protection::window_start(cap, now);
        let people: HashSet<u32> = batch.iter().map(Prepared::person).collect();
        let people: Vec<u32> = people.into_iter().collect();
        by_person = lists::counts_by_person(tx, project, since, &people).await?;
        by_address = lists::counts_by_address(tx, project, since, &hashes).await?;
    }
    let owned: Vec<String> = hashes.iter().map(|hash| (*hash).to_owned()).collect();
    let mut taken: HashMap<String, HashSet<String>> = HashMap::new();
    for (hash, send_id) in store::taken_addresses(tx, plan.campaign, &owned).await? {
        taken.entry(hash).or_default().insert(send_id);
    }
    Ok(Known { cap, answers, listed, by_person, by_address, taken })
}

impl Known {
    fn facts(&self, plan: &Plan, one: &Prepared) -> Facts {
        let numbers = one.view.as_ref().map_or(&[][..], |view| &view.numbers);
        let hash = one.hash.as_deref();
        let on_list = |target: String| self.listed.contains(&target);
        let others = hash.and_then(|hash| self.taken.get(hash));
        Facts {
            exists: one.view.is_some(),
            needs_address: plan.channel != "webhook",
            has_address: one.address.is_some(),
            objection: self
                .answers
                .objection(numbers, &plan.zone, |name| one.view.as_ref()?.attributes.get(name)),
            listed: on_list(lists::person_target(one.row.person))
                || on_list(lists::person_target(one.person()))
                || hash.is_some_and(|hash| on_list(lists::address_target(hash))),
            address_taken: others.is_some_and(|ids| ids.iter().any(|id| *id != one.row.send_id)),
            cap: self.cap,
            counts: Counts {
                person: self.by_person.get(&one.person()).copied().unwrap_or(0),
                address: hash.and_then(|hash| self.by_address.get(hash)).copied().unwrap_or(0),
            },
        }
    }

    /// Later sends of the same batch see this one.
    fn add(&mut self, one: &Prepared, reserved: bool) {
        if let Some(hash) = &one.hash {
            self.taken.entry(hash.clone()).or_default().insert(one.row.send_id.clone());
            if reserved {
                *self.by_address.entry(hash.clone()).or_default() += 1;
            }
        }
        if reserved {
            *self.by_person.entry(one.person()).or_default() += 1;
        }
    }
}

/// Decides about a batch, writes the decisions and reserves. Answers the messages
/// to send; their intent is durable once the transaction is committed.
pub(super) async fn decide(
    tx: &mut Tx,
    plan: &Plan,
    batch: &[Prepared],
    lease: &str,
    now: Millis,
    call_until: Millis,
) -> Result<Vec<(Message, Option<String>)>> {
    let mut known = known(tx, plan, batch, now).await?;
    let verdicts: Vec<Verdict> = batch.iter().map(|one| verdict(&mut known, plan, one, now)).collect();
    let decided: Vec<store::Decided<'_>> =
        batch.iter().zip(&verdicts).map(|(one, verdict)| written(one, verdict)).collect();
    let ours = store::write_decisions(tx, lease, &decided, now, call_until).await?;
    let mut reservations = Vec::new();
    let mut messages = Vec::new();
    for (one, verdict) in batch.iter().zip(&verdicts) {
        if let Verdict::Attempt { message, hash, .. } = verdict
            && ours.contains(&one.row.send_id)
        {
            let (send_id, person) = (one.row.send_id.as_str(), one.person());
            reservations.push(lists::Reservation { send_id, person, address_hash: hash });
            messages.push(((**message).clone(), one.address.clone()));
        }
    }
    lists::reserve(tx, plan.project, now, &reservations).await?;
    Ok(messages)
}

fn verdict(known: &mut Known, plan: &Plan, one: &Prepared, now: Millis) -> Verdict {
    if let Some(refusal) = examine(&known.facts(plan, one)) {
        return Verdict::Suppress(refusal);
    }
    let rendered = match &one.rendered {
        Ok(rendered) => rendered,
        Err(refusal) => return Verdict::Suppress(*refusal),
    };
    if one.row.arm == Arm::Control {
        known.add(one, false);
        return Verdict::Withhold;
    }
    known.add(one, true);
    let (content, rendered_hash) = match rendered {
        Rendered::Email(mail) => {
            let parts = [mail.subject.as_bytes(), mail.html.as_bytes(), mail.text.as_bytes()];
            (Sendable::Email(mail.clone()), key_of(&parts))
        }
        Rendered::Webhook(hook) => (Sendable::Webhook(hook.clone()), key_of(&[hook.body.as_bytes()])),
    };
    Verdict::Attempt {
        message: Box::new(Message { send_id: one.row.send_id.clone(), at: now, content }),
        hash: one.hash.clone().unwrap_or_default(),
        rendered_hash: format!("{rendered_hash:032x}"),
    }
}

fn written<'a>(one: &'a Prepared, verdict: &'a Verdict) -> store::Decided<'a> {
    let send_id = one.row.send_id.as_str();
    let address_hash = one.hash.as_deref();
    match verdict {
        Verdict::Suppress(refusal) => store::Decided {
            send_id,
            state: SendState::Suppressed,
            reason: Some(refusal.as_str()),
            // The address stays free for another person of the campaign.
            address_hash: None,
            rendered_hash: None,
        },
        Verdict::Withhold => store::Decided {
            send_id,
            state: SendState::Withheld,
            reason: None,
            address_hash,
            rendered_hash: None,
        },
        Verdict::Attempt { rendered_hash, .. } => store::Decided {
            send_id,
            state: SendState::Attempting,
            reason: None,
            address_hash,
            rendered_hash: Some(rendered_hash),
        },
    }
}

/// What protection would say about people now. Writes nothing.
pub(crate) async fn survey(
    engage: &crate::Engage,
    plan: &Plan,
    people: &[u32],
) -> Result<Vec<Option<Refusal>>> {
    let now = engage.clock.now();
    let row = |person: &u32| SendRow {
        send_id: super::rules::send_id(plan.project, plan.campaign, *person),
        project: plan.project,
        campaign: plan.campaign,
        person: *person,
        arm: Arm::Treated,
        state: SendState::Pending,
        reason: None,
        attempt: 0,
        due_at: now,
        provider_id: None,
        error: None,
        decided_at: None,
        finished_at: None,
        bounce: Bounce::None,
        delivered_at: None,
    };
    let views = engage.audience.people(plan.project, people)?;
    let batch = prepare(plan, people.iter().map(row).collect(), views, &engage.links);
    let mut tx = engage.db.begin().await?;
    let mut known = known(&mut tx, plan, &batch, now).await?;
    // The turn that was taken goes back with everything else.
    drop(tx);
    let answer = |one: &Prepared| match verdict(&mut known, plan, one, now) {
        Verdict::Suppress(refusal) => Some(refusal),
        Verdict::Withhold | Verdict::Attempt { .. } => None,
    };
    Ok(batch.iter().map(answer).collect())
}
