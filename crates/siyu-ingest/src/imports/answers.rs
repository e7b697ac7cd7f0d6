//! What the API says of previews and imports.

use serde::Serialize;
use siyu_govern::sealing::StoredFile;
use siyu_http::At;
use siyu_types::{Error, Result, Viewer};
use utoipa::ToSchema;

use super::faults::RowCode;
use super::guess::Confidence;
use super::jobs::Outcome;
use super::mapping::{CellType, Mapping};
use super::preview::{self, preview};
use super::rejects::{self, RejectedRow};
use super::rows::Choice;
use super::store::{self, ErrorRow, ImportRow};
use super::templates::fitting;
use super::{ImportPosition, Imports, uploads};

const VALUE_CHARS: usize = 60;

#[derive(Debug, Serialize, ToSchema)]
pub struct ImportPreview {
    /// `csv`, `xlsx`, `xls`, `jsonl` or `parquet`.
    pub format: String,
    /// Of a workbook: all sheets, and the one that is read.
    pub sheets: Vec<String>,
    pub sheet: Option<String>,
    /// Row of the titles, 1 being the first; 0 where columns have names of their own.
    pub header_row: u32,
    /// Templates that fit, the best first.
    pub templates: Vec<FittingTemplate>,
    pub encoding: Option<String>,
    pub delimiter: Option<String>,
    /// Where the file says so.
    pub rows: Option<u64>,
    pub columns: Vec<ImportPreviewColumn>,
    pub guess: Mapping,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FittingTemplate {
    /// Of a built-in one as the list of templates has it, or `saved:` and its id.
    pub key: String,
    /// Of a saved one.
    pub name: Option<String>,
    /// For this file.
    pub mapping: Mapping,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ImportPreviewColumn {
    pub name: String,
    pub kind: CellType,
    pub confidence: Confidence,
    /// Personal values are masked for those who may not see them.
    pub sample: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ImportItem {
    pub id: i64,
    pub job_id: i64,
    pub name: String,
    pub kind: String,
    /// Of its job: `queued`, `running`, `done`, `failed` or `cancelled`.
    pub state: String,
    /// Rows in all, as far as is known.
    pub total: i64,
    pub rows: i64,
    pub accepted: i64,
    pub rejected: i64,
    /// Orders that were never paid.
    pub skipped: u64,
    /// Events, changes and items that the rows became, or would become.
    pub records: u64,
    /// One that only looked; nothing was written.
    pub dry_run: bool,
    /// Of a dry run: the upload, if it can still be imported.
    pub upload: Option<i64>,
    pub bytes: i64,
    /// Refused rows by reason, most first.
    pub reasons: Vec<ImportReason>,
    /// Whether `rejected.csv` still holds the refused rows.
    pub rejected_kept: bool,
    /// Row of the titles, 1 being the first.
    pub header_row: u32,
    /// Of a list: the segment that was made of it, and its people.
    pub segment: Option<i64>,
    pub people: u64,
    pub mapping: Mapping,
    /// Why the job failed.
    pub error: Option<String>,
    /// The first refused rows; all kept ones are in `errors.csv`.
    pub errors: Vec<ImportError>,
    pub created_at: At,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ImportError {
    /// 1 is the first row after the titles.
    pub row: i64,
    pub column: Option<String>,
    pub code: String,
    pub message: String,
    /// What stands in the cell; masked for those who may not see personal values.
    pub value: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ImportReason {
    pub code: RowCode,
    pub message: String,
    pub rows: u64,
}

impl Imports {
    pub(super) async fn look(
        &self,
        viewer: &Viewer,
        path: StoredFile,
        choice: Choice,
    ) -> Result<ImportPreview> {
        let by = viewer.clone();
        let found = tokio::task::spawn_blocking(move || preview(&path, &by, &choice))
            .await
            .map_err(Error::internal)??;
        let titles: Vec<String> = found.columns.iter().map(|column| column.title.clone()).collect();
        let fitting = fitting(&self.db, viewer, &titles).await?;
        let columns = found.columns.into_iter().map(|column| ImportPreviewColumn {
            name: column.title,
            kind: column.kind,
            confidence: column.confidence,
            sample: column.samples,
        });
        let (sheet, header_row) = (found.guess.sheet.clone(), found.guess.header_row);
        let templates = fitting.into_iter().map(|fit| FittingTemplate {
            key: fit.key,
            name: fit.name,
            mapping: Mapping { sheet: sheet.clone(), header_row, ..fit.mapping },
        });
        Ok(ImportPreview {
            format: found.format.to_owned(),
            encoding: found.encoding,
            delimiter: found.delimiter.map(String::from),
            sheets: found.sheets,
            sheet: found.sheet,
            header_row: found.header_row,
            rows: found.rows,
            columns: columns.collect(),
            templates: templates.collect(),
            guess: found.guess,
        })
    }

    pub(super) async fn shown(&self, viewer: &Viewer, row: ImportRow, errors: usize) -> Result<ImportItem> {
        let job = self.jobs.get(row.project, row.job).await?;
        let mapping: Mapping = serde_json::from_str(&row.mapping).map_err(Error::internal)?;
        let outcome: Outcome = match (&row.outcome, &row.position) {
            (Some(outcome), _) => serde_json::from_str(outcome).map_err(Error::internal)?,
            (None, Some(position)) => so_far(serde_json::from_str(position).map_err(Error::internal)?),
            (None, None) => Outcome::default(),
        };
        let mut reasons: Vec<ImportReason> = outcome
            .codes
            .iter()
            .map(|(code, rows)| ImportReason { code: *code, message: code.message().to_owned(), rows: *rows })
            .collect();
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.rows));
        let errors = match errors {
            0 => Vec::new(),
            limit => self.first_shown(viewer, &row, &outcome, &mapping, limit).await?,
        };
        let upload = row.upload.filter(|_| row.dry_run);
        let waits = match upload {
            Some(upload) => uploads::store::find(&self.db, upload).await?.is_some(),
            None => false,
        };
        Ok(ImportItem {
            id: row.id,
            job_id: row.job,
            name: row.name,
            kind: row.kind,
            state: job.state.as_str().to_owned(),
            total: job.total.max(row.rows),
            rows: row.rows,
            accepted: row.accepted,
            rejected: row.rejected,
            skipped: outcome.skipped,
            records: outcome.records,
            dry_run: row.dry_run,
            upload: upload.filter(|_| waits),
            bytes: row.bytes,
            reasons,
            rejected_kept: row.rejected > 0 && self.keeps_rejects(row.id, row.created_at),
            header_row: outcome.header_row,
            segment: outcome.segment,
            people: outcome.people,
            mapping,
            error: job.error,
            errors,
            created_at: At(row.created_at),
        })
    }

    fn keeps_rejects(&self, import: i64, created_at: i64) -> bool {
        self.now() - created_at < rejects::KEPT_MILLIS && self.rejects(import).exists()
    }

    /// The first refused rows, with the cell that was refused if they are still kept.
    async fn first_shown(
        &self,
        viewer: &Viewer,
        row: &ImportRow,
        outcome: &Outcome,
        mapping: &Mapping,
        limit: usize,
    ) -> Result<Vec<ImportError>> {
        let kept = match self.keeps_rejects(row.id, row.created_at) {
            true => rejects::kept(&self.rejects(row.id))?,
            false => None,
        };
        let Some(kept) = kept else {
            let errors = store::errors(&self.db, row.id, limit as i64).await?;
            let error = |error: ErrorRow| ImportError {
                message: message_of(&error.code).to_owned(),
                row: error.row,
                column: error.column,
                code: error.code,
                value: None,
            };
            return Ok(errors.into_iter().map(error).collect());
        };
        let value = |row: &RejectedRow| {
            let title = row.column.as_ref()?;
            let index = outcome.titles.iter().position(|known| known == title)?;
            let text: String = row.cells.get(index)?.as_ref()?.chars().take(VALUE_CHARS).collect();
            let target = mapping.columns.get(title).map(|column| column.to);
            Some(preview::shown(viewer, title, target, &text))
        };
        let shown = |row: Result<RejectedRow>| {
            let row = row?;
            Ok(ImportError {
                value: value(&row),
                row: row.row as i64,
                column: row.column,
                code: row.code.as_str().to_owned(),
                message: row.code.message().to_owned(),
            })
        };
        kept.take(limit).map(shown).collect()
    }
}

/// What is known of an import under way.
fn so_far(position: ImportPosition) -> Outcome {
    let ImportPosition { skipped, codes, records, .. } = position;
    Outcome { skipped, codes, records, ..Outcome::default() }
}

pub fn message_of(code: &str) -> &'static str {
    let code = serde_json::from_value::<RowCode>(code.into());
    code.map_or("", RowCode::message)
}
