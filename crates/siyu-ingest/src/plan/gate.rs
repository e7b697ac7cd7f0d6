//! The plan within the pipeline: the policy in force, what has been seen, and
//! what was set aside. One state with the log position it belongs to.

use std::path::Path;

use serde::{Deserialize, Serialize};
use siyu_types::record::{Body, names};
use siyu_types::{Error, Props, Record, Result};

use super::entry::{Aside, EventPlace, Held, Why};
use super::model::Policy;
use super::quarantine::{Quarantine, QuarantineState};
use super::rules::{Refused, Rules, subject};
use super::seen::{Origin, Seen};
use crate::safe::Safe;

pub const DIR: &str = "plan";
const QUARANTINE_DIR: &str = "quarantine";
const VERSION: u32 = 1;
const LEVEL: i32 = 1;
/// What the file is tied to if it is sealed.
const PART: &str = "plan";

/// Named in the manifest.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct GateState {
    /// Policy and what has been seen; absent while there is nothing.
    pub file: Option<String>,
    pub quarantine: QuarantineState,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    version: u32,
    policy: Policy,
    seen: Seen,
}

/// What became of a record before it is applied.
#[derive(Clone, PartialEq, Debug)]
pub enum Admitted {
    Whole,
    /// Stored without these keys, which are kept.
    Without {
        refused: Refused,
        taken: Box<Record>,
    },
}

pub struct Gate {
    policy: Policy,
    rules: Rules,
    pub seen: Seen,
    pub quarantine: Quarantine,
    file: Option<String>,
    saves: u64,
    changed: bool,
    safe: Safe,
}

impl Gate {
    pub fn open(project_dir: &Path, state: &GateState, safe: &Safe) -> Result<Gate> {
        let dir = project_dir.join(DIR);
        let quarantine = Quarantine::open(&dir.join(QUARANTINE_DIR), &state.quarantine, safe.clone())?;
        let mut gate = Gate {
            policy: Policy::default(),
            rules: Rules::new(&Policy::default()),
            seen: Seen::default(),
            quarantine,
            file: state.file.clone(),
            saves: 0,
            changed: false,
            safe: safe.clone(),
        };
        if let Some(file) = &state.file {
            let json = zstd::stream::decode_all(&safe.read(&dir.join(file), PART)?[..])?;
            let saved: Saved = serde_json::from_slice(&json).map_err(Error::internal)?;
            if saved.version != VERSION {
                let message = format!("{file} has version {}, this program knows {VERSION}", saved.version);
                return Err(Error::internal(message));
            }
            gate.rules = Rules::new(&saved.policy);
            gate.policy = saved.policy;
            gate.seen = saved.seen;
            gate.seen.reindex();
            gate.saves = file.split('.').next().and_then(|number| number.parse().ok()).unwrap_or(0);
        }
        Ok(gate)
    }

    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// A policy that came through the log; an older one than that in force is not news.
    pub fn enact(&mut self, policy: Policy) {
        if policy.revision <= self.policy.revision {
            return;
        }
        self.rules = Rules::new(&policy);
        self.policy = policy;
        self.seen.enact(&self.rules);
        self.changed = true;
    }

    /// Why a record is to be set aside whole. Nothing is, for the most part.
    pub fn refuses(&self, record: &Record) -> Option<Refused> {
        if self.rules.quiet() || is_statement(record) { None } else { self.rules.check(record) }
    }

    /// Keeps a record that is not applied; false if it is here already.
    pub fn set_aside(&mut self, why: Why, protocol: &str, record: &Record) -> Result<bool> {
        let new = self.set_aside_unnoted(why, protocol, record)?;
        if new {
            self.note(record);
        }
        Ok(new)
    }

    /// As [`Gate::set_aside`], without learning from it: that was done, or it is not fit for it.
    pub fn set_aside_unnoted(&mut self, why: Why, protocol: &str, record: &Record) -> Result<bool> {
        if self.quarantine.knows(record.key) {
            return Ok(false);
        }
        self.quarantine.push(Aside { why, protocol, record, event: None, whole: true })?;
        Ok(true)
    }

    /// Takes out what may not be stored of a record that will be applied.
    pub fn strip(&mut self, record: &mut Record) -> Admitted {
        if self.rules.quiet() || is_statement(record) {
            return Admitted::Whole;
        }
        match self.rules.strip(record) {
            None => Admitted::Whole,
            Some((reason, taken)) => {
                let field = taken.keys().cloned().collect::<Vec<_>>().join(", ");
                let taken = Box::new(only(record.clone(), taken));
                Admitted::Without { refused: Refused { reason, field }, taken }
            }
        }
    }

    /// Learns from a record, once, when it first arrives.
    pub fn note(&mut self, record: &Record) {
        if let Some((kind, name, Some(props))) = subject(&record.body) {
            let origin = Origin { source: &record.source, received_at: record.received_at };
            self.seen.note(kind, name, props, origin, &self.rules);
            self.changed = true;
        }
    }

    /// Keeps the keys that were taken out of a record, which is stored by now.
    pub fn keep(&mut self, admitted: Admitted, protocol: &str, event: Option<EventPlace>) -> Result<()> {
        let Admitted::Without { refused, taken } = admitted else { return Ok(()) };
        self.quarantine.push(Aside { why: refused.into(), protocol, record: &taken, event, whole: false })
    }

    /// The next snapshot writes everything anew, whether it changed or not.
    pub fn renew(&mut self, keep: impl FnMut(&mut Held) -> bool) -> Result<()> {
        self.changed |= self.file.is_some();
        self.quarantine.renew(keep)
    }

    pub fn snapshot(&mut self, project_dir: &Path) -> Result<GateState> {
        let dir = project_dir.join(DIR);
        if self.changed {
            std::fs::create_dir_all(dir.join(QUARANTINE_DIR))?;
            self.saves += 1;
            let name = format!("{:012}.plan", self.saves);
            let saved = Saved {
                version: VERSION,
                policy: std::mem::take(&mut self.policy),
                seen: std::mem::take(&mut self.seen),
            };
            let json = serde_json::to_vec(&saved).map_err(Error::internal);
            (self.policy, self.seen) = (saved.policy, saved.seen);
            let path = dir.join(&name);
            self.safe.write(&path, PART, zstd::bulk::compress(&json?, LEVEL)?)?;
            self.file = Some(name);
            self.changed = false;
            std::fs::File::open(&dir)?.sync_all()?;
        }
        let quarantine = self.quarantine.snapshot()?;
        if quarantine.index.is_some() {
            std::fs::File::open(self.quarantine.dir())?.sync_all()?;
        }
        Ok(GateState { file: self.file.clone(), quarantine })
    }

    /// Removes the files that the committed state does not name.
    pub fn retire(&self, project_dir: &Path, state: &GateState) -> Result<()> {
        let dir = project_dir.join(DIR);
        if !dir.exists() {
            return Ok(());
        }
        for entry in std::fs::read_dir(&dir)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if path.is_file() && state.file.as_deref() != Some(name) {
                std::fs::remove_file(path)?;
            }
        }
        self.quarantine.retire(&state.quarantine)
    }
}

/// A person's yes or no is not the plan's to refuse: a withdrawal that waits in the
/// quarantine would be a message too many.
fn is_statement(record: &Record) -> bool {
    matches!(&record.body, Body::Event { name, .. } if name == names::CONSENT_SET)
}

/// The record with only these properties.
fn only(mut record: Record, taken: Props) -> Record {
    if let Some(props) = super::rules::props_mut(&mut record.body) {
        *props = taken;
    }
    record
}
