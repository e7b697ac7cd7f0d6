//! `identities`: a row per identifier that a living person has now.

use std::sync::Arc;

use siyu_govern::masking::shown_identifier;
use siyu_types::{FieldKind, PersonNo};

use super::column::{Column, ColumnKind};
use super::rows::Rows;
use super::{Catalog, Held, Kind, Moment, Wanted};

pub(crate) struct Identities;

impl Kind for Identities {
    fn name(&self) -> &'static str {
        "identities"
    }

    fn columns(&self, catalog: &Catalog<'_>) -> Vec<Column> {
        let namespaces = catalog.people.graph().namespaces();
        let viewer = catalog.viewer;
        // Which of them are masked goes by the namespace of each row.
        let value = Column {
            personal: namespaces
                .iter()
                .any(|name| viewer.personal.field(FieldKind::Identifier, name).is_some()),
            masked: namespaces.iter().any(|name| !viewer.sees(FieldKind::Identifier, name)),
            ..Column::fixed("value", ColumnKind::Text)
        };
        vec![Column::person(), Column::fixed("namespace", ColumnKind::Text), value]
    }

    fn read(
        &self,
        wanted: &Wanted,
        columns: &Arc<[Column]>,
        moment: &Moment<'_>,
    ) -> datafusion::common::Result<Held> {
        let mut rows = Rows::new(wanted, columns, moment);
        for person in moment.people.universe() {
            if rows.full() {
                break;
            }
            for identifier in moment.people.identifiers(PersonNo(person)) {
                let identifier = shown_identifier(moment.viewer, identifier);
                rows.add(|column, to| match column.name.as_str() {
                    "person_no" => to.integer(i64::from(person)),
                    "namespace" => to.text(&identifier.namespace),
                    _ => to.text(&identifier.value),
                })?;
            }
        }
        rows.finish()
    }
}
