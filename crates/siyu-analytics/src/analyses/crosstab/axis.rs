//! What rows or columns are made of.

use rustc_hash::FxHashMap;
use siyu_events::Block;
use siyu_types::analysis::{CrosstabDimension, CrosstabKey};
use siyu_types::{Error, Result};

use crate::groups::{FIRST, MISSING, OTHER, Reader, Slots, Source, fixed};
use crate::pass::People;
use crate::{Context, unknown};

/// One dimension, prepared for one scan.
pub(super) enum Axis<'q> {
    Values { source: Source<'q>, top: usize, names: Vec<String>, numbers: FxHashMap<String, u32> },
    Bins { source: Source<'q>, edges: &'q [f64] },
    Segments { ids: &'q [i64], members: Vec<People> },
}

impl<'q> Axis<'q> {
    pub(super) fn new(
        dimension: &'q CrosstabDimension,
        field: &str,
        context: &Context<'q>,
    ) -> Result<Axis<'q>> {
        match dimension {
            CrosstabDimension::Values { by, edges, top } => {
                let source = Source::new(Some(by), context.people).map_err(|error| {
                    let at = error.field.as_deref().unwrap_or_default().replacen("breakdown", "by", 1);
                    error.at(format!("{field}.{at}"))
                })?;
                Ok(match edges.as_slice() {
                    [] => Axis::Values {
                        source,
                        top: *top as usize,
                        names: Vec::new(),
                        numbers: FxHashMap::default(),
                    },
                    edges => Axis::Bins { source, edges },
                })
            }
            CrosstabDimension::Segments { segments } => {
                let members = segments.iter().enumerate().map(|(index, id)| {
                    let members = context.people.segment(*id);
                    let missing = || unknown("segment", id).at(format!("{field}.segments[{index}]"));
                    members.map(People::of).ok_or_else(missing)
                });
                Ok(Axis::Segments { ids: segments, members: members.collect::<Result<_>>()? })
            }
        }
    }

    /// Whether the largest values are to be found first.
    pub(super) fn ranks(&self) -> bool {
        matches!(self, Axis::Values { .. })
    }

    /// Takes the largest values, largest first, for those on their own.
    pub(super) fn show(&mut self, largest: Vec<String>) {
        if let Axis::Values { top, names, numbers, .. } = self {
            *names = largest;
            names.truncate(*top);
            *numbers = fixed(names);
        }
    }

    pub(super) fn slots(&self) -> Slots<'_> {
        match self {
            Axis::Values { numbers, .. } => Slots::Fixed(numbers),
            Axis::Bins { edges, .. } => Slots::Bins(edges),
            Axis::Segments { .. } => Slots::growing(),
        }
    }

    /// Of people alone there is no block.
    pub(super) fn on<'a>(&'a self, block: Option<&'a Block>) -> AxisOn<'a> {
        match self {
            Axis::Values { source, .. } | Axis::Bins { source, .. } => {
                let reader = match (source, block) {
                    (Source::Person(column), _) => Reader::of_people(*column),
                    (_, Some(block)) => source.reader(block),
                    (_, None) => Reader::of_events(None),
                };
                AxisOn::Read { reader, by_person: source.by_person() }
            }
            Axis::Segments { members, .. } => AxisOn::Segments(members),
        }
    }

    /// The rows or columns that are shown, in their order, by the totals of all slots.
    pub(super) fn shown(&self, totals: &[u64]) -> Vec<(u32, CrosstabKey)> {
        let own: Vec<CrosstabKey> = match self {
            Axis::Values { names, .. } => {
                names.iter().map(|value| CrosstabKey::Value { value: value.clone() }).collect()
            }
            Axis::Bins { edges, .. } => bins(edges),
            Axis::Segments { ids, .. } => {
                ids.iter().map(|segment| CrosstabKey::Segment { segment: *segment }).collect()
            }
        };
        let rest = [(MISSING, CrosstabKey::Missing), (OTHER, CrosstabKey::Other)];
        let rest =
            rest.into_iter().filter(|(slot, _)| totals.get(*slot as usize).is_some_and(|total| *total > 0));
        (FIRST..).zip(own).chain(rest).collect()
    }

    /// The slot of a key. A value that is not shown on its own takes a place among those that are.
    pub(super) fn find(&mut self, key: &CrosstabKey, field: &str) -> Result<u32> {
        let none = || Error::invalid(field, "the answer has no such row or column");
        match (key, &mut *self) {
            (CrosstabKey::Missing, _) => Ok(MISSING),
            (CrosstabKey::Other, _) => Ok(OTHER),
            (CrosstabKey::Value { value }, Axis::Values { numbers, names, .. }) => {
                if !numbers.contains_key(value) {
                    *names = vec![value.clone()];
                    *numbers = fixed(names);
                }
                Ok(numbers[value])
            }
            (CrosstabKey::Bin { .. }, Axis::Bins { edges, .. }) => {
                let place = bins(edges).iter().position(|bin| bin == key).ok_or_else(none)?;
                Ok(FIRST + place as u32)
            }
            (CrosstabKey::Segment { segment }, Axis::Segments { ids, .. }) => {
                let place = ids.iter().position(|id| id == segment).ok_or_else(none)?;
                Ok(FIRST + place as u32)
            }
            _ => Err(none()),
        }
    }
}

fn bins(edges: &[f64]) -> Vec<CrosstabKey> {
    let starts = std::iter::once(None).chain(edges.iter().copied().map(Some));
    let ends = edges.iter().copied().map(Some).chain([None]);
    starts.zip(ends).map(|(from, to)| CrosstabKey::Bin { from, to }).collect()
}

/// A dimension, prepared for one block.
pub(super) enum AxisOn<'a> {
    Read { reader: Reader<'a>, by_person: bool },
    Segments(&'a [People]),
}

impl AxisOn<'_> {
    pub(super) fn by_person(&self) -> bool {
        match self {
            AxisOn::Read { by_person, .. } => *by_person,
            AxisOn::Segments(_) => true,
        }
    }

    /// Fills `out` with the different slots, at least one, of an event or of its person.
    #[inline]
    pub(super) fn read(&mut self, person: u32, row: u32, slots: &mut Slots<'_>, out: &mut Vec<u32>) {
        match self {
            AxisOn::Read { reader, by_person } => {
                let index = if *by_person { person } else { row };
                reader.read(index as usize, slots, out);
            }
            AxisOn::Segments(segments) => {
                out.clear();
                let of = (FIRST..).zip(*segments).filter(|(_, members)| members.contains(person));
                out.extend(of.map(|(slot, _)| slot));
                if out.is_empty() {
                    out.push(MISSING);
                }
            }
        }
        // Several values may fall into one bin, or into the rest.
        if out.len() > 1 {
            out.sort_unstable();
            out.dedup();
        }
    }
}
