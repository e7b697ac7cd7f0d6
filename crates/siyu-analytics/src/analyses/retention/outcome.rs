//! The pass over the events: who joined which cohort, and in which columns they came back.

use std::cell::RefCell;

use roaring::RoaringBitmap;
use siyu_types::analysis::{COHORTS_MAX, Entry, Interval, RetentionClock, RetentionQuery};
use siyu_types::calendar::InstantRange;
use siyu_types::clock::Millis;
use siyu_types::{Error, Result};

use crate::Context;
use crate::boundaries::Boundaries;
use crate::buckets::{asked, too_many};
use crate::masks::EventTest;
use crate::outcomes::Outcomes;
use crate::pass::{People, Piece};
use crate::roles::Roles;

const START: u64 = 1;
const BACK: u64 = 2;
const DAY: i64 = 86_400_000;

/// Somebody in a cohort.
pub(super) struct Joined {
    pub(super) cohort: usize,
    /// Back in the same interval.
    pub(super) same: bool,
    /// Back in column k as bit k.
    pub(super) back: u128,
}

/// The query, prepared for one scan.
pub(super) struct Retention<'q> {
    roles: Roles<'q>,
    chosen: People,
    /// In which starts count, as far as it is known.
    range: InstantRange,
    /// Where the range ends, known or not.
    end: Millis,
    /// The cohorts' intervals and, after them, enough for the last column of the last cohort.
    edges: Boundaries,
    pub(super) cohorts: usize,
    pub(super) columns: Vec<(u32, u32)>,
    entry: Entry,
    rolling: bool,
    /// Length of an interval, if time is counted in exact stretches.
    stretch: Option<i64>,
    as_of: Millis,
}

impl<'q> Retention<'q> {
    pub(super) fn new(
        query: &'q RetentionQuery,
        context: &Context<'q>,
        within: Option<&RoaringBitmap>,
    ) -> Result<Retention<'q>> {
        let chosen = People::of(&context.chosen(query.segment, within)?);
        let asked = asked(&query.range, &[&query.start], context, &chosen)?;
        let cohorts = Boundaries::covering(asked, query.interval, context.zone, COHORTS_MAX + 1).len();
        if cohorts > COHORTS_MAX {
            return Err(too_many(COHORTS_MAX));
        }
        let columns = query.columns();
        let last = columns.last().map_or(0, |column| column.1 as usize);
        let open = InstantRange { from: asked.from, to: Millis::MAX };
        let edges = Boundaries::covering(open, query.interval, context.zone, cohorts + last + 1);
        let test = |event: &'q siyu_types::analysis::EventMatch| {
            EventTest::new(&event.event, &event.filters, context)
        };
        Ok(Retention {
            roles: Roles::new(vec![test(&query.start), test(&query.back)]),
            chosen,
            range: context.known(asked),
            end: asked.to,
            edges,
            cohorts,
            columns,
            entry: query.entry,
            rolling: query.rolling,
            stretch: match query.clock {
                RetentionClock::Calendar => None,
                RetentionClock::Elapsed => Some(stretch(query.interval)),
            },
            as_of: context.as_of,
        })
    }

    pub(super) fn cohort_that_starts(&self, start: &str) -> Result<usize> {
        let found = self.edges.dates[..self.cohorts].iter().position(|date| date.to_string() == start);
        found.ok_or_else(|| Error::invalid("cell.cohort", "the answer has no such cohort"))
    }

    /// First local day of a cohort.
    pub(super) fn date(&self, cohort: usize) -> String {
        self.edges.dates[cohort].to_string()
    }

    /// Nobody can join any more.
    pub(super) fn is_joined(&self, cohort: usize) -> bool {
        self.as_of >= self.edges.start(cohort + 1).min(self.end)
    }

    /// Nobody of the cohort can still come back in the interval that is so many after theirs.
    pub(super) fn is_over(&self, cohort: usize, interval: u32) -> bool {
        let end = match self.stretch {
            None => self.edges.start(cohort + interval as usize + 1),
            Some(stretch) => {
                let joined = self.edges.start(cohort + 1).min(self.end);
                joined.saturating_add(stretch.saturating_mul(i64::from(interval) + 1))
            }
        };
        self.as_of >= end
    }

    /// The columns that hold an interval; `last` is the latest one with a return, if it is
    /// known. Rolling, a return counts for all columns that do not start after it.
    fn bits(&self, intervals: impl Iterator<Item = usize>) -> u128 {
        let mut bits = 0;
        if self.rolling {
            let Some(latest) = intervals.max() else { return 0 };
            let reached = self.columns.iter().take_while(|column| column.0 as usize <= latest).count();
            return if reached == 0 { 0 } else { u128::MAX >> (128 - reached) };
        }
        for interval in intervals {
            let column = self.columns.partition_point(|column| (column.1 as usize) < interval);
            if interval > 0 && column < self.columns.len() {
                bits |= 1 << column;
            }
        }
        bits
    }

    fn joined(&self, start: At, backs: &[At]) -> Joined {
        let cohort = self.edges.index(start.time);
        // A return at the time of the start helps, unless it is the start itself.
        let from = backs.partition_point(|back| back.time < start.time);
        let later = || backs[from..].iter().filter(|back| back.row != start.row);
        let interval = |back: &At| match self.stretch {
            None => self.edges.index(back.time) - cohort,
            Some(stretch) => ((back.time - start.time) / stretch) as usize,
        };
        let same = later().next().is_some_and(|back| interval(back) == 0);
        Joined { cohort, same, back: self.bits(later().map(interval)) }
    }
}

fn stretch(interval: Interval) -> i64 {
    match interval {
        Interval::Day => DAY,
        Interval::Week | Interval::SundayWeek => 7 * DAY,
        Interval::Month => 30 * DAY,
    }
}

#[derive(Clone, Copy)]
struct At {
    time: Millis,
    row: u32,
}

impl Outcomes for Retention<'_> {
    type Outcome<'o> = Joined;

    fn each(&self, piece: &Piece<'_>, mut see: impl FnMut(u32, &[u32], Joined)) {
        let times = &piece.block.times;
        let on = self.roles.on(piece.block);
        let scratch = RefCell::new((Vec::<At>::new(), Vec::<At>::new()));
        piece.each_person(&self.roles.wanted, &self.chosen, |person, rows| {
            let (starts, backs) = &mut *scratch.borrow_mut();
            starts.clear();
            backs.clear();
            let mut bucket_end = Millis::MIN;
            let mut may_start = true;
            for &row in rows {
                let time = times[row as usize];
                if time > self.as_of {
                    break;
                }
                let events = on.of(row);
                if events & BACK != 0 {
                    backs.push(At { time, row });
                }
                if events & START == 0 || !may_start {
                    continue;
                }
                let in_range = self.range.from <= time && time < self.range.to;
                may_start = match self.entry {
                    Entry::Recurring => true,
                    Entry::FirstInRange => !in_range,
                    Entry::FirstEver => false,
                };
                if in_range && time >= bucket_end {
                    starts.push(At { time, row });
                    bucket_end = self.edges.start(self.edges.index(time) + 1);
                }
            }
            for start in starts.iter() {
                see(person, &[start.row], self.joined(*start, backs));
            }
        });
    }
}
