//! The refused rows that name somebody, for a copy of their data.

use std::collections::HashSet;

use serde_json::{Value as Json, json};
use siyu_http::At;
use siyu_types::{Error, ProjectId, Result};

use super::jobs::Outcome;
use super::rejects::{KEPT_MILLIS, RejectedRow, kept};
use super::{Imports, store};

/// Imports that are read at once from the list of them.
const IMPORTS_PER_READ: i64 = 200;

impl Imports {
    /// Rows one of whose cells is one of these values, from files as long as they are kept;
    /// and whether there are more.
    pub async fn refused_rows_of(
        &self,
        project: ProjectId,
        values: HashSet<String>,
        most: usize,
    ) -> Result<(Vec<Json>, bool)> {
        let since = self.now() - KEPT_MILLIS;
        let (mut found, mut before) = (Vec::new(), i64::MAX);
        loop {
            let imports = store::list(&self.db, project, before, IMPORTS_PER_READ).await?;
            let Some(last) = imports.last().map(|import| (import.id, import.created_at)) else { break };
            for import in imports {
                if import.rejected == 0 || import.created_at <= since {
                    continue;
                }
                let outcome = import.outcome.as_deref().map(serde_json::from_str::<Outcome>);
                let titles = outcome.transpose().map_err(Error::internal)?.unwrap_or_default().titles;
                let (path, values) = (self.rejects(import.id), values.clone());
                let room = most + 1 - found.len();
                let rows = tokio::task::spawn_blocking(move || {
                    let Some(rows) = kept(&path)? else { return Ok(Vec::new()) };
                    let names = |row: &Result<RejectedRow>| match row {
                        Ok(row) => row.cells.iter().flatten().any(|cell| values.contains(cell.trim())),
                        Err(_) => true,
                    };
                    rows.filter(names).take(room).collect::<Result<Vec<_>>>()
                });
                let rows = rows.await.map_err(Error::internal)??;
                found.extend(rows.into_iter().map(|row| {
                    json!({ "at": At(import.created_at), "file": import.name, "row": row.row,
                        "reason": row.code.message_in("en"), "cells": cells(&titles, &row) })
                }));
                if found.len() > most {
                    found.truncate(most);
                    return Ok((found, true));
                }
            }
            if last.1 <= since {
                break;
            }
            before = last.0;
        }
        Ok((found, false))
    }
}

/// By the titles of the columns; those beyond them by their number.
fn cells(titles: &[String], row: &RejectedRow) -> Json {
    let name = |at: usize| titles.get(at).filter(|title| !title.is_empty()).cloned();
    let cells = row.cells.iter().enumerate();
    cells.map(|(at, cell)| (name(at).unwrap_or_else(|| (at + 1).to_string()), json!(cell))).collect()
}
