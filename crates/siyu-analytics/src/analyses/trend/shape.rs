//! What is made of the numbers of the buckets, and which days an earlier period has.

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use siyu_types::Result;
use siyu_types::analysis::{DateRange, TrendCompare, TrendQuery};
use siyu_types::calendar::{day_start, resolve_dates};
use siyu_types::clock::Millis;

use crate::Context;

/// The mean of each value and those before it, so many together. What is missing is passed over;
/// before there are so many buckets there is none.
pub(super) fn average(values: &[Option<f64>], of: usize) -> Vec<Option<f64>> {
    let mean = |at: usize| {
        let from = (at + 1).checked_sub(of)?;
        let known: Vec<f64> = values[from..=at].iter().copied().flatten().collect();
        (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
    };
    (0..values.len()).map(mean).collect()
}

/// The days of the period to compare with, and the instant up to which it is known: as far into it
/// as the question's own has come, by local time.
pub(super) fn earlier(
    query: &TrendQuery,
    by: TrendCompare,
    context: &Context<'_>,
) -> Result<(DateRange, Millis)> {
    let (from, to) = resolve_dates(&query.range, context.as_of, context.zone)?;
    let back: Span = match by {
        TrendCompare::Previous => i64::from((to - from).get_days() + 1).days(),
        TrendCompare::Week => 1.week(),
        TrendCompare::Month => 1.month(),
        TrendCompare::Year => 1.year(),
    };
    let day = |date: Date| date.saturating_sub(back).to_string();
    let range = DateRange::Between { from: day(from), to: day(to) };
    let over = context.as_of >= day_start(to.saturating_add(1.day()), context.zone);
    if over {
        return Ok((range, context.as_of));
    }
    let now = jiff::Timestamp::from_millisecond(context.as_of).unwrap_or(jiff::Timestamp::MIN);
    let local = now.to_zoned(context.zone.clone()).datetime().saturating_sub(back);
    let then = context.zone.to_zoned(local).map_or(context.as_of, |then| then.timestamp().as_millisecond());
    Ok((range, then))
}
