//! Orders as conditions speak of them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::analysis::DateRange;
use crate::condition::{Compare, PropertyFilter};
use crate::error::{Error, ErrorCode, Result};

/// Filters of one condition on orders.
pub const ORDER_FILTERS_MAX: usize = 20;

/// Where an order stands, from what is known of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OrderStanding)]
pub enum OrderState {
    /// Placed, not paid.
    Placed,
    Paid,
    PartlyRefunded,
    /// All that was paid went back.
    Refunded,
    /// Called off by the person before it was paid.
    Cancelled,
    /// Ended by the shop without a payment.
    Closed,
    /// Only a refund of it is known.
    Unknown,
}

impl OrderState {
    pub const ALL: [OrderState; 7] = [
        OrderState::Placed,
        OrderState::Paid,
        OrderState::PartlyRefunded,
        OrderState::Refunded,
        OrderState::Cancelled,
        OrderState::Closed,
        OrderState::Unknown,
    ];

    /// Something was bought and not all of it given back: what is counted as an order.
    pub fn counts(self) -> bool {
        matches!(self, OrderState::Paid | OrderState::PartlyRefunded)
    }

    pub fn was_paid(self) -> bool {
        self.counts() || self == OrderState::Refunded
    }
}

/// "Of the orders of the window that fit the filters, the `measure` compares so".
/// An order belongs to the window by the time it was paid; what was refunded of it,
/// whenever that was, is taken from it.
///
/// An order fits a filter by what its events say, of its refunds only where nothing else is
/// known of it: `is_not`, `not_contains` and `is_missing` must hold for all of them, other
/// tests for one.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct OrderCondition {
    #[serde(default)]
    pub filters: Vec<PropertyFilter>,
    pub window: DateRange,
    pub measure: OrderMeasure,
    pub compare: Compare,
    pub value: f64,
}

/// A number per person over orders. Amounts are in minor units. Counts and
/// amounts of no orders are 0; the others are no value then, which satisfies no comparison.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum OrderMeasure {
    /// Orders not fully refunded.
    Count,
    /// Paid less refunded.
    Net,
    Paid,
    Refunded,
    /// Net per order not fully refunded.
    Average,
    /// Whole days (of 24 hours) since the last order not fully refunded.
    DaysSinceLast,
    /// The same since the first one.
    DaysSinceFirst,
}

impl OrderMeasure {
    pub const ALL: [OrderMeasure; 7] = [
        OrderMeasure::Count,
        OrderMeasure::Net,
        OrderMeasure::Paid,
        OrderMeasure::Refunded,
        OrderMeasure::Average,
        OrderMeasure::DaysSinceLast,
        OrderMeasure::DaysSinceFirst,
    ];
}

impl OrderCondition {
    pub(crate) fn validate(&self, path: &str) -> Result<()> {
        if !self.value.is_finite() {
            return Err(Error::invalid(format!("{path}.value"), "must be a number"));
        }
        if self.filters.len() > ORDER_FILTERS_MAX {
            return Err(Error::new(ErrorCode::TooComplex, "too many filters")
                .with("limit", ORDER_FILTERS_MAX.to_string())
                .at(format!("{path}.filters")));
        }
        for (index, filter) in self.filters.iter().enumerate() {
            filter.test.validate(&format!("{path}.filters[{index}]"))?;
        }
        Ok(())
    }
}
