//! What people wrote, and what was written about them, in columns of rows: sealed where the
//! installation seals what it keeps. Ids, states and times stay as they are, so that rows are
//! found and counted; what has to be found by its text has a keyed mark beside it.

mod store;

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use siyu_types::ports::Vault;
use siyu_types::{Error, ErrorCode, Result};

pub use store::{opened, seal_stored};

const PREFIX: &str = "sealed:2:";
const NO_MARK: &str = "-";

/// Seals and opens texts of rows; cheap to clone. Without a vault they are kept as they are.
#[derive(Clone, Default, Debug)]
pub struct Texts {
    vault: Option<Arc<dyn Vault>>,
}

/// A column whose texts are sealed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TextColumn {
    pub table: &'static str,
    /// The column with the number of a row.
    pub key: &'static str,
    pub column: &'static str,
    /// A column that holds the mark by which the text is found, if there is one.
    pub mark: Option<&'static str>,
}

impl TextColumn {
    pub const fn new(table: &'static str, column: &'static str) -> TextColumn {
        TextColumn { table, key: "id", column, mark: None }
    }

    /// The same, of a table whose rows have their number in another column. Rows of different
    /// projects may have the same one.
    #[must_use]
    pub const fn by(self, key: &'static str) -> TextColumn {
        TextColumn { key, ..self }
    }

    /// The same, with a mark.
    #[must_use]
    pub const fn marked(self, mark: &'static str) -> TextColumn {
        TextColumn { mark: Some(mark), ..self }
    }

    /// What a text is tied to: in another row or column it does not open.
    fn place(&self, id: i64) -> String {
        format!("{}/{id}/{}", self.table, self.column)
    }
}

impl Texts {
    pub fn new(vault: Option<Arc<dyn Vault>>) -> Texts {
        Texts { vault }
    }

    /// Whether what is written now is sealed.
    pub fn seals(&self) -> bool {
        self.vault.as_ref().is_some_and(|vault| vault.seals())
    }

    /// The text as it is to be stored in this row. Nothing stays nothing.
    pub fn seal(&self, column: &TextColumn, id: i64, plain: &str) -> Result<String> {
        match self.vault.as_ref().filter(|vault| vault.seals() && !plain.is_empty()) {
            Some(vault) => {
                let sealed = vault.seal(&column.place(id), plain.as_bytes())?;
                Ok(format!("{PREFIX}{}", STANDARD_NO_PAD.encode(sealed)))
            }
            None => Ok(plain.to_owned()),
        }
    }

    /// The text again; one that was stored open as it is.
    pub fn open(&self, column: &TextColumn, id: i64, stored: String) -> Result<String> {
        let Some(text) = stored.strip_prefix(PREFIX) else { return Ok(stored) };
        let unreadable = || {
            let message = format!("no key opens {} of {} {id}", column.column, column.table);
            Error::new(ErrorCode::SecretUnreadable, message)
        };
        let bytes = STANDARD_NO_PAD.decode(text).map_err(|_| unreadable())?;
        let vault = self.vault.as_ref().ok_or_else(unreadable)?;
        let plain = vault.open(&column.place(id), &bytes)?.ok_or_else(unreadable)?;
        String::from_utf8(plain).map_err(|_| unreadable())
    }

    /// The mark by which a sealed text is found; empty where nothing is sealed.
    pub fn mark(&self, column: &TextColumn, plain: &str) -> String {
        match self.vault.as_ref().filter(|vault| vault.seals() && !plain.is_empty()) {
            Some(vault) => vault.marks(&mark_place(column), plain).into_iter().next().unwrap_or_default(),
            None => String::new(),
        }
    }

    /// All marks that a text may have been given, by whatever key. Never empty, since they stand
    /// in lists of SQL: one that no text has stands for none.
    pub fn marks(&self, column: &TextColumn, plain: &str) -> Vec<String> {
        match self.vault.as_ref().filter(|_| !plain.is_empty()) {
            Some(vault) => vault.marks(&mark_place(column), plain),
            None => vec![NO_MARK.to_owned()],
        }
    }
}

fn mark_place(column: &TextColumn) -> String {
    format!("{}/{}", column.table, column.column)
}
