//! The pass over the events: who joined which cohort, and in which columns they came back.

use std::cell::RefCell;

use roaring::RoaringBitmap;
use siyu_types::Result;
use siyu_types::analysis::{Entry, RetentionQuery};
use siyu_types::clock::Millis;

use crate::Context;
use crate::cohorts::Cohorts;
use crate::masks::EventTest;
use crate::outcomes::Outcomes;
use crate::pass::{People, Piece};
use crate::roles::Roles;

const START: u64 = 1;
const BACK: u64 = 2;

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
    pub(super) cohorts: Cohorts,
    pub(super) columns: Vec<(u32, u32)>,
    entry: Entry,
    rolling: bool,
    as_of: Millis,
}

impl<'q> Retention<'q> {
    pub(super) fn new(
        query: &'q RetentionQuery,
        context: &Context<'q>,
        within: Option<&RoaringBitmap>,
    ) -> Result<Retention<'q>> {
        let chosen = People::of(&*context.chosen(query.segment, within)?);
        let columns = query.columns();
        let last = columns.last().map_or(0, |column| column.1 as usize);
        let scope = (&query.range, query.interval, query.clock);
        let cohorts = Cohorts::new(&query.start, scope, last, context, &chosen)?;
        let test = |event: &'q siyu_types::analysis::EventMatch| {
            EventTest::new(&event.event, &event.filters, context)
        };
        Ok(Retention {
            roles: Roles::new(vec![test(&query.start), test(&query.back)]),
            chosen,
            cohorts,
            columns,
            entry: query.entry,
            rolling: query.rolling,
            as_of: context.as_of,
        })
    }

    /// The last interval anything counts in: of a column or, rolling, of the answer, so that every
    /// cohort is looked at for as long.
    pub(super) fn horizon(&self, column: usize) -> u32 {
        let column = if self.rolling { self.columns.last() } else { self.columns.get(column) };
        column.map_or(0, |column| column.1)
    }

    /// The columns that hold an interval. Rolling, a return in a column counts for all before it.
    fn bits(&self, intervals: impl Iterator<Item = usize>) -> u128 {
        let mut bits = 0;
        if self.rolling {
            let horizon = self.horizon(0) as usize;
            let Some(latest) = intervals.filter(|interval| *interval <= horizon).max() else { return 0 };
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
        // A return at the time of the start helps, unless it is the start itself.
        let from = backs.partition_point(|back| back.time < start.time);
        let later = || backs[from..].iter().filter(|back| back.row != start.row);
        let interval = |back: &At| self.cohorts.interval(start.time, back.time);
        let same = later().next().is_some_and(|back| interval(back) == 0);
        Joined { cohort: self.cohorts.of(start.time), same, back: self.bits(later().map(interval)) }
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
                let (founds, next) = self.cohorts.founds(time, self.entry);
                may_start = next;
                if founds && time >= bucket_end {
                    starts.push(At { time, row });
                    bucket_end = self.cohorts.interval_end(time);
                }
            }
            for start in starts.iter() {
                see(person, &[start.row], self.joined(*start, backs));
            }
        });
    }
}
