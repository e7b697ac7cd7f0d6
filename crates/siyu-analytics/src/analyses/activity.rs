//! Events and active people per local day, over all events at once.

use siyu_types::analysis::{BUCKETS_MAX, DateRange, Interval};
use siyu_types::calendar::resolve;
use siyu_types::{Error, ErrorCode, Result};

use crate::Context;
use crate::boundaries::Boundaries;
use crate::pass::{People, over_parts, time_bounds};
use crate::wanted::Wanted;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ActivityDay {
    /// `2026-11-21`.
    pub day: String,
    pub events: u64,
    /// Different people with an event that is their own doing.
    pub people: u64,
}

const COUNTED: u8 = 1;
const DONE_TO_PEOPLE: u8 = 2;

/// One entry per day of the range, for living people. Events named in
/// `done_to_people` count as events, but not as somebody's activity. A range of
/// all time starts with the first stored event.
pub fn per_day(
    range: &DateRange,
    done_to_people: &[&str],
    context: &Context<'_>,
) -> Result<Vec<ActivityDay>> {
    let mut known = context.known(resolve(range, context.as_of, context.zone)?);
    if matches!(range, DateRange::All) {
        let first = time_bounds(context.scan).map_or(context.as_of, |(first, _)| first);
        known.from = known.from.max(first.min(context.as_of));
    }
    let days = Boundaries::covering(known, Interval::Day, context.zone, BUCKETS_MAX + 1);
    if days.len() > BUCKETS_MAX {
        return Err(Error::new(ErrorCode::TooComplex, "too many days; choose a shorter range")
            .with("limit", BUCKETS_MAX.to_string())
            .at("range"));
    }
    let mut wanted = Wanted::none();
    for (code, name) in context.scan.event_names.iter().enumerate() {
        let mark = if done_to_people.contains(&&**name) { DONE_TO_PEOPLE } else { COUNTED };
        wanted.mark(code as u16, mark);
    }
    let living = People::of(context.people.universe());
    let parts = over_parts(context.scan, |pieces| {
        let mut counts = vec![(0u64, 0u64); days.len()];
        for piece in pieces {
            let block = piece.block;
            piece.each_person(&wanted, &living, |_, rows| {
                let mut active = usize::MAX;
                for &row in rows {
                    let time = block.times[row as usize];
                    if time < known.from || time >= known.to {
                        continue;
                    }
                    let day = days.index(time);
                    counts[day].0 += 1;
                    if active != day && wanted.of(block.events[row as usize]) == COUNTED {
                        active = day;
                        counts[day].1 += 1;
                    }
                }
            });
        }
        counts
    });
    let day = |(index, date): (usize, &jiff::civil::Date)| ActivityDay {
        day: date.to_string(),
        events: parts.iter().map(|counts| counts[index].0).sum(),
        people: parts.iter().map(|counts| counts[index].1).sum(),
    };
    Ok(days.dates.iter().enumerate().map(day).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use siyu_types::calendar::{local_date, resolve_dates};

    use super::*;
    use crate::testing::random;

    proptest! {
        #[test]
        fn days_are_as_counted_one_by_one(world in random::world(), range in random::range(), width in 1usize..4) {
            prop_assume!(range != DateRange::All);
            let built = world.build(width);
            let answer = per_day(&range, &["b"], &built.context()).expect("a valid range");
            let (from, to) = resolve_dates(&range, world.as_of, &world.zone).expect("a valid range");
            let today = local_date(world.as_of, &world.zone);
            let mut expected = Vec::new();
            let mut date = from;
            while date <= to.min(today) {
                let of_day = world.events.iter().filter(|event| {
                    event.time <= world.as_of
                        && world.living.contains(&event.person)
                        && local_date(event.time, &world.zone) == date
                });
                let of_day: Vec<_> = of_day.collect();
                let active: BTreeSet<u32> =
                    of_day.iter().filter(|event| event.name != "b").map(|event| event.person).collect();
                let (events, people) = (of_day.len() as u64, active.len() as u64);
                expected.push(ActivityDay { day: date.to_string(), events, people });
                date = date.tomorrow().expect("in the calendar");
            }
            prop_assert_eq!(answer, expected);
        }
    }
}
