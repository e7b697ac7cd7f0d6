//! SQL of what became of a person's messages, for copies of their data.

use std::collections::HashMap;

use siyu_db::{Db, db_error};
use siyu_types::clock::Millis;
use siyu_types::{ProjectId, Result};
use sqlx::{AssertSqlSafe, Row};

use crate::batch;

/// When somebody did something with a message, or what was reported of it.
pub(super) type Happened = HashMap<String, Vec<(String, Millis)>>;

/// What people did with these messages and what was reported of them, by message.
pub(super) async fn happened(db: &Db, sends: &[String]) -> Result<Happened> {
    let mut happened: Happened = HashMap::new();
    for some in sends.chunks(batch::BINDS_MAX) {
        let places = batch::list(some.len(), 0);
        let texts = [
            format!(
                "SELECT send_id, kind, first_at AS at FROM delivery_reactions WHERE send_id IN ({places})"
            ),
            format!("SELECT send_id, kind, at FROM receipts_receipts WHERE send_id IN ({places})"),
        ];
        for text in texts {
            // Safe: the text holds nothing but placeholders.
            let mut query = sqlx::query(AssertSqlSafe(text));
            for send in some {
                query = query.bind(send.clone());
            }
            for row in query.fetch_all(db.read()).await.map_err(db_error)? {
                let send: String = row.try_get("send_id").map_err(db_error)?;
                let kind: String = row.try_get("kind").map_err(db_error)?;
                let at: Millis = row.try_get("at").map_err(db_error)?;
                happened.entry(send).or_default().push((kind, at));
            }
        }
    }
    Ok(happened)
}

/// Channel, reason and time of the lists a person or one of their addresses is on.
pub(super) async fn lists(
    db: &Db,
    project: ProjectId,
    targets: &[String],
) -> Result<Vec<(String, String, Millis)>> {
    let mut lists = Vec::new();
    for some in targets.chunks(batch::BINDS_MAX) {
        let text = format!(
            "SELECT channel, reason, created_at FROM protection_suppressions
                WHERE project = $1 AND target IN ({}) ORDER BY id",
            batch::list(some.len(), 1)
        );
        // Safe: the text holds nothing but placeholders.
        let mut query = sqlx::query(AssertSqlSafe(text)).bind(project.0);
        for target in some {
            query = query.bind(target.clone());
        }
        for row in query.fetch_all(db.read()).await.map_err(db_error)? {
            lists.push((
                row.try_get("channel").map_err(db_error)?,
                row.try_get("reason").map_err(db_error)?,
                row.try_get("created_at").map_err(db_error)?,
            ));
        }
    }
    Ok(lists)
}
