//! SQL of the register of copies.

use siyu_db::{Db, Tx, db_error, next_id};
use siyu_types::clock::Millis;
use siyu_types::{Error, ProjectId, Result, Viewer};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::super::store::{number, places};
use super::model::{Copy, CopyFile, CopyState, NewCopy};

/// Copies of one person that are listed.
const LISTED_MAX: i64 = 100;

pub(in super::super) async fn id(tx: &mut Tx) -> Result<i64> {
    next_id(tx, "rights_copies").await
}

pub(in super::super) async fn insert(
    tx: &mut Tx,
    viewer: &Viewer,
    (id, job, export_code): (i64, i64, &str),
    new: &NewCopy,
    (now, expires_at): (Millis, Millis),
) -> Result<()> {
    const SQL: &str = "INSERT INTO rights_copies (id, project, person, request, language, state, job, bytes,
            sha256, contents, created_at, created_by, created_by_name, expires_at, export_code, code_hash,
            code_failures, downloads, fetches)
        VALUES ($1, $2, $3, $4, $5, 'making', $6, 0, '', '[]', $7, $8, $9, $10, $11, '', 0, 0, 0)";
    sqlx::query(SQL)
        .bind(id)
        .bind(viewer.project.0)
        .bind(i64::from(new.person.0))
        .bind(new.request)
        .bind(new.language.clone())
        .bind(job)
        .bind(now)
        .bind(viewer.actor.as_text())
        .bind(viewer.actor.name())
        .bind(expires_at)
        .bind(export_code.to_owned())
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

pub(in super::super) async fn get(db: &Db, project: ProjectId, id: i64) -> Result<Copy> {
    let row = sqlx::query("SELECT * FROM rights_copies WHERE project = $1 AND id = $2")
        .bind(project.0)
        .bind(id)
        .fetch_optional(db.read())
        .await
        .map_err(db_error)?;
    copy(&row.ok_or_else(|| Error::not_found("copy", id))?)
}

/// Latest first.
pub(in super::super) async fn of_person(db: &Db, project: ProjectId, numbers: &[u32]) -> Result<Vec<Copy>> {
    let text = format!(
        "SELECT * FROM rights_copies WHERE project = $1 AND person IN ({}) ORDER BY id DESC LIMIT $2",
        places(numbers.len(), 2)
    );
    // Safe: the text holds nothing but placeholders.
    let mut query = sqlx::query(AssertSqlSafe(text)).bind(project.0).bind(LISTED_MAX);
    for number in numbers {
        query = query.bind(i64::from(*number));
    }
    let rows = query.fetch_all(db.read()).await.map_err(db_error)?;
    rows.iter().map(copy).collect()
}

/// Latest first.
pub(in super::super) async fn of_request(db: &Db, project: ProjectId, request: i64) -> Result<Vec<Copy>> {
    const SQL: &str =
        "SELECT * FROM rights_copies WHERE project = $1 AND request = $2 ORDER BY id DESC LIMIT $3";
    let query = sqlx::query(SQL).bind(project.0).bind(request).bind(LISTED_MAX);
    let rows = query.fetch_all(db.read()).await.map_err(db_error)?;
    rows.iter().map(copy).collect()
}

/// Over all projects: those whose file should be gone.
pub(in super::super) async fn expired(db: &Db, now: Millis) -> Result<Vec<i64>> {
    sqlx::query_scalar(
        "SELECT id FROM rights_copies WHERE state <> 'removed' AND expires_at <= $1 ORDER BY id",
    )
    .bind(now)
    .fetch_all(db.read())
    .await
    .map_err(db_error)
}

pub(in super::super) async fn set_state(tx: &mut Tx, id: i64, state: CopyState) -> Result<()> {
    sqlx::query("UPDATE rights_copies SET state = $2 WHERE id = $1")
        .bind(id)
        .bind(state.as_str())
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// False if the file was removed meanwhile.
pub(in super::super) async fn made(tx: &mut Tx, id: i64, file: &CopyFile) -> Result<bool> {
    const SQL: &str = "UPDATE rights_copies SET state = 'ready', bytes = $2, sha256 = $3, contents = $4
        WHERE id = $1 AND state <> 'removed'";
    let contents = serde_json::to_string(&file.contents).map_err(Error::internal)?;
    let done = sqlx::query(SQL)
        .bind(id)
        .bind(i64::try_from(file.bytes).unwrap_or(i64::MAX))
        .bind(file.sha256.clone())
        .bind(contents)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(done.rows_affected() == 1)
}

/// The code of its export, of copies that have one.
pub(in super::super) async fn export_code(tx: &mut Tx, id: i64) -> Result<Option<String>> {
    sqlx::query_scalar("SELECT export_code FROM rights_copies WHERE id = $1 AND export_code <> ''")
        .bind(id)
        .fetch_optional(&mut **tx)
        .await
        .map_err(db_error)
}

/// A new code, and as many tries as ever.
pub(in super::super) async fn set_code(tx: &mut Tx, id: i64, hash: &str) -> Result<()> {
    sqlx::query("UPDATE rights_copies SET code_hash = $2, code_failures = 0 WHERE id = $1")
        .bind(id)
        .bind(hash.to_owned())
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// Takes one of the tries there are and answers the hash of the code; `None` if there
/// is no code, or no try left. Taken before the code is looked at, so that many at
/// once have no more tries than one after the other.
pub(in super::super) async fn try_code(tx: &mut Tx, id: i64, most: u32) -> Result<Option<String>> {
    const SQL: &str = "UPDATE rights_copies SET code_failures = code_failures + 1
        WHERE id = $1 AND code_hash <> '' AND code_failures < $2 RETURNING code_hash";
    let query = sqlx::query_scalar(SQL).bind(id).bind(i64::from(most));
    query.fetch_optional(&mut **tx).await.map_err(db_error)
}

pub(in super::super) async fn note_fetch(tx: &mut Tx, id: i64) -> Result<()> {
    sqlx::query("UPDATE rights_copies SET code_failures = 0, fetches = fetches + 1 WHERE id = $1")
        .bind(id)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

pub(in super::super) async fn note_download(tx: &mut Tx, id: i64) -> Result<()> {
    sqlx::query("UPDATE rights_copies SET downloads = downloads + 1 WHERE id = $1")
        .bind(id)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

fn copy(row: &AnyRow) -> Result<Copy> {
    let text = |column: &str| row.try_get::<String, _>(column).map_err(db_error);
    let count = |column: &str| row.try_get::<i64, _>(column).map(i64::unsigned_abs).map_err(db_error);
    let state = text("state")?;
    Ok(Copy {
        id: row.try_get("id").map_err(db_error)?,
        person: number(row.try_get("person").map_err(db_error)?)?,
        request: row.try_get("request").map_err(db_error)?,
        language: text("language")?,
        state: CopyState::parse(&state)
            .ok_or_else(|| Error::internal(format!("a copy in the state {state:?}")))?,
        job: row.try_get("job").map_err(db_error)?,
        bytes: count("bytes")?,
        sha256: text("sha256")?,
        contents: serde_json::from_str(&text("contents")?).map_err(Error::internal)?,
        export_code: text("export_code")?,
        created_at: row.try_get("created_at").map_err(db_error)?,
        created_by: text("created_by")?,
        created_by_name: text("created_by_name")?,
        expires_at: row.try_get("expires_at").map_err(db_error)?,
        handed_out: !text("code_hash")?.is_empty(),
        code_failures: u32::try_from(count("code_failures")?).unwrap_or(u32::MAX),
        downloads: count("downloads")?,
        fetches: count("fetches")?,
    })
}
