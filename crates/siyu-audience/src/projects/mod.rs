//! Projects as they run: events, people and settings, by id.

mod definitions;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::tz::TimeZone;
use parking_lot::{Mutex, RwLock};
use rustc_hash::FxHashMap;
use siyu_events::{EventStore, StoreOptions, StoreState};
use siyu_govern::sealing::IdentifierHashes;
use siyu_types::personal::{PersonalRules, shipped_rules};
use siyu_types::ports::Vault;
use siyu_types::{Clock, Error, ErrorCode, ProjectId, Result};

use crate::people::{People, PeopleState};
use crate::segments::Flow;
pub use definitions::{Definitions, KnownSegment, KnownTag, Named, named_in};

/// What somebody may change about a project.
#[derive(Clone, Debug)]
pub struct ProjectSettings {
    pub name: String,
    pub zone: TimeZone,
    /// ISO 4217, such as `CNY`.
    pub currency: String,
}

/// What protects what a project keeps.
#[derive(Clone, Default, Debug)]
pub struct Protection {
    /// Seals whatever is written.
    pub vault: Option<Arc<dyn Vault>>,
    /// Hashes values of identifiers of which only a hash is kept.
    pub hashes: Option<IdentifierHashes>,
}

/// One project at work.
pub struct Project {
    pub id: ProjectId,
    /// Folder of everything the project keeps on disk.
    pub dir: PathBuf,
    pub events: EventStore,
    pub people: RwLock<People>,
    pub clock: Arc<dyn Clock>,
    settings: RwLock<Arc<ProjectSettings>>,
    definitions: RwLock<Arc<Definitions>>,
    /// Who came to each dynamic segment and who went. Locked briefly, and never before people.
    pub(crate) flows: RwLock<FxHashMap<i64, Flow>>,
    personal: RwLock<Arc<PersonalRules>>,
}

impl Project {
    /// Folder of event segments below a project's folder.
    pub const EVENTS_DIR: &str = "events";
    /// Folder of people snapshots below a project's folder.
    pub const PEOPLE_DIR: &str = "people";

    /// Opens what the pipeline's manifest names; without states the project is empty.
    pub fn open(
        dir: &Path,
        id: ProjectId,
        settings: ProjectSettings,
        clock: Arc<dyn Clock>,
        options: StoreOptions,
        events: Option<&StoreState>,
        people: Option<&PeopleState>,
    ) -> Result<Arc<Project>> {
        Project::open_protected(dir, id, (settings, clock), options, (events, people), Protection::default())
    }

    /// As [`Project::open`], with what is kept sealed and identifiers hashed. A project that
    /// keeps some as hashes does not open where what it receives is not sealed.
    pub fn open_protected(
        dir: &Path,
        id: ProjectId,
        (settings, clock): (ProjectSettings, Arc<dyn Clock>),
        options: StoreOptions,
        (events, people): (Option<&StoreState>, Option<&PeopleState>),
        Protection { vault, hashes }: Protection,
    ) -> Result<Arc<Project>> {
        let people_dir = dir.join(Self::PEOPLE_DIR);
        std::fs::create_dir_all(&people_dir)?;
        let mut people = match (people, &vault) {
            (Some(state), Some(vault)) => People::load_sealed(&people_dir, state, Arc::clone(vault))?,
            (Some(state), None) => People::load(&people_dir, state)?,
            (None, _) => People::default(),
        };
        if let Some(hashes) = &hashes {
            people.graph.hash_with(hashes.of_project(id))?;
        }
        let options = StoreOptions { vault: vault.clone(), place: format!("events/{}", id.0), ..options };
        if let Some(vault) = vault {
            people.seal_with(vault);
        }
        let project = Project {
            id,
            dir: dir.to_owned(),
            events: EventStore::open(&dir.join(Self::EVENTS_DIR), options, events)?,
            people: RwLock::new(people),
            clock,
            settings: RwLock::new(Arc::new(settings)),
            definitions: RwLock::default(),
            flows: RwLock::default(),
            personal: RwLock::new(shipped_rules()),
        };
        if project.people.read().graph.rules().keeps_hashes() {
            project.require_sealing()?;
        }
        Ok(Arc::new(project))
    }

    /// Whether what is received and kept is sealed. Values that are kept as hashes only would
    /// otherwise stand in the log as they came.
    pub fn require_sealing(&self) -> Result<()> {
        if self.people.read().vault.as_ref().is_some_and(|vault| vault.seals()) {
            return Ok(());
        }
        let message =
            "identifiers are kept as hashes only where `[secrets] seal_data` seals what was received";
        Err(Error::new(ErrorCode::HashNeedsSealing, message).with("project", self.id.0.to_string()))
    }

    /// The settings as they are now; hold the answer for as long as one task takes.
    pub fn settings(&self) -> Arc<ProjectSettings> {
        self.settings.read().clone()
    }

    pub fn set_settings(&self, settings: ProjectSettings) {
        *self.settings.write() = Arc::new(settings);
    }

    /// What is personal here.
    pub fn personal(&self) -> Arc<PersonalRules> {
        self.personal.read().clone()
    }

    pub fn set_personal(&self, rules: Arc<PersonalRules>) {
        *self.personal.write() = rules;
    }

    pub fn zone(&self) -> TimeZone {
        self.settings.read().zone.clone()
    }

    pub fn currency(&self) -> String {
        self.settings.read().currency.clone()
    }

    /// The tags and segments as they are now.
    pub fn definitions(&self) -> Arc<Definitions> {
        self.definitions.read().clone()
    }

    pub(crate) fn change_definitions(&self, change: impl FnOnce(&mut Definitions)) {
        change(Arc::make_mut(&mut self.definitions.write()));
    }

    /// Where snapshots of people go.
    pub fn people_dir(&self) -> PathBuf {
        self.dir.join(Self::PEOPLE_DIR)
    }
}

/// Opens a project that is asked for and not open yet. May block.
pub type ProjectLoader = dyn Fn(ProjectId) -> Result<Arc<Project>> + Send + Sync;

/// The open projects.
pub struct Projects {
    open: RwLock<FxHashMap<ProjectId, Arc<Project>>>,
    /// Held while a project is opened, so that it is opened once.
    loading: Mutex<()>,
    loader: Box<ProjectLoader>,
}

impl Projects {
    /// A registry that opens projects through `loader` when they are first asked for.
    pub fn open(loader: Box<ProjectLoader>) -> Projects {
        Projects { open: RwLock::default(), loading: Mutex::new(()), loader }
    }

    /// A registry of the projects that are put into it.
    pub fn fixed() -> Projects {
        Projects::open(Box::new(|id| Err(Error::not_found("project", id.0))))
    }

    pub fn insert(&self, project: Arc<Project>) {
        self.open.write().insert(project.id, project);
    }

    pub fn get(&self, id: ProjectId) -> Result<Arc<Project>> {
        if let Some(project) = self.open.read().get(&id) {
            return Ok(project.clone());
        }
        let _loading = self.loading.lock();
        if let Some(project) = self.open.read().get(&id) {
            return Ok(project.clone());
        }
        let project = (self.loader)(id)?;
        self.insert(project.clone());
        Ok(project)
    }

    /// The projects that are open, by id.
    pub fn all(&self) -> Vec<Arc<Project>> {
        let mut all: Vec<_> = self.open.read().values().cloned().collect();
        all.sort_by_key(|project| project.id);
        all
    }
}
