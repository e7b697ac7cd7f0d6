//! An order as a caller may see it.

use serde::Serialize;
use siyu_http::At;
use siyu_types::{OrderState, PersonNo, Value, Viewer};
use utoipa::ToSchema;

use super::model::{Line, Order};
use crate::items::named;
use crate::people::{People, shown_value};
use crate::profiles::NAME_ATTRIBUTE;

/// Types that lines without a type of their own are looked up as.
const ITEM_TYPES: [&str; 5] = ["product", "item", "sku", "goods", "spu"];

/// One order. Amounts are in minor units of the project's currency.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
#[schema(as = Order)]
pub(crate) struct OrderItem {
    /// Empty if the event did not say.
    order_id: String,
    person: u32,
    /// As the caller may see it.
    person_name: Option<String>,
    /// When it was first paid; else when it was placed, else when first heard of.
    at: At,
    placed_at: Option<At>,
    state: OrderState,
    paid_minor: i64,
    refunded_minor: i64,
    net_minor: i64,
    /// Empty if not said.
    channel: String,
    store: Option<OrderPlaceItem>,
    staff: Option<OrderPlaceItem>,
    lines: Vec<OrderLine>,
    payments: Vec<OrderPayment>,
    refunds: Vec<OrderRefund>,
    source: String,
}

/// A store, or somebody of the staff.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
#[schema(as = OrderNamed)]
pub(crate) struct OrderPlaceItem {
    id: String,
    name: Option<String>,
}

#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub(crate) struct OrderLine {
    line_id: String,
    item_id: String,
    /// The type the item was found as; null if it is not known.
    item_type: Option<String>,
    /// What the line or the item calls it.
    name: Option<String>,
    quantity: Option<f64>,
    amount_minor: Option<i64>,
    /// Of refunds that name the line or its item.
    refunded_minor: i64,
}

#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub(crate) struct OrderPayment {
    payment_id: String,
    at: At,
    amount_minor: i64,
    method: String,
}

#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub(crate) struct OrderRefund {
    refund_id: String,
    at: At,
    amount_minor: i64,
    /// Of the item or line it is for; empty if it is for the order.
    item_id: String,
    line_id: String,
    reason: String,
}

pub(super) fn item(people: &People, viewer: &Viewer, person: PersonNo, order: Order) -> OrderItem {
    let name = people.value(person, NAME_ATTRIBUTE);
    let place = |item_type: &str, id: String| {
        let name = people.item(item_type, &id).and_then(|attributes| named(&attributes));
        (!id.is_empty()).then_some(OrderPlaceItem { id, name })
    };
    OrderItem {
        person: person.0,
        person_name: name
            .map(|name| shown_value(viewer, NAME_ATTRIBUTE, name))
            .map(|name| Value::display(&name)),
        at: At(order.sum.at),
        placed_at: order.placed_at.map(At),
        state: order.sum.state,
        paid_minor: order.sum.paid_minor,
        refunded_minor: order.sum.refunded_minor,
        net_minor: order.sum.net_minor(),
        store: place("store", order.store_id),
        staff: place("staff", order.staff_id),
        lines: order.lines.into_iter().map(|line| line_item(people, line)).collect(),
        payments: order
            .payments
            .into_iter()
            .map(|paid| OrderPayment {
                payment_id: paid.payment_id,
                at: At(paid.at),
                amount_minor: paid.amount_minor,
                method: paid.method,
            })
            .collect(),
        refunds: order
            .refunds
            .into_iter()
            .map(|refund| OrderRefund {
                refund_id: refund.refund_id,
                at: At(refund.at),
                amount_minor: refund.amount_minor,
                item_id: refund.item_id,
                line_id: refund.line_id,
                reason: refund.reason,
            })
            .collect(),
        order_id: order.order_id,
        channel: order.channel,
        source: order.source,
    }
}

fn line_item(people: &People, line: Line) -> OrderLine {
    let own = [line.item_type.as_str()];
    let types: &[&str] = if line.item_type.is_empty() { &ITEM_TYPES } else { &own };
    let found = types.iter().find_map(|item_type| Some((*item_type, people.item(item_type, &line.item_id)?)));
    let name = line.name.or_else(|| found.as_ref().and_then(|(_, attributes)| named(attributes)));
    let item_type = found.map(|(item_type, _)| item_type.to_owned());
    OrderLine {
        line_id: line.line_id,
        item_id: line.item_id,
        item_type,
        name,
        quantity: line.quantity,
        amount_minor: line.amount_minor,
        refunded_minor: line.refunded_minor,
    }
}
