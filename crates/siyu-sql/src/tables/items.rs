//! `items`: a row per item of any type, with the attributes of all types as columns.

use std::collections::BTreeMap;
use std::sync::Arc;

use siyu_audience::items::shown_attribute;
use siyu_types::value::ValueKind;
use siyu_types::{FieldKind, Value};

use super::column::{Column, ColumnKind, Origin, free_name, kind_of};
use super::rows::Rows;
use super::{Catalog, Held, Kind, Moment, Wanted};

pub(crate) struct Items;

impl Kind for Items {
    fn name(&self) -> &'static str {
        "items"
    }

    fn columns(&self, catalog: &Catalog<'_>) -> Vec<Column> {
        let mut columns = vec![
            Column::fixed("item_type", ColumnKind::Text),
            Column::text("item_id"),
            Column { kind: ColumnKind::List, ..Column::text("tags") },
        ];
        let mut known: BTreeMap<String, (ValueKind, bool)> = BTreeMap::new();
        for (item_type, table) in catalog.people.items().tables() {
            for (name, kind, _) in table.attributes() {
                // Staff are people.
                let masked = item_type == "staff" && !catalog.viewer.sees(FieldKind::Attribute, &name);
                let (held, hidden) = known.entry(name).or_insert((kind, false));
                if *held != kind {
                    *held = ValueKind::Text;
                }
                *hidden |= masked;
            }
        }
        for (name, (kind, masked)) in known {
            let kind = if masked { ColumnKind::Text } else { kind_of(&name, kind) };
            let column = Column {
                origin: Origin::Item(name.clone()),
                personal: masked,
                masked,
                ..Column::fixed(&free_name(&name, &columns, "attribute_"), kind)
            };
            columns.push(column);
        }
        columns
    }

    fn read(
        &self,
        wanted: &Wanted,
        columns: &Arc<[Column]>,
        moment: &Moment<'_>,
    ) -> datafusion::common::Result<Held> {
        let mut rows = Rows::new(wanted, columns, moment);
        for (item_type, table) in moment.people.items().tables() {
            for row in table.living_rows() {
                if rows.full() {
                    break;
                }
                let mut values: BTreeMap<String, Value> =
                    table.values(row).into_iter().map(|set| (set.name, set.value)).collect();
                rows.add(|column, to| match (&column.origin, column.name.as_str()) {
                    (Origin::Item(name), _) => to.value(values.remove(name).and_then(|value| {
                        match shown_attribute(moment.viewer, item_type, name, value) {
                            // What a number of somebody was turned into does not fit among numbers.
                            Value::Text(text) if column.kind != ColumnKind::Text => {
                                text.parse().ok().map(Value::Number)
                            }
                            other => Some(other),
                        }
                    })),
                    (_, "item_type") => to.text(item_type),
                    (_, "item_id") => to.text(&column.shown(moment.viewer, table.id(row))),
                    _ => {
                        let tags = table.tags_of(row);
                        to.list(tags.iter().map(|set| set.tag.as_str()));
                    }
                })?;
            }
        }
        rows.finish()
    }
}
