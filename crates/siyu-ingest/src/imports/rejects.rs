//! The refused rows of an import, kept beside the upload so that a person can correct
//! and import only those: one JSON line each, appended while the file is read.

use std::io::{BufRead, BufReader, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use http_body::Frame;
use serde::{Deserialize, Serialize};
use serde_json::json;
use siyu_db::db_error;
use siyu_govern::audit;
use siyu_govern::personal::NewExport;
use siyu_govern::sealing::{Appender, StoredFile};
use siyu_types::sealed::cause;
use siyu_types::{Error, Result, Viewer};
use tokio::sync::mpsc::{Receiver, Sender, channel};

pub use siyu_govern::personal::harmless;

use super::cell::Cell;
use super::faults::{RowCode, RowFault};
use super::{Imports, store};

/// Refused rows kept of one import, in bytes; those beyond are only counted.
pub const KEPT_BYTES_MAX: u64 = 256 << 20;
/// How long they are kept; they hold what people typed.
pub const KEPT_MILLIS: i64 = 14 * 24 * 3_600_000;
/// Titles of the columns that say why; an import of such a table ignores them.
pub const ROW_TITLE: &str = "siyu_row";
pub const ERROR_TITLE: &str = "siyu_error";
/// Title of the column that says which export a table is.
pub const EXPORT_TITLE: &str = "siyu_export";

/// A refused row as it is kept.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RejectedRow {
    pub row: u64,
    pub column: Option<String>,
    pub code: RowCode,
    pub cells: Vec<Option<String>>,
}

/// Appends refused rows.
pub struct Keeper {
    file: Appender,
    bytes: u64,
    dirty: bool,
}

impl Keeper {
    /// Goes on behind the first `bytes`; what an earlier run wrote after them is
    /// written again.
    pub fn open(file: &StoredFile, bytes: u64) -> Result<Keeper> {
        let (file, bytes) = file.append(bytes)?;
        Ok(Keeper { file, bytes, dirty: false })
    }

    pub fn keep(&mut self, row: u64, fault: &RowFault, cells: &[Cell]) -> Result<()> {
        if self.bytes >= KEPT_BYTES_MAX {
            return Ok(());
        }
        let text = |cell: &Cell| match cell {
            Cell::Undecodable => Some("\u{FFFD}".to_owned()),
            cell => cell.text(),
        };
        let cells = cells.iter().map(text).collect();
        let rejected = RejectedRow { row, column: fault.column.clone(), code: fault.code, cells };
        let mut line = serde_json::to_vec(&rejected).map_err(Error::internal)?;
        line.push(b'\n');
        self.file.write_all(&line).map_err(cause)?;
        self.bytes += line.len() as u64;
        self.dirty = true;
        Ok(())
    }

    /// Makes them durable and answers how many bytes there are.
    pub fn settle(&mut self) -> Result<u64> {
        if std::mem::take(&mut self.dirty) {
            self.file.settle()?;
        }
        Ok(self.bytes)
    }
}

/// Kept rows one after the other; none if they are no longer kept.
pub fn kept(file: &StoredFile) -> Result<Option<impl Iterator<Item = Result<RejectedRow>> + use<>>> {
    let Some(file) = file.find()? else { return Ok(None) };
    // Blanks stand where a row named somebody who was erased since.
    let written = |line: &std::io::Result<String>| line.as_ref().map_or(true, |line| !line.trim().is_empty());
    let parse =
        |line: std::io::Result<String>| serde_json::from_str(&line.map_err(cause)?).map_err(Error::internal);
    Ok(Some(BufReader::new(file).lines().filter(written).map(parse)))
}

/// Bytes of the table that are written together, and pieces that may wait.
const PIECE_BYTES: usize = 64 << 10;
const AHEAD: usize = 4;

impl Imports {
    /// The refused rows as a table, made while it is read.
    pub async fn rejected_table(&self, viewer: &Viewer, id: i64, language: String) -> Result<Body> {
        let row = store::get(&self.db, viewer.project, id).await?;
        let path = self.rejects(row.id);
        let now = self.now();
        let found = if now - row.created_at < KEPT_MILLIS { kept(&path)? } else { None };
        let Some(rows) = found else { return Err(Error::not_found("kept refused rows of import", id)) };
        let outcome: super::jobs::Outcome = match &row.outcome {
            Some(outcome) => serde_json::from_str(outcome).map_err(Error::internal)?,
            None => super::jobs::Outcome::default(),
        };
        let mut tx = self.db.begin().await?;
        let detail = json!({"rows": row.rejected});
        audit(&mut tx, viewer, "imports.rejected", &format!("import:{id}"), detail, now).await?;
        tx.commit().await.map_err(db_error)?;
        let govern = self.audience.govern().clone();
        // Who stands in refused rows is not known: nobody could be made of them.
        let new = NewExport { what: "import_rejected", title: row.name.clone(), people: Vec::new() };
        let export = govern.begin_export(viewer, new).await?;
        let (sender, receiver) = channel(AHEAD);
        let (line, runtime) = (export.line(), tokio::runtime::Handle::current());
        tokio::task::spawn_blocking(move || {
            let written = write_table(rows, &outcome.titles, (&language, &line), &sender)
                .and_then(|rows| runtime.block_on(govern.finish_export(&export, rows)));
            if let Err(error) = written {
                // Nobody may be listening any more.
                let _gone = sender.blocking_send(Err(error));
            }
        });
        Ok(Body::new(Table(receiver)))
    }
}

/// A table on its way out; an error breaks the connection, so that half a table is
/// not taken for a whole one.
struct Table(Receiver<Result<Bytes>>);

impl HttpBody for Table {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}

fn write_table(
    rows: impl Iterator<Item = Result<RejectedRow>>,
    titles: &[String],
    (language, export): (&str, &str),
    to: &Sender<Result<Bytes>>,
) -> Result<u64> {
    let writer = |buffer| csv::WriterBuilder::new().flexible(true).from_writer(buffer);
    // With a mark, so that spreadsheets see the encoding.
    let mut table = writer(b"\xef\xbb\xbf".to_vec());
    let own = [ROW_TITLE, ERROR_TITLE, EXPORT_TITLE].map(str::to_owned).into_iter();
    table.write_record(own.chain(titles.iter().map(|title| harmless(title)))).map_err(Error::internal)?;
    let mut written = 0;
    for row in rows {
        write_row(&mut table, &row?, (language, export))?;
        written += 1;
        if table.get_ref().len() > PIECE_BYTES {
            let full = std::mem::replace(&mut table, writer(Vec::new()));
            if to.blocking_send(Ok(full.into_inner().map_err(Error::internal)?.into())).is_err() {
                return Ok(written);
            }
        }
    }
    let _gone = to.blocking_send(Ok(table.into_inner().map_err(Error::internal)?.into()));
    Ok(written)
}

/// One refused row as a line of the table that a person corrects; the reason stands
/// first, since rows may be longer than the titles.
fn write_row(
    writer: &mut csv::Writer<Vec<u8>>,
    row: &RejectedRow,
    (language, export): (&str, &str),
) -> Result<()> {
    let reason = match &row.column {
        Some(column) => format!("{column}: {}", row.code.message_in(language)),
        None => row.code.message_in(language).to_owned(),
    };
    let cells = row.cells.iter().map(|cell| harmless(cell.as_deref().unwrap_or_default()));
    let all = [row.row.to_string(), harmless(&reason), harmless(export)].into_iter().chain(cells);
    writer.write_record(all).map_err(Error::internal)
}
