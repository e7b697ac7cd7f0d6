//! An order and what all orders of a person come to. Amounts are integers in minor
//! units of the project's currency.

use serde::Serialize;
use siyu_analytics::orders::{OrderSum, Worth};
use siyu_http::At;
use siyu_types::clock::Millis;
use utoipa::ToSchema;

#[derive(Clone, PartialEq, Debug)]
pub struct Order {
    /// Empty if the event did not say.
    pub order_id: String,
    pub sum: OrderSum,
    pub placed_at: Option<Millis>,
    pub payments: Vec<Payment>,
    pub refunds: Vec<Refund>,
    pub lines: Vec<Line>,
    pub channel: String,
    pub store_id: String,
    pub staff_id: String,
    pub source: String,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Payment {
    /// Empty if it has no number of its own.
    pub payment_id: String,
    pub at: Millis,
    pub amount_minor: i64,
    /// Such as `wechat`; empty if not said.
    pub method: String,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Refund {
    /// Empty if it has no number of its own.
    pub refund_id: String,
    pub at: Millis,
    pub amount_minor: i64,
    pub item_id: String,
    pub line_id: String,
    pub reason: String,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    pub line_id: String,
    pub item_id: String,
    pub item_type: String,
    /// As the line itself says.
    pub name: Option<String>,
    pub quantity: Option<f64>,
    pub amount_minor: Option<i64>,
    /// Of the refunds that name the line or its item.
    pub refunded_minor: i64,
}

/// What a person bought, in a few numbers: the same as conditions on orders count.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, ToSchema)]
pub struct PersonValue {
    /// Paid and not fully refunded.
    pub orders: u64,
    /// Paid and fully refunded.
    pub refunded_orders: u64,
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

impl PersonValue {
    pub(super) fn of(worth: &Worth, now: Millis) -> PersonValue {
        PersonValue {
            orders: worth.orders,
            refunded_orders: worth.fully_refunded,
            paid_minor: worth.paid_minor,
            refunded_minor: worth.refunded_minor,
            net_minor: worth.net_minor(),
            average_minor: worth.average_minor(),
            first_order: worth.first.map(At),
            last_order: worth.last.map(At),
            days_since: worth.days_since_last(now),
        }
    }
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
