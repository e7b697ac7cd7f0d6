//! Newtype ids, so that a person can never be passed where a project is meant.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One brand. Rows of the business database and folders on disk belong to one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct ProjectId(pub i64);

/// A dense number, given once per project and never reused. It names the first
/// group of identifiers that was seen together (a 子ID). After a merge several
/// numbers belong to one person, who is then known by the smallest of them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct PersonNo(pub u32);
