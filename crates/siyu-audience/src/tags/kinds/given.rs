//! Given tags: each person has the value that stood beside them in a result. They are of that
//! instant; nothing changes them but merges, splits and erasures.

use roaring::RoaringBitmap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use siyu_events::Remap;
use siyu_types::{Error, Result, Value};
use utoipa::ToSchema;

use crate::people::TagColumn;

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = GivenTag)]
pub struct Params {
    /// Of what: `sql`.
    pub of: String,
    /// The column that held the values; absent where all have the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
}

impl Params {
    /// A definition alone gives nobody a value.
    pub(super) fn check(path: &str) -> Result<()> {
        Err(Error::invalid(format!("{path}.kind"), "values are given by a result, not by a definition"))
    }
}

/// A value, and the numbers of those who have it.
pub type Given = (Value, RoaringBitmap);

/// The values by the people they belong to now. Of somebody whose numbers have several, the one
/// of the smallest number holds, in whatever order people were merged.
pub fn column(given: &[Given], remap: &Remap, living: &RoaringBitmap) -> TagColumn {
    let mut all: Vec<(u32, &Value)> =
        given.iter().flat_map(|(value, numbers)| numbers.iter().map(move |number| (number, value))).collect();
    all.sort_unstable_by_key(|(number, _)| std::cmp::Reverse(*number));
    let mut column = TagColumn::default();
    for (number, value) in all {
        let person = remap.person(number);
        if living.contains(person) {
            column.put(person, value);
        }
    }
    column
}
