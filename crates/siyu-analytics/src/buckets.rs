//! The buckets of an answer.

use siyu_types::analysis::{BUCKETS_MAX, Bucket, DateRange, EventMatch, Interval};
use siyu_types::calendar::{InstantRange, day_start, local_date, next_bucket, resolve};
use siyu_types::clock::Millis;
use siyu_types::{Error, ErrorCode, Result};

use crate::Context;
use crate::boundaries::Boundaries;
use crate::masks::EventTest;
use crate::pass::{People, over_parts};
use crate::roles::Roles;

pub(crate) struct Buckets {
    pub(crate) edges: Boundaries,
    /// Events count inside this range only, and as far as it is known.
    pub(crate) range: InstantRange,
    /// The end of the range as asked for.
    end: Millis,
}

impl Buckets {
    /// A range of all time starts with the first event that matches, and ends today.
    pub(crate) fn new(
        range: &DateRange,
        interval: Interval,
        events: &[&EventMatch],
        context: &Context<'_>,
        chosen: &People,
    ) -> Result<Buckets> {
        let asked = asked(range, events, context, chosen)?;
        let edges = Boundaries::covering(asked, interval, context.zone, BUCKETS_MAX + 1);
        if edges.len() > BUCKETS_MAX {
            return Err(too_many(BUCKETS_MAX));
        }
        Ok(Buckets { edges, range: context.known(asked), end: asked.to })
    }

    pub(crate) fn len(&self) -> usize {
        self.edges.len()
    }

    /// The bucket of a time inside the range; `None` outside.
    #[inline]
    pub(crate) fn of(&self, time: Millis) -> Option<usize> {
        (self.range.from <= time && time < self.range.to).then(|| self.edges.index(time))
    }

    /// Nothing more can happen in the range.
    pub(crate) fn complete(&self, as_of: Millis) -> bool {
        as_of >= self.end
    }

    pub(crate) fn described(&self, as_of: Millis) -> Vec<Bucket> {
        let describe = |(index, date): (usize, &jiff::civil::Date)| Bucket {
            start: date.to_string(),
            complete: as_of >= self.edges.start(index + 1).min(self.end),
        };
        self.edges.dates.iter().enumerate().map(describe).collect()
    }

    /// The bucket that starts with a day such as `2026-11-21`.
    pub(crate) fn position(&self, start: &str) -> Result<usize> {
        let found = self.edges.dates.iter().position(|date| date.to_string() == start);
        found.ok_or_else(|| Error::invalid("cell.bucket", "the answer has no such bucket"))
    }

    /// As [`Buckets::position`], of a bucket that may be absent.
    pub(crate) fn chosen(&self, start: Option<&String>) -> Result<Option<usize>> {
        start.map(|start| self.position(start)).transpose()
    }
}

pub(crate) fn too_many(limit: usize) -> Error {
    Error::new(ErrorCode::TooComplex, "too many buckets; choose a longer interval or a shorter range")
        .with("limit", limit.to_string())
        .at("interval")
}

/// The instants of a range. One of all time starts on the day of the first event that matches,
/// and ends with today.
pub(crate) fn asked(
    range: &DateRange,
    events: &[&EventMatch],
    context: &Context<'_>,
    chosen: &People,
) -> Result<InstantRange> {
    let mut asked = resolve(range, context.as_of, context.zone)?;
    if matches!(range, DateRange::All) {
        let today = local_date(context.as_of, context.zone);
        asked.to = day_start(next_bucket(today, Interval::Day), context.zone);
        let first = first_match(events, context.known(asked), context, chosen).unwrap_or(context.as_of);
        asked.from = day_start(local_date(first, context.zone), context.zone);
    }
    Ok(asked)
}

/// The time of the first event in a range that matches any of them.
fn first_match(
    events: &[&EventMatch],
    range: InstantRange,
    context: &Context<'_>,
    chosen: &People,
) -> Option<Millis> {
    let tests = events.iter().map(|event| EventTest::new(&event.event, &event.filters, context));
    let roles = Roles::new(tests.collect());
    let parts = over_parts(context.scan, |pieces| {
        let mut first: Option<Millis> = None;
        for piece in pieces {
            let on = roles.on(piece.block);
            piece.each_person(&roles.wanted, chosen, |_, rows| {
                for &row in rows {
                    let time = piece.block.times[row as usize];
                    let earlier = (range.from..range.to).contains(&time) && first.is_none_or(|f| time < f);
                    if earlier && on.of(row) != 0 {
                        first = Some(time);
                    }
                }
            });
        }
        first
    });
    parts.into_iter().flatten().min()
}
