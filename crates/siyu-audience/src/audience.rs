//! The features of this crate that have tables, tied together: tags and segments of
//! every project, with their jobs.

use std::sync::Arc;

use parking_lot::RwLock;
use siyu_db::{Db, JobHandler, Jobs, TextColumn};
use siyu_govern::Govern;
use siyu_govern::personal::Look;
use siyu_http::Page;
use siyu_types::clock::Millis;
use siyu_types::ports::{EventSink, PortFuture};
use siyu_types::{Clock, Error, ErrorCode, ProjectId, Result, Viewer};
use utoipa_axum::router::OpenApiRouter;

use crate::erasure::{self, ErasureParts};
use crate::people::PersonItem;
use crate::projects::{Named, Project, Projects};
use crate::rights::{self, Keeper};
use crate::{identity, items, notes, orders, people, profiles, relations, segments, sweep, tags, timeline};

/// Longest names and descriptions, in characters.
const NAME_CHARS_MAX: usize = 100;
const DESCRIPTION_CHARS_MAX: usize = 2_000;

/// Somebody above who holds on to tags and segments, such as campaigns.
pub trait References: Send + Sync + 'static {
    /// Who uses it, as shown to people: `campaign:春季召回`.
    fn users(&self, project: ProjectId, named: Named) -> PortFuture<'_, Result<Vec<String>>>;
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Audience {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub govern: Govern,
    pub projects: Arc<Projects>,
    pub jobs: Jobs,
    clock: Arc<dyn Clock>,
    sink: Arc<dyn EventSink>,
    references: RwLock<Vec<Arc<dyn References>>>,
    keepers: RwLock<Vec<Arc<dyn Keeper>>>,
    erasure: RwLock<Option<ErasureParts>>,
    /// Held while a definition changes: two changes that are fine alone could
    /// together make a circle.
    pub changes: tokio::sync::Mutex<()>,
    /// Held while a count is written down, so that two do not see the same people come.
    pub counting: tokio::sync::Mutex<()>,
}

impl Audience {
    pub fn new(
        govern: Govern,
        projects: Arc<Projects>,
        jobs: Jobs,
        clock: Arc<dyn Clock>,
        sink: Arc<dyn EventSink>,
    ) -> Audience {
        let inner = Inner {
            govern,
            projects,
            jobs,
            clock,
            sink,
            references: RwLock::default(),
            keepers: RwLock::default(),
            erasure: RwLock::default(),
            changes: tokio::sync::Mutex::new(()),
            counting: tokio::sync::Mutex::new(()),
        };
        Audience { inner: Arc::new(inner) }
    }

    /// Columns of this crate's tables that are sealed.
    pub fn sealed_texts() -> Vec<TextColumn> {
        vec![crate::notes::TEXT, crate::rights::REASON, crate::erasure::REASON]
    }

    /// Makes known somebody who holds on to tags and segments.
    pub fn add_references(&self, references: Arc<dyn References>) {
        self.inner.references.write().push(references);
    }

    /// Makes known somebody who keeps something of people.
    pub fn add_keeper(&self, keeper: Arc<dyn Keeper>) {
        self.inner.keepers.write().push(keeper);
    }

    pub(crate) fn keepers(&self) -> Vec<Arc<dyn Keeper>> {
        self.inner.keepers.read().clone()
    }

    /// Makes known everybody who holds traces of people; until then nobody can be erased.
    pub fn set_erasure(&self, parts: ErasureParts) {
        *self.inner.erasure.write() = Some(parts);
    }

    pub(crate) fn erasure_parts(&self) -> Result<ErasureParts> {
        let parts = self.inner.erasure.read().clone();
        parts.ok_or_else(|| Error::internal("nobody was told who holds traces of people"))
    }

    /// Brings a freshly opened project's tags and segments into memory and computes
    /// their values.
    pub async fn start(&self, project: &Arc<Project>) -> Result<()> {
        project.set_personal(self.inner.govern.personal_rules(project.id).await?);
        // First, since tags and segments are computed from what attributes say.
        profiles::load(self, project).await?;
        items::load(self, project).await?;
        segments::load(self, project).await?;
        tags::load(self, project).await?;
        sweep::run_first(self, project).await
    }

    /// The jobs of tags, segments and copies.
    pub fn handlers(&self) -> Vec<Arc<dyn JobHandler>> {
        let mut handlers: Vec<Arc<dyn JobHandler>> = vec![
            Arc::new(tags::ComputeTag(self.clone())),
            Arc::new(sweep::Sweep(self.clone())),
            Arc::new(erasure::Erase(self.clone())),
        ];
        handlers.extend(rights::handlers(self));
        handlers
    }

    pub fn govern(&self) -> &Govern {
        &self.inner.govern
    }

    pub(crate) fn db(&self) -> &Db {
        self.inner.govern.db()
    }

    /// Where decisions are written, which come back by way of the log.
    pub(crate) fn sink(&self) -> &dyn EventSink {
        &*self.inner.sink
    }

    pub(crate) fn now(&self) -> Millis {
        self.inner.clock.now()
    }

    pub(crate) fn project(&self, viewer: &Viewer) -> Result<Arc<Project>> {
        self.inner.projects.get(viewer.project)
    }

    /// Notes who reads a page of a list of people.
    pub(crate) async fn listed(
        &self,
        viewer: &Viewer,
        list: &str,
        page: Page<PersonItem>,
    ) -> Result<Page<PersonItem>> {
        self.looked(viewer, list, page.items.iter().map(|item| item.person).collect()).await?;
        Ok(page)
    }

    /// Notes who reads of several people at once.
    pub(crate) async fn looked(&self, viewer: &Viewer, list: &str, numbers: Vec<u32>) -> Result<()> {
        self.inner.govern.looked(Look::listed(viewer, self.now(), list, numbers)).await
    }

    /// Everybody who uses a tag or segment.
    pub(crate) async fn users(&self, project: &Project, named: Named) -> Result<Vec<String>> {
        let definitions = project.definitions();
        let mut users: Vec<String> = definitions
            .used_by(named)
            .into_iter()
            .filter_map(|user| match user {
                Named::Tag(id) => definitions.tags.get(&id).map(|tag| format!("tag:{}", tag.display)),
                Named::Segment(id) => {
                    definitions.segments.get(&id).map(|segment| format!("segment:{}", segment.name))
                }
            })
            .collect();
        let references = self.inner.references.read().clone();
        for reference in references {
            users.extend(reference.users(project.id, named).await?);
        }
        Ok(users)
    }

    /// Refuses to remove what is used.
    pub(crate) async fn require_unused(&self, project: &Project, named: Named) -> Result<()> {
        let users = self.users(project, named).await?;
        if users.is_empty() {
            return Ok(());
        }
        Err(Error::new(ErrorCode::InUse, "it is used elsewhere").with("users", users.join(", ")))
    }
}

/// Runs a question off the threads that answer requests.
pub(crate) async fn blocking<T: Send + 'static>(
    question: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(question).await.map_err(Error::internal)?
}

/// A name that people can tell apart.
pub(crate) fn check_name(field: &str, name: &str) -> Result<String> {
    let name = name.trim();
    let length = name.chars().count();
    if length == 0 || length > NAME_CHARS_MAX {
        return Err(Error::invalid(field, format!("needs 1 to {NAME_CHARS_MAX} characters")));
    }
    Ok(name.to_owned())
}

pub(crate) fn check_description(field: &str, text: &str) -> Result<String> {
    if text.chars().count() > DESCRIPTION_CHARS_MAX {
        return Err(Error::invalid(field, format!("at most {DESCRIPTION_CHARS_MAX} characters")));
    }
    Ok(text.trim().to_owned())
}

/// The routes of people, attributes, identity, tags and segments.
pub fn routes(audience: Audience) -> OpenApiRouter {
    people::routes(audience.clone())
        .merge(profiles::routes(audience.clone()))
        .merge(timeline::routes(audience.clone()))
        .merge(items::routes(audience.clone()))
        .merge(orders::routes(audience.clone()))
        .merge(notes::routes(audience.clone()))
        .merge(identity::routes(audience.clone()))
        .merge(relations::routes(audience.clone()))
        .merge(rights::routes(audience.clone()))
        .merge(erasure::routes(audience.clone()))
        .merge(tags::routes(audience.clone()))
        .merge(segments::routes(audience))
}
