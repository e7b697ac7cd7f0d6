//! SQL of the consent ledger.

use roaring::RoaringBitmap;
use siyu_db::{Db, TextColumn, Texts, Tx, db_error, next_id};
use siyu_types::clock::Millis;
use siyu_types::{PersonNo, ProjectId, Result};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::model::{Consent, ConsentState, Entry, How, Statement};
use super::rules::Held;

const EVIDENCE: TextColumn = TextColumn::new("consent_ledger", "evidence");
const IDENTIFIER: TextColumn = TextColumn::new("consent_ledger", "identifier");
/// What is sealed of the ledger.
pub(super) const TEXTS: [TextColumn; 2] = [EVIDENCE, IDENTIFIER];

/// Appends a statement; `None` if one with its key is there already.
pub(super) async fn append(
    tx: &mut Tx,
    project: ProjectId,
    said: &Statement,
    now: Millis,
) -> Result<Option<i64>> {
    const INSERT: &str =
        "INSERT INTO consent_ledger (id, project, person, channel, purpose, state, source, at,
            version, how, recorded_at, evidence, identifier, actor, said_key)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
        ON CONFLICT (project, said_key) WHERE said_key IS NOT NULL DO NOTHING";
    let id = next_id(tx, "consent_ledger").await?;
    let written = sqlx::query(INSERT)
        .bind(id)
        .bind(project.0)
        .bind(i64::from(said.person.0))
        .bind(said.channel.clone())
        .bind(said.purpose.clone())
        .bind(said.state.as_str())
        .bind(said.source.clone())
        .bind(said.at)
        .bind(said.version)
        .bind(said.how.as_str())
        .bind(now)
        .bind(tx.texts().seal(&EVIDENCE, id, &said.evidence)?)
        .bind(tx.texts().seal(&IDENTIFIER, id, &said.identifier)?)
        .bind(said.actor.clone())
        .bind(said.key.clone())
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok((written.rows_affected() == 1).then_some(id))
}

/// Makes a statement the one that holds for one number, unless a later one does. Of
/// two at the same time a refusal does, so that order does not matter.
pub(super) async fn make_current(
    tx: &mut Tx,
    project: ProjectId,
    number: u32,
    said: &Statement,
    entry: i64,
) -> Result<()> {
    const UPSERT: &str = "INSERT INTO consent_current
            (project, channel, purpose, person, state, source, at, version, entry)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (project, channel, purpose, person)
        DO UPDATE SET state = excluded.state, source = excluded.source, at = excluded.at,
            version = excluded.version, entry = excluded.entry
        WHERE consent_current.at < excluded.at
            OR (consent_current.at = excluded.at AND excluded.state <> 'granted')";
    sqlx::query(UPSERT)
        .bind(project.0)
        .bind(said.channel.clone())
        .bind(said.purpose.clone())
        .bind(i64::from(number))
        .bind(said.state.as_str())
        .bind(said.source.clone())
        .bind(said.at)
        .bind(said.version)
        .bind(entry)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// Takes out of the ledger what names a person, and leaves what was said of which purpose,
/// when and by which text; nothing holds for the number any more. Answers how many
/// statements are kept.
pub(super) async fn forget(tx: &mut Tx, project: ProjectId, number: u32) -> Result<u64> {
    const LEDGER: &str = "UPDATE consent_ledger SET identifier = '', evidence = '', said_key = NULL
        WHERE project = $1 AND person = $2";
    const CURRENT: &str = "DELETE FROM consent_current WHERE project = $1 AND person = $2";
    let mut kept = 0;
    for (text, counted) in [(LEDGER, true), (CURRENT, false)] {
        let query = sqlx::query(text).bind(project.0).bind(i64::from(number));
        let done = query.execute(&mut **tx).await.map_err(db_error)?;
        kept += if counted { done.rows_affected() } else { 0 };
    }
    Ok(kept)
}

/// Which of the keys are in the ledger.
pub(super) async fn known_keys(db: &Db, project: ProjectId, keys: &[String]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for part in keys.chunks(BINDS_PER_READ) {
        let places = places(part.len(), 1);
        let text =
            format!("SELECT said_key FROM consent_ledger WHERE project = $1 AND said_key IN ({places})");
        // Safe: the text holds nothing but placeholders.
        let mut query = sqlx::query_scalar(AssertSqlSafe(text)).bind(project.0);
        for key in part {
            query = query.bind(key.clone());
        }
        let rows: Vec<String> = query.fetch_all(db.read()).await.map_err(db_error)?;
        found.extend(rows);
    }
    Ok(found)
}

/// The numbers whose last word on this channel, or on all, was a no.
pub(super) async fn refused(
    db: &Db,
    project: ProjectId,
    channel: &str,
    purpose: &str,
) -> Result<RoaringBitmap> {
    const SQL: &str = "SELECT person FROM consent_current WHERE project = $1 AND channel = $2
        AND purpose = $3 AND state IN ('withdrawn', 'denied')";
    let numbers: Vec<i64> = sqlx::query_scalar(SQL)
        .bind(project.0)
        .bind(channel.to_owned())
        .bind(purpose.to_owned())
        .fetch_all(db.read())
        .await
        .map_err(db_error)?;
    Ok(numbers.into_iter().filter_map(|number| u32::try_from(number).ok()).collect())
}

/// Bound values of one statement; SQLite allows 32,766.
const BINDS_PER_READ: usize = 10_000;

fn places(count: usize, before: usize) -> String {
    (1..=count).map(|index| format!("${}", before + index)).collect::<Vec<_>>().join(",")
}

/// What these numbers last said about these purposes, on this channel or on all.
pub(super) async fn held_among(
    tx: &mut Tx,
    project: ProjectId,
    purposes: &[&str],
    channel: &str,
    numbers: &[u32],
) -> Result<Vec<Held>> {
    let mut found = Vec::new();
    for part in numbers.chunks(BINDS_PER_READ) {
        let text = format!(
            "SELECT * FROM consent_current WHERE project = $1 AND channel IN ($2, '*')
                AND purpose IN ({}) AND person IN ({})",
            places(purposes.len(), 2),
            places(part.len(), 2 + purposes.len())
        );
        // Safe: the text holds nothing but placeholders.
        let mut query = sqlx::query(AssertSqlSafe(text)).bind(project.0).bind(channel.to_owned());
        for purpose in purposes {
            query = query.bind((*purpose).to_owned());
        }
        for number in part {
            query = query.bind(i64::from(*number));
        }
        let rows = query.fetch_all(&mut **tx).await.map_err(db_error)?;
        for row in &rows {
            let consent = consent(row).map_err(db_error)?;
            found.push(Held {
                number: consent.person.0,
                purpose: consent.purpose,
                channel: consent.channel,
                state: consent.state,
                version: consent.version,
                at: consent.at,
            });
        }
    }
    Ok(found)
}

pub(super) async fn current(db: &Db, project: ProjectId, person: PersonNo) -> Result<Vec<Consent>> {
    const SQL: &str = "SELECT * FROM consent_current WHERE project = $1 AND person = $2
        ORDER BY at DESC, channel, purpose";
    let rows = sqlx::query(SQL).bind(project.0).bind(i64::from(person.0)).fetch_all(db.read()).await;
    rows.map_err(db_error)?.iter().map(consent).collect::<Result<_, _>>().map_err(db_error)
}

/// Statements by id.
pub(super) async fn entries(db: &Db, project: ProjectId, ids: &[i64]) -> Result<Vec<Entry>> {
    let mut found = Vec::new();
    for part in ids.chunks(BINDS_PER_READ) {
        let places = places(part.len(), 1);
        let text = format!("SELECT * FROM consent_ledger WHERE project = $1 AND id IN ({places})");
        // Safe: the text holds nothing but placeholders.
        let mut query = sqlx::query(AssertSqlSafe(text)).bind(project.0);
        for id in part {
            query = query.bind(*id);
        }
        for row in &query.fetch_all(db.read()).await.map_err(db_error)? {
            found.push(entry(row, db.texts())?);
        }
    }
    Ok(found)
}

/// Everything said of these numbers, and what holds for them since they were part of
/// somebody else, newest first, entries below `before`.
pub(super) async fn history(
    db: &Db,
    project: ProjectId,
    numbers: &[u32],
    before: i64,
    limit: i64,
) -> Result<Vec<Entry>> {
    let places = places(numbers.len(), 3);
    let text = format!(
        "SELECT * FROM consent_ledger WHERE project = $1 AND id < $2 AND (person IN ({places}) OR id IN
            (SELECT entry FROM consent_current WHERE project = $1 AND person IN ({places})))
         ORDER BY id DESC LIMIT $3"
    );
    // Safe: the text holds nothing but placeholders.
    let mut query = sqlx::query(AssertSqlSafe(text)).bind(project.0).bind(before).bind(limit);
    for number in numbers {
        query = query.bind(i64::from(*number));
    }
    let rows = query.fetch_all(db.read()).await.map_err(db_error)?;
    rows.iter().map(|row| entry(row, db.texts())).collect()
}

fn consent(row: &AnyRow) -> Result<Consent, sqlx::Error> {
    Ok(Consent { version: row.try_get("version")?, entry: row.try_get("entry")?, ..said(row)? })
}

/// The columns that ledger and present state share.
fn said(row: &AnyRow) -> Result<Consent, sqlx::Error> {
    let unknown = || sqlx::Error::Decode("unknown state of consent".into());
    let person: i64 = row.try_get("person")?;
    Ok(Consent {
        person: PersonNo(u32::try_from(person).map_err(|_| unknown())?),
        channel: row.try_get("channel")?,
        purpose: row.try_get("purpose")?,
        state: ConsentState::parse(&row.try_get::<String, _>("state")?).ok_or_else(unknown)?,
        source: row.try_get("source")?,
        at: row.try_get("at")?,
        version: row.try_get("version")?,
        entry: None,
    })
}

fn entry(row: &AnyRow, texts: &Texts) -> Result<Entry> {
    let text = |column: &str| row.try_get::<String, _>(column).map_err(db_error);
    let id = row.try_get("id").map_err(db_error)?;
    Ok(Entry {
        id,
        consent: said(row).map_err(db_error)?,
        how: How::parse(&text("how")?),
        recorded_at: row.try_get("recorded_at").map_err(db_error)?,
        evidence: texts.open(&EVIDENCE, id, text("evidence")?)?,
        identifier: texts.open(&IDENTIFIER, id, text("identifier")?)?,
        actor: text("actor")?,
    })
}
