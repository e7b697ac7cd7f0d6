//! What a segment is.

use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use siyu_types::clock::Millis;
use siyu_types::condition::Condition;
use utoipa::ToSchema;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SegmentKind {
    /// Whoever the condition holds for, at any time it is asked.
    Dynamic,
    /// Whoever it held for when the segment was made.
    Snapshot,
}

impl SegmentKind {
    pub fn as_str(self) -> &'static str {
        match self {
            SegmentKind::Dynamic => "dynamic",
            SegmentKind::Snapshot => "snapshot",
        }
    }

    pub fn parse(text: &str) -> Option<SegmentKind> {
        [SegmentKind::Dynamic, SegmentKind::Snapshot].into_iter().find(|kind| kind.as_str() == text)
    }
}

#[derive(Clone, PartialEq, Debug)]
pub struct Segment {
    pub id: i64,
    pub name: String,
    pub description: String,
    pub kind: SegmentKind,
    /// Of a snapshot made of chosen people: membership in itself.
    pub condition: Condition,
    /// Members when last counted.
    pub count: u64,
    pub computed_at: Option<Millis>,
    /// Sizes over time, oldest first.
    pub history: Vec<(Millis, u64)>,
    pub created_at: Millis,
}

/// What somebody wants to create.
#[derive(Clone, PartialEq, Debug)]
pub struct NewSegment {
    pub name: String,
    pub description: String,
    pub kind: SegmentKind,
    pub condition: Condition,
}

/// Who becomes a member of a new snapshot.
#[derive(Clone, PartialEq, Debug)]
pub struct Chosen {
    pub name: String,
    pub description: String,
    /// By any of their numbers.
    pub people: RoaringBitmap,
}

/// What somebody wants to change; absent fields stay.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct SegmentChange {
    pub name: Option<String>,
    pub description: Option<String>,
    pub condition: Option<Condition>,
}
