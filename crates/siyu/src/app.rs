//! The whole product in one value: everything is constructed here, in the order of
//! the crate table, and joined.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use parking_lot::RwLock;
use rand::SeedableRng;
use rand::rngs::StdRng;
use siyu_audience::rights::Keeper;
use siyu_audience::{Audience, Consents, ErasureParts, ProjectSettings, Projects, References};
use siyu_connect::addresses::AllowList;
use siyu_connect::channels::Environment;
use siyu_db::{Db, JobHandler, Jobs, TextColumn};
use siyu_engage::{Engage, EngageParts, LiveAudience};
use siyu_govern::projects::Project;
use siyu_govern::sealing::{FileVault, Keyring};
use siyu_govern::{Govern, GovernOptions};
use siyu_http::{RequestIds, Requests};
use siyu_ingest::{Ciphers, Hooks, Imports, Ingest, IngestOptions, Keeping, NotTakenIn, Plans, QualityWatch};
use siyu_insight::Insight;
use siyu_insight::alerts::AlertWatch;
use siyu_sql::{Sql, SqlParts};
use siyu_types::ports::{Erasures, EventListener, EventSink, Sends, Tells, Traces, Vault};
use siyu_types::{Clock, Error, ProjectId, Result, calendar};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use utoipa::openapi::OpenApi;

use crate::{Config, jobs, routes};

/// Where randomness comes from: the machine, or a seed in tests.
#[derive(Clone, Copy, Debug)]
pub enum Entropy {
    Machine,
    Seed(u64),
}

impl Entropy {
    fn rng(self) -> StdRng {
        match self {
            Entropy::Machine => StdRng::from_os_rng(),
            Entropy::Seed(seed) => StdRng::seed_from_u64(seed),
        }
    }
}

/// The running product, without a network socket.
pub struct App {
    pub router: Router,
    pub openapi: Arc<OpenApi>,
    pub parts: Parts,
    stop: watch::Sender<bool>,
    background: Vec<JoinHandle<()>>,
}

/// What routes and jobs are made of; cheap to clone.
#[derive(Clone)]
pub struct Parts {
    pub db: Db,
    pub clock: Arc<dyn Clock>,
    pub govern: Govern,
    pub jobs: Jobs,
    pub ingest: Arc<Ingest>,
    pub projects: Arc<Projects>,
    pub audience: Audience,
    pub engage: Arc<Engage>,
    pub imports: Arc<Imports>,
    pub consents: Arc<Consents>,
    pub quality: Arc<QualityWatch>,
    pub hooks: Arc<Hooks>,
    pub ciphers: Arc<Ciphers>,
    pub plans: Arc<Plans>,
    pub keeping: Arc<Keeping>,
    pub insight: Insight,
    pub alerts: Arc<AlertWatch>,
    pub sql: Sql,
    pub requests: Arc<Requests>,
}

impl Parts {
    /// Every text of the database that is sealed, opened.
    pub async fn sealed_texts(&self) -> Result<Vec<String>> {
        siyu_db::opened_texts(&self.db, &sealed_texts()).await
    }
}

impl App {
    /// Opens the data folder and the database and constructs everything. Nothing
    /// runs by itself until `start_background`.
    pub async fn start(config: &Config, clock: Arc<dyn Clock>, entropy: Entropy) -> Result<App> {
        std::fs::create_dir_all(&config.data)?;
        let mut rng = entropy.rng();
        let for_govern = StdRng::from_rng(&mut rng);
        let (keyring, vault, db) = protected(config, &mut rng).await?;
        let mut options = govern_options(config, for_govern);
        options.vault = Some(Arc::clone(&vault));
        let govern = Govern::new(db.clone(), Arc::clone(&clock), options);
        let jobs = Jobs::new(db.clone(), Arc::clone(&clock));
        let known = Arc::new(KnownProjects::default());
        let settings = Arc::clone(&known);
        let ingest_options = ingest_options(config, &keyring, vault);
        let ingest = Ingest::start(ingest_options, Arc::clone(&clock), Box::new(move |id| settings.get(id)));
        let projects = Arc::clone(ingest.projects());
        let audience = audience_of(&govern, &ingest, &jobs, &clock);
        let engage_parts = EngageParts {
            db: db.clone(),
            govern: govern.clone(),
            clock: Arc::clone(&clock),
            audience: Arc::new(LiveAudience(Arc::clone(&projects))),
            sink: Arc::clone(&ingest) as Arc<dyn EventSink>,
            jobs: jobs.clone(),
            environment: Environment {
                allowed: AllowList::new(config.outbound.allow_hosts.clone()),
                ..Environment::default()
            },
            keyring: Arc::clone(&keyring),
            public_url: config.public_url(),
        };
        let engage = Engage::open(engage_parts, &mut rng).await?;
        let imports = Imports::new(Arc::clone(&ingest), db.clone(), jobs.clone(), audience.clone());
        let quality = quality_of(&ingest, &govern, &jobs);
        let consents = taken_over(&govern, &ingest);
        let hooks = Hooks::new(db.clone(), Arc::clone(&clock));
        let ciphers = Ciphers::open(db.clone(), Arc::clone(&clock), keyring).await?;
        let plans = Plans::new(Arc::clone(&ingest), Arc::clone(&ciphers), db.clone(), jobs.clone());
        let keeping = keeping_of(&ingest, &imports, &govern, &jobs);
        let insight = Insight::new(govern.clone(), Arc::clone(&projects));
        siyu_insight::analyses::hold_references(&insight, &audience);
        let alerts = alerts_of(&insight, &jobs, &engage, config);
        let sql = sql_of(&govern, &projects, &audience, &engage, config)?;
        let parts = Parts {
            db,
            clock,
            govern,
            jobs,
            ingest,
            projects,
            audience,
            engage,
            imports,
            consents,
            quality,
            hooks,
            ciphers,
            plans,
            keeping,
            insight,
            alerts,
            sql,
            requests: Arc::default(),
        };
        join(&parts);
        known.follow(&parts).await?;

        let prefix = format!("{:08x}", rand::RngCore::next_u32(&mut rng));
        let (router, openapi) = routes::all(&parts, config, RequestIds::new(prefix));
        let (stop, _) = watch::channel(false);
        Ok(App { router, openapi: Arc::new(openapi), parts, stop, background: Vec::new() })
    }

    /// Opens every project, so that what was accepted before a stop is applied now,
    /// with its tags and segments.
    pub async fn open_projects(&self) -> Result<()> {
        for project in self.parts.govern.projects().await? {
            let projects = Arc::clone(&self.parts.projects);
            let opened = tokio::task::spawn_blocking(move || projects.get(project.id));
            let project = opened.await.map_err(Error::internal)??;
            // A number counted over half a replay would be wrong and look right.
            self.parts.ingest.drain(project.id).await?;
            self.parts.keeping.start(project.id).await?;
            self.parts.plans.start(project.id).await?;
            self.parts.audience.start(&project).await?;
            self.parts.quality.start(project.id).await?;
            self.parts.alerts.start(project.id).await?;
            self.parts.consents.start(project.id);
        }
        Ok(())
    }

    /// Opens the projects and starts working on jobs and sends.
    pub async fn start_background(&mut self) -> Result<()> {
        self.parts.jobs.recover().await?;
        self.open_projects().await?;
        let (queue, handlers, stopped) = (self.parts.jobs.clone(), self.handlers(), self.stop.subscribe());
        self.background.push(tokio::spawn(async move { queue.work(handlers, stopped).await }));
        let (consents, stopped) = (Arc::clone(&self.parts.consents), self.stop.subscribe());
        self.background.push(tokio::spawn(async move { consents.work(stopped).await }));
        let (govern, stopped) = (self.parts.govern.clone(), self.stop.subscribe());
        self.background.push(tokio::spawn(async move { govern.keep_looks(stopped).await }));
        let (engage, stopped) = (Arc::clone(&self.parts.engage), self.stop.subscribe());
        self.background.push(tokio::spawn(async move { engage.work(stopped).await }));
        Ok(())
    }

    /// One handler per kind of job.
    pub fn handlers(&self) -> Vec<Arc<dyn JobHandler>> {
        jobs::handlers(&self.parts)
    }

    /// Ends the jobs under way, writes a checkpoint of every project and closes the
    /// database.
    pub async fn stop(self) -> Result<()> {
        self.stop.send_replace(true);
        for task in self.background {
            task.await.map_err(Error::internal)?;
        }
        self.parts.govern.write_looks().await?;
        let ingest = Arc::clone(&self.parts.ingest);
        tokio::task::spawn_blocking(move || ingest.stop(true)).await.map_err(Error::internal)?;
        self.parts.db.close().await;
        Ok(())
    }
}

/// People, their tags and segments, and decisions about who is who.
fn audience_of(govern: &Govern, ingest: &Arc<Ingest>, jobs: &Jobs, clock: &Arc<dyn Clock>) -> Audience {
    let sink = Arc::clone(ingest) as Arc<dyn EventSink>;
    Audience::new(govern.clone(), Arc::clone(ingest.projects()), jobs.clone(), Arc::clone(clock), sink)
}

/// Looks after the quality of what comes in.
fn quality_of(ingest: &Arc<Ingest>, govern: &Govern, jobs: &Jobs) -> Arc<QualityWatch> {
    Arc::new(QualityWatch { ingest: Arc::clone(ingest), govern: govern.clone(), jobs: jobs.clone() })
}

/// Looks at the alerts, and tells whom they name.
fn alerts_of(insight: &Insight, jobs: &Jobs, engage: &Arc<Engage>, config: &Config) -> Arc<AlertWatch> {
    Arc::new(AlertWatch {
        insight: insight.clone(),
        jobs: jobs.clone(),
        tells: Arc::clone(engage) as Arc<dyn Tells>,
        public_url: config.public_url(),
    })
}

/// SQL over all of it.
fn sql_of(
    govern: &Govern,
    projects: &Arc<Projects>,
    audience: &Audience,
    engage: &Arc<Engage>,
    config: &Config,
) -> Result<Sql> {
    let parts = SqlParts {
        govern: govern.clone(),
        projects: Arc::clone(projects),
        audience: audience.clone(),
        sends: Arc::clone(engage) as Arc<dyn Sends>,
    };
    Sql::start(parts, config.sql())
}

/// Who holds on to tags and segments, who keeps something of people for their copies, and who
/// holds traces of people, so that these can be removed and those erased.
fn join(parts: &Parts) {
    parts.audience.add_references(Arc::clone(&parts.engage) as Arc<dyn References>);
    parts.audience.add_keeper(Arc::clone(&parts.engage) as Arc<dyn Keeper>);
    parts
        .audience
        .add_keeper(Arc::new(NotTakenIn::new(Arc::clone(&parts.ingest), Arc::clone(&parts.imports))));
    let ingest = &parts.ingest;
    parts.audience.set_erasure(ErasureParts {
        erasures: Arc::clone(ingest) as Arc<dyn Erasures>,
        traces: vec![
            Arc::clone(&parts.engage) as Arc<dyn Traces>,
            Arc::new(parts.govern.clone()),
            Arc::clone(&parts.imports) as Arc<dyn Traces>,
            Arc::clone(ingest) as Arc<dyn Traces>,
            Arc::new(parts.db.clone()),
        ],
    });
}

/// Statements of consent in the log go to the ledger.
fn taken_over(govern: &Govern, ingest: &Ingest) -> Arc<Consents> {
    let consents = Arc::new(Consents::new(govern.clone(), Arc::clone(ingest.projects())));
    ingest.listen(Arc::clone(&consents) as Arc<dyn EventListener>);
    consents
}

/// The keys, what seals with them, and the database with it.
async fn protected(config: &Config, rng: &mut StdRng) -> Result<(Arc<Keyring>, Arc<dyn Vault>, Db)> {
    let keyring = Arc::new(Keyring::open(&config.key_file(), StdRng::from_rng(rng))?);
    let vault = FileVault::new(&keyring, config.seal_data(), StdRng::from_rng(rng))?;
    let vault: Arc<dyn Vault> = Arc::new(vault);
    let db = Db::open(&config.db_url()).await?.with_vault(Arc::clone(&vault));
    Ok((keyring, vault, db))
}

/// Projects whose files are sealed, and whose identifiers are hashed, by the installation's keys.
fn ingest_options(config: &Config, keyring: &Keyring, vault: Arc<dyn Vault>) -> IngestOptions {
    let mut options = IngestOptions::new(&config.data, keyring.pseudonyms());
    options.pipeline.vault = Some(vault);
    options.pipeline.hashes = Some(keyring.identifier_hashes());
    options.pipeline.store.cache_bytes = config.events.memory_bytes;
    options.pipeline.store.compaction_bytes_per_second = config.events.compaction_bytes_per_second;
    options
}

/// Who sees to it that everything is kept in the form in which it is to be.
fn keeping_of(ingest: &Arc<Ingest>, imports: &Arc<Imports>, govern: &Govern, jobs: &Jobs) -> Arc<Keeping> {
    let (ingest, imports) = (Arc::clone(ingest), Arc::clone(imports));
    Keeping::new(ingest, imports, (govern.clone(), jobs.clone()), sealed_texts())
}

/// Columns of all tables whose texts are sealed.
fn sealed_texts() -> Vec<TextColumn> {
    [Govern::sealed_texts(), Audience::sealed_texts(), Engage::sealed_texts()].concat()
}

/// What the settings say about accounts and access.
pub(crate) fn govern_options(config: &Config, rng: StdRng) -> GovernOptions {
    GovernOptions {
        secure_cookies: config.https(),
        origin: config.origin(),
        requests_per_second: config.limits.requests_per_second,
        behind_proxy: config.behind_proxy,
        copies: config.data.join("copies"),
        vault: None,
        rng,
    }
}

/// Settings of the projects, for those who cannot wait for the database.
#[derive(Default)]
struct KnownProjects(RwLock<HashMap<ProjectId, ProjectSettings>>);

impl KnownProjects {
    fn get(&self, id: ProjectId) -> Result<ProjectSettings> {
        self.0.read().get(&id).cloned().ok_or_else(|| Error::not_found("project", id.0))
    }

    /// Reads all projects and stays current: a change reaches the open project too.
    async fn follow(self: &Arc<KnownProjects>, parts: &Parts) -> Result<()> {
        let (known, projects) = (Arc::clone(self), Arc::downgrade(&parts.projects));
        parts.govern.on_project_change(Arc::new(move |project| {
            let Ok(settings) = settings_of(project) else { return };
            known.0.write().insert(project.id, settings.clone());
            let open = projects.upgrade().map(|projects| projects.all()).unwrap_or_default();
            if let Some(open) = open.iter().find(|open| open.id == project.id) {
                open.set_settings(settings);
            }
        }));
        let projects = Arc::downgrade(&parts.projects);
        parts.govern.on_personal_change(Arc::new(move |id, rules| {
            let open = projects.upgrade().map(|projects| projects.all()).unwrap_or_default();
            if let Some(open) = open.iter().find(|open| open.id == id) {
                open.set_personal(Arc::clone(rules));
            }
        }));
        for project in parts.govern.projects().await? {
            self.0.write().insert(project.id, settings_of(&project)?);
        }
        Ok(())
    }
}

fn settings_of(project: &Project) -> Result<ProjectSettings> {
    let Project { name, zone, currency, .. } = project.clone();
    Ok(ProjectSettings { name, zone: calendar::zone(&zone)?, currency })
}
