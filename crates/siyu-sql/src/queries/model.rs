//! Saved statements.

use serde::{Deserialize, Serialize};
use siyu_types::clock::Millis;
use utoipa::ToSchema;

/// A statement that was saved.
#[derive(Clone, PartialEq, Debug)]
pub struct SavedQuery {
    pub id: i64,
    pub name: String,
    pub description: String,
    pub text: String,
    pub params: Vec<QueryParam>,
    pub view: QueryView,
    /// `user:3`, as audit rows hold it.
    pub created_by: String,
    pub created_at: Millis,
    pub updated_at: Millis,
}

#[derive(Clone, PartialEq, Debug)]
pub struct NewQuery {
    pub name: String,
    pub description: String,
    pub text: String,
    pub params: Vec<QueryParam>,
    pub view: QueryView,
}

/// Fields that are absent stay as they are.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct QueryChange {
    pub name: Option<String>,
    pub description: Option<String>,
    pub text: Option<String>,
    pub params: Option<Vec<QueryParam>>,
    pub view: Option<QueryView>,
}

/// What a statement is asked with: `$name` in its text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SqlParam)]
pub struct QueryParam {
    /// Latin letters, digits and `_`.
    pub name: String,
    pub kind: ParamKind,
    /// As it is written into the field; empty for none.
    #[serde(default)]
    pub default: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SqlParamKind)]
pub enum ParamKind {
    Text,
    Number,
    Bool,
    /// A day, `2026-11-21`.
    Date,
}

/// How the result is drawn.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SqlView)]
pub struct QueryView {
    #[serde(default)]
    pub kind: ViewKind,
    /// The column along which it is drawn; the first one if empty.
    #[serde(default)]
    pub x: String,
    /// The columns that are drawn; all numbers if empty.
    #[serde(default)]
    pub y: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SqlViewKind)]
pub enum ViewKind {
    #[default]
    Table,
    Line,
    Bar,
}
