//! Calls that would point up the crate table: small traits, joined in `siyu`.

use std::future::Future;
use std::pin::Pin;

use crate::error::Result;
use crate::ids::{PersonNo, ProjectId};
use crate::record::Record;

/// A boxed future, so that ports stay object-safe without a macro crate.
pub type PortFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends and reactions are events too: whoever acts writes them here.
pub trait EventSink: Send + Sync + 'static {
    /// Appends records to the project's log. When it returns `Ok` they are
    /// durable. Emitting the same key twice within the de-duplication horizon
    /// has the effect of once.
    fn emit(&self, project: ProjectId, records: Vec<Record>) -> PortFuture<'_, Result<()>>;

    /// Waits until everything durable so far has been applied: what is asked
    /// afterwards sees it.
    fn settle(&self, project: ProjectId) -> PortFuture<'_, Result<()>>;
}

/// An event after identification, as listeners see it.
#[derive(Clone, Debug)]
pub struct AppliedEvent {
    pub person: PersonNo,
    pub name: String,
    pub time: crate::clock::Millis,
    pub record: Record,
}

/// Told of every applied batch, in order. Must be quick and must not fail.
pub trait EventListener: Send + Sync + 'static {
    fn applied(&self, project: ProjectId, events: &[AppliedEvent]);
}
