//! SQL of all messages.

use siyu_db::{Db, db_error};
use siyu_types::ports::ToldSend;
use siyu_types::{Error, ErrorCode, ProjectId, Result};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::delivery::{Arm, Bounce};

pub(super) async fn sends(db: &Db, project: ProjectId, most: usize) -> Result<Vec<ToldSend>> {
    const SQL: &str = "SELECT s.send_id, s.campaign, c.name, c.channel, s.person, s.arm, s.state, s.reason,
            s.decided_at, s.finished_at, s.bounced, o.first_at AS opened_at, k.first_at AS clicked_at,
            u.first_at AS unsubscribed_at
        FROM delivery_sends s JOIN campaigns c ON c.id = s.campaign
        LEFT JOIN delivery_reactions o ON o.send_id = s.send_id AND o.kind = 'opened'
        LEFT JOIN delivery_reactions k ON k.send_id = s.send_id AND k.kind = 'clicked'
        LEFT JOIN delivery_reactions u ON u.send_id = s.send_id AND u.kind = 'unsubscribed'
        WHERE s.project = $1 LIMIT $2";
    let limit = i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1);
    let rows = sqlx::query(SQL).bind(project.0).bind(limit).fetch_all(db.read()).await.map_err(db_error)?;
    if rows.len() > most {
        return Err(Error::new(
            ErrorCode::TooComplex,
            "the project has more messages than can be read at once",
        )
        .with("limit", most.to_string()));
    }
    rows.iter().map(read).collect::<Result<_, sqlx::Error>>().map_err(db_error)
}

fn read(row: &AnyRow) -> Result<ToldSend, sqlx::Error> {
    let person: i64 = row.try_get("person")?;
    Ok(ToldSend {
        send_id: row.try_get("send_id")?,
        campaign: row.try_get("campaign")?,
        campaign_name: row.try_get("name")?,
        channel: row.try_get("channel")?,
        person: u32::try_from(person).unwrap_or(u32::MAX),
        control: Arm::from_number(row.try_get("arm")?) == Arm::Control,
        state: row.try_get("state")?,
        reason: row.try_get::<Option<String>, _>("reason")?.unwrap_or_default(),
        decided_at: row.try_get("decided_at")?,
        finished_at: row.try_get("finished_at")?,
        bounced: Bounce::from_number(row.try_get("bounced")?) != Bounce::None,
        opened_at: row.try_get("opened_at")?,
        clicked_at: row.try_get("clicked_at")?,
        unsubscribed_at: row.try_get("unsubscribed_at")?,
    })
}
