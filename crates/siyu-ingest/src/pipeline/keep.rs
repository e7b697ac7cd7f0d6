//! In which form things are kept: what was written before something was to be sealed, or
//! hashed, is written anew. What is written from then on is right by itself.

use siyu_audience::People;
use siyu_audience::identity::Admission;
use siyu_events::Forgotten;
use siyu_types::clock::Millis;
use siyu_types::{Identifier, Result};

use super::apply::Applier;
use super::checkpoint::Manifest;
use super::outcome::Outcome;
use super::{Pipeline, Work};
use crate::plan::Held;
use crate::safe::Safe;

/// What is known of everything that was written before a checkpoint.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Kept {
    /// It is sealed, all of it.
    pub sealed: bool,
    /// Kinds of identifiers of which no value is stored, only hashes.
    pub hashed: Vec<String>,
}

impl Kept {
    /// A project of which nothing was ever written begins right.
    pub fn of(manifest: Option<&Manifest>, safe: &Safe, fresh: bool) -> Kept {
        let hashed = manifest.map(|manifest| manifest.hashed.clone()).unwrap_or_default();
        let sealed = manifest.map_or(fresh, |manifest| manifest.sealed);
        Kept { sealed: sealed && safe.seals(), hashed }
    }
}

/// What was written anew.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Renewed {
    /// Stored events whose identifiers became hashes.
    pub events_changed: u64,
    pub event_files: u64,
    pub log_records: u64,
}

/// The steps of writing anew, in their order, to be shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Renewing {
    Identifiers,
    Events,
    Rest,
    Log,
}

impl Renewing {
    pub const ALL: [Renewing; 4] = [Renewing::Identifiers, Renewing::Events, Renewing::Rest, Renewing::Log];
}

impl Applier {
    /// After the rules of identity changed: what is on its way into the store, or watched as it
    /// comes, is brought into the form in which it may be kept.
    pub fn keep_underway(&self, people: &People, outcome: &mut Outcome) {
        let admission = people.graph().admission();
        if !admission.rules.keeps_hashes() {
            return;
        }
        outcome.keep(|ids| admission.keep(ids));
        self.shared.live.lock().keep(|ids| admission.keep(ids));
    }
}

impl Pipeline {
    /// Whether something may be stored in a form in which it is not to be.
    pub fn is_behind(&self) -> bool {
        let kept = self.shared.kept.lock();
        (self.shared.safe.seals() && !kept.sealed) || kept.hashed != self.hashed_kinds()
    }

    fn hashed_kinds(&self) -> Vec<String> {
        let people = self.project.people.read();
        people.graph().rules().hashed_kinds().map(str::to_owned).collect()
    }

    /// Writes anew whatever is stored otherwise than it is to be. Blocks; may be asked again at
    /// any time, and after a crash in its middle. `told` how far which step is.
    pub fn renew(&self, told: &mut dyn FnMut(Renewing, u64, u64)) -> Result<Renewed> {
        let mut renewed = Renewed::default();
        let (rules, hashes) = {
            let people = self.project.people.read();
            (people.graph().rules().clone(), people.graph().hashes().cloned())
        };
        let admission = Admission { rules: &rules, hashes: hashes.as_ref() };
        let kinds: Vec<String> = rules.hashed_kinds().map(str::to_owned).collect();
        told(Renewing::Identifiers, 0, 1);
        if self.shared.kept.lock().hashed != kinds {
            let kept = |ids: &[Identifier], _: Millis| {
                let mut ids = ids.to_vec();
                admission.keep(&mut ids).then_some(ids)
            };
            let none = Default::default();
            let rows = self.project.events.forget(Forgotten { numbers: &none, ids: &kept })?;
            renewed.events_changed = rows.rows_changed;
            self.shared.live.lock().keep(|ids| admission.keep(ids));
        }
        renewed.event_files =
            self.project.events.seal_stored(&mut |done, all| told(Renewing::Events, done, all))?;
        told(Renewing::Rest, 0, 1);
        self.gate().renew(|held: &mut Held| {
            held.record.as_mut().is_some_and(|record| admission.keep_record(record))
        })?;
        self.shared.live.lock().renew();
        self.shared.quality.lock().renew();
        self.shared.tombstones.write().renew();
        self.shared.kept.lock().hashed = kinds;
        // With it everything else is written as it is to be, and the old files go.
        self.ask(Work::Renew)?;
        renewed.log_records = self.log.seal_stored(&mut |done, all| told(Renewing::Log, done, all))?;
        if self.shared.safe.seals() && !std::mem::replace(&mut self.shared.kept.lock().sealed, true) {
            self.checkpoint()?;
        }
        Ok(renewed)
    }
}
