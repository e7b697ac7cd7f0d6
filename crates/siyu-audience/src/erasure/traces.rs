//! The steps of this crate: lists of people, and notes about them.

use siyu_db::db_error;
use siyu_types::erasure::{Erased, Removed};
use siyu_types::{Error, ProjectId, Result};

use crate::{Audience, notes, rights, segments, tags};

pub(super) async fn remove(
    audience: &Audience,
    step: &str,
    project: ProjectId,
    erased: &Erased,
) -> Result<Vec<Removed>> {
    match step {
        "lists" => {
            // A tag whose values were given is a list of people, too.
            let given = tags::forget(audience, project, &erased.numbers).await?;
            let lists = given + segments::forget(audience, project, &erased.numbers).await?;
            let known = audience.inner.projects.get(project)?;
            let steps = segments::forget_flow(audience, &known, &erased.numbers).await?;
            Ok(vec![Removed::new("lists", lists), Removed::new("segment_steps", steps)])
        }
        "notes" => {
            let mut tx = audience.db().begin().await?;
            let notes = notes::forget(&mut tx, project, &erased.numbers).await?;
            let corrections = rights::forget(&mut tx, project, &erased.numbers).await?;
            tx.commit().await.map_err(db_error)?;
            Ok(vec![
                Removed::new("notes", notes),
                Removed::new("kept_corrections_without_reason", corrections),
            ])
        }
        step => Err(Error::internal(format!("nobody does the step {step} of an erasure"))),
    }
}
