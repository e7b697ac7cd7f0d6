//! Mapping templates: those of well-known exports, and those somebody keeps under a
//! name. A file whose titles fit one gets its mapping suggested.

mod api;
mod builtin;
mod store;

use std::collections::BTreeMap;

use serde_json::json;
use siyu_db::{Db, db_error};
use siyu_govern::audit;
use siyu_types::clock::Millis;
use siyu_types::{Error, ErrorCode, Permission, Result, Viewer};

use super::mapping::{CellType, ColumnMapping, ImportKind, Mapping, OrderState, Target};

pub use api::routes;
pub use builtin::BUILT_IN;

const NAME_CHARS_MAX: usize = 60;
/// Templates that one project keeps.
const TEMPLATES_MAX: i64 = 200;

/// The export of one platform, known by the titles of its columns.
pub struct BuiltIn {
    pub key: &'static str,
    pub chinese: &'static str,
    pub english: &'static str,
    pub kind: ImportKind,
    pub columns: &'static [Known],
    pub states: &'static [(&'static str, OrderState)],
}

/// One column of an export, under the titles it had over the years.
pub struct Known {
    pub titles: &'static [&'static str],
    pub to: Target,
    pub name: Option<&'static str>,
    pub cell_type: Option<CellType>,
    pub prefix: Option<&'static str>,
    /// Without it the file is another one.
    pub needed: bool,
}

impl Known {
    pub const fn needed(titles: &'static [&'static str], to: Target) -> Known {
        Known { titles, to, name: None, cell_type: None, prefix: None, needed: true }
    }

    pub const fn maybe(titles: &'static [&'static str], to: Target) -> Known {
        Known { needed: false, ..Known::needed(titles, to) }
    }

    /// An attribute of the order or line that analyses ask for.
    pub const fn property(titles: &'static [&'static str], name: &'static str) -> Known {
        Known { name: Some(name), cell_type: Some(CellType::Text), ..Known::maybe(titles, Target::Property) }
    }

    pub const fn typed(self, cell_type: CellType) -> Known {
        Known { cell_type: Some(cell_type), ..self }
    }

    pub const fn prefixed(self, prefix: &'static str) -> Known {
        Known { prefix: Some(prefix), ..self }
    }
}

impl BuiltIn {
    /// The mapping for a file with these titles, and how many of its columns it knows;
    /// `None` if it is not such an export. What the template does not know is ignored:
    /// exports are full of addresses and notes that nobody asked for.
    pub fn fit(&self, titles: &[String]) -> Option<(Mapping, usize)> {
        let mut columns: BTreeMap<String, ColumnMapping> =
            titles.iter().map(|title| (title.clone(), ColumnMapping::to(Target::Ignore))).collect();
        let mut found = 0;
        for known in self.columns {
            let title =
                known.titles.iter().find_map(|wanted| titles.iter().find(|title| alike(title, wanted)));
            let Some(title) = title else {
                if known.needed {
                    return None;
                }
                continue;
            };
            found += 1;
            let text = |text: Option<&str>| text.map(str::to_owned);
            let mapping = ColumnMapping {
                to: known.to,
                name: text(known.name),
                cell_type: known.cell_type,
                zone: None,
                prefix: text(known.prefix),
            };
            columns.insert(title.clone(), mapping);
        }
        let states = self.states.iter().map(|(word, state)| ((*word).to_owned(), *state)).collect();
        Some((Mapping { columns, states, ..Mapping::of(self.kind) }, found))
    }
}

/// Titles are compared without spaces and the notes that some exports put in brackets.
fn alike(title: &str, wanted: &str) -> bool {
    let plain = |text: &str| -> String {
        let text = text.split(['(', '（']).next().unwrap_or_default();
        text.chars().filter(|c| !c.is_whitespace() && *c != '\u{FEFF}').collect()
    };
    plain(title) == plain(wanted)
}

/// A mapping somebody keeps.
#[derive(Clone, PartialEq, Debug)]
pub struct Saved {
    pub id: i64,
    pub name: String,
    pub mapping: Mapping,
    pub updated_at: Millis,
}

impl Saved {
    /// Whether the file has every column that this mapping uses.
    fn fits(&self, titles: &[String]) -> Option<(Mapping, usize)> {
        let used = self.mapping.columns.iter().filter(|(_, column)| column.to != Target::Ignore);
        let used: Vec<_> = used.map(|(title, _)| title).collect();
        if used.is_empty() || !used.iter().all(|title| titles.contains(title)) {
            return None;
        }
        let mut mapping = self.mapping.clone();
        mapping.columns.retain(|title, _| titles.contains(title));
        for title in titles {
            mapping.columns.entry(title.clone()).or_insert(ColumnMapping::to(Target::Ignore));
        }
        Some((mapping, used.len()))
    }
}

/// A template that fits a file.
#[derive(Clone, PartialEq, Debug)]
pub struct Fitting {
    /// `taobao_orders`, or `saved:12`.
    pub key: String,
    /// Of a saved one; built-in ones are named by their key.
    pub name: Option<String>,
    pub mapping: Mapping,
    found: usize,
}

/// The templates that fit these titles, the best first: somebody's own before a
/// built-in one, then the one that knows most columns.
pub async fn fitting(db: &Db, viewer: &Viewer, titles: &[String]) -> Result<Vec<Fitting>> {
    let mut fitting = Vec::new();
    for saved in store::list(db, viewer.project).await? {
        if let Some((mapping, found)) = saved.fits(titles) {
            let key = format!("saved:{}", saved.id);
            fitting.push(Fitting { key, name: Some(saved.name), mapping, found });
        }
    }
    for built_in in BUILT_IN {
        if let Some((mapping, found)) = built_in.fit(titles) {
            fitting.push(Fitting { key: built_in.key.to_owned(), name: None, mapping, found });
        }
    }
    fitting.sort_by_key(|fit| (fit.name.is_none(), std::cmp::Reverse(fit.found)));
    Ok(fitting)
}

/// Keeps a mapping under a name, in place of what the name stood for.
pub async fn save(db: &Db, viewer: &Viewer, name: &str, mapping: Mapping, now: Millis) -> Result<Saved> {
    viewer.require(Permission::DataWrite)?;
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
        return Err(Error::invalid("name", format!("must have 1 to {NAME_CHARS_MAX} characters")));
    }
    // What is chosen for one file and one list does not belong to the next.
    let mapping = Mapping { list: None, header_row: None, ..mapping };
    let text = serde_json::to_string(&mapping).map_err(Error::internal)?;
    let mut tx = db.begin().await?;
    if store::count(&mut tx, viewer.project).await? >= TEMPLATES_MAX {
        return Err(Error::new(ErrorCode::TooComplex, "the project keeps too many templates")
            .with("limit", TEMPLATES_MAX.to_string()));
    }
    let id = store::save(&mut tx, viewer.project, name, &text, now).await?;
    let detail = json!({"name": name, "kind": mapping.kind});
    audit(&mut tx, viewer, "imports.template", &format!("import_template:{id}"), detail, now).await?;
    tx.commit().await.map_err(db_error)?;
    Ok(Saved { id, name: name.to_owned(), mapping, updated_at: now })
}

pub async fn remove(db: &Db, viewer: &Viewer, id: i64, now: Millis) -> Result<()> {
    viewer.require(Permission::DataWrite)?;
    let mut tx = db.begin().await?;
    store::remove(&mut tx, viewer.project, id).await?;
    audit(&mut tx, viewer, "imports.template_remove", &format!("import_template:{id}"), json!({}), now)
        .await?;
    tx.commit().await.map_err(db_error)
}
