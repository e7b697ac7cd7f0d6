//! `orders`: a row per order, put together from its events as everywhere else.

use std::sync::Arc;

use siyu_analytics::orders::{self, OrderMadeAt, OrderQuery, TOLD_PROPERTIES};
use siyu_audience::Project;
use siyu_audience::evaluation::Needs;
use siyu_types::calendar::InstantRange;
use siyu_types::clock::Millis;
use siyu_types::{FieldKind, Viewer};

use super::column::{Column, ColumnKind, Filling};
use super::rows::Rows;
use super::{Catalog, Held, Kind, Moment, Wanted};

/// Of places, which take a second pass.
const MADE_AT: [&str; 3] = ["channel", "store_id", "staff_id"];

pub(crate) struct Orders;

/// A text that a property of the order's events says.
pub(super) fn property(viewer: &Viewer, name: &str) -> Column {
    Column::field(viewer, name, ColumnKind::Text, (FieldKind::Property, name))
}

/// What orders are made of.
pub(super) fn order_events(needs: &mut Needs) {
    let mut properties = orders::columns_needed([]);
    properties.extend(TOLD_PROPERTIES.map(str::to_owned));
    needs.events(orders::events_needed(), properties);
}

impl Kind for Orders {
    fn name(&self) -> &'static str {
        "orders"
    }

    fn columns(&self, catalog: &Catalog<'_>) -> Vec<Column> {
        let mut columns = vec![
            property(catalog.viewer, "order_id"),
            Column::person(),
            Column::fixed("time", ColumnKind::Time),
            Column::fixed("state", ColumnKind::Text),
            // Paid and not fully refunded: what everything else counts as an order.
            Column::fixed("counts", ColumnKind::Bool),
            Column::fixed("paid_minor", ColumnKind::Integer),
            Column::fixed("refunded_minor", ColumnKind::Integer),
            Column::fixed("net_minor", ColumnKind::Integer),
        ];
        columns.extend(MADE_AT.map(|name| property(catalog.viewer, name)));
        columns
    }

    fn needs(&self, _: &Wanted, _: &[Column], _: &Project, needs: &mut Needs) {
        order_events(needs);
    }

    fn read(
        &self,
        wanted: &Wanted,
        columns: &Arc<[Column]>,
        moment: &Moment<'_>,
    ) -> datafusion::common::Result<Held> {
        let range = InstantRange { from: Millis::MIN, to: Millis::MAX };
        let query = OrderQuery { filters: &[], states: &[], range };
        let page = orders::page(&query, None, usize::MAX, moment.context);
        moment.budget.try_grow(page.orders.len() * size_of::<orders::PlacedOrder>())?;
        let placed = wanted.columns.iter().any(|at| MADE_AT.contains(&columns[*at].name.as_str()));
        let places = if placed { orders::places(moment.context) } else { Default::default() };
        let nowhere = OrderMadeAt::default();
        let mut rows = Rows::new(wanted, columns, moment);
        for order in page.orders {
            if rows.full() {
                break;
            }
            let (person, sum) = (order.place.person, order.sum);
            let key = (person, order.order_id);
            let made_at = places.get(&key).unwrap_or(&nowhere);
            let (_, order_id) = &key;
            let text = |column: &Column, text: &str, to: &mut Filling| {
                to.text_or_null(&column.shown(moment.viewer, text));
            };
            rows.add(|column, to| match column.name.as_str() {
                "order_id" => text(column, order_id, to),
                "person_no" => to.integer(i64::from(person)),
                "time" => to.time(Some(sum.at)),
                "state" => to.text(state(sum.state)),
                "counts" => to.bool(sum.state.counts()),
                "paid_minor" => to.integer(sum.paid_minor),
                "refunded_minor" => to.integer(sum.refunded_minor),
                "net_minor" => to.integer(sum.net_minor()),
                "channel" => text(column, &made_at.channel, to),
                "store_id" => text(column, &made_at.store_id, to),
                _ => text(column, &made_at.staff_id, to),
            })?;
        }
        rows.finish()
    }
}

fn state(state: siyu_types::OrderState) -> &'static str {
    use siyu_types::OrderState;
    match state {
        OrderState::Placed => "placed",
        OrderState::Paid => "paid",
        OrderState::PartlyRefunded => "partly_refunded",
        OrderState::Refunded => "refunded",
        OrderState::Cancelled => "cancelled",
        OrderState::Closed => "closed",
        OrderState::Unknown => "unknown",
    }
}
