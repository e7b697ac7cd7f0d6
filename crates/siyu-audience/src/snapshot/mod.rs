//! People on disk: parts named by their content, so that unchanged parts are not
//! written again and a part that is being written is never one that is in use.

mod codec;
mod graph;
mod items;
mod profiles;
mod relations;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use siyu_types::ports::Vault;
use siyu_types::{Error, Result};

use crate::items::Table;
use crate::people::People;
use codec::{Reader, Writer};

/// Of the format. A reader must know every version that was ever written.
/// Since 3 a node without text is one that was erased, and a text without letters may stand
/// in a dictionary more than once.
/// Since 4 a row knows what was put right by hand.
/// Since 5 there may be relations, in parts with a version of their own.
/// Since 6 a row no longer counts orders.
const VERSION: u32 = 6;
/// Identifiers, links and numbers per part.
const PART_ROWS: usize = 65_536;
/// Fast; the parts are mostly integers and short texts.
const COMPRESSION: i32 = 1;
/// How names of parts end. One does not end as the other.
const OPEN_END: &str = ".zst";
const SEALED_END: &str = ".sealed.zst";
/// What sealed parts are tied to.
const PLACE: &str = "people";

/// Names the files of one snapshot. Belongs into the pipeline's manifest.
#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
pub struct PeopleState {
    /// Of the format; older ones stay readable.
    pub version: u32,
    /// In reading order.
    pub files: Vec<String>,
}

/// Writes parts into a folder.
struct Parts<'a> {
    dir: &'a Path,
    files: Vec<String>,
    vault: Option<&'a dyn Vault>,
}

impl Parts<'_> {
    fn add(&mut self, part: &str, content: &Writer) -> Result<()> {
        let vault = self.vault.filter(|vault| vault.seals());
        // Another name, so that a part that was written open is not taken for it.
        let end = if vault.is_some() { SEALED_END } else { OPEN_END };
        let name = format!("{part}-{:032x}{end}", xxhash_rust::xxh3::xxh3_128(&content.bytes));
        let path = self.dir.join(&name);
        if !path.exists() {
            let packed = zstd::bulk::compress(&content.bytes, COMPRESSION)?;
            let packed = match vault {
                Some(vault) => vault.seal(PLACE, &packed)?,
                None => packed,
            };
            let temporary = self.dir.join(format!("{name}.part"));
            let mut file = File::create(&temporary)?;
            file.write_all(&packed)?;
            file.sync_all()?;
            fs::rename(&temporary, &path)?;
        }
        self.files.push(name);
        Ok(())
    }
}

pub(crate) fn write(people: &People, dir: &Path) -> Result<PeopleState> {
    fs::create_dir_all(dir)?;
    let mut parts = Parts { dir, files: Vec::new(), vault: people.vault.as_deref() };
    graph::write(&people.graph, &mut parts)?;
    graph::write_gaps(&people.graph, &mut parts)?;
    profiles::write(&people.profiles, &mut parts)?;
    items::write(&people.items, &mut parts)?;
    relations::write(&people.relations, &mut parts)?;
    File::open(dir)?.sync_all()?;
    Ok(PeopleState { version: VERSION, files: parts.files })
}

pub(crate) fn read(dir: &Path, state: &PeopleState, vault: Option<Arc<dyn Vault>>) -> Result<People> {
    if state.version > VERSION {
        return Err(Error::internal(format!(
            "the people snapshot has format {}, this version knows up to {VERSION}",
            state.version
        )));
    }
    let mut people = People::default();
    for name in &state.files {
        let bytes = unpack(dir, name, vault.as_deref())?;
        let mut reader = Reader::new(&bytes);
        let part = name.split(['-', '.']).next().unwrap_or_default();
        match part {
            "graph" => graph::read_meta(&mut people.graph, &mut reader, state.version)?,
            "nodes" => graph::read_nodes(&mut people.graph, &mut reader, state.version)?,
            "gaps" => graph::read_gaps(&mut people.graph, &mut reader)?,
            "edges" => graph::read_edges(&mut people.graph, &mut reader, state.version)?,
            "properties" => profiles::read_meta(&mut people.profiles, &mut reader)?,
            "texts" => profiles::read_texts(&mut people.profiles, &mut reader)?,
            "rows" => profiles::read_rows(&mut people.profiles, &mut reader, state.version)?,
            "sources" => profiles::read_sources(&mut people.profiles, &mut reader)?,
            "items" => items::read_untagged(&mut people.items, &mut reader)?,
            "itemrows" => items::read(&mut people.items, &mut reader)?,
            "relations" => relations::read_meta(&mut people.relations, &mut reader)?,
            "ties" => {
                let numbers = people.graph.atom_count();
                relations::read_ties(&mut people.relations, &mut reader, numbers)?;
            }
            _ => return Err(Error::internal(format!("unknown part {part:?} of a people snapshot"))),
        }
        if !reader.at_end() {
            return Err(Error::internal(format!("{name} holds more than it should")));
        }
    }
    people.items.types.values_mut().for_each(Table::count);
    if state.version == 1 {
        people.graph.name_users_by_node();
    }
    if !state.files.iter().any(|name| name.starts_with("gaps-")) {
        people.graph.links.gaps_since = people.graph.last_instant();
    }
    people.graph.rebuild();
    people.profiles.grow(people.graph.atom_count());
    people.profiles.rebuild(&people.graph);
    let remap = people.graph.remap();
    let living = (0..people.graph.atom_count())
        .filter(|number| remap.person(*number) == *number && !people.graph.is_gone(*number));
    people.universe = living.collect();
    people.vault = vault;
    Ok(people)
}

fn unpack(dir: &Path, name: &str, vault: Option<&dyn Vault>) -> Result<Vec<u8>> {
    let file = fs::read(dir.join(name)).map_err(|error| Error::internal(format!("{name}: {error}")))?;
    let file = match vault {
        Some(vault) => vault.open(PLACE, &file)?.unwrap_or(file),
        None => file,
    };
    let damaged = || Error::internal(format!("{name} is damaged"));
    let bytes = zstd::decode_all(file.as_slice()).map_err(|_| damaged())?;
    let expected = format!("-{:032x}", xxhash_rust::xxh3::xxh3_128(&bytes));
    let stem = name.strip_suffix(SEALED_END).or_else(|| name.strip_suffix(OPEN_END));
    if !stem.is_some_and(|stem| stem.ends_with(&expected)) {
        return Err(damaged());
    }
    Ok(bytes)
}

/// Deletes what the stored state does not name: replaced parts and leftovers.
pub(crate) fn retire(dir: &Path, state: &PeopleState) -> Result<()> {
    let kept: BTreeSet<&str> = state.files.iter().map(String::as_str).collect();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let ours = name.ends_with(".zst") || name.ends_with(".zst.part");
        if ours && !kept.contains(&*name) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
