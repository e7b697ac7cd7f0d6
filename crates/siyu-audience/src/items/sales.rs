//! What orders with an item come to, from their events.

use siyu_analytics::measures;
use siyu_analytics::orders::{self, OrderQuery};
use siyu_http::At;
use siyu_types::Result;
use siyu_types::analysis::{DateRange, EventMatch};
use siyu_types::calendar::resolve;
use siyu_types::clock::Millis;
use siyu_types::condition::{PropertyFilter, Test};
use siyu_types::record::names;
use siyu_types::value::Value;

use super::model::{ItemLines, ItemSales, ItemSalesDay};
use crate::evaluation::{Needs, ask};
use crate::projects::Project;

/// Of the last so many days.
pub(super) fn of_item(
    project: &Project,
    property: &str,
    item_id: &str,
    days: u32,
    now: Millis,
) -> Result<ItemSales> {
    let test = Test::Is { values: vec![Value::Text(item_id.to_owned())] };
    let filters = [PropertyFilter::of(property, test)];
    let mut needs = Needs::default();
    let more = ["quantity".to_owned()];
    needs.events(orders::events_needed(), orders::columns_needed(&filters).into_iter().chain(more));
    let on_lines = project.events.properties(names::ORDER_LINE).iter().any(|known| known.name == property);
    ask(project, needs, now, |context| {
        let range = resolve(&DateRange::LastDays { days }, now, context.zone)?;
        let totals = orders::totals(&OrderQuery { filters: &filters, states: &[], range }, context);
        let line = EventMatch { event: names::ORDER_LINE.to_owned(), filters: filters.to_vec() };
        let lines = match on_lines {
            false => None,
            true => {
                let of = |property| measures::summaries(&line, Some(property), range, context);
                let (quantities, amounts) = (of("quantity")?, of("amount_minor")?);
                Some(ItemLines {
                    lines: amounts.iter().map(|person| person.count).sum(),
                    quantity: quantities.iter().map(|person| person.sum).sum(),
                    amount_minor: amounts.iter().map(|person| person.sum).sum::<f64>().round() as i64,
                })
            }
        };
        let worth = totals.worth;
        Ok(ItemSales {
            orders: worth.orders,
            refunded_orders: worth.fully_refunded,
            people: totals.people,
            paid_minor: worth.paid_minor,
            refunded_minor: worth.refunded_minor,
            net_minor: worth.net_minor(),
            lines,
            first_order: worth.first.map(At),
            last_order: worth.last.map(At),
            days: totals
                .days
                .into_iter()
                .map(|day| ItemSalesDay {
                    net_minor: day.worth.net_minor(),
                    orders: day.worth.orders,
                    day: day.day,
                })
                .collect(),
        })
    })
}
