//! Kinds of identifiers whose values are not kept: a keyed hash stands for each. It is made
//! on the way in, by everything that compares identifiers, so that a value finds whom it
//! names while nothing that is kept tells it.

use siyu_govern::sealing::IdentifierHashes;
use siyu_types::identity::{HASHED, IdentityChange, IdentityRules, is_hashed};
use siyu_types::record::Body;
use siyu_types::relation::{Parties, RelationChange};
use siyu_types::{Error, ErrorCode, Identifier, Record, Result};

use super::admit::{self, Admitted, Refusal};
use super::graph::Graph;

/// Stands for a value that cannot be used: refused for the same reason, and tells nothing.
const BLOCKED: &str = "-";
const MALFORMED: &str = HASHED;

/// How identifiers are brought into the form in which they are compared and kept.
#[derive(Clone, Copy)]
pub struct Admission<'a> {
    pub rules: &'a IdentityRules,
    pub hashes: Option<&'a IdentifierHashes>,
}

impl Admission<'_> {
    /// Checks and normalises one identifier; of kinds that are kept as hashes, hashes it. What
    /// stands for a value already is taken as it is.
    pub fn admit<'a>(&self, identifier: &'a Identifier) -> Result<Admitted<'a>, Refusal> {
        let (name, scope) = admit::parts(identifier);
        let hashed = |at: &usize| self.rules.namespaces[*at].hash_at_rest;
        let Some(namespace) = admit::position(self.rules, name, scope).filter(hashed) else {
            return admit::admit(self.rules, identifier);
        };
        if identifier.value.starts_with(HASHED) {
            let value = identifier.value.clone();
            return if is_hashed(&value) {
                Ok(Admitted { namespace, scope, value })
            } else {
                Err(Refusal::Malformed)
            };
        }
        let admitted = admit::admit(self.rules, identifier)?;
        // A project does not open without the key that its rules name.
        let key = self.rules.hash_key.as_deref().unwrap_or_default();
        let hash = self.hashes.and_then(|hashes| hashes.of(key, name, &admitted.value));
        hash.map(|value| Admitted { value, ..admitted }).ok_or(Refusal::Malformed)
    }

    /// The forms in which an identifier may once have been written down: as it is compared now,
    /// and as it was before its kind was hashed. None if it cannot be used.
    pub fn readings_of(&self, identifier: &Identifier) -> Vec<Identifier> {
        let Ok(admitted) = self.admit(identifier) else { return Vec::new() };
        let mut values = vec![admitted.value];
        if self.rules.namespaces[admitted.namespace].hash_at_rest {
            values.extend(admit::admit(self.rules, identifier).ok().map(|admitted| admitted.value));
        }
        values.into_iter().map(|value| Identifier::new(&identifier.namespace, value)).collect()
    }

    /// The identifier as it may be kept. Of kinds that are kept as hashes not even a value that
    /// cannot be used stays: it may be somebody's with a slip of the finger.
    pub fn kept(&self, identifier: &Identifier) -> Option<Identifier> {
        let (name, _) = admit::parts(identifier);
        let kind = self.rules.namespaces.iter().find(|kind| kind.name == name)?;
        if !kind.hash_at_rest || is_hashed(&identifier.value) {
            return None;
        }
        let value = match self.admit(identifier) {
            Ok(admitted) => admitted.value,
            Err(Refusal::Blocked) => BLOCKED.to_owned(),
            Err(Refusal::Malformed | Refusal::UnknownNamespace) => MALFORMED.to_owned(),
        };
        (value != identifier.value).then(|| Identifier { namespace: identifier.namespace.clone(), value })
    }

    /// Brings all of them into the form in which they may be kept. Whether any changed.
    pub fn keep(&self, identifiers: &mut [Identifier]) -> bool {
        if !self.rules.keeps_hashes() {
            return false;
        }
        let mut changed = false;
        for identifier in identifiers {
            if let Some(kept) = self.kept(identifier) {
                *identifier = kept;
                changed = true;
            }
        }
        changed
    }

    /// As [`Admission::keep`], of everything in a record that is an identifier.
    pub fn keep_record(&self, record: &mut Record) -> bool {
        let mut changed = self.keep(&mut record.ids);
        match &mut record.body {
            Body::Relation(statement) => {
                if let RelationChange::Begin { parties: Parties::Identifiers { other, .. }, .. }
                | RelationChange::End { parties: Parties::Identifiers { other, .. }, .. } =
                    &mut statement.change
                {
                    changed |= self.keep(other);
                }
            }
            Body::Identity(decision) => changed |= self.keep_change(&mut decision.change),
            _ => {}
        }
        changed
    }

    pub(super) fn keep_change(&self, change: &mut IdentityChange) -> bool {
        match change {
            IdentityChange::Merge { former: ids, .. } | IdentityChange::Split { identifiers: ids, .. } => {
                self.keep(ids)
            }
            IdentityChange::Undo { .. } | IdentityChange::Rules { .. } => false,
        }
    }
}

impl Graph {
    pub fn admission(&self) -> Admission<'_> {
        Admission { rules: &self.rules, hashes: self.hashes.as_ref() }
    }

    /// What hashes the values of kinds that are kept as hashes. `secret_unreadable` if the
    /// key is missing by which this graph's were made.
    pub fn hash_with(&mut self, hashes: IdentifierHashes) -> Result<()> {
        let missing = self.rules.hash_key.as_deref().filter(|key| !hashes.knows(key));
        if let Some(key) = missing.filter(|_| self.rules.keeps_hashes()) {
            let message = "the key is missing by which identifiers were hashed";
            return Err(Error::new(ErrorCode::SecretUnreadable, message).with("key", key));
        }
        self.hashes = Some(hashes);
        Ok(())
    }

    pub fn hashes(&self) -> Option<&IdentifierHashes> {
        self.hashes.as_ref()
    }

    /// Puts hashes in the place of all values of kinds that are kept as hashes and that are
    /// not hashed yet: in identifiers, past ones too, in conflicts and in decisions.
    pub(super) fn keep_as_hashes(&mut self) {
        if !self.rules.keeps_hashes() {
            return;
        }
        for node in 0..self.nodes.len() as u32 {
            if self.is_empty(node) {
                continue;
            }
            if let Some(kept) = self.admission().kept(&self.identifier(node)) {
                self.replace_text(node, &kept.value);
            }
        }
        let (rules, hashes) = (self.rules.clone(), self.hashes.clone());
        let admission = Admission { rules: &rules, hashes: hashes.as_ref() };
        self.conflicts.rename(|identifier| admission.kept(identifier));
        for entry in &mut self.journal.entries {
            admission.keep_change(&mut entry.decision.change);
        }
    }
}
