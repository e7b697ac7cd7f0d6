//! What campaigns decided about messages, for those who read over all of them.

mod store;

use siyu_types::ports::{PortFuture, Sends, ToldSend};
use siyu_types::{ProjectId, Result};

use crate::Engage;

impl Sends for Engage {
    fn sends(&self, project: ProjectId, most: usize) -> PortFuture<'_, Result<Vec<ToldSend>>> {
        Box::pin(async move { store::sends(&self.db, project, most).await })
    }
}
