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

/// When a slot last counted somebody: who, and until which day.
#[derive(Clone, Copy)]
struct Seen {
    person: u32,
    until: usize,
}

/// By slot and day of the range. The plan must reach over [`range`].
pub(super) fn counts(
    plan: &Plan<'_>,
    days: u32,
    chosen: &People,
    buckets: &Buckets,
    context: &Context<'_>,
    (names, slots): (&FxHashMap<String, u32>, usize),
) -> Vec<Vec<u64>> {
    let covered = range(buckets, days, context);
    let covered = InstantRange { to: buckets.edges.start(buckets.len()), ..covered };
    let calendar = Boundaries::covering(covered, Interval::Day, context.zone, usize::MAX);
    let before = calendar.len() - buckets.len();
    let length = calendar.len();
    let parts = over_parts(plan.scan, |pieces| {
        let mut changes = vec![vec![0i64; length + 1]; slots];
        let mut seen = vec![Seen { person: u32::MAX, until: 0 }; slots];
        for piece in pieces {
            let mut reader = plan.groups.on(piece.block);
            let mut groups = Vec::new();
            let mut fixed = Slots::Fixed(names);
            plan.each_match(piece, chosen, |person, row, time| {
                reader.read(person, row, &mut fixed, &mut groups);
                let day = calendar.index(time);
                for &slot in &groups {
                    let seen = &mut seen[slot as usize];
                    let from = if seen.person == person { day.max(seen.until) } else { day };
                    let until = (day + days as usize).min(length);
                    if from < until {
                        changes[slot as usize][from] += 1;
                        changes[slot as usize][until] -= 1;
                    }
                    *seen = Seen { person, until };
                }
            });
        }
        changes
    });
    (0..slots)
        .map(|slot| {
            let mut people = 0;
            let days = (0..length).map(|day| {
                people += parts.iter().map(|part| part[slot][day]).sum::<i64>();
                people as u64
            });
            days.skip(before).collect()
        })
        .collect()
}
