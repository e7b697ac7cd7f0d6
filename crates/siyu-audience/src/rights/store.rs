//! SQL of corrections: who made which and why. What was right or wrong stands in the
//! log and in the profile.

use siyu_db::{Db, TextColumn, Texts, Tx, db_error, next_id};
use siyu_types::clock::Millis;
use siyu_types::{Error, PersonNo, ProjectId, Result, Viewer};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::corrections::{Made, NewMade};

/// What is sealed of corrections.
pub(crate) const REASON: TextColumn = TextColumn::new("rights_corrections", "reason");

/// Bound values of one statement.
const NUMBERS_PER_READ: usize = 500;

pub(super) async fn insert(
    tx: &mut Tx,
    viewer: &Viewer,
    new: &NewMade<'_>,
    now: Millis,
) -> Result<(i64, Millis)> {
    const LAST: &str =
        "SELECT MAX(at) FROM rights_corrections WHERE project = $1 AND person = $2 AND name = $3";
    const INSERT: &str =
        "INSERT INTO rights_corrections (id, project, person, request, kind, name, reason, at,
            actor, actor_name, applied, effects, undone_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11, '')";
    let id = next_id(tx, "rights_corrections").await?;
    // Corrections of one value are told apart by their time.
    let last: Option<i64> = sqlx::query_scalar(LAST)
        .bind(viewer.project.0)
        .bind(i64::from(new.person.0))
        .bind(new.name.to_owned())
        .fetch_one(&mut **tx)
        .await
        .map_err(db_error)?;
    let at = last.map_or(now, |last| now.max(last + 1));
    sqlx::query(INSERT)
        .bind(id)
        .bind(viewer.project.0)
        .bind(i64::from(new.person.0))
        .bind(new.request)
        .bind(new.kind)
        .bind(new.name.to_owned())
        .bind(tx.texts().seal(&REASON, id, new.reason)?)
        .bind(at)
        .bind(viewer.actor.as_text())
        .bind(viewer.actor.name())
        .bind(new.effects.to_string())
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok((id, at))
}

pub(super) async fn applied(tx: &mut Tx, id: i64, effects: &serde_json::Value) -> Result<()> {
    sqlx::query("UPDATE rights_corrections SET applied = 1, effects = $2 WHERE id = $1")
        .bind(id)
        .bind(effects.to_string())
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

pub(super) async fn undone(tx: &mut Tx, viewer: &Viewer, id: i64, now: Millis) -> Result<()> {
    sqlx::query("UPDATE rights_corrections SET undone_at = $2, undone_by = $3 WHERE id = $1")
        .bind(id)
        .bind(now)
        .bind(viewer.actor.as_text())
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

pub(super) async fn get(db: &Db, project: ProjectId, id: i64) -> Result<Made> {
    let row = sqlx::query("SELECT * FROM rights_corrections WHERE project = $1 AND id = $2 AND applied = 1")
        .bind(project.0)
        .bind(id)
        .fetch_optional(db.read())
        .await
        .map_err(db_error)?;
    made(&row.ok_or_else(|| Error::not_found("correction", id))?, db.texts())
}

/// Takes the reasons out; that something was corrected, and by whom, stays.
pub(super) async fn forget(tx: &mut Tx, project: ProjectId, numbers: &[u32]) -> Result<u64> {
    let mut made = 0;
    for number in numbers {
        let query =
            sqlx::query("UPDATE rights_corrections SET reason = '' WHERE project = $1 AND person = $2");
        let query = query.bind(project.0).bind(i64::from(*number));
        made += query.execute(&mut **tx).await.map_err(db_error)?.rows_affected();
    }
    Ok(made)
}

/// Latest first.
pub(super) async fn of_person(db: &Db, project: ProjectId, numbers: &[u32]) -> Result<Vec<Made>> {
    let mut all = Vec::new();
    for some in numbers.chunks(NUMBERS_PER_READ) {
        let places: Vec<String> = (0..some.len()).map(|at| format!("${}", at + 2)).collect();
        let sql = format!(
            "SELECT * FROM rights_corrections WHERE project = $1 AND applied = 1 AND person IN ({})",
            places.join(", ")
        );
        // Safe: the text holds nothing but placeholders.
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(project.0);
        for number in some {
            query = query.bind(i64::from(*number));
        }
        for row in &query.fetch_all(db.read()).await.map_err(db_error)? {
            all.push(made(row, db.texts())?);
        }
    }
    all.sort_by_key(|made| std::cmp::Reverse(made.id));
    Ok(all)
}

fn made(row: &AnyRow, texts: &Texts) -> Result<Made> {
    let id = row.try_get("id").map_err(db_error)?;
    let text = |column: &str| row.try_get::<String, _>(column).map_err(db_error);
    let person: i64 = row.try_get("person").map_err(db_error)?;
    Ok(Made {
        id,
        person: PersonNo(u32::try_from(person).map_err(Error::internal)?),
        request: row.try_get("request").map_err(db_error)?,
        kind: text("kind")?,
        name: text("name")?,
        reason: texts.open(&REASON, id, text("reason")?)?,
        at: row.try_get("at").map_err(db_error)?,
        by: text("actor_name")?,
        effects: serde_json::from_str(&text("effects")?).map_err(Error::internal)?,
        undone_at: row.try_get("undone_at").map_err(db_error)?,
    })
}
