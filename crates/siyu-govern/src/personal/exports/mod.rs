//! Files with personal values that leave the system: each is registered before its
//! first byte, says in every row which export it is, and has an order of rows that no
//! other export has, so that a file that was found somewhere names where it came from.

mod api;
mod mark;
mod model;
mod store;

pub use api::TRACED_BYTES_MAX;
pub(in crate::personal) use api::routes;
pub use mark::BLOCK_ROWS;
pub use model::{Export, ExportRow, Match, NewExport};

use rand::RngCore;
use serde_json::json;
use siyu_db::Tx;
use siyu_types::{Result, Viewer};

use super::looks::{self, Look, Subject, What};
use crate::govern::commit;
use crate::{Govern, audit};

impl Govern {
    /// Registers an export, durably, with everybody who stands in it as looked at.
    pub async fn begin_export(&self, viewer: &Viewer, new: NewExport) -> Result<Export> {
        let mut tx = self.begin().await?;
        let export = self.begin_export_in(&mut tx, viewer, new).await?;
        commit(tx).await?;
        Ok(export)
    }

    /// As [`Govern::begin_export`], together with what else the transaction holds.
    pub(crate) async fn begin_export_in(
        &self,
        tx: &mut Tx,
        viewer: &Viewer,
        new: NewExport,
    ) -> Result<Export> {
        let (seed, code) = {
            let mut rng = self.inner.rng.lock();
            let mut seed = [0; mark::SEED_BYTES];
            rng.fill_bytes(&mut seed);
            (seed, mark::code(rng.next_u64()))
        };
        let now = self.now();
        let export = Export { id: 0, code, seed, at: now, by: viewer.actor.name() };
        let export = store::insert(tx, viewer, export, &new).await?;
        let detail = json!({ "what": new.what, "title": new.title, "code": export.code });
        audit(tx, viewer, "personal.export", &format!("export:{}", export.id), detail, now).await?;
        self.note_exported(tx, viewer, &new.people, &format!("{} {}", export.code, new.title)).await?;
        Ok(export)
    }

    /// Notes that somebody took a file in which these people stand.
    pub(crate) async fn note_exported(
        &self,
        tx: &mut Tx,
        viewer: &Viewer,
        people: &[u32],
        detail: &str,
    ) -> Result<()> {
        for some in people.chunks(PEOPLE_PER_LOOK) {
            let look = Look {
                what: What::Exported,
                subject: Subject::People(some.to_vec()),
                detail: detail.to_owned(),
                ..Look::of(viewer, self.now())
            };
            looks::append(tx, &[look]).await?;
        }
        Ok(())
    }

    /// Notes how many rows the file with this code got in the end.
    pub(crate) async fn finish_export_in(&self, tx: &mut Tx, code: &str, rows: u64) -> Result<()> {
        store::finish_by_code(tx, code, rows).await
    }

    /// Notes how many rows the file got in the end.
    pub async fn finish_export(&self, export: &Export, rows: u64) -> Result<()> {
        let mut tx = self.begin().await?;
        store::finish(&mut tx, export.id, rows).await?;
        commit(tx).await
    }
}

/// A cell that a spreadsheet would run as a formula is quoted; reading the table
/// takes the quote away again.
pub fn harmless(text: &str) -> String {
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{text}"),
        _ => text.to_owned(),
    }
}

/// People named in one row of the log of looks.
const PEOPLE_PER_LOOK: usize = 1_000;

impl Export {
    /// What every row of the file ends with: the export, by whom and when.
    pub fn line(&self) -> String {
        format!("{} · {} · {}", self.code, self.by, siyu_http::At(self.at))
    }

    /// Brings rows into the order of this export: within blocks of [`BLOCK_ROWS`], so
    /// that a file stays sorted by and large.
    pub fn order<T>(&self, rows: &mut [T], person: impl Fn(&T) -> u32) {
        for block in rows.chunks_mut(BLOCK_ROWS) {
            block.sort_by_key(|row| mark::rank(&self.seed, person(row)));
        }
    }
}
