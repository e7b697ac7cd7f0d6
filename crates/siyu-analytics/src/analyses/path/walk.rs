//! The paths of each person.

use roaring::RoaringBitmap;
use siyu_events::{Block, Column};
use siyu_types::Result;
use siyu_types::analysis::{EventMatch, Interval, PathAnchor, PathQuery};
use siyu_types::clock::Millis;

use crate::Context;
use crate::analyses::session::Cut;
use crate::buckets::Buckets;
use crate::groups::{MISSING, Reader, Slots};
use crate::keys::Keys;
use crate::masks::EventTest;
use crate::pass::{People, Piece};
use crate::roles::Roles;
use crate::wanted::unbroken;

/// Code of the event, and slot of the splitting value.
pub(super) type Node = (u16, u32);

#[derive(Clone, Copy, PartialEq)]
enum Direction {
    /// From the first event.
    All,
    /// From the first event that is the anchor.
    Forward,
    /// Back from the first event that is the anchor.
    Back,
}

/// The query, prepared for one scan.
pub(super) struct Walks<'q> {
    roles: Roles<'q>,
    /// The anchor's bit.
    anchor: u64,
    direction: Direction,
    chosen: People,
    /// For its range alone.
    pub(super) range: Buckets,
    cut: Cut,
    split: Option<&'q str>,
    collapse: bool,
    pub(super) steps: usize,
    as_of: Millis,
}

impl<'q> Walks<'q> {
    pub(super) fn new(
        query: &'q PathQuery,
        context: &Context<'q>,
        within: Option<&RoaringBitmap>,
    ) -> Result<Walks<'q>> {
        let chosen = People::of(&*context.chosen(query.segment, within)?);
        let (anchor, direction) = match &query.anchor {
            PathAnchor::Beginning => (None, Direction::All),
            PathAnchor::From { event } => (Some(event), Direction::Forward),
            PathAnchor::To { event } => (Some(event), Direction::Back),
        };
        let events: Vec<&EventMatch> = query.events.iter().chain(anchor).collect();
        let range = Buckets::new(&query.range, Interval::Month, &events, context, &chosen)?;
        let tests = events.iter().map(|event| EventTest::new(&event.event, &event.filters, context));
        Ok(Walks {
            roles: Roles::new(tests.collect()),
            anchor: anchor.map_or(0, |_| 1 << query.events.len()),
            direction,
            chosen,
            range,
            cut: Cut::new(query.gap_seconds, None),
            split: query.split.as_deref(),
            collapse: query.collapse,
            steps: query.steps as usize,
            as_of: context.as_of,
        })
    }

    /// Calls `see` with every path of a piece, of at most the asked number of steps, and with
    /// whether it goes on after them.
    pub(super) fn each(
        &self,
        piece: &Piece<'_>,
        slots: &mut Slots<'_>,
        mut see: impl FnMut(u32, &[Node], bool),
    ) {
        let (times, events) = (&piece.block.times[..], &piece.block.events[..]);
        let on = self.roles.on(piece.block);
        let mut reader = self.split.map(|name| values(name, piece.block));
        let keys = self.split.map(|name| Keys::new(name, piece.block));
        let (mut walk, mut found) = (Vec::<Node>::new(), Vec::new());
        // Values that are not shown share a slot, but are different nodes all the same.
        let same = |a: u32, b: u32| {
            events[a as usize] == events[b as usize]
                && keys.as_ref().is_none_or(|keys| keys.of(a) == keys.of(b))
        };
        let mut node = |row: u32| {
            let slot = reader.as_mut().map_or(MISSING, |reader| {
                reader.read(row as usize, slots, &mut found);
                found[0]
            });
            (events[row as usize], slot)
        };
        let mut session = |person: u32, session: &[u32]| {
            let anchor = || session.iter().position(|row| on.of(*row) & self.anchor != 0);
            walk.clear();
            let goes_on = match self.direction {
                Direction::All => self.fill(&mut walk, session.iter(), same, &mut node),
                Direction::Forward => {
                    let Some(at) = anchor() else { return };
                    self.fill(&mut walk, session[at..].iter(), same, &mut node)
                }
                Direction::Back => {
                    let Some(at) = anchor() else { return };
                    self.fill(&mut walk, session[..=at].iter().rev(), same, &mut node)
                }
            };
            see(person, &walk, goes_on);
        };
        let (mut own, mut own_times) = (Vec::<u32>::new(), Vec::<Millis>::new());
        piece.each_person(&self.roles.wanted, &self.chosen, |person, rows| {
            let mut cut = |rows: &[u32], times: &[Millis]| {
                self.cut.each(times, |range| {
                    if self.range.of(times[range.start]).is_some() {
                        session(person, &rows[range]);
                    }
                });
            };
            // Where all of a person's events count they are read where they stand.
            if on.plain()
                && let Some(range) = unbroken(rows)
                && self.all_count(&times[range.clone()])
            {
                cut(rows, &times[range]);
                return;
            }
            own.clear();
            own.extend(rows.iter().filter(|row| self.counts(times[**row as usize]) && on.of(**row) != 0));
            own_times.clear();
            own_times.extend(own.iter().map(|row| times[*row as usize]));
            cut(&own, &own_times);
        });
    }

    /// Where nothing cuts, the range does.
    fn counts(&self, time: Millis) -> bool {
        time <= self.as_of && (self.cut.gap.is_some() || self.range.of(time).is_some())
    }

    /// Of ascending times.
    fn all_count(&self, times: &[Millis]) -> bool {
        times.first().is_none_or(|first| self.counts(*first))
            && times.last().is_none_or(|last| self.counts(*last))
    }

    /// The first nodes; whether there are more.
    fn fill<'r>(
        &self,
        walk: &mut Vec<Node>,
        rows: impl Iterator<Item = &'r u32>,
        same: impl Fn(u32, u32) -> bool,
        node: &mut impl FnMut(u32) -> Node,
    ) -> bool {
        let mut last = None;
        for &row in rows {
            if self.collapse && last.is_some_and(|last| same(last, row)) {
                continue;
            }
            if walk.len() == self.steps {
                return true;
            }
            walk.push(node(row));
            last = Some(row);
        }
        false
    }
}

/// Reads a property as single values.
fn values<'a>(name: &str, block: &'a Block) -> Reader<'a> {
    let column = block.columns.get(name);
    Reader::of_events(column.filter(|column| !matches!(column, Column::Text { list: true, .. })))
}
