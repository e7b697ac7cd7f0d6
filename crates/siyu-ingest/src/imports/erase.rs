//! Uploaded files and refused rows that name people who were erased. A row of a file cannot
//! be cut out of it: a file that names them goes whole, unless an import is reading it, which
//! removes it when it ends. What cannot be searched, since nobody can read it, goes as well.

use std::io::{BufRead, BufReader};
use std::sync::Arc;

use siyu_govern::sealing::StoredFile;
use siyu_types::erasure::{Erased, Removed};
use siyu_types::ports::{NamesErased, PortFuture, Traces};
use siyu_types::sealed::cause;
use siyu_types::{ProjectId, Result};

use super::rejects::RejectedRow;
use super::rows::Choice;
use super::{Cell, Imports, blocking, kinds, store, uploads};

const FILES: &str = "files";
/// Imports looked at for refused rows, newest first; those of older ones are not kept.
const IMPORTS_MAX: i64 = 10_000;

impl Traces for Imports {
    fn steps(&self) -> &'static [&'static str] {
        &[FILES]
    }

    fn remove<'a>(
        &'a self,
        _: &'a str,
        project: ProjectId,
        _: &'a Erased,
        names: &'a Arc<NamesErased>,
    ) -> PortFuture<'a, Result<Vec<Removed>>> {
        Box::pin(async move {
            self.sweep().await?;
            let (mut removed, mut kept) = (0, 0);
            for upload in uploads::store::of_project(&self.db, project).await? {
                let (path, said) = (self.upload(upload), Arc::clone(names));
                let named = blocking(move || Ok(names_in(&path, &*said))).await?;
                match (named, self.is_upload_needed(upload).await?) {
                    (false, _) => {}
                    (true, true) => kept += 1,
                    (true, false) => {
                        self.forget_upload(upload).await?;
                        removed += 1;
                    }
                }
            }
            let mut rows = 0;
            for import in store::list(&self.db, project, i64::MAX, IMPORTS_MAX).await? {
                let (path, said) = (self.rejects(import.id), Arc::clone(names));
                rows += blocking(move || blank_rows(&path, &*said)).await?;
            }
            Ok(vec![
                Removed::new("uploads", removed),
                Removed::new("uploads_being_imported", kept),
                Removed::new("refused_rows", rows),
            ])
        })
    }
}

/// Whether a file names somebody. One that is not all here, or cannot be read, may.
fn names_in(path: &StoredFile, names: &NamesErased) -> bool {
    if !path.exists() {
        return false;
    }
    let Ok((_, mut opened)) = kinds::open(path, &Choice::default()) else { return true };
    let mut cells: Vec<Cell> = Vec::new();
    loop {
        match opened.reader.next_row(&mut cells) {
            Ok(Some(_)) if cells.iter().filter_map(Cell::text).any(|text| names(&text)) => return true,
            Ok(Some(_)) => {}
            Ok(None) => return false,
            Err(_) => return true,
        }
    }
}

/// Puts blanks in the place of refused rows that name somebody, so that an import that is
/// still adding to the file finds its place. Answers how many.
fn blank_rows(file: &StoredFile, names: &NamesErased) -> Result<u64> {
    let Some(reading) = file.find()? else { return Ok(0) };
    let (mut reader, mut line, mut at, mut blanked) = (BufReader::new(reading), Vec::new(), 0, 0);
    loop {
        line.clear();
        let read = reader.read_until(b'\n', &mut line).map_err(cause)?;
        if read == 0 {
            break;
        }
        let named = match serde_json::from_slice::<RejectedRow>(&line) {
            Ok(row) => row.cells.iter().flatten().any(|cell| names(cell)),
            Err(_) => names(&String::from_utf8_lossy(&line)),
        };
        if named {
            let blanks = vec![b' '; line.trim_ascii_end().len()];
            file.overwrite(at, &blanks)?;
            blanked += 1;
        }
        at += read as u64;
    }
    Ok(blanked)
}
