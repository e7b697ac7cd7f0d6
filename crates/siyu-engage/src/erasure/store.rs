//! SQL of erasing: of all tables of this crate that know people or their addresses.

use siyu_db::{Tx, db_error};
use siyu_types::ProjectId;
use siyu_types::error::Result;

/// How many of what.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Gone {
    pub sends: u64,
    pub receipts: u64,
    pub reservations: u64,
    pub suppressions: u64,
    pub hashes: u64,
}

impl Gone {
    pub fn add(&mut self, other: Gone) {
        self.sends += other.sends;
        self.receipts += other.receipts;
        self.reservations += other.reservations;
        self.suppressions += other.suppressions;
        self.hashes += other.hashes;
    }
}

/// Whether a call for this person has no result yet.
pub(super) async fn under_way(tx: &mut Tx, project: ProjectId, number: u32) -> Result<bool> {
    const SQL: &str = "SELECT COUNT(*) FROM delivery_sends
        WHERE project = $1 AND person = $2 AND state = 'attempting'";
    let count: i64 = sqlx::query_scalar(SQL)
        .bind(project.0)
        .bind(i64::from(number))
        .fetch_one(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(count > 0)
}

/// Takes away what names a person or their address. An address that must not be written to
/// stays on that list as the keyed hash it is, without what people recognise it by.
pub(super) async fn forget(tx: &mut Tx, project: ProjectId, number: u32) -> Result<Gone> {
    const LISTED: &str = "UPDATE protection_suppressions SET shown = '' WHERE project = $1 AND target IN (
            SELECT 'address:' || address_hash FROM delivery_sends
                WHERE project = $1 AND person = $2 AND address_hash IS NOT NULL
            UNION SELECT 'address:' || address_hash FROM protection_reservations
                WHERE project = $1 AND person = $2
            UNION SELECT 'address:' || address_hash FROM receipts_receipts
                WHERE project = $1 AND person = $2 AND address_hash IS NOT NULL)";
    const SUPPRESSED: &str = "DELETE FROM protection_suppressions
        WHERE project = $1 AND target = 'person:' || CAST($2 AS TEXT)";
    const RESERVED: &str = "DELETE FROM protection_reservations WHERE project = $1 AND person = $2";
    const RECEIPTS: &str = "UPDATE receipts_receipts SET address_hash = NULL, reason = '', told = 2
        WHERE project = $1 AND person = $2";
    const SENDS: &str = "UPDATE delivery_sends
        SET address_hash = NULL, rendered_hash = NULL, provider_id = NULL, error = NULL
        WHERE project = $1 AND person = $2";
    Ok(Gone {
        hashes: run(tx, LISTED, project, number).await?,
        suppressions: run(tx, SUPPRESSED, project, number).await?,
        reservations: run(tx, RESERVED, project, number).await?,
        receipts: run(tx, RECEIPTS, project, number).await?,
        sends: run(tx, SENDS, project, number).await?,
    })
}

async fn run(tx: &mut Tx, sql: &'static str, project: ProjectId, number: u32) -> Result<u64> {
    let query = sqlx::query(sql).bind(project.0).bind(i64::from(number));
    Ok(query.execute(&mut **tx).await.map_err(db_error)?.rows_affected())
}
