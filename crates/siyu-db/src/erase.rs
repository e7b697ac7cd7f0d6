//! The last step of an erasure in the database: what was deleted leaves its file.

use std::sync::Arc;

use siyu_types::erasure::{Erased, Removed};
use siyu_types::ports::{NamesErased, PortFuture, Traces};
use siyu_types::{ProjectId, Result};

use crate::{Backend, Db};

const DATABASE: &str = "database";

impl Traces for Db {
    fn steps(&self) -> &'static [&'static str] {
        &[DATABASE]
    }

    fn remove<'a>(
        &'a self,
        _: &'a str,
        _: ProjectId,
        _: &'a Erased,
        _: &'a Arc<NamesErased>,
    ) -> PortFuture<'a, Result<Vec<Removed>>> {
        Box::pin(async move {
            let what = match (self.rewrite().await?, self.backend()) {
                (_, Backend::Postgres) => Removed::new("database_vacuumed", 1),
                (Some(bytes), Backend::Sqlite) => Removed::new("database_bytes_rewritten", bytes),
                (None, Backend::Sqlite) => Removed::new("database_journal_emptied", 1),
            };
            Ok(vec![what])
        })
    }
}
