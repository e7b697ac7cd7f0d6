//! Statements that clients sent as records are taken over into the consent ledger.
//!
//! The event store is the truth; the ledger takes each statement over once, by the
//! key of its record. New ones are noted as they are applied and written at once.
//! What a stop or a full list left out is found in the event store again.

mod rules;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use parking_lot::Mutex;
use siyu_events::ScanRequest;
use siyu_govern::Govern;
use siyu_govern::consent::Statement;
use siyu_types::ports::{AppliedEvent, Directory, EventListener};
use siyu_types::record::{Body, names};
use siyu_types::{PersonNo, ProjectId, Result};
use tokio::sync::{Notify, watch};

use crate::projects::Projects;
use rules::Said;

/// Statements noted and not yet written; beyond it the event store is read.
const NOTED_MAX: usize = 20_000;
/// Statements written in one transaction.
const BATCH: usize = 500;
/// How soon a failed write is tried again.
const AGAIN_MILLIS: u64 = 1_000;

/// Takes statements over.
pub struct Consents {
    govern: Govern,
    projects: Arc<Projects>,
    noted: Mutex<Noted>,
    wake: Notify,
}

#[derive(Default)]
struct Noted {
    statements: VecDeque<(ProjectId, Said)>,
    /// Projects of which the event store is to be read.
    unread: BTreeSet<ProjectId>,
}

impl Consents {
    pub fn new(govern: Govern, projects: Arc<Projects>) -> Consents {
        Consents { govern, projects, noted: Mutex::default(), wake: Notify::new() }
    }

    /// Looks for statements that were applied and not taken over before the last stop.
    pub fn start(&self, project: ProjectId) {
        self.noted.lock().unread.insert(project);
        self.wake.notify_one();
    }

    /// Takes statements over until `stop` becomes true.
    pub async fn work(&self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let failed = match self.run_due().await {
                Ok(_) => false,
                Err(error) => {
                    tracing::error!(%error, "statements of consent wait to be taken over");
                    true
                }
            };
            let again = std::time::Duration::from_millis(AGAIN_MILLIS);
            tokio::select! {
                () = self.wake.notified() => {}
                () = tokio::time::sleep(again), if failed => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Writes everything that is noted; answers how many statements were new.
    pub async fn run_due(&self) -> Result<usize> {
        let mut written = 0;
        loop {
            let unread = self.noted.lock().unread.pop_first();
            if let Some(project) = unread {
                match self.read(project).await {
                    Ok(count) => written += count,
                    Err(error) => {
                        self.noted.lock().unread.insert(project);
                        return Err(error);
                    }
                }
                continue;
            }
            let (project, batch) = {
                let mut noted = self.noted.lock();
                let Some(project) = noted.statements.front().map(|(project, _)| *project) else {
                    return Ok(written);
                };
                let mut batch = Vec::new();
                while batch.len() < BATCH && noted.statements.front().is_some_and(|(of, _)| *of == project) {
                    batch.extend(noted.statements.pop_front().map(|(_, said)| said));
                }
                (project, batch)
            };
            match self.write(project, &batch).await {
                Ok(count) => written += count,
                Err(error) => {
                    self.noted.lock().unread.insert(project);
                    return Err(error);
                }
            }
        }
    }

    async fn write(&self, project: ProjectId, batch: &[Said]) -> Result<usize> {
        let now = self.govern.now();
        let mut statements: Vec<Statement> = Vec::with_capacity(batch.len());
        for said in batch {
            // Nobody is left whom the statement could concern.
            let Some(known) = self.projects.of_number(project, PersonNo(said.person))? else { continue };
            statements.push(said.statement(known, now));
        }
        if statements.is_empty() {
            return Ok(0);
        }
        let ids = self.govern.record_consents(project, &statements).await?;
        Ok(ids.into_iter().flatten().count())
    }

    /// Takes over what stands in the event store and not in the ledger.
    async fn read(&self, project: ProjectId) -> Result<usize> {
        let projects = Arc::clone(&self.projects);
        let found = tokio::task::spawn_blocking(move || stored(&projects, project));
        let found = found.await.map_err(siyu_types::Error::internal)??;
        let mut written = 0;
        for part in found.chunks(BATCH) {
            let keys: Vec<String> = part.iter().map(Said::key).collect();
            let known: BTreeSet<String> =
                self.govern.known_consents(project, &keys).await?.into_iter().collect();
            let fresh: Vec<Said> = part.iter().filter(|said| !known.contains(&said.key())).cloned().collect();
            written += self.write(project, &fresh).await?;
        }
        Ok(written)
    }
}

impl EventListener for Consents {
    fn applied(&self, project: ProjectId, events: &[AppliedEvent]) {
        let said = events.iter().filter(|event| event.name == names::CONSENT_SET).filter_map(|event| {
            let Body::Event { props, .. } = &event.record.body else { return None };
            Said::read(event.person.0, event.time, |name| props.get(name).cloned())
        });
        let mut any = false;
        for one in said {
            any = true;
            let mut noted = self.noted.lock();
            if noted.statements.len() < NOTED_MAX {
                noted.statements.push_back((project, one));
            } else {
                noted.unread.insert(project);
            }
        }
        if any {
            self.wake.notify_one();
        }
    }
}

/// Every statement in the event store of a project.
fn stored(projects: &Projects, project: ProjectId) -> Result<Vec<Said>> {
    let project = projects.get(project)?;
    let scan = {
        let people = project.people.read();
        project.events.scan(&ScanRequest {
            columns: rules::PROPERTIES,
            events: Some(&[names::CONSENT_SET]),
            from: None,
            to: None,
            remap: people.remap(),
        })?
    };
    let Some(code) = scan.event_code(names::CONSENT_SET) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for part in &scan.blocks {
        let block = &part.block;
        for (person, rows) in part.runs() {
            for row in rows.filter(|row| block.events[*row] == code) {
                let value = |name: &str| rules::value_at(block, name, row);
                found.extend(Said::read(person, block.times[row], value));
            }
        }
    }
    Ok(found)
}
