//! Who did what, in a chain of hashes: a row that was changed or removed later shows.
//!
//! `audit(&mut tx, …)` writes in the transaction of the change itself, so that
//! neither exists without the other.

mod api;
mod rules;
mod store;

pub(crate) use api::routes;
pub use rules::Break;
pub use store::AuditRow;
pub(crate) use store::DETAIL;

use serde_json::Value;
use siyu_db::{Db, Tx};
use siyu_types::clock::Millis;
use siyu_types::ports::NamesErased;
use siyu_types::{ProjectId, Result, Viewer};

/// Notes that the viewer did `action` (`tags.create`) to `object` (`tag:12`).
/// `detail` must not hold personal data: say which person by number.
pub async fn audit(
    tx: &mut Tx,
    viewer: &Viewer,
    action: &str,
    object: &str,
    detail: Value,
    at: Millis,
) -> Result<()> {
    store::append(tx, viewer, action, object, &detail.to_string(), at).await
}

/// Takes the details out of rows that name somebody who was erased, and says so in a row of
/// its own: a detail that is missing without one was taken out by somebody else.
pub(crate) async fn redact(
    db: &Db,
    project: ProjectId,
    erasure: i64,
    names: &NamesErased,
    at: Millis,
) -> Result<u64> {
    const ROWS_PER_READ: i64 = 1_000;
    let (mut named, mut last) = (Vec::new(), 0);
    loop {
        let rows = store::after(db, project, last, ROWS_PER_READ).await?;
        let Some(row) = rows.last() else { break };
        last = row.seq;
        let texts = rows.iter().filter(|row| row.erasure.is_none() && names(&row.detail));
        named.extend(texts.map(|row| row.seq));
    }
    if named.is_empty() {
        return Ok(0);
    }
    let mut tx = db.begin().await?;
    for seq in &named {
        store::redact(&mut tx, project, *seq, erasure).await?;
    }
    let detail = serde_json::json!({ "rows": named });
    audit(&mut tx, &Viewer::system(project), "audit.redact", &format!("erasure:{erasure}"), detail, at)
        .await?;
    tx.commit().await.map_err(siyu_db::db_error)?;
    Ok(named.len() as u64)
}

/// Walks a project's chain from the start. `None` if it is whole.
pub async fn verify(db: &Db, project: ProjectId) -> Result<Option<Break>> {
    const ROWS_PER_READ: i64 = 1_000;
    let mut chain = rules::Chain::default();
    loop {
        let rows = store::after(db, project, chain.seq, ROWS_PER_READ).await?;
        for row in &rows {
            if let Some(broken) = chain.follow(row) {
                return Ok(Some(broken));
            }
        }
        if (rows.len() as i64) < ROWS_PER_READ {
            return Ok(None);
        }
    }
}
