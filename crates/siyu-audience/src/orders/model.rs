//! An order and what all orders of a person come to. Amounts are integers in minor
//! units of the project's currency.

use serde::Serialize;
use siyu_http::At;
use siyu_types::clock::Millis;
use utoipa::ToSchema;

#[derive(Clone, PartialEq, Debug)]
pub struct Order {
    /// Empty if the event did not say.
    pub order_id: String,
    pub at: Millis,
    /// False if only a refund of it is known.
    pub paid: bool,
    pub paid_minor: i64,
    pub refunded_minor: i64,
    pub lines: Vec<Line>,
    pub source: String,
}

impl Order {
    pub fn net_minor(&self) -> i64 {
        self.paid_minor.saturating_sub(self.refunded_minor)
    }
}

#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    pub item_id: String,
    pub item_type: String,
    /// As the line itself says.
    pub name: Option<String>,
    pub quantity: Option<f64>,
    pub amount_minor: Option<i64>,
}

/// What a person bought, in a few numbers.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, ToSchema)]
pub struct PersonValue {
    /// Paid orders, refunded ones among them.
    pub orders: u64,
    pub paid_minor: i64,
    pub refunded_minor: i64,
    /// Paid less refunded.
    pub net_minor: i64,
    /// Net per order; null without orders.
    pub average_minor: Option<i64>,
    pub first_order: Option<At>,
    pub last_order: Option<At>,
    /// Whole days since the last order.
    pub days_since: Option<i64>,
}

/// Where somebody stands with us.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = LifecycleStage)]
pub enum Stage {
    New,
    Active,
    Cooling,
    Lost,
}

/// What the stage goes by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = LifecycleBasis)]
pub enum StageBasis {
    /// The last order.
    Order,
    /// There is none: the last event.
    Activity,
}

/// The stage, and the rule it follows: see `rules::lifecycle`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Lifecycle {
    pub stage: Stage,
    pub basis: StageBasis,
    /// Whole days since the last order or event.
    pub days: i64,
    pub new_days: i64,
    pub active_days: i64,
    pub cooling_days: i64,
}
