//! Different people of the last so many days, for every day (WAU, MAU).

use jiff::ToSpan;
use rustc_hash::FxHashMap;
use siyu_events::ScanBlock;
use siyu_types::analysis::Interval;
use siyu_types::calendar::{InstantRange, day_start};

use super::collect::Plan;
use crate::Context;
use crate::boundaries::Boundaries;
use crate::buckets::Buckets;
use crate::days::{self, Days, Mask, ones};
use crate::groups::{FIRST, Slots};
use crate::pass::{People, over_parts};

/// From the first day that counts for the range's first day until what is known.
pub(super) fn range(buckets: &Buckets, days: u32, context: &Context<'_>) -> InstantRange {
    let first = buckets.edges.dates[0].saturating_sub(i64::from(days - 1).days());
    InstantRange { from: day_start(first, context.zone), to: buckets.range.to }
}

/// When a slot last counted somebody: who, until which day, and whether inside the range.
#[derive(Clone, Copy)]
struct Seen {
    person: u32,
    until: usize,
    inside: bool,
}

/// The people of one slot.
pub(super) struct Trailing {
    /// By day of the range.
    pub(super) days: Vec<u64>,
    /// In the range.
    pub(super) total: u64,
}

/// What one part of a scan adds.
struct Part {
    /// By slot and day, how many more people count than the day before.
    changes: Vec<i64>,
    totals: Vec<u64>,
}

/// By slot. The plan must reach over [`range`].
pub(super) fn counts(
    plan: &Plan<'_>,
    days: u32,
    chosen: &People,
    buckets: &Buckets,
    context: &Context<'_>,
    (names, slots): (&FxHashMap<String, u32>, usize),
) -> Vec<Trailing> {
    let covered = range(buckets, days, context);
    let covered = InstantRange { to: buckets.edges.start(buckets.len()), ..covered };
    let calendar = Boundaries::covering(covered, Interval::Day, context.zone, usize::MAX);
    let before = calendar.len() - buckets.len();
    let length = calendar.len();
    let window = Window { days: days as usize, before, calendar: &calendar, inside: buckets.range.from };
    if plan.groups.is_whole()
        && let Some(whole) = window.of_days(plan, chosen)
    {
        let nobody = || Trailing { days: vec![0; buckets.len()], total: 0 };
        return (0..FIRST).map(|_| nobody()).chain([whole]).collect();
    }
    let parts = over_parts(plan.scan, |pieces| {
        let mut part = Part { changes: vec![0; (length + 1) * slots], totals: vec![0; slots] };
        let mut seen = vec![Seen { person: u32::MAX, until: 0, inside: false }; slots];
        for piece in pieces {
            let mut reader = plan.groups.on(piece.block);
            let mut groups = Vec::new();
            let mut fixed = Slots::Fixed(names);
            plan.each_match(piece, chosen, |person, row, time| {
                let one = reader.one(row, &mut fixed);
                if one.is_none() {
                    reader.read(person, row, &mut fixed, &mut groups);
                }
                let day = calendar.index(time);
                let until = (day + days as usize).min(length);
                let inside = buckets.range.from <= time;
                for &slot in one.as_ref().map_or(&groups[..], std::slice::from_ref) {
                    let seen = &mut seen[slot as usize];
                    let known = seen.person == person;
                    let from = if known { day.max(seen.until) } else { day };
                    if from < until {
                        let changes = &mut part.changes[slot as usize * (length + 1)..];
                        changes[from] += 1;
                        changes[until] -= 1;
                    }
                    part.totals[slot as usize] += u64::from(inside && !(known && seen.inside));
                    *seen = Seen { person, until, inside };
                }
            });
        }
        part
    });
    let of_slot = |slot: usize| {
        let mut people = 0;
        let days = (0..length).map(|day| {
            people += parts.iter().map(|part| part.changes[slot * (length + 1) + day]).sum::<i64>();
            people as u64
        });
        let total = parts.iter().map(|part| part.totals[slot]).sum();
        Trailing { days: days.skip(before).collect(), total }
    };
    (0..slots).map(of_slot).collect()
}

/// So many days that slide over a calendar, which begins some days before the range.
struct Window<'a> {
    days: usize,
    before: usize,
    calendar: &'a Boundaries,
    /// Where the range begins.
    inside: i64,
}

impl Window<'_> {
    /// Everybody's, from the days kept beside the blocks.
    fn of_days(&self, plan: &Plan<'_>, chosen: &People) -> Option<Trailing> {
        let meant = days::meant(&plan.test, &plan.wanted, plan.zone)?;
        let found = days::over_blocks(&plan.scan.blocks, chosen, |scanned, mask| {
            let days = Days::new(&scanned.block, meant)?;
            let runs = days::runs(&days.of, plan.range, |time| self.calendar.index(time))?;
            let mut by_day = vec![None; self.calendar.len()];
            runs.into_iter().for_each(|(day, run)| by_day[day] = Some(run.start));
            // The range may begin with a day that the calendar does not cover from its start.
            let inside = |at: &&usize| days.of[**at].first >= self.inside;
            let first = by_day.iter().flatten().find(inside).copied();
            let last = by_day.iter().flatten().next_back().copied();
            let total = first.zip(last).map_or(0, |(first, last)| {
                let mut all = Vec::new();
                days.any(first..last + 1, mask, &mut all);
                ones(&all)
            });
            Some(Trailing { days: self.slide(scanned, &days, &by_day, mask), total: u64::from(total) })
        })?;
        let mut all = Trailing { days: vec![0; self.calendar.len() - self.before], total: 0 };
        for part in found {
            all.total += part.total;
            all.days.iter_mut().zip(part.days).for_each(|(all, own)| *all += own);
        }
        Some(all)
    }

    /// Each window is the end of one stretch of so many days and the beginning of the next, both of
    /// which are put together only once (van Herk's way to the largest of a sliding window).
    fn slide(&self, scanned: &ScanBlock, days: &Days, by_day: &[Option<usize>], mask: &Mask) -> Vec<u64> {
        let width = scanned.block.persons.len().div_ceil(64);
        let join = |bits: &mut [u64], day: usize| {
            let own = by_day[day].map(|at| days.bits(at)).into_iter().flatten();
            bits.iter_mut().zip(own).for_each(|(all, own)| *all |= own);
        };
        // By place in the stretch before: everybody from there to its end.
        let mut ends = vec![vec![0; width]; self.days];
        let mut beginning = vec![0; width];
        let mut here = vec![0; width];
        let mut counts = Vec::new();
        for day in 0..by_day.len() {
            let place = day % self.days;
            if place == 0 {
                beginning.fill(0);
                for back in (0..self.days.min(day)).rev() {
                    let at = day - self.days + back;
                    let (earlier, later) = ends.split_at_mut(back + 1);
                    earlier[back].fill(0);
                    join(&mut earlier[back], at);
                    if let Some(later) = later.first() {
                        earlier[back].iter_mut().zip(later).for_each(|(all, own)| *all |= own);
                    }
                }
            }
            join(&mut beginning, day);
            if day < self.before {
                continue;
            }
            here.copy_from_slice(&beginning);
            if let Some(end) = ends.get(place + 1).filter(|_| day >= self.days) {
                here.iter_mut().zip(end).for_each(|(all, own)| *all |= own);
            }
            mask.keep(&mut here);
            counts.push(u64::from(ones(&here)));
        }
        counts
    }
}
