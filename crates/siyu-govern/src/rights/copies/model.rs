//! A copy of everything about one person, as a file.

use serde::{Deserialize, Serialize};
use siyu_types::PersonNo;
use siyu_types::clock::Millis;
use utoipa::ToSchema;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RightsCopyState)]
pub enum CopyState {
    /// The job is under way.
    Making,
    Ready,
    Failed,
    /// Its time is over, or it was removed: the file is gone.
    Removed,
}

impl CopyState {
    pub fn as_str(self) -> &'static str {
        match self {
            CopyState::Making => "making",
            CopyState::Ready => "ready",
            CopyState::Failed => "failed",
            CopyState::Removed => "removed",
        }
    }

    pub fn parse(text: &str) -> Option<CopyState> {
        let all = [CopyState::Making, CopyState::Ready, CopyState::Failed, CopyState::Removed];
        all.into_iter().find(|state| state.as_str() == text)
    }
}

/// How much of one area a copy holds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = RightsCopyContent)]
pub struct Content {
    /// Also the name of its file: `events`.
    pub area: String,
    pub count: u64,
    /// There was more than a copy holds; the file says how much.
    #[serde(default)]
    pub cut: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Copy {
    pub id: i64,
    /// The number the person had when it was asked for.
    pub person: PersonNo,
    pub request: Option<i64>,
    pub language: String,
    pub state: CopyState,
    pub job: i64,
    pub bytes: u64,
    /// Of the file, in hexadecimal digits.
    pub sha256: String,
    pub contents: Vec<Content>,
    /// By which it stands in the register of exports; empty for those from before.
    pub export_code: String,
    pub created_at: Millis,
    pub created_by: String,
    pub created_by_name: String,
    pub expires_at: Millis,
    /// A code was made by which the person fetches it.
    pub handed_out: bool,
    pub code_failures: u32,
    /// By the team.
    pub downloads: u64,
    /// By the person.
    pub fetches: u64,
}

/// A copy that is to be made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewCopy {
    pub person: PersonNo,
    pub request: Option<i64>,
    pub language: String,
}

/// A file that was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CopyFile {
    pub bytes: u64,
    pub sha256: String,
    pub contents: Vec<Content>,
}
