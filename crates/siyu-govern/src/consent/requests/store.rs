//! SQL of requests.

use siyu_db::{Db, Tx, db_error, next_id};
use siyu_types::clock::Millis;
use siyu_types::{Error, PersonNo, ProjectId, Result};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::model::{NewRequest, Request, RequestKind, RequestState};

/// A request of the same kind that is not ended.
pub async fn open_of(tx: &mut Tx, project: ProjectId, new: &NewRequest) -> Result<Option<i64>> {
    let places: Vec<String> = (0..new.numbers.len()).map(|index| format!("${}", index + 3)).collect();
    let text = format!(
        "SELECT id FROM consent_requests WHERE project = $1 AND kind = $2
            AND state IN ('open', 'working') AND person IN ({}) ORDER BY id LIMIT 1",
        places.join(",")
    );
    // Safe: the text holds nothing but placeholders.
    let mut query = sqlx::query_scalar(AssertSqlSafe(text)).bind(project.0).bind(new.kind.as_str());
    for number in &new.numbers {
        query = query.bind(i64::from(*number));
    }
    query.fetch_optional(&mut **tx).await.map_err(db_error)
}

pub async fn create(
    tx: &mut Tx,
    project: ProjectId,
    new: &NewRequest,
    now: Millis,
    due_at: Millis,
) -> Result<i64> {
    const SQL: &str = "INSERT INTO consent_requests (id, project, person, kind, state, source, note, answer,
            asked_at, due_at, updated_at, updated_by)
        VALUES ($1, $2, $3, $4, 'open', $5, $6, '', $7, $8, $7, $9)";
    let id = next_id(tx, "consent_requests").await?;
    sqlx::query(SQL)
        .bind(id)
        .bind(project.0)
        .bind(i64::from(new.person.0))
        .bind(new.kind.as_str())
        .bind(new.source.clone())
        .bind(new.note.clone())
        .bind(now)
        .bind(due_at)
        .bind(new.actor.clone())
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(id)
}

/// Newest first, ids below `before`; those that are not ended only if asked.
pub async fn list(db: &Db, project: ProjectId, ended: bool, before: i64, limit: i64) -> Result<Vec<Request>> {
    const SQL: &str = "SELECT * FROM consent_requests WHERE project = $1 AND id < $2
            AND (state IN ('open', 'working') OR $3 = 1)
        ORDER BY id DESC LIMIT $4";
    let rows = sqlx::query(SQL)
        .bind(project.0)
        .bind(before)
        .bind(i64::from(ended))
        .bind(limit)
        .fetch_all(db.read())
        .await
        .map_err(db_error)?;
    rows.iter().map(request).collect::<Result<_, _>>().map_err(db_error)
}

/// Those of a person that are not ended.
pub async fn open(db: &Db, project: ProjectId, numbers: &[u32]) -> Result<Vec<Request>> {
    let places: Vec<String> = (0..numbers.len()).map(|index| format!("${}", index + 2)).collect();
    let text = format!(
        "SELECT * FROM consent_requests WHERE project = $1 AND state IN ('open', 'working')
            AND person IN ({}) ORDER BY id",
        places.join(",")
    );
    // Safe: the text holds nothing but placeholders.
    let mut query = sqlx::query(AssertSqlSafe(text)).bind(project.0);
    for number in numbers {
        query = query.bind(i64::from(*number));
    }
    let rows = query.fetch_all(db.read()).await.map_err(db_error)?;
    rows.iter().map(request).collect::<Result<_, _>>().map_err(db_error)
}

pub async fn get(tx: &mut Tx, project: ProjectId, id: i64) -> Result<Request> {
    let row = sqlx::query("SELECT * FROM consent_requests WHERE project = $1 AND id = $2")
        .bind(project.0)
        .bind(id)
        .fetch_optional(&mut **tx)
        .await
        .map_err(db_error)?;
    request(&row.ok_or_else(|| Error::not_found("request", id))?).map_err(db_error)
}

pub async fn change(tx: &mut Tx, request: &Request, project: ProjectId) -> Result<()> {
    const SQL: &str = "UPDATE consent_requests SET state = $1, answer = $2, updated_at = $3, updated_by = $4
        WHERE project = $5 AND id = $6";
    sqlx::query(SQL)
        .bind(request.state.as_str())
        .bind(request.answer.clone())
        .bind(request.updated_at)
        .bind(request.updated_by.clone())
        .bind(project.0)
        .bind(request.id)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// Takes out what a person wrote, and ends what they still asked. Answers how many requests
/// they had made.
pub async fn forget(
    tx: &mut Tx,
    project: ProjectId,
    number: u32,
    (answer, by): (&str, &str),
    now: Millis,
) -> Result<u64> {
    const NOTES: &str = "UPDATE consent_requests SET note = '' WHERE project = $1 AND person = $2";
    const OPEN: &str =
        "UPDATE consent_requests SET state = CASE WHEN kind = 'erase' THEN 'done' ELSE 'refused' END,
            answer = $3, updated_at = $4, updated_by = $5
        WHERE project = $1 AND person = $2 AND state IN ('open', 'working')";
    let query = sqlx::query(NOTES).bind(project.0).bind(i64::from(number));
    let done = query.execute(&mut **tx).await.map_err(db_error)?;
    sqlx::query(OPEN)
        .bind(project.0)
        .bind(i64::from(number))
        .bind(answer.to_owned())
        .bind(now)
        .bind(by.to_owned())
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(done.rows_affected())
}

fn request(row: &AnyRow) -> Result<Request, sqlx::Error> {
    let unknown = |what: &str| sqlx::Error::Decode(format!("unknown {what} of a request").into());
    let person: i64 = row.try_get("person")?;
    Ok(Request {
        id: row.try_get("id")?,
        person: PersonNo(u32::try_from(person).map_err(|_| unknown("person"))?),
        kind: RequestKind::parse(&row.try_get::<String, _>("kind")?).ok_or_else(|| unknown("kind"))?,
        state: RequestState::parse(&row.try_get::<String, _>("state")?).ok_or_else(|| unknown("state"))?,
        source: row.try_get("source")?,
        note: row.try_get("note")?,
        answer: row.try_get("answer")?,
        asked_at: row.try_get("asked_at")?,
        due_at: row.try_get("due_at")?,
        updated_at: row.try_get("updated_at")?,
        updated_by: row.try_get("updated_by")?,
    })
}
