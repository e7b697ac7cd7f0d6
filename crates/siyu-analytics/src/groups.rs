//! Breakdowns: which groups an event or a person belongs to.
//!
//! A number and a text that is written the same are one group. A list belongs
//! to each of its different elements, so groups of lists may overlap. No value
//! and an empty list are [`Group::Missing`]; an empty text is a value.

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use siyu_events::block::{BOOL_MISSING, TEXT_MISSING};
use siyu_events::{Block, Column, Scan};
use siyu_types::Result;
use siyu_types::analysis::{Breakdown, Group};

use crate::items::{ItemColumn, ItemValue};
use crate::masks::Numbers;
use crate::people::{AttributeColumn, PersonColumns};
pub(crate) use crate::slots::Slots;
use crate::unknown;
use crate::values::{list_elements, number_bits, number_key};

pub(crate) const MISSING: u32 = 0;
pub(crate) const OTHER: u32 = 1;
/// The first named group, or everybody when there is no breakdown.
pub(crate) const FIRST: u32 = 2;
const UNSET: u32 = u32::MAX;
/// More groups than one, which stand elsewhere.
const SEVERAL: u32 = u32::MAX - 1;
/// Names in one dictionary that may all have cells at the same time.
const FEW: usize = 512;

/// Where a breakdown reads its values.
#[derive(Clone)]
pub(crate) enum Source<'a> {
    Whole,
    Property(&'a str),
    Person(AttributeColumn<'a>),
    /// The item that a property names; without a column no item has the field.
    Item(&'a str, Option<ItemColumn<'a>>),
    /// Numbers of a property, between edges.
    Ranges(&'a str, &'a [f64]),
    /// Segments by their ids.
    Segments(Vec<(String, &'a RoaringBitmap)>),
}

impl<'a> Source<'a> {
    pub(crate) fn new(breakdown: Option<&'a Breakdown>, people: &'a dyn PersonColumns) -> Result<Source<'a>> {
        Ok(match breakdown {
            None => Source::Whole,
            Some(Breakdown::Property { name }) => Source::Property(name),
            Some(Breakdown::Attribute { name }) => Source::Person(
                people.attribute(name).ok_or_else(|| unknown("attribute", name).at("breakdown.name"))?,
            ),
            Some(Breakdown::Tag { tag }) => {
                Source::Person(people.tag(*tag).ok_or_else(|| unknown("tag", tag).at("breakdown.tag"))?)
            }
            Some(Breakdown::Item { property, field }) => Source::Item(property, people.item(field)),
            Some(Breakdown::Ranges { property, edges }) => Source::Ranges(property, edges),
            Some(Breakdown::Segments { segments }) => {
                let members = segments.iter().map(|id| {
                    let found =
                        people.segment(*id).ok_or_else(|| unknown("segment", id).at("breakdown.segments"));
                    found.map(|members| (id.to_string(), members))
                });
                Source::Segments(members.collect::<Result<_>>()?)
            }
        })
    }

    pub(crate) fn by_person(&self) -> bool {
        matches!(self, Source::Person(_) | Source::Segments(_))
    }

    /// Whether every block names so few groups that each may have cells of its own. Numbers and
    /// lists do not say how many they are.
    pub(crate) fn few(&self, scan: &Scan) -> bool {
        match self {
            Source::Whole | Source::Ranges(..) | Source::Segments(_) => true,
            Source::Item(..) => false,
            Source::Property(_) => self.divides(scan, FEW),
            Source::Person(column) => match column {
                AttributeColumn::Bool(_) => true,
                AttributeColumn::Text { dictionary, .. } => dictionary.len() <= FEW,
                AttributeColumn::Number(_) | AttributeColumn::List { .. } => false,
            },
        }
    }

    /// Whether an event has one group, or none, and no block names more groups than these.
    pub(crate) fn divides(&self, scan: &Scan, most: usize) -> bool {
        let few = |block: &Block, name: &str| match block.columns.get(name) {
            None | Some(Column::Bool(_)) => true,
            Some(Column::Text { dictionary, list, .. }) => !list && dictionary.len() <= most,
            Some(Column::Number(_)) => false,
        };
        match self {
            Source::Property(name) => scan.blocks.iter().all(|block| few(&block.block, name)),
            Source::Ranges(_, edges) => edges.len() < most,
            _ => false,
        }
    }

    /// The reader for one block; of a person's column it serves all blocks.
    pub(crate) fn reader(&self, block: &'a Block) -> Reader<'a> {
        match self {
            Source::Ranges(name, edges) => {
                Reader::new(Values::Ranges { numbers: Numbers::new(block.columns.get(*name)), edges })
            }
            Source::Segments(segments) => Reader::new(Values::Segments(segments.clone())),
            Source::Whole => Reader { values: Values::Whole, memo: Memo::default() },
            Source::Property(name) => Reader::of_events(block.columns.get(*name)),
            Source::Person(column) => Reader::of_people(*column),
            Source::Item(name, column) => Reader::of_items(block.columns.get(*name), *column),
        }
    }
}

enum Values<'a> {
    Whole,
    None,
    Numbers(&'a [f64]),
    Text { codes: &'a [u32], dictionary: &'a [Box<str>], list: bool },
    Flags(&'a [u8]),
    Lists { starts: &'a [u32], codes: &'a [u32], dictionary: &'a [Box<str>] },
    Items(&'a Column, ItemColumn<'a>),
    Ranges { numbers: Numbers<'a>, edges: &'a [f64] },
    Segments(Vec<(String, &'a RoaringBitmap)>),
}

/// What was already looked up, by dictionary code or by number.
#[derive(Default)]
struct Memo {
    codes: Vec<u32>,
    lists: FxHashMap<u32, Vec<u32>>,
    numbers: FxHashMap<u64, u32>,
    /// By what names the item: a flag, the bits of a number, or a code with several groups.
    items: FxHashMap<u64, Vec<u32>>,
}

impl Memo {
    /// The group of the item that a code of a text column names: one, [`MISSING`], or
    /// [`SEVERAL`], which stand under `items` then.
    #[inline]
    fn item_of(&mut self, column: &Column, code: u32, items: ItemColumn<'_>, slots: &mut Slots<'_>) -> u32 {
        if code == TEXT_MISSING {
            return MISSING;
        }
        let known = self.codes[code as usize];
        if known != UNSET {
            return known;
        }
        let slot = match stored_item(column, u64::from(code), items) {
            ItemValue::Missing => MISSING,
            // Most values: nothing is allocated for them.
            ItemValue::Text(value) => slots.of(value),
            value => match named(value, slots) {
                groups if groups.len() > 1 => {
                    self.items.insert(u64::from(code), groups);
                    SEVERAL
                }
                groups => groups.first().copied().unwrap_or(MISSING),
            },
        };
        self.codes[code as usize] = slot;
        slot
    }
}

/// What decides a group: nothing, so that all are one, or the one word of a row.
pub(crate) enum Word<'a> {
    Any,
    Of { codes: &'a [u32], dictionary: &'a [Box<str>] },
}

/// Reads the groups of one row or person after another.
pub(crate) struct Reader<'a> {
    values: Values<'a>,
    memo: Memo,
}

impl<'a> Reader<'a> {
    pub(crate) fn of_events(column: Option<&'a Column>) -> Reader<'a> {
        let values = match column {
            None => Values::None,
            Some(Column::Number(values)) => Values::Numbers(values),
            Some(Column::Text { codes, dictionary, list }) => Values::Text { codes, dictionary, list: *list },
            Some(Column::Bool(values)) => Values::Flags(values),
        };
        Reader::new(values)
    }

    fn of_items(column: Option<&'a Column>, items: Option<ItemColumn<'a>>) -> Reader<'a> {
        Reader::new(match (column, items) {
            (Some(column), Some(items)) => Values::Items(column, items),
            _ => Values::None,
        })
    }

    pub(crate) fn of_people(column: AttributeColumn<'a>) -> Reader<'a> {
        Reader::new(match column {
            AttributeColumn::Number(values) => Values::Numbers(values),
            AttributeColumn::Text { codes, dictionary } => Values::Text { codes, dictionary, list: false },
            AttributeColumn::Bool(values) => Values::Flags(values),
            AttributeColumn::List { starts, codes, dictionary } => {
                Values::Lists { starts, codes, dictionary }
            }
        })
    }

    fn new(values: Values<'a>) -> Reader<'a> {
        let mut memo = Memo::default();
        if let Values::Text { dictionary, list: false, .. } | Values::Lists { dictionary, .. } = &values {
            memo.codes = vec![UNSET; dictionary.len()];
        }
        if let Values::Ranges { edges, .. } = &values {
            memo.codes = vec![UNSET; edges.len() + 1];
        }
        if let Values::Items(Column::Text { dictionary, .. }, _) = &values {
            memo.codes = vec![UNSET; dictionary.len()];
        }
        Reader { values, memo }
    }

    /// What alone decides the group at an index, if it is that simple.
    pub(crate) fn word(&self) -> Option<Word<'a>> {
        match &self.values {
            Values::Whole => Some(Word::Any),
            Values::Text { codes, dictionary, list: false } => Some(Word::Of { codes, dictionary }),
            _ => None,
        }
    }

    /// The one group at an index; `None` where there may be several, which [`Reader::read`] finds.
    #[inline]
    pub(crate) fn one(&mut self, index: usize, slots: &mut Slots<'_>) -> Option<u32> {
        match &self.values {
            Values::Whole => Some(FIRST),
            Values::None => Some(MISSING),
            Values::Text { codes, dictionary, list: false } => {
                Some(match codes.get(index).copied().unwrap_or(TEXT_MISSING) {
                    TEXT_MISSING => MISSING,
                    code => of_code(code, dictionary, &mut self.memo.codes, slots),
                })
            }
            Values::Items(column @ Column::Text { codes, .. }, items) => {
                let slot = self.memo.item_of(column, codes[index], *items, slots);
                (slot != SEVERAL).then_some(slot)
            }
            _ => None,
        }
    }

    /// Fills `out` with the different groups at an index, at least one.
    #[inline]
    pub(crate) fn read(&mut self, index: usize, slots: &mut Slots<'_>, out: &mut Vec<u32>) {
        out.clear();
        let memo = &mut self.memo;
        match &self.values {
            Values::Whole => out.push(FIRST),
            Values::None => {}
            Values::Numbers(values) => {
                let number = values.get(index).copied().unwrap_or(f64::NAN);
                if !number.is_nan() {
                    let slot = memo.numbers.entry(number_bits(number));
                    out.push(*slot.or_insert_with(|| slots.of(&number_key(number))));
                }
            }
            Values::Flags(values) => {
                let flag = values.get(index).copied().unwrap_or(BOOL_MISSING);
                if flag < BOOL_MISSING {
                    out.push(slots.of(if flag == 1 { "true" } else { "false" }));
                }
            }
            Values::Text { codes, dictionary, list } => {
                let code = codes.get(index).copied().unwrap_or(TEXT_MISSING);
                if code == TEXT_MISSING {
                } else if *list {
                    let known = memo.lists.entry(code);
                    out.extend(known.or_insert_with(|| of_list(&dictionary[code as usize], slots)).iter());
                } else {
                    out.push(of_code(code, dictionary, &mut memo.codes, slots));
                }
            }
            Values::Items(column @ Column::Text { codes, .. }, items) => {
                match memo.item_of(column, codes[index], *items, slots) {
                    SEVERAL => out.extend(memo.items.get(&u64::from(codes[index])).into_iter().flatten()),
                    slot => out.push(slot),
                }
            }
            Values::Items(column, items) => {
                if let Some(key) = item_key(column, index) {
                    let known = memo.items.entry(key);
                    let groups = known.or_insert_with(|| named(stored_item(column, key, *items), slots));
                    out.extend(groups.iter());
                }
            }
            Values::Ranges { numbers, edges } => {
                out.extend(of_range(numbers.at(index), edges, &mut memo.codes, slots));
            }
            Values::Segments(segments) => {
                let own = segments.iter().filter(|(_, members)| members.contains(index as u32));
                out.extend(own.map(|(id, _)| slots.of(id)));
            }
            Values::Lists { starts, codes, dictionary } => {
                if index + 1 < starts.len() {
                    for &code in &codes[starts[index] as usize..starts[index + 1] as usize] {
                        out.push(of_code(code, dictionary, &mut memo.codes, slots));
                    }
                }
            }
        }
        // Several lists and segments may be one group, as all that are not shown.
        out.sort_unstable();
        out.dedup();
        if out.is_empty() {
            out.push(MISSING);
        }
    }
}

fn of_range(number: f64, edges: &[f64], memo: &mut [u32], slots: &mut Slots<'_>) -> Option<u32> {
    if number.is_nan() {
        return None;
    }
    let range = edges.partition_point(|edge| *edge <= number);
    if memo[range] == UNSET {
        memo[range] = slots.of(&range_name(edges, range));
    }
    Some(memo[range])
}

/// `..10`, `10..20`, `20..`.
pub(crate) fn range_name(edges: &[f64], range: usize) -> String {
    let edge = |at: Option<usize>| {
        at.and_then(|at| edges.get(at)).map_or_else(String::new, |edge| number_key(*edge))
    };
    format!("{}..{}", edge(range.checked_sub(1)), edge(Some(range)))
}

fn of_code(code: u32, dictionary: &[Box<str>], memo: &mut [u32], slots: &mut Slots<'_>) -> u32 {
    let slot = &mut memo[code as usize];
    if *slot == UNSET {
        *slot = slots.of(&dictionary[code as usize]);
    }
    *slot
}

/// What names the item of a row, in its column's own form.
fn item_key(column: &Column, row: usize) -> Option<u64> {
    match column {
        Column::Text { codes, .. } => Some(codes[row]).filter(|code| *code != TEXT_MISSING).map(u64::from),
        Column::Number(values) => Some(values[row]).filter(|number| !number.is_nan()).map(f64::to_bits),
        Column::Bool(flags) => Some(flags[row]).filter(|flag| *flag < BOOL_MISSING).map(u64::from),
    }
}

/// The value of the item that a key of a column names.
fn stored_item<'a>(column: &Column, key: u64, items: ItemColumn<'a>) -> ItemValue<'a> {
    match column {
        Column::Text { dictionary, list, .. } => items.stored(&dictionary[key as usize], *list),
        Column::Number(_) => items.of_number(f64::from_bits(key)),
        Column::Bool(_) => items.of_flag(key == 1),
    }
}

/// The different groups of a value, ascending.
fn named(value: ItemValue<'_>, slots: &mut Slots<'_>) -> Vec<u32> {
    let mut found: Vec<u32> = value.groups().iter().map(|group| slots.of(group)).collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn of_list(text: &str, slots: &mut Slots<'_>) -> Vec<u32> {
    let mut found: Vec<u32> = match list_elements(text) {
        Some(items) => items.iter().map(|item| slots.of(item)).collect(),
        None => vec![slots.of(text)],
    };
    found.sort_unstable();
    found.dedup();
    found
}

/// At most so many of the largest groups by name, largest first, equal ones by name.
pub(crate) fn largest(sizes: impl IntoIterator<Item = (String, f64)>, most: usize) -> Vec<String> {
    let mut sizes: Vec<_> = sizes.into_iter().collect();
    sizes.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    sizes.truncate(most);
    sizes.into_iter().map(|(name, _)| name).collect()
}

/// Numbers for chosen names, for [`Slots::Fixed`].
pub(crate) fn fixed(names: &[String]) -> FxHashMap<String, u32> {
    names.iter().cloned().zip(FIRST..).collect()
}

/// The groups in the order they are shown, with their slots.
pub(crate) fn shown(names: &[String]) -> Vec<(u32, Group)> {
    let values = names.iter().zip(FIRST..).map(|(value, slot)| (slot, Group::Value { value: value.clone() }));
    values.chain([(MISSING, Group::Missing), (OTHER, Group::Other)]).collect()
}
