//! The small files of a project, and lines of larger ones, as its vault says: sealed when
//! they are written, opened when they are read, and as they are where nothing was sealed.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use siyu_types::ports::Vault;
use siyu_types::{ProjectId, Result, sealed};

/// Cheap to clone. Without a vault everything is written and read as it is.
#[derive(Clone, Debug, Default)]
pub struct Safe {
    vault: Option<Arc<dyn Vault>>,
    project: i64,
}

impl Safe {
    pub fn new(vault: Option<Arc<dyn Vault>>, project: ProjectId) -> Safe {
        Safe { vault, project: project.0 }
    }

    /// Whether what is written now is sealed.
    pub fn seals(&self) -> bool {
        self.vault.as_ref().is_some_and(|vault| vault.seals())
    }

    /// What belongs into a part, as it is to be written.
    pub fn seal(&self, part: &str, plain: Vec<u8>) -> Result<Vec<u8>> {
        sealed::seal_whole(self.vault.as_ref(), &self.place(part), plain)
    }

    pub fn open(&self, part: &str, stored: Vec<u8>) -> Result<Vec<u8>> {
        sealed::open_whole(self.vault.as_ref(), &self.place(part), stored)
    }

    /// A new file of a part, durable but for its name.
    pub fn write(&self, path: &Path, part: &str, plain: Vec<u8>) -> Result<()> {
        let bytes = self.seal(part, plain)?;
        let mut file = File::create(path)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        Ok(())
    }

    pub fn read(&self, path: &Path, part: &str) -> Result<Vec<u8>> {
        self.open(part, std::fs::read(path)?)
    }

    fn place(&self, part: &str) -> String {
        format!("{part}/{}", self.project)
    }
}
