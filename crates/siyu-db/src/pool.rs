//! Opening a database and handing out connections.

use std::sync::{Arc, Once};
use std::time::Duration;

use siyu_types::ports::Vault;
use siyu_types::{Error, Result};
use sqlx::Executor;
use sqlx::any::AnyPoolOptions;

use crate::{Texts, Tx, db_error, migrate};

/// Connections for reads; SQLite writes through one more.
const READ_CONNECTIONS_MAX: u32 = 8;
const POSTGRES_CONNECTIONS_MAX: u32 = 16;
/// A SQLite file up to this size is written anew after an erasure; a larger one would keep
/// everybody from writing for too long.
const REWRITE_BYTES_MAX: u64 = 4 << 30;
/// How long a caller waits for a connection before the answer is `overloaded`.
const ACQUIRE_SECONDS_MAX: u64 = 20;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// A handle on the business database; cheap to clone.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
    texts: Texts,
}

struct Inner {
    backend: Backend,
    read: sqlx::AnyPool,
    write: sqlx::AnyPool,
}

impl Db {
    /// Opens `sqlite:<path>` or `postgres://…` and brings its tables up to date.
    pub async fn open(url: &str) -> Result<Db> {
        let db = Db::connect(url).await?;
        migrate::run(&db).await?;
        Ok(db)
    }

    async fn connect(url: &str) -> Result<Db> {
        static DRIVERS: Once = Once::new();
        DRIVERS.call_once(sqlx::any::install_default_drivers);
        let (backend, read, write) = match url.strip_prefix("sqlite:") {
            Some(path) => {
                let url = sqlite_url(path.strip_prefix("//").unwrap_or(path));
                // The writer connects first: it creates the file and its journal mode.
                let write = pool(sqlite(1), &url).await?;
                (Backend::Sqlite, pool(sqlite(READ_CONNECTIONS_MAX), &url).await?, write)
            }
            None if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                let pool = pool(limits(POSTGRES_CONNECTIONS_MAX), url).await?;
                (Backend::Postgres, pool.clone(), pool)
            }
            None => {
                return Err(Error::invalid("db.url", "must start with sqlite: or postgres://"));
            }
        };
        Ok(Db { inner: Arc::new(Inner { backend, read, write }), texts: Texts::default() })
    }

    /// The same database, with texts of people sealed as this vault says.
    #[must_use]
    pub fn with_vault(self, vault: Arc<dyn Vault>) -> Db {
        Db { texts: Texts::new(Some(vault)), ..self }
    }

    /// Seals and opens texts of rows.
    pub fn texts(&self) -> &Texts {
        &self.texts
    }

    pub fn backend(&self) -> Backend {
        self.inner.backend
    }

    /// For statements that only read, outside a transaction.
    pub fn read(&self) -> &sqlx::AnyPool {
        &self.inner.read
    }

    /// Starts a transaction that may write. On SQLite it takes the write lock at
    /// once, so that it never fails half-way for want of it.
    pub async fn begin(&self) -> Result<Tx> {
        let started = match self.inner.backend {
            Backend::Sqlite => self.inner.write.begin_with("BEGIN IMMEDIATE").await,
            Backend::Postgres => self.inner.write.begin().await,
        };
        Ok(Tx::new(started.map_err(db_error)?, self.texts.clone()))
    }

    /// Makes the file hold nothing that was deleted or replaced: its pages are written anew
    /// and its journal is emptied. PostgreSQL frees the rows; what its journal and copies of it
    /// hold is for whoever runs it. Answers the bytes of the file, 0 on PostgreSQL; `None` if
    /// the file is so large that only its journal was emptied, and freed pages are overwritten
    /// since `secure_delete` is on.
    pub async fn rewrite(&self) -> Result<Option<u64>> {
        let mut connection = self.inner.write.acquire().await.map_err(db_error)?;
        if self.inner.backend == Backend::Postgres {
            connection.execute(sqlx::raw_sql("VACUUM")).await.map_err(db_error)?;
            return Ok(Some(0));
        }
        const BYTES: &str = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
        const EMPTY_JOURNAL: &str = "PRAGMA wal_checkpoint(TRUNCATE)";
        let bytes: i64 = sqlx::query_scalar(BYTES).fetch_one(&mut *connection).await.map_err(db_error)?;
        let small = bytes as u64 <= REWRITE_BYTES_MAX;
        if small {
            connection.execute(sqlx::raw_sql("VACUUM")).await.map_err(db_error)?;
        }
        connection.execute(sqlx::raw_sql(EMPTY_JOURNAL)).await.map_err(db_error)?;
        Ok(small.then_some(bytes as u64))
    }

    /// Waits for connections in use and closes them; SQLite folds its journal in.
    pub async fn close(&self) {
        self.inner.read.close().await;
        self.inner.write.close().await;
    }
}

/// A path may hold characters that mean something in a URL.
fn sqlite_url(path: &str) -> String {
    let escaped = path.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    format!("sqlite:{escaped}?mode=rwc")
}

fn limits(connections_max: u32) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(connections_max)
        .acquire_timeout(Duration::from_secs(ACQUIRE_SECONDS_MAX))
}

fn sqlite(connections_max: u32) -> AnyPoolOptions {
    const SETTINGS: &str = "PRAGMA busy_timeout = 15000; PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;";
    limits(connections_max).after_connect(|connection, _| {
        Box::pin(async move {
            connection.execute(sqlx::raw_sql(SETTINGS)).await?;
            Ok(())
        })
    })
}

async fn pool(options: AnyPoolOptions, url: &str) -> Result<sqlx::AnyPool> {
    // The message of a connection error may hold the URL, and with it a password.
    options.connect(url).await.map_err(|error| match error {
        sqlx::Error::Configuration(_) => Error::invalid("db.url", "is not a usable database address"),
        other => db_error(other),
    })
}
