//! SQL of users, members and sessions.

use siyu_db::{Db, Tx, db_error, next_id};
use siyu_types::clock::Millis;
use siyu_types::{Error, ErrorCode, ProjectId, Result, Role};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Member, SessionUser, User};

pub(super) async fn any(db: &Db) -> Result<bool> {
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM accounts_users")
        .fetch_one(db.read())
        .await
        .map_err(db_error)?;
    Ok(count > 0)
}

pub(super) async fn by_email(tx: &mut Tx, email: &str) -> Result<Option<User>> {
    let found =
        sqlx::query("SELECT * FROM accounts_users WHERE email = $1").bind(email).fetch_optional(&mut **tx);
    found.await.map_err(db_error)?.as_ref().map(user).transpose().map_err(db_error)
}

/// With the password's hash, for the log-in.
pub(super) async fn with_hash(db: &Db, email: &str) -> Result<Option<(User, String)>> {
    let found =
        sqlx::query("SELECT * FROM accounts_users WHERE email = $1").bind(email).fetch_optional(db.read());
    let Some(row) = found.await.map_err(db_error)? else { return Ok(None) };
    let hash = row.try_get("password_hash").map_err(db_error)?;
    Ok(Some((user(&row).map_err(db_error)?, hash)))
}

pub(super) async fn insert(tx: &mut Tx, mut user: User, hash: &str) -> Result<User> {
    const INSERT: &str = "INSERT INTO accounts_users
            (id, email, name, locale, password_hash, active, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    user.id = next_id(tx, "accounts_users").await?;
    sqlx::query(INSERT)
        .bind(user.id)
        .bind(user.email.clone())
        .bind(user.name.clone())
        .bind(user.locale.clone())
        .bind(hash)
        .bind(i64::from(user.active))
        .bind(user.created_at)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(user)
}

pub(super) async fn update(tx: &mut Tx, user: &User, hash: Option<&str>) -> Result<()> {
    const UPDATE: &str = "UPDATE accounts_users
        SET name = $2, locale = $3, active = $4, password_hash = COALESCE($5, password_hash) WHERE id = $1";
    sqlx::query(UPDATE)
        .bind(user.id)
        .bind(user.name.clone())
        .bind(user.locale.clone())
        .bind(i64::from(user.active))
        .bind(hash.map(str::to_owned))
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// False if the user is in the project already.
pub(super) async fn join(tx: &mut Tx, project: ProjectId, user: i64, role: Role) -> Result<bool> {
    const INSERT: &str = "INSERT INTO accounts_members (project, user_id, role) VALUES ($1, $2, $3)
        ON CONFLICT (project, user_id) DO NOTHING";
    let joined = sqlx::query(INSERT).bind(project.0).bind(user).bind(role.as_str()).execute(&mut **tx).await;
    Ok(joined.map_err(db_error)?.rows_affected() == 1)
}

pub(super) async fn set_role(tx: &mut Tx, project: ProjectId, user: i64, role: Role) -> Result<()> {
    sqlx::query("UPDATE accounts_members SET role = $3 WHERE project = $1 AND user_id = $2")
        .bind(project.0)
        .bind(user)
        .bind(role.as_str())
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

pub(super) async fn leave(tx: &mut Tx, project: ProjectId, user: i64) -> Result<()> {
    sqlx::query("DELETE FROM accounts_members WHERE project = $1 AND user_id = $2")
        .bind(project.0)
        .bind(user)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// Fails if the transaction would leave the project without anybody who may
/// manage it. The project's row is locked first, so that two owners cannot
/// remove each other at the same time.
pub(super) async fn keep_an_owner(tx: &mut Tx, project: ProjectId) -> Result<()> {
    const OWNERS: &str = "SELECT COUNT(*) FROM accounts_members m JOIN accounts_users u ON u.id = m.user_id
        WHERE m.project = $1 AND m.role = 'owner' AND u.active = 1";
    sqlx::query("UPDATE projects SET name = name WHERE id = $1")
        .bind(project.0)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    let owners: i64 =
        sqlx::query_scalar(OWNERS).bind(project.0).fetch_one(&mut **tx).await.map_err(db_error)?;
    match owners {
        0 => Err(Error::new(ErrorCode::WrongState, "a project keeps at least one active owner")),
        _ => Ok(()),
    }
}

pub(super) async fn members(db: &Db, project: ProjectId) -> Result<Vec<Member>> {
    const SQL: &str = "SELECT u.*, m.role FROM accounts_members m JOIN accounts_users u ON u.id = m.user_id
        WHERE m.project = $1 ORDER BY u.id";
    let rows = sqlx::query(SQL).bind(project.0).fetch_all(db.read()).await.map_err(db_error)?;
    rows.iter().map(member_row).collect::<Result<_, _>>().map_err(db_error)
}

pub(super) async fn member(db: &Db, project: ProjectId, user: i64) -> Result<Member> {
    const SQL: &str = "SELECT u.*, m.role FROM accounts_members m JOIN accounts_users u ON u.id = m.user_id
        WHERE m.project = $1 AND u.id = $2";
    let found =
        sqlx::query(SQL).bind(project.0).bind(user).fetch_optional(db.read()).await.map_err(db_error)?;
    member_row(&found.ok_or_else(|| Error::not_found("user", user))?).map_err(db_error)
}

const ROLES: &str = "SELECT project, role FROM accounts_members WHERE user_id = $1 ORDER BY project";

pub(crate) async fn roles(db: &Db, user: i64) -> Result<Vec<(ProjectId, Role)>> {
    let rows = sqlx::query(ROLES).bind(user).fetch_all(db.read()).await.map_err(db_error)?;
    rows.iter().map(role_row).collect::<Result<_, _>>().map_err(db_error)
}

pub(super) async fn roles_in(tx: &mut Tx, user: i64) -> Result<Vec<(ProjectId, Role)>> {
    let rows = sqlx::query(ROLES).bind(user).fetch_all(&mut **tx).await.map_err(db_error)?;
    rows.iter().map(role_row).collect::<Result<_, _>>().map_err(db_error)
}

pub(super) async fn begin_session(
    tx: &mut Tx,
    hash: &str,
    user: i64,
    csrf: &str,
    now: Millis,
    expired: Millis,
) -> Result<()> {
    const INSERT: &str = "INSERT INTO accounts_sessions (token_hash, user_id, csrf, created_at, seen_at)
        VALUES ($1, $2, $3, $4, $4)";
    // A user's forgotten sessions go when the user logs in again.
    sqlx::query("DELETE FROM accounts_sessions WHERE user_id = $1 AND created_at < $2")
        .bind(user)
        .bind(expired)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    sqlx::query(INSERT)
        .bind(hash)
        .bind(user)
        .bind(csrf)
        .bind(now)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// The session with this hash and whose it is, expired or not.
pub(crate) async fn session(db: &Db, hash: &str) -> Result<Option<SessionUser>> {
    const SQL: &str = "SELECT u.*, s.csrf AS session_csrf, s.created_at AS session_created_at,
            s.seen_at AS session_seen_at
        FROM accounts_sessions s JOIN accounts_users u ON u.id = s.user_id WHERE s.token_hash = $1";
    let found = sqlx::query(SQL).bind(hash).fetch_optional(db.read()).await.map_err(db_error)?;
    let Some(row) = found else { return Ok(None) };
    let read = || -> Result<SessionUser, sqlx::Error> {
        Ok(SessionUser {
            user: user(&row)?,
            csrf: row.try_get("session_csrf")?,
            created_at: row.try_get("session_created_at")?,
            seen_at: row.try_get("session_seen_at")?,
            roles: Vec::new(),
        })
    };
    let mut session = read().map_err(db_error)?;
    session.roles = roles(db, session.user.id).await?;
    Ok(Some(session))
}

pub(crate) async fn note_use(db: &Db, hash: &str, now: Millis) -> Result<()> {
    let mut tx = db.begin().await?;
    sqlx::query("UPDATE accounts_sessions SET seen_at = $2 WHERE token_hash = $1")
        .bind(hash)
        .bind(now)
        .execute(&mut *tx)
        .await
        .map_err(db_error)?;
    tx.commit().await.map_err(db_error)
}

pub(super) async fn end_session(tx: &mut Tx, hash: &str) -> Result<()> {
    let ended = sqlx::query("DELETE FROM accounts_sessions WHERE token_hash = $1").bind(hash);
    ended.execute(&mut **tx).await.map_err(db_error)?;
    Ok(())
}

pub(super) async fn end_sessions(tx: &mut Tx, user: i64) -> Result<()> {
    let ended = sqlx::query("DELETE FROM accounts_sessions WHERE user_id = $1").bind(user);
    ended.execute(&mut **tx).await.map_err(db_error)?;
    Ok(())
}

fn user(row: &AnyRow) -> Result<User, sqlx::Error> {
    Ok(User {
        id: row.try_get("id")?,
        email: row.try_get("email")?,
        name: row.try_get("name")?,
        locale: row.try_get("locale")?,
        active: row.try_get::<i64, _>("active")? != 0,
        created_at: row.try_get("created_at")?,
    })
}

fn member_row(row: &AnyRow) -> Result<Member, sqlx::Error> {
    Ok(Member { user: user(row)?, role: role(row)? })
}

fn role_row(row: &AnyRow) -> Result<(ProjectId, Role), sqlx::Error> {
    Ok((ProjectId(row.try_get("project")?), role(row)?))
}

fn role(row: &AnyRow) -> Result<Role, sqlx::Error> {
    let text: String = row.try_get("role")?;
    Role::parse(&text).ok_or_else(|| sqlx::Error::Decode("unknown role".into()))
}
