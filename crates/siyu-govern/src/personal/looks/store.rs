//! SQL of looks.

use siyu_db::{Db, TextColumn, Texts, Tx, db_error, next_id};
use siyu_types::clock::Millis;
use siyu_types::{Error, ProjectId, Result, Viewer};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::model::{Day, Look, Row, Subject, Wanted, What};

/// What is sealed of looks.
pub const REASON: TextColumn = TextColumn::new("personal_looks", "reason");

/// Bound values of one statement.
const NUMBERS_PER_READ: usize = 500;

pub async fn append(tx: &mut Tx, looks: &[Look]) -> Result<()> {
    const INSERT: &str = "INSERT INTO personal_looks
            (id, project, at, actor, actor_name, what, person, people, detail, reason, clear, times)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    for look in looks {
        let id = next_id(tx, "personal_looks").await?;
        let (person, people) = match &look.subject {
            Subject::Person(number) => (Some(i64::from(*number)), String::new()),
            Subject::People(numbers) => (None, joined(numbers)),
        };
        sqlx::query(INSERT)
            .bind(id)
            .bind(look.project.0)
            .bind(look.at)
            .bind(look.actor.clone())
            .bind(look.actor_name.clone())
            .bind(look.what.as_str())
            .bind(person)
            .bind(people)
            .bind(look.detail.clone())
            .bind(tx.texts().seal(&REASON, id, &look.reason)?)
            .bind(i64::from(look.clear))
            .bind(look.times)
            .execute(&mut **tx)
            .await
            .map_err(db_error)?;
    }
    Ok(())
}

/// `,1,2,3,`, so that each number stands between commas.
fn joined(numbers: &[u32]) -> String {
    let mut text = String::from(",");
    for number in numbers {
        text.push_str(&number.to_string());
        text.push(',');
    }
    text
}

/// How many values a viewer had revealed after an instant, and when the first of them.
pub async fn reveals_since(tx: &mut Tx, viewer: &Viewer, after: Millis) -> Result<(i64, Option<Millis>)> {
    const SQL: &str = "SELECT COUNT(*) AS used, MIN(at) AS oldest FROM personal_looks
        WHERE project = $1 AND actor = $2 AND at > $3 AND what = 'revealed'";
    let query = sqlx::query(SQL).bind(viewer.project.0).bind(viewer.actor.as_text()).bind(after);
    let row = query.fetch_one(&mut **tx).await.map_err(db_error)?;
    Ok((row.try_get("used").map_err(db_error)?, row.try_get("oldest").map_err(db_error)?))
}

/// Newest first.
pub async fn list(db: &Db, project: ProjectId, wanted: &Wanted) -> Result<Vec<Row>> {
    const SQL: &str = "SELECT * FROM personal_looks
        WHERE project = $1 AND id < $2 AND at >= $3 AND at < $4
            AND ($5 = '' OR actor = $5) AND ($6 = '' OR what = $6)
        ORDER BY id DESC LIMIT $7";
    let rows = sqlx::query(SQL)
        .bind(project.0)
        .bind(wanted.before)
        .bind(wanted.from.unwrap_or(i64::MIN))
        .bind(wanted.to.unwrap_or(i64::MAX))
        .bind(wanted.actor.clone().unwrap_or_default())
        .bind(wanted.what.map_or("", What::as_str))
        .bind(wanted.limit)
        .fetch_all(db.read())
        .await
        .map_err(db_error)?;
    rows.iter().map(|row| read(row, db.texts())).collect()
}

/// The looks at one person, by all their numbers, newest first.
pub async fn of_person(db: &Db, project: ProjectId, numbers: &[u32], wanted: &Wanted) -> Result<Vec<Row>> {
    let mut found = Vec::new();
    for some in numbers.chunks(NUMBERS_PER_READ) {
        let places: Vec<String> = (0..some.len()).map(|at| format!("${}", at + 7)).collect();
        let sql = format!(
            "SELECT * FROM personal_looks WHERE project = $1 AND id < $2 AND at >= $3 AND at < $4
                AND ($6 = '' OR what = $6) AND person IN ({}) ORDER BY id DESC LIMIT $5",
            places.join(", ")
        );
        // Places only, no words of anybody's.
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(project.0)
            .bind(wanted.before)
            .bind(wanted.from.unwrap_or(i64::MIN))
            .bind(wanted.to.unwrap_or(i64::MAX))
            .bind(wanted.limit)
            .bind(wanted.what.map_or("", What::as_str));
        for number in some {
            query = query.bind(i64::from(*number));
        }
        let rows = query.fetch_all(db.read()).await.map_err(db_error)?;
        for row in &rows {
            found.push(read(row, db.texts())?);
        }
    }
    Ok(found)
}

/// Looks at several people at once, newest first: who holds whom is for the caller to say.
pub async fn of_several(db: &Db, project: ProjectId, wanted: &Wanted) -> Result<Vec<Row>> {
    const SQL: &str = "SELECT * FROM personal_looks
        WHERE project = $1 AND person IS NULL AND id < $2 AND at >= $3 AND at < $4
            AND ($6 = '' OR what = $6)
        ORDER BY id DESC LIMIT $5";
    let rows = sqlx::query(SQL)
        .bind(project.0)
        .bind(wanted.before)
        .bind(wanted.from.unwrap_or(i64::MIN))
        .bind(wanted.to.unwrap_or(i64::MAX))
        .bind(wanted.limit)
        .bind(wanted.what.map_or("", What::as_str))
        .fetch_all(db.read())
        .await
        .map_err(db_error)?;
    rows.iter().map(|row| read(row, db.texts())).collect()
}

/// Per viewer and day since an instant. Days are those of a zone that is `offset`
/// milliseconds ahead of UTC.
pub async fn days(db: &Db, project: ProjectId, from: Millis, offset: i64) -> Result<Vec<Day>> {
    const SQL: &str = "SELECT actor, MAX(actor_name) AS actor_name, (at + $3) / 86400000 AS day,
            CAST(SUM(times) AS BIGINT) AS looks, COUNT(DISTINCT person) AS people,
            CAST(SUM(CASE WHEN people = '' THEN 0
                ELSE LENGTH(people) - LENGTH(REPLACE(people, ',', '')) - 1 END) AS BIGINT) AS listed,
            CAST(SUM(CASE WHEN what = 'revealed' THEN 1 ELSE 0 END) AS BIGINT) AS reveals,
            CAST(SUM(CASE WHEN what = 'exported' THEN 1 ELSE 0 END) AS BIGINT) AS exports
        FROM personal_looks WHERE project = $1 AND at >= $2
        GROUP BY actor, (at + $3) / 86400000 ORDER BY day DESC, actor";
    let query = sqlx::query(SQL).bind(project.0).bind(from).bind(offset);
    let rows = query.fetch_all(db.read()).await.map_err(db_error)?;
    rows.iter().map(day).collect::<Result<_, _>>().map_err(db_error)
}

fn day(row: &AnyRow) -> Result<Day, sqlx::Error> {
    Ok(Day {
        actor: row.try_get("actor")?,
        actor_name: row.try_get("actor_name")?,
        day: row.try_get("day")?,
        looks: row.try_get("looks")?,
        people: row.try_get("people")?,
        listed: row.try_get("listed")?,
        reveals: row.try_get("reveals")?,
        exports: row.try_get("exports")?,
    })
}

/// Deletes some looks before an instant; answers how many.
pub async fn forget(tx: &mut Tx, project: ProjectId, before: Millis, limit: i64) -> Result<u64> {
    const SQL: &str = "DELETE FROM personal_looks WHERE id IN
        (SELECT id FROM personal_looks WHERE project = $1 AND at < $2 LIMIT $3)";
    let query = sqlx::query(SQL).bind(project.0).bind(before).bind(limit);
    Ok(query.execute(&mut **tx).await.map_err(db_error)?.rows_affected())
}

fn read(row: &AnyRow, texts: &Texts) -> Result<Row> {
    let text = |column| row.try_get::<String, _>(column).map_err(db_error);
    let number = |column| row.try_get::<i64, _>(column).map_err(db_error);
    let what = text("what")?;
    let person: Option<i64> = row.try_get("person").map_err(db_error)?;
    let subject = match person {
        Some(number) => Subject::Person(u32::try_from(number).map_err(Error::internal)?),
        None => Subject::People(text("people")?.split(',').filter_map(|word| word.parse().ok()).collect()),
    };
    let look = Look {
        project: ProjectId(number("project")?),
        at: number("at")?,
        actor: text("actor")?,
        actor_name: text("actor_name")?,
        what: What::parse(&what).ok_or_else(|| Error::internal(format!("unknown kind of look {what:?}")))?,
        subject,
        detail: text("detail")?,
        reason: texts.open(&REASON, number("id")?, text("reason")?)?,
        clear: number("clear")? == 1,
        times: number("times")?,
    };
    Ok(Row { id: number("id")?, look })
}
