//! Small worlds for tests: events and attributes of a few people, written down
//! one by one and turned into the blocks and columns that the kernels read.

pub(crate) mod cases;
pub(crate) mod orders;
pub(crate) mod plain;
pub(crate) mod random;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::tz::TimeZone;
use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use siyu_events::block::{BOOL_MISSING, TEXT_MISSING};
use siyu_events::{Block, Column, Loose, Scan, ScanBlock, Skeleton, Skip};
use siyu_types::calendar::InstantRange;
use siyu_types::clock::Millis;
use siyu_types::relation::RelationSide;
use siyu_types::value::Props;
use siyu_types::{ItemField, Value, calendar};

use crate::{AttributeColumn, Context, ItemColumn, ItemTable, ItemValue, PersonColumns, PersonRow};

#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) person: u32,
    pub(crate) time: Millis,
    pub(crate) name: String,
    pub(crate) props: Props,
}

/// Everything a question can be asked of, as plain as possible.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) zone: TimeZone,
    pub(crate) as_of: Millis,
    /// In arrival order.
    pub(crate) events: Vec<Event>,
    pub(crate) living: BTreeSet<u32>,
    pub(crate) attributes: BTreeMap<String, BTreeMap<u32, Value>>,
    pub(crate) tags: BTreeMap<i64, BTreeMap<u32, Value>>,
    pub(crate) segments: BTreeMap<i64, BTreeSet<u32>>,
    /// Who is related with whom, by kind: `(from, to)`, at all times.
    pub(crate) relations: BTreeMap<String, BTreeSet<(u32, u32)>>,
    /// By field, then by the item's id.
    pub(crate) items: BTreeMap<ItemField, BTreeMap<String, Value>>,
}

impl World {
    pub(crate) fn new(zone: &str) -> World {
        World {
            zone: calendar::zone(zone).expect("a known zone"),
            as_of: 0,
            events: Vec::new(),
            living: BTreeSet::new(),
            attributes: BTreeMap::new(),
            tags: BTreeMap::new(),
            segments: BTreeMap::new(),
            relations: BTreeMap::new(),
            items: BTreeMap::new(),
        }
    }

    /// Pairs of a kind with the person of `side` first.
    pub(crate) fn related(&self, relation: &str, side: RelationSide) -> Option<Vec<(u32, u32)>> {
        let pairs = self.relations.get(relation)?.iter();
        let mut pairs: Vec<_> = match side {
            RelationSide::From => pairs.copied().collect(),
            RelationSide::To => pairs.map(|(from, to)| (*to, *from)).collect(),
        };
        pairs.sort_unstable();
        Some(pairs)
    }

    /// What is known of an item.
    pub(crate) fn item(&self, field: &ItemField, id: &str) -> Option<Value> {
        self.items.get(field)?.get(id).cloned()
    }

    /// A person's events by time, then arrival.
    pub(crate) fn events_of(&self, person: u32) -> Vec<&Event> {
        let mut events: Vec<_> = self.events.iter().filter(|event| event.person == person).collect();
        events.sort_by_key(|event| event.time);
        events
    }

    /// Builds blocks of `width` people each. Everybody of the second block also
    /// stands, less completely, in the first, which must be passed over there.
    pub(crate) fn build(&self, width: usize) -> Built {
        let names: BTreeSet<&str> = self.events.iter().map(|event| event.name.as_str()).collect();
        let names: Vec<&str> = names.into_iter().collect();
        let people: BTreeSet<u32> = self.events.iter().map(|event| event.person).collect();
        let people: Vec<u32> = people.into_iter().collect();
        let groups: Vec<&[u32]> = people.chunks(width.max(1)).collect();
        let mut blocks = Vec::new();
        for (index, group) in groups.iter().enumerate() {
            let stale: &[u32] = if index == 0 { groups.get(1).copied().unwrap_or(&[]) } else { &[] };
            let block = self.block(group, stale, &names);
            let skip = Skip::of(&stale.iter().copied().collect()).map(Arc::new);
            blocks.push(ScanBlock { block: Arc::new(block), skip });
        }
        let event_names = names.iter().map(|&name| name.into()).collect();
        Built {
            world: self.clone(),
            scan: Scan { loose: Some(loose(&blocks)), blocks, event_names },
            universe: self.living.iter().copied().collect(),
            attributes: self.attributes.iter().map(|(name, values)| (name.clone(), owned(values))).collect(),
            tags: self.tags.iter().map(|(id, values)| (*id, owned(values))).collect(),
            segments: self.segments.iter().map(|(id, m)| (*id, m.iter().copied().collect())).collect(),
        }
    }

    fn block(&self, group: &[u32], stale: &[u32], names: &[&str]) -> Block {
        let mut block = Skeleton { starts: vec![0], ..Skeleton::default() };
        let mut rows: Vec<&Event> = Vec::new();
        for &person in group.iter().chain(stale) {
            let mut events = self.events_of(person);
            if stale.contains(&person) {
                events.truncate(events.len() / 2);
            }
            rows.extend(events);
            block.persons.push(person);
            block.starts.push(rows.len() as u32);
        }
        block.times = rows.iter().map(|event| event.time).collect();
        let code = |event: &&Event| names.iter().position(|name| *name == event.name).expect("known") as u16;
        block.events = rows.iter().map(code).collect();
        let mut block = Block::from(block);
        let properties: BTreeSet<&String> = rows.iter().flat_map(|event| event.props.keys()).collect();
        for property in properties {
            let values: Vec<Option<&Value>> = rows.iter().map(|event| event.props.get(property)).collect();
            block.columns.insert(property.clone(), column(&values));
        }
        block
    }
}

fn column(values: &[Option<&Value>]) -> Column {
    let all = |fits: fn(&Value) -> bool| values.iter().flatten().all(|value| fits(value));
    if all(|value| matches!(value, Value::Number(_))) {
        let number = |value: &Option<&Value>| value.and_then(Value::as_number).unwrap_or(f64::NAN);
        return Column::Number(values.iter().map(number).collect());
    }
    if all(|value| matches!(value, Value::Bool(_))) {
        let flag = |value: &Option<&Value>| match value {
            Some(Value::Bool(flag)) => u8::from(*flag),
            _ => BOOL_MISSING,
        };
        return Column::Bool(values.iter().map(flag).collect());
    }
    let list = values.iter().flatten().any(|value| matches!(value, Value::List(_)));
    let mut dictionary = Dictionary::default();
    let codes = values.iter().map(|value| match value {
        None => TEXT_MISSING,
        Some(Value::List(items)) => dictionary.code(&serde_json::to_string(items).expect("texts")),
        Some(other) => dictionary.code(&other.display()),
    });
    let codes = codes.collect();
    Column::Text { codes, dictionary: dictionary.texts.into(), list }
}

#[derive(Default)]
struct Dictionary {
    texts: Vec<Box<str>>,
    codes: FxHashMap<String, u32>,
}

impl Dictionary {
    fn code(&mut self, text: &str) -> u32 {
        *self.codes.entry(text.to_owned()).or_insert_with(|| {
            self.texts.push(text.into());
            self.texts.len() as u32 - 1
        })
    }
}

enum Owned {
    Number(Vec<f64>),
    Bool(Vec<u8>),
    Text(Vec<u32>, Vec<Box<str>>),
    List(Vec<u32>, Vec<u32>, Vec<Box<str>>),
}

/// Numbers of the random worlds are smaller.
const FURTHER: u32 = 1 << 12;

/// The blocks as if everybody had a further number.
fn loose(blocks: &[ScanBlock]) -> Loose {
    let owners =
        blocks.iter().flat_map(|block| block.block.persons.iter().map(|person| (person + FURTHER, *person)));
    Loose { owners: vec![owners.collect()], blocks: blocks.iter().flat_map(halves).collect() }
}

/// Every other event of everybody, and the rest under further numbers.
fn halves(scanned: &ScanBlock) -> [ScanBlock; 2] {
    [0, 1].map(|half| {
        let block = &*scanned.block;
        let mut own = Skeleton { starts: vec![0], ..Skeleton::default() };
        let mut rows = Vec::new();
        for (person, run) in scanned.runs() {
            let known = rows.len();
            rows.extend(run.clone().filter(|row| (row - run.start) % 2 == half));
            if rows.len() > known {
                own.persons.push(person + FURTHER * half as u32);
                own.starts.push(rows.len() as u32);
            }
        }
        own.times = rows.iter().map(|row| block.times[*row]).collect();
        own.events = rows.iter().map(|row| block.events[*row]).collect();
        let columns = block.columns.iter().map(|(name, column)| {
            let column = match column {
                Column::Number(numbers) => Column::Number(rows.iter().map(|row| numbers[*row]).collect()),
                Column::Bool(flags) => Column::Bool(rows.iter().map(|row| flags[*row]).collect()),
                Column::Text { codes, dictionary, list } => Column::Text {
                    codes: rows.iter().map(|row| codes[*row]).collect(),
                    dictionary: Arc::clone(dictionary),
                    list: *list,
                },
            };
            (name.clone(), column)
        });
        let mut own = Block::from(own);
        own.columns = columns.collect();
        ScanBlock { block: Arc::new(own), skip: None }
    })
}

fn owned(values: &BTreeMap<u32, Value>) -> Owned {
    let count = values.keys().next_back().map_or(0, |last| last + 1);
    let slots: Vec<Option<&Value>> = (0..count).map(|person| values.get(&person)).collect();
    if values.values().any(|value| matches!(value, Value::List(_))) {
        let (mut starts, mut codes, mut dictionary) = (vec![0], Vec::new(), Dictionary::default());
        for value in slots {
            if let Some(Value::List(items)) = value {
                codes.extend(items.iter().map(|item| dictionary.code(item)));
            }
            starts.push(codes.len() as u32);
        }
        return Owned::List(starts, codes, dictionary.texts);
    }
    match column(&slots) {
        Column::Number(values) => Owned::Number(values.to_vec()),
        Column::Bool(values) => Owned::Bool(values.to_vec()),
        Column::Text { codes, dictionary, .. } => Owned::Text(codes.to_vec(), dictionary.to_vec()),
    }
}

/// A world as blocks and columns.
pub(crate) struct Built {
    pub(crate) world: World,
    pub(crate) scan: Scan,
    universe: RoaringBitmap,
    attributes: BTreeMap<String, Owned>,
    tags: BTreeMap<i64, Owned>,
    segments: BTreeMap<i64, RoaringBitmap>,
}

impl Built {
    pub(crate) fn context(&self) -> Context<'_> {
        Context { people: self, scan: &self.scan, as_of: self.world.as_of, zone: &self.world.zone }
    }
}

fn borrowed(owned: &Owned) -> AttributeColumn<'_> {
    match owned {
        Owned::Number(values) => AttributeColumn::Number(values),
        Owned::Bool(values) => AttributeColumn::Bool(values),
        Owned::Text(codes, dictionary) => AttributeColumn::Text { codes, dictionary },
        Owned::List(starts, codes, dictionary) => AttributeColumn::List { starts, codes, dictionary },
    }
}

impl PersonColumns for Built {
    fn universe(&self) -> &RoaringBitmap {
        &self.universe
    }
    fn attribute(&self, name: &str) -> Option<AttributeColumn<'_>> {
        self.attributes.get(name).map(borrowed)
    }
    fn tag(&self, id: i64) -> Option<AttributeColumn<'_>> {
        self.tags.get(&id).map(borrowed)
    }
    fn segment(&self, id: i64) -> Option<&RoaringBitmap> {
        self.segments.get(&id)
    }
    fn related(&self, relation: &str, side: RelationSide, _at: Millis) -> Option<Vec<(u32, u32)>> {
        self.world.related(relation, side)
    }
    fn person(&self, number: u32) -> u32 {
        number
    }
    fn item(&self, field: &ItemField) -> Option<ItemColumn<'_>> {
        let place = self.world.items.keys().position(|known| known == field)?;
        Some(ItemColumn { table: self, field: place as u32 })
    }
}

impl ItemTable for Built {
    fn value(&self, field: u32, id: &str) -> ItemValue<'_> {
        let known = self.world.items.values().nth(field as usize);
        match known.and_then(|items| items.get(id)) {
            None => ItemValue::Missing,
            Some(Value::Number(number)) => ItemValue::Number(*number),
            Some(Value::Bool(flag)) => ItemValue::Bool(*flag),
            Some(Value::Text(text)) => ItemValue::Text(text),
            Some(Value::List(parts)) => {
                ItemValue::List(parts.iter().map(|part| part.as_str().into()).collect())
            }
        }
    }
}

/// One person of a world.
pub(crate) struct Row<'w> {
    pub(crate) world: &'w World,
    pub(crate) person: u32,
}

impl PersonRow for Row<'_> {
    fn attribute(&self, name: &str) -> Option<Value> {
        self.world.attributes.get(name)?.get(&self.person).cloned()
    }
    fn tag(&self, id: i64) -> Option<Value> {
        self.world.tags.get(&id)?.get(&self.person).cloned()
    }
    fn segment(&self, id: i64) -> Option<bool> {
        Some(self.world.segments.get(&id)?.contains(&self.person))
    }
    fn related(&self, relation: &str, side: RelationSide, _at: Millis) -> Option<Vec<u32>> {
        let pairs = self.world.related(relation, side)?.into_iter();
        Some(pairs.filter(|(person, _)| *person == self.person).map(|(_, other)| other).collect())
    }
    fn other_in_segment(&self, other: u32, id: i64) -> Option<bool> {
        Some(self.world.segments.get(&id)?.contains(&other))
    }
    fn person(&self, number: u32) -> u32 {
        number
    }
    fn item(&self, field: &ItemField, id: &str) -> Option<Value> {
        self.world.item(field, id)
    }
    fn events(&self, name: &str, range: InstantRange, see: &mut dyn FnMut(Millis, &Props)) {
        for event in self.world.events_of(self.person) {
            if event.name == name && (range.from..range.to).contains(&event.time) {
                see(event.time, &event.props);
            }
        }
    }
}
