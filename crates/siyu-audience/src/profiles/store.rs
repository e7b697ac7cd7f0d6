//! SQL of merge policies.

use std::collections::BTreeMap;

use siyu_db::{Db, Tx, db_error};
use siyu_types::clock::Millis;
use siyu_types::{Error, ProjectId, Result};
use sqlx::Row;

use super::combine::Policy;

/// The policies of a project, by attribute.
pub(super) async fn policies(db: &Db, project: ProjectId) -> Result<BTreeMap<String, Policy>> {
    let rows = sqlx::query("SELECT name, policy FROM attribute_policies WHERE project = $1")
        .bind(project.0)
        .fetch_all(db.read())
        .await
        .map_err(db_error)?;
    let mut policies = BTreeMap::new();
    for row in rows {
        let policy: String = row.try_get("policy").map_err(db_error)?;
        let policy = Policy::parse(&policy)
            .ok_or_else(|| Error::internal(format!("{policy} is not a merge policy of this version")))?;
        policies.insert(row.try_get("name").map_err(db_error)?, policy);
    }
    Ok(policies)
}

pub(super) async fn set_policy(
    tx: &mut Tx,
    project: ProjectId,
    name: &str,
    policy: Policy,
    now: Millis,
) -> Result<()> {
    const UPSERT: &str = "INSERT INTO attribute_policies (project, name, policy, updated_at)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (project, name) DO UPDATE SET policy = excluded.policy, updated_at = excluded.updated_at";
    sqlx::query(UPSERT)
        .bind(project.0)
        .bind(name.to_owned())
        .bind(policy.as_str())
        .bind(now)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}
