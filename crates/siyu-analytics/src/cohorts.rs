//! Cohorts: people who began in the same interval, and how many intervals later something
//! happened. Shared by the analyses that follow them.

use siyu_types::analysis::{Bucket, COHORTS_MAX, DateRange, Entry, EventMatch, Interval, RetentionClock};
use siyu_types::calendar::InstantRange;
use siyu_types::clock::Millis;
use siyu_types::{Error, Result};

use crate::Context;
use crate::boundaries::Boundaries;
use crate::buckets::{asked, too_many};
use crate::pass::People;

const DAY: i64 = 86_400_000;

pub(crate) struct Cohorts {
    /// In which starts count, as far as it is known.
    range: InstantRange,
    /// Where the range ends, known or not.
    end: Millis,
    /// The cohorts' intervals and, after them, enough for the last column of the last cohort.
    edges: Boundaries,
    count: usize,
    /// Length of an interval, if time is counted in exact stretches.
    stretch: Option<i64>,
    as_of: Millis,
}

impl Cohorts {
    /// Looked at until `periods` intervals after the last cohort.
    pub(crate) fn new(
        start: &EventMatch,
        (range, interval, clock): (&DateRange, Interval, RetentionClock),
        periods: usize,
        context: &Context<'_>,
        chosen: &People,
    ) -> Result<Cohorts> {
        let asked = asked(range, &[start], context, chosen)?;
        let count = Boundaries::covering(asked, interval, context.zone, COHORTS_MAX + 1).len();
        if count > COHORTS_MAX {
            return Err(too_many(COHORTS_MAX));
        }
        let open = InstantRange { from: asked.from, to: Millis::MAX };
        Ok(Cohorts {
            range: context.known(asked),
            end: asked.to,
            edges: Boundaries::covering(open, interval, context.zone, count + periods + 1),
            count,
            stretch: match clock {
                RetentionClock::Calendar => None,
                RetentionClock::Elapsed => Some(stretch(interval)),
            },
            as_of: context.as_of,
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.count
    }

    pub(crate) fn that_starts(&self, start: &str) -> Result<usize> {
        let found = self.edges.dates[..self.count].iter().position(|date| date.to_string() == start);
        found.ok_or_else(|| Error::invalid("cell.cohort", "the answer has no such cohort"))
    }

    pub(crate) fn bucket(&self, cohort: usize) -> Bucket {
        // Nobody can join any more.
        let complete = self.as_of >= self.joined_until(cohort);
        Bucket { start: self.edges.dates[cohort].to_string(), complete }
    }

    fn joined_until(&self, cohort: usize) -> Millis {
        self.edges.start(cohort + 1).min(self.end)
    }

    /// Nothing can happen any more in the interval that is so many after the cohort's, for anybody.
    pub(crate) fn is_over(&self, cohort: usize, interval: u32) -> bool {
        let end = match self.stretch {
            None => self.edges.start(cohort + interval as usize + 1),
            Some(stretch) => {
                self.joined_until(cohort).saturating_add(stretch.saturating_mul(i64::from(interval) + 1))
            }
        };
        self.as_of >= end
    }

    /// The cohort of a start in the range.
    #[inline]
    pub(crate) fn of(&self, start: Millis) -> usize {
        self.edges.index(start)
    }

    /// Where the interval of an instant ends.
    #[inline]
    pub(crate) fn interval_end(&self, at: Millis) -> Millis {
        self.edges.start(self.edges.index(at) + 1)
    }

    /// How many intervals after a start something happened that is not earlier. Far later it may
    /// be any number beyond the last period.
    #[inline]
    pub(crate) fn interval(&self, start: Millis, at: Millis) -> usize {
        match self.stretch {
            None => self.edges.index(at) - self.edges.index(start),
            Some(stretch) => ((at - start) / stretch) as usize,
        }
    }

    /// Whether a start lies in the range, and whether one that comes after it may found a cohort.
    #[inline]
    pub(crate) fn founds(&self, start: Millis, entry: Entry) -> (bool, bool) {
        let in_range = self.range.from <= start && start < self.range.to;
        let next = match entry {
            Entry::Recurring => true,
            Entry::FirstInRange => !in_range,
            Entry::FirstEver => false,
        };
        (in_range, next)
    }
}

fn stretch(interval: Interval) -> i64 {
    match interval {
        Interval::Day => DAY,
        Interval::Week => 7 * DAY,
        Interval::Month => 30 * DAY,
    }
}
