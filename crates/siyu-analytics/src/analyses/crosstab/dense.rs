//! Cross tables of people by columns of few values: everybody has one place on each side, so that one
//! pass over the columns counts all cells, whatever is shown of them later.

use std::ops::Range;

use rustc_hash::FxHashMap;
use siyu_events::block::{BOOL_MISSING, TEXT_MISSING};
use siyu_types::analysis::GROUPS_MAX;

use super::axis::Axis;
use super::count::Table;
use crate::AttributeColumn;
use crate::groups::{FIRST, MISSING, Slots, Source, largest};
use crate::pass::{People, over};
use crate::wanted::LANES;

/// Most cells; they stay in the first caches.
const CELLS_MAX: usize = 1 << 14;
/// Of fewer than so many times 64 people a second thread costs more than it does.
const SHARED_WORDS: usize = 1 << 11;

/// A side of the table whose values are known beforehand. The last place is of those without one.
enum Side<'a> {
    Words { codes: &'a [u32], dictionary: &'a [Box<str>] },
    Flags(&'a [u8]),
    Bins { numbers: &'a [f64], edges: &'a [f64] },
    Segment(&'a People),
}

impl<'a> Side<'a> {
    fn of(axis: &'a Axis<'_>) -> Option<Side<'a>> {
        Some(match axis {
            Axis::Segments { members, .. } if members.len() == 1 => Side::Segment(&members[0]),
            Axis::Bins { source: Source::Person(AttributeColumn::Number(numbers)), edges } => {
                Side::Bins { numbers, edges }
            }
            Axis::Values { source: Source::Person(column), .. }
            | Axis::Bins { source: Source::Person(column), .. } => match column {
                AttributeColumn::Text { codes, dictionary } => Side::Words { codes, dictionary },
                AttributeColumn::Bool(flags) => Side::Flags(flags),
                AttributeColumn::Number(_) | AttributeColumn::List { .. } => return None,
            },
            _ => return None,
        })
    }

    fn places(&self) -> usize {
        1 + match self {
            Side::Words { dictionary, .. } => dictionary.len(),
            Side::Flags(_) => 2,
            Side::Bins { edges, .. } => edges.len() + 1,
            Side::Segment(_) => 1,
        }
    }

    /// The places of 64 people one after another, times `step`.
    fn read(&self, first: usize, step: u32, out: &mut [u32; LANES]) {
        let missing = self.places() as u32 - 1;
        match self {
            Side::Words { codes, .. } => {
                fill(codes, first, TEXT_MISSING, out, |code| code.min(missing) * step);
            }
            Side::Flags(flags) => {
                fill(flags, first, BOOL_MISSING, out, |flag| u32::from(flag.min(BOOL_MISSING)) * step);
            }
            Side::Bins { numbers, edges } => fill(numbers, first, f64::NAN, out, |number| {
                let bin = edges.partition_point(|edge| *edge <= number) as u32;
                if number.is_nan() { missing * step } else { bin * step }
            }),
            Side::Segment(members) => {
                let bits = members.word(first / LANES);
                let lanes = out.iter_mut().enumerate();
                lanes.for_each(|(lane, out)| *out = (!bits >> lane & 1) as u32 * step);
            }
        }
    }

    /// The slot that a place has among those that are shown.
    fn slot(&self, place: usize, slots: &mut Slots<'_>) -> u32 {
        match self {
            _ if place + 1 == self.places() => MISSING,
            Side::Words { dictionary, .. } => slots.of(&dictionary[place]),
            Side::Flags(_) => slots.of(flag(place)),
            Side::Bins { .. } | Side::Segment(_) => FIRST + place as u32,
        }
    }

    /// The name of a place, of which the largest are shown.
    fn name(&self, place: usize) -> Option<&str> {
        match self {
            Side::Words { dictionary, .. } => dictionary.get(place).map(|word| &**word),
            Side::Flags(_) => (place < 2).then(|| flag(place)),
            Side::Bins { .. } | Side::Segment(_) => None,
        }
    }
}

fn flag(place: usize) -> &'static str {
    if place == 1 { "true" } else { "false" }
}

/// The column's values from `first` on, and what has no value after its end.
#[inline]
fn fill<T: Copy>(values: &[T], first: usize, none: T, out: &mut [u32; LANES], place: impl Fn(T) -> u32) {
    let own = values.get(first..).unwrap_or_default();
    match own.first_chunk::<LANES>() {
        Some(own) => out.iter_mut().zip(own).for_each(|(out, value)| *out = place(*value)),
        None => {
            let own = own.iter().copied().chain(std::iter::repeat(none));
            out.iter_mut().zip(own).for_each(|(out, value)| *out = place(value));
        }
    }
}

/// Counts the people of some words.
fn count(
    rows: &Side<'_>,
    columns: &Side<'_>,
    people: &People,
    words: Range<usize>,
    cells: usize,
) -> [Vec<u32>; 2] {
    // Twice, since the same count is often wanted again before it is written.
    let mut counts = [vec![0u32; cells], vec![0u32; cells]];
    let (mut above, mut beside) = ([0; LANES], [0; LANES]);
    for word in words {
        let mut bits = people.word(word);
        if bits == 0 {
            continue;
        }
        rows.read(word * LANES, columns.places() as u32, &mut above);
        columns.read(word * LANES, 1, &mut beside);
        let [even, odd] = &mut counts;
        if bits == u64::MAX {
            let (above, beside) = (above.as_chunks::<2>().0, beside.as_chunks::<2>().0);
            for ([a, b], [left, right]) in above.iter().zip(beside) {
                even[(a + left) as usize] += 1;
                odd[(b + right) as usize] += 1;
            }
            continue;
        }
        while bits != 0 {
            let lane = bits.trailing_zeros() as usize;
            bits &= bits - 1;
            even[(above[lane] + beside[lane]) as usize] += 1;
        }
    }
    counts
}

/// How many people are where, row by row.
pub(super) struct Dense {
    counts: Vec<u32>,
    columns: usize,
}

impl Dense {
    /// `None` if somebody may have several places on a side, or there would be too many cells.
    pub(super) fn of(axes: &[Axis<'_>; 2], people: &People) -> Option<Dense> {
        let (rows, columns) = (Side::of(&axes[0])?, Side::of(&axes[1])?);
        let cells = rows.places().checked_mul(columns.places()).filter(|cells| *cells <= CELLS_MAX)?;
        let words = people.words();
        let middle = if words < SHARED_WORDS { words } else { words / 2 };
        let halves: Vec<Range<usize>> =
            [0..middle, middle..words].into_iter().filter(|half| !half.is_empty()).collect();
        let counted = over(&halves, |words| count(&rows, &columns, people, words.clone(), cells));
        let mut counts = vec![0u32; cells];
        for own in counted.into_iter().flatten() {
            counts.iter_mut().zip(own).for_each(|(all, more)| *all += more);
        }
        Some(Dense { counts, columns: columns.places() })
    }

    fn cells(&self) -> impl Iterator<Item = ([usize; 2], u64)> {
        let seen = self.counts.iter().enumerate().filter(|(_, count)| **count > 0);
        seen.map(|(at, count)| ([at / self.columns, at % self.columns], u64::from(*count)))
    }

    /// The largest values of one side.
    pub(super) fn ranked(&self, axes: &[Axis<'_>; 2], axis: usize) -> Vec<String> {
        let Some(side) = Side::of(&axes[axis]) else { return Vec::new() };
        let mut sizes: FxHashMap<usize, u64> = FxHashMap::default();
        self.cells().for_each(|(places, count)| *sizes.entry(places[axis]).or_default() += count);
        let named =
            sizes.into_iter().filter_map(|(place, size)| Some((side.name(place)?.to_owned(), size as f64)));
        largest(named, GROUPS_MAX)
    }

    pub(super) fn table(&self, axes: &[Axis<'_>; 2]) -> Table {
        let mut table = Table::default();
        let slots = |axis: usize| -> Vec<u32> {
            let Some(side) = Side::of(&axes[axis]) else { return Vec::new() };
            let mut slots = axes[axis].slots();
            (0..side.places()).map(|place| side.slot(place, &mut slots)).collect()
        };
        let slots = [slots(0), slots(1)];
        for ([row, column], count) in self.cells() {
            table.add(slots[0][row], slots[1][column], count);
        }
        table
    }
}
