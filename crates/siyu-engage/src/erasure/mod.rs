//! What is left of an erased person in sends, receipts, reservations and the list of those
//! not to write to. Reports keep their counts: a send stays, with a number that is nobody's.

mod store;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use siyu_db::db_error;
use siyu_types::ProjectId;
use siyu_types::erasure::{Erased, Removed};
use siyu_types::error::{Error, ErrorCode, Result};
use siyu_types::ports::{NamesErased, PortFuture, Traces};

use crate::Engage;

const SENDS: &str = "sends";

impl Traces for Engage {
    fn steps(&self) -> &'static [&'static str] {
        &[SENDS]
    }

    fn remove<'a>(
        &'a self,
        _: &'a str,
        project: ProjectId,
        erased: &'a Erased,
        _: &'a Arc<NamesErased>,
    ) -> PortFuture<'a, Result<Vec<Removed>>> {
        Box::pin(async move {
            let mut tx = self.db.begin().await?;
            let mut gone = store::Gone::default();
            for number in &erased.numbers {
                if store::under_way(&mut tx, project, *number).await? {
                    // What the provider answers is still to be written down; then it goes too.
                    let message = "a message to this person is on its way; trying again when it has ended";
                    return Err(Error::new(ErrorCode::Overloaded, message));
                }
                gone.add(store::forget(&mut tx, project, *number).await?);
            }
            tx.commit().await.map_err(db_error)?;
            Ok(vec![
                Removed::new("kept_sends_without_address", gone.sends),
                Removed::new("kept_receipts_without_address", gone.receipts),
                Removed::new("reservations", gone.reservations),
                Removed::new("suppressions_of_person", gone.suppressions),
                Removed::new("kept_suppressions_as_hash", gone.hashes),
            ])
        })
    }
}
