//! What a tag is.

use serde::{Deserialize, Serialize};
use siyu_types::clock::Millis;
use utoipa::ToSchema;

use super::kinds::Definition;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TagState {
    /// Defined; the computation is on its way.
    Queued,
    Ready,
    /// The last computation failed; the values are those of the one before.
    Failed,
}

impl TagState {
    pub fn as_str(self) -> &'static str {
        match self {
            TagState::Queued => "queued",
            TagState::Ready => "ready",
            TagState::Failed => "failed",
        }
    }

    pub fn parse(text: &str) -> Option<TagState> {
        [TagState::Queued, TagState::Ready, TagState::Failed].into_iter().find(|s| s.as_str() == text)
    }
}

/// A value and how many people have it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct TagValue {
    pub value: String,
    pub people: u64,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Tag {
    pub id: i64,
    /// Unique in the project; what templates and programs use.
    pub name: String,
    /// What people read.
    pub display: String,
    pub description: String,
    /// Path in the tag tree, `会员/价值`.
    pub directory: String,
    pub definition: Definition,
    pub state: TagState,
    pub computed_at: Option<Millis>,
    /// People who have a value.
    pub coverage: u64,
    /// The most frequent ones.
    pub values: Vec<TagValue>,
    pub error: Option<String>,
}

/// What somebody wants to create.
#[derive(Clone, PartialEq, Debug)]
pub struct NewTag {
    pub name: String,
    pub display: String,
    pub description: String,
    pub directory: String,
    pub definition: Definition,
}

/// What somebody wants to change; absent fields stay.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct TagChange {
    pub name: Option<String>,
    pub display: Option<String>,
    pub description: Option<String>,
    pub directory: Option<String>,
    pub definition: Option<Definition>,
}
