//! Putting right what is known of a person: an attribute, or an identifier. A corrected
//! attribute holds against everything that sources say, until it is corrected again or
//! taken back; a wrong identifier is split off and does not come back by itself.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use siyu_db::db_error;
use siyu_govern::audit;
use siyu_govern::rights::{self, Assignee, Step, StepKind, require_text};
use siyu_types::clock::Millis;
use siyu_types::identity::IdentityChange;
use siyu_types::record::{Body, Correction, CorrectionChange, Evidence, key_of};
use siyu_types::value::ValueKind;
use siyu_types::{Error, ErrorCode, Identifier, Permission, PersonNo, Record, Result, Value, Viewer};

use super::model::Subject;
use super::{copy, store};
use crate::Audience;
use crate::identity::decide;
use crate::profiles::CORRECTION;
use crate::projects::Project;

/// Longest corrected text, in characters, and most items of a list.
const VALUE_CHARS_MAX: usize = 2_000;
const ITEMS_MAX: usize = 100;

pub(super) const ATTRIBUTE: &str = "attribute";
pub(super) const IDENTIFIER: &str = "identifier";

/// A correction as it was made.
#[derive(Clone, PartialEq, Debug)]
pub struct Made {
    pub id: i64,
    /// The number it was made under.
    pub person: PersonNo,
    pub request: Option<i64>,
    pub kind: String,
    /// The attribute, or the namespace of the identifier.
    pub name: String,
    pub reason: String,
    pub at: Millis,
    pub by: String,
    pub(super) effects: Json,
    pub undone_at: Option<Millis>,
}

/// A correction that is to be written down.
pub(super) struct NewMade<'a> {
    pub person: PersonNo,
    pub request: Option<i64>,
    pub kind: &'static str,
    pub name: &'a str,
    pub reason: &'a str,
    pub effects: Json,
}

/// What is wrong and what is right.
pub(super) enum Right {
    /// None: there is no such thing to say of the person.
    Attribute { name: String, value: Option<Value> },
    /// The node of the wrong identifier, if one is wrong; the right one, if it is known.
    Identifier { wrong: Option<u32>, right: Option<Identifier> },
}

pub(super) struct Asked {
    pub request: Option<i64>,
    pub reason: String,
    pub right: Right,
}

pub(super) async fn correct(audience: &Audience, viewer: &Viewer, number: u32, asked: Asked) -> Result<Made> {
    viewer.require(Permission::RightsManage)?;
    let reason = require_text("reason", &asked.reason)?;
    let project = audience.project(viewer)?;
    let subject = copy::subject(&project, number)?;
    if let Some(request) = asked.request {
        audience.inner.govern.verified_request(viewer, request, &subject.numbers).await?;
    }
    let work = Work { audience, viewer, project, subject, request: asked.request, reason };
    match asked.right {
        Right::Attribute { name, value } => work.attribute(&name, value).await,
        Right::Identifier { wrong, right } => work.identifier(wrong, right).await,
    }
}

struct Work<'a> {
    audience: &'a Audience,
    viewer: &'a Viewer,
    project: Arc<Project>,
    subject: Subject,
    request: Option<i64>,
    reason: String,
}

impl Work<'_> {
    async fn attribute(&self, name: &str, value: Option<Value>) -> Result<Made> {
        let number = {
            let people = self.project.people.read();
            // Of what nobody has any more, as after a correction to nothing, by what was said before.
            let known = people.properties().into_iter().find(|property| property.name == name);
            let said = || {
                let history = people.history(self.subject.person, name)?;
                history.into_iter().find_map(|change| change.value).map(|value| value.kind())
            };
            let kind = known.map(|property| property.kind).or_else(said).ok_or_else(|| {
                Error::new(ErrorCode::UnknownName, "there is no such attribute").with("name", name)
            })?;
            value.iter().try_for_each(|value| check_value(name, kind, value))?;
            let held = people.provenance(self.subject.person).into_iter().find(|held| held.name == name);
            // It goes with the identifier of which the wrong value was said, should they be parted.
            PersonNo(held.map_or(self.subject.person.0, |held| held.number))
        };
        let effects = json!({ "number": number.0 });
        let (id, at) = self.begin(ATTRIBUTE, name, &effects).await?;
        let change = value.map_or(CorrectionChange::Clear, CorrectionChange::Set);
        let correction = Correction { number, attribute: name.to_owned(), change };
        say(self.audience, &self.project, number, (id, "correct"), at, correction).await?;
        self.done(id, name, &effects).await
    }

    async fn identifier(&self, wrong: Option<u32>, right: Option<Identifier>) -> Result<Made> {
        let wrong = wrong.map(|node| self.held(node)).transpose()?;
        let right = right.map(|right| self.free(right)).transpose()?;
        let name = match (&right, &wrong) {
            (Some(id), _) | (None, Some(id)) => id.namespace.clone(),
            (None, None) => return Err(Error::invalid("identifier", "say what is wrong, or what is right")),
        };
        let anchor = self.anchor(wrong.as_ref());
        let (id, at) = self.begin(IDENTIFIER, &name, &json!({})).await?;
        let mut decision = None;
        let first = anchor.clone().or_else(|| wrong.clone());
        let first = first.ok_or_else(|| Error::invalid("identifier", "nobody is left to have it"))?;
        // A person with nothing but the wrong identifier is given the right one before it goes.
        if anchor.is_some() {
            decision = self.split_off(wrong.as_ref()).await?;
        }
        if let Some(right) = &right {
            self.link(id, at, [first, right.clone()]).await?;
        }
        if anchor.is_none() && right.is_some() {
            decision = self.split_off(wrong.as_ref()).await?;
        }
        if decision.is_none() && right.is_none() {
            let message = "it is the only identifier of this person; say which one is right";
            return Err(Error::new(ErrorCode::NothingWouldStay, message));
        }
        let node = right.and_then(|right| self.project.people.read().graph().find_identifier(&right));
        self.done(id, &name, &json!({ "decision": decision, "right": node })).await
    }

    /// An identifier the person has now.
    fn held(&self, node: u32) -> Result<Identifier> {
        let people = self.project.people.read();
        let held = people.graph().held(self.subject.person.0).into_iter().find(|held| held.node == node);
        held.map(|held| held.identifier).ok_or_else(|| Error::not_found("identifier", node))
    }

    /// An identifier that nobody has.
    fn free(&self, right: Identifier) -> Result<Identifier> {
        let people = self.project.people.read();
        if people.graph().admission().admit(&right).is_err() {
            return Err(Error::invalid("identifier", "is not usable as this kind of identifier"));
        }
        match people.lookup(&right) {
            None => Ok(right),
            Some(person) if person == self.subject.person => {
                Err(Error::new(ErrorCode::Conflict, "the person has this identifier already")
                    .at("identifier"))
            }
            Some(person) => {
                Err(Error::new(ErrorCode::Conflict, "somebody else has it; merge the two people")
                    .at("identifier")
                    .with("person", person.0.to_string()))
            }
        }
    }

    /// The most trusted identifier besides the wrong one.
    fn anchor(&self, wrong: Option<&Identifier>) -> Option<Identifier> {
        let people = self.project.people.read();
        people.identifiers(self.subject.person).into_iter().find(|id| Some(id) != wrong)
    }

    async fn split_off(&self, wrong: Option<&Identifier>) -> Result<Option<u32>> {
        let Some(wrong) = wrong else { return Ok(None) };
        let person = {
            let people = self.project.people.read();
            match people.lookup(wrong) {
                Some(person) => person,
                // It gave way to the right one and is a former value already.
                None => return Ok(None),
            }
        };
        let change = IdentityChange::Split { person: person.0, identifiers: vec![wrong.clone()] };
        let (decision, _) = decide(self.audience, &self.project, self.viewer, change, &self.reason).await?;
        Ok(Some(decision))
    }

    async fn link(&self, id: i64, at: Millis, ids: [Identifier; 2]) -> Result<()> {
        let [first, right] = ids.clone();
        emit(self.audience, &self.project, (id, "link"), at, ids.into(), Body::Link).await?;
        let people = self.project.people.read();
        let linked = people.lookup(&right);
        if linked.is_some() && linked == people.lookup(&first).or(linked) {
            return Ok(());
        }
        let message = "the rules of identity do not let the two be one person";
        Err(Error::new(ErrorCode::Conflict, message).at("identifier"))
    }

    async fn begin(&self, kind: &'static str, name: &str, effects: &Json) -> Result<(i64, Millis)> {
        let new = NewMade {
            person: self.subject.person,
            request: self.request,
            kind,
            name,
            reason: &self.reason,
            effects: effects.clone(),
        };
        let mut tx = self.audience.db().begin().await?;
        let made = store::insert(&mut tx, self.viewer, &new, self.audience.now()).await?;
        tx.commit().await.map_err(db_error)?;
        Ok(made)
    }

    async fn done(&self, id: i64, name: &str, effects: &Json) -> Result<Made> {
        let mut tx = self.audience.db().begin().await?;
        store::applied(&mut tx, id, effects).await?;
        let what = format!("{name}: {}", self.reason);
        note(&mut tx, self.audience, self.viewer, (self.request, StepKind::Corrected), &what).await?;
        let detail = json!({ "person": self.subject.person.0, "name": name, "request": self.request });
        let now = self.audience.now();
        audit(&mut tx, self.viewer, "rights.correct", &format!("correction:{id}"), detail, now).await?;
        tx.commit().await.map_err(db_error)?;
        store::get(self.audience.db(), self.viewer.project, id).await
    }
}

/// Takes a correction back: from then on holds what would hold without it.
pub(super) async fn undo(audience: &Audience, viewer: &Viewer, id: i64, reason: &str) -> Result<Made> {
    viewer.require(Permission::RightsManage)?;
    let reason = require_text("reason", reason)?;
    let made = store::get(audience.db(), viewer.project, id).await?;
    if made.undone_at.is_some() {
        return Err(Error::new(ErrorCode::NotUndoable, "the correction was taken back already"));
    }
    let project = audience.project(viewer)?;
    let now = audience.now();
    let number = |name: &str| made.effects[name].as_u64().and_then(|number| u32::try_from(number).ok());
    if made.kind == ATTRIBUTE {
        let number = PersonNo(number("number").unwrap_or(made.person.0));
        let change = CorrectionChange::Lift(made.at);
        let lift = Correction { number, attribute: made.name.clone(), change };
        say(audience, &project, number, (id, "lift"), now, lift).await?;
    } else {
        if let Some(ids) = number("right").and_then(|node| parted(&project, node)) {
            emit(audience, &project, (id, "unlink"), now, ids, Body::Unlink).await?;
        }
        if let Some(change) = number("decision") {
            decide(audience, &project, viewer, IdentityChange::Undo { change }, &reason).await?;
        }
    }
    let mut tx = audience.db().begin().await?;
    store::undone(&mut tx, viewer, id, now).await?;
    let what = format!("{}: {reason}", made.name);
    note(&mut tx, audience, viewer, (made.request, StepKind::CorrectionUndone), &what).await?;
    let detail = json!({ "person": made.person.0, "name": made.name });
    audit(&mut tx, viewer, "rights.undo_correction", &format!("correction:{id}"), detail, now).await?;
    tx.commit().await.map_err(db_error)?;
    store::get(audience.db(), viewer.project, id).await
}

/// The identifier that was added, behind one that stays.
fn parted(project: &Project, node: u32) -> Option<Vec<Identifier>> {
    let people = project.people.read();
    let right = people.graph().identifier_of(node)?;
    let person = people.lookup(&right)?;
    let stays = people.identifiers(person).into_iter().find(|id| *id != right)?;
    Some(vec![stays, right])
}

/// Writes into the log what is right, and waits until it is.
async fn say(
    audience: &Audience,
    project: &Project,
    number: PersonNo,
    key: (i64, &str),
    at: Millis,
    correction: Correction,
) -> Result<()> {
    let owner = project.people.read().graph().owner_of(number.0);
    let ids = owner.into_iter().collect();
    emit(audience, project, key, at, ids, Body::Correction(Box::new(correction))).await
}

async fn emit(
    audience: &Audience,
    project: &Project,
    (id, what): (i64, &str),
    at: Millis,
    ids: Vec<Identifier>,
    body: Body,
) -> Result<()> {
    let record = Record {
        key: key_of(&[
            CORRECTION.as_bytes(),
            &project.id.0.to_le_bytes(),
            &id.to_le_bytes(),
            what.as_bytes(),
        ]),
        time: at,
        received_at: at,
        ids,
        evidence: Evidence::Strong,
        body,
        source: CORRECTION.to_owned(),
    };
    audience.sink().emit(project.id, vec![record]).await?;
    audience.sink().settle(project.id).await
}

async fn note(
    tx: &mut siyu_db::Tx,
    audience: &Audience,
    viewer: &Viewer,
    (request, kind): (Option<i64>, StepKind),
    what: &str,
) -> Result<()> {
    let Some(request) = request else { return Ok(()) };
    let step = Step { at: audience.now(), by: Assignee::of(viewer), kind, text: what.to_owned() };
    rights::step(tx, viewer.project, request, &step).await
}

/// A corrected value is of the kind that the attribute has.
fn check_value(name: &str, kind: ValueKind, value: &Value) -> Result<()> {
    let long = |text: &str| text.trim().is_empty() || text.chars().count() > VALUE_CHARS_MAX;
    let fits = match value {
        Value::Text(text) => !long(text),
        Value::List(items) => items.len() <= ITEMS_MAX && !items.iter().any(|item| long(item)),
        Value::Number(number) => number.is_finite(),
        Value::Bool(_) => true,
    };
    if !fits {
        let message = format!("needs 1 to {VALUE_CHARS_MAX} characters, a list at most {ITEMS_MAX} items");
        return Err(Error::invalid("attribute.value", message));
    }
    if value.kind() != kind {
        return Err(Error::new(ErrorCode::TypeMismatch, "the attribute holds another kind of value")
            .at("attribute.value")
            .with("name", name));
    }
    Ok(())
}
