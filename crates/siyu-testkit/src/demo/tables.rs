//! Writes the tables and the list of them, which whoever imports them follows.

use std::fs::File;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Value, json};

use super::Result;

/// One file to import.
#[derive(Clone, Serialize, Debug)]
pub struct Table {
    pub file: String,
    /// What it holds, for the person who waits.
    pub title: String,
    pub rows: u64,
    pub mapping: Value,
}

/// A folder of tables in the order in which they are to be imported.
pub struct Tables {
    folder: PathBuf,
    tables: Vec<Table>,
}

/// A table being written.
pub struct Writer {
    csv: csv::Writer<File>,
    table: Table,
}

/// A column: its heading, what it is, and its type.
pub struct Column {
    heading: &'static str,
    to: &'static str,
    kind: &'static str,
}

/// A column that is a property of the same name.
pub const fn property(heading: &'static str, kind: &'static str) -> Column {
    Column { heading, to: "property", kind }
}

/// A column with a meaning of its own.
pub const fn meaning(heading: &'static str, to: &'static str) -> Column {
    Column { heading, to, kind: "text" }
}

/// An instant with its offset.
pub const fn instant(heading: &'static str) -> Column {
    Column { heading, to: "time", kind: "time" }
}

impl Tables {
    pub fn in_folder(folder: &Path) -> Result<Tables> {
        std::fs::create_dir_all(folder).map_err(|e| format!("make {}: {e}", folder.display()))?;
        Ok(Tables { folder: folder.to_owned(), tables: Vec::new() })
    }

    /// Opens a table of `kind` (events, people, items). `event` names the event
    /// of every row where no column does.
    pub fn table(&self, title: &str, kind: &str, event: Option<&str>, columns: &[Column]) -> Result<Writer> {
        let file = format!("{:02}-{}.csv", self.tables.len() + 1, title.replace(' ', "-"));
        let path = self.folder.join(&file);
        let mut csv = csv::Writer::from_path(&path).map_err(|e| format!("write {}: {e}", path.display()))?;
        csv.write_record(columns.iter().map(|column| column.heading)).map_err(failed)?;
        let mapped: serde_json::Map<String, Value> =
            columns.iter().map(|column| (column.heading.to_owned(), column.mapping())).collect();
        let mut mapping = json!({"kind": kind, "columns": mapped});
        if let Some(event) = event {
            mapping["event"] = json!(event);
        }
        Ok(Writer { csv, table: Table { file, title: title.to_owned(), rows: 0, mapping } })
    }

    pub fn close(&mut self, mut writer: Writer) -> Result<()> {
        writer.csv.flush().map_err(|e| format!("write {}: {e}", writer.table.file))?;
        self.tables.push(writer.table);
        Ok(())
    }

    /// Writes `tables.json` and says what there is.
    pub fn finish(self) -> Result<Vec<Table>> {
        let text = serde_json::to_string_pretty(&self.tables).map_err(|e| e.to_string())?;
        std::fs::write(self.folder.join("tables.json"), text)
            .map_err(|e| format!("write tables.json: {e}"))?;
        Ok(self.tables)
    }
}

impl Column {
    fn mapping(&self) -> Value {
        match self.to {
            "property" => json!({"to": "property", "name": self.heading, "type": self.kind}),
            to => json!({"to": to, "type": self.kind}),
        }
    }
}

impl Writer {
    pub fn row<I>(&mut self, fields: I) -> Result<()>
    where
        I: IntoIterator,
        I::Item: AsRef<[u8]>,
    {
        self.table.rows += 1;
        self.csv.write_record(fields).map_err(failed)
    }
}

fn failed(error: csv::Error) -> String {
    format!("write a row: {error}")
}
