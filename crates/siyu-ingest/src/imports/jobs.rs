//! The job that imports an uploaded file. Records carry keys made from their rows,
//! so a second run changes nothing that the first one wrote; it goes on behind the
//! last rows that are known to be durable.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use siyu_audience::segments::{self, Chosen};
use siyu_db::{Db, JobHandler, JobRun};
use siyu_types::ports::PortFuture;
use siyu_types::{Error, ProjectId, Result, Viewer};

use super::faults::RowCode;
use super::mapping::{ImportKind, Mapping};
use super::run::{FAULTS_KEPT, ImportProgress, ImportReport, ImportWatcher, RowError};
use super::store::{ImportRow, Numbers};
use super::{ImportFile, Imports, rejects, store};

pub const IMPORT_JOB: &str = "import";

/// Runs imports.
pub struct ImportHandler(pub Arc<Imports>);

#[derive(Deserialize)]
struct Params {
    import: i64,
}

/// What came of an import besides the numbers of rows.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Outcome {
    /// Orders that were never paid.
    pub skipped: u64,
    /// Events, changes and items that the rows became, or would become.
    pub records: u64,
    /// Refused rows by reason.
    pub codes: BTreeMap<RowCode, u64>,
    /// Titles of the file, and the row they stand in (0: none).
    pub titles: Vec<String>,
    pub header_row: u32,
    /// Of a list: the segment that was made of it, and its people.
    pub segment: Option<i64>,
    pub people: u64,
}

#[async_trait]
impl JobHandler for ImportHandler {
    fn kind(&self) -> &'static str {
        IMPORT_JOB
    }

    async fn run(&self, run: JobRun) -> Result<Value> {
        let params: Params = run.params()?;
        let import = store::get(&self.0.db, run.project, params.import).await?;
        let result =
            |rows, accepted, rejected| json!({"rows": rows, "accepted": accepted, "rejected": rejected});
        if import.finished {
            // The process died after the outcome was written.
            return Ok(result(import.rows, import.accepted, import.rejected));
        }
        let report = self.0.run(&run, &import).await?;
        Ok(result(report.rows as i64, report.accepted as i64, report.rejected as i64))
    }
}

impl Imports {
    async fn run(&self, run: &JobRun, import: &ImportRow) -> Result<ImportReport> {
        let upload = import.upload.unwrap_or(import.id);
        let mapping: Mapping = serde_json::from_str(&import.mapping).map_err(Error::internal)?;
        let from = match &import.position {
            Some(position) => serde_json::from_str(position).map_err(Error::internal)?,
            None => super::ImportPosition::default(),
        };
        let file = ImportFile {
            path: self.upload(upload),
            mapping,
            source: import.name.clone(),
            created_at: import.created_at,
            rejects: Some(self.rejects(import.id)),
            dry_run: import.dry_run,
            from,
        };
        let watcher = Watcher { run, db: &self.db, import: import.id };
        let report = self.ingest.import_file(run.project, &file, &watcher).await?;
        let mut outcome = Outcome {
            skipped: report.skipped,
            records: report.records,
            codes: report.codes.clone(),
            titles: report.titles.clone(),
            header_row: report.header_row,
            segment: None,
            people: report.members.len(),
        };
        if file.mapping.kind == ImportKind::List && !import.dry_run {
            outcome.segment = Some(self.list(run.project, &file.mapping, &report, &import.name).await?);
        }
        let outcome = serde_json::to_string(&outcome).map_err(Error::internal)?;
        let errors = self.first_errors(import.id, &report)?;
        store::finish(&self.db, import.id, numbers(&report), &outcome, &errors).await?;
        // The outcome stands; a file that stays only takes room.
        if !import.dry_run
            && let Err(error) = self.forget_upload(upload).await
        {
            tracing::warn!(import = import.id, %error, "an imported file could not be removed");
        }
        Ok(report)
    }

    /// The first refused rows of all runs of this import.
    fn first_errors(&self, import: i64, report: &ImportReport) -> Result<Vec<RowError>> {
        let Some(kept) = rejects::kept(&self.rejects(import))? else { return Ok(report.errors.clone()) };
        let error = |row: rejects::RejectedRow| RowError { row: row.row, column: row.column, code: row.code };
        kept.take(FAULTS_KEPT).map(|row| row.map(error)).collect()
    }

    /// The segment of a list; a run after one that died meets its segment.
    async fn list(
        &self,
        project: ProjectId,
        mapping: &Mapping,
        report: &ImportReport,
        file: &str,
    ) -> Result<i64> {
        let name = mapping.list.clone().unwrap_or_default().trim().to_owned();
        let known = self.ingest.projects().get(project)?.definitions();
        if let Some((id, _)) = known.segments.iter().find(|(_, segment)| segment.name == name) {
            return Ok(*id);
        }
        let chosen = Chosen { name, description: file.to_owned(), people: report.members.clone() };
        Ok(segments::create_of(&self.audience, &Viewer::system(project), chosen).await?.id)
    }
}

fn numbers(report: &ImportReport) -> Numbers {
    Numbers { rows: report.rows as i64, accepted: report.accepted as i64, rejected: report.rejected as i64 }
}

/// Passes progress on to the job, whose cancellation stops the import.
struct Watcher<'a> {
    run: &'a JobRun,
    db: &'a Db,
    import: i64,
}

impl ImportWatcher for Watcher<'_> {
    fn progress(&self, progress: ImportProgress) -> PortFuture<'_, Result<()>> {
        Box::pin(async move {
            let position = &progress.position;
            let numbers = Numbers {
                rows: position.rows as i64,
                accepted: position.accepted as i64,
                rejected: position.rejected as i64,
            };
            let text = serde_json::to_string(position).map_err(Error::internal)?;
            store::progress(self.db, self.import, numbers, &text).await?;
            self.run.progress(position.rows, progress.rows_total, "").await
        })
    }
}
