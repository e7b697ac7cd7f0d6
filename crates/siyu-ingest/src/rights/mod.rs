//! What ingest keeps of a person besides people and events, for copies of their data:
//! refused rows of imports and records that were set aside.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Value as Json, json};
use siyu_audience::rights::{Area, Decision, Keeper, Subject};
use siyu_http::At;
use siyu_types::ports::PortFuture;
use siyu_types::{Error, Result};

use crate::imports::Imports;
use crate::ingest::Ingest;
use crate::plan::{Held, Search};

/// Rows and records of each kind in one copy.
const ITEMS_MAX: usize = 1_000;
/// Shorter identifiers would be found in what is about others.
const VALUE_CHARS_MIN: usize = 5;

/// Looks through what was not taken in.
pub struct NotTakenIn {
    ingest: Arc<Ingest>,
    imports: Arc<Imports>,
}

impl NotTakenIn {
    pub fn new(ingest: Arc<Ingest>, imports: Arc<Imports>) -> NotTakenIn {
        NotTakenIn { ingest, imports }
    }

    async fn set_aside(&self, of: &Subject, values: &HashSet<String>) -> Result<Area> {
        let pipeline = self.ingest.pipeline(of.project)?;
        let (values, own) = (values.clone(), of.clone());
        let found = tokio::task::spawn_blocking(move || {
            let (mut items, mut seen) = (Vec::new(), HashSet::new());
            for value in &values {
                let mut before = None;
                loop {
                    let search = Search {
                        filter: Default::default(),
                        state: None,
                        text: value.clone(),
                        before,
                        limit: ITEMS_MAX,
                    };
                    let (candidates, dir) = search.candidates(&pipeline.gate().quarantine);
                    let found = search.read(candidates, &dir)?;
                    for (entry, held) in found.entries {
                        let item = held.and_then(|held| aside(&entry.reason, &held, &own, &values));
                        if let Some(item) = item.filter(|_| seen.insert(entry.seq)) {
                            items.push(item);
                        }
                    }
                    before = found.next;
                    if before.is_none() || items.len() >= ITEMS_MAX {
                        break;
                    }
                }
            }
            Ok::<_, Error>(items)
        });
        let mut items = found.await.map_err(Error::internal)??;
        let cut = items.len() > ITEMS_MAX;
        items.truncate(ITEMS_MAX);
        Ok(Area { cut, ..Area::new("set_aside", items) })
    }
}

/// A record about the person. Of what could not be read only that it is there: it may
/// hold records of others.
fn aside(
    reason: &impl serde::Serialize,
    held: &Held,
    of: &Subject,
    values: &HashSet<String>,
) -> Option<Json> {
    match (&held.record, &held.raw) {
        (Some(record), _) => {
            let own = |id: &siyu_types::Identifier| of.identifiers.contains(id) || values.contains(&id.value);
            record.ids.iter().any(own).then(|| {
                json!({ "at": At(record.received_at), "reason": reason, "source": record.source,
                    "content": record.body })
            })
        }
        (None, Some(_)) => Some(json!({ "reason": reason, "content": Json::Null })),
        (None, None) => None,
    }
}

/// Forms in which the person's identifiers may stand in a file or record.
fn values(of: &Subject) -> HashSet<String> {
    let mut values = HashSet::new();
    for id in &of.identifiers {
        if let Some(local) = id.value.strip_prefix("+86") {
            values.insert(local.to_owned());
        }
        values.insert(id.value.clone());
    }
    values.retain(|value| value.chars().count() >= VALUE_CHARS_MIN);
    values
}

impl Keeper for NotTakenIn {
    fn kept<'a>(&'a self, of: &'a Subject) -> PortFuture<'a, Result<Vec<Area>>> {
        Box::pin(async move {
            let values = values(of);
            let (rows, cut) = self.imports.refused_rows_of(of.project, values.clone(), ITEMS_MAX).await?;
            let refused = Area { cut, ..Area::new("refused_rows", rows) };
            Ok(vec![refused, self.set_aside(of, &values).await?])
        })
    }

    fn decided<'a>(&'a self, _: &'a Subject) -> PortFuture<'a, Result<Vec<Decision>>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}
