//! What a purpose is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use siyu_types::clock::Millis;
use utoipa::ToSchema;

use super::super::model::EVERY_CHANNEL;

/// What it means that somebody said nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Silence {
    /// Silence is a no: only who agreed.
    OptIn,
    /// Silence is a yes: until somebody refuses.
    OptOut,
}

/// Why the data may be processed at all (PIPL art. 13).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = LegalBasis)]
pub enum Basis {
    Consent,
    Contract,
    LegalDuty,
}

/// The parts of a purpose that people write.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PurposeDefinition)]
pub struct Definition {
    pub name_zh: String,
    pub name_en: String,
    pub description_zh: String,
    pub description_en: String,
    /// The service cannot be given without it: it is not asked for and cannot be refused.
    pub essential: bool,
    /// Sensitive data or handing data on: agreed to by itself, never along with
    /// something else (PIPL art. 23, 29), and never by silence.
    pub sensitive: bool,
    pub basis: Basis,
    /// By channel, `*` for the others. A purpose with `*` alone is not asked per channel.
    pub silence: BTreeMap<String, Silence>,
    /// A grant holds so many days; null: until it is withdrawn.
    pub valid_days: Option<u32>,
    /// How long the data is kept, as people read it.
    pub retention: String,
    /// No longer used: not asked for and not shown; statements stay.
    pub archived: bool,
}

/// A purpose of a project.
#[derive(Clone, PartialEq, Debug)]
pub struct Purpose {
    pub id: String,
    pub definition: Definition,
    /// Of the text that is shown now; counted from 1.
    pub version: i64,
    /// Grants of earlier texts no longer hold.
    pub renew_from: i64,
    /// `None`: as shipped.
    pub updated_at: Option<Millis>,
}

impl Purpose {
    pub fn silence(&self, channel: &str) -> Silence {
        let named =
            self.definition.silence.get(channel).or_else(|| self.definition.silence.get(EVERY_CHANNEL));
        named.copied().unwrap_or(Silence::OptIn)
    }

    /// The channels it is asked for; `*` alone if by none in particular.
    pub fn channels(&self) -> Vec<&str> {
        let named: Vec<&str> = self
            .definition
            .silence
            .keys()
            .map(String::as_str)
            .filter(|channel| *channel != EVERY_CHANNEL)
            .collect();
        if named.is_empty() { vec![EVERY_CHANNEL] } else { named }
    }
}

/// One version of what people agree to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Text {
    pub version: i64,
    pub zh: String,
    pub en: String,
    /// Who agreed to an earlier one has to agree again.
    pub renews: bool,
    /// `None`: as shipped.
    pub created_at: Option<Millis>,
    pub created_by: String,
}

/// How the attribute tells who is a minor.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MinorKind {
    /// The day of birth, `2015-03-04`.
    Birthday,
    /// True, 1 or `yes`.
    Flag,
}

/// Who is a minor: children under fourteen (PIPL art. 31).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Minors {
    /// Name of a person's attribute.
    pub attribute: String,
    pub kind: MinorKind,
}
