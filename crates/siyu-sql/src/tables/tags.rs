//! `tags`: a row per person and value of a tag; of a list a row per element.

use std::sync::Arc;

use siyu_analytics::PersonColumns;
use siyu_audience::people::value_at;
use siyu_types::Value;

use super::column::{Column, ColumnKind};
use super::rows::Rows;
use super::{Catalog, Held, Kind, Moment, Wanted};

pub(crate) struct Tags;

impl Kind for Tags {
    fn name(&self) -> &'static str {
        "tags"
    }

    fn columns(&self, _: &Catalog<'_>) -> Vec<Column> {
        vec![
            Column::person(),
            Column::fixed("tag_id", ColumnKind::Integer),
            Column::fixed("tag", ColumnKind::Text),
            Column::fixed("display", ColumnKind::Text),
            // It may have been computed from anything.
            Column::text("value"),
        ]
    }

    fn read(
        &self,
        wanted: &Wanted,
        columns: &Arc<[Column]>,
        moment: &Moment<'_>,
    ) -> datafusion::common::Result<Held> {
        let mut rows = Rows::new(wanted, columns, moment);
        for (id, tag) in moment.definitions.tags.iter().filter(|(_, tag)| wanted.hints.wants(&tag.name)) {
            let Some(values) = moment.people.tag(*id) else { continue };
            for person in moment.people.universe() {
                if rows.full() {
                    break;
                }
                let parts = match value_at(values, person) {
                    None => continue,
                    Some(Value::List(items)) => items,
                    Some(other) => vec![other.display()],
                };
                for part in parts {
                    rows.add(|column, to| match column.name.as_str() {
                        "person_no" => to.integer(i64::from(person)),
                        "tag_id" => to.integer(*id),
                        "tag" => to.text(&tag.name),
                        "display" => to.text(&tag.display),
                        _ => to.text(&column.shown(moment.viewer, &part)),
                    })?;
                }
            }
        }
        rows.finish()
    }
}
