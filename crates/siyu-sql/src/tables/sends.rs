//! `sends`: a row per message that a campaign decided about, with what became of it.

use std::sync::Arc;

use siyu_types::PersonNo;

use super::column::{Column, ColumnKind};
use super::rows::Rows;
use super::{Catalog, Held, Kind, Moment, Wanted};

pub(crate) struct Sends;

impl Kind for Sends {
    fn name(&self) -> &'static str {
        "sends"
    }

    fn columns(&self, _: &Catalog<'_>) -> Vec<Column> {
        vec![
            Column::fixed("send_id", ColumnKind::Text),
            Column::fixed("campaign_id", ColumnKind::Integer),
            Column::fixed("campaign", ColumnKind::Text),
            Column::fixed("channel", ColumnKind::Text),
            Column::person(),
            Column::fixed("control", ColumnKind::Bool),
            Column::fixed("state", ColumnKind::Text),
            Column::fixed("reason", ColumnKind::Text),
            Column::fixed("decided_at", ColumnKind::Time),
            Column::fixed("finished_at", ColumnKind::Time),
            Column::fixed("bounced", ColumnKind::Bool),
            Column::fixed("opened_at", ColumnKind::Time),
            Column::fixed("clicked_at", ColumnKind::Time),
            Column::fixed("unsubscribed_at", ColumnKind::Time),
        ]
    }

    fn read(
        &self,
        wanted: &Wanted,
        columns: &Arc<[Column]>,
        moment: &Moment<'_>,
    ) -> datafusion::common::Result<Held> {
        let mut rows = Rows::new(wanted, columns, moment);
        for send in moment.sends {
            let person = moment.people.person_of(PersonNo(send.person));
            if rows.full() || !moment.people.exists(person) {
                continue;
            }
            rows.add(|column, to| match column.name.as_str() {
                "send_id" => to.text(&send.send_id),
                "campaign_id" => to.integer(send.campaign),
                "campaign" => to.text(&send.campaign_name),
                "channel" => to.text(&send.channel),
                "person_no" => to.integer(i64::from(person.0)),
                "control" => to.bool(send.control),
                "state" => to.text(&send.state),
                "reason" => to.text_or_null(&send.reason),
                "decided_at" => to.time(send.decided_at),
                "finished_at" => to.time(send.finished_at),
                "bounced" => to.bool(send.bounced),
                "opened_at" => to.time(send.opened_at),
                "clicked_at" => to.time(send.clicked_at),
                _ => to.time(send.unsubscribed_at),
            })?;
        }
        rows.finish()
    }
}
