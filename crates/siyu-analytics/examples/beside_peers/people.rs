//! The people: their tags and one stored segment, made from hashes of number and tag alone.

use std::fmt::Write as _;
use std::path::Path;

use roaring::RoaringBitmap;
use siyu_analytics::{AttributeColumn, PersonColumns};
use siyu_events::{BOOL_MISSING, TEXT_MISSING};
use siyu_testkit::random::mix;
use siyu_types::Result;
use siyu_types::relation::RelationSide;

/// Tags that somebody has or not: 0.5 % of people have the first, 70 % the last.
pub(crate) const TAGS: u64 = 40;
/// The tag with one of several texts.
pub(crate) const LEVEL: i64 = TAGS as i64;
const LEVELS: [&str; 8] = ["l0", "l1", "l2", "l3", "l4", "l5", "l6", "l7"];
/// The segment with a fifth of the people.
pub(crate) const MEMBERS: i64 = 1;

pub(crate) struct People {
    all: RoaringBitmap,
    members: RoaringBitmap,
    /// By tag and person.
    tags: Vec<Vec<u8>>,
    levels: Vec<u32>,
    level_names: Vec<Box<str>>,
}

/// Of a thousand people, how many have a tag.
fn density(tag: u64) -> u64 {
    5 + 695 * tag * tag / ((TAGS - 1) * (TAGS - 1))
}

impl People {
    pub(crate) fn of(users: u32) -> People {
        let draw = |person: u32, salt: u64| mix(u64::from(person) << 8 | salt);
        let has = |person: u32, tag: u64| match draw(person, tag) % 1_000 < density(tag) {
            true => 1,
            false => BOOL_MISSING,
        };
        // One person in five has no level.
        let level = |person: u32| match draw(person, 200) % 10 {
            level @ 0..8 => level as u32,
            _ => TEXT_MISSING,
        };
        People {
            all: (0..users).collect(),
            members: (0..users).filter(|person| draw(*person, 201).is_multiple_of(5)).collect(),
            tags: (0..TAGS).map(|tag| (0..users).map(|person| has(person, tag)).collect()).collect(),
            levels: (0..users).map(level).collect(),
            level_names: LEVELS.map(Box::from).to_vec(),
        }
    }

    /// Writes one line per person for the peers.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        let mut text = "person,member,level".to_owned();
        (0..TAGS).for_each(|tag| text.extend([format!(",t{tag:02}")]));
        text.push('\n');
        for person in &self.all {
            let level = self.levels[person as usize];
            let level = self.level_names.get(level as usize).map_or("missing", |level| level);
            let member = u8::from(self.members.contains(person));
            // Writing to a text cannot fail.
            let _ = write!(text, "{person},{member},{level}");
            let has = self.tags.iter().map(|tag| if tag[person as usize] == 1 { ",1" } else { ",0" });
            text.extend(has);
            text.push('\n');
        }
        Ok(std::fs::write(path, text)?)
    }
}

impl PersonColumns for People {
    fn universe(&self) -> &RoaringBitmap {
        &self.all
    }
    fn attribute(&self, _name: &str) -> Option<AttributeColumn<'_>> {
        None
    }
    fn tag(&self, id: i64) -> Option<AttributeColumn<'_>> {
        match id {
            LEVEL => Some(AttributeColumn::Text { codes: &self.levels, dictionary: &self.level_names }),
            _ => self.tags.get(id as usize).map(|tag| AttributeColumn::Bool(tag)),
        }
    }
    fn segment(&self, id: i64) -> Option<&RoaringBitmap> {
        (id == MEMBERS).then_some(&self.members)
    }
    fn related(&self, _: &str, _: RelationSide, _: i64) -> Option<Vec<(u32, u32)>> {
        None
    }
    /// A second number lies beyond all first ones.
    fn person(&self, number: u32) -> u32 {
        match number.checked_sub(self.levels.len() as u32) {
            Some(second) => second * crate::data::MERGED_EVERY,
            None => number,
        }
    }
}
