//! The kinds of tags. A kind is one file: its parameters, an example, the checks and
//! the computation; and one line in each list below.

mod attribute;
mod given;
mod rfm;
mod rule;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use siyu_analytics::Context;
use siyu_types::Result;
use siyu_types::condition::Condition;
use utoipa::ToSchema;

use crate::evaluation::Needs;
use crate::people::TagColumn;
use crate::projects::Project;
pub use given::{Given, Params as GivenParams, column as given_column};
pub use rfm::CLASSES;
#[cfg(test)]
pub(super) use rfm::scores;

/// How the value of a tag comes about.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Definition {
    Attribute(attribute::Params),
    Rule(rule::Params),
    Rfm(rfm::Params),
    Given(given::Params),
}

/// What the console shows of a kind, and what a new one has to bring.
pub struct KindInfo {
    pub kind: &'static str,
    /// JSON schema of the parameters.
    pub schema: fn() -> Value,
    /// A valid definition.
    pub example: &'static str,
}

/// Every kind that a definition alone makes, in the order of the console's menu.
pub const KINDS: &[KindInfo] = &[
    KindInfo { kind: "attribute", schema: schema::<attribute::Params>, example: attribute::EXAMPLE },
    KindInfo { kind: "rule", schema: schema::<rule::Params>, example: rule::EXAMPLE },
    KindInfo { kind: "rfm", schema: schema::<rfm::Params>, example: rfm::EXAMPLE },
];

fn schema<T: schemars::JsonSchema>() -> Value {
    schemars::schema_for!(T).to_value()
}

impl Definition {
    pub fn kind(&self) -> &'static str {
        match self {
            Definition::Attribute(_) => "attribute",
            Definition::Rule(_) => "rule",
            Definition::Rfm(_) => "rfm",
            Definition::Given(_) => "given",
        }
    }

    /// Checks limits and names; errors name a field below `path`.
    pub fn check(&self, project: &Project, path: &str) -> Result<()> {
        match self {
            Definition::Attribute(params) => params.check(project, path),
            Definition::Rule(params) => params.check(project, path),
            Definition::Rfm(params) => params.check(project, path),
            Definition::Given(_) => given::Params::check(path),
        }
    }

    /// Whether it assesses people by what they did, so that acting on it is an automated
    /// decision (PIPL art. 24), rather than repeating what is known of them.
    pub fn assesses(&self) -> bool {
        match self {
            // What a statement came to is not known; it says something of each person, at any rate.
            Definition::Given(_) => true,
            Definition::Attribute(_) | Definition::Rule(_) => false,
            Definition::Rfm(_) => true,
        }
    }

    /// The conditions in it.
    pub fn conditions(&self) -> Vec<&Condition> {
        match self {
            Definition::Rule(params) => params.conditions(),
            Definition::Attribute(_) | Definition::Rfm(_) | Definition::Given(_) => Vec::new(),
        }
    }

    pub fn needs(&self) -> Needs {
        match self {
            Definition::Attribute(_) | Definition::Given(_) => Needs::default(),
            Definition::Rule(params) => params.needs(),
            Definition::Rfm(params) => params.needs(),
        }
    }

    pub fn compute(&self, context: &Context<'_>) -> Result<TagColumn> {
        match self {
            Definition::Attribute(params) => params.compute(context),
            Definition::Rule(params) => params.compute(context),
            Definition::Rfm(params) => params.compute(context),
            // Its values are kept, and put in by whoever has them.
            Definition::Given(_) => Ok(TagColumn::default()),
        }
    }
}
