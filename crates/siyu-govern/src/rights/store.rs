//! SQL of requests and their steps.

use siyu_db::{Db, TextColumn, Texts, Tx, db_error, next_id};
use siyu_types::clock::Millis;
use siyu_types::{Error, Identifier, PersonNo, ProjectId, Result};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::model::{
    Assignee, NewRequest, Request, RequestKind, RequestState, Step, StepKind, Verified, VerifiedHow, Waiting,
    Wanted,
};

const NOTE: TextColumn = TextColumn::new("rights_requests", "note");
const ANSWER: TextColumn = TextColumn::new("rights_requests", "answer");
const CONTACT: TextColumn = TextColumn::new("rights_requests", "contact").marked("contact_mark");
const STEP: TextColumn = TextColumn::new("rights_steps", "text");
/// What is sealed of requests.
pub(super) const TEXTS: [TextColumn; 4] = [NOTE, ANSWER, CONTACT, STEP];

/// Steps of one request that are read at once.
const STEPS_MAX: i64 = 1_000;

/// A request of the same kind that is not ended.
pub(super) async fn open_of(tx: &mut Tx, project: ProjectId, new: &NewRequest) -> Result<Option<i64>> {
    if let Some(contact) = new.contact.as_ref().filter(|_| new.numbers.is_empty()) {
        let marks = tx.texts().marks(&CONTACT, &contact.value);
        let text = format!(
            "SELECT id FROM rights_requests WHERE project = $1 AND kind = $2 AND state IN ('open', 'working')
                AND (contact = $3 OR contact_mark IN ({})) AND contact_kind = $4 ORDER BY id LIMIT 1",
            places(marks.len(), 4)
        );
        // Safe: the text holds nothing but placeholders.
        let mut query = sqlx::query_scalar(AssertSqlSafe(text)).bind(project.0).bind(new.kind.as_str());
        query = query.bind(contact.value.clone()).bind(contact.namespace.clone());
        for mark in marks {
            query = query.bind(mark);
        }
        return query.fetch_optional(&mut **tx).await.map_err(db_error);
    }
    let text = format!(
        "SELECT id FROM rights_requests WHERE project = $1 AND kind = $2
            AND state IN ('open', 'working') AND person IN ({}) ORDER BY id LIMIT 1",
        places(new.numbers.len(), 2)
    );
    // Safe: the text holds nothing but placeholders.
    let mut query = sqlx::query_scalar(AssertSqlSafe(text)).bind(project.0).bind(new.kind.as_str());
    for number in &new.numbers {
        query = query.bind(i64::from(*number));
    }
    query.fetch_optional(&mut **tx).await.map_err(db_error)
}

pub(super) async fn create(
    tx: &mut Tx,
    project: ProjectId,
    new: &NewRequest,
    now: Millis,
    due_at: Millis,
) -> Result<i64> {
    const SQL: &str = "INSERT INTO rights_requests (id, project, person, contact_kind, contact, kind, state,
            source, note, answer, language, asked_at, due_at, assignee, assignee_name, verified_how,
            updated_at, updated_by, contact_mark)
        VALUES ($1, $2, $3, $4, $5, $6, 'open', $7, $8, '', $9, $10, $11, '', '', '', $10, $12, $13)";
    let id = next_id(tx, "rights_requests").await?;
    let (kind, contact) = contact_parts(new.contact.as_ref());
    sqlx::query(SQL)
        .bind(id)
        .bind(project.0)
        .bind(new.person.map(|person| i64::from(person.0)))
        .bind(kind)
        .bind(tx.texts().seal(&CONTACT, id, &contact)?)
        .bind(new.kind.as_str())
        .bind(new.source.clone())
        .bind(tx.texts().seal(&NOTE, id, &new.note)?)
        .bind(new.language.clone())
        .bind(now)
        .bind(due_at)
        .bind(new.by.actor.clone())
        .bind(tx.texts().mark(&CONTACT, &contact))
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(id)
}

fn contact_parts(contact: Option<&Identifier>) -> (String, String) {
    contact.map_or_else(Default::default, |id| (id.namespace.clone(), id.value.clone()))
}

/// Those that are not ended by when they are due, ended ones latest first; after `cursor`.
pub(super) async fn list(
    db: &Db,
    project: ProjectId,
    wanted: &Wanted,
    cursor: Option<i64>,
    limit: i64,
) -> Result<Vec<Request>> {
    // All have the same time to be answered in, so that the order of asking is that of the deadlines.
    const OPEN: &str = "SELECT * FROM rights_requests WHERE project = $1 AND id > $2
            AND state IN ('open', 'working') AND ($3 = '' OR kind = $3) AND due_at <= $4
            AND ($5 = '' OR assignee = $5)
        ORDER BY id LIMIT $6";
    const ENDED: &str = "SELECT * FROM rights_requests WHERE project = $1 AND id < $2
            AND state IN ('done', 'refused') AND ($3 = '' OR kind = $3) AND due_at <= $4
            AND ($5 = '' OR assignee = $5)
        ORDER BY id DESC LIMIT $6";
    let (sql, from) = if wanted.ended { (ENDED, i64::MAX) } else { (OPEN, 0) };
    let rows = sqlx::query(sql)
        .bind(project.0)
        .bind(cursor.unwrap_or(from))
        .bind(wanted.kind.map_or("", RequestKind::as_str))
        .bind(wanted.due_until.unwrap_or(i64::MAX))
        .bind(wanted.assignee.clone().unwrap_or_default())
        .bind(limit)
        .fetch_all(db.read())
        .await
        .map_err(db_error)?;
    rows.iter().map(|row| request(row, db.texts())).collect()
}

pub(super) async fn waiting(
    db: &Db,
    project: ProjectId,
    (now, soon): (Millis, Millis),
    actor: &str,
) -> Result<Waiting> {
    const SQL: &str =
        "SELECT COUNT(*) AS open, COALESCE(SUM(CASE WHEN due_at < $2 THEN 1 ELSE 0 END), 0) AS overdue,
            COALESCE(SUM(CASE WHEN due_at >= $2 AND due_at <= $3 THEN 1 ELSE 0 END), 0) AS soon,
            COALESCE(SUM(CASE WHEN assignee = $4 THEN 1 ELSE 0 END), 0) AS mine
        FROM rights_requests WHERE project = $1 AND state IN ('open', 'working')";
    let query = sqlx::query(SQL).bind(project.0).bind(now).bind(soon).bind(actor.to_owned());
    let row = query.fetch_one(db.read()).await.map_err(db_error)?;
    let count = |name: &str| -> Result<u64> {
        let count: i64 = row.try_get(name).map_err(db_error)?;
        Ok(count.unsigned_abs())
    };
    Ok(Waiting {
        open: count("open")?,
        due_soon: count("soon")?,
        overdue: count("overdue")?,
        mine: count("mine")?,
    })
}

/// Those of a person that are not ended, or ended since, oldest first.
pub(super) async fn of_person(
    db: &Db,
    project: ProjectId,
    numbers: &[u32],
    ended_since: Millis,
) -> Result<Vec<Request>> {
    let text = format!(
        "SELECT * FROM rights_requests WHERE project = $1 AND (ended_at IS NULL OR ended_at >= $2)
            AND person IN ({}) ORDER BY id",
        places(numbers.len(), 2)
    );
    // Safe: the text holds nothing but placeholders.
    let mut query = sqlx::query(AssertSqlSafe(text)).bind(project.0).bind(ended_since);
    for number in numbers {
        query = query.bind(i64::from(*number));
    }
    let rows = query.fetch_all(db.read()).await.map_err(db_error)?;
    rows.iter().map(|row| request(row, db.texts())).collect()
}

/// Those whose contact has one of these forms, latest first.
pub(super) async fn of_contact(
    db: &Db,
    project: ProjectId,
    forms: &[String],
    limit: i64,
) -> Result<Vec<Request>> {
    let marks: Vec<String> = forms.iter().flat_map(|form| db.texts().marks(&CONTACT, form)).collect();
    let text = format!(
        "SELECT * FROM rights_requests WHERE project = $1 AND contact <> ''
            AND (contact IN ({}) OR contact_mark IN ({})) ORDER BY id DESC LIMIT $2",
        places(forms.len(), 2),
        places(marks.len(), 2 + forms.len())
    );
    // Safe: the text holds nothing but placeholders.
    let mut query = sqlx::query(AssertSqlSafe(text)).bind(project.0).bind(limit);
    for form in forms.iter().chain(&marks) {
        query = query.bind(form.clone());
    }
    let rows = query.fetch_all(db.read()).await.map_err(db_error)?;
    rows.iter().map(|row| request(row, db.texts())).collect()
}

pub(super) async fn get(tx: &mut Tx, project: ProjectId, id: i64) -> Result<Request> {
    let row = sqlx::query("SELECT * FROM rights_requests WHERE project = $1 AND id = $2")
        .bind(project.0)
        .bind(id)
        .fetch_optional(&mut **tx)
        .await
        .map_err(db_error)?;
    request(&row.ok_or_else(|| Error::not_found("request", id))?, tx.texts())
}

/// Everything that changes about a request.
pub(super) async fn update(tx: &mut Tx, project: ProjectId, request: &Request) -> Result<()> {
    const SQL: &str = "UPDATE rights_requests SET person = $3, state = $4, answer = $5, assignee = $6,
            assignee_name = $7, verified_at = $8, verified_how = $9, ended_at = $10, updated_at = $11,
            updated_by = $12
        WHERE project = $1 AND id = $2";
    let assignee = request.assignee.clone();
    sqlx::query(SQL)
        .bind(project.0)
        .bind(request.id)
        .bind(request.person.map(|person| i64::from(person.0)))
        .bind(request.state.as_str())
        .bind(tx.texts().seal(&ANSWER, request.id, &request.answer)?)
        .bind(assignee.as_ref().map(|a| a.actor.clone()).unwrap_or_default())
        .bind(assignee.map(|a| a.name).unwrap_or_default())
        .bind(request.verified.map(|verified| verified.at))
        .bind(request.verified.map_or("", |verified| verified.how.as_str()))
        .bind(request.ended_at)
        .bind(request.updated_at)
        .bind(request.updated_by.clone())
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

pub(super) async fn add_step(tx: &mut Tx, project: ProjectId, request: i64, step: &Step) -> Result<()> {
    const SQL: &str = "INSERT INTO rights_steps (id, project, request, at, actor, actor_name, kind, text)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let id = next_id(tx, "rights_steps").await?;
    sqlx::query(SQL)
        .bind(id)
        .bind(project.0)
        .bind(request)
        .bind(step.at)
        .bind(step.by.actor.clone())
        .bind(step.by.name.clone())
        .bind(step.kind.as_str())
        .bind(tx.texts().seal(&STEP, id, &step.text)?)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// Latest first.
pub(super) async fn steps(db: &Db, project: ProjectId, request: i64) -> Result<Vec<Step>> {
    const SQL: &str =
        "SELECT * FROM rights_steps WHERE project = $1 AND request = $2 ORDER BY id DESC LIMIT $3";
    let query = sqlx::query(SQL).bind(project.0).bind(request).bind(STEPS_MAX);
    let rows = query.fetch_all(db.read()).await.map_err(db_error)?;
    rows.iter().map(|row| step(row, db.texts())).collect()
}

/// Takes out what a person wrote and what was written about them, and ends what they
/// still asked: deletion as done, the rest as refused. That they asked what and when stays.
/// Answers how many requests they had made.
pub(super) async fn forget(
    tx: &mut Tx,
    project: ProjectId,
    number: u32,
    answer: &str,
    now: Millis,
) -> Result<u64> {
    const STEPS: &str = "UPDATE rights_steps SET text = '' WHERE project = $1 AND request IN
            (SELECT id FROM rights_requests WHERE project = $1 AND person = $2)";
    const ENDED: &str =
        "UPDATE rights_requests SET note = '', contact = '', contact_kind = '', contact_mark = '',
            answer = CASE WHEN answer = $3 THEN answer ELSE '' END
        WHERE project = $1 AND person = $2";
    const OPEN: &str =
        "UPDATE rights_requests SET state = CASE WHEN kind = 'erase' THEN 'done' ELSE 'refused' END,
            answer = $3, ended_at = $4, updated_at = $4, updated_by = 'system'
        WHERE project = $1 AND person = $2 AND state IN ('open', 'working')";
    let number = i64::from(number);
    sqlx::query(STEPS).bind(project.0).bind(number).execute(&mut **tx).await.map_err(db_error)?;
    let query = sqlx::query(ENDED).bind(project.0).bind(number).bind(answer.to_owned());
    let asked = query.execute(&mut **tx).await.map_err(db_error)?;
    sqlx::query(OPEN)
        .bind(project.0)
        .bind(number)
        .bind(answer.to_owned())
        .bind(now)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(asked.rows_affected())
}

/// `$3,$4` for two values after the first two.
pub(super) fn places(count: usize, after: usize) -> String {
    let places: Vec<String> = (0..count).map(|index| format!("${}", index + after + 1)).collect();
    places.join(",")
}

pub(super) fn number(number: i64) -> Result<PersonNo> {
    u32::try_from(number).map(PersonNo).map_err(Error::internal)
}

fn word<T>(row: &AnyRow, column: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T> {
    let text: String = row.try_get(column).map_err(db_error)?;
    parse(&text).ok_or_else(|| Error::internal(format!("{text:?} in {column} of a request")))
}

fn request(row: &AnyRow, texts: &Texts) -> Result<Request> {
    let id = row.try_get("id").map_err(db_error)?;
    let text = |column: &str| row.try_get::<String, _>(column).map_err(db_error);
    let person: Option<i64> = row.try_get("person").map_err(db_error)?;
    let contact = texts.open(&CONTACT, id, text("contact")?)?;
    let assignee = Assignee { actor: text("assignee")?, name: text("assignee_name")? };
    let verified_at: Option<Millis> = row.try_get("verified_at").map_err(db_error)?;
    let verified = match verified_at {
        Some(at) => Some(Verified { at, how: word(row, "verified_how", VerifiedHow::parse)? }),
        None => None,
    };
    Ok(Request {
        id,
        person: person.map(number).transpose()?,
        contact: match contact.is_empty() {
            true => None,
            false => Some(Identifier { namespace: text("contact_kind")?, value: contact }),
        },
        kind: word(row, "kind", RequestKind::parse)?,
        state: word(row, "state", RequestState::parse)?,
        source: text("source")?,
        note: texts.open(&NOTE, id, text("note")?)?,
        answer: texts.open(&ANSWER, id, text("answer")?)?,
        language: text("language")?,
        asked_at: row.try_get("asked_at").map_err(db_error)?,
        due_at: row.try_get("due_at").map_err(db_error)?,
        assignee: Some(assignee).filter(|assignee| !assignee.actor.is_empty()),
        verified,
        ended_at: row.try_get("ended_at").map_err(db_error)?,
        updated_at: row.try_get("updated_at").map_err(db_error)?,
        updated_by: text("updated_by")?,
    })
}

fn step(row: &AnyRow, texts: &Texts) -> Result<Step> {
    let id = row.try_get("id").map_err(db_error)?;
    let text = |column: &str| row.try_get::<String, _>(column).map_err(db_error);
    Ok(Step {
        at: row.try_get("at").map_err(db_error)?,
        by: Assignee { actor: text("actor")?, name: text("actor_name")? },
        kind: word(row, "kind", StepKind::parse)?,
        text: texts.open(&STEP, id, text("text")?)?,
    })
}
