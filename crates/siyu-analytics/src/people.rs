//! How the analyses see people: as columns over all of them, or as one row.

use roaring::RoaringBitmap;
use siyu_types::calendar::InstantRange;
use siyu_types::clock::Millis;
use siyu_types::relation::RelationSide;
use siyu_types::value::Props;
use siyu_types::{ItemField, Value};

use crate::items::ItemColumn;

/// Columns over all people of a project, indexed by person number.
pub trait PersonColumns: Sync {
    /// The living people, each by the one number they are known by now.
    /// "Not" and "did not" range over these; nobody else is ever counted.
    fn universe(&self) -> &RoaringBitmap;
    /// `None`: no such attribute exists (the question is answered by `unknown_name`).
    fn attribute(&self, name: &str) -> Option<AttributeColumn<'_>>;
    /// `None`: no such tag. A tag that was never computed is an empty column.
    fn tag(&self, id: i64) -> Option<AttributeColumn<'_>>;
    /// `None`: no such segment.
    fn segment(&self, id: i64) -> Option<&RoaringBitmap>;
    /// Every living person at this end of a kind of relation, with each other one they are
    /// related with at that instant; sorted, each pair once. `None`: no such kind.
    fn related(&self, relation: &str, side: RelationSide, at: Millis) -> Option<Vec<(u32, u32)>>;
    /// The person that a number belongs to now.
    fn person(&self, number: u32) -> u32;
    /// A field of the items that events name. `None`: no item has it.
    fn item(&self, _field: &ItemField) -> Option<ItemColumn<'_>> {
        None
    }
}

/// One value per person; a column may end before the universe does, and people
/// beyond its end have no value.
#[derive(Clone, Copy, Debug)]
pub enum AttributeColumn<'a> {
    /// NaN is missing.
    Number(&'a [f64]),
    /// [`siyu_events::block::TEXT_MISSING`] is missing.
    Text { codes: &'a [u32], dictionary: &'a [Box<str>] },
    /// [`siyu_events::block::BOOL_MISSING`] is missing.
    Bool(&'a [u8]),
    /// Person `i` has `codes[starts[i]..starts[i + 1]]`; a list without elements is missing.
    List { starts: &'a [u32], codes: &'a [u32], dictionary: &'a [Box<str>] },
}

impl AttributeColumn<'_> {
    /// An empty column: nobody has a value.
    pub const EMPTY: AttributeColumn<'static> = AttributeColumn::Number(&[]);
}

/// One person, for conditions that are asked in real time.
pub trait PersonRow {
    fn attribute(&self, name: &str) -> Option<Value>;
    fn tag(&self, id: i64) -> Option<Value>;
    /// Whether the person is a member, or `None` if there is no such segment.
    fn segment(&self, id: i64) -> Option<bool>;
    /// The others whom the person, at this end, is related with at that instant, each once.
    /// `None`: no such kind.
    fn related(&self, relation: &str, side: RelationSide, at: Millis) -> Option<Vec<u32>>;
    /// Whether somebody else is a member, or `None` if there is no such segment.
    fn other_in_segment(&self, other: u32, id: i64) -> Option<bool>;
    /// The person that a number belongs to now.
    fn person(&self, number: u32) -> u32;
    /// What is known of an item, by its id.
    fn item(&self, _field: &ItemField, _id: &str) -> Option<Value> {
        None
    }
    /// Calls `see` with each stored event of this name and in this range, times ascending.
    fn events(&self, name: &str, range: InstantRange, see: &mut dyn FnMut(Millis, &Props));
}
