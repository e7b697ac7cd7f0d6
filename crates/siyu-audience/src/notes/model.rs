//! A note and what may be said of one.

use serde::Deserialize;
use siyu_types::PersonNo;
use siyu_types::clock::Millis;
use utoipa::ToSchema;

#[derive(Clone, PartialEq, Debug)]
pub struct Note {
    pub id: i64,
    /// The number the person had when it was written.
    pub person: PersonNo,
    /// `user:12` or `key:3`.
    pub author: String,
    pub author_name: String,
    pub text: String,
    pub pinned: bool,
    pub created_at: Millis,
    pub edited_at: Option<Millis>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNote {
    /// Plain text, at most 2,000 characters.
    pub text: String,
    /// Shown before the others.
    #[serde(default)]
    pub pinned: bool,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteChange {
    /// Only by its author.
    pub text: Option<String>,
    pub pinned: Option<bool>,
}
