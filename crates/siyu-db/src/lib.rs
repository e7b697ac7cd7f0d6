//! The business database: pools, migrations, transactions, ids and the durable
//! job queue, with one SQL text for SQLite and PostgreSQL.
//!
//! Writing SQL that means the same on both (each rule is held by `tests.rs`):
//!
//! - Placeholders are `$1`, `$2`, …; the same one may be used twice.
//! - Columns are `BIGINT`, `TEXT` and `DOUBLE PRECISION`; anything else fails in the
//!   `Any` driver. Booleans are `BIGINT` 0/1 (bind `i64::from(flag)`, never a `bool`).
//! - `COUNT(*)` is `BIGINT` on both, but PostgreSQL makes `SUM` and `AVG` of integers
//!   `NUMERIC`, which cannot be read: write `CAST(SUM(x) AS BIGINT)`.
//! - Read numbers as the column says: `i64` for `BIGINT`, `f64` for `DOUBLE PRECISION`.
//!   Bind an `f64` for a double column; an integer literal in an expression stays an integer.
//! - Bind absence as `Option::<i64>::None`; PostgreSQL needs its type. A double that may be absent
//!   is bound as [`maybe_double`] and cast.
//! - `LIKE` ignores case on SQLite only: compare `lower(a) LIKE lower($1)`.
//! - Text sorts by bytes on SQLite and by locale on PostgreSQL: page by ids or times.
//! - PostgreSQL refuses U+0000 in text; `Body` refuses it at the rim.
//! - After an error inside a transaction PostgreSQL refuses everything but a rollback:
//!   use `ON CONFLICT`, do not try and catch.
//! - On SQLite `begin()` waits for the only writer. Never call `begin()` while holding
//!   another transaction, and never keep one across a call to the outer world.
//! - Text that is not a literal needs `sqlx::AssertSqlSafe`, and a reason.

mod absent;
mod counters;
mod erase;
mod error;
pub mod jobs;
mod migrate;
mod pool;
#[cfg(test)]
mod tests;
mod texts;
mod tx;

pub use absent::maybe_double;
pub use counters::next_id;
pub use error::db_error;
pub use jobs::{Job, JobHandler, JobRun, JobState, Jobs, NewJob};
pub use pool::{Backend, Db};
pub use texts::{TextColumn, Texts, opened as opened_texts, seal_stored};
pub use tx::Tx;
