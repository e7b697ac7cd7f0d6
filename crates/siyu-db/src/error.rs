//! Database errors in the words of the shared error table.

use siyu_types::{Error, ErrorCode};

/// Turns a database error into ours: a violated unique index is a `conflict`,
/// a full disk is `disk_full`, a pool that stays empty is `overloaded`.
pub fn db_error(error: sqlx::Error) -> Error {
    match &error {
        sqlx::Error::PoolTimedOut => Error::new(ErrorCode::Overloaded, "the database is busy"),
        sqlx::Error::Database(cause) if cause.is_unique_violation() => {
            Error::new(ErrorCode::Conflict, "something with this name or key already exists")
        }
        sqlx::Error::Database(cause) => match cause.code().as_deref() {
            // SQLITE_FULL and PostgreSQL's disk_full.
            Some("13" | "53100") => Error::new(ErrorCode::DiskFull, "the disk has no room"),
            // SQLITE_BUSY and PostgreSQL's too_many_connections.
            Some("5" | "53300") => Error::new(ErrorCode::Overloaded, "the database is busy"),
            _ => Error::internal(format!("database: {cause}")),
        },
        other => Error::internal(format!("database: {other}")),
    }
}
