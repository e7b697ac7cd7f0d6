//! `order_lines`: a row per line of an order.

use std::sync::Arc;

use siyu_analytics::orders;
use siyu_audience::Project;
use siyu_audience::evaluation::Needs;

use super::column::{Column, ColumnKind};
use super::orders::{order_events, property};
use super::rows::Rows;
use super::{Catalog, Held, Kind, Moment, Wanted};

pub(crate) struct OrderLines;

impl Kind for OrderLines {
    fn name(&self) -> &'static str {
        "order_lines"
    }

    fn columns(&self, catalog: &Catalog<'_>) -> Vec<Column> {
        let property = |name| property(catalog.viewer, name);
        vec![
            property("order_id"),
            Column::person(),
            Column::fixed("time", ColumnKind::Time),
            property("line_id"),
            property("item_id"),
            property("item_type"),
            // Products have names too; people's look like what they are.
            Column::text("item_name"),
            Column::fixed("quantity", ColumnKind::Number),
            Column::fixed("amount_minor", ColumnKind::Integer),
        ]
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
        let lines = orders::lines(moment.context);
        moment.budget.try_grow(lines.len() * size_of::<orders::ToldLine>())?;
        let mut rows = Rows::new(wanted, columns, moment);
        for line in &lines {
            if rows.full() {
                break;
            }
            rows.add(|column, to| {
                let text = match column.name.as_str() {
                    "person_no" => return to.integer(i64::from(line.person)),
                    "time" => return to.time(Some(line.at)),
                    "quantity" => {
                        return match line.quantity {
                            Some(quantity) => to.number(quantity),
                            None => to.null(),
                        };
                    }
                    "amount_minor" => {
                        return match line.amount_minor {
                            Some(amount) => to.integer(amount),
                            None => to.null(),
                        };
                    }
                    "order_id" => &line.order_id,
                    "line_id" => &line.line_id,
                    "item_id" => &line.item_id,
                    "item_type" => &line.item_type,
                    _ => &line.name,
                };
                to.text_or_null(&column.shown(moment.viewer, text));
            })?;
        }
        rows.finish()
    }
}
