//! What people consented to: the purposes they are asked for, every statement in a
//! ledger with its proof, and what holds now.
//!
//! A statement is made for all numbers a person has at the time. After a merge a
//! person has more: ask for all of them, and the stricter answer counts.

mod api;
mod erase;
mod model;
mod purposes;
mod rules;
mod store;
#[cfg(test)]
mod tests;

pub use model::{CHANNELS, Consent, ConsentState, EVERY_CHANNEL, Entry, How, Statement};
pub use purposes::{
    AUTOMATED, Basis, Definition, GUARDIAN, MARKETING, MinorKind, Minors, Purpose, Silence, Text,
};
pub use purposes::{is_minor, purposes as register};
pub use rules::{Held, Holding, Objection, Question, holds};

use std::collections::HashMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use roaring::RoaringBitmap;
use siyu_db::{TextColumn, Tx};
use siyu_types::clock::Millis;
use siyu_types::ports::Directory;
use siyu_types::{Error, PersonNo, ProjectId, Result, Value};
use utoipa_axum::router::OpenApiRouter;

use crate::Govern;

/// Statements of one person that are read at once.
const STATEMENTS_MAX: i64 = 10_000;

pub(crate) fn routes(govern: Govern, people: Arc<dyn Directory>) -> OpenApiRouter {
    purposes::routes(govern.clone()).merge(api::routes(govern, people))
}

/// Columns that are sealed.
pub(crate) fn sealed_texts() -> Vec<TextColumn> {
    store::TEXTS.to_vec()
}

/// Records a statement and what it changes for every number of the person. Answers
/// its number in the ledger; `None` if it was recorded before.
pub async fn record(tx: &mut Tx, project: ProjectId, said: &Statement, now: Millis) -> Result<Option<i64>> {
    let Some(entry) = store::append(tx, project, said, now).await? else { return Ok(None) };
    for number in &said.numbers {
        store::make_current(tx, project, *number, said, entry).await?;
    }
    Ok(Some(entry))
}

/// What a campaign asks of the people it is for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub purpose: &'a str,
    pub channel: &'a str,
    /// It decides about people by what was computed of them.
    pub automated: bool,
}

/// The answers of a group of people as of one instant.
pub struct Answers {
    question: Question,
    minors: Option<Minors>,
    held: HashMap<u32, Vec<Held>>,
    now: Millis,
}

/// Asks the ledger about these numbers, within the transaction that will act on it:
/// a withdrawal that was committed before counts.
pub async fn ask(
    tx: &mut Tx,
    project: ProjectId,
    asked: Asked<'_>,
    numbers: &[u32],
    now: Millis,
) -> Result<Answers> {
    let mut register = purposes::purposes(tx, project).await?;
    let mut take = |id: &str| {
        let at = register.iter().position(|purpose| purpose.id == id)?;
        Some(register.swap_remove(at))
    };
    let purpose = take(asked.purpose).ok_or_else(|| Error::not_found("purpose", asked.purpose))?;
    let minors = purposes::store::minors_in(tx, project).await?;
    let automated = if asked.automated { take(AUTOMATED) } else { None };
    let guardian = if minors.is_some() { take(GUARDIAN) } else { None };
    let question = Question { purpose, channel: asked.channel.to_owned(), automated, guardian };
    let mut ids = vec![question.purpose.id.as_str()];
    ids.extend(question.automated.iter().map(|purpose| purpose.id.as_str()));
    ids.extend(question.guardian.iter().map(|purpose| purpose.id.as_str()));
    let mut held: HashMap<u32, Vec<Held>> = HashMap::new();
    for one in store::held_among(tx, project, &ids, asked.channel, numbers).await? {
        held.entry(one.number).or_default().push(one);
    }
    Ok(Answers { question, minors, held, now })
}

impl Answers {
    /// Why this person must not be written to. `attribute` answers the person's
    /// attributes by name.
    pub fn objection<'a>(
        &self,
        numbers: &[u32],
        zone: &TimeZone,
        attribute: impl Fn(&str) -> Option<&'a Value>,
    ) -> Option<Objection> {
        let held: Vec<Held> =
            numbers.iter().filter_map(|number| self.held.get(number)).flatten().cloned().collect();
        let minor = self.minors.as_ref().is_some_and(|minors| {
            purposes::is_minor(minors.kind, attribute(&minors.attribute), self.now, zone)
        });
        self.question.objection(&held, minor, self.now)
    }
}

/// What holds for one person, purpose and channel, with the statement behind it.
#[derive(Clone, PartialEq, Debug)]
pub struct Position {
    pub purpose: Purpose,
    pub channel: String,
    pub state: Option<ConsentState>,
    pub allowed: bool,
    pub by: Option<Consent>,
}

impl Govern {
    /// As [`record`], in a transaction of its own.
    pub async fn record_consent(&self, project: ProjectId, said: &Statement) -> Result<Option<i64>> {
        self.record_consents(project, std::slice::from_ref(said)).await.map(|ids| ids[0])
    }

    /// Several statements, all or none.
    pub async fn record_consents(&self, project: ProjectId, said: &[Statement]) -> Result<Vec<Option<i64>>> {
        let now = self.now();
        let mut tx = self.begin().await?;
        let mut ids = Vec::with_capacity(said.len());
        for one in said {
            ids.push(record(&mut tx, project, one, now).await?);
        }
        crate::govern::commit(tx).await?;
        Ok(ids)
    }

    /// Which statements with these keys are recorded already.
    pub async fn known_consents(&self, project: ProjectId, keys: &[String]) -> Result<Vec<String>> {
        store::known_keys(self.db(), project, keys).await
    }

    /// The numbers that refused marketing on this channel.
    pub async fn withdrawn(&self, project: ProjectId, channel: &str) -> Result<RoaringBitmap> {
        store::refused(self.db(), project, channel, MARKETING).await
    }

    /// Every statement of these numbers of one person, the newest first by when it was
    /// said; of somebody who said more than [`STATEMENTS_MAX`], the latest recorded.
    pub async fn consent_statements(&self, project: ProjectId, numbers: &[u32]) -> Result<Vec<Consent>> {
        let entries = store::history(self.db(), project, numbers, i64::MAX, STATEMENTS_MAX).await?;
        let mut said: Vec<Consent> = entries.into_iter().map(|entry| entry.consent).collect();
        said.sort_by_key(|consent| std::cmp::Reverse(consent.at));
        Ok(said)
    }

    /// Every statement of these numbers of one person with its proof, the latest recorded first.
    pub async fn consent_entries(&self, project: ProjectId, numbers: &[u32]) -> Result<Vec<Entry>> {
        store::history(self.db(), project, numbers, i64::MAX, STATEMENTS_MAX).await
    }

    /// The last words of these numbers of one person.
    pub async fn consents(&self, project: ProjectId, numbers: &[PersonNo]) -> Result<Vec<Consent>> {
        let mut all = Vec::new();
        for number in numbers {
            all.extend(store::current(self.db(), project, *number).await?);
        }
        Ok(all)
    }

    /// What holds for a person, for every purpose and every channel that it is asked
    /// for or that something was said about.
    pub async fn positions(&self, project: ProjectId, numbers: &[u32]) -> Result<Vec<Position>> {
        let numbers: Vec<PersonNo> = numbers.iter().map(|number| PersonNo(*number)).collect();
        let said = self.consents(project, &numbers).await?;
        let held: Vec<Held> = said.iter().map(held_of).collect();
        let now = self.now();
        let mut positions = Vec::new();
        for purpose in self.purposes(project).await?.into_iter().filter(|p| !p.definition.archived) {
            let mut channels: Vec<String> = purpose.channels().into_iter().map(str::to_owned).collect();
            for one in held.iter().filter(|one| one.purpose == purpose.id && one.channel != EVERY_CHANNEL) {
                if !channels.contains(&one.channel) {
                    channels.push(one.channel.clone());
                }
            }
            for channel in channels {
                let holding = holds(&purpose, &channel, &held, now);
                let by = holding.by.and_then(|by| said.iter().find(|one| held_of(one) == *by)).cloned();
                let Holding { state, allowed, .. } = holding;
                positions.push(Position { purpose: purpose.clone(), channel, state, allowed, by });
            }
        }
        Ok(positions)
    }
}

fn held_of(consent: &Consent) -> Held {
    Held {
        number: consent.person.0,
        purpose: consent.purpose.clone(),
        channel: consent.channel.clone(),
        state: consent.state,
        version: consent.version,
        at: consent.at,
    }
}
