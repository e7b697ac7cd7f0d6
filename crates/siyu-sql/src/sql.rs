//! The handle that the features share: who answers statements, within which limits, and
//! which of them are being answered.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::Value as Json;
use siyu_audience::{Audience, Projects};
use siyu_db::Db;
use siyu_govern::Govern;
use siyu_types::clock::Millis;
use siyu_types::ports::Sends;
use siyu_types::{Error, ErrorCode, Permission, ProjectId, Result, Viewer};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use tokio::task::AbortHandle;

use crate::engine::{self, Bounds, Outcome, Param, Question};

/// Letters of a statement.
pub const TEXT_CHARS_MAX: usize = 20_000;
/// Parameters of a statement.
pub const PARAMS_MAX: usize = 50;
/// Stack of one thread. Operators that stand beside each other (`1+1+…`) are not nesting to
/// the parser, but they are as deep a tree as the text is long, and not every walk over it
/// minds its depth. Only what is used is ever real memory.
const STACK_BYTES: usize = 256 << 20;
/// Letters by which a caller calls a run.
const RUN_CHARS_MAX: usize = 64;

/// What the configuration decides.
#[derive(Clone, Copy, Debug)]
pub struct SqlOptions {
    /// Statements that are answered at once.
    pub statements_at_once: usize,
    /// Threads that all statements share.
    pub threads: usize,
    /// Seconds that one may take.
    pub seconds: u64,
    /// Bytes that one may use while it is carried out.
    pub memory_bytes: usize,
    /// Rows of an answer.
    pub rows: usize,
    /// Bytes of an answer.
    pub result_bytes: usize,
}

/// What statements are answered with.
pub struct SqlParts {
    pub govern: Govern,
    pub projects: Arc<Projects>,
    pub audience: Audience,
    pub sends: Arc<dyn Sends>,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Sql {
    inner: Arc<Inner>,
}

struct Inner {
    parts: SqlParts,
    options: SqlOptions,
    /// Threads of its own, so that no statement takes those that answer requests or read
    /// events in.
    runtime: Option<Runtime>,
    room: Arc<Semaphore>,
    running: Mutex<HashMap<RunKey, AbortHandle>>,
}

/// Whose run it is and what they call it.
#[derive(Clone, PartialEq, Eq, Hash)]
struct RunKey {
    project: ProjectId,
    actor: String,
    run: String,
}

/// A statement as somebody asks it.
#[derive(Clone, Default, Debug)]
pub(crate) struct Asked {
    pub text: String,
    pub params: BTreeMap<String, Json>,
    /// What the caller calls it, to cancel it.
    pub run: Option<String>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        // Not to be waited for: the handle may go while requests are answered.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Sql {
    pub fn start(parts: SqlParts, options: SqlOptions) -> Result<Sql> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(options.threads.max(1))
            .thread_name("siyu-sql")
            .thread_stack_size(STACK_BYTES)
            .enable_time()
            .build()?;
        let room = Arc::new(Semaphore::new(options.statements_at_once.max(1)));
        let running = Mutex::default();
        Ok(Sql { inner: Arc::new(Inner { parts, options, runtime: Some(runtime), room, running }) })
    }

    pub(crate) fn db(&self) -> &Db {
        self.inner.parts.govern.db()
    }

    pub(crate) fn now(&self) -> Millis {
        self.inner.parts.govern.now()
    }

    pub(crate) fn govern(&self) -> &Govern {
        &self.inner.parts.govern
    }

    pub(crate) fn audience(&self) -> &Audience {
        &self.inner.parts.audience
    }

    pub(crate) fn projects(&self) -> &Projects {
        &self.inner.parts.projects
    }

    pub(crate) fn options(&self) -> SqlOptions {
        self.inner.options
    }

    /// What an answer on screen may use.
    pub(crate) fn bounds(&self) -> Bounds {
        let options = self.inner.options;
        Bounds {
            memory_bytes: options.memory_bytes,
            threads: options.threads,
            rows_max: options.rows,
            result_bytes: options.result_bytes,
            people_only: false,
        }
    }

    /// Answers a statement, or stops it when it takes too long, is cancelled, or nobody
    /// waits for it any more.
    pub(crate) async fn answer(&self, viewer: &Viewer, asked: Asked, bounds: Bounds) -> Result<Outcome> {
        viewer.require(Permission::SqlRun)?;
        viewer.require(Permission::PeopleRead)?;
        let params = check(&asked)?;
        let question = Question {
            project: self.projects().get(viewer.project)?,
            viewer: viewer.clone(),
            sends: Arc::clone(&self.inner.parts.sends),
            text: asked.text,
            params,
            as_of: self.now(),
            bounds,
        };
        let key = asked.run.map(|run| RunKey::of(viewer, run));
        let place = Arc::clone(&self.inner.room).try_acquire_owned().map_err(|_| {
            Error::new(ErrorCode::SqlBusy, "too many statements are being answered")
                .with("limit", self.inner.options.statements_at_once.to_string())
        })?;
        let runtime = self.inner.runtime.as_ref().ok_or_else(|| Error::internal("SQL was stopped"))?;
        let task = runtime.spawn(async move {
            // Held until the statement has really ended, whoever still waits for it.
            let _place = place;
            engine::answer(question).await
        });
        let _guard = Running::note(self, key, task.abort_handle())?;
        let limit = Duration::from_secs(self.inner.options.seconds);
        match tokio::time::timeout(limit, task).await {
            Err(_elapsed) => Err(Error::new(ErrorCode::SqlTooSlow, "the statement takes too long")
                .with("seconds", self.inner.options.seconds.to_string())
                .at("sql")),
            Ok(Err(ended)) if ended.is_cancelled() => {
                Err(Error::new(ErrorCode::SqlCancelled, "the statement was stopped"))
            }
            // Its words may quote values.
            Ok(Err(_panic)) => Err(Error::internal("a statement broke its thread")),
            Ok(Ok(outcome)) => outcome.map_err(|error| self.with_limit(error)),
        }
    }

    fn with_limit(&self, error: Error) -> Error {
        match error.code {
            ErrorCode::SqlTooMuchMemory => {
                error.with("megabytes", (self.inner.options.memory_bytes >> 20).to_string())
            }
            _ => error,
        }
    }

    /// Stops a run of the caller's. One that has ended, or never began, is as stopped as can be.
    pub(crate) fn cancel(&self, viewer: &Viewer, run: &str) -> Result<()> {
        viewer.require(Permission::SqlRun)?;
        let known = self.inner.running.lock().get(&RunKey::of(viewer, run.to_owned())).cloned();
        known.iter().for_each(AbortHandle::abort);
        Ok(())
    }
}

impl RunKey {
    fn of(viewer: &Viewer, run: String) -> RunKey {
        RunKey { project: viewer.project, actor: viewer.actor.as_text(), run }
    }
}

/// A statement that is being answered; ends with it.
struct Running<'s> {
    sql: &'s Sql,
    key: Option<RunKey>,
    task: AbortHandle,
}

impl<'s> Running<'s> {
    fn note(sql: &'s Sql, key: Option<RunKey>, task: AbortHandle) -> Result<Running<'s>> {
        let mut running = Running { sql, key: None, task };
        if let Some(key) = key {
            let mut known = sql.inner.running.lock();
            if known.contains_key(&key) {
                drop(known);
                return Err(Error::new(ErrorCode::Conflict, "a run of this name is under way").at("run"));
            }
            known.insert(key.clone(), running.task.clone());
            running.key = Some(key);
        }
        Ok(running)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.task.abort();
        if let Some(key) = &self.key {
            self.sql.inner.running.lock().remove(key);
        }
    }
}

/// Checks what can be seen without a project.
fn check(asked: &Asked) -> Result<BTreeMap<String, Param>> {
    if asked.text.chars().count() > TEXT_CHARS_MAX {
        return Err(Error::new(ErrorCode::TooLarge, "the statement is too long")
            .with("limit", TEXT_CHARS_MAX.to_string())
            .at("sql"));
    }
    if asked.params.len() > PARAMS_MAX {
        return Err(Error::new(ErrorCode::TooComplex, "too many parameters")
            .with("limit", PARAMS_MAX.to_string())
            .at("params"));
    }
    if asked.run.as_ref().is_some_and(|run| run.is_empty() || run.chars().count() > RUN_CHARS_MAX) {
        return Err(Error::invalid("run", format!("needs 1 to {RUN_CHARS_MAX} characters")));
    }
    let params = asked.params.iter().map(|(name, value)| Ok((name.clone(), param(name, value)?)));
    params.collect()
}

fn param(name: &str, value: &Json) -> Result<Param> {
    Ok(match value {
        Json::Null => Param::Null,
        Json::Bool(flag) => Param::Bool(*flag),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Param::Integer(whole),
            None => Param::Number(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => Param::Text(text.clone()),
        Json::Array(_) | Json::Object(_) => {
            let message = "must be a text, a number, true, false or null";
            return Err(Error::invalid(format!("params.{name}"), message));
        }
    })
}
