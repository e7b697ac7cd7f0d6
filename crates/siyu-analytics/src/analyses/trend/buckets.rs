//! The buckets of an answer.

use siyu_types::analysis::{BUCKETS_MAX, Bucket, DateRange, TrendQuery};
use siyu_types::calendar::{InstantRange, day_start, local_date, next_bucket, resolve};
use siyu_types::clock::Millis;
use siyu_types::{Error, ErrorCode, Result};

use super::collect::{Plan, first_match};
use crate::Context;
use crate::boundaries::Boundaries;
use crate::groups::Source;
use crate::pass::People;

pub(super) struct Buckets {
    pub(super) edges: Boundaries,
    /// Events count inside this range only, and as far as it is known.
    pub(super) range: InstantRange,
    /// The end of the range as asked for.
    end: Millis,
}

impl Buckets {
    pub(super) fn new(query: &TrendQuery, context: &Context<'_>, chosen: &People) -> Result<Buckets> {
        let mut asked = resolve(&query.range, context.as_of, context.zone)?;
        if matches!(query.range, DateRange::All) {
            let today = local_date(context.as_of, context.zone);
            let tomorrow = next_bucket(today, siyu_types::analysis::Interval::Day);
            asked.to = day_start(tomorrow, context.zone);
            let plan = Plan::new(&query.series, context, Source::Whole, context.known(asked));
            let first = first_match(&plan, chosen).unwrap_or(context.as_of);
            asked.from = day_start(local_date(first, context.zone), context.zone);
        }
        let edges = Boundaries::covering(asked, query.interval, context.zone, BUCKETS_MAX + 1);
        if edges.len() > BUCKETS_MAX {
            return Err(Error::new(ErrorCode::TooComplex, "too many buckets; choose a longer interval")
                .with("limit", BUCKETS_MAX.to_string())
                .at("interval"));
        }
        Ok(Buckets { edges, range: context.known(asked), end: asked.to })
    }

    pub(super) fn len(&self) -> usize {
        self.edges.len()
    }

    pub(super) fn described(&self, as_of: Millis) -> Vec<Bucket> {
        let describe = |(index, date): (usize, &jiff::civil::Date)| Bucket {
            start: date.to_string(),
            complete: as_of >= self.edges.start(index + 1).min(self.end),
        };
        self.edges.dates.iter().enumerate().map(describe).collect()
    }

    /// The bucket that starts with a day such as `2026-11-21`.
    pub(super) fn position(&self, start: &str) -> Option<usize> {
        self.edges.dates.iter().position(|date| date.to_string() == start)
    }
}
