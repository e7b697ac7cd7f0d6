//! What the features of this crate share: the projects, the database, and a limit
//! on how many questions are worked on at once.

use std::sync::Arc;

use siyu_analytics::Context;
use siyu_audience::evaluation::{self, Needs};
use siyu_audience::{Project, Projects};
use siyu_db::Db;
use siyu_govern::Govern;
use siyu_govern::personal::Look;
use siyu_types::clock::Millis;
use siyu_types::{Error, Result, Viewer};
use tokio::sync::Semaphore;

/// Questions worked on at the same time; further ones wait their turn. Each may
/// use all threads of `siyu-analytics` and memory for its answer.
const QUESTIONS_MAX: usize = 4;

/// Cheap to clone.
#[derive(Clone)]
pub struct Insight {
    inner: Arc<Inner>,
}

struct Inner {
    govern: Govern,
    projects: Arc<Projects>,
    questions: Semaphore,
}

impl Insight {
    pub fn new(govern: Govern, projects: Arc<Projects>) -> Insight {
        let questions = Semaphore::new(QUESTIONS_MAX);
        Insight { inner: Arc::new(Inner { govern, projects, questions }) }
    }

    pub(crate) fn db(&self) -> &Db {
        self.inner.govern.db()
    }

    pub(crate) fn govern(&self) -> &Govern {
        &self.inner.govern
    }

    pub(crate) fn now(&self) -> Millis {
        self.inner.govern.now()
    }

    /// Notes who looked at the people behind an answer.
    pub(crate) async fn looked(&self, look: Look) -> Result<()> {
        self.inner.govern.looked(look).await
    }

    pub(crate) fn project(&self, viewer: &Viewer) -> Result<Arc<Project>> {
        self.inner.projects.get(viewer.project)
    }

    /// Works on something off the threads that answer requests.
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let _turn = self.inner.questions.acquire().await.map_err(Error::internal)?;
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
    }

    /// Asks a project as of now; `needs` is worked out, and may refuse, beforehand.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        project: &Arc<Project>,
        needs: impl FnOnce(&Project) -> Result<Needs> + Send + 'static,
        question: impl FnOnce(&Context<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (project, as_of) = (Arc::clone(project), self.now());
        self.work(move || {
            let needs = needs(&project)?;
            evaluation::ask(&project, needs, as_of, question)
        })
        .await
    }
}
