//! The tags and segments of a project, in memory, so that a condition is answered
//! without asking the database.

use std::collections::BTreeMap;

use siyu_types::clock::Millis;
use siyu_types::condition::Condition;

use crate::items::DeclaredType;
use crate::segments::SegmentKind;
use crate::tags::Definition;

/// A tag as conditions and profiles need it.
#[derive(Clone, Debug)]
pub struct KnownTag {
    pub name: String,
    pub display: String,
    /// Path in the tag tree, `会员/价值`.
    pub directory: String,
    pub definition: Definition,
}

/// A segment as conditions need it.
#[derive(Clone, Debug)]
pub struct KnownSegment {
    pub name: String,
    pub kind: SegmentKind,
    pub condition: Condition,
    pub created_at: Millis,
}

#[derive(Clone, Default, Debug)]
pub struct Definitions {
    pub tags: BTreeMap<i64, KnownTag>,
    pub segments: BTreeMap<i64, KnownSegment>,
    /// Declared types of items, by name.
    pub(crate) item_types: BTreeMap<String, DeclaredType>,
}

/// A tag or a segment that a condition speaks of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Named {
    Tag(i64),
    Segment(i64),
}

/// The tags and segments a condition names directly.
pub fn named_in(condition: &Condition) -> Vec<Named> {
    match condition {
        Condition::All { of } | Condition::Any { of } => of.iter().flat_map(named_in).collect(),
        Condition::Not { of } => named_in(of),
        Condition::Tag { tag, .. } => vec![Named::Tag(*tag)],
        Condition::Segment { segment } => vec![Named::Segment(*segment)],
        Condition::Relation(relation) => relation.segment().map(Named::Segment).into_iter().collect(),
        Condition::Attribute { .. } | Condition::Event(_) | Condition::Order(_) => Vec::new(),
    }
}

impl Definitions {
    /// What a tag or segment names directly. A snapshot depends on nothing any more.
    pub fn names(&self, of: Named) -> Vec<Named> {
        match of {
            Named::Tag(id) => {
                let conditions =
                    self.tags.get(&id).map(|tag| tag.definition.conditions()).unwrap_or_default();
                conditions.into_iter().flat_map(named_in).collect()
            }
            Named::Segment(id) => match self.segments.get(&id) {
                Some(segment) if segment.kind == SegmentKind::Dynamic => named_in(&segment.condition),
                _ => Vec::new(),
            },
        }
    }

    /// Whether `from` reaches `to` by way of what definitions name.
    pub fn reaches(&self, from: &[Named], to: Named) -> bool {
        let mut seen = std::collections::BTreeSet::new();
        let mut open = from.to_vec();
        while let Some(next) = open.pop() {
            if next == to {
                return true;
            }
            if seen.insert(next) {
                open.extend(self.names(next));
            }
        }
        false
    }

    /// Tags and segments that name this one, as `tag:3` or `segment:4`.
    pub fn used_by(&self, wanted: Named) -> Vec<Named> {
        let tags = self.tags.keys().map(|id| Named::Tag(*id));
        let segments = self.segments.keys().map(|id| Named::Segment(*id));
        tags.chain(segments).filter(|user| *user != wanted && self.names(*user).contains(&wanted)).collect()
    }

    /// These and everything they need, what is needed first. Definitions are free
    /// of cycles; one that slipped in ends here without looping.
    pub fn in_order(&self, wanted: impl IntoIterator<Item = Named>) -> Vec<Named> {
        let mut seen = std::collections::BTreeSet::new();
        let mut order = Vec::new();
        wanted.into_iter().for_each(|named| self.visit(named, &mut seen, &mut order));
        order
    }

    fn visit(&self, named: Named, seen: &mut std::collections::BTreeSet<Named>, order: &mut Vec<Named>) {
        if !seen.insert(named) {
            return;
        }
        for needed in self.names(named) {
            self.visit(needed, seen, order);
        }
        order.push(named);
    }
}
