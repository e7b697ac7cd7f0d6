//! The register of copies: who had one made of whom and why, where its file lies, how
//! long, who took it, and the code by which the person takes it themselves.

mod model;
pub(super) mod rules;
mod store;

use serde_json::json;
use siyu_db::{Jobs, NewJob, Tx};
use siyu_types::{Error, ErrorCode, Permission, ProjectId, Result, Viewer};

use super::model::{Assignee, Step, StepKind};
use crate::personal::NewExport;
use crate::sealing::StoredFile;
use crate::{Govern, audit};

pub use model::{Content, Copy, CopyFile, CopyState, NewCopy};

/// Days for which the file of a copy is kept.
pub const COPY_DAYS: i64 = 14;
/// Wrong codes after which another code has to be made.
pub const CODE_FAILURES_MAX: u32 = 5;

const DAY_MILLIS: i64 = 86_400_000;

impl Govern {
    /// Queues the making of a copy. It is an export like any other: in the register before its
    /// first byte, with a code that stands in everything it holds.
    pub async fn create_copy(
        &self,
        viewer: &Viewer,
        new: &NewCopy,
        jobs: &Jobs,
        kind: &'static str,
    ) -> Result<Copy> {
        viewer.require(Permission::RightsExport)?;
        let now = self.now();
        let mut tx = self.begin().await?;
        let id = store::id(&mut tx).await?;
        let job = NewJob::new(viewer.project, kind, json!({ "copy": id }));
        let job = jobs.enqueue_in(&mut tx, job).await?;
        let export = NewExport { what: "rights_copy", title: format!("#{id}"), people: vec![new.person.0] };
        let export = self.begin_export_in(&mut tx, viewer, export).await?;
        let times = (now, now + COPY_DAYS * DAY_MILLIS);
        store::insert(&mut tx, viewer, (id, job, &export.code), new, times).await?;
        let detail = json!({ "person": new.person.0, "request": new.request });
        audit(&mut tx, viewer, "rights.copy", &format!("copy:{id}"), detail, now).await?;
        if let Some(request) = new.request {
            self.copy_step(&mut tx, viewer.project, request, Assignee::of(viewer), StepKind::Copied, id)
                .await?;
        }
        crate::govern::commit(tx).await?;
        jobs.wake();
        self.copy(viewer.project, id).await
    }

    pub async fn copy(&self, project: ProjectId, id: i64) -> Result<Copy> {
        store::get(self.db(), project, id).await
    }

    /// Latest first.
    pub async fn copies_of(&self, project: ProjectId, numbers: &[u32]) -> Result<Vec<Copy>> {
        store::of_person(self.db(), project, numbers).await
    }

    /// Latest first.
    pub async fn copies_of_request(&self, project: ProjectId, request: i64) -> Result<Vec<Copy>> {
        store::of_request(self.db(), project, request).await
    }

    /// Where the file of a copy lies.
    pub fn copy_path(&self, id: i64) -> StoredFile {
        let path = self.inner.copies.join(format!("{id}.zip"));
        StoredFile::new(path, self.inner.vault.clone(), format!("copies/{id}"))
    }

    /// Says that the file is in its place.
    pub async fn copy_made(&self, id: i64, file: &CopyFile) -> Result<()> {
        let mut tx = self.begin().await?;
        let stays = store::made(&mut tx, id, file).await?;
        if let Some(code) = store::export_code(&mut tx, id).await? {
            let rows = file.contents.iter().map(|content| content.count).sum();
            self.finish_export_in(&mut tx, &code, rows).await?;
        }
        crate::govern::commit(tx).await?;
        if stays { Ok(()) } else { self.remove_file(id) }
    }

    pub async fn copy_failed(&self, id: i64) -> Result<()> {
        let mut tx = self.begin().await?;
        store::set_state(&mut tx, id, CopyState::Failed).await?;
        crate::govern::commit(tx).await
    }

    /// Removes a copy's file before its time.
    pub async fn remove_copy(&self, viewer: &Viewer, id: i64) -> Result<Copy> {
        viewer.require(Permission::RightsExport)?;
        let copy = self.copy(viewer.project, id).await?;
        let mut tx = self.begin().await?;
        store::set_state(&mut tx, id, CopyState::Removed).await?;
        let detail = json!({ "person": copy.person.0 });
        audit(&mut tx, viewer, "rights.remove_copy", &format!("copy:{id}"), detail, self.now()).await?;
        crate::govern::commit(tx).await?;
        self.remove_file(id)?;
        self.copy(viewer.project, id).await
    }

    /// Seals the files that lie open although what is written now is sealed. Blocks.
    pub fn seal_copies(&self) -> Result<u64> {
        let mut sealed = 0;
        let Ok(folder) = std::fs::read_dir(&self.inner.copies) else { return Ok(0) };
        for entry in folder {
            let path = entry?.path();
            let id = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
            let Some(id) = id.filter(|_| path.extension().is_some_and(|end| end == "zip")) else { continue };
            let copy = self.copy_path(id);
            if copy.is_open()? {
                copy.rewrite()?;
                sealed += 1;
            }
        }
        Ok(sealed)
    }

    /// Removes every file whose time is over. Answers how many.
    pub async fn remove_expired_copies(&self) -> Result<usize> {
        let expired = store::expired(self.db(), self.now()).await?;
        for id in &expired {
            // The file first: a row that says "removed" has none.
            self.remove_file(*id)?;
            let mut tx = self.begin().await?;
            store::set_state(&mut tx, *id, CopyState::Removed).await?;
            crate::govern::commit(tx).await?;
        }
        Ok(expired.len())
    }

    /// Removes every file of a person. Answers how many there were.
    pub(super) async fn forget_copies(&self, project: ProjectId, numbers: &[u32]) -> Result<usize> {
        let copies = store::of_person(self.db(), project, numbers).await?;
        let there = copies.iter().filter(|copy| copy.state != CopyState::Removed);
        let mut removed = 0;
        for copy in there {
            self.remove_file(copy.id)?;
            let mut tx = self.begin().await?;
            store::set_state(&mut tx, copy.id, CopyState::Removed).await?;
            crate::govern::commit(tx).await?;
            removed += 1;
        }
        Ok(removed)
    }

    fn remove_file(&self, id: i64) -> Result<()> {
        match std::fs::remove_file(self.copy_path(id).path()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// The file of a copy, for a member of the team; written down.
    pub async fn download_copy(&self, viewer: &Viewer, id: i64) -> Result<StoredFile> {
        viewer.require(Permission::RightsExport)?;
        let now = self.now();
        let copy = self.copy(viewer.project, id).await?;
        rules::require_ready(&copy, now)?;
        let mut tx = self.begin().await?;
        store::note_download(&mut tx, id).await?;
        let look = format!("{} #{id}", copy.export_code);
        self.note_exported(&mut tx, viewer, &[copy.person.0], &look).await?;
        let detail = json!({ "person": copy.person.0, "request": copy.request, "bytes": copy.bytes });
        audit(&mut tx, viewer, "rights.download", &format!("copy:{id}"), detail, now).await?;
        if let Some(request) = copy.request {
            self.copy_step(&mut tx, viewer.project, request, Assignee::of(viewer), StepKind::Downloaded, id)
                .await?;
        }
        crate::govern::commit(tx).await?;
        Ok(self.copy_path(id))
    }

    /// Makes the code by which the person fetches the copy on their page. It is shown this
    /// once; a code from before serves no more.
    pub async fn hand_out_copy(&self, viewer: &Viewer, id: i64) -> Result<String> {
        viewer.require(Permission::RightsExport)?;
        let now = self.now();
        let copy = self.copy(viewer.project, id).await?;
        rules::require_ready(&copy, now)?;
        let request = copy.request.ok_or_else(|| {
            Error::new(ErrorCode::WrongState, "only a copy that was asked for is handed out")
                .with("state", "no_request")
                .with("action", "hand_out")
        })?;
        {
            let mut tx = self.begin().await?;
            super::rules::require_verified(&super::store::get(&mut tx, viewer.project, request).await?)?;
        }
        let code = rules::code(&mut *self.inner.rng.lock());
        let hash = self.hash_password(rules::plain(&code)).await?;
        let mut tx = self.begin().await?;
        store::set_code(&mut tx, id, &hash).await?;
        let detail = json!({ "person": copy.person.0, "request": request });
        audit(&mut tx, viewer, "rights.hand_out", &format!("copy:{id}"), detail, now).await?;
        self.copy_step(&mut tx, viewer.project, request, Assignee::of(viewer), StepKind::HandedOut, id)
            .await?;
        crate::govern::commit(tx).await?;
        Ok(code)
    }

    /// The file of a copy, for the person it is about: besides the link to their page they
    /// need the code that they were told by another way. `numbers` are theirs.
    pub async fn fetch_copy(
        &self,
        project: ProjectId,
        numbers: &[u32],
        id: i64,
        code: &str,
    ) -> Result<StoredFile> {
        let now = self.now();
        let copy = self.copy(project, id).await?;
        let request = match copy.request {
            Some(request) if numbers.contains(&copy.person.0) => request,
            _ => return Err(Error::not_found("copy", id)),
        };
        rules::require_ready(&copy, now)?;
        let mut tx = self.begin().await?;
        let hash = store::try_code(&mut tx, id, CODE_FAILURES_MAX).await?;
        crate::govern::commit(tx).await?;
        let fits = match hash {
            Some(hash) => self.password_fits(rules::plain(code), Some(hash)).await?,
            None => false,
        };
        if !fits {
            return Err(Error::new(ErrorCode::WrongCode, "the code is wrong or no longer valid"));
        }
        let mut tx = self.begin().await?;
        store::note_fetch(&mut tx, id).await?;
        let detail = json!({ "by": "person", "person": copy.person.0, "request": request });
        audit(&mut tx, &Viewer::system(project), "rights.fetch", &format!("copy:{id}"), detail, now).await?;
        self.copy_step(&mut tx, project, request, Assignee::person(), StepKind::Fetched, id).await?;
        crate::govern::commit(tx).await?;
        Ok(self.copy_path(id))
    }

    async fn copy_step(
        &self,
        tx: &mut Tx,
        project: ProjectId,
        request: i64,
        by: Assignee,
        kind: StepKind,
        copy: i64,
    ) -> Result<()> {
        let step = Step { at: self.now(), by, kind, text: format!("#{copy}") };
        super::store::add_step(tx, project, request, &step).await
    }
}
