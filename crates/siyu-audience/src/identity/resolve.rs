//! Which person a record belongs to, and which identifiers it links: the rules of
//! rule set 3 (reference/01 §3.6). A refused link is a conflict; the record itself is
//! always attributed.

use siyu_types::clock::Millis;
use siyu_types::identity::Class;
use siyu_types::record::Evidence;
use siyu_types::{Identifier, PersonNo};

use super::admit::Refusal;
use super::conflicts::{Conflict, ConflictKind};
use super::graph::{Graph, Key, seconds};
use super::tally::Tally;

const DAY_SECONDS: u32 = 24 * 3_600;

/// Whose record it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resolution {
    pub atom: PersonNo,
    /// Numbers whose person changed, or that are new.
    pub touched: Vec<u32>,
}

/// The person that one record proposes, while it is put together.
#[derive(Default)]
struct Draft {
    tally: Tally,
    /// The first existing person that joined.
    root: Option<u32>,
    /// Existing people in it, `root` first.
    people: Vec<u32>,
    /// Keys that belong to nobody yet.
    fresh: Vec<usize>,
    /// Keys to link with the first one.
    linked: Vec<usize>,
    /// Values that make room for newer ones.
    former: Vec<u32>,
    /// Different known people on the record.
    known_owners: usize,
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
        if let Some(node) = self.find(head)
            && (keys.len() == 1 || self.learns_nothing(node, &keys, evidence, at))
        {
            self.see(node, at);
            let touched = self.own(node).into_iter().collect();
            return Some(Resolution { atom: PersonNo(self.nodes[node as usize].atom), touched });
        }
        let mut touched = self.mark_shared(&keys, at);
        let draft = self.draft(&keys, evidence, source, at);
        let head = self.apply(&keys, &draft, evidence, source, at, &mut touched);
        Some(Resolution { atom: PersonNo(self.nodes[head as usize].atom), touched })
    }

    /// The common case: everything on the record is linked with its first identifier
    /// already, as strongly as the record says. Only the times move on.
    fn learns_nothing(&mut self, head: u32, keys: &[Key], evidence: Evidence, at: Millis) -> bool {
        let mut edges = smallvec::SmallVec::<[(u32, u32); 4]>::new();
        for key in &keys[1..] {
            let Some(node) = self.find(key) else { return false };
            let Some(edge) = self.links.between(head, node) else { return false };
            let held = &self.links.edges[edge as usize];
            if !held.active || (evidence == Evidence::Strong && held.evidence == Evidence::Weak) {
                return false;
            }
            edges.push((edge, node));
        }
        let by_person = self.class(keys[0].slot) != Class::Device;
        for (edge, node) in edges {
            let held = &mut self.links.edges[edge as usize];
            held.stood_together(at);
            self.see(node, at);
            if by_person {
                self.note_user(node, head, true, at);
            }
        }
        true
    }

    /// Usable identifiers, once each, most trusted first; the others are counted.
    fn admit_all(&mut self, ids: &[Identifier]) -> Vec<Key> {
        let mut keys: Vec<Key> = Vec::with_capacity(ids.len());
        for id in ids {
            match self.key(id) {
                Ok(key) if !keys.contains(&key) => keys.push(key),
                Ok(_) => {}
                Err(Refusal::Blocked) => self.counters.blocked += 1,
                Err(Refusal::Malformed) => self.counters.malformed += 1,
                Err(Refusal::UnknownNamespace) => self.quarantine(&id.namespace),
            }
        }
        if keys.len() > 1 {
            // Stable: within a namespace the record's own order stands. A shared value
            // comes last, so that it names the person only when nothing else does.
            let shared = |key: &Key| self.find(key).is_some_and(|node| self.node_is_shared(node));
            keys.sort_by_cached_key(|key| (shared(key), self.rank(key.slot)));
        }
        keys
    }

    fn quarantine(&mut self, namespace: &str) {
        // Bounded, because the name is the client's own choice.
        const NAMESPACES_KEPT: usize = 200;
        const NAME_BYTES_KEPT: usize = 100;
        let namespace = &namespace[..namespace.floor_char_boundary(NAME_BYTES_KEPT)];
        if self.quarantined.len() < NAMESPACES_KEPT || self.quarantined.contains_key(namespace) {
            *self.quarantined.entry(namespace.to_owned()).or_default() += 1;
        }
    }

    fn draft(&mut self, keys: &[Key], evidence: Evidence, source: &str, at: Millis) -> Draft {
        let mut draft = Draft { known_owners: self.known_owners(keys, at), ..Draft::default() };
        for (index, key) in keys.iter().enumerate() {
            let node = self.find(key);
            let owner = node.map(|node| self.person_of_node(node));
            if index > 0 && self.is_shared_pair(keys, node) {
                continue;
            }
            let verdict = match (node, owner) {
                (Some(_), Some(person)) if draft.people.contains(&person) || index == 0 => Ok(()),
                (Some(node), Some(person)) => {
                    self.may_join(keys, &draft, (index, node, person), evidence, at)
                }
                _ => self.may_add(&draft, key),
            };
            let verdict = match verdict {
                Err(ConflictKind::TwoValues) if evidence == Evidence::Strong => {
                    self.make_room(keys, &mut draft, index, owner, at)
                }
                other => other,
            };
            match verdict {
                Err(kind) => self.conflicts.note(Conflict {
                    kind,
                    kept: self.named(&keys[0]),
                    refused: self.named(key),
                    other: owner.map(PersonNo),
                    source: source.to_owned(),
                    first: at,
                    last: at,
                    count: 1,
                }),
                Ok(()) => self.take(&mut draft, index, key, owner, at),
            }
        }
        draft
    }

    fn named(&self, key: &Key) -> Identifier {
        Identifier { namespace: self.slots[key.slot as usize].name(), value: key.value.clone() }
    }

    /// A shared value links nothing, neither as first nor as further identifier.
    fn is_shared_pair(&self, keys: &[Key], node: Option<u32>) -> bool {
        node.is_some_and(|node| self.node_is_shared(node))
            || self.find(&keys[0]).is_some_and(|head| self.node_is_shared(head))
    }

    fn take(&self, draft: &mut Draft, index: usize, key: &Key, owner: Option<u32>, at: Millis) {
        if index > 0 {
            draft.linked.push(index);
        }
        match owner {
            None => {
                draft.fresh.push(index);
                draft.tally.add(key.slot, 1);
                draft.tally.total += 1;
                draft.tally.known += u32::from(self.class(key.slot) != Class::Device);
            }
            Some(person) if !draft.people.contains(&person) => {
                draft.tally.merge(&self.tally(person, at));
                draft.root = draft.root.or(Some(person));
                draft.people.push(person);
            }
            Some(_) => {}
        }
    }

    /// What a person has, as far as it counts at `at`.
    pub(super) fn tally(&self, person: u32, at: Millis) -> Tally {
        let mut tally = Tally::default();
        self.each_node(person, |node| {
            let node = &self.nodes[node as usize];
            if node.former {
                return;
            }
            let namespace = self.namespace(node.slot);
            tally.total += 1;
            tally.known += u32::from(namespace.is_none_or(|n| n.class != Class::Device));
            let days = namespace.map_or(0, |namespace| u32::from(namespace.per_person_days));
            if days == 0 || node.seen.saturating_add(days * DAY_SECONDS) >= seconds(at) {
                tally.add(node.slot, 1);
            }
        });
        tally
    }

    fn known_owners(&self, keys: &[Key], at: Millis) -> usize {
        let mut people: Vec<u32> =
            keys.iter().filter_map(|key| self.find(key)).map(|node| self.person_of_node(node)).collect();
        people.sort_unstable();
        people.dedup();
        people.into_iter().filter(|person| self.tally(*person, at).known > 0).count()
    }

    fn per_person(&self, slot: u16) -> u32 {
        self.namespace(slot).map_or(u32::MAX, |namespace| u32::from(namespace.per_person))
    }

    /// Slots in which these two would have two values where only one is possible.
    pub(super) fn contradictions(&self, one: &Tally, other: &Tally) -> Vec<u16> {
        let both = one.together(other).filter(|(slot, count)| *count > 1 && self.per_person(*slot) == 1);
        both.map(|(slot, _)| slot).collect()
    }

    /// May an existing person, found by `node`, join the draft?
    fn may_join(
        &self,
        keys: &[Key],
        draft: &Draft,
        (index, node, person): (usize, u32, u32),
        evidence: Evidence,
        at: Millis,
    ) -> Result<(), ConflictKind> {
        let tally = self.tally(person, at);
        if self.journal.keeps_apart(self, &draft.people, person) {
            return Err(ConflictKind::TakenApart);
        }
        if draft.tally.total + tally.total > u32::from(self.rules.identifiers_max) {
            return Err(ConflictKind::Frozen);
        }
        if !self.contradictions(&draft.tally, &tally).is_empty() {
            return Err(ConflictKind::TwoValues);
        }
        if evidence == Evidence::Strong {
            return Ok(());
        }
        let head = self.find(&keys[0]);
        let edge = head.and_then(|head| self.links.between(head, node));
        if edge.is_some_and(|edge| !self.links.edges[edge as usize].active) {
            return Err(ConflictKind::TakenApart);
        }
        if draft.tally.together(&tally).any(|(slot, count)| count > self.per_person(slot)) {
            return Err(ConflictKind::OverCap);
        }
        let by_device = self.class(keys[index].slot) == Class::Device;
        match (tally.known > 0, draft.tally.known > 0) {
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

    /// May an identifier that belongs to nobody join the draft?
    fn may_add(&self, draft: &Draft, key: &Key) -> Result<(), ConflictKind> {
        let most = self.per_person(key.slot);
        if draft.tally.of(key.slot) >= most {
            return Err(if most == 1 { ConflictKind::TwoValues } else { ConflictKind::OverCap });
        }
        if draft.tally.total >= u32::from(self.rules.identifiers_max) {
            return Err(ConflictKind::Frozen);
        }
        Ok(())
    }

    /// A new value where only one is possible: the older gives way if the namespace
    /// says so, the person is named by something more trusted, and nothing else
    /// stands against it.
    fn make_room(
        &self,
        keys: &[Key],
        draft: &mut Draft,
        index: usize,
        owner: Option<u32>,
        at: Millis,
    ) -> Result<(), ConflictKind> {
        let slot = keys[index].slot;
        let replaces = self.namespace(slot).is_some_and(|namespace| namespace.replaces);
        let against = match owner {
            Some(owner) => self.contradictions(&draft.tally, &self.tally(owner, at)),
            None => vec![slot],
        };
        // The first of several new values stands.
        let already = draft.linked.iter().any(|linked| keys[*linked].slot == slot);
        if !replaces || against != [slot] || already || keys[0].slot == slot {
            return Err(ConflictKind::TwoValues);
        }
        let mut older = Vec::new();
        for person in &draft.people {
            self.each_node(*person, |node| {
                let held = &self.nodes[node as usize];
                if held.slot == slot && !held.former {
                    older.push(node);
                }
            });
        }
        draft.tally.take(slot);
        draft.tally.total = draft.tally.total.saturating_sub(older.len() as u32);
        draft.former.extend(older);
        Ok(())
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
        for node in &draft.former {
            self.make_former(*node);
            self.counters.replaced += 1;
        }
        let head = match self.find(&keys[0]) {
            Some(head) => {
                touched.extend(self.own(head));
                head
            }
            None => {
                let head = self.new_node(&keys[0], None, at);
                touched.push(self.nodes[head as usize].atom);
                head
            }
        };
        for index in draft.fresh.iter().filter(|index| **index > 0) {
            self.new_node(&keys[*index], Some(head), at);
        }
        for index in &draft.linked {
            if let Some(node) = self.find(&keys[*index]) {
                self.note_edge(head, node, evidence, source, at);
            }
        }
        let mut people: Vec<u32> = draft.people.clone();
        let own = self.person_of_node(head);
        if !people.contains(&own) {
            people.push(own);
        }
        if draft.people.len() > 1 {
            touched.extend(self.unite(&people, "evidence"));
        } else if people.len() > 1 {
            // A number given just now: nobody merged, somebody was recognised.
            touched.extend(self.gather(&people));
        }
        let by_person = self.class(keys[0].slot) != Class::Device;
        for (index, key) in keys.iter().enumerate() {
            let Some(node) = self.find(key) else { continue };
            self.see(node, at);
            if index > 0 && by_person {
                self.note_user(node, head, draft.linked.contains(&index), at);
            }
        }
        head
    }
}
