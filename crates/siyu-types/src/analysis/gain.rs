//! What people bring: events with the number of a property, or orders with what is left of them
//! after refunds. Amounts are whole numbers, so that parts of them add up exactly.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::EventMatch;
use super::question::Spoken;
use crate::condition::PropertyFilter;
use crate::error::{Error, Result};
use crate::order::ORDER_FILTERS_MAX;
use crate::record::names::MONEY_SUFFIX;

/// Parts of one that a number without a minor unit is counted in.
pub const FRACTION: i64 = 10_000;

/// Something people do that is worth counting, and what each of it is worth.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Gain {
    Event {
        event: EventMatch,
        /// The property that holds the number; an event without one is worth 0.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        worth: Option<String>,
    },
    /// Orders that were paid and not fully refunded, at the time of their payment; each is worth
    /// what was paid less what was refunded, whenever that was.
    Orders {
        #[serde(default)]
        filters: Vec<PropertyFilter>,
    },
}

/// How many parts of a number of a property make one.
pub(super) fn unit_of(property: Option<&str>) -> i64 {
    match property {
        Some(property) if !property.ends_with(MONEY_SUFFIX) => FRACTION,
        _ => 1,
    }
}

impl Gain {
    /// How many parts of an amount make one: 1 where amounts are in minor units, which have no
    /// parts; else [`FRACTION`].
    pub fn unit(&self) -> i64 {
        match self {
            Gain::Event { worth, .. } => unit_of(worth.as_deref()),
            Gain::Orders { .. } => 1,
        }
    }

    /// Whether each is worth anything.
    pub fn has_worth(&self) -> bool {
        !matches!(self, Gain::Event { worth: None, .. })
    }

    pub(super) fn validate(&self, field: &str) -> Result<()> {
        let Gain::Orders { filters } = self else { return Ok(()) };
        if filters.len() > ORDER_FILTERS_MAX {
            return Err(Error::invalid(format!("{field}.filters"), "too many filters"));
        }
        let mut filters = filters.iter().enumerate();
        filters.try_for_each(|(index, filter)| filter.test.validate(&format!("{field}.filters[{index}]")))
    }

    /// Adds what it speaks of; the field of its event is `event` below `field`.
    pub(super) fn speak<'q>(&'q self, field: &str, spoken: &mut Spoken<'q>) {
        match self {
            Gain::Event { event, worth } => {
                let place = spoken.events.len();
                spoken.events.push((format!("{field}.event"), event));
                if let Some(property) = worth {
                    spoken.read(format!("{field}.worth"), property, place..place + 1, true);
                }
            }
            Gain::Orders { filters } => spoken.orders = Some((format!("{field}.filters"), filters)),
        }
    }
}
