//! The job that gives records of the quarantine back, or discards them. An entry
//! is settled once, in the log, so a second run changes nothing.

use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use siyu_db::{JobHandler, JobRun};
use siyu_types::{Error, ProjectId, Result};

use super::browse::Filter;
use super::decree::{Decree, Return};
use super::entry::{Entry, EntryState, Held};
use super::fixes::PlanFix;
use super::shelf::read;
use super::{Plans, decree};
use crate::frame::{Frame, ProtocolId};

pub const REPLAY_JOB: &str = "plan_replay";
/// Entries of one frame of the log, and their bytes.
const CHUNK_ENTRIES: usize = 500;
const CHUNK_BYTES: u64 = 4 << 20;

/// Runs replays.
pub struct ReplayHandler(pub Arc<Plans>);

/// What a replay is asked to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReplayParams {
    pub filter: Filter,
    pub fixes: Vec<PlanFix>,
    /// Instead of giving them back.
    pub discard: bool,
}

#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize)]
pub struct ReplayReport {
    pub tried: u64,
    pub replayed: u64,
    pub discarded: u64,
    /// Refused again, for the reason that now stands with them.
    pub refused: u64,
    /// They had to make room in the meantime.
    pub gone: u64,
}

#[async_trait]
impl JobHandler for ReplayHandler {
    fn kind(&self) -> &'static str {
        REPLAY_JOB
    }

    async fn run(&self, run: JobRun) -> Result<Value> {
        let params: ReplayParams = run.params()?;
        let pipeline = self.0.ingest.pipeline(run.project)?;
        // What is set aside from here on is not meant.
        let entries = params.filter.open(&pipeline.gate().quarantine);
        let total = entries.len() as u64;
        let mut report = ReplayReport::default();
        for chunk in chunks(entries) {
            run.progress(report.tried, total, "").await?;
            let (seqs, returns, gone) = self.returns(&run, &params, chunk).await?;
            report.tried += seqs.len() as u64 + gone;
            report.gone += gone;
            let frame = decree::encode(&Decree::Returns(returns), self.0.ingest.clock().now())?;
            self.0.ingest.append(run.project, vec![frame]).await?;
            self.0.ingest.drain(run.project).await?;
            let gate = pipeline.gate();
            for seq in seqs {
                match gate.quarantine.entry(seq).map(|entry| entry.state) {
                    Some(EntryState::Replayed) => report.replayed += 1,
                    Some(EntryState::Discarded) => report.discarded += 1,
                    Some(EntryState::Open) => report.refused += 1,
                    None => report.gone += 1,
                }
            }
        }
        serde_json::to_value(report).map_err(Error::internal)
    }
}

impl ReplayHandler {
    /// The entries of a chunk as they are to be given back, and how many are gone.
    async fn returns(
        &self,
        run: &JobRun,
        params: &ReplayParams,
        chunk: Vec<Entry>,
    ) -> Result<(Vec<u64>, Vec<Return>, u64)> {
        let shelf = self.0.ingest.pipeline(run.project)?.gate().quarantine.shelf();
        let (fixes, discard) = (params.fixes.clone(), params.discard);
        let work = move || {
            let (mut seqs, mut returns, mut gone) = (Vec::new(), Vec::new(), 0);
            for entry in chunk {
                let mut one = Return { entry: entry.seq, ..Return::default() };
                if !discard {
                    let Some(held) = read(&shelf, &entry)? else {
                        gone += 1;
                        continue;
                    };
                    give_back(held, &fixes, &mut one);
                }
                seqs.push(entry.seq);
                // What was too large to be kept whole stays as it is.
                if discard || one.record.is_some() || one.frame.is_some() {
                    returns.push(one);
                }
            }
            Ok::<_, Error>((seqs, returns, gone))
        };
        let (seqs, mut returns, gone) =
            tokio::task::spawn_blocking(work).await.map_err(Error::internal)??;
        for one in &mut returns {
            self.open(run.project, one).await?;
        }
        Ok((seqs, returns, gone))
    }

    /// Opens what was encrypted, if there is a key by now.
    async fn open(&self, project: ProjectId, one: &mut Return) -> Result<()> {
        let Some(bytes) = one.frame.as_ref().and_then(|text| STANDARD.decode(text).ok()) else {
            return Ok(());
        };
        let frame = Frame::decode(&bytes)?;
        if frame.protocol == ProtocolId::Sensors
            && let Some(body) = self.0.ciphers.opened(project, None, &frame).await?
        {
            one.frame = Some(STANDARD.encode(Frame { body: &body, ..frame }.encode()));
        }
        Ok(())
    }
}

/// A record as it is mended, or the bytes of what could not be read.
fn give_back(held: Held, fixes: &[PlanFix], one: &mut Return) {
    one.frame = held.raw.and_then(|raw| raw.frame);
    one.time_accepted = fixes.iter().any(PlanFix::accepts_time);
    one.record = held.record.map(|mut record| {
        fixes.iter().for_each(|fix| fix.apply(&mut record));
        record
    });
}

fn chunks(entries: Vec<Entry>) -> Vec<Vec<Entry>> {
    let mut chunks: Vec<Vec<Entry>> = Vec::new();
    let mut bytes = 0;
    for entry in entries {
        bytes += entry.size();
        match chunks.last_mut() {
            Some(chunk) if chunk.len() < CHUNK_ENTRIES && bytes <= CHUNK_BYTES => chunk.push(entry),
            _ => {
                bytes = entry.size();
                chunks.push(vec![entry]);
            }
        }
    }
    chunks
}
