//! `segments`: a row per segment and member, as of now.

use std::sync::Arc;

use siyu_analytics::PersonColumns;
use siyu_audience::Project;
use siyu_audience::evaluation::Needs;

use super::column::{Column, ColumnKind};
use super::rows::Rows;
use super::{Catalog, Held, Kind, Moment, Wanted};

pub(crate) struct Segments;

impl Kind for Segments {
    fn name(&self) -> &'static str {
        "segments"
    }

    fn columns(&self, _: &Catalog<'_>) -> Vec<Column> {
        vec![
            Column::fixed("segment_id", ColumnKind::Integer),
            Column::fixed("segment", ColumnKind::Text),
            Column::fixed("kind", ColumnKind::Text),
            Column::person(),
        ]
    }

    fn needs(&self, wanted: &Wanted, _: &[Column], project: &Project, needs: &mut Needs) {
        let definitions = project.definitions();
        let asked = definitions.segments.iter().filter(|(_, segment)| wanted.hints.wants(&segment.name));
        asked.for_each(|(id, _)| needs.segment(*id));
    }

    fn read(
        &self,
        wanted: &Wanted,
        columns: &Arc<[Column]>,
        moment: &Moment<'_>,
    ) -> datafusion::common::Result<Held> {
        let mut rows = Rows::new(wanted, columns, moment);
        let asked = moment.definitions.segments.iter();
        for (id, segment) in asked.filter(|(_, segment)| wanted.hints.wants(&segment.name)) {
            let Some(members) = PersonColumns::segment(moment.context.people, *id) else { continue };
            for person in members & moment.people.universe() {
                if rows.full() {
                    break;
                }
                rows.add(|column, to| match column.name.as_str() {
                    "segment_id" => to.integer(*id),
                    "segment" => to.text(&segment.name),
                    "kind" => to.text(segment.kind.as_str()),
                    _ => to.integer(i64::from(person)),
                })?;
            }
        }
        rows.finish()
    }
}
