//! The job queue: once per key, retries, cancel, crash.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use serde_json::{Value, json};
use siyu_db::jobs::{LEASE_MILLIS, WAITS_MILLIS};
use siyu_db::{Backend, Db, JobHandler, JobRun, JobState, Jobs, NewJob};
use siyu_testkit::clock::MockClock;
use siyu_testkit::databases;
use siyu_types::{Error, ErrorCode, ProjectId, Result};

const PROJECT: ProjectId = ProjectId(1);

/// Does what its parameters say and counts its runs.
#[derive(Default)]
struct Puppet {
    runs: AtomicI64,
}

#[async_trait]
impl JobHandler for Puppet {
    fn kind(&self) -> &'static str {
        "puppet"
    }

    async fn run(&self, run: JobRun) -> Result<Value> {
        let nth = self.runs.fetch_add(1, Ordering::SeqCst) + 1;
        match run.params["do"].as_str() {
            Some("panic") => panic!("on purpose"),
            Some("refuse") => Err(Error::invalid("x", "no")),
            Some("recover") if nth < 3 => Err(Error::new(ErrorCode::ProviderTimeout, "later")),
            Some("break") => Err(Error::internal("disk")),
            _ => {
                run.progress(1, 2, "half").await?;
                Ok(json!({ "nth": nth, "attempt": run.attempt }))
            }
        }
    }
}

struct Setup {
    jobs: Jobs,
    clock: MockClock,
    puppet: Arc<Puppet>,
}

impl Setup {
    fn new(db: &Db) -> Setup {
        let clock = MockClock::at("2026-11-21T00:00:00Z");
        Setup { jobs: Jobs::new(db.clone(), clock.shared()), clock, puppet: Arc::default() }
    }

    async fn enqueue(&self, what: &str) -> i64 {
        self.jobs.enqueue(NewJob::new(PROJECT, "puppet", json!({ "do": what }))).await.expect("queued")
    }

    async fn run(&self) -> usize {
        self.jobs.run_pending(vec![self.puppet.clone()]).await.expect("runs")
    }

    async fn state(&self, id: i64) -> JobState {
        self.jobs.get(PROJECT, id).await.expect("exists").state
    }
}

#[tokio::test]
async fn a_job_runs_once_and_keeps_its_result() {
    databases::both(async |db| {
        let setup = Setup::new(&db);
        let id = setup.enqueue("work").await;
        assert_eq!(setup.run().await, 1);
        assert_eq!(setup.run().await, 0);
        let job = setup.jobs.get(PROJECT, id).await.expect("exists");
        assert_eq!(job.state, JobState::Done);
        assert_eq!((job.done, job.total, job.note.as_str()), (1, 2, "half"));
        assert_eq!(job.result, Some(json!({ "nth": 1, "attempt": 1 })));
        assert!(setup.jobs.get(ProjectId(2), id).await.is_err(), "another project sees it");
        assert_eq!(setup.jobs.list(PROJECT, None, 10).await.expect("lists").len(), 1);
        assert_eq!(setup.jobs.list(PROJECT, Some(id), 10).await.expect("lists").len(), 0);
    })
    .await;
}

#[tokio::test]
async fn waiting_jobs_with_one_key_are_one_job() {
    databases::both(async |db| {
        let setup = Setup::new(&db);
        let keyed = || NewJob::new(PROJECT, "puppet", json!({})).once("tag:1");
        let first = setup.jobs.enqueue(keyed()).await.expect("queued");
        assert_eq!(setup.jobs.enqueue(keyed()).await.expect("queued"), first);
        let other = NewJob::new(ProjectId(2), "puppet", json!({})).once("tag:1");
        assert_ne!(setup.jobs.enqueue(other).await.expect("queued"), first);
        setup.run().await;
        assert_ne!(
            setup.jobs.enqueue(keyed()).await.expect("queued"),
            first,
            "a finished job blocks nothing"
        );
    })
    .await;
}

#[tokio::test]
async fn errors_that_may_pass_are_tried_again_later() {
    databases::both(async |db| {
        for (what, runs, state) in [
            ("recover", 3, JobState::Done),
            ("refuse", 1, JobState::Failed),
            ("break", 1 + WAITS_MILLIS.len() as i64, JobState::Failed),
            ("panic", 1 + WAITS_MILLIS.len() as i64, JobState::Failed),
        ] {
            let setup = Setup::new(&db);
            let id = setup.enqueue(what).await;
            assert_eq!(setup.run().await, 1, "{what}: the next attempt is not due yet");
            for _ in 0..6 {
                setup.clock.advance(WAITS_MILLIS[2]);
                setup.run().await;
            }
            assert_eq!(setup.puppet.runs.load(Ordering::SeqCst), runs, "{what}");
            assert_eq!(setup.state(id).await, state, "{what}");
        }
        let unknown = Setup::new(&db);
        let id = unknown.jobs.enqueue(NewJob::new(PROJECT, "elsewhere", json!({}))).await.expect("queued");
        unknown.run().await;
        assert_eq!(unknown.state(id).await, JobState::Failed);
    })
    .await;
}

#[tokio::test]
async fn a_waiting_job_is_cancelled_at_once_and_a_due_time_is_kept() {
    databases::both(async |db| {
        let setup = Setup::new(&db);
        let id = setup.enqueue("work").await;
        assert_eq!(setup.jobs.cancel(PROJECT, id).await.expect("cancels").state, JobState::Cancelled);
        assert_eq!(setup.run().await, 0);
        let later = siyu_types::Clock::now(&setup.clock) + 1_000;
        let due = NewJob::new(PROJECT, "puppet", json!({})).due_at(later);
        setup.jobs.enqueue(due).await.expect("queued");
        assert_eq!(setup.run().await, 0);
        setup.clock.advance(1_000);
        assert_eq!(setup.run().await, 1);
    })
    .await;
}

/// Waits inside `run` until the test lets it go, like a process that hangs or dies.
struct Stuck {
    entered: tokio::sync::Notify,
    release: tokio::sync::Notify,
}

#[async_trait]
impl JobHandler for Stuck {
    fn kind(&self) -> &'static str {
        "puppet"
    }

    async fn run(&self, run: JobRun) -> Result<Value> {
        self.entered.notify_one();
        self.release.notified().await;
        run.progress(1, 1, "").await?;
        Ok(json!("late"))
    }
}

#[tokio::test]
async fn after_a_crash_the_job_runs_again_and_the_late_run_changes_nothing() {
    databases::both(async |db| {
        let setup = Setup::new(&db);
        let stuck = Arc::new(Stuck { entered: Default::default(), release: Default::default() });
        let id = setup.enqueue("work").await;
        let (jobs, handler) = (setup.jobs.clone(), stuck.clone());
        let first = tokio::spawn(async move { jobs.run_pending(vec![handler]).await });
        stuck.entered.notified().await;
        assert_eq!(setup.run().await, 0, "the lease holds");
        match db.backend() {
            Backend::Sqlite => assert_eq!(setup.jobs.recover().await.expect("recovers"), 1),
            Backend::Postgres => {
                assert_eq!(setup.jobs.recover().await.expect("recovers"), 0, "it may run elsewhere");
                setup.clock.advance(LEASE_MILLIS + 1);
            }
        }
        assert_eq!(setup.run().await, 1);
        assert_eq!(setup.state(id).await, JobState::Done);
        stuck.release.notify_one();
        first.await.expect("runs").expect("runs");
        let job = setup.jobs.get(PROJECT, id).await.expect("exists");
        assert_eq!(job.result, Some(json!({ "nth": 1, "attempt": 2 })));
    })
    .await;
}

#[tokio::test]
async fn a_running_job_stops_when_it_is_cancelled_and_the_loop_ends_when_told() {
    databases::both(async |db| {
        let setup = Setup::new(&db);
        let stuck = Arc::new(Stuck { entered: Default::default(), release: Default::default() });
        let id = setup.enqueue("work").await;
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let (jobs, handler) = (setup.jobs.clone(), stuck.clone());
        let worker = tokio::spawn(async move { jobs.work(vec![handler], stopped).await });
        stuck.entered.notified().await;
        assert!(setup.jobs.cancel(PROJECT, id).await.expect("cancels").cancel);
        stop.send(true).expect("the loop listens");
        stuck.release.notify_one();
        worker.await.expect("the loop ends after the job under way");
        assert_eq!(setup.state(id).await, JobState::Cancelled);
    })
    .await;
}
