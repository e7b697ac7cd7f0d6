//! The manifest: one small file that names everything the pipeline's state
//! consists of, together with the log position it stands for. It is replaced by a
//! rename, so after a crash the state is the old one or the new one, entire.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};
use siyu_audience::{PeopleState, Project};
use siyu_events::{LogPosition, StoreState};
use siyu_govern::sealing::Pseudonyms;
use siyu_types::{Error, Result};

use super::Shared;
use super::clocks::{Clocks, ClocksState};
use super::dedupe::{Dedupe, DedupeState};
use super::former::{self, RejectsState};
use super::live::{Live, LiveState};
use crate::erasure::{Tombstones, TombstonesState};
use crate::plan::GateState;
use crate::quality::{Quality, QualityState};
use crate::safe::Safe;

const FILE: &str = "manifest.json";
const TEMPORARY: &str = "manifest.json.new";
const VERSION: u32 = 1;
pub const LOG_DIR: &str = "log";
const DEDUPE_DIR: &str = "dedupe";
const CLOCKS_DIR: &str = "clocks";
const QUALITY_DIR: &str = "quality";
const LIVE_DIR: &str = "live";
const ERASED_DIR: &str = "erased";

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Manifest {
    pub version: u32,
    /// Every record of the log before this one has been applied, none after.
    pub applied: LogPosition,
    /// The number the next event will have.
    pub next_seq: u64,
    pub events: StoreState,
    pub people: PeopleState,
    pub dedupe: DedupeState,
    /// Only in manifests from before there was one quarantine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejects: Option<RejectsState>,
    // Absent in manifests written before there were these parts.
    #[serde(default)]
    pub clocks: ClocksState,
    #[serde(default)]
    pub quality: QualityState,
    #[serde(default)]
    pub live: LiveState,
    /// Absent in manifests from before there were plans.
    #[serde(default)]
    pub plan: GateState,
    /// Who was erased; absent in manifests from before anybody could be.
    #[serde(default)]
    pub erased: TombstonesState,
    /// Everything that was written before it is sealed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sealed: bool,
    /// Kinds of identifiers of which no value is stored any more, only hashes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hashed: Vec<String>,
}

impl Manifest {
    /// The committed state of a project; `None` if there was never a checkpoint.
    pub fn read(project_dir: &Path) -> Result<Option<Manifest>> {
        let bytes = match std::fs::read(project_dir.join(FILE)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let manifest: Manifest = serde_json::from_slice(&bytes)
            .map_err(|error| Error::internal(format!("{FILE} cannot be read: {error}")))?;
        if manifest.version != VERSION {
            let message = format!("{FILE} has version {}, this program knows {VERSION}", manifest.version);
            return Err(Error::internal(message));
        }
        Ok(Some(manifest))
    }

    /// Makes this the state of the project.
    pub fn commit(&self, project_dir: &Path) -> Result<()> {
        let temporary = project_dir.join(TEMPORARY);
        let mut file = File::create(&temporary)?;
        file.write_all(&serde_json::to_vec(self).map_err(Error::internal)?)?;
        file.sync_all()?;
        std::fs::rename(&temporary, project_dir.join(FILE))?;
        sync_dir(project_dir)
    }
}

/// The parts of the state that only the pipeline holds.
#[derive(Default)]
pub struct Applied {
    pub position: LogPosition,
    pub next_seq: u64,
    pub dedupe: Dedupe,
    pub clocks: Clocks,
}

impl Applied {
    pub fn load(project_dir: &Path, manifest: &Manifest, safe: &Safe) -> Result<Applied> {
        Ok(Applied {
            position: manifest.applied,
            next_seq: manifest.next_seq,
            dedupe: Dedupe::load(&project_dir.join(DEDUPE_DIR), &manifest.dedupe)?,
            clocks: Clocks::load(&project_dir.join(CLOCKS_DIR), &manifest.clocks, safe)?,
        })
    }
}

pub fn load_quality(project_dir: &Path, manifest: &Manifest, safe: &Safe) -> Result<Quality> {
    Quality::load(&project_dir.join(QUALITY_DIR), &manifest.quality, safe)
}

pub fn load_live(project_dir: &Path, manifest: &Manifest, safe: &Safe) -> Result<Live> {
    Live::load(&project_dir.join(LIVE_DIR), &manifest.live, safe)
}

pub fn load_erased(
    project_dir: &Path,
    manifest: Option<&Manifest>,
    safe: &Safe,
    pseudonyms: Pseudonyms,
) -> Result<Tombstones> {
    let state = manifest.map(|manifest| manifest.erased.clone()).unwrap_or_default();
    Tombstones::load(&project_dir.join(ERASED_DIR), &state, safe, pseudonyms)
}

/// Writes everything the state consists of; nothing of it counts before
/// [`Manifest::commit`].
pub fn write_parts(project: &Project, applied: &mut Applied, shared: &Shared) -> Result<Manifest> {
    let (dir, safe) = (|name: &str| project.dir.join(name), &shared.safe);
    let kept = shared.kept.lock().clone();
    let manifest = Manifest {
        version: VERSION,
        applied: applied.position,
        next_seq: applied.next_seq,
        events: project.events.checkpoint()?,
        people: project.people.read().snapshot(&project.people_dir())?,
        dedupe: applied.dedupe.snapshot(&dir(DEDUPE_DIR))?,
        rejects: None,
        clocks: applied.clocks.snapshot(&dir(CLOCKS_DIR), safe)?,
        quality: shared.quality.lock().snapshot(&dir(QUALITY_DIR), safe)?,
        live: shared.live.lock().snapshot(&dir(LIVE_DIR), safe)?,
        plan: shared.gate.lock().snapshot(&project.dir)?,
        erased: shared.tombstones.write().snapshot(&dir(ERASED_DIR), safe)?,
        sealed: kept.sealed && safe.seals(),
        hashed: kept.hashed,
    };
    for name in [DEDUPE_DIR, CLOCKS_DIR, QUALITY_DIR, LIVE_DIR, ERASED_DIR] {
        let dir = project.dir.join(name);
        if dir.exists() {
            sync_dir(&dir)?;
        }
    }
    Ok(manifest)
}

/// Removes what the committed manifest no longer needs.
pub fn retire(project: &Project, shared: &Shared, manifest: &Manifest) -> Result<()> {
    shared.gate.lock().retire(&project.dir, &manifest.plan)?;
    project.events.retire(&manifest.events)?;
    siyu_audience::People::retire(&project.people_dir(), &manifest.people)?;
    Dedupe::retire(&project.dir.join(DEDUPE_DIR), &manifest.dedupe)?;
    for (name, file) in [
        (CLOCKS_DIR, &manifest.clocks.file),
        (QUALITY_DIR, &manifest.quality.file),
        (LIVE_DIR, &manifest.live.file),
        (ERASED_DIR, &manifest.erased.file),
    ] {
        retire_others(&project.dir.join(name), file.as_deref())?;
    }
    former::retire(&project.dir)
}

/// Removes every file of a part but the one that counts.
fn retire_others(dir: &Path, keep: Option<&str>) -> Result<()> {
    if !dir.exists() {
        return Ok(());
    }
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        if keep != entry.file_name().to_str() {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Makes renames and new files in a folder durable.
fn sync_dir(dir: &Path) -> Result<()> {
    File::open(dir)?.sync_all()?;
    Ok(())
}
