//! What a project decides about personal data, besides its fields.

use serde::{Deserialize, Serialize};
use siyu_types::{Exposure, PersonalClass, Role};
use utoipa::ToSchema;

/// How much of a class a role sees.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PersonalExposure)]
pub struct Seen {
    pub role: Role,
    pub class: PersonalClass,
    pub exposure: Exposure,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PersonalSettings)]
pub struct Settings {
    /// Of every role and class; those that are left out are as shipped.
    pub exposures: Vec<Seen>,
    /// Masked values one viewer may reveal within any hour, 0 to 1000.
    pub reveals_per_hour: i64,
    /// Days for which it is kept who looked at whom, 30 to 3650.
    pub looks_days: i64,
}

pub const REVEALS_PER_HOUR_DEFAULT: i64 = 30;
pub const LOOKS_DAYS_DEFAULT: i64 = 180;
