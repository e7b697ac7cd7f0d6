//! SQL of sealing texts that were stored open.

use siyu_types::Result;
use sqlx::{AssertSqlSafe, Row};

use super::{PREFIX, TextColumn};
use crate::{Db, db_error};

/// Rows that are sealed in one transaction.
const ROWS: i64 = 500;

/// Seals what lies open in these columns, as far as what is written now is sealed. Answers how
/// many texts. May be asked again at any time.
pub async fn seal_stored(db: &Db, columns: &[TextColumn]) -> Result<u64> {
    if !db.texts().seals() {
        return Ok(0);
    }
    let mut sealed = 0;
    for column in columns {
        let mut last = i64::MIN;
        while let Some((next, count)) = some(db, column, last).await? {
            (last, sealed) = (next, sealed + count);
        }
    }
    Ok(sealed)
}

/// Every text of these columns, opened: for whoever has to show what the key opens.
pub async fn opened(db: &Db, columns: &[TextColumn]) -> Result<Vec<String>> {
    let mut texts = Vec::new();
    for column in columns {
        let TextColumn { table, key, column: name, .. } = column;
        // Safe: the names are ours, from a list of constants.
        let all =
            AssertSqlSafe(format!("SELECT {key} AS id, {name} AS text FROM {table} WHERE {name} <> ''"));
        for row in &sqlx::query(all).fetch_all(db.read()).await.map_err(db_error)? {
            let id: i64 = row.try_get("id").map_err(db_error)?;
            texts.push(db.texts().open(column, id, row.try_get("text").map_err(db_error)?)?);
        }
    }
    Ok(texts)
}

/// Seals some texts from a row on; answers the last row and how many, `None` at the end.
async fn some(db: &Db, column: &TextColumn, from: i64) -> Result<Option<(i64, u64)>> {
    let TextColumn { table, key, column: name, mark } = column;
    // Safe, here and below: the names are ours, from a list of constants.
    let open = format!(
        "SELECT {key} AS id, {name} AS text FROM {table} WHERE {key} >= $1 AND {name} <> ''
            AND {name} NOT LIKE $2 ORDER BY {key} LIMIT $3"
    );
    let set = match mark {
        Some(mark) => format!("UPDATE {table} SET {name} = $1, {mark} = $4 WHERE {key} = $2 AND {name} = $3"),
        None => format!("UPDATE {table} SET {name} = $1 WHERE {key} = $2 AND {name} = $3"),
    };
    let mut tx = db.begin().await?;
    let query = sqlx::query(AssertSqlSafe(open)).bind(from).bind(format!("{PREFIX}%")).bind(ROWS);
    let rows = query.fetch_all(&mut *tx).await.map_err(db_error)?;
    let mut last = None;
    for row in &rows {
        let id: i64 = row.try_get("id").map_err(db_error)?;
        let text: String = row.try_get("text").map_err(db_error)?;
        let sealed = db.texts().seal(column, id, &text)?;
        let mut query = sqlx::query(AssertSqlSafe(set.clone())).bind(sealed).bind(id).bind(text.clone());
        if mark.is_some() {
            query = query.bind(db.texts().mark(column, &text));
        }
        query.execute(&mut *tx).await.map_err(db_error)?;
        last = Some(id);
    }
    tx.commit().await.map_err(db_error)?;
    Ok(last.map(|last| (last, rows.len() as u64)))
}
