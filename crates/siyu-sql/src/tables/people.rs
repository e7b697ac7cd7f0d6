//! `people`: a row per living person, with what is known of them.

use std::sync::Arc;

use siyu_analytics::{AttributeColumn, PersonColumns};
use siyu_audience::people::value_at;
use siyu_types::{FieldKind, PersonNo, Viewer};

use super::column::{Column, ColumnKind, Filling, Origin};
use super::rows::Rows;
use super::{Catalog, Held, Kind, Moment, Wanted};

pub(crate) struct PeopleTable;

impl Kind for PeopleTable {
    fn name(&self) -> &'static str {
        "people"
    }

    fn columns(&self, catalog: &Catalog<'_>) -> Vec<Column> {
        let mut columns = vec![
            Column::person(),
            Column::fixed("first_seen", ColumnKind::Time),
            Column::fixed("last_seen", ColumnKind::Time),
            Column::fixed("event_count", ColumnKind::Integer),
        ];
        for known in catalog.people.properties() {
            let field = (FieldKind::Attribute, known.name.as_str());
            columns.push(Column::learned(catalog.viewer, field, known.kind, &columns, "attribute_"));
        }
        columns
    }

    fn read(
        &self,
        wanted: &Wanted,
        columns: &Arc<[Column]>,
        moment: &Moment<'_>,
    ) -> datafusion::common::Result<Held> {
        let people = moment.people;
        let attributes: Vec<Option<AttributeColumn<'_>>> = wanted
            .columns
            .iter()
            .map(|at| match &columns[*at].origin {
                Origin::Field(_, name) => people.attribute(name),
                _ => None,
            })
            .collect();
        let mut rows = Rows::new(wanted, columns, moment);
        for person in people.universe() {
            if rows.full() {
                break;
            }
            let activity = people.activity(PersonNo(person));
            let mut place = 0;
            rows.add(|column, to| {
                let attribute = attributes[place];
                place += 1;
                match (attribute, column.name.as_str()) {
                    (Some(values), _) => attribute_value(column, values, person, moment.viewer, to),
                    (None, "person_no") => to.integer(i64::from(person)),
                    (None, "first_seen") => to.time(activity.first_seen()),
                    (None, "last_seen") => to.time(activity.last_seen()),
                    (None, "event_count") => to.integer(activity.events as i64),
                    _ => to.null(),
                }
            })?;
        }
        rows.finish()
    }
}

fn attribute_value(
    column: &Column,
    values: AttributeColumn<'_>,
    person: u32,
    viewer: &Viewer,
    to: &mut Filling,
) {
    to.value(value_at(values, person).and_then(|value| column.seen(viewer, value)));
}
