//! The facade: opens projects with their pipelines, accepts frames, writes
//! records of our own, waits, stops.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::RwLock;
use rustc_hash::FxHashMap;
use siyu_audience::{Project, ProjectSettings, Projects};
use siyu_events::LogPosition;
use siyu_govern::sealing::Pseudonyms;
use siyu_types::ports::{EventListener, EventSink, PortFuture, Vault};
use siyu_types::{Clock, Error, ProjectId, Record, Result};

use crate::frame::{Frame, ProtocolId, Terms};
use crate::pipeline::{Listeners, Pipeline, PipelineOptions, PipelineStats};
use crate::protocols::{Decoded, encode_records};
use crate::unassigned::Unassigned;

/// Records per frame that siyu writes itself.
const FRAME_RECORDS: usize = 1_000;
/// Source of records that siyu writes itself.
const INTERNAL_SOURCE: &str = "siyu";

/// The settings of a project by its id; may block.
pub type SettingsOf = dyn Fn(ProjectId) -> Result<ProjectSettings> + Send + Sync;

pub struct IngestOptions {
    pub data_dir: PathBuf,
    pub pipeline: PipelineOptions,
    /// Recognises identifiers of people who were erased.
    pub pseudonyms: Pseudonyms,
}

impl IngestOptions {
    pub fn new(data_dir: impl Into<PathBuf>, pseudonyms: Pseudonyms) -> IngestOptions {
        IngestOptions { data_dir: data_dir.into(), pipeline: PipelineOptions::default(), pseudonyms }
    }
}

/// Everything that comes in goes through here.
pub struct Ingest {
    running: Arc<Running>,
    projects: Arc<Projects>,
    clock: Arc<dyn Clock>,
    data_dir: PathBuf,
    unassigned: Unassigned,
}

/// The pipelines; shared with the loader of [`Projects`].
struct Running {
    data_dir: PathBuf,
    options: PipelineOptions,
    pseudonyms: Pseudonyms,
    clock: Arc<dyn Clock>,
    settings: Box<SettingsOf>,
    listeners: Listeners,
    pipelines: RwLock<FxHashMap<ProjectId, Arc<Pipeline>>>,
}

impl Running {
    /// Called by [`Projects`] under its own lock, once per project.
    fn open(&self, id: ProjectId) -> Result<Arc<Project>> {
        let settings = (self.settings)(id)?;
        let dir = project_dir(&self.data_dir, id);
        let listeners = Arc::clone(&self.listeners);
        let (clock, options) = (Arc::clone(&self.clock), self.options.clone());
        let pipeline =
            Pipeline::open(&dir, id, settings, clock, options, listeners, self.pseudonyms.clone())?;
        let project = Arc::clone(pipeline.project());
        self.pipelines.write().insert(id, Arc::new(pipeline));
        Ok(project)
    }
}

/// Where a project keeps everything.
fn project_dir(data_dir: &Path, id: ProjectId) -> PathBuf {
    data_dir.join("projects").join(id.0.to_string())
}

impl Ingest {
    /// Nothing is opened yet: a project opens, with its pipeline, when
    /// [`Projects::get`] is first asked for it.
    pub fn start(options: IngestOptions, clock: Arc<dyn Clock>, settings: Box<SettingsOf>) -> Arc<Ingest> {
        let listeners: Listeners = Arc::new(RwLock::new(Vec::new().into()));
        let running = Arc::new(Running {
            data_dir: options.data_dir.clone(),
            options: options.pipeline,
            pseudonyms: options.pseudonyms,
            clock: Arc::clone(&clock),
            settings,
            listeners,
            pipelines: RwLock::default(),
        });
        let loader = Arc::clone(&running);
        let projects = Arc::new(Projects::open(Box::new(move |id| loader.open(id))));
        let vault = running.options.vault.clone();
        let unassigned = Unassigned::open(&options.data_dir.join("unassigned"), vault);
        Arc::new(Ingest { running, projects, clock, data_dir: options.data_dir, unassigned })
    }

    /// The registry that all other features use.
    pub fn projects(&self) -> &Arc<Projects> {
        &self.projects
    }

    /// Registers a listener of applied events of all projects. After a crash it
    /// sees events again that were applied since the last checkpoint.
    pub fn listen(&self, listener: Arc<dyn EventListener>) {
        let mut listeners = self.running.listeners.write();
        *listeners = listeners.iter().cloned().chain([listener]).collect();
    }

    pub fn pipeline(&self, project: ProjectId) -> Result<Arc<Pipeline>> {
        self.projects.get(project)?;
        let pipelines = self.running.pipelines.read();
        pipelines.get(&project).cloned().ok_or_else(|| Error::not_found("project", project.0))
    }

    /// Makes a request durable; when this answers `Ok` it survives anything.
    pub async fn accept(&self, project: ProjectId, frame: &Frame<'_>) -> Result<LogPosition> {
        self.append(project, vec![frame.encode()]).await
    }

    /// As [`Ingest::accept`], of a frame that was decoded already.
    pub async fn accept_decoded(
        &self,
        project: ProjectId,
        frame: &Frame<'_>,
        decoded: Decoded,
    ) -> Result<LogPosition> {
        self.pipeline(project)?.append_decoded(frame, decoded).await
    }

    pub(crate) async fn append(&self, project: ProjectId, frames: Vec<Bytes>) -> Result<LogPosition> {
        self.pipeline(project)?.append(frames).await
    }

    /// Makes records durable as frames of a protocol of our own.
    pub async fn write(
        &self,
        project: ProjectId,
        protocol: ProtocolId,
        source: &str,
        records: &[Record],
    ) -> Result<()> {
        let received_at = self.clock.now();
        let frames: Vec<Bytes> = records
            .chunks(FRAME_RECORDS)
            .map(|chunk| {
                let body = encode_records(chunk)?;
                let terms = Terms::default();
                Ok(Frame { protocol, terms, received_at, source, route: "", query: "", body: &body }.encode())
            })
            .collect::<Result<_>>()?;
        if frames.is_empty() {
            return Ok(());
        }
        self.append(project, frames).await.map(|_| ())
    }

    /// Waits until everything accepted so far has been applied.
    pub async fn drain(&self, project: ProjectId) -> Result<()> {
        self.pipeline(project)?.drain().await
    }

    pub fn stats(&self, project: ProjectId) -> Result<PipelineStats> {
        Ok(self.pipeline(project)?.stats())
    }

    /// Writes a checkpoint of a project now. Blocks.
    pub fn checkpoint(&self, project: ProjectId) -> Result<()> {
        self.pipeline(project)?.checkpoint()
    }

    /// Keeps a request whose key nobody knows.
    pub(crate) fn set_aside(&self, frame: &Frame<'_>, key: &str) -> Result<()> {
        self.unassigned.put(frame, key)
    }

    pub fn unassigned(&self) -> &Unassigned {
        &self.unassigned
    }

    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// What seals the files that are kept.
    pub(crate) fn vault(&self) -> Option<&Arc<dyn Vault>> {
        self.running.options.vault.as_ref()
    }

    pub(crate) fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// Stops all pipelines; with a checkpoint each, unless it is to look like a crash.
    /// Nothing is accepted afterwards. Blocks.
    pub fn stop(&self, checkpoint: bool) {
        let pipelines = std::mem::take(&mut *self.running.pipelines.write());
        for pipeline in pipelines.into_values() {
            pipeline.stop(checkpoint);
        }
    }
}

impl EventSink for Ingest {
    fn emit(&self, project: ProjectId, records: Vec<Record>) -> PortFuture<'_, Result<()>> {
        Box::pin(async move { self.write(project, ProtocolId::Internal, INTERNAL_SOURCE, &records).await })
    }

    fn settle(&self, project: ProjectId) -> PortFuture<'_, Result<()>> {
        Box::pin(self.drain(project))
    }
}
