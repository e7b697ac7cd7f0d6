//! What this crate and the register of consents keep of a person, area by area.

use std::collections::HashSet;

use serde_json::{Value as Json, json};
use siyu_govern::rights::Request;
use siyu_http::At;
use siyu_types::clock::Millis;
use siyu_types::relation::RelationSide;
use siyu_types::{Identifier, PersonNo, Result};

use super::super::model::{Area, Subject};
use super::super::rules::{SOMEBODY_ELSE, own_json, own_props};
use super::super::{explain, store};
use crate::Audience;
use crate::notes;
use crate::orders;
use crate::people::{People, resolve};
use crate::profiles::ChangeKind;
use crate::projects::Project;

/// Changes of one attribute in a copy; the page of a person shows no more either.
const CHANGES_MAX: usize = 200;

/// Who a copy is about; fails if the number is nobody's (any more).
pub(in super::super) fn subject(project: &Project, number: u32) -> Result<Subject> {
    let people = project.people.read();
    let person = resolve(&people, number)?;
    let held = people.graph().held(person.0);
    Ok(Subject {
        project: project.id,
        person,
        numbers: people.numbers(person),
        identifiers: held.into_iter().map(|held| held.identifier).collect(),
    })
}

/// Tells the person's own identifiers from those of others.
pub(super) struct Whose<'a> {
    people: &'a People,
    person: PersonNo,
    own: HashSet<&'a str>,
}

impl<'a> Whose<'a> {
    pub fn new(people: &'a People, subject: &'a Subject) -> Whose<'a> {
        let own = subject.identifiers.iter().map(|id| id.value.as_str()).collect();
        Whose { people, person: subject.person, own }
    }

    /// A phone number or an address by which somebody else is known.
    pub fn is_others(&self, text: &str) -> bool {
        let of = |kind: &str| self.people.lookup(&Identifier::new(kind, text));
        !self.is_own(text)
            && ["phone", "email"].iter().filter_map(|kind| of(kind)).any(|person| person != self.person)
    }

    pub fn is_own(&self, text: &str) -> bool {
        self.own.contains(text)
    }

    /// An identifier that others may stand behind, as on a record of a shared tablet.
    pub fn identifier(&self, id: &Identifier) -> Json {
        let own = self.is_own(&id.value) || self.people.lookup(id) == Some(self.person);
        let value = if own { id.value.as_str() } else { SOMEBODY_ELSE };
        json!({ "namespace": id.namespace, "value": value })
    }

    /// An area of those above, who do not know who is who.
    pub fn area(&self, area: Area) -> Area {
        let own = |item| own_json(item, &|text| self.is_others(text), &|text| self.is_own(text));
        Area { items: area.items.into_iter().map(own).collect(), ..area }
    }

    pub fn props(&self, props: siyu_types::Props) -> siyu_types::Props {
        own_props(props, &|text| self.is_others(text), &|text| self.is_own(text))
    }
}

/// Everything but events and what those above keep.
pub(super) async fn small(audience: &Audience, subject: &Subject) -> Result<Vec<Area>> {
    let project = audience.inner.projects.get(subject.project)?;
    let mut areas = {
        let (project, subject) = (project.clone(), subject.clone());
        let now = audience.now();
        crate::audience::blocking(move || of_people(&project, &subject, now)).await?
    };
    areas.push(consents(audience, subject).await?);
    areas.push(Area::new("notes", of_notes(audience, subject).await?));
    let govern = &audience.inner.govern;
    let requests = govern.requests_of(subject.project, &subject.numbers).await?;
    areas.push(Area::new("requests", requests.into_iter().map(request).collect()));
    let corrections = store::of_person(audience.db(), subject.project, &subject.numbers).await?;
    let corrections = corrections.into_iter().map(|made| {
        json!({ "what": made.name, "reason": made.reason, "at": At(made.at), "undone_at": made.undone_at.map(At) })
    });
    areas.push(Area::new("corrections", corrections.collect()));
    let copies = govern.copies_of(subject.project, &subject.numbers).await?;
    let copies = copies.into_iter().map(|copy| {
        json!({ "made_at": At(copy.created_at), "downloaded_by_the_team": copy.downloads,
            "fetched_by_the_person": copy.fetches })
    });
    areas.push(Area::new("copies", copies.collect()));
    Ok(areas)
}

fn of_people(project: &Project, subject: &Subject, now: Millis) -> Result<Vec<Area>> {
    let decisions = explain::decisions(project, subject, now)?;
    let orders = orders::of_timeline(&project.events.timeline(&subject.numbers)?)?;
    let definitions = project.definitions();
    let people = project.people.read();
    let whose = Whose::new(&people, subject);
    let tags = definitions.tags.iter().filter_map(|(id, tag)| {
        let value = people.tag_value(subject.person, *id)?;
        Some(json!({ "tag": tag.display, "directory": tag.directory, "kind": tag.definition.kind(), "value": value }))
    });
    let member = |id: &i64| people.members(*id).is_some_and(|m| m.people().contains(subject.person.0));
    let segments = definitions.segments.iter().filter(|(id, _)| member(id));
    Ok(vec![
        Area::new("profile", profile(&people, subject, &whose)),
        Area::new("identifiers", identifiers(&people, subject)),
        Area::new("identity", identity(&people, subject, &whose)),
        Area::new("relations", relations(&people, subject, now)),
        Area::new("tags", tags.collect()),
        Area::new("segments", segments.map(|(_, segment)| json!({ "segment": segment.name })).collect()),
        Area::new("orders", orders.into_iter().map(order).collect()),
        Area::new("decisions", decisions.iter().map(|decision| json!(decision)).collect()),
    ])
}

fn profile(people: &People, subject: &Subject, whose: &Whose<'_>) -> Vec<Json> {
    let clean = |name: &str, value: siyu_types::Value| {
        whose.props([(name.to_owned(), value)].into()).into_values().next()
    };
    let one = |name: String| {
        let held = people.provenance(subject.person).into_iter().find(|held| held.name == name);
        let history: Vec<Json> = people
            .history(subject.person, &name)
            .unwrap_or_default()
            .into_iter()
            .take(CHANGES_MAX)
            .map(|change| {
                json!({ "at": At(change.at), "kind": change_word(change.kind),
                    "value": change.value.and_then(|value| clean(&name, value)), "source": change.source,
                    "identifier": change.identifier.as_ref().map(|id| whose.identifier(id)) })
            })
            .collect();
        match held {
            Some(held) => json!({ "attribute": name, "value": clean(&held.name, held.value),
                "since": At(held.since), "said_at": At(held.at), "source": held.source,
                "identifier": held.identifier.as_ref().map(|id| whose.identifier(id)), "history": history }),
            None => json!({ "attribute": name, "value": Json::Null, "history": history }),
        }
    };
    people.attribute_names(subject.person).into_iter().map(one).collect()
}

fn change_word(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Set => "set",
        ChangeKind::SetOnce => "set_once",
        ChangeKind::Increment => "increment",
        ChangeKind::Append => "append",
        ChangeKind::Unset => "unset",
        ChangeKind::Delete => "delete",
        ChangeKind::Correct => "correct",
        ChangeKind::Lift => "correction_undone",
    }
}

fn identifiers(people: &People, subject: &Subject) -> Vec<Json> {
    let held = people.graph().held(subject.person.0).into_iter();
    held.map(|held| {
        json!({ "namespace": held.identifier.namespace, "value": held.identifier.value, "former": held.former,
            "shared": held.shared, "last_seen": At(held.last_seen), "number": held.number })
    })
    .collect()
}

/// How the identifiers came together, and what was decided about that. Who decided is
/// the team's; of identifiers that were taken away only the kind is told.
fn identity(people: &People, subject: &Subject, whose: &Whose<'_>) -> Vec<Json> {
    let graph = people.graph();
    let (steps, _) = graph.history(subject.person.0);
    let step = |step: crate::identity::Step| {
        let reason = step.decision.and_then(|id| graph.journal().entries().get(id as usize));
        json!({ "at": At(step.at), "kind": step.kind.as_str(), "source": step.source, "strong": step.strong,
            "identifiers": step.identifiers.iter().map(|id| whose.identifier(id)).collect::<Vec<_>>(),
            "reason": reason.map(|entry| entry.decision.reason.as_str()) })
    };
    steps.into_iter().map(step).collect()
}

/// How the person is and was related. The others are told by what they are, not who.
fn relations(people: &People, subject: &Subject, now: Millis) -> Vec<Json> {
    let (relations, remap) = (people.relations(), people.remap());
    let one = |(side, place): (RelationSide, u32)| {
        let tie = relations.tie(place);
        let kind = relations.kind(tie.kind);
        let (zh, en) = relations.called(&kind.kind.name, side.opposite());
        json!({ "kind": kind.kind.name, "other": { "zh": zh, "en": en }, "since": At(tie.since),
            "until": tie.end().map(At), "holds": tie.holds(now), "source": relations.source(tie) })
    };
    relations.all_of(subject.person.0, remap).into_iter().map(one).collect()
}

fn order(order: orders::Order) -> Json {
    let payment = |payment: &orders::Payment| {
        json!({ "payment_id": payment.payment_id, "at": At(payment.at), "amount_minor": payment.amount_minor,
            "method": payment.method })
    };
    let refund = |refund: &orders::Refund| {
        json!({ "refund_id": refund.refund_id, "at": At(refund.at), "amount_minor": refund.amount_minor,
            "item_id": refund.item_id, "reason": refund.reason })
    };
    let line = |line: &orders::Line| {
        json!({ "item_id": line.item_id, "name": line.name, "quantity": line.quantity,
            "amount_minor": line.amount_minor, "refunded_minor": line.refunded_minor })
    };
    json!({ "order_id": order.order_id, "at": At(order.sum.at), "state": order.sum.state,
        "paid_minor": order.sum.paid_minor, "refunded_minor": order.sum.refunded_minor,
        "net_minor": order.sum.net_minor(), "channel": order.channel, "store_id": order.store_id,
        "staff_id": order.staff_id, "source": order.source,
        "payments": order.payments.iter().map(payment).collect::<Vec<_>>(),
        "refunds": order.refunds.iter().map(refund).collect::<Vec<_>>(),
        "lines": order.lines.iter().map(line).collect::<Vec<_>>() })
}

/// Every statement with its proof, and the text that was agreed to.
async fn consents(audience: &Audience, subject: &Subject) -> Result<Area> {
    let govern = &audience.inner.govern;
    let purposes = govern.purposes(subject.project).await?;
    let entries = govern.consent_entries(subject.project, &subject.numbers).await?;
    let mut items = Vec::with_capacity(entries.len());
    for entry in entries {
        let said = &entry.consent;
        let purpose = purposes.iter().find(|purpose| purpose.id == said.purpose);
        let text = match said.version {
            Some(version) => govern.consent_text_of(subject.project, &said.purpose, version).await?,
            None => None,
        };
        items.push(json!({
            "purpose": said.purpose,
            "purpose_zh": purpose.map(|purpose| purpose.definition.name_zh.as_str()),
            "purpose_en": purpose.map(|purpose| purpose.definition.name_en.as_str()),
            "channel": said.channel, "state": said.state, "at": At(said.at), "version": said.version,
            "text_zh": text.as_ref().map(|text| text.zh.as_str()),
            "text_en": text.as_ref().map(|text| text.en.as_str()),
            "source": said.source, "how": entry.how, "evidence": entry.evidence,
            "identifier": entry.identifier, "recorded_at": entry.recorded_at.map(At),
        }));
    }
    Ok(Area::new("consents", items))
}

/// Who wrote a note is the team's.
async fn of_notes(audience: &Audience, subject: &Subject) -> Result<Vec<Json>> {
    let notes = notes::of_person(audience, subject.project, &subject.numbers).await?;
    let project = audience.inner.projects.get(subject.project)?;
    let people = project.people.read();
    let whose = Whose::new(&people, subject);
    let words = |text: &str| {
        let word = |word: &str| match whose.is_others(word) {
            true => SOMEBODY_ELSE.to_owned(),
            false => word.to_owned(),
        };
        let separators = |c: char| c.is_whitespace() || "，。；：、,;:()（）".contains(c);
        text.split_inclusive(separators)
            .map(|part| {
                let bare = part.trim_end_matches(separators);
                word(bare) + &part[bare.len()..]
            })
            .collect::<String>()
    };
    Ok(notes
        .into_iter()
        .map(|note| {
            json!({ "at": At(note.created_at), "text": words(&note.text), "edited_at": note.edited_at.map(At) })
        })
        .collect())
}

fn request(request: Request) -> Json {
    json!({ "kind": request.kind, "state": request.state, "asked_at": At(request.asked_at),
        "due_at": At(request.due_at), "ended_at": request.ended_at.map(At), "source": request.source,
        "answer": request.answer })
}
