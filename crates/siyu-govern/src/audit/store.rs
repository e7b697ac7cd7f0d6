//! SQL of the audit trail. Rows are only ever added; the detail of one that names somebody
//! who was erased is taken out.

use siyu_db::{Db, TextColumn, Texts, Tx, db_error, next_id};
use siyu_types::clock::Millis;
use siyu_types::permission::Actor;
use siyu_types::{ProjectId, Result, Viewer};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::rules;

/// What is sealed of the trail; hashes are of what it says.
pub(crate) const DETAIL: TextColumn = TextColumn::new("audit", "detail").by("seq");

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditRow {
    pub project: ProjectId,
    pub seq: i64,
    pub at: Millis,
    /// `user:12`, `key:3` or `system`.
    pub actor: String,
    pub actor_name: String,
    pub action: String,
    pub object: String,
    /// JSON.
    pub detail: String,
    pub hash: String,
    /// The erasure for which the detail was taken out.
    pub erasure: Option<i64>,
}

pub(super) async fn append(
    tx: &mut Tx,
    viewer: &Viewer,
    action: &str,
    object: &str,
    detail: &str,
    at: Millis,
) -> Result<()> {
    const LAST: &str = "SELECT hash FROM audit WHERE project = $1 AND seq = $2";
    const INSERT: &str =
        "INSERT INTO audit (project, seq, at, actor, actor_name, action, object, detail, hash)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    // The counter's row stays locked until the commit, so the chain grows one by one.
    let seq = next_id(tx, &format!("audit:{}", viewer.project.0)).await?;
    let previous: Option<String> = sqlx::query_scalar(LAST)
        .bind(viewer.project.0)
        .bind(seq - 1)
        .fetch_optional(&mut **tx)
        .await
        .map_err(db_error)?;
    let actor_name = match &viewer.actor {
        Actor::User { name, .. } | Actor::Key { name, .. } => name.clone(),
        Actor::System => String::new(),
    };
    let mut row = AuditRow {
        project: viewer.project,
        seq,
        at,
        actor: viewer.actor.as_text(),
        actor_name,
        action: action.to_owned(),
        object: object.to_owned(),
        detail: detail.to_owned(),
        hash: String::new(),
        erasure: None,
    };
    row.hash = rules::hash(previous.as_deref().unwrap_or_default(), &row);
    sqlx::query(INSERT)
        .bind(row.project.0)
        .bind(row.seq)
        .bind(row.at)
        .bind(row.actor)
        .bind(row.actor_name)
        .bind(row.action)
        .bind(row.object)
        .bind(tx.texts().seal(&DETAIL, row.seq, &row.detail)?)
        .bind(row.hash)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// Takes the detail of a row out. Its hash stays, so that the chain goes on.
pub(super) async fn redact(tx: &mut Tx, project: ProjectId, seq: i64, erasure: i64) -> Result<()> {
    const REDACT: &str = "UPDATE audit SET detail = '{}', erasure = $3 WHERE project = $1 AND seq = $2";
    sqlx::query(REDACT).bind(project.0).bind(seq).bind(erasure).execute(&mut **tx).await.map_err(db_error)?;
    Ok(())
}

/// In order, those after `seq`.
pub(super) async fn after(db: &Db, project: ProjectId, seq: i64, limit: i64) -> Result<Vec<AuditRow>> {
    read(db, "SELECT * FROM audit WHERE project = $1 AND seq > $2 ORDER BY seq LIMIT $3", project, seq, limit)
        .await
}

/// Newest first, those before `seq`.
pub(super) async fn before(db: &Db, project: ProjectId, seq: i64, limit: i64) -> Result<Vec<AuditRow>> {
    const SQL: &str = "SELECT * FROM audit WHERE project = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3";
    read(db, SQL, project, seq, limit).await
}

async fn read(db: &Db, sql: &'static str, project: ProjectId, seq: i64, limit: i64) -> Result<Vec<AuditRow>> {
    let rows = sqlx::query(sql).bind(project.0).bind(seq).bind(limit).fetch_all(db.read()).await;
    let open = |found: &AnyRow| opened(found, db.texts());
    rows.map_err(db_error)?.iter().map(open).collect()
}

fn opened(found: &AnyRow, texts: &Texts) -> Result<AuditRow> {
    let row = row(found).map_err(db_error)?;
    let detail = texts.open(&DETAIL, row.seq, row.detail)?;
    Ok(AuditRow { detail, ..row })
}

fn row(row: &AnyRow) -> Result<AuditRow, sqlx::Error> {
    Ok(AuditRow {
        project: ProjectId(row.try_get("project")?),
        seq: row.try_get("seq")?,
        at: row.try_get("at")?,
        actor: row.try_get("actor")?,
        actor_name: row.try_get("actor_name")?,
        action: row.try_get("action")?,
        object: row.try_get("object")?,
        detail: row.try_get("detail")?,
        hash: row.try_get("hash")?,
        erasure: row.try_get("erasure")?,
    })
}
