//! What the team needs to answer people who ask about their data: finding who asks, a
//! copy of everything, corrections, and why programs decided what they decided. The
//! requests themselves and the register of copies are kept by `siyu-govern`.

mod api;
mod api_corrections;
mod copy;
mod corrections;
mod explain;
mod find;
mod jobs;
mod model;
mod reasons;
mod rules;
mod store;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use siyu_db::JobHandler;
use siyu_types::ports::PortFuture;
use siyu_types::{ProjectId, Result};
use utoipa_axum::router::OpenApiRouter;

use crate::Audience;
pub(crate) use store::REASON;

pub use copy::EVENTS_PER_READ;
pub use explain::why;
pub use model::{Area, Decision, DecisionKind, Subject, Text};
pub use rules::{SOMEBODY_ELSE, may_be_contact, without_keys};

/// Somebody above who keeps something of people, such as the messages to them.
pub trait Keeper: Send + Sync + 'static {
    /// What is kept of a person, area by area. Each area has a limit and says where it was cut.
    fn kept<'a>(&'a self, of: &'a Subject) -> PortFuture<'a, Result<Vec<Area>>>;

    /// What was decided about a person by a program.
    fn decided<'a>(&'a self, about: &'a Subject) -> PortFuture<'a, Result<Vec<Decision>>>;
}

/// Takes out why something was corrected about an erased person. Answers how many
/// corrections there were.
pub(crate) async fn forget(tx: &mut siyu_db::Tx, project: ProjectId, numbers: &[u32]) -> Result<u64> {
    store::forget(tx, project, numbers).await
}

pub(crate) fn routes(audience: Audience) -> OpenApiRouter {
    api::routes(audience.clone()).merge(api_corrections::routes(audience))
}

pub(crate) fn handlers(audience: &Audience) -> [Arc<dyn JobHandler>; 2] {
    [Arc::new(jobs::MakeCopy(audience.clone())), Arc::new(jobs::ExpireCopies(audience.clone()))]
}
