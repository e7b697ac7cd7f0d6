//! SQL of the consent ledger.

use roaring::RoaringBitmap;
use siyu_db::{Db, Tx, db_error, next_id};
use siyu_types::{PersonNo, ProjectId, Result};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Consent, ConsentState};

pub(super) async fn append(tx: &mut Tx, project: ProjectId, consent: &Consent) -> Result<()> {
    const INSERT: &str =
        "INSERT INTO consent_ledger (id, project, person, channel, purpose, state, source, at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let id = next_id(tx, "consent_ledger").await?;
    sqlx::query(INSERT)
        .bind(id)
        .bind(project.0)
        .bind(i64::from(consent.person.0))
        .bind(consent.channel.clone())
        .bind(consent.purpose.clone())
        .bind(consent.state.as_str())
        .bind(consent.source.clone())
        .bind(consent.at)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

pub(super) async fn make_current(tx: &mut Tx, project: ProjectId, consent: &Consent) -> Result<()> {
    const UPSERT: &str = "INSERT INTO consent_current (project, channel, purpose, person, state, source, at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (project, channel, purpose, person)
        DO UPDATE SET state = excluded.state, source = excluded.source, at = excluded.at
        WHERE consent_current.at < excluded.at
            OR (consent_current.at = excluded.at AND excluded.state = 'withdrawn')";
    sqlx::query(UPSERT)
        .bind(project.0)
        .bind(consent.channel.clone())
        .bind(consent.purpose.clone())
        .bind(i64::from(consent.person.0))
        .bind(consent.state.as_str())
        .bind(consent.source.clone())
        .bind(consent.at)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

pub(super) async fn withdrawn(
    db: &Db,
    project: ProjectId,
    channel: &str,
    purpose: &str,
) -> Result<RoaringBitmap> {
    const SQL: &str = "SELECT person FROM consent_current
        WHERE project = $1 AND channel = $2 AND purpose = $3 AND state = 'withdrawn'";
    let numbers: Vec<i64> = sqlx::query_scalar(SQL)
        .bind(project.0)
        .bind(channel)
        .bind(purpose)
        .fetch_all(db.read())
        .await
        .map_err(db_error)?;
    Ok(numbers.into_iter().filter_map(|number| u32::try_from(number).ok()).collect())
}

/// Bound values of one statement; SQLite allows 32,766.
const NUMBERS_PER_READ: usize = 10_000;

pub(super) async fn withdrawn_among(
    tx: &mut Tx,
    project: ProjectId,
    channel: &str,
    purpose: &str,
    numbers: &[u32],
) -> Result<RoaringBitmap> {
    let mut found = RoaringBitmap::new();
    for part in numbers.chunks(NUMBERS_PER_READ) {
        let places: Vec<String> = (4..4 + part.len()).map(|index| format!("${index}")).collect();
        let text = format!(
            "SELECT person FROM consent_current WHERE project = $1 AND channel = $2 AND purpose = $3
                AND state = 'withdrawn' AND person IN ({})",
            places.join(",")
        );
        // Safe: the text holds nothing but placeholders.
        let mut query = sqlx::query_scalar(sqlx::AssertSqlSafe(text)).bind(project.0);
        query = query.bind(channel.to_owned()).bind(purpose.to_owned());
        for number in part {
            query = query.bind(i64::from(*number));
        }
        let rows: Vec<i64> = query.fetch_all(&mut **tx).await.map_err(db_error)?;
        found.extend(rows.into_iter().filter_map(|number| u32::try_from(number).ok()));
    }
    Ok(found)
}

pub(super) async fn current(db: &Db, project: ProjectId, person: PersonNo) -> Result<Vec<Consent>> {
    const SQL: &str = "SELECT * FROM consent_current WHERE project = $1 AND person = $2
        ORDER BY at DESC, channel, purpose";
    let rows = sqlx::query(SQL).bind(project.0).bind(i64::from(person.0)).fetch_all(db.read()).await;
    rows.map_err(db_error)?.iter().map(|found| row(found, person)).collect::<Result<_, _>>().map_err(db_error)
}

pub(super) async fn statements(db: &Db, project: ProjectId, numbers: &[u32]) -> Result<Vec<Consent>> {
    let mut found = Vec::new();
    for part in numbers.chunks(NUMBERS_PER_READ) {
        let places: Vec<String> = (2..2 + part.len()).map(|index| format!("${index}")).collect();
        let text =
            format!("SELECT * FROM consent_ledger WHERE project = $1 AND person IN ({})", places.join(","));
        // Safe: the text holds nothing but placeholders.
        let mut query = sqlx::query(sqlx::AssertSqlSafe(text)).bind(project.0);
        for number in part {
            query = query.bind(i64::from(*number));
        }
        for one in query.fetch_all(db.read()).await.map_err(db_error)? {
            let person: i64 = one.try_get("person").map_err(db_error)?;
            let person = PersonNo(u32::try_from(person).map_err(siyu_types::Error::internal)?);
            found.push(row(&one, person).map_err(db_error)?);
        }
    }
    found.sort_by_key(|consent| std::cmp::Reverse(consent.at));
    Ok(found)
}

fn row(row: &AnyRow, person: PersonNo) -> Result<Consent, sqlx::Error> {
    let unknown = || sqlx::Error::Decode("unknown state of consent".into());
    Ok(Consent {
        person,
        channel: row.try_get("channel")?,
        purpose: row.try_get("purpose")?,
        state: ConsentState::parse(&row.try_get::<String, _>("state")?).ok_or_else(unknown)?,
        source: row.try_get("source")?,
        at: row.try_get("at")?,
    })
}
