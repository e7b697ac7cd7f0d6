//! The people of a project: one facade over identity, profiles, tag values and
//! segment members. Writers hold it exclusively, readers together.

mod api;
mod api_attributes;
mod columns;
mod directory;
mod search;
#[cfg(test)]
mod tests;
mod values;
mod view;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use siyu_events::Remap;
use siyu_types::clock::Millis;
use siyu_types::identity::{IdentityDecision, is_hashed};
use siyu_types::ports::Vault;
use siyu_types::record::{Correction, Evidence, ItemChange, ProfileChange};
use siyu_types::relation::{Parties, RelationChange, RelationStatement};
use siyu_types::{Identifier, PersonNo, Props, Record, Result, Value};

use crate::identity::{Graph, Move};
use crate::items::Items;
use crate::profiles::{Activity, Change, Policy, Profiles, PropertyInfo, Provenance};
use crate::relations::{self, Relations, Told};
use crate::snapshot;
pub use crate::snapshot::PeopleState;
pub(crate) use api::{resolve, routes};
pub use columns::{Members, TagColumn, value_at};
pub use search::QUERY_CHARS_MAX;
pub use view::{
    PersonItem, masked_values, person_item, person_items, shown_identifier, shown_identifiers, shown_props,
    shown_value,
};

/// Everybody, as known now.
#[derive(Default)]
pub struct People {
    pub(crate) graph: Graph,
    pub(crate) profiles: Profiles,
    pub(crate) items: Items,
    pub(crate) relations: Relations,
    pub(crate) universe: RoaringBitmap,
    pub(crate) tags: FxHashMap<i64, TagColumn>,
    pub(crate) segments: FxHashMap<i64, Members>,
    /// Goes up when people merge or split, so that what was computed can be seen to be old.
    pub(crate) reshaped: u64,
    /// Encrypts snapshots.
    pub(crate) vault: Option<Arc<dyn Vault>>,
}

impl People {
    /// Attributes a record to a number and learns what belongs together. `None` if
    /// none of its identifiers is usable.
    pub fn identify(
        &mut self,
        ids: &[Identifier],
        evidence: Evidence,
        source: &str,
        at: Millis,
    ) -> Option<PersonNo> {
        let resolution = self.graph.resolve(ids, evidence, source, at)?;
        self.follow(&resolution.touched);
        Some(resolution.atom)
    }

    /// Takes the second and further identifiers away from the person of the first.
    pub fn unlink(&mut self, ids: &[Identifier], source: &str, at: Millis) -> Option<PersonNo> {
        let resolution = self.graph.unlink(ids, source, at)?;
        self.follow(&resolution.touched);
        Some(resolution.atom)
    }

    /// Brings the identifiers of a record into the form in which they may be kept.
    pub fn keep_record(&self, record: &mut Record) -> bool {
        self.graph.rules().keeps_hashes() && self.graph.admission().keep_record(record)
    }

    /// Carries out what somebody decided about who is who; whether it could be done
    /// stands in the graph's journal.
    pub fn decide(&mut self, decision: &IdentityDecision, at: Millis) {
        let touched = self.graph.decide(decision, at);
        self.follow(&touched);
    }

    /// Carries out what was said about relations; why not, if it could not be, stands
    /// in the list of conflicts. False if one of the two is nobody.
    pub fn relate(&mut self, ids: &[Identifier], statement: &RelationStatement, told: Told<'_>) -> bool {
        let (RelationChange::Begin { parties, .. } | RelationChange::End { parties, .. }) = &statement.change
        else {
            let nobody = relations::ends(siyu_types::relation::RelationSide::From, 0, 0);
            self.relations.obey(statement, nobody, told, self.graph.remap());
            return true;
        };
        let ends = match parties {
            Parties::Numbers { from, to } if *from.max(to) >= self.graph.atom_count() => return false,
            // What was decided just before one of them was erased.
            Parties::Numbers { from, to } if self.graph.is_gone(*from) || self.graph.is_gone(*to) => {
                return false;
            }
            Parties::Numbers { from, to } => relations::Ends { from: *from, to: *to },
            Parties::Identifiers { side, other } => {
                // That two people are related says nothing about who they are.
                let mut who = |ids| self.identify(ids, Evidence::Weak, told.source, told.received_at);
                let (Some(own), Some(other)) = (who(ids), who(other)) else { return false };
                relations::ends(*side, own.0, other.0)
            }
        };
        self.relations.obey(statement, ends, told, self.graph.remap());
        true
    }

    pub fn relations(&self) -> &Relations {
        &self.relations
    }

    /// Makes whose number this is nobody: from here on no reading knows them. Answers their
    /// numbers, which are never given again, and their identifiers; `None` if there is no
    /// such person.
    pub fn erase(&mut self, number: u32) -> Option<(Vec<u32>, Vec<Identifier>)> {
        let (numbers, identifiers) = self.graph.erase(number)?;
        self.profiles.forget(&numbers);
        self.relations.forget(&numbers);
        for number in &numbers {
            self.universe.remove(*number);
        }
        self.segments.values_mut().for_each(|members| members.forget(&numbers));
        self.tags.values_mut().for_each(|tag| tag.forget(&numbers));
        self.reshaped += 1;
        Some((numbers, identifiers))
    }

    /// Takes away the texts of attributes that nobody has any more: after erasing, before
    /// the people are next written down.
    pub fn blank_texts(&mut self) -> u64 {
        self.profiles.blank_texts()
    }

    /// Merges and splits since the last call.
    pub fn take_moves(&mut self) -> Vec<Move> {
        self.graph.take_moves()
    }

    /// Brings everything in line with a changed identity graph.
    fn follow(&mut self, touched: &[u32]) {
        if touched.is_empty() {
            return;
        }
        self.profiles.grow(self.graph.atom_count());
        let remap = self.graph.remap();
        for number in touched {
            if remap.person(*number) == *number {
                self.universe.insert(*number);
            } else {
                self.universe.remove(*number);
            }
        }
        if let [only] = touched
            && remap.numbers(*only).len() == 1
        {
            // A new person, or a new number that has nothing to bring in yet.
            return;
        }
        self.reshaped += 1;
        self.profiles.reshape(touched, &self.graph);
        for members in self.segments.values_mut() {
            members.follow(touched, remap);
        }
    }

    /// Applies a change of attributes once; the caller takes care of duplicates.
    pub fn apply_profile(&mut self, atom: PersonNo, change: &ProfileChange, time: Millis, source: &str) {
        self.profiles.apply(atom.0, change, time, source, &self.graph);
    }

    /// Applies what somebody put right; doing it twice changes nothing. What was said of
    /// a number that is nobody's any more is not taken in.
    pub fn correct(&mut self, correction: &Correction, at: Millis) {
        if self.exists(self.person_of(correction.number)) {
            self.profiles.correct(correction, at, &self.graph);
        }
    }

    /// Counts an event of a number; the caller takes care of duplicates.
    pub fn note_event(&mut self, atom: PersonNo, time: Millis, source: &str) {
        self.profiles.note_event(atom.0, time, source);
    }

    /// What holds where the identifiers of one person say different things, by
    /// attribute. A reading of what was said: nothing stored depends on it.
    pub fn set_policies(&mut self, policies: BTreeMap<String, Policy>) {
        self.profiles.set_policies(policies, &self.graph);
    }

    pub fn policy(&self, attribute: &str) -> Policy {
        self.profiles.policy(attribute)
    }

    pub fn change_item(&mut self, item_type: &str, item_id: &str, change: &ItemChange, time: Millis) {
        self.items.change(item_type, item_id, change, time);
    }

    pub fn item(&self, item_type: &str, item_id: &str) -> Option<Props> {
        self.items.get(item_type, item_id)
    }

    pub fn items(&self) -> &Items {
        &self.items
    }

    pub fn person_of(&self, atom: PersonNo) -> PersonNo {
        PersonNo(self.graph.remap().person(atom.0))
    }

    /// The person who has an identifier now.
    pub fn lookup(&self, identifier: &Identifier) -> Option<PersonNo> {
        Some(self.person_of(self.graph.atom_of(identifier)?))
    }

    /// Whether this number names a living person (rather than being part of one, or nobody).
    pub fn exists(&self, person: PersonNo) -> bool {
        self.universe.contains(person.0)
    }

    pub fn remap(&self) -> &Remap {
        self.graph.remap()
    }

    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    pub fn universe(&self) -> &RoaringBitmap {
        &self.universe
    }

    /// All numbers of a person, ascending.
    pub fn numbers(&self, person: PersonNo) -> Vec<u32> {
        self.graph.remap().numbers(person.0)
    }

    pub fn identifiers(&self, person: PersonNo) -> Vec<Identifier> {
        self.graph.identifiers(person.0)
    }

    /// All attributes of a person, of the types they were sent with.
    pub fn attributes(&self, person: PersonNo) -> Props {
        self.profiles.values(person.0, &self.graph)
    }

    pub fn value(&self, person: PersonNo, name: &str) -> Option<Value> {
        self.profiles.value(person.0, name, &self.graph)
    }

    pub fn activity(&self, person: PersonNo) -> Activity {
        self.profiles.activity(person.0, &self.graph)
    }

    /// All attributes of a person, each with its origin.
    pub fn provenance(&self, person: PersonNo) -> Vec<Provenance> {
        self.profiles.provenance(person.0, &self.graph)
    }

    /// Every attribute of which something was ever said of a person.
    pub fn attribute_names(&self, person: PersonNo) -> Vec<String> {
        self.profiles.names(person.0, &self.graph)
    }

    /// What was said of one attribute of a person, newest first. None if nobody has it.
    pub fn history(&self, person: PersonNo, attribute: &str) -> Option<Vec<Change>> {
        self.profiles.history(person.0, attribute, &self.graph)
    }

    /// The name of a source by the code that activity holds; empty if not known.
    pub fn source_name(&self, code: u16) -> &str {
        self.profiles.sources.name(code)
    }

    /// The attributes of the project, in the order they were first seen.
    pub fn properties(&self) -> Vec<PropertyInfo> {
        self.profiles.properties()
    }

    /// Attribute values not kept because the project has too many attributes.
    pub fn attributes_overflowed(&self) -> u64 {
        self.profiles.overflowed()
    }

    /// Where to write to a person: `email` or `phone`. The attribute of that name
    /// if it is usable, as the person may have changed it, else the latest identifier.
    pub fn address(&self, person: PersonNo, channel: &str) -> Option<String> {
        let attribute = self.value(person, channel).and_then(|value| {
            let identifier = Identifier::new(channel, value.display());
            crate::identity::admit::admit(self.graph.rules(), &identifier).ok().map(|key| key.value)
        });
        attribute.or_else(|| {
            let ids = self.identifiers(person);
            // To a hash nobody can write.
            let own = |id: &Identifier| id.namespace == channel && !is_hashed(&id.value);
            ids.into_iter().rev().find(own).map(|id| id.value)
        })
    }

    /// Counts merges and splits since the start; what was computed at another
    /// number may hold people who are now part of others.
    pub fn reshaped(&self) -> u64 {
        self.reshaped
    }

    /// Writes everything that is not on disk yet. The answer becomes current when
    /// the caller has stored it; then call [`People::retire`] with it.
    pub fn snapshot(&self, dir: &Path) -> Result<PeopleState> {
        snapshot::write(self, dir)
    }

    pub fn load(dir: &Path, state: &PeopleState) -> Result<People> {
        snapshot::read(dir, state, None)
    }

    /// As [`People::load`], of parts that may be sealed; later snapshots are as the vault says.
    pub fn load_sealed(dir: &Path, state: &PeopleState, vault: Arc<dyn Vault>) -> Result<People> {
        snapshot::read(dir, state, Some(vault))
    }

    /// From now on snapshots are as the vault says.
    pub fn seal_with(&mut self, vault: Arc<dyn Vault>) {
        self.vault = Some(vault);
    }

    /// Deletes files that the now stored `state` does not name.
    pub fn retire(dir: &Path, state: &PeopleState) -> Result<()> {
        snapshot::retire(dir, state)
    }
}
