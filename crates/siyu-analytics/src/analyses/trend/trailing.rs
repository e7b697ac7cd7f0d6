//! Different people of the last so many days, for every day (WAU, MAU).

use jiff::ToSpan;
use rustc_hash::FxHashMap;
use siyu_types::analysis::Interval;
use siyu_types::calendar::{InstantRange, day_start};

use super::collect::Plan;
use crate::Context;
use crate::boundaries::Boundaries;
use crate::buckets::Buckets;
use crate::groups::Slots;
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
