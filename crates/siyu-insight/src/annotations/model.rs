//! What happened on a day.

use siyu_types::clock::Millis;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Annotation {
    pub id: i64,
    /// A local day of the project, `2026-11-11`.
    pub day: String,
    pub note: String,
    /// `user:3`, as audit rows hold it.
    pub created_by: String,
    pub created_at: Millis,
    pub updated_at: Millis,
}

/// Fields that are absent stay as they are.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct AnnotationChange {
    pub day: Option<String>,
    pub note: Option<String>,
}
