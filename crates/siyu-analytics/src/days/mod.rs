//! Who did something on which local day, as one bit for each person of a block: made at the first
//! question about an event and kept beside the block. Later questions about days, weeks and months
//! of it read these bits and no event at all, whatever their range and whoever is looked at.
//!
//! A question that needs more than the day of an event goes through the events themselves, and so
//! does one whose range divides a day on which something happened.

mod mask;
mod more;
pub(crate) mod words;

use std::ops::Range;
use std::sync::Arc;

use jiff::tz::TimeZone;
use roaring::RoaringBitmap;
use siyu_events::{Begin, Block, Kept, Made, ScanBlock, parallel};
use siyu_types::analysis::Interval;
use siyu_types::calendar::{InstantRange, zone};
use siyu_types::clock::Millis;

use crate::Context;
use crate::aggregate::Want;
use crate::boundaries::Boundaries;
use crate::masks::EventTest;
use crate::pass::{People, THREADS_MAX};
use crate::wanted::Wanted;

pub(crate) use mask::{Mask, ones};
use more::{Digits, More};

/// Most local days between the first and the last event of a block.
const SPAN_MAX: i64 = 1 << 12;
const DAY: Millis = 86_400_000;
/// People of a block whose places fit 16 bits.
const PEOPLE_MAX: usize = 1 << 16;

/// A day on which something happened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Day {
    pub(crate) first: Millis,
    pub(crate) last: Millis,
    pub(crate) events: u64,
}

/// Which events are meant, and whose days.
#[derive(Clone, Copy)]
pub(crate) struct Meant<'a> {
    pub(crate) wanted: &'a Wanted,
    pub(crate) zone: &'a TimeZone,
}

impl Meant<'_> {
    /// What the days of a block are kept by; `None` in a zone that has no name.
    fn made(&self, column: Option<&str>) -> Option<Made> {
        let mut events = self.wanted.codes().to_vec();
        events.sort_unstable();
        let zone = self.zone.iana_name()?.to_owned();
        Some(Made { events: events.into(), zone, column: column.map(str::to_owned) })
    }
}

/// The days of one block.
pub(crate) struct Days {
    /// Ascending.
    pub(crate) of: Vec<Day>,
    /// By day, one bit for each person of the block in its order.
    bits: Vec<u64>,
    width: usize,
    /// By day.
    more: Vec<More>,
}

impl Kept for Days {
    fn make(block: &Block, made: &Made, room: usize) -> Option<(Days, usize)> {
        let wanted = Wanted::these(&made.events);
        let calendar = Calendar::new(block, &wanted, made)?;
        let width = block.persons.len().div_ceil(64);
        let bytes = width * calendar.of.len() * 8 + calendar.bytes();
        // The people of a partition are numbered with so many bits.
        if bytes > room || block.persons.len() > PEOPLE_MAX {
            return None;
        }
        let mut bits = vec![0; width * calendar.of.len()];
        let mut more: Vec<Vec<(u16, u16)>> = vec![Vec::new(); calendar.of.len()];
        calendar.each(block, &wanted, |person, day, _| {
            let (word, bit) = (&mut bits[day * width + person / 64], 1 << (person % 64));
            if *word & bit == 0 {
                *word |= bit;
                return;
            }
            match more[day].last_mut() {
                Some((last, count)) if usize::from(*last) == person && *count < u16::MAX => *count += 1,
                _ => more[day].push((person as u16, 1)),
            }
        });
        let more: Vec<More> = more.into_iter().map(|more| More::new(more, width)).collect();
        let bytes = bytes + more.iter().map(More::bytes).sum::<usize>();
        Some((Days { of: calendar.of, bits, width, more }, bytes))
    }
}

impl Days {
    /// `None` if there are too many days for the block.
    pub(crate) fn new(block: &Block, meant: Meant<'_>) -> Option<Arc<Days>> {
        block.kept(meant.made(None)?)
    }

    /// Who did something on a day.
    pub(crate) fn bits(&self, day: usize) -> &[u64] {
        &self.bits[day * self.width..(day + 1) * self.width]
    }

    /// How often those who are looked at did something on a day.
    pub(crate) fn events(&self, day: usize, mask: &Mask) -> u64 {
        if mask.all {
            return self.of[day].events;
        }
        u64::from(mask.among(self.bits(day))) + self.more[day].among(mask)
    }

    /// How often everybody who is looked at did something on these days, by place in the block.
    pub(crate) fn times(&self, days: Range<usize>, mask: &Mask) -> Vec<u32> {
        let mut times = vec![0u32; self.width * 64];
        let mut digits = Digits::new(self.width);
        for day in days {
            digits.add(self.bits(day), 0);
            self.more[day].add(&mut digits, &mut times);
        }
        digits.tell(&mut times);
        let others = times.iter_mut().enumerate().filter(|(person, _)| !mask.contains(*person));
        others.filter(|_| !mask.all).for_each(|(_, times)| *times = 0);
        times
    }

    /// Who did something on any of these days and is looked at.
    pub(crate) fn any(&self, days: Range<usize>, mask: &Mask, into: &mut Vec<u64>) {
        into.clear();
        into.resize(self.width, 0);
        for day in days {
            into.iter_mut().zip(self.bits(day)).for_each(|(all, own)| *all |= own);
        }
        mask.keep(into);
    }
}

/// The days of each bucket in which something happened, ascending; `None` if the range divides a day.
pub(crate) fn runs(
    days: &[Day],
    range: InstantRange,
    bucket: impl Fn(Millis) -> usize,
) -> Option<Vec<(usize, Range<usize>)>> {
    let mut runs: Vec<(usize, Range<usize>)> = Vec::new();
    for (at, day) in days.iter().enumerate() {
        match (range.from <= day.first, day.last < range.to) {
            (true, true) => {}
            _ if day.last < range.from || range.to <= day.first => continue,
            _ => return None,
        }
        let own = bucket(day.first);
        match runs.last_mut() {
            Some((last, days)) if *last == own => days.end = at + 1,
            _ => runs.push((own, at..at + 1)),
        }
    }
    Some(runs)
}

/// Asks every block for its days, two at a time, with the people of it that are looked at. `None` if
/// one cannot say.
pub(crate) fn over_blocks<R: Send>(
    blocks: &[ScanBlock],
    chosen: &People,
    see: impl Fn(&ScanBlock, &Mask) -> Option<R> + Sync,
) -> Option<Vec<R>> {
    let blocks: Vec<&ScanBlock> = blocks.iter().filter(|block| block.block.rows() > 0).collect();
    let see = |block: &&ScanBlock| see(block, &Mask::new(block, chosen));
    parallel(Begin::WhenLong, THREADS_MAX, &blocks, see).into_iter().collect()
}

/// The events that a test means by name alone.
pub(crate) fn meant<'a>(test: &EventTest<'_>, wanted: &'a Wanted, zone: &'a TimeZone) -> Option<Meant<'a>> {
    (!test.has_tests()).then_some(Meant { wanted, zone })
}

/// What `see` makes of what everybody of a block who is looked at did in a range: of the block's days, those
/// in the range, and who is looked at. `None` where days do not tell.
fn in_range<R: Send>(
    want: &Want<'_>,
    context: &Context<'_>,
    chosen: &People,
    see: impl Fn(&Block, &Days, Range<usize>, &Mask) -> R + Sync,
) -> Option<Vec<R>> {
    let test = EventTest::new(want.event, want.filters, context);
    let wanted = Wanted::these(&test.codes);
    let meant = meant(&test, &wanted, context.zone)?;
    let range = context.known(want.range);
    over_blocks(&context.scan.blocks, chosen, |scanned, mask| {
        let days = Days::new(&scanned.block, meant)?;
        // All of it is one bucket, and there is none if nothing happened.
        let run = runs(&days.of, range, |_| 0)?.pop().map_or(0..0, |(_, run)| run);
        Some(see(&scanned.block, &days, run, mask))
    })
}

/// What `see` makes of how often everybody who is looked at did something in a range, by place in each block;
/// `None` where days do not tell.
pub(crate) fn times<R: Send>(
    want: &Want<'_>,
    context: &Context<'_>,
    chosen: &People,
    see: impl Fn(&[u32]) -> R + Sync,
) -> Option<Vec<R>> {
    in_range(want, context, chosen, |_, days, run, mask| see(&days.times(run, mask)))
}

/// Those looked at who did something in a range as often as `holds` says, at least once; `None` where
/// days do not tell.
pub(crate) fn did(
    want: &Want<'_>,
    context: &Context<'_>,
    chosen: &People,
    holds: &(dyn Fn(u32) -> bool + Sync),
) -> Option<RoaringBitmap> {
    // Most ask whether it happened at all: whatever is compared, what holds of once and of any
    // number holds of all between.
    let at_all = holds(1) && holds(u32::MAX);
    let found = in_range(want, context, chosen, |block, days, run, mask| {
        let mut bits = Vec::new();
        if at_all {
            days.any(run, mask, &mut bits);
        } else {
            let times = days.times(run, mask);
            let bit = |bits, (at, times): (usize, &u32)| bits | u64::from(*times > 0 && holds(*times)) << at;
            bits = times.chunks(64).map(|times| times.iter().enumerate().fold(0, bit)).collect();
        }
        numbered(block, &bits)
    })?;
    Some(found.into_iter().fold(RoaringBitmap::new(), |all, own| all | own))
}

/// The people of a block whose bits are set.
fn numbered(block: &Block, bits: &[u64]) -> RoaringBitmap {
    let (Some(first), Some(last)) = (block.persons.first(), block.persons.last()) else {
        return RoaringBitmap::new();
    };
    // As bits by number: one by one they would be searched for their place.
    let start = first / 64 * 64;
    let mut numbers = vec![0u8; (last - start) as usize / 8 + 1];
    for (own, people) in bits.iter().zip(block.persons.chunks(64)) {
        let mut rest = *own;
        while rest != 0 {
            let number = people[rest.trailing_zeros() as usize] - start;
            numbers[number as usize / 8] |= 1 << (number % 8);
            rest &= rest - 1;
        }
    }
    RoaringBitmap::from_lsb0_bytes(start, &numbers)
}

/// The local days of a block's wanted events.
struct Calendar {
    edges: Boundaries,
    /// By day of the edges, the day's place among those with events.
    places: Vec<u32>,
    of: Vec<Day>,
}

impl Calendar {
    fn new(block: &Block, wanted: &Wanted, made: &Made) -> Option<Calendar> {
        let rows = block.starts.windows(2).filter(|run| run[0] < run[1]);
        let ends = rows.map(|run| (block.times[run[0] as usize], block.times[run[1] as usize - 1]));
        let (from, to) = ends.reduce(|all, own| (all.0.min(own.0), all.1.max(own.1)))?;
        if to.saturating_sub(from) > SPAN_MAX * DAY {
            return None;
        }
        let range = InstantRange { from, to: to.saturating_add(1) };
        let edges =
            Boundaries::covering(range, Interval::Day, &zone(&made.zone).ok()?, SPAN_MAX as usize + 2);
        let mut all = vec![Day { first: Millis::MAX, last: Millis::MIN, events: 0 }; edges.len()];
        for (event, &time) in block.events.iter().zip(&block.times) {
            if wanted.of(*event) != 0 {
                let day = &mut all[edges.index(time)];
                day.first = day.first.min(time);
                day.last = day.last.max(time);
                day.events += 1;
            }
        }
        let mut of = Vec::new();
        let places = all.into_iter().map(|day| {
            if day.events > 0 {
                of.push(day);
            }
            (of.len() as u32).saturating_sub(1)
        });
        Some(Calendar { places: places.collect(), edges, of })
    }

    fn bytes(&self) -> usize {
        self.of.len() * size_of::<Day>()
    }

    /// Calls `see` with every wanted event: the person's place in the block, the day, the row.
    fn each(&self, block: &Block, wanted: &Wanted, mut see: impl FnMut(usize, usize, usize)) {
        for (person, run) in block.starts.windows(2).enumerate() {
            for row in run[0] as usize..run[1] as usize {
                if wanted.of(block.events[row]) != 0 {
                    see(person, self.places[self.edges.index(block.times[row])] as usize, row);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use siyu_events::Scan;
    use siyu_types::calendar::local_date;

    use super::*;
    use crate::testing::random;

    fn wanted(names: &[&str], scan: &Scan) -> Wanted {
        let codes: Vec<u16> = names.iter().filter_map(|name| scan.event_code(name)).collect();
        Wanted::these(&codes)
    }

    proptest! {
        #[test]
        fn days_are_as_seen_one_by_one(world in random::world(), width in 1usize..80) {
            let built = world.build(width);
            for names in [&["a"][..], &["a", "b"]] {
                let wanted = wanted(names, &built.scan);
                for scanned in &built.scan.blocks {
                    let block = &*scanned.block;
                    let meant = Meant { wanted: &wanted, zone: &world.zone };
                    let Some(days) = Days::new(block, meant) else { continue };
                    let again = Days::new(block, meant).expect("made before");
                    prop_assert!(Arc::ptr_eq(&days, &again), "made once");
                    let mut seen = 0;
                    for (at, run) in block.starts.windows(2).enumerate() {
                        for row in run[0] as usize..run[1] as usize {
                            if wanted.of(block.events[row]) == 0 {
                                continue;
                            }
                            let date = |time| local_date(time, &world.zone);
                            let on = |day: &Day| date(day.first) == date(block.times[row]);
                            let day = days.of.iter().position(on).expect("a day of its own");
                            prop_assert_eq!(days.bits(day)[at / 64] >> (at % 64) & 1, 1);
                            seen += 1;
                        }
                    }
                    prop_assert_eq!(days.of.iter().map(|day| day.events).sum::<u64>(), seen);
                    prop_assert!(days.of.is_sorted_by(|a, b| a.last < b.first));
                }
            }
        }
    }

    #[test]
    fn a_range_may_leave_days_out_but_not_divide_them() {
        let days =
            [(5, 8, 1), (20, 20, 1), (31, 39, 4)].map(|(first, last, events)| Day { first, last, events });
        let runs = |from, to| runs(&days, InstantRange { from, to }, |time| time as usize / 25);
        assert_eq!(runs(0, 100), Some(vec![(0, 0..2), (1, 2..3)]));
        assert_eq!(runs(9, 31), Some(vec![(0, 1..2)]));
        assert_eq!(runs(9, 40), Some(vec![(0, 1..2), (1, 2..3)]));
        assert_eq!(runs(5, 9), Some(vec![(0, 0..1)]));
        assert_eq!((runs(6, 100), runs(0, 39), runs(40, 50)), (None, None, Some(vec![])));
    }
}
