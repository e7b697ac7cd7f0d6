//! SQL of the register of exports.

use siyu_db::{Db, Tx, db_error, next_id};
use siyu_types::{Error, ProjectId, Result, Viewer};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::mark::SEED_BYTES;
use super::model::{Export, ExportRow, NewExport};
use crate::secrets::hex;

pub async fn insert(tx: &mut Tx, viewer: &Viewer, mut export: Export, new: &NewExport) -> Result<Export> {
    const SQL: &str =
        "INSERT INTO personal_exports (id, project, code, seed, at, actor, actor_name, what, title)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    export.id = next_id(tx, "personal_exports").await?;
    sqlx::query(SQL)
        .bind(export.id)
        .bind(viewer.project.0)
        .bind(export.code.clone())
        .bind(hex(&export.seed))
        .bind(export.at)
        .bind(viewer.actor.as_text())
        .bind(export.by.clone())
        .bind(new.what)
        .bind(new.title.clone())
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(export)
}

pub async fn finish(tx: &mut Tx, id: i64, rows: u64) -> Result<()> {
    let query = sqlx::query("UPDATE personal_exports SET row_count = $2 WHERE id = $1").bind(id);
    query.bind(rows as i64).execute(&mut **tx).await.map_err(db_error)?;
    Ok(())
}

pub async fn finish_by_code(tx: &mut Tx, code: &str, rows: u64) -> Result<()> {
    let query =
        sqlx::query("UPDATE personal_exports SET row_count = $2 WHERE code = $1").bind(code.to_owned());
    query.bind(rows as i64).execute(&mut **tx).await.map_err(db_error)?;
    Ok(())
}

/// Newest first.
pub async fn list(db: &Db, project: ProjectId, before: i64, limit: i64) -> Result<Vec<ExportRow>> {
    const SQL: &str =
        "SELECT * FROM personal_exports WHERE project = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    let query = sqlx::query(SQL).bind(project.0).bind(before).bind(limit);
    query.fetch_all(db.read()).await.map_err(db_error)?.iter().map(read).collect()
}

pub async fn by_code(db: &Db, project: ProjectId, code: &str) -> Result<Option<ExportRow>> {
    const SQL: &str = "SELECT * FROM personal_exports WHERE project = $1 AND code = $2";
    let query = sqlx::query(SQL).bind(project.0).bind(code.to_owned());
    query.fetch_optional(db.read()).await.map_err(db_error)?.as_ref().map(read).transpose()
}

fn read(row: &AnyRow) -> Result<ExportRow> {
    let text = |column| row.try_get::<String, _>(column).map_err(db_error);
    let seed = unhex(&text("seed")?).ok_or_else(|| Error::internal("the seed of an export is broken"))?;
    Ok(ExportRow {
        export: Export {
            id: row.try_get("id").map_err(db_error)?,
            code: text("code")?,
            seed,
            at: row.try_get("at").map_err(db_error)?,
            by: text("actor_name")?,
        },
        actor: text("actor")?,
        what: text("what")?,
        title: text("title")?,
        rows: row.try_get("row_count").map_err(db_error)?,
    })
}

fn unhex(text: &str) -> Option<[u8; SEED_BYTES]> {
    let byte = |at: usize| u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok();
    let bytes: Vec<u8> = (0..SEED_BYTES).map(byte).collect::<Option<_>>()?;
    bytes.try_into().ok()
}
