//! The register: what people are asked for, with the text they are shown, and who
//! is too young to be asked.

mod api;
pub(super) mod builtin;
mod model;
pub(super) mod rules;
pub(super) mod store;

pub(super) use api::routes;
pub use builtin::{AUTOMATED, GUARDIAN, MARKETING};
pub use model::{Basis, Definition, MinorKind, Minors, Purpose, Silence, Text};
pub use rules::is_minor;

use siyu_db::Tx;
use siyu_types::{Error, ProjectId, Result};

use crate::Govern;

/// The purposes of a project: what it wrote itself, and what is shipped.
pub(super) fn complete(written: Vec<Purpose>) -> Vec<Purpose> {
    let mut all = builtin::all();
    for own in written {
        match all.iter_mut().find(|purpose| purpose.id == own.id) {
            Some(shipped) => *shipped = own,
            None => all.push(own),
        }
    }
    all
}

/// As [`Govern::purposes`], within a transaction.
pub async fn purposes(tx: &mut Tx, project: ProjectId) -> Result<Vec<Purpose>> {
    Ok(complete(store::all_in(tx, project).await?))
}

impl Govern {
    /// In the order in which people see them.
    pub async fn purposes(&self, project: ProjectId) -> Result<Vec<Purpose>> {
        Ok(complete(store::all(self.db(), project).await?))
    }

    /// One purpose; `not_found` if the project does not have it.
    pub async fn purpose(&self, project: ProjectId, id: &str) -> Result<Purpose> {
        let all = self.purposes(project).await?;
        all.into_iter().find(|purpose| purpose.id == id).ok_or_else(|| Error::not_found("purpose", id))
    }

    /// Who counts as a minor; `None` if the project does not say.
    pub async fn minors(&self, project: ProjectId) -> Result<Option<Minors>> {
        store::minors(self.db(), project).await
    }

    /// The text of a purpose as it was in one version; `None` if it is not kept.
    pub async fn consent_text_of(
        &self,
        project: ProjectId,
        purpose: &str,
        version: i64,
    ) -> Result<Option<Text>> {
        /// Of what is shipped.
        const FIRST: i64 = 1;
        let written = store::texts(self.db(), project, purpose).await?;
        let found = written.into_iter().find(|text| text.version == version);
        Ok(found.or_else(|| builtin::text(purpose).filter(|_| version == FIRST)))
    }

    /// The text of a purpose that is shown now.
    pub async fn consent_text(&self, project: ProjectId, purpose: &Purpose) -> Result<Text> {
        let written = store::texts(self.db(), project, &purpose.id).await?;
        let shown = written.into_iter().find(|text| text.version == purpose.version);
        shown.or_else(|| builtin::text(&purpose.id)).ok_or_else(|| Error::not_found("text", &purpose.id))
    }
}
