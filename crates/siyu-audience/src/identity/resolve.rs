//! Which person a record belongs to, and which identifiers it links: the rules of
//! rule set 3. A refused link is a conflict; the record itself is always attributed.

use siyu_types::clock::Millis;
use siyu_types::record::Evidence;
use siyu_types::{Identifier, PersonNo};

use super::conflicts::{Conflict, ConflictKind};
use super::graph::{DeviceUser, Graph};
use super::namespaces::{self, Class, DEVICE_PEOPLE_MAX, Key, NAMESPACES, Refusal};

/// Identifiers one person may have before growing stops.
pub const PERSON_IDENTIFIERS_MAX: usize = 200;
/// Users remembered per device; more than needed to see that it is shared.
const DEVICE_USERS_KEPT: usize = 8;

/// Whose record it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resolution {
    pub atom: PersonNo,
    /// Numbers whose person changed, or that are new.
    pub touched: Vec<u32>,
}

/// The person that one record proposes, while it is put together.
struct Draft {
    counts: [usize; NAMESPACES.len()],
    /// The first existing person that joined.
    root: Option<u32>,
    /// Existing people in it, `root` first.
    people: Vec<u32>,
    /// Keys that belong to nobody yet.
    fresh: Vec<usize>,
    /// Keys to link with the first one.
    linked: Vec<usize>,
    /// Different known people on the record.
    known_owners: usize,
}

impl Draft {
    fn size(&self) -> usize {
        self.counts.iter().sum()
    }

    fn is_known(&self) -> bool {
        known(&self.counts)
    }
}

fn known(counts: &[usize; NAMESPACES.len()]) -> bool {
    NAMESPACES.iter().zip(counts).any(|(namespace, count)| namespace.class != Class::Device && *count > 0)
}

impl Graph {
    /// Attributes a record and learns from it. `None` if no identifier is usable.
    pub fn resolve(
        &mut self,
        ids: &[Identifier],
        evidence: Evidence,
        source: &str,
        at: Millis,
    ) -> Option<Resolution> {
        let keys = self.admit_all(ids);
        let head = keys.first()?;
        if let (1, Some(node)) = (keys.len(), self.node(head)) {
            return Some(Resolution { atom: PersonNo(self.nodes[node as usize].atom), touched: Vec::new() });
        }
        let mut touched = self.mark_shared_devices(&keys, at);
        let draft = self.draft(&keys, evidence, source, at);
        let head = self.apply(&keys, &draft, evidence, source, at, &mut touched);
        Some(Resolution { atom: PersonNo(self.nodes[head as usize].atom), touched })
    }

    /// Usable identifiers, once each, most trusted first; the others are counted.
    pub(super) fn admit_all(&mut self, ids: &[Identifier]) -> Vec<Key> {
        let mut keys: Vec<Key> = Vec::with_capacity(ids.len());
        for id in ids {
            match namespaces::admit(id) {
                Ok(key) if !keys.contains(&key) => keys.push(key),
                Ok(_) => {}
                Err(Refusal::Blocked) => self.counters.blocked += 1,
                Err(Refusal::Malformed) => self.counters.malformed += 1,
                Err(Refusal::UnknownNamespace) => self.quarantine(&id.namespace),
            }
        }
        let shared = |key: &Key| self.node(key).is_some_and(|node| self.node_is_shared(node));
        // Stable: within a namespace the record's own order stands. A shared device
        // comes last, so that it names the person only when nothing else does.
        keys.sort_by_cached_key(|key| (key.namespace, shared(key)));
        keys
    }

    fn quarantine(&mut self, namespace: &str) {
        // Bounded, because the name is the client's own choice.
        const NAMESPACES_KEPT: usize = 200;
        if self.quarantined.len() < NAMESPACES_KEPT || self.quarantined.contains_key(namespace) {
            *self.quarantined.entry(namespace.to_owned()).or_default() += 1;
        }
    }

    fn node_is_shared(&self, node: u32) -> bool {
        self.nodes[node as usize].usage.as_ref().is_some_and(|usage| usage.shared)
    }

    /// A device that this record shows with one person too many stops linking.
    fn mark_shared_devices(&mut self, keys: &[Key], at: Millis) -> Vec<u32> {
        let mut touched = Vec::new();
        if keys[0].class() == Class::Device {
            return touched;
        }
        let user = self.node(&keys[0]).map(|node| self.person_of_node(node));
        for key in keys.iter().filter(|key| key.class() == Class::Device) {
            let Some(node) = self.node(key) else { continue };
            if !self.node_is_shared(node) && self.recent_users(node, user, at) >= DEVICE_PEOPLE_MAX {
                if let Some(usage) = &mut self.nodes[node as usize].usage {
                    usage.shared = true;
                }
                self.counters.shared_devices += 1;
                touched.extend(self.isolate(node));
            }
        }
        touched
    }

    fn draft(&mut self, keys: &[Key], evidence: Evidence, source: &str, at: Millis) -> Draft {
        let mut draft = Draft {
            counts: [0; NAMESPACES.len()],
            root: None,
            people: Vec::new(),
            fresh: Vec::new(),
            linked: Vec::new(),
            known_owners: self.known_owners(keys),
        };
        for (index, key) in keys.iter().enumerate() {
            let node = self.node(key);
            let owner = node.map(|node| self.person_of_node(node));
            let verdict = match (node, owner) {
                _ if index > 0 && self.is_shared_pair(keys, node) => continue,
                (Some(_), Some(person)) if draft.people.contains(&person) => Ok(()),
                (Some(_), Some(_)) if index == 0 => Ok(()),
                (Some(node), Some(person)) => self.may_join(keys, &draft, node, person, evidence),
                _ => may_add(&draft, key),
            };
            match verdict {
                Err(kind) => self.conflicts.note(Conflict {
                    kind,
                    kept: keys[0].identifier(),
                    refused: key.identifier(),
                    other: owner.map(PersonNo),
                    source: source.to_owned(),
                    first: at,
                    last: at,
                    count: 1,
                }),
                Ok(()) => self.take(&mut draft, index, key, owner),
            }
        }
        draft
    }

    /// A shared device links nothing, neither as first nor as further identifier.
    fn is_shared_pair(&self, keys: &[Key], node: Option<u32>) -> bool {
        node.is_some_and(|node| self.node_is_shared(node))
            || self.node(&keys[0]).is_some_and(|head| self.node_is_shared(head))
    }

    fn take(&self, draft: &mut Draft, index: usize, key: &Key, owner: Option<u32>) {
        if index > 0 {
            draft.linked.push(index);
        }
        match owner {
            None => {
                draft.fresh.push(index);
                draft.counts[key.namespace as usize] += 1;
            }
            Some(person) if !draft.people.contains(&person) => {
                let counts = self.counts(person);
                draft.counts.iter_mut().zip(counts).for_each(|(total, count)| *total += count);
                draft.root = draft.root.or(Some(person));
                draft.people.push(person);
            }
            Some(_) => {}
        }
    }

    fn known_owners(&self, keys: &[Key]) -> usize {
        let mut people: Vec<u32> =
            keys.iter().filter_map(|key| self.node(key)).map(|node| self.person_of_node(node)).collect();
        people.sort_unstable();
        people.dedup();
        people.into_iter().filter(|person| known(&self.counts(*person))).count()
    }

    /// May an existing person, found by `node`, join the draft?
    fn may_join(
        &self,
        keys: &[Key],
        draft: &Draft,
        node: u32,
        person: u32,
        evidence: Evidence,
    ) -> Result<(), ConflictKind> {
        let counts = self.counts(person);
        let both = |index: usize| draft.counts[index] + counts[index];
        let two_values = NAMESPACES.iter().enumerate().any(|(index, n)| n.per_person == 1 && both(index) > 1);
        if two_values {
            return Err(ConflictKind::TwoValues);
        }
        if draft.size() + counts.iter().sum::<usize>() > PERSON_IDENTIFIERS_MAX {
            return Err(ConflictKind::Frozen);
        }
        if evidence == Evidence::Strong {
            return Ok(());
        }
        let taken_apart =
            self.node(&keys[0]).and_then(|head| self.edge(head, node)).is_some_and(|edge| !edge.active);
        if taken_apart {
            return Err(ConflictKind::TakenApart);
        }
        if NAMESPACES.iter().enumerate().any(|(index, n)| both(index) > n.per_person) {
            return Err(ConflictKind::OverCap);
        }
        let by_device = self.nodes[node as usize].usage.is_some();
        match (known(&counts), draft.is_known()) {
            // New identifiers join the one person they are seen with, but not through
            // a device: that may lie on a counter, in many hands.
            (true, _) if draft.root.is_none() && !by_device => Ok(()),
            (true, true) if by_device => Err(ConflictKind::DeviceOfAnother),
            (false, true) if self.belonged_to_another(node, draft.root) => Err(ConflictKind::DeviceOfAnother),
            (false, true) if draft.known_owners <= 1 => Ok(()),
            // A second device beside the only one known so far.
            (_, false) if draft.root.is_none() => Ok(()),
            _ => Err(ConflictKind::WeakEvidence),
        }
    }

    /// Carries the draft out; answers the node of the first key.
    fn apply(
        &mut self,
        keys: &[Key],
        draft: &Draft,
        evidence: Evidence,
        source: &str,
        at: Millis,
        touched: &mut Vec<u32>,
    ) -> u32 {
        let mut people = draft.people.clone();
        if !draft.fresh.is_empty() {
            let atom = self.new_atom();
            for index in &draft.fresh {
                self.new_node(&keys[*index], atom);
            }
            people.push(atom);
            touched.push(atom);
        }
        let head = self.node(&keys[0]).expect("the first key is always taken");
        for index in &draft.linked {
            let node = self.node(&keys[*index]).expect("linked keys have nodes");
            self.note_edge(head, node, evidence, source, at);
        }
        if people.len() > 1 {
            touched.extend(self.unite(&people));
        }
        if keys[0].class() != Class::Device {
            for (index, key) in keys.iter().enumerate().filter(|(_, key)| key.class() == Class::Device) {
                if let Some(node) = self.node(key) {
                    self.note_user(node, head, draft.linked.contains(&index), at);
                }
            }
        }
        head
    }

    fn note_user(&mut self, device: u32, head: u32, owner: bool, at: Millis) {
        let atom = self.nodes[head as usize].atom;
        let person = self.remap.person(atom);
        let remap = &self.remap;
        let Some(usage) = &mut self.nodes[device as usize].usage else { return };
        if usage.shared {
            return;
        }
        if let Some(user) = usage.people.iter_mut().find(|user| remap.person(user.atom) == person) {
            user.last = user.last.max(at);
            user.owner |= owner;
            return;
        }
        if usage.people.len() >= DEVICE_USERS_KEPT {
            let oldest = usage.people.iter().enumerate().min_by_key(|(_, user)| (user.owner, user.last));
            if let Some((oldest, _)) = oldest {
                usage.people.swap_remove(oldest);
            }
        }
        usage.people.push(DeviceUser { atom, last: at, owner });
    }
}

/// May an identifier that belongs to nobody join the draft?
fn may_add(draft: &Draft, key: &Key) -> Result<(), ConflictKind> {
    let namespace = &NAMESPACES[key.namespace as usize];
    if draft.counts[key.namespace as usize] >= namespace.per_person {
        return Err(if namespace.per_person == 1 { ConflictKind::TwoValues } else { ConflictKind::OverCap });
    }
    if draft.size() >= PERSON_IDENTIFIERS_MAX {
        return Err(ConflictKind::Frozen);
    }
    Ok(())
}
