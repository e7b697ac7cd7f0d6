//! What people ask about their data: a copy, deletion, correction, an explanation.
//! Each has a deadline and ends with an answer.

mod api;
mod model;
pub(super) mod rules;
mod store;

pub(super) use api::routes;
pub use model::{NewRequest, Request, RequestKind, RequestState};

use jiff::tz::TimeZone;
use siyu_types::{ProjectId, Result};

use crate::Govern;

/// What an erased person asked: their words go, and what was open is ended by the erasure.
pub(super) async fn forget(
    tx: &mut siyu_db::Tx,
    project: ProjectId,
    erased: &siyu_types::erasure::Erased,
    now: siyu_types::clock::Millis,
) -> Result<u64> {
    let answer = format!("erasure {}", erased.erasure);
    let mut requests = 0;
    for number in &erased.numbers {
        requests += store::forget(tx, project, *number, (&answer, "system"), now).await?;
    }
    Ok(requests)
}

impl Govern {
    /// A request of the project.
    pub async fn find_request(&self, project: ProjectId, id: i64) -> Result<Request> {
        let mut tx = self.begin().await?;
        store::get(&mut tx, project, id).await
    }

    /// The requests of a person that are not ended.
    pub async fn open_requests(&self, project: ProjectId, numbers: &[u32]) -> Result<Vec<Request>> {
        store::open(self.db(), project, numbers).await
    }

    /// Takes a request down. One of the same person and kind that is not ended yet
    /// stays the only one; its number is the answer.
    pub async fn request(&self, project: ProjectId, new: &NewRequest, zone: &TimeZone) -> Result<i64> {
        let now = self.now();
        let mut tx = self.begin().await?;
        let id = match store::open_of(&mut tx, project, new).await? {
            Some(id) => id,
            None => store::create(&mut tx, project, new, now, rules::due(now, zone)).await?,
        };
        crate::govern::commit(tx).await?;
        Ok(id)
    }
}
