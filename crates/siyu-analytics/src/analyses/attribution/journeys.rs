//! The pass over the events: what each person touched on the way to which conversion.

use std::ops::Range;

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use siyu_events::{Block, Column};
use siyu_types::analysis::{
    AttributionDirect, AttributionKey, AttributionModel, AttributionQuery, AttributionTouch, GROUPS_MAX,
};
use siyu_types::calendar::InstantRange;
use siyu_types::clock::Millis;
use siyu_types::{Error, Result};

use super::credit::{Step, weigh};
use crate::Context;
use crate::buckets::asked;
use crate::gains::{self, Gained, Gains};
use crate::groups::{FIRST, MISSING, OTHER, Reader, Slots, fixed, largest};
use crate::keys::Keys;
use crate::masks::EventTest;
use crate::outcomes::Outcomes;
use crate::pass::{People, Piece, over_parts};
use crate::roles::Roles;
use crate::wanted::Wanted;

/// The slots of touches: without a value, the rest, values, kinds.
pub(super) struct Names {
    values: Vec<String>,
    numbers: FxHashMap<String, u32>,
    kinds: usize,
}

impl Names {
    fn new(values: Vec<String>, kinds: usize) -> Names {
        Names { numbers: fixed(&values), values, kinds }
    }

    pub(super) fn slots(&self) -> usize {
        FIRST as usize + self.values.len() + self.kinds
    }

    fn kind(&self, kind: usize) -> u32 {
        FIRST + (self.values.len() + kind) as u32
    }

    pub(super) fn key(&self, slot: usize) -> AttributionKey {
        match slot {
            _ if slot == MISSING as usize => AttributionKey::Missing,
            _ if slot == OTHER as usize => AttributionKey::Other,
            _ => match self.values.get(slot - FIRST as usize) {
                Some(value) => AttributionKey::Value { value: value.clone() },
                None => AttributionKey::Touch { touch: slot - FIRST as usize - self.values.len() },
            },
        }
    }

    /// The slot of a key. A value that is not shown on its own takes a place among those that are.
    pub(super) fn find(&mut self, key: &AttributionKey) -> Result<u32> {
        Ok(match key {
            AttributionKey::Missing => MISSING,
            AttributionKey::Other | AttributionKey::None => OTHER,
            AttributionKey::Touch { touch } if *touch < self.kinds => self.kind(*touch),
            AttributionKey::Touch { .. } => {
                return Err(Error::invalid("cell.key.touch", "the question has no such touch"));
            }
            AttributionKey::Value { value } => {
                if !self.numbers.contains_key(value) {
                    *self = Names::new(vec![value.clone()], self.kinds);
                }
                self.numbers[value]
            }
        })
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Touch {
    pub(super) slot: u32,
    pub(super) direct: bool,
    /// In the range, or before a conversion in it.
    pub(super) counted: bool,
    time: Millis,
    link: u64,
    in_range: bool,
    /// It led to a conversion, wherever that lies.
    used: bool,
}

/// A conversion in the range.
pub(super) struct Converted {
    pub(super) value: i64,
    /// Into the person's path.
    pub(super) path: Range<usize>,
}

/// What one person did.
#[derive(Default)]
pub(super) struct Person {
    pub(super) touches: Vec<Touch>,
    pub(super) conversions: Vec<Converted>,
    /// Journeys that led to none.
    pub(super) unconverted: Vec<Range<usize>>,
    pub(super) path: Vec<Step>,
}

impl Person {
    pub(super) fn has(&self, one: &Converted, slot: u32) -> bool {
        self.path[one.path.clone()].iter().any(|step| step.slot == slot)
    }

    /// Whether a model credits a touch with any conversion.
    pub(super) fn credits(&self, model: AttributionModel, slot: u32) -> bool {
        let mut weights = Vec::new();
        self.conversions.iter().any(|one| {
            let path = &self.path[one.path.clone()];
            weigh(model, path, &mut weights);
            path.iter().zip(&weights).any(|(step, weight)| step.slot == slot && *weight > 0)
        })
    }
}

/// The query, prepared for one scan.
pub(super) struct Journeys<'q> {
    touches: &'q [AttributionTouch],
    direct: &'q AttributionDirect,
    /// Numbers for the values that are direct.
    direct_values: FxHashMap<String, u32>,
    link: Option<&'q str>,
    consume: bool,
    collapse: bool,
    roles: Roles<'q>,
    gains: Gains<'q>,
    wanted: Wanted,
    chosen: People,
    pub(super) names: Names,
    pub(super) window: i64,
    range: InstantRange,
    /// Where the range ends, known or not.
    pub(super) end: Millis,
    as_of: Millis,
}

impl<'q> Journeys<'q> {
    pub(super) fn new(
        query: &'q AttributionQuery,
        context: &Context<'q>,
        within: Option<&RoaringBitmap>,
    ) -> Result<Journeys<'q>> {
        let chosen = People::of(&*context.chosen(query.segment, within)?);
        let targets = gains::events(&query.target);
        let asked = asked(&query.range, &targets.iter().collect::<Vec<_>>(), context, &chosen)?;
        let tests = query.touches.iter();
        let tests = tests.map(|touch| EventTest::new(&touch.event.event, &touch.event.filters, context));
        let (roles, gains) = (Roles::new(tests.collect()), Gains::new(&query.target, context));
        let mut kind = Journeys {
            touches: &query.touches,
            direct: &query.direct,
            direct_values: fixed(&query.direct.values),
            link: query.link.as_deref(),
            consume: query.consume,
            collapse: query.collapse,
            wanted: Wanted::either(&roles.wanted, gains.wanted()),
            roles,
            gains,
            chosen,
            names: Names::new(Vec::new(), query.touches.len()),
            window: i64::from(query.window_seconds) * 1_000,
            range: context.known(asked),
            end: asked.to,
            as_of: context.as_of,
        };
        if query.touches.iter().any(|touch| touch.property.is_some()) {
            kind.names = Names::new(kind.ranked(context), query.touches.len());
        }
        Ok(kind)
    }

    /// The values that most touches have which may count for the range.
    fn ranked(&self, context: &Context<'_>) -> Vec<String> {
        let from = self.range.from.saturating_sub(self.window);
        let parts = over_parts(context.scan, |pieces| {
            let (mut slots, mut sizes, mut found) = (Slots::growing(), Vec::<u64>::new(), Vec::new());
            for piece in pieces {
                let on = self.roles.on(piece.block);
                let mut readers = self.readers(piece.block);
                piece.each_rows(&self.roles.wanted, &self.chosen, |rows| {
                    rows.each(|row| {
                        let time = piece.block.times[row];
                        let bits = if from <= time && time < self.range.to { on.of(row as u32) } else { 0 };
                        let kind = bits.trailing_zeros() as usize;
                        if let Some(reader) = readers.get_mut(kind).and_then(|kind| kind.name.as_mut()) {
                            let slot = first(reader, row, &mut slots, &mut found) as usize;
                            sizes.resize(sizes.len().max(slot + 1), 0);
                            sizes[slot] += 1;
                        }
                    });
                });
            }
            (slots, sizes)
        });
        let mut all: FxHashMap<String, f64> = FxHashMap::default();
        for (slots, sizes) in parts {
            let Slots::Growing(names) = slots else { continue };
            for (name, slot) in names {
                *all.entry(name).or_default() += sizes.get(slot as usize).map_or(0.0, |size| *size as f64);
            }
        }
        largest(all.into_iter().filter(|(_, size)| *size > 0.0), GROUPS_MAX)
    }

    fn readers<'a>(&'a self, block: &'a Block) -> Vec<Readers<'a>> {
        let of = |touch: &'a AttributionTouch| {
            let property = touch.property.as_deref();
            let reader = |property: &str| {
                let column = block.columns.get(property);
                Reader::of_events(column.filter(|column| !matches!(column, Column::Text { list: true, .. })))
            };
            let direct = property.filter(|_| !self.direct_values.is_empty());
            Readers { name: property.map(reader), direct: direct.map(reader) }
        };
        self.touches.iter().map(of).collect()
    }

    /// Marks which touches led to which conversion.
    fn follow(&self, person: &mut Person, gained: &[Gained], links: Option<&Keys<'_>>) {
        let Person { touches, conversions, path, .. } = person;
        for gained in gained.iter().filter(|gained| gained.counts) {
            let link = match (links, gained.row) {
                (Some(links), Some(row)) => links.of(row),
                _ => Some(0),
            };
            let Some(link) = link else { continue };
            let in_range = self.range.from <= gained.time && gained.time < self.range.to;
            let earliest = gained.time.saturating_sub(self.window);
            let from = touches.partition_point(|touch| touch.time < earliest);
            let to = touches.partition_point(|touch| touch.time < gained.time);
            let start = path.len();
            for touch in &mut touches[from..to] {
                if touch.link == link && !(self.consume && touch.used) {
                    touch.used = true;
                    touch.counted |= in_range;
                    if in_range {
                        path.push(touch.step());
                    }
                }
            }
            if in_range {
                self.trim(path, start);
                conversions.push(Converted { value: gained.amount, path: start..path.len() });
            }
        }
    }

    /// Finds the journeys that led to no conversion.
    fn wander(&self, person: &mut Person) {
        let Person { touches, unconverted, path, .. } = person;
        if self.link.is_some() {
            touches.sort_by_key(|touch| touch.link);
        }
        let mut last: Option<Touch> = None;
        let mut start = path.len();
        for touch in touches.iter().filter(|touch| touch.in_range && !touch.used) {
            let stays = |last: Touch| last.link == touch.link && touch.time - last.time <= self.window;
            if !last.is_none_or(stays) {
                self.trim(path, start);
                unconverted.push(start..path.len());
                start = path.len();
            }
            path.push(touch.step());
            last = Some(*touch);
        }
        if last.is_some() {
            self.trim(path, start);
            unconverted.push(start..path.len());
        }
    }

    /// Takes direct touches and repeats out of a path that begins at `start`.
    fn trim(&self, path: &mut Vec<Step>, start: usize) {
        if self.direct.skipped && path[start..].iter().any(|step| !step.direct) {
            keep(path, start, |path, at| !path[at].direct);
        }
        if self.collapse {
            keep(path, start, |path, at| path.get(at + 1).is_none_or(|next| next.slot != path[at].slot));
        }
    }
}

/// Keeps some of what follows `start`; asks of each before anything that follows it is moved.
fn keep(path: &mut Vec<Step>, start: usize, keeps: impl Fn(&[Step], usize) -> bool) {
    let mut kept = start;
    for at in start..path.len() {
        if keeps(path, at) {
            path[kept] = path[at];
            kept += 1;
        }
    }
    path.truncate(kept);
}

impl Touch {
    fn step(&self) -> Step {
        Step { time: self.time, slot: self.slot, direct: self.direct }
    }
}

/// The values of one kind of touch in one block.
struct Readers<'a> {
    name: Option<Reader<'a>>,
    direct: Option<Reader<'a>>,
}

impl Readers<'_> {
    /// Slot of the value, and whether that is one that is direct.
    fn read(&mut self, row: u32, slots: &mut Direct<'_>, found: &mut Vec<u32>) -> Option<(u32, bool)> {
        let slot = first(self.name.as_mut()?, row as usize, &mut slots.names, found);
        let direct = self.direct.as_mut();
        let direct =
            direct.is_some_and(|direct| first(direct, row as usize, &mut slots.direct, found) >= FIRST);
        Some((slot, direct))
    }
}

/// The first group of a row; most have no other.
#[inline]
fn first(reader: &mut Reader<'_>, row: usize, slots: &mut Slots<'_>, found: &mut Vec<u32>) -> u32 {
    if let Some(one) = reader.one(row, slots) {
        return one;
    }
    reader.read(row, slots, found);
    found[0]
}

struct Direct<'m> {
    names: Slots<'m>,
    direct: Slots<'m>,
}

impl Outcomes for Journeys<'_> {
    type Outcome<'o> = &'o Person;

    fn each(&self, piece: &Piece<'_>, mut see: impl FnMut(u32, &[u32], &Person)) {
        let times = &piece.block.times;
        let on = self.roles.on(piece.block);
        let mut gains = self.gains.on(piece.block);
        let links = self.link.map(|link| Keys::new(link, piece.block));
        let mut readers = self.readers(piece.block);
        let mut slots =
            Direct { names: Slots::Fixed(&self.names.numbers), direct: Slots::Fixed(&self.direct_values) };
        let (mut did, mut gained, mut found) = (Person::default(), Vec::new(), Vec::new());
        piece.each_person(&self.wanted, &self.chosen, |person, rows| {
            did.touches.clear();
            for &row in rows {
                let time = times[row as usize];
                let bits = if time > self.as_of { 0 } else { on.of(row) };
                let link = links.as_ref().map_or(Some(0), |links| links.of(row));
                let Some(link) = link.filter(|_| bits != 0) else { continue };
                let kind = bits.trailing_zeros() as usize;
                let named = readers[kind].read(row, &mut slots, &mut found);
                let (slot, direct) = named.unwrap_or((self.names.kind(kind), false));
                let missing = slot == MISSING && self.direct.missing;
                let in_range = self.range.from <= time && time < self.range.to;
                let direct = direct || missing || self.touches[kind].direct;
                did.touches.push(Touch {
                    slot,
                    direct,
                    counted: in_range,
                    time,
                    link,
                    in_range,
                    used: false,
                });
            }
            gains.read(rows, &mut gained);
            if did.touches.is_empty() && gained.is_empty() {
                return;
            }
            did.conversions.clear();
            did.unconverted.clear();
            did.path.clear();
            self.follow(&mut did, &gained, links.as_ref());
            self.wander(&mut did);
            see(person, &[], &did);
        });
    }
}
